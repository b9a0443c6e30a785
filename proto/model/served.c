/* Whom a store's PC lists. It is fed the history of whoever is one person with somebody its store serves, and keeps it
 * when the two are taken apart again: then it still knows that other person, and serves her no more. A hub serves
 * everybody. */
#include "proto/model/state.h"

static bool own_word(const struct model *model, uint32_t store) {
    for (uint32_t i = 0; store != 0 && i < model->assumed_stores.count; i++)
        if (model->assumed_stores.items[i].code == store) return true;
    return false;
}

static bool own(const struct model *model, uint64_t id) {
    const struct stream *stream = stream_find(model, id_stream(id));
    return stream != NULL && own_word(model, stream_store(stream));
}

struct trail {
    const struct model *model;
    bool own;
};

static bool look_at(void *context, const struct record *record) {
    struct trail *trail = context;
    trail->own = own(trail->model, record->id);
    return !trail->own;
}

/* As the hub's interest has it: the store wrote about her, her complaint was routed to it, or its staff has her. */
static bool serves(const struct model *model, const struct entry *entry) {
    if ((entry->flags & ENTRY_REGISTERED) != 0 && own(model, entry->id)) return true;
    for (uint32_t i = entry->facts; i != NONE; i = model->facts.items[i].next) {
        const struct fact *fact = &model->facts.items[i];
        if (own(model, fact->id) || (fact->type == EVENT_custodian && own_word(model, fact->words[1]))) return true;
    }
    for (uint32_t i = entry->items; i != NONE; i = model->items.items[i].next) {
        const struct item *item = &model->items.items[i];
        if (own(model, item->id) || (item->type == EVENT_routed && own_word(model, item->words[0]))) return true;
    }
    struct trail trail = {model, false};
    log_trail(model->log, entry->last_position, look_at, &trail, NULL);
    return trail.own;
}

bool person_listed(const struct model *model, uint32_t first) {
    const struct entry *entries = model->entries.items;
    uint32_t i = first;
    if (!person_known(model, first)) return false;
    if (model->assumed_stores.count == 0) return true;
    do { /* nearly everybody was never taken apart from anybody */
        if ((entries[i].flags & ENTRY_PARTED) == 0) return true;
        i = entries[i].next_member;
    } while (i != first);
    do {
        if (serves(model, &entries[i])) return true;
        i = entries[i].next_member;
    } while (i != first);
    return false;
}
