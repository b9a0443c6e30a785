/* The site chain: over whole records in position order, commit by commit. It finds what LMDB, which has no checksums,
 * would not.
 *   s0 = BLAKE2b-256("dangol site 1")
 *   sn = BLAKE2b-256(sn-1 ‖ of every record of commit n: length (u32 BE), bytes (record.c) ‖ their count (u64 BE))
 * The count stands last, so that a reader needs to know only at the end of a commit that it was one. Pure. */
#ifndef DANGOL_PROTO_LOG_SITE_CHAIN_H
#define DANGOL_PROTO_LOG_SITE_CHAIN_H

#include <sodium.h>

#include "proto/log/log.h"

struct site_chain {
    uint8_t value[CHAIN_SIZE]; /* behind the last commit */
    uint64_t count;            /* records of the commit that is open */
    crypto_generichash_state state;
};

void site_chain_start(struct site_chain *chain);                                 /* s0 */
void site_chain_from(struct site_chain *chain, const uint8_t value[CHAIN_SIZE]); /* after a commit that stands */
void site_chain_add(struct site_chain *chain, struct view record);
void site_chain_commit(struct site_chain *chain);

#endif
