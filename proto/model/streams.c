/* Streams: whose they are, with which key, until where. Said by the hub's stream alone and never voided.
 *
 * What the hub says about streams (and clocks) is in the order of the hlc as written, not the corrected one:
 * corrections and stores of streams must stand before anything else can be judged. */
#include <string.h>

#include "proto/model/state.h"

struct stream *stream_look_up(const struct model *model, uint32_t number) {
    const uint64_t *index = idmap_find(&model->stream_of, (uint64_t)number + 1);
    return index == NULL ? NULL : &model->streams.items[*index];
}

static void keep_order(struct model *model, uint32_t index) {
    VEC_RESERVE(model->stream_order, 1);
    uint32_t *order = model->stream_order.items;
    uint32_t at = model->stream_order.count++;
    for (; at > 0 && model->streams.items[order[at - 1]].number > model->streams.items[index].number; at--)
        order[at] = order[at - 1];
    order[at] = index;
}

struct stream *stream_of(struct model *model, uint32_t number) {
    struct stream *found = stream_find(model, number);
    if (found == NULL) {
        uint32_t index = model->streams.count;
        *idmap_put(&model->stream_of, (uint64_t)number + 1, NULL) = index;
        found = VEC_ADD(model->streams);
        memset(found, 0, sizeof *found);
        found->number = number;
        found->corrections = NONE;
        keep_order(model, index);
    }
    model->last_stream = (uint32_t)(found - model->streams.items);
    return found;
}

uint32_t stream_store(const struct stream *stream) {
    return stream->opened_id != 0 ? stream->store : stream->assumed_store;
}

void fold_stream_opened(const struct folding *f) {
    const struct body_stream_opened *body = &f->event->body.stream_opened;
    struct stream *stream = stream_of(f->model, (uint32_t)body->stream);
    if (stream->opened_id != 0 && !later(f->event->hlc, f->id, stream->opened_hlc, stream->opened_id)) return;
    uint32_t store = words_put(&f->model->words, body->store);
    if ((stream->opened_id == 0 || stream->store != store) && f->model->foreign_voids > 0) f->model->stale = true;
    stream->opened_id = f->id;
    stream->opened_hlc = f->event->hlc;
    stream->store = store;
    stream->replaces = body->replaces == NIL ? 0 : (uint32_t)body->replaces;
    memcpy(stream->secret_hash, body->secret_hash.data, sizeof stream->secret_hash);
}

/* The first key holds, by the hub's lives before the clock: a second one is somebody else's. */
static bool keyed_before(const struct folding *f, const struct stream *stream) {
    uint32_t here = stream_incarnation(id_stream(f->id)), there = stream_incarnation(id_stream(stream->keyed_id));
    return here != there ? here < there : !later(f->event->hlc, f->id, stream->keyed_hlc, stream->keyed_id);
}

void fold_stream_keyed(const struct folding *f) {
    const struct body_stream_keyed *body = &f->event->body.stream_keyed;
    struct stream *stream = stream_of(f->model, (uint32_t)body->stream);
    if (stream->keyed_id != 0 && !keyed_before(f, stream)) return;
    stream->keyed_id = f->id;
    stream->keyed_hlc = f->event->hlc;
    memcpy(stream->key, body->key.data, sizeof stream->key);
}

void fold_stream_revoked(const struct folding *f) {
    const struct body_stream_revoked *body = &f->event->body.stream_revoked;
    struct stream *stream = stream_of(f->model, (uint32_t)body->stream);
    if (stream->revoked_id != 0 && !later(f->event->hlc, f->id, stream->revoked_hlc, stream->revoked_id)) return;
    stream->revoked_id = f->id;
    stream->revoked_hlc = f->event->hlc;
    stream->revoked_last = (uint64_t)body->last;
}

static void tell(const struct model *model, const struct stream *stream, struct stream_state *out) {
    *out = (struct stream_state){
        .stream = stream->number,
        .events = stream->events,
        .last_seq = stream->last_seq,
        .store = words_view(&model->words, stream_store(stream)),
        .opened = stream->opened_id != 0,
        .opened_hlc = stream->opened_id != 0 ? stream->opened_hlc : 0,
        .keyed = stream->keyed_id != 0,
        .revoked = stream->revoked_id != 0,
        .revoked_last = stream->revoked_last,
        .replaces = stream->replaces,
    };
    memcpy(out->secret_hash, stream->secret_hash, sizeof out->secret_hash);
    memcpy(out->key, stream->key, sizeof out->key);
}

bool model_stream(const struct model *model, uint32_t number, struct stream_state *out) {
    const struct stream *stream = stream_find(model, number);
    if (stream != NULL) tell(model, stream, out);
    return stream != NULL;
}

bool model_stream_at(const struct model *model, size_t index, struct stream_state *out) {
    if (index >= model->stream_order.count) return false;
    tell(model, &model->streams.items[model->stream_order.items[index]], out);
    return true;
}
