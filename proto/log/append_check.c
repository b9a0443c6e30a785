#include "proto/log/append_check.h"

#include <stdlib.h>
#include <string.h>

#include "proto/event/event.h"
#include "proto/log/chain.h"

/* The batch's streams, by their place in `heads`. Most batches have one. */
struct plan {
    struct log *log;
    const struct log_streams *streams;
    const struct log_batch *batch;
    uint64_t *next;       /* the seq that comes next in stream i */
    struct idmap places;  /* stream + 1 → i + 1; unused for one stream */
    size_t last;          /* where the search ended before */
    struct idmap partial; /* ids of partial events */
};

static int plan_open(struct plan *plan, struct log *log, const struct log_streams *streams,
                     const struct log_batch *batch, struct err *err) {
    *plan = (struct plan){
        .log = log, .streams = streams, .batch = batch, .next = mem_alloc(batch->head_count * sizeof *plan->next)};
    for (size_t i = 0; i < batch->head_count; i++) {
        uint32_t stream = batch->heads[i].stream;
        bool added = true;
        plan->next[i] = log_streams_last(streams, stream) + 1;
        if (batch->head_count > 1) *idmap_put(&plan->places, (uint64_t)stream + 1, &added) = i + 1;
        if (!added) return err_set(err, ERR_CONFLICT, NULL, "two heads of stream %u in one batch", stream);
    }
    return 0;
}

static void plan_release(struct plan *plan) {
    free(plan->next);
    idmap_release(&plan->places);
    idmap_release(&plan->partial);
}

static bool plan_find(struct plan *plan, uint32_t stream) {
    const struct log_batch *batch = plan->batch;
    if (batch->head_count == 0) return false;
    if (batch->heads[plan->last].stream == stream) return true;
    const uint64_t *place = idmap_find(&plan->places, (uint64_t)stream + 1);
    if (place == NULL) return false;
    plan->last = (size_t)*place - 1;
    return true;
}

static bool ref_is_the_frames(const struct log_append *append) {
    struct event event;
    uint8_t hash[REF_HASH_SIZE];
    if (append->ref_hash.len != REF_HASH_SIZE || event_decode(append->frame, &event, NULL) < 0 ||
        event.ref.source.data == NULL)
        return false;
    ref_hash(event.ref.source, event.ref.key, hash);
    return memcmp(hash, append->ref_hash.data, REF_HASH_SIZE) == 0;
}

/* Of a stream held in full: its place in the order. */
static int order_check(struct plan *plan, const struct log_append *append, const char *id, struct err *err) {
    if (!plan_find(plan, id_stream(append->id)))
        return err_set(err, ERR_CONFLICT, NULL, "event %s: its stream's new head is missing in the batch", id);
    if (id_seq(append->id) != plan->next[plan->last])
        return err_set(err, ERR_CONFLICT, NULL, "event %s: the stream goes on with %llu", id,
                       (unsigned long long)plan->next[plan->last]);
    plan->next[plan->last]++;
    return 0;
}

/* Of a stream held in part: that it is one, and that the event is new. */
static int partial_check(struct plan *plan, const struct log_append *append, const char *id, struct err *err) {
    uint64_t position;
    bool added;
    uint32_t stream = id_stream(append->id);
    if (log_streams_last(plan->streams, stream) > 0 || plan_find(plan, stream))
        return err_set(err, ERR_CONFLICT, NULL, "event %s: its stream is held in full here", id);
    idmap_put(&plan->partial, append->id, &added);
    int rc = added ? plan->log->ops->position_of(plan->log, append->id, &position) : 0;
    if (rc == 0) return err_set(err, ERR_CONFLICT, NULL, "event %s: it is in the log already", id);
    return rc == ERR_NOT_FOUND ? 0 : err_set(err, rc, NULL, "event %s: the index of the log cannot be read", id);
}

static int record_check(struct plan *plan, const struct log_append *append, uint64_t position, struct err *err) {
    char id[ID_TEXT];
    id_format(append->id, id);
    if (append->frame.data == NULL || append->frame.len == 0 || append->frame.len > FRAME_MAX)
        return err_set(err, ERR_CONFLICT, NULL, "event %s: a frame has 1 to %d bytes, this one %zu", id, FRAME_MAX,
                       append->frame.len);
    int rc = append->partial ? partial_check(plan, append, id, err) : order_check(plan, append, id, err);
    if (rc != 0) return rc;
    if (append->previous >= position) return err_set(err, ERR_CONFLICT, NULL, "event %s: its hint points forwards", id);
    if (append->ref_hash.data != NULL && !ref_is_the_frames(append))
        return err_set(err, ERR_CONFLICT, NULL, "event %s: the ref hash is not that of its frame's ref", id);
    return 0;
}

static int heads_check(const struct plan *plan, const struct log_streams *streams, struct err *err) {
    const struct log_batch *batch = plan->batch;
    for (size_t i = 0; i < batch->head_count; i++) {
        const struct head *head = &batch->heads[i];
        if (head->seq != plan->next[i] - 1 || head->seq == log_streams_last(streams, head->stream))
            return err_set(err, ERR_CONFLICT, NULL,
                           "the head of stream %u is at %llu, its last record in the batch at %llu", head->stream,
                           (unsigned long long)head->seq, (unsigned long long)plan->next[i] - 1);
    }
    return 0;
}

static int values_check(const struct log_batch *batch, struct err *err) {
    for (size_t i = 0; i < batch->value_count; i++)
        if (batch->values[i].key.len == 0 || batch->values[i].key.len > VALUE_KEY_MAX)
            return err_set(err, ERR_CONFLICT, NULL, "the key of a value has 1 to %d bytes", VALUE_KEY_MAX);
    return 0;
}

int append_check(struct log *log, const struct log_streams *streams, const struct log_batch *batch, uint64_t first,
                 struct err *err) {
    struct plan plan;
    int rc = plan_open(&plan, log, streams, batch, err);
    for (size_t i = 0; rc == 0 && i < batch->record_count; i++)
        rc = record_check(&plan, &batch->records[i], first + i, err);
    if (rc == 0) rc = heads_check(&plan, streams, err);
    if (rc == 0) rc = values_check(batch, err);
    plan_release(&plan);
    return rc;
}

int append_ref_taken(uint64_t id, uint64_t holder, struct err *err) {
    char text[ID_TEXT];
    char other[ID_TEXT];
    return err_set(err, ERR_CONFLICT, "ref", "event %s: event %s has the same ref", id_format(id, text),
                   id_format(holder, other));
}
