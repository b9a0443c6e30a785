/* Messages out of a stream of bytes: u32 length (big-endian) and that many bytes, see transport.h. The stream hands out
 * its bytes in pieces of any size; they are received straight to where they belong.
 *
 * Who receives asks where to (framing_room), says how much came (framing_arrived), and after a whole message goes on
 * with framing_next. Nothing is allocated for bytes that were only announced: the buffer doubles as they really arrive.
 * Memory: the framing's own; a message is borrowed until framing_next. Thread: one. Pure. */
#ifndef DANGOL_PROTO_WIRE_FRAMING_H
#define DANGOL_PROTO_WIRE_FRAMING_H

#include "proto/wire/transport.h"

struct framing {
    uint8_t header[FRAME_HEADER];
    bool in_body;
    uint32_t length; /* of the message whose header has arrived */
    uint32_t limit;  /* the largest one: looked at when a header arrives */
    size_t got;      /* bytes of the header or of the body */
    uint8_t *body;
    size_t body_size;
};

enum framing_state {
    FRAMING_MORE,  /* the message is not whole yet */
    FRAMING_WHOLE, /* framing_message */
    FRAMING_END    /* FRAME_END arrived */
};

void framing_init(struct framing *framing, uint32_t limit);
void framing_release(struct framing *framing);
/* Where the next bytes go: `*room` of them at most, at least one. Not after a whole message or an end. */
uint8_t *framing_room(struct framing *framing, size_t *room);
/* So many arrived there: a framing_state, or ERR_LIMIT when a message is announced that is too large. */
int framing_arrived(struct framing *framing, size_t count, struct err *err);
struct view framing_message(const struct framing *framing);
void framing_next(struct framing *framing);

#endif
