/* When may the hub say by itself that a store's clock was wrong, and by how much? Only on what cannot be otherwise:
 *
 *   ahead   An event shows a time after the HELLO that told of it. It is wrong for certain.
 *           - The store's clock is ahead now by a drift that explains it (the last event, set right by it, is not in
 *             the future any more): it jumped once, so everything from the jump on is wrong by the drift. The jump is
 *             a step of at least the drift between two events; of several the last one before the first certain
 *             event.
 *           - Else, behind events that were corrected before, and the same correction fits: it goes on.
 *           - Else (the clock is right again, but an hlc does not go back): the events in the future are set back so
 *             that the last one is at the HELLO. Each was written before it, and after the HELLO before.
 *   behind  The first event shows a time before the HELLO before (or before its stream was given out), after which it
 *           was written. The clock is behind now by a drift that brings it behind that HELLO and leaves the last one
 *           before this one: everything is wrong by the drift.
 *
 * Corrected events keep their order, also with those before them; where that cannot be, a person has to look. Pure. */
#ifndef DANGOL_HUB_CLOCKS_H
#define DANGOL_HUB_CLOCKS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct clock_evidence {
    const int64_t *ms;         /* what the events of the span show, in their order, corrected so far */
    size_t count;              /* at least 1 */
    int64_t before;            /* what the event before them shows, corrected; or when the stream was given out */
    int64_t before_correction; /* and by how much that one was corrected */
    int64_t since;             /* hub's time after which events from `since_index` on were written */
    size_t since_index;
    int64_t at;    /* hub's time of the HELLO that told of them */
    int64_t drift; /* the clock's at that time: positive: ahead. Meaningless unless `known` */
    bool known;
    int64_t tolerance;
};

/* Indices, both included. */
struct clock_finding {
    size_t from, to;
    int64_t ms; /* to be added */
};

bool clock_weigh(const struct clock_evidence *evidence, struct clock_finding *out);

#endif
