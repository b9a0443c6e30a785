/* Returns that name their sale: as long as people take a sale back, what came back of it does not count either
 * (voids.c). One in twenty rows is a return, so this is kept small: 20 bytes each, in chains by their sale's hash, each
 * about two to four long; they are put down with every return and looked through only when a sale is voided. Owned by
 * the model; memory: see bytes.h. */
#ifndef DANGOL_PROTO_MODEL_GIVE_BACKS_H
#define DANGOL_PROTO_MODEL_GIVE_BACKS_H

#include "proto/base/call.h"
#include "proto/base/idmap.h"
#include "proto/model/vec.h"

struct __attribute__((packed, aligned(4))) give_back {
    uint64_t id, sale;
    uint32_t next; /* the one before it in its chain, or NONE */
};

struct give_backs {
    struct give_back *items;
    uint32_t count, room;
    uint32_t *chains; /* the newest of each: index + 1; 0: empty */
    size_t mask;      /* chains - 1 */
};

void give_backs_put(struct give_backs *all, uint64_t id, uint64_t sale);
/* The newest of a sale, and the one before it, or NONE. */
uint32_t give_backs_newest(const struct give_backs *all, uint64_t sale);
uint32_t give_backs_before(const struct give_backs *all, uint32_t index);
/* Calls for the memory that a return of the sale is put down at. */
CALLS void give_backs_call(const struct give_backs *all, uint64_t sale) {
    if (all->chains != NULL) __builtin_prefetch(&all->chains[idmap_hash(sale) & all->mask]);
}
size_t give_backs_memory(const struct give_backs *all);
void give_backs_release(struct give_backs *all);

#endif
