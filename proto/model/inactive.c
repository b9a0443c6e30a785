#include "proto/model/inactive.h"

#include <stdlib.h>
#include <string.h>

#include "proto/model/scope.h"
#include "proto/model/sort.h"

int64_t inactive_before(const struct zone *zone, int64_t to, int months) {
    struct date limit = date_add_months(zone_date(zone, to), -months);
    return limit.year == 0 ? TIME_MIN : zone_day_end(zone, limit) + 1;
}

/* The index of the longest span that was over at `at`, when the last visit was at `last`; -1: none. */
static int span_over(const struct zone *zone, const int64_t *months, size_t spans, int64_t at, int64_t last) {
    int over = -1;
    for (size_t i = 0; i < spans && last < inactive_before(zone, at, (int)months[i]); i++) over = (int)i;
    return over;
}

/* ---- The list ---- */

static bool is_contact(const struct fact *fact) {
    bool missed = fact->values[1] == choice_outcome_not_reached || fact->values[1] == choice_outcome_wrong_number;
    return fact->type == EVENT_contacted && !fact->dead && !missed;
}

static int64_t latest_contact(const struct model *model, uint32_t root, int64_t after, int64_t to) {
    int64_t latest = TIME_NONE;
    uint32_t member = root;
    do {
        for (uint32_t i = model->entries.items[member].facts; i != NONE; i = model->facts.items[i].next) {
            const struct fact *fact = &model->facts.items[i];
            if (is_contact(fact) && fact->time > after && fact->time <= to && fact->time > latest) latest = fact->time;
        }
        member = model->entries.items[member].next_member;
    } while (member != root);
    return latest;
}

static int by_last_then_id(const void *a, const void *b) {
    const struct standing *x = &((const struct inactive *)a)->standing, *y = &((const struct inactive *)b)->standing;
    if (x->last != y->last) return x->last < y->last ? -1 : 1;
    return (x->person > y->person) - (x->person < y->person);
}

int inactive_list(const struct model *model, const struct zone *zone, int64_t to, const struct scope *scope,
                  struct inactive **out, size_t *count) {
    int64_t months[POLICY_LISTED_MAX], before[POLICY_LISTED_MAX];
    size_t spans = policy_numbers(model, POLICY_INACTIVE_MONTHS, to, months, POLICY_LISTED_MAX);
    for (size_t i = 0; i < spans; i++) before[i] = inactive_before(zone, to, (int)months[i]);
    struct cut cut = {TIME_NONE, to};
    struct tallies tallies = tallies_make(model, &cut, scope);
    VEC(struct inactive) found = {NULL, 0, 0};
    for (uint32_t i = 0; spans > 0 && i < model->entries.count; i++) {
        if (model->entries.items[i].root != i || !person_known(model, i)) continue;
        struct tally tally = tallies_of(&tallies, i);
        if (tally.last == TIME_NONE || tally.last >= before[0]) continue;
        struct inactive *one = VEC_ADD(found);
        *one = (struct inactive){
            {person_name(model, i), tally.spend, tally.spend, tally.last, tally.visits},
            months[0],
            latest_contact(model, i, tally.last, to),
        };
        for (size_t k = 1; k < spans && tally.last < before[k]; k++) one->months = months[k];
    }
    *count = found.count;
    *out = mem_alloc(((size_t)found.count + 1) * sizeof **out);
    if (found.count > 0) {
        memcpy(*out, found.items, VEC_BYTES(found));
        qsort(*out, *count, sizeof **out, by_last_then_id);
    }
    VEC_RELEASE(found);
    tallies_release(&tallies);
    return 0;
}

/* ---- Who came back ---- */

struct asked {
    uint32_t root;
    int64_t contact;
    int64_t last; /* visit before the contact; TIME_NONE: none */
    bool back;
};

struct asking {
    struct asked *items;
    uint32_t count, room;
    uint32_t *first; /* by root: 1 + the first of its contacts, which stand together; 0: none */
};

static int by_root(const void *a, const void *b) {
    const struct asked *x = a, *y = b;
    if (x->root != y->root) return x->root < y->root ? -1 : 1;
    return (x->contact > y->contact) - (x->contact < y->contact);
}

static void gather_contacts(const struct model *model, int64_t from, int64_t to, struct asking *out) {
    for (uint32_t i = 0; i < model->facts.count; i++) {
        const struct fact *fact = &model->facts.items[i];
        if (!is_contact(fact) || (from != TIME_NONE && fact->time < from) || fact->time > to) continue;
        *VEC_ADD(*out) = (struct asked){model->entries.items[fact->entry].root, fact->time, TIME_NONE, false};
    }
    if (out->count > 0) qsort(out->items, out->count, sizeof *out->items, by_root);
    out->first = mem_alloc(((size_t)model->entries.count + 1) * sizeof *out->first);
    for (uint32_t i = out->count; i-- > 0;) out->first[out->items[i].root] = i + 1;
}

static void meet_visit(struct asking *asking, uint32_t root, int64_t time, int64_t back_ms) {
    for (uint32_t i = asking->first[root] - 1; i < asking->count && asking->items[i].root == root; i++) {
        struct asked *one = &asking->items[i];
        if (time <= one->contact && one->last < time) one->last = time;
        if (time > one->contact && time - one->contact <= back_ms) one->back = true;
    }
}

static void meet_visits(const struct model *model, int64_t to, const struct scope *scope, int64_t back_ms,
                        struct asking *asking) {
    for (uint32_t s = 0; s < model->streams.count; s++) {
        const struct stream *stream = &model->streams.items[s];
        if (!scope_has(model, scope, stream->number)) continue;
        for (uint32_t j = 0; j < stream->rows.count; j++) {
            const struct row *row = rows_at(&stream->rows, j);
            if (row->entry == NONE || !row_live(row) || (row_flags(row) & ROW_VISIT) == 0 || row_time(row) > to)
                continue;
            uint32_t root = model->entries.items[row->entry].root;
            if (asking->first[root] != 0) meet_visit(asking, root, row_time(row), back_ms);
        }
    }
}

/* Persons, not contacts: of several contacts of one in the same span, one that worked is enough. */
static void count_back(const struct model *model, const struct zone *zone, const struct asking *asking, size_t spans,
                       struct came_back *out) {
    uint32_t counted[POLICY_LISTED_MAX], counted_back[POLICY_LISTED_MAX];
    int64_t months[POLICY_LISTED_MAX];
    for (size_t k = 0; k < spans; k++) {
        counted[k] = counted_back[k] = NONE;
        months[k] = out[k].months;
    }
    for (uint32_t i = 0; i < asking->count; i++) {
        const struct asked *one = &asking->items[i];
        int span = one->last == TIME_NONE ? -1 : span_over(zone, months, spans, one->contact, one->last);
        if (span < 0 || !person_known(model, one->root)) continue;
        out[span].contacted += counted[span] != one->root;
        out[span].back += one->back && counted_back[span] != one->root;
        counted[span] = one->root;
        if (one->back) counted_back[span] = one->root;
    }
}

size_t came_back(const struct model *model, const struct zone *zone, int64_t from, int64_t to,
                 const struct scope *scope, struct came_back out[POLICY_LISTED_MAX]) {
    int64_t months[POLICY_LISTED_MAX];
    struct asking asking = {NULL, 0, 0, NULL};
    size_t spans = policy_numbers(model, POLICY_INACTIVE_MONTHS, to, months, POLICY_LISTED_MAX);
    for (size_t i = 0; i < spans; i++) out[i] = (struct came_back){months[i], 0, 0};
    gather_contacts(model, from, to, &asking);
    meet_visits(model, to, scope, policy_number(model, POLICY_BACK_DAYS, to) * DAY_MS, &asking);
    count_back(model, zone, &asking, spans, out);
    free(asking.first);
    VEC_RELEASE(asking);
    return spans;
}

/* ---- Why ---- */

static void add_reason(const struct model *model, const struct fact *fact, const struct tallies *tallies,
                       struct leaving *out) {
    uint32_t root = model->entries.items[fact->entry].root;
    if (fact->values[0] < 0 || fact->values[0] >= LEAVING_MAX || !person_known(model, root)) return;
    out[fact->values[0]].customers++;
    out[fact->values[0]].spend += tallies_of(tallies, root).spend;
}

void leaving_reasons(const struct model *model, int64_t from, int64_t to, const struct scope *scope,
                     struct leaving out[LEAVING_MAX]) {
    uint32_t *latest = mem_alloc(((size_t)model->entries.count + 1) * sizeof *latest); /* 1 + fact, by root */
    struct cut cut = {from, to}, whole = {TIME_NONE, to};
    struct tallies tallies = tallies_make(model, &whole, NULL);
    memset(out, 0, LEAVING_MAX * sizeof *out);
    for (uint32_t i = 0; i < model->facts.count; i++) {
        const struct fact *fact = &model->facts.items[i];
        if (fact->type != EVENT_left || fact->dead || !cut_has(&cut, fact->time)) continue;
        if (!scope_has(model, scope, id_stream(fact->id))) continue;
        uint32_t *place = &latest[model->entries.items[fact->entry].root];
        const struct fact *before = *place == 0 ? NULL : &model->facts.items[*place - 1];
        if (before == NULL || later(fact->hlc, fact->id, before->hlc, before->id)) *place = i + 1;
    }
    for (uint32_t root = 0; root < model->entries.count; root++)
        if (latest[root] != 0) add_reason(model, &model->facts.items[latest[root] - 1], &tallies, out);
    tallies_release(&tallies);
    free(latest);
}
