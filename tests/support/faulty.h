/* A log and a key ring that can fail, over others that cannot: by countdown ("the third write from now finds the disk
 * full"), or as if the process had died. What they stand on is the disk as it is after a power cut: a write is there as
 * a whole from the moment it is durable, and not before; that pages do so too is tested with the real log.
 * They stay when their site is closed, so that another one can be opened over the same bytes, as after a restart.
 * Thread: as what they stand on. */
#ifndef DANGOL_TESTS_SUPPORT_FAULTY_H
#define DANGOL_TESTS_SUPPORT_FAULTY_H

#include "proto/event/keyring.h"
#include "proto/log/log.h"

struct fault {
    uint64_t writes;     /* tried so far */
    uint64_t fail_after; /* so many more writes are good, then `fails` of them fail */
    uint64_t fails;
    int code;        /* what a failing write returns */
    bool after_all;  /* and it is durable all the same: the process dies before it can say so, and writes no more */
    bool deadly;     /* the process dies before anything of it is durable, and writes no more */
    bool dead;       /* one of the two has happened; until the next fault_plan */
    uint64_t failed; /* so far */
    void (*died)(void *context); /* at that moment; may be NULL */
    void *context;
};
/* From now on `good` writes are good, then `fails` of them return `code`. */
void fault_plan(struct fault *fault, uint64_t good, uint64_t fails, int code);

struct faulty_log {
    struct log base;
    struct log *inner;
    struct fault fault;
    /* Told of what has become durable, and of nothing else. May be NULL. */
    void (*wrote)(void *witness, const struct log_batch *batch);
    /* Another log has taken the place of the one it stood on, grown out of it (regrow.h). May be NULL. */
    void (*regrown)(void *witness, struct log *log);
    void *witness;
};
struct faulty_ring {
    struct keyring base;
    struct keyring *inner;
    struct fault fault;
};

/* Take what they stand on; `end` closes it. */
void faulty_log_make(struct faulty_log *log, struct log *inner);
void faulty_log_end(struct faulty_log *log);
void faulty_ring_make(struct faulty_ring *ring, struct keyring *inner);
void faulty_ring_end(struct faulty_ring *ring);

#endif
