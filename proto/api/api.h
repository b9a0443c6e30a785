/* The API of both programs: every command over HTTP, in the `serve` that owns the directory.
 *
 *   routes.c        which request is which command, and who may
 *   fields.c        what a request names: a query, or a JSON body
 *   wording.c       and as words of a command line
 *   api.c           a request from head to answer
 *   command.c       the command run, its document as the answer
 *   once_threads.c  a request that is sent again
 *   kept.c          an answer that still holds; alike.c: packed
 *   pages.c         lists in pages
 *   own.c           routes that are no command
 *   changes_threads.c  what has changed, as it happens
 *   openapi*.c      all of it as a document: operations, arguments, responses, what stands in them
 *   certificate.c   what it shows to browsers of other machines
 *
 * Comes after: server.h, guard.h, inside.h. Before: the apps, which ask through it and nothing else. */
#ifndef DANGOL_PROTO_API_API_H
#define DANGOL_PROTO_API_API_H

#include "proto/base/journal.h"
#include "proto/command/inside.h"
#include "proto/http/page.h"

struct api;

struct api_options {
    struct inside inside;          /* what it holds outlives the API */
    const struct journal *journal; /* the same */
    const char *address;           /* "127.0.0.1:7790"; NULL or "off": no API, and `*out` is NULL */
    bool asked;                    /* somebody has named the address just now: one that does not work ends the start;
                                      else it is told, and the store goes on without pages */
    struct http_assets assets;     /* the app's pages */
};
int api_open(const struct api_options *options, struct api **out, struct err *err);
/* The same for the command `serve`: its --http goes before what the directory says. */
int api_serve(struct call *call, void *daemon, const struct journal *journal, struct http_assets assets,
              struct api **out);
extern const struct option api_serve_options[]; /* --http */
/* Is it HOST:PORT or "off"? ERR_INVALID. */
int api_check_address(struct call *call, const char *option, const char *address);
/* Ends what runs. NULL is fine. */
void api_close(struct api *api);

#define API_OFF "off"
#define API_URL_FILE "http" /* in the directory, while it is served: the URL, a line */

#endif
