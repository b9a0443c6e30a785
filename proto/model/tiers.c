#include "proto/model/tiers.h"

#include <stdlib.h>
#include <string.h>

#include "proto/model/person_rows.h"
#include "proto/model/scope.h"

#define FEW_PERSONS 128

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
            if (latest == NULL || later(fact->hlc, fact->id, latest->hlc, latest->id)) latest = fact;
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
    if (out->granted == TIER_NO) return;
    out->grant = grant->id;
    out->until = grant->values[0];
}

static void tier_window(const struct model *model, const struct zone *zone, int64_t to, struct cut *out) {
    cut_window(policy_text(model, POLICY_TIER_WINDOW, to), zone_date(zone, to), zone, out, NULL);
    out->to = to;
}

void tier_by_rows(const struct model *model, const struct zone *zone, int64_t to, const struct tier_table *table,
                  uint64_t person, const struct person_row *rows, size_t count, struct tier_standing *out) {
    struct cut cut;
    uint32_t entry = entry_find(model, person);
    *out = (struct tier_standing){0, 0, NIL, TIER_NO, TIER_NO};
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
    uint32_t *roots = mem_alloc((count + 1) * sizeof *roots);
    for (size_t i = 0; i < count; i++) {
        uint32_t entry = entry_find(model, persons[i]);
        roots[i] = entry == NONE ? NONE : model->roots.items[entry];
    }
    tier_window(model, zone, to, &cut);
    /* The rows of a few persons are found by their records, without a look at all rows. */
    bool few = count <= FEW_PERSONS;
    struct tallies tallies = few ? (struct tallies){model, NULL, 0} : tallies_some(model, &cut, roots, count);
    for (size_t i = 0; i < count; i++) {
        out[i] = (struct tier_standing){0, 0, NIL, TIER_NO, TIER_NO};
        if (roots[i] == NONE) continue;
        out[i].spend = few ? tally_person(model, roots[i], &cut).spend : tallies_of(&tallies, roots[i]).spend;
        out[i].earned = earned(table, out[i].spend);
        add_grant(model, roots[i], to, table, &out[i]);
    }
    tallies_release(&tallies);
    free(roots);
}

int64_t tier_to_next(const struct tier_table *table, const struct tier_standing *t) {
    size_t next = (size_t)(t->earned + 1);
    return next < table->count ? table->tiers[next].spend - t->spend : NIL;
}

/* ---- VIPs ---- */

int tier_least_vip(const struct model *model, int64_t to, const struct tier_table *table) {
    int vips = (int)policy_number(model, POLICY_VIP_TIERS, to), count = (int)table->count;
    return vips < count ? count - vips : 0;
}

void vips_at(const struct model *model, const struct zone *zone, int64_t to, struct idmap *out) {
    struct tier_table table;
    tier_table_read(model, to, &table);
    int least = tier_least_vip(model, to, &table);
    if (least == (int)table.count) return;
    uint64_t *persons = mem_alloc(((size_t)model->entries.count + 1) * sizeof *persons);
    size_t count = 0;
    for (uint32_t i = 0; i < model->entries.count; i++)
        if (model->roots.items[i] == i && person_listed(model, i)) persons[count++] = person_name(model, i);
    struct tier_standing *standings = mem_alloc((count + 1) * sizeof *standings);
    tiers_of(model, zone, to, &table, persons, count, standings);
    for (size_t i = 0; i < count; i++)
        if (tier_shown(&standings[i]) >= least) *idmap_put(out, persons[i], NULL) = 1;
    free(standings);
    free(persons);
}
