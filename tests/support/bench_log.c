#include "tests/support/bench_log.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "proto/base/env.h"
#include "tests/support/bench.h"

#define BATCH 10000
#define ROUNDS 5

/* Not signed: nothing here asks for it. */
static size_t heads_of(struct log *log, const struct bench_source *source, struct head *heads) {
    size_t used = 0;
    for (uint32_t stream = 1; stream <= source->streams; stream++) {
        struct head head = {.stream = stream};
        log_head(log, stream, &head);
        if (head.seq == source->seq[stream]) continue;
        head.seq = source->seq[stream];
        heads[used++] = head;
    }
    return used;
}

static void append_batch(struct log *log, const struct bench_source *source, size_t count) {
    struct log_append *records = mem_alloc(count * sizeof *records);
    struct head *heads = mem_alloc(source->streams * sizeof *heads);
    size_t *starts = mem_alloc((count + 1) * sizeof *starts);
    struct buf frames = BUF_INIT;
    for (size_t i = 0; i < count; i++) {
        starts[i] = frames.len;
        source->next(source->context, &records[i], &frames);
    }
    starts[count] = frames.len;
    for (size_t i = 0; i < count; i++) records[i].frame = view_make(frames.data + starts[i], starts[i + 1] - starts[i]);
    struct log_batch batch = {
        .records = records, .record_count = count, .heads = heads, .head_count = heads_of(log, source, heads)};
    uint64_t first;
    struct err err;
    int rc = log_append(log, &batch, &first, &err);
    if (rc != 0) fprintf(stderr, "benchmark: %s\n", err.text);
    bench_must(rc == 0, "append");
    buf_release(&frames);
    free(starts);
    free(heads);
    free(records);
}

struct log *bench_log_fill(const char *name, const struct bench_source *source, uint64_t events) {
    struct log *log;
    struct err err;
    bench_must(log_lmdb_open(name, env_os(), 0, &log, &err) == 0, "opening the log");
    for (uint64_t made = 0; made < events; made += BATCH)
        append_batch(log, source, events - made < BATCH ? (size_t)(events - made) : BATCH);
    return log;
}

struct model *bench_log_fold(struct log *log, uint64_t to) {
    struct model *model = model_open(log);
    bench_must(model_replay(model, 0, to, NULL, NULL) == 0, "replay");
    return model;
}

static double fold_once(struct log *log) {
    double start = bench_cpu_seconds();
    struct model *model = bench_log_fold(log, log_tip(log));
    double spent = bench_cpu_seconds() - start;
    model_close(model);
    return spent;
}

static double scan_once(struct log *log) {
    double start = bench_cpu_seconds();
    struct log_iterator *it;
    struct record record;
    uint64_t bytes = 0;
    bench_must(log->ops->iterate(log, &it, NULL) == 0 && it->ops->seek(it, 1) == 0, "iterating");
    while (it->ops->next(it, &record, NULL) == 0) bytes += record.frame.len + record.frame.data[0];
    it->ops->close(it);
    bench_must(bytes > 0, "scanning");
    return bench_cpu_seconds() - start;
}

void bench_log_rates(struct log *log, double *folded, double *scanned) {
    double folds[ROUNDS], scans[ROUNDS], events = (double)log_tip(log);
    fold_once(log);
    for (int i = 0; i < ROUNDS; i++) {
        scans[i] = scan_once(log);
        folds[i] = fold_once(log);
    }
    *folded = events / bench_median(folds, ROUNDS);
    *scanned = events / bench_median(scans, ROUNDS);
}

double bench_own_bytes(void) {
    FILE *status = fopen("/proc/self/status", "r");
    char line[128];
    double kib = 0;
    bench_must(status != NULL, "reading /proc/self/status");
    while (fgets(line, sizeof line, status) != NULL)
        if (strncmp(line, "RssAnon:", 8) == 0) kib = strtod(line + 8, NULL);
    fclose(status);
    return kib * 1024;
}
