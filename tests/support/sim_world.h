/* A simulated world: a monotonic clock that only a test moves, wall clocks that may be wrong and may jump, and seeded
 * randomness. Everything of one simulation draws from the same generator, so a seed repeats it. Thread: one. */
#ifndef DANGOL_TESTS_SUPPORT_SIM_WORLD_H
#define DANGOL_TESTS_SUPPORT_SIM_WORLD_H

#include "proto/base/env.h"

#define SIM_START INT64_C(1764547200000) /* 2025-12-01T00:00:00Z */

struct sim_world {
    int64_t elapsed; /* ms since the start */
    uint64_t state;
};

/* One machine's view of it. */
struct sim_clock {
    struct sim_world *world;
    int64_t skew; /* ms its wall clock is ahead */
    struct env env;
};

void sim_world_init(struct sim_world *world, uint64_t seed);
void sim_clock_init(struct sim_clock *clock, struct sim_world *world); /* must not move afterwards */
uint64_t sim_dice(struct sim_world *world, uint64_t sides);            /* 0 … sides - 1 */

#endif
