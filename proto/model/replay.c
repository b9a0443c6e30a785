/* A scan of the log is mostly sales to customers all over memory: taken one by one, each would wait for its customer to
 * come from memory. So sales stand in a short queue: when one joins it, its slot of the table is called for; half-way
 * through, its entry; when it leaves, both are there. Anything else is folded in its turn, after the queue before it.
 * */
#include "proto/model/replay.h"

#include "proto/model/state.h"

#define QUEUE 16 /* a power of two */
#define HALF_WAY 8
#define PROGRESS_EVERY 100000

struct queue {
    struct purchase purchases[QUEUE];
    uint32_t entries[QUEUE];
    uint32_t joined, looked_up, left; /* how many ever did; the place is the remainder */
};

static void look_up(const struct model *model, struct queue *queue) {
    uint32_t place = queue->looked_up++ % QUEUE;
    uint32_t entry = queue->entries[place] = entry_find(model, queue->purchases[place].subject);
    if (entry != NONE) __builtin_prefetch(&model->entries.items[entry], 1);
}

static void leave(struct model *model, struct queue *queue) {
    uint32_t place = queue->left++ % QUEUE;
    purchase_put(model, &queue->purchases[place], queue->entries[place]);
}

static void flush(struct model *model, struct queue *queue) {
    while (queue->looked_up != queue->joined) look_up(model, queue);
    while (queue->left != queue->joined) leave(model, queue);
}

static void take(struct model *model, struct queue *queue, const struct record *record) {
    struct event event;
    int standing = event_decode(record->frame, &event, NULL);
    if (standing != EVENT_GOOD || event.type != EVENT_sold) {
        flush(model, queue);
        fold_record(model, record, &event, standing);
        return;
    }
    if (queue->joined - queue->left == QUEUE) leave(model, queue);
    struct purchase *purchase = &queue->purchases[queue->joined++ % QUEUE];
    purchase_read(model, record, &event, purchase);
    /* In place: gcc takes a function that does nothing else for one that does nothing. */
    const struct idmap *map = &model->entry_of;
    if (map->slots != NULL) __builtin_prefetch(&map->slots[idmap_hash(purchase->subject) & map->mask]);
    if (queue->joined - queue->looked_up > HALF_WAY) look_up(model, queue);
}

static int scan(struct model *model, struct log_iterator *it, uint64_t from, uint64_t to,
                void (*progress)(uint64_t done, uint64_t all), struct err *err) {
    struct queue queue = {.joined = 0};
    int rc = it->ops->seek(it, from + 1);
    for (uint64_t done = 0; rc == 0 && from + done < to;) {
        struct record record;
        rc = it->ops->next(it, &record, err);
        if (rc != 0 || record.position > to) break;
        if (model->received_until == TIME_NONE || record.received <= model->received_until)
            take(model, &queue, &record);
        done = record.position - from;
        if (progress != NULL && done % PROGRESS_EVERY == 0) {
            it->ops->pause(it);
            progress(done, to - from);
        }
    }
    flush(model, &queue);
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
