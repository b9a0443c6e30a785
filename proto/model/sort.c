#include "proto/model/sort.h"

#include <stdbool.h>
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

static uint64_t smallest(const struct sort_pair *pairs, size_t count) {
    uint64_t least = pairs[0].key;
    for (size_t i = 1; i < count; i++)
        if (pairs[i].key < least) least = pairs[i].key;
    return least;
}

static uint32_t digit_of(uint64_t key, unsigned digit) {
    return (uint32_t)(key >> (digit * DIGIT_BITS)) & (BUCKETS - 1);
}

/* Turns counts into first places; false when all keys have the same digit. */
static bool places_of(uint32_t *counts, size_t all) {
    uint32_t at = 0;
    for (uint32_t i = 0; i < BUCKETS; i++) {
        uint32_t count = counts[i];
        if (count == all) return false;
        counts[i] = at;
        at += count;
    }
    return true;
}

void sort_pairs(struct sort_pair *pairs, struct sort_pair *spare, size_t count) {
    if (count <= FEW) {
        sort_few(pairs, count);
        return;
    }
    static const size_t size = sizeof *pairs;
    uint32_t counts[DIGITS][BUCKETS];
    memset(counts, 0, sizeof counts);
    uint64_t least = smallest(pairs, count);
    for (size_t i = 0; i < count; i++)
        for (unsigned digit = 0; digit < DIGITS; digit++) counts[digit][digit_of(pairs[i].key - least, digit)]++;
    struct sort_pair *from = pairs, *to = spare;
    for (unsigned digit = 0; digit < DIGITS; digit++) {
        if (!places_of(counts[digit], count)) continue;
        for (size_t i = 0; i < count; i++) to[counts[digit][digit_of(from[i].key - least, digit)]++] = from[i];
        struct sort_pair *swap = from;
        from = to;
        to = swap;
    }
    if (from != pairs) memcpy(pairs, from, count * size);
}
