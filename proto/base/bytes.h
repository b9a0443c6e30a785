/* Bytes: a `view` borrows, a `buf` owns.
 *
 * A view is valid as long as what it borrows from. A buf grows as needed; when memory runs out the process ends with a
 * line on stderr: what Dangol keeps is on disk and every input from outside is bounded before it is stored, so there is
 * nothing to save by limping on. Thread: none of these is shared without a lock. */
#ifndef DANGOL_PROTO_BASE_BYTES_H
#define DANGOL_PROTO_BASE_BYTES_H

#include <endian.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

struct view {
    const uint8_t *data; /* NULL: there is no value (not the same as an empty one) */
    size_t len;
};

struct buf {
    uint8_t *data;
    size_t len;
    size_t cap;
};

#define VIEW_NONE ((struct view){NULL, 0})
#define BUF_INIT ((struct buf){NULL, 0, 0})

struct view view_of(const char *text); /* NULL gives VIEW_NONE */
static inline struct view view_make(const void *data, size_t len) { return (struct view){data, len}; }
struct view buf_view(const struct buf *b);     /* never VIEW_NONE */
bool view_equal(struct view a, struct view b); /* two absent ones are equal, absent and empty are not */
bool view_is(struct view a, const char *text);
int view_compare(struct view a, struct view b); /* as bytes, a prefix first */
/* Copies into a C string of `size` bytes, cut at the end if need be, between characters; returns `out`. */
char *view_text(struct view v, char *out, size_t size);

void buf_reserve(struct buf *b, size_t more); /* room for `more` bytes past len */
void buf_append(struct buf *b, const void *data, size_t len);
void buf_append_view(struct buf *b, struct view v);
void buf_append_byte(struct buf *b, uint8_t byte);
void buf_printf(struct buf *b, const char *format, ...) __attribute__((format(printf, 2, 3)));
void buf_vprintf(struct buf *b, const char *format, va_list arguments) __attribute__((format(printf, 2, 0)));
void buf_clear(struct buf *b);       /* keeps the memory */
void buf_release(struct buf *b);     /* NULL and empty ones are fine */
void buf_wipe(struct buf *b);        /* zeroes secrets, then releases; growing leaves copies behind: reserve first */
const char *buf_text(struct buf *b); /* the bytes as a C string (a final NUL is kept past len) */

/* Memory or the end of the process, see above. */
void *mem_alloc(size_t size); /* zeroed */
void *mem_resize(void *p, size_t size);
char *mem_text(const char *text);   /* a copy; NULL of NULL */
char *mem_view_text(struct view v); /* a copy; NULL of VIEW_NONE */
_Noreturn void mem_exhausted(void);

/* Fixed-width integers in byte strings, in place because folds read millions a second: little-endian in records,
 * big-endian in LMDB keys and hashed headers. */
static inline void put_u32_le(uint8_t *p, uint32_t v) {
    v = htole32(v);
    memcpy(p, &v, sizeof v);
}

static inline void put_u64_le(uint8_t *p, uint64_t v) {
    v = htole64(v);
    memcpy(p, &v, sizeof v);
}

static inline uint32_t get_u32_le(const uint8_t *p) {
    uint32_t v;
    memcpy(&v, p, sizeof v);
    return le32toh(v);
}

static inline uint64_t get_u64_le(const uint8_t *p) {
    uint64_t v;
    memcpy(&v, p, sizeof v);
    return le64toh(v);
}

static inline void put_u32_be(uint8_t *p, uint32_t v) { put_u32_le(p, __builtin_bswap32(v)); }
static inline void put_u64_be(uint8_t *p, uint64_t v) { put_u64_le(p, __builtin_bswap64(v)); }
static inline uint32_t get_u32_be(const uint8_t *p) { return __builtin_bswap32(get_u32_le(p)); }
static inline uint64_t get_u64_be(const uint8_t *p) { return __builtin_bswap64(get_u64_le(p)); }

/* Lower-case hexadecimal. `hex_decode` takes exactly 2×len digits and says whether they were. */
void hex_encode(struct view v, char *out); /* 2×len + 1 bytes */
bool hex_decode(const char *text, uint8_t *out, size_t len);

#endif
