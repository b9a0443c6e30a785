#include "proto/base/cursor.h"

#include <endian.h>
#include <string.h>

static const uint8_t nothing[1];

struct cursor cursor_of(struct view bytes) {
    if (bytes.data == NULL) return (struct cursor){nothing, nothing, false};
    return (struct cursor){bytes.data, bytes.data + bytes.len, false};
}

bool cursor_done(const struct cursor *c) { return !c->failed && c->at == c->end; }

void cursor_fail(struct cursor *c) {
    c->failed = true;
    c->at = c->end;
}

/* One load each: folds read millions of ids and times a second. */
static inline uint64_t load(const uint8_t *p, size_t width) {
    uint16_t two;
    uint32_t four;
    uint64_t eight;
    switch (width) {
    case 1: return *p;
    case 2: memcpy(&two, p, sizeof two); return be16toh(two);
    case 4: memcpy(&four, p, sizeof four); return be32toh(four);
    default: memcpy(&eight, p, sizeof eight); return be64toh(eight);
    }
}

/* `width` bytes, big-endian, after the first one; consumes both. Says whether they were there. */
static inline bool take_number(struct cursor *c, size_t width, uint64_t *out) {
    if (cursor_left(c) < 1 + width) {
        cursor_fail(c);
        return false;
    }
    *out = load(c->at + 1, width);
    c->at += 1 + width;
    return true;
}

/* The same for a form with smaller ones beside it: refuses what is below `floor` and would have fitted into those. */
static inline bool take_minimal(struct cursor *c, size_t width, uint64_t floor, uint64_t *out) {
    if (!take_number(c, width, out)) return false;
    if (*out >= floor) return true;
    cursor_fail(c);
    return false;
}

/* Forms come in rows of 1, 2, 4 and 8 bytes (step 0 … 3). All below 2^(half the bits) fits into the step before; what
 * is below `floor` needs not even the first. */
static bool take_step(struct cursor *c, unsigned step, uint64_t floor, uint64_t *out) {
    size_t width = (size_t)1 << step;
    return take_minimal(c, width, step == 0 ? floor : UINT64_C(1) << (4 * width), out);
}

uint64_t cursor_uint_long(struct cursor *c) {
    uint64_t value = 0;
    bool taken = false;
    if (c->at != c->end && *c->at < 0x80) return *c->at++;
    switch (c->at != c->end ? *c->at : 0) {
    case 0xcc: taken = take_minimal(c, 1, 0x80, &value); break;
    case 0xcd: taken = take_minimal(c, 2, UINT64_C(1) << 8, &value); break;
    case 0xce: taken = take_minimal(c, 4, UINT64_C(1) << 16, &value); break;
    case 0xcf: taken = take_minimal(c, 8, UINT64_C(1) << 32, &value); break;
    default: cursor_fail(c);
    }
    return taken ? value : 0;
}

/* Two's complement without relying on how a conversion of too large a value turns out. */
static int64_t negative(uint64_t distance) { return -(int64_t)(distance - 1) - 1; }

/* 0xd0 … 0xd3: only numbers below zero, each too low for the next smaller form. */
static int64_t take_negative(struct cursor *c) {
    unsigned step = *c->at - 0xd0U;
    unsigned bits = 8U << step;
    uint64_t value;
    if (!take_number(c, bits / 8, &value)) return 0;
    bool below_zero = value >> (bits - 1) != 0;
    uint64_t distance = bits == 64 ? ~value + 1 : (UINT64_C(1) << bits) - value;
    uint64_t smaller_form = step == 0 ? 32 : UINT64_C(1) << (bits / 2 - 1);
    if (below_zero && distance > smaller_form) return negative(distance);
    cursor_fail(c);
    return 0;
}

int64_t cursor_int_long(struct cursor *c) {
    if (c->at != c->end && *c->at >= 0xe0) return (int64_t)*c->at++ - 0x100;
    if (c->at != c->end && *c->at >= 0xd0 && *c->at <= 0xd3) return take_negative(c);
    uint64_t value = cursor_uint_long(c);
    if (value <= INT64_MAX) return (int64_t)value;
    cursor_fail(c);
    return 0;
}

bool cursor_bool(struct cursor *c) {
    if (c->at != c->end && (*c->at & 0xfe) == 0xc2) return *c->at++ == 0xc3;
    cursor_fail(c);
    return false;
}

static struct view take_bytes(struct cursor *c, uint64_t len) {
    if (cursor_left(c) < len) {
        cursor_fail(c);
        return VIEW_NONE;
    }
    struct view bytes = {c->at, (size_t)len};
    c->at += len;
    return bytes;
}

struct view cursor_str_long(struct cursor *c) {
    uint64_t len;
    if (c->at != c->end && (*c->at & 0xe0) == 0xa0) {
        len = *c->at++ & 0x1f;
        return take_bytes(c, len);
    }
    if (c->at != c->end && *c->at >= 0xd9 && *c->at <= 0xdb)
        return take_step(c, *c->at - 0xd9U, 32, &len) ? take_bytes(c, len) : VIEW_NONE;
    cursor_fail(c);
    return VIEW_NONE;
}

struct view cursor_bin(struct cursor *c) {
    uint64_t len;
    if (c->at != c->end && *c->at >= 0xc4 && *c->at <= 0xc6)
        return take_step(c, *c->at - 0xc4U, 0, &len) ? take_bytes(c, len) : VIEW_NONE;
    cursor_fail(c);
    return VIEW_NONE;
}

struct view cursor_bin_exact(struct cursor *c, size_t len) {
    struct view bytes = cursor_bin(c);
    if (bytes.data != NULL && bytes.len == len) return bytes;
    cursor_fail(c);
    return VIEW_NONE;
}

uint32_t cursor_array_long(struct cursor *c) {
    uint64_t count = 0;
    if (c->at != c->end && (*c->at & 0xf0) == 0x90)
        count = *c->at++ & 0x0f;
    else if (c->at != c->end && *c->at == 0xdc)
        take_minimal(c, 2, 16, &count);
    else if (c->at != c->end && *c->at == 0xdd)
        take_minimal(c, 4, 0x10000, &count);
    else
        cursor_fail(c);
    if (!c->failed && cursor_left(c) >= count) return (uint32_t)count;
    cursor_fail(c);
    return 0;
}

enum cursor_kind cursor_peek(const struct cursor *c) {
    if (c->at == c->end) return CURSOR_END;
    uint8_t first = *c->at;
    if (first < 0x80 || first >= 0xe0 || (first >= 0xcc && first <= 0xd3)) return CURSOR_INT;
    if ((first & 0xe0) == 0xa0 || (first >= 0xd9 && first <= 0xdb)) return CURSOR_STR;
    if ((first & 0xf0) == 0x90 || (first & 0xfe) == 0xdc) return CURSOR_ARRAY;
    if (first == 0xc0) return CURSOR_NIL;
    if ((first & 0xfe) == 0xc2) return CURSOR_BOOL;
    return first >= 0xc4 && first <= 0xc6 ? CURSOR_BIN : CURSOR_OTHER;
}

/* One value that is not an array. */
static void skip_scalar(struct cursor *c) {
    switch (cursor_peek(c)) {
    case CURSOR_NIL: cursor_nil(c); return;
    case CURSOR_BOOL: cursor_bool(c); return;
    case CURSOR_INT:
        if (*c->at == 0xcf)
            cursor_uint(c);
        else
            cursor_int(c);
        return;
    case CURSOR_STR: cursor_str(c); return;
    case CURSOR_BIN: cursor_bin(c); return;
    case CURSOR_END:
    case CURSOR_ARRAY:
    case CURSOR_OTHER: cursor_fail(c); return;
    }
}

struct view cursor_skip(struct cursor *c) {
    const uint8_t *start = c->at;
    uint32_t open[CURSOR_MAX_DEPTH]; /* elements still to come, an entry for each array entered */
    size_t depth = 0;
    for (;;) {
        if (cursor_peek(c) != CURSOR_ARRAY)
            skip_scalar(c);
        else if (depth < CURSOR_MAX_DEPTH)
            open[depth++] = cursor_array(c);
        else
            cursor_fail(c);
        if (c->failed) return VIEW_NONE;
        while (depth > 0 && open[depth - 1] == 0) depth--;
        if (depth == 0) return view_make(start, (size_t)(c->at - start));
        open[depth - 1]--;
    }
}
