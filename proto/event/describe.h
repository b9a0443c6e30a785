/* The catalogue as data, for what is not on a hot path: words of choices, JSON, the table in PROTOCOL.md, filling
 * customer files from options and columns by name. Built from events.def and choices.def. Pure, constant. */
#ifndef DANGOL_PROTO_EVENT_DESCRIBE_H
#define DANGOL_PROTO_EVENT_DESCRIBE_H

#include "proto/event/event.h"

enum field_kind {
    KIND_ID,
    KIND_COUNT,
    KIND_MONEY,
    KIND_QUANTITY,
    KIND_TIME,
    KIND_SPAN,
    KIND_FLAG,
    KIND_WORD,
    KIND_BYTES,
    KIND_IDS,
    KIND_CHOICE,
    KIND_ROWS,
    KIND_SEALED
};

struct choice_list; /* a list of choices.def */

struct choice_info {
    int64_t number;
    const char *word;
    const char *meaning;
};

struct field_info {
    const char *name;
    enum field_kind kind;
    bool required;
    int64_t bound;
    size_t offset;                   /* in struct body_NAME, or in struct row_NAME */
    const struct choice_list *words; /* KIND_CHOICE */
    const struct row_info *row;      /* KIND_ROWS */
    const char *doc;
};

struct row_info {
    const char *name;
    const struct field_info *fields;
    size_t count;
};

struct event_info {
    const char *name;
    uint16_t number;
    uint8_t version;
    const char *family;
    const char *doc;
    const struct field_info *fields; /* clear ones in order, then the sealed ones in the order of their bits */
    size_t count;
    size_t sealed_count;
};

const struct event_info *event_info(uint16_t type);   /* NULL: not in the catalogue */
const struct event_info *event_info_at(size_t index); /* in catalogue order; NULL at the end */
const struct event_info *event_info_named(const char *name);
/* The bit of a sealed field by name, or -1. */
int event_sealed_bit(const struct event_info *info, struct view name);
struct view event_sealed_view(const struct event *e, const struct event_info *info, int bit);
void event_sealed_set(struct event *e, const struct event_info *info, int bit,
                      struct view value); /* sets the bit too */

/* The rows of events.def: row_info_sale_line … */
#define FIELD(owner, name, kind, need, bound, doc)
#define CHOICE(owner, name, choice_list, need, doc)
#define ROWS(owner, name, row, most, doc)
#define SEALED(owner, name, most, doc)
#define ROW_BEGIN(row) extern const struct row_info row_info_##row;
#define ROW_END(row)
#define EVENT_BEGIN(type, number, version, family, doc)
#define EVENT_END(type)
#include "proto/event/events.def"
#include "proto/event/events_undef.h"

/* The lists of choices.def, by their C name: &choices_contact_kind … */
#define CHOICE_BEGIN(list) extern const struct choice_list choices_##list;
#define WORD(list, name, number, word, meaning)
#define CHOICE_END(list)
#include "proto/event/choices.def"
#undef CHOICE_BEGIN
#undef WORD
#undef CHOICE_END

const char *choice_name(const struct choice_list *list);                           /* "contact_kind" */
const struct choice_info *choice_at(const struct choice_list *list, size_t index); /* NULL at the end */
const char *choice_word(const struct choice_list *list, int64_t number);           /* NULL: not in the list */
/* The number of a word; ERR_INVALID names the field and lists the words. */
int choice_parse(const struct choice_list *list, const char *field, struct view word, int64_t *out, struct err *err);

/* The table of the catalogue as Markdown, for PROTOCOL.md (a test compares). */
void catalogue_markdown(struct buf *out);

#endif
