/* The catalogue as Markdown, for proto/PROTOCOL.md. */
#include <string.h>

#include "proto/event/describe.h"

static const char *const kinds[] = {
    [KIND_ID] = "id",       [KIND_COUNT] = "count", [KIND_MONEY] = "money", [KIND_QUANTITY] = "quantity",
    [KIND_TIME] = "time",   [KIND_SPAN] = "span",   [KIND_FLAG] = "flag",   [KIND_WORD] = "text",
    [KIND_BYTES] = "bytes", [KIND_IDS] = "ids",     [KIND_CHOICE] = "",     [KIND_ROWS] = "",
    [KIND_SEALED] = "text",
};

static void put_kind(const struct field_info *field, struct buf *out) {
    if (field->kind == KIND_CHOICE)
        buf_printf(out, "[%s](#%s)", choice_name(field->words), choice_name(field->words));
    else if (field->kind == KIND_ROWS)
        buf_printf(out, "[%s](#%s) × 1–%lld", field->row->name, field->row->name, (long long)field->bound);
    else if (field->bound != 0)
        buf_printf(out, "%s ≤ %lld", kinds[field->kind], (long long)field->bound);
    else
        buf_printf(out, "%s", kinds[field->kind]);
}

static void put_fields(const struct field_info *fields, size_t count, struct buf *out) {
    buf_printf(out, "| field | kind | | meaning |\n|---|---|---|---|\n");
    size_t bit = 0;
    for (size_t i = 0; i < count; i++) {
        buf_printf(out, "| %s | ", fields[i].name);
        put_kind(&fields[i], out);
        if (fields[i].kind == KIND_SEALED)
            buf_printf(out, " | sealed, bit %zu", bit++);
        else
            buf_printf(out, " | %s", fields[i].required ? "required" : "or nil");
        buf_printf(out, " | %s |\n", fields[i].doc);
    }
    buf_printf(out, "\n");
}

static void put_events(struct buf *out) {
    const struct event_info *info;
    const char *family = "";
    for (size_t i = 0; (info = event_info_at(i)) != NULL; i++) {
        if (strcmp(family, info->family) != 0) buf_printf(out, "### Family %s\n\n", info->family);
        family = info->family;
        buf_printf(out, "#### %u %s\n\n%s Version %u.\n\n", info->number, info->name, info->doc, info->version);
        put_fields(info->fields, info->count, out);
    }
}

static void put_rows(struct buf *out) {
    buf_printf(out, "### Rows\n\n");
#define FIELD(owner, name, kind, need, bound, doc)
#define CHOICE(owner, name, choice_list, need, doc)
#define ROWS(owner, name, row, most, doc)
#define SEALED(owner, name, most, doc)
#define ROW_BEGIN(row)                                                                                                 \
    buf_printf(out, "#### %s\n\n", row_info_##row.name);                                                               \
    put_fields(row_info_##row.fields, row_info_##row.count, out);
#define ROW_END(row)
#define EVENT_BEGIN(type, number, version, family, doc)
#define EVENT_END(type)
#include "proto/event/events.def"
#include "proto/event/events_undef.h"
}

static void put_choices(const struct choice_list *list, struct buf *out) {
    const struct choice_info *choice;
    buf_printf(out, "#### %s\n\n| number | word | meaning |\n|---|---|---|\n", choice_name(list));
    for (size_t i = 0; (choice = choice_at(list, i)) != NULL; i++)
        buf_printf(out, "| %lld | %s | %s |\n", (long long)choice->number, choice->word, choice->meaning);
    buf_printf(out, "\n");
}

void catalogue_markdown(struct buf *out) {
    put_events(out);
    put_rows(out);
    buf_printf(out, "### Choices\n\n");
#define CHOICE_BEGIN(list) put_choices(&choices_##list, out);
#define WORD(list, name, number, word, meaning)
#define CHOICE_END(list)
#include "proto/event/choices.def"
#undef CHOICE_BEGIN
#undef WORD
#undef CHOICE_END
}
