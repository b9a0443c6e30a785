/* The hub's VIP directory (proto/wire/directory.h): what every store is to hold, and who still lacks what of it.
 *
 * Claims are the worker's own (directory_work.h): a customer whose number counts, and as which tier; several customers
 * may have one number, then the highest tier counts. `directory_publish` makes rows of what changed since, all at once;
 * what changed stands in a list, so that a store that has the rest gets that alone. The list is bounded: a session that
 * has fallen off its end gets every shelf anew. Nothing here is durable: a store tells in HELLO what it holds, by sums.
 *
 * Thread: claims the worker's alone; everything below `lock` under it, by the worker, the feeder, commands. */
#ifndef DANGOL_HUB_DIRECTORY_H
#define DANGOL_HUB_DIRECTORY_H

#include "proto/base/idmap.h"
#include "proto/base/threads.h"
#include "proto/model/vec.h"
#include "proto/wire/directory.h"

#define DIRECTORY_CHANGES_KEPT 65536
#define DIRECTORY_PART_BYTES 65536 /* of shelves in one FEED, the last one may go beyond */
#define DIRECTORY_PART_CHANGES 4096

struct directory_claim {
    uint64_t customer; /* 0: free */
    uint32_t hash;
    uint32_t next; /* of the same hash, or of the free ones; NONE */
    uint8_t tier;
};

struct directory_change {
    uint32_t hash;
    uint8_t tier;
};

struct directory {
    /* The worker's own. */
    VEC(struct directory_claim) claims;
    uint32_t free_claim;
    struct idmap of_customer; /* → index + 1 */
    struct idmap of_hash;     /* hash + 1 → index + 1 of the first */
    VEC(uint32_t) touched;    /* hashes whose claims have changed since the last publication */

    struct mutex lock;
    bool ready;     /* it has been published once, whole */
    uint64_t epoch; /* of the heading, from 1 on */
    struct directory_heading heading;
    struct buf shelves[DIRECTORY_SHELVES];
    uint8_t sums[DIRECTORY_SHELVES][DIRECTORY_SUM];
    uint64_t numbers; /* rows */
    VEC(struct directory_change) changes;
    uint64_t first;   /* serial of the first of them */
    uint64_t waiting; /* customers whose number is still to be hashed, as the worker last said */
};

void directory_open(struct directory *d);
void directory_close(struct directory *d); /* wipes the key */

/* ---- The worker's ---- */

/* The customer's number counts as this tier, and no other number of hers. */
void directory_claim(struct directory *d, uint64_t customer, uint32_t hash, uint8_t tier);
/* None does. */
void directory_unclaim(struct directory *d, uint64_t customer);
/* What it last claimed; false: nothing. */
bool directory_claimed(const struct directory *d, uint64_t customer, uint32_t *hash);
/* Another heading: what is claimed stays, every store begins anew, when it is published next. */
void directory_head(struct directory *d, const struct directory_heading *heading);
/* True: something changed for the stores. `ready` from the first time on. */
bool directory_publish(struct directory *d);

/* ---- A session's ---- */

struct directory_seat {
    bool wants;
    struct buf held;                        /* what HELLO told, until it is looked at */
    uint64_t epoch;                         /* of the heading it was told; 0: not looked at yet */
    uint64_t told;                          /* serial of the next change for it */
    uint8_t pending[DIRECTORY_SHELVES / 8]; /* shelves that are to go */
    bool fresh;                             /* it does not have the key */
    bool owed;                              /* something went or is to go, and the sum has not followed yet */
};
/* `held` as in HELLO; VIEW_NONE: the store knows no directory. */
void directory_seat_open(struct directory_seat *seat, struct view held);
void directory_seat_close(struct directory_seat *seat);
/* Is there something to tell? Never before the directory is ready. */
bool directory_owes(struct directory *d, struct directory_seat *seat);
/* It was not sent what it was told, and may lack anything. */
void directory_seat_again(struct directory_seat *seat);
/* The next part, as the field of FEED; appends. ERR_INVALID: no key can be sealed for `receiver`. */
int directory_tell(struct directory *d, struct directory_seat *seat, const uint8_t receiver[32], struct buf *out,
                   struct err *err);

#endif
