#include "proto/model/complaint_clocks.h"

#include <stdlib.h>

#include "proto/model/policies.h"

#define HOUR_MS INT64_C(3600000)

/* ---- Terms ---- */

void terms_start(struct terms *terms) { *terms = (struct terms){.hours = VIEW_NONE, .holidays = VIEW_NONE}; }

/* The very same bytes of the policy. */
static bool same(struct view a, struct view b) { return a.data == b.data && a.len == b.len; }

void terms_at(const struct model *model, const struct zone *zone, int64_t at, struct terms *terms) {
    struct view hours = policy_text(model, POLICY_BUSINESS_HOURS, at),
                holidays = policy_text(model, POLICY_HOLIDAYS, at);
    int64_t levels[2];
    size_t count = policy_numbers(model, POLICY_LEVEL_HOURS, at, levels, 2);
    if (!same(hours, terms->hours) || !same(holidays, terms->holidays))
        calendar_make(zone, hours, holidays, &terms->calendar);
    terms->hours = hours;
    terms->holidays = holidays;
    terms->answer_ms = policy_number(model, POLICY_ANSWER_HOURS, at) * HOUR_MS;
    terms->resolve_ms = policy_number(model, POLICY_RESOLVE_HOURS, at) * HOUR_MS;
    for (size_t i = 0; i < 2; i++) terms->level_ms[i] = i < count ? levels[i] * HOUR_MS : TIME_NONE;
}

int64_t level_after(const struct terms *terms, int64_t level, int64_t spent) {
    int64_t reached = choice_level_store;
    if (terms->level_ms[0] != TIME_NONE && spent > terms->level_ms[0]) reached = choice_level_region;
    if (terms->level_ms[1] != TIME_NONE && spent > terms->level_ms[1]) reached = choice_level_company;
    return reached > level ? reached : level;
}

/* ---- Times that do not count ---- */

void stills_add(struct stills *stills, int64_t from, int64_t to) {
    if (to > from) *VEC_ADD(stills->list) = (struct still){from, to};
}

static int by_start(const void *a, const void *b) {
    const struct still *x = a, *y = b;
    return (x->from > y->from) - (x->from < y->from);
}

void stills_settle(struct stills *stills) {
    struct still *list = stills->list.items;
    uint32_t count = stills->list.count, kept = 0;
    if (count == 0) return;
    qsort(list, count, sizeof *list, by_start);
    for (uint32_t i = 1; i < count; i++) {
        if (list[i].from > list[kept].to)
            list[++kept] = list[i];
        else if (list[i].to > list[kept].to)
            list[kept].to = list[i].to;
    }
    stills->list.count = kept + 1;
}

int64_t stills_within(const struct stills *stills, int64_t from, int64_t to) {
    int64_t sum = 0;
    for (uint32_t i = 0; i < stills->list.count; i++) {
        const struct still *still = &stills->list.items[i];
        int64_t start = still->from > from ? still->from : from, end = still->to < to ? still->to : to;
        if (end > start) sum += end - start;
    }
    return sum;
}

/* ---- One clock ---- */

struct running {
    const struct terms *terms;
    int64_t until; /* it is met, or now */
    int64_t allowed;
    struct complaint_clock *out;
};

/* The clock runs from here to there; `to` INT64_MAX: on and on. */
static void run(struct running *r, int64_t from, int64_t to) {
    struct complaint_clock *out = r->out;
    int64_t end = to < r->until ? to : r->until;
    if (to <= from) return;
    out->spent_ms += calendar_elapsed(&r->terms->calendar, from, end);
    if (out->due_at != TIME_NONE) return;
    int64_t due = calendar_after(&r->terms->calendar, from, r->allowed);
    if (due != TIME_NONE && due <= to)
        out->due_at = due;
    else if (to != INT64_MAX)
        r->allowed -= calendar_elapsed(&r->terms->calendar, from, to);
}

void clock_read(const struct terms *terms, const struct stills *stills, int64_t opened, int64_t met, int64_t now,
                int64_t allowed, struct complaint_clock *out) {
    bool is_met = met != TIME_NONE && met <= now;
    struct running r = {terms, is_met ? met : now, allowed, out};
    int64_t from = opened;
    *out = (struct complaint_clock){.due_at = TIME_NONE, .met = is_met};
    for (uint32_t i = 0; i < stills->list.count; i++) {
        const struct still *still = &stills->list.items[i];
        run(&r, from, still->from);
        if (still->to > from) from = still->to;
    }
    if (from != INT64_MAX) run(&r, from, INT64_MAX);
    out->left_ms = allowed - out->spent_ms;
    out->over = out->left_ms < 0;
}
