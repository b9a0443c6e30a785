/* The parts of the judge among themselves: what one step hears and writes. For hub/judge*.c only. */
#ifndef DANGOL_HUB_JUDGE_PARTS_H
#define DANGOL_HUB_JUDGE_PARTS_H

#include "hub/judge.h"
#include "proto/base/idmap.h"
#include "proto/model/vec.h"

/* One judgement to be written. */
struct ruling {
    struct draft draft;
    char ref[REF_KEY_MAX + 1];
    char reason[160];
    struct buf ids; /* of an erasure */
};

/* A strong key that a record brought. */
struct claim {
    uint64_t customer;
    struct tag tag;
    int64_t received;
    int64_t time; /* when it happened */
};

/* A sale or complaint that was found to be of somebody erased. */
struct late_thing {
    uint64_t thing, customer;
};

struct sitting {
    struct judge *judge;
    struct site *site;
    VEC(struct claim) claims;
    VEC(struct late_thing) late;
    VEC(struct ruling) rulings;
    int regional;         /* does anybody speak of regional sources? 1 yes, -1 no, 0: not asked yet */
    struct idmap bought;  /* ids about which something was heard that may change whom they bring points */
    struct idmap touched; /* persons in the rulings: before one is judged again its links must stand in the model */
};

/* An event as the judge hears it. */
struct heard {
    const struct record *record;
    const struct event *event;
    int standing; /* as event_decode */
};

/* A new judgement: an empty event of the type; the caller fills body, ref and reason. Valid until the next one. */
struct ruling *sitting_rule(struct sitting *s, enum event_type type, uint64_t subject);
/* Writes what was ruled so far, with the cursor (NULL: without). */
int sitting_write(struct sitting *s, const struct log_value *cursor, struct err *err);

/* Is it one of the judge's own words, of this hub or a former one? */
static inline bool judged(uint64_t id, const struct event *e) {
    return stream_is_hub(id_stream(id)) && view_is(e->ref.source, JUDGE_SOURCE);
}

/* Links. */
void links_hear(struct sitting *s, const struct heard *heard);
int links_judge(struct sitting *s, struct err *err);
/* Links two customers unless they are one person already or somebody keeps them apart; `word` names the reason in the
 * ref. `tag` (may be NULL): the strong key they share, which both files must still hold, with names that agree. */
int links_join(struct sitting *s, uint64_t customer, uint64_t other, const struct tag *tag, const char *word,
               enum choice_link_reason reason, struct err *err);

/* The persons of the rulings so far are not looked at before these stand in the model: writes them if `customer` is one
 * of those; *person: whose it is then. */
int links_settle(struct sitting *s, uint64_t customer, uint64_t *person, struct err *err);
/* Does the file of a customer still hold the key, the number not being found to be somebody else's since? */
bool links_holds(struct site *site, uint64_t customer, const struct tag *tag);

/* The erased. */
void erased_hear(struct sitting *s, const struct heard *heard);
int erased_judge(struct sitting *s, struct err *err);

/* Duplicates. */
struct doubles *doubles_open(void);
void doubles_close(struct doubles *doubles);
void doubles_hear(struct sitting *s, const struct heard *heard);
int doubles_judge(struct sitting *s, uint64_t to, struct err *err);
/* Has a former hub judged what was received then, the one in view of the other? */
bool judged_before(const struct judge *judge, int64_t received, int64_t other);
/* Has a former hub made the judgement with this ref? Then people's word on that one holds, and it is not made again. */
bool doubles_ruled_before(const struct judge *judge, const char *ref);

/* Credits. */
void credits_hear(struct sitting *s, const struct heard *heard);
int credits_judge(struct sitting *s, struct err *err);

/* Clocks. */
struct suspects *suspects_open(void);
void suspects_close(struct suspects *suspects);
void clocks_hear(struct sitting *s, const struct heard *heard);
void clocks_judge(struct sitting *s);
bool clocks_waiting(const struct judge *judge); /* for more to come, or the next visit */
void clocks_forget(struct judge *judge);        /* a step failed: what it said of clocks was not written */

#endif
