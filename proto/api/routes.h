/* The API as one table: method, path, the command line it means, who may, whether it shows people's data.
 *
 * A route is there in the program that has its command, so both programs share the table; what it answers is the
 * command's --json document. The OpenAPI document (openapi.h) is made from it and from the commands' own tables. */
#ifndef DANGOL_PROTO_API_ROUTES_H
#define DANGOL_PROTO_API_ROUTES_H

#include "proto/api/guard.h"
#include "proto/command/command.h"
#include "proto/http/http.h"

#define API_BASE "/api/v1"

enum route_flag {
    ROUTE_PERSONAL = 1,   /* shows or changes what is known of people: recorded */
    ROUTE_QUICK = 2,      /* done in microseconds, from memory */
    ROUTE_SOON = 256,     /* a list that somebody at a counter waits for, and that is looked up, not counted */
    ROUTE_KEPT = 1024,    /* asked again and again: kept while it holds (kept.h) */
    ROUTE_LIST = 4,       /* answers with rows: comes in pages, and as CSV when `csv` is set */
    ROUTE_CREATES = 8,    /* answers 201 */
    ROUTE_FILE = 16,      /* its body is a CSV file; options are in the query */
    ROUTE_OPEN = 32,      /* for whoever asks */
    ROUTE_PREVIEW = 64,   /* {"set": {KEY: VALUE}} is the policy that the command reads; what it answers is a list */
    ROUTE_SECRET = 128,   /* "secret" is what the command reads as a password or PIN */
    ROUTE_RECORDED = 512, /* recorded as what shows people is: who changed who may sign in */
    /* What an account of the hub's that is bound to a store may (bounds.h): of these, none is refused it. */
    ROUTE_OF_STORE = 2048, /* asked with --store, of what is that store's */
    ROUTE_MINDS = 4096,    /* the command looks itself at whose it is: call->bound */
    ROUTE_COMMON = 8192,   /* the same for everybody, and nothing of any store */
};

struct api;
/* Of a route that is no command. */
typedef void route_answer(struct api *api, struct http_request *request, struct http_answer *answer);

struct route {
    enum http_method method;
    const char *path;  /* "/customers/{id}/contacts", behind API_BASE */
    const char *words; /* "contact {id}": {x} is of the path, else of the body or query; {x?} may be missing; "--x=y" */
    unsigned roles;    /* MAY(…) */
    unsigned flags;
    const char *summary; /* NULL: the command's */
    route_answer *own;   /* instead of words */
};

extern const struct route routes[]; /* ends with a path of NULL */

/* Who has which value of a path: {id} is pieces[at]. */
struct match {
    const struct route *route; /* NULL: none */
    bool other_method;         /* the path is there, with another method */
};
/* The route of a request whose first pieces are those of API_BASE. */
struct match route_find(const struct program *program, enum http_method method, const struct http_target *target);
/* The piece of the path that stands for a name, or NULL. */
const char *route_piece(const struct route *route, const struct http_target *target, struct view name);
/* Who may: an export only those who may see the list itself, where that has a route of its own. */
unsigned route_roles(const struct route *route, const struct http_target *target);
/* Is it there in this program? */
bool route_exists(const struct program *program, const struct route *route);
/* The command of its words, or NULL. */
const struct command *route_command(const struct program *program, const struct route *route);
/* Does an option of its command go with its words ("complaint step …")? */
bool route_takes(const struct route *route, const struct command *command, const char *option);
/* Has an option of a command no place in a request? It never ends, or says what the request says otherwise. */
bool route_withholds(const struct command *command, const char *option);
/* Is it to be had as CSV, too, or only? */
bool route_exports(const struct program *program, const struct route *route);
/* Does its answer carry an ETag? */
bool route_tagged(const struct route *route);
/* In which lane it is answered. */
enum http_lane route_lane(const struct route *route);

/* The own ones. */
route_answer own_site, own_health, own_openapi, own_session, own_sign_in, own_sign_out, own_changes;

#endif
