#include "hub/lacking.h"

#include <sodium.h>
#include <string.h>

#include "proto/base/bug.h"
#include "proto/base/pack.h"
#include "proto/site/erasure.h"

#define VALUE "keys lacking"
#define STRETCH 10000 /* records looked at in one go, from the end of the log backwards */
#define QUIET 16      /* stretches without any person, after which no more are looked at */

bool lacking_key(struct site *site, uint64_t id) {
    struct ring_key found[1];
    int n = site->ring->ops->get(site->ring, id, found, 1, NULL);
    sodium_memzero(found, sizeof found);
    return n == 0 && (!site_erased(site, id) || BUG(erased_key_again));
}

static void note(struct lacking *lacking, uint64_t id) {
    for (uint32_t i = 0; i < lacking->ids.count; i++)
        if (lacking->ids.items[i] == id) return;
    if (lacking->ids.count < LACKING_MAX) *VEC_ADD(lacking->ids) = id;
}

/* Records (from, to]: how many brought a key into the world, and how many of these keys are not here. */
static int look(struct lacking *lacking, uint64_t from, uint64_t to, size_t *met, size_t *missing, struct err *err) {
    struct site *site = lacking->site;
    struct log_iterator *it;
    struct record record;
    struct event event;
    int code = site->log->ops->iterate(site->log, &it, err);
    if (code != 0) return code;
    code = it->ops->seek(it, from + 1);
    while (code == 0 && (code = it->ops->next(it, &record, err)) == 0 && record.position <= to) {
        if (event_decode(record.frame, &event, NULL) < 0 || event.sealed_bits == 0 || event.subject != record.id)
            continue;
        ++*met;
        if (!lacking_key(site, record.id)) continue;
        ++*missing;
        note(lacking, record.id);
    }
    it->ops->close(it);
    return code < 0 ? code : 0;
}

static void load(struct lacking *lacking) {
    struct log *log = lacking->site->log;
    struct buf value = BUF_INIT;
    if (log->ops->value(log, view_of(VALUE), &value) == 0)
        for (size_t at = 0; at + 8 <= value.len; at += 8)
            if (lacking_key(lacking->site, get_u64_le(value.data + at))) note(lacking, get_u64_le(value.data + at));
    buf_release(&value);
}

static int keep(struct lacking *lacking, struct err *err) {
    struct log *log = lacking->site->log;
    struct buf before = BUF_INIT, now = BUF_INIT;
    uint8_t id[8];
    int code = 0;
    log->ops->value(log, view_of(VALUE), &before);
    for (uint32_t i = 0; i < lacking->ids.count; i++) {
        put_u64_le(id, lacking->ids.items[i]);
        buf_append(&now, id, sizeof id);
    }
    struct log_value value = {view_of(VALUE), now.len > 0 ? buf_view(&now) : VIEW_NONE};
    if (!view_equal(buf_view(&before), buf_view(&now))) code = site_set_values(lacking->site, &value, 1, err);
    buf_release(&before);
    buf_release(&now);
    return code;
}

int lacking_open(struct lacking *lacking, struct site *site, struct err *err) {
    int code = 0, quiet = 0;
    *lacking = (struct lacking){.site = site};
    load(lacking);
    for (uint64_t to = log_tip(site->log); code == 0 && to > 0 && quiet < QUIET;) {
        uint64_t from = to > STRETCH ? to - STRETCH : 0;
        size_t met = 0, missing = 0;
        code = look(lacking, from, to, &met, &missing, err);
        if (met > 0 && missing == 0) break;
        quiet = met == 0 ? quiet + 1 : 0;
        to = from;
    }
    return code != 0 ? code : keep(lacking, err);
}

void lacking_close(struct lacking *lacking) { VEC_RELEASE(lacking->ids); }

uint32_t lacking_of(const struct lacking *lacking, uint32_t stream, struct buf *out) {
    uint32_t count = 0;
    for (uint32_t i = 0; i < lacking->ids.count && count < LACKING_ASKED; i++) {
        uint64_t id = lacking->ids.items[i];
        if ((id_stream(id) != stream && !stream_is_hub(id_stream(id))) || !lacking_key(lacking->site, id)) continue;
        pack_uint(out, id);
        count++;
    }
    return count;
}
