#include "proto/model/gatherings.h"

#include <stdlib.h>

#include "proto/model/scope.h"

static struct view store_of(const struct model *model, uint64_t event) {
    const struct stream *stream = stream_find(model, id_stream(event));
    return stream == NULL ? VIEW_NONE : words_view(&model->words, stream_store(stream));
}

static int by_time(const void *a, const void *b) {
    const struct gathering *x = a, *y = b;
    if (x->time != y->time) return x->time < y->time ? -1 : 1;
    return (x->id > y->id) - (x->id < y->id);
}

static void count_attendance(const struct model *model, struct gathering *all, size_t count) {
    struct idmap place_of = {.slots = NULL}, seen = {.slots = NULL};
    for (size_t i = 0; i < count; i++) *idmap_put(&place_of, all[i].id, NULL) = i;
    for (uint32_t i = 0; count > 0 && i < model->facts.count; i++) {
        const struct fact *fact = &model->facts.items[i];
        if (fact->type != EVENT_contacted || fact->dead || fact->other == 0) continue;
        const uint64_t *place = idmap_find(&place_of, fact->other);
        bool added;
        if (place == NULL) continue;
        idmap_put(&seen, (*place + 1) << 32 | model->roots.items[fact->entry], &added);
        all[*place].attended += added;
    }
    idmap_release(&place_of);
    idmap_release(&seen);
}

void gatherings(const struct model *model, const struct cut *cut, struct gathering **out, size_t *count) {
    size_t most = 0, found = 0;
    for (uint32_t i = model->store_facts; i != NONE; i = model->facts.items[i].next) most++;
    struct gathering *all = mem_alloc((most + 1) * sizeof *all);
    for (uint32_t i = model->store_facts; i != NONE; i = model->facts.items[i].next) {
        const struct fact *fact = &model->facts.items[i];
        if (fact->type != EVENT_gathering || fact->dead || !cut_has(cut, fact->time)) continue;
        all[found++] = (struct gathering){.id = fact->id,
                                          .time = fact->time,
                                          .cost = fact->values[0],
                                          .name = words_view(&model->words, fact->words[0]),
                                          .store = store_of(model, fact->id)};
    }
    qsort(all, found, sizeof *all, by_time);
    count_attendance(model, all, found);
    *out = all;
    *count = found;
}

static int by_arrival(const void *a, const void *b) {
    const struct guest *x = a, *y = b;
    if (x->time != y->time) return x->time < y->time ? -1 : 1;
    return (x->contact > y->contact) - (x->contact < y->contact);
}

void gathering_guests(const struct model *model, uint64_t gathering, struct guest **out, size_t *count) {
    struct guest *all = NULL;
    size_t found = 0, room = 0, kept = 0;
    for (uint32_t i = 0; i < model->facts.count; i++) {
        const struct fact *fact = &model->facts.items[i];
        if (fact->type != EVENT_contacted || fact->dead || fact->other != gathering) continue;
        if (found == room) {
            room = room * 2 + 64;
            all = mem_resize(all, room * sizeof *all);
        }
        all[found++] = (struct guest){person_name(model, fact->entry), fact->id, fact->time};
    }
    struct idmap seen = {.slots = NULL};
    if (found > 0) qsort(all, found, sizeof *all, by_arrival);
    for (size_t i = 0; i < found; i++) {
        bool added;
        idmap_put(&seen, all[i].person, &added);
        if (added) all[kept++] = all[i];
    }
    idmap_release(&seen);
    *out = all == NULL ? mem_alloc(sizeof *all) : all;
    *count = kept;
}

static int by_moment(const void *a, const void *b) {
    const struct finding *x = a, *y = b;
    if (x->time != y->time) return x->time < y->time ? -1 : 1;
    return (x->contact > y->contact) - (x->contact < y->contact);
}

#define FACTS_AT_ONCE 32768

void findings(const struct model *model, int matter, const struct cut *cut, const struct pace *pace,
              struct finding **out, size_t *count) {
    struct finding *all = NULL;
    size_t found = 0, room = 0;
    for (uint32_t i = 0; i < model->facts.count; i++) {
        if (i % FACTS_AT_ONCE == 0) pace_rest(pace, i, model->facts.count);
        if (i >= model->facts.count) break;
        const struct fact *fact = &model->facts.items[i];
        if (fact->type != EVENT_contacted || fact->dead || fact->matter == 0 || !cut_has(cut, fact->time)) continue;
        if (matter != 0 && fact->matter != matter) continue;
        if (found == room) {
            room = room * 2 + 64;
            all = mem_resize(all, room * sizeof *all);
        }
        all[found++] = (struct finding){.contact = fact->id,
                                        .person = person_name(model, fact->entry),
                                        .time = fact->time,
                                        .matter = fact->matter,
                                        .store = store_of(model, fact->id)};
    }
    if (found > 0) qsort(all, found, sizeof *all, by_moment);
    *out = all == NULL ? mem_alloc(sizeof *all) : all;
    *count = found;
}
