/* Rankings: V2. */
#include <stdlib.h>
#include <string.h>

#include "proto/model/people.h"
#include "proto/model/policies.h"
#include "proto/model/rfm.h"
#include "proto/model/sort.h"

struct brought_within {
    const struct cut *cut;
    const struct scope *scope;
};

/* How many a person brought. */
static void count_referrals(const void *context, const struct model *model, uint32_t root, const struct tally *tally,
                            void *out) {
    const struct brought_within *within = context;
    uint32_t count = 0, member = root;
    (void)tally;
    do {
        for (uint32_t i = model->entries.items[member].facts; i != NONE; i = model->facts.items[i].next) {
            const struct fact *fact = &model->facts.items[i];
            count += fact->type == EVENT_referred && fact->other != 0 && !fact->dead &&
                     cut_has(within->cut, fact->time) && scope_has(model, within->scope, id_stream(fact->id));
        }
        member = model->entries.items[member].next_member;
    } while (member != root);
    memcpy(out, &count, sizeof count);
}

/* What is measured, by the root's index. */
struct ranking {
    enum measure by;
    struct people people;
    const uint32_t *referrals; /* of the people; NULL when nobody asks; so are these */
    int64_t *scores;
};

static bool stands(const struct ranking *r, uint32_t root) {
    return r->people.names[root] != 0 && r->people.tallies[root].rows > 0;
}

static int64_t measured(const struct ranking *r, uint32_t root) {
    if (r->scores != NULL) return r->scores[root]; /* before the referrals, which it is made of, too */
    if (r->referrals != NULL) return r->referrals[root];
    if (r->people.profits != NULL) return r->people.profits[root].rows > 0 ? r->people.profits[root].margin : NIL;
    return r->by == BY_VISITS ? r->people.tallies[root].visits : r->people.tallies[root].spend;
}

static struct standing standing_of(const struct ranking *r, uint32_t root) {
    const struct tally *tally = &r->people.tallies[root];
    return (struct standing){r->people.names[root], measured(r, root), tally->spend, tally->last, tally->visits};
}

static struct ranking open_ranking(const struct model *model, enum measure by, const struct cut *cut,
                                   const struct scope *scope, const struct pace *pace) {
    struct ranking r = {.by = by};
    struct people_asked asked = {.cut = *cut, .scope = scope, .margins = by == BY_MARGIN};
    const struct brought_within within = {cut, scope};
    bool referrals = by == BY_REFERRALS || by == BY_SCORE;
    if (referrals) {
        asked.beside = sizeof *r.referrals;
        asked.look = count_referrals;
        asked.context = &within;
    }
    people_read(model, &asked, pace, &r.people);
    if (referrals) r.referrals = (const uint32_t *)(const void *)r.people.beside;
    struct policy_weights weights = policy_weights(model, cut->to);
    pace_leave(pace);
    if (by == BY_SCORE) r.scores = scores_make(&weights, &r.people, r.referrals);
    return r;
}

static void close_ranking(struct ranking *r) {
    people_release(&r->people);
    free(r->scores);
}

/* Ids as small numbers in the same order: which stream, by number, and the seq. Mostly these fit beside the value into
 * one sorting key, and equal values come by id without more ado. */
struct id_code {
    struct idmap places; /* of streams: number + 1 → place */
    unsigned seq_bits, bits;
};

static int by_number(const void *a, const void *b) {
    uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
    return (x > y) - (x < y);
}

static struct id_code id_code_make(const struct ranking *r) {
    struct id_code code = {.seq_bits = 0};
    VEC(uint64_t) streams = {NULL, 0, 0};
    for (uint32_t i = 0; i < r->people.count; i++) {
        uint64_t name = r->people.names[i];
        bool added = false;
        if (name == 0) continue;
        idmap_put(&code.places, (uint64_t)id_stream(name) + 1, &added);
        if (added) *VEC_ADD(streams) = (uint64_t)id_stream(name) + 1;
        if (code.seq_bits < sort_bits(id_seq(name))) code.seq_bits = sort_bits(id_seq(name));
    }
    if (streams.count > 1) qsort(streams.items, streams.count, sizeof *streams.items, by_number);
    for (uint32_t i = 0; i < streams.count; i++) *idmap_put(&code.places, streams.items[i], NULL) = i;
    code.bits = code.seq_bits + sort_bits(streams.count);
    VEC_RELEASE(streams);
    return code;
}

static uint32_t id_code_of(const struct id_code *code, uint64_t id) {
    if (code->bits > 32) return 0;
    return (uint32_t)*idmap_find(&code->places, (uint64_t)id_stream(id) + 1) << code->seq_bits | (uint32_t)id_seq(id);
}

/* Persons with a row in the window, by root, in the order of their entries. */
static size_t collect(const struct ranking *r, const struct id_code *code, struct sort_pair *out) {
    size_t count = 0;
    for (uint32_t i = 0; i < r->people.count; i++)
        if (stands(r, i))
            out[count++] =
                (struct sort_pair){sort_key_descending(measured(r, i)), i, id_code_of(code, r->people.names[i])};
    return count;
}

/* Runs of equal values come by id. */
static void order_equal(const struct ranking *r, struct sort_pair *pairs, struct sort_pair *spare, size_t count) {
    for (size_t from = 0, to; from < count; from = to) {
        for (to = from + 1; to < count && pairs[to].key == pairs[from].key;) to++;
        if (to - from == 1) continue;
        for (size_t i = from; i < to; i++) pairs[i].key = r->people.names[pairs[i].index];
        sort_pairs(pairs + from, spare, to - from);
    }
}

static size_t sorted(const struct ranking *r, struct sort_pair *pairs, struct sort_pair *spare) {
    struct id_code code = id_code_make(r);
    size_t count = collect(r, &code, pairs);
    uint64_t least = 0, most = 0;
    if (count > 0) sort_range(pairs, count, &least, &most);
    bool fits = code.bits <= 32 && sort_bits(most - least) + code.bits <= 64;
    for (size_t i = 0; fits && i < count; i++) pairs[i].key = (pairs[i].key - least) << code.bits | pairs[i].tie;
    sort_pairs(pairs, spare, count);
    if (!fits) order_equal(r, pairs, spare, count);
    idmap_release(&code.places);
    return count;
}

static void rank_all(const struct ranking *r, struct standing **out, size_t *count) {
    size_t most = (size_t)r->people.count + 1;
    struct sort_pair *pairs = mem_alloc(2 * most * sizeof *pairs), *spare = pairs + most;
    *count = sorted(r, pairs, spare);
    *out = mem_alloc((*count + 1) * sizeof **out);
    for (size_t i = 0; i < *count; i++) (*out)[i] = standing_of(r, pairs[i].index);
    free(pairs);
}

int rank(const struct model *model, enum measure by, const struct cut *cut, const struct scope *scope,
         struct standing **out, size_t *count) {
    return rank_paced(model, by, cut, scope, 0, NULL, out, count);
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

/* The first ones so far, with some that are no more. */
struct firsts {
    struct best best;
    struct standing *found;
    uint32_t count, room;
};

static void keep(struct firsts *f, const struct standing *standing) {
    if (f->count == f->room) {
        f->room = f->room * 2 + 64;
        f->found = mem_resize(f->found, f->room * sizeof *f->found);
    }
    f->found[f->count++] = *standing;
}

static void tell_firsts(struct firsts *f, struct standing **out, size_t *count) {
    *count = 0;
    *out = mem_alloc(((size_t)f->count + 1) * sizeof **out);
    for (uint32_t i = 0; i < f->count; i++)
        if (f->found[i].value >= f->best.heap[0]) (*out)[(*count)++] = f->found[i];
    qsort(*out, *count, sizeof **out, by_value_then_id);
    free(f->found);
    free(f->best.heap);
}

/* Most persons are one customer, whose entry is at hand. */
static bool plain(const struct entry *entry, const struct model *model, uint32_t root) {
    return entry->next_member == root && (entry->flags & ENTRY_PARTED) == 0 && model->roots.items[root] == root;
}

/* By the sums kept in the entries: a page of a ranking, while somebody waits. */
static void rank_kept(const struct model *model, enum measure by, struct firsts *f) {
    struct tallies kept = {model, NULL, 0};
    for (uint32_t i = 0; i < model->entries.count; i++) {
        const struct entry *entry = &model->entries.items[i];
        bool known =
            plain(entry, model, i) ? entry_known(entry) : model->roots.items[i] == i && person_listed(model, i);
        if (!known) continue;
        struct tally tally = tallies_of(&kept, i);
        struct standing standing = {0, by == BY_VISITS ? tally.visits : tally.spend, tally.spend, tally.last,
                                    tally.visits};
        if (tally.rows == 0 || !among(&f->best, standing.value)) continue;
        standing.person = person_name(model, i);
        keep(f, &standing);
    }
}

int rank_first(const struct model *model, enum measure by, const struct cut *cut, const struct scope *scope, size_t top,
               struct standing **out, size_t *count) {
    return rank_paced(model, by, cut, scope, top, NULL, out, count);
}

int rank_paced(const struct model *model, enum measure by, const struct cut *cut, const struct scope *scope, size_t top,
               const struct pace *pace, struct standing **out, size_t *count) {
    struct firsts f = {.found = NULL};
    bool all = top == 0 || top >= model->entries.count / 16;
    bool kept = !all && (by == BY_SPEND || by == BY_VISITS) && cut_is_whole(model, cut) && scope_is_whole(scope);
    if (!all) f.best = (struct best){mem_alloc(top * sizeof *f.best.heap), 0, top};
    if (kept) {
        rank_kept(model, by, &f);
        tell_firsts(&f, out, count);
        return 0;
    }
    struct ranking r = open_ranking(model, by, cut, scope, pace);
    if (all) rank_all(&r, out, count);
    for (uint32_t i = 0; !all && i < r.people.count; i++) {
        if (!stands(&r, i) || !among(&f.best, measured(&r, i))) continue;
        struct standing standing = standing_of(&r, i);
        keep(&f, &standing);
    }
    if (!all) tell_firsts(&f, out, count);
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
