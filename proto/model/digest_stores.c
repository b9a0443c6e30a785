/* Digests of stores' people: the known persons that a stream of the store has an event about, a sale, a registration, a
 * change, a contact, a step, voided or not, whose complaint was routed to it, or whose custodian is said to be of it. A
 * hub asks for all stores in turn, so each person is digested once and added to every store it belongs to. */
#include <stdlib.h>

#include "proto/model/digest.h"
#include "proto/model/sort.h"

struct pairs {
    struct sort_pair *items; /* key: the store's word, index: the person's root */
    uint32_t count, room;
};

struct summing {
    struct digest_part part;
    struct digest_sum *persons; /* by root, where `digested` */
    bool *digested;
    uint32_t *added_to; /* by root: the store it was last added to */
};

/* ---- Which stores have said something, sales apart ---- */

/* `only` 0: every store. */
static void give(struct pairs *pairs, uint32_t store, uint32_t root, uint32_t only) {
    if (store != 0 && (only == 0 || store == only)) *VEC_ADD(*pairs) = (struct sort_pair){store, root, 0};
}

static void touch(const struct model *model, struct pairs *pairs, uint64_t id, uint32_t root, uint32_t only) {
    const struct stream *stream = stream_find(model, id_stream(id));
    give(pairs, stream == NULL ? 0 : stream_store(stream), root, only);
}

static void touch_entry(const struct model *model, struct pairs *pairs, uint32_t index, uint32_t only) {
    const struct entry *entry = &model->entries.items[index];
    uint32_t root = model->roots.items[index];
    if ((entry->flags & ENTRY_REGISTERED) != 0) touch(model, pairs, entry->id, root, only);
    for (uint32_t i = entry->edits; i != NONE; i = model->edits.items[i].next)
        touch(model, pairs, model->edits.items[i].id, root, only);
    for (uint32_t i = entry->facts; i != NONE; i = model->facts.items[i].next) {
        const struct fact *fact = &model->facts.items[i];
        touch(model, pairs, fact->id, root, only);
        if (fact->type == EVENT_custodian) give(pairs, fact->words[1], root, only);
    }
    for (uint32_t i = entry->items; i != NONE; i = model->items.items[i].next) {
        const struct item *item = &model->items.items[i];
        touch(model, pairs, item->id, root, only);
        if (item->type == EVENT_routed) give(pairs, item->words[0], root, only);
    }
}

static void find_touches(const struct model *model, uint32_t only, struct pairs *pairs) {
    for (uint32_t i = 0; i < model->entries.count; i++) touch_entry(model, pairs, i, only);
    struct sort_pair *spare = mem_alloc(((size_t)pairs->count + 1) * sizeof *spare);
    sort_pairs(pairs->items, spare, pairs->count);
    free(spare);
}

/* ---- Sums ---- */

static void summing_open(const struct model *model, struct summing *s) {
    size_t count = (size_t)model->entries.count + 1;
    *s = (struct summing){
        .part = {.model = model, .bytes = BUF_INIT},
        .persons = mem_alloc(count * sizeof *s->persons),
        .digested = mem_alloc(count * sizeof *s->digested),
        .added_to = mem_alloc(count * sizeof *s->added_to),
    };
}

static void summing_close(struct summing *s) {
    buf_release(&s->part.bytes);
    free(s->persons);
    free(s->digested);
    free(s->added_to);
}

static void add_person(struct summing *s, uint32_t root, uint32_t store, struct digest_sum *sum) {
    if (s->added_to[root] == store) return;
    s->added_to[root] = store;
    if (!person_known(s->part.model, root)) return;
    if (!s->digested[root]) s->persons[root] = digest_person(&s->part, root);
    s->digested[root] = true;
    digest_add(sum, &s->persons[root]);
}

static struct digest_sum sum_store(struct summing *s, const struct pairs *touches, uint32_t *next, uint32_t store) {
    const struct model *model = s->part.model;
    struct digest_sum sum = {{0, 0, 0, 0}};
    while (*next < touches->count && touches->items[*next].key < store) ++*next;
    for (; *next < touches->count && touches->items[*next].key == store; ++*next)
        add_person(s, touches->items[*next].index, store, &sum);
    for (uint32_t i = 0; i < model->streams.count; i++) {
        const struct stream *stream = &model->streams.items[i];
        if (stream_store(stream) != store) continue;
        for (uint32_t j = 0; j < stream->rows.count; j++) {
            uint32_t entry = rows_at(&stream->rows, j)->entry;
            if (entry != NONE) add_person(s, model->roots.items[entry], store, &sum);
        }
    }
    return sum;
}

struct digest_sum digest_store(const struct model *model, struct view code) {
    uint32_t store = words_find(&model->words, code), next = 0;
    if (store == NONE || store == 0) return (struct digest_sum){{0, 0, 0, 0}};
    struct summing s;
    struct pairs touches = {NULL, 0, 0};
    summing_open(model, &s);
    find_touches(model, store, &touches);
    struct digest_sum sum = sum_store(&s, &touches, &next, store);
    VEC_RELEASE(touches);
    summing_close(&s);
    return sum;
}

static int by_number(const void *a, const void *b) {
    uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
    return (x > y) - (x < y);
}

/* The stores that streams are of, ascending by word. */
static void find_stores(const struct model *model, struct indices *out) {
    struct indices all = {NULL, 0, 0};
    for (uint32_t i = 0; i < model->streams.count; i++) *VEC_ADD(all) = stream_store(&model->streams.items[i]);
    if (all.count > 1) qsort(all.items, all.count, sizeof *all.items, by_number);
    for (uint32_t i = 0; i < all.count; i++)
        if (all.items[i] != 0 && (i == 0 || all.items[i] != all.items[i - 1])) *VEC_ADD(*out) = all.items[i];
    VEC_RELEASE(all);
}

void model_digest_stores(const struct model *model,
                         void (*each)(void *context, struct view store, const uint8_t digest[DIGEST_SIZE]),
                         void *context) {
    struct summing s;
    struct pairs touches = {NULL, 0, 0};
    struct indices stores = {NULL, 0, 0};
    uint32_t next = 0;
    summing_open(model, &s);
    find_touches(model, 0, &touches);
    find_stores(model, &stores);
    for (uint32_t i = 0; i < stores.count; i++) {
        struct digest_sum sum = sum_store(&s, &touches, &next, stores.items[i]);
        uint8_t digest[DIGEST_SIZE];
        digest_tell(&sum, digest);
        each(context, words_view(&model->words, stores.items[i]), digest);
    }
    VEC_RELEASE(stores);
    VEC_RELEASE(touches);
    summing_close(&s);
}
