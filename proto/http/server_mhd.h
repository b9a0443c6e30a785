/* What the parts of the server share: its files are server_mhd.c (opening, reading), send_mhd.c (answers) and
 * streams_mhd.c (server-sent events). Nobody else includes it. */
#ifndef DANGOL_PROTO_HTTP_SERVER_MHD_H
#define DANGOL_PROTO_HTTP_SERVER_MHD_H

#include <microhttpd.h>
#include <stdatomic.h>

#include "proto/base/threads.h"
#include "proto/http/links_os.h"
#include "proto/http/pool.h"
#include "proto/http/server.h"

struct exchange;

/* One who listens for events. Under the server's `streams.lock`. */
struct stream {
    struct stream *next, *previous; /* NULL: not in the list any more */
    struct http_server *server;
    struct exchange *exchange; /* NULL: over */
    struct buf pending;
    bool asleep;   /* suspended, until there is something to send */
    bool given_up; /* what it was sent it did not take */
};

struct http_server {
    const struct http_service *service;
    const char *policy;
    struct MHD_Daemon *daemon;
    struct links *links;
    struct pool *pools[HTTP_LANES]; /* none of HTTP_QUICK */
    _Atomic size_t held;            /* bytes of long answers that are being sent */
    size_t held_most;
    _Atomic size_t taken; /* bytes of large bodies that were sent so far */
    size_t taken_most;
    char url[HTTP_URL_SIZE];
    bool tls;
    struct {
        struct mutex lock;
        struct stream all; /* the list's head */
        size_t count;
        bool closing;
    } streams;
};

enum stage {
    STAGE_HEAD,  /* the head is there */
    STAGE_BODY,  /* the body is coming */
    STAGE_WORK,  /* somebody else makes the answer */
    STAGE_READY, /* it is made */
    STAGE_SENT
};

/* A request on its way. */
struct exchange {
    struct http_server *server;
    struct MHD_Connection *connection;
    struct link *link;
    enum stage stage;
    char *raw;        /* the address as sent */
    size_t announced; /* Content-Length */
    size_t drained;   /* of a body that is too large; more than 0: it is */
    size_t taken;     /* of the body, as the server counts it */
    bool crowded;     /* it was not too large, but with the others it was */
    bool has_body;    /* as its head says */
    bool odd;         /* its head can be read in more than one way */
    bool admitted;    /* `begin` was asked: so `end` will be told */
    size_t held;      /* of the answer, when it is a long one */
    struct stream *stream;
    struct http_request request;
    struct http_answer answer;
};

/* Queues the answer; the exchange is over then but for its bytes. */
enum MHD_Result exchange_send(struct exchange *x);
/* Makes the response that goes on for as long as events come; NULL: too many listen already. */
struct MHD_Response *stream_open(struct exchange *x);
void stream_over(struct exchange *x);
void feeds_open(struct http_server *server);
void feeds_end(struct http_server *server);
void feeds_release(struct http_server *server);

#endif
