/* The transport's form inside a process, for tests and the simulator.
 *
 * The two ends of a line are two connections that know each other; what one sends stands in the other's inbox until
 * `mem_net_step` delivers it. So the sender's queue is the receiver's inbox. Everything belongs to one thread. */
#include "proto/wire/transport.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>
#include <utlist.h>

#define FIRST_FREE_PORT 40000u

struct parcel { /* a message on its way; of its exact size, so that a sanitizer sees every byte too far */
    struct parcel *prev, *next;
    size_t len;
    int64_t arrives; /* env's monotonic time */
    uint8_t *bytes;
};

struct mem_listener {
    struct mem_listener *prev, *next;
    struct transport_handler handler;
    char address[TRANSPORT_HOST_SIZE + 8];
};

struct mem_transport {
    struct transport base;
    struct mem_net *net;
    struct mem_transport *prev, *next;
    struct mem_listener *listeners;
    struct mem_weather weather;
    bool cut, mute, closing;
};

struct mem_dial {
    struct mem_dial *prev, *next;
    struct mem_transport *transport;
    struct transport_handler handler;
    void (*failed)(void *context, const struct err *err);
    char address[TRANSPORT_HOST_SIZE + 8];
};

enum phase { BORN, OPEN, FLUSHING, ENDED };

struct mem_connection {
    struct connection base;
    struct mem_connection *prev, *next;
    struct mem_connection *far; /* NULL: gone */
    struct transport_handler handler;
    void *user;
    enum phase phase;
    struct err reason;
    char peer[TRANSPORT_PEER_SIZE];
    struct parcel *inbox;
    size_t inbox_bytes;
    uint32_t limit;
    int64_t due; /* INT64_MAX: never */
    bool paused, resumed, drained;
    bool stranded; /* the other side ended and this one will not hear of it */
};

struct mem_net {
    const struct env *env;
    struct mem_transport *transports;
    struct mem_dial *dials;
    struct mem_connection *connections;
    uint32_t ports, lingers, silent;
    bool cut;
};

static struct mem_connection *of(struct connection *base) { return (struct mem_connection *)base; }

static struct mem_transport *transport_of(const struct mem_connection *c) {
    return (struct mem_transport *)c->base.transport;
}

static struct mem_net *net_of(const struct mem_connection *c) { return transport_of(c)->net; }

static bool line_up(const struct mem_connection *c) {
    bool far_cut = c->far != NULL && transport_of(c->far)->cut;
    return !net_of(c)->cut && !transport_of(c)->cut && !far_cut;
}

static uint32_t chance(const struct mem_net *net, uint32_t sides) {
    uint32_t drawn;
    env_random(net->env, &drawn, sizeof drawn);
    return drawn % sides;
}

/* ---- ending ---- */

static void parcel_free(struct parcel *parcel) {
    free(parcel->bytes);
    free(parcel);
}

static void empty_inbox(struct mem_connection *c) {
    struct parcel *each, *next;
    DL_FOREACH_SAFE(c->inbox, each, next) {
        DL_DELETE(c->inbox, each);
        parcel_free(each);
    }
    c->inbox_bytes = 0;
}

/* What becomes of the other side of one that ends without flushing. */
static void break_line(const struct mem_net *net, struct mem_connection *far) {
    if (net->lingers == 0 || chance(net, 100) >= net->lingers) empty_inbox(far);
    far->stranded = net->silent != 0 && chance(net, 100) < net->silent;
}

/* What it sent and nobody has read is lost, unless it flushed or the net's fate is milder. */
static void end(struct mem_connection *c, int code, const char *why) {
    if (c->phase == ENDED) return;
    if (c->far != NULL && c->phase != FLUSHING) break_line(net_of(c), c->far);
    if (c->phase == FLUSHING && code != ERR_TIMEOUT) {
        code = ERR_CLOSED;
        why = "closed by this side";
    }
    c->phase = ENDED;
    err_set(&c->reason, code, NULL, "%s", why);
    empty_inbox(c);
}

static void forget(struct mem_connection *c) {
    struct mem_net *net = net_of(c);
    DL_DELETE(net->connections, c);
    if (c->far != NULL) c->far->far = NULL;
    empty_inbox(c);
    free(c);
}

static void tell_closed(struct mem_connection *c) {
    if (c->user != NULL) c->handler.closed(c->user, &c->base, &c->reason);
    forget(c);
}

/* ---- a connection's next step; false: it has none ---- */

static void tell_opened(struct mem_connection *c) {
    c->phase = OPEN;
    c->user = c->handler.opened(c->handler.context, &c->base);
    if (c->user == NULL) end(c, ERR_REFUSED, "refused by this side");
}

static void deliver(struct mem_connection *c) {
    struct parcel *parcel = c->inbox;
    DL_DELETE(c->inbox, parcel);
    c->inbox_bytes -= parcel->len + FRAME_HEADER;
    if (c->inbox == NULL && c->far != NULL) c->far->drained = true;
    if (c->phase == FLUSHING) {
        parcel_free(parcel);
    } else if (parcel->len > c->limit) {
        parcel_free(parcel);
        end(c, ERR_LIMIT, "the other side announces a message larger than allowed");
    } else {
        c->resumed = false;
        bool more = c->handler.message(c->user, &c->base, view_make(parcel->bytes, parcel->len));
        c->paused = !more && !c->resumed && c->phase == OPEN;
        parcel_free(parcel);
    }
}

static bool tell_drained(struct mem_connection *c) {
    c->drained = false;
    if (c->handler.drained == NULL || c->phase != OPEN) return false;
    c->handler.drained(c->user, &c->base);
    return true;
}

/* Nothing is left to be read: did the other side end? */
static bool notice_end(struct mem_connection *c) {
    bool far_over = c->far == NULL || c->far->phase == FLUSHING || c->far->phase == ENDED;
    if (!far_over || (c->stranded && c->phase != FLUSHING)) return false;
    end(c, ERR_CLOSED, c->far != NULL ? "closed by the other side" : "the other side is gone");
    return true;
}

static bool fire(struct mem_connection *c) {
    if (c->due > env_monotonic(net_of(c)->env)) return false;
    c->due = INT64_MAX;
    end(c, ERR_TIMEOUT, "no answer in time");
    return true;
}

static bool connection_step(struct mem_connection *c) {
    if (c->phase == ENDED) {
        tell_closed(c);
        return true;
    }
    if (c->phase == BORN) {
        tell_opened(c);
        return true;
    }
    if (fire(c) || (c->drained && tell_drained(c))) return true;
    if (c->paused || !line_up(c)) return false;
    if (c->inbox == NULL) return notice_end(c);
    if (c->inbox->arrives > env_monotonic(net_of(c)->env)) return false;
    deliver(c);
    return true;
}

/* ---- dialling ---- */

static struct mem_connection *connection_make(struct mem_transport *t, const struct transport_handler *handler) {
    struct mem_connection *c = mem_alloc(sizeof *c);
    c->base.transport = &t->base;
    c->handler = *handler;
    c->limit = TRANSPORT_LIMIT_AT_FIRST;
    c->due = INT64_MAX;
    snprintf(c->peer, sizeof c->peer, "mem:%u", (unsigned)t->net->ports++);
    DL_APPEND(t->net->connections, c);
    return c;
}

static struct mem_listener *find_listener(const struct mem_net *net, const char *address,
                                          struct mem_transport **owner) {
    struct mem_listener *each;
    DL_FOREACH(net->transports, *owner) {
        DL_FOREACH((*owner)->listeners, each) {
            if (strcmp(each->address, address) == 0) return each;
        }
    }
    return NULL;
}

static void dial_end(struct mem_net *net, struct mem_dial *d, int code, const char *why) {
    struct err err = {0};
    DL_DELETE(net->dials, d);
    if (code != 0) {
        err_set(&err, code, "address", "cannot reach %s: %s", d->address, why);
        d->failed(d->handler.context, &err);
    }
    free(d);
}

static void dial_step(struct mem_net *net, struct mem_dial *d) {
    struct mem_transport *server;
    const struct mem_listener *listener = find_listener(net, d->address, &server);
    if (net->cut || d->transport->cut || (listener != NULL && server->cut)) {
        dial_end(net, d, ERR_TIMEOUT, "no answer in time");
    } else if (listener == NULL) {
        dial_end(net, d, ERR_REFUSED, "nobody listens there");
    } else {
        struct mem_connection *near = connection_make(d->transport, &d->handler);
        struct mem_connection *far = connection_make(server, &listener->handler);
        near->far = far;
        far->far = near;
        dial_end(net, d, 0, "");
    }
}

/* ---- the net ---- */

struct mem_net *mem_net_open(const struct env *env) {
    struct mem_net *net = mem_alloc(sizeof *net);
    net->env = env;
    net->ports = FIRST_FREE_PORT;
    return net;
}

/* Begins at a random one, so that over many seeds everything happens before and after everything else. */
static bool any_connection_step(struct mem_net *net) {
    struct mem_connection *each;
    uint32_t count;
    DL_COUNT(net->connections, each, count);
    if (count == 0) return false;
    struct mem_connection *c = net->connections;
    for (uint32_t i = chance(net, count); i > 0; i--) c = c->next;
    for (; count > 0; count--) {
        struct mem_connection *next = c->next != NULL ? c->next : net->connections;
        if (connection_step(c)) return true;
        c = next;
    }
    return false;
}

bool mem_net_step(struct mem_net *net) {
    if (net->dials != NULL) {
        dial_step(net, net->dials);
        return true;
    }
    return any_connection_step(net);
}

int64_t mem_net_due(const struct mem_net *net) {
    int64_t due = INT64_MAX;
    const struct mem_connection *each;
    DL_FOREACH(net->connections, each) {
        if (each->due < due) due = each->due;
        bool comes = each->inbox != NULL && !each->paused && line_up(each);
        if (comes && each->inbox->arrives < due) due = each->inbox->arrives;
    }
    return due;
}

void mem_net_load(const struct mem_net *net, size_t *connections, size_t *bytes) {
    const struct mem_connection *each;
    *connections = *bytes = 0;
    DL_FOREACH(net->connections, each) {
        ++*connections;
        *bytes += each->inbox_bytes;
    }
}

void mem_net_fate(struct mem_net *net, uint32_t lingers, uint32_t silent) {
    net->lingers = lingers;
    net->silent = silent;
}

void transport_mem_weather(struct transport *t, const struct mem_weather *weather) {
    ((struct mem_transport *)t)->weather = *weather;
}

void transport_mem_mute(struct transport *t) {
    struct mem_transport *dead = (struct mem_transport *)t;
    dead->mute = dead->cut = true;
}

void mem_net_cut(struct mem_net *net, bool cut) { net->cut = cut; }

void transport_mem_cut(struct transport *t, bool cut) { ((struct mem_transport *)t)->cut = cut; }

void mem_net_close(struct mem_net *net) {
    assert(net->transports == NULL);
    free(net);
}

/* ---- the port's functions ---- */

static int mem_listen(struct transport *base, const char *address, const struct transport_handler *handler, char *bound,
                      struct err *err) {
    struct mem_transport *t = (struct mem_transport *)base, *other;
    char host[TRANSPORT_HOST_SIZE];
    uint16_t port;
    int rc = transport_address_split(address, host, &port, err);
    if (rc != 0) return rc;
    struct mem_listener *l = mem_alloc(sizeof *l);
    l->handler = *handler;
    snprintf(l->address, sizeof l->address, "%s:%u", host, port != 0 ? port : (unsigned)t->net->ports++);
    if (find_listener(t->net, l->address, &other) != NULL) {
        free(l);
        return err_set(err, ERR_BUSY, "address", "cannot listen on %s: another program uses that port", address);
    }
    if (bound != NULL) view_text(view_of(l->address), bound, TRANSPORT_PEER_SIZE);
    DL_APPEND(t->listeners, l);
    return 0;
}

static int mem_dial(struct transport *base, const char *address, const struct transport_handler *handler,
                    void (*dial_failed)(void *context, const struct err *err), struct err *err) {
    struct mem_transport *t = (struct mem_transport *)base;
    char host[TRANSPORT_HOST_SIZE];
    uint16_t port;
    int rc = transport_address_split(address, host, &port, err);
    if (rc != 0) return rc;
    if (t->closing) return err_set(err, ERR_CLOSED, NULL, "the transport is shutting down");
    struct mem_dial *d = mem_alloc(sizeof *d);
    d->transport = t;
    d->handler = *handler;
    d->failed = dial_failed;
    snprintf(d->address, sizeof d->address, "%s:%u", host, (unsigned)port);
    DL_APPEND(t->net->dials, d);
    return 0;
}

static bool far_reads(const struct mem_connection *c) {
    return c->far != NULL && (c->far->phase == BORN || c->far->phase == OPEN);
}

static int64_t delay_of(const struct mem_net *net, const struct mem_weather *weather, size_t bytes) {
    int64_t ms = weather->delay_ms;
    if (weather->jitter_ms > 0) ms += chance(net, weather->jitter_ms + 1);
    if (weather->bytes_per_ms > 0) ms += (int64_t)(bytes / weather->bytes_per_ms);
    return ms;
}

/* In order: never before what was sent before it. */
static int64_t arrival(const struct mem_connection *c, size_t bytes) {
    const struct mem_net *net = net_of(c);
    int64_t now = env_monotonic(net->env);
    int64_t at = now + delay_of(net, &transport_of(c)->weather, bytes);
    at += delay_of(net, &transport_of(c->far)->weather, bytes);
    const struct parcel *before = c->far->inbox == NULL ? NULL : c->far->inbox->prev; /* the last one */
    return before != NULL && before->arrives > at ? before->arrives : at;
}

static int mem_send(struct connection *base, struct view message) {
    struct mem_connection *c = of(base);
    size_t waiting = c->far != NULL ? c->far->inbox_bytes : 0;
    if (c->phase != OPEN) return ERR_CLOSED;
    if (message.len + FRAME_HEADER > TRANSPORT_QUEUE_MAX - waiting) {
        end(c, ERR_LIMIT, "the other side takes too little of what is sent");
        return ERR_LIMIT;
    }
    c->drained = false;
    if (!far_reads(c) || transport_of(c)->mute) return 0;
    struct parcel *parcel = mem_alloc(sizeof *parcel);
    parcel->len = message.len;
    parcel->arrives = arrival(c, message.len);
    parcel->bytes = mem_alloc(message.len);
    if (message.len > 0) memcpy(parcel->bytes, message.data, message.len);
    DL_APPEND(c->far->inbox, parcel);
    c->far->inbox_bytes += message.len + FRAME_HEADER;
    return 0;
}

static void mem_resume(struct connection *base) {
    of(base)->resumed = true;
    of(base)->paused = false;
}

static void mem_limit(struct connection *base, uint32_t largest_message) {
    of(base)->limit = largest_message < FRAME_END ? largest_message : FRAME_END - 1;
}

static void set_due(struct mem_connection *c, int64_t ms) {
    c->due = ms > 0 ? env_monotonic(net_of(c)->env) + ms : INT64_MAX;
}

static void mem_deadline(struct connection *base, int64_t ms) {
    if (of(base)->phase == OPEN) set_due(of(base), ms);
}

/* FLUSHING ends when the other side has read everything, noticed and is gone, or when its time is over. */
static void mem_close(struct connection *base, bool flush) {
    struct mem_connection *c = of(base);
    if (!flush || c->far == NULL) {
        end(c, ERR_CLOSED, "closed by this side");
    } else if (c->phase == OPEN) {
        c->phase = FLUSHING;
        c->paused = false;
        set_due(c, TRANSPORT_FLUSH_MS);
    }
}

static const char *mem_peer(struct connection *base) { return of(base)->peer; }

/* As when its process ends: callbacks come from within, the other sides notice in their own steps. */
static void mem_shutdown(struct transport *base) {
    struct mem_transport *t = (struct mem_transport *)base;
    struct mem_net *net = t->net;
    struct mem_dial *dial, *next_dial;
    struct mem_connection *c, *next;
    struct mem_listener *l, *next_listener;
    t->closing = true;
    DL_FOREACH_SAFE(t->listeners, l, next_listener) free(l);
    t->listeners = NULL;
    DL_FOREACH_SAFE(net->dials, dial, next_dial) {
        if (dial->transport == t) dial_end(net, dial, ERR_CLOSED, "the transport is shutting down");
    }
    DL_FOREACH_SAFE(net->connections, c, next) {
        if (transport_of(c) != t) continue;
        if (c->phase == BORN) tell_opened(c);
        end(c, ERR_CLOSED, "closed by this side");
        tell_closed(c);
    }
    DL_DELETE(net->transports, t);
    free(t);
}

struct transport *transport_mem_open(struct mem_net *net) {
    static const struct transport_ops ops = {mem_listen,   mem_dial,  mem_send, mem_resume,  mem_limit,
                                             mem_deadline, mem_close, mem_peer, mem_shutdown};
    struct mem_transport *t = mem_alloc(sizeof *t);
    t->base.ops = &ops;
    t->net = net;
    DL_APPEND(net->transports, t);
    return &t->base;
}
