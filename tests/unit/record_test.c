/* The bytes of records, rows and batches written down: frozen, and every flipped byte is noticed. */
#include <criterion/criterion.h>
#include <string.h>

#include "proto/log/crc32c.h"
#include "proto/log/record.h"
#include "proto/log/redo.h"
#include "proto/log/rows.h"

static void hex_is(struct view bytes, const char *expected) {
    char text[512];
    cr_assert_leq(2 * bytes.len + 1, sizeof text);
    hex_encode(bytes, text);
    cr_assert_str_eq(text, expected);
}

/* ---- CRC-32C ---- */

/* RFC 3720, B.4. */
Test(crc32c, gives_the_published_values) {
    uint8_t bytes[32] = {0};
    cr_assert_eq(crc32c(0, bytes, sizeof bytes), 0x8a9136aa);
    memset(bytes, 0xff, sizeof bytes);
    cr_assert_eq(crc32c(0, bytes, sizeof bytes), 0x62a8ab43);
    for (size_t i = 0; i < sizeof bytes; i++) bytes[i] = (uint8_t)i;
    cr_assert_eq(crc32c(0, bytes, sizeof bytes), 0x46dd794e);
    cr_assert_eq(crc32c_portable(0, bytes, sizeof bytes), 0x46dd794e);
    cr_assert_eq(crc32c(0, "123456789", 9), 0xe3069283);
    cr_assert_eq(crc32c(0, bytes, 0), 0);
}

Test(crc32c, is_the_same_both_ways_and_in_pieces) {
    uint8_t bytes[257];
    for (size_t i = 0; i < sizeof bytes; i++) bytes[i] = (uint8_t)(i * 131 + 7);
    for (size_t len = 0; len <= sizeof bytes; len++) {
        uint32_t whole = crc32c(0, bytes, len);
        cr_assert_eq(whole, crc32c_portable(0, bytes, len));
        cr_assert_eq(whole, crc32c(crc32c(0, bytes, len / 3), bytes + len / 3, len - len / 3));
    }
}

/* ---- Records ---- */

static const struct log_append append = {
    .id = UINT64_C(65537) << 40 | 845,
    .received = INT64_C(1764547200123),
    .previous = 77,
    .frame = {(const uint8_t *)"frame", 5},
    .ref_hash = {(const uint8_t *)"0123456789abcdef", 16},
};

Test(record, has_frozen_bytes) {
    uint8_t bytes[64];
    struct log_append plain = append;
    cr_assert_eq(record_size(&append), 33);
    record_encode(bytes, 12, &append);
    hex_is(view_make(bytes, 33), "39ac7ef34d030000000100017b8435d79a0100004d000000000000806672616d65");
    plain.ref_hash = VIEW_NONE;
    record_encode(bytes, 12, &plain);
    cr_assert_not(record_has_ref(view_make(bytes, 33)));
    cr_assert_eq(get_u64_le(bytes + 20), 77);
}

Test(record, comes_back) {
    uint8_t bytes[64];
    struct record record;
    record_encode(bytes, 12, &append);
    cr_assert(record_decode(view_make(bytes, 33), 12, &record));
    cr_assert_eq(record.position, 12);
    cr_assert_eq(record.id, append.id);
    cr_assert_eq(record.received, append.received);
    cr_assert_eq(record.previous, 77);
    cr_assert(view_is(record.frame, "frame"));
    cr_assert(record_has_ref(view_make(bytes, 33)));
    cr_assert_eq(record_id(view_make(bytes, 33)), append.id);
}

Test(record, notices_every_flipped_bit) {
    uint8_t bytes[64];
    struct record record;
    record_encode(bytes, 12, &append);
    for (size_t bit = 0; bit < 33 * 8; bit++) {
        bytes[bit / 8] ^= (uint8_t)(1u << bit % 8);
        cr_assert_not(record_decode(view_make(bytes, 33), 12, &record), "bit %zu", bit);
        bytes[bit / 8] ^= (uint8_t)(1u << bit % 8);
    }
    cr_assert_not(record_decode(view_make(bytes, 33), 13, &record));
    for (size_t len = 0; len < 33; len++) cr_assert_not(record_decode(view_make(bytes, len), 12, &record));
    cr_assert_eq(record_id(view_make(bytes, 27)), 0);
}

Test(record, commit_rows_come_back_and_notice_flips) {
    uint8_t bytes[COMMIT_ROW_SIZE];
    struct commit_row row = {.last = 9, .count = 3};
    struct commit_row found;
    memset(row.chain, 0xc5, sizeof row.chain);
    commit_row_encode(bytes, &row);
    hex_is(view_make(bytes, 8), "9580456a03000000");
    cr_assert(commit_row_decode(view_make(bytes, sizeof bytes), 9, &found));
    cr_assert_eq(found.last, 9);
    cr_assert_eq(found.count, 3);
    cr_assert_eq(memcmp(found.chain, row.chain, CHAIN_SIZE), 0);
    cr_assert_not(commit_row_decode(view_make(bytes, sizeof bytes), 8, &found));
    cr_assert_not(commit_row_decode(view_make(bytes, sizeof bytes - 1), 9, &found));
    for (size_t i = 0; i < sizeof bytes; i++) {
        bytes[i] ^= 0x10;
        cr_assert_not(commit_row_decode(view_make(bytes, sizeof bytes), 9, &found), "byte %zu", i);
        bytes[i] ^= 0x10;
    }
}

/* ---- Rows ---- */

Test(rows, have_frozen_bytes) {
    uint8_t key[RUN_KEY_SIZE];
    uint8_t bytes[HEAD_ROW_SIZE];
    const struct run run = {.seq = 845, .position = 12, .count = 3};
    const struct log_state state = {.format = 1, .flushed = 500, .transaction = 77};
    run_key(key, 65537, 845);
    hex_is(view_make(key, sizeof key), "00010001000000000000034d");
    run_row_encode(bytes, view_make(key, sizeof key), &run);
    hex_is(view_make(bytes, RUN_ROW_SIZE), "4370cd6d0c000000000000000300000000000000");
    ref_row_encode(bytes, view_of("0123456789abcdef"), append.id);
    hex_is(view_make(bytes, REF_ROW_SIZE), "6571a3474d03000000010001");
    state_row_encode(bytes, &state);
    hex_is(view_make(bytes, STATE_ROW_SIZE), "2b95a98301000000f4010000000000004d00000000000000");
    head_key(key, 65537);
    hex_is(view_make(key, HEAD_KEY_SIZE), "6800010001");
}

Test(rows, come_back) {
    uint8_t key[RUN_KEY_SIZE];
    uint8_t bytes[HEAD_ROW_SIZE];
    const struct run run = {.seq = 845, .position = 12, .count = 3};
    struct head head = {.stream = 65537, .seq = 845};
    struct run found;
    struct head found_head;
    uint32_t stream;
    uint64_t id;
    run_key(key, 65537, 845);
    run_row_encode(bytes, view_make(key, sizeof key), &run);
    cr_assert(run_row_decode(view_make(key, sizeof key), view_make(bytes, RUN_ROW_SIZE), &stream, &found));
    cr_assert_eq(stream, 65537);
    cr_assert_eq(found.seq, 845);
    cr_assert_eq(found.position, 12);
    cr_assert_eq(found.count, 3);
    ref_row_encode(bytes, append.ref_hash, append.id);
    cr_assert(ref_row_decode(append.ref_hash, view_make(bytes, REF_ROW_SIZE), &id));
    cr_assert_eq(id, append.id);
    memset(head.chain, 1, sizeof head.chain);
    memset(head.signature, 2, sizeof head.signature);
    head_key(key, 65537);
    head_row_encode(bytes, view_make(key, HEAD_KEY_SIZE), &head);
    cr_assert(head_row_decode(view_make(key, HEAD_KEY_SIZE), view_make(bytes, HEAD_ROW_SIZE), &found_head));
    cr_assert_eq(found_head.stream, 65537);
    cr_assert_eq(found_head.seq, 845);
    cr_assert_eq(memcmp(found_head.chain, head.chain, CHAIN_SIZE), 0);
    cr_assert_eq(memcmp(found_head.signature, head.signature, SIGNATURE_SIZE), 0);
}

Test(rows, notice_every_flipped_bit_of_key_and_value) {
    uint8_t row[RUN_KEY_SIZE + RUN_ROW_SIZE];
    const struct view key = {row, RUN_KEY_SIZE};
    const struct view value = {row + RUN_KEY_SIZE, RUN_ROW_SIZE};
    const struct run run = {.seq = 845, .position = 12, .count = 3};
    struct run found;
    uint32_t stream;
    run_key(row, 65537, 845);
    run_row_encode(row + RUN_KEY_SIZE, key, &run);
    for (size_t bit = 0; bit < sizeof row * 8; bit++) {
        row[bit / 8] ^= (uint8_t)(1u << bit % 8);
        cr_assert_not(run_row_decode(key, value, &stream, &found), "bit %zu", bit);
        row[bit / 8] ^= (uint8_t)(1u << bit % 8);
    }
    cr_assert(run_row_decode(key, value, &stream, &found));
    cr_assert_not(run_row_decode(key, view_make(value.data, value.len - 1), &stream, &found));
}

Test(rows, state_tells_a_later_format) {
    uint8_t bytes[STATE_ROW_SIZE + 8] = {0};
    const struct log_state state = {.format = 2, .flushed = 500, .transaction = 77};
    struct log_state found;
    state_row_encode(bytes, &state);
    cr_assert(state_row_decode(view_make(bytes, STATE_ROW_SIZE), &found));
    cr_assert_eq(found.format, 2);
    cr_assert_eq(found.flushed, 500);
    cr_assert_eq(found.transaction, 77);
    row_seal(view_of(STATE_KEY), bytes, sizeof bytes);
    cr_assert(state_row_decode(view_make(bytes, sizeof bytes), &found));
    cr_assert_not(state_row_decode(view_make(bytes, STATE_ROW_SIZE - 1), &found));
}

/* ---- Batches written down ---- */

static struct buf redo_bytes(void) {
    static struct head head = {.stream = 65537, .seq = 845};
    static const struct log_value values[] = {
        {{(const uint8_t *)"cursor", 6}, {(const uint8_t *)"12", 2}},
        {{(const uint8_t *)"gone", 4}, {NULL, 0}},
        {{(const uint8_t *)"empty", 5}, {(const uint8_t *)"", 0}},
    };
    struct log_append records[2] = {append, append};
    struct buf out = BUF_INIT;
    records[1].received = -5;
    records[1].ref_hash = VIEW_NONE;
    memset(head.chain, 0xc5, sizeof head.chain);
    memset(head.signature, 0x51, sizeof head.signature);
    const struct log_batch batch = {records, 2, &head, 1, values, 3};
    redo_encode(&out, 77, 12, &batch);
    cr_assert_leq(out.len, redo_size(&batch));
    return out;
}

Test(redo, comes_back) {
    struct buf bytes = redo_bytes();
    struct redo redo;
    buf_append(&bytes, "what stood there before", 23);
    cr_assert(redo_decode(buf_view(&bytes), &redo));
    cr_assert_eq(redo.transaction, 77);
    cr_assert_eq(redo.first, 12);
    cr_assert_eq(redo.batch.record_count, 2);
    cr_assert_eq(redo.batch.records[0].id, append.id);
    cr_assert_eq(redo.batch.records[0].received, append.received);
    cr_assert_eq(redo.batch.records[0].previous, append.previous);
    cr_assert(view_equal(redo.batch.records[0].frame, append.frame));
    cr_assert(view_equal(redo.batch.records[0].ref_hash, append.ref_hash));
    cr_assert_eq(redo.batch.records[1].received, -5);
    cr_assert_null(redo.batch.records[1].ref_hash.data);
    cr_assert_eq(redo.batch.head_count, 1);
    cr_assert_eq(redo.batch.heads[0].stream, 65537);
    cr_assert_eq(redo.batch.heads[0].seq, 845);
    cr_assert_eq(redo.batch.heads[0].chain[31], 0xc5);
    cr_assert_eq(redo.batch.heads[0].signature[63], 0x51);
    cr_assert_eq(redo.batch.value_count, 3);
    cr_assert(view_is(redo.batch.values[0].value, "12"));
    cr_assert(view_is(redo.batch.values[1].key, "gone"));
    cr_assert_null(redo.batch.values[1].value.data);
    cr_assert(view_is(redo.batch.values[2].value, ""));
    redo_release(&redo);
    buf_release(&bytes);
}

/* A sync that did not finish leaves any part of it behind. */
Test(redo, is_nothing_unless_whole) {
    struct buf bytes = redo_bytes();
    struct redo redo;
    for (size_t len = 0; len < bytes.len; len++) cr_assert_not(redo_decode(view_make(bytes.data, len), &redo));
    for (size_t i = 0; i < bytes.len; i++) {
        bytes.data[i] ^= 0x04;
        cr_assert_not(redo_decode(buf_view(&bytes), &redo), "byte %zu", i);
        bytes.data[i] ^= 0x04;
    }
    memset(bytes.data, 0, bytes.len);
    cr_assert_not(redo_decode(buf_view(&bytes), &redo));
    buf_release(&bytes);
}
