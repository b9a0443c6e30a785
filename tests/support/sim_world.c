#include "tests/support/sim_world.h"

/* xorshift64* */
static uint64_t roll(struct sim_world *world) {
    world->state ^= world->state >> 12;
    world->state ^= world->state << 25;
    world->state ^= world->state >> 27;
    return world->state * UINT64_C(2685821657736338717);
}

static int64_t sim_now(void *context) {
    const struct sim_clock *clock = context;
    return SIM_START + clock->world->elapsed + clock->skew;
}

static int64_t sim_monotonic(void *context) { return ((struct sim_clock *)context)->world->elapsed; }

static void sim_random(void *context, void *out, size_t len) {
    struct sim_world *world = ((struct sim_clock *)context)->world;
    for (uint8_t *p = out; len > 0; len--) *p++ = (uint8_t)(roll(world) >> 56);
}

void sim_world_init(struct sim_world *world, uint64_t seed) { *world = (struct sim_world){.state = seed * 2 + 1}; }

void sim_clock_init(struct sim_clock *clock, struct sim_world *world) {
    *clock = (struct sim_clock){world, 0, {sim_now, sim_monotonic, sim_random, clock}};
}

uint64_t sim_dice(struct sim_world *world, uint64_t sides) { return roll(world) % sides; }
