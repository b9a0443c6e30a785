#include "node/daemon.h"

#include <string.h>

#include "node/line.h"
#include "proto/api/api.h"
#include "proto/base/text.h"
#include "proto/command/handover_os.h"
#include "proto/model/questions.h"
#include "proto/site/directory.h"
#include "proto/site/retell.h"

#define CLOCK_WORTH_TELLING_MS 60000

extern const struct http_assets node_ui; /* the pages of its app, which the build makes */

/* The hub has other events than it told this store before: the log is grown anew as the site is opened. */
static bool told_otherwise(const struct call *call) {
    return call->site->told_otherwise && retell_due(call->site->log, call->env);
}

static bool served(void *context) {
    struct call *call = context;
    return call_cancelled(call) || told_otherwise(call);
}

static int serve_site(struct call *call, const struct journal *journal) {
    struct daemon daemon = {NULL};
    struct handover *handover = NULL;
    struct api *api = NULL;
    int code = hub_line_open(call->site, call->err_out, &daemon.line, &call->error);
    if (code == 0) code = handover_open(call->program, call->site, &daemon, call->env, &handover, &call->error);
    if (code == 0) code = api_serve(call, &daemon, journal, node_ui, &api);
    if (code == 0) {
        journal_say(journal, "store %s is open; hub %s", call->site->config.store, call->site->config.addresses[0]);
        hub_line_run(daemon.line, served, call);
    }
    api_close(api);
    handover_close(handover);
    hub_line_close(daemon.line);
    return code;
}

/* A command that finds nobody serving has the directory for a moment: it is waited for. */
static int open_again(struct call *call, const struct journal *journal) {
    int64_t until = env_monotonic(call->env) + CALL_OTHERS_WAIT_MS;
    for (bool said = false;; said = true) {
        int code = site_open(call->directory, ROLE_STORE, call->env, NULL, &call->site, &call->error);
        if (code != ERR_BUSY || call_cancelled(call) || env_monotonic(call->env) >= until) return code;
        if (!said) journal_say(journal, "waits until it can open again: %s", call->error.text);
        call_pause(call, CALL_OTHERS_AGAIN_MS);
    }
}

int node_serve(struct call *call) {
    struct journal journal = {call->err_out, call->env};
    int code = serve_site(call, &journal);
    while (code == 0 && !call_cancelled(call)) {
        journal_say(&journal, "closed for a moment: what the hub had told is put aside, and told anew");
        site_close(call->site);
        call->site = NULL;
        code = open_again(call, &journal);
        if (code == 0) code = serve_site(call, &journal);
        if (code == ERR_BUSY && call_cancelled(call)) code = 0;
    }
    if (code == 0) journal_say(&journal, "stopping");
    return code;
}

/* How far the hub has us, by the stored receipt. */
static uint64_t acked_seq(struct site *site) {
    struct buf value = BUF_INIT;
    struct message message;
    uint64_t seq = 0;
    if (site->log->ops->value(site->log, view_of("receipt"), &value) == 0 &&
        message_decode(buf_view(&value), &message, NULL) == 0 && message.type == MESSAGE_receipt)
        seq = message.body.receipt.seq;
    buf_release(&value);
    return seq;
}

static uint64_t own_seq(struct site *site) {
    struct head head;
    return log_head(site->log, site->config.stream, &head) == 0 ? head.seq : 0;
}

struct sync {
    struct call *call;
    struct hub_line *line;
    uint64_t start, target; /* seqs acked at the start, and to be acked */
    int64_t until;          /* monotonic ms */
    struct hub_line_status last;
};

static bool sync_done(void *context) {
    struct sync *sync = context;
    uint64_t acked = acked_seq(sync->call->site);
    hub_line_status(sync->line, &sync->last);
    if (acked < sync->target) sync->last.level = false; /* said before the last events were written */
    call_progress(sync->call, "sync", acked - sync->start, sync->target - sync->start);
    return sync->last.level || sync->last.refused || call_cancelled(sync->call) ||
           env_monotonic(sync->call->env) >= sync->until;
}

static int sync_answer(struct sync *sync, int64_t timeout_s) {
    struct call *call = sync->call;
    char count[COUNT_TEXT];
    if (sync->last.level) {
        uint64_t events = own_seq(call->site);
        if (call->json)
            call_json(call, json_pack("{s:b, s:I}", "level", 1, "events", (json_int_t)events));
        else
            fprintf(call->out, "level: the hub has everything, %s\n", count_format(events, "event", count));
        return 0;
    }
    count_format(own_seq(call->site) - acked_seq(call->site), "event", count);
    if (call_cancelled(call)) return err_set(&call->error, ERR_INTERRUPTED, NULL, "stopped with %s waiting", count);
    if (sync->last.refused) return err_set(&call->error, sync->last.trouble.code, NULL, "%s", sync->last.trouble.text);
    return err_set(&call->error, ERR_TIMEOUT, NULL, "not level after %lld s, with %s waiting%s%s", (long long)timeout_s,
                   count, sync->last.trouble.code != 0 ? ": " : "", sync->last.trouble.text);
}

int node_sync(struct call *call) {
    int64_t timeout_s;
    int code = call_number(call, "timeout", 0, 86400, 60, &timeout_s);
    if (code != 0) return code;
    struct daemon *daemon = call->daemon;
    struct sync sync = {.call = call, .start = acked_seq(call->site), .target = own_seq(call->site)};
    sync.until = env_monotonic(call->env) + timeout_s * 1000;
    if (daemon != NULL) {
        sync.line = daemon->line;
        hub_line_try_now(sync.line);
        while (!sync_done(&sync)) hub_line_wait_change(sync.line, 200);
        return sync_answer(&sync, timeout_s);
    }
    code = hub_line_open(call->site, NULL, &sync.line, &call->error);
    if (code != 0) return code;
    hub_line_run(sync.line, sync_done, &sync);
    hub_line_close(sync.line);
    return sync_answer(&sync, timeout_s);
}

static int64_t stored_time(struct site *site, const char *key) {
    struct buf value = BUF_INIT;
    int64_t time = TIME_NONE;
    if (site->log->ops->value(site->log, view_of(key), &value) == 0 && value.len == 8)
        time = (int64_t)get_u64_le(value.data);
    buf_release(&value);
    return time;
}

static int64_t waiting_since(struct site *site, uint64_t acked) {
    struct buf copy = BUF_INIT;
    struct record record;
    struct event event;
    int64_t since = TIME_NONE;
    if (log_get_id(site->log, id_make(site->config.stream, acked + 1), &record, &copy, NULL) == 0 &&
        event_decode(record.frame, &event, NULL) >= 0)
        since = (int64_t)(event.hlc >> 16);
    buf_release(&copy);
    return since;
}

/* What the hub said when it revoked this store; empty: it did not. */
static void revoked_why(struct site *site, struct buf *out) {
    site->log->ops->value(site->log, view_of("revoked"), out);
}

static void print_revoked(struct call *call, const char *why, uint64_t waiting) {
    char count[COUNT_TEXT];
    fprintf(
        call->out,
        "REVOKED, the hub takes nothing more from this directory: %s\n"
        "to go on, have the store enrolled again (`dangol-hub enroll HUB %s`) and `dangol-node init` a new directory "
        "from that join file; %s not at the hub %s in this one only: keep it\n",
        why, call->site->config.store, count_format(waiting, "event", count), waiting == 1 ? "is" : "are");
}

/* What `recover` is for; empty: nothing. */
static void quarantine_why(struct site *site, struct buf *out) {
    mutex_lock(&site->writer);
    buf_append_view(out, buf_view(&site->quarantine));
    mutex_unlock(&site->writer);
}

static json_t *time_json(const struct site *site, int64_t ms) {
    char text[40];
    return ms == TIME_NONE ? json_null() : json_string(time_format(ms, &site->zone, text));
}

struct standing_of_store {
    uint64_t events, acked;
    int64_t since, contact, clock_offset_ms;
    struct hub_line_status line;
    struct buf revoked, quarantine;
    struct directory_state directory;
    char digest[2 * DIGEST_SIZE + 1];
};

static void look(struct call *call, struct standing_of_store *s) {
    struct site *site = call->site;
    struct daemon *daemon = call->daemon;
    uint8_t digest[DIGEST_SIZE];
    s->acked = acked_seq(site);
    s->events = own_seq(site);
    if (daemon != NULL) hub_line_status(daemon->line, &s->line);
    struct view store = view_of(site->config.store);
    site_read(site);
    model_digest(site->model, &store, digest);
    site_unread(site);
    hex_encode(view_make(digest, sizeof digest), s->digest);
    s->since = s->events > s->acked ? waiting_since(site, s->acked) : TIME_NONE;
    s->contact = s->line.connected ? env_now(call->env) : stored_time(site, "contact");
    revoked_why(site, &s->revoked);
    quarantine_why(site, &s->quarantine);
    site_directory_state(site, &s->directory);
    mutex_lock(&site->writer);
    s->clock_offset_ms = site->clock_offset_ms;
    mutex_unlock(&site->writer);
}

static void print_status(struct call *call, struct standing_of_store *s) {
    const struct site *site = call->site;
    char text[40], count[COUNT_TEXT];
    fprintf(call->out, "store %s of region %s, stream %u\n", site->config.store, site->config.region,
            site->config.stream);
    fprintf(call->out, "%s, %llu at the hub\n", count_format(s->events, "event", count), (unsigned long long)s->acked);
    if (s->events > s->acked)
        fprintf(call->out, "%llu waiting since %s\n", (unsigned long long)(s->events - s->acked),
                time_format(s->since, &site->zone, text));
    fprintf(call->out, "last contact with the hub: %s%s\n",
            s->contact == TIME_NONE ? "never" : time_format(s->contact, &site->zone, text),
            s->line.connected ? " (connected)" : "");
    int64_t offset = s->clock_offset_ms;
    if (offset <= -CLOCK_WORTH_TELLING_MS || offset >= CLOCK_WORTH_TELLING_MS)
        fprintf(call->out, "this PC's clock is %lld s %s the hub's; what is written here is corrected by that\n",
                (long long)(offset < 0 ? -offset : offset) / 1000, offset < 0 ? "ahead of" : "behind");
    if (s->revoked.len > 0)
        print_revoked(call, buf_text(&s->revoked), s->events - s->acked);
    else if (s->quarantine.len > 0)
        fprintf(call->out, "READ-ONLY: %s\nto go on, run `dangol-node recover %s`; nothing that is here gets lost\n",
                buf_text(&s->quarantine), call->directory);
    else if (s->line.trouble.code != 0)
        fprintf(call->out, "%s\n", s->line.trouble.text);
    if (s->directory.here)
        fprintf(call->out, "VIPs of the region known by their number: %llu%s\n",
                (unsigned long long)s->directory.numbers, s->directory.complete ? "" : " so far");
    fprintf(call->out, "digest %s\n", s->digest);
}

static json_t *directory_json(const struct directory_state *state) {
    return !state->here ? json_null()
                        : json_pack("{s:I, s:b}", "numbers", (json_int_t)state->numbers, "complete", state->complete);
}

int node_status(struct call *call) {
    const struct site *site = call->site;
    struct standing_of_store s = {.events = 0};
    look(call, &s);
    if (call->json)
        call_json(call, json_pack("{s:s, s:s, s:I, s:I, s:I, s:I, s:o, s:o, s:b, s:b, s:o, s:I, s:o, s:s, s:o}",
                                  "store", site->config.store, "region", site->config.region, "stream",
                                  (json_int_t)site->config.stream, "events", (json_int_t)s.events, "acked",
                                  (json_int_t)s.acked, "waiting", (json_int_t)(s.events - s.acked), "waiting_since",
                                  time_json(site, s.since), "last_contact", time_json(site, s.contact), "connected",
                                  s.line.connected, "revoked", s.revoked.len > 0, "quarantine",
                                  s.quarantine.len > 0 ? json_string(buf_text(&s.quarantine)) : json_null(),
                                  "clock_offset_ms", (json_int_t)s.clock_offset_ms, "trouble",
                                  s.line.trouble.code == 0 ? json_null() : json_string(s.line.trouble.text), "digest",
                                  s.digest, "directory", directory_json(&s.directory)));
    else
        print_status(call, &s);
    buf_release(&s.revoked);
    buf_release(&s.quarantine);
    return 0;
}
