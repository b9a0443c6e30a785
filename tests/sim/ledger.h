/* The simulator's own bookkeeping: what became durable on which disk, told by the disks and not by the programs.
 *
 * A book is of one disk and has a track for each stream on it: for every sequence a mark, which stands for the frame
 * there and all before it. Two disks agree on a stream up to n when their marks at n are equal. Books of disks that
 * were replaced or overwritten are kept: what they held may have reached the hub.
 * Memory: the ledger's, until ledger_release. */
#ifndef DANGOL_TESTS_SIM_LEDGER_H
#define DANGOL_TESTS_SIM_LEDGER_H

#include "proto/base/idmap.h"
#include "proto/log/log.h"

struct track {
    uint32_t stream;
    uint64_t *marks; /* of sequence 1 at [0] */
    size_t count, room;
    uint64_t hlc; /* of the last one */
    bool own;     /* written there; a hub's disk has one for each incarnation */
};

struct book {
    struct sim *sim;
    size_t pc;    /* whose disk */
    uint32_t own; /* the stream written there now */
    struct track *tracks;
    size_t count, room;
    struct idmap refs;    /* of the own stream: first bytes of the hash → id */
    struct idmap partial; /* events of streams held in part: id → 1 */
    uint64_t records;
};

struct ledger {
    struct book **books;
    size_t count, room;
};

struct book *book_open(struct ledger *ledger, struct sim *sim, size_t pc, uint32_t own);
struct book *book_copy(struct ledger *ledger, const struct book *from, size_t pc);
const struct track *book_track(const struct book *book, uint32_t stream); /* NULL: nothing of it */
uint64_t book_seq(const struct book *book, uint32_t stream);
uint64_t book_mark(const struct book *book, uint32_t stream, uint64_t seq); /* 0: none */
/* For faulty_log.wrote: what is durable is noted, and what must never be is found. */
void book_wrote(void *book, const struct log_batch *batch);
/* For faulty_log.regrown: what is on that disk now is all that is, in the order it stands. */
void book_regrown(void *book, struct log *log);
uint64_t mark_next(uint64_t mark, struct view frame);
void ledger_release(struct ledger *ledger);

#endif
