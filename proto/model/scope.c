#include "proto/model/scope.h"

#include <stdlib.h>
#include <string.h>

bool cut_is_whole(const struct model *model, const struct cut *cut) {
    return cut->from == TIME_NONE && (cut->to == TIME_NONE || cut->to >= model->max_time);
}

bool scope_is_whole(const struct scope *scope) {
    return scope == NULL || (scope->store.data == NULL && scope->chain.data == NULL);
}

bool scope_has(const struct model *model, const struct scope *scope, uint32_t number) {
    if (scope_is_whole(scope)) return true;
    const struct stream *stream = stream_find(model, number);
    struct view store = stream == NULL ? VIEW_NONE : words_view(&model->words, stream_store(stream));
    struct store_state state;
    if (store.data == NULL) return false;
    if (scope->store.data != NULL && !view_equal(scope->store, store)) return false;
    if (scope->chain.data == NULL) return true;
    return model_store(model, store, &state) && view_equal(scope->chain, state.chain);
}

/* ---- Tallies ---- */

static void visited(struct tally *tally, int64_t time, uint32_t stream) {
    if (time < tally->last || (time == tally->last && stream < tally->last_stream)) return;
    tally->last = time;
    tally->last_stream = stream;
}

void tally_add_row(struct tally *tally, const struct rows *rows, const struct row *row, uint32_t stream) {
    tally->spend = (int64_t)((uint64_t)tally->spend + (uint64_t)row_amount(rows, row));
    tally->rows++;
    if ((row_flags(row) & ROW_VISIT) == 0) return;
    tally->visits++;
    if ((row_flags(row) & ROW_REDUCED) != 0) tally->reduced++;
    visited(tally, row_time(row), stream);
}

static void add_entry(struct tally *tally, const struct entry *entry) {
    tally->spend = (int64_t)((uint64_t)tally->spend + (uint64_t)entry->spend);
    tally->rows += entry->rows;
    tally->visits += entry->visits;
    if (entry->last != TIME_NONE) visited(tally, entry->last, entry->last_stream);
}

static struct tally kept(const struct model *model, uint32_t root) {
    const struct entry *entries = model->entries.items;
    struct tally tally = TALLY_NONE;
    uint32_t i = root;
    do {
        add_entry(&tally, &entries[i]);
        i = entries[i].next_member;
    } while (i != root);
    return tally;
}

size_t rooted_rows(const struct rows *rows, uint32_t *at, const struct cut *cut, const uint32_t *roots,
                   struct rooted_row out[ROOTED_ROWS]) {
    int64_t to = cut->to == TIME_NONE ? INT64_MAX : cut->to;
    size_t count = 0;
    for (*at = rows_within(rows, *at, cut->from, to); *at < rows->count && count < ROOTED_ROWS; ++*at) {
        if (*at % ROWS_CHUNK == 0 && (*at = rows_within(rows, *at, cut->from, to)) >= rows->count) break;
        const struct row *row = rows_at(rows, *at);
        if (row->entry == NONE || !row_live(row) || !cut_has(cut, row_time(row))) continue;
        uint32_t root = roots[row->entry];
        if (root != NONE) out[count++] = (struct rooted_row){row, *at, root};
    }
    return count;
}

static void add_rows(const struct stream *stream, const struct cut *cut, const uint32_t *roots, struct tally *tallies) {
    const struct rows *rows = &stream->rows;
    struct rooted_row few[ROOTED_ROWS];
    uint32_t at = 0;
    for (size_t count; (count = rooted_rows(rows, &at, cut, roots, few)) > 0;) {
        for (size_t i = 0; i < count; i++) __builtin_prefetch(&tallies[few[i].root], 1);
        for (size_t i = 0; i < count; i++) tally_add_row(&tallies[few[i].root], rows, few[i].row, stream->number);
    }
}

static void count_rows(struct tallies *out, const struct cut *cut, const struct scope *scope, const uint32_t *roots) {
    const struct model *model = out->model;
    for (uint32_t i = 0; i < model->streams.count; i++)
        if (scope_has(model, scope, model->streams.items[i].number))
            add_rows(&model->streams.items[i], cut, roots, out->by_root);
}

struct tallies tallies_make(const struct model *model, const struct cut *cut, const struct scope *scope) {
    if (cut_is_whole(model, cut) && scope_is_whole(scope)) return (struct tallies){model, NULL, 0};
    size_t count = model->entries.count;
    struct tallies out = {model, mem_alloc((count + 1) * sizeof *out.by_root), model->entries.count};
    for (size_t i = 0; i < count; i++) out.by_root[i] = TALLY_NONE;
    count_rows(&out, cut, scope, model->roots.items);
    return out;
}

struct tally tallies_of(const struct tallies *tallies, uint32_t root) {
    if (tallies->by_root == NULL) return kept(tallies->model, root);
    return root < tallies->count ? tallies->by_root[root] : TALLY_NONE;
}

void tallies_release(struct tallies *tallies) { free(tallies->by_root); }

struct tally tally_person(const struct model *model, uint32_t entry, const struct cut *cut) {
    if (cut_is_whole(model, cut)) return kept(model, entry);
    struct tally tally = TALLY_NONE;
    struct met_rows met = {NULL, 0, 0};
    uint32_t i = entry;
    do {
        entry_rows(model, i, &met);
        i = model->entries.items[i].next_member;
    } while (i != entry);
    for (uint32_t k = 0; k < met.count; k++)
        if (cut_has(cut, row_time(met.items[k].row)))
            tally_add_row(&tally, met.items[k].rows, met.items[k].row, id_stream(met.items[k].id));
    VEC_RELEASE(met);
    return tally;
}
