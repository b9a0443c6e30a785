/* The HTTP server: sockets, TLS, bounds and threads, over libmicrohttpd (server_mhd.c).
 *
 * A request goes through three doors. `begin`: its head is read, and the service decides whether it may go on, how much
 * body it may have and which lane answers it. Then the body, counted as it comes. `answer`: everything is there.
 *
 * What a stranger can do is bounded: the head to 8 KiB, the body to what `begin` allows, how long either may take
 * (links_os.h), connections, requests that wait, streams of events, and failed requests by address (misses.h). So is
 * what whoever may ask makes the server hold: answers are made whole before they are sent, so that nobody who reads
 * slowly holds up a thread; while long ones wait to be read that come to `held_most`, no more lists are made. While
 * large bodies come to `taken_most`, no more of another one is taken; small ones always are.
 *
 * Threads: `begin` and quick answers run on the server's threads, others on those of their lane, all at once;
 * http_publish may be called from any thread. http_close waits for all of them: the service sees to it that what it is
 * at then ends soon. Ownership: options, service and assets outlive the server. */
#ifndef DANGOL_PROTO_HTTP_SERVER_H
#define DANGOL_PROTO_HTTP_SERVER_H

#include "proto/base/env.h"
#include "proto/http/http.h"

struct http_service {
    void *context;
    /* True: go on. False: the answer is there already, and no body is read. */
    bool (*begin)(void *context, struct http_request *request, struct http_answer *answer);
    void (*answer)(void *context, struct http_request *request, struct http_answer *answer);
    /* The server has answered itself, with this status: the address is none, or the body is too large. The request's
     * `data` is there if `begin` was asked. */
    void (*refused)(void *context, const struct http_request *request, int status);
    /* The request is over, or its stream of events; after either of the others, and also without them. */
    void (*end)(void *context, struct http_request *request);
    /* May this stream of events go on? Asked by http_review. */
    bool (*stays)(void *context, const struct http_request *request);
    /* Is this event for whoever asked for this stream? Asked by http_publish. */
    bool (*told)(void *context, const struct http_request *request, const char *event);
};

struct http_options {
    const char *host;              /* an address of this machine, or a name of one; "" all */
    uint16_t port;                 /* 0: any that is free */
    const char *key, *certificate; /* PEM, until http_open returns; NULL: no TLS */
    const struct env *env;
    const char *policy; /* Content-Security-Policy of the pages */
    size_t held_most;   /* bytes of long answers; 0: HTTP_HELD_MOST */
    size_t taken_most;  /* bytes of large bodies that are being sent; 0: HTTP_TAKEN_MOST */
};

#define HTTP_URL_SIZE 96
#define HTTP_STREAMS_MAX 256
#define HTTP_HELD_MOST ((size_t)512 << 20)
#define HTTP_TAKEN_MOST ((size_t)256 << 20)

struct http_server;
/* ERR_BUSY: the port is taken. */
int http_open(const struct http_options *options, const struct http_service *service, struct http_server **out,
              struct err *err);
const char *http_url(const struct http_server *server); /* "http://127.0.0.1:7790" */
void http_close(struct http_server *server);            /* NULL is fine */

/* To all who listen and may be told: an event and its data, one line each. A stream that does not take them is given
 * up. */
void http_publish(struct http_server *server, const char *event, const char *data);
/* Ends the streams that may not go on. */
void http_review(struct http_server *server);
/* A sign of life to each, so that what lies between does not cut a quiet stream off. */
void http_beat(struct http_server *server);
size_t http_streams(struct http_server *server);
/* Of those whom `is` means. */
size_t http_streams_of(struct http_server *server, bool (*is)(const void *context, const struct http_request *request),
                       const void *context);

/* Is it an address that only this machine reaches? */
bool http_loopback(const char *host);

#endif
