#include "proto/model/points.h"

#include <stdlib.h>
#include <string.h>

#include "proto/model/credits.h"
#include "proto/model/person_rows.h"
#include "proto/model/policies.h"
#include "proto/model/scope.h"

/* ---- Spend: net within the time of each figure, full points of it ---- */

struct earned {
    int64_t rate; /* money for a point */
    int64_t spend;
};

/* Figures seldom change; those of one size are one. */
static struct earned *of_rate(struct earned *all, size_t *count, int64_t rate) {
    for (size_t i = 0; i < *count; i++)
        if (all[i].rate == rate) return &all[i];
    all[*count] = (struct earned){rate, 0};
    return &all[(*count)++];
}

/* When each row's points were earned. Asked only where the figure has changed and something came back. */
static int64_t *earned_times(const struct model *model, const struct person_row *rows, size_t count) {
    int64_t *times = mem_alloc((count + 1) * sizeof *times);
    bool differ = false, back = false;
    for (size_t i = 0; i < count; i++) {
        times[i] = rows[i].time;
        back = back || (rows[i].flags & ROW_RETURN) != 0;
        differ = differ || policy_amount(model, POLICY_POINT_SPEND, rows[i].time) !=
                               policy_amount(model, POLICY_POINT_SPEND, rows[0].time);
    }
    if (differ && back) person_rows_sold(model, rows, count, times);
    return times;
}

static int64_t points_of_spend(const struct model *model, const struct person_row *rows, size_t count) {
    int64_t *times = earned_times(model, rows, count);
    struct earned *all = mem_alloc((count + 1) * sizeof *all);
    size_t rates = 0;
    int64_t points = 0;
    for (size_t i = 0; i < count; i++) {
        int64_t rate = policy_amount(model, POLICY_POINT_SPEND, times[i]);
        if (rate == NIL || rate <= 0) continue;
        struct earned *earned = of_rate(all, &rates, rate);
        earned->spend = (int64_t)((uint64_t)earned->spend + (uint64_t)rows[i].amount);
    }
    for (size_t i = 0; i < rates; i++) points += all[i].spend / all[i].rate;
    free(all);
    free(times);
    return points;
}

/* ---- Together ---- */

static bool counts(const struct fact *fact, uint16_t type, const struct cut *cut) {
    return fact->type == type && !fact->dead && cut_has(cut, fact->time);
}

/* What the hub has judged of it: who that is, what she buys and whether she has counted already is its to know. */
static void add_newcomer(const struct model *model, const struct fact *referral, const struct cut *cut,
                         struct points *out) {
    const struct fact *credit = credit_of(model, referral, cut->to);
    if (credit == NULL || credit->values[0] != 1) return;
    out->newcomers++;
    out->referrals += policy_number(model, POLICY_POINTS_REFERRAL, credit->time);
}

static void add_facts(const struct model *model, uint32_t entry, const struct cut *cut, struct points *out) {
    for (uint32_t i = model->entries.items[entry].facts; i != NONE; i = model->facts.items[i].next) {
        const struct fact *fact = &model->facts.items[i];
        if (counts(fact, EVENT_redeemed, cut)) out->redeemed += fact->values[0];
        if (counts(fact, EVENT_referred, cut)) add_newcomer(model, fact, cut, out);
    }
}

bool points_of(const struct model *model, uint64_t customer, int64_t to, struct points *out) {
    uint32_t first = entry_find(model, customer), i = first;
    struct cut cut = {TIME_NONE, to};
    struct person_row *rows;
    size_t count;
    *out = (struct points){0};
    if (first == NONE || !person_known(model, first)) return false;
    person_rows(model, customer, &cut, &rows, &count);
    out->spend = points_of_spend(model, rows, count);
    free(rows);
    do {
        add_facts(model, i, &cut, out);
        i = model->entries.items[i].next_member;
    } while (i != first);
    out->balance = out->spend + out->referrals - out->redeemed;
    return true;
}

static int latest_first(const void *a, const void *b) {
    const struct redemption *x = a, *y = b;
    if (x->time != y->time) return x->time < y->time ? 1 : -1;
    return (x->id < y->id) - (x->id > y->id);
}

size_t redemptions_of(const struct model *model, uint64_t customer, int64_t to, struct redemption *out, size_t max) {
    uint32_t first = entry_find(model, customer), i = first;
    struct cut cut = {TIME_NONE, to};
    VEC(struct redemption) all = {NULL, 0, 0};
    while (i != NONE) {
        for (uint32_t k = model->entries.items[i].facts; k != NONE; k = model->facts.items[k].next) {
            const struct fact *fact = &model->facts.items[k];
            if (counts(fact, EVENT_redeemed, &cut))
                *VEC_ADD(all) = (struct redemption){fact->id, fact->time, fact->values[0], fact->values[1],
                                                    words_view(&model->words, fact->words[0])};
        }
        i = model->entries.items[i].next_member;
        if (i == first) break;
    }
    size_t count = all.count;
    if (count > 1) qsort(all.items, count, sizeof *all.items, latest_first);
    if (count > 0) memcpy(out, all.items, (count < max ? count : max) * sizeof *out);
    VEC_RELEASE(all);
    return count;
}
