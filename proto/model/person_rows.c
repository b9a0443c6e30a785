#include "proto/model/person_rows.h"

#include <stdlib.h>

#include "proto/model/scope.h"

/* ---- The rows of an entry ----
 *
 * Along the records about it, whose rows are found by id. The walk is only as good as the hints, so what it meets is
 * counted; if rows are missing, all rows are looked through. */

static void meet(const struct model *model, uint64_t id, uint64_t position, uint32_t entry, struct met_rows *out) {
    const struct stream *stream = stream_find(model, id_stream(id));
    const struct row *row = stream == NULL ? NULL : rows_find(&stream->rows, id_seq(id));
    if (row != NULL && row->entry == entry && row_live(row))
        *VEC_ADD(*out) = (struct met_row){id, position, &stream->rows, row};
}

struct walk {
    const struct model *model;
    const struct entry *entry;
    uint32_t index, wanted; /* `out` then holds so many */
    struct met_rows *out;
};

static bool walk_on(void *context, const struct record *record) {
    const struct walk *walk = context;
    if (record->id != walk->entry->id) meet(walk->model, record->id, record->position, walk->index, walk->out);
    return walk->out->count < walk->wanted;
}

static void walk(const struct model *model, uint32_t index, struct met_rows *out) {
    const struct entry *entry = &model->entries.items[index];
    struct walk walk = {model, entry, index, out->count + entry->rows, out};
    meet(model, entry->id, 0, index, out);
    if (out->count < walk.wanted) log_trail(model->log, entry->last_position, walk_on, &walk, NULL);
}

static void look_through_all(const struct model *model, uint32_t index, struct met_rows *out) {
    for (uint32_t i = 0; i < model->streams.count; i++) {
        const struct stream *stream = &model->streams.items[i];
        for (uint32_t j = 0; j < stream->rows.count; j++) {
            const struct row *row = rows_at(&stream->rows, j);
            if (row->entry == index && row_live(row))
                meet(model, id_make(stream->number, rows_seq(&stream->rows, j)), 0, index, out);
        }
    }
}

void entry_rows(const struct model *model, uint32_t index, struct met_rows *out) {
    uint32_t before = out->count, rows = model->entries.items[index].rows;
    if (rows == 0) return;
    walk(model, index, out);
    if (out->count - before == rows) return;
    out->count = before;
    look_through_all(model, index, out);
}

/* ---- Of a person ---- */

static int in_order(const void *a, const void *b) {
    const struct person_row *x = a, *y = b;
    if (x->time != y->time) return x->time < y->time ? -1 : 1;
    return (x->id > y->id) - (x->id < y->id);
}

static struct person_row row_told(const struct met_row *met) {
    struct row_money money = row_money(met->rows, met->row);
    return (struct person_row){
        .id = met->id,
        .position = met->position,
        .time = row_time(met->row),
        .amount = money.amount,
        .margin = money.margin,
        .flags = row_flags(met->row),
        .costed = money.costed,
    };
}

void person_rows(const struct model *model, uint64_t customer, const struct cut *cut, struct person_row **out,
                 size_t *count) {
    uint32_t first = entry_find(model, customer), i = first;
    struct met_rows met = {NULL, 0, 0};
    while (i != NONE) {
        entry_rows(model, i, &met);
        i = model->entries.items[i].next_member;
        if (i == first) break;
    }
    *count = 0;
    *out = mem_alloc(((size_t)met.count + 1) * sizeof **out);
    for (uint32_t k = 0; k < met.count; k++)
        if (cut_has(cut, row_time(met.items[k].row))) (*out)[(*count)++] = row_told(&met.items[k]);
    if (*count > 1) qsort(*out, *count, sizeof **out, in_order);
    VEC_RELEASE(met);
}

void person_rows_sold(const struct model *model, const struct person_row *rows, size_t count, int64_t *times) {
    struct idmap returns = {NULL, 0, 0};
    for (size_t i = 0; i < count; i++)
        if ((rows[i].flags & ROW_RETURN) != 0) *idmap_put(&returns, rows[i].id, NULL) = i;
    for (uint32_t i = 0; returns.count > 0 && i < model->gave_back.count; i++) {
        const struct give_back *one = &model->gave_back.items[i];
        const uint64_t *place = idmap_find(&returns, one->id);
        const struct stream *stream = place == NULL ? NULL : stream_find(model, id_stream(one->sale));
        const struct row *sale = stream == NULL ? NULL : rows_find(&stream->rows, id_seq(one->sale));
        if (sale != NULL) times[*place] = row_time(sale);
    }
    idmap_release(&returns);
}
