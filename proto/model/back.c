/* Who came back after a contact: V7. */
#include <stdlib.h>
#include <string.h>

#include "proto/model/contacts.h"
#include "proto/model/inactive.h"
#include "proto/model/turns.h"

#define FACTS_AT_ONCE 32768
#define PEOPLE_AT_ONCE 65536

/* A contact with somebody. */
struct asked {
    uint32_t root; /* NONE: told anew further behind */
    bool back;
    int64_t contact;
    int64_t until; /* the last ms of the last local day on which a visit still counts as coming back */
    int64_t last;  /* visit before the contact; TIME_NONE: none */
};

struct asking {
    const struct model *model;
    const struct scope *scope;
    const struct zone *zone;
    int64_t from, to, days;
    uint32_t *roots; /* by entry, as they were in the beginning */
    uint32_t *first; /* by root: the first of its contacts; the next one's is behind its last */
    uint32_t entries;
    VEC(struct asked) all; /* those found in the beginning; then of whoever was looked at again */
    struct idmap again;    /* root → where in `all` those of hers start that were found last */
};

static bool was_asked(const struct asking *a, const struct fact *fact) {
    return is_contact(fact) && (a->from == TIME_NONE || fact->time >= a->from) && fact->time <= a->to;
}

/* ---- Everybody's contacts, by root ---- */

static uint32_t root_asked(const struct asking *a, const struct fact *fact) {
    if (!was_asked(a, fact) || fact->entry >= a->entries) return NONE;
    uint32_t root = a->roots[fact->entry];
    return root < a->model->entries.count && person_listed(a->model, root) ? root : NONE;
}

static void each_fact(struct asking *a, struct turns *turns,
                      void (*take)(struct asking *a, uint32_t root, int64_t time)) {
    const struct model *model = a->model;
    for (uint32_t i = 0; i < model->facts.count; i++) {
        if (i % FACTS_AT_ONCE == 0 && i > 0) turns_rest(turns, FACTS_AT_ONCE);
        if (i >= model->facts.count) return;
        uint32_t root = root_asked(a, &model->facts.items[i]);
        if (root != NONE) take(a, root, model->facts.items[i].time);
    }
}

static void count_contact(struct asking *a, uint32_t root, int64_t time) {
    (void)time;
    a->first[root + 1]++;
}

/* Local days, whatever the hour of the call and however long the days are. */
static struct asked asked_at(const struct asking *a, uint32_t root, int64_t time) {
    int64_t day = date_to_days(zone_date(a->zone, time)) + a->days;
    return (struct asked){root, false, time, zone_day_end(a->zone, date_from_days(day)), TIME_NONE};
}

/* There is room for as many as were counted; who has more by now is looked at again. */
static void put_contact(struct asking *a, uint32_t root, int64_t time) {
    for (uint32_t i = a->first[root]; i < a->first[root + 1]; i++) {
        if (a->all.items[i].root != NONE) continue;
        a->all.items[i] = asked_at(a, root, time);
        return;
    }
}

static void gather_contacts(struct asking *a, struct turns *turns) {
    each_fact(a, turns, count_contact);
    for (uint32_t i = 0; i < a->entries; i++) a->first[i + 1] += a->first[i];
    uint32_t count = a->first[a->entries];
    VEC_RESERVE(a->all, count + 1);
    for (; a->all.count < count; a->all.count++) {
        if (a->all.count % PEOPLE_AT_ONCE == 0) turns_rest(turns, 0);
        a->all.items[a->all.count] = (struct asked){NONE, false, 0, 0, TIME_NONE};
    }
    each_fact(a, turns, put_contact);
}

/* ---- Their visits ---- */

static void meet_visit(struct asked *from, const struct asked *end, int64_t time) {
    for (struct asked *one = from; one < end; one++) {
        if (time <= one->contact && one->last < time) one->last = time;
        if (time > one->contact && time <= one->until) one->back = true;
    }
}

static uint32_t meet_visits(void *context, const struct stream *stream, uint32_t at, uint32_t end) {
    struct asking *a = context;
    const struct cut cut = {TIME_NONE, a->to};
    struct rooted_row few[ROOTED_ROWS];
    size_t count;
    while (at < end && (count = rooted_rows(&stream->rows, &at, &cut, a->model->roots.items, few)) > 0) {
        for (size_t i = 0; i < count; i++)
            if (few[i].root < a->entries) __builtin_prefetch(&a->first[few[i].root]);
        for (size_t i = 0; i < count; i++)
            if (few[i].root < a->entries) __builtin_prefetch(&a->all.items[a->first[few[i].root]], 1);
        for (size_t i = 0; i < count; i++) {
            uint32_t root = few[i].root;
            if (root >= a->entries || !row_has(few[i].row, ROW_VISIT)) continue;
            meet_visit(&a->all.items[a->first[root]], &a->all.items[a->first[root + 1]], row_time(few[i].row));
        }
    }
    return at;
}

/* ---- One person again ---- */

static void forget(struct asking *a, uint32_t member) {
    if (member < a->entries)
        for (uint32_t i = a->first[member]; i < a->first[member + 1]; i++) a->all.items[i].root = NONE;
    uint64_t *again = idmap_find(&a->again, (uint64_t)member + 1);
    if (again == NULL) return;
    for (uint32_t i = (uint32_t)*again; i < a->all.count && a->all.items[i].root == member; i++)
        a->all.items[i].root = NONE;
}

static void contacts_again(struct asking *a, uint32_t root) {
    const struct entry *entries = a->model->entries.items;
    uint32_t start = a->all.count, member = root;
    struct met_rows met = {NULL, 0, 0};
    do {
        for (uint32_t i = entries[member].facts; i != NONE; i = a->model->facts.items[i].next) {
            const struct fact *fact = &a->model->facts.items[i];
            if (was_asked(a, fact)) *VEC_ADD(a->all) = asked_at(a, root, fact->time);
        }
        member = entries[member].next_member;
    } while (member != root);
    if (a->all.count == start) return;
    *idmap_put(&a->again, (uint64_t)root + 1, NULL) = start;
    do {
        entry_rows(a->model, member, &met);
        member = entries[member].next_member;
    } while (member != root);
    for (uint32_t i = 0; i < met.count; i++) {
        const struct row *row = met.items[i].row;
        if (row_has(row, ROW_VISIT) && row_time(row) <= a->to &&
            scope_has(a->model, a->scope, id_stream(met.items[i].id)))
            meet_visit(&a->all.items[start], a->all.items + a->all.count, row_time(row));
    }
    VEC_RELEASE(met);
}

static void look_again(void *context, uint32_t touched) {
    struct asking *a = context;
    const struct model *model = a->model;
    if ((touched & TOUCHED_STREAM) != 0) return; /* nobody's */
    uint32_t root = model->roots.items[touched], member = root;
    do {
        forget(a, member);
        member = model->entries.items[member].next_member;
    } while (member != root);
    if (person_listed(model, root)) contacts_again(a, root);
}

/* ---- The answer ---- */

/* The index of the longest span that was over at `at`, when the last visit was at `last`; -1: none. */
static int span_over(const struct zone *zone, const int64_t *months, size_t spans, int64_t at, int64_t last) {
    int over = -1;
    for (size_t i = 0; i < spans && last < inactive_before(zone, at, (int)months[i]); i++) over = (int)i;
    return over;
}

/* Persons, not contacts: of several contacts of one in the same span, one that worked is enough. */
static void count_back(const struct asking *a, const struct zone *zone, size_t spans, struct came_back *out) {
    uint32_t counted[POLICY_LISTED_MAX], counted_back[POLICY_LISTED_MAX];
    int64_t months[POLICY_LISTED_MAX];
    for (size_t k = 0; k < spans; k++) {
        counted[k] = counted_back[k] = NONE;
        months[k] = out[k].months;
    }
    for (uint32_t i = 0; i < a->all.count; i++) {
        const struct asked *one = &a->all.items[i];
        bool came = one->root != NONE && one->last != TIME_NONE;
        int span = came ? span_over(zone, months, spans, one->contact, one->last) : -1;
        if (span < 0) continue;
        out[span].contacted += counted[span] != one->root;
        out[span].back += one->back && counted_back[span] != one->root;
        counted[span] = one->root;
        if (one->back) counted_back[span] = one->root;
    }
}

static bool ask_all(struct asking *a, const struct pace *pace) {
    const struct model *model = a->model;
    a->entries = model->entries.count;
    a->roots = mem_alloc(((size_t)a->entries + 1) * sizeof *a->roots);
    a->first = mem_alloc(((size_t)a->entries + 2) * sizeof *a->first);
    if (a->entries > 0) memcpy(a->roots, model->roots.items, a->entries * sizeof *a->roots);
    struct turns turns = turns_begin(model, pace, 2 * (uint64_t)model->facts.count + turns_row_count(model));
    gather_contacts(a, &turns);
    turns_rows(&turns, a->scope, meet_visits, a);
    return turns_end(&turns, look_again, a);
}

static void release(struct asking *a) {
    free(a->roots);
    free(a->first);
    VEC_RELEASE(a->all);
    idmap_release(&a->again);
}

size_t came_back(const struct model *model, const struct zone *zone, int64_t from, int64_t to,
                 const struct scope *scope, const struct pace *pace, struct came_back out[POLICY_LISTED_MAX]) {
    int64_t months[POLICY_LISTED_MAX];
    size_t spans = policy_numbers(model, POLICY_INACTIVE_MONTHS, to, months, POLICY_LISTED_MAX);
    struct asking start = {.model = model, .scope = scope, .zone = zone, .from = from, .to = to}, a;
    start.days = policy_number(model, POLICY_BACK_DAYS, to);
    a = start;
    for (size_t i = 0; i < spans; i++) out[i] = (struct came_back){months[i], 0, 0};
    if (!ask_all(&a, pace)) {
        release(&a);
        a = start;
        ask_all(&a, NULL);
    }
    pace_leave(pace);
    count_back(&a, zone, spans, out);
    release(&a);
    return spans;
}
