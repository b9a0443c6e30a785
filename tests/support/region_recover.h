/* What `dangol-node recover` does with a directory, done to a store of the region in memory, step by step. */
#ifndef DANGOL_TESTS_SUPPORT_REGION_RECOVER_H
#define DANGOL_TESTS_SUPPORT_REGION_RECOVER_H

#include "node/receipted.h"
#include "tests/support/region_net.h"

struct net_recovery {
    struct net_store *store;
    struct net_image old; /* put aside */
    uint32_t old_stream, new_stream;
    uint8_t old_key[PUBLIC_KEY_SIZE], seed[32];
    struct head receipted;
    struct rehomed_report report;
    uint64_t returned;
};

/* Asks the hub for a stream; false: it has given none. Again with the same seed: the same one. */
bool net_recover_ask(struct region_net *net, struct net_recovery *r, struct net_store *store, uint8_t seed);
/* The old disk aside, a new one in its place, level with the hub. */
bool net_recover_swap(struct region_net *net, struct net_recovery *r);
/* Also hands back first what the hub has lost. */
int net_recover_rehome(struct net_recovery *r, struct err *err);
/* Level again, and the store may write. */
bool net_recover_end(struct region_net *net, struct net_recovery *r);
void net_recover_release(struct net_recovery *r);

#endif
