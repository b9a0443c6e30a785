#include "proto/model/tiers.h"

#include <stdlib.h>
#include <string.h>

#include "proto/model/people.h"
#include "proto/model/person_rows.h"

void tier_table_read(const struct model *model, int64_t to, struct tier_table *out) {
    struct policy_tier tiers[POLICY_LISTED_MAX];
    *out = (struct tier_table){.count = policy_tiers(model, to, tiers)};
    for (size_t i = 0; i < out->count; i++) {
        memcpy(out->tiers[i].name, tiers[i].name.data, tiers[i].name.len); /* 32 at most: the check of the policy */
        out->tiers[i].spend = tiers[i].spend;
    }
}

static int8_t earned(const struct tier_table *table, int64_t spend) {
    int8_t tier = TIER_NO;
    for (size_t i = 0; i < table->count && spend >= table->tiers[i].spend; i++) tier = (int8_t)i;
    return tier;
}

static int8_t named(const struct tier_table *table, struct view name) {
    for (size_t i = 0; i < table->count; i++)
        if (view_is(name, table->tiers[i].name)) return (int8_t)i;
    return TIER_NO;
}

/* The latest word on it by then, of all customers that the person is. */
static const struct fact *latest_grant(const struct model *model, uint32_t entry, int64_t to) {
    const struct fact *latest = NULL;
    uint32_t member = entry;
    do {
        for (uint32_t i = model->entries.items[member].facts; i != NONE; i = model->facts.items[i].next) {
            const struct fact *fact = &model->facts.items[i];
            if (fact->type != EVENT_tier_granted || fact->dead || fact->time > to) continue;
            keep_last_word(&latest, fact);
        }
        member = model->entries.items[member].next_member;
    } while (member != entry);
    return latest;
}

static void add_grant(const struct model *model, uint32_t entry, int64_t to, const struct tier_table *table,
                      struct tier_standing *out) {
    const struct fact *grant = latest_grant(model, entry, to);
    if (grant == NULL || (grant->values[0] != NIL && grant->values[0] < to)) return;
    out->granted = named(table, words_view(&model->words, grant->words[0]));
    if (out->granted == TIER_NO) {
        out->lapsed = grant->words[0];
        return;
    }
    out->grant = grant->id;
    out->until = grant->values[0];
}

struct view tier_lapsed(const struct model *model, const struct tier_standing *t) {
    return words_view(&model->words, t->lapsed);
}

static void tier_window(const struct model *model, const struct zone *zone, int64_t to, struct cut *out) {
    cut_window(policy_text(model, POLICY_TIER_WINDOW, to), zone_date(zone, to), zone, out, NULL);
    out->to = to;
}

void tier_by_rows(const struct model *model, const struct zone *zone, int64_t to, const struct tier_table *table,
                  uint64_t person, const struct person_row *rows, size_t count, struct tier_standing *out) {
    struct cut cut;
    uint32_t entry = entry_find(model, person);
    *out = (struct tier_standing){0, 0, NIL, TIER_NO, TIER_NO, 0};
    if (entry == NONE) return;
    tier_window(model, zone, to, &cut);
    uint64_t spend = 0;
    for (size_t i = 0; i < count; i++)
        if (cut_has(&cut, rows[i].time)) spend += (uint64_t)rows[i].amount;
    out->spend = (int64_t)spend;
    out->earned = earned(table, out->spend);
    add_grant(model, entry, to, table, out);
}

void tiers_of(const struct model *model, const struct zone *zone, int64_t to, const struct tier_table *table,
              const uint64_t *persons, size_t count, struct tier_standing *out) {
    struct cut cut;
    tier_window(model, zone, to, &cut);
    for (size_t i = 0; i < count; i++) {
        uint32_t entry = entry_find(model, persons[i]);
        out[i] = (struct tier_standing){0, 0, NIL, TIER_NO, TIER_NO, 0};
        if (entry == NONE) continue;
        out[i].spend = tally_person(model, entry, &cut).spend;
        out[i].earned = earned(table, out[i].spend);
        add_grant(model, entry, to, table, &out[i]);
    }
}

/* ---- Everybody's ---- */

struct tiering {
    const struct tier_table *table;
    int64_t to;
};

static void stand(const void *context, const struct model *model, uint32_t root, const struct tally *tally, void *out) {
    const struct tiering *t = context;
    struct tier_standing standing = {tally->spend, 0, NIL, earned(t->table, tally->spend), TIER_NO, 0};
    add_grant(model, root, t->to, t->table, &standing);
    memcpy(out, &standing, sizeof standing);
}

/* Beside each of them stands the tier. */
static void read_tiers(const struct model *model, const struct zone *zone, int64_t to, const struct tier_table *table,
                       const struct pace *pace, struct people *out) {
    const struct tiering tiering = {table, to};
    struct people_asked asked = {.beside = sizeof(struct tier_standing), .look = stand, .context = &tiering};
    tier_window(model, zone, to, &asked.cut);
    people_read(model, &asked, pace, out);
    pace_leave(pace);
}

void tiers_all_open(const struct model *model, const struct zone *zone, int64_t to, const struct tier_table *table,
                    const struct pace *pace, struct tiers_all *out) {
    struct people people;
    read_tiers(model, zone, to, table, pace, &people);
    size_t most = (size_t)people.count + 1;
    *out = (struct tiers_all){.persons = mem_alloc(2 * most * sizeof *out->persons)};
    for (uint32_t i = 0; i < people.count; i++)
        if (people.names[i] != 0) out->persons[out->count++] = (struct sort_pair){people.names[i], i, 0};
    sort_pairs(out->persons, out->persons + most, out->count);
    out->of = (struct tier_standing *)(void *)people.beside;
    people.beside = NULL; /* handed over */
    people_release(&people);
}

const struct tier_standing *tiers_all_find(const struct tiers_all *all, uint64_t person) {
    size_t low = 0, high = all->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (all->persons[middle].key < person)
            low = middle + 1;
        else
            high = middle;
    }
    return low < all->count && all->persons[low].key == person ? &all->of[all->persons[low].index] : NULL;
}

void tiers_all_close(struct tiers_all *all) {
    free(all->persons);
    free(all->of);
}

int64_t tier_to_next(const struct tier_table *table, const struct tier_standing *t) {
    size_t next = (size_t)(t->earned + 1);
    return next < table->count ? table->tiers[next].spend - t->spend : NIL;
}

/* ---- VIPs ---- */

#define LOOKED_AT_ONCE 65536

int tier_least_vip(const struct model *model, int64_t to, const struct tier_table *table) {
    int vips = (int)policy_number(model, POLICY_VIP_TIERS, to), count = (int)table->count;
    return vips < count ? count - vips : 0;
}

void vips_at(const struct model *model, const struct zone *zone, int64_t to, const struct pace *pace,
             struct idmap *out) {
    struct tier_table table;
    struct people people;
    tier_table_read(model, to, &table);
    int least = tier_least_vip(model, to, &table);
    if (least == (int)table.count) {
        pace_leave(pace);
        return;
    }
    read_tiers(model, zone, to, &table, pace, &people);
    /* Whoever needs the model afterwards has not left it. */
    const struct pace *between = pace != NULL && pace->leave == NULL ? pace : NULL;
    const struct tier_standing *of = (const void *)people.beside;
    for (uint32_t i = 0; i < people.count; i++) {
        if (i % LOOKED_AT_ONCE == 0) pace_rest(between, i, people.count);
        if (people.names[i] != 0 && tier_shown(&of[i]) >= least) *idmap_put(out, people.names[i], NULL) = 1;
    }
    pace_rest(between, 0, 0);
    people_release(&people);
    pace_rest(between, 0, 0);
}
