/* Byte form:
 *
 *   0  check   u32   little-endian, CRC-32C over all that follows
 *   4  length  u32   of what follows it
 *   8  msgpack       [transaction, first, records, heads, values]
 *
 *   record  id, received, previous, frame, ref hash or nil       five elements of the list `records`, and so on
 *   head    stream, seq, chain, signature
 *   value   key, value or nil */
#include "proto/log/redo.h"

#include <stdlib.h>
#include <string.h>

#include "proto/base/cursor.h"
#include "proto/base/pack.h"
#include "proto/log/crc32c.h"

#define HEADER 8
#define RECORD_ELEMENTS 5
#define HEAD_ELEMENTS 4
#define VALUE_ELEMENTS 2
/* Of msgpack: a 64-bit number; the header of a list or bin. */
#define NUMBER_MOST 9
#define HEADER_MOST 5

size_t redo_size(const struct log_batch *batch) {
    size_t size = HEADER + 2 * NUMBER_MOST + 4 * HEADER_MOST;
    for (size_t i = 0; i < batch->record_count; i++)
        size += 3 * NUMBER_MOST + 2 * HEADER_MOST + batch->records[i].frame.len + REF_HASH_SIZE;
    for (size_t i = 0; i < batch->value_count; i++)
        size += 2 * HEADER_MOST + batch->values[i].key.len + batch->values[i].value.len;
    return size + batch->head_count * (2 * NUMBER_MOST + 2 * HEADER_MOST + CHAIN_SIZE + SIGNATURE_SIZE);
}

static void put_list(struct buf *out, size_t count, unsigned elements) {
    pack_array(out, (uint32_t)(count * elements));
}

void redo_encode(struct buf *out, uint64_t transaction, uint64_t first, const struct log_batch *batch) {
    size_t start = out->len;
    buf_reserve(out, redo_size(batch));
    out->len += HEADER;
    pack_array(out, 5);
    pack_uint(out, transaction);
    pack_uint(out, first);
    put_list(out, batch->record_count, RECORD_ELEMENTS);
    for (size_t i = 0; i < batch->record_count; i++) {
        const struct log_append *record = &batch->records[i];
        pack_uint(out, record->id);
        pack_int(out, record->received);
        pack_uint(out, record->previous);
        pack_bin(out, record->frame);
        pack_bin(out, record->ref_hash);
    }
    put_list(out, batch->head_count, HEAD_ELEMENTS);
    for (size_t i = 0; i < batch->head_count; i++) {
        const struct head *head = &batch->heads[i];
        pack_uint(out, head->stream);
        pack_uint(out, head->seq);
        pack_bin(out, view_make(head->chain, CHAIN_SIZE));
        pack_bin(out, view_make(head->signature, SIGNATURE_SIZE));
    }
    put_list(out, batch->value_count, VALUE_ELEMENTS);
    for (size_t i = 0; i < batch->value_count; i++) {
        pack_bin(out, batch->values[i].key);
        pack_bin(out, batch->values[i].value);
    }
    uint8_t *bytes = out->data + start;
    put_u32_le(bytes + 4, (uint32_t)(out->len - start - HEADER));
    put_u32_le(bytes, crc32c(0, bytes + 4, out->len - start - 4));
}

static struct view take_bin(struct cursor *c) { return cursor_nil(c) ? VIEW_NONE : cursor_bin(c); }

static void take_records(struct cursor *c, struct redo *out) {
    out->batch.record_count = cursor_array(c) / RECORD_ELEMENTS;
    out->batch.records = out->records = mem_alloc(out->batch.record_count * sizeof *out->records);
    for (size_t i = 0; i < out->batch.record_count; i++) {
        struct log_append *record = &out->records[i];
        record->id = cursor_uint(c);
        record->received = cursor_int(c);
        record->previous = cursor_uint(c);
        record->frame = cursor_bin(c);
        record->ref_hash = take_bin(c);
    }
}

static void take_heads(struct cursor *c, struct redo *out) {
    out->batch.head_count = cursor_array(c) / HEAD_ELEMENTS;
    out->batch.heads = out->heads = mem_alloc(out->batch.head_count * sizeof *out->heads);
    for (size_t i = 0; i < out->batch.head_count; i++) {
        struct head *head = &out->heads[i];
        head->stream = (uint32_t)cursor_uint(c);
        head->seq = cursor_uint(c);
        struct view chain = cursor_bin_exact(c, CHAIN_SIZE);
        struct view signature = cursor_bin_exact(c, SIGNATURE_SIZE);
        if (!cursor_ok(c)) return;
        memcpy(head->chain, chain.data, CHAIN_SIZE);
        memcpy(head->signature, signature.data, SIGNATURE_SIZE);
    }
}

static void take_values(struct cursor *c, struct redo *out) {
    out->batch.value_count = cursor_array(c) / VALUE_ELEMENTS;
    out->batch.values = out->values = mem_alloc(out->batch.value_count * sizeof *out->values);
    for (size_t i = 0; i < out->batch.value_count; i++) {
        out->values[i].key = cursor_bin(c);
        out->values[i].value = take_bin(c);
    }
}

/* A batch has the head of every stream that is held in full. */
static void mark_partial(struct redo *redo) {
    for (size_t i = 0; i < redo->batch.record_count; i++) {
        struct log_append *record = &redo->records[i];
        record->partial = true;
        for (size_t j = 0; j < redo->batch.head_count; j++)
            if (redo->heads[j].stream == id_stream(record->id)) record->partial = false;
    }
}

bool redo_decode(struct view bytes, struct redo *out) {
    *out = (struct redo){0};
    if (bytes.len < HEADER || get_u32_le(bytes.data + 4) > bytes.len - HEADER) return false;
    size_t length = get_u32_le(bytes.data + 4);
    if (length == 0 || get_u32_le(bytes.data) != crc32c(0, bytes.data + 4, length + 4)) return false;
    struct cursor c = cursor_of(view_make(bytes.data + HEADER, length));
    cursor_array(&c);
    out->transaction = cursor_uint(&c);
    out->first = cursor_uint(&c);
    take_records(&c, out);
    take_heads(&c, out);
    take_values(&c, out);
    if (cursor_done(&c)) {
        mark_partial(out);
        return true;
    }
    redo_release(out);
    return false;
}

void redo_release(struct redo *redo) {
    free(redo->records);
    free(redo->heads);
    free(redo->values);
    *redo = (struct redo){0};
}
