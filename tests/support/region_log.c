/* Logs of a region's events: a plain one that takes them in any order, and the real one in memory. */
#include <assert.h>
#include <stdlib.h>

#include "proto/base/env.h"
#include "proto/log/chain.h"
#include "tests/support/region_builder.h"

struct plain_log {
    struct log base;
    struct record *records; /* position 1 at [0] */
    size_t count;
};

struct plain_iterator {
    struct log_iterator base;
    const struct plain_log *log;
    size_t at;
};

static uint64_t plain_tip(struct log *base) { return ((struct plain_log *)base)->count; }

static int plain_get(struct log *base, uint64_t position, struct record *out, struct buf *copy, struct err *err) {
    const struct plain_log *log = (const struct plain_log *)base;
    if (position == 0 || position > log->count) return err_set(err, ERR_NOT_FOUND, NULL, "no such record");
    *out = log->records[position - 1];
    size_t start = copy->len;
    buf_append_view(copy, out->frame);
    out->frame.data = copy->data + start;
    return 0;
}

static int plain_position_of(struct log *base, uint64_t id, uint64_t *position) {
    const struct plain_log *log = (const struct plain_log *)base;
    for (size_t i = 0; i < log->count; i++) {
        *position = i + 1;
        if (log->records[i].id == id) return 0;
    }
    return ERR_NOT_FOUND;
}

static int plain_seek(struct log_iterator *base, uint64_t position) {
    ((struct plain_iterator *)base)->at = position == 0 ? 0 : position - 1;
    return 0;
}

static int plain_next(struct log_iterator *base, struct record *out, struct err *err) {
    struct plain_iterator *it = (struct plain_iterator *)base;
    (void)err;
    if (it->at >= it->log->count) return LOG_END;
    *out = it->log->records[it->at++];
    return 0;
}

static void plain_pause(struct log_iterator *base) { (void)base; }

static void plain_done(struct log_iterator *base) { free(base); }

static int plain_iterate(struct log *base, struct log_iterator **out, struct err *err) {
    static const struct log_iterator_ops ops = {plain_seek, plain_next, NULL, plain_pause, plain_done};
    (void)err;
    struct plain_iterator *it = mem_alloc(sizeof *it);
    it->base.ops = &ops;
    it->log = (const struct plain_log *)base;
    *out = &it->base;
    return 0;
}

static void plain_close(struct log *base) {
    free(((struct plain_log *)base)->records);
    free(base);
}

/* The hint of the next record about a subject: where the last one that names it stands. */
static uint64_t hint(struct idmap *last, uint64_t subject, uint64_t position) {
    if (subject == 0) return 0;
    uint64_t *place = idmap_put(last, subject, NULL), previous = *place;
    *place = position;
    return previous;
}

struct log *region_log(const struct region *r, const size_t *order, size_t count) {
    static const struct log_ops ops = {.tip = plain_tip,
                                       .position_of = plain_position_of,
                                       .get = plain_get,
                                       .iterate = plain_iterate,
                                       .close = plain_close};
    struct plain_log *log = mem_alloc(sizeof *log);
    struct idmap last = {NULL, 0, 0};
    log->base.ops = &ops;
    log->records = mem_alloc((count + 1) * sizeof *log->records);
    for (; log->count < count; log->count++) {
        size_t index = order == NULL ? log->count : order[log->count];
        log->records[log->count] = (struct record){
            .position = log->count + 1,
            .id = r->events[index].id,
            .previous = hint(&last, r->events[index].subject, log->count + 1),
            .frame = region_frame(r, index),
        };
    }
    idmap_release(&last);
    return &log->base;
}

static void append_one(struct log *log, const struct region *r, size_t index, uint64_t previous) {
    struct head head;
    uint32_t stream = id_stream(r->events[index].id);
    uint8_t key[PUBLIC_KEY_SIZE] = {0};
    uint64_t position;
    struct err err;
    if (log_head(log, stream, &head) != 0) {
        head = (struct head){.stream = stream};
        chain_start(stream, key, head.chain);
    }
    head.seq = id_seq(r->events[index].id);
    chain_next(head.chain, region_frame(r, index));
    struct log_append record = {.id = r->events[index].id, .previous = previous, .frame = region_frame(r, index)};
    struct log_batch batch = {.records = &record, .record_count = 1, .heads = &head, .head_count = 1};
    int rc = log_append(log, &batch, &position, &err);
    if (rc != 0) fprintf(stderr, "region_real_log: %s\n", err.text);
    assert(rc == 0);
}

struct log *region_real_log(const struct region *r, const size_t *order, size_t count) {
    struct log *log = log_mem_open(env_os());
    struct idmap last = {NULL, 0, 0};
    for (size_t i = 0; i < count; i++) {
        size_t index = order == NULL ? i : order[i];
        append_one(log, r, index, hint(&last, r->events[index].subject, i + 1));
    }
    idmap_release(&last);
    return log;
}
