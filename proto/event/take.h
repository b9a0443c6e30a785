/* One value of each kind of events.def, read and checked in place: the readers of body.c and the envelope are made of
 * these. Folds decode millions of events a second, so the place where reading stands is a plain pointer that stays in a
 * register, and the forms that events are full of are read here; all others, and whatever is not in form, go through
 * the cursor. `end` is that of the frame.
 *
 * take_… move `*at` on. false: the value is not in form or not one the kind allows; `*at` and `*out` are then of no
 * use. The inline ones must be, or `at` would have to live in memory. Pure; inside proto/event only. */
#ifndef DANGOL_PROTO_EVENT_TAKE_H
#define DANGOL_PROTO_EVENT_TAKE_H

#include <endian.h>
#include <string.h>

#include "proto/base/cursor.h"
#include "proto/base/money.h"
#include "proto/base/text.h"
#include "proto/base/zone.h"
#include "proto/event/event.h"

#define SPAN_MAX (TIME_MAX - TIME_MIN) /* from the first time there is to the last */

/* How a field that is not there reads. */
#define ABSENT_ID 0
#define ABSENT_COUNT NIL
#define ABSENT_MONEY NIL
#define ABSENT_QUANTITY NIL
#define ABSENT_TIME NIL
#define ABSENT_SPAN NIL
#define ABSENT_FLAG NIL
#define ABSENT_WORD VIEW_NONE
#define ABSENT_BYTES VIEW_NONE
#define ABSENT_IDS ((struct list){VIEW_NONE, 0})
#define ABSENT_ROWS ((struct list){VIEW_NONE, 0})
#define ABSENT_CHOICE 0

#define TAKE static inline __attribute__((always_inline))

/* ---- Forms ---- */

/* A number and where it ends (NULL: there was none), small enough to be handed back in registers. */
struct taken {
    const uint8_t *at;
    uint64_t value;
};

/* The forms that are not read in place; take.c. */
struct taken take_uint_long(const uint8_t *at, const uint8_t *end);
struct taken take_int_long(const uint8_t *at, const uint8_t *end);
struct taken take_array_long(const uint8_t *at, const uint8_t *end);
const uint8_t *take_str_long(const uint8_t *at, const uint8_t *end, struct view *out);
const uint8_t *take_bin(const uint8_t *at, const uint8_t *end, struct view *out);
const uint8_t *take_skip(const uint8_t *at, const uint8_t *end, uint32_t count); /* whole values */
/* Text of 1 to `most` bytes; NULL when it is none. */
const uint8_t *take_text(const uint8_t *at, const uint8_t *end, size_t most, struct view *out);

TAKE bool take_nil(const uint8_t **at, const uint8_t *end) {
    if (*at == end || **at != 0xc0) return false;
    ++*at;
    return true;
}

TAKE bool take_uint(const uint8_t **at, const uint8_t *end, uint64_t *out) {
    if (*at != end && **at < 0x80) {
        *out = *(*at)++;
        return true;
    }
    struct taken taken = take_uint_long(*at, end);
    *out = taken.value;
    *at = taken.at;
    return taken.at != NULL;
}

TAKE bool take_int(const uint8_t **at, const uint8_t *end, int64_t *out) {
    if (*at != end && **at < 0x80) {
        *out = *(*at)++;
        return true;
    }
    struct taken taken = take_int_long(*at, end);
    *out = (int64_t)taken.value;
    *at = taken.at;
    return taken.at != NULL;
}

TAKE bool take_array(const uint8_t **at, const uint8_t *end, uint32_t *out) {
    if (*at != end && (**at & 0xf0) == 0x90 && end - *at > (**at & 0x0f)) {
        *out = *(*at)++ & 0x0f;
        return true;
    }
    struct taken taken = take_array_long(*at, end);
    *out = (uint32_t)taken.value;
    *at = taken.at;
    return taken.at != NULL;
}

TAKE bool take_str(const uint8_t **at, const uint8_t *end, struct view *out) {
    if (*at != end && (**at & 0xe0) == 0xa0 && end - *at > (**at & 0x1f)) {
        *out = (struct view){*at + 1, **at & 0x1f};
        *at += 1 + out->len;
        return true;
    }
    *at = take_str_long(*at, end, out);
    return *at != NULL;
}

/* ---- Text ---- */

/* Not 0 if a word of eight bytes has a NUL in it or something that is not ASCII. */
static inline uint64_t not_plain(uint64_t word) {
    return ((word - UINT64_C(0x0101010101010101)) | word) & UINT64_C(0x8080808080808080);
}

static inline uint64_t eight_bytes(const uint8_t *p) {
    uint64_t word;
    memcpy(&word, p, sizeof word);
    return word;
}

static inline uint32_t four_bytes(const uint8_t *p) {
    uint32_t word;
    memcpy(&word, p, sizeof word);
    return word;
}

static inline uint16_t two_bytes(const uint8_t *p) {
    uint16_t word;
    memcpy(&word, p, sizeof word);
    return word;
}

/* ASCII without NUL; of at least one byte. Words that overlap spare counting single bytes. */
static inline bool text_plain(struct view text) {
    const uint8_t *p = text.data, *last = p + text.len;
    if (text.len >= 8) {
        uint64_t odd = not_plain(eight_bytes(last - 8));
        for (; last - p > 8; p += 8) odd |= not_plain(eight_bytes(p));
        return odd == 0;
    }
    if (text.len >= 4) return not_plain((uint64_t)four_bytes(p) << 32 | four_bytes(last - 4)) == 0;
    uint32_t bytes = (uint32_t)p[0] << 16 | (uint32_t)p[text.len / 2] << 8 | last[-1];
    return not_plain(UINT64_C(0x2020202020000000) | bytes) == 0;
}

/* 1 to `most` bytes of UTF-8 without NUL. Codes and most words are ASCII: these are told at a glance. */
static inline bool text_good(struct view text, size_t most) {
    return text.len > 0 && text.len <= most && (text_plain(text) || utf8_valid(text));
}

/* ---- Kinds ---- */

TAKE bool take_within(const uint8_t **at, const uint8_t *end, int64_t least, int64_t most, int64_t *out) {
    return take_int(at, end, out) && *out >= least && *out <= most;
}

TAKE bool take_ID(const uint8_t **at, const uint8_t *end, int64_t bound, uint64_t *out) {
    (void)bound;
    return take_uint(at, end, out) && id_valid(*out);
}

TAKE bool take_COUNT(const uint8_t **at, const uint8_t *end, int64_t bound, int64_t *out) {
    return take_within(at, end, 0, bound, out);
}

TAKE bool take_MONEY(const uint8_t **at, const uint8_t *end, int64_t bound, int64_t *out) {
    (void)bound;
    return take_within(at, end, -MONEY_MAX, MONEY_MAX, out);
}

TAKE bool take_QUANTITY(const uint8_t **at, const uint8_t *end, int64_t bound, int64_t *out) {
    (void)bound;
    return take_within(at, end, -QUANTITY_MAX, QUANTITY_MAX, out);
}

TAKE bool take_TIME(const uint8_t **at, const uint8_t *end, int64_t bound, int64_t *out) {
    (void)bound;
    return take_within(at, end, TIME_MIN, TIME_MAX, out);
}

TAKE bool take_SPAN(const uint8_t **at, const uint8_t *end, int64_t bound, int64_t *out) {
    (void)bound;
    return take_within(at, end, -SPAN_MAX, SPAN_MAX, out);
}

TAKE bool take_FLAG(const uint8_t **at, const uint8_t *end, int64_t bound, int64_t *out) {
    (void)bound;
    if (*at == end || (**at & 0xfe) != 0xc2) return false;
    *out = *(*at)++ & 1;
    return true;
}

TAKE bool take_WORD(const uint8_t **at, const uint8_t *end, int64_t bound, struct view *out) {
    *at = take_text(*at, end, (size_t)bound, out);
    return *at != NULL;
}

TAKE bool take_BYTES(const uint8_t **at, const uint8_t *end, int64_t bound, struct view *out) {
    *at = take_bin(*at, end, out);
    return *at != NULL && out->len == (size_t)bound;
}

/* `count` ids, each looked at, left as they stand. */
TAKE bool take_id_run(const uint8_t **at, const uint8_t *end, uint32_t count, struct list *out) {
    const uint8_t *start = *at;
    uint64_t id;
    for (uint32_t i = 0; i < count; i++)
        if (!take_ID(at, end, 0, &id)) return false;
    *out = (struct list){{start, (size_t)(*at - start)}, count};
    return true;
}

/* None at all is a value too: a pair is kept apart that no edge joined. */
TAKE bool take_IDS(const uint8_t **at, const uint8_t *end, int64_t bound, struct list *out) {
    uint32_t count;
    return take_array(at, end, &count) && count <= bound && take_id_run(at, end, count, out);
}

#endif
