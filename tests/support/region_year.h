/* A year of a region, made up: many stores, customers who come and go, and every kind of event about as often as in
 * trade. The same events for the same numbers.
 *
 *   in a hundred events, besides one registration a customer: 58 sales (one in ten nobody's, three in ten with what the
 *   goods cost, a few with a package), 4 returns, 12 contacts, 6 change cards, 4 promises and words that they were
 *   kept, 4 redemptions, 3 benefits, 3 referrals, 3 tags, 1 complaint and its 2 steps, 1 custodian, 1 package used
 *
 * A promise is kept after five days, a complaint answered after half a day and closed after six; of either, one in a
 * hundred is forgotten.
 *
 * Memory: year_release. Thread: one. */
#ifndef DANGOL_TESTS_SUPPORT_REGION_YEAR_H
#define DANGOL_TESTS_SUPPORT_REGION_YEAR_H

#include "proto/event/event.h"
#include "proto/log/log.h"

/* What is to be done about something later. */
struct chore {
    uint64_t at; /* when so many events are made */
    uint64_t who, what;
};
struct chores {
    struct chore *items;
    size_t next, count, room;
    enum event_type type;
    int64_t step;
};
enum { CHORE_KEEP, CHORE_ANSWER, CHORE_CLOSE, CHORE_KINDS };

struct year {
    uint32_t stores;
    uint64_t customers, events; /* how many are to be made */

    uint64_t dice, made, registered;
    uint64_t *seq;          /* by stream */
    uint64_t *customer_ids; /* in the order of registration */
    uint64_t *last;         /* of each the position of its last record */
    uint64_t *sale;         /* of each its last sale, 0: none */
    uint64_t sales, returns;
    struct chores chores[CHORE_KINDS];
    struct buf lines;
};

#define YEAR_START INT64_C(1735689600000) /* 2025-01-01T00:00:00Z */
#define YEAR_END (YEAR_START + 365 * INT64_C(86400000))

void year_init(struct year *y, uint32_t stores, uint64_t customers, uint64_t events);
void year_release(struct year *y);
/* Appends the next event's frame and fills its id and hint. */
void year_next(struct year *y, struct log_append *record, struct buf *frame);

#endif
