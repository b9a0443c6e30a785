/* The judge: what only the hub can decide, decided once and written down as events of its own stream.
 *
 * A cursor over the hub's log, committed with its judgements (and now and then without one: judging a record again is
 * harmless, every judgement has a ref). Five kinds, each with its file:
 *   links       judge_links.c    two customers with the same strong key are one person (C5)
 *   erased      judge_erased.c   what comes late of somebody who was erased is erased too (C11)
 *   duplicates  judge_doubles.c  what came twice counts once
 *   credits     judge_credits.c  which newcomers bring points to whoever brought them (P3)
 *   clocks      judge_clocks.c   what a store wrote while its clock was wrong, and how wrong it was
 * While the log holds a value JUDGE_HOLD, nothing is judged: a hub that was rebuilt waits for what its former self has
 * written, so that what was decided once is not decided anew. What a former one received between its first word and its
 * last, by the original times of receipt, it has judged; of that only the ring's tags are made again.
 * Thread: the hub's writer thread, after ingest. */
#ifndef DANGOL_HUB_JUDGE_H
#define DANGOL_HUB_JUDGE_H

#include "proto/model/vec.h"
#include "proto/site/site.h"

#define JUDGE_HOLD SITE_HOLD
/* Among the log's values: when this incarnation began (i64 LE). Whatever a former hub's clock said, what is received
 * from then on it has not judged. */
#define JUDGE_CURSOR "judge" /* log value: how far it has heard */
#define JUDGE_BEGAN "judge began"

/* A hub before this one, from its first word to its last that is known here: ms of its time. */
struct judge_era {
    int64_t from, to;
};

struct doubles;
struct suspects;

struct judge {
    struct site *site;
    uint64_t position;          /* judged up to here */
    uint64_t stored;            /* the cursor as last committed */
    VEC(struct judge_era) eras; /* of former hubs */
    uint64_t origins;           /* re-homed events up to there: none, and no index of them is needed */
    struct doubles *doubles;
    struct suspects *suspects;
    bool credits_all; /* everybody's are to be looked at: at the start, and after a correction of a clock */
};

void judge_open(struct judge *judge, struct site *site);
/* From the beginning of the log once more: what was judged is not judged anew, but tags are made that could not be
 * made before. */
void judge_afresh(struct judge *judge);
void judge_close(struct judge *judge);
/* Judges records up to a bound; 1: there is more to judge, 0: level with the log, negative on error. */
int judge_step(struct judge *judge, struct err *err);

#endif
