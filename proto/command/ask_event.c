/* An event as the answers show it: as JSON with what could be opened, and on a line for people. */
#include <string.h>

#include "proto/base/text.h"
#include "proto/command/ask.h"
#include "proto/event/describe.h"
#include "proto/event/json.h"

json_t *ask_event(struct call *call, const struct record *record) {
    struct event event;
    struct buf plain = BUF_INIT;
    int standing = event_decode(record->frame, &event, NULL);
    if (standing == EVENT_GOOD && event.sealed_bits != 0) ask_tell_closed(call);
    bool opened = standing == EVENT_GOOD && site_unseal(call->site, &event, &plain);
    json_t *row = event_json(&event, record->id, standing, opened, &call->site->zone);
    if (standing >= 0) {
        const struct model *model = ask_begin(call);
        int64_t at = model_time(model, record->id, &event);
        ask_end(call);
        json_object_set_new(row, "at", ask_time(call, at));
    }
    json_object_set_new(row, "received", record->received == 0 ? json_null() : ask_time(call, record->received));
    buf_wipe(&plain);
    return row;
}

static const char *text_of(const json_t *row, const char *key) {
    const char *text = json_string_value(json_object_get(row, key));
    return text == NULL ? "" : text;
}

static int64_t number_of(const json_t *row, const char *key) {
    return (int64_t)json_integer_value(json_object_get(row, key));
}

/* Thousandths: "2", "1.5". */
static void put_quantity(struct buf *out, int64_t thousandths) {
    char text[40];
    size_t len = strlen(decimal_format(thousandths, 3, true, text));
    while (text[len - 1] == '0') len--;
    if (text[len - 1] == '.') len--;
    buf_append(out, text, len);
}

static void put_money(const struct call *call, struct buf *out, int64_t amount) {
    char text[40];
    buf_printf(out, "%s", decimal_format(amount, call->site->currency.decimals, true, text));
}

/* "113,000 KRW: 1 DRESS-7 for 89,000, 2 SCARF-2 for 24,000" */
static void put_lines(const struct call *call, struct buf *out, const json_t *lines) {
    int64_t sum = 0;
    size_t i;
    const json_t *line;
    json_array_foreach(lines, i, line) sum += number_of(line, "amount");
    put_money(call, out, sum);
    buf_printf(out, " %s", call->site->currency.code);
    json_array_foreach(lines, i, line) {
        buf_printf(out, "%s", i == 0 ? ": " : ", ");
        put_quantity(out, number_of(line, "quantity"));
        buf_append_byte(out, ' ');
        text_printable(view_of(text_of(line, "sku")), out);
        buf_printf(out, " for ");
        put_money(call, out, number_of(line, "amount"));
    }
}

static void put_ids(struct buf *out, const json_t *ids) {
    size_t i;
    const json_t *id;
    json_array_foreach(ids, i, id) buf_printf(out, "%s%s", i == 0 ? "" : ", ", json_string_value(id));
}

static void put_value(const struct call *call, struct buf *out, const struct field_info *field, const json_t *value) {
    if (json_is_array(value))
        put_ids(out, value);
    else if (json_is_object(value))
        buf_printf(out, "(sealed)");
    else if (json_is_null(value))
        buf_printf(out, "(cleared)");
    else if (json_is_boolean(value))
        buf_printf(out, "%s", json_is_true(value) ? "yes" : "no");
    else if (field->kind == KIND_MONEY)
        put_money(call, out, (int64_t)json_integer_value(value));
    else if (json_is_integer(value))
        buf_printf(out, "%lld", (long long)json_integer_value(value));
    else if (field->kind == KIND_TIME)
        ask_minute(out, json_string_value(value));
    else
        text_printable(view_of(json_string_value(value)), out);
}

/* Keys and hashes tell people nothing. */
static void put_field(const struct call *call, struct buf *out, const struct field_info *field, const json_t *value) {
    if (value == NULL || field->kind == KIND_BYTES) return;
    if (out->len > 0) buf_printf(out, "; ");
    if (field->kind != KIND_ROWS) buf_printf(out, "%s: ", field->name);
    if (field->kind == KIND_ROWS)
        put_lines(call, out, value);
    else
        put_value(call, out, field, value);
}

void ask_event_text(const struct call *call, const json_t *row, struct buf *out) {
    const struct event_info *info = event_info_named(text_of(row, "type"));
    const json_t *body = json_object_get(row, "body");
    struct buf text = BUF_INIT;
    for (size_t i = 0; info != NULL && i < info->count; i++)
        put_field(call, &text, &info->fields[i], json_object_get(body, info->fields[i].name));
    if (body == NULL) buf_printf(&text, "(%s)", text_of(row, "standing"));
    buf_append_view(out, buf_view(&text));
    buf_wipe(&text);
}

void ask_event_line(const struct call *call, const json_t *row, struct buf *out) {
    ask_minute(out, text_of(row, "at"));
    buf_printf(out, "  %-10s %-12s ", text_of(row, "id"), text_of(row, "type"));
    ask_event_text(call, row, out);
    if (json_is_true(json_object_get(row, "voided"))) buf_printf(out, " (void)");
    while (out->data[out->len - 1] == ' ') out->len--;
}

void ask_minute(struct buf *out, const char *time) {
    if (strlen(time) < 16)
        buf_printf(out, "%s", time);
    else
        buf_printf(out, "%.10s %.5s", time, time + 11);
}
