#include "proto/model/retention.h"

#include <stdlib.h>
#include <string.h>

#include "proto/model/person_rows.h"
#include "proto/model/policies.h"
#include "proto/model/scope.h"
#include "proto/model/sort.h"

static void happened(int64_t *last, int64_t time, bool dead, int64_t to) {
    if (!dead && time <= to && time > *last) *last = time;
}

/* What the hub or a site says of its own accord is not about a customer who came. */
static bool by_people(uint16_t type) { return type != EVENT_key_destroyed && type != EVENT_credited; }

static void look_at(const struct model *model, const struct entry *entry, int64_t to, int64_t *last) {
    if (entry_known(entry)) happened(last, entry->registered_time, false, to);
    for (uint32_t i = entry->edits; i != NONE; i = model->edits.items[i].next)
        happened(last, model->edits.items[i].time, model->edits.items[i].dead, to);
    for (uint32_t i = entry->facts; i != NONE; i = model->facts.items[i].next)
        if (by_people(model->facts.items[i].type))
            happened(last, model->facts.items[i].time, model->facts.items[i].dead, to);
    for (uint32_t i = entry->items; i != NONE; i = model->items.items[i].next)
        happened(last, model->items.items[i].time, model->items.items[i].dead, to);
}

/* Sales and returns are looked for in the log, so only of whom nothing else is younger than `before`. */
static int64_t last_of(const struct model *model, uint32_t root, int64_t to, int64_t before, int64_t *spend) {
    struct cut cut = {TIME_NONE, to};
    struct person_row *rows;
    size_t count;
    int64_t last = TIME_MIN;
    uint32_t member = root;
    do {
        look_at(model, &model->entries.items[member], to, &last);
        member = model->entries.items[member].next_member;
    } while (member != root);
    if (last >= before) return last;
    person_rows(model, model->entries.items[root].id, &cut, &rows, &count);
    *spend = 0;
    for (size_t i = 0; i < count; i++) {
        happened(&last, rows[i].time, false, to);
        *spend = (int64_t)((uint64_t)*spend + (uint64_t)rows[i].amount);
    }
    free(rows);
    return last;
}

static int longest_first(const void *a, const void *b) {
    const struct kept *x = a, *y = b;
    if (x->last != y->last) return x->last < y->last ? -1 : 1;
    return (x->person > y->person) - (x->person < y->person);
}

/* The start of the earliest day that is not over yet, so many months later. */
static int64_t kept_from(const struct zone *zone, int64_t to, int months) {
    /* Kept all that day: over for whom it was yesterday. */
    struct date limit = date_months_before(date_from_days(date_to_days(zone_date(zone, to)) - 1), months);
    return limit.year == 0 ? TIME_MIN : zone_day_end(zone, limit) + 1;
}

int retention_over(const struct model *model, const struct zone *zone, int64_t to, struct kept **out, size_t *count) {
    int months = 12 * (int)policy_number(model, POLICY_KEEP_YEARS, to);
    int64_t before = kept_from(zone, to, months), spend = 0;
    VEC(struct kept) found = {NULL, 0, 0};
    for (uint32_t i = 0; i < model->entries.count; i++) {
        if (model->roots.items[i] != i || !person_listed(model, i)) continue;
        if (model_customer(model, model->entries.items[i].id) == CUSTOMER_ERASED) continue;
        if (model->entries.items[i].last != TIME_NONE && model->entries.items[i].last >= before &&
            to >= model->max_time)
            continue; /* most are seen at a glance */
        int64_t last = last_of(model, i, to, before, &spend);
        if (last == TIME_MIN || last >= before) continue;
        int64_t until = zone_day_end(zone, date_add_months(zone_date(zone, last), months));
        *VEC_ADD(found) = (struct kept){person_name(model, i), last, until, spend};
    }
    *count = found.count;
    *out = mem_alloc(((size_t)found.count + 1) * sizeof **out);
    if (found.count > 0) {
        memcpy(*out, found.items, VEC_BYTES(found));
        qsort(*out, *count, sizeof **out, longest_first);
    }
    VEC_RELEASE(found);
    return 0;
}
