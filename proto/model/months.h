/* Customers month by month: V8. Calendar months of the region's zone; visits of the whole region, or of the scope.
 *
 * A person is active in a month with a visit in it, gained in the month of the first visit ever, lost in the month with
 * which so many months (policy lost-months) without a visit are full, when it is over, and won back with a visit after
 * that.
 * Pure. Thread: under the site's read lock. Before: the reports. */
#ifndef DANGOL_PROTO_MODEL_MONTHS_H
#define DANGOL_PROTO_MODEL_MONTHS_H

#include "proto/model/policies.h"
#include "proto/model/questions.h"

#define MONTHS_MAX 240 /* at once */

/* Months as one number. */
static inline int month_of(struct date date) { return date.year * 12 + date.month - 1; }
static inline struct date month_start(int month) { return (struct date){month / 12, month % 12 + 1, 1}; }

struct month_figures {
    int month;
    uint64_t active, gained, lost, won_back;
    int64_t sales;           /* net, of identified customers */
    int64_t returning_sales; /* of these, of customers who were gained in an earlier month */
    int64_t all_sales;       /* anonymous ones too */
};

struct month_grid {
    int first, count; /* months */
    struct month_figures figures[MONTHS_MAX];
    uint64_t *retained; /* cohort × month, count × count: gained in the one, active in the other */
};

/* The months of `from` to that of `to`, at most MONTHS_MAX: the last of them. What comes after `to` does not count. In
 * turns, as of their beginning: sales that are written meanwhile do not count; and where an earlier one is voided,
 * attributed or linked meanwhile, all is made anew in one go, as of then. */
void months_open(const struct model *model, const struct zone *zone, struct date from, int64_t to,
                 const struct scope *scope, const struct pace *pace, struct month_grid *out);
void months_close(struct month_grid *grid);

#endif
