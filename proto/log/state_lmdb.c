#include <lmdb.h>
#include <string.h>

#include "proto/log/append_check.h"
#include "proto/log/log_lmdb.h"

/* ---- State ---- */

static int other_format(uint32_t format, struct err *err) {
    return err_set(err, ERR_VERSION, NULL, "the log is in format %u, this program reads format %u", format, LOG_FORMAT);
}

int log_state_read(MDB_txn *txn, unsigned main, struct log_state *state, struct err *err) {
    struct view row;
    MDB_stat stat;
    int rc = table_get(txn, main, view_of(STATE_KEY), &row);
    if (rc == MDB_NOTFOUND && mdb_stat(txn, main, &stat) == 0)
        return err_set(err, stat.ms_entries == 0 ? ERR_NOT_FOUND : ERR_CORRUPT, NULL, "the log has no state row");
    if (rc != 0) return log_lmdb_error(rc, "reading the log's state", err);
    if (!state_row_decode(row, state))
        return err_set(err, ERR_CORRUPT, NULL, "the check of the log's state row does not hold");
    return state->format == LOG_FORMAT ? 0 : other_format(state->format, err);
}

static int tables_open(MDB_txn *txn, unsigned flags, struct log_databases *db) {
    int rc = mdb_dbi_open(txn, LOG_RECORDS_DB, flags | MDB_INTEGERKEY, &db->records);
    if (rc == 0) rc = mdb_dbi_open(txn, LOG_RUNS_DB, flags, &db->runs);
    return rc != 0 ? rc : mdb_dbi_open(txn, LOG_REFS_DB, flags, &db->refs);
}

/* The handles outlive the transaction only when it commits. */
static int open_read(MDB_env *env, struct log_databases *db, struct log_state *state, struct err *err) {
    MDB_txn *txn;
    int rc = mdb_txn_begin(env, NULL, MDB_RDONLY, &txn);
    if (rc != 0) return log_lmdb_error(rc, "opening the log", err);
    rc = mdb_dbi_open(txn, NULL, 0, &db->main);
    int found = rc == 0 ? log_state_read(txn, db->main, state, err) : 0;
    if (rc == 0 && found == 0) rc = tables_open(txn, 0, db);
    mdb_txn_commit(txn);
    if (found != 0) return found;
    return rc == 0 ? 0
                   : err_set(err, ERR_CORRUPT, NULL,
                             "the tables of the log cannot be found, the small rows are damaged: %s", mdb_strerror(rc));
}

static int open_new(MDB_env *env, struct log_databases *db, struct err *err) {
    MDB_txn *txn;
    int rc = mdb_txn_begin(env, NULL, 0, &txn);
    if (rc != 0) return log_lmdb_error(rc, "making the log", err);
    rc = tables_open(txn, MDB_CREATE, db);
    int code = rc == 0 ? log_state_write(txn, db, 0, err) : log_lmdb_error(rc, "making the log", err);
    if (code != 0) {
        mdb_txn_abort(txn);
        return code;
    }
    rc = mdb_txn_commit(txn);
    return rc == 0 ? 0 : log_lmdb_error(rc, "making the log", err);
}

int log_state_open(MDB_env *env, bool make, struct log_databases *db, struct log_state *state, struct err *err) {
    int rc = open_read(env, db, state, err);
    if (rc != ERR_NOT_FOUND || !make) return rc;
    *state = (struct log_state){.format = LOG_FORMAT};
    return open_new(env, db, err);
}

int log_state_write(MDB_txn *txn, const struct log_databases *db, uint64_t flushed, struct err *err) {
    uint8_t row[STATE_ROW_SIZE];
    const struct log_state state = {.format = LOG_FORMAT, .flushed = flushed, .transaction = mdb_txn_id(txn)};
    state_row_encode(row, &state);
    int rc = table_put(txn, db->main, view_of(STATE_KEY), view_make(row, sizeof row), 0);
    return rc == 0 ? 0 : log_lmdb_error(rc, "writing the log's state", err);
}

/* ---- Heads ---- */

int log_heads_read(MDB_txn *txn, const struct log_databases *db, struct log_streams *streams, struct err *err) {
    uint8_t first[HEAD_KEY_SIZE];
    MDB_cursor *cursor;
    struct view row;
    int result = 0;
    head_key(first, 0);
    struct view key = view_make(first, sizeof first);
    int rc = mdb_cursor_open(txn, db->main, &cursor);
    if (rc != 0) return log_lmdb_error(rc, "reading the heads of the log", err);
    for (rc = table_move(cursor, MDB_SET_RANGE, &key, &row); rc == 0 && key.data[0] == HEAD_KEY_PREFIX;
         rc = table_move(cursor, MDB_NEXT, &key, &row)) {
        struct head head;
        if (!head_row_decode(key, row, &head)) {
            result = err_set(err, ERR_CORRUPT, NULL, "the check of the head of stream %u does not hold",
                             key.len == HEAD_KEY_SIZE ? get_u32_be(key.data + 1) : 0);
            break;
        }
        log_streams_put(streams, head.stream)->head = head;
    }
    mdb_cursor_close(cursor);
    if (rc != 0 && rc != MDB_NOTFOUND) return log_lmdb_error(rc, "reading the heads of the log", err);
    return result;
}

int log_heads_write(MDB_txn *txn, const struct log_databases *db, const struct log_batch *batch, struct err *err) {
    uint8_t key[HEAD_KEY_SIZE];
    uint8_t row[HEAD_ROW_SIZE];
    int rc = 0;
    for (size_t i = 0; rc == 0 && i < batch->head_count; i++) {
        head_key(key, batch->heads[i].stream);
        head_row_encode(row, view_make(key, sizeof key), &batch->heads[i]);
        rc = table_put(txn, db->main, view_make(key, sizeof key), view_make(row, sizeof row), 0);
    }
    return rc == 0 ? 0 : log_lmdb_error(rc, "writing the heads of the log", err);
}

int log_lmdb_head(struct log *base, uint32_t stream, struct head *out) {
    struct log_lmdb *log = log_lmdb_of(base);
    mutex_lock(&log->lock);
    const struct log_stream *found = log_streams_find(&log->streams, stream);
    bool there = found != NULL && found->head.seq > 0;
    if (there) *out = found->head;
    mutex_unlock(&log->lock);
    return there ? 0 : ERR_NOT_FOUND;
}

int log_lmdb_heads(struct log *base, struct head **out, size_t *count, struct err *err) {
    struct log_lmdb *log = log_lmdb_of(base);
    (void)err;
    mutex_lock(&log->lock);
    *out = log_streams_heads(&log->streams, count);
    mutex_unlock(&log->lock);
    return 0;
}

/* ---- Values ---- */

static struct view value_key(uint8_t out[VALUE_KEY_MAX + 1], struct view name) {
    out[0] = VALUE_KEY_PREFIX;
    memcpy(out + 1, name.data, name.len);
    return view_make(out, name.len + 1);
}

static int value_write(MDB_txn *txn, const struct log_databases *db, const struct log_value *value, struct buf *row) {
    uint8_t name[VALUE_KEY_MAX + 1];
    struct view key = value_key(name, value->key);
    if (value->value.data == NULL) return table_delete(txn, db->main, key);
    buf_clear(row);
    buf_append(row, (const uint8_t[ROW_CHECK]){0}, ROW_CHECK);
    buf_append_view(row, value->value);
    row_seal(key, row->data, row->len);
    return table_put(txn, db->main, key, buf_view(row), 0);
}

int log_values_write(MDB_txn *txn, const struct log_databases *db, const struct log_batch *batch, struct err *err) {
    struct buf row = BUF_INIT;
    int rc = 0;
    for (size_t i = 0; rc == 0 && i < batch->value_count; i++) rc = value_write(txn, db, &batch->values[i], &row);
    buf_release(&row);
    return rc == 0 ? 0 : log_lmdb_error(rc, "writing the values of the log", err);
}

int log_lmdb_value(struct log *base, struct view key, struct buf *out) {
    struct log_lmdb *log = log_lmdb_of(base);
    struct log_reader *reader;
    struct view row;
    uint8_t name[VALUE_KEY_MAX + 1];
    if (key.len == 0 || key.len > VALUE_KEY_MAX) return ERR_NOT_FOUND;
    int rc = log_reader_take(log, &reader, NULL);
    if (rc != 0) return rc;
    struct view stored = value_key(name, key);
    rc = table_get(reader->txn, log->db.main, stored, &row);
    if (rc != 0)
        rc = log_lmdb_error(rc, "", NULL);
    else if (!row_holds(stored, row))
        rc = ERR_CORRUPT;
    else
        buf_append(out, row.data + ROW_CHECK, row.len - ROW_CHECK);
    log_reader_give(log, reader);
    return rc;
}

static int values_read(MDB_cursor *cursor, void (*each)(void *context, const struct log_value *value), void *context,
                       struct err *err) {
    const uint8_t first[] = {VALUE_KEY_PREFIX};
    struct view key = view_make(first, sizeof first), row;
    int rc = table_move(cursor, MDB_SET_RANGE, &key, &row);
    for (; rc == 0 && key.data[0] == VALUE_KEY_PREFIX; rc = table_move(cursor, MDB_NEXT, &key, &row)) {
        if (!row_holds(key, row))
            return err_set(err, ERR_CORRUPT, NULL, "the check of a value of the log does not hold");
        each(context, &(struct log_value){view_make(key.data + 1, key.len - 1),
                                          view_make(row.data + ROW_CHECK, row.len - ROW_CHECK)});
    }
    return rc == 0 || rc == MDB_NOTFOUND ? 0 : log_lmdb_error(rc, "reading the values of the log", err);
}

int log_lmdb_values(struct log *base, void (*each)(void *context, const struct log_value *value), void *context,
                    struct err *err) {
    struct log_lmdb *log = log_lmdb_of(base);
    struct log_reader *reader;
    MDB_cursor *cursor;
    int code = log_reader_take(log, &reader, err);
    if (code != 0) return code;
    int rc = mdb_cursor_open(reader->txn, log->db.main, &cursor);
    if (rc == 0) {
        code = values_read(cursor, each, context, err);
        mdb_cursor_close(cursor);
    } else {
        code = log_lmdb_error(rc, "reading the values of the log", err);
    }
    log_reader_give(log, reader);
    return code;
}
