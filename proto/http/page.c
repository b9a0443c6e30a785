#include "proto/http/page.h"

#include <sodium.h>
#include <stdlib.h>

#define VERSION_DIGITS_MIN 8
#define LASTS "public, max-age=31536000, immutable"

static int compare(const void *path, const void *asset) {
    return strcmp(path, ((const struct http_asset *)asset)->path);
}

const struct http_asset *http_asset_find(const struct http_assets *assets, const char *path) {
    if (assets->count == 0) return NULL;
    if (strcmp(path, "/") == 0) path = "/index.html";
    return bsearch(path, assets->list, assets->count, sizeof *assets->list, compare);
}

static bool lasts(const struct http_asset *asset, const struct http_request *request) {
    const char *version = http_query(&request->target, "v");
    if (strncmp(asset->path, "/ui/lib/", 8) != 0 || version == NULL) return false;
    size_t len = strlen(version);
    return len >= VERSION_DIGITS_MIN && strncmp(asset->hash, version, len) == 0;
}

void http_asset_answer(const struct http_asset *asset, const struct http_request *request, struct http_answer *answer) {
    answer->page = true;
    http_answer_header(answer, "ETag", "\"%.32s\"", asset->hash);
    http_answer_header(answer, "Cache-Control", "%s", lasts(asset, request) ? LASTS : "no-cache");
    char tag[40];
    snprintf(tag, sizeof tag, "\"%.32s\"", asset->hash);
    const char *known = request->headers[HTTP_HEADER_IF_NONE_MATCH];
    if (known != NULL && strstr(known, tag) != NULL) {
        answer->status = 304;
        return;
    }
    answer->status = 200;
    answer->type = asset->type;
    answer->fixed = view_make(asset->bytes, asset->len);
    if (asset->packed == NULL || !http_names(request->headers[HTTP_HEADER_ACCEPT_ENCODING], "zstd")) return;
    answer->fixed = view_make(asset->packed, asset->packed_len);
    answer->encoding = "zstd";
}

/* The next script that is written into the page: its text, and in `*rest` what is behind it. */
static bool inline_script(struct view *rest, struct view *script) {
    static const char open[] = "<script", close[] = "</script>";
    for (;;) {
        const uint8_t *tag = rest->len == 0 ? NULL : memmem(rest->data, rest->len, open, sizeof open - 1);
        if (tag == NULL) return false;
        const uint8_t *end = rest->data + rest->len;
        const uint8_t *body = memchr(tag, '>', (size_t)(end - tag));
        if (body == NULL) return false;
        body++;
        const uint8_t *stop = memmem(body, (size_t)(end - body), close, sizeof close - 1);
        if (stop == NULL) return false;
        *rest = view_make(stop, (size_t)(end - stop));
        *script = view_make(body, (size_t)(stop - body));
        if (memmem(tag, (size_t)(body - tag), " src=", 5) == NULL) return true;
    }
}

void http_content_policy(const struct http_asset *page, struct buf *out) {
    buf_printf(out, "default-src 'none'; script-src 'self'");
    struct view rest = page == NULL ? VIEW_NONE : view_make(page->bytes, page->len), script;
    while (inline_script(&rest, &script)) {
        uint8_t hash[crypto_hash_sha256_BYTES];
        char text[64];
        crypto_hash_sha256(hash, script.data, script.len);
        sodium_bin2base64(text, sizeof text, hash, sizeof hash, sodium_base64_VARIANT_ORIGINAL);
        buf_printf(out, " 'sha256-%s'", text);
    }
    buf_printf(out,
               "; style-src 'self'; img-src 'self' data:; connect-src 'self'; font-src 'self'; manifest-src 'self'; "
               "form-action 'none'; frame-ancestors 'none'; base-uri 'none'");
}
