/* Ingest: the hub's one writer of other streams' events.
 *
 * Sessions submit batches they have checked; `ingest_step` takes what is waiting, in order, as one group: keys to the
 * ring, records to the log in one commit, the fold, and only then the answers. A batch that no longer follows its
 * stream's head (an older connection of the same store was faster) is answered without being taken: nothing is written
 * twice, nothing is skipped; one of a stream that was revoked meanwhile likewise. The queue is bounded:
 * `ingest_submit` says when it is full, and sessions stop reading.
 *
 * Thread: submit from any; step from one (the daemon's writer thread, or a test by hand). */
#ifndef DANGOL_HUB_INGEST_H
#define DANGOL_HUB_INGEST_H

#include "proto/site/site.h"
#include "proto/wire/batch.h"

#define INGEST_QUEUE_BYTES (64u << 20)
#define INGEST_GROUP_EVENTS 65536u

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
    struct batch batch; /* checked against `before` */
    struct head before;
    size_t line_bytes;           /* what it cost of the store's credit */
    uint32_t round;              /* the session's own */
    enum ingest_outcome verdict; /* ingest's own: INGEST_TAKEN when it goes into the group */
    void (*answered)(void *session, struct ingest_item *item, const struct ingest_answer *answer);
    void *session;
};

struct ingest;
struct ingest *ingest_open(struct site *site);
void ingest_limit(struct ingest *ingest, size_t queue_bytes); /* INGEST_QUEUE_BYTES at first */
size_t ingest_waiting(struct ingest *ingest, size_t *items);  /* bytes */
void ingest_close(struct ingest *ingest);                     /* drops what is still waiting: it was never acked */
/* Takes the item over. False: full; the item stays the caller's, to be offered
 * again after the next step. */
bool ingest_submit(struct ingest *ingest, struct ingest_item *item);
/* One group; false when nothing was waiting. */
bool ingest_step(struct ingest *ingest);
/* Waits until something is there, or `ms` have passed, or ingest_wake. */
void ingest_wait(struct ingest *ingest, int64_t ms);
void ingest_wake(struct ingest *ingest);
void ingest_item_free(struct ingest_item *item);

#endif
