#include "proto/site/retell.h"

#include <stdlib.h>
#include <string.h>

#include "proto/base/file_os.h"
#include "proto/site/regrow.h"

#define NOTED "told otherwise" /* log value: the stream (u32 LE), why */
#define DONE "told anew"       /* when that was last done (i64 LE) */
#define AGAIN_MS INT64_C(3600000)

struct keeping {
    struct log *from;
    uint32_t own, other; /* the store's own stream, and the one in question */
};

int retell_note(struct site *site, uint32_t stream, const char *why, struct err *err) {
    uint8_t number[4];
    struct buf text = BUF_INIT;
    put_u32_le(number, stream);
    buf_append(&text, number, sizeof number);
    buf_append_view(&text, view_of(why));
    struct log_value value = {view_of(NOTED), buf_view(&text)};
    int code = site_set_values(site, &value, 1, err);
    buf_release(&text);
    if (code == 0) site->told_otherwise = true;
    return code;
}

static bool noted(struct log *log, uint32_t *stream) {
    struct buf value = BUF_INIT;
    bool there = log->ops->value(log, view_of(NOTED), &value) == 0 && value.len >= 4;
    if (there) *stream = get_u32_le(value.data);
    buf_release(&value);
    return there;
}

bool retell_due(struct log *log, const struct env *env) {
    struct buf value = BUF_INIT;
    uint32_t stream;
    if (!noted(log, &stream)) return false;
    bool before = log->ops->value(log, view_of(DONE), &value) == 0 && value.len == 8;
    int64_t past = before ? env_now(env) - (int64_t)get_u64_le(value.data) : AGAIN_MS;
    buf_release(&value);
    return past < 0 || past >= AGAIN_MS; /* a clock that was set back decides nothing */
}

/* Of others' streams those of the store's former PCs are here in full: their refs must stay known. */
static bool keeps(void *context, uint64_t id) {
    const struct keeping *keeping = context;
    struct head head;
    uint32_t stream = id_stream(id);
    if (stream == keeping->own) return true;
    return stream != keeping->other && !stream_is_hub(stream) && log_head(keeping->from, stream, &head) == 0;
}

/* What says how far the feed is goes, and so do signed heads of what goes. */
static bool keeps_value(void *context, struct view key) {
    const struct keeping *keeping = context;
    char name[32];
    if (view_is(key, NOTED) || view_is(key, "feed")) return false;
    view_text(key, name, sizeof name);
    if (strncmp(name, "signed ", 7) != 0) return true;
    uint32_t stream = (uint32_t)strtoul(name + 7, NULL, 10);
    return stream != keeping->other && !stream_is_hub(stream);
}

int retell_grow(const struct config *config, const struct secrets *secrets, const struct zone *zone,
                struct keyring *ring, struct log *from, struct log *to, const struct env *env, struct err *err) {
    struct keeping keeping = {.from = from, .own = config->stream};
    uint8_t now[8];
    struct log_value done = {view_of(DONE), view_make(now, sizeof now)};
    noted(from, &keeping.other);
    put_u64_le(now, (uint64_t)env_now(env));
    struct site *site = site_borrow(config, secrets, zone, ring, to, env, err);
    if (site == NULL) return err->code;
    struct regrowing regrowing = {from, site, keeps, keeps_value, &keeping};
    int code = regrow(&regrowing, err);
    if (code == 0) code = site_set_values(site, &done, 1, err);
    site_close(site);
    return code;
}

int retell_opening(struct site *site, struct err *err) {
    char aside[ASIDE_NAME];
    struct err why;
    struct log *fresh = NULL;
    char *log = path_join(site->directory, "log");
    int code = aside_name(site->directory, site->config.stream, aside, &why);
    if (code == 0) code = regrow_begin(site->directory, site->env, &fresh, &why);
    if (code == 0)
        code = retell_grow(&site->config, &site->secrets, &site->zone, site->ring, site->log, fresh, site->env, &why);
    if (fresh != NULL) regrow_end(site->directory, code == 0 ? aside : NULL, &site->log, &fresh, &why);
    code = site->log != NULL ? 0 : log_lmdb_open(log, site->env, 0, &site->log, err);
    free(log);
    return code;
}
