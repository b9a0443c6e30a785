/* Persons one by one: the base of segments (V4) and of a customer's page. */
#include <stdlib.h>

#include "proto/model/people.h"
#include "proto/model/sort.h"

/* Known by the cut: a member was registered by then, or the person is known now and has a sale or return in it (whoever
 * writes an old sale down registers its customer late). */
bool person_known_by(const struct model *model, uint32_t entry, const struct cut *cut, const struct tally *tally) {
    const struct entry *entries = model->entries.items;
    if (tally->rows > 0) return person_known(model, entry);
    uint32_t i = entry;
    do {
        bool early = cut->to == TIME_NONE || entries[i].registered_time <= cut->to;
        if (entry_known(&entries[i]) && early) return true;
        i = entries[i].next_member;
    } while (i != entry);
    return false;
}

struct standing person_standing(const struct model *model, uint32_t entry, const struct tally *tally) {
    return (struct standing){person_name(model, entry), tally->spend, tally->spend, tally->last, tally->visits};
}

int segments(const struct model *model, const struct cut *cut, const struct pace *pace, struct standing **out,
             size_t *count) {
    struct people_asked asked = {.cut = *cut};
    struct people people;
    people_read(model, &asked, pace, &people);
    pace_leave(pace);
    size_t most = (size_t)people.count + 1, found = 0;
    struct sort_pair *pairs = mem_alloc(2 * most * sizeof *pairs);
    for (uint32_t i = 0; i < people.count; i++)
        if (people.names[i] != 0 && (people.early[i] || people.tallies[i].rows > 0))
            pairs[found++] = (struct sort_pair){people.names[i], i, 0};
    sort_pairs(pairs, pairs + most, found);
    *out = mem_alloc((found + 1) * sizeof **out);
    *count = found;
    for (size_t i = 0; i < found; i++) {
        const struct tally *tally = &people.tallies[pairs[i].index];
        (*out)[i] = (struct standing){pairs[i].key, tally->spend, tally->spend, tally->last, tally->visits};
    }
    free(pairs);
    people_release(&people);
    return 0;
}

bool person_value(const struct model *model, uint64_t customer, const struct cut *cut, struct standing *out) {
    uint32_t entry = entry_find(model, customer);
    if (entry == NONE) return false;
    struct tally tally = tally_person(model, entry, cut);
    if (!person_known_by(model, entry, cut, &tally)) return false;
    *out = person_standing(model, entry, &tally);
    return true;
}
