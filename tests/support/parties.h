/* The parties of a small region with fixed keys, and a world that stands still: signatures come out the same in every
 * run, so that they can be compared with golden ones. Everything is a plain value. Thread: pure. */
#ifndef DANGOL_TESTS_SUPPORT_PARTIES_H
#define DANGOL_TESTS_SUPPORT_PARTIES_H

#include "proto/base/env.h"
#include "proto/wire/identity.h"

#define PARTIES_NOW INT64_C(1764547200000) /* 2025-12-01T00:00:00Z */
#define PARTIES_STREAM 65548u              /* incarnation 1, the 12th store */

struct parties {
    struct signer root;
    struct signer hub;                   /* incarnation 1 */
    struct signer store;                 /* PARTIES_STREAM */
    uint8_t certificate[SIGNATURE_SIZE]; /* the root's, of the hub's key */
};

/* Others than usual for another `region` than 0: a foreign region. */
void parties_make(struct parties *out, uint8_t region);

/* A clock that stands at `now` and random bytes from a seeded generator (xorshift64*). */
struct still_world {
    struct env env;
    int64_t now;
    uint64_t state;
};
void still_world_init(struct still_world *world, uint64_t seed); /* must not move afterwards */

#endif
