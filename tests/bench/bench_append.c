/* What the log costs over what it is made of.
 *
 *   append_durable         one event of about 100 bytes, on disk when it returns; baseline: the same bytes written to
 *                          a file and synced, in turns with it
 *   append_durable_many    the same for a hub that holds 2,000 streams
 *   append_bulk            events a second in commits of 1,000; baseline: the same records put into LMDB and committed
 *   append_push            events a second in commits of 1,000 from 20 of 2,000 streams; baseline as before
 *   scan                   records a second read by an iterator; baseline: LMDB's cursor over the same rows */
#include <fcntl.h>
#include <lmdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "proto/base/env.h"
#include "proto/log/record.h"
#include "tests/support/bench.h"
#include "tests/support/scribe.h"

#define ROUNDS 1500
#define BATCH 1000
#define BULK_BATCHES 1000
#define STREAMS 2000
#define FILLER 62 /* makes a frame of about 100 bytes */

static double now_us(void) { return bench_seconds() * 1e6; }

static struct log *open_log(const char *directory) {
    struct log *log;
    struct err err;
    if (log_lmdb_open(directory, env_os(), 0, &log, &err) != 0) {
        fprintf(stderr, "bench_append: %s\n", err.text);
        exit(EXIT_FAILURE);
    }
    return log;
}

/* ---- One event at a time ---- */

static double write_and_sync(int fd, const struct log_append *record) {
    uint8_t bytes[1024];
    record_encode(bytes, 1, record);
    double start = now_us();
    bench_must(write(fd, bytes, record_size(record)) == (ssize_t)record_size(record), "write");
    bench_must(fdatasync(fd) == 0, "fdatasync");
    return now_us() - start;
}

static void durable(const char *name, const char *directory, uint32_t streams) {
    struct scribe scribe;
    struct log *log = open_log(directory);
    uint64_t first;
    static double ours[ROUNDS];
    static double bare[ROUNDS];
    char path[64];
    snprintf(path, sizeof path, "%s.bare", directory);
    int fd = open(path, O_WRONLY | O_CREAT | O_APPEND, 0600);
    bench_must(fd >= 0, "open");
    scribe_init(&scribe);
    for (uint32_t i = 0; i < streams; i++) scribe_event(&scribe, i + 1, 0, NULL, FILLER);
    bench_must(scribe_append(&scribe, log, NULL) == 0, "append");
    for (uint32_t i = 0; i < ROUNDS; i++) {
        scribe_event(&scribe, i * 7919 % streams + 1, 0, NULL, FILLER);
        const struct log_batch *batch = scribe_batch(&scribe);
        bare[i] = write_and_sync(fd, &batch->records[0]);
        double start = now_us();
        bench_must(log_append(log, batch, &first, NULL) == 0, "append");
        ours[i] = now_us() - start;
        scribe_done(&scribe);
    }
    double value = bench_median(ours, ROUNDS);
    double baseline = bench_median(bare, ROUNDS);
    bench_tell(name, "us", value, baseline, baseline / value);
    scribe_release(&scribe);
    log->ops->close(log);
    close(fd);
}

/* ---- Many at once ---- */

struct bare_lmdb {
    MDB_env *env;
    MDB_dbi records;
    uint64_t position;
};

static void bare_open(struct bare_lmdb *b, const char *directory) {
    MDB_txn *txn;
    bench_must(mkdir(directory, 0700) == 0, "mkdir");
    bench_must(mdb_env_create(&b->env) == 0, "environment");
    mdb_env_set_maxdbs(b->env, 1);
    mdb_env_set_mapsize(b->env, (size_t)256 << 30);
    bench_must(mdb_env_open(b->env, directory, MDB_NOTLS, 0600) == 0, "environment");
    bench_must(mdb_txn_begin(b->env, NULL, 0, &txn) == 0, "transaction");
    bench_must(mdb_dbi_open(txn, "records", MDB_CREATE | MDB_INTEGERKEY, &b->records) == 0, "database");
    bench_must(mdb_txn_commit(txn) == 0, "commit");
    b->position = 0;
}

static double bare_append(struct bare_lmdb *b, const struct log_batch *batch) {
    static uint8_t bytes[BATCH][256];
    MDB_txn *txn;
    for (size_t i = 0; i < batch->record_count; i++) record_encode(bytes[i], b->position + 1 + i, &batch->records[i]);
    double start = now_us();
    bench_must(mdb_txn_begin(b->env, NULL, 0, &txn) == 0, "transaction");
    for (size_t i = 0; i < batch->record_count; i++) {
        uint64_t place = ++b->position;
        MDB_val key = {sizeof place, &place};
        MDB_val value = {record_size(&batch->records[i]), bytes[i]};
        bench_must(mdb_put(txn, b->records, &key, &value, MDB_APPEND) == 0, "put");
    }
    bench_must(mdb_txn_commit(txn) == 0, "commit");
    return now_us() - start;
}

static void scan(struct log *log, struct bare_lmdb *bare) {
    struct log_iterator *it;
    struct record record;
    MDB_txn *txn;
    MDB_cursor *cursor;
    MDB_val key;
    MDB_val value;
    uint64_t sum = 0;
    double records = 0;
    bench_must(log->ops->iterate(log, &it, NULL) == 0, "iterate");
    double start = now_us();
    while (it->ops->next(it, &record, NULL) == 0) {
        sum += record.frame.data[record.frame.len - 1];
        records++;
    }
    double ours = records / (now_us() - start) * 1e6;
    it->ops->close(it);
    bench_must(mdb_txn_begin(bare->env, NULL, MDB_RDONLY, &txn) == 0, "transaction");
    bench_must(mdb_cursor_open(txn, bare->records, &cursor) == 0, "cursor");
    double count = 0;
    start = now_us();
    while (mdb_cursor_get(cursor, &key, &value, MDB_NEXT) == 0) {
        sum += ((const uint8_t *)value.mv_data)[value.mv_size - 1];
        count++;
    }
    double theirs = count / (now_us() - start) * 1e6;
    mdb_cursor_close(cursor);
    mdb_txn_abort(txn);
    bench_must(sum > 0, "scan");
    bench_tell("scan", "records/s", ours, theirs, ours / theirs);
}

static void bulk(const char *name, const char *directory, uint32_t per_batch, uint32_t streams, bool with_scan) {
    struct scribe scribe;
    struct bare_lmdb bare;
    struct log *log = open_log(directory);
    uint64_t first;
    double ours = 0;
    double theirs = 0;
    char path[64];
    snprintf(path, sizeof path, "%s.bare", directory);
    bare_open(&bare, path);
    scribe_init(&scribe);
    for (uint32_t i = 0; i < BULK_BATCHES; i++) {
        for (uint32_t j = 0; j < BATCH; j++)
            scribe_event(&scribe, (i * per_batch + j / (BATCH / per_batch)) % streams + 1, 0, NULL, FILLER);
        const struct log_batch *batch = scribe_batch(&scribe);
        theirs += bare_append(&bare, batch);
        double start = now_us();
        bench_must(log_append(log, batch, &first, NULL) == 0, "append");
        ours += now_us() - start;
        scribe_done(&scribe);
    }
    const double events = (double)BULK_BATCHES * BATCH * 1e6;
    bench_tell(name, "events/s", events / ours, events / theirs, theirs / ours);
    if (with_scan) scan(log, &bare);
    scribe_release(&scribe);
    mdb_env_close(bare.env);
    log->ops->close(log);
}

int main(void) {
    durable("append_durable", "one", 1);
    durable("append_durable_many", "many", STREAMS);
    bulk("append_bulk", "bulk", 1, 1, true);
    bulk("append_push", "push", 20, STREAMS, false);
    return 0;
}
