#include "proto/command/ask_tier.h"

#include <stdlib.h>
#include <string.h>

#include "proto/base/text.h"

/* Whose tiers are asked for: `rows`, where they are at hand, of one person; then the asker has the model. */
struct tier_asking {
    const uint64_t *persons;
    size_t count;
    const struct model *model;
    const struct person_row *rows;
    size_t row_count;
};

#define FEW_PERSONS 128 /* whose sales are found by their records, without a look at all sales */

/* Of many: everybody's tier is worked out, in turns. */
static void standings_of_many(struct call *call, int64_t to, const struct tier_asking *asking,
                              const struct tier_table *table, struct tier_standing *out) {
    const struct zone *zone = &call->site->zone;
    struct tiers_all all;
    struct pace pace;
    tiers_all_open(ask_report_begin(call, "tiers", &pace), zone, to, table, &pace, &all);
    ask_report_end(call);
    for (size_t i = 0; i < asking->count; i++) {
        const struct tier_standing *found = tiers_all_find(&all, asking->persons[i]);
        if (found != NULL) {
            out[i] = *found;
            continue;
        }
        tiers_of(ask_begin(call), zone, to, table, &asking->persons[i], 1, &out[i]);
        ask_end(call);
    }
    tiers_all_close(&all);
}

static struct tier_standing *standings(struct call *call, int64_t to, const struct tier_asking *asking,
                                       struct tier_table *table) {
    struct tier_standing *out = mem_alloc((asking->count + 1) * sizeof *out);
    const struct zone *zone = &call->site->zone;
    if (asking->rows != NULL) {
        tier_table_read(asking->model, to, table);
        tier_by_rows(asking->model, zone, to, table, asking->persons[0], asking->rows, asking->row_count, out);
        return out;
    }
    tier_table_read(ask_begin(call), to, table);
    ask_end(call);
    if (asking->count > FEW_PERSONS) {
        standings_of_many(call, to, asking, table, out);
        return out;
    }
    for (size_t i = 0; i < asking->count; i++) { /* each for herself: her records may have to come from the disk */
        tiers_of(ask_begin(call), zone, to, table, &asking->persons[i], 1, &out[i]);
        ask_end(call);
        call_progress(call, "tiers", i, asking->count);
    }
    call_progress_end(call);
    return out;
}

static void name_lapsed(struct call *call, const struct tier_asking *asking, struct asked_tiers *out) {
    for (size_t i = 0; i < asking->count; i++) {
        if (out->of[i].lapsed == 0) continue;
        out->lapsed = mem_resize(out->lapsed, (out->lapsed_count + 1) * sizeof *out->lapsed);
        struct lapsed_tier *one = &out->lapsed[out->lapsed_count++];
        const struct model *model = asking->model != NULL ? asking->model : ask_begin(call);
        one->index = i;
        view_text(tier_lapsed(model, &out->of[i]), one->name, sizeof one->name);
        if (asking->model == NULL) ask_end(call);
    }
}

static const char *lapsed_name(const struct asked_tiers *tiers, size_t index) {
    for (size_t i = 0; i < tiers->lapsed_count; i++)
        if (tiers->lapsed[i].index == index) return tiers->lapsed[i].name;
    return NULL;
}

static void ask(struct call *call, int64_t to, const struct tier_asking *asking, struct asked_tiers *out) {
    *out = (struct asked_tiers){.before = NULL};
    out->of = standings(call, to, asking, &out->table);
    name_lapsed(call, asking, out);
    if (call->replay == NULL || !call->replay->other_policy) return;
    model_assuming(call->replay->model, false);
    out->before = standings(call, to, asking, &out->table_before);
    model_assuming(call->replay->model, true);
}

void ask_tiers(struct call *call, int64_t to, const uint64_t *persons, size_t count, size_t stride,
               struct asked_tiers *out) {
    uint64_t *ids = mem_alloc((count + 1) * sizeof *ids);
    for (size_t i = 0; i < count; i++) memcpy(&ids[i], (const char *)persons + i * stride, sizeof *ids);
    ask(call, to, &(struct tier_asking){.persons = ids, .count = count}, out);
    free(ids);
}

void ask_tier_by_rows(struct call *call, const struct model *model, int64_t to, uint64_t person,
                      const struct person_row *rows, size_t count, struct asked_tiers *out) {
    ask(call, to, &(struct tier_asking){&person, 1, model, rows, count}, out);
}

void ask_vips(struct call *call, int64_t to, struct idmap *out) {
    struct pace pace;
    vips_at(ask_report_begin(call, "VIPs", &pace), &call->site->zone, to, &pace, out);
    ask_report_end(call);
}

/* The head of a column that people see in some lists only; NULL: not in this one. */
static const char *head_of(const struct column *column, bool other_policy, bool by_hand) {
    if (other_policy && strcmp(column->key, "tier_was") == 0) return "was";
    if (by_hand && strcmp(column->key, "tier_earned") == 0) return "earned";
    if (by_hand && strcmp(column->key, "tier_granted") == 0) return "by hand";
    return column->head;
}

struct listing *ask_tier_listing(struct call *call, const struct column *columns, struct asked_tiers *tiers,
                                 size_t count) {
    bool by_hand = false;
    size_t n = 0;
    for (size_t i = 0; i < count && !by_hand; i++) by_hand = tiers->of[i].granted >= 0;
    for (; columns[n].key != NULL && n + 1 < ASK_TIER_COLUMNS; n++) {
        tiers->columns[n] = columns[n];
        tiers->columns[n].head = head_of(&columns[n], tiers->before != NULL, by_hand);
    }
    tiers->columns[n] = (struct column){NULL, NULL, COLUMN_TEXT};
    return listing_open(call, tiers->columns);
}

static json_t *tier_name(const struct tier_table *table, int tier) {
    return tier < 0 || (size_t)tier >= table->count ? json_null() : json_string(table->tiers[tier].name);
}

void ask_tier_row(struct asked_tiers *tiers, size_t index, json_t *row) {
    const struct tier_standing *t = &tiers->of[index];
    const struct tier_table *table = &tiers->table;
    int64_t to_next = tier_to_next(table, t);
    json_t *tier = tier_name(table, tier_shown(t));
    json_object_set(row, "tier", tier);
    json_object_set_new(row, "tier_earned", tier_name(table, t->earned));
    json_object_set_new(row, "tier_granted", tier_name(table, t->granted));
    const char *lapsed = t->lapsed == 0 ? NULL : lapsed_name(tiers, index);
    json_object_set_new(row, "tier_lapsed", lapsed == NULL ? json_null() : json_string(lapsed));
    json_object_set_new(row, "tier_next", to_next == NIL ? json_null() : tier_name(table, t->earned + 1));
    json_object_set_new(row, "to_next", to_next == NIL ? json_null() : json_integer(to_next));
    if (tiers->before != NULL) {
        json_t *was = tier_name(&tiers->table_before, tier_shown(&tiers->before[index]));
        if (!json_equal(tier, was)) {
            json_object_set_new(row, "tier_was", json_is_null(was) ? json_string("none") : json_incref(was));
            tiers->changed++;
        }
        json_decref(was);
    }
    json_decref(tier);
}

static const char *tier_word(const struct tier_table *table, int tier) {
    return tier < 0 ? "none" : table->tiers[tier].name;
}

void ask_tier_line(struct call *call, const struct asked_tiers *tiers) {
    const struct tier_standing *t = tiers->of;
    const struct tier_table *table = &tiers->table;
    int decimals = call->site->currency.decimals;
    int64_t to_next = tier_to_next(table, t);
    char text[40];
    if (table->count == 0) return;
    fprintf(call->out, "tier %s: %s earned by %s", tier_word(table, tier_shown(t)), tier_word(table, t->earned),
            decimal_format(t->spend, decimals, true, text));
    if (to_next != NIL)
        fprintf(call->out, ", %s more for %s", decimal_format(to_next, decimals, true, text),
                tier_word(table, t->earned + 1));
    if (t->granted >= 0)
        fprintf(call->out, "; %s given by hand%s%s", tier_word(table, t->granted), t->until == NIL ? "" : " until ",
                t->until == NIL ? "" : time_format(t->until, &call->site->zone, text));
    if (t->lapsed != 0)
        fprintf(call->out, "; %s given by hand, which the policy has no more: `grant` another", lapsed_name(tiers, 0));
    fputc('\n', call->out);
}

void ask_tiers_changed(struct call *call, const struct asked_tiers *tiers) {
    char text[COUNT_TEXT];
    if (tiers->before == NULL || call->json || call_has(call, "csv")) return;
    fprintf(call->out, "%s change%s tier\n", count_format(tiers->changed, "customer", text),
            tiers->changed == 1 ? "s" : "");
}

void ask_tiers_release(struct asked_tiers *tiers) {
    free(tiers->of);
    free(tiers->before);
    free(tiers->lapsed);
}
