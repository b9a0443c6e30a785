/* LMDB's meta pages, from outside. LMDB 0.9 begins its file with two pages and writes transaction n's roots into page
 * n & 1; at open it believes the one with the larger number. A byte flipped there can make it take an older state for
 * the newest, which is whole in itself: only the two numbers tell.
 *
 *   page:  number u64, pad u16, flags u16, u32; then at 16: magic u32, version u32, address u64, map size u64,
 *          two trees of 48 bytes, last page u64, transaction u64 (all in native order) */
#include <errno.h>
#include <fcntl.h>
#include <lmdb.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "proto/base/environment_lmdb.h"
#include "proto/base/file_os.h"

#define META_OFFSET 16
#define META_MAGIC UINT32_C(0xBEEFC0DE)
#define META_VERSION 1u
#define META_TRANSACTION 128 /* behind META_OFFSET */
#define META_SIZE 136
/* A writer may be between the two pages while they are read. */
#define ATTEMPTS 100

struct meta {
    uint8_t bytes[META_OFFSET + META_SIZE];
};

static bool meta_read(int fd, off_t page, struct meta *meta, uint64_t *transaction) {
    const uint8_t *bytes = meta->bytes;
    uint32_t magic;
    uint32_t version;
    if (pread(fd, meta->bytes, sizeof meta->bytes, page) != (ssize_t)sizeof meta->bytes) return false;
    memcpy(&magic, bytes + META_OFFSET, sizeof magic);
    memcpy(&version, bytes + META_OFFSET + 4, sizeof version);
    memcpy(transaction, bytes + META_OFFSET + META_TRANSACTION, sizeof *transaction);
    return magic == META_MAGIC && version == META_VERSION;
}

/* Two in a row, each in its page; both 0 before the first. A compacted copy begins with 0 and 1. */
static bool in_a_row(uint64_t first, uint64_t second) {
    if (first == 0 && second == 0) return true;
    return first % 2 == 0 && second % 2 == 1 && (first + 1 == second || second + 1 == first);
}

static bool metas_hold(int fd) {
    long page = sysconf(_SC_PAGESIZE);
    struct meta meta;
    for (int i = 0; i < ATTEMPTS; i++) {
        uint64_t first;
        uint64_t second;
        if (!meta_read(fd, 0, &meta, &first) || !meta_read(fd, page, &meta, &second)) return false;
        if (in_a_row(first, second)) return true;
    }
    return false;
}

int environment_check(const char *directory, struct err *err) {
    char *path = path_join(directory, ENVIRONMENT_FILE);
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    int rc = fd < 0 ? err_os(err, "open", path) : 0;
    if (rc == 0 && !metas_hold(fd))
        rc = err_set(err, ERR_CORRUPT, NULL, "the first two pages of %s, which say what else is valid, are damaged",
                     path);
    if (fd >= 0) close(fd);
    free(path);
    return rc;
}

/* Writes both pages again as they are read. `last`: the transaction that was the newest at open. */
static int rewrite(int fd, uint64_t last, const char *directory, struct err *err) {
    const off_t page = sysconf(_SC_PAGESIZE);
    struct meta metas[2];
    uint64_t transactions[2];
    for (int i = 0; i < 2; i++)
        if (!meta_read(fd, i * page, &metas[i], &transactions[i])) return err_os(err, "read", directory);
    /* The system may have let go of a page that it could not write, and read an older one from the disk. */
    if (transactions[last & 1] != last)
        return err_set(err, ERR_IO, NULL, "%s: what was written last is not on the disk", directory);
    for (int i = 0; i < 2; i++) {
        ssize_t written = pwrite(fd, metas[i].bytes, sizeof metas[i].bytes, i * page);
        if (written < 0) return err_os(err, "write", directory);
        if (written != (ssize_t)sizeof metas[i].bytes)
            return err_set(err, ERR_NO_SPACE, NULL, "%s: the disk is full", directory);
    }
    return 0;
}

int environment_settle(MDB_env *env, const char *directory, struct err *err) {
    MDB_envinfo info;
    int fd;
    if (mdb_env_info(env, &info) != 0 || mdb_env_get_fd(env, &fd) != 0) return err_os(err, "sync", directory);
    int code = rewrite(fd, info.me_last_txnid, directory, err);
    if (code == 0 && fdatasync(fd) != 0) code = err_os(err, "sync", directory);
    return code == 0 && info.me_last_txnid == 0 ? directory_sync(directory, err) : code;
}
