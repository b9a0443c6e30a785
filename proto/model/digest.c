/* The digest of the state: the sum, in four lanes of 64 bits, of BLAKE2b-256 over each part's canonical bytes. A sum
 * does not mind the order; within a part everything is in the order of ids.
 *
 *   part   = "dangol fold" ‖ FOLD_VERSION ‖ kind ‖ what the part says; numbers as u64 BE, texts with their length
 *   person   its name, each member (id, registration, sealed bytes by their hash, heads of its fields, facts, items of
 *            complaints, live rows), the edges that hold
 *   notice   a live event of the directory          stream, unlink: likewise
 *
 * Happened times are in it as the corrections leave them; received times and positions are not, nor is what only voids,
 * erasures and destroyed keys say of themselves: what they do is seen in the rest. */
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "proto/model/file.h"
#include "proto/model/state.h"

struct place {
    uint32_t stream, row; /* indices */
};

struct digesting {
    const struct model *model;
    uint64_t lanes[4];
    struct buf part;
    const bool *wanted;  /* by root; NULL: everybody */
    uint32_t *rows_from; /* of entry n: places[rows_from[n]] … places[rows_from[n + 1] - 1], ascending by id */
    struct place *places;
    bool said; /* the person is more than a name */
};

/* ---- Writing a part ---- */

static void number(struct digesting *d, uint64_t value) {
    uint8_t bytes[8];
    put_u64_be(bytes, value);
    buf_append(&d->part, bytes, sizeof bytes);
}

static void text(struct digesting *d, uint32_t word) {
    struct view view = words_view(&d->model->words, word);
    number(d, view.data == NULL ? UINT64_MAX : view.len);
    buf_append_view(&d->part, view);
}

static void run(struct digesting *d, struct id_run ids) {
    number(d, ids.count);
    for (uint32_t i = 0; i < ids.count; i++) number(d, d->model->ids.items[ids.start + i]);
}

static void begin(struct digesting *d, char kind) {
    buf_clear(&d->part);
    buf_append(&d->part, "dangol fold", 11);
    number(d, FOLD_VERSION);
    buf_append_byte(&d->part, (uint8_t)kind);
}

static void end(struct digesting *d) {
    uint8_t hash[32];
    crypto_generichash(hash, sizeof hash, d->part.data, d->part.len, NULL, 0);
    for (size_t i = 0; i < 4; i++) d->lanes[i] += get_u64_be(hash + 8 * i);
}

/* ---- A person ---- */

static void write_row(struct digesting *d, const struct row *row, uint64_t id) {
    number(d, id);
    number(d, (uint64_t)row_time(row));
    number(d, (uint64_t)row->amount);
    number(d, (uint64_t)row_flags(row) << 32 | row_line_count(d->model, row, id));
}

static void write_fact(struct digesting *d, const struct fact *fact) {
    number(d, fact->id);
    number(d, fact->type);
    number(d, (uint64_t)fact->time);
    number(d, fact->other);
    for (size_t i = 0; i < 3; i++) number(d, (uint64_t)fact->values[i]);
    for (size_t i = 0; i < 2; i++) text(d, fact->words[i]);
}

static void write_item(struct digesting *d, const struct item *item) {
    number(d, item->id);
    number(d, item->type);
    number(d, item->hlc);
    number(d, (uint64_t)item->time);
    number(d, item->complaint);
    number(d, (uint64_t)item->cost);
    uint8_t small[] = {item->step, item->level, item->kind, (uint8_t)item->satisfied, (uint8_t)item->score};
    buf_append(&d->part, small, sizeof small);
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

static void write_facts(struct digesting *d, const struct entry *entry) {
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

static void write_items(struct digesting *d, const struct entry *entry) {
    struct named_list list = {NULL, 0, 0};
    for (uint32_t i = entry->items; i != NONE; i = d->model->items.items[i].next)
        if (!d->model->items.items[i].dead) *VEC_ADD(list) = (struct named){d->model->items.items[i].id, i};
    sort_list(&list);
    number(d, list.count);
    for (uint32_t i = 0; i < list.count; i++) write_item(d, &d->model->items.items[list.items[i].index]);
    d->said |= list.count > 0;
    VEC_RELEASE(list);
}

static void write_heads(struct digesting *d, uint32_t index) {
    struct field_head *heads;
    size_t count = file_heads(d->model, index, &heads);
    number(d, count);
    for (size_t i = 0; i < count; i++) {
        number(d, heads[i].id);
        number(d, heads[i].bits);
    }
    d->said |= count > 0;
    free(heads);
}

static void write_rows(struct digesting *d, uint32_t index) {
    uint32_t from = d->rows_from[index], to = d->rows_from[index + 1];
    number(d, to - from);
    for (uint32_t i = from; i < to; i++) {
        const struct stream *stream = &d->model->streams.items[d->places[i].stream];
        const struct row *row = rows_at(&stream->rows, d->places[i].row);
        write_row(d, row, id_make(stream->number, row_seq(row)));
    }
    d->said |= to > from;
}

static void write_member(struct digesting *d, uint32_t index) {
    const struct entry *entry = &d->model->entries.items[index];
    bool known = entry_known(entry);
    number(d, entry->id);
    number(d, known);
    number(d, known ? (uint64_t)entry->registered_time : 0);
    number(d, entry->sealed[0]);
    number(d, entry->sealed[1]);
    d->said |= known || (entry->sealed[0] | entry->sealed[1]) != 0;
    write_heads(d, index);
    write_facts(d, entry);
    write_items(d, entry);
    write_rows(d, index);
}

static void write_edges(struct digesting *d, uint32_t entry) {
    size_t count = model_links(d->model, d->model->entries.items[entry].id, NULL, 0);
    uint64_t *ids = mem_alloc((count + 1) * sizeof *ids);
    model_links(d->model, d->model->entries.items[entry].id, ids, count);
    struct named_list list = {NULL, 0, 0};
    for (size_t i = 0; i < count; i++) *VEC_ADD(list) = (struct named){ids[i], 0};
    sort_list(&list);
    number(d, count);
    for (size_t i = 0; i < count; i++) number(d, list.items[i].id);
    VEC_RELEASE(list);
    free(ids);
}

static void digest_person(struct digesting *d, uint32_t root) {
    const struct entry *entries = d->model->entries.items;
    begin(d, 'P');
    number(d, person_name(d->model, root));
    struct named_list members = {NULL, 0, 0};
    uint32_t i = root;
    do {
        *VEC_ADD(members) = (struct named){entries[i].id, i};
        i = entries[i].next_member;
    } while (i != root);
    sort_list(&members);
    d->said = members.count > 1;
    number(d, members.count);
    for (uint32_t j = 0; j < members.count; j++) write_member(d, members.items[j].index);
    if (members.count > 1)
        write_edges(d, root);
    else
        number(d, 0);
    VEC_RELEASE(members);
    if (d->said) end(d);
}

/* A sale of nobody, in the words of digest_person: it must not matter whether an entry was ever made for it. */
static void digest_nobody(struct digesting *d, const struct row *row, uint64_t id) {
    begin(d, 'P');
    number(d, id);
    number(d, 1);
    number(d, id);
    for (int i = 0; i < 7; i++) number(d, 0); /* registration, sealed bytes, heads, facts, items */
    number(d, 1);
    write_row(d, row, id);
    number(d, 0);
    end(d);
}

/* ---- Rows by entry ---- */

static bool wanted(const struct digesting *d, const struct row *row) {
    return row->entry != NONE && row_live(row) &&
           (d->wanted == NULL || d->wanted[d->model->entries.items[row->entry].root]);
}

static void index_rows(struct digesting *d) {
    const struct model *model = d->model;
    uint32_t entries = model->entries.count, count = 0;
    d->rows_from = mem_alloc(((size_t)entries + 2) * sizeof *d->rows_from);
    for (uint32_t i = 0; i < model->streams.count; i++) {
        const struct rows *rows = &model->streams.items[i].rows;
        for (uint32_t j = 0; j < rows->count; j++)
            if (wanted(d, rows_at(rows, j))) d->rows_from[rows_at(rows, j)->entry + 2]++;
    }
    for (uint32_t i = 0; i <= entries; i++) count = d->rows_from[i + 1] += count;
    d->places = mem_alloc(((size_t)count + 1) * sizeof *d->places);
    for (uint32_t i = 0; i < model->stream_order.count; i++) {
        uint32_t stream = model->stream_order.items[i];
        const struct rows *rows = &model->streams.items[stream].rows;
        for (uint32_t j = 0; j < rows->count; j++)
            if (wanted(d, rows_at(rows, j)))
                d->places[d->rows_from[rows_at(rows, j)->entry + 1]++] = (struct place){stream, j};
    }
}

/* ---- The directory ---- */

static void digest_notices(struct digesting *d) {
    for (uint32_t i = 0; i < d->model->notices.count; i++) {
        const struct notice *notice = &d->model->notices.items[i];
        if (notice->dead) continue;
        begin(d, 'N');
        number(d, notice->type);
        number(d, notice->id);
        number(d, notice->hlc);
        number(d, notice->subject);
        number(d, (uint64_t)notice->from);
        for (size_t j = 0; j < 3; j++) text(d, notice->words[j]);
        number(d, (uint64_t)notice->role << 1 | notice->active);
        end(d);
    }
}

static void digest_streams(struct digesting *d) {
    for (uint32_t i = 0; i < d->model->streams.count; i++) {
        const struct stream *stream = &d->model->streams.items[i];
        if ((stream->opened_id | stream->keyed_id | stream->revoked_id) == 0) continue;
        begin(d, 'S');
        number(d, stream->number);
        number(d, stream->opened_id);
        number(d, stream->keyed_id);
        number(d, stream->revoked_id);
        number(d, stream->revoked_last);
        number(d, stream->replaces);
        text(d, stream->opened_id != 0 ? stream->store : 0);
        buf_append(&d->part, stream->secret_hash, sizeof stream->secret_hash);
        buf_append(&d->part, stream->key, sizeof stream->key);
        end(d);
    }
}

static void digest_unlinks(struct digesting *d) {
    for (uint32_t i = 0; i < d->model->unlinks.count; i++) {
        const struct unlink *unlink = &d->model->unlinks.items[i];
        if (unlink->dead) continue;
        begin(d, 'U');
        number(d, unlink->id);
        number(d, unlink->hlc);
        number(d, unlink->other);
        run(d, unlink->edges);
        run(d, unlink->barred);
        end(d);
    }
}

static void digest_nobodies(struct digesting *d) {
    for (uint32_t i = 0; i < d->model->streams.count; i++) {
        const struct stream *stream = &d->model->streams.items[i];
        for (uint32_t j = 0; j < stream->rows.count; j++) {
            const struct row *row = rows_at(&stream->rows, j);
            if (row->entry == NONE && row_live(row)) digest_nobody(d, row, id_make(stream->number, row_seq(row)));
        }
    }
}

/* ---- A store's people ---- */

static bool of_store(const struct model *model, uint64_t id, uint32_t store) {
    const struct stream *stream = stream_find(model, id_stream(id));
    return stream != NULL && stream_store(stream) == store;
}

/* Has the store's stream an event about this entry, sales apart? Voided or not. */
static bool touched(const struct model *model, const struct entry *entry, uint32_t store) {
    if ((entry->flags & ENTRY_REGISTERED) != 0 && of_store(model, entry->id, store)) return true;
    for (uint32_t i = entry->edits; i != NONE; i = model->edits.items[i].next)
        if (of_store(model, model->edits.items[i].id, store)) return true;
    for (uint32_t i = entry->facts; i != NONE; i = model->facts.items[i].next)
        if (of_store(model, model->facts.items[i].id, store)) return true;
    for (uint32_t i = entry->items; i != NONE; i = model->items.items[i].next)
        if (of_store(model, model->items.items[i].id, store)) return true;
    return false;
}

static bool *people_of(const struct model *model, const struct view *code) {
    uint32_t store = words_find(&model->words, *code), count = model->entries.count;
    bool *people = mem_alloc((size_t)count + 1);
    if (store == NONE || store == 0) return people;
    for (uint32_t i = 0; i < count; i++)
        if (touched(model, &model->entries.items[i], store)) people[model->entries.items[i].root] = true;
    for (uint32_t i = 0; i < model->streams.count; i++) {
        const struct stream *stream = &model->streams.items[i];
        if (stream_store(stream) != store) continue;
        for (uint32_t j = 0; j < stream->rows.count; j++)
            if (rows_at(&stream->rows, j)->entry != NONE)
                people[model->entries.items[rows_at(&stream->rows, j)->entry].root] = true;
    }
    for (uint32_t i = 0; i < count; i++)
        if (people[i]) people[i] = person_known(model, i);
    return people;
}

void model_digest(const struct model *model, const struct view *store, uint8_t out[DIGEST_SIZE]) {
    bool *people = store == NULL ? NULL : people_of(model, store);
    struct digesting d = {.model = model, .part = BUF_INIT, .wanted = people};
    index_rows(&d);
    for (uint32_t i = 0; i < model->entries.count; i++)
        if (model->entries.items[i].root == i && (people == NULL || people[i])) digest_person(&d, i);
    if (store == NULL) {
        digest_nobodies(&d);
        digest_notices(&d);
        digest_streams(&d);
        digest_unlinks(&d);
    }
    for (size_t i = 0; i < 4; i++) put_u64_be(out + 8 * i, d.lanes[i]);
    buf_release(&d.part);
    free(d.rows_from);
    free(d.places);
    free(people);
}
