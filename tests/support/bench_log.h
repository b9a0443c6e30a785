/* What the benchmarks of the fold share: a log on disk filled with made-up events, how fast it is read and folded, and
 * the memory that takes. Thread: one. A failure ends the program. */
#ifndef DANGOL_TESTS_SUPPORT_BENCH_LOG_H
#define DANGOL_TESTS_SUPPORT_BENCH_LOG_H

#include "proto/log/log.h"
#include "proto/model/model.h"

/* Where events come from. `next` appends a frame and fills the record's id and hint; `seq` is the last of each stream,
 * 1 to `streams`. */
struct bench_source {
    void *context;
    void (*next)(void *context, struct log_append *record, struct buf *frame);
    const uint64_t *seq;
    uint32_t streams;
};

/* A new log with so many events, made in the working directory; whoever called closes it. */
struct log *bench_log_fill(const char *name, const struct bench_source *source, uint64_t events);
struct model *bench_log_fold(struct log *log, uint64_t to);
/* Events a second of one core: folded, and by the bare scan of the log, in turns. */
void bench_log_rates(struct log *log, double *folded, double *scanned);
/* Memory of the process that is its own, no mapped files. */
double bench_own_bytes(void);

#endif
