/* Clocks: `clock(stream, from, to, ms)` adds so much to the times of a range of a stream's events; what several ranges
 * say of one event adds up. It is added to the hlc that the fold uses: the event's own, or that of its origin.
 * A correction of events folded already has everything folded again. */
#include "proto/model/state.h"

#define HLC_MS_MAX ((INT64_C(1) << 48) - 1)

static int64_t correction_of(const struct model *model, uint64_t id) {
    int64_t ms = 0;
    const struct stream *stream = stream_find(model, id_stream(id));
    uint32_t i = stream == NULL ? NONE : stream->corrections;
    for (; i != NONE; i = model->corrections.items[i].next) {
        const struct correction *c = &model->corrections.items[i];
        if (c->from <= id_seq(id) && id_seq(id) <= c->to) ms += c->ms;
    }
    return ms;
}

uint64_t corrected_hlc(const struct model *model, uint64_t id, const struct event *e) {
    uint64_t hlc = e->origin.chain.data != NULL ? e->origin.hlc : e->hlc;
    if (model->corrections.count == 0) return hlc;
    int64_t ms = (int64_t)(hlc >> 16) + correction_of(model, id);
    if (ms < 0) ms = 0;
    if (ms > HLC_MS_MAX) ms = HLC_MS_MAX;
    return (uint64_t)ms << 16 | (hlc & 0xffff);
}

int64_t corrected_time(uint64_t hlc, const struct event *e) {
    int64_t time = e->at != NIL ? e->at : (int64_t)(hlc >> 16);
    if (time < TIME_MIN) return TIME_MIN;
    return time > TIME_MAX ? TIME_MAX : time;
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
        .from = (uint64_t)body->from,
        .to = (uint64_t)body->to,
        .ms = body->ms,
        .next = stream->corrections,
    };
    stream->corrections = model->corrections.count - 1;
    if (stream->last_seq >= (uint64_t)body->from) model->stale = true;
}
