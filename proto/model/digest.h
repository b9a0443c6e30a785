/* The digest of one person, for the sums of digest.c (everything) and digest_stores.c (a store's people). Inside this
 * room. */
#ifndef DANGOL_PROTO_MODEL_DIGEST_H
#define DANGOL_PROTO_MODEL_DIGEST_H

#include "proto/model/state.h"

/* Digests add up, in four lanes of 64 bits. */
struct digest_sum {
    uint64_t lanes[4];
};

static inline void digest_add(struct digest_sum *sum, const struct digest_sum *more) {
    for (size_t i = 0; i < 4; i++) sum->lanes[i] += more->lanes[i];
}
void digest_tell(const struct digest_sum *sum, uint8_t out[DIGEST_SIZE]);

/* Canonical bytes of a part on their way into a hash; released by its owner. */
struct digest_part {
    const struct model *model;
    struct buf bytes;
    bool said; /* the person is more than a name */
};

/* All zero for a person of whom nothing is said. */
struct digest_sum digest_person(struct digest_part *part, uint32_t root);

/* Of the people of store `code`. */
struct digest_sum digest_store(const struct model *model, struct view code);

#endif
