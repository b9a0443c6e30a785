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

static bool reason_noted(const struct model *model, uint32_t member, const struct cut *since) {
    for (uint32_t i = model->entries.items[member].facts; i != NONE; i = model->facts.items[i].next) {
        const struct fact *fact = &model->facts.items[i];
        if (fact->type == EVENT_left && !fact->dead && cut_has(since, fact->time)) return true;
    }
    for (uint32_t i = model->entries.items[member].items; i != NONE; i = model->items.items[i].next) {
        const struct item *item = &model->items.items[i];
        if (item->type == EVENT_complained && !item->dead && cut_has(since, item->time)) return true;
    }
    return false;
}

/* Neither complained nor gave a reason, from the day of the last visit on: who came again afterwards had other ones. */
static bool went_silently(const struct model *model, const struct zone *zone, uint32_t root, int64_t last, int64_t to) {
    const struct cut since = {zone_day_start(zone, zone_date(zone, last)), to};
    uint32_t member = root;
    do {
        if (reason_noted(model, member, &since)) return false;
        member = model->entries.items[member].next_member;
    } while (member != root);
    return true;
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
        if (model->roots.items[i] != i || !person_listed(model, i)) continue;
        struct tally tally = tallies_of(&tallies, i);
        if (tally.last == TIME_NONE || tally.last >= before[0]) continue;
        struct inactive *one = VEC_ADD(found);
        *one = (struct inactive){
            {person_name(model, i), tally.spend, tally.spend, tally.last, tally.visits},
            months[0],
            latest_contact(model, i, tally.last, to),
            went_silently(model, zone, i, tally.last, to),
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
    bool back;
    int64_t contact;
    int64_t last; /* visit before the contact; TIME_NONE: none */
};

struct asking {
    struct asked *items;
    uint32_t count;
    uint32_t *first; /* by root: the first of its contacts; the next one's is behind its last */
};

static bool was_asked(const struct fact *fact, int64_t from, int64_t to) {
    return is_contact(fact) && (from == TIME_NONE || fact->time >= from) && fact->time <= to;
}

static int by_contact(const void *a, const void *b) {
    const struct asked *x = a, *y = b;
    return (x->contact > y->contact) - (x->contact < y->contact);
}

/* Those of a person by time, which they mostly are already. */
static void sort_contacts(struct asking *asking, size_t entries) {
    for (size_t root = 0; root < entries; root++) {
        uint32_t from = asking->first[root], to = asking->first[root + 1], i = from + 1;
        while (i < to && asking->items[i - 1].contact <= asking->items[i].contact) i++;
        if (i < to) qsort(&asking->items[from], to - from, sizeof *asking->items, by_contact);
    }
}

/* By root, then by time: counted first, then each put where those of its person go. */
static void gather_contacts(const struct model *model, int64_t from, int64_t to, struct asking *out) {
    const uint32_t *roots = model->roots.items;
    size_t entries = model->entries.count;
    out->first = mem_alloc((entries + 2) * sizeof *out->first);
    for (uint32_t i = 0; i < model->facts.count; i++) {
        const struct fact *fact = &model->facts.items[i];
        if (was_asked(fact, from, to)) out->first[roots[fact->entry] + 1]++;
    }
    for (size_t i = 0; i < entries; i++) out->first[i + 1] += out->first[i];
    out->count = out->first[entries];
    out->items = mem_alloc(((size_t)out->count + 1) * sizeof *out->items);
    uint32_t *next = mem_alloc((entries + 1) * sizeof *next);
    memcpy(next, out->first, entries * sizeof *next);
    for (uint32_t i = 0; i < model->facts.count; i++) {
        const struct fact *fact = &model->facts.items[i];
        if (was_asked(fact, from, to))
            out->items[next[roots[fact->entry]]++] = (struct asked){roots[fact->entry], false, fact->time, TIME_NONE};
    }
    free(next);
    sort_contacts(out, entries);
}

static void meet_visit(struct asking *asking, uint32_t root, int64_t time, int64_t back_ms) {
    for (uint32_t i = asking->first[root]; i < asking->first[root + 1]; i++) {
        struct asked *one = &asking->items[i];
        if (time <= one->contact && one->last < time) one->last = time;
        if (time > one->contact && time - one->contact <= back_ms) one->back = true;
    }
}

static void meet_visits(const struct model *model, int64_t to, const struct scope *scope, int64_t back_ms,
                        struct asking *asking) {
    const struct cut cut = {TIME_NONE, to};
    struct rooted_row few[ROOTED_ROWS];
    for (uint32_t s = 0; s < model->streams.count; s++) {
        const struct rows *rows = &model->streams.items[s].rows;
        uint32_t at = 0;
        if (!scope_has(model, scope, model->streams.items[s].number)) continue;
        for (size_t count; (count = rooted_rows(rows, &at, &cut, model->roots.items, few)) > 0;) {
            for (size_t i = 0; i < count; i++) __builtin_prefetch(&asking->first[few[i].root]);
            for (size_t i = 0; i < count; i++) __builtin_prefetch(&asking->items[asking->first[few[i].root]], 1);
            for (size_t i = 0; i < count; i++)
                if (row_has(few[i].row, ROW_VISIT)) meet_visit(asking, few[i].root, row_time(few[i].row), back_ms);
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
        if (span < 0 || !person_listed(model, one->root)) continue;
        out[span].contacted += counted[span] != one->root;
        out[span].back += one->back && counted_back[span] != one->root;
        counted[span] = one->root;
        if (one->back) counted_back[span] = one->root;
    }
}

size_t came_back(const struct model *model, const struct zone *zone, int64_t from, int64_t to,
                 const struct scope *scope, struct came_back out[POLICY_LISTED_MAX]) {
    int64_t months[POLICY_LISTED_MAX];
    struct asking asking = {NULL, 0, NULL};
    size_t spans = policy_numbers(model, POLICY_INACTIVE_MONTHS, to, months, POLICY_LISTED_MAX);
    for (size_t i = 0; i < spans; i++) out[i] = (struct came_back){months[i], 0, 0};
    gather_contacts(model, from, to, &asking);
    meet_visits(model, to, scope, policy_number(model, POLICY_BACK_DAYS, to) * DAY_MS, &asking);
    count_back(model, zone, &asking, spans, out);
    free(asking.first);
    free(asking.items);
    return spans;
}

/* ---- Why ---- */

static void add_reason(const struct model *model, const struct fact *fact, const struct tallies *tallies,
                       struct leaving *out) {
    uint32_t root = model->roots.items[fact->entry];
    if (fact->values[0] < 0 || fact->values[0] >= LEAVING_MAX || !person_listed(model, root)) return;
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
        uint32_t *place = &latest[model->roots.items[fact->entry]];
        const struct fact *before = *place == 0 ? NULL : &model->facts.items[*place - 1];
        if (before == NULL || later(fact->hlc, fact->id, before->hlc, before->id)) *place = i + 1;
    }
    for (uint32_t root = 0; root < model->entries.count; root++)
        if (latest[root] != 0) add_reason(model, &model->facts.items[latest[root] - 1], &tallies, out);
    tallies_release(&tallies);
    free(latest);
}
