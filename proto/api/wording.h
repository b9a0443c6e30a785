/* From a request to the words of a command line: what the route's words leave open comes from the path and the fields,
 * every other field becomes an option of the same name. What a command takes is the command's to say; here is only
 * kept away what has no place in a request: files of this PC, and commands that never end. Pure. */
#ifndef DANGOL_PROTO_API_WORDING_H
#define DANGOL_PROTO_API_WORDING_H

#include "proto/api/fields.h"
#include "proto/api/routes.h"

struct asking {
    const struct program *program;
    const struct route *route;
    const struct http_request *request;
    const struct identity *who;
    int decimals;    /* of the region's currency */
    const char *ref; /* the idempotency key as a ref, or NULL */
    size_t rows;     /* at least so many are wanted of a list that says how many it gives (--top); 0: as it likes */
    bool csv;
};

struct wording {
    struct buf text; /* NUL-ended strings */
    int count;
    struct buf file; /* what the command reads as "-" */
};

/* 0, ERR_FORMAT, ERR_INVALID, ERR_LIMIT, ERR_AUTH: not this one's to say. */
int wording_make(const struct asking *asking, struct wording *out, struct err *err);
/* As main() has them; the caller frees the list, whose strings are the words'. */
const char **wording_list(const struct wording *words);
/* What a command says of its options, as it is called in a request: "lines" or the one of them that it quotes, and no
 * dashes before a name. */
void wording_fault(const struct wording *words, struct err *fault);
void wording_release(struct wording *words);

#endif
