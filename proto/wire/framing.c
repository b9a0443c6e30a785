#include "proto/wire/framing.h"

#include <assert.h>
#include <stdlib.h>

#define FIRST_PIECE 65536u /* a message that does not fit begins with this */

void framing_init(struct framing *f, uint32_t limit) { *f = (struct framing){.limit = limit}; }

void framing_release(struct framing *f) {
    free(f->bytes);
    *f = (struct framing){.limit = f->limit};
}

static size_t whole_size(const struct framing *f) { return FRAME_HEADER + (f->in_body ? (size_t)f->length : 0); }

static void resize(struct framing *f, size_t size) {
    f->bytes = mem_resize(f->bytes, size);
    f->size = size;
}

/* The message fits from where it begins, as far as there is a buffer for it yet. */
static void make_room(struct framing *f) {
    size_t whole = whole_size(f), count = f->end - f->start;
    if (f->start + whole > f->size && f->start > 0) {
        memmove(f->bytes, f->bytes + f->start, count);
        f->start = 0;
        f->end = count;
    }
    if (f->end < f->size) return;
    size_t size = f->size < FIRST_PIECE ? FIRST_PIECE : f->size * 2;
    resize(f, f->size == 0 ? FRAMING_KEEP : size < whole ? size : whole);
}

uint8_t *framing_room(struct framing *f, size_t *room) {
    make_room(f);
    assert(f->end < f->size);
    *room = f->size - f->end;
    return f->bytes + f->end;
}

static int look(struct framing *f, struct err *err) {
    size_t count = f->end - f->start;
    if (!f->in_body) {
        if (count < FRAME_HEADER) return FRAMING_MORE;
        f->length = get_u32_be(f->bytes + f->start);
        if (f->length == FRAME_END) return FRAMING_END;
        if (f->length > f->limit)
            return err_set(err, ERR_LIMIT, NULL, "the other side announces a message of %u bytes, %u are allowed",
                           (unsigned)f->length, (unsigned)f->limit);
        f->in_body = true;
    }
    return count < whole_size(f) ? FRAMING_MORE : FRAMING_WHOLE;
}

int framing_arrived(struct framing *f, size_t count, struct err *err) {
    f->end += count;
    return look(f, err);
}

struct view framing_message(const struct framing *f) {
    return view_make(f->bytes + f->start + FRAME_HEADER, f->length);
}

/* Behind a message that was too large for the buffer of every day nothing was received. */
int framing_next(struct framing *f, struct err *err) {
    f->start += whole_size(f);
    f->in_body = false;
    if (f->start == f->end) f->start = f->end = 0;
    if (f->size > FRAMING_KEEP) {
        assert(f->end == 0);
        framing_release(f);
    }
    return look(f, err);
}
