#include "proto/base/bytes.h"

#include <stdlib.h>
#include <string.h>

#include "proto/base/large.h"

/* What an empty value points at, so that it differs from an absent one. */
static const uint8_t nothing[1];

_Noreturn void mem_exhausted(void) {
    fputs("dangol: out of memory\n", stderr);
    _Exit(EXIT_FAILURE);
}

void *mem_alloc(size_t size) {
    void *p = calloc(1, size > 0 ? size : 1);
    if (p == NULL) mem_exhausted();
    if (size >= 2 * LARGE_LEAST) large_wish(p, size);
    return p;
}

void *mem_resize(void *p, size_t size) {
    void *moved = realloc(p, size > 0 ? size : 1);
    if (moved == NULL) mem_exhausted();
    return moved;
}

char *mem_text(const char *text) { return mem_view_text(view_of(text)); }

char *mem_view_text(struct view v) {
    if (v.data == NULL) return NULL;
    if (v.len == SIZE_MAX) mem_exhausted();
    char *copy = mem_alloc(v.len + 1);
    memcpy(copy, v.data, v.len);
    return copy;
}

struct view view_of(const char *text) {
    return text == NULL ? VIEW_NONE : view_make(text, strlen(text));
}

struct view buf_view(const struct buf *b) {
    return (struct view){b->data == NULL ? nothing : b->data, b->len};
}

bool view_equal(struct view a, struct view b) {
    if (a.data == NULL || b.data == NULL) return a.data == b.data;
    return a.len == b.len && memcmp(a.data, b.data, a.len) == 0;
}

bool view_is(struct view a, const char *text) { return view_equal(a, view_of(text)); }

static int compare_sizes(size_t a, size_t b) { return (a > b) - (a < b); }

int view_compare(struct view a, struct view b) {
    if (a.data == NULL || b.data == NULL) return (a.data != NULL) - (b.data != NULL);
    int order = memcmp(a.data, b.data, a.len < b.len ? a.len : b.len);
    return order != 0 ? order : compare_sizes(a.len, b.len);
}

char *view_text(struct view v, char *out, size_t size) {
    if (size == 0) return out;
    size_t len = v.data == NULL ? 0 : v.len;
    if (len >= size) {
        len = size - 1;
        while (len > 0 && (v.data[len] & 0xc0) == 0x80) len--;
    }
    if (len > 0) memcpy(out, v.data, len);
    out[len] = '\0';
    return out;
}

void buf_reserve(struct buf *b, size_t more) {
    if (b->cap - b->len >= more) return;
    if (more > SIZE_MAX / 2 - b->len) mem_exhausted();
    size_t need = b->len + more;
    size_t cap = b->cap < 32 ? 64 : b->cap * 2;
    if (cap < need) cap = need;
    b->data = mem_resize(b->data, cap);
    b->cap = cap;
}

void buf_append(struct buf *b, const void *data, size_t len) {
    if (len == 0) return;
    buf_reserve(b, len);
    memcpy(b->data + b->len, data, len);
    b->len += len;
}

void buf_append_view(struct buf *b, struct view v) { buf_append(b, v.data, v.len); }

void buf_append_byte(struct buf *b, uint8_t byte) {
    buf_reserve(b, 1);
    b->data[b->len++] = byte;
}

void buf_vprintf(struct buf *b, const char *format, va_list arguments) {
    va_list again;
    va_copy(again, arguments);
    int len = vsnprintf(NULL, 0, format, again);
    va_end(again);
    if (len < 0) return;
    buf_reserve(b, (size_t)len + 1);
    vsnprintf((char *)b->data + b->len, (size_t)len + 1, format, arguments);
    b->len += (size_t)len;
}

void buf_printf(struct buf *b, const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    buf_vprintf(b, format, arguments);
    va_end(arguments);
}

void buf_clear(struct buf *b) { b->len = 0; }

void buf_release(struct buf *b) {
    if (b == NULL) return;
    free(b->data);
    *b = BUF_INIT;
}

void buf_wipe(struct buf *b) {
    if (b == NULL) return;
    if (b->data != NULL) explicit_bzero(b->data, b->cap);
    buf_release(b);
}

const char *buf_text(struct buf *b) {
    buf_reserve(b, 1);
    b->data[b->len] = '\0';
    return (const char *)b->data;
}

void hex_encode(struct view v, char *out) {
    static const char digits[] = "0123456789abcdef";
    for (size_t i = 0; i < v.len; i++) {
        *out++ = digits[v.data[i] >> 4];
        *out++ = digits[v.data[i] & 0x0f];
    }
    *out = '\0';
}

static int hex_digit(char c) {
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    return -1;
}

bool hex_decode(const char *text, uint8_t *out, size_t len) {
    for (size_t i = 0; i < len; i++) {
        int high = hex_digit(text[2 * i]);
        int low = high < 0 ? -1 : hex_digit(text[2 * i + 1]);
        if (low < 0) return false;
        out[i] = (uint8_t)(high * 16 + low);
    }
    return text[2 * len] == '\0';
}
