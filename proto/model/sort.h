/* Sorting many pairs by a number: a radix sort over the bits that differ, two to three times as fast as comparing.
 * Equal keys keep their order. Pure. */
#ifndef DANGOL_PROTO_MODEL_SORT_H
#define DANGOL_PROTO_MODEL_SORT_H

#include <stddef.h>
#include <stdint.h>

struct sort_pair {
    uint64_t key;
    uint32_t index;
    uint32_t tie; /* the caller's */
};

/* The smallest and the largest key; count > 0. */
void sort_range(const struct sort_pair *pairs, size_t count, uint64_t *least, uint64_t *most);
/* Ascending by key. `spare` has room for as many. */
void sort_pairs(struct sort_pair *pairs, struct sort_pair *spare, size_t count);

/* How many bits a number takes. */
static inline unsigned sort_bits(uint64_t number) { return number == 0 ? 0 : 64 - (unsigned)__builtin_clzll(number); }

/* A key that puts larger values first. */
static inline uint64_t sort_key_descending(int64_t value) { return ~((uint64_t)value ^ UINT64_C(1) << 63); }

#endif
