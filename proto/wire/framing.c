#include "proto/wire/framing.h"

#include <assert.h>
#include <stdlib.h>

#define KEEP_BYTES 4096u   /* a buffer up to this size is kept while there is nothing to do; bigger ones are freed */
#define FIRST_PIECE 65536u /* a message's buffer begins with this */

void framing_init(struct framing *f, uint32_t limit) { *f = (struct framing){.limit = limit}; }

void framing_release(struct framing *f) {
    free(f->body);
    *f = (struct framing){.limit = f->limit};
}

uint8_t *framing_room(struct framing *f, size_t *room) {
    size_t size = f->in_body ? (f->body_size < f->length ? f->body_size : f->length) : FRAME_HEADER;
    assert(f->got < size);
    *room = size - f->got;
    return (f->in_body ? f->body : f->header) + f->got;
}

static int body_arrived(struct framing *f) {
    if (f->got == f->length) return FRAMING_WHOLE;
    if (f->got < f->body_size) return FRAMING_MORE;
    size_t size = f->body_size < FIRST_PIECE ? FIRST_PIECE : f->body_size * 2;
    f->body_size = size < f->length ? size : f->length;
    f->body = mem_resize(f->body, f->body_size);
    return FRAMING_MORE;
}

static int header_arrived(struct framing *f, struct err *err) {
    f->length = get_u32_be(f->header);
    if (f->length == FRAME_END) return FRAMING_END;
    if (f->length > f->limit)
        return err_set(err, ERR_LIMIT, NULL, "the other side announces a message of %u bytes, %u are allowed",
                       (unsigned)f->length, (unsigned)f->limit);
    f->in_body = true;
    f->got = 0;
    return body_arrived(f);
}

int framing_arrived(struct framing *f, size_t count, struct err *err) {
    f->got += count;
    if (f->in_body) return body_arrived(f);
    return f->got < FRAME_HEADER ? FRAMING_MORE : header_arrived(f, err);
}

struct view framing_message(const struct framing *f) {
    return view_make(f->length > 0 ? f->body : f->header, f->length);
}

void framing_next(struct framing *f) {
    if (f->body_size > KEEP_BYTES) {
        free(f->body);
        f->body = NULL;
        f->body_size = 0;
    }
    f->in_body = false;
    f->got = 0;
}
