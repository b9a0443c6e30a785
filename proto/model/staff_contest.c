/* The sample that is verified, and who comes out best and last. */
#include <assert.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "proto/model/policies.h"
#include "proto/model/scope.h"
#include "proto/model/staff_parts.h"

/* ---- The sample ---- */

struct draw {
    uint64_t key; /* registered before the quarter first; then by hash */
    uint64_t id;
    uint32_t entry;
};
struct urn {
    struct draw *items;
    size_t count;
    uint32_t store;   /* its word; 0: of streams whose store nobody knows */
    struct view name; /* only while they are put in order */
};

/* Nothing but what the files are decides, never how they came in. */
static bool before(const struct draw *a, const struct draw *b) {
    return a->key != b->key ? a->key < b->key : a->id < b->id;
}

static uint64_t hash_text(uint64_t hash, struct view text) {
    for (size_t i = 0; i < text.len; i++) hash = (hash ^ text.data[i]) * UINT64_C(0x100000001B3);
    return hash;
}

static void drop_in(struct urn *urn, size_t most, struct draw draw) {
    size_t at = urn->count;
    if (at == most && !before(&draw, &urn->items[at - 1])) return;
    if (at < most)
        urn->count++;
    else
        at--;
    for (; at > 0 && before(&draw, &urn->items[at - 1]); at--) urn->items[at] = urn->items[at - 1];
    urn->items[at] = draw;
}

static uint64_t key_of(const struct quarter *q, struct view store, const struct entry *entry, const struct cut *cut) {
    uint64_t hash = UINT64_C(0xCBF29CE484222325);
    hash = row_mix(hash_text(hash, store) ^ row_mix((uint64_t)q->year * 4 + (uint64_t)q->number) ^ entry->id);
    return (entry->registered_time >= cut->from ? UINT64_C(1) << 63 : 0) | hash >> 1;
}

static void latest_verdict(const struct model *model, const struct entry *entry, const struct cut *cut,
                           const struct fact **latest) {
    for (uint32_t i = entry->facts; i != NONE; i = model->facts.items[i].next) {
        const struct fact *fact = &model->facts.items[i];
        if (fact->type != EVENT_verified || fact->dead || !cut_has(cut, fact->time)) continue;
        keep_last_word(latest, fact);
    }
}

/* Of the file itself, else of another one of the same person: whoever asks her has the person before him. */
static void verdict_of(const struct model *model, const struct entry *entry, const struct cut *cut, struct drawn *out) {
    const struct fact *latest = NULL;
    const struct entry *entries = model->entries.items;
    latest_verdict(model, entry, cut, &latest);
    for (const struct entry *e = &entries[entry->next_member]; latest == NULL && e != entry;) {
        const struct fact *of_member = NULL;
        for (; e != entry; e = &entries[e->next_member]) latest_verdict(model, e, cut, &of_member);
        latest = of_member;
    }
    out->verified = latest == NULL ? 0 : latest->id;
    out->valid = latest != NULL && latest->values[0] == 1;
}

static void note_drawn(const struct model *model, const struct staff_question *q, const struct cut *cut,
                       struct view store, const struct entry *entry, struct staff_table *out) {
    struct buf actor = BUF_INIT;
    struct drawn drawn = {.customer = entry->id, .employee = UINT32_MAX};
    verdict_of(model, entry, cut, &drawn);
    q->actor(q->context, entry->id, &actor);
    struct employee *e = actor.len == 0 ? NULL : staff_table_of(out, store, buf_view(&actor));
    if (e != NULL) {
        drawn.employee = (uint32_t)(e - out->items);
        e->sampled++;
        e->verified += drawn.verified != 0;
        e->valid += drawn.valid;
    }
    out->sample[out->sampled++] = drawn;
    buf_release(&actor);
}

#define DRAWN_AT_ONCE 16384
#define VERDICTS_AT_ONCE 256 /* whose hand is read from the log */

/* The store of a file that is in the draw; NONE: it is not. */
static uint32_t store_of_file(const struct model *model, const struct entry *entry, const struct cut *cut) {
    const struct stream *stream = entry_known(entry) ? stream_find(model, id_stream(entry->id)) : NULL;
    bool out = stream == NULL || entry->registered_time > cut->to || model_erased(model, entry->id);
    return out ? NONE : stream_store(stream);
}

struct urns {
    struct urn *items;
    uint32_t count, room;
    struct idmap place; /* store's word + 1 → urn + 1 */
};

static struct urn *urn_of(struct urns *urns, uint32_t store, size_t most) {
    uint64_t *place = idmap_put(&urns->place, (uint64_t)store + 1, NULL);
    if (*place == 0) {
        *VEC_ADD(*urns) = (struct urn){mem_alloc(most * sizeof(struct draw)), 0, store, VIEW_NONE};
        *place = urns->count;
    }
    return &urns->items[*place - 1];
}

static int by_store(const void *a, const void *b) {
    return view_compare(((const struct urn *)a)->name, ((const struct urn *)b)->name);
}

struct drawing {
    const struct model *model;
    const struct staff_question *q;
    uint64_t seen; /* of what was touched, in the beginning */
};

/* False: folded again meanwhile: the asker begins anew. */
static bool still(const struct drawing *d) { return d->model->touched.count - d->seen <= TOUCHED_KEPT; }

static bool fill_urns(const struct drawing *d, const struct cut *cut, size_t most, struct urns *urns) {
    const struct model *model = d->model;
    for (uint32_t i = 0; i < model->entries.count; i++) {
        if (i > 0 && i % DRAWN_AT_ONCE == 0) pace_rest(d->q->pace, i, model->entries.count);
        if (!still(d)) return false;
        const struct entry *entry = &model->entries.items[i];
        uint32_t word = store_of_file(model, entry, cut);
        if (word == NONE) continue;
        struct view store = words_view(&model->words, word);
        if (d->q->drawn_at.data != NULL && !view_equal(store, d->q->drawn_at)) continue;
        drop_in(urn_of(urns, word, most), most, (struct draw){key_of(&d->q->quarter, store, entry, cut), entry->id, i});
    }
    for (uint32_t u = 0; u < urns->count; u++) urns->items[u].name = words_view(&model->words, urns->items[u].store);
    if (urns->count > 1) qsort(urns->items, urns->count, sizeof *urns->items, by_store);
    return true;
}

static void empty_urns(const struct drawing *d, const struct cut *cut, const struct urns *urns,
                       struct staff_table *out) {
    const struct model *model = d->model;
    size_t drawn = 0;
    for (uint32_t u = 0; u < urns->count; u++) {
        for (size_t i = 0; i < urns->items[u].count; i++) {
            if (++drawn % VERDICTS_AT_ONCE == 0) pace_rest(d->q->pace, u, urns->count);
            if (!still(d)) return;
            const struct entry *entry = &model->entries.items[urns->items[u].items[i].entry];
            note_drawn(model, d->q, cut, words_view(&model->words, urns->items[u].store), entry, out);
        }
    }
}

void staff_draw(const struct model *model, const struct staff_question *q, const struct cut *cut,
                struct staff_table *out) {
    size_t most = (size_t)policy_number(model, POLICY_CONTEST_SAMPLE, cut->to);
    const struct drawing drawing = {model, q, model->touched.count};
    struct urns urns = {.items = NULL};
    bool filled = fill_urns(&drawing, cut, most, &urns);
    out->sample = mem_alloc((urns.count * most + 1) * sizeof *out->sample);
    if (filled) empty_urns(&drawing, cut, &urns, out);
    for (uint32_t u = 0; u < urns.count; u++) free(urns.items[u].items);
    idmap_release(&urns.place);
    VEC_RELEASE(urns);
}

bool staff_drawn(const struct model *model, const struct zone *zone, uint64_t customer, int64_t at, int64_t now) {
    const struct quarter quarter = quarter_of(zone_date(zone, at));
    struct cut cut = {zone_day_start(zone, quarter_start(quarter)), zone_day_end(zone, quarter_end(quarter))};
    if (cut.to > now) cut.to = now;
    uint32_t index = entry_find(model, customer);
    uint32_t word = index == NONE ? NONE : store_of_file(model, &model->entries.items[index], &cut);
    if (word == NONE) return false;
    struct view store = words_view(&model->words, word);
    const struct draw own = {key_of(&quarter, store, &model->entries.items[index], &cut),
                             model->entries.items[index].id, index};
    int64_t ahead = 0, most = policy_number(model, POLICY_CONTEST_SAMPLE, cut.to);
    for (uint32_t i = 0; i < model->entries.count && ahead < most; i++) {
        const struct entry *entry = &model->entries.items[i];
        if (i == index || store_of_file(model, entry, &cut) != word) continue;
        const struct draw other = {key_of(&quarter, store, entry, &cut), entry->id, i};
        ahead += before(&other, &own);
    }
    return ahead < most;
}

/* ---- The contest ---- */

const char *staff_measure_word(enum staff_measure measure) {
    static const char *const words[] = {"count", "completeness", "validity"};
    return words[measure];
}

static enum staff_measure measure_of(const struct model *model, const struct quarter *q, int64_t at) {
    if (q->number < 4) return (enum staff_measure)(q->number - 1);
    struct view word = policy_text(model, POLICY_CONTEST_Q4, at);
    for (enum staff_measure m = STAFF_COUNT; m <= STAFF_VALIDITY; m++)
        if (view_is(word, staff_measure_word(m))) return m;
    return STAFF_COUNT;
}

/* Who works here no more does not compete, nor does the region's desk: it registers nobody. */
static double score_of(const struct employee *e, enum staff_measure measure) {
    if (e->store == NULL || (e->event != 0 && !e->active)) return (double)NAN;
    switch (measure) {
    case STAFF_COMPLETENESS: return e->files == 0 ? (double)NAN : e->completeness / e->files;
    case STAFF_VALIDITY: return e->verified == 0 ? (double)NAN : (double)e->valid / e->verified;
    default: return e->registrations;
    }
}

static bool same_store(const struct employee *a, const struct employee *b) {
    return a->store == NULL || b->store == NULL ? a->store == b->store : strcmp(a->store, b->store) == 0;
}

static void place(struct staff_table *t, struct employee *e) {
    uint32_t ahead[2] = {0, 0}, behind[2] = {0, 0};
    for (size_t i = 0; i < t->count; i++) {
        bool near = same_store(e, &t->items[i]);
        ahead[0] += near && t->items[i].score > e->score;
        behind[0] += near && t->items[i].score < e->score;
        ahead[1] += t->items[i].score > e->score;
        behind[1] += t->items[i].score < e->score;
    }
    e->rank_store = 1 + ahead[0];
    e->rank_region = 1 + ahead[1];
    e->last_store = ahead[0] > 0 && behind[0] == 0;
    e->last_region = ahead[1] > 0 && behind[1] == 0;
}

void staff_rank(const struct model *model, const struct staff_question *q, const struct cut *cut,
                struct staff_table *t) {
    t->measure = measure_of(model, &q->quarter, cut->to);
    pace_leave(q->pace); /* each is compared with each */
    for (size_t i = 0; i < t->count; i++) t->items[i].score = score_of(&t->items[i], t->measure);
    for (size_t i = 0; i < t->count; i++)
        if (!isnan(t->items[i].score)) place(t, &t->items[i]);
}
