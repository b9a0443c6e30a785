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

struct collecting {
    const struct model *model;
    const struct followup_question *q;
    struct tallies tallies;
    int64_t today, earliest; /* days since 1970; none due before `earliest` is looked for */
    struct recent *recents;  /* by person, then time, then id */
    size_t recent_count;
    struct followup *found;
    size_t count, room;
};

/* Takes one in, unless it is not open yet, over, answered (and nobody asks for those), or its person is left alone.
 * `due`: days since 1970. */
void followup_add(struct collecting *c, struct followup f, int64_t due);
/* The same, of a promise, whose due time is its own. */
void followup_add_promise(struct collecting *c, struct followup f);

/* followup_trade.c: from rows. */
void followup_gather_rows(struct collecting *c);
void followup_trade(struct collecting *c);
void followup_inactive(struct collecting *c);
void followup_top(struct collecting *c);
/* The stream of the latest visit of those that come from no event. */
void followup_place(struct collecting *c);

/* followup_person.c: what a person's facts say about one follow-up. */
struct followup_standing {
    uint64_t answer;
    struct view staff, store; /* of the custodian */
    bool left_alone;
};
struct followup_standing followup_standing_of(const struct collecting *c, const struct followup *f);

/* Does a contact say that it answers this promise, and was somebody reached? */
bool followup_keeps(const struct model *model, const struct fact *contact, uint64_t promise);

static inline int64_t day_of(const struct collecting *c, int64_t ms) { return date_to_days(zone_date(c->q->zone, ms)); }
static inline int64_t start_of(const struct collecting *c, int64_t day) {
    return zone_day_start(c->q->zone, date_from_days(day));
}

#endif
