#include "tests/support/samples.h"

#include <assert.h>
#include <string.h>

#include "proto/base/money.h"
#include "proto/base/zone.h"

#define SPAN_MAX (TIME_MAX - TIME_MIN)

struct customer_key sample_key(void) {
    struct customer_key key = {{0}};
    for (size_t i = 0; i < sizeof key.bytes; i++) key.bytes[i] = (uint8_t)(i + 1);
    return key;
}

static struct buf *store(struct sample *s) {
    assert(s->stored < sizeof s->storage / sizeof s->storage[0]);
    return &s->storage[s->stored++];
}

static struct view repeated(struct sample *s, size_t len, uint8_t byte) {
    struct buf *b = store(s);
    for (size_t i = 0; i < len; i++) buf_append_byte(b, byte);
    return buf_view(b);
}

/* Where a field's value lies. */
static void *place(void *base, const struct field_info *field) { return (char *)base + field->offset; }

static void set_number(void *base, const struct field_info *field, int64_t value) {
    memcpy(place(base, field), &value, sizeof value);
}

static void set_id(void *base, const struct field_info *field, uint64_t value) {
    memcpy(place(base, field), &value, sizeof value);
}

static void set_view(struct sample *s, void *base, const struct field_info *field, struct view value) {
    if (field->kind == KIND_SEALED)
        event_sealed_set(&s->event, s->info, event_sealed_bit(s->info, view_of(field->name)), value);
    else
        memcpy(place(base, field), &value, sizeof value);
}

static void set_list(void *base, const struct field_info *field, struct list value) {
    memcpy(place(base, field), &value, sizeof value);
}

/* The number that is the least, an ordinary one or the most of a kind. */
static int64_t number_of(const struct field_info *field, enum sample_size size) {
    const bool least = size == SAMPLE_LEAST, most = size == SAMPLE_MOST;
    const struct choice_info *choice;
    size_t count = 0;
    switch (field->kind) {
    case KIND_COUNT: return least ? 0 : most ? field->bound : (field->bound + 1) / 2;
    case KIND_MONEY: return least ? -MONEY_MAX : most ? MONEY_MAX : 129000;
    case KIND_QUANTITY: return least ? -QUANTITY_MAX : most ? QUANTITY_MAX : 2000;
    case KIND_TIME: return least ? TIME_MIN : most ? TIME_MAX : INT64_C(1764979200000);
    case KIND_SPAN: return least ? -SPAN_MAX : most ? SPAN_MAX : -90000;
    case KIND_FLAG: return least ? 0 : 1;
    default:
        for (choice = choice_at(field->words, 0); choice_at(field->words, count) != NULL; count++)
            choice = choice_at(field->words, most ? count : 0);
        return choice->number;
    }
}

static uint64_t id_of(enum sample_size size) {
    if (size == SAMPLE_LEAST) return 1; /* the hub's first event */
    return size == SAMPLE_MOST ? id_make(ID_STREAM_MAX, ID_SEQ_MAX) : id_make(65548, 701);
}

static struct view text_of(struct sample *s, const struct field_info *field, enum sample_size size) {
    if (size == SAMPLE_LEAST) return view_of("a");
    if (size == SAMPLE_MOST) return repeated(s, (size_t)field->bound, 'z');
    struct buf *b = store(s);
    buf_printf(b, "%s 단골", field->name);
    return (int64_t)b->len <= field->bound ? buf_view(b) : view_make(b->data, (size_t)field->bound);
}

static struct list ids_of(struct sample *s, const struct field_info *field, enum sample_size size) {
    struct list list = {VIEW_NONE, 0};
    struct buf *b = store(s);
    uint32_t count = size == SAMPLE_LEAST ? 0 : size == SAMPLE_MOST ? (uint32_t)field->bound : 2;
    for (uint32_t i = 0; i < count; i++) list_append_id(&list, b, id_of(size) - i);
    return list;
}

static void fill(struct sample *s, void *base, const struct field_info *fields, size_t count, enum sample_size size);

/* As many rows as there may be, the first one large, the others small, so that they fit. */
static struct list rows_of(struct sample *s, const struct field_info *field, enum sample_size size) {
    struct list list = {VIEW_NONE, 0};
    struct buf *b = store(s);
    uint32_t count = size == SAMPLE_LEAST ? 1 : size == SAMPLE_MOST ? (uint32_t)field->bound : 2;
    assert(strcmp(field->row->name, "sale_line") == 0); /* the one there is; another one needs a block like this */
    for (uint32_t i = 0; i < count; i++) {
        struct row_sale_line row;
        row_sale_line_init(&row);
        if (i == 0 || size == SAMPLE_ORDINARY)
            fill(s, &row, field->row->fields, field->row->count, size);
        else
            row = (struct row_sale_line){view_of("a"), 0, 0, NIL, NIL, NIL};
        row_sale_line_append(&list, b, &row);
    }
    return list;
}

static void fill_field(struct sample *s, void *base, const struct field_info *field, enum sample_size size) {
    switch (field->kind) {
    case KIND_ID: set_id(base, field, id_of(size)); return;
    case KIND_WORD:
    case KIND_SEALED: set_view(s, base, field, text_of(s, field, size)); return;
    case KIND_BYTES: set_view(s, base, field, repeated(s, (size_t)field->bound, 0x5a)); return;
    case KIND_IDS: set_list(base, field, ids_of(s, field, size)); return;
    case KIND_ROWS: set_list(base, field, rows_of(s, field, size)); return;
    default: set_number(base, field, number_of(field, size)); return;
    }
}

static void fill(struct sample *s, void *base, const struct field_info *fields, size_t count, enum sample_size size) {
    for (size_t i = 0; i < count; i++)
        if (fields[i].required || size != SAMPLE_LEAST) fill_field(s, base, &fields[i], size);
}

/* One field that is cleared, as a change card does. */
static void clear_last(struct sample *s) {
    if (s->info->sealed_count > 1) event_sealed_set(&s->event, s->info, (int)s->info->sealed_count - 1, VIEW_NONE);
}

void sample_make(struct sample *s, const struct event_info *info, enum sample_size size) {
    *s = (struct sample){.info = info};
    event_init(&s->event, (enum event_type)info->number);
    s->event.hlc = SAMPLE_HLC;
    if (size != SAMPLE_LEAST) {
        struct buf *after = store(s);
        s->event.at = number_of(&(struct field_info){.kind = KIND_TIME}, size);
        s->event.subject = size == SAMPLE_MOST ? id_of(size) : SAMPLE_SUBJECT;
        s->event.actor = size == SAMPLE_MOST ? repeated(s, ACTOR_MAX, 'k') : view_of("kim");
        s->event.ref.source = size == SAMPLE_MOST ? repeated(s, REF_SOURCE_MAX, 's') : view_of("계산대");
        s->event.ref.key = size == SAMPLE_MOST ? repeated(s, REF_KEY_MAX, 'r') : view_of("20251201-0077");
        for (uint32_t i = 0; i < (size == SAMPLE_MOST ? AFTER_MAX : 2); i++)
            list_append_id(&s->event.after, after, SAMPLE_SUBJECT + i);
        s->event.origin = (struct origin){repeated(s, CHAIN_BYTES, 0xc4), size == SAMPLE_MOST ? UINT64_MAX : 1};
    }
    fill(s, &s->event.body, info->fields, info->count, size);
    if (size == SAMPLE_ORDINARY) clear_last(s);
}

void sample_release(struct sample *s) {
    while (s->stored > 0) buf_release(&s->storage[--s->stored]);
}

void sample_drop(struct sample *s, const struct field_info *field) {
    switch (field->kind) {
    case KIND_ID: set_id(&s->event.body, field, 0); return;
    case KIND_WORD:
    case KIND_BYTES:
    case KIND_SEALED: set_view(s, &s->event.body, field, VIEW_NONE); return;
    case KIND_IDS:
    case KIND_ROWS: set_list(&s->event.body, field, (struct list){VIEW_NONE, 0}); return;
    case KIND_CHOICE: set_number(&s->event.body, field, 0); return;
    default: set_number(&s->event.body, field, NIL); return;
    }
}

/* ---- Wrong values ---- */

static bool spoil_number(void *base, const struct field_info *field, int way) {
    int64_t least = number_of(field, SAMPLE_LEAST), most = number_of(field, SAMPLE_MOST);
    if (field->kind == KIND_CHOICE) {
        static const int64_t wrong[] = {-1, 255, INT64_MAX};
        if (way < 3) set_number(base, field, wrong[way]);
        return way < 3;
    }
    const int64_t wrong[] = {least - 1, most + 1, INT64_MAX, INT64_MIN + 1};
    if (way < 4) set_number(base, field, wrong[way]);
    return way < 4;
}

static bool spoil_text(struct sample *s, void *base, const struct field_info *field, int way) {
    switch (way) {
    case 0: set_view(s, base, field, repeated(s, (size_t)field->bound + 1, 'x')); return true;
    case 1: set_view(s, base, field, view_of("")); return true;
    case 2: set_view(s, base, field, view_of("ab\xff")); return true;
    case 3: set_view(s, base, field, view_make("a\0b", 3)); return true;
    case 4: set_view(s, base, field, view_of("longer than a word\xed\xa0\x80")); return true; /* a surrogate */
    default: return false;
    }
}

static bool spoil_list(struct sample *s, void *base, const struct field_info *field, int way) {
    struct list list;
    memcpy(&list, place(base, field), sizeof list);
    if (way == 0) {
        list = (struct list){VIEW_NONE, 0};
        struct buf *b = store(s);
        for (int64_t i = 0; i <= field->bound; i++) list_append_id(&list, b, 1);
        if (field->kind == KIND_ROWS) {
            buf_clear(b);
            for (int64_t i = 0; i <= field->bound; i++) buf_append(b, "\x94\xa1s\0\0\xc0", 6);
            list.raw = buf_view(b);
        }
    } else if (way == 1) {
        list.count++; /* one more than there are */
    } else if (way == 2 && list.count > 0) {
        list.count--;
    } else if (way == 3 && field->kind == KIND_IDS) {
        list = (struct list){repeated(s, 1, 0), 1};
    } else {
        return false;
    }
    set_list(base, field, list);
    return true;
}

static bool spoil_field(struct sample *s, void *base, const struct field_info *field, int way) {
    switch (field->kind) {
    case KIND_ID: set_id(base, field, id_make(65548, 0)); return way == 0;
    case KIND_WORD:
    case KIND_SEALED: return spoil_text(s, base, field, way);
    case KIND_BYTES:
        set_view(s, base, field, repeated(s, (size_t)(field->bound + (way == 0 ? -1 : 1)), 1));
        return way < 2;
    case KIND_IDS:
    case KIND_ROWS: return spoil_list(s, base, field, way);
    default: return spoil_number(base, field, way);
    }
}

bool sample_spoil(struct sample *s, const struct field_info *field, const struct field_info *rows, int way) {
    if (rows == NULL) return spoil_field(s, &s->event.body, field, way);
    /* The last of three rows. */
    struct row_sale_line row = {view_of("a"), 0, 0, NIL, NIL, NIL};
    struct list list = {VIEW_NONE, 0};
    struct buf *b = store(s);
    row_sale_line_append(&list, b, &row);
    row_sale_line_append(&list, b, &row);
    bool spoilt = spoil_field(s, &row, field, way);
    row_sale_line_append(&list, b, &row);
    set_list(&s->event.body, rows, list);
    return spoilt;
}
