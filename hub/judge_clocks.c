/* Clocks: at each visit, once all that the HELLO told of has come, what was written since the visit before is weighed
 * (clocks.h), and a clock that was certainly wrong is corrected. Looked at are streams whose HELLO showed a drift, and
 * those of which an event came that is in the future. At most CORRECTIONS_A_DAY a stream: a correction has everything
 * folded again, and a clock that jumps all the time is a person's matter. */
#include <stdlib.h>
#include <string.h>

#include "hub/clocks.h"
#include "hub/judge_parts.h"
#include "hub/visits.h"
#include "proto/model/policies.h"

#define SPAN_MAX_EVENTS (UINT64_C(1) << 20) /* longer ones are left to a person */
#define CORRECTIONS_A_DAY 4
#define DAY INT64_C(86400000)

struct suspects {
    struct idmap streams; /* stream + 1 → last sequence that looked wrong; 0: only its clock did */
    struct buf doubts;    /* VISIT_DOUBTS as last looked at */
    bool started;
    int64_t tolerance; /* ms */
};

struct suspects *suspects_open(void) {
    return mem_alloc(sizeof(struct suspects));
}

void suspects_close(struct suspects *suspects) {
    if (suspects == NULL) return;
    idmap_release(&suspects->streams);
    buf_release(&suspects->doubts);
    free(suspects);
}

static void read_tolerance(struct sitting *s) {
    site_read(s->site);
    s->judge->suspects->tolerance = policy_number(s->site->model, POLICY_CLOCK_TOLERANCE, TIME_NONE) * 1000;
    site_unread(s->site);
}

/* Only what came over the line has a time of receipt to be compared with. */
void clocks_hear(struct sitting *s, const struct heard *heard) {
    struct suspects *suspects = s->judge->suspects;
    uint64_t id = heard->record->id;
    if (stream_is_hub(id_stream(id)) || heard->record->received == 0) return;
    if (suspects->tolerance == 0) read_tolerance(s);
    if ((int64_t)(heard->event->hlc >> 16) <= heard->record->received + suspects->tolerance) return;
    uint64_t *last = idmap_put(&suspects->streams, (uint64_t)id_stream(id) + 1, NULL);
    if (*last < id_seq(id)) *last = id_seq(id);
}

/* Has a HELLO shown a drift since this was last asked? */
static bool news(struct sitting *s) {
    struct suspects *suspects = s->judge->suspects;
    struct buf value = BUF_INIT;
    s->site->log->ops->value(s->site->log, view_of(VISIT_DOUBTS), &value);
    bool changed = !suspects->started || !view_equal(buf_view(&value), buf_view(&suspects->doubts));
    suspects->started = true;
    buf_release(&suspects->doubts);
    suspects->doubts = value;
    return changed;
}

static void suspect_drifted(struct sitting *s) {
    struct suspects *suspects = s->judge->suspects;
    struct stream_state stream;
    for (size_t i = 0;; i++) {
        struct visit visit;
        site_read(s->site);
        bool more = model_stream_at(s->site->model, i, &stream);
        site_unread(s->site);
        if (!more) break;
        if (stream_is_hub(stream.stream) || visit_load(s->site, stream.stream, &visit, NULL) != 0) continue;
        if (!visit.span.known || visit.span.from > visit.span.to || llabs(visit.span.drift_ms) < suspects->tolerance)
            continue;
        idmap_put(&suspects->streams, (uint64_t)stream.stream + 1, NULL);
    }
}

/* How often the stream was corrected within the day before; what to add to the time of one of its events. */
static size_t corrected_lately(const struct model *model, uint32_t stream, int64_t now) {
    struct clock_state clock;
    size_t count = 0;
    for (size_t i = 0; model_clock_at(model, stream, i, &clock); i++) count += (int64_t)(clock.hlc >> 16) > now - DAY;
    return count;
}

/* Reads what the events of a span show, corrected so far. False: one of them was re-homed, and shows the time of
 * another clock, or cannot be read. */
static bool read_shown(struct sitting *s, uint32_t stream, const struct span *span, int64_t *ms) {
    struct buf copy = BUF_INIT;
    bool good = true;
    for (uint64_t seq = span->from; good && seq <= span->to; seq++) {
        struct record record;
        struct event e;
        buf_clear(&copy);
        good = log_get_id(s->site->log, id_make(stream, seq), &record, &copy, NULL) == 0 &&
               event_decode(record.frame, &e, NULL) >= 0 && e.origin.chain.data == NULL;
        if (!good) break;
        site_read(s->site);
        ms[seq - span->from] = (int64_t)(model_hlc(s->site->model, record.id, &e) >> 16);
        site_unread(s->site);
    }
    buf_release(&copy);
    return good;
}

static void read_before(struct sitting *s, const struct stream_state *stream, uint64_t from,
                        struct clock_evidence *out) {
    struct buf copy = BUF_INIT;
    struct record record;
    struct event e;
    uint64_t id = id_make(stream->stream, from - 1);
    out->before = (int64_t)(stream->opened_hlc >> 16);
    if (from > 1 && log_get_id(s->site->log, id, &record, &copy, NULL) == 0 &&
        event_decode(record.frame, &e, NULL) >= 0) {
        site_read(s->site);
        out->before = (int64_t)(model_hlc_at(s->site->model, id, e.hlc) >> 16);
        site_unread(s->site);
        out->before_correction = out->before - (int64_t)(e.hlc >> 16);
    }
    buf_release(&copy);
}

static void rule(struct sitting *s, uint32_t stream, const struct span *span, const struct clock_finding *found) {
    struct ruling *ruling = sitting_rule(s, EVENT_clock, 0);
    struct body_clock *body = &ruling->draft.event.body.clock;
    body->stream = stream;
    body->from = (int64_t)(span->from + found->from);
    body->to = (int64_t)(span->from + found->to);
    body->ms = found->ms;
    snprintf(ruling->ref, sizeof ruling->ref, "clock %u-%lld", stream, (long long)body->from);
}

static void weigh(struct sitting *s, const struct stream_state *stream, const struct span *span) {
    uint64_t count = span->to - span->from + 1;
    int64_t *ms = mem_alloc(count * sizeof *ms);
    struct clock_evidence evidence = {.ms = ms,
                                      .count = count,
                                      .since = span->since != 0 ? span->since : (int64_t)(stream->opened_hlc >> 16),
                                      .at = span->at,
                                      .drift = span->drift_ms,
                                      .known = span->known,
                                      .tolerance = s->judge->suspects->tolerance};
    if (span->since_seq >= span->from) evidence.since_index = span->since_seq - span->from + 1;
    read_before(s, stream, span->from, &evidence);
    struct clock_finding found;
    if (read_shown(s, stream->stream, span, ms) && clock_weigh(&evidence, &found))
        rule(s, stream->stream, span, &found);
    free(ms);
}

/* True: there is nothing more to be said of this stream for now. */
static bool look_at(struct sitting *s, uint32_t number, uint64_t suspicious) {
    struct stream_state stream;
    struct visit visit;
    site_read(s->site);
    bool known = model_stream(s->site->model, number, &stream) && stream.opened;
    bool often = known && corrected_lately(s->site->model, number, env_now(s->site->env)) >= CORRECTIONS_A_DAY;
    site_unread(s->site);
    if (!known || often || visit_load(s->site, number, &visit, NULL) != 0) return true;
    const struct span *span = &visit.span;
    if (span->from > span->to || span->to < suspicious) return suspicious <= span->to; /* for the next visit to tell */
    if (stream.last_seq < span->to) return false;                                      /* it has not all come yet */
    if (span->to - span->from < SPAN_MAX_EVENTS) weigh(s, &stream, span);
    return true;
}

bool clocks_waiting(const struct judge *judge) { return judge->suspects->streams.count > 0; }

void clocks_forget(struct judge *judge) { judge->suspects->started = false; }

void clocks_judge(struct sitting *s) {
    struct suspects *suspects = s->judge->suspects;
    read_tolerance(s);
    if (news(s)) suspect_drifted(s);
    struct idmap waiting = {NULL, 0, 0};
    for (size_t i = 0; suspects->streams.count > 0 && i <= suspects->streams.mask; i++) {
        const struct idmap_slot *slot = &suspects->streams.slots[i];
        if (slot->key == 0) continue;
        if (!look_at(s, (uint32_t)(slot->key - 1), slot->value)) *idmap_put(&waiting, slot->key, NULL) = slot->value;
    }
    idmap_release(&suspects->streams);
    suspects->streams = waiting;
}
