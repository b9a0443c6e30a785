/* Whatever is read as a message, msgpack-c reads too; and written again it gives the same bytes, unless it came with
 * fields of a later version, or without those of this one: then at least the same message. */
#include <assert.h>
#include <msgpack.h>

#include "proto/base/cursor.h"
#include "proto/wire/message.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_with_msgpack_c(struct view bytes, uint16_t type) {
    msgpack_unpacked unpacked;
    size_t offset = 0;
    msgpack_unpacked_init(&unpacked);
    msgpack_unpack_return result = msgpack_unpack_next(&unpacked, (const char *)bytes.data, bytes.len, &offset);
    assert(result == MSGPACK_UNPACK_SUCCESS && offset == bytes.len);
    const msgpack_object *number = unpacked.data.via.array.ptr;
    assert(unpacked.data.type == MSGPACK_OBJECT_ARRAY && unpacked.data.via.array.size > 0);
    assert(number->type == MSGPACK_OBJECT_POSITIVE_INTEGER && number->via.u64 == type);
    msgpack_unpacked_destroy(&unpacked);
}

static uint32_t elements(struct view bytes) {
    struct cursor c = cursor_of(bytes);
    return cursor_array(&c);
}

static void check_written_again(struct view bytes, const struct message *m) {
    struct buf again = BUF_INIT, once_more = BUF_INIT;
    struct message reread;
    message_encode(m, &again);
    if (elements(bytes) == elements(buf_view(&again))) assert(view_equal(bytes, buf_view(&again)));
    int rc = message_decode(buf_view(&again), &reread, NULL);
    assert(rc == 0);
    message_encode(&reread, &once_more);
    assert(view_equal(buf_view(&again), buf_view(&once_more)));
    buf_release(&again);
    buf_release(&once_more);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct view bytes = view_make(data, size);
    struct message m;
    struct err err = {0};
    int rc = message_decode(bytes, &m, &err);
    assert(rc == 0 || rc == MESSAGE_UNKNOWN || (err.code == rc && err.text[0] != '\0'));
    if (rc >= 0) check_with_msgpack_c(bytes, m.type);
    if (rc == 0) check_written_again(bytes, &m);
    return 0;
}
