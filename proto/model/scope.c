#include "proto/model/scope.h"

#include <stdlib.h>

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

void tally_row(struct tally *tally, const struct row *row) {
    tally->spend = (int64_t)((uint64_t)tally->spend + (uint64_t)row->amount);
    tally->rows++;
    if ((row_flags(row) & ROW_VISIT) == 0) return;
    tally->visits++;
    if (tally->last < row_time(row)) tally->last = row_time(row);
}

void tally_add(struct tally *tally, const struct tally *more) {
    tally->spend = (int64_t)((uint64_t)tally->spend + (uint64_t)more->spend);
    tally->rows += more->rows;
    tally->visits += more->visits;
    if (tally->last < more->last) tally->last = more->last;
}

static struct tally kept(const struct entry *entry) {
    return (struct tally){entry->spend, entry->last, entry->visits, entry->rows};
}

static void tally_kept(const struct model *model, struct tally *tallies) {
    for (uint32_t i = 0; i < model->entries.count; i++) {
        struct tally more = kept(&model->entries.items[i]);
        tally_add(&tallies[model->entries.items[i].root], &more);
    }
}

static void tally_rows(const struct rows *rows, const struct cut *cut, const uint32_t *roots, struct tally *tallies) {
    for (uint32_t i = 0; i < rows->count; i++) {
        const struct row *row = &rows->items[i];
        if (row->entry != NONE && row_live(row) && cut_has(cut, row_time(row)))
            tally_row(&tallies[roots[row->entry]], row);
    }
}

struct tally *tally_persons(const struct model *model, const struct cut *cut, const struct scope *scope) {
    uint32_t count = model->entries.count;
    struct tally *tallies = mem_alloc(((size_t)count + 1) * sizeof *tallies);
    for (uint32_t i = 0; i < count; i++) tallies[i] = TALLY_NONE;
    if (cut_is_whole(model, cut) && scope_is_whole(scope)) {
        tally_kept(model, tallies);
        return tallies;
    }
    uint32_t *roots = mem_alloc(((size_t)count + 1) * sizeof *roots);
    for (uint32_t i = 0; i < count; i++) roots[i] = model->entries.items[i].root;
    for (uint32_t i = 0; i < model->streams.count; i++)
        if (scope_has(model, scope, model->streams.items[i].number))
            tally_rows(&model->streams.items[i].rows, cut, roots, tallies);
    free(roots);
    return tallies;
}

struct tally tally_person(const struct model *model, uint32_t entry, const struct cut *cut) {
    struct tally tally = TALLY_NONE;
    uint32_t i = entry;
    const struct entry *entries = model->entries.items;
    if (cut_is_whole(model, cut)) {
        do {
            struct tally more = kept(&entries[i]);
            tally_add(&tally, &more);
            i = entries[i].next_member;
        } while (i != entry);
        return tally;
    }
    for (uint32_t s = 0; s < model->streams.count; s++) {
        const struct rows *rows = &model->streams.items[s].rows;
        for (uint32_t j = 0; j < rows->count; j++) {
            const struct row *row = &rows->items[j];
            if (row->entry != NONE && entries[row->entry].root == entries[entry].root && row_live(row) &&
                cut_has(cut, row_time(row)))
                tally_row(&tally, row);
        }
    }
    return tally;
}
