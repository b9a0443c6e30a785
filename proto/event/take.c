#include "proto/event/take.h"

/* Values that are wide, signed or at the very end of a frame, and whatever is wrong. */

static struct cursor cursor_at(const uint8_t *at, const uint8_t *end) { return (struct cursor){at, end, false}; }

static struct taken taken_by(const struct cursor *c, uint64_t value) {
    return (struct taken){cursor_ok(c) ? c->at : NULL, value};
}

/* Apart from the quick ways, which so need no stack. */
#define SLOW static __attribute__((cold, noinline))

SLOW struct taken slow_uint(const uint8_t *at, const uint8_t *end) {
    struct cursor c = cursor_at(at, end);
    uint64_t value = cursor_uint(&c);
    return taken_by(&c, value);
}

SLOW struct taken slow_int(const uint8_t *at, const uint8_t *end) {
    struct cursor c = cursor_at(at, end);
    int64_t value = cursor_int(&c);
    return taken_by(&c, (uint64_t)value);
}

/* Times, ids and amounts: 0xcc … 0xcf with 1, 2, 4 or 8 bytes behind, cut out of one load of eight; of fewer where the
 * frame ends before, as it does behind the last amount of a sale. */
static inline struct taken quick_uint(const uint8_t *at, const uint8_t *end) {
    static const struct {
        uint64_t floor; /* what is below has a shorter form */
        uint8_t shift;
        uint8_t size;
    } forms[4] = {{0x80, 56, 2}, {UINT64_C(1) << 8, 48, 3}, {UINT64_C(1) << 16, 32, 5}, {UINT64_C(1) << 32, 0, 9}};
    unsigned form = at != end ? *at - 0xccU : 4;
    if (form < 4 && end - at >= forms[form].size) {
        uint64_t value;
        if (end - at > 8)
            value = be64toh(eight_bytes(at + 1)) >> forms[form].shift;
        else
            value = form == 0 ? at[1] : form == 1 ? be16toh(two_bytes(at + 1)) : be32toh(four_bytes(at + 1));
        if (value >= forms[form].floor) return (struct taken){at + forms[form].size, value};
    }
    return (struct taken){NULL, 0};
}

struct taken take_uint_long(const uint8_t *at, const uint8_t *end) {
    struct taken taken = quick_uint(at, end);
    return taken.at != NULL ? taken : slow_uint(at, end);
}

struct taken take_int_long(const uint8_t *at, const uint8_t *end) {
    struct taken taken = quick_uint(at, end);
    return taken.at != NULL && taken.value <= INT64_MAX ? taken : slow_int(at, end);
}

struct taken take_array_long(const uint8_t *at, const uint8_t *end) {
    struct cursor c = cursor_at(at, end);
    uint32_t count = cursor_array(&c);
    return taken_by(&c, count);
}

const uint8_t *take_str_long(const uint8_t *at, const uint8_t *end, struct view *out) {
    struct cursor c = cursor_at(at, end);
    *out = cursor_str(&c);
    return cursor_ok(&c) ? c.at : NULL;
}

const uint8_t *take_bin(const uint8_t *at, const uint8_t *end, struct view *out) {
    struct cursor c = cursor_at(at, end);
    *out = cursor_bin(&c);
    return cursor_ok(&c) ? c.at : NULL;
}

const uint8_t *take_skip(const uint8_t *at, const uint8_t *end, uint32_t count) {
    struct cursor c = cursor_at(at, end);
    while (count-- > 0 && cursor_ok(&c)) cursor_skip(&c);
    return cursor_ok(&c) ? c.at : NULL;
}

SLOW const uint8_t *slow_text(const uint8_t *at, const uint8_t *end, size_t most, struct view *out) {
    return take_str(&at, end, out) && text_good(*out, most) ? at : NULL;
}

const uint8_t *take_text(const uint8_t *at, const uint8_t *end, size_t most, struct view *out) {
    if (at != end && (*at & 0xe0) == 0xa0) {
        const struct view text = {at + 1, *at & 0x1f};
        if ((size_t)(end - at) > text.len && text.len > 0 && text.len <= most && text_plain(text)) {
            *out = text;
            return text.data + text.len;
        }
    }
    return slow_text(at, end, most, out);
}
