/* A connection's life.
 *
 * nng calls back from its own threads when a receive or a send is done, and any thread of ours may call in between. One
 * lock guards a connection; whoever finds nobody running its callbacks runs them (`leave`), without the lock, until
 * there is nothing left to tell: so they come one at a time, and nobody waits for them.
 *
 * What nng 1.5.2 demands of a TLS stream, and what follows from it here:
 *   - After its first error, or once closed, it may never complete a receive or send again. So each is started only
 *     with the lock held and the phase not ENDED, and `end`, under the same lock, closes the stream: what is under way
 *     then completes, and nothing is started any more.
 *   - An end of the line that comes between two receives is not kept for the next one, which then waits for ever. So
 *     some time after a receive was started and not completed, `look_after` asks whether there still is a line.
 *   - A send is complete when it is encrypted, not when it is sent: closing then would lose what is still inside nng.
 *     So who wants to end in order sends FRAME_END and waits for the other side, which reads it last, to close.
 *   - Only one receive and one send at a time; both are partial. */
#include "proto/wire/transport_nng.h"

#include <stdlib.h>

#include "proto/wire/framing.h"

#define LOOK_SOON_MS 250   /* after a receive was started; when the end came before it, the socket is closed by then */
#define LOOK_AGAIN_MS 5000 /* unless the last of it was on its way for long */
#define UNREAD_BYTES (1u << 20) /* who does not read so much is not read from, where we accepted it */
/* An accepted connection hands over so much at a time: nng and mbed TLS keep 32 KiB a connection for what is sent, and
 * of thousands of connections that only is memory which was ever written to. */
#define PIECE_BYTES 4096u
#define KEEP_BYTES 1024u /* a buffer up to this size is kept while there is nothing to do; bigger ones are freed */

enum phase {
    OPEN,
    FLUSHING, /* line_close with flush: FRAME_END is queued or sent; what arrives is dropped */
    ENDED     /* the stream is closed; `closed` follows when nothing is under way */
};

struct line_connection {
    struct connection base;
    struct charge charge;
    struct transport_handler handler;
    void *user;
    nng_stream *stream;
    nng_aio *receive_aio, *send_aio;
    bool dialled;
    char peer[TRANSPORT_PEER_SIZE];

    nng_mtx *lock; /* guards what follows */
    enum phase phase;
    struct err reason;
    bool running;           /* somebody runs the callbacks */
    bool told;              /* `closed` was called */
    int64_t deadline, look; /* times by the clerk; DUE_NEVER: none */
    int64_t waiting_since;  /* when the receive under way was started */

    bool receiving, paused;
    bool nudged;  /* what is under way is no receive: see `nudge` */
    bool hungry;  /* to receive when that has come back */
    bool ready;   /* a whole message is there */
    bool choked;  /* not reading until the other side takes what it was sent */
    bool resumed; /* transport_resume came while `message` ran */
    bool heard;   /* a byte arrived: the handshake is over */
    struct framing framing;

    bool sending, drained;
    struct buf line, queue; /* being sent, and what came since: it goes out in one piece after it */
    size_t sent;            /* of `line` */
};

static struct line_connection *of(struct connection *base) { return (struct line_connection *)base; }

/* ---- ending; all with the lock held ---- */

/* Makes a callback of nng's come although nothing is under way: callbacks may not be run by who calls in. */
static void make_callback_come(struct line_connection *c) {
    c->sending = true;
    if (nng_aio_begin(c->send_aio)) nng_aio_finish(c->send_aio, 0);
}

static void end(struct line_connection *c, int code, const char *why) {
    if (c->phase == ENDED) return;
    if (c->phase == FLUSHING && code != ERR_TIMEOUT) {
        code = ERR_CLOSED;
        why = "closed by this side";
    }
    c->phase = ENDED;
    err_set(&c->reason, code, NULL, "%s", why);
    nng_stream_close(c->stream);
    if (!c->running && !c->receiving && !c->sending) make_callback_come(c);
}

/* The end that nng reports. Of a certificate it says no more than whether it was accepted. */
static void end_by_line(struct line_connection *c, int rc) {
    bool verified = true;
    if (c->dialled && !c->heard) nng_stream_get_bool(c->stream, NNG_OPT_TLS_VERIFIED, &verified);
    if (nng_code(rc) != ERR_AUTH)
        end(c, ERR_CLOSED, "the other side is gone");
    else if (c->heard)
        end(c, ERR_AUTH, "what arrived was changed on the way");
    else if (verified)
        end(c, ERR_AUTH, "the TLS handshake failed");
    else
        end(c, ERR_AUTH,
            "the other side's certificate is not the one expected: not of this region's authority, not for this "
            "server name, or not valid at this time");
}

/* ---- time; all with the lock held ---- */

static void set_clock(struct line_connection *c) {
    charge_due(&c->charge, c->look < c->deadline ? c->look : c->deadline);
}

static void set_deadline(struct line_connection *c, int64_t ms) {
    c->deadline = ms > 0 ? clerk_in(c->charge.clerk, ms) : DUE_NEVER;
    set_clock(c);
}

/* A receive was started. The clerk is not asked each time: most receives are long complete when it looks. */
static void plan_look(struct line_connection *c) {
    c->waiting_since = clerk_in(c->charge.clerk, 0);
    if (c->look <= c->waiting_since + LOOK_SOON_MS) return;
    c->look = c->waiting_since + LOOK_SOON_MS;
    set_clock(c);
}

/* Is there still a line under the receive that waits? A closed socket has no peer. */
static void look_after(struct line_connection *c, int64_t now) {
    nng_sockaddr peer;
    c->look = DUE_NEVER;
    if (!c->receiving) return;
    if (now < c->waiting_since + LOOK_SOON_MS)
        c->look = c->waiting_since + LOOK_SOON_MS;
    else if (nng_stream_get_addr(c->stream, NNG_OPT_REMADDR, &peer) != 0)
        end(c, ERR_CLOSED, "the other side is gone");
    else if (now < c->waiting_since + LOOK_AGAIN_MS)
        c->look = c->waiting_since + LOOK_AGAIN_MS;
}

/* ---- receiving; all with the lock held ---- */

static void receive_more(struct line_connection *c) {
    if (c->phase == ENDED) return;
    c->hungry = c->receiving;
    if (c->receiving) return;
    nng_iov iov;
    iov.iov_buf = framing_room(&c->framing, &iov.iov_len);
    nng_must(nng_aio_set_iov(c->receive_aio, 1, &iov));
    c->receiving = true;
    nng_stream_recv(c->stream, c->receive_aio);
    plan_look(c);
}

/* What came, by the framing. */
static void take_state(struct line_connection *c, int state, const struct err *err) {
    switch (state) {
    case FRAMING_MORE: receive_more(c); return;
    case FRAMING_WHOLE: c->ready = true; return;
    case FRAMING_END: end(c, ERR_CLOSED, "closed by the other side"); return;
    default: end(c, err->code, err->text); return;
    }
}

static void next_message(struct line_connection *c) {
    struct err err;
    if (c->phase != ENDED) take_state(c, framing_next(&c->framing, &err), &err);
}

static void received(struct line_connection *c, size_t count) {
    struct err err;
    c->heard = true;
    if (count == 0)
        end_by_line(c, NNG_ECONNSHUT);
    else
        take_state(c, framing_arrived(&c->framing, count, &err), &err);
}

/* The next message was there already when somebody let it be read: it is told by a callback of nng's. */
static void nudge(struct line_connection *c) {
    if (!c->ready || c->running || c->receiving || c->phase == ENDED) return;
    c->receiving = c->nudged = true;
    if (nng_aio_begin(c->receive_aio)) nng_aio_finish(c->receive_aio, 0);
}

static void nudge_done(struct line_connection *c) {
    c->nudged = false;
    if (c->hungry) receive_more(c);
}

/* ---- sending; all with the lock held ---- */

static void drop_buffer(struct buf *b) {
    if (b->cap > KEEP_BYTES)
        buf_release(b);
    else
        buf_clear(b);
}

static void send_more(struct line_connection *c) {
    if (c->phase == ENDED || c->sending) return;
    if (c->sent == c->line.len) {
        struct buf empty = c->line;
        drop_buffer(&empty);
        c->line = c->queue;
        c->queue = empty;
        c->sent = 0;
    }
    if (c->line.len == 0) return;
    size_t rest = c->line.len - c->sent;
    nng_iov iov = {c->line.data + c->sent, c->dialled || rest < PIECE_BYTES ? rest : PIECE_BYTES};
    nng_must(nng_aio_set_iov(c->send_aio, 1, &iov));
    c->sending = true;
    nng_stream_send(c->stream, c->send_aio);
}

static void queue_header(struct line_connection *c, uint32_t length) {
    uint8_t header[FRAME_HEADER];
    put_u32_be(header, length);
    buf_append(&c->queue, header, sizeof header);
}

static size_t waiting(const struct line_connection *c) { return c->line.len - c->sent + c->queue.len; }

/* Answers to one who reads nothing would gather without end. Only the side that accepted does so: two that wait for
 * each other would wait for ever. */
static void unchoke(struct line_connection *c) {
    c->choked = false;
    next_message(c);
}

/* ---- the callbacks, one at a time; with the lock held but for the calls ---- */

static void tell_message(struct line_connection *c) {
    bool more = true;
    c->ready = false;
    c->resumed = false;
    if (c->phase == OPEN) {
        struct view bytes = framing_message(&c->framing);
        nng_mtx_unlock(c->lock);
        more = c->handler.message(c->user, &c->base, bytes);
        nng_mtx_lock(c->lock);
    }
    if (!more && !c->resumed && c->phase == OPEN)
        c->paused = true;
    else if (c->phase == OPEN && !c->dialled && waiting(c) > UNREAD_BYTES)
        c->choked = true;
    else
        next_message(c);
}

static void tell_drained(struct line_connection *c) {
    c->drained = false;
    if (c->handler.drained == NULL || c->phase != OPEN) return;
    nng_mtx_unlock(c->lock);
    c->handler.drained(c->user, &c->base);
    nng_mtx_lock(c->lock);
}

static void tell_closed(struct line_connection *c) {
    nng_mtx_unlock(c->lock);
    c->handler.closed(c->user, &c->base, &c->reason);
    nng_mtx_lock(c->lock);
    c->told = true;
}

static void tell_all(struct line_connection *c) {
    while (c->phase != ENDED && (c->ready || c->drained)) {
        if (c->ready)
            tell_message(c);
        else
            tell_drained(c);
    }
    if (c->phase == ENDED && !c->receiving && !c->sending && !c->told) tell_closed(c);
}

/* Lets go of the lock. Afterwards the connection may be gone. */
static void leave(struct line_connection *c) {
    bool over = false;
    if (!c->running) {
        c->running = true;
        tell_all(c);
        c->running = false;
        over = c->told;
    }
    nng_mtx_unlock(c->lock);
    if (over) charge_end(&c->charge);
}

static void receive_done(void *argument) {
    struct line_connection *c = argument;
    nng_mtx_lock(c->lock);
    c->receiving = false;
    int rc = nng_aio_result(c->receive_aio);
    if (c->nudged)
        nudge_done(c);
    else if (c->phase != ENDED && rc != 0)
        end_by_line(c, rc);
    else if (c->phase != ENDED)
        received(c, nng_aio_count(c->receive_aio));
    leave(c);
}

static void send_done(void *argument) {
    struct line_connection *c = argument;
    nng_mtx_lock(c->lock);
    c->sending = false;
    int rc = nng_aio_result(c->send_aio);
    if (c->phase != ENDED && rc != 0) {
        end_by_line(c, rc);
    } else if (c->phase != ENDED) {
        c->sent += nng_aio_count(c->send_aio);
        send_more(c);
        c->drained = !c->sending;
        if (c->choked && waiting(c) <= UNREAD_BYTES) unchoke(c);
    }
    leave(c);
}

/* ---- what the clerk asks ---- */

static void connection_due(void *owner) {
    struct line_connection *c = owner;
    nng_mtx_lock(c->lock);
    int64_t now = clerk_in(c->charge.clerk, 0);
    if (c->deadline <= now)
        end(c, ERR_TIMEOUT,
            c->phase == FLUSHING ? "the other side did not take the rest in time" : "no answer in time");
    if (c->phase != ENDED && c->look <= now) look_after(c, now);
    if (c->phase != ENDED) set_clock(c);
    nng_mtx_unlock(c->lock);
}

static void connection_close(void *owner) { line_close(owner, false); }

static void connection_free(void *owner) {
    struct line_connection *c = owner;
    nng_aio_stop(c->receive_aio);
    nng_aio_stop(c->send_aio);
    nng_stream_free(c->stream);
    nng_aio_free(c->receive_aio);
    nng_aio_free(c->send_aio);
    nng_mtx_free(c->lock);
    buf_release(&c->line);
    buf_release(&c->queue);
    framing_release(&c->framing);
    free(c);
}

/* ---- the port's functions ---- */

bool connection_adopt(struct line_transport *t, nng_stream *stream, const struct transport_handler *handler,
                      bool dialled) {
    static const struct charge_ops charge_ops = {connection_due, connection_close, connection_free};
    struct line_connection *c = mem_alloc(sizeof *c);
    nng_sockaddr peer = {.s_family = NNG_AF_UNSPEC};
    c->base.transport = &t->base;
    c->handler = *handler;
    c->stream = stream;
    c->dialled = dialled;
    framing_init(&c->framing, TRANSPORT_LIMIT_AT_FIRST);
    c->deadline = c->look = DUE_NEVER;
    nng_must(nng_mtx_alloc(&c->lock));
    nng_must(nng_aio_alloc(&c->receive_aio, receive_done, c));
    nng_must(nng_aio_alloc(&c->send_aio, send_done, c));
    nng_stream_get_addr(stream, NNG_OPT_REMADDR, &peer);
    nng_address_text(&peer, c->peer);
    c->running = true; /* until `opened` has returned nothing else is told, and nothing started before the receive */
    c->sending = true;
    if (!charge_begin(&c->charge, &t->clerk, &charge_ops, c)) {
        nng_stream_close(stream);
        connection_free(c);
        return false;
    }
    c->user = handler->opened(handler->context, &c->base);
    nng_mtx_lock(c->lock);
    if (c->user == NULL) {
        c->told = true;
        end(c, ERR_REFUSED, "refused by this side");
    }
    c->running = false;
    c->sending = false;
    receive_more(c);
    send_more(c);
    leave(c);
    return true;
}

int line_send(struct connection *base, struct view message) {
    struct line_connection *c = of(base);
    int rc = ERR_CLOSED;
    nng_mtx_lock(c->lock);
    if (c->phase == OPEN && message.len + FRAME_HEADER > TRANSPORT_QUEUE_MAX - waiting(c)) {
        rc = ERR_LIMIT;
        end(c, rc, "the other side takes too little of what is sent");
    } else if (c->phase == OPEN) {
        rc = 0;
        c->drained = false;
        queue_header(c, (uint32_t)message.len);
        buf_append_view(&c->queue, message);
        send_more(c);
    }
    nng_mtx_unlock(c->lock);
    return rc;
}

/* While `message` runs the message's bytes are still in use: reading on is left to tell_message. */
static void resume(struct line_connection *c) {
    c->resumed = true;
    if (!c->paused) return;
    c->paused = false;
    next_message(c);
}

void line_resume(struct connection *base) {
    struct line_connection *c = of(base);
    nng_mtx_lock(c->lock);
    resume(c);
    nudge(c);
    nng_mtx_unlock(c->lock);
}

void line_limit(struct connection *base, uint32_t largest_message) {
    struct line_connection *c = of(base);
    nng_mtx_lock(c->lock);
    c->framing.limit = largest_message < FRAME_END ? largest_message : FRAME_END - 1;
    nng_mtx_unlock(c->lock);
}

void line_deadline(struct connection *base, int64_t ms) {
    struct line_connection *c = of(base);
    nng_mtx_lock(c->lock);
    if (c->phase == OPEN) set_deadline(c, ms);
    nng_mtx_unlock(c->lock);
}

void line_close(struct connection *base, bool flush) {
    struct line_connection *c = of(base);
    nng_mtx_lock(c->lock);
    if (!flush) {
        end(c, ERR_CLOSED, "closed by this side");
    } else if (c->phase == OPEN) {
        c->phase = FLUSHING;
        set_deadline(c, TRANSPORT_FLUSH_MS);
        queue_header(c, FRAME_END);
        send_more(c);
        resume(c);
        if (c->choked) unchoke(c);
        nudge(c);
    }
    nng_mtx_unlock(c->lock);
}

const char *line_peer(struct connection *base) { return of(base)->peer; }
