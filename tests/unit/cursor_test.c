/* The cursor against its specification, and against msgpack-c on generated values. */
#include <criterion/criterion.h>
#include <msgpack.h>
#include <stdlib.h>
#include <string.h>

#include "proto/base/cursor.h"
#include "proto/base/pack.h"

#define BYTES(...) ((struct view){(const uint8_t[]){__VA_ARGS__}, sizeof((const uint8_t[]){__VA_ARGS__})})

/* A view in memory of its own, so that a sanitizer sees any byte read past its end. */
static struct cursor exact_copy(struct view bytes, void **memory) {
    *memory = mem_alloc(bytes.len > 0 ? bytes.len : 1);
    if (bytes.len > 0) memcpy(*memory, bytes.data, bytes.len);
    return cursor_of(view_make(*memory, bytes.len));
}

/* A seeded generator (xorshift64*), so that a failure can be repeated. */
static uint64_t state = 88172645463325252ULL;

static uint64_t next_random(void) {
    state ^= state >> 12;
    state ^= state << 25;
    state ^= state >> 27;
    return state * 2685821657736338717ULL;
}

/* Of all magnitudes alike. */
static uint64_t next_magnitude(void) { return next_random() >> (next_random() % 64); }

Test(cursor, an_empty_input_is_done_and_reads_as_a_failure) {
    struct cursor c = cursor_of(VIEW_NONE);
    cr_assert(cursor_ok(&c) && cursor_done(&c));
    cr_assert_eq(cursor_peek(&c), CURSOR_END);
    cr_assert_not(cursor_nil(&c));
    cr_assert(cursor_ok(&c), "asking for a nil is no failure");
    cr_assert_eq(cursor_uint(&c), 0);
    cr_assert_not(cursor_ok(&c));
    cr_assert_not(cursor_done(&c));
}

Test(cursor, a_failure_lasts_and_gives_zero_values) {
    struct cursor c = cursor_of(BYTES(0xc3, 0x05, 0xa1, 'x', 0x91, 0x01));
    cr_assert_eq(cursor_uint(&c), 0);
    cr_assert_not(cursor_ok(&c));
    cr_assert_eq(cursor_uint(&c), 0);
    cr_assert_eq(cursor_int(&c), 0);
    cr_assert_not(cursor_bool(&c));
    cr_assert_not(cursor_nil(&c));
    cr_assert_null(cursor_str(&c).data);
    cr_assert_null(cursor_bin(&c).data);
    cr_assert_null(cursor_bin_exact(&c, 0).data);
    cr_assert_eq(cursor_array(&c), 0);
    cr_assert_null(cursor_skip(&c).data);
    cr_assert_eq(cursor_peek(&c), CURSOR_END);
    cr_assert_eq(cursor_left(&c), 0);
    cr_assert_not(cursor_ok(&c));
}

Test(cursor, reads_every_kind) {
    struct cursor c = cursor_of(BYTES(0x96, 0xc0, 0xc3, 0x7f, 0xe0, 0xa2, 'h', 'i', 0xc4, 2, 1, 2));
    cr_assert_eq(cursor_peek(&c), CURSOR_ARRAY);
    cr_assert_eq(cursor_array(&c), 6);
    cr_assert_eq(cursor_peek(&c), CURSOR_NIL);
    cr_assert(cursor_nil(&c));
    cr_assert_eq(cursor_peek(&c), CURSOR_BOOL);
    cr_assert(cursor_bool(&c));
    cr_assert_eq(cursor_peek(&c), CURSOR_INT);
    cr_assert_eq(cursor_uint(&c), 127);
    cr_assert_eq(cursor_peek(&c), CURSOR_INT);
    cr_assert_eq(cursor_int(&c), -32);
    cr_assert_eq(cursor_peek(&c), CURSOR_STR);
    cr_assert(view_is(cursor_str(&c), "hi"));
    cr_assert_eq(cursor_peek(&c), CURSOR_BIN);
    cr_assert(view_equal(cursor_bin_exact(&c, 2), BYTES(1, 2)));
    cr_assert(cursor_done(&c));
}

Test(cursor, an_empty_text_is_not_an_absent_one) {
    struct cursor c = cursor_of(BYTES(0xa0, 0xc4, 0x00, 0x90));
    cr_assert_not_null(cursor_str(&c).data);
    cr_assert_not_null(cursor_bin(&c).data);
    cr_assert_eq(cursor_array(&c), 0);
    cr_assert(cursor_done(&c));
}

Test(cursor, a_bin_of_another_length_is_refused) {
    struct cursor c = cursor_of(BYTES(0xc4, 2, 1, 2));
    cr_assert_null(cursor_bin_exact(&c, 3).data);
    cr_assert_not(cursor_ok(&c));
}

enum reading { READ_UINT, READ_INT, READ_BOOL, READ_NIL, READ_STR, READ_BIN, READ_ARRAY, READ_SKIP, READINGS };

static bool accepts(struct cursor c, enum reading reading) {
    switch (reading) {
    case READ_UINT: cursor_uint(&c); break;
    case READ_INT: cursor_int(&c); break;
    case READ_BOOL: cursor_bool(&c); break;
    case READ_NIL: return cursor_nil(&c);
    case READ_STR: cursor_str(&c); break;
    case READ_BIN: cursor_bin(&c); break;
    case READ_ARRAY: cursor_array(&c); break;
    case READ_SKIP: return cursor_skip(&c).data != NULL;
    case READINGS: return false;
    }
    return cursor_ok(&c);
}

/* Whether any reading accepts these bytes as one value. */
static bool any_accepts(struct view bytes) {
    void *memory;
    bool accepted = false;
    struct cursor start = exact_copy(bytes, &memory);
    for (enum reading reading = READ_UINT; reading < READINGS; reading++) accepted |= accepts(start, reading);
    free(memory);
    return accepted;
}

/* A head, then `filler` bytes of nil. */
static struct view padded(uint8_t *room, size_t filler, struct view head) {
    memset(room, 0xc0, head.len + filler);
    memcpy(room, head.data, head.len);
    return view_make(room, head.len + filler);
}

Test(cursor, forms_longer_than_needed_are_refused) {
    static uint8_t room[70000];
    const struct view heads[] = {
        BYTES(0xcc, 0x00),
        BYTES(0xcc, 0x7f), /* 8 bits for 7 */
        BYTES(0xcd, 0x00, 0xff),
        BYTES(0xcd, 0x00, 0x01),                         /* 16 for 8 */
        BYTES(0xce, 0, 0, 0xff, 0xff),                   /* 32 for 16 */
        BYTES(0xcf, 0, 0, 0, 0, 0xff, 0xff, 0xff, 0xff), /* 64 for 32 */
        BYTES(0xd0, 0x00),
        BYTES(0xd0, 0x7f), /* signed, not below zero */
        BYTES(0xd1, 0x00, 0x80),
        BYTES(0xd1, 0x7f, 0xff),                                     /* the same */
        BYTES(0xd2, 0x7f, 0xff, 0xff, 0xff),                         /* the same */
        BYTES(0xd3, 0x7f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff), /* the same */
        BYTES(0xd0, 0xe0),
        BYTES(0xd0, 0xff), /* 8 bits for 5 */
        BYTES(0xd1, 0xff, 0x80),
        BYTES(0xd1, 0xff, 0xff),                            /* 16 for 8 */
        BYTES(0xd2, 0xff, 0xff, 0x80, 0x00),                /* 32 for 16 */
        BYTES(0xd3, 0xff, 0xff, 0xff, 0xff, 0x80, 0, 0, 0), /* 64 for 32 */
        BYTES(0xd9, 31),
        BYTES(0xd9, 0),
        BYTES(0xda, 0, 255),
        BYTES(0xdb, 0, 0, 255, 255), /* texts */
        BYTES(0xc5, 0, 255),
        BYTES(0xc6, 0, 0, 255, 255), /* bytes */
        BYTES(0xdc, 0, 15),
        BYTES(0xdc, 0, 0),
        BYTES(0xdd, 0, 0, 255, 255), /* arrays */
    };
    for (size_t i = 0; i < sizeof heads / sizeof heads[0]; i++)
        cr_assert_not(any_accepts(padded(room, 66000, heads[i])), "head %zu", i);
}

Test(cursor, the_shortest_of_each_longer_form_is_accepted) {
    static uint8_t room[70000];
    const struct view heads[] = {
        BYTES(0xcc, 0x80),
        BYTES(0xcd, 0x01, 0x00),
        BYTES(0xce, 0, 1, 0, 0),
        BYTES(0xcf, 0, 0, 0, 1, 0, 0, 0, 0),
        BYTES(0xd0, 0xdf),
        BYTES(0xd1, 0xff, 0x7f),
        BYTES(0xd2, 0xff, 0xff, 0x7f, 0xff),
        BYTES(0xd3, 0xff, 0xff, 0xff, 0xff, 0x7f, 0xff, 0xff, 0xff),
        BYTES(0xd9, 32),
        BYTES(0xda, 1, 0),
        BYTES(0xdb, 0, 1, 0, 0),
        BYTES(0xc4, 0),
        BYTES(0xc5, 1, 0),
        BYTES(0xc6, 0, 1, 0, 0),
        BYTES(0xdc, 0, 16),
        BYTES(0xdd, 0, 1, 0, 0),
    };
    for (size_t i = 0; i < sizeof heads / sizeof heads[0]; i++)
        cr_assert(any_accepts(padded(room, 66000, heads[i])), "head %zu", i);
}

Test(cursor, floats_maps_extensions_and_the_unused_code_are_refused) {
    static uint8_t room[64];
    for (unsigned first = 0; first < 256; first++) {
        bool refused = (first >= 0x80 && first < 0x90) || first == 0xc1 || (first >= 0xc7 && first <= 0xcb) ||
                       (first >= 0xd4 && first <= 0xd8) || first >= 0xde;
        if (!refused || first >= 0xe0) continue;
        struct view value = padded(room, 40, BYTES((uint8_t)first));
        struct cursor c = cursor_of(value);
        cr_assert_eq(cursor_peek(&c), CURSOR_OTHER, "%02x", first);
        cr_assert_not(any_accepts(value), "%02x", first);
    }
}

Test(cursor, counts_and_lengths_beyond_what_remains_are_refused) {
    static uint8_t room[64];
    const struct view heads[] = {
        BYTES(0x9f),
        BYTES(0xbf),
        BYTES(0xdc, 0xff, 0xff),
        BYTES(0xdd, 0xff, 0xff, 0xff, 0xff),
        BYTES(0xd9, 0xff),
        BYTES(0xda, 0xff, 0xff),
        BYTES(0xdb, 0xff, 0xff, 0xff, 0xff),
        BYTES(0xc4, 0xff),
        BYTES(0xc5, 0xff, 0xff),
        BYTES(0xc6, 0xff, 0xff, 0xff, 0xff),
        BYTES(0xdc, 0, 16),
        BYTES(0xc4, 15),
        BYTES(0xae),
    };
    for (size_t i = 0; i < sizeof heads / sizeof heads[0]; i++)
        cr_assert_not(any_accepts(padded(room, 13, heads[i])), "head %zu", i);
    cr_assert(any_accepts(padded(room, 15, BYTES(0x9f))));
}

Test(cursor, integers_of_the_other_sign_or_too_large_are_refused) {
    struct cursor c = cursor_of(BYTES(0xff));
    cursor_uint(&c);
    cr_assert_not(cursor_ok(&c));
    c = cursor_of(BYTES(0xd0, 0x80));
    cursor_uint(&c);
    cr_assert_not(cursor_ok(&c));
    c = cursor_of(BYTES(0xcf, 0x80, 0, 0, 0, 0, 0, 0, 0));
    cursor_int(&c);
    cr_assert_not(cursor_ok(&c));
    c = cursor_of(BYTES(0xcf, 0x80, 0, 0, 0, 0, 0, 0, 0));
    cr_assert_eq(cursor_skip(&c).len, 9);
}

Test(cursor, skipping_goes_as_deep_as_allowed_and_no_deeper) {
    uint8_t nested[CURSOR_MAX_DEPTH + 2];
    memset(nested, 0x91, sizeof nested);
    nested[CURSOR_MAX_DEPTH] = 0x2a;
    struct cursor c = cursor_of(view_make(nested, CURSOR_MAX_DEPTH + 1));
    cr_assert_eq(cursor_skip(&c).len, CURSOR_MAX_DEPTH + 1);
    nested[CURSOR_MAX_DEPTH] = 0x90;
    c = cursor_of(view_make(nested, CURSOR_MAX_DEPTH + 1));
    cr_assert_null(cursor_skip(&c).data);
    cr_assert_not(cursor_ok(&c));
}

Test(cursor, skipping_takes_one_value_and_refuses_a_bad_one_inside) {
    struct cursor c = cursor_of(BYTES(0x93, 0x90, 0x92, 0xc0, 0xa1, 'x', 0x91, 0xc2, 0x05));
    cr_assert_eq(cursor_skip(&c).len, 8);
    cr_assert_eq(cursor_uint(&c), 5);
    cr_assert(cursor_done(&c));
    c = cursor_of(BYTES(0x92, 0x01, 0xcc, 0x01));
    cr_assert_null(cursor_skip(&c).data);
    c = cursor_of(BYTES(0x92, 0x01, 0x80));
    cr_assert_null(cursor_skip(&c).data);
}

/* msgpack-c's pointer to an empty text may be NULL. */
static bool same_bytes(struct view read, const void *data, uint32_t len) {
    return read.data != NULL && read.len == len && (len == 0 || memcmp(read.data, data, len) == 0);
}

/* Reads and compares. */
static void compare_value(struct cursor *c, const msgpack_object *expected) {
    switch (expected->type) {
    case MSGPACK_OBJECT_NIL: cr_assert(cursor_nil(c)); return;
    case MSGPACK_OBJECT_BOOLEAN: cr_assert_eq(cursor_bool(c), expected->via.boolean); return;
    case MSGPACK_OBJECT_POSITIVE_INTEGER: cr_assert_eq(cursor_uint(c), expected->via.u64); return;
    case MSGPACK_OBJECT_NEGATIVE_INTEGER: cr_assert_eq(cursor_int(c), expected->via.i64); return;
    case MSGPACK_OBJECT_STR:
        cr_assert(same_bytes(cursor_str(c), expected->via.str.ptr, expected->via.str.size));
        return;
    case MSGPACK_OBJECT_BIN:
        cr_assert(same_bytes(cursor_bin(c), expected->via.bin.ptr, expected->via.bin.size));
        return;
    case MSGPACK_OBJECT_ARRAY:
        cr_assert_eq(cursor_array(c), expected->via.array.size);
        for (uint32_t i = 0; i < expected->via.array.size; i++) compare_value(c, &expected->via.array.ptr[i]);
        return;
    default: cr_assert_fail("a kind that is never generated");
    }
}

static void pack_random(struct buf *out, int depth) {
    static const uint8_t filler[66000];
    uint32_t count = (uint32_t)(next_random() % 20);
    switch (next_random() % (depth > 0 ? 7 : 6)) {
    case 0: pack_nil(out); return;
    case 1: pack_bool(out, next_random() % 2 == 0); return;
    case 2: pack_uint(out, next_magnitude()); return;
    case 3:
        pack_int(out,
                 next_random() % 2 == 0 ? (int64_t)(next_magnitude() >> 1) : -1 - (int64_t)(next_magnitude() >> 1));
        return;
    case 4:
        pack_str(out, view_make(filler, next_magnitude() >> 47 ? next_random() % 66000 : next_random() % 300));
        return;
    case 5: pack_bin(out, view_make(filler, next_random() % 300)); return;
    default:
        pack_array(out, count);
        for (uint32_t i = 0; i < count; i++) pack_random(out, depth - 1);
    }
}

Test(cursor, agrees_with_msgpack_c_on_generated_values) {
    struct buf bytes = BUF_INIT;
    for (int round = 0; round < 20000; round++) {
        msgpack_unpacked unpacked;
        size_t offset = 0;
        void *memory;
        buf_clear(&bytes);
        pack_random(&bytes, 3);
        msgpack_unpacked_init(&unpacked);
        cr_assert_eq(msgpack_unpack_next(&unpacked, (const char *)bytes.data, bytes.len, &offset),
                     MSGPACK_UNPACK_SUCCESS);
        cr_assert_eq(offset, bytes.len);
        struct cursor c = exact_copy(buf_view(&bytes), &memory), skipping = c;
        compare_value(&c, &unpacked.data);
        cr_assert(cursor_done(&c), "round %d", round);
        cr_assert_eq(cursor_skip(&skipping).len, bytes.len);
        free(memory);
        msgpack_unpacked_destroy(&unpacked);
    }
    buf_release(&bytes);
}

Test(cursor, agrees_with_msgpack_c_at_every_boundary) {
    for (unsigned bit = 0; bit < 64; bit++)
        for (int near = -2; near <= 2; near++) {
            struct buf bytes = BUF_INIT;
            uint64_t value = (UINT64_C(1) << bit) + (uint64_t)(int64_t)near;
            int64_t negative = -(int64_t)(value >> 1) - 1;
            pack_uint(&bytes, value);
            pack_int(&bytes, negative);
            pack_int(&bytes, (int64_t)(value >> 1));
            struct cursor c = cursor_of(buf_view(&bytes));
            cr_assert_eq(cursor_uint(&c), value);
            cr_assert_eq(cursor_int(&c), negative);
            cr_assert_eq(cursor_int(&c), (int64_t)(value >> 1));
            cr_assert(cursor_done(&c), "%u %d", bit, near);
            buf_release(&bytes);
        }
}

Test(cursor, a_value_cut_at_any_byte_is_refused) {
    struct buf bytes = BUF_INIT;
    for (int round = 0; round < 300; round++) {
        buf_clear(&bytes);
        pack_random(&bytes, 2);
        for (size_t len = 0; len < bytes.len && len < 3000; len++) {
            void *memory;
            struct cursor c = exact_copy(view_make(bytes.data, len), &memory);
            cr_assert_null(cursor_skip(&c).data, "%zu of %zu", len, bytes.len);
            cr_assert_not(cursor_ok(&c));
            free(memory);
        }
    }
    buf_release(&bytes);
}

Test(pack, absent_views_are_nil) {
    struct buf bytes = BUF_INIT;
    pack_str(&bytes, VIEW_NONE);
    pack_bin(&bytes, VIEW_NONE);
    pack_str(&bytes, view_of(""));
    pack_bin(&bytes, view_of(""));
    cr_assert(view_equal(buf_view(&bytes), BYTES(0xc0, 0xc0, 0xa0, 0xc4, 0x00)));
    buf_release(&bytes);
}

Test(pack, integers_that_are_not_negative_are_written_unsigned) {
    struct buf bytes = BUF_INIT;
    pack_int(&bytes, 200);
    pack_int(&bytes, 70000);
    pack_int(&bytes, -1);
    cr_assert(view_equal(buf_view(&bytes), BYTES(0xcc, 200, 0xce, 0, 1, 0x11, 0x70, 0xff)));
    buf_release(&bytes);
}
