/* Ingest: the hub's one writer of other streams' events.
 *
 * Sessions submit batches they have checked; `ingest_step` takes what is waiting, in order, as one group: keys to the
 * ring, records to the log in one commit, the fold, and only then the answers. A batch that no longer follows its
 * stream's head (an older connection of the same store was faster) is answered without being taken: nothing is written
 * twice, nothing is skipped; one of a stream that was revoked meanwhile likewise. The queue is bounded:
 * `ingest_reserve` says when it is full, before anything is unpacked, and sessions stop reading.
 *
 * Fresh events go before backlog. A small batch of a store that has nothing else waiting takes the fast lane; others
 * wait in a row of their stream's, of which each group takes some in turn, and at least one. So whoever has much to
 * bring delays nobody who has little, nor another who has much, and is never left out itself.
 *
 * Thread: submit from any; step from one (the daemon's writer thread, or a test by hand). */
#ifndef DANGOL_HUB_INGEST_H
#define DANGOL_HUB_INGEST_H

#include "proto/site/site.h"
#include "proto/wire/batch.h"

#define INGEST_QUEUE_BYTES (64u << 20) /* of all batches from before they are unpacked until they are answered */
#define INGEST_GROUP_EVENTS 65536u     /* most events in one commit */
#define INGEST_BULK_EVENTS 16384u      /* and of those from backlogs */
#define INGEST_GATHERED 256u           /* items that are worth a commit at once */
#define INGEST_FRESH_EVENTS 1024u      /* a batch of up to so many events … */
#define INGEST_FRESH_BYTES (64u << 10) /* … and bytes is fresh */

enum ingest_outcome {
    INGEST_TAKEN,   /* durable; receipt signed */
    INGEST_STALE,   /* does not follow the head: say what is wanted */
    INGEST_REVOKED, /* its stream was revoked while it waited */
    INGEST_FAILED,  /* the disk refused: nothing was written */
};

struct ingest_answer {
    enum ingest_outcome outcome;
    uint64_t next_seq;
    struct view receipt;   /* INGEST_TAKEN */
    const struct err *err; /* INGEST_FAILED */
};

struct ingest_item {
    struct ingest_item *next;
    struct ingest *ingest; /* whose room it takes */
    size_t reserved;       /* bytes of it */
    struct batch batch;    /* checked against `before` */
    struct head before;
    size_t line_bytes; /* what it cost of the store's credit */
    uint32_t round;    /* the session's own */
    bool of_hub;       /* a hub's former stream; its key and the root's word on it are kept */
    uint8_t hub_key[PUBLIC_KEY_SIZE + SIGNATURE_SIZE];
    enum ingest_outcome verdict; /* ingest's own: INGEST_TAKEN when it goes into the group */
    void (*answered)(void *session, struct ingest_item *item, const struct ingest_answer *answer);
    void *session;
};

struct ingest;
struct ingest *ingest_open(struct site *site);
void ingest_limit(struct ingest *ingest, size_t queue_bytes); /* INGEST_QUEUE_BYTES at first */
size_t ingest_waiting(struct ingest *ingest, size_t *items);  /* bytes reserved; how many items wait */
/* How many bytes of PUSH one of `stores` may have on the line, so that all together hardly fill the room left. */
size_t ingest_credit(struct ingest *ingest, size_t stores, size_t most);
void ingest_close(struct ingest *ingest); /* drops what is still waiting: it was never acked */
/* An item with room for so many bytes; NULL: full, to be tried again after the next step. One always fits. */
struct ingest_item *ingest_reserve(struct ingest *ingest, size_t bytes);
/* Takes the item over. */
void ingest_submit(struct ingest *ingest, struct ingest_item *item);
/* One group; false when nothing was waiting. */
bool ingest_step(struct ingest *ingest);
/* Waits until something is there, or `ms` have passed, or ingest_wake. */
void ingest_wait(struct ingest *ingest, int64_t ms);
/* Waits until there is enough for a good group, or `ms` have passed, or ingest_wake: a commit costs the same for one
 * item as for a hundred, and so does waking whoever commits. */
void ingest_gather(struct ingest *ingest, int64_t ms);
void ingest_wake(struct ingest *ingest);
void ingest_item_free(struct ingest_item *item); /* gives its room back */

#endif
