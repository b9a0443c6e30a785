#include "proto/api/fields.h"

#include <jansson.h>
#include <sodium.h>
#include <stdlib.h>

#include "proto/base/money.h"

static char *option_name(const char *written) {
    char *name = mem_text(written);
    for (char *c = name; *c != '\0'; c++)
        if (*c == '_') *c = '-';
    return name;
}

static int add(struct fields *fields, const char *name, const char *value, enum field_kind kind, struct err *err) {
    if (fields->count == FIELDS_MAX) return err_set(err, ERR_LIMIT, name, "there are more than %d values", FIELDS_MAX);
    if (fields->count == fields->room) {
        fields->room = fields->room == 0 ? 16 : 2 * fields->room;
        fields->list = mem_resize(fields->list, fields->room * sizeof *fields->list);
    }
    fields->list[fields->count++] = (struct field){.name = option_name(name), .value = mem_text(value), .kind = kind};
    return 0;
}

bool json_shallow(struct view text) {
    size_t depth = 0;
    bool quoted = false;
    for (size_t i = 0; i < text.len; i++) {
        uint8_t c = text.data[i];
        if (quoted) {
            if (c == '\\')
                i++;
            else if (c == '"')
                quoted = false;
        } else if (c == '"') {
            quoted = true;
        } else if (c == '{' || c == '[') {
            if (++depth > BODY_DEPTH) return false;
        } else if ((c == '}' || c == ']') && depth > 0) {
            depth--;
        }
    }
    return true;
}

bool api_money(int64_t minor, int decimals, char out[40]) {
    if (minor > MONEY_MAX || minor < -MONEY_MAX) return false;
    decimal_format(minor, decimals, false, out);
    return true;
}

/* A scalar as text. A real number keeps what was meant to 12 digits: quantities have three decimals. */
static int scalar_text(const char *name, const json_t *value, char *out, size_t size, struct err *err) {
    if (json_is_integer(value))
        snprintf(out, size, "%lld", (long long)json_integer_value(value));
    else if (json_is_real(value))
        snprintf(out, size, "%.12g", json_real_value(value));
    else
        return err_set(err, ERR_INVALID, name, "is neither a text nor a number");
    return 0;
}

static int add_scalar(struct fields *fields, const char *name, const json_t *value, struct err *err) {
    char number[40];
    if (json_is_true(value)) return add(fields, name, "true", FIELD_TRUE, err);
    if (json_is_false(value)) return add(fields, name, "false", FIELD_FALSE, err);
    if (json_is_null(value)) return add(fields, name, "", FIELD_NULL, err);
    if (json_is_string(value)) {
        if (strlen(json_string_value(value)) != json_string_length(value))
            return err_set(err, ERR_INVALID, name, "holds a NUL character");
        return add(fields, name, json_string_value(value), FIELD_TEXT, err);
    }
    int code = scalar_text(name, value, number, sizeof number, err);
    return code == 0 ? add(fields, name, number, json_is_integer(value) ? FIELD_NUMBER : FIELD_TEXT, err) : code;
}

/* ---- {KEY: VALUE} ---- */

static int add_pair(struct fields *fields, const char *name, const char *key, const json_t *value, struct err *err) {
    char number[40];
    const char *text = json_is_true(value) ? "yes" : json_is_false(value) ? "no" : json_string_value(value);
    if (strchr(key, '=') != NULL) return err_set(err, ERR_INVALID, name, "a key holds an equals sign");
    if (text == NULL && !json_is_null(value)) {
        int code = scalar_text(name, value, number, sizeof number, err);
        if (code != 0) return code;
        text = number;
    }
    struct buf pair = BUF_INIT;
    buf_printf(&pair, "%s=%s", key, text == NULL ? "" : text);
    int code = add(fields, name, buf_text(&pair), FIELD_TEXT, err);
    buf_wipe(&pair);
    return code;
}

static int add_pairs(struct fields *fields, const char *name, json_t *object, struct err *err) {
    const char *key;
    json_t *value;
    int code = 0;
    json_object_foreach(object, key, value) {
        if (code == 0) code = add_pair(fields, name, key, value, err);
    }
    return code;
}

/* ---- Lines of a sale ---- */

enum part_kind { PART_TEXT, PART_QUANTITY, PART_MONEY };
static const struct {
    const char *key;
    enum part_kind kind;
    bool required;
} parts[] = {{"sku", PART_TEXT, true},
             {"quantity", PART_QUANTITY, true},
             {"amount", PART_MONEY, true},
             {"list_amount", PART_MONEY, false},
             {"cost", PART_MONEY, false}};
#define PART_COUNT (sizeof parts / sizeof *parts)

#define QUANTITY_DECIMALS 3
#define FAULT_SIZE 48 /* err.field */

/* "lines[2].quantity"; without a key the line itself. */
static const char *in_line(const struct fields *fields, const char *key, char out[FAULT_SIZE]) {
    snprintf(out, FAULT_SIZE, "lines[%zu]%s%.24s", fields->lines, key == NULL ? "" : ".", key == NULL ? "" : key);
    return out;
}

/* What the command would say of its own way of writing it. */
static int check_part(const struct fields *fields, size_t i, const char *text, const char *field, struct err *err) {
    int64_t value;
    struct err fault = {.code = 0};
    if (*text == '\0') return parts[i].required ? err_set(err, ERR_INVALID, field, "is missing") : 0;
    if (strchr(text, ',') != NULL) return err_set(err, ERR_INVALID, field, "'%s' holds a comma", text);
    if (parts[i].kind == PART_TEXT) return 0;
    bool money = parts[i].kind == PART_MONEY;
    int code = decimal_parse(view_of(text), money ? fields->decimals : QUANTITY_DECIMALS, MONEY_EXACT,
                             money ? MONEY_MAX : QUANTITY_MAX, &value, &fault);
    return code == 0 ? 0 : err_set(err, code, field, "%s", fault.text);
}

static int put_part(const struct fields *fields, const json_t *line, size_t i, struct buf *out, struct err *err) {
    const json_t *value = json_object_get(line, parts[i].key);
    char number[40], fault[FAULT_SIZE];
    const char *text = value == NULL || json_is_null(value) ? "" : json_string_value(value);
    const char *field = in_line(fields, parts[i].key, fault);
    if (text == NULL && parts[i].kind == PART_MONEY && json_is_integer(value)) {
        if (!api_money(json_integer_value(value), fields->decimals, number))
            return err_set(err, ERR_INVALID, field, "the amount is too large");
        text = number;
    }
    if (text == NULL) {
        int code = scalar_text(field, value, number, sizeof number, err);
        if (code != 0) return code;
        text = number;
    }
    int code = check_part(fields, i, text, field, err);
    if (code == 0) buf_printf(out, "%s", text);
    return code;
}

static bool known_part(const char *key) {
    for (size_t i = 0; i < PART_COUNT; i++)
        if (strcmp(parts[i].key, key) == 0) return true;
    return false;
}

static int add_line(struct fields *fields, json_t *line, struct err *err) {
    struct buf text = BUF_INIT;
    char fault[FAULT_SIZE];
    const char *key;
    json_t *value;
    json_object_foreach(line, key, value) {
        if (!known_part(key)) return err_set(err, ERR_INVALID, in_line(fields, key, fault), "a line has no such field");
    }
    int code = 0;
    size_t whole = 0; /* the text ends with the last part that is there */
    for (size_t i = 0; i < PART_COUNT && code == 0; i++) {
        if (i > 0) buf_append_byte(&text, ',');
        size_t before = text.len;
        code = put_part(fields, line, i, &text, err);
        if (text.len > before || i < 3) whole = text.len;
    }
    text.len = whole;
    if (code == 0) code = add(fields, "line", buf_text(&text), FIELD_TEXT, err);
    fields->lines++;
    buf_release(&text);
    return code;
}

/* ---- A member ---- */

static int add_item(struct fields *fields, const char *name, json_t *value, struct err *err) {
    char fault[FAULT_SIZE];
    bool line = strcmp(name, "lines") == 0;
    if (line && json_is_object(value)) return add_line(fields, value, err);
    if (line && !json_is_string(value))
        return err_set(err, ERR_INVALID, in_line(fields, NULL, fault),
                       "a line is an object with sku, quantity and amount");
    if (line) fields->lines++;
    if (json_is_object(value)) return add_pairs(fields, name, value, err);
    if (json_is_array(value)) return err_set(err, ERR_INVALID, name, "is a list within a list");
    return add_scalar(fields, line ? "line" : name, value, err);
}

static int add_member(struct fields *fields, const char *name, json_t *value, struct err *err) {
    if (*name == '\0') return err_set(err, ERR_INVALID, NULL, "a field has no name");
    if (!json_is_array(value)) return add_item(fields, name, value, err);
    size_t i;
    json_t *item;
    int code = 0;
    json_array_foreach(value, i, item) {
        if (code == 0) code = add_item(fields, name, item, err);
    }
    return code;
}

int fields_json(struct fields *fields, struct view body, struct err *err) {
    json_error_t fault;
    const char *key;
    json_t *value;
    if (body.len == 0) return 0;
    if (!json_shallow(body)) return err_set(err, ERR_FORMAT, NULL, "the JSON is nested too deeply");
    json_t *object = json_loadb((const char *)body.data, body.len, JSON_REJECT_DUPLICATES, &fault);
    if (object == NULL) return err_set(err, ERR_FORMAT, NULL, "not JSON: line %d, %s", fault.line, fault.text);
    int code = json_is_object(object) ? 0 : err_set(err, ERR_FORMAT, NULL, "the body is not a JSON object");
    json_object_foreach(object, key, value) {
        if (code == 0) code = add_member(fields, key, value, err);
    }
    json_decref(object);
    return code;
}

int fields_query(struct fields *fields, const struct http_target *target, struct err *err) {
    for (size_t i = 0; i < target->pair_count; i++) {
        int code = add(fields, target->pairs[i].name, target->pairs[i].value, FIELD_TEXT, err);
        if (code != 0) return code;
    }
    return 0;
}

void fields_release(struct fields *fields) {
    for (size_t i = 0; i < fields->count; i++) {
        sodium_memzero(fields->list[i].value, strlen(fields->list[i].value));
        free(fields->list[i].value);
        free(fields->list[i].name);
    }
    free(fields->list);
    *fields = (struct fields){.list = NULL};
}

struct field *fields_find(struct fields *fields, struct view name) {
    for (size_t i = 0; i < fields->count; i++) {
        struct field *field = &fields->list[i];
        if (!field->taken && view_is(name, field->name)) return field;
    }
    return NULL;
}
