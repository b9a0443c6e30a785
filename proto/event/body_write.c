/* Writing bodies: the clear fields of an event or row in the catalogue's order, nil where there is none. What may be
 * written is not looked at here: encode.c reads back what it wrote. */
#include "proto/base/pack.h"
#include "proto/event/body.h"
#include "proto/event/take.h"

static void put_number(struct buf *out, int64_t value) {
    if (value == NIL)
        pack_nil(out);
    else
        pack_int(out, value);
}

static void put_ID(struct buf *out, uint64_t id) {
    if (id == 0)
        pack_nil(out);
    else
        pack_uint(out, id);
}

static void put_FLAG(struct buf *out, int64_t flag) {
    if (flag == 0 || flag == 1)
        pack_bool(out, flag == 1);
    else
        put_number(out, flag); /* neither is refused when it is read back */
}

static void put_CHOICE(struct buf *out, int64_t number) {
    if (number == 0)
        pack_nil(out);
    else
        pack_int(out, number);
}

static void put_list(struct buf *out, struct list list) {
    pack_array(out, list.count);
    buf_append(out, list.raw.data, list.raw.len);
}

#define put_COUNT put_number
#define put_MONEY put_number
#define put_QUANTITY put_number
#define put_TIME put_number
#define put_SPAN put_number
#define put_WORD pack_str
#define put_BYTES pack_bin
#define put_IDS put_list

#define FIELD(owner, name, kind, need, bound, doc) put_##kind(out, in->name);
#define CHOICE(owner, name, choice_list, need, doc) put_CHOICE(out, in->name);
#define ROWS(owner, name, row, most, doc) put_list(out, in->name);
#define SEALED(owner, name, most, doc)
#define ROW_BEGIN(row)                                                                                                 \
    static void write_row_##row(struct buf *out, const struct row_##row *in) {                                         \
        pack_array(out, CLEAR_COUNT_##row);
#define ROW_END(row)                                                                                                   \
    }                                                                                                                  \
    void row_##row##_append(struct list *list, struct buf *storage, const struct row_##row *value) {                   \
        if (list->count == 0) buf_clear(storage);                                                                      \
        write_row_##row(storage, value);                                                                               \
        *list = (struct list){buf_view(storage), list->count + 1};                                                     \
    }
#define EVENT_BEGIN(type, number, version, family, doc)                                                                \
    static void write_##type(struct buf *out, struct view sealed, uint64_t bits, const struct body_##type *in) {       \
        write_seal(out, CLEAR_COUNT_##type, sealed, bits);
#define EVENT_END(type) }

static void write_seal(struct buf *out, uint32_t fields, struct view sealed, uint64_t bits) {
    pack_array(out, 1 + fields);
    if (sealed.data == NULL) {
        pack_nil(out);
        return;
    }
    pack_array(out, 2);
    pack_uint(out, bits);
    pack_bin(out, sealed);
}

#include "proto/event/events.def"
#include "proto/event/events_undef.h"

void body_write(const struct event *e, struct view sealed, struct buf *out) {
    switch (e->type) {
#define FIELD(owner, name, kind, need, bound, doc)
#define CHOICE(owner, name, choice_list, need, doc)
#define ROWS(owner, name, row, most, doc)
#define SEALED(owner, name, most, doc)
#define ROW_BEGIN(row)
#define ROW_END(row)
#define EVENT_BEGIN(type, number, version, family, doc)                                                                \
    case EVENT_##type:                                                                                                 \
        write_##type(out, sealed, e->sealed_bits, &e->body.type);                                                      \
        return;
#define EVENT_END(type)
#include "proto/event/events.def"
#include "proto/event/events_undef.h"
    default: pack_nil(out);
    }
}

#define FIELD(owner, name, kind, need, bound, doc) out->name = ABSENT_##kind;
#define CHOICE(owner, name, choice_list, need, doc) out->name = ABSENT_CHOICE;
#define ROWS(owner, name, row, most, doc) out->name = ABSENT_ROWS;
#define SEALED(owner, name, most, doc) out->name = VIEW_NONE;
#define ROW_BEGIN(row) void row_##row##_init(struct row_##row *out) {
#define ROW_END(row) }
#define EVENT_BEGIN(type, number, version, family, doc) static void init_##type(struct body_##type *out) {
#define EVENT_END(type) }
#include "proto/event/events.def"
#include "proto/event/events_undef.h"

void body_init(struct event *e) {
    switch (e->type) {
#define FIELD(owner, name, kind, need, bound, doc)
#define CHOICE(owner, name, choice_list, need, doc)
#define ROWS(owner, name, row, most, doc)
#define SEALED(owner, name, most, doc)
#define ROW_BEGIN(row)
#define ROW_END(row)
#define EVENT_BEGIN(type, number, version, family, doc)                                                                \
    case EVENT_##type:                                                                                                 \
        init_##type(&e->body.type);                                                                                    \
        return;
#define EVENT_END(type)
#include "proto/event/events.def"
#include "proto/event/events_undef.h"
    default: return;
    }
}
