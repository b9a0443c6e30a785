/* What the files of this room share; nobody outside includes it. */
#ifndef DANGOL_PROTO_API_API_PARTS_H
#define DANGOL_PROTO_API_API_PARTS_H

#include "proto/api/api.h"
#include "proto/api/kept.h"
#include "proto/api/once.h"
#include "proto/api/turned.h"
#include "proto/api/wording.h"
#include "proto/http/misses.h"
#include "proto/http/server.h"

struct changes;

struct api {
    struct inside inside;
    const struct journal *journal;
    struct http_assets assets;
    struct http_server *server;
    struct http_service service;
    struct guard *guard;
    struct misses *misses;
    struct turned *turned;
    struct once *once;
    struct kept *kept;
    struct changes *changes;
    struct buf policy;     /* of content */
    atomic_bool cancelled; /* everything ends */
    int cancel_fd;         /* readable from then on */
    uint64_t run;          /* a number of this run: what was true of another is not compared */
};

/* What is known of a request since its head was read: request->data. */
struct turn {
    const struct route *route; /* NULL: a page */
    bool signed_in, by_cookie;
    struct identity who;
};

/* The status that tells an error of a command's. */
int api_status(int code);
void api_refuse(struct http_answer *answer, const struct err *err);
/* A JSON document as the answer; takes the reference. */
void api_json(struct http_answer *answer, int status, json_t *document);

/* The route's command as the answer. */
void api_command(struct api *api, struct http_request *request, struct http_answer *answer);
/* Runs words on streams in memory, whose bufs are the caller's; the exit status. Of the call only its error is left. */
struct run_asks { /* of the call; any may be NULL */
    struct page *page;
    struct grounds *grounds;
    const char *bound;
};
int api_run(struct api *api, const struct run_asks *asks, const struct wording *words, struct call *call,
            struct memory_streams *streams);

/* Records a look. False: it cannot be, and the answer says so. */
bool api_note(struct api *api, const struct http_request *request, const uint64_t *ids, size_t count,
              enum look_outcome outcome, struct http_answer *answer);

/* The value of the session's cookie; VIEW_NONE. */
struct view api_cookie(const struct api *api, const struct http_request *request);
/* Browsers keep one cookie a name for all ports of a host: so that a store's app and the hub's do not sign each other
 * out on one PC, the name says the port. */
#define API_COOKIE_SIZE 32
void api_cookie_name(const struct api *api, const struct http_request *request, char out[API_COOKIE_SIZE]);

struct changes *changes_open(struct api *api);
void changes_close(struct changes *changes);

#endif
