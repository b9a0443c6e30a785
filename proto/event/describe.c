/* The tables of describe.h, read out of events.def and choices.def. */
#include "proto/event/describe.h"

#include <string.h>

#include "proto/base/text.h"

#define WORD_SHOWN 40 /* bytes of a wrong word in the message about it */
#define COUNT_OF(array) (sizeof(array) / sizeof *(array))
#define NEED_REQUIRED true
#define NEED_OPTIONAL false

struct choice_list {
    const char *name;
    const struct choice_info *choices;
    size_t count;
};

#define CHOICE_BEGIN(list) static const struct choice_info list_##list[] = {
#define WORD(list, name, number, word, meaning) {number, word, meaning},
#define CHOICE_END(list)                                                                                               \
    }                                                                                                                  \
    ;                                                                                                                  \
    const struct choice_list choices_##list = {#list, list_##list, COUNT_OF(list_##list)};
#include "proto/event/choices.def"
#undef CHOICE_BEGIN
#undef WORD
#undef CHOICE_END

/* `of_NAME` is the struct of the event or row whose fields follow, for their offsets. */
#define FIELD(owner, field, kind_, need, bound_, doc_)                                                                 \
    {.name = #field,                                                                                                   \
     .kind = KIND_##kind_,                                                                                             \
     .required = NEED_##need,                                                                                          \
     .bound = bound_,                                                                                                  \
     .offset = offsetof(of_##owner, field),                                                                            \
     .doc = doc_},
#define CHOICE(owner, field, choice_list, need, doc_)                                                                  \
    {.name = #field,                                                                                                   \
     .kind = KIND_CHOICE,                                                                                              \
     .required = NEED_##need,                                                                                          \
     .offset = offsetof(of_##owner, field),                                                                            \
     .words = &choices_##choice_list,                                                                                  \
     .doc = doc_},
#define ROWS(owner, field, row_, most, doc_)                                                                           \
    {.name = #field,                                                                                                   \
     .kind = KIND_ROWS,                                                                                                \
     .required = true,                                                                                                 \
     .bound = most,                                                                                                    \
     .offset = offsetof(of_##owner, field),                                                                            \
     .row = &row_info_##row_,                                                                                          \
     .doc = doc_},
#define SEALED(owner, field, most, doc_)                                                                               \
    {.name = #field, .kind = KIND_SEALED, .bound = most, .offset = offsetof(of_##owner, field), .doc = doc_},
#define ROW_BEGIN(row)                                                                                                 \
    typedef struct row_##row of_##row;                                                                                 \
    static const struct field_info fields_##row[] = {
#define ROW_END(row)                                                                                                   \
    }                                                                                                                  \
    ;                                                                                                                  \
    const struct row_info row_info_##row = {#row, fields_##row, COUNT_OF(fields_##row)};
#define EVENT_BEGIN(type, number, version, family, doc)                                                                \
    typedef struct body_##type of_##type;                                                                              \
    static const struct field_info fields_##type[] = {
#define EVENT_END(type)                                                                                                \
    }                                                                                                                  \
    ;
#include "proto/event/events.def"
#include "proto/event/events_undef.h"

#define FIELD(owner, name, kind, need, bound, doc)
#define CHOICE(owner, name, choice_list, need, doc)
#define ROWS(owner, name, row, most, doc)
#define SEALED(owner, name, most, doc)
#define ROW_BEGIN(row)
#define ROW_END(row)
#define EVENT_END(type)

static const struct event_info events[] = {
#define EVENT_BEGIN(type, number_, version_, family_, doc_)                                                            \
    {.name = #type,                                                                                                    \
     .number = number_,                                                                                                \
     .version = version_,                                                                                              \
     .family = #family_,                                                                                               \
     .doc = doc_,                                                                                                      \
     .fields = fields_##type,                                                                                          \
     .count = COUNT_OF(fields_##type),                                                                                 \
     .sealed_count = SEALED_COUNT_##type},
#include "proto/event/events.def"
#undef EVENT_BEGIN
};

enum event_place {
#define EVENT_BEGIN(type, number, version, family, doc) PLACE_##type,
#include "proto/event/events.def"
#undef EVENT_BEGIN
};

const struct event_info *event_info(uint16_t type) {
    switch (type) {
#define EVENT_BEGIN(type, number, version, family, doc)                                                                \
    case EVENT_##type:                                                                                                 \
        return &events[PLACE_##type];
#include "proto/event/events.def"
#include "proto/event/events_undef.h"
    default: return NULL;
    }
}

const struct event_info *event_info_at(size_t index) { return index < COUNT_OF(events) ? &events[index] : NULL; }

const struct event_info *event_info_named(const char *name) {
    for (size_t i = 0; i < COUNT_OF(events); i++)
        if (strcmp(events[i].name, name) == 0) return &events[i];
    return NULL;
}

static const struct field_info *sealed_fields(const struct event_info *info) {
    return &info->fields[info->count - info->sealed_count];
}

int event_sealed_bit(const struct event_info *info, struct view name) {
    for (size_t bit = 0; bit < info->sealed_count; bit++)
        if (view_is(name, sealed_fields(info)[bit].name)) return (int)bit;
    return -1;
}

struct view event_sealed_view(const struct event *e, const struct event_info *info, int bit) {
    struct view value;
    memcpy(&value, (const char *)&e->body + sealed_fields(info)[bit].offset, sizeof value);
    return value;
}

void event_sealed_set(struct event *e, const struct event_info *info, int bit, struct view value) {
    memcpy((char *)&e->body + sealed_fields(info)[bit].offset, &value, sizeof value);
    e->sealed_bits |= UINT64_C(1) << bit;
}

const char *choice_name(const struct choice_list *list) { return list->name; }

const struct choice_info *choice_at(const struct choice_list *list, size_t index) {
    return index < list->count ? &list->choices[index] : NULL;
}

const char *choice_word(const struct choice_list *list, int64_t number) {
    for (size_t i = 0; i < list->count; i++)
        if (list->choices[i].number == number) return list->choices[i].word;
    return NULL;
}

int choice_parse(const struct choice_list *list, const char *field, struct view word, int64_t *out, struct err *err) {
    for (size_t i = 0; i < list->count; i++) {
        if (view_is(word, list->choices[i].word)) {
            *out = list->choices[i].number;
            return 0;
        }
    }
    struct buf words = BUF_INIT;
    for (size_t i = 0; i < list->count; i++) buf_printf(&words, "%s%s", i == 0 ? "" : ", ", list->choices[i].word);
    struct buf given = BUF_INIT;
    text_printable((struct view){word.data, word.len < WORD_SHOWN ? word.len : WORD_SHOWN}, &given);
    err_set(err, ERR_INVALID, field, "\"%s\" is not one of: %s", buf_text(&given), buf_text(&words));
    buf_release(&given);
    buf_release(&words);
    return ERR_INVALID;
}
