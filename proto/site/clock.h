/* The hybrid clock of what a site says (proto/event/hlc.h): after its own last word, and after what it heard of others,
 * but for what is too far ahead of its own time.
 *
 * A hub that was recovered writes on a stream of its own; the former hubs' words are its own too. It goes on behind
 * them however far ahead they are, or its policy of today would stand before theirs of yesterday where the clock was
 * put back in between.
 *
 * Thread: under the site's `writer`, as everything that writes; clock_load before anybody else has the site. */
#ifndef DANGOL_PROTO_SITE_CLOCK_H
#define DANGOL_PROTO_SITE_CLOCK_H

#include <stdint.h>

#include "proto/base/err.h"

struct site;
struct event;
struct head;

struct clock {
    uint64_t said;               /* the hlc last given */
    uint64_t heard;              /* the latest of other sites, but for those too far ahead */
    uint64_t former, former_hlc; /* a hub's: the last word of the hub before it; 0: none */
};

/* The hlc of an event, as it was written. */
int clock_of(struct site *site, uint64_t id, uint64_t *hlc, struct err *err);
/* Goes on where this site's streams end. */
int clock_load(struct site *site, struct err *err);
/* An event of another stream is taken in. */
void clock_hear(struct site *site, uint64_t id, const struct event *event);
/* What the next hlc comes after; `head`: of this site's stream. */
uint64_t clock_before(const struct site *site, const struct head *head);

#endif
