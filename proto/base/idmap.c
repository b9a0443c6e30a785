#include "proto/base/idmap.h"

#include <stdlib.h>
#include <string.h>

#include "proto/base/bytes.h"
#include "proto/base/large.h"

static struct idmap_slot *free_slot(struct idmap_slot *slots, size_t mask, uint64_t key) {
    size_t i = (size_t)idmap_hash(key) & mask;
    while (slots[i].key != 0) i = (i + 1) & mask;
    return &slots[i];
}

static void free_slots(struct idmap *map) {
    if (map->slots != NULL) large_free(map->slots, (map->mask + 1) * sizeof *map->slots);
}

static void grow_to(struct idmap *map, size_t size) {
    struct idmap_slot *slots = large_resize(NULL, 0, size * sizeof *slots);
    for (size_t i = 0; map->slots != NULL && i <= map->mask; i++)
        if (map->slots[i].key != 0) *free_slot(slots, size - 1, map->slots[i].key) = map->slots[i];
    free_slots(map);
    map->slots = slots;
    map->mask = size - 1;
}

void idmap_reserve(struct idmap *map, size_t count) {
    size_t size = map->slots == NULL ? 16 : map->mask + 1;
    while (count > size / 4 * 3) size *= 2;
    if (map->slots == NULL || size > map->mask + 1) grow_to(map, size);
}

uint64_t *idmap_put(struct idmap *map, uint64_t key, bool *added) {
    uint64_t *found = idmap_find(map, key);
    if (added != NULL) *added = found == NULL;
    if (found != NULL) return found;
    idmap_reserve(map, map->count + 1);
    struct idmap_slot *slot = free_slot(map->slots, map->mask, key);
    slot->key = key;
    slot->value = 0;
    map->count++;
    return &slot->value;
}

/* Backward shift: no tombstones, so probes stay short however often keys come and go. */
bool idmap_remove(struct idmap *map, uint64_t key) {
    uint64_t *found = idmap_find(map, key);
    if (found == NULL) return false;
    struct idmap_slot *slots = map->slots;
    size_t hole = (size_t)idmap_hash(key) & map->mask;
    while (slots[hole].key != key) hole = (hole + 1) & map->mask;
    for (size_t i = (hole + 1) & map->mask; slots[i].key != 0; i = (i + 1) & map->mask) {
        size_t home = (size_t)idmap_hash(slots[i].key) & map->mask;
        if (((i - home) & map->mask) < ((i - hole) & map->mask)) continue;
        slots[hole] = slots[i];
        hole = i;
    }
    slots[hole].key = 0;
    map->count--;
    return true;
}

void idmap_clear(struct idmap *map) {
    if (map->slots != NULL) memset(map->slots, 0, (map->mask + 1) * sizeof *map->slots);
    map->count = 0;
}

void idmap_release(struct idmap *map) {
    free_slots(map);
    *map = (struct idmap){NULL, 0, 0};
}
