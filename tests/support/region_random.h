/* A region at random, from a seed: stores whose PCs write about the same customers, links and unlinks, erasures,
 * voids by those who may and those who may not, wrong clocks, complaints stepped at several places at once, events
 * about things unseen, frames of later versions. What an event is `after` was always made before it.
 * Memory: the region's. Thread: one. */
#ifndef DANGOL_TESTS_SUPPORT_REGION_RANDOM_H
#define DANGOL_TESTS_SUPPORT_REGION_RANDOM_H

#include "tests/support/region_builder.h"

#define RANDOM_STREAMS 5 /* 0 is the hub; 1 and 4 are of one store */

void region_random(struct region *r, uint64_t seed, size_t steps);

/* Orders of arrival: each stream's events in their order, or no order at all. `out` has room for all. */
void region_interleave(struct region *r, size_t *out);
void region_shuffle(struct region *r, size_t *out);

#endif
