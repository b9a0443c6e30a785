/* Reading bodies. Each event gets a function of its own in which the catalogue's lines stand one after the other:
 *
 *   static const uint8_t *read_sold(const uint8_t *at, const uint8_t *end, uint32_t left, struct body_sold *out,
 *                                   struct fault *fault)
 *   {
 *       … one block for each field: there and right, or absent and optional, or a fault
 *       return pass_over(at, end, left, fault);
 *   }
 *
 * A reader gives where the body ends, or NULL and the fault. */
#include "proto/event/body.h"

#include "proto/event/take.h"

#define NEED_REQUIRED true
#define NEED_OPTIONAL false

/* choice_known_role(number) …: is it a word of the list. */
#define CHOICE_BEGIN(list)                                                                                             \
    static inline bool choice_known_##list(uint64_t number) {                                                          \
        switch (number) {
#define WORD(list, name, number, word, meaning) case (number):
#define CHOICE_END(list)                                                                                               \
    return true;                                                                                                       \
    default: return false;                                                                                             \
        }                                                                                                              \
        }
#include "proto/event/choices.def"
#undef CHOICE_BEGIN
#undef WORD
#undef CHOICE_END

/* Faults are rare: their code stays out of the way of the rest. */
static __attribute__((cold, noinline)) const uint8_t *wrong(struct fault *fault, const char *field) {
    fault->field = field;
    return NULL;
}

static __attribute__((cold, noinline)) const uint8_t *missing(struct fault *fault, const char *field) {
    fault->missing = true;
    return wrong(fault, field);
}

static __attribute__((cold, noinline)) const uint8_t *wrong_in_row(struct fault *fault, const char *list,
                                                                   uint32_t row) {
    fault->inner = fault->field;
    fault->row = row;
    return wrong(fault, list);
}

/* nil, or written by an older version than the one that brought the field. */
TAKE bool absent(const uint8_t **at, const uint8_t *end, uint32_t *left) {
    if (*left == 0) return true;
    --*left;
    return take_nil(at, end);
}

/* The fields a later version put after those known here. */
static __attribute__((cold, noinline)) const uint8_t *pass_over_fields(const uint8_t *at, const uint8_t *end,
                                                                       uint32_t left, struct fault *fault) {
    fault->passed_over = true;
    return take_skip(at, end, left);
}

TAKE const uint8_t *pass_over(const uint8_t *at, const uint8_t *end, uint32_t left, struct fault *fault) {
    return left == 0 ? at : pass_over_fields(at, end, left, fault);
}

/* add_ROW: one row more to what a list of them comes to. */
TAKE void add_sale_line(struct row_totals *totals, const struct row_sale_line *line) {
    totals->amount += (uint64_t)line->amount;
    totals->positive |= line->quantity > 0;
    if (line->list_amount != NIL) totals->reduced |= line->list_amount > line->amount;
    if (line->cost == NIL) return;
    totals->costed = true;
    totals->margin += (uint64_t)line->amount - (uint64_t)line->cost;
}

#define FIELD(owner, name, kind, need, bound, doc)                                                                     \
    if (absent(&at, end, &left)) {                                                                                     \
        if (NEED_##need) return missing(fault, #name);                                                                 \
        out->name = ABSENT_##kind;                                                                                     \
    } else if (!take_##kind(&at, end, bound, &out->name)) {                                                            \
        return wrong(fault, #name);                                                                                    \
    }
#define CHOICE(owner, name, choice_list, need, doc)                                                                    \
    if (absent(&at, end, &left)) {                                                                                     \
        if (NEED_##need) return missing(fault, #name);                                                                 \
        out->name = ABSENT_CHOICE;                                                                                     \
    } else {                                                                                                           \
        uint64_t number;                                                                                               \
        if (!take_uint(&at, end, &number) || !choice_known_##choice_list(number)) return wrong(fault, #name);          \
        out->name = (int64_t)number;                                                                                   \
    }
#define ROWS(owner, name, row, most, doc)                                                                              \
    if (absent(&at, end, &left)) return missing(fault, #name);                                                         \
    at = read_rows_##row(at, end, most, #name, &out->name, &out->name##_totals, fault);                                \
    if (at == NULL) return NULL;
#define SEALED(owner, name, most, doc) out->name = VIEW_NONE;
#define ROW_BEGIN(row)                                                                                                 \
    TAKE const uint8_t *read_row_##row(const uint8_t *at, const uint8_t *end, struct row_##row *out,                   \
                                       struct fault *fault) {                                                          \
        uint32_t left;                                                                                                 \
        if (!take_array(&at, end, &left)) return NULL;
#define ROW_END(row)                                                                                                   \
    return pass_over(at, end, left, fault);                                                                            \
    }                                                                                                                  \
    static const uint8_t *read_rows_##row(const uint8_t *at, const uint8_t *end, uint32_t most, const char *name,      \
                                          struct list *out, struct row_totals *totals, struct fault *fault) {          \
        uint32_t count;                                                                                                \
        if (!take_array(&at, end, &count) || count == 0 || count > most) return wrong(fault, name);                    \
        const uint8_t *start = at;                                                                                     \
        struct row_##row value;                                                                                        \
        struct row_totals sum = {.amount = 0};                                                                         \
        for (uint32_t i = 0; i < count; i++) {                                                                         \
            at = read_row_##row(at, end, &value, fault);                                                               \
            if (at == NULL) return wrong_in_row(fault, name, i);                                                       \
            add_##row(&sum, &value);                                                                                   \
        }                                                                                                              \
        *out = (struct list){{start, (size_t)(at - start)}, count};                                                    \
        *totals = sum;                                                                                                 \
        return at;                                                                                                     \
    }                                                                                                                  \
    bool row_##row##_next(struct list *list, struct row_##row *out) {                                                  \
        struct fault fault = {0};                                                                                      \
        if (list->count == 0) return false;                                                                            \
        const uint8_t *end = list->raw.data + list->raw.len;                                                           \
        const uint8_t *at = read_row_##row(list->raw.data, end, out, &fault);                                          \
        if (at == NULL) return false;                                                                                  \
        *list = (struct list){{at, (size_t)(end - at)}, list->count - 1};                                              \
        return true;                                                                                                   \
    }
#define EVENT_BEGIN(type, number, version, family, doc)                                                                \
    static const uint8_t *read_##type(const uint8_t *at, const uint8_t *end, uint32_t left, struct body_##type *out,   \
                                      struct fault *fault) {
#define EVENT_END(type)                                                                                                \
    return pass_over(at, end, left, fault);                                                                            \
    }
#include "proto/event/events.def"
#include "proto/event/events_undef.h"

static const uint8_t *read_seal(const uint8_t *at, const uint8_t *end, struct event *e, struct fault *fault) {
    uint32_t count;
    if (take_nil(&at, end)) return at;
    if (!take_array(&at, end, &count) || count != 2) return wrong(fault, "sealed");
    if (!take_uint(&at, end, &e->sealed_bits) || e->sealed_bits == 0) return wrong(fault, "sealed");
    at = take_bin(at, end, &e->sealed);
    if (at == NULL || e->sealed.len == 0) return wrong(fault, "sealed");
    /* The subject names the key: without one nobody could ever open it. */
    return e->subject != 0 ? at : missing(fault, "subject");
}

static const uint8_t *read_fields(const uint8_t *at, const uint8_t *end, uint32_t left, struct event *e,
                                  struct fault *fault) {
    switch (e->type) {
#define FIELD(owner, name, kind, need, bound, doc)
#define CHOICE(owner, name, choice_list, need, doc)
#define ROWS(owner, name, row, most, doc)
#define SEALED(owner, name, most, doc)
#define ROW_BEGIN(row)
#define ROW_END(row)
#define EVENT_BEGIN(type, number, version, family, doc)                                                                \
    case EVENT_##type:                                                                                                 \
        return read_##type(at, end, left, &e->body.type, fault);
#define EVENT_END(type)
#include "proto/event/events.def"
#include "proto/event/events_undef.h"
    default: return NULL; /* an event of a later version */
    }
}

const uint8_t *body_read(const uint8_t *at, const uint8_t *end, struct event *e, struct fault *fault) {
    uint32_t left;
    if (!take_array(&at, end, &left) || left == 0) return wrong(fault, "body");
    at = read_seal(at, end, e, fault);
    return at != NULL ? read_fields(at, end, left - 1, e, fault) : NULL;
}
