/* A log grown anew: records and values of a site's log, those that are to stay, go into an empty one in their order,
 * with the times they were received at; hints and the site's chain come out anew. For the recoveries of a side that was
 * told, or wrote, what others know differently: the log of before is put aside, whole.
 * Thread: one that has the site to itself. */
#ifndef DANGOL_PROTO_SITE_REGROW_H
#define DANGOL_PROTO_SITE_REGROW_H

#include "proto/site/site.h"

struct regrowing {
    struct log *from;
    struct site *to; /* over the empty log */
    bool (*keeps)(void *context, uint64_t id);
    bool (*keeps_value)(void *context, struct view key);
    void *context;
};
/* What is left out of a stream held in full is left out up to its end. Its head has then a signature of zeros, and a
 * chain of zeros, until whoever knows better appends to it. */
int regrow(const struct regrowing *regrowing, struct err *err);

/* In a directory: an empty log beside the one that is there, of which nothing is left of an earlier attempt. */
int regrow_begin(const char *directory, const struct env *env, struct log **out, struct err *err);
/* Copies `*old` to `aside`/log, closes both, and puts the new one in its place at once. When that fails, or `aside` is
 * NULL, only the new one is closed, and what there is of it and of the copy goes; `*old` is NULL if it was closed. */
int regrow_end(const char *directory, const char *aside, struct log **old, struct log **fresh, struct err *err);

#define ASIDE_NAME 32
/* A folder in it that is not there yet: "before-STREAM", "before-STREAM-2" … */
int aside_name(const char *directory, uint32_t stream, char out[ASIDE_NAME], struct err *err);

#endif
