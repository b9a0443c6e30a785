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
    uint32_t entry;
};
struct urn {
    struct draw *items;
    size_t count;
};

static uint64_t hash_text(uint64_t hash, struct view text) {
    for (size_t i = 0; i < text.len; i++) hash = (hash ^ text.data[i]) * UINT64_C(0x100000001B3);
    return hash;
}

static void drop_in(struct urn *urn, size_t most, struct draw draw) {
    size_t at = urn->count;
    if (at == most && urn->items[at - 1].key <= draw.key) return;
    if (at < most)
        urn->count++;
    else
        at--;
    for (; at > 0 && urn->items[at - 1].key > draw.key; at--) urn->items[at] = urn->items[at - 1];
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

void staff_draw(const struct model *model, const struct staff_question *q, const struct cut *cut,
                struct staff_table *out) {
    size_t most = (size_t)policy_number(model, POLICY_CONTEST_SAMPLE, cut->to), urns = 0, drawn = 0;
    struct idmap urn_of = {.slots = NULL}; /* store's word + 1 → urn + 1 */
    struct urn *all = NULL;
    uint64_t seen = model->touched.count;
    bool lost = false; /* folded again meanwhile: the asker begins anew */
    for (uint32_t i = 0; i < model->entries.count; i++) {
        if (i > 0 && i % DRAWN_AT_ONCE == 0) pace_rest(q->pace, i, model->entries.count);
        lost = model->touched.count - seen > TOUCHED_KEPT;
        if (lost) break;
        const struct entry *entry = &model->entries.items[i];
        const struct stream *stream = entry_known(entry) ? stream_find(model, id_stream(entry->id)) : NULL;
        if (stream == NULL || entry->registered_time > cut->to || model_erased(model, entry->id)) continue;
        uint64_t *urn = idmap_put(&urn_of, (uint64_t)stream_store(stream) + 1, NULL);
        if (*urn == 0) {
            all = mem_resize(all, (urns + 1) * sizeof *all);
            all[urns] = (struct urn){mem_alloc(most * sizeof(struct draw)), 0};
            *urn = ++urns;
        }
        assert(all != NULL); /* an urn that is known has been made */
        struct view store = words_view(&model->words, stream_store(stream));
        drop_in(&all[*urn - 1], most, (struct draw){key_of(&q->quarter, store, entry, cut), i});
    }
    out->sample = mem_alloc((urns * most + 1) * sizeof *out->sample);
    for (size_t u = 0; u < urns; u++) {
        for (size_t i = 0; i < all[u].count && !lost; i++) {
            if (++drawn % VERDICTS_AT_ONCE == 0) pace_rest(q->pace, u, urns);
            lost = model->touched.count - seen > TOUCHED_KEPT;
            if (lost) break;
            const struct entry *entry = &model->entries.items[all[u].items[i].entry];
            const struct stream *stream = stream_find(model, id_stream(entry->id));
            note_drawn(model, q, cut, words_view(&model->words, stream_store(stream)), entry, out);
        }
        free(all[u].items);
    }
    free(all);
    idmap_release(&urn_of);
}

static uint32_t store_of_file(const struct model *model, const struct entry *entry, const struct cut *cut) {
    const struct stream *stream = entry_known(entry) ? stream_find(model, id_stream(entry->id)) : NULL;
    bool out = stream == NULL || entry->registered_time > cut->to || model_erased(model, entry->id);
    return out ? NONE : stream_store(stream);
}

bool staff_drawn(const struct model *model, const struct zone *zone, uint64_t customer, int64_t at, int64_t now) {
    const struct quarter quarter = quarter_of(zone_date(zone, at));
    struct cut cut = {zone_day_start(zone, quarter_start(quarter)), zone_day_end(zone, quarter_end(quarter))};
    if (cut.to > now) cut.to = now;
    uint32_t index = entry_find(model, customer);
    uint32_t word = index == NONE ? NONE : store_of_file(model, &model->entries.items[index], &cut);
    if (word == NONE) return false;
    struct view store = words_view(&model->words, word);
    uint64_t own = key_of(&quarter, store, &model->entries.items[index], &cut);
    int64_t before = 0, most = policy_number(model, POLICY_CONTEST_SAMPLE, cut.to);
    for (uint32_t i = 0; i < model->entries.count && before < most; i++) {
        const struct entry *entry = &model->entries.items[i];
        if (i == index || store_of_file(model, entry, &cut) != word) continue;
        uint64_t key = key_of(&quarter, store, entry, &cut);
        before += key < own || (key == own && i < index);
    }
    return before < most;
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
