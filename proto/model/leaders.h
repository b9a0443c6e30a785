/* The first ones of the ranking by spend over all time, kept up with: the page that is looked at most, without going
 * through a million persons for each sale.
 *
 * It holds everybody whose spend is at least so much, and is told whom something has happened to: those are measured
 * anew. When sums have sunk until too few are left, it says so, and is made anew.
 *
 * Memory: `most` standings and those tied with the last, twice as many in between.
 * Thread: its caller's, under the site's read lock.
 * Comes after: rank_first, whose answer it gives. Before: proto/site/ranking.h. */
#ifndef DANGOL_PROTO_MODEL_LEADERS_H
#define DANGOL_PROTO_MODEL_LEADERS_H

#include "proto/model/questions.h"

struct leaders {
    struct standing *items; /* as rank_first gives them */
    size_t count, room, most;
    int64_t least; /* everybody who spent so much is here; INT64_MIN: everybody is */
};

/* Zeroed before the first time. */
void leaders_make(const struct model *model, size_t most, struct leaders *leaders);
/* Something has happened to these, customers or others, and to nobody else. False: to be made anew. */
bool leaders_renew(const struct model *model, const uint64_t *ids, size_t count, struct leaders *leaders);
/* As rank_first; false: not so many are sure. */
bool leaders_first(const struct leaders *leaders, size_t top, struct standing **out, size_t *count);
void leaders_release(struct leaders *leaders);
/* Is that what is asked for? */
bool leaders_answer(const struct model *model, enum measure by, const struct cut *cut, const struct scope *scope);

#endif
