/* A store's trade for benchmarks: registrations and sales, seeded, shaped like real ones (few customers with most of
 * the sales, a small assortment sold often, receipts numbered by the till), written into a site through the writer. */
#ifndef DANGOL_TESTS_SUPPORT_TRADE_H
#define DANGOL_TESTS_SUPPORT_TRADE_H

#include "proto/site/site.h"

struct trade {
    uint64_t state; /* of the generator */
    uint64_t *customers;
    size_t customer_count;
    uint64_t receipt;
    int64_t now; /* happened time of the next sale, ms UTC */
};

void trade_open(struct trade *trade, uint64_t seed);
void trade_close(struct trade *trade);
/* Registers `count` customers, then sells; in commits of `batch`. 0 or what site_write says. */
int trade_register(struct trade *trade, struct site *site, size_t count, struct err *err);
int trade_sell(struct trade *trade, struct site *site, size_t count, size_t batch, struct err *err);
/* JSON of the same sales as another system would send them, for comparison: bytes of one. */
size_t trade_json_size(struct site *site, uint64_t sale);

#endif
