#include "proto/wire/transport_nng.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#define ACCEPT_AGAIN_MS 100 /* after accepting failed, mostly for want of file descriptors */

/* nng's URL for an address. `family`: "" takes the first address of either, "4" and "6" of one. */
static void make_url(const struct line_transport *t, const char *family, const char *host, uint16_t port,
                     struct buf *out) {
    bool literal = strchr(host, ':') != NULL;
    buf_printf(out, "%stcp%s://%s%s%s:%u", t->tls ? "tls+" : "", family, literal ? "[" : "", host, literal ? "]" : "",
               (unsigned)port);
}

/* ---- listening ---- */

struct line_listener {
    struct charge charge;
    struct line_transport *transport;
    struct transport_handler handler;
    nng_stream_listener *listener;
    nng_aio *accepting;
};

/* The next one is asked for before this one is looked at: many may be waiting. */
static void accept_done(void *argument) {
    struct line_listener *l = argument;
    int rc = nng_aio_result(l->accepting);
    if (rc == NNG_ECLOSED) {
        charge_end(&l->charge);
    } else if (rc != 0) {
        charge_due(&l->charge, clerk_in(l->charge.clerk, ACCEPT_AGAIN_MS));
    } else {
        nng_stream *stream = nng_aio_get_output(l->accepting, 0);
        nng_stream_listener_accept(l->listener, l->accepting);
        connection_adopt(l->transport, stream, &l->handler, false);
    }
}

static void listener_due(void *owner) {
    struct line_listener *l = owner;
    nng_stream_listener_accept(l->listener, l->accepting);
}

/* What is being accepted then ends with NNG_ECLOSED, and so does what is tried again later. Cancelling would not do:
 * in nng 1.5.2 that can touch a TLS stream already freed. */
static void listener_close(void *owner) {
    struct line_listener *l = owner;
    nng_stream_listener_close(l->listener);
}

static void listener_free(void *owner) {
    struct line_listener *l = owner;
    nng_aio_stop(l->accepting);
    nng_aio_free(l->accepting);
    nng_stream_listener_free(l->listener);
    free(l);
}

static int listener_start(struct line_transport *t, const char *url, nng_stream_listener **out) {
    int rc = nng_stream_listener_alloc(out, url);
    if (rc != 0) return rc;
    rc = nng_stream_listener_set_bool(*out, NNG_OPT_TCP_NODELAY, true);
    if (rc == 0 && t->tls) rc = nng_stream_listener_set_ptr(*out, NNG_OPT_TLS_CONFIG, t->server);
    if (rc == 0) rc = nng_stream_listener_listen(*out);
    if (rc != 0) nng_stream_listener_free(*out);
    return rc;
}

static void tell_bound(nng_stream_listener *listener, char *bound) {
    nng_sockaddr address = {.s_family = NNG_AF_UNSPEC};
    nng_stream_listener_get_addr(listener, NNG_OPT_LOCADDR, &address);
    nng_address_text(&address, bound);
}

int line_listen(struct transport *base, const char *address, const struct transport_handler *handler, char *bound,
                struct err *err) {
    static const struct charge_ops charge_ops = {listener_due, listener_close, listener_free};
    struct line_transport *t = (struct line_transport *)base;
    char host[TRANSPORT_HOST_SIZE];
    uint16_t port;
    int rc = transport_address_split(address, host, &port, err);
    if (rc != 0) return rc;
    if (t->tls && t->server == NULL)
        return err_set(err, ERR_INVALID, NULL, "listening over TLS needs a key and a certificate");
    struct buf url = BUF_INIT;
    make_url(t, "", host, port, &url);
    nng_stream_listener *listener;
    rc = listener_start(t, buf_text(&url), &listener);
    buf_release(&url);
    if (rc != 0) return err_set(err, nng_code(rc), "address", "cannot listen on %s: %s", address, nng_words(rc));
    if (bound != NULL) tell_bound(listener, bound);
    struct line_listener *l = mem_alloc(sizeof *l);
    l->transport = t;
    l->handler = *handler;
    l->listener = listener;
    nng_must(nng_aio_alloc(&l->accepting, accept_done, l));
    if (!charge_begin(&l->charge, &t->clerk, &charge_ops, l)) {
        listener_free(l);
        return err_set(err, ERR_CLOSED, NULL, "the transport is shutting down");
    }
    nng_stream_listener_accept(listener, l->accepting);
    return 0;
}

/* ---- dialling ---- */

/* nng takes the first address of a name only, so a name with two kinds of them ("localhost") is tried as both. */
#define DIAL_WAYS 2

struct line_dial {
    struct charge charge;
    struct line_transport *transport;
    struct transport_handler handler;
    void (*failed)(void *context, const struct err *err);
    char *address;
    nng_stream_dialer *dialers[DIAL_WAYS];
    unsigned way;
    int errors[DIAL_WAYS];
    nng_aio *dialling;
    atomic_int given_up; /* 0, or the error why the clerk closed the dialers */
};

static bool unresolved(int rc) {
    return rc != NNG_ECONNREFUSED && rc != NNG_EUNREACHABLE && rc != NNG_ETIMEDOUT && rc != NNG_ECONNRESET;
}

static void dial_tell(struct line_dial *d) {
    struct err err = {0};
    int given_up = atomic_load(&d->given_up);
    int rc = unresolved(d->errors[1]) ? d->errors[0] : d->errors[1];
    if (given_up == ERR_CLOSED)
        err_set(&err, given_up, NULL, "the transport is shutting down");
    else if (given_up == ERR_TIMEOUT)
        err_set(&err, given_up, "address", "cannot reach %s: %s", d->address, nng_words(NNG_ETIMEDOUT));
    else
        err_set(&err, nng_code(rc), "address", "cannot reach %s: %s", d->address, nng_words(rc));
    d->failed(d->handler.context, &err);
}

static void dial_done(void *argument) {
    struct line_dial *d = argument;
    int rc = nng_aio_result(d->dialling);
    if (rc == 0) {
        nng_stream *stream = nng_aio_get_output(d->dialling, 0);
        if (!connection_adopt(d->transport, stream, &d->handler, true)) {
            atomic_store(&d->given_up, ERR_CLOSED);
            dial_tell(d);
        }
        charge_end(&d->charge);
        return;
    }
    d->errors[d->way] = rc;
    if (++d->way < DIAL_WAYS) {
        nng_stream_dialer_dial(d->dialers[d->way], d->dialling);
        return;
    }
    dial_tell(d);
    charge_end(&d->charge);
}

/* Closing is what ends an attempt at once, whether it resolves a name or connects; see listener_close. */
static void dial_give_up(struct line_dial *d, int why) {
    int none = 0;
    atomic_compare_exchange_strong(&d->given_up, &none, why);
    for (unsigned i = 0; i < DIAL_WAYS; i++) nng_stream_dialer_close(d->dialers[i]);
}

static void dial_due(void *owner) { dial_give_up(owner, ERR_TIMEOUT); }

static void dial_close(void *owner) { dial_give_up(owner, ERR_CLOSED); }

static void dial_free(void *owner) {
    struct line_dial *d = owner;
    nng_aio_stop(d->dialling);
    nng_aio_free(d->dialling);
    for (unsigned i = 0; i < DIAL_WAYS; i++) {
        if (d->dialers[i] != NULL) nng_stream_dialer_free(d->dialers[i]);
    }
    free(d->address);
    free(d);
}

static int dialer_make(const struct line_transport *t, const char *family, const char *host, uint16_t port,
                       nng_stream_dialer **out) {
    struct buf url = BUF_INIT;
    make_url(t, family, host, port, &url);
    int rc = nng_stream_dialer_alloc(out, buf_text(&url));
    buf_release(&url);
    if (rc == 0) rc = nng_stream_dialer_set_bool(*out, NNG_OPT_TCP_NODELAY, true);
    if (rc == 0 && t->tls) rc = nng_stream_dialer_set_ptr(*out, NNG_OPT_TLS_CONFIG, t->client);
    return rc;
}

int line_dial(struct transport *base, const char *address, const struct transport_handler *handler,
              void (*dial_failed)(void *context, const struct err *err), struct err *err) {
    static const struct charge_ops charge_ops = {dial_due, dial_close, dial_free};
    static const char *const families[DIAL_WAYS] = {"4", "6"};
    struct line_transport *t = (struct line_transport *)base;
    char host[TRANSPORT_HOST_SIZE];
    uint16_t port;
    int rc = transport_address_split(address, host, &port, err);
    if (rc != 0) return rc;
    if (host[0] == '\0' || port == 0)
        return err_set(err, ERR_INVALID, "address", "\"%s\" cannot be dialled; it needs a host and a port", address);
    if (t->tls && t->client == NULL)
        return err_set(err, ERR_INVALID, NULL, "dialling over TLS needs the certificate of the region's authority");
    struct line_dial *d = mem_alloc(sizeof *d);
    d->transport = t;
    d->handler = *handler;
    d->failed = dial_failed;
    d->address = mem_text(address);
    nng_must(nng_aio_alloc(&d->dialling, dial_done, d));
    for (unsigned i = 0; i < DIAL_WAYS && rc == 0; i++) rc = dialer_make(t, families[i], host, port, &d->dialers[i]);
    if (rc != 0)
        rc = err_set(err, nng_code(rc), "address", "cannot dial %s: %s", address, nng_words(rc));
    else if (!charge_begin(&d->charge, &t->clerk, &charge_ops, d))
        rc = err_set(err, ERR_CLOSED, NULL, "the transport is shutting down");
    if (rc != 0) {
        dial_free(d);
        return rc;
    }
    charge_due(&d->charge, clerk_in(&t->clerk, TRANSPORT_DIAL_MS));
    nng_stream_dialer_dial(d->dialers[0], d->dialling);
    return 0;
}
