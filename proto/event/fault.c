/* A fault of an event in words: off the path that decodes. */
#include <string.h>

#include "proto/event/body.h"
#include "proto/event/describe.h"
#include "proto/event/take.h"

/* The envelope's own fields, and the parts of a body that are no fields of the catalogue. */
static const struct {
    const char *field;
    const char *must;
} envelope[] = {
    {"version", "must be from 1 on"},
    {"at", "must be a time from 1900 to 2399"},
    {"actor", "must be text of 1 to 32 bytes in UTF-8"},
    {"subject", "must be an id, and is needed where there are sealed fields"},
    {"ref", "must be a source of 1 to 64 bytes and a key of 1 to 128 bytes in UTF-8"},
    {"after", "must be a list of 1 to 64 ids"},
    {"body", "must be a list of fields"},
    {"sealed", "must be a bitmap that is not 0, and bytes"},
};

static const char *envelope_must(const char *field) {
    for (size_t i = 0; i < sizeof envelope / sizeof *envelope; i++)
        if (strcmp(envelope[i].field, field) == 0) return envelope[i].must;
    return "is not acceptable";
}

static const struct field_info *field_named(const struct field_info *fields, size_t count, const char *name) {
    for (size_t i = 0; i < count; i++)
        if (strcmp(fields[i].name, name) == 0) return &fields[i];
    return NULL;
}

static void words_of(const struct choice_list *list, struct buf *out) {
    const struct choice_info *choice;
    for (size_t i = 0; (choice = choice_at(list, i)) != NULL; i++)
        buf_printf(out, "%s%s", i == 0 ? "must be one of " : ", ", choice->word);
}

static void must_be(const struct field_info *field, struct buf *out) {
    long long bound = field->bound;
    switch (field->kind) {
    case KIND_ID: buf_printf(out, "must be an id such as 12-845"); return;
    case KIND_COUNT: buf_printf(out, "must be a whole number from 0 to %lld", bound); return;
    case KIND_MONEY: buf_printf(out, "must be an amount of at most %lld minor units", (long long)MONEY_MAX); return;
    case KIND_QUANTITY: buf_printf(out, "must be a quantity of at most %lld", (long long)(QUANTITY_MAX / 1000)); return;
    case KIND_TIME: buf_printf(out, "must be a time from 1900 to 2399"); return;
    case KIND_SPAN: buf_printf(out, "must be at most %lld ms", (long long)SPAN_MAX); return;
    case KIND_FLAG: buf_printf(out, "must be true or false"); return;
    case KIND_WORD:
    case KIND_SEALED: buf_printf(out, "must be text of 1 to %lld bytes in UTF-8", bound); return;
    case KIND_BYTES: buf_printf(out, "must be %lld bytes", bound); return;
    case KIND_IDS: buf_printf(out, "must be a list of at most %lld ids", bound); return;
    case KIND_CHOICE: words_of(field->words, out); return;
    case KIND_ROWS: buf_printf(out, "must be a list of 1 to %lld rows", bound); return;
    }
}

int fault_explain(uint16_t type, const struct fault *fault, int code, struct err *err) {
    if (err == NULL) return code;
    const struct event_info *info = event_info(type);
    const struct field_info *field = NULL;
    struct buf text = BUF_INIT;
    if (info != NULL) field = field_named(info->fields, info->count, fault->field);
    if (field != NULL && fault->inner != NULL && field->row != NULL) {
        buf_printf(&text, "row %u of %s: ", fault->row + 1, field->name);
        field = field_named(field->row->fields, field->row->count, fault->inner);
    }
    const char *name = field != NULL ? field->name : fault->field;
    buf_printf(&text, "%s %s", name, fault->missing ? "is missing; it " : "");
    if (field != NULL)
        must_be(field, &text);
    else
        buf_printf(&text, "%s", envelope_must(fault->field));
    err_set(err, code, name, "%s", buf_text(&text));
    buf_release(&text);
    return code;
}
