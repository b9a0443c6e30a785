/* The pyramid: V1. */
#include <stdlib.h>

#include "proto/model/people.h"
#include "proto/model/policies.h"

/* Four fifths without overflow: 5 × so_far >= 4 × total. */
static int64_t four_fifths(int64_t total) { return total - total / 5; }

static uint64_t share_of(uint64_t customers, int64_t percent) { return (customers * (uint64_t)percent + 99) / 100; }

struct pyramid_shares pyramid_shares(const struct model *model, int64_t at) {
    int64_t groups[2] = {100, 100}; /* a policy of one share has no small ones */
    policy_numbers(model, POLICY_VOLUME_GROUPS, at, groups, 2);
    return (struct pyramid_shares){policy_number(model, POLICY_TOP_PERCENT, at), groups[0], groups[1]};
}

static void add(struct volume *volume, int64_t spend) {
    volume->customers++;
    volume->spend += spend;
}

void pyramid_of(const struct standing *ranking, size_t count, const struct pyramid_shares *shares,
                struct pyramid *out) {
    *out = (struct pyramid){0};
    for (; out->customers < count && ranking[out->customers].spend > 0; out->customers++)
        out->total += ranking[out->customers].spend;
    out->top_customers = share_of(out->customers, shares->top);
    uint64_t large = share_of(out->customers, shares->large), medium = share_of(out->customers, shares->medium);
    int64_t so_far = 0;
    for (uint64_t i = 0; i < out->customers; i++) {
        if (so_far < four_fifths(out->total)) out->customers_for_80_percent = i + 1;
        so_far += ranking[i].spend;
        if (i < out->top_customers) out->top_spend += ranking[i].spend;
        add(i < large ? &out->large : i < medium ? &out->medium : &out->small, ranking[i].spend);
    }
    if (out->total > 0) out->top_share = (double)out->top_spend / (double)out->total;
}

void pyramid_curve(const struct standing *ranking, size_t count, double out[PYRAMID_POINTS]) {
    static const struct pyramid_shares none = {0, 0, 0};
    struct pyramid p;
    pyramid_of(ranking, count, &none, &p);
    uint64_t taken = 0;
    int64_t so_far = 0;
    for (int percent = 0; percent < PYRAMID_POINTS; percent++) {
        for (uint64_t wanted = share_of(p.customers, percent); taken < wanted; taken++) so_far += ranking[taken].spend;
        out[percent] = p.total > 0 ? (double)so_far / (double)p.total : 0;
    }
}

/* ---- Profit groups ---- */

static int largest_first(const void *a, const void *b) {
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
    return (x < y) - (x > y);
}

static void group(const int64_t *margins, size_t count, const int64_t shares[2], struct profit_groups *out) {
    uint64_t positive = 0;
    while (positive < count && margins[positive] > 0) positive++;
    uint64_t high = (positive * (uint64_t)shares[0] + 99) / 100, medium = (positive * (uint64_t)shares[1] + 99) / 100;
    *out = (struct profit_groups){high, medium - high, positive - medium, count - positive, 0, 0};
    for (size_t i = 0; i < count; i++) {
        out->margin += margins[i];
        if (i < high) out->high_margin += margins[i];
    }
}

bool profit_groups(const struct model *model, const struct cut *cut, const struct scope *scope, const struct pace *pace,
                   struct profit_groups *out) {
    int64_t shares[2] = {100, 100}; /* a policy of one share has no low */
    struct people_asked asked = {.cut = *cut, .scope = scope, .margins = true};
    struct people people;
    people_read(model, &asked, pace, &people);
    policy_numbers(model, POLICY_PROFIT_GROUPS, cut->to, shares, 2);
    pace_leave(pace);
    int64_t *margins = mem_alloc(((size_t)people.count + 1) * sizeof *margins);
    size_t count = 0;
    for (uint32_t i = 0; i < people.count; i++)
        if (people.profits[i].rows > 0 && people.names[i] != 0) margins[count++] = people.profits[i].margin;
    if (count > 0) qsort(margins, count, sizeof *margins, largest_first);
    group(margins, count, shares, out);
    free(margins);
    people_release(&people);
    return count > 0;
}
