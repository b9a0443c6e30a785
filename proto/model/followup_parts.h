/* What the files of followups.h share. Inside this room. */
#ifndef DANGOL_PROTO_MODEL_FOLLOWUP_PARTS_H
#define DANGOL_PROTO_MODEL_FOLLOWUP_PARTS_H

#include "proto/model/followups.h"
#include "proto/model/scope.h"

/* A live row of a customer within the time looked back over. */
struct recent {
    uint64_t id;
    int64_t time, amount;
    uint32_t root;
    uint32_t flags; /* of the row */
};

/* One found, on its way into the answer. */
struct gathered {
    struct followup f;
    int64_t due;           /* days since 1970; a promise's due time is its own */
    uint32_t entry;        /* of somebody of its person */
    uint32_t staff, store; /* words: of the custodian, 0: none; of whose it is, 0: nobody's */
};

struct collecting {
    const struct model *model;
    const struct followup_question *q;
    uint32_t store;     /* word of the only one asked for; 0: any */
    uint8_t *custodied; /* then, by entry: her person may have a custodian */
    struct tallies tallies;
    int64_t today, earliest; /* days since 1970; none due before `earliest` is looked for */
    struct recent *recents;  /* by person, then time, then id */
    size_t recent_count;
    struct gathered *found;
    size_t count, room;
};

/* Takes one in, unless it is not open yet, over, or not asked for. What the person's facts say of it comes later.
 * `due`: days since 1970; a promise's is its own. */
void followup_add(struct collecting *c, uint32_t entry, struct followup f, int64_t due);
/* Is one that comes from this stream the store's that is asked for, or may it be by the person's custodian? */
bool followup_may_be_wanted(const struct collecting *c, uint32_t entry, uint32_t stream);
bool followup_of_store(const struct collecting *c, uint32_t stream);

/* followup_trade.c: from rows. */
void followup_trade(struct collecting *c);
void followup_inactive(struct collecting *c);
void followup_top(struct collecting *c);

/* followup_person.c: what a person's facts say about one follow-up. */
struct followup_standing {
    uint64_t answer;       /* the contact, or the word that a promise was kept; 0: open */
    uint32_t staff, store; /* words: of the custodian */
    bool left_alone;
};
struct followup_standing followup_standing_of(const struct collecting *c, const struct gathered *g);

/* Does a contact say that it answers this promise, and was somebody reached? */
bool followup_keeps(const struct model *model, const struct fact *contact, uint64_t promise);

static inline bool followup_asked(const struct collecting *c, enum followup_kind kind) {
    return c->q->kind == FOLLOWUP_NONE || c->q->kind == kind;
}

static inline int64_t day_of(const struct collecting *c, int64_t ms) { return date_to_days(zone_date(c->q->zone, ms)); }
static inline int64_t start_of(const struct collecting *c, int64_t day) {
    return zone_day_start(c->q->zone, date_from_days(day));
}

#endif
