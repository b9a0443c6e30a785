/* A scan of the log is mostly sales of customers all over memory: taken one by one, each would wait for its customer to
 * come from memory. So sales are gathered in small batches; while later records are decoded, the table slots and
 * entries of earlier ones are on their way. Anything else is folded in its turn, after the batch before it. */
#include "proto/model/replay.h"

#include "proto/model/state.h"

#define BATCH 32
#define PROGRESS_EVERY 100000

struct batch {
    struct purchase purchases[BATCH];
    uint32_t count;
};

static void look_ahead_slot(const struct model *model, uint64_t id) {
    if (model->entry_of.slots != NULL)
        __builtin_prefetch(&model->entry_of.slots[idmap_hash(id) & model->entry_of.mask]);
}

static void look_ahead_entry(const struct model *model, uint64_t id) {
    uint32_t entry = entry_find(model, id);
    if (entry != NONE) __builtin_prefetch(&model->entries.items[entry], 1);
}

static void flush(struct model *model, struct batch *batch) {
    for (uint32_t i = 0; i < batch->count; i++) look_ahead_entry(model, batch->purchases[i].subject);
    for (uint32_t i = 0; i < batch->count; i++) purchase_put(model, &batch->purchases[i]);
    batch->count = 0;
}

static void take(struct model *model, struct batch *batch, const struct record *record) {
    struct event event;
    int standing = event_decode(record->frame, &event, NULL);
    if (standing != EVENT_GOOD || event.type != EVENT_sold) {
        flush(model, batch);
        fold_record(model, record, &event, standing);
        return;
    }
    struct purchase *purchase = &batch->purchases[batch->count++];
    purchase_read(model, record, &event, purchase);
    look_ahead_slot(model, purchase->subject);
    if (batch->count == BATCH) flush(model, batch);
}

static int scan(struct model *model, struct log_iterator *it, uint64_t from, uint64_t to,
                void (*progress)(uint64_t done, uint64_t all), struct err *err) {
    struct batch batch = {.count = 0};
    int rc = it->ops->seek(it, from + 1);
    for (uint64_t done = 0; rc == 0 && from + done < to;) {
        struct record record;
        rc = it->ops->next(it, &record, err);
        if (rc != 0 || record.position > to) break;
        take(model, &batch, &record);
        done = record.position - from;
        if (progress != NULL && done % PROGRESS_EVERY == 0) {
            it->ops->pause(it);
            progress(done, to - from);
        }
    }
    flush(model, &batch);
    return rc == LOG_END ? 0 : rc;
}

int replay_range(struct model *model, uint64_t from, uint64_t to, void (*progress)(uint64_t done, uint64_t all),
                 struct err *err) {
    struct log_iterator *it;
    int rc = model->log->ops->iterate(model->log, &it, err);
    if (rc != 0) return rc;
    rc = scan(model, it, from, to, progress, err);
    it->ops->close(it);
    return rc;
}
