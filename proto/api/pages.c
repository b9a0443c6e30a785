#include "proto/api/pages.h"

#include <sodium.h>
#include <stdlib.h>

#define VARIANT sodium_base64_VARIANT_URLSAFE_NO_PADDING

static bool read_count(const char *text, size_t most, size_t *out) {
    size_t count = 0;
    for (const char *c = text; *c != '\0'; c++) {
        if (*c < '0' || *c > '9') return false;
        count = count * 10 + (size_t)(*c - '0');
        if (count > most) return false;
    }
    *out = count;
    return *text != '\0';
}

/* "OFFSET KEY" in base 64. */
static bool read_cursor(const char *text, struct page *out) {
    char plain[PAGE_KEY + 24];
    size_t len;
    if (sodium_base642bin((uint8_t *)plain, sizeof plain - 1, text, strlen(text), NULL, &len, NULL, VARIANT) != 0)
        return false;
    plain[len] = '\0';
    char *key = memchr(plain, ' ', len);
    if (key == NULL || strlen(key + 1) >= PAGE_KEY) return false;
    *key++ = '\0';
    memcpy(out->after, key, strlen(key) + 1);
    return read_count(plain, SIZE_MAX / 100, &out->offset);
}

int page_read(const char *limit, const char *cursor, struct page *out, struct err *err) {
    *out = (struct page){.limit = PAGE_ROWS};
    if (limit != NULL && (!read_count(limit, PAGE_ROWS_MAX, &out->limit) || out->limit == 0))
        return err_set(err, ERR_INVALID, "limit", "takes a whole number from 1 to %d, not '%s'", PAGE_ROWS_MAX, limit);
    if (cursor != NULL && !read_cursor(cursor, out))
        return err_set(err, ERR_INVALID, "cursor", "is not one that this program gave");
    return 0;
}

void page_cursor(const struct page *page, struct buf *out) {
    char plain[PAGE_KEY + 24];
    int len = snprintf(plain, sizeof plain, "%zu %s", page->end, page->last);
    size_t room = sodium_base64_encoded_len((size_t)len, VARIANT);
    buf_reserve(out, room);
    sodium_bin2base64((char *)out->data + out->len, room, (const uint8_t *)plain, (size_t)len, VARIANT);
    out->len += room - 1;
}

static void put_encoded(struct buf *out, const char *text) {
    for (const uint8_t *c = (const uint8_t *)text; *c != '\0'; c++) {
        bool plain = (*c >= '0' && *c <= '9') || (*c >= 'a' && *c <= 'z') || (*c >= 'A' && *c <= 'Z') ||
                     strchr("-._~", *c) != NULL;
        buf_printf(out, plain ? "%c" : "%%%02X", *c);
    }
}

void page_link(const struct http_request *request, const struct page *page, struct buf *link) {
    const struct http_target *target = &request->target;
    buf_printf(link, "<%s?", target->path);
    for (size_t i = 0; i < target->pair_count; i++) {
        if (strcmp(target->pairs[i].name, "cursor") == 0) continue;
        put_encoded(link, target->pairs[i].name);
        buf_append_byte(link, '=');
        put_encoded(link, target->pairs[i].value);
        buf_append_byte(link, '&');
    }
    buf_append_view(link, view_of("cursor="));
    page_cursor(page, link);
    buf_append_view(link, view_of(">; rel=\"next\""));
}
