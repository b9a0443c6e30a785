/* Whatever the cursor accepts, msgpack-c accepts with the same value; and writing that value again gives the same
 * bytes, so that a value has one encoding. */
#include <assert.h>
#include <msgpack.h>
#include <stdlib.h>
#include <string.h>

#include "proto/base/cursor.h"
#include "proto/base/pack.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_bytes(struct view read, const char *data, uint32_t len) {
    assert(read.data != NULL && read.len == len);
    assert(len == 0 || memcmp(read.data, data, len) == 0);
}

/* Reads one value, writes it again, and compares it with what msgpack-c made of it. */
static void check_value(struct cursor *c, const msgpack_object *expected, struct buf *again) {
    struct view bytes;
    uint32_t count;
    switch (cursor_peek(c)) {
    case CURSOR_NIL:
        assert(cursor_nil(c) && expected->type == MSGPACK_OBJECT_NIL);
        pack_nil(again);
        return;
    case CURSOR_BOOL:
        assert(expected->type == MSGPACK_OBJECT_BOOLEAN && cursor_bool(c) == expected->via.boolean);
        pack_bool(again, expected->via.boolean);
        return;
    case CURSOR_INT:
        if (expected->type == MSGPACK_OBJECT_NEGATIVE_INTEGER) {
            assert(cursor_int(c) == expected->via.i64);
            pack_int(again, expected->via.i64);
        } else {
            assert(expected->type == MSGPACK_OBJECT_POSITIVE_INTEGER && cursor_uint(c) == expected->via.u64);
            pack_uint(again, expected->via.u64);
        }
        return;
    case CURSOR_STR:
        assert(expected->type == MSGPACK_OBJECT_STR);
        bytes = cursor_str(c);
        check_bytes(bytes, expected->via.str.ptr, expected->via.str.size);
        pack_str(again, bytes);
        return;
    case CURSOR_BIN:
        assert(expected->type == MSGPACK_OBJECT_BIN);
        bytes = cursor_bin(c);
        check_bytes(bytes, expected->via.bin.ptr, expected->via.bin.size);
        pack_bin(again, bytes);
        return;
    case CURSOR_ARRAY:
        assert(expected->type == MSGPACK_OBJECT_ARRAY);
        count = cursor_array(c);
        assert(count == expected->via.array.size);
        pack_array(again, count);
        for (uint32_t i = 0; i < count; i++) check_value(c, &expected->via.array.ptr[i], again);
        return;
    case CURSOR_END:
    case CURSOR_OTHER: abort(); /* skipped as a value, but it is none */
    }
}

static void check_accepted(struct view value) {
    msgpack_unpacked unpacked;
    struct buf again = BUF_INIT;
    size_t offset = 0;
    msgpack_unpacked_init(&unpacked);
    msgpack_unpack_return result = msgpack_unpack_next(&unpacked, (const char *)value.data, value.len, &offset);
    assert(result == MSGPACK_UNPACK_SUCCESS && offset == value.len);
    struct cursor c = cursor_of(value);
    check_value(&c, &unpacked.data, &again);
    assert(cursor_done(&c));
    assert(view_equal(buf_view(&again), value));
    buf_release(&again);
    msgpack_unpacked_destroy(&unpacked);
}

/* Any reading of any bytes stays inside them, and fails for good or moves on. */
static void check_reads(struct view bytes) {
    for (int kind = 0; kind < 7; kind++) {
        struct cursor c = cursor_of(bytes);
        while (cursor_left(&c) > 0) {
            size_t left = cursor_left(&c);
            struct view read = VIEW_NONE;
            if (kind == 0)
                cursor_uint(&c);
            else if (kind == 1)
                cursor_int(&c);
            else if (kind == 2)
                cursor_bool(&c);
            else if (kind == 3)
                read = cursor_str(&c);
            else if (kind == 4)
                read = cursor_bin_exact(&c, left % 40);
            else if (kind == 5)
                assert(cursor_array(&c) <= cursor_left(&c));
            else
                read = cursor_skip(&c);
            assert(cursor_left(&c) < left);
            assert(cursor_ok(&c) || (cursor_left(&c) == 0 && read.data == NULL));
            assert(read.data == NULL || (read.data >= bytes.data && read.data + read.len == c.at));
        }
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct view bytes = view_make(data, size);
    struct cursor c = cursor_of(bytes);
    check_reads(bytes);
    for (;;) {
        struct view value = cursor_skip(&c);
        if (value.data == NULL) return 0;
        check_accepted(value);
    }
}
