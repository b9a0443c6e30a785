#include "hub/ingest.h"

#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "proto/base/bug.h"
#include "proto/base/idmap.h"

struct ingest {
    struct site *site;
    struct mutex lock;
    struct condition arrived;
    struct ingest_item *first, **last;
    size_t waiting_bytes, queue_bytes;
    bool woken;
};

struct ingest *ingest_open(struct site *site) {
    struct ingest *ingest = mem_alloc(sizeof *ingest);
    ingest->site = site;
    ingest->last = &ingest->first;
    ingest->queue_bytes = INGEST_QUEUE_BYTES;
    mutex_init(&ingest->lock);
    condition_init(&ingest->arrived);
    return ingest;
}

void ingest_limit(struct ingest *ingest, size_t queue_bytes) {
    mutex_lock(&ingest->lock);
    ingest->queue_bytes = queue_bytes;
    mutex_unlock(&ingest->lock);
}

size_t ingest_waiting(struct ingest *ingest, size_t *items) {
    mutex_lock(&ingest->lock);
    size_t bytes = ingest->waiting_bytes;
    *items = 0;
    for (const struct ingest_item *item = ingest->first; item != NULL; item = item->next) ++*items;
    mutex_unlock(&ingest->lock);
    return bytes;
}

void ingest_item_free(struct ingest_item *item) {
    if (item == NULL) return;
    batch_release(&item->batch);
    free(item);
}

void ingest_close(struct ingest *ingest) {
    if (ingest == NULL) return;
    while (ingest->first != NULL) {
        struct ingest_item *item = ingest->first;
        ingest->first = item->next;
        struct err gone = {.code = ERR_CLOSED};
        item->answered(item->session, item, &(struct ingest_answer){.outcome = INGEST_FAILED, .err = &gone});
        ingest_item_free(item);
    }
    mutex_destroy(&ingest->lock);
    condition_destroy(&ingest->arrived);
    free(ingest);
}

/* What an item takes of memory, keys and offsets too. */
static size_t weight(const struct ingest_item *item) {
    const struct batch *batch = &item->batch;
    return sizeof *item + batch->frames.len + batch->count * sizeof *batch->offsets +
           batch->key_count * sizeof *batch->keys;
}

bool ingest_submit(struct ingest *ingest, struct ingest_item *item) {
    size_t bytes = weight(item);
    mutex_lock(&ingest->lock);
    bool room = ingest->first == NULL || ingest->waiting_bytes + bytes <= ingest->queue_bytes || BUG(endless_queue);
    if (room) {
        item->next = NULL;
        *ingest->last = item;
        ingest->last = &item->next;
        ingest->waiting_bytes += bytes;
        condition_signal(&ingest->arrived);
    }
    mutex_unlock(&ingest->lock);
    return room;
}

void ingest_wait(struct ingest *ingest, int64_t ms) {
    mutex_lock(&ingest->lock);
    if (ingest->first == NULL && !ingest->woken) condition_wait_ms(&ingest->arrived, &ingest->lock, ms);
    ingest->woken = false;
    mutex_unlock(&ingest->lock);
}

void ingest_wake(struct ingest *ingest) {
    mutex_lock(&ingest->lock);
    ingest->woken = true;
    condition_signal(&ingest->arrived);
    mutex_unlock(&ingest->lock);
}

/* One group on its way: items that follow their streams, and what becomes of them in the log. */
struct group {
    struct ingest_item *items; /* taken off the queue, in order */
    struct idmap heads_at;     /* stream + 1 → index in heads + 1 */
    struct head *heads;
    size_t head_count;
    struct log_append *records;
    size_t record_count;
    struct ring_put *keys;
    size_t key_count;
};

static struct ingest_item *take_items(struct ingest *ingest) {
    mutex_lock(&ingest->lock);
    struct ingest_item *items = ingest->first, **end = &ingest->first;
    uint64_t events = 0;
    while (*end != NULL && (events == 0 || events + (*end)->batch.count <= INGEST_GROUP_EVENTS)) {
        events += (*end)->batch.count;
        ingest->waiting_bytes -= weight(*end);
        end = &(*end)->next;
    }
    ingest->first = *end;
    if (ingest->first == NULL) ingest->last = &ingest->first;
    *end = NULL;
    mutex_unlock(&ingest->lock);
    return items;
}

static struct head *group_head(struct ingest *ingest, struct group *group, const struct head *before) {
    bool added;
    uint64_t *at = idmap_put(&group->heads_at, (uint64_t)before->stream + 1, &added);
    if (added) {
        struct head *head = &group->heads[group->head_count++];
        /* A stream without a head starts where the session says: its key decides the chain's start. */
        if (log_head(ingest->site->log, before->stream, head) != 0) *head = *before;
        *at = group->head_count;
    }
    return &group->heads[*at - 1];
}

static enum ingest_outcome judge_item(struct ingest *ingest, const struct head *head, const struct ingest_item *item) {
    struct site *site = ingest->site;
    struct stream_state stream;
    site_read(site);
    bool known = model_stream(site->model, item->batch.stream, &stream);
    site_unread(site);
    bool revoked = known && stream.revoked && item->batch.head.seq > stream.revoked_last;
    if (revoked && !BUG(revoked_may_push)) return INGEST_REVOKED;
    bool follows = head->seq == item->before.seq && memcmp(head->chain, item->before.chain, CHAIN_SIZE) == 0;
    return follows ? INGEST_TAKEN : INGEST_STALE;
}

static void add_item(struct group *group, struct ingest_item *item) {
    const struct batch *batch = &item->batch;
    for (uint32_t i = 0; i < batch->count; i++)
        group->records[group->record_count++] =
            (struct log_append){.id = id_make(batch->stream, batch->first + i), .frame = batch_frame(batch, i)};
    for (size_t i = 0; i < batch->key_count; i++)
        group->keys[group->key_count++] =
            (struct ring_put){.id = batch->keys[i].id, .has_key = true, .key = batch->keys[i].key};
}

static void group_make(struct ingest *ingest, struct group *group) {
    size_t items = 0, records = 0, keys = 0;
    for (struct ingest_item *item = group->items; item != NULL; item = item->next) {
        items++;
        records += item->batch.count;
        keys += item->batch.key_count;
    }
    group->heads = mem_alloc(items * sizeof *group->heads);
    group->records = mem_alloc((records + 1) * sizeof *group->records);
    group->keys = mem_alloc((keys + 1) * sizeof *group->keys);
    for (struct ingest_item *item = group->items; item != NULL; item = item->next) {
        struct head *head = group_head(ingest, group, &item->before);
        item->verdict = judge_item(ingest, head, item);
        if (item->verdict != INGEST_TAKEN) continue;
        add_item(group, item);
        if (item->batch.count > 0) *head = item->batch.head;
    }
}

static void answer_item(struct ingest *ingest, struct ingest_item *item, const struct head *committed, int code,
                        const struct err *err, int64_t received, struct buf *receipt) {
    struct ingest_answer answer = {.outcome = item->verdict, .next_seq = committed->seq + 1};
    if (code != 0) {
        answer = (struct ingest_answer){.outcome = INGEST_FAILED, .err = err};
    } else if (item->verdict == INGEST_TAKEN) {
        buf_clear(receipt);
        receipt_write(&ingest->site->signer, &item->batch.head, received, ingest->site->config.incarnation, receipt);
        answer = (struct ingest_answer){INGEST_TAKEN, item->batch.head.seq + 1, buf_view(receipt), NULL};
    }
    item->answered(item->session, item, &answer);
}

/* Only heads that moved are written: a stale or key-only item leaves its stream's as it was. */
static size_t drop_unmoved(struct ingest *ingest, struct head *heads, size_t count, struct head *moved) {
    size_t kept = 0;
    for (size_t i = 0; i < count; i++) {
        struct head now;
        bool known = log_head(ingest->site->log, heads[i].stream, &now) == 0;
        if (known ? now.seq != heads[i].seq : heads[i].seq != 0) moved[kept++] = heads[i];
    }
    return kept;
}

static void group_release(struct group *group) {
    while (group->items != NULL) {
        struct ingest_item *item = group->items;
        group->items = item->next;
        ingest_item_free(item);
    }
    idmap_release(&group->heads_at);
    free(group->heads);
    free(group->records);
    sodium_memzero(group->keys, group->key_count * sizeof *group->keys);
    free(group->keys);
}

bool ingest_step(struct ingest *ingest) {
    struct group group = {.items = take_items(ingest)};
    if (group.items == NULL) return false;
    struct err err = {.code = 0};
    mutex_lock(&ingest->site->writer);
    group_make(ingest, &group);
    struct head *moved = mem_alloc((group.head_count + 1) * sizeof *moved);
    struct taking taking = {.records = group.records,
                            .record_count = group.record_count,
                            .heads = moved,
                            .head_count = drop_unmoved(ingest, group.heads, group.head_count, moved),
                            .keys = group.keys,
                            .key_count = group.key_count};
    int code = BUG(ack_before_commit) ? 0 : site_take(ingest->site, &taking, &err);
    mutex_unlock(&ingest->site->writer);
    struct buf receipt = BUF_INIT;
    for (struct ingest_item *item = group.items; item != NULL; item = item->next)
        answer_item(ingest, item, group_head(ingest, &group, &item->before), code, &err, taking.received, &receipt);
    if (BUG(ack_before_commit)) site_take(ingest->site, &taking, &err);
    buf_release(&receipt);
    free(moved);
    group_release(&group);
    return true;
}
