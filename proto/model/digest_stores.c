/* Digests of stores' people: the known persons that a stream of the store has an event about, a sale, a registration, a
 * change, a contact, a step, voided or not, whose complaint was routed to it, or whose custodian is said to be of it. A
 * hub asks for all stores in turn, so each person is digested once and added to every store it belongs to.
 *
 * Of a million customers that takes a second and more, so others have the model in between. Whatever is said meanwhile
 * ends it: these are digests of one position, and one that has passed is of no use. */
#include <stdlib.h>

#include "proto/model/digest.h"
#include "proto/model/questions.h"

/* A store, and whom its streams have said something about, sales apart: roots, some of them more than once. */
struct bucket {
    uint32_t store; /* a word */
    struct indices roots;
    struct digest_sum sum;
};

struct summing {
    struct digest_part part;
    const struct pace *pace;
    uint64_t position, touched; /* of the model, in the beginning */
    uint32_t work;              /* since others had the model */
    VEC(struct bucket) stores;  /* ascending by word */
    uint32_t *bucket_of;        /* by word: index + 1; 0: nobody asks for that store */
    size_t words;
    struct digest_sum *persons; /* by root, where `digested` */
    bool *digested;
    uint32_t *added_to; /* by root: the store it was last added to */
};

#define WORK_AT_ONCE 8192 /* a row or an entry is one */
#define DIGEST_WORK 32    /* and so many is a person */

/* False: something was said meanwhile; nothing of the model may be looked at any more. */
static bool goes_on(struct summing *s, uint32_t work) {
    const struct model *model = s->part.model;
    s->work += work;
    if (s->work >= WORK_AT_ONCE) {
        s->work = 0;
        pace_rest(s->pace, 0, 0);
    }
    return model->position == s->position && model->touched.count == s->touched;
}

/* ---- Which stores have said something, sales apart ---- */

static void give(struct summing *s, uint32_t store, uint32_t root) {
    struct bucket *bucket =
        store < s->words && s->bucket_of[store] != 0 ? &s->stores.items[s->bucket_of[store] - 1] : NULL;
    if (bucket == NULL) return;
    uint32_t count = bucket->roots.count;
    if (count == 0 || bucket->roots.items[count - 1] != root) *VEC_ADD(bucket->roots) = root;
}

static void touch(struct summing *s, uint64_t id, uint32_t root) {
    const struct stream *stream = stream_find(s->part.model, id_stream(id));
    give(s, stream == NULL ? 0 : stream_store(stream), root);
}

static void touch_entry(struct summing *s, uint32_t index) {
    const struct model *model = s->part.model;
    const struct entry *entry = &model->entries.items[index];
    uint32_t root = model->roots.items[index];
    if ((entry->flags & ENTRY_REGISTERED) != 0) touch(s, entry->id, root);
    for (uint32_t i = entry->edits; i != NONE; i = model->edits.items[i].next) touch(s, model->edits.items[i].id, root);
    for (uint32_t i = entry->facts; i != NONE; i = model->facts.items[i].next) {
        const struct fact *fact = &model->facts.items[i];
        touch(s, fact->id, root);
        if (fact->type == EVENT_custodian) give(s, fact->words[1], root);
    }
    for (uint32_t i = entry->items; i != NONE; i = model->items.items[i].next) {
        const struct item *item = &model->items.items[i];
        touch(s, item->id, root);
        if (item->type == EVENT_routed) give(s, item->words[0], root);
    }
}

static bool find_touches(struct summing *s) {
    uint32_t count = s->part.model->entries.count;
    for (uint32_t i = 0; i < count; i++) {
        if (!goes_on(s, 2)) return false;
        touch_entry(s, i);
    }
    return true;
}

/* ---- Sums ---- */

static int by_number(const void *a, const void *b) {
    uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
    return (x > y) - (x < y);
}

/* The stores that streams are of (`only` 0), or the one asked for. */
static void find_stores(struct summing *s, uint32_t only) {
    const struct model *model = s->part.model;
    struct indices all = {NULL, 0, 0};
    if (only != 0) *VEC_ADD(all) = only;
    for (uint32_t i = 0; only == 0 && i < model->streams.count; i++)
        *VEC_ADD(all) = stream_store(&model->streams.items[i]);
    if (all.count > 1) qsort(all.items, all.count, sizeof *all.items, by_number);
    for (uint32_t i = 0; i < all.count; i++) {
        if (all.items[i] == 0 || (i > 0 && all.items[i] == all.items[i - 1])) continue;
        *VEC_ADD(s->stores) = (struct bucket){.store = all.items[i]};
        s->bucket_of[all.items[i]] = s->stores.count;
    }
    VEC_RELEASE(all);
}

static void summing_open(const struct model *model, const struct pace *pace, uint32_t only, struct summing *s) {
    size_t count = (size_t)model->entries.count + 1;
    *s = (struct summing){
        .part = {.model = model, .bytes = BUF_INIT},
        .pace = pace,
        .position = model->position,
        .touched = model->touched.count,
        .words = (size_t)model->words.places.count + 1,
        .persons = mem_alloc(count * sizeof *s->persons),
        .digested = mem_alloc(count * sizeof *s->digested),
        .added_to = mem_alloc(count * sizeof *s->added_to),
    };
    s->bucket_of = mem_alloc(s->words * sizeof *s->bucket_of);
    find_stores(s, only);
}

static void summing_close(struct summing *s) {
    for (uint32_t i = 0; i < s->stores.count; i++) VEC_RELEASE(s->stores.items[i].roots);
    VEC_RELEASE(s->stores);
    buf_release(&s->part.bytes);
    free(s->bucket_of);
    free(s->persons);
    free(s->digested);
    free(s->added_to);
}

/* As goes_on. */
static bool add_person(struct summing *s, uint32_t root, struct bucket *bucket) {
    if (s->added_to[root] == bucket->store) return goes_on(s, 1);
    s->added_to[root] = bucket->store;
    if (!person_known(s->part.model, root)) return goes_on(s, 1);
    bool fresh = !s->digested[root];
    if (fresh) s->persons[root] = digest_person(&s->part, root);
    s->digested[root] = true;
    digest_add(&bucket->sum, &s->persons[root]);
    return goes_on(s, fresh ? DIGEST_WORK : 1);
}

static bool sum_store(struct summing *s, struct bucket *bucket) {
    const struct model *model = s->part.model;
    for (uint32_t i = 0; i < bucket->roots.count; i++)
        if (!add_person(s, bucket->roots.items[i], bucket)) return false;
    for (uint32_t i = 0; i < model->streams.count; i++) {
        if (stream_store(&model->streams.items[i]) != bucket->store) continue;
        for (uint32_t j = 0; j < model->streams.items[i].rows.count; j++) {
            uint32_t entry = rows_at(&model->streams.items[i].rows, j)->entry;
            if (entry != NONE && !add_person(s, model->roots.items[entry], bucket)) return false;
        }
    }
    return true;
}

static bool sum_stores(struct summing *s) {
    if (!find_touches(s)) return false;
    for (uint32_t i = 0; i < s->stores.count; i++)
        if (!sum_store(s, &s->stores.items[i])) return false;
    return true;
}

struct digest_sum digest_store(const struct model *model, struct view code) {
    uint32_t store = words_find(&model->words, code);
    struct digest_sum sum = {{0, 0, 0, 0}};
    if (store == NONE || store == 0) return sum;
    struct summing s;
    summing_open(model, NULL, store, &s);
    if (sum_stores(&s)) sum = s.stores.items[0].sum;
    summing_close(&s);
    return sum;
}

bool model_digest_stores(const struct model *model, const struct pace *pace,
                         void (*each)(void *context, struct view store, const uint8_t digest[DIGEST_SIZE]),
                         void *context) {
    struct summing s;
    summing_open(model, pace, 0, &s);
    bool done = sum_stores(&s);
    for (uint32_t i = 0; done && i < s.stores.count; i++) {
        uint8_t digest[DIGEST_SIZE];
        digest_tell(&s.stores.items[i].sum, digest);
        each(context, words_view(&model->words, s.stores.items[i].store), digest);
    }
    summing_close(&s);
    return done;
}
