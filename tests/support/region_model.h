/* A model of a region's events as they were made, for tests that look at one thing at a time.
 * Memory: folded_release; the region stays the caller's. Thread: one. */
#ifndef DANGOL_TESTS_SUPPORT_REGION_MODEL_H
#define DANGOL_TESTS_SUPPORT_REGION_MODEL_H

#include "proto/model/questions.h"
#include "tests/support/region_builder.h"

struct folded {
    struct log *log;
    struct model *model;
};

/* Folds what the region has by now; a second call folds everything anew. */
struct model *fold_region(struct folded *f, const struct region *r);
void folded_release(struct folded *f);

/* The time of a day of the region (day 0: REGION_START), at an hour of UTC. */
int64_t region_day(int day, int hour);
/* Spend, visits and last visit of everything, nothing when the person is not known. */
struct standing value_of(const struct model *model, uint64_t customer);

#endif
