#include <stdlib.h>

#include "proto/base/bytes.h"
#include "proto/base/threads.h"
#include "proto/http/misses.h"

#define PLACES 4096

struct bucket {
    int64_t seen;     /* monotonic ms */
    int64_t thousand; /* misses in it, times 1000 */
};

struct misses {
    struct mutex lock;
    uint64_t seed; /* so that nobody chooses with whom he shares a place */
    struct bucket buckets[PLACES];
};

struct misses *misses_open(uint64_t seed) {
    struct misses *misses = mem_alloc(sizeof *misses);
    misses->seed = seed;
    mutex_init(&misses->lock);
    return misses;
}

void misses_close(struct misses *misses) {
    if (misses == NULL) return;
    mutex_destroy(&misses->lock);
    free(misses);
}

/* As of now: what has come back is taken off. */
static struct bucket *bucket_of(struct misses *misses, const char *address, int64_t now) {
    uint64_t hash = misses->seed;
    for (const char *c = address; *c != '\0'; c++) hash = (hash ^ (uint8_t)*c) * 0x100000001b3ULL;
    struct bucket *bucket = &misses->buckets[(hash ^ hash >> 32) % PLACES];
    bucket->thousand -= (now - bucket->seen) * MISSES_A_SECOND;
    if (bucket->thousand < 0) bucket->thousand = 0;
    bucket->seen = now;
    return bucket;
}

void misses_count(struct misses *misses, const char *address, int64_t now_ms) {
    mutex_lock(&misses->lock);
    struct bucket *bucket = bucket_of(misses, address, now_ms);
    bucket->thousand += 1000;
    if (bucket->thousand > MISSES_BURST * 1000) bucket->thousand = MISSES_BURST * 1000;
    mutex_unlock(&misses->lock);
}

bool misses_full(struct misses *misses, const char *address, int64_t now_ms) {
    mutex_lock(&misses->lock);
    bool full = bucket_of(misses, address, now_ms)->thousand > (MISSES_BURST - 1) * 1000;
    mutex_unlock(&misses->lock);
    return full;
}
