/* A store's copy of the VIP directory (proto/wire/directory.h): taken from the feed, kept among the log's values, asked
 * at the counter, without a line too.
 *
 *   log   "directory"      → heading: sum (8) ‖ memory (4, big-endian) ‖ sum of all as the hub told it (8; zeros: more
 *                            is to come) ‖ tiers
 *         "directory NN"   → rows of shelf NN (two hexadecimal digits)
 *   ring  "directory key"  → the key
 *
 * The key goes first; a heading whose sum is not that of the key here counts as none.
 * Thread: taking under `writer`; asking from any. Comes after: the feed. Before: recall, customer, register. */
#ifndef DANGOL_PROTO_SITE_DIRECTORY_H
#define DANGOL_PROTO_SITE_DIRECTORY_H

#include "proto/site/site.h"
#include "proto/wire/directory.h"

/* The log's value that every change of it commits. */
#define SITE_DIRECTORY "directory"

#define DIRECTORY_TIER_TEXT 65

/* What HELLO says of it; appends, nothing when none is here. */
void site_directory_greet(struct site *site, struct buf *out);

/* What one FEED's `directory` makes of it: values to be committed with that FEED's events. */
struct directory_taking {
    struct log_value *values;
    size_t value_count;
    void *work; /* what they borrow from */
};
/* 0 or negative: ERR_CORRUPT when it does not come out as the hub says it should: then it is to be dropped, and the
 * next connection gets all of it. The caller holds `writer` and the store's own signer opens the key. */
int site_directory_take(struct site *site, struct view message, struct directory_taking *out, struct err *err);
void directory_taking_release(struct directory_taking *taking);
int site_directory_drop(struct site *site, struct err *err);

/* Does the region know this number, as written, for a VIP's? 1: `tier` gets its name; 0: no, or no directory is here;
 * ERR_INVALID: it is no telephone number. Takes as long as the slow hash, the first time. */
int site_directory_find(struct site *site, struct view phone, char tier[DIRECTORY_TIER_TEXT], struct err *err);
struct directory_state {
    bool here, complete;
    uint64_t numbers;
};
void site_directory_state(struct site *site, struct directory_state *out);
/* One shelf's rows as they are here; appends. For those who compare. */
void site_directory_shelf(struct site *site, uint8_t number, struct buf *out);

#endif
