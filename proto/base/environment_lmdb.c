#include "proto/base/environment_lmdb.h"

#include <errno.h>
#include <fcntl.h>
#include <lmdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "proto/base/file_os.h"

#define UNBORN_NAME "data.new"
#define UNBORN_LOCK "data.new-lock"
#define LOCK_NAME "lock.mdb"
#define LOCK_BYTES (72 << 10) /* 64 for each of 1,024 readers and a bit; with more room LMDB allows more of them */
/* With less than this free, a write that came back short is taken for a full disk. */
#define SPACE_LEAST (UINT64_C(1) << 20)

/* A code of LMDB's or the system's. */
static int failed(int rc, const char *what, const char *path, struct err *err) {
    errno = rc;
    return rc > 0 ? err_os(err, what, path)
                  : err_set(err, ERR_IO, NULL, "cannot %s %s: %s", what, path, mdb_strerror(rc));
}

int environment_lock_room(const char *path, struct err *err) {
    int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (fd < 0) return err_os(err, "make", path);
    errno = posix_fallocate(fd, 0, LOCK_BYTES);
    int code = errno == 0 ? 0 : err_os(err, "make", path);
    close(fd);
    return code;
}

static int make_whole(const char *path) {
    MDB_env *env;
    int rc = mdb_env_create(&env);
    if (rc != 0) return rc;
    rc = mdb_env_open(env, path, MDB_NOSUBDIR, 0600);
    if (rc == 0) rc = mdb_env_sync(env, 1);
    mdb_env_close(env);
    return rc;
}

static int make_in(const char *directory, const char *path, struct err *err) {
    char *unborn = path_join(directory, UNBORN_NAME), *lock = path_join(directory, UNBORN_LOCK);
    unlink(unborn);
    int code = environment_lock_room(lock, err);
    int rc = code == 0 ? make_whole(unborn) : 0;
    if (rc != 0) code = failed(rc, "make", path, err);
    if (code == 0 && rename(unborn, path) != 0) code = err_os(err, "make", path);
    if (code != 0) unlink(unborn);
    unlink(lock);
    free(unborn);
    free(lock);
    return code;
}

int environment_make(const char *directory, struct err *err) {
    char *path = path_join(directory, ENVIRONMENT_FILE), *lock = path_join(directory, LOCK_NAME);
    int code = directory_make(directory, err);
    if (code == 0 && !file_exists(path)) code = make_in(directory, path, err);
    if (code == 0) code = environment_lock_room(lock, err);
    free(path);
    free(lock);
    return code;
}

int environment_failure(MDB_env *env, int rc) {
    struct statvfs disk;
    int fd;
    bool full = rc == EIO && mdb_env_get_fd(env, &fd) == 0 && fstatvfs(fd, &disk) == 0 &&
                (uint64_t)disk.f_bavail * disk.f_frsize < SPACE_LEAST;
    return full ? ENOSPC : rc;
}

/* ---- Pages looked at ---- */

/* A line of /proc/self/maps: "START-END rights offset device inode      PATH". */
static bool is_mapping_of(char *line, const char *path, struct environment_pages *out) {
    char *end, *name = strchr(line, '/');
    if (name == NULL) return false;
    name[strcspn(name, "\n")] = '\0';
    if (strcmp(name, path) != 0) return false;
    uintptr_t start = strtoull(line, &end, 16);
    if (*end != '-') return false;
    out->size = strtoull(end + 1, NULL, 16) - start;
    out->start = (void *)start;
    return true;
}

void environment_pages_find(struct environment_pages *pages, const char *directory) {
    char *relative = path_join(directory, ENVIRONMENT_FILE), *path = realpath(relative, NULL), *line = NULL;
    FILE *maps = path == NULL ? NULL : fopen("/proc/self/maps", "re");
    size_t room = 0;
    *pages = (struct environment_pages){.start = NULL};
    while (maps != NULL && getline(&line, &room, maps) > 0 && !is_mapping_of(line, path, pages)) {
    }
    if (maps != NULL) fclose(maps);
    free(line);
    free(path);
    free(relative);
}

/* What this process takes by itself, and the pages of files that it has mapped; false: not known. */
static bool memory_now(size_t *own, size_t *files) {
    char text[128];
    int fd = open("/proc/self/statm", O_RDONLY | O_CLOEXEC);
    ssize_t len = fd < 0 ? 0 : read(fd, text, sizeof text - 1);
    if (fd >= 0) close(fd);
    if (len <= 0) return false;
    text[len] = '\0';
    char *at;
    size_t page = (size_t)sysconf(_SC_PAGESIZE);
    strtoul(text, &at, 10);
    size_t resident = strtoul(at, &at, 10), shared = strtoul(at, &at, 10);
    *files = shared * page;
    *own = resident > shared ? (resident - shared) * page : 0;
    return true;
}

static bool too_many(struct environment_pages *pages) {
    size_t own = 0, files = 0;
    if (!memory_now(&own, &files)) return true;
    size_t others = atomic_load_explicit(&pages->others, memory_order_relaxed);
    if (files < others) atomic_store_explicit(&pages->others, files, memory_order_relaxed);
    return files > others + (own > ENVIRONMENT_LARGE ? own : ENVIRONMENT_ROOM);
}

void environment_looked(struct environment_pages *pages, size_t looks) {
    size_t before = atomic_fetch_add_explicit(&pages->looks, looks, memory_order_relaxed), own, others;
    if (pages->start == NULL || before + looks < ENVIRONMENT_LOOKS) return;
    if (atomic_exchange_explicit(&pages->looks, 0, memory_order_relaxed) < ENVIRONMENT_LOOKS) return; /* another did */
    if (!too_many(pages)) return;
    madvise(pages->start, pages->size, MADV_DONTNEED);
    if (memory_now(&own, &others)) atomic_store_explicit(&pages->others, others, memory_order_relaxed);
}
