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
    uint8_t *custodied; /* then, by entry: her person may have a custodian there */
    const struct pace *pace;
    uint32_t entries; /* as many as there were in the beginning; who came since is not looked at */
    uint64_t seen;    /* of what was touched */
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

/* The model has been folded again since: no index is good any more, and all begins anew. */
static inline bool followup_lost(const struct collecting *c) {
    return c->model->touched.count - c->seen > TOUCHED_KEPT;
}

/* To be asked at each one looked at: at some of them others have the model. False: stop. */
#define FOLLOWUPS_AT_ONCE 8192
static inline bool followup_goes_on(const struct collecting *c, uint32_t at) {
    if (at > 0 && at % FOLLOWUPS_AT_ONCE == 0) pace_rest(c->pace, 0, 0);
    return !followup_lost(c);
}

static inline bool followup_asked(const struct collecting *c, enum followup_kind kind) {
    return c->q->kind == FOLLOWUP_NONE || c->q->kind == kind;
}

static inline int64_t day_of(const struct collecting *c, int64_t ms) { return date_to_days(zone_date(c->q->zone, ms)); }
static inline int64_t start_of(const struct collecting *c, int64_t day) {
    return zone_day_start(c->q->zone, date_from_days(day));
}

#endif
