#include "proto/event/id.h"

/* Digits up to `most`, no leading zeros, so that an id has one text. Advances `text`. */
static bool take_digits(struct view *text, uint64_t most, uint64_t *out) {
    uint64_t value = 0;
    size_t used = 0;
    for (; used < text->len && text->data[used] >= '0' && text->data[used] <= '9'; used++) {
        uint64_t digit = (uint64_t)(text->data[used] - '0');
        if (value > (most - digit) / 10 || (used > 0 && value == 0)) return false;
        value = value * 10 + digit;
    }
    if (used == 0) return false;
    text->data += used;
    text->len -= used;
    *out = value;
    return true;
}

bool id_parse(struct view text, uint64_t *out) {
    uint64_t stream, seq;
    if (!take_digits(&text, ID_STREAM_MAX, &stream) || text.len == 0 || *text.data != '-') return false;
    text.data++;
    text.len--;
    if (!take_digits(&text, ID_SEQ_MAX, &seq) || text.len != 0 || seq == 0) return false;
    *out = id_make((uint32_t)stream, seq);
    return true;
}

static char *put_digits(uint64_t value, char *out) {
    char digits[20];
    size_t count = 0;
    do digits[count++] = (char)('0' + value % 10);
    while ((value /= 10) > 0);
    while (count > 0) *out++ = digits[--count];
    return out;
}

char *id_format(uint64_t id, char *out) {
    char *end = out;
    if (id != 0) {
        end = put_digits(id_stream(id), end);
        *end++ = '-';
        end = put_digits(id_seq(id), end);
    }
    *end = '\0';
    return out;
}
