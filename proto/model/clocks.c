/* Clocks: `clock(stream, from, to, ms)` adds so much to the times of a range of a stream's events; what several ranges
 * say of one event adds up. Of those with one ref only the first by id counts: a judgement that a hub made once more
 * after it was rebuilt. It is added to the hlc that the fold uses: the event's own, or that of its origin.
 * A correction of events folded already has everything folded again. */
#include "proto/log/chain.h"
#include "proto/model/state.h"

#define HLC_MS_MAX ((INT64_C(1) << 48) - 1)

/* Did an earlier one say the same? */
static bool repeated(const struct model *model, uint32_t first, const struct correction *c) {
    if (c->ref == 0) return false;
    for (uint32_t i = first; i != NONE; i = model->corrections.items[i].next) {
        const struct correction *other = &model->corrections.items[i];
        if (other->ref == c->ref && other->id < c->id) return true;
    }
    return false;
}

static int64_t correction_of(const struct model *model, uint64_t id) {
    int64_t ms = 0;
    const struct stream *stream = stream_find(model, id_stream(id));
    uint32_t first = stream == NULL ? NONE : stream->corrections;
    for (uint32_t i = first; i != NONE; i = model->corrections.items[i].next) {
        const struct correction *c = &model->corrections.items[i];
        if (c->from <= id_seq(id) && id_seq(id) <= c->to && !repeated(model, first, c)) ms += c->ms;
    }
    return ms;
}

uint64_t model_hlc_at(const struct model *model, uint64_t id, uint64_t hlc) {
    if (model->corrections.count == 0) return hlc;
    int64_t ms = (int64_t)(hlc >> 16) + correction_of(model, id);
    if (ms < 0) ms = 0;
    if (ms > HLC_MS_MAX) ms = HLC_MS_MAX;
    return (uint64_t)ms << 16 | (hlc & 0xffff);
}

uint64_t model_hlc(const struct model *model, uint64_t id, const struct event *e) {
    return corrected_hlc(model, id, e);
}

int64_t model_time(const struct model *model, uint64_t id, const struct event *e) {
    return corrected_time(corrected_hlc(model, id, e), e);
}

bool model_clock_at(const struct model *model, uint32_t number, size_t index, struct clock_state *out) {
    const struct stream *stream = stream_find(model, number);
    uint32_t i = stream == NULL ? NONE : stream->corrections;
    while (i != NONE && index-- > 0) i = model->corrections.items[i].next;
    if (i == NONE) return false;
    const struct correction *c = &model->corrections.items[i];
    *out = (struct clock_state){c->id, c->hlc, c->from, c->to, c->ms};
    return true;
}

static uint64_t hashed(const struct ref *ref) {
    uint8_t hash[REF_HASH_SIZE];
    if (ref->source.data == NULL) return 0;
    ref_hash(ref->source, ref->key, hash);
    return get_u64_be(hash) | 1;
}

static bool taken(const struct model *model, const struct stream *stream, uint64_t id) {
    for (uint32_t i = stream->corrections; i != NONE; i = model->corrections.items[i].next)
        if (model->corrections.items[i].id == id) return true;
    return false;
}

void fold_clock(const struct folding *f) {
    const struct body_clock *body = &f->event->body.clock;
    struct model *model = f->model;
    struct stream *stream = stream_of(model, (uint32_t)body->stream);
    if (taken(model, stream, f->id)) return;
    *VEC_ADD(model->corrections) = (struct correction){
        .id = f->id,
        .hlc = f->hlc,
        .ref = hashed(&f->event->ref),
        .from = (uint64_t)body->from,
        .to = (uint64_t)body->to,
        .ms = body->ms,
        .next = stream->corrections,
    };
    stream->corrections = model->corrections.count - 1;
    if (stream->last_seq >= (uint64_t)body->from) model->stale = true;
}
