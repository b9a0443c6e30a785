/* Messages out of a stream of bytes: u32 length (big-endian) and that many bytes, see transport.h. The stream hands out
 * its bytes in pieces of any size.
 *
 * Who receives asks where to (framing_room), says how much came (framing_arrived), and after a whole message goes on
 * with framing_next: what came behind it may be the next one already, for there is room for a small message with its
 * header, so that it costs one receive. Nothing is allocated for bytes that were only announced: the buffer doubles as
 * they really arrive.
 * Memory: the framing's own; a message is borrowed until framing_next. Thread: one. Pure. */
#ifndef DANGOL_PROTO_WIRE_FRAMING_H
#define DANGOL_PROTO_WIRE_FRAMING_H

#include "proto/wire/transport.h"

#define FRAMING_KEEP 4096u /* of this size while there is nothing big to receive */

struct framing {
    uint32_t limit;    /* the largest message: looked at when it begins, after the one before it is done with */
    uint32_t length;   /* of the message whose header has arrived */
    bool in_body;      /* it has */
    uint8_t *bytes;    /* those received are [start, end) */
    size_t size;       /* of the buffer */
    size_t start, end; /* a message begins at `start` */
};

enum framing_state {
    FRAMING_MORE,  /* the message is not whole yet */
    FRAMING_WHOLE, /* framing_message */
    FRAMING_END    /* FRAME_END arrived */
};

void framing_init(struct framing *framing, uint32_t limit);
void framing_release(struct framing *framing);
/* Where the next bytes go: `*room` of them at most, at least one. Only when there is FRAMING_MORE to come. */
uint8_t *framing_room(struct framing *framing, size_t *room);
/* So many arrived there: a framing_state, or ERR_LIMIT when a message is announced that is too large. */
int framing_arrived(struct framing *framing, size_t count, struct err *err);
struct view framing_message(const struct framing *framing);
/* The message is done with; what there is of the next one, as framing_arrived. */
int framing_next(struct framing *framing, struct err *err);

#endif
