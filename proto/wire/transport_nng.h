/* Inside of the transport's nng form, shared by its files:
 *     transport_nng.c   opening, TLS, closing; what nng's errors mean
 *     endpoint_nng.c    listening and dialling: where connections come from
 *     connection_nng.c  a connection's life
 *     clerk_nng.c       deadlines and freeing
 * Nobody else includes this. */
#ifndef DANGOL_PROTO_WIRE_TRANSPORT_NNG_H
#define DANGOL_PROTO_WIRE_TRANSPORT_NNG_H

#include "proto/wire/clerk_nng.h"
#include "proto/wire/transport.h"

#include <nng/nng.h>
#include <nng/supplemental/tls/tls.h>

struct line_transport {
    struct transport base;
    struct clerk clerk;
    bool tls;
    nng_tls_config *client; /* NULL: cannot dial over TLS */
    nng_tls_config *server; /* NULL: cannot listen over TLS */
};

/* Takes the stream. `opened` has returned when this does. False: the transport is closing; `opened` was not called. */
bool connection_adopt(struct line_transport *t, nng_stream *stream, const struct transport_handler *handler,
                      bool dialled);

int line_send(struct connection *base, struct view message);
void line_resume(struct connection *base);
void line_limit(struct connection *base, uint32_t largest_message);
void line_deadline(struct connection *base, int64_t ms);
void line_close(struct connection *base, bool flush);
const char *line_peer(struct connection *base);

int line_listen(struct transport *base, const char *address, const struct transport_handler *handler, char *bound,
                struct err *err);
int line_dial(struct transport *base, const char *address, const struct transport_handler *handler,
              void (*dial_failed)(void *context, const struct err *err), struct err *err);

/* One of our codes for an error of nng's, and words for a person. */
int nng_code(int rc);
const char *nng_words(int rc);
/* "ADDRESS:PORT", into TRANSPORT_PEER_SIZE bytes. */
void nng_address_text(const nng_sockaddr *address, char *out);

#endif
