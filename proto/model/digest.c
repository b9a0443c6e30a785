/* The digest of the state: the sum, in four lanes of 64 bits, of BLAKE2b-256 over each part's canonical bytes. A sum
 * does not mind the order; within a part everything is in the order of ids.
 *
 *   part   = "dangol fold" ‖ FOLD_VERSION ‖ kind ‖ what the part says; numbers as u64 BE, texts with their length
 *   person   its name, each member (id, registration, sum of its sealed bytes' mixes, heads of its fields, facts,
 * items
 *            of complaints, number and sum of its live rows), the edges that hold
 *   notice   a live event of the directory          stream, unlink, a store's own fact: likewise
 *
 * Happened times are in it as the corrections leave them; received times and positions are not, nor is what only voids,
 * erasures and destroyed keys say of themselves: what they do is seen in the rest. */
#include "proto/model/digest.h"

#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "proto/base/bug.h"
#include "proto/model/file.h"
#include "proto/model/turns.h"

/* ---- Writing a part ---- */

static void number(struct digest_part *d, uint64_t value) {
    uint8_t bytes[8];
    put_u64_be(bytes, value);
    buf_append(&d->bytes, bytes, sizeof bytes);
}

static void text(struct digest_part *d, uint32_t word) {
    struct view view = words_view(&d->model->words, word);
    number(d, view.data == NULL ? UINT64_MAX : view.len);
    buf_append_view(&d->bytes, view);
}

static void run(struct digest_part *d, struct id_run ids) {
    number(d, ids.count);
    for (uint32_t i = 0; i < ids.count; i++) number(d, d->model->ids.items[ids.start + i]);
}

static void begin(struct digest_part *d, char kind) {
    buf_clear(&d->bytes);
    buf_append(&d->bytes, "dangol fold", 11);
    number(d, FOLD_VERSION);
    buf_append_byte(&d->bytes, (uint8_t)kind);
}

static struct digest_sum end(const struct digest_part *d) {
    struct digest_sum out = {.lanes = {0}};
    uint8_t hash[DIGEST_SIZE];
    crypto_generichash(hash, sizeof hash, d->bytes.data, d->bytes.len, NULL, 0);
    for (size_t i = 0; i < 4; i++) out.lanes[i] = get_u64_be(hash + 8 * i);
    return out;
}

void digest_tell(const struct digest_sum *sum, uint8_t out[DIGEST_SIZE]) {
    for (size_t i = 0; i < 4; i++) put_u64_be(out + 8 * i, sum->lanes[i]);
}

/* ---- A person ---- */

static void write_rows(struct digest_part *d, uint64_t count, struct row_sum sum) {
    number(d, count);
    number(d, sum.lanes[0]);
    number(d, sum.lanes[1]);
}

static void write_fact(struct digest_part *d, const struct fact *fact) {
    number(d, fact->id);
    number(d, fact->type);
    number(d, (uint64_t)fact->time);
    number(d, fact->other);
    for (size_t i = 0; i < 3; i++) number(d, (uint64_t)fact->values[i]);
    for (size_t i = 0; i < 2; i++) text(d, fact->words[i]);
    number(d, (uint64_t)fact->minutes << 8 | fact->matter);
}

static void write_item(struct digest_part *d, const struct item *item) {
    number(d, item->id);
    number(d, item->type);
    number(d, item->hlc);
    number(d, (uint64_t)item->time);
    number(d, item->complaint);
    number(d, (uint64_t)item->cost);
    uint8_t small[] = {item->step, item->level, item->kind, (uint8_t)item->satisfied, (uint8_t)item->score};
    buf_append(&d->bytes, small, sizeof small);
    for (size_t i = 0; i < 3; i++) text(d, item->words[i]);
    run(d, item->after);
}

struct named {
    uint64_t id;
    uint32_t index;
};
struct named_list {
    struct named *items;
    uint32_t count, room;
};

static int by_id(const void *a, const void *b) {
    const struct named *x = a, *y = b;
    return (x->id > y->id) - (x->id < y->id);
}

static void sort_list(struct named_list *list) {
    if (list->count > 1) qsort(list->items, list->count, sizeof *list->items, by_id);
}

static void write_facts(struct digest_part *d, const struct entry *entry) {
    struct named_list list = {NULL, 0, 0};
    for (uint32_t i = entry->facts; i != NONE; i = d->model->facts.items[i].next) {
        const struct fact *fact = &d->model->facts.items[i];
        if (!fact->dead && fact->type != EVENT_key_destroyed) *VEC_ADD(list) = (struct named){fact->id, i};
    }
    sort_list(&list);
    number(d, list.count);
    for (uint32_t i = 0; i < list.count; i++) write_fact(d, &d->model->facts.items[list.items[i].index]);
    d->said |= list.count > 0;
    VEC_RELEASE(list);
}

static void write_items(struct digest_part *d, const struct entry *entry) {
    struct named_list list = {NULL, 0, 0};
    for (uint32_t i = entry->items; i != NONE; i = d->model->items.items[i].next)
        if (!d->model->items.items[i].dead) *VEC_ADD(list) = (struct named){d->model->items.items[i].id, i};
    sort_list(&list);
    number(d, list.count);
    for (uint32_t i = 0; i < list.count; i++) write_item(d, &d->model->items.items[list.items[i].index]);
    d->said |= list.count > 0;
    VEC_RELEASE(list);
}

static void write_heads(struct digest_part *d, uint32_t index) {
    struct file file;
    file_open(d->model, index, &file);
    number(d, file.count);
    for (size_t i = 0; i < file.count; i++) {
        number(d, file.heads[i].id);
        number(d, file.heads[i].bits);
        number(d, file.heads[i].cleared);
    }
    d->said |= file.count > 0;
    file_close(&file);
}

static void write_member(struct digest_part *d, uint32_t index) {
    const struct entry *entry = &d->model->entries.items[index];
    bool known = entry_known(entry);
    if (BUG(digest_of_positions)) number(d, d->model->entries.items[index].last_position);
    number(d, entry->id);
    number(d, known);
    number(d, known ? (uint64_t)entry->registered_time : 0);
    number(d, entry->sealed[0]);
    number(d, entry->sealed[1]);
    d->said |= known || (entry->sealed[0] | entry->sealed[1]) != 0 || entry->rows > 0;
    write_heads(d, index);
    write_facts(d, entry);
    write_items(d, entry);
    write_rows(d, entry->rows, entry->rows_sum);
}

static void write_edges(struct digest_part *d, uint32_t entry) {
    uint64_t id = d->model->entries.items[entry].id;
    size_t count = model_links(d->model, id, NULL, 0);
    uint64_t *ids = mem_alloc((count + 1) * sizeof *ids);
    model_links(d->model, id, ids, count);
    struct named_list list = {NULL, 0, 0};
    for (size_t i = 0; i < count; i++) *VEC_ADD(list) = (struct named){ids[i], 0};
    sort_list(&list);
    number(d, count);
    for (size_t i = 0; i < count; i++) number(d, list.items[i].id);
    VEC_RELEASE(list);
    free(ids);
}

static void write_members(struct digest_part *d, uint32_t root) {
    const struct entry *entries = d->model->entries.items;
    struct named_list members = {NULL, 0, 0};
    uint32_t i = root;
    do {
        *VEC_ADD(members) = (struct named){entries[i].id, i};
        i = entries[i].next_member;
    } while (i != root);
    sort_list(&members);
    number(d, members.count);
    for (uint32_t j = 0; j < members.count; j++) write_member(d, members.items[j].index);
    VEC_RELEASE(members);
    write_edges(d, root);
}

struct digest_sum digest_person(struct digest_part *d, uint32_t root) {
    bool alone = d->model->entries.items[root].next_member == root;
    begin(d, 'P');
    number(d, person_name(d->model, root));
    d->said = !alone;
    if (alone) {
        number(d, 1);
        write_member(d, root);
        number(d, 0);
    } else {
        write_members(d, root);
    }
    return d->said ? end(d) : (struct digest_sum){{0, 0, 0, 0}};
}

/* A sale of nobody, in the words of digest_person: it must not matter whether an entry was ever made for it. */
static struct digest_sum digest_nobody(struct digest_part *d, const struct row *row, uint64_t id) {
    begin(d, 'P');
    number(d, id);
    number(d, 1);
    number(d, id);
    for (int i = 0; i < 7; i++) number(d, 0); /* registration, sealed bytes, heads, facts, items */
    write_rows(d, 1, row_sum(d->model, row, id));
    number(d, 0);
    return end(d);
}

/* ---- The directory ---- */

static struct digest_sum digest_notice(struct digest_part *d, const struct notice *notice) {
    begin(d, 'N');
    number(d, notice->type);
    number(d, notice->id);
    number(d, notice->hlc);
    number(d, notice->subject);
    number(d, (uint64_t)notice->from);
    for (size_t i = 0; i < 3; i++) text(d, notice->words[i]);
    number(d, (uint64_t)notice->role << 2 | (uint64_t)notice->keeper << 1 | notice->active);
    return end(d);
}

static struct digest_sum digest_stream(struct digest_part *d, const struct stream *stream) {
    begin(d, 'S');
    number(d, stream->number);
    number(d, stream->opened_id);
    number(d, stream->keyed_id);
    number(d, stream->revoked_id);
    number(d, stream->revoked_last);
    number(d, stream->replaces);
    text(d, stream->opened_id != 0 ? stream->store : 0);
    buf_append(&d->bytes, stream->secret_hash, sizeof stream->secret_hash);
    buf_append(&d->bytes, stream->key, sizeof stream->key);
    return end(d);
}

static struct digest_sum digest_unlink(struct digest_part *d, const struct unlink *unlink) {
    begin(d, 'U');
    number(d, unlink->id);
    number(d, unlink->hlc);
    number(d, unlink->other);
    run(d, unlink->edges);
    run(d, unlink->barred);
    return end(d);
}

static struct digest_sum digest_fact(struct digest_part *d, const struct fact *fact) {
    begin(d, 'F');
    write_fact(d, fact);
    return end(d);
}

static void add_directory(struct digest_part *d, struct digest_sum *sum) {
    const struct model *model = d->model;
    struct digest_sum more;
    for (uint32_t i = 0; i < model->notices.count; i++) {
        if (model->notices.items[i].dead) continue;
        more = digest_notice(d, &model->notices.items[i]);
        digest_add(sum, &more);
    }
    for (uint32_t i = model->store_facts; i != NONE; i = model->facts.items[i].next) {
        if (model->facts.items[i].dead) continue;
        more = digest_fact(d, &model->facts.items[i]);
        digest_add(sum, &more);
    }
    for (uint32_t i = 0; i < model->streams.count; i++) {
        const struct stream *stream = &model->streams.items[i];
        if ((stream->opened_id | stream->keyed_id | stream->revoked_id) == 0) continue;
        more = digest_stream(d, stream);
        digest_add(sum, &more);
    }
    for (uint32_t i = 0; i < model->unlinks.count; i++) {
        if (model->unlinks.items[i].dead) continue;
        more = digest_unlink(d, &model->unlinks.items[i]);
        digest_add(sum, &more);
    }
}

/* ---- Everything ---- */

struct everything {
    struct digest_part part;
    struct digest_sum *persons; /* by root */
    struct digest_sum *nobodys; /* by stream */
    uint32_t person_count, stream_count;
};

/* A million at first: zero as they come, without a look at them. */
static void *more_sums(struct digest_sum *sums, uint32_t before, uint32_t after) {
    if (sums == NULL) return mem_alloc(((size_t)after + 1) * sizeof *sums);
    sums = mem_resize(sums, ((size_t)after + 1) * sizeof *sums);
    memset(sums + before, 0, (after - before) * sizeof *sums);
    return sums;
}

/* As many as there are by now. */
static void make_room(struct everything *e) {
    uint32_t persons = e->part.model->entries.count, streams = e->part.model->streams.count;
    if (persons > e->person_count) e->persons = more_sums(e->persons, e->person_count, persons);
    if (streams > e->stream_count) e->nobodys = more_sums(e->nobodys, e->stream_count, streams);
    if (persons > e->person_count) e->person_count = persons;
    if (streams > e->stream_count) e->stream_count = streams;
}

static void sum_nobodys(struct everything *e, uint32_t index) {
    const struct stream *stream = &e->part.model->streams.items[index];
    struct digest_sum sum = {{0, 0, 0, 0}};
    for (uint32_t j = 0; j < stream->rows.count; j++) {
        const struct row *row = rows_at(&stream->rows, j);
        if (row->entry != NONE || !row_live(row)) continue;
        struct digest_sum more = digest_nobody(&e->part, row, id_make(stream->number, rows_seq(&stream->rows, j)));
        digest_add(&sum, &more);
    }
    e->nobodys[index] = sum;
}

static void sum_again(void *context, uint32_t touched) {
    struct everything *e = context;
    const struct model *model = e->part.model;
    make_room(e);
    if ((touched & TOUCHED_STREAM) != 0) {
        sum_nobodys(e, touched & ~TOUCHED_STREAM);
        return;
    }
    uint32_t member = touched;
    do {
        e->persons[member] = (struct digest_sum){{0, 0, 0, 0}};
        member = model->entries.items[member].next_member;
    } while (member != touched);
    e->persons[model->roots.items[touched]] = digest_person(&e->part, model->roots.items[touched]);
}

#define PERSONS_AT_ONCE 256

static bool sum_everything(struct everything *e, const struct pace *pace) {
    const struct model *model = e->part.model;
    make_room(e);
    uint32_t persons = e->person_count, streams = e->stream_count;
    struct turns turns = turns_begin(model, pace, persons);
    for (uint32_t i = 0; i < persons && i < model->entries.count; i++) {
        if (i % PERSONS_AT_ONCE == 0 && i > 0) turns_rest(&turns, PERSONS_AT_ONCE);
        if (i < model->entries.count && model->roots.items[i] == i) e->persons[i] = digest_person(&e->part, i);
    }
    for (uint32_t i = 0; i < streams; i++) {
        turns_rest(&turns, 0);
        sum_nobodys(e, i);
    }
    return turns_end(&turns, sum_again, e);
}

static void release_everything(struct everything *e) {
    buf_release(&e->part.bytes);
    free(e->persons);
    free(e->nobodys);
}

void model_digest_paced(const struct model *model, const struct pace *pace, uint8_t out[DIGEST_SIZE]) {
    struct everything e = {.part = {.model = model, .bytes = BUF_INIT}};
    struct digest_sum sum = {{0, 0, 0, 0}};
    if (!sum_everything(&e, pace)) {
        release_everything(&e);
        e = (struct everything){.part = {.model = model, .bytes = BUF_INIT}};
        sum_everything(&e, NULL);
    }
    add_directory(&e.part, &sum);
    pace_leave(pace);
    for (uint32_t i = 0; i < e.person_count; i++) digest_add(&sum, &e.persons[i]);
    for (uint32_t i = 0; i < e.stream_count; i++) digest_add(&sum, &e.nobodys[i]);
    release_everything(&e);
    digest_tell(&sum, out);
}

void model_digest(const struct model *model, const struct view *store, uint8_t out[DIGEST_SIZE]) {
    if (store == NULL) {
        model_digest_paced(model, NULL, out);
        return;
    }
    struct digest_sum sum = digest_store(model, *store);
    digest_tell(&sum, out);
}
