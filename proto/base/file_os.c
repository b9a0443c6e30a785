#include "proto/base/file_os.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

int err_os(struct err *err, const char *what, const char *path) {
    int number = errno;
    int code = number == ENOSPC || number == EDQUOT ? ERR_NO_SPACE : number == ENOENT ? ERR_NOT_FOUND : ERR_IO;
    return err_set(err, code, NULL, "cannot %s %s: %s", what, path, strerror(number));
}

static int read_all(int fd, const char *path, struct buf *out, struct err *err) {
    size_t start = out->len;
    struct stat status;
    /* At once: growing would leave copies behind of what may be secret. */
    if (fstat(fd, &status) == 0 && status.st_size < (off_t)FILE_WHOLE_MAX)
        buf_reserve(out, (size_t)status.st_size + 65536);
    for (;;) {
        buf_reserve(out, 65536);
        ssize_t n = read(fd, out->data + out->len, 65536);
        if (n < 0 && errno == EINTR) continue;
        if (n < 0) return err_os(err, "read", path);
        if (n == 0) return 0;
        out->len += (size_t)n;
        if (out->len - start > FILE_WHOLE_MAX)
            return err_set(err, ERR_LIMIT, NULL, "%s is larger than %u MiB", path, FILE_WHOLE_MAX >> 20);
    }
}

int file_read(int directory_fd, const char *path, struct buf *out, struct err *err) {
    int fd = openat(directory_fd, path, O_RDONLY | O_CLOEXEC);
    if (fd < 0) return err_os(err, "open", path);
    int code = read_all(fd, path, out, err);
    close(fd);
    return code;
}

static int write_all(int fd, struct view content) {
    while (content.len > 0) {
        ssize_t n = write(fd, content.data, content.len);
        if (n < 0 && errno == EINTR) continue;
        if (n < 0) return -1;
        content = view_make(content.data + n, content.len - (size_t)n);
    }
    return 0;
}

static int sync_parent(int directory_fd, const char *path) {
    char *copy = mem_text(path);
    int fd = openat(directory_fd, dirname(copy), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    free(copy);
    if (fd < 0) return -1;
    int code = fsync(fd);
    close(fd);
    return code;
}

int file_write(int directory_fd, const char *path, struct view content, unsigned mode, struct err *err) {
    struct buf temporary = BUF_INIT;
    buf_printf(&temporary, "%s.new", path);
    const char *name = buf_text(&temporary);
    int code = 0;
    int fd = openat(directory_fd, name, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, (mode_t)mode);
    if (fd < 0) {
        code = err_os(err, "write", path);
        goto out;
    }
    bool written = write_all(fd, content) == 0 && fsync(fd) == 0;
    if (!written) code = err_os(err, "write", path);
    close(fd);
    if (written && (renameat(directory_fd, name, directory_fd, path) != 0 || sync_parent(directory_fd, path) != 0))
        code = err_os(err, "write", path);
    if (code != 0) unlinkat(directory_fd, name, 0);
out:
    buf_release(&temporary);
    return code;
}

int directory_sync(const char *path, struct err *err) {
    int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    /* The directory around it may be one that we may not read: then all that is on this disk. */
    bool synced = fd >= 0 && fsync(fd) == 0 && (sync_parent(AT_FDCWD, path) == 0 || syncfs(fd) == 0);
    int code = synced ? 0 : err_os(err, "sync", path);
    if (fd >= 0) close(fd);
    return code;
}

int directory_make(const char *path, struct err *err) {
    if (mkdir(path, 0700) == 0) return directory_sync(path, err);
    if (errno == EEXIST && directory_exists(path)) return 0;
    if (errno != ENOENT) return err_os(err, "make directory", path);
    char *copy = mem_text(path);
    int code = directory_make(dirname(copy), err);
    free(copy);
    if (code != 0) return code;
    if (mkdir(path, 0700) != 0 && errno != EEXIST) return err_os(err, "make directory", path);
    return directory_sync(path, err);
}

int file_rename(const char *from, const char *to, struct err *err) {
    bool done = rename(from, to) == 0 && sync_parent(AT_FDCWD, to) == 0 && sync_parent(AT_FDCWD, from) == 0;
    return done ? 0 : err_os(err, "move", from);
}

int file_remove(const char *path, struct err *err) {
    bool done = (unlink(path) == 0 || errno == ENOENT) && sync_parent(AT_FDCWD, path) == 0;
    return done ? 0 : err_os(err, "remove", path);
}

bool file_exists(const char *path) { return access(path, F_OK) == 0; }

bool directory_exists(const char *path) {
    struct stat status;
    return stat(path, &status) == 0 && S_ISDIR(status.st_mode);
}

bool directory_empty(const char *path) {
    DIR *directory = opendir(path);
    if (directory == NULL) return errno == ENOENT;
    bool empty = true;
    for (struct dirent *entry; empty && (entry = readdir(directory)) != NULL;)
        empty = strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0;
    closedir(directory);
    return empty;
}

char *path_join(const char *directory, const char *name) {
    struct buf path = BUF_INIT;
    buf_printf(&path, "%s/%s", directory, name);
    char *out = mem_text(buf_text(&path));
    buf_release(&path);
    return out;
}
