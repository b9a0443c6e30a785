#include "proto/model/sort.h"

#include <string.h>

#define DIGIT_BITS_MOST 11
#define FEW 64

static void sort_few(struct sort_pair *pairs, size_t count) {
    for (size_t i = 1; i < count; i++) {
        struct sort_pair pair = pairs[i];
        size_t at = i;
        for (; at > 0 && pairs[at - 1].key > pair.key; at--) pairs[at] = pairs[at - 1];
        pairs[at] = pair;
    }
}

void sort_range(const struct sort_pair *pairs, size_t count, uint64_t *least, uint64_t *most) {
    *least = *most = pairs[0].key;
    for (size_t i = 1; i < count; i++) {
        if (pairs[i].key < *least) *least = pairs[i].key;
        if (pairs[i].key > *most) *most = pairs[i].key;
    }
}

/* A digit: some bits of the key above the least one. */
struct digit {
    uint64_t least;
    unsigned shift, bits;
};

static inline uint32_t digit_of(const struct digit *d, uint64_t key) {
    return (uint32_t)((key - d->least) >> d->shift) & ((1u << d->bits) - 1);
}

/* By one digit; equal digits keep their order. */
static void sort_digit(const struct digit *d, const struct sort_pair *from, struct sort_pair *to, size_t count) {
    uint32_t places[1u << DIGIT_BITS_MOST] = {0}, at = 0;
    for (size_t i = 0; i < count; i++) places[digit_of(d, from[i].key)]++;
    for (uint32_t i = 0; i < 1u << d->bits; i++) {
        uint32_t here = places[i];
        places[i] = at;
        at += here;
    }
    for (size_t i = 0; i < count; i++) to[places[digit_of(d, from[i].key)]++] = from[i];
}

void sort_pairs(struct sort_pair *pairs, struct sort_pair *spare, size_t count) {
    if (count <= FEW) {
        sort_few(pairs, count);
        return;
    }
    struct digit d = {0, 0, 0};
    uint64_t most;
    sort_range(pairs, count, &d.least, &most);
    unsigned bits = sort_bits(most - d.least), digits = (bits + DIGIT_BITS_MOST - 1) / DIGIT_BITS_MOST;
    d.bits = digits == 0 ? 0 : (bits + digits - 1) / digits; /* all alike: fewer buckets are faster */
    struct sort_pair *from = pairs, *to = spare;
    for (; d.shift < bits; d.shift += d.bits) {
        sort_digit(&d, from, to, count);
        struct sort_pair *swap = from;
        from = to;
        to = swap;
    }
    if (from != pairs) memcpy(pairs, from, count * sizeof *pairs);
}
