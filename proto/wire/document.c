#include "proto/wire/document.h"

#include <assert.h>
#include <string.h>

#define HEX_MOST 64 /* bytes */

json_t *document_parse(struct view text, struct err *err) {
    json_error_t reason;
    json_t *object = json_loadb((const char *)text.data, text.len, JSON_REJECT_DUPLICATES, &reason);
    if (json_is_object(object)) return object;
    err_set(err, ERR_FORMAT, NULL, "%s", object == NULL ? reason.text : "not a JSON object");
    json_decref(object);
    return NULL;
}

int document_text(const json_t *object, const char *name, size_t most, enum document_need need, char **out,
                  struct err *err) {
    const json_t *value = json_object_get(object, name);
    *out = NULL;
    if ((value == NULL || json_is_null(value)) && need == DOCUMENT_OPTIONAL) return 0;
    if (value == NULL) return err_set(err, ERR_FORMAT, name, "%s is missing", name);
    if (!json_is_string(value)) return err_set(err, ERR_FORMAT, name, "%s is not a text", name);
    size_t len = json_string_length(value);
    if (len == 0) return err_set(err, ERR_FORMAT, name, "%s is empty", name);
    if (len > most) return err_set(err, ERR_LIMIT, name, "%s is longer than %zu bytes", name, most);
    *out = mem_text(json_string_value(value));
    return 0;
}

int document_hex(const json_t *object, const char *name, uint8_t *out, size_t len, struct err *err) {
    const char *text = json_string_value(json_object_get(object, name));
    if (text == NULL) return err_set(err, ERR_FORMAT, name, "%s is missing", name);
    if (!hex_decode(text, out, len))
        return err_set(err, ERR_FORMAT, name, "%s is not %zu hexadecimal digits", name, 2 * len);
    return 0;
}

int document_number(const json_t *object, const char *name, uint32_t most, uint32_t *out, struct err *err) {
    const json_t *value = json_object_get(object, name);
    if (!json_is_integer(value)) return err_set(err, ERR_FORMAT, name, "%s is missing or no number", name);
    json_int_t number = json_integer_value(value);
    if (number < 0 || number > most) return err_set(err, ERR_FORMAT, name, "%s is not 0 to %u", name, most);
    *out = (uint32_t)number;
    return 0;
}

/* Only text that is not UTF-8 can be refused here, and that is a mistake of ours: what people type was checked. */
static void put(json_t *object, const char *name, json_t *value) {
    int rc = json_object_set_new(object, name, value);
    assert(rc == 0);
    (void)rc;
}

void document_put_text(json_t *object, const char *name, const char *text) {
    if (text != NULL && text[0] != '\0') put(object, name, json_string(text));
}

void document_put_hex(json_t *object, const char *name, const uint8_t *bytes, size_t len) {
    char text[2 * HEX_MOST + 1];
    assert(len <= HEX_MOST);
    hex_encode(view_make(bytes, len), text);
    put(object, name, json_string(text));
    explicit_bzero(text, sizeof text);
}

void document_put_number(json_t *object, const char *name, uint32_t number) {
    put(object, name, json_integer((json_int_t)number));
}

static int append(const char *text, size_t len, void *out) {
    buf_append(out, text, len);
    return 0;
}

void document_write(json_t *object, size_t flags, struct buf *out) {
    int rc = json_dump_callback(object, append, out, flags | JSON_ENSURE_ASCII);
    assert(rc == 0);
    (void)rc;
    json_decref(object);
}
