/* Whom a store serves, and whom its PC lists. It is fed the history of whoever is one person with somebody its store
 * serves, and keeps it when the two are taken apart again: then it still knows that other person, and serves her no
 * more. A hub serves everybody. */
#include "proto/model/served.h"

#include <stdlib.h>

#include "proto/model/state.h"

/* A store by its word, or (0) the one that the model assumes to be at. */
static bool is_store(const struct model *model, uint32_t asked, uint32_t store) {
    if (asked != 0) return store == asked;
    for (uint32_t i = 0; store != 0 && i < model->assumed_stores.count; i++)
        if (model->assumed_stores.items[i].code == store) return true;
    return false;
}

static bool wrote(const struct model *model, uint32_t asked, uint64_t id) {
    const struct stream *stream = stream_find(model, id_stream(id));
    return stream != NULL && is_store(model, asked, stream_store(stream));
}

struct trail {
    const struct model *model;
    uint32_t asked;
    bool found;
};

static bool look_at(void *context, const struct record *record) {
    struct trail *trail = context;
    trail->found = wrote(trail->model, trail->asked, record->id);
    return !trail->found;
}

/* As the hub's interest has it: the store wrote about her, her complaint was routed to it, or its staff has her. What
 * the model itself tells of that, which is all but her sales and changes of her file. */
static bool known_to(const struct model *model, uint32_t asked, const struct entry *entry) {
    if ((entry->flags & ENTRY_REGISTERED) != 0 && wrote(model, asked, entry->id)) return true;
    for (uint32_t i = entry->facts; i != NONE; i = model->facts.items[i].next) {
        const struct fact *fact = &model->facts.items[i];
        if (wrote(model, asked, fact->id)) return true;
        if (fact->type == EVENT_custodian && is_store(model, asked, fact->words[1])) return true;
    }
    for (uint32_t i = entry->items; i != NONE; i = model->items.items[i].next) {
        const struct item *item = &model->items.items[i];
        if (wrote(model, asked, item->id)) return true;
        if (item->type == EVENT_routed && is_store(model, asked, item->words[0])) return true;
    }
    return false;
}

static bool serves(const struct model *model, uint32_t asked, const struct entry *entry) {
    if (known_to(model, asked, entry)) return true;
    struct trail trail = {model, asked, false};
    log_trail(model->log, entry->last_position, look_at, &trail, NULL);
    return trail.found;
}

static bool serves_person(const struct model *model, uint32_t asked, uint32_t first) {
    const struct entry *entries = model->entries.items;
    uint32_t i = first;
    do {
        if (serves(model, asked, &entries[i])) return true;
        i = entries[i].next_member;
    } while (i != first);
    return false;
}

bool store_serves(const struct model *model, struct view store, uint64_t customer) {
    uint32_t word = words_find(&model->words, store), entry = entry_find(model, customer);
    return word != NONE && word != 0 && entry != NONE && serves_person(model, word, entry);
}

/* ---- All of them ---- */

#define ENTRIES_AT_ONCE 16384

static void mark_noted(struct served *served, const struct model *model, uint32_t asked, uint32_t index) {
    const struct entry *entry = &model->entries.items[index];
    bool noted = known_to(model, asked, entry);
    for (uint32_t i = entry->edits; !noted && i != NONE; i = model->edits.items[i].next)
        noted = wrote(model, asked, model->edits.items[i].id);
    served->entries[index] = served->entries[index] || noted;
}

/* Who came while the asker rested has not been counted on. */
static void mark_sold(struct served *served, const struct stream *stream) {
    for (uint32_t i = 0; i < stream->rows.count; i++) {
        uint32_t entry = rows_at(&stream->rows, i)->entry;
        if (entry != NONE && entry < served->count) served->entries[entry] = true;
    }
}

void served_make(const struct model *model, struct view store, const struct pace *pace, struct served *out) {
    uint32_t word = words_find(&model->words, store);
    *out = (struct served){NULL, model->entries.count};
    out->entries = mem_alloc(((size_t)out->count + 1) * sizeof *out->entries);
    if (word == NONE || word == 0) return;
    for (uint32_t i = 0; i < out->count; i++) {
        if (i % ENTRIES_AT_ONCE == 0) pace_rest(pace, i, out->count);
        mark_noted(out, model, word, i);
    }
    for (uint32_t i = 0; i < model->streams.count; i++) {
        if (stream_store(&model->streams.items[i]) != word) continue;
        mark_sold(out, &model->streams.items[i]);
        pace_rest(pace, out->count, out->count);
    }
}

bool served_has(const struct served *served, const struct model *model, uint64_t customer) {
    uint32_t first = entry_find(model, customer), i = first;
    if (first == NONE) return false;
    do {
        if (i < served->count && served->entries[i]) return true;
        i = model->entries.items[i].next_member;
    } while (i != first);
    return false;
}

void served_release(struct served *served) {
    free(served->entries);
    *served = (struct served){NULL, 0};
}

/* ---- Whom a store's PC lists ---- */

bool person_listed(const struct model *model, uint32_t first) {
    const struct entry *entries = model->entries.items;
    uint32_t i = first;
    if (!person_known(model, first)) return false;
    if (model->assumed_stores.count == 0) return true;
    do { /* nearly everybody was never taken apart from anybody */
        if ((entries[i].flags & ENTRY_PARTED) == 0) return true;
        i = entries[i].next_member;
    } while (i != first);
    return serves_person(model, 0, first);
}
