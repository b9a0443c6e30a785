/* Reading msgpack that came from outside: a bounds-checked cursor that never allocates.
 *
 * Every read checks `remaining >= need` before any arithmetic on `need`. Only minimal forms are accepted (the shortest
 * encoding of each value, as msgpack-c writes it), so that a value has one encoding. Floats, maps and extension types
 * do not occur in Dangol's formats and are refused; skipping caps the depth. After the first failure the cursor stays
 * failed and every read gives zero values: check `cursor_ok` once at the end.
 * Format: https://github.com/msgpack/msgpack/blob/master/spec.md. Thread: a cursor belongs to its caller. */
#ifndef DANGOL_PROTO_BASE_CURSOR_H
#define DANGOL_PROTO_BASE_CURSOR_H

#include "proto/base/bytes.h"

#define CURSOR_MAX_DEPTH 8

struct cursor {
    const uint8_t *at;
    const uint8_t *end;
    bool failed;
};

struct cursor cursor_of(struct view bytes);
static inline bool cursor_ok(const struct cursor *c) { return !c->failed; }
static inline size_t cursor_left(const struct cursor *c) { return (size_t)(c->end - c->at); }
bool cursor_done(const struct cursor *c); /* ok and nothing left */
void cursor_fail(struct cursor *c);       /* moves to the end too, so that reading needs to check only what is left */

bool cursor_bool(struct cursor *c);
struct view cursor_bin(struct cursor *c);
struct view cursor_bin_exact(struct cursor *c, size_t len); /* a bin of exactly `len` bytes */
struct view cursor_skip(struct cursor *c);                  /* one whole value of any accepted kind; its bytes */

/* What comes next, without consuming it. */
enum cursor_kind {
    CURSOR_END,
    CURSOR_NIL,
    CURSOR_BOOL,
    CURSOR_INT,
    CURSOR_STR,
    CURSOR_BIN,
    CURSOR_ARRAY,
    CURSOR_OTHER
};
enum cursor_kind cursor_peek(const struct cursor *c);

/* The forms that do not fit into the first byte, and every failure: the second halves of the reads below. */
uint64_t cursor_uint_long(struct cursor *c);
int64_t cursor_int_long(struct cursor *c);
struct view cursor_str_long(struct cursor *c);
uint32_t cursor_array_long(struct cursor *c);

/* Folds read millions of events a second, nearly all of them made of short forms: those are read in place. */

/* Consumes a nil if one is next, says whether. */
static inline bool cursor_nil(struct cursor *c) {
    if (c->at == c->end || *c->at != 0xc0) return false;
    c->at++;
    return true;
}

static inline uint64_t cursor_uint(struct cursor *c) {
    if (c->at != c->end && *c->at < 0x80) return *c->at++;
    return cursor_uint_long(c);
}

/* Any integer that fits. */
static inline int64_t cursor_int(struct cursor *c) {
    if (c->at != c->end && *c->at < 0x80) return *c->at++;
    return cursor_int_long(c);
}

/* Borrowed; UTF-8 is not checked here. */
static inline struct view cursor_str(struct cursor *c) {
    if (c->at != c->end && (*c->at & 0xe0) == 0xa0) {
        size_t len = *c->at & 0x1f;
        if (cursor_left(c) - 1 >= len) {
            struct view text = {c->at + 1, len};
            c->at += 1 + len;
            return text;
        }
    }
    return cursor_str_long(c);
}

/* The number of elements; each needs at least one byte, and that many bytes are there. */
static inline uint32_t cursor_array(struct cursor *c) {
    if (c->at != c->end && (*c->at & 0xf0) == 0x90) {
        uint32_t count = *c->at & 0x0f;
        if (cursor_left(c) - 1 >= count) {
            c->at++;
            return count;
        }
    }
    return cursor_array_long(c);
}

#endif
