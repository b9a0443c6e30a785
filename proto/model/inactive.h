/* Who comes no more: V7, V10. Visits of the whole region, or of the scope.
 *
 * Pure. Thread: under the site's read lock. Arrays are the caller's to free. Before: the reports. */
#ifndef DANGOL_PROTO_MODEL_INACTIVE_H
#define DANGOL_PROTO_MODEL_INACTIVE_H

#include "proto/model/policies.h"
#include "proto/model/questions.h"

/* Away for N months is whoever has not come until the day that is N calendar months after the day of the last visit,
 * clamped to its month, and from the beginning of that day on: after 31 August, six months are over on the last of
 * February. The lists, the follow-ups and who came back all go by this, from either end: */
struct date inactive_day(struct date visit, int months);
/* ... and the first ms of a last visit that was not yet so long ago at `to`. */
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
 * for the next), and how many of them came within back-days of such a contact: after it, until the end of the
 * local day that is so many days after the contact's. A gathering or letter is a contact too; one that said nobody was
 * reached is none. In turns, as of their end. */
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
