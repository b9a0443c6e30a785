/* The key ring on disk: one LMDB environment in a directory of its own, all rows in its main table (ring_row.h).
 * Default flags, so that a full disk fails a commit and nothing else; every commit is synced.
 *
 * A new generation is written beside it (data.next), row by row onto new pages, synced, and renamed over data.mdb: a
 * crash leaves the one or the other. LMDB goes on with the new file under its new name. Every transaction holds
 * `generation` for reading, so that the environment does not go away under it, and one that writes holds `writing`
 * before. */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <lmdb.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "proto/base/environment_lmdb.h"
#include "proto/base/file_os.h"
#include "proto/base/threads.h"
#include "proto/event/ring_store.h"

#define MAP_BYTES (UINT64_C(16) << 30) /* sparse: the file grows only as it is used */
#define ROWS_AT_ONCE 100000            /* in one commit of a copy */
#define NEXT_NAME "data.next"
#define NEXT_LOCK "data.next-lock" /* LMDB's name for it */
#define LOCK_NAME "lock.mdb"

struct lmdb_store {
    struct ring_store port;
    char *directory;
    uint64_t map_bytes;
    struct mutex writing;
    struct rwlock generation; /* of env and table */
    MDB_env *env;
    MDB_dbi table;
};

struct ring_txn {
    struct lmdb_store *store;
    MDB_txn *txn;
    MDB_cursor *cursor;
    bool write;
};

/* An error of LMDB or the system as one of ours. */
static int code_of(int code) {
    switch (code) {
    case MDB_MAP_FULL:
    case MDB_TXN_FULL:
    case ENOSPC:
    case EDQUOT:
    case EFBIG: return ERR_NO_SPACE;
    case MDB_CORRUPTED:
    case MDB_PAGE_NOTFOUND:
    case MDB_INVALID: return ERR_CORRUPT;
    case MDB_VERSION_MISMATCH: return ERR_VERSION;
    default: return ERR_IO;
    }
}

static int failed(int code, const char *doing, struct err *err) {
    err_set(err, code_of(code), NULL, "%s the key ring failed: %s", doing, mdb_strerror(code));
    return code_of(code);
}

static MDB_val val_of(struct view v) {
    union {
        const uint8_t *from;
        void *to; /* LMDB only reads it */
    } data = {.from = v.data};
    return (MDB_val){v.len, data.to};
}

static struct view view_of_val(MDB_val v) { return view_make(v.mv_data, v.mv_size); }

static void enter(struct lmdb_store *s, bool write) {
    if (write) mutex_lock(&s->writing);
    rwlock_read(&s->generation);
}

static void leave(struct lmdb_store *s, bool write) {
    rwlock_unlock(&s->generation);
    if (write) mutex_unlock(&s->writing);
}

static int lmdb_begin(struct ring_store *store, bool write, struct ring_txn **out, struct err *err) {
    struct lmdb_store *s = (struct lmdb_store *)store;
    struct ring_txn *txn = mem_alloc(sizeof *txn);
    txn->store = s;
    txn->write = write;
    enter(s, write);
    int code = mdb_txn_begin(s->env, NULL, write ? 0 : MDB_RDONLY, &txn->txn);
    if (code == 0) {
        code = mdb_cursor_open(txn->txn, s->table, &txn->cursor);
        if (code != 0) mdb_txn_abort(txn->txn);
    }
    if (code != 0) {
        leave(s, write);
        free(txn);
        return failed(code, write ? "writing" : "reading", err);
    }
    *out = txn;
    return 0;
}

static int lmdb_seek(struct ring_txn *txn, struct view from, struct ring_row *out, struct err *err) {
    MDB_val key = val_of(from), value;
    int code = mdb_cursor_get(txn->cursor, &key, &value, from.len == 0 ? MDB_FIRST : MDB_SET_RANGE);
    if (code == MDB_NOTFOUND) return ERR_NOT_FOUND;
    if (code != 0) return failed(code, "reading", err);
    *out = (struct ring_row){view_of_val(key), view_of_val(value)};
    return 0;
}

static int lmdb_put(struct ring_txn *txn, struct view key, struct view value, struct err *err) {
    MDB_val k = val_of(key), v = val_of(value);
    int code = mdb_put(txn->txn, txn->store->table, &k, &v, 0);
    return code == 0 ? 0 : failed(code, "writing", err);
}

static int lmdb_remove(struct ring_txn *txn, struct view key, struct err *err) {
    MDB_val k = val_of(key);
    int code = mdb_del(txn->txn, txn->store->table, &k, NULL);
    return code == 0 || code == MDB_NOTFOUND ? 0 : failed(code, "writing", err);
}

static int lmdb_commit(struct ring_txn *txn, struct err *err) {
    mdb_cursor_close(txn->cursor);
    int code = environment_failure(txn->store->env, mdb_txn_commit(txn->txn));
    leave(txn->store, txn->write);
    free(txn);
    return code == 0 ? 0 : failed(code, "writing", err);
}

static void lmdb_abort(struct ring_txn *txn) {
    mdb_cursor_close(txn->cursor);
    mdb_txn_abort(txn->txn);
    leave(txn->store, txn->write);
    free(txn);
}

static void lmdb_close(struct ring_store *store) {
    struct lmdb_store *s = (struct lmdb_store *)store;
    mdb_env_close(s->env);
    mutex_destroy(&s->writing);
    rwlock_destroy(&s->generation);
    free(s->directory);
    free(s);
}

static int lmdb_renew(struct ring_store *store, struct err *err);

static const struct ring_store_ops lmdb_ops = {
    .begin = lmdb_begin,
    .seek = lmdb_seek,
    .put = lmdb_put,
    .remove = lmdb_remove,
    .commit = lmdb_commit,
    .abort = lmdb_abort,
    .renew = lmdb_renew,
    .close = lmdb_close,
};

static int open_table(struct lmdb_store *s) {
    MDB_txn *txn;
    int code = mdb_txn_begin(s->env, NULL, 0, &txn);
    if (code != 0) return code;
    code = mdb_dbi_open(txn, NULL, 0, &s->table);
    if (code == 0) return mdb_txn_commit(txn);
    mdb_txn_abort(txn);
    return code;
}

/* A store whose environment is still to be opened. */
static int store_make(const char *directory, uint64_t map_bytes, struct lmdb_store **out, struct err *err) {
    MDB_env *env;
    int code = mdb_env_create(&env);
    if (code == 0) code = mdb_env_set_mapsize(env, (size_t)map_bytes);
    if (code != 0) return failed(code, "opening", err);
    struct lmdb_store *s = mem_alloc(sizeof *s);
    s->port.ops = &lmdb_ops;
    s->directory = mem_text(directory);
    s->map_bytes = map_bytes;
    s->env = env;
    mutex_init(&s->writing);
    rwlock_init(&s->generation);
    *out = s;
    return 0;
}

/* The environment at a path; `flags` as of mdb_env_open. */
static int open_environment(struct lmdb_store *s, const char *path, unsigned flags, struct err *err) {
    int dead; /* slots of readers that are gone would keep pages from being used again */
    int code = mdb_env_open(s->env, path, MDB_NOTLS | flags, 0600);
    if (code == 0) code = mdb_reader_check(s->env, &dead);
    if (code == 0) code = open_table(s);
    if (code == 0) return 0;
    code = failed(code, "opening", err);
    err_prefix(err, "%s", path);
    return code;
}

/* What a crash has left of a new generation; it may hold what is to be destroyed. */
static void remove_next(const char *directory) {
    static const char *const names[] = {NEXT_NAME, NEXT_LOCK};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        char *path = path_join(directory, names[i]);
        unlink(path);
        free(path);
    }
}

static int store_open(const char *directory, uint64_t map_bytes, struct lmdb_store **out, struct err *err) {
    struct lmdb_store *s = NULL;
    int code = environment_make(directory, err);
    if (code == 0) code = store_make(directory, map_bytes, &s, err);
    if (code != 0) return code;
    remove_next(directory);
    code = open_environment(s, directory, 0, err);
    if (code == 0) code = environment_settle(s->env, directory, err);
    if (code == 0)
        *out = s;
    else
        lmdb_close(&s->port);
    return code;
}

int keyring_lmdb_open_sized(const char *directory, uint64_t map_bytes, const uint8_t master[KEY_BYTES],
                            const struct env *env, struct keyring **out, struct err *err) {
    struct lmdb_store *s;
    int code = store_open(directory, map_bytes, &s, err);
    return code == 0 ? keyring_open(&s->port, master, env, out, err) : code;
}

int keyring_lmdb_open(const char *directory, const uint8_t master[KEY_BYTES], const struct env *env,
                      struct keyring **out, struct err *err) {
    return keyring_lmdb_open_sized(directory, MAP_BYTES, master, env, out, err);
}

/* Rows go one by one onto new pages: mdb_env_copy2 would copy pages whole, and with them what is left of deleted rows
 * in their slack. MDB_NOTFOUND: these were the last. */
static int copy_rows(struct ring_txn *from, struct ring_txn *to, MDB_val *key, MDB_val *value) {
    int code = 0;
    for (size_t i = 0; i < ROWS_AT_ONCE && code == 0; i++) {
        code = mdb_put(to->txn, to->store->table, key, value, MDB_APPEND);
        if (code == 0) code = mdb_cursor_get(from->cursor, key, value, MDB_NEXT);
    }
    return code;
}

/* Some at a time: until a commit their pages are in memory. The caller sees to it that nobody writes to `source`. */
static int copy_into(struct ring_txn *source, struct lmdb_store *to, struct err *err) {
    MDB_val key, value;
    int rc = mdb_cursor_get(source->cursor, &key, &value, MDB_FIRST), code = 0;
    while (code == 0 && rc == 0) {
        struct ring_txn *target;
        code = lmdb_begin(&to->port, true, &target, err);
        if (code != 0) return code;
        rc = copy_rows(source, target, &key, &value);
        if (rc == 0 || rc == MDB_NOTFOUND)
            code = lmdb_commit(target, err);
        else
            lmdb_abort(target);
    }
    return code != 0 || rc == MDB_NOTFOUND ? code : failed(rc, "copying", err);
}

static int copy_store(struct lmdb_store *from, struct lmdb_store *to, struct err *err) {
    struct ring_txn *source;
    int code = lmdb_begin(&from->port, true, &source, err); /* for writing: nobody changes the ring meanwhile */
    if (code != 0) return code;
    code = copy_into(source, to, err);
    lmdb_abort(source);
    return code;
}

/* ---- A backup ---- */

static void remove_store(const char *directory) {
    static const char *const names[] = {ENVIRONMENT_FILE, LOCK_NAME};
    char path[PATH_MAX];
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (snprintf(path, sizeof path, "%s/%s", directory, names[i]) < (int)sizeof path) unlink(path);
    rmdir(directory);
}

int keyring_lmdb_compact(struct keyring *ring, const char *directory, struct err *err) {
    struct lmdb_store *from = (struct lmdb_store *)keyring_store(ring);
    struct lmdb_store *to;
    if (mkdir(directory, 0700) != 0)
        return err_set(err, errno == EEXIST ? ERR_EXISTS : ERR_IO, NULL, "%s: %s", directory, strerror(errno));
    int code = store_open(directory, from->map_bytes, &to, err);
    if (code == 0) {
        code = copy_store(from, to, err);
        lmdb_close(&to->port);
    }
    if (code == 0) code = directory_sync(directory, err);
    if (code != 0) remove_store(directory);
    return code;
}

/* ---- A new generation ---- */

static int open_next(struct lmdb_store *s, struct lmdb_store **out, struct err *err) {
    char *path = path_join(s->directory, NEXT_NAME), *lock = path_join(s->directory, NEXT_LOCK);
    remove_next(s->directory);
    int code = environment_lock_room(lock, err);
    if (code == 0) code = store_make(s->directory, s->map_bytes, out, err);
    if (code == 0) {
        code = open_environment(*out, path, MDB_NOSUBDIR, err);
        if (code != 0) lmdb_close(&(*out)->port);
    }
    free(path);
    free(lock);
    return code;
}

/* The lock file goes along: whoever opens the ring after a crash finds one that belongs, or makes it anew. */
static int put_in_place(struct lmdb_store *s, struct err *err) {
    char *next = path_join(s->directory, NEXT_NAME), *path = path_join(s->directory, ENVIRONMENT_FILE);
    char *next_lock = path_join(s->directory, NEXT_LOCK), *lock = path_join(s->directory, LOCK_NAME);
    int code = rename(next, path) == 0 ? 0 : err_os(err, "replace", path);
    if (code == 0) rename(next_lock, lock);
    free(next);
    free(path);
    free(next_lock);
    free(lock);
    return code;
}

/* From then on `s` stands on the environment that was `next`'s, which is gone with the old one. */
static void change_over(struct lmdb_store *s, struct lmdb_store *next) {
    MDB_env *old = s->env;
    rwlock_write(&s->generation);
    s->env = next->env;
    s->table = next->table;
    rwlock_unlock(&s->generation);
    next->env = old;
    lmdb_close(&next->port);
}

static int lmdb_renew(struct ring_store *store, struct err *err) {
    struct lmdb_store *s = (struct lmdb_store *)store;
    struct lmdb_store *next = NULL;
    struct ring_txn *source;
    mutex_lock(&s->writing);
    int code = open_next(s, &next, err);
    if (code != 0) goto out;
    code = lmdb_begin(store, false, &source, err);
    if (code == 0) {
        code = copy_into(source, next, err);
        lmdb_abort(source);
    }
    if (code == 0) code = put_in_place(s, err);
    if (code == 0) {
        change_over(s, next);
        code = directory_sync(s->directory, err);
    } else {
        lmdb_close(&next->port);
    }
out:
    if (code != 0) remove_next(s->directory);
    mutex_unlock(&s->writing);
    return code;
}
