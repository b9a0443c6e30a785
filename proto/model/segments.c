/* Persons one by one: the base of segments (V4) and of a customer's page. */
#include <stdlib.h>

#include "proto/model/scope.h"
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

int segments(const struct model *model, const struct cut *cut, struct standing **out, size_t *count) {
    struct tallies tallies = tallies_make(model, cut, NULL);
    size_t most = (size_t)model->entries.count + 1, found = 0;
    struct sort_pair *pairs = mem_alloc(2 * most * sizeof *pairs);
    for (uint32_t i = 0; i < model->entries.count; i++) {
        if (model->roots.items[i] != i) continue;
        struct tally tally = tallies_of(&tallies, i);
        if (person_known_by(model, i, cut, &tally) && person_listed(model, i))
            pairs[found++] = (struct sort_pair){person_name(model, i), i, 0};
    }
    sort_pairs(pairs, pairs + most, found);
    *out = mem_alloc((found + 1) * sizeof **out);
    *count = found;
    for (size_t i = 0; i < found; i++) {
        struct tally tally = tallies_of(&tallies, pairs[i].index);
        (*out)[i] = person_standing(model, pairs[i].index, &tally);
    }
    free(pairs);
    tallies_release(&tallies);
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
