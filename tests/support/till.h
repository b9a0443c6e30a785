/* A store's trade for benchmarks: registrations and sales, seeded, shaped like real ones (few customers with most of
 * the sales, a small assortment sold often, receipts numbered by the till), written into a site through the writer. */
#ifndef DANGOL_TESTS_SUPPORT_TILL_H
#define DANGOL_TESTS_SUPPORT_TILL_H

#include "proto/site/site.h"

struct till {
    uint64_t state; /* of the generator */
    uint64_t *customers;
    size_t customer_count;
    uint64_t receipt;
    int64_t now; /* happened time of the next sale, ms UTC */
};

void till_open(struct till *trade, uint64_t seed);
void till_close(struct till *trade);
/* Registers `count` customers, then sells; in commits of `batch`. 0 or what site_write says. */
int till_register(struct till *trade, struct site *site, size_t count, struct err *err);
int till_sell(struct till *trade, struct site *site, size_t count, size_t batch, struct err *err);
/* JSON of the same sales as another system would send them, for comparison: bytes of one. */
size_t till_json_size(struct site *site, uint64_t sale);

#endif
