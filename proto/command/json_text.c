#include "proto/command/json_text.h"

#define NUMBER_SIZE 64

static void put_word(struct buf *out, const char *word) { buf_append(out, word, strlen(word)); }

/* How a character is written in a string; NULL: as it is. */
static const char *escape_of(uint8_t c, char room[8]) {
    switch (c) {
    case '"': return "\\\"";
    case '\\': return "\\\\";
    case '\b': return "\\b";
    case '\f': return "\\f";
    case '\n': return "\\n";
    case '\r': return "\\r";
    case '\t': return "\\t";
    default: break;
    }
    if (c >= ' ') return NULL;
    snprintf(room, 8, "\\u%04X", c);
    return room;
}

static void put_string(struct buf *out, const char *text, size_t len) {
    char room[8];
    size_t start = 0;
    buf_append_byte(out, '"');
    for (size_t i = 0; i < len; i++) {
        const char *escape = escape_of((uint8_t)text[i], room);
        if (escape == NULL) continue;
        buf_append(out, text + start, i - start);
        put_word(out, escape);
        start = i + 1;
    }
    buf_append(out, text + start, len - start);
    buf_append_byte(out, '"');
}

static void put_integer(struct buf *out, json_int_t number) {
    char digits[24];
    size_t at = sizeof digits;
    uint64_t rest = number < 0 ? 0 - (uint64_t)number : (uint64_t)number;
    do {
        digits[--at] = (char)('0' + rest % 10);
        rest /= 10;
    } while (rest > 0);
    if (number < 0) digits[--at] = '-';
    buf_append(out, digits + at, sizeof digits - at);
}

/* jansson knows how many digits, and of no locale. */
static void put_real(struct buf *out, const json_t *number) {
    char text[NUMBER_SIZE];
    size_t len = json_dumpb(number, text, sizeof text, JSON_ENCODE_ANY);
    buf_append(out, text, len <= sizeof text ? len : 0);
}

static void put_array(struct buf *out, const json_t *array) {
    size_t i;
    json_t *item;
    buf_append_byte(out, '[');
    json_array_foreach(array, i, item) {
        if (i > 0) buf_append_byte(out, ',');
        json_text(item, out);
    }
    buf_append_byte(out, ']');
}

static void put_object(struct buf *out, json_t *object) {
    bool first = true;
    buf_append_byte(out, '{');
    for (void *at = json_object_iter(object); at != NULL; at = json_object_iter_next(object, at)) {
        if (!first) buf_append_byte(out, ',');
        first = false;
        put_string(out, json_object_iter_key(at), json_object_iter_key_len(at));
        buf_append_byte(out, ':');
        json_text(json_object_iter_value(at), out);
    }
    buf_append_byte(out, '}');
}

void json_text(json_t *document, struct buf *out) {
    switch (json_typeof(document)) {
    case JSON_OBJECT: put_object(out, document); break;
    case JSON_ARRAY: put_array(out, document); break;
    case JSON_STRING: put_string(out, json_string_value(document), json_string_length(document)); break;
    case JSON_INTEGER: put_integer(out, json_integer_value(document)); break;
    case JSON_REAL: put_real(out, document); break;
    case JSON_TRUE: put_word(out, "true"); break;
    case JSON_FALSE: put_word(out, "false"); break;
    case JSON_NULL: put_word(out, "null"); break;
    }
}
