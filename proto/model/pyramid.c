/* The pyramid: V1. */
#include "proto/model/questions.h"

/* Four fifths without overflow: 5 × so_far >= 4 × total. */
static int64_t four_fifths(int64_t total) { return total - total / 5; }

void pyramid_of(const struct standing *ranking, size_t count, struct pyramid *out) {
    *out = (struct pyramid){0};
    for (; out->customers < count && ranking[out->customers].spend > 0; out->customers++)
        out->total += ranking[out->customers].spend;
    out->top_customers = (out->customers + 4) / 5;
    int64_t so_far = 0;
    for (uint64_t i = 0; i < out->customers; i++) {
        if (so_far < four_fifths(out->total)) out->customers_for_80_percent = i + 1;
        so_far += ranking[i].spend;
        if (i < out->top_customers) out->top_spend += ranking[i].spend;
    }
    if (out->total > 0) out->top_share = (double)out->top_spend / (double)out->total;
}
