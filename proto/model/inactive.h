/* Who comes no more: V7, V10. Visits of the whole region, or of the scope.
 *
 * Pure. Thread: under the site's read lock. Arrays are the caller's to free. Before: the reports. */
#ifndef DANGOL_PROTO_MODEL_INACTIVE_H
#define DANGOL_PROTO_MODEL_INACTIVE_H

#include "proto/model/policies.h"
#include "proto/model/questions.h"

/* The first ms that is not yet so many calendar months before the end of the day of `to`: whose last visit is earlier
 * has not come for so long. The day clamped to its month: on 31 August six months back is the last of February. */
int64_t inactive_before(const struct zone *zone, int64_t to, int months);

struct inactive {
    struct standing standing; /* value: the spend */
    int64_t months;           /* the longest of the policy's spans that is over */
    int64_t contacted;        /* the latest contact since the last visit; TIME_NONE: none */
    bool silent; /* nothing says why: since the day of the last visit no complaint, no reason noted (V10) */
};
/* With a visit once, but none for as long as the first of policy inactive-months; longest away first, then by id. In
 * turns, as of their end. */
int inactive_list(const struct model *model, const struct zone *zone, int64_t to, const struct scope *scope,
                  const struct pace *pace, struct inactive **out, size_t *count);

/* For each of the policy's spans: the customers contacted in [from, to] when they had not come for so long (and not yet
 * for the next), and how many of them came within back-days of such a contact. A gathering or letter is a contact too;
 * one that said nobody was reached is none. In turns, as of their end. */
struct came_back {
    int64_t months;
    uint64_t contacted, back;
};
size_t came_back(const struct model *model, const struct zone *zone, int64_t from, int64_t to,
                 const struct scope *scope, const struct pace *pace, struct came_back out[POLICY_LISTED_MAX]);

/* Why customers left, by reason: each person by the latest word said on it in [from, to]. */
struct leaving {
    uint64_t customers;
    int64_t spend; /* of all their time, up to `to` */
};
#define LEAVING_MAX 16 /* index: enum choice_leaving */
void leaving_reasons(const struct model *model, int64_t from, int64_t to, const struct scope *scope,
                     struct leaving out[LEAVING_MAX]);

#endif
