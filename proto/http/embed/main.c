/* embed SYMBOL OUT PATH=FILE…: writes C that defines `const struct http_assets SYMBOL`, each FILE under its PATH.
 * Run by the build, on the machine that builds. Exit 1 with a line on stderr when something cannot be read or written.
 */
#include <fcntl.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <zstd.h>

#include "proto/base/file_os.h"

#define ZSTD_LEVEL 19

static const struct {
    const char *suffix, *type;
} types[] = {
    {".html", "text/html; charset=utf-8"},
    {".js", "text/javascript; charset=utf-8"},
    {".mjs", "text/javascript; charset=utf-8"},
    {".css", "text/css; charset=utf-8"},
    {".svg", "image/svg+xml"},
    {".png", "image/png"},
    {".json", "application/json"},
    {".txt", "text/plain; charset=utf-8"},
};

struct source {
    char *path;
    const char *file;
    const char *type;
};

static const char *type_of(const char *path) {
    const char *suffix = strrchr(path, '.');
    for (size_t i = 0; suffix && i < sizeof types / sizeof *types; i++) {
        if (strcmp(suffix, types[i].suffix) == 0) return types[i].type;
    }
    return NULL;
}

static int by_path(const void *a, const void *b) {
    return strcmp(((const struct source *)a)->path, ((const struct source *)b)->path);
}

static void write_bytes(struct buf *out, const char *name, size_t number, struct view bytes) {
    buf_printf(out, "static const uint8_t %s_%zu[] = {", name, number);
    for (size_t i = 0; i < bytes.len; i++) buf_printf(out, i % 32 ? "%u," : "\n%u,", bytes.data[i]);
    buf_printf(out, "%s};\n", bytes.len ? "" : "0");
}

/* Appends the source's bytes to `data` and its row to `table`. */
static int write_source(const struct source *source, size_t number, struct buf *data, struct buf *table,
                        struct err *err) {
    struct buf bytes = BUF_INIT, packed = BUF_INIT;
    uint8_t hash[crypto_hash_sha256_BYTES];
    char hash_text[2 * sizeof hash + 1];
    int rc = file_read(AT_FDCWD, source->file, &bytes, err);
    if (rc != 0) goto out;
    crypto_hash_sha256(hash, (const uint8_t *)buf_text(&bytes), bytes.len);
    sodium_bin2hex(hash_text, sizeof hash_text, hash, sizeof hash);
    write_bytes(data, "bytes", number, buf_view(&bytes));
    buf_reserve(&packed, ZSTD_compressBound(bytes.len));
    size_t len = ZSTD_compress(packed.data, packed.cap, bytes.data, bytes.len, ZSTD_LEVEL);
    bool smaller = !ZSTD_isError(len) && len < bytes.len;
    if (smaller) write_bytes(data, "packed", number, view_make(packed.data, len));
    buf_printf(table, "    {\"%s\", \"%s\", bytes_%zu, %zu, ", source->path, source->type, number, bytes.len);
    if (smaller) {
        buf_printf(table, "packed_%zu, %zu, ", number, len);
    } else {
        buf_printf(table, "NULL, 0, ");
    }
    buf_printf(table, "\"%s\"},\n", hash_text);
out:
    buf_release(&bytes);
    buf_release(&packed);
    return rc;
}

static int write_all(const char *symbol, const char *path, struct source *sources, size_t count, struct err *err) {
    struct buf data = BUF_INIT, table = BUF_INIT;
    buf_printf(&data,
               "/* Made by proto/http/embed. */\n#include \"proto/http/assets.h\"\n\n"
               "extern const struct http_assets %s;\n\n",
               symbol);
    int rc = 0;
    for (size_t i = 0; i < count && rc == 0; i++) rc = write_source(&sources[i], i, &data, &table, err);
    if (rc == 0) {
        buf_printf(&data,
                   "static const struct http_asset list[] = {\n%s};\nconst struct http_assets %s = {list, %zu};\n",
                   buf_text(&table), symbol, count);
        rc = file_write(AT_FDCWD, path, buf_view(&data), 0644, err);
    }
    buf_release(&data);
    buf_release(&table);
    return rc;
}

int main(int argc, char **argv) {
    struct err err = {0};
    if (argc < 4 || sodium_init() < 0) {
        fputs("embed: embed SYMBOL OUT PATH=FILE…\n", stderr);
        return 1;
    }
    size_t count = (size_t)argc - 3;
    struct source *sources = mem_alloc(count * sizeof *sources);
    int rc = 0;
    for (size_t i = 0; i < count && rc == 0; i++) {
        const char *equals = strchr(argv[i + 3], '=');
        size_t len = equals ? (size_t)(equals - argv[i + 3]) : 0;
        sources[i].path = mem_view_text(view_make(argv[i + 3], len));
        const char *type = type_of(sources[i].path);
        if (!type) {
            rc = err_set(&err, ERR_INVALID, NULL, "%s: not PATH=FILE, or of no known type", argv[i + 3]);
        } else {
            sources[i].file = equals + 1;
            sources[i].type = type;
        }
    }
    if (rc == 0) {
        qsort(sources, count, sizeof *sources, by_path);
        rc = write_all(argv[1], argv[2], sources, count, &err);
    }
    if (rc != 0) fprintf(stderr, "embed: %s\n", err.text);
    for (size_t i = 0; i < count; i++) free(sources[i].path);
    free(sources);
    return rc == 0 ? 0 : 1;
}
