/* The judge: what only the hub can decide, decided once and written down as events of its own stream.
 *
 * A cursor over the hub's log, committed with its judgements (and now and then without one: judging a record again is
 * harmless). So far it links: two customers with the same strong key (phone, card, e-mail; C5) are one person, unless
 *   - the names known of the two persons have none in common;
 *   - the file of one of them no longer holds the key, or a contact since found the number given up;
 *   - somebody barred a pair that would be joined, through others too;
 *   - one of them is erased;
 *   - the pair was linked for that reason before: who voided or unlinked that link has the last word.
 * It also keeps the ring's tags, by which `customer --phone` finds people.
 * Thread: the hub's writer thread, after ingest. */
#ifndef DANGOL_HUB_JUDGE_H
#define DANGOL_HUB_JUDGE_H

#include "proto/site/site.h"

struct judge {
    struct site *site;
    uint64_t position; /* judged up to here */
    uint64_t stored;   /* the cursor as last committed */
};

void judge_open(struct judge *judge, struct site *site);
/* Judges records up to a bound; 1: there is more to judge, 0: level with the log, negative on error. */
int judge_step(struct judge *judge, struct err *err);

#endif
