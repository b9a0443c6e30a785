/* The log in memory, for tests and the simulator: the same records, bytes and answers as the LMDB form, nothing on
 * disk. Records are never moved or freed before close, so what an iterator gave stays valid. */
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "proto/base/idmap.h"
#include "proto/base/threads.h"
#include "proto/log/append_check.h"
#include "proto/log/record.h"
#include "proto/log/site_chain.h"
#include "proto/log/streams.h"
#include "proto/log/verify.h"

struct mem_record {
    uint8_t *bytes;
    size_t size;
};

struct mem_ref {
    uint8_t hash[REF_HASH_SIZE];
    uint64_t id;
    uint64_t next; /* another one with the same first bytes: its number, 0 none */
};

struct mem_value {
    struct buf key;
    struct buf value;
};

struct mem_log {
    struct log base;
    struct mutex lock;          /* of all that follows; the writer takes it to change it, readers to look */
    struct mem_record *records; /* position 1 at [0] */
    size_t count, cap;
    struct commit_row *commits;
    size_t commit_count, commit_cap;
    struct log_streams streams;
    struct site_chain site;
    struct mem_ref *refs;
    size_t ref_count, ref_cap;
    struct idmap ref_index;   /* first bytes of the hash → number of the newest */
    struct mem_value *values; /* ascending by key */
    size_t value_count, value_cap;
};

struct mem_iterator {
    struct log_iterator base;
    struct mem_log *log;
    uint64_t position; /* the next */
};

/* Room for one more of `size` bytes. */
static void *grown(void *list, size_t count, size_t *cap, size_t size) {
    if (count < *cap) return list;
    *cap = *cap == 0 ? 16 : *cap * 2;
    return mem_resize(list, *cap * size);
}

/* ---- Refs ---- */

static uint64_t ref_slot(const uint8_t *hash) {
    uint64_t slot = get_u64_be(hash);
    return slot == 0 ? 1 : slot;
}

static const struct mem_ref *ref_find(const struct mem_log *log, const uint8_t *hash) {
    const uint64_t *newest = idmap_find(&log->ref_index, ref_slot(hash));
    for (uint64_t number = newest == NULL ? 0 : *newest; number != 0; number = log->refs[number - 1].next)
        if (memcmp(log->refs[number - 1].hash, hash, REF_HASH_SIZE) == 0) return &log->refs[number - 1];
    return NULL;
}

static void ref_add(struct mem_log *log, const uint8_t *hash, uint64_t id) {
    uint64_t *newest = idmap_put(&log->ref_index, ref_slot(hash), NULL);
    log->refs = grown(log->refs, log->ref_count, &log->ref_cap, sizeof *log->refs);
    struct mem_ref *added = &log->refs[log->ref_count++];
    memcpy(added->hash, hash, REF_HASH_SIZE);
    added->id = id;
    added->next = *newest;
    *newest = log->ref_count;
}

static void refs_undo(struct mem_log *log, size_t count) {
    while (log->ref_count > count) {
        const struct mem_ref *last = &log->refs[--log->ref_count];
        uint64_t slot = ref_slot(last->hash);
        if (last->next == 0)
            idmap_remove(&log->ref_index, slot);
        else
            *idmap_put(&log->ref_index, slot, NULL) = last->next;
    }
}

static int refs_take(struct mem_log *log, const struct log_batch *batch, struct err *err) {
    size_t before = log->ref_count;
    for (size_t i = 0; i < batch->record_count; i++) {
        const uint8_t *hash = batch->records[i].ref_hash.data;
        if (hash == NULL) continue;
        const struct mem_ref *taken = ref_find(log, hash);
        if (taken != NULL) {
            int rc = append_ref_taken(batch->records[i].id, taken->id, err);
            refs_undo(log, before);
            return rc;
        }
        ref_add(log, hash, batch->records[i].id);
    }
    return 0;
}

/* ---- Values ---- */

/* The place of the key, or where it belongs. */
static size_t value_place(const struct mem_log *log, struct view key, bool *found) {
    size_t low = 0;
    size_t high = log->value_count;
    *found = false;
    while (low < high && !*found) {
        size_t middle = low + (high - low) / 2;
        int order = view_compare(buf_view(&log->values[middle].key), key);
        *found = order == 0;
        if (order < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return *found ? high : low;
}

static void value_remove(struct mem_log *log, size_t place) {
    buf_release(&log->values[place].key);
    buf_release(&log->values[place].value);
    log->value_count--;
    memmove(&log->values[place], &log->values[place + 1], (log->value_count - place) * sizeof *log->values);
}

static void value_set(struct mem_log *log, const struct log_value *value) {
    bool found;
    size_t place = value_place(log, value->key, &found);
    if (value->value.data == NULL) {
        if (found) value_remove(log, place);
        return;
    }
    if (!found) {
        log->values = grown(log->values, log->value_count, &log->value_cap, sizeof *log->values);
        memmove(&log->values[place + 1], &log->values[place], (log->value_count - place) * sizeof *log->values);
        log->values[place] = (struct mem_value){BUF_INIT, BUF_INIT};
        log->value_count++;
        buf_append_view(&log->values[place].key, value->key);
    }
    buf_clear(&log->values[place].value);
    buf_append_view(&log->values[place].value, value->value);
}

/* ---- Append ---- */

static void record_add(struct mem_log *log, const struct log_append *append) {
    size_t size = record_size(append);
    uint8_t *bytes = mem_alloc(size);
    log->records = grown(log->records, log->count, &log->cap, sizeof *log->records);
    record_encode(bytes, log->count + 1, append);
    log->records[log->count++] = (struct mem_record){bytes, size};
    site_chain_add(&log->site, view_make(bytes, size));
}

static void commit_add(struct mem_log *log, size_t count) {
    log->commits = grown(log->commits, log->commit_count, &log->commit_cap, sizeof *log->commits);
    site_chain_commit(&log->site);
    struct commit_row *row = &log->commits[log->commit_count++];
    row->last = log->count;
    row->count = (uint32_t)count;
    memcpy(row->chain, log->site.value, CHAIN_SIZE);
}

static int mem_append(struct log *base, const struct log_batch *batch, uint64_t *first, struct err *err) {
    struct mem_log *log = (struct mem_log *)base;
    uint64_t position = log->count + 1;
    int rc = append_check(&log->base, &log->streams, batch, position, err);
    if (rc != 0) return rc;
    mutex_lock(&log->lock);
    rc = refs_take(log, batch, err);
    if (rc == 0) {
        for (size_t i = 0; i < batch->record_count; i++) record_add(log, &batch->records[i]);
        if (batch->record_count > 0) commit_add(log, batch->record_count);
        log_streams_take(&log->streams, batch, position);
        for (size_t i = 0; i < batch->value_count; i++) value_set(log, &batch->values[i]);
        *first = position;
    }
    mutex_unlock(&log->lock);
    return rc;
}

/* ---- Reading ---- */

static uint64_t mem_tip(struct log *base) {
    struct mem_log *log = (struct mem_log *)base;
    mutex_lock(&log->lock);
    uint64_t tip = log->count;
    mutex_unlock(&log->lock);
    return tip;
}

static int mem_head(struct log *base, uint32_t stream, struct head *out) {
    struct mem_log *log = (struct mem_log *)base;
    mutex_lock(&log->lock);
    const struct log_stream *found = log_streams_find(&log->streams, stream);
    bool there = found != NULL && found->head.seq > 0;
    if (there) *out = found->head;
    mutex_unlock(&log->lock);
    return there ? 0 : ERR_NOT_FOUND;
}

static int mem_heads(struct log *base, struct head **out, size_t *count, struct err *err) {
    struct mem_log *log = (struct mem_log *)base;
    (void)err;
    mutex_lock(&log->lock);
    *out = log_streams_heads(&log->streams, count);
    mutex_unlock(&log->lock);
    return 0;
}

static int mem_run_of(struct log *base, uint64_t id, uint64_t *position, uint64_t *length) {
    struct mem_log *log = (struct mem_log *)base;
    mutex_lock(&log->lock);
    bool found = log_streams_where(&log->streams, id, position, length);
    mutex_unlock(&log->lock);
    return found ? 0 : ERR_NOT_FOUND;
}

static int mem_position_of(struct log *base, uint64_t id, uint64_t *position) {
    uint64_t length;
    return mem_run_of(base, id, position, &length);
}

static int mem_ref(struct log *base, const uint8_t hash[REF_HASH_SIZE], uint64_t *id) {
    struct mem_log *log = (struct mem_log *)base;
    mutex_lock(&log->lock);
    const struct mem_ref *found = ref_find(log, hash);
    if (found != NULL) *id = found->id;
    mutex_unlock(&log->lock);
    return found != NULL ? 0 : ERR_NOT_FOUND;
}

static int mem_value(struct log *base, struct view key, struct buf *out) {
    struct mem_log *log = (struct mem_log *)base;
    bool found;
    mutex_lock(&log->lock);
    size_t place = value_place(log, key, &found);
    if (found) buf_append_view(out, buf_view(&log->values[place].value));
    mutex_unlock(&log->lock);
    return found ? 0 : ERR_NOT_FOUND;
}

static int mem_values(struct log *base, void (*each)(void *context, const struct log_value *value), void *context,
                      struct err *err) {
    struct mem_log *log = (struct mem_log *)base;
    (void)err;
    mutex_lock(&log->lock);
    for (size_t i = 0; i < log->value_count; i++)
        each(context, &(struct log_value){buf_view(&log->values[i].key), buf_view(&log->values[i].value)});
    mutex_unlock(&log->lock);
    return 0;
}

/* The record's bytes; false past the tip. */
static bool bytes_at(struct mem_log *log, uint64_t position, struct view *bytes) {
    mutex_lock(&log->lock);
    bool there = position >= 1 && position <= log->count;
    if (there) *bytes = view_make(log->records[position - 1].bytes, log->records[position - 1].size);
    mutex_unlock(&log->lock);
    return there;
}

static int mem_get(struct log *base, uint64_t position, struct record *out, struct buf *copy, struct err *err) {
    struct view bytes;
    if (!bytes_at((struct mem_log *)base, position, &bytes))
        return err_set(err, ERR_NOT_FOUND, NULL, "there is no record %llu", (unsigned long long)position);
    record_decode(bytes, position, out);
    size_t before = copy->len;
    buf_append_view(copy, out->frame);
    out->frame.data = copy->data + before;
    return 0;
}

static int mem_chain_at(struct log *base, uint64_t position, uint64_t *at, uint8_t chain[CHAIN_SIZE], struct err *err) {
    struct mem_log *log = (struct mem_log *)base;
    struct site_chain start;
    (void)err;
    site_chain_start(&start);
    mutex_lock(&log->lock);
    size_t low = 0;
    size_t high = log->commit_count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (log->commits[middle].last <= position)
            low = middle + 1;
        else
            high = middle;
    }
    *at = low == 0 ? 0 : log->commits[low - 1].last;
    memcpy(chain, low == 0 ? start.value : log->commits[low - 1].chain, CHAIN_SIZE);
    mutex_unlock(&log->lock);
    return 0;
}

/* ---- Iterating ---- */

static int mem_seek(struct log_iterator *base, uint64_t position) {
    ((struct mem_iterator *)base)->position = position == 0 ? 1 : position;
    return 0;
}

static int mem_next(struct log_iterator *base, struct record *out, struct err *err) {
    struct mem_iterator *it = (struct mem_iterator *)base;
    struct view bytes;
    (void)err;
    if (!bytes_at(it->log, it->position, &bytes)) return LOG_END;
    record_decode(bytes, it->position++, out);
    return 0;
}

static int mem_next_few(struct log_iterator *base, struct record *out, size_t max, size_t *count, struct err *err) {
    for (*count = 0; *count < max && mem_next(base, &out[*count], err) == 0;) ++*count;
    return *count > 0 ? 0 : LOG_END;
}

static void mem_pause(struct log_iterator *base) { (void)base; }

static void mem_iterator_close(struct log_iterator *base) { free(base); }

static int mem_iterate(struct log *base, struct log_iterator **out, struct err *err) {
    static const struct log_iterator_ops ops = {mem_seek, mem_next, mem_next_few, mem_pause, mem_iterator_close};
    struct mem_iterator *it = mem_alloc(sizeof *it);
    (void)err;
    *it = (struct mem_iterator){.base = {&ops}, .log = (struct mem_log *)base, .position = 1};
    *out = &it->base;
    return 0;
}

/* ---- Verify ---- */

/* What stands when verifying begins: the writer goes on meanwhile, and the caller's key_of may ask the log. */
struct snapshot {
    struct commit_row *commits;
    size_t commit_count;
    struct head *heads;
    size_t head_count;
    struct log_streams held; /* the same */
    uint64_t tip;
    size_t ref_count;
};

static void snapshot_take(struct mem_log *log, struct snapshot *out) {
    mutex_lock(&log->lock);
    out->commits = mem_alloc(log->commit_count * sizeof *out->commits);
    for (size_t i = 0; i < log->commit_count; i++) out->commits[i] = log->commits[i];
    out->commit_count = log->commit_count;
    out->heads = log_streams_heads(&log->streams, &out->head_count);
    out->held = (struct log_streams){0};
    for (size_t i = 0; i < out->head_count; i++)
        log_streams_put(&out->held, out->heads[i].stream)->head = out->heads[i];
    out->tip = log->count;
    out->ref_count = log->ref_count;
    mutex_unlock(&log->lock);
}

static int verify_at(struct mem_log *log, struct verify *v, uint64_t *refs, struct err *err) {
    struct view bytes;
    struct verified_ref ref;
    uint64_t id;
    if (!bytes_at(log, v->position + 1, &bytes))
        return err_set(err, ERR_CORRUPT, NULL, "record %llu is missing", (unsigned long long)v->position + 1);
    int rc = verify_record(v, bytes, &ref, err);
    if (rc != 0 || !ref.indexed) return rc;
    *refs += 1;
    if (mem_ref(&log->base, ref.hash, &id) == 0 && id == record_id(bytes)) return 0;
    return verify_fault(v, v->position, record_id(bytes), err, "its ref is not in the index");
}

static int verify_all(struct mem_log *log, struct verify *v, const struct snapshot *s, struct err *err) {
    uint64_t refs = 0;
    for (size_t i = 0; i < s->commit_count; i++) {
        int rc = 0;
        while (rc == 0 && v->position < s->commits[i].last) rc = verify_at(log, v, &refs, err);
        if (rc == 0) rc = verify_commit(v, &s->commits[i], err);
        if (rc != 0) return rc;
        if (v->trust != NULL && v->trust->progress != NULL) v->trust->progress(v->position, s->tip);
    }
    if (refs != s->ref_count)
        return err_set(err, ERR_CORRUPT, NULL, "the index of refs has %zu rows for %llu records with one", s->ref_count,
                       (unsigned long long)refs);
    return verify_heads(v, s->heads, s->head_count, err);
}

static int mem_verify(struct log *base, const struct log_trust *trust, struct verify_report *report, struct err *err) {
    struct mem_log *log = (struct mem_log *)base;
    struct verify v;
    struct snapshot snapshot;
    snapshot_take(log, &snapshot);
    verify_init(&v, trust, &snapshot.held);
    int rc = verify_all(log, &v, &snapshot, err);
    verify_report(&v, report);
    verify_release(&v);
    free(snapshot.commits);
    free(snapshot.heads);
    log_streams_release(&snapshot.held);
    return rc;
}

static void mem_close(struct log *base) {
    struct mem_log *log = (struct mem_log *)base;
    for (size_t i = 0; i < log->count; i++) free(log->records[i].bytes);
    while (log->value_count > 0) value_remove(log, log->value_count - 1);
    free(log->records);
    free(log->commits);
    free(log->refs);
    free(log->values);
    idmap_release(&log->ref_index);
    log_streams_release(&log->streams);
    mutex_destroy(&log->lock);
    free(log);
}

struct log *log_mem_open(const struct env *env) {
    static const struct log_ops ops = {
        .append = mem_append,
        .tip = mem_tip,
        .head = mem_head,
        .heads = mem_heads,
        .position_of = mem_position_of,
        .run_of = mem_run_of,
        .ref = mem_ref,
        .value = mem_value,
        .values = mem_values,
        .get = mem_get,
        .chain_at = mem_chain_at,
        .iterate = mem_iterate,
        .verify = mem_verify,
        .close = mem_close,
    };
    struct mem_log *log = mem_alloc(sizeof *log);
    (void)env;
    log->base.ops = &ops;
    mutex_init(&log->lock);
    site_chain_start(&log->site);
    return &log->base;
}

static void copy_records(struct mem_log *to, const struct mem_log *from) {
    to->cap = to->count = from->count;
    to->records = mem_alloc((from->count + 1) * sizeof *to->records);
    for (size_t i = 0; i < from->count; i++) {
        struct view bytes = view_make(from->records[i].bytes, from->records[i].size);
        to->records[i] = (struct mem_record){mem_alloc(bytes.len), bytes.len};
        memcpy(to->records[i].bytes, bytes.data, bytes.len);
        uint64_t id = record_id(bytes);
        log_streams_stand(&to->streams, log_streams_put(&to->streams, id_stream(id)), id_seq(id), i + 1);
    }
    to->commit_cap = to->commit_count = from->commit_count;
    to->commits = mem_alloc((from->commit_count + 1) * sizeof *to->commits);
    for (size_t i = 0; i < from->commit_count; i++) to->commits[i] = from->commits[i];
    to->site = from->site;
}

struct log *log_mem_copy(struct log *base) {
    const struct mem_log *from = (const struct mem_log *)base;
    struct mem_log *to = (struct mem_log *)log_mem_open(NULL);
    copy_records(to, from);
    for (size_t i = 0; i < from->streams.count; i++) {
        const struct log_stream *stream = &from->streams.list[i];
        log_streams_put(&to->streams, stream->head.stream)->head = stream->head;
    }
    for (size_t i = 0; i < from->ref_count; i++) ref_add(to, from->refs[i].hash, from->refs[i].id);
    for (size_t i = 0; i < from->value_count; i++) {
        struct log_value value = {buf_view(&from->values[i].key), buf_view(&from->values[i].value)};
        value_set(to, &value);
    }
    return &to->base;
}
