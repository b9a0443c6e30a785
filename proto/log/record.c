/* Byte form of a record, little-endian:
 *
 *    0  check     u32   CRC-32C over the position (u64) and all that follows here
 *    4  id        u64
 *   12  received  i64
 *   20  previous  u64   bit 63: the frame's ref is in the index of refs
 *   28  frame
 *
 * and of the row behind the last record of each commit:
 *
 *    0  check     u32   CRC-32C over that record's position (u64) and all that follows here
 *    4  count     u32   records of the commit
 *    8  chain     32    site chain, see site_chain.h */
#include "proto/log/record.h"

#include <string.h>

#include "proto/log/crc32c.h"

#define HAS_REF (UINT64_C(1) << 63)
#define CHECK_SIZE 4

static uint32_t check_of(uint64_t position, const uint8_t *bytes, size_t len) {
    uint8_t place[8];
    put_u64_le(place, position);
    return crc32c(crc32c(0, place, sizeof place), bytes + CHECK_SIZE, len - CHECK_SIZE);
}

void record_encode(uint8_t *out, uint64_t position, const struct log_append *append) {
    put_u64_le(out + 4, append->id);
    put_u64_le(out + 12, (uint64_t)append->received);
    put_u64_le(out + 20, append->previous | (append->ref_hash.data != NULL ? HAS_REF : 0));
    memcpy(out + RECORD_HEADER, append->frame.data, append->frame.len);
    put_u32_le(out, check_of(position, out, record_size(append)));
}

bool record_decode(struct view bytes, uint64_t position, struct record *out) {
    *out = (struct record){.position = position, .frame = VIEW_NONE};
    if (bytes.len < RECORD_HEADER) return false;
    out->id = get_u64_le(bytes.data + 4);
    out->received = (int64_t)get_u64_le(bytes.data + 12);
    out->previous = get_u64_le(bytes.data + 20) & ~HAS_REF;
    out->frame = view_make(bytes.data + RECORD_HEADER, bytes.len - RECORD_HEADER);
    return get_u32_le(bytes.data) == check_of(position, bytes.data, bytes.len);
}

bool record_has_ref(struct view bytes) {
    return bytes.len >= RECORD_HEADER && (get_u64_le(bytes.data + 20) & HAS_REF) != 0;
}

uint64_t record_id(struct view bytes) { return bytes.len >= RECORD_HEADER ? get_u64_le(bytes.data + 4) : 0; }

void commit_row_encode(uint8_t out[COMMIT_ROW_SIZE], const struct commit_row *row) {
    put_u32_le(out + 4, row->count);
    memcpy(out + 8, row->chain, CHAIN_SIZE);
    put_u32_le(out, check_of(row->last, out, COMMIT_ROW_SIZE));
}

bool commit_row_decode(struct view bytes, uint64_t last, struct commit_row *out) {
    if (bytes.len != COMMIT_ROW_SIZE) return false;
    out->last = last;
    out->count = get_u32_le(bytes.data + 4);
    memcpy(out->chain, bytes.data + 8, CHAIN_SIZE);
    return get_u32_le(bytes.data) == check_of(last, bytes.data, bytes.len);
}
