/* Bodies, generated from events.def: straight-line readers (body.c) and writers (body_write.c), one per event and row.
 * Inside proto/event only. Comes after the envelope (frame.c). Pure. */
#ifndef DANGOL_PROTO_EVENT_BODY_H
#define DANGOL_PROTO_EVENT_BODY_H

#include "proto/event/event.h"

/* Where an event is at fault, and nothing else, so that finding none costs nothing; fault.c puts it into words. */
struct fault {
    const char *field; /* of the catalogue or the envelope; NULL: none */
    const char *inner; /* the field of a row */
    uint32_t row;      /* from 0 */
    bool missing;
    bool too_large;   /* over a limit of the envelope */
    bool passed_over; /* not a fault: there were fields of a later version */
};

/* CLEAR_COUNT_sold: the clear fields of an event, CLEAR_COUNT_sale_line: those of a row. */
#define FIELD(owner, name, kind, need, bound, doc) CLEAR_##owner##_##name,
#define CHOICE(owner, name, choice_list, need, doc) CLEAR_##owner##_##name,
#define ROWS(owner, name, row, most, doc) CLEAR_##owner##_##name,
#define SEALED(owner, name, most, doc)
#define ROW_BEGIN(row) enum clear_##row {
#define ROW_END(row)                                                                                                   \
    CLEAR_COUNT_##row                                                                                                  \
    }                                                                                                                  \
    ;
#define EVENT_BEGIN(type, number, version, family, doc) enum clear_##type {
#define EVENT_END(type)                                                                                                \
    CLEAR_COUNT_##type                                                                                                 \
    }                                                                                                                  \
    ;
#include "proto/event/events.def"
#include "proto/event/events_undef.h"

/* Reads the body at `at`; `end` is that of the frame. Gives where the body ends, or NULL with the fault filled in: the
 * type is not known, or the body is bad, or not even well-formed. The caller tells these apart. */
const uint8_t *body_read(const uint8_t *at, const uint8_t *end, struct event *e, struct fault *fault);

/* [sealed, clear fields …]; `sealed` VIEW_NONE: nil. */
void body_write(const struct event *e, struct view sealed, struct buf *out);

/* Every field of e->type absent. */
void body_init(struct event *e);

/* The sentence about a fault; `code` goes into `err`. */
int fault_explain(uint16_t type, const struct fault *fault, int code, struct err *err);

#endif
