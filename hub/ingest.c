#include "hub/ingest.h"

#include <sodium.h>
#include <stdlib.h>
#include <string.h>
#include <utlist.h>

#include "proto/base/bug.h"
#include "proto/base/idmap.h"

#define CREDIT_LEAST 4096u /* a store may always bring something, so nobody has to be told that there is room again */
#define CREDIT_SHARE 4     /* bytes unpacked for one on the line */

struct fifo {
    struct ingest_item *first, **last;
};

/* What waits of one stream. It is there as long as something does. */
struct row {
    struct row *prev, *next; /* in the turn of those with a backlog */
    uint32_t stream;
    size_t fresh; /* of its items are in the fast lane: they go first */
    struct fifo items;
};

struct ingest {
    struct site *site;
    struct mutex lock;
    struct condition arrived;
    struct fifo fresh;
    struct row *turn;              /* with a backlog; the first is next */
    struct idmap rows;             /* stream + 1 → struct row */
    size_t items_waiting, awaited; /* so many are to be told of to whoever waits */
    size_t bytes, queue_bytes;     /* reserved, and how many may be */
    bool woken;
};

struct ingest *ingest_open(struct site *site) {
    struct ingest *ingest = mem_alloc(sizeof *ingest);
    ingest->site = site;
    ingest->fresh.last = &ingest->fresh.first;
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
    size_t bytes = ingest->bytes;
    *items = ingest->items_waiting;
    mutex_unlock(&ingest->lock);
    return bytes;
}

size_t ingest_credit(struct ingest *ingest, size_t stores, size_t most) {
    mutex_lock(&ingest->lock);
    size_t room = ingest->bytes < ingest->queue_bytes ? ingest->queue_bytes - ingest->bytes : 0;
    mutex_unlock(&ingest->lock);
    size_t credit = room / CREDIT_SHARE / (stores > 0 ? stores : 1);
    return credit < CREDIT_LEAST ? CREDIT_LEAST : credit > most ? most : credit;
}

void ingest_item_free(struct ingest_item *item) {
    if (item == NULL) return;
    struct ingest *ingest = item->ingest;
    mutex_lock(&ingest->lock);
    ingest->bytes -= item->reserved;
    mutex_unlock(&ingest->lock);
    batch_release(&item->batch);
    free(item);
}

struct ingest_item *ingest_reserve(struct ingest *ingest, size_t bytes) {
    struct ingest_item *item = NULL;
    bytes += sizeof *item;
    mutex_lock(&ingest->lock);
    if (ingest->bytes == 0 || ingest->bytes + bytes <= ingest->queue_bytes || BUG(endless_queue)) {
        item = mem_alloc(sizeof *item);
        item->ingest = ingest;
        item->reserved = bytes;
        ingest->bytes += bytes;
    }
    mutex_unlock(&ingest->lock);
    return item;
}

/* ---- Lanes; with the lock held ---- */

static void fifo_add(struct fifo *fifo, struct ingest_item *item) {
    item->next = NULL;
    *fifo->last = item;
    fifo->last = &item->next;
}

static struct ingest_item *fifo_take(struct fifo *fifo) {
    struct ingest_item *item = fifo->first;
    fifo->first = item->next;
    if (fifo->first == NULL) fifo->last = &fifo->first;
    item->next = NULL;
    return item;
}

static struct row *row_of(struct ingest *ingest, uint32_t stream) {
    bool added;
    uint64_t *place = idmap_put(&ingest->rows, (uint64_t)stream + 1, &added);
    if (!added) return (struct row *)(uintptr_t)*place;
    struct row *row = mem_alloc(sizeof *row);
    row->stream = stream;
    row->items.last = &row->items.first;
    *place = (uint64_t)(uintptr_t)row;
    return row;
}

static void row_end(struct ingest *ingest, struct row *row) {
    if (row->fresh > 0 || row->items.first != NULL) return;
    idmap_remove(&ingest->rows, (uint64_t)row->stream + 1);
    free(row);
}

static void enqueue(struct ingest *ingest, struct ingest_item *item) {
    const struct batch *batch = &item->batch;
    struct row *row = row_of(ingest, batch->stream);
    bool little = batch->count <= INGEST_FRESH_EVENTS && batch->frames.len <= INGEST_FRESH_BYTES;
    ingest->items_waiting++;
    if (row->items.first == NULL && little) {
        row->fresh++;
        fifo_add(&ingest->fresh, item);
        return;
    }
    if (row->items.first == NULL) DL_APPEND(ingest->turn, row);
    fifo_add(&row->items, item);
}

static void add_taken(struct ingest *ingest, struct fifo *taken, struct ingest_item *item, uint64_t *events) {
    ingest->items_waiting--;
    *events += item->batch.count;
    fifo_add(taken, item);
}

static void take_fresh(struct ingest *ingest, struct fifo *taken, uint64_t *events) {
    while (ingest->fresh.first != NULL && *events + ingest->fresh.first->batch.count <= INGEST_GROUP_EVENTS) {
        struct ingest_item *item = fifo_take(&ingest->fresh);
        struct row *row = row_of(ingest, item->batch.stream);
        row->fresh--;
        row_end(ingest, row);
        add_taken(ingest, taken, item, events);
    }
}

/* One batch of each in turn. A stream whose small batches wait in the fast lane waits for them. */
static void take_bulk(struct ingest *ingest, struct fifo *taken) {
    uint64_t events = 0, passed = 0;
    while (ingest->turn != NULL) {
        struct row *row = ingest->turn;
        uint32_t count = row->items.first->batch.count;
        if (events > 0 && events + count > INGEST_BULK_EVENTS) return;
        DL_DELETE(ingest->turn, row);
        if (row->fresh > 0) {
            DL_APPEND(ingest->turn, row);
            if (++passed > ingest->rows.count) return;
            continue;
        }
        add_taken(ingest, taken, fifo_take(&row->items), &events);
        if (row->items.first != NULL) DL_APPEND(ingest->turn, row);
        row_end(ingest, row);
    }
}

static struct ingest_item *take_items(struct ingest *ingest) {
    struct fifo taken = {.last = &taken.first};
    uint64_t events = 0;
    mutex_lock(&ingest->lock);
    take_fresh(ingest, &taken, &events);
    take_bulk(ingest, &taken);
    mutex_unlock(&ingest->lock);
    return taken.first;
}

void ingest_submit(struct ingest *ingest, struct ingest_item *item) {
    mutex_lock(&ingest->lock);
    enqueue(ingest, item);
    if (ingest->items_waiting >= ingest->awaited) condition_signal(&ingest->arrived);
    mutex_unlock(&ingest->lock);
}

void ingest_close(struct ingest *ingest) {
    if (ingest == NULL) return;
    for (struct ingest_item *item; (item = take_items(ingest)) != NULL;) {
        for (struct ingest_item *next; item != NULL; item = next) {
            struct err gone = {.code = ERR_CLOSED};
            next = item->next;
            item->answered(item->session, item, &(struct ingest_answer){.outcome = INGEST_FAILED, .err = &gone});
            ingest_item_free(item);
        }
    }
    idmap_release(&ingest->rows);
    mutex_destroy(&ingest->lock);
    condition_destroy(&ingest->arrived);
    free(ingest);
}

static void await(struct ingest *ingest, size_t items, int64_t ms) {
    mutex_lock(&ingest->lock);
    ingest->awaited = items;
    if (ingest->items_waiting < items && !ingest->woken) condition_wait_ms(&ingest->arrived, &ingest->lock, ms);
    ingest->woken = false;
    mutex_unlock(&ingest->lock);
}

void ingest_wait(struct ingest *ingest, int64_t ms) { await(ingest, 1, ms); }

void ingest_gather(struct ingest *ingest, int64_t ms) { await(ingest, INGEST_GATHERED, ms); }

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
    struct log_value *values; /* keys of hubs */
    char (*names)[SITE_HUB_KEY_NAME];
    size_t value_count;
};

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
            (struct log_append){.id = id_make(batch->stream, batch->first + i),
                                .received = batch->received == NULL ? 0 : batch->received[i],
                                .frame = batch_frame(batch, i)};
    for (size_t i = 0; i < batch->key_count; i++)
        group->keys[group->key_count++] =
            (struct ring_put){.id = batch->keys[i].id, .has_key = true, .key = batch->keys[i].key};
    if (!item->of_hub) return;
    struct view name = site_hub_key_name(batch->stream, group->names[group->value_count]);
    group->values[group->value_count++] = (struct log_value){name, view_make(item->hub_key, sizeof item->hub_key)};
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
    group->values = mem_alloc((items + 1) * sizeof *group->values);
    group->names = mem_alloc((items + 1) * sizeof *group->names);
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
    free(group->values);
    free(group->names);
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
                            .key_count = group.key_count,
                            .values = group.values,
                            .value_count = group.value_count};
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
