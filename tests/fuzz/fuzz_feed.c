/* A FEED's content: whatever is read of events, heads and streams is within its bounds, and written again it gives the
 * bytes it was read from. The first byte says which of the three. */
#include <assert.h>

#include "proto/wire/feed.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int read_one(int kind, struct cursor *c, struct buf *again, struct err *err) {
    struct feed_event event;
    struct feed_head head;
    uint32_t stream = 0;
    uint64_t seq = 0;
    int code = kind == 0   ? feed_event_next(c, &event, err)
               : kind == 1 ? feed_head_next(c, &head, err)
                           : feed_stream_next(c, &stream, &seq, err);
    if (code != 1) return code;
    if (kind == 0) {
        assert(id_valid(event.id) && event.frame.len > 0 && event.frame.len <= FRAME_MAX);
        feed_event_write(again, &event);
    } else if (kind == 1) {
        assert(head.key.len == PUBLIC_KEY_SIZE && (head.seq == 0) == (head.signature.data == NULL));
        feed_head_write(again, &head);
    } else {
        assert(stream <= ID_STREAM_MAX && seq <= ID_SEQ_MAX);
        feed_stream_write(again, stream, seq);
    }
    return 1;
}

static void check_message(struct view bytes) {
    struct message m;
    struct buf events = BUF_INIT;
    struct err err = {0};
    if (message_decode(bytes, &m, NULL) != 0 || m.type != MESSAGE_feed) return;
    int code = feed_unpack(&m.body.feed, &events, &err);
    assert(code == 0 ? events.len == m.body.feed.size : err.text[0] != '\0');
    buf_release(&events);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    if (size == 0) return 0;
    struct view bytes = view_make(data + 1, size - 1);
    struct cursor c = cursor_of(bytes);
    struct buf again = BUF_INIT;
    struct err err = {0};
    int code = 1;
    if (data[0] % 4 == 3) {
        check_message(bytes);
        return 0;
    }
    while (code == 1) code = read_one(data[0] % 4, &c, &again, &err);
    assert(code == 0 || err.text[0] != '\0');
    if (code == 0) assert(view_equal(bytes, buf_view(&again)));
    buf_release(&again);
    return 0;
}
