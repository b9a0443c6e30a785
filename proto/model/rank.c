/* Rankings: V2. */
#include <stdlib.h>

#include "proto/model/margins.h"
#include "proto/model/rfm.h"
#include "proto/model/scope.h"
#include "proto/model/sort.h"

#define LOOK_AHEAD 16 /* standings in order are entries all over memory */

/* How many a person brought, by the root's index; NULL when nobody asks. */
static uint32_t *count_referrals(const struct model *model, enum measure by, const struct cut *cut,
                                 const struct scope *scope) {
    if (by != BY_REFERRALS && by != BY_SCORE) return NULL;
    uint32_t *counts = mem_alloc(((size_t)model->entries.count + 1) * sizeof *counts);
    for (uint32_t i = 0; i < model->facts.count; i++) {
        const struct fact *fact = &model->facts.items[i];
        if (fact->type == EVENT_referred && !fact->dead && cut_has(cut, fact->time) &&
            scope_has(model, scope, id_stream(fact->id)))
            counts[model->roots.items[fact->entry]]++;
    }
    return counts;
}

struct ranking {
    const struct model *model;
    enum measure by;
    struct tallies tallies;
    uint32_t *referrals;
    struct profit *profits; /* by the root's index; NULL when nobody asks */
    int64_t *scores;        /* by the root's index; NULL when nobody asks */
};

static int64_t measured(const struct ranking *r, const struct tally *tally, uint32_t root) {
    switch (r->by) {
    case BY_VISITS: return tally->visits;
    case BY_REFERRALS: return r->referrals[root];
    case BY_MARGIN: return r->profits[root].margin;
    case BY_SCORE: return r->scores[root];
    default: return tally->spend;
    }
}

static bool alone(const struct model *model, uint32_t root) { return model->entries.items[root].next_member == root; }

/* Most persons are one customer, whose entry is at hand. */
static bool known(const struct model *model, uint32_t root) {
    const struct entry *entry = &model->entries.items[root];
    bool plain = alone(model, root) && (entry->flags & ENTRY_PARTED) == 0;
    return plain ? entry_known(entry) : person_listed(model, root);
}

static uint64_t name_of(const struct model *model, uint32_t root) {
    return alone(model, root) ? model->entries.items[root].id : person_name(model, root);
}

/* Ids as small numbers in the same order: which stream, by number, and the seq. Mostly these fit beside the value into
 * one sorting key, and equal values come by id without more ado. */
struct id_code {
    uint32_t *stream_place; /* by the index of the stream */
    unsigned seq_bits, bits;
};

static struct id_code id_code_make(const struct model *model) {
    struct id_code code = {mem_alloc(((size_t)model->streams.count + 1) * sizeof(uint32_t)), 0, 0};
    for (uint32_t i = 0; i < model->stream_order.count; i++) {
        uint32_t stream = model->stream_order.items[i];
        code.stream_place[stream] = i;
        unsigned bits = sort_bits(model->streams.items[stream].last_seq);
        if (code.seq_bits < bits) code.seq_bits = bits;
    }
    code.bits = code.seq_bits + sort_bits(model->streams.count);
    return code;
}

/* Of an id whose event was seen, as that of a known person. */
static uint32_t id_code_of(const struct ranking *r, const struct id_code *code, uint64_t id) {
    if (code->bits > 32) return 0;
    const struct stream *stream = stream_find(r->model, id_stream(id));
    return code->stream_place[stream - r->model->streams.items] << code->seq_bits | (uint32_t)id_seq(id);
}

/* Persons with a row in the window, by root, in the order of their entries. */
static size_t collect(const struct ranking *r, const struct id_code *code, struct sort_pair *out) {
    size_t count = 0;
    for (uint32_t i = 0; i < r->model->entries.count; i++) {
        if (r->model->roots.items[i] != i || !known(r->model, i)) continue;
        struct tally tally = tallies_of(&r->tallies, i);
        if (tally.rows == 0) continue;
        uint64_t key = sort_key_descending(measured(r, &tally, i));
        out[count++] = (struct sort_pair){key, i, id_code_of(r, code, name_of(r->model, i))};
    }
    return count;
}

/* Runs of equal values come by id. */
static void order_equal(const struct ranking *r, struct sort_pair *pairs, struct sort_pair *spare, size_t count) {
    for (size_t from = 0, to; from < count; from = to) {
        for (to = from + 1; to < count && pairs[to].key == pairs[from].key;) to++;
        if (to - from == 1) continue;
        for (size_t i = from; i < to; i++) pairs[i].key = name_of(r->model, pairs[i].index);
        sort_pairs(pairs + from, spare, to - from);
    }
}

static size_t sorted(const struct ranking *r, struct sort_pair *pairs, struct sort_pair *spare) {
    struct id_code code = id_code_make(r->model);
    size_t count = collect(r, &code, pairs);
    uint64_t least = 0, most = 0;
    if (count > 0) sort_range(pairs, count, &least, &most);
    bool fits = code.bits <= 32 && sort_bits(most - least) + code.bits <= 64;
    for (size_t i = 0; fits && i < count; i++) pairs[i].key = (pairs[i].key - least) << code.bits | pairs[i].tie;
    sort_pairs(pairs, spare, count);
    if (!fits) order_equal(r, pairs, spare, count);
    free(code.stream_place);
    return count;
}

static struct standing standing_of(const struct ranking *r, uint32_t root) {
    struct tally tally = tallies_of(&r->tallies, root);
    return (struct standing){
        .person = name_of(r->model, root),
        .value = measured(r, &tally, root),
        .spend = tally.spend,
        .last = tally.last,
        .visits = tally.visits,
    };
}

static struct ranking open_ranking(const struct model *model, enum measure by, const struct cut *cut,
                                   const struct scope *scope) {
    struct ranking r = {model, by, tallies_make(model, cut, scope), count_referrals(model, by, cut, scope), NULL, NULL};
    if (by == BY_MARGIN) r.profits = profits_make(model, cut, scope);
    if (by == BY_SCORE) r.scores = scores_make(model, &r.tallies, r.referrals, cut->to);
    return r;
}

static void close_ranking(struct ranking *r) {
    free(r->referrals);
    free(r->profits);
    free(r->scores);
    tallies_release(&r->tallies);
}

static void call_for(const struct ranking *r, uint32_t root) {
    const struct entry *entry = &r->model->entries.items[root];
    __builtin_prefetch(entry);
    __builtin_prefetch(&entry->edges);
    if (r->tallies.by_root != NULL) __builtin_prefetch(&r->tallies.by_root[root]);
}

int rank(const struct model *model, enum measure by, const struct cut *cut, const struct scope *scope,
         struct standing **out, size_t *count) {
    struct ranking r = open_ranking(model, by, cut, scope);
    size_t most = (size_t)model->entries.count + 1;
    struct sort_pair *pairs = mem_alloc(2 * most * sizeof *pairs), *spare = pairs + most;
    *count = sorted(&r, pairs, spare);
    *out = mem_alloc((*count + 1) * sizeof **out);
    for (size_t i = 0; i < *count; i++) {
        if (i + LOOK_AHEAD < *count) call_for(&r, pairs[i + LOOK_AHEAD].index);
        (*out)[i] = standing_of(&r, pairs[i].index);
    }
    free(pairs);
    close_ranking(&r);
    return 0;
}

/* ---- The first ones only ---- */

/* The largest values so far, the least of them on top. */
struct best {
    int64_t *heap;
    size_t count, most;
};

static void sink(struct best *best, int64_t value) {
    size_t at = 0;
    for (size_t child; (child = 2 * at + 1) < best->count; at = child) {
        if (child + 1 < best->count && best->heap[child + 1] < best->heap[child]) child++;
        if (best->heap[child] >= value) break;
        best->heap[at] = best->heap[child];
    }
    best->heap[at] = value;
}

static void rise(struct best *best, int64_t value) {
    size_t at = best->count++;
    for (; at > 0 && best->heap[(at - 1) / 2] > value; at = (at - 1) / 2) best->heap[at] = best->heap[(at - 1) / 2];
    best->heap[at] = value;
}

/* False: so many are larger. */
static bool among(struct best *best, int64_t value) {
    if (best->count < best->most)
        rise(best, value);
    else if (value > best->heap[0])
        sink(best, value);
    return value >= best->heap[0];
}

static int by_value_then_id(const void *a, const void *b) {
    const struct standing *x = a, *y = b;
    if (x->value != y->value) return x->value > y->value ? -1 : 1;
    return (x->person > y->person) - (x->person < y->person);
}

int rank_first(const struct model *model, enum measure by, const struct cut *cut, const struct scope *scope, size_t top,
               struct standing **out, size_t *count) {
    if (top == 0 || top >= model->entries.count / 16) return rank(model, by, cut, scope, out, count);
    struct ranking r = open_ranking(model, by, cut, scope);
    struct best best = {mem_alloc(top * sizeof *best.heap), 0, top};
    VEC(struct standing) found = {NULL, 0, 0};
    for (uint32_t i = 0; i < model->entries.count; i++) {
        if (model->roots.items[i] != i || !known(model, i)) continue;
        struct tally tally = tallies_of(&r.tallies, i);
        if (tally.rows > 0 && among(&best, measured(&r, &tally, i))) *VEC_ADD(found) = standing_of(&r, i);
    }
    *count = 0;
    *out = mem_alloc(((size_t)found.count + 1) * sizeof **out);
    for (uint32_t i = 0; i < found.count; i++)
        if (found.items[i].value >= best.heap[0]) (*out)[(*count)++] = found.items[i];
    qsort(*out, *count, sizeof **out, by_value_then_id);
    VEC_RELEASE(found);
    free(best.heap);
    close_ranking(&r);
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
