/* Returns that name their sale: as long as people take a sale back, what came back of it does not count either
 * (voids.c). One in twenty rows is a return, so this is kept small: 20 bytes each, and a table of the newest of each
 * sale, 4 bytes a slot, open addressing, at most 3/4 full. Owned by the model; memory: see bytes.h. */
#ifndef DANGOL_PROTO_MODEL_GIVE_BACKS_H
#define DANGOL_PROTO_MODEL_GIVE_BACKS_H

#include "proto/base/call.h"
#include "proto/base/idmap.h"
#include "proto/model/vec.h"

struct __attribute__((packed, aligned(4))) give_back {
    uint64_t id, sale;
    uint32_t next; /* the one before it of the same sale, or NONE */
};

struct give_backs {
    struct give_back *items;
    uint32_t count, room;
    uint32_t sales;  /* slots in use */
    uint32_t *slots; /* index + 1; 0: free */
    size_t mask;     /* slots - 1 */
};

void give_backs_put(struct give_backs *all, uint64_t id, uint64_t sale);
/* The newest of a sale, or NONE. */
uint32_t give_backs_newest(const struct give_backs *all, uint64_t sale);
/* Calls for the memory that a look for the sale begins at. */
CALLS void give_backs_call(const struct give_backs *all, uint64_t sale) {
    if (all->slots != NULL) __builtin_prefetch(&all->slots[idmap_hash(sale) & all->mask]);
}
size_t give_backs_memory(const struct give_backs *all);
void give_backs_release(struct give_backs *all);

#endif
