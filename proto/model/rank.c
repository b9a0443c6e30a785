/* Rankings: V2. */
#include <stdlib.h>

#include "proto/model/scope.h"
#include "proto/model/sort.h"

/* How many a person brought, by the root's index; NULL when nobody asks. */
static uint32_t *count_referrals(const struct model *model, enum measure by, const struct cut *cut,
                                 const struct scope *scope) {
    if (by != BY_REFERRALS) return NULL;
    uint32_t *counts = mem_alloc(((size_t)model->entries.count + 1) * sizeof *counts);
    for (uint32_t i = 0; i < model->facts.count; i++) {
        const struct fact *fact = &model->facts.items[i];
        if (fact->type == EVENT_referred && !fact->dead && cut_has(cut, fact->time) &&
            scope_has(model, scope, id_stream(fact->id)))
            counts[model->entries.items[fact->entry].root]++;
    }
    return counts;
}

static int64_t measured(enum measure by, const struct tally *tally, const uint32_t *referrals, uint32_t root) {
    switch (by) {
    case BY_VISITS: return tally->visits;
    case BY_REFERRALS: return referrals[root];
    default: return tally->spend;
    }
}

/* Persons with a row in the window, in the order of their entries. */
static size_t collect(const struct model *model, enum measure by, const struct tally *tallies,
                      const uint32_t *referrals, struct standing *out) {
    size_t count = 0;
    for (uint32_t i = 0; i < model->entries.count; i++) {
        const struct entry *entry = &model->entries.items[i];
        if (entry->root != i || tallies[i].rows == 0) continue;
        bool alone = entry->next_member == i;
        if (!(alone ? entry_known(entry) : person_known(model, i))) continue;
        out[count++] = (struct standing){
            .person = alone ? entry->id : person_name(model, i),
            .value = measured(by, &tallies[i], referrals, i),
            .spend = tallies[i].spend,
            .last = tallies[i].last,
            .visits = tallies[i].visits,
        };
    }
    return count;
}

/* Runs of equal values come by id. */
static void order_equal(const struct standing *standings, struct sort_pair *pairs, struct sort_pair *spare,
                        size_t count) {
    for (size_t from = 0, to; from < count; from = to) {
        for (to = from + 1; to < count && pairs[to].key == pairs[from].key;) to++;
        if (to - from == 1) continue;
        for (size_t i = from; i < to; i++) pairs[i].key = standings[pairs[i].index].person;
        sort_pairs(pairs + from, spare, to - from);
    }
}

static struct standing *in_order(const struct standing *standings, size_t count) {
    struct sort_pair *pairs = mem_alloc((2 * count + 1) * sizeof *pairs), *spare = pairs + count;
    for (size_t i = 0; i < count; i++)
        pairs[i] = (struct sort_pair){sort_key_descending(standings[i].value), (uint32_t)i};
    sort_pairs(pairs, spare, count);
    order_equal(standings, pairs, spare, count);
    struct standing *out = mem_alloc((count + 1) * sizeof *out);
    for (size_t i = 0; i < count; i++) out[i] = standings[pairs[i].index];
    free(pairs);
    return out;
}

int rank(const struct model *model, enum measure by, const struct cut *cut, const struct scope *scope,
         struct standing **out, size_t *count) {
    struct tally *tallies = tally_persons(model, cut, scope);
    uint32_t *referrals = count_referrals(model, by, cut, scope);
    struct standing *standings = mem_alloc(((size_t)model->entries.count + 1) * sizeof *standings);
    *count = collect(model, by, tallies, referrals, standings);
    free(tallies);
    free(referrals);
    *out = in_order(standings, *count);
    free(standings);
    return 0;
}

/* ---- Ties ---- */

struct tied {
    struct standing standing;
    size_t start, length; /* of the card, in one buffer */
    const struct buf *cards;
};

static int by_card(const void *a, const void *b) {
    const struct tied *x = a, *y = b;
    int order =
        view_compare(view_make(x->cards->data + x->start, x->length), view_make(y->cards->data + y->start, y->length));
    if (order != 0) return order;
    return (x->standing.person > y->standing.person) - (x->standing.person < y->standing.person);
}

static void settle_tie(struct standing *run, size_t count,
                       void (*card)(void *context, uint64_t person, struct buf *out), void *context) {
    struct tied *tied = mem_alloc(count * sizeof *tied);
    struct buf cards = BUF_INIT;
    buf_reserve(&cards, 1); /* so that an absent card is an empty one */
    for (size_t i = 0; i < count; i++) {
        tied[i] = (struct tied){run[i], cards.len, 0, &cards};
        card(context, run[i].person, &cards);
        tied[i].length = cards.len - tied[i].start;
    }
    qsort(tied, count, sizeof *tied, by_card);
    for (size_t i = 0; i < count; i++) run[i] = tied[i].standing;
    buf_wipe(&cards);
    free(tied);
}

void ranking_ties(struct standing *ranking, size_t count, size_t top,
                  void (*card)(void *context, uint64_t person, struct buf *out), void *context) {
    for (size_t from = 0, to; from < count && from < top; from = to) {
        for (to = from + 1; to < count && ranking[to].value == ranking[from].value;) to++;
        if (to - from > 1) settle_tie(ranking + from, to - from, card, context);
    }
}
