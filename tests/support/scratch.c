#include "tests/support/scratch.h"

#include <fcntl.h>
#include <ftw.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void must(bool good, const char *what) {
    if (good) return;
    perror(what);
    abort();
}

void scratch_make(struct scratch *out) {
    const char *base = getenv("TMPDIR");
    int len = snprintf(out->path, sizeof out->path, "%s/dangol-XXXXXX", base != NULL ? base : "/tmp");
    must(len > 0 && (size_t)len < sizeof out->path && mkdtemp(out->path) != NULL, "scratch directory");
}

static int remove_one(const char *path, const struct stat *info, int kind, struct FTW *walk) {
    (void)info;
    (void)kind;
    (void)walk;
    return remove(path);
}

void scratch_remove(struct scratch *scratch) { scratch_remove_tree(scratch->path); }

void scratch_remove_tree(const char *path) {
    if (access(path, F_OK) == 0) must(nftw(path, remove_one, 8, FTW_DEPTH | FTW_PHYS) == 0, path);
}

const char *scratch_name(struct scratch *scratch, const char *name) {
    static char path[128];
    snprintf(path, sizeof path, "%s/%s", scratch->path, name);
    return path;
}

void scratch_read(const char *path, struct buf *out) {
    FILE *file = fopen(path, "rb");
    must(file != NULL, path);
    for (;;) {
        buf_reserve(out, 1u << 20);
        size_t got = fread(out->data + out->len, 1, 1u << 20, file);
        if (got == 0) break;
        out->len += got;
    }
    must(ferror(file) == 0, path);
    fclose(file);
}

void scratch_write(const char *path, struct view content) {
    FILE *file = fopen(path, "wb");
    must(file != NULL, path);
    must(fwrite(content.data, 1, content.len, file) == content.len, path);
    must(fclose(file) == 0, path);
}

void scratch_poke(const char *path, size_t offset, struct view bytes) {
    int fd = open(path, O_WRONLY | O_CLOEXEC);
    must(fd >= 0, path);
    must(pwrite(fd, bytes.data, bytes.len, (off_t)offset) == (ssize_t)bytes.len, path);
    must(close(fd) == 0, path);
}
