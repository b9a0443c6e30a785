/* Questions: pure functions of (model, cut, scope). Nothing here decrypts, prints or knows the clock.
 *
 * A cut takes away what happened later: sales, returns, contacts, complaint steps, registrations; links, erasures and
 * staff always apply. A window is a range of happened times inside the cut. A scope narrows to the streams of one store
 * or chain. Meanings: CLI.md; each function says which. Arrays returned are the caller's to free.
 * Thread: under the site's read lock. */
#ifndef DANGOL_PROTO_MODEL_QUESTIONS_H
#define DANGOL_PROTO_MODEL_QUESTIONS_H

#include "proto/base/zone.h"
#include "proto/model/model.h"

struct cut {
    int64_t from; /* first ms of the window; TIME_NONE: from the beginning */
    int64_t to;   /* last ms that counts; TIME_NONE: no cut */
};
struct scope {
    struct view store; /* VIEW_NONE: every store */
    struct view chain; /* VIEW_NONE: every chain */
};

/* What takes long is worked out in parts, and between them `rest` may let others have the model. NULL,
 * or without it: in one go. */
struct pace {
    void (*rest)(void *context, uint64_t done, uint64_t all);
    void (*leave)(void *context); /* the model is not needed any more: what is left is sorting. May be NULL */
    void *context;
};
static inline void pace_rest(const struct pace *pace, uint64_t done, uint64_t all) {
    if (pace != NULL && pace->rest != NULL) pace->rest(pace->context, done, all);
}

/* For a part of what is worked out: the model is still needed after it. */
static inline struct pace pace_within(const struct pace *pace) {
    struct pace within = {NULL, NULL, NULL};
    if (pace != NULL) within = (struct pace){pace->rest, NULL, pace->context};
    return within;
}

static inline void pace_leave(const struct pace *pace) {
    if (pace != NULL && pace->leave != NULL) pace->leave(pace->context);
}

/* "all", "year", "season" (the calendar quarter) or days, as of the day `as_of` in the zone: fills `from`; `to` is the
 * end of that day. ERR_INVALID names "window". */
int cut_window(struct view window, struct date as_of, const struct zone *zone, struct cut *out, struct err *err);

/* By margin: of the rows whose cost is known; NIL, behind all others, where none is. By score: weighted, under the
 * policy as of the end of the cut (rfm.h). */
enum measure { BY_SPEND, BY_VISITS, BY_REFERRALS, BY_MARGIN, BY_SCORE };

/* One person in a ranking. */
struct standing {
    uint64_t person; /* its smallest id */
    int64_t value;   /* of the measure */
    int64_t spend;   /* minor units, net of returns */
    int64_t last;    /* last visit, ms UTC; TIME_NONE: none */
    uint32_t visits; /* purchases with at least one line of positive quantity */
};

/* Every identified person with a purchase or return in the window, by value, largest first; equal values by id (the
 * asker settles ties by card, which is sealed: ranking_ties). Identified at all, not by the cut: an old sale may be
 * written down before its customer is registered. */
int rank(const struct model *model, enum measure by, const struct cut *cut, const struct scope *scope,
         struct standing **out, size_t *count);

/* The first `top` of them only, and all that are tied with the last of these: what one page shows, without putting a
 * million customers in order. */
int rank_first(const struct model *model, enum measure by, const struct cut *cut, const struct scope *scope, size_t top,
               struct standing **out, size_t *count);

/* Both in turns, as of their end; `top` 0: all. */
int rank_paced(const struct model *model, enum measure by, const struct cut *cut, const struct scope *scope, size_t top,
               const struct pace *pace, struct standing **out, size_t *count);

/* Puts ties that reach into the first `top` places in order of card as bytes, then id. `card` appends the card of a
 * person, nothing when there is none; called once for each person tied there. */
void ranking_ties(struct standing *ranking, size_t count, size_t top,
                  void (*card)(void *context, uint64_t person, struct buf *out), void *context);

/* V1: over persons with positive net spend, the first so many percent of them, rounded up, are the top; and the groups
 * by volume. `ranking` is by spend. */
struct pyramid_shares {
    int64_t top;           /* percent of customers */
    int64_t large, medium; /* up to here */
};
struct volume {
    uint64_t customers;
    int64_t spend;
};
struct pyramid {
    uint64_t customers; /* with positive net spend */
    uint64_t top_customers;
    int64_t top_spend, total; /* of those with positive net spend */
    uint64_t customers_for_80_percent;
    double top_share; /* 0..1; 0 when total is 0 */
    struct volume large, medium, small;
};
void pyramid_of(const struct standing *ranking, size_t count, const struct pyramid_shares *shares, struct pyramid *out);
/* The curve behind it: which share of the total, 0..1, the best p percent of those customers, rounded up, bring, for p
 * from 0 to 100. Zeros where there is nobody. */
#define PYRAMID_POINTS 101
void pyramid_curve(const struct standing *ranking, size_t count, double out[PYRAMID_POINTS]);
/* The policy's, in force at a time. */
struct pyramid_shares pyramid_shares(const struct model *model, int64_t at);

/* V1: identified persons by margin. Of those with a positive one, the first share of the policy, rounded up, is high,
 * what is within the second medium, the rest low; none: nothing was earned on them. Those with no row whose cost is
 * known are in no group. */
struct profit_groups {
    uint64_t high, medium, low, none;
    int64_t high_margin, margin; /* of the high ones, of all four */
};
/* Policy as of the end of the cut. In turns, as of their end. False: no margin is known there. */
bool profit_groups(const struct model *model, const struct cut *cut, const struct scope *scope, const struct pace *pace,
                   struct profit_groups *out);

/* Every person known by the cut, purchases or not, ascending by id: registered by then, or with a purchase or return in
 * it; value is spend. In turns, as of their end. */
int segments(const struct model *model, const struct cut *cut, const struct pace *pace, struct standing **out,
             size_t *count);

/* One person's value. False: not known. */
bool person_value(const struct model *model, uint64_t customer, const struct cut *cut, struct standing *out);

struct totals {
    uint64_t events, customers, persons, purchases, lines, returns, anonymous, streams;
};
/* events and streams: all there are, whatever the cut; customers and persons: registered by the cut; lines: of
 * purchases and returns; anonymous: purchases without a customer, neither named nor attributed. */
void totals(const struct model *model, const struct cut *cut, struct totals *out);

/* Complaints: threads, computed on read (X2–X7). */
enum complaint_state { COMPLAINT_OPEN, COMPLAINT_PAUSED, COMPLAINT_CLOSED };
/* A time limit of the policy in force at the opening (X4). */
struct complaint_clock {
    int64_t due_at;   /* the last instant in time; TIME_NONE: none is in sight, as it stands still */
    int64_t spent_ms; /* counted until it was met, or now: pauses and closed hours are not */
    int64_t left_ms;  /* below 0: too late */
    bool met;         /* answered, closed */
    bool over;        /* more was spent than allowed, met or not */
};
#define COMPLAINT_WORD 65 /* words of the catalogue, with their end */
#define COMPLAINT_TEXT 121
struct complaint {
    uint64_t id;
    uint64_t subject; /* a customer, or id itself */
    uint64_t person;  /* whose it is now, also where it was attributed later; 0: nobody's that is known */
    uint32_t stream;  /* where it was opened */
    enum complaint_state state;
    int64_t step;      /* furthest step made since the last (re)opening, 0: none */
    uint32_t left_out; /* steps before it that were not made in this cycle: bit N is step N */
    int64_t level;     /* whose matter now */
    bool escalated;    /* the time since the opening, or since it was last routed, has brought it there (X3) */
    int64_t routed_at; /* TIME_NONE: never */
    char routed_to[COMPLAINT_WORD]; /* the store it was routed to; "": none */
    int64_t opened_at;
    int64_t first_answer_at; /* first step from apologise on; TIME_NONE: not yet */
    int64_t closed_at;       /* latest outcome not followed by a reopening; TIME_NONE: open */
    int64_t satisfied;       /* 0, 1 or NIL: of the outcome that closed it */
    int64_t score;           /* 1–5 or NIL */
    int64_t settlement;      /* the latest, enum choice_settlement; 0: none */
    int64_t cost;            /* of all of them, minor units; NIL: not said */
    char cause[COMPLAINT_WORD];
    char sku[COMPLAINT_WORD];
    char segment[COMPLAINT_TEXT];
    int64_t paused_ms;                      /* time between pauses and resumptions, up to the cut */
    bool business_hours;                    /* the clocks count those alone: a day of them is no 24 hours */
    struct complaint_clock answer, resolve; /* answer-hours, resolve-hours */
    uint32_t steps;
    uint32_t cycles;    /* 1, and one more each time it was reopened */
    int64_t cycle_at;   /* when this cycle began: the opening, or the last reopening */
    int64_t changed_at; /* since when it is in its state: open, paused or closed */
    int64_t last_at;    /* when the latest happened of all that counts */
    bool last_offer;    /* something was given after an outcome that did not satisfy (X6) */
    bool concurrent;    /* steps made in two places without knowing of each other */
    bool overdue;       /* still no first answer at `now`, and its time is over */
};
/* All threads whose opening is within the cut, by opening time, then id. `now` (the cut's end, where that is earlier)
 * is what the clocks are read at; the zone is that of the business hours. */
int complaints(const struct model *model, const struct cut *cut, const struct zone *zone, int64_t now,
               struct complaint **out, size_t *count);
/* In turns, as of their end. */
int complaints_paced(const struct model *model, const struct cut *cut, const struct zone *zone, int64_t now,
                     const struct pace *pace, struct complaint **out, size_t *count);
/* Those of them that are not closed then: what a desk asks for all day, whatever there ever was. */
int complaints_open(const struct model *model, const struct cut *cut, const struct zone *zone, int64_t now,
                    struct complaint **out, size_t *count);
bool complaint_of(const struct model *model, uint64_t id, const struct cut *cut, const struct zone *zone, int64_t now,
                  struct complaint *out);
/* The thread's events in causal order, then by hlc and id, at most `max`; returns how many. The last heads (what a new
 * step is `after`): complaint_heads. */
size_t complaint_thread(const struct model *model, uint64_t id, uint64_t *out, size_t max);
size_t complaint_heads(const struct model *model, uint64_t id, uint64_t *out, size_t max);
/* Of each event of the thread, in the same order: was a step, or another act, made without knowing of it (X7)? */
size_t complaint_beside(const struct model *model, uint64_t id, bool *out, size_t max);

#endif
