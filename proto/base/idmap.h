/* A hash table from a u64 (never 0) to a u64: open addressing, linear probing, at most 3/4 full, 16 bytes a slot.
 * For the tables a fold consults at every event. Thread: its caller's. Memory: see bytes.h. */
#ifndef DANGOL_PROTO_BASE_IDMAP_H
#define DANGOL_PROTO_BASE_IDMAP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "proto/base/call.h"

struct idmap_slot {
    uint64_t key; /* 0: free */
    uint64_t value;
};

struct idmap {
    struct idmap_slot *slots;
    size_t mask; /* slots - 1 */
    size_t count;
};

static inline uint64_t idmap_hash(uint64_t key) {
    key ^= key >> 32;
    key *= UINT64_C(0x9E3779B97F4A7C15);
    return key ^ (key >> 29);
}

/* The value's place, or NULL. Valid until the next put. */
static inline uint64_t *idmap_find(const struct idmap *map, uint64_t key) {
    if (map->count == 0) return NULL;
    for (size_t i = (size_t)idmap_hash(key) & map->mask;; i = (i + 1) & map->mask) {
        if (map->slots[i].key == key) return &map->slots[i].value;
        if (map->slots[i].key == 0) return NULL;
    }
}

/* Calls for the memory that a look for the key begins at. */
CALLS void idmap_call(const struct idmap *map, uint64_t key) {
    if (map->slots != NULL) __builtin_prefetch(&map->slots[idmap_hash(key) & map->mask]);
}

/* Finds the key or adds it with value 0; `*added` (may be NULL) says which. */
uint64_t *idmap_put(struct idmap *map, uint64_t key, bool *added);
bool idmap_remove(struct idmap *map, uint64_t key);
void idmap_reserve(struct idmap *map, size_t count);
void idmap_clear(struct idmap *map); /* keeps the memory */
void idmap_release(struct idmap *map);

#endif
