#include "node/line.h"

#include <stdlib.h>
#include <string.h>

#define POLL_MS 500
#define QUEUE_MAX 64 /* happenings waiting before the transport is told to stop reading */

enum happening_kind { DIALLED, MESSAGE, CLOSED };

struct happening {
    struct happening *next;
    enum happening_kind kind;
    struct buf bytes;
    struct err err;
};

struct hub_line {
    struct site *site;
    struct transport *transport;
    struct uplink uplink; /* the running thread's own */

    /* Under the monitor (site->growth). */
    struct connection *connection;
    struct happening *first, **last;
    size_t queued;
    bool paused, try_now;
    struct hub_line_status status;
};

static struct mutex *monitor(struct hub_line *line) { return &line->site->growth.lock; }

static void post(struct hub_line *line, struct happening *happening) {
    happening->next = NULL;
    *line->last = happening;
    line->last = &happening->next;
    line->queued++;
    condition_broadcast(&line->site->growth.grown);
}

static void *line_opened(void *context, struct connection *connection) {
    struct hub_line *line = context;
    struct happening *happening = mem_alloc(sizeof *happening);
    happening->kind = DIALLED;
    mutex_lock(monitor(line));
    line->connection = connection;
    transport_limit(connection, MESSAGE_MAX);
    post(line, happening);
    mutex_unlock(monitor(line));
    return line;
}

static bool line_message(void *user, struct connection *connection, struct view bytes) {
    (void)connection;
    struct hub_line *line = user;
    struct happening *happening = mem_alloc(sizeof *happening);
    happening->kind = MESSAGE;
    buf_append_view(&happening->bytes, bytes);
    mutex_lock(monitor(line));
    post(line, happening);
    line->paused = line->queued >= QUEUE_MAX;
    bool more = !line->paused;
    mutex_unlock(monitor(line));
    return more;
}

static void post_closed(struct hub_line *line, const struct err *err) {
    struct happening *happening = mem_alloc(sizeof *happening);
    happening->kind = CLOSED;
    happening->err = *err;
    mutex_lock(monitor(line));
    line->connection = NULL;
    line->paused = false;
    post(line, happening);
    mutex_unlock(monitor(line));
}

static void line_closed(void *user, struct connection *connection, const struct err *err) {
    (void)connection;
    post_closed(user, err);
}

static void line_dial_failed(void *context, const struct err *err) { post_closed(context, err); }

static int port_dial(void *context, const char *address, struct err *err) {
    struct hub_line *line = context;
    struct transport_handler handler = {
        .opened = line_opened, .message = line_message, .closed = line_closed, .context = line};
    return line->transport->ops->dial(line->transport, address, &handler, line_dial_failed, err);
}

static int port_send(void *context, struct view message) {
    struct hub_line *line = context;
    mutex_lock(monitor(line));
    int code = line->connection == NULL ? ERR_CLOSED : transport_send(line->connection, message);
    mutex_unlock(monitor(line));
    return code;
}

static void port_close(void *context) {
    struct hub_line *line = context;
    mutex_lock(monitor(line));
    if (line->connection != NULL) transport_close(line->connection, true);
    mutex_unlock(monitor(line));
}

int hub_line_open(struct site *site, FILE *journal, struct hub_line **out, struct err *err) {
    struct hub_line *line = mem_alloc(sizeof *line);
    char name[SERVER_NAME_SIZE];
    line->site = site;
    line->last = &line->first;
    server_name(site->config.root, name);
    struct tls_identity tls = {.ca_certificate = site->config.ca_certificate, .server_name = name};
    struct uplink_port port = {port_dial, port_send, port_close, line};
    int code = transport_nng_open(site->env, &tls, &line->transport, err);
    if (code == 0) code = uplink_open(&line->uplink, site, &port, journal, err);
    *out = line;
    if (code == 0) return 0;
    hub_line_close(line);
    *out = NULL;
    return code;
}

void hub_line_move(struct hub_line *line, const uint8_t new_key[PUBLIC_KEY_SIZE]) { line->uplink.new_key = new_key; }

static struct happening *take_all(struct hub_line *line) {
    struct happening *all = line->first;
    line->first = NULL;
    line->last = &line->first;
    line->queued = 0;
    if (line->paused && line->connection != NULL) transport_resume(line->connection);
    line->paused = false;
    return all;
}

static void handle(struct hub_line *line, struct happening *happening) {
    switch (happening->kind) {
    case DIALLED: uplink_dialled(&line->uplink); break;
    case MESSAGE: uplink_message(&line->uplink, buf_view(&happening->bytes)); break;
    case CLOSED: uplink_closed(&line->uplink, &happening->err); break;
    }
    buf_release(&happening->bytes);
    free(happening);
}

/* Under the monitor: what others may see. */
static void publish(struct hub_line *line, bool level) {
    const struct uplink *u = &line->uplink;
    struct hub_line_status now = {u->state == UPLINK_OPEN, level, u->refused, u->trouble, u->moved_stream,
                                  u->moved_incarnation};
    bool changed = now.connected != line->status.connected || now.level != line->status.level ||
                   now.trouble.code != line->status.trouble.code;
    line->status = now;
    if (changed) condition_broadcast(&line->site->growth.grown);
}

static void turn(struct hub_line *line) {
    mutex_lock(monitor(line));
    struct happening *all = take_all(line);
    bool try_now = line->try_now;
    line->try_now = false;
    mutex_unlock(monitor(line));
    uplink_clock(&line->uplink, env_monotonic(line->site->env));
    if (try_now) uplink_try_now(&line->uplink);
    for (struct happening *next; all != NULL; all = next) {
        next = all->next;
        handle(line, all);
    }
    uplink_settle(&line->uplink);
    uplink_tick(&line->uplink, env_monotonic(line->site->env));
    bool level = uplink_level(&line->uplink);
    mutex_lock(monitor(line));
    publish(line, level);
    mutex_unlock(monitor(line));
}

void hub_line_run(struct hub_line *line, bool (*done)(void *context), void *context) {
    uint64_t seen = 0;
    for (;;) {
        turn(line);
        if (done(context)) return;
        int64_t due = uplink_due(&line->uplink);
        mutex_lock(monitor(line));
        if (line->first == NULL && line->site->growth.count == seen && !line->try_now && due > 0)
            condition_wait_ms(&line->site->growth.grown, monitor(line), due < POLL_MS ? due : POLL_MS);
        seen = line->site->growth.count;
        mutex_unlock(monitor(line));
    }
}

void hub_line_status(struct hub_line *line, struct hub_line_status *out) {
    mutex_lock(monitor(line));
    *out = line->status;
    mutex_unlock(monitor(line));
}

void hub_line_try_now(struct hub_line *line) {
    mutex_lock(monitor(line));
    line->try_now = true;
    line->status.refused = false; /* of an attempt before this one */
    condition_broadcast(&line->site->growth.grown);
    mutex_unlock(monitor(line));
}

void hub_line_wait_change(struct hub_line *line, int64_t ms) {
    mutex_lock(monitor(line));
    condition_wait_ms(&line->site->growth.grown, monitor(line), ms);
    mutex_unlock(monitor(line));
}

/* Until the hub has read our bye and is gone, or TRANSPORT_FLUSH_MS have shown that it does not. */
static void await_end(struct hub_line *line) {
    mutex_lock(monitor(line));
    while (line->connection != NULL &&
           condition_wait_ms(&line->site->growth.grown, monitor(line), TRANSPORT_FLUSH_MS)) {
    }
    mutex_unlock(monitor(line));
}

void hub_line_close(struct hub_line *line) {
    if (line == NULL) return;
    uplink_bye(&line->uplink);
    port_close(line);
    await_end(line);
    if (line->transport != NULL) transport_shutdown(line->transport);
    for (struct happening *next; line->first != NULL; line->first = next) {
        next = line->first->next;
        buf_release(&line->first->bytes);
        free(line->first);
    }
    uplink_release(&line->uplink);
    free(line);
}
