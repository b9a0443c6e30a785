#include <errno.h>
#include <fcntl.h>
#include <lmdb.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "proto/base/environment_lmdb.h"
#include "proto/base/file_os.h"
#include "proto/log/append_check.h"
#include "proto/log/log_lmdb.h"
#include "proto/log/record.h"
#include "proto/log/redo.h"

#define MAP_DEFAULT (UINT64_C(256) << 30)
#define MAP_LEAST (UINT64_C(1) << 30)
#define READERS_MAX 1024
#define SUB_DATABASES 3

/* ---- Append ---- */

static int records_put(MDB_cursor *cursor, const struct log_batch *batch, uint64_t first, struct site_chain *site) {
    for (size_t i = 0; i < batch->record_count; i++) {
        uint64_t place = record_key(first + i);
        MDB_val key = {sizeof place, &place};
        MDB_val room = {record_size(&batch->records[i]), NULL};
        int rc = mdb_cursor_put(cursor, &key, &room, MDB_APPEND | MDB_RESERVE);
        if (rc != 0) return rc;
        record_encode(room.mv_data, first + i, &batch->records[i]);
        site_chain_add(site, view_make(room.mv_data, room.mv_size));
    }
    return 0;
}

static int commit_put(MDB_cursor *cursor, const struct log_batch *batch, uint64_t first, struct site_chain *site) {
    struct commit_row row = {.last = first + batch->record_count - 1, .count = (uint32_t)batch->record_count};
    uint8_t bytes[COMMIT_ROW_SIZE];
    uint64_t place = commit_key(row.last);
    MDB_val key = {sizeof place, &place};
    MDB_val value = {sizeof bytes, bytes};
    site_chain_commit(site);
    memcpy(row.chain, site->value, CHAIN_SIZE);
    commit_row_encode(bytes, &row);
    return mdb_cursor_put(cursor, &key, &value, MDB_APPEND);
}

static int records_write(struct log_lmdb *log, MDB_txn *txn, const struct log_batch *batch, struct site_chain *site,
                         struct err *err) {
    MDB_cursor *cursor;
    uint64_t first = log_tip(&log->base) + 1;
    if (batch->record_count == 0) return 0;
    int rc = mdb_cursor_open(txn, log->db.records, &cursor);
    if (rc != 0) return log_lmdb_error(rc, "appending to the log", err);
    rc = records_put(cursor, batch, first, site);
    if (rc == 0) rc = commit_put(cursor, batch, first, site);
    mdb_cursor_close(cursor);
    return rc == 0 ? 0 : log_lmdb_error(rc, "appending to the log", err);
}

static int batch_write(struct log_lmdb *log, MDB_txn *txn, const struct log_batch *batch, uint64_t flushed,
                       struct site_chain *site, struct err *err) {
    int rc = log_refs_write(txn, &log->db, batch, err);
    if (rc == 0) rc = records_write(log, txn, batch, site, err);
    if (rc == 0) rc = log_heads_write(txn, &log->db, batch, err);
    if (rc == 0) rc = log_values_write(txn, &log->db, batch, err);
    if (rc == 0 && flushed != log->flushed) rc = log_runs_flush(log, txn, err);
    return rc != 0 ? rc : log_state_write(txn, &log->db, flushed, err);
}

/* From now on only another process can write. */
static int broke(struct log_lmdb *log, const char *why, struct err *err) {
    log->broken = true;
    return err_set(err, ERR_IO, NULL, "writing the log: %s; nothing more is written until the program is started again",
                   why);
}

/* A transaction that could not be committed is lost whole. After a lack of space the log goes on, if everything else is
 * on the disk; after anything else nobody knows what the system kept of the pages it was given. */
static int commit(struct log_lmdb *log, MDB_txn *txn, const struct log_batch *batch, struct err *err) {
    uint64_t transaction = mdb_txn_id(txn);
    bool small = log_redo_write(log, transaction, log_tip(&log->base) + 1, batch);
    int rc = mdb_txn_commit(txn);
    if (rc == 0) return 0;
    rc = environment_failure(log->env, rc);
    bool withdrawn = !small || log_redo_withdraw(log, transaction);
    int code = log_lmdb_error(rc, "writing the log", err);
    return log_synced(log) && withdrawn && code == ERR_NO_SPACE ? code : broke(log, mdb_strerror(rc), err);
}

static void publish(struct log_lmdb *log, const struct log_batch *batch, uint64_t first, uint64_t flushed) {
    mutex_lock(&log->lock);
    if (flushed != log->flushed) log_streams_forget_runs(&log->streams);
    log->flushed = flushed;
    log_streams_take(&log->streams, batch, first);
    atomic_store_explicit(&log->tip, first + batch->record_count - 1, memory_order_release);
    mutex_unlock(&log->lock);
}

/* Writes a batch, and the runs in memory up to the present tip when `flush`. */
static int append(struct log_lmdb *log, const struct log_batch *batch, bool flush, struct err *err) {
    MDB_txn *txn;
    uint64_t first = log_tip(&log->base) + 1;
    uint64_t flushed = flush ? first - 1 : log->flushed;
    struct site_chain site = log->site;
    if (log->broken) return log_lmdb_error(MDB_PANIC, "writing the log", err);
    int rc = mdb_txn_begin(log->env, NULL, 0, &txn);
    if (rc != 0) return log_lmdb_error(rc, "writing the log", err);
    rc = batch_write(log, txn, batch, flushed, &site, err);
    if (rc != 0) {
        mdb_txn_abort(txn);
        return rc;
    }
    rc = commit(log, txn, batch, err);
    if (rc != 0) return rc;
    log->site = site;
    publish(log, batch, first, flushed);
    environment_looked(&log->pages, batch->record_count);
    return 0;
}

static int lmdb_append(struct log *base, const struct log_batch *batch, uint64_t *first, struct err *err) {
    struct log_lmdb *log = log_lmdb_of(base);
    *first = log_tip(base) + 1;
    int rc = append_check(&log->base, &log->streams, batch, *first, err);
    return rc != 0 ? rc : append(log, batch, log_runs_due(log, false), err);
}

static uint64_t lmdb_tip(struct log *base) {
    return atomic_load_explicit(&log_lmdb_of(base)->tip, memory_order_acquire);
}

/* ---- Open and close ---- */

static int env_try(const char *directory, uint64_t map_bytes, unsigned flags, MDB_env **out) {
    int rc = mdb_env_create(out);
    if (rc != 0) return rc;
    mdb_env_set_maxdbs(*out, SUB_DATABASES);
    mdb_env_set_maxreaders(*out, READERS_MAX);
    rc = mdb_env_set_mapsize(*out, (size_t)map_bytes);
    if (rc == 0) rc = mdb_env_open(*out, directory, MDB_NOTLS | flags, 0600);
    if (rc == 0) return 0;
    mdb_env_close(*out);
    *out = NULL;
    return rc;
}

/* The map is large because it cannot grow while somebody reads; it costs addresses only. Where even those are limited,
 * a smaller one. */
int log_env_open(const char *directory, uint64_t map_bytes, unsigned flags, MDB_env **out, struct err *err) {
    uint64_t size = map_bytes == 0 ? MAP_DEFAULT : map_bytes;
    int rc = env_try(directory, size, flags, out);
    while (rc == ENOMEM && map_bytes == 0 && size > MAP_LEAST) {
        size /= 2;
        rc = env_try(directory, size, flags, out);
    }
    if (rc == 0) rc = mdb_reader_check(*out, NULL);
    return rc == 0 ? 0 : log_lmdb_error(rc, "opening the log", err);
}

static int load(struct log_lmdb *log, struct err *err) {
    struct log_reader *reader;
    uint8_t chain[CHAIN_SIZE];
    uint64_t tip = 0;
    int rc = log_reader_take(log, &reader, err);
    if (rc != 0) return rc;
    rc = log_tip_read(reader->records, &tip, chain, err);
    if (rc == 0) rc = log_heads_read(reader->txn, &log->db, &log->streams, err);
    if (rc == 0) rc = log_runs_rebuild(log, reader->txn, err);
    log_reader_give(log, reader);
    if (rc != 0) return rc;
    atomic_store_explicit(&log->tip, tip, memory_order_release);
    site_chain_from(&log->site, chain);
    return 0;
}

/* Small appends that a power cut took back: the last one, though it was acknowledged, and perhaps the one that was
 * under way behind it. That one may not be left for a later start: by then its keys may be another event's. `last`: the
 * transaction that stands. */
static int redo(struct log_lmdb *log, uint64_t last, struct err *err) {
    struct redo lost;
    int rc = 0;
    for (; rc == 0 && log_redo_read(log, last + 1, &lost); last++) {
        bool follows = lost.first == log_tip(&log->base) + 1;
        if (follows) rc = append_check(&log->base, &log->streams, &lost.batch, lost.first, err);
        if (follows && rc == 0) rc = append(log, &lost.batch, false, err);
        redo_release(&lost);
        if (!follows) break;
    }
    if (rc != 0) err_prefix(err, "finishing the last append");
    return rc;
}

static int file_open(struct log_lmdb *log, struct err *err) {
    char *path = path_join(log->directory, ENVIRONMENT_FILE);
    log->fd = open(path, O_RDWR | O_CLOEXEC);
    int rc = log->fd < 0 ? err_os(err, "open", path) : 0;
    free(path);
    return rc;
}

static int open_in(struct log_lmdb *log, uint64_t map_bytes, struct err *err) {
    struct log_state state;
    int rc = environment_make(log->directory, err);
    if (rc == 0) rc = log_env_open(log->directory, map_bytes, 0, &log->env, err);
    if (rc == 0) environment_pages_find(&log->pages, log->directory);
    if (rc == 0) rc = environment_settle(log->env, log->directory, err);
    if (rc == 0) rc = log_state_open(log->env, true, &log->db, &state, err);
    if (rc == 0) rc = file_open(log, err);
    if (rc != 0) return rc;
    log->flushed = state.flushed;
    rc = load(log, err);
    return rc != 0 ? rc : redo(log, state.transaction, err);
}

static void release(struct log_lmdb *log) {
    log_readers_close(log);
    if (log->env != NULL) mdb_env_close(log->env);
    if (log->fd >= 0) close(log->fd);
    log_streams_release(&log->streams);
    mutex_destroy(&log->lock);
    mutex_destroy(&log->reader_lock);
    buf_release(&log->redo);
    free(log->directory);
    free(log);
}

static void lmdb_close(struct log *base) {
    struct log_lmdb *log = log_lmdb_of(base);
    const struct log_batch nothing = {0};
    if (log_runs_due(log, true)) append(log, &nothing, true, NULL); /* only saves the next start some reading */
    release(log);
}

int log_lmdb_open(const char *directory, const struct env *env, uint64_t map_bytes, struct log **out, struct err *err) {
    static const struct log_ops ops = {
        .append = lmdb_append,
        .tip = lmdb_tip,
        .head = log_lmdb_head,
        .heads = log_lmdb_heads,
        .position_of = log_lmdb_position_of,
        .run_of = log_lmdb_run_of,
        .ref = log_lmdb_ref,
        .value = log_lmdb_value,
        .values = log_lmdb_values,
        .get = log_lmdb_get,
        .trail = log_lmdb_trail,
        .chain_at = log_lmdb_chain_at,
        .iterate = log_lmdb_iterate,
        .verify = log_lmdb_verify_open,
        .close = lmdb_close,
    };
    struct log_lmdb *log = mem_alloc(sizeof *log);
    log->base.ops = &ops;
    log->port = env;
    log->fd = -1;
    log->directory = mem_text(directory);
    mutex_init(&log->lock);
    mutex_init(&log->reader_lock);
    int rc = open_in(log, map_bytes, err);
    if (rc != 0) {
        err_prefix(err, "%s", directory);
        release(log);
        return rc;
    }
    *out = &log->base;
    return 0;
}
