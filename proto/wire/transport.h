/* The transport port: connections that carry whole messages in order.
 *
 * On the line a message is u32 length (big-endian) and that many bytes. Connections know nothing of their content, only
 * its largest size; a length above it closes the connection before anything is allocated for it. The length FRAME_END
 * is no message but the orderly end: its sender has handed over everything, whoever reads it closes. There is no
 * reconnecting here: a connection lives once.
 *
 * Callbacks of one connection come one at a time, never two at once, from any thread of the transport; different
 * connections run side by side. `opened` is the first, `closed` comes exactly once and last, after which the
 * connection is gone and must not be touched. `message` is the flow control: the next message is not read before it
 * returns (or, if it returned false, before `transport_resume`, which may come before it has returned). Meanwhile the
 * end of the other side is not noticed either, only the deadline is. Callbacks must not wait for the transport: all
 * connections share its few threads.
 *
 * Functions may be called from any thread, inside callbacks too, on a connection whose `closed` has not returned; they
 * never call back from within, and never block on the line. After `transport_close` only `closed` follows. Only
 * `transport_shutdown` waits, and may not be called from a callback.
 *
 * Forms: transport_nng.c (nng streams over TLS or, for tests, plain TCP) and transport_mem.c (one process, one thread,
 * driven by hand: `mem_net_step`). One contract suite over both. */
#ifndef DANGOL_PROTO_WIRE_TRANSPORT_H
#define DANGOL_PROTO_WIRE_TRANSPORT_H

#include "proto/base/bytes.h"
#include "proto/base/env.h"
#include "proto/base/err.h"

#define TRANSPORT_QUEUE_MAX (16u << 20) /* bytes a connection may have waiting to be sent; more closes it */
#define TRANSPORT_FLUSH_MS 2000         /* how long the end may take until everything is handed over */
#define TRANSPORT_DIAL_MS 20000         /* how long dialling may take, the TLS handshake not included */
#define TRANSPORT_LIMIT_AT_FIRST 16384u /* largest message received before `transport_limit`: MESSAGE_MAX_STRANGER */
#define TRANSPORT_PEER_SIZE 64          /* "ADDRESS:PORT" and its end */

#define FRAME_HEADER 4u
#define FRAME_END 0xffffffffu

struct transport;
struct connection;

struct transport_handler {
    /* A connection exists: accepted, or dialled. Over TLS the handshake may still be under way: set a deadline. The
     * returned pointer is handed to the others; NULL refuses it (then `closed` does not come). */
    void *(*opened)(void *context, struct connection *connection);
    /* One whole message, borrowed until it returns. False: do not read on before transport_resume. */
    bool (*message)(void *user, struct connection *connection, struct view bytes);
    /* All that was queued has been handed to the line. May be NULL. */
    void (*drained)(void *user, struct connection *connection);
    /* The end: err->code ERR_CLOSED when one side closed or is gone; ERR_LIMIT, ERR_TIMEOUT; ERR_AUTH when the TLS
     * handshake failed, above all when the certificate is not the one expected. */
    void (*closed)(void *user, struct connection *connection, const struct err *err);
    void *context;
};

struct tls_identity {
    const char *ca_certificate; /* dialling: whom to trust; PEM */
    const char *server_name;    /* dialling: whom to expect */
    const char *key;            /* listening; PEM */
    const char *certificate;    /* listening; PEM */
};

struct transport_ops {
    /* Address "HOST:PORT", an IPv6 one in brackets; port 0 takes a free one, an empty host all interfaces. `bound` (may
     * be NULL, TRANSPORT_PEER_SIZE bytes) gets the real address. */
    int (*listen)(struct transport *t, const char *address, const struct transport_handler *handler, char *bound,
                  struct err *err);
    /* Starts dialling; `opened` or, when it fails, `dial_failed` follows: ERR_REFUSED when nobody listens there,
     * ERR_NOT_FOUND when there is no such host, ERR_TIMEOUT. One attempt. */
    int (*dial)(struct transport *t, const char *address, const struct transport_handler *handler,
                void (*dial_failed)(void *context, const struct err *err), struct err *err);
    /* Copies and queues. ERR_LIMIT: the queue is full, the connection closes; ERR_CLOSED: it is closing already. */
    int (*send)(struct connection *c, struct view message);
    void (*resume)(struct connection *c);
    void (*limit)(struct connection *c, uint32_t largest_message); /* of messages not yet begun */
    /* The connection is closed with ERR_TIMEOUT when `ms` from now no call has moved the deadline. 0: none. */
    void (*deadline)(struct connection *c, int64_t ms);
    /* Starts the end; `flush`: after what is queued has reached the other side (for at most TRANSPORT_FLUSH_MS), else
     * it may be lost. */
    void (*close)(struct connection *c, bool flush);
    const char *(*peer)(struct connection *c); /* "127.0.0.1:41234", valid as long as the connection */
    /* Stops listening, closes every connection, waits until every `closed` has returned, frees all. */
    void (*shutdown)(struct transport *t);
};
struct transport {
    const struct transport_ops *ops; /* first member of every form */
};
struct connection {
    struct transport *transport; /* first member of every form */
};

/* Splits "HOST:PORT" or "[HOST]:PORT"; the host may be empty. `host` has TRANSPORT_HOST_SIZE bytes. ERR_INVALID. */
#define TRANSPORT_HOST_SIZE 256
int transport_address_split(const char *address, char *host, uint16_t *port, struct err *err);

/* `tls` NULL: plain TCP. Copies what it needs. Dialling needs both of its fields, listening both of its own. */
int transport_nng_open(const struct env *env, const struct tls_identity *tls, struct transport **out, struct err *err);

/* A net inside the process: transports made of one net reach each other by address. Nothing moves on its own, and all
 * of it belongs to one thread. What comes next among several connections is drawn from env's randomness. */
struct mem_net;
struct mem_net *mem_net_open(const struct env *env);
struct transport *transport_mem_open(struct mem_net *net);
bool mem_net_step(struct mem_net *net); /* delivers one thing or fires one deadline that is due; false: nothing to do */
int64_t mem_net_due(const struct mem_net *net); /* env's monotonic time of the next deadline; INT64_MAX: none */
/* Cut: nothing passes, dials fail; what was sent arrives once the line is back, if its connection still lives. */
void mem_net_cut(struct mem_net *net, bool cut);
void transport_mem_cut(struct transport *t, bool cut); /* only the lines of this one */
/* How long a message is under way on the lines of this one; on a line both of its ends count. At first: no time. */
struct mem_weather {
    uint32_t delay_ms, jitter_ms; /* at least so long, and up to so much longer */
    uint32_t bytes_per_ms;        /* 0: as many as one likes */
};
void transport_mem_weather(struct transport *t, const struct mem_weather *weather);
/* Its process is dead, but its memory not yet gone: nothing it says leaves and nothing reaches it any more. */
void transport_mem_mute(struct transport *t);
/* How connections end whose one side closes at once or dies, in percent: what it had sent still arrives before the end;
 * the other side never hears of it. At first neither: what was under way is lost, the other side hears of the end. */
void mem_net_fate(struct mem_net *net, uint32_t lingers, uint32_t silent);
/* What is on the lines now. */
void mem_net_load(const struct mem_net *net, size_t *connections, size_t *bytes);
void mem_net_close(struct mem_net *net); /* after its transports */

static inline int transport_send(struct connection *c, struct view m) { return c->transport->ops->send(c, m); }
static inline void transport_resume(struct connection *c) { c->transport->ops->resume(c); }
static inline void transport_limit(struct connection *c, uint32_t n) { c->transport->ops->limit(c, n); }
static inline void transport_deadline(struct connection *c, int64_t ms) { c->transport->ops->deadline(c, ms); }
static inline void transport_close(struct connection *c, bool flush) { c->transport->ops->close(c, flush); }
static inline const char *transport_peer(struct connection *c) { return c->transport->ops->peer(c); }
static inline void transport_shutdown(struct transport *t) { t->ops->shutdown(t); }

#endif
