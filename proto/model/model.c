/* The model as a whole: made, fed, folded again, measured. */
#include "proto/model/model.h"

#include <stdlib.h>

#include "proto/model/replay.h"
#include "proto/model/state.h"

struct model *model_open(struct log *log) {
    struct model *model = mem_alloc(sizeof *model);
    model->log = log;
    model->max_time = TIME_NONE;
    model->received_until = TIME_NONE;
    model->store_facts = NONE;
    model->touched.ring = mem_alloc(TOUCHED_KEPT * sizeof *model->touched.ring);
    open_lists_release(model);
    return model;
}

/* Everything but the words and what the hub says about streams and clocks: these do not depend on what was folded
 * before them, and folding again starts from them. */
static void forget(struct model *model) {
    model->position = 0;
    model->events = 0;
    VEC_RELEASE(model->entries);
    VEC_RELEASE(model->roots);
    idmap_release(&model->entry_of);
    VEC_RELEASE(model->unsure);
    for (uint32_t i = 0; i < model->streams.count; i++) {
        struct stream *stream = &model->streams.items[i];
        stream->events = stream->last_seq = 0;
        rows_release(&stream->rows);
        things_release(&stream->things);
    }
    idmap_release(&model->long_rows);
    model->purchases = model->returns = model->lines = model->nobodys = 0;
    model->max_time = TIME_NONE;
    VEC_RELEASE(model->ids);
    VEC_RELEASE(model->edges);
    VEC_RELEASE(model->unlinks);
    idmap_release(&model->unlinked);
    VEC_RELEASE(model->bars);
    idmap_release(&model->bars_of);
    VEC_RELEASE(model->erasures);
    idmap_release(&model->erased);
    VEC_RELEASE(model->edits);
    VEC_RELEASE(model->facts);
    VEC_RELEASE(model->referrals);
    idmap_release(&model->brought);
    VEC_RELEASE(model->custodied);
    model->store_facts = NONE;
    VEC_RELEASE(model->items);
    idmap_release(&model->threads);
    open_lists_release(model);
    VEC_RELEASE(model->notices);
    idmap_release(&model->notices_of);
    VEC_RELEASE(model->stores);
    VEC_RELEASE(model->verdicts);
    idmap_release(&model->verdict_of);
    give_backs_release(&model->gave_back);
    model->foreign_voids = 0;
    everything_touched(model);
    model->stale = false;
}

void model_received_until(struct model *model, int64_t until) { model->received_until = until; }

void model_close(struct model *model) {
    if (model == NULL) return;
    forget(model);
    idmap_release(&model->assumed_policy);
    words_release(&model->words);
    VEC_RELEASE(model->streams);
    VEC_RELEASE(model->stream_order);
    idmap_release(&model->stream_of);
    VEC_RELEASE(model->corrections);
    VEC_RELEASE(model->assumed_stores);
    free(model->touched.ring);
    free(model);
}

/* What single events leave to be done once. */
static int settle(struct model *model, struct err *err) {
    int rc = 0;
    if (model->stale) {
        uint64_t to = model->position;
        forget(model);
        rc = replay_range(model, 0, to, NULL, err);
    }
    settle_last_visits(model);
    return rc;
}

int model_apply_event(struct model *model, const struct record *record, const struct event *event, int standing,
                      struct err *err) {
    uint64_t subject = standing < 0 ? 0 : model_subject(event, record->id, standing);
    fold_record(model, record, event, standing, subject, NONE);
    return settle(model, err);
}

int model_apply(struct model *model, const struct record *record, struct err *err) {
    struct event event;
    int standing = event_decode(record->frame, &event, NULL);
    return model_apply_event(model, record, &event, standing, err);
}

int model_replay(struct model *model, uint64_t from, uint64_t to, void (*progress)(uint64_t done, uint64_t all),
                 struct err *err) {
    int rc = replay_range(model, from, to, progress, err);
    if (rc == 0) rc = settle(model, err);
    return rc;
}

uint64_t model_last_position(const struct model *model, uint64_t subject) {
    uint32_t entry = entry_find(model, subject);
    return entry == NONE ? 0 : model->entries.items[entry].last_position;
}

uint64_t model_position(const struct model *model) { return model->position; }

static size_t map_bytes(const struct idmap *map) {
    return map->slots == NULL ? 0 : (map->mask + 1) * sizeof *map->slots;
}

size_t model_memory(const struct model *model) {
    size_t bytes = sizeof *model + words_memory(&model->words) + TOUCHED_KEPT * sizeof *model->touched.ring;
    bytes += VEC_BYTES(model->entries) + VEC_BYTES(model->roots) + VEC_BYTES(model->unsure) + VEC_BYTES(model->ids);
    bytes += VEC_BYTES(model->streams) + VEC_BYTES(model->stream_order);
    for (uint32_t i = 0; i < model->streams.count; i++)
        bytes += rows_memory(&model->streams.items[i].rows) + things_memory(&model->streams.items[i].things);
    bytes += VEC_BYTES(model->edges) + VEC_BYTES(model->unlinks) + VEC_BYTES(model->bars);
    bytes += VEC_BYTES(model->edits) + VEC_BYTES(model->facts) + VEC_BYTES(model->items);
    bytes += VEC_BYTES(model->custodied) + VEC_BYTES(model->referrals) + VEC_BYTES(model->open_promises) +
             VEC_BYTES(model->open_complaints);
    bytes += VEC_BYTES(model->notices) + VEC_BYTES(model->stores) + VEC_BYTES(model->assumed_stores);
    bytes += VEC_BYTES(model->erasures) + VEC_BYTES(model->verdicts) + VEC_BYTES(model->corrections) +
             give_backs_memory(&model->gave_back);
    const struct idmap *maps[] = {&model->entry_of,   &model->stream_of, &model->long_rows, &model->unlinked,
                                  &model->bars_of,    &model->erased,    &model->threads,   &model->verdict_of,
                                  &model->notices_of, &model->brought};
    for (size_t i = 0; i < sizeof maps / sizeof maps[0]; i++) bytes += map_bytes(maps[i]);
    return bytes;
}
