/* Stands before the C library's calls, for liblmdb too, and lets a recording disk (tests/support/disk.h) know what is
 * done to its files. Linked into *_crash_test only. */
#undef _FORTIFY_SOURCE /* its inline forms of these functions would be defined twice */
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#include "tests/support/disk.h"

/* Notes what reached the file, which on a full disk is less than was given. */
static ssize_t written(int fd, const void *bytes, ssize_t result, off_t offset) {
    if (result <= 0 || !disk_recording()) return result;
    return disk_note_write(fd, bytes, (size_t)result, offset) ? result : -1;
}

ssize_t pwrite(int fd, const void *bytes, size_t len, off_t offset) {
    return written(fd, bytes, syscall(SYS_pwrite64, fd, bytes, len, offset), offset);
}

ssize_t pwrite64(int fd, const void *bytes, size_t len, off_t offset) { return pwrite(fd, bytes, len, offset); }

ssize_t write(int fd, const void *bytes, size_t len) {
    off_t offset = disk_recording() ? lseek(fd, 0, SEEK_CUR) : 0;
    return written(fd, bytes, syscall(SYS_write, fd, bytes, len), offset);
}

ssize_t writev(int fd, const struct iovec *parts, int count) {
    off_t offset = disk_recording() ? lseek(fd, 0, SEEK_CUR) : 0;
    ssize_t result = syscall(SYS_writev, fd, parts, count);
    ssize_t left = result;
    for (int i = 0; left > 0; i++) {
        ssize_t len = left < (ssize_t)parts[i].iov_len ? left : (ssize_t)parts[i].iov_len;
        if (written(fd, parts[i].iov_base, len, offset) < 0) return -1;
        offset += len;
        left -= len;
    }
    return result;
}

static int synced(int fd, long call) {
    if (disk_recording() && disk_note_failed(fd)) return -1;
    int result = (int)syscall(call, fd);
    if (result == 0 && disk_recording()) disk_note_sync(fd);
    return result;
}

int fdatasync(int fd) { return synced(fd, SYS_fdatasync); }
int fsync(int fd) { return synced(fd, SYS_fsync); }

int ftruncate(int fd, off_t length) {
    int result = (int)syscall(SYS_ftruncate, fd, length);
    if (result == 0 && disk_recording()) disk_note_length(fd, length);
    return result;
}

static int open_at(int directory_fd, const char *path, int flags, mode_t mode) {
    bool watch = disk_recording() && (flags & (O_CREAT | O_TRUNC)) != 0;
    bool there = watch && faccessat(directory_fd, path, F_OK, 0) == 0;
    int fd = (int)syscall(SYS_openat, directory_fd, path, flags, mode);
    if (fd < 0 || !watch) return fd;
    int error = errno;
    if (!there)
        disk_note_made(directory_fd, path);
    else if ((flags & O_TRUNC) != 0)
        disk_note_length(fd, 0);
    errno = error;
    return fd;
}

static mode_t mode_of(int flags, va_list arguments) {
    return (flags & (O_CREAT | O_TMPFILE)) != 0 ? va_arg(arguments, mode_t) : 0;
}

int open(const char *path, int flags, ...) {
    va_list arguments;
    va_start(arguments, flags);
    mode_t mode = mode_of(flags, arguments);
    va_end(arguments);
    return open_at(AT_FDCWD, path, flags, mode);
}

int openat(int directory_fd, const char *path, int flags, ...) {
    va_list arguments;
    va_start(arguments, flags);
    mode_t mode = mode_of(flags, arguments);
    va_end(arguments);
    return open_at(directory_fd, path, flags, mode);
}

int mkdir(const char *path, mode_t mode) {
    int result = (int)syscall(SYS_mkdirat, AT_FDCWD, path, mode);
    if (result == 0 && disk_recording()) disk_note_made(AT_FDCWD, path);
    return result;
}

int renameat(int from_fd, const char *from, int to_fd, const char *to) {
    int result = (int)syscall(SYS_renameat2, from_fd, from, to_fd, to, 0);
    if (result == 0 && disk_recording()) disk_note_renamed(to_fd, from, to);
    return result;
}

int rename(const char *from, const char *to) { return renameat(AT_FDCWD, from, AT_FDCWD, to); }

int unlinkat(int directory_fd, const char *path, int flags) {
    int result = (int)syscall(SYS_unlinkat, directory_fd, path, flags);
    if (result == 0 && disk_recording()) disk_note_removed(directory_fd, path);
    return result;
}

int unlink(const char *path) { return unlinkat(AT_FDCWD, path, 0); }
