/* A stream of bytes in pieces of any size. The messages that come out are those a reader of the whole sees: same bytes,
 * same end, same refusal, however it was cut; and no more is allocated than twice of what arrived. The first byte
 * chooses the limit, the second how the rest is cut: 0 in one piece, else drawn from it. */
#include <assert.h>
#include <string.h>

#include "proto/wire/framing.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define FIRST_ROOM 65536u

/* What comes next in the whole stream; moves on behind it. */
static int expected(struct view *rest, uint32_t limit, struct view *message) {
    if (rest->len < FRAME_HEADER) return FRAMING_MORE;
    uint32_t length = get_u32_be(rest->data);
    if (length == FRAME_END) return FRAMING_END;
    if (length > limit) return ERR_LIMIT;
    if (length > rest->len - FRAME_HEADER) return FRAMING_MORE;
    *message = view_make(rest->data + FRAME_HEADER, length);
    *rest = view_make(message->data + length, rest->len - FRAME_HEADER - length);
    return FRAMING_WHOLE;
}

/* Feeds one piece; what it says. */
static int feed(struct framing *f, struct view *rest, size_t piece, struct err *err) {
    size_t room;
    uint8_t *to = framing_room(f, &room);
    assert(room > 0);
    if (piece > room) piece = room;
    if (piece > rest->len) piece = rest->len;
    memcpy(to, rest->data, piece);
    *rest = view_make(rest->data + piece, rest->len - piece);
    int state = framing_arrived(f, piece, err);
    size_t had = f->end - f->start;
    assert(f->size <= (had > FIRST_ROOM / 2 ? 2 * had : FIRST_ROOM));
    return state;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static const uint32_t limits[] = {0, 1, 100, TRANSPORT_LIMIT_AT_FIRST, FRAME_END - 1};
    struct framing framing;
    struct err err;
    if (size < 2) return 0;
    uint32_t limit = limits[data[0] % 5], draw = data[1];
    struct view rest = view_make(data + 2, size - 2), whole = rest;
    int state = FRAMING_MORE;
    framing_init(&framing, limit);
    while (rest.len > 0 && state == FRAMING_MORE) {
        draw = draw == 0 ? 0 : draw * 1103515245u + 12345u;
        state = feed(&framing, &rest, draw == 0 ? rest.len : 1 + (draw >> 16) % 64, &err);
        for (; state != FRAMING_MORE; state = framing_next(&framing, &err)) {
            struct view message = VIEW_NONE;
            int wanted = expected(&whole, limit, &message);
            assert(state == wanted && (state >= 0 || err.code == state));
            if (state != FRAMING_WHOLE) break;
            assert(view_equal(framing_message(&framing), message));
            assert(whole.data + whole.len == rest.data + rest.len && whole.data <= rest.data);
        }
    }
    if (state == FRAMING_MORE) {
        struct view message;
        assert(expected(&whole, limit, &message) == FRAMING_MORE);
    }
    framing_release(&framing);
    return 0;
}
