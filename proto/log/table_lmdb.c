#include <errno.h>
#include <lmdb.h>

#include "proto/log/log_lmdb.h"

/* LMDB takes what it only reads through pointers that are not const. */
static MDB_val val_of(struct view v) { return (MDB_val){v.len, (void *)(uintptr_t)v.data}; }

static struct view view_of_val(MDB_val v) { return view_make(v.mv_data, v.mv_size); }

int table_get(MDB_txn *txn, unsigned db, struct view key, struct view *value) {
    MDB_val k = val_of(key);
    MDB_val v;
    int rc = mdb_get(txn, db, &k, &v);
    if (rc == 0) *value = view_of_val(v);
    return rc;
}

int table_put(MDB_txn *txn, unsigned db, struct view key, struct view value, unsigned flags) {
    MDB_val k = val_of(key);
    MDB_val v = val_of(value);
    return mdb_put(txn, db, &k, &v, flags);
}

int table_delete(MDB_txn *txn, unsigned db, struct view key) {
    MDB_val k = val_of(key);
    int rc = mdb_del(txn, db, &k, NULL);
    return rc == MDB_NOTFOUND ? 0 : rc;
}

int table_move(MDB_cursor *cursor, int op, struct view *key, struct view *value) {
    MDB_val k = val_of(*key);
    MDB_val v;
    int rc = mdb_cursor_get(cursor, &k, &v, (MDB_cursor_op)op);
    if (rc == 0) {
        *key = view_of_val(k);
        *value = view_of_val(v);
    }
    return rc;
}

static int code_of(int code) {
    switch (code) {
    case MDB_MAP_FULL:
    case ENOSPC:
    case EDQUOT:
    case EFBIG: return ERR_NO_SPACE;
    case MDB_NOTFOUND: return ERR_NOT_FOUND;
    case MDB_PAGE_NOTFOUND:
    case MDB_CORRUPTED:
    case MDB_CURSOR_FULL:
    case MDB_BAD_TXN:
    case MDB_INVALID: return ERR_CORRUPT;
    case MDB_VERSION_MISMATCH: return ERR_VERSION;
    case MDB_READERS_FULL: return ERR_BUSY;
    case MDB_TXN_FULL: return ERR_LIMIT;
    default: return ERR_IO;
    }
}

int log_lmdb_explain(int code, const char *what, struct err *err) {
    if (code == MDB_PANIC)
        return err_set(err, ERR_IO, NULL,
                       "%s: an earlier write failed; nothing more is written until the program is started again", what);
    if (code == MDB_MAP_FULL)
        return err_set(err, ERR_NO_SPACE, NULL, "%s: the log has grown to the size of its map", what);
    return err_set(err, code_of(code), NULL, "%s: %s", what, mdb_strerror(code));
}
