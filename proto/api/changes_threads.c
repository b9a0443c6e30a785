/* What has changed, for those who listen: the log's tip when it has grown, the status when the line's state is another.
 * One thread, which looks twice a second, so that a thousand events are one piece of news. Before that it makes the
 * indexes that searches go through. */
#include <stdlib.h>

#include "proto/api/api_parts.h"

#define TIP_MS 500     /* at most two a second */
#define STATUS_MS 2000 /* a status counts over all there is */
#define BEAT_MS 15000

struct changes {
    struct api *api;
    struct thread thread;
    struct mutex lock;
    struct condition closed;
    bool closing;
    uint64_t tip;
    struct buf status; /* as last told */
    int64_t status_asked, beaten;
};

/* On one line. Numbers that grow with every event are no news of the line. */
static bool line_state(json_t *status, struct buf *whole, struct buf *state) {
    static const char *const passing[] = {"events",       "acked",     "digest",    "waiting",
                                          "last_contact", "customers", "persons",   "purchases",
                                          "lines",        "returns",   "anonymous", "clock_offset_ms"};
    char *text = json_dumps(status, JSON_COMPACT);
    if (text != NULL) buf_append_view(whole, view_of(text));
    free(text);
    for (size_t i = 0; i < sizeof passing / sizeof *passing; i++) json_object_del(status, passing[i]);
    text = json_dumps(status, JSON_COMPACT);
    if (text != NULL) buf_append_view(state, view_of(text));
    free(text);
    return whole->len > 0;
}

static void tell_status(struct changes *c) {
    struct call call;
    struct memory_streams streams;
    struct wording words = {.count = 0};
    const char *list[] = {c->api->inside.program->name, "status", "--json"};
    for (size_t i = 0; i < 3; i++, words.count++) buf_append(&words.text, list[i], strlen(list[i]) + 1);
    if (api_run(c->api, &(struct run_asks){.page = NULL}, &words, &call, &streams) == EXIT_DONE) {
        struct buf whole = BUF_INIT, state = BUF_INIT;
        json_t *status = json_loadb((const char *)streams.out.data, streams.out.len, 0, NULL);
        if (status != NULL && line_state(status, &whole, &state) &&
            !view_equal(buf_view(&state), buf_view(&c->status))) {
            buf_clear(&c->status);
            buf_append_view(&c->status, buf_view(&state));
            http_publish(c->api->server, "status", buf_text(&whole));
        }
        json_decref(status);
        buf_release(&whole);
        buf_release(&state);
    }
    buf_wipe(&streams.out);
    buf_wipe(&streams.notes);
    wording_release(&words);
}

static void tell_tip(struct changes *c) {
    struct site *site = c->api->inside.site;
    uint64_t tip = site->log->ops->tip(site->log);
    if (tip == c->tip) return;
    c->tip = tip;
    char data[64];
    snprintf(data, sizeof data, "{\"position\":%llu}", (unsigned long long)tip);
    http_publish(c->api->server, "tip", data);
}

static void look(struct changes *c) {
    struct api *api = c->api;
    int64_t now = env_monotonic(api->inside.env);
    if (now - c->beaten >= BEAT_MS) {
        c->beaten = now;
        http_beat(api->server);
    }
    if (http_streams(api->server) == 0) return;
    http_review(api->server);
    tell_tip(c);
    if (now - c->status_asked < STATUS_MS) return;
    c->status_asked = now;
    tell_status(c);
}

static bool is_open(void *context, uint64_t done, uint64_t all) {
    struct changes *c = context;
    (void)done;
    (void)all;
    mutex_lock(&c->lock);
    bool open = !c->closing;
    mutex_unlock(&c->lock);
    return open;
}

static void nobody(void *context, uint64_t customer, enum name_part part) {
    (void)context;
    (void)customer;
    (void)part;
}

/* Opens every file once, so that nobody at a counter waits for that: of a million that takes some seconds. */
static void make_indexes(struct changes *c) {
    struct site *site = c->api->inside.site;
    struct file_asking asking = {is_open, c};
    site_names_find(site, view_of("\x01"), nobody, NULL, &asking);
    site_numbers_find(site, view_of("-"), nobody, NULL, &asking);
}

static void changes_main(void *context) {
    struct changes *c = context;
    const struct env *env = c->api->inside.env;
    make_indexes(c);
    mutex_lock(&c->lock);
    while (!c->closing) {
        mutex_unlock(&c->lock);
        look(c);
        mutex_lock(&c->lock);
        int64_t until = env_monotonic(env) + TIP_MS, left;
        while (!c->closing && (left = until - env_monotonic(env)) > 0) condition_wait_ms(&c->closed, &c->lock, left);
    }
    mutex_unlock(&c->lock);
}

struct changes *changes_open(struct api *api) {
    struct changes *changes = mem_alloc(sizeof *changes);
    changes->api = api;
    changes->tip = api->inside.site->log->ops->tip(api->inside.site->log);
    mutex_init(&changes->lock);
    condition_init(&changes->closed);
    thread_start(&changes->thread, changes_main, changes);
    return changes;
}

void changes_close(struct changes *changes) {
    if (changes == NULL) return;
    mutex_lock(&changes->lock);
    changes->closing = true;
    condition_broadcast(&changes->closed);
    mutex_unlock(&changes->lock);
    thread_join(&changes->thread);
    condition_destroy(&changes->closed);
    mutex_destroy(&changes->lock);
    buf_release(&changes->status);
    free(changes);
}
