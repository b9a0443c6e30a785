#include "proto/model/sort.h"

#include <string.h>

#define DIGIT_BITS 11
#define DIGITS 6 /* of 64 bits */
#define BUCKETS (1u << DIGIT_BITS)
#define FEW 64

static void sort_few(struct sort_pair *pairs, size_t count) {
    for (size_t i = 1; i < count; i++) {
        struct sort_pair pair = pairs[i];
        size_t at = i;
        for (; at > 0 && pairs[at - 1].key > pair.key; at--) pairs[at] = pairs[at - 1];
        pairs[at] = pair;
    }
}

static void range_of(const struct sort_pair *pairs, size_t count, uint64_t *least, uint64_t *most) {
    *least = *most = pairs[0].key;
    for (size_t i = 1; i < count; i++) {
        if (pairs[i].key < *least) *least = pairs[i].key;
        if (pairs[i].key > *most) *most = pairs[i].key;
    }
}

static uint32_t digit_of(uint64_t key, unsigned digit) {
    return (uint32_t)(key >> (digit * DIGIT_BITS)) & (BUCKETS - 1);
}

/* One digit of all keys, from the lowest: equal digits keep their order. */
static void sort_digit(const struct sort_pair *from, struct sort_pair *to, size_t count, uint64_t least,
                       unsigned digit) {
    uint32_t places[BUCKETS] = {0}, at = 0;
    for (size_t i = 0; i < count; i++) places[digit_of(from[i].key - least, digit)]++;
    for (uint32_t i = 0; i < BUCKETS; i++) {
        uint32_t here = places[i];
        places[i] = at;
        at += here;
    }
    for (size_t i = 0; i < count; i++) to[places[digit_of(from[i].key - least, digit)]++] = from[i];
}

void sort_pairs(struct sort_pair *pairs, struct sort_pair *spare, size_t count) {
    if (count <= FEW) {
        sort_few(pairs, count);
        return;
    }
    uint64_t least, most;
    range_of(pairs, count, &least, &most);
    struct sort_pair *from = pairs, *to = spare;
    for (unsigned digit = 0; digit < DIGITS && (most - least) >> (digit * DIGIT_BITS) != 0; digit++) {
        sort_digit(from, to, count, least, digit);
        struct sort_pair *swap = from;
        from = to;
        to = swap;
    }
    if (from != pairs) memcpy(pairs, from, count * sizeof *pairs);
}
