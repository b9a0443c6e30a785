#include "proto/model/inactive.h"

#include <stdlib.h>
#include <string.h>

#include "proto/model/contacts.h"
#include "proto/model/people.h"

int64_t inactive_before(const struct zone *zone, int64_t to, int months) {
    struct date limit = date_months_before(zone_date(zone, to), months);
    return limit.year == 0 ? TIME_MIN : zone_day_end(zone, limit) + 1;
}

struct date inactive_day(struct date visit, int months) {
    return date_add_months(visit, months);
}

/* ---- The list ---- */

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

/* Of whoever has been away long enough. */
struct away {
    int64_t contacted;
    bool silent;
};

struct away_since {
    const struct zone *zone;
    int64_t before, to;
};

static void look_after(const void *context, const struct model *model, uint32_t root, const struct tally *tally,
                       void *out) {
    const struct away_since *since = context;
    if (tally->last == TIME_NONE || tally->last >= since->before) return;
    *(struct away *)out = (struct away){latest_contact(model, root, tally->last, since->to),
                                        went_silently(model, since->zone, root, tally->last, since->to)};
}

int inactive_list(const struct model *model, const struct zone *zone, int64_t to, const struct scope *scope,
                  const struct pace *pace, struct inactive **out, size_t *count) {
    int64_t months[POLICY_LISTED_MAX], before[POLICY_LISTED_MAX] = {TIME_MIN};
    size_t spans = policy_numbers(model, POLICY_INACTIVE_MONTHS, to, months, POLICY_LISTED_MAX);
    for (size_t i = 0; i < spans; i++) before[i] = inactive_before(zone, to, (int)months[i]);
    const struct away_since since = {zone, before[0], to};
    struct people_asked asked = {.cut = {TIME_NONE, to}, .scope = scope};
    struct people people;
    asked.beside = sizeof(struct away);
    asked.look = look_after;
    asked.context = &since;
    people_read(model, &asked, pace, &people);
    pace_leave(pace);
    VEC(struct inactive) found = {NULL, 0, 0};
    for (uint32_t i = 0; spans > 0 && i < people.count; i++) {
        const struct tally *tally = &people.tallies[i];
        if (people.names[i] == 0 || tally->last == TIME_NONE || tally->last >= before[0]) continue;
        const struct away *away = (const struct away *)(const void *)people.beside + i;
        struct inactive *one = VEC_ADD(found);
        *one = (struct inactive){{people.names[i], tally->spend, tally->spend, tally->last, tally->visits},
                                 months[0],
                                 away->contacted,
                                 away->silent};
        for (size_t k = 1; k < spans && tally->last < before[k]; k++) one->months = months[k];
    }
    people_release(&people);
    *count = found.count;
    *out = mem_alloc(((size_t)found.count + 1) * sizeof **out);
    if (found.count > 0) {
        memcpy(*out, found.items, VEC_BYTES(found));
        qsort(*out, *count, sizeof **out, by_last_then_id);
    }
    VEC_RELEASE(found);
    return 0;
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
        if (before == NULL || happened_later(fact, before)) *place = i + 1;
    }
    for (uint32_t root = 0; root < model->entries.count; root++)
        if (latest[root] != 0) add_reason(model, &model->facts.items[latest[root] - 1], &tallies, out);
    tallies_release(&tallies);
    free(latest);
}
