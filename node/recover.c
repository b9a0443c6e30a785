#include "node/recover.h"

#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "node/line.h"
#include "node/receipted.h"
#include "proto/base/file_os.h"
#include "proto/base/text.h"
#include "proto/site/regrow.h"

#define RECOVERY_FILE "recover.json"

struct recovering {
    struct call *call;
    struct recovery state;
    struct site *site;
    struct hub_line *line;
    int64_t until; /* monotonic ms */
    struct hub_line_status last;
    struct rehomed_report report;
    uint64_t returned; /* to the hub, which had lost them */
};

/* ---- The directory, and whose it is ---- */

/* Opens the site, and looks again how far it is: another one may have been faster. */
static int open_site(struct recovering *r) {
    struct call *call = r->call;
    struct recovery now;
    int code = site_open_recovering(call->directory, call->env, &r->site, &call->error);
    if (code == ERR_BUSY)
        return err_prefix(&call->error, "recover needs the directory for itself; stop `dangol-node serve` first");
    if (code == 0) code = recovery_load(call->directory, &now, &call->error);
    bool same = code == 0 && now.step == r->state.step && now.new_stream == r->state.new_stream;
    sodium_memzero(&now, sizeof now);
    if (code != 0 || same) return code;
    return err_set(&call->error, ERR_BUSY, NULL, "another recover is at work here");
}

static void close_site(struct recovering *r) {
    hub_line_close(r->line);
    site_close(r->site);
    r->line = NULL;
    r->site = NULL;
}

static int keep(struct recovering *r, enum recovery_step step) {
    enum recovery_step before = r->state.step;
    r->state.step = step;
    int code = recovery_store(r->call->directory, &r->state, &r->call->error);
    if (code != 0) r->state.step = before;
    return code;
}

/* ---- The line ---- */

static bool arrived(void *context) {
    struct recovering *r = context;
    hub_line_status(r->line, &r->last);
    call_progress(r->call, "waiting for the hub", 0, 0);
    return r->last.moved_stream != 0 || r->last.level || r->last.refused || call_cancelled(r->call) ||
           env_monotonic(r->call->env) >= r->until;
}

static int no_answer(struct recovering *r, const char *what) {
    struct err *err = &r->call->error;
    const struct err *trouble = &r->last.trouble;
    if (call_cancelled(r->call)) return call_stopped(r->call);
    return err_set(err, r->last.refused && trouble->code != 0 ? trouble->code : ERR_TIMEOUT, NULL,
                   "%s%s%s; nothing is lost, run `recover` again", what, trouble->code != 0 ? ": " : "", trouble->text);
}

/* On the line until the hub has given a stream for `key`, or, without one, both sides are level. */
static int stay_on_line(struct recovering *r, const uint8_t *key) {
    struct call *call = r->call;
    int code = hub_line_open(r->site, NULL, &r->line, &call->error);
    if (code != 0) return code;
    if (key != NULL) hub_line_move(r->line, key);
    hub_line_run(r->line, arrived, r);
    hub_line_close(r->line);
    r->line = NULL;
    if (key != NULL) return r->last.moved_stream != 0 ? 0 : no_answer(r, "the hub has given no new stream");
    return r->last.level ? 0 : no_answer(r, "not level with the hub");
}

/* ---- ASKED ---- */

static int begin(struct recovering *r) {
    struct site *site = r->site;
    if (site->quarantine.len == 0)
        return err_set(&r->call->error, ERR_REFUSED, NULL,
                       "there is nothing to recover: the hub has not refused this directory as restored or cloned "
                       "(`sync` asks it)");
    r->state.old_stream = site->config.stream;
    r->state.incarnation = site->config.incarnation;
    memcpy(r->state.old_key, site->signer.public_key, PUBLIC_KEY_SIZE);
    receipted_head(site, &r->state.receipted);
    env_random(r->call->env, r->state.seed, sizeof r->state.seed);
    int code = aside_name(r->call->directory, r->state.old_stream, r->state.aside, &r->call->error);
    return code == 0 ? keep(r, RECOVERY_ASKED) : code;
}

static int ask(struct recovering *r) {
    struct signer fresh;
    int code = open_site(r);
    if (code == 0 && r->state.step == RECOVERY_NONE) code = begin(r);
    if (code != 0) return code;
    signer_from_seed(&fresh, r->state.seed, ROLE_STORE, r->state.old_stream, r->site->config.root);
    code = stay_on_line(r, fresh.public_key);
    sodium_memzero(&fresh, sizeof fresh);
    if (code != 0) return code;
    r->state.new_stream = r->last.moved_stream;
    if (r->last.moved_incarnation > r->state.incarnation) r->state.incarnation = r->last.moved_incarnation;
    code = keep(r, RECOVERY_MOVED);
    close_site(r);
    return code;
}

/* ---- MOVED ---- */

static int put_aside(struct recovering *r, const char *name) {
    const char *directory = r->call->directory;
    char *folder = path_join(directory, r->state.aside);
    char *from = path_join(directory, name), *to = path_join(folder, name);
    int code = file_exists(to) || !file_exists(from) ? 0 : file_rename(from, to, &r->call->error);
    free(folder);
    free(from);
    free(to);
    return code;
}

static int name_new_stream(struct recovering *r) {
    const char *directory = r->call->directory;
    struct config config = {.role = ROLE_STORE};
    struct secrets secrets = {.tls_key = NULL};
    int code = config_load(directory, ROLE_STORE, &config, &r->call->error);
    if (code == 0) code = secrets_load(directory, ROLE_STORE, &secrets, &r->call->error);
    if (code == 0) {
        memcpy(secrets.seed, r->state.seed, sizeof secrets.seed);
        sodium_memzero(secrets.join_secret, sizeof secrets.join_secret);
        config.stream = r->state.new_stream;
        config.incarnation = r->state.incarnation;
        code = secrets_store(directory, ROLE_STORE, &secrets, &r->call->error);
    }
    if (code == 0) code = config_store(directory, &config, &r->call->error);
    config_release(&config);
    secrets_release(&secrets);
    return code;
}

static int move_files(struct recovering *r) {
    struct owner owner;
    struct err *err = &r->call->error;
    int code = owner_take(r->call->directory, &owner, err);
    if (code != 0) return code;
    char *folder = path_join(r->call->directory, r->state.aside);
    code = directory_make(folder, err);
    if (code == 0) code = put_aside(r, "log");
    if (code == 0) code = put_aside(r, "ring");
    if (code == 0) code = name_new_stream(r);
    free(folder);
    owner_release(&owner);
    return code;
}

/* The new log is read-only to everybody else before anybody else may open it. */
static int begin_anew(struct recovering *r) {
    int code = move_files(r);
    if (code == 0) code = open_site(r);
    if (code == 0) code = site_quarantine(r->site, view_of("its recovery was begun and is not done"), &r->call->error);
    return code == 0 ? keep(r, RECOVERY_REHOMES) : code;
}

/* ---- REHOMES ---- */

static void show(void *context, uint64_t done, uint64_t all) { call_progress(context, "re-homing", done, all); }

static int open_aside(struct recovering *r, struct rehoming *out) {
    struct err *err = &r->call->error;
    *out = (struct rehoming){.site = r->site, .stream = r->state.old_stream, .progress = show, .context = r->call};
    memcpy(out->key, r->state.old_key, PUBLIC_KEY_SIZE);
    char *folder = path_join(r->call->directory, r->state.aside);
    char *log = path_join(folder, "log"), *ring = path_join(folder, "ring");
    int code = log_lmdb_open(log, r->call->env, 0, &out->log, err);
    if (code == 0) code = keyring_lmdb_open(ring, r->site->secrets.master, r->call->env, &out->ring, err);
    free(folder);
    free(log);
    free(ring);
    return code;
}

/* What a hub had a receipt for and has lost goes back as it was; level again it is there. The rest moves. */
static int move_events(struct recovering *r) {
    struct err *err = &r->call->error;
    struct rehoming rehoming;
    int code = open_aside(r, &rehoming);
    if (code == 0) code = receipted_bring(&rehoming, &r->state.receipted, &r->returned, err);
    if (code == 0 && r->returned > 0) code = stay_on_line(r, NULL);
    if (code == 0) code = rehome(&rehoming, &r->report, err);
    if (rehoming.ring != NULL) rehoming.ring->ops->close(rehoming.ring);
    if (rehoming.log != NULL) rehoming.log->ops->close(rehoming.log);
    return code;
}

static int finish(struct recovering *r) {
    char *path = path_join(r->call->directory, RECOVERY_FILE);
    int code = site_quarantine(r->site, VIEW_NONE, &r->call->error);
    if (code == 0) code = file_remove(path, &r->call->error);
    free(path);
    return code;
}

static int come_home(struct recovering *r) {
    int code = r->site == NULL ? open_site(r) : 0;
    if (code == 0) code = stay_on_line(r, NULL);
    if (code == 0) code = move_events(r);
    if (code == 0) code = stay_on_line(r, NULL);
    return code == 0 ? finish(r) : code;
}

static void tell(struct recovering *r) {
    struct call *call = r->call;
    const struct rehomed_report *report = &r->report;
    char at_hub[COUNT_TEXT], moved[COUNT_TEXT], same[COUNT_TEXT], left[COUNT_TEXT];
    if (call->json) {
        call_json(call,
                  json_pack("{s:s, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:s}", "store", r->site->config.store, "stream",
                            (json_int_t)r->state.new_stream, "old_stream", (json_int_t)r->state.old_stream, "at_hub",
                            (json_int_t)report->at_hub, "returned", (json_int_t)r->returned, "rehomed",
                            (json_int_t)report->rehomed, "same_ref", (json_int_t)report->same_ref, "left",
                            (json_int_t)report->left, "aside", r->state.aside));
        return;
    }
    fprintf(call->out, "recovered: store %s goes on as stream %u; %s of stream %u at the hub already, %s moved\n",
            r->site->config.store, r->state.new_stream, count_format(report->at_hub, "event", at_hub),
            r->state.old_stream, count_format(report->rehomed, "event", moved));
    if (r->returned > 0)
        fprintf(call->out, "%s of these the hub had lost, and got back\n", count_format(r->returned, "event", at_hub));
    if (report->same_ref > 0)
        fprintf(call->out, "%s not moved: the hub has the same from the PC that went on\n",
                count_format(report->same_ref, "event", same));
    if (report->left > 0)
        fprintf(call->out, "%s of another version could not be moved and stay where they are\n",
                count_format(report->left, "event", left));
    fprintf(call->out, "what was here before is in %s/%s\n", call->directory, r->state.aside);
}

int node_recover(struct call *call) {
    struct recovering r = {.call = call};
    int64_t timeout_s;
    int code = call_number(call, "timeout", 1, 86400, 600, &timeout_s);
    if (code == 0) code = recovery_load(call->directory, &r.state, &call->error);
    if (code != 0) return code;
    r.until = env_monotonic(call->env) + timeout_s * 1000;
    if (r.state.step <= RECOVERY_ASKED) code = ask(&r);
    if (code == 0 && r.state.step == RECOVERY_MOVED) code = begin_anew(&r);
    if (code == 0 && r.state.step == RECOVERY_REHOMES) code = come_home(&r);
    if (code == 0) tell(&r);
    close_site(&r);
    sodium_memzero(&r.state, sizeof r.state);
    return code;
}
