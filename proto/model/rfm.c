#include "proto/model/rfm.h"

#include <stdlib.h>

#include "proto/model/people.h"
#include "proto/model/policies.h"
#include "proto/model/sort.h"

#define LOOK_AHEAD 16 /* persons in order are entries all over memory */

void groups_of_five(const int64_t *values, size_t count, uint8_t *out) {
    struct sort_pair *pairs = mem_alloc(2 * (count + 1) * sizeof *pairs);
    for (size_t i = 0; i < count; i++)
        pairs[i] = (struct sort_pair){(uint64_t)values[i] ^ UINT64_C(1) << 63, (uint32_t)i, 0};
    sort_pairs(pairs, pairs + count + 1, count);
    size_t worse = 0;
    for (size_t i = 0; i < count; i++) {
        if (i > 0 && pairs[i].key != pairs[i - 1].key) worse = i;
        out[pairs[i].index] = (uint8_t)(1 + 5 * worse / count);
    }
    free(pairs);
}

/* ---- R, F, M ---- */

/* Finds the day of a time without asking the zone each time: a day begins within a few hours of where it would if all
 * had 24. */
struct day_finder {
    int64_t *ends; /* of each day its last ms */
    size_t count;
    int64_t start; /* of the first */
};

static void find_days(const struct zone *zone, int64_t first, int64_t last, struct day_finder *out) {
    int64_t from = date_to_days(zone_date(zone, first)), to = date_to_days(zone_date(zone, last));
    *out = (struct day_finder){.count = (size_t)(to - from + 1), .start = zone_day_start(zone, zone_date(zone, first))};
    out->ends = mem_alloc(out->count * sizeof *out->ends);
    for (size_t i = 0; i < out->count; i++) out->ends[i] = zone_day_end(zone, date_from_days(from + (int64_t)i));
}

static size_t day_at(const struct day_finder *days, int64_t time) {
    size_t day = (size_t)((time - days->start) / DAY_MS);
    if (day >= days->count) day = days->count - 1;
    while (day > 0 && time <= days->ends[day - 1]) day--;
    while (time > days->ends[day]) day++;
    return day;
}

/* Whole local days: all visits of a day are as recent; never there is before all days. */
static void days_of(const struct zone *zone, const struct segment *all, size_t count, int64_t *out) {
    struct day_finder days = {NULL, 0, 0};
    int64_t first = INT64_MAX, last = TIME_NONE;
    for (size_t i = 0; i < count; i++) {
        int64_t time = all[i].standing.last;
        if (time != TIME_NONE && time < first) first = time;
        if (time > last) last = time;
    }
    if (last != TIME_NONE) find_days(zone, first, last, &days);
    for (size_t i = 0; i < count; i++)
        out[i] = all[i].standing.last == TIME_NONE ? -1 : (int64_t)day_at(&days, all[i].standing.last);
    free(days.ends);
}

static void group_all(const struct zone *zone, struct segment *all, size_t count) {
    int64_t *values = mem_alloc((count + 1) * sizeof *values);
    uint8_t *groups = mem_alloc(count + 1);
    days_of(zone, all, count, values);
    groups_of_five(values, count, groups);
    for (size_t i = 0; i < count; i++) all[i].r = groups[i];
    for (size_t i = 0; i < count; i++) values[i] = all[i].standing.visits;
    groups_of_five(values, count, groups);
    for (size_t i = 0; i < count; i++) all[i].f = groups[i];
    for (size_t i = 0; i < count; i++) values[i] = all[i].standing.spend;
    groups_of_five(values, count, groups);
    for (size_t i = 0; i < count; i++) all[i].m = groups[i];
    free(values);
    free(groups);
}

/* ---- How she buys ---- */

struct rules {
    int64_t valid_visits, discount_share, candidate_visits, candidate_share;
    int64_t bands[2];
    struct cut band_window;
};

static void read_rules(const struct model *model, const struct zone *zone, int64_t to, struct rules *out) {
    *out = (struct rules){
        .valid_visits = policy_number(model, POLICY_VALID_VISITS, to),
        .discount_share = policy_number(model, POLICY_DISCOUNT_SHARE, to),
        .candidate_visits = policy_number(model, POLICY_CANDIDATE_VISITS, to),
        .candidate_share = policy_number(model, POLICY_CANDIDATE_SHARE, to),
        .bands = {INT64_MAX, INT64_MAX},
    };
    policy_numbers(model, POLICY_BANDS, to, out->bands, 2);
    cut_window(policy_text(model, POLICY_BAND_WINDOW, to), zone_date(zone, to), zone, &out->band_window, NULL);
    out->band_window.to = to;
}

static void judge(const struct rules *rules, struct segment *s) {
    int64_t visits = s->standing.visits, reduced = s->reduced;
    s->type = s->f > s->m ? BUYER_FREQUENCY : BUYER_AMOUNT;
    if (visits > 0 && 100 * reduced >= rules->discount_share * visits) s->type = BUYER_DISCOUNT;
    s->band = s->band_visits >= rules->bands[1]   ? BAND_KEY
              : s->band_visits >= rules->bands[0] ? BAND_POTENTIAL
                                                  : BAND_LOW;
    s->valid = visits >= rules->valid_visits;
    bool full_price = 100 * (visits - reduced) >= rules->candidate_share * visits;
    s->candidate = s->referred || (visits >= rules->candidate_visits && full_price);
}

/* Was a member of the person brought by a customer, by then? */
static void find_referred(const void *context, const struct model *model, uint32_t root, const struct tally *tally,
                          void *out) {
    const struct entry *entries = model->entries.items;
    int64_t to = *(const int64_t *)context;
    bool referred = false;
    uint32_t member = root;
    (void)tally;
    do {
        const uint64_t *newest = idmap_find(&model->brought, entries[member].id);
        for (uint32_t i = newest == NULL ? NONE : (uint32_t)*newest; i != NONE; i = model->referrals.items[i].next) {
            const struct fact *fact = &model->facts.items[model->referrals.items[i].fact];
            referred = referred || (!fact->dead && fact->time <= to);
        }
        member = entries[member].next_member;
    } while (member != root);
    *(bool *)out = referred;
}

static struct segment segment_of(const struct people *people, uint32_t root) {
    const struct tally *tally = &people->tallies[root];
    return (struct segment){
        .standing = {people->names[root], tally->spend, tally->spend, tally->last, tally->visits},
        .reduced = tally->reduced,
        .band_visits = people->seconds[root].visits,
        .referred = people->beside[root] != 0,
    };
}

/* The roots of the persons known by the cut, ascending by the id of the person. */
static struct sort_pair *known_roots(const struct people *people, size_t *count) {
    size_t most = (size_t)people->count + 1;
    struct sort_pair *pairs = mem_alloc(2 * most * sizeof *pairs);
    *count = 0;
    for (uint32_t i = 0; i < people->count; i++)
        if (people->names[i] != 0 && (people->early[i] || people->tallies[i].rows > 0))
            pairs[(*count)++] = (struct sort_pair){people->names[i], i, 0};
    sort_pairs(pairs, pairs + most, *count);
    return pairs;
}

int segments_valued(const struct model *model, const struct zone *zone, int64_t to, const struct pace *pace,
                    struct segment **out, size_t *count) {
    struct rules rules;
    read_rules(model, zone, to, &rules);
    struct people_asked asked = {.cut = {TIME_NONE, to}, .second = &rules.band_window, .counted = true};
    asked.beside = sizeof(bool);
    asked.look = find_referred;
    asked.context = &to;
    struct people people;
    people_read(model, &asked, pace, &people);
    pace_leave(pace);
    struct sort_pair *known = known_roots(&people, count);
    *out = mem_alloc((*count + 1) * sizeof **out);
    for (size_t i = 0; i < *count; i++) {
        uint32_t ahead = known[i + LOOK_AHEAD < *count ? i + LOOK_AHEAD : i].index;
        __builtin_prefetch(&people.tallies[ahead]);
        __builtin_prefetch(&people.seconds[ahead]);
        (*out)[i] = segment_of(&people, known[i].index);
    }
    people_release(&people);
    free(known);
    group_all(zone, *out, *count);
    for (size_t i = 0; i < *count; i++) judge(&rules, &(*out)[i]);
    return 0;
}

/* ---- The score ---- */

static void add_groups(const int64_t *values, size_t count, int64_t weight, const uint32_t *roots, uint8_t *groups,
                       int64_t *scores) {
    groups_of_five(values, count, groups);
    for (size_t i = 0; i < count; i++) scores[roots[i]] += weight * groups[i];
}

int64_t *scores_make(const struct policy_weights *weights, const struct people *people, const uint32_t *referrals) {
    size_t most = (size_t)people->count + 1, count = 0;
    int64_t *scores = mem_alloc(most * sizeof *scores), *values = mem_alloc(3 * most * sizeof *values);
    int64_t *visits = values + most, *brought = visits + most;
    uint32_t *roots = mem_alloc(most * sizeof *roots);
    uint8_t *groups = mem_alloc(most);
    for (uint32_t i = 0; i < people->count; i++) {
        const struct tally *tally = &people->tallies[i];
        if (people->names[i] == 0 || tally->rows == 0) continue;
        values[count] = tally->spend;
        visits[count] = tally->visits;
        brought[count] = referrals[i];
        roots[count++] = i;
    }
    add_groups(values, count, weights->spend, roots, groups, scores);
    add_groups(visits, count, weights->visits, roots, groups, scores);
    add_groups(brought, count, weights->referrals, roots, groups, scores);
    free(groups);
    free(roots);
    free(values);
    return scores;
}

void rfm_map_of(const struct segment *segments, size_t count, struct rfm_map *out) {
    *out = (struct rfm_map){0};
    for (size_t i = 0; i < count; i++) {
        struct rfm_cell *cell = &out->cells[segments[i].r - 1][segments[i].f - 1];
        cell->customers++;
        cell->visits += segments[i].standing.visits;
        cell->spend += segments[i].standing.spend;
    }
}
