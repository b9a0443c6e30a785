/* Byte forms; numbers in keys are big-endian, in values little-endian. `check`: u32, CRC-32C over the whole key and all
 * that follows the check.
 *
 *   run     key  stream u32, first seq u64          value  check, position of the first u64, count u64
 *   ref     key  hash 16 (chain.h)                  value  check, id u64
 *   head    key  "h", stream u32                    value  check, seq u64, chain 32, signature 64
 *   value   key  "v", name                          value  check, bytes
 *   state   key  "state"                            value  check, format u32, flushed u64, transaction u64 */
#include "proto/log/rows.h"

#include <string.h>

#include "proto/log/crc32c.h"

static uint32_t check_of(struct view key, const uint8_t *value, size_t len) {
    return crc32c(crc32c(0, key.data, key.len), value + ROW_CHECK, len - ROW_CHECK);
}

void row_seal(struct view key, uint8_t *value, size_t len) { put_u32_le(value, check_of(key, value, len)); }

bool row_holds(struct view key, struct view value) {
    return value.len >= ROW_CHECK && get_u32_le(value.data) == check_of(key, value.data, value.len);
}

void run_key(uint8_t out[RUN_KEY_SIZE], uint32_t stream, uint64_t seq) {
    put_u32_be(out, stream);
    put_u64_be(out + 4, seq);
}

void run_row_encode(uint8_t out[RUN_ROW_SIZE], struct view key, const struct run *run) {
    put_u64_le(out + 4, run->position);
    put_u64_le(out + 12, run->count);
    row_seal(key, out, RUN_ROW_SIZE);
}

bool run_row_decode(struct view key, struct view value, uint32_t *stream, struct run *out) {
    if (key.len != RUN_KEY_SIZE || value.len != RUN_ROW_SIZE || !row_holds(key, value)) return false;
    *stream = get_u32_be(key.data);
    out->seq = get_u64_be(key.data + 4);
    out->position = get_u64_le(value.data + 4);
    out->count = get_u64_le(value.data + 12);
    return true;
}

void ref_row_encode(uint8_t out[REF_ROW_SIZE], struct view hash, uint64_t id) {
    put_u64_le(out + 4, id);
    row_seal(hash, out, REF_ROW_SIZE);
}

bool ref_row_decode(struct view hash, struct view value, uint64_t *id) {
    if (hash.len != REF_HASH_SIZE || value.len != REF_ROW_SIZE || !row_holds(hash, value)) return false;
    *id = get_u64_le(value.data + 4);
    return true;
}

void head_key(uint8_t out[HEAD_KEY_SIZE], uint32_t stream) {
    out[0] = HEAD_KEY_PREFIX;
    put_u32_be(out + 1, stream);
}

void head_row_encode(uint8_t out[HEAD_ROW_SIZE], struct view key, const struct head *head) {
    put_u64_le(out + 4, head->seq);
    memcpy(out + 12, head->chain, CHAIN_SIZE);
    memcpy(out + 12 + CHAIN_SIZE, head->signature, SIGNATURE_SIZE);
    row_seal(key, out, HEAD_ROW_SIZE);
}

bool head_row_decode(struct view key, struct view value, struct head *out) {
    if (key.len != HEAD_KEY_SIZE || value.len != HEAD_ROW_SIZE || !row_holds(key, value)) return false;
    out->stream = get_u32_be(key.data + 1);
    out->seq = get_u64_le(value.data + 4);
    memcpy(out->chain, value.data + 12, CHAIN_SIZE);
    memcpy(out->signature, value.data + 12 + CHAIN_SIZE, SIGNATURE_SIZE);
    return true;
}

void state_row_encode(uint8_t out[STATE_ROW_SIZE], const struct log_state *state) {
    put_u32_le(out + 4, state->format);
    put_u64_le(out + 8, state->flushed);
    put_u64_le(out + 16, state->transaction);
    row_seal(view_of(STATE_KEY), out, STATE_ROW_SIZE);
}

bool state_row_decode(struct view value, struct log_state *out) {
    /* A later format may add to it, and must still be recognised as one. */
    if (value.len < STATE_ROW_SIZE || !row_holds(view_of(STATE_KEY), value)) return false;
    out->format = get_u32_le(value.data + 4);
    out->flushed = get_u64_le(value.data + 8);
    out->transaction = get_u64_le(value.data + 16);
    return true;
}
