/* A scan of the log names customers all over memory: taken one by one, each event would wait for its customer to come
 * from there. So a few records are taken at once and gone through three times: all are decoded, and the slot of each
 * one's subject in the table is called for; then its entry; then each is folded, in the order of the log. */
#include "proto/model/replay.h"

#include "proto/base/call.h"
#include "proto/model/state.h"

#define FEW 16
#define CACHE_LINE 64
#define PROGRESS_EVERY 100000

struct taken {
    const struct record *record;
    uint32_t stream; /* an index; NONE: its first event */
    uint64_t subject;
    uint32_t entry;
    int standing;
    struct event event;
};

static void read_one(const struct model *model, const struct record *record, struct taken *out) {
    out->record = record;
    out->standing = event_decode(record->frame, &out->event, NULL);
    out->subject = out->standing < 0 ? 0 : model_subject(&out->event, record->id, out->standing);
    if (out->subject != 0) idmap_call(&model->entry_of, out->subject);
    const struct stream *stream = stream_find(model, id_stream(record->id));
    out->stream = stream == NULL ? NONE : (uint32_t)(stream - model->streams.items);
    if (stream == NULL) return;
    __builtin_prefetch(&stream->number, 1);
    __builtin_prefetch(&stream->things, 1);
}

/* Of what else the event names. */
CALLS void call_named(const struct model *model, const struct event *e, uint64_t id) {
    if (e->type == EVENT_referred) idmap_call(&model->brought, e->body.referred.newcomer);
    if (e->type == EVENT_complained) idmap_call(&model->threads, id);
    if (e->type == EVENT_stepped) idmap_call(&model->threads, e->body.stepped.complaint);
    if (e->type == EVENT_returned) give_backs_call(&model->gave_back, e->body.returned.sale);
}

/* Where the next row of the stream is to stand, or the next thing. */
CALLS void call_end(const struct stream *stream, bool row) {
    if (row)
        rows_call(&stream->rows);
    else
        things_call(&stream->things);
}

static void look_up(const struct model *model, struct taken *taken) {
    bool row = taken->event.type == EVENT_sold || taken->event.type == EVENT_returned;
    if (taken->stream != NONE) call_end(&model->streams.items[taken->stream], row);
    if (taken->event.type != EVENT_sold && taken->standing == EVENT_GOOD)
        call_named(model, &taken->event, taken->record->id);
    taken->entry = taken->subject == 0 ? NONE : entry_find(model, taken->subject);
    if (taken->entry == NONE) return;
    const uint8_t *entry = (const uint8_t *)&model->entries.items[taken->entry];
    __builtin_prefetch(entry, 1);
    if (!row) __builtin_prefetch(entry + CACHE_LINE, 1);
}

static void fold_few(struct model *model, const struct record *records, size_t count) {
    struct taken few[FEW];
    size_t taken = 0;
    for (size_t i = 0; i < count; i++)
        if (model->received_until == TIME_NONE || records[i].received <= model->received_until)
            read_one(model, &records[i], &few[taken++]);
    for (size_t i = 0; i < taken; i++) look_up(model, &few[i]);
    for (size_t i = 0; i < taken; i++) {
        if (few[i].stream != NONE) model->last_stream = few[i].stream; /* so that nobody looks it up again */
        fold_record(model, few[i].record, &few[i].event, few[i].standing, few[i].subject, few[i].entry);
    }
}

static int scan(struct model *model, struct log_iterator *it, uint64_t from, uint64_t to,
                void (*progress)(uint64_t done, uint64_t all), struct err *err) {
    uint64_t told = 0;
    int rc = it->ops->seek(it, from + 1);
    for (uint64_t done = 0; rc == 0 && from + done < to;) {
        struct record records[FEW];
        size_t count, max = to - from - done < FEW ? (size_t)(to - from - done) : FEW;
        rc = log_next_few(it, records, max, &count, err);
        if (rc != 0) break;
        while (count > 0 && records[count - 1].position > to) count--;
        fold_few(model, records, count);
        done = count > 0 ? records[count - 1].position - from : to - from;
        if (progress != NULL && done - told >= PROGRESS_EVERY) {
            told = done;
            it->ops->pause(it);
            if (model->touched.all) everything_touched(model);
            progress(done, to - from);
        }
    }
    return rc == LOG_END ? 0 : rc;
}

int replay_range(struct model *model, uint64_t from, uint64_t to, void (*progress)(uint64_t done, uint64_t all),
                 struct err *err) {
    struct log_iterator *it;
    int rc = model->log->ops->iterate(model->log, &it, err);
    if (rc != 0) return rc;
    model->touched.all = to - from > TOUCHED_KEPT;
    rc = scan(model, it, from, to, progress, err);
    if (model->touched.all) everything_touched(model);
    model->touched.all = false;
    it->ops->close(it);
    return rc;
}
