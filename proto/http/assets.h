/* What a program carries of its web app: modules, style, pictures, made into C tables by the build (CMakeLists.txt,
 * "Web apps"; the tool is proto/http/embed). At run time nothing is read from the file system, so no request finds a
 * way out of the tree. Everything is constant and lives as long as the program; any thread. */
#ifndef DANGOL_PROTO_HTTP_ASSETS_H
#define DANGOL_PROTO_HTTP_ASSETS_H

#include <stddef.h>
#include <stdint.h>

struct http_asset {
    const char *path; /* "/index.html", "/ui/…" */
    const char *type; /* Content-Type */
    const uint8_t *bytes;
    size_t len;
    const uint8_t *packed; /* the same by zstd, for who accepts it; NULL when that is not smaller */
    size_t packed_len;
    const char *hash; /* SHA-256 of the bytes, 64 hexadecimal digits: a strong ETag once it is quoted */
};

struct http_assets {
    const struct http_asset *list; /* by path, as bytes */
    size_t count;
};

#endif
