#include "proto/model/leaders.h"

#include <stdlib.h>
#include <string.h>

#include "proto/model/scope.h"

#define MEMBERS_MAX 64

static const struct cut whole = {TIME_NONE, TIME_NONE};

bool leaders_answer(const struct model *model, enum measure by, const struct cut *cut, const struct scope *scope) {
    return by == BY_SPEND && cut_is_whole(model, cut) && scope_is_whole(scope);
}

/* Lets those go who come behind the first ones and those tied with the last of them. */
static void trim(struct leaders *l) {
    size_t count = l->most;
    if (l->count <= count) return;
    l->least = l->items[count - 1].value;
    while (count < l->count && l->items[count].value == l->least) count++;
    l->count = count;
}

void leaders_make(const struct model *model, size_t most, struct leaders *l) {
    free(l->items);
    l->most = most;
    rank_first(model, BY_SPEND, &whole, NULL, most, &l->items, &l->count);
    l->room = l->count;
    l->least = l->count >= most ? l->items[l->count - 1].value : INT64_MIN;
    trim(l);
}

static bool before(const struct standing *a, const struct standing *b) {
    return a->value != b->value ? a->value > b->value : a->person < b->person;
}

static void take_out(struct leaders *l, uint64_t person) {
    for (size_t i = 0; i < l->count; i++) {
        if (l->items[i].person != person) continue;
        l->count--;
        memmove(l->items + i, l->items + i + 1, (l->count - i) * sizeof *l->items);
        return;
    }
}

static void put_in(struct leaders *l, const struct standing *standing) {
    size_t low = 0, high = l->count;
    while (low < high) {
        size_t middle = (low + high) / 2;
        if (before(&l->items[middle], standing))
            low = middle + 1;
        else
            high = middle;
    }
    if (l->count == l->room) {
        l->room = l->room * 2 + l->most;
        l->items = mem_resize(l->items, l->room * sizeof *l->items);
    }
    memmove(l->items + low + 1, l->items + low, (l->count - low) * sizeof *l->items);
    l->items[low] = *standing;
    l->count++;
}

/* Whoever it is now, and whoever it was: before a link, the members stood here under names of their own. */
static bool renew_one(const struct model *model, uint64_t id, struct leaders *l) {
    uint64_t members[MEMBERS_MAX];
    uint32_t entry = entry_find(model, id);
    if (entry == NONE) return true;
    size_t count = model_members(model, id, members, MEMBERS_MAX);
    if (count > MEMBERS_MAX) return false;
    for (size_t i = 0; i < count; i++) take_out(l, members[i]);
    take_out(l, id);
    uint32_t root = model->roots.items[entry];
    struct tally tally = tally_person(model, root, &whole);
    if (!person_known(model, root) || tally.rows == 0 || tally.spend < l->least) return true;
    struct standing standing = {.person = person_name(model, root),
                                .value = tally.spend,
                                .spend = tally.spend,
                                .last = tally.last,
                                .visits = tally.visits};
    put_in(l, &standing);
    return true;
}

bool leaders_renew(const struct model *model, const uint64_t *ids, size_t count, struct leaders *l) {
    for (size_t i = 0; i < count; i++)
        if (!renew_one(model, ids[i], l)) return false;
    if (l->count > 2 * l->most) trim(l);
    return true;
}

bool leaders_first(const struct leaders *l, size_t top, struct standing **out, size_t *count) {
    if (l->count < top && l->least != INT64_MIN) return false;
    size_t n = top < l->count ? top : l->count;
    while (n > 0 && n < l->count && l->items[n].value == l->items[n - 1].value) n++;
    *out = mem_alloc((n + 1) * sizeof **out);
    if (n > 0) memcpy(*out, l->items, n * sizeof **out);
    *count = n;
    return true;
}

void leaders_release(struct leaders *l) {
    free(l->items);
    *l = (struct leaders){.count = 0};
}
