/* A request and its answer, as everybody but the library sees them.
 *
 * server_mhd.c fills a request and hands it to a service (server.h); the service fills the answer. Neither knows
 * sockets. Ownership: a request is the server's, and borrowed by the service until the answer is made; the answer's
 * body and headers go to the server. Thread: an exchange belongs to one thread at a time. */
#ifndef DANGOL_PROTO_HTTP_HTTP_H
#define DANGOL_PROTO_HTTP_HTTP_H

#include "proto/base/bytes.h"
#include "proto/http/target.h"

enum http_method { HTTP_GET, HTTP_POST, HTTP_PUT, HTTP_PATCH, HTTP_DELETE, HTTP_OTHER };
const char *http_method_name(enum http_method method);
enum http_method http_method_of(const char *name); /* HEAD is a GET whose body is not sent */

/* The headers that anything here looks at. X(name, as written) */
#define HTTP_HEADERS(X)                                                                                                \
    X(AUTHORIZATION, "Authorization")                                                                                  \
    X(COOKIE, "Cookie")                                                                                                \
    X(CONTENT_TYPE, "Content-Type")                                                                                    \
    X(CONTENT_ENCODING, "Content-Encoding")                                                                            \
    X(CONTENT_LENGTH, "Content-Length")                                                                                \
    X(TRANSFER_ENCODING, "Transfer-Encoding")                                                                          \
    X(ACCEPT, "Accept")                                                                                                \
    X(ACCEPT_ENCODING, "Accept-Encoding")                                                                              \
    X(IF_NONE_MATCH, "If-None-Match")                                                                                  \
    X(IDEMPOTENCY_KEY, "Idempotency-Key")                                                                              \
    X(ORIGIN, "Origin")                                                                                                \
    X(HOST, "Host")                                                                                                    \
    X(FETCH_SITE, "Sec-Fetch-Site")                                                                                    \
    X(UNATTENDED, "Dangol-Unattended")
enum http_header {
#define HTTP_HEADER_OF(name, text) HTTP_HEADER_##name,
    HTTP_HEADERS(HTTP_HEADER_OF)
#undef HTTP_HEADER_OF
        HTTP_HEADER_COUNT
};
const char *http_header_name(enum http_header header);

/* Who does the work of an answer. What is quick is done where the request was read; what waits for the disk, counts for
 * seconds or works on a password would hold up the other connections of that thread, so each of these has threads of
 * its own, and none can take those of another. */
enum http_lane { HTTP_QUICK, HTTP_ACTS, HTTP_LASTS, HTTP_SIGNS, HTTP_LANES };

#define HTTP_ADDRESS_SIZE 64
struct http_request {
    enum http_method method;
    struct http_target target;
    const char *headers[HTTP_HEADER_COUNT]; /* NULL: not sent */
    char address[HTTP_ADDRESS_SIZE];        /* of the client, without its port */
    bool tls;
    struct buf body;

    /* The service's to set in `begin`. */
    size_t body_limit;   /* more is refused; 0: no body is read at all */
    enum http_lane lane; /* of the answer */
    void *data;          /* its own, released by service->end */
};

#define HTTP_ANSWER_HEADERS 8
struct http_answer {
    int status;
    const char *type;     /* of the body; a literal */
    struct buf body;      /* goes to the server */
    struct view fixed;    /* instead: bytes that outlive the server */
    const char *encoding; /* how they are packed already; NULL: the server may pack them */
    struct {
        const char *name; /* a literal */
        char *value;      /* owned */
    } headers[HTTP_ANSWER_HEADERS];
    size_t header_count;
    bool page;    /* or part of one: a browser is to run it, within the policy of http_options */
    bool private; /* not to be kept by anybody on the way, nor by the browser */
    bool events;  /* no body: server-sent events follow, see http_publish */
};

void http_answer_header(struct http_answer *answer, const char *name, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
/* The same of a text as it stands. */
void http_answer_put(struct http_answer *answer, const char *name, const char *value);
void http_answer_release(struct http_answer *answer);

/* RFC 9457: what is wrong, as JSON. `field` NULL or "": no one field is at fault. The text is for people. */
void http_problem(struct http_answer *answer, int status, const char *code, const char *field, const char *detail);
const char *http_reason(int status);

/* Is the value of a Content-Type this one, with or without parameters, and nothing else beside it? */
bool http_is_type(const char *value, const char *type);
/* Does a list like "a/b, c/d;q=0.5, gzip" name this, with a quality above 0? A missing list names nothing. */
bool http_names(const char *list, const char *name);

#endif
