/* The key ring on disk: one LMDB environment in a directory of its own, all rows in its main table (ring_row.h).
 * Default flags, so that a full disk fails a commit and nothing else; every commit is synced. */
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
#include "proto/event/ring_store.h"

#define MAP_BYTES (UINT64_C(16) << 30) /* sparse: the file grows only as it is used */

struct lmdb_store {
    struct ring_store port;
    MDB_env *env;
    MDB_dbi table;
};

struct ring_txn {
    struct lmdb_store *store;
    MDB_txn *txn;
    MDB_cursor *cursor;
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

static int lmdb_begin(struct ring_store *store, bool write, struct ring_txn **out, struct err *err) {
    struct lmdb_store *s = (struct lmdb_store *)store;
    struct ring_txn *txn = mem_alloc(sizeof *txn);
    txn->store = s;
    int code = mdb_txn_begin(s->env, NULL, write ? 0 : MDB_RDONLY, &txn->txn);
    if (code == 0) {
        code = mdb_cursor_open(txn->txn, s->table, &txn->cursor);
        if (code != 0) mdb_txn_abort(txn->txn);
    }
    if (code != 0) {
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
    free(txn);
    return code == 0 ? 0 : failed(code, "writing", err);
}

static void lmdb_abort(struct ring_txn *txn) {
    mdb_cursor_close(txn->cursor);
    mdb_txn_abort(txn->txn);
    free(txn);
}

static void lmdb_close(struct ring_store *store) {
    struct lmdb_store *s = (struct lmdb_store *)store;
    mdb_env_close(s->env);
    free(s);
}

static const struct ring_store_ops lmdb_ops = {
    .begin = lmdb_begin,
    .seek = lmdb_seek,
    .put = lmdb_put,
    .remove = lmdb_remove,
    .commit = lmdb_commit,
    .abort = lmdb_abort,
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

static int store_open(const char *directory, uint64_t map_bytes, struct lmdb_store **out, struct err *err) {
    MDB_env *env;
    int code = environment_make(directory, err);
    if (code != 0) return code;
    code = mdb_env_create(&env);
    if (code != 0) return failed(code, "opening", err);
    struct lmdb_store *s = mem_alloc(sizeof *s);
    s->port.ops = &lmdb_ops;
    s->env = env;
    int dead; /* slots of readers that are gone would keep pages from being used again */
    code = mdb_env_set_mapsize(env, (size_t)map_bytes);
    if (code == 0) code = mdb_env_open(env, directory, MDB_NOTLS, 0600);
    if (code == 0) code = mdb_reader_check(env, &dead);
    if (code == 0) code = open_table(s);
    if (code != 0) {
        code = failed(code, "opening", err);
        err_prefix(err, "%s", directory);
    } else {
        code = environment_settle(env, directory, err);
    }
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
 * in their slack. */
static int copy_rows(struct ring_txn *from, struct ring_txn *to, struct err *err) {
    MDB_val key, value;
    int code = mdb_cursor_get(from->cursor, &key, &value, MDB_FIRST);
    while (code == 0) {
        code = mdb_put(to->txn, to->store->table, &key, &value, MDB_APPEND);
        if (code == 0) code = mdb_cursor_get(from->cursor, &key, &value, MDB_NEXT);
    }
    return code == MDB_NOTFOUND ? 0 : failed(code, "copying", err);
}

static int copy_store(struct lmdb_store *from, struct lmdb_store *to, struct err *err) {
    struct ring_txn *source, *target;
    int code = lmdb_begin(&from->port, true, &source, err); /* for writing: nobody changes the ring meanwhile */
    if (code != 0) return code;
    code = lmdb_begin(&to->port, true, &target, err);
    if (code == 0) {
        code = copy_rows(source, target, err);
        if (code == 0)
            code = lmdb_commit(target, err);
        else
            lmdb_abort(target);
    }
    lmdb_abort(source);
    return code;
}

static void remove_store(const char *directory) {
    static const char *const names[] = {"data.mdb", "lock.mdb"};
    char path[PATH_MAX];
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (snprintf(path, sizeof path, "%s/%s", directory, names[i]) < (int)sizeof path) unlink(path);
    rmdir(directory);
}

int keyring_lmdb_compact(struct keyring *ring, const char *directory, struct err *err) {
    struct lmdb_store *from = (struct lmdb_store *)keyring_store(ring);
    struct lmdb_store *to;
    MDB_envinfo info;
    mdb_env_info(from->env, &info);
    if (mkdir(directory, 0700) != 0)
        return err_set(err, errno == EEXIST ? ERR_EXISTS : ERR_IO, NULL, "%s: %s", directory, strerror(errno));
    int code = store_open(directory, info.me_mapsize, &to, err);
    if (code == 0) {
        code = copy_store(from, to, err);
        lmdb_close(&to->port);
    }
    if (code == 0) code = directory_sync(directory, err);
    if (code != 0) remove_store(directory);
    return code;
}
