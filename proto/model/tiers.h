/* Tiers: V3. Earned by the net spend within the policy's tier-window, up and down; one given by hand holds until its
 * day is over and is shown where it is the higher one, beside the earned.
 *
 * As of `to`, under the policy in force then. A grant of a tier that the policy does not know then counts for nothing,
 * but is told: nobody meant to take it back who changed the tiers.
 * Pure. Thread: under the site's read lock; what is filled borrows nothing. Before: vip, segments, customer. */
#ifndef DANGOL_PROTO_MODEL_TIERS_H
#define DANGOL_PROTO_MODEL_TIERS_H

#include "proto/base/idmap.h"
#include "proto/model/policies.h"
#include "proto/model/questions.h"
#include "proto/model/sort.h"

#define TIER_NAME_MAX 32

struct tier_table {
    size_t count;
    struct {
        char name[TIER_NAME_MAX + 1];
        int64_t spend;          /* minor units: from here on */
    } tiers[POLICY_LISTED_MAX]; /* the lowest first */
};

#define TIER_NO (-1)
struct tier_standing {
    int64_t spend;  /* net, within the tier-window */
    uint64_t grant; /* the event; 0: none is in force */
    int64_t until;  /* of the grant; NIL: for good */
    int8_t earned;  /* index into the table, TIER_NO: none */
    int8_t granted;
    uint32_t lapsed; /* word: a tier given by hand that the policy has no more; 0: none */
};
/* Its name, borrowed until the next apply. */
struct view tier_lapsed(const struct model *model, const struct tier_standing *t);

void tier_table_read(const struct model *model, int64_t to, struct tier_table *out);
/* Of each of `persons`, whose sales are looked at one person at a time. */
void tiers_of(const struct model *model, const struct zone *zone, int64_t to, const struct tier_table *table,
              const uint64_t *persons, size_t count, struct tier_standing *out);

/* Everybody's (who is listed), in turns, as of their end: all sales are looked at once. */
struct tiers_all {
    struct sort_pair *persons; /* ascending by key, the person's id; `index` is of its standing */
    struct tier_standing *of;
    size_t count;
};
void tiers_all_open(const struct model *model, const struct zone *zone, int64_t to, const struct tier_table *table,
                    const struct pace *pace, struct tiers_all *out);
/* NULL: none of them; whom the asker knew may be a part of another by now. */
const struct tier_standing *tiers_all_find(const struct tiers_all *all, uint64_t person);
void tiers_all_close(struct tiers_all *all);

/* The same of one person, whose sales and returns up to `to` are at hand (person_rows). */
struct person_row;
void tier_by_rows(const struct model *model, const struct zone *zone, int64_t to, const struct tier_table *table,
                  uint64_t person, const struct person_row *rows, size_t count, struct tier_standing *out);

/* The higher of the two. */
static inline int tier_shown(const struct tier_standing *t) { return t->granted > t->earned ? t->granted : t->earned; }
/* The lowest tier that is a VIP's, by the policy vip-tiers; table->count: none is. */
int tier_least_vip(const struct model *model, int64_t to, const struct tier_table *table);
/* Everybody whose tier, earned or given, is a VIP's then (K5, X9): a set of persons, to be released. In turns, as of
 * their end. */
void vips_at(const struct model *model, const struct zone *zone, int64_t to, const struct pace *pace,
             struct idmap *out);
/* What is missing to the next tier to be earned; NIL: there is none above. */
int64_t tier_to_next(const struct tier_table *table, const struct tier_standing *t);

#endif
