/* Streams in memory: their heads, and where their events stand.
 *
 * Where an event stands is kept as runs: consecutive seqs of a stream at consecutive positions are one. A site with one
 * stream has a single run for its whole life, a hub one for each push. The in-memory form of the log keeps all its runs
 * here, the LMDB form those not yet written to its index, verify those it has read.
 * Thread: its owner's. Memory: the owner's, until log_streams_release. */
#ifndef DANGOL_PROTO_LOG_STREAMS_H
#define DANGOL_PROTO_LOG_STREAMS_H

#include "proto/base/idmap.h"
#include "proto/log/log.h"

struct run {
    uint64_t seq;      /* the first one */
    uint64_t position; /* of it */
    uint64_t count;
};

struct log_stream {
    struct head head; /* seq 0: held in part, or only runs are known */
    struct run *runs; /* ascending */
    size_t run_count;
    size_t run_cap;
};

struct log_streams {
    struct log_stream *list; /* in the order they were first seen */
    size_t count;
    size_t cap;
    struct idmap index; /* stream + 1 → index in list + 1 */
    size_t run_total;
};

/* NULL: not known. Both are valid until the next log_streams_put. */
struct log_stream *log_streams_find(const struct log_streams *streams, uint32_t stream);
struct log_stream *log_streams_put(struct log_streams *streams, uint32_t stream);

/* The last seq of the stream's head, 0 without one. */
uint64_t log_streams_last(const struct log_streams *streams, uint32_t stream);

/* An event of the stream stands at a position, larger than all before. Of a stream without a head, held in part, each
 * event is a run of its own, in whatever order they came: so the runs do not depend on where an index was written. */
void log_streams_stand(struct log_streams *streams, struct log_stream *stream, uint64_t seq, uint64_t position);
/* Everything of a batch that starts at `first` and is now in the log: runs and heads. */
void log_streams_take(struct log_streams *streams, const struct log_batch *batch, uint64_t first);
/* Where an event stands, and how many of its stream follow at once, itself included. */
bool log_streams_where(const struct log_streams *streams, uint64_t id, uint64_t *position, uint64_t *length);
void log_streams_forget_runs(struct log_streams *streams);

/* All heads, ascending; the caller's to free. */
struct head *log_streams_heads(const struct log_streams *streams, size_t *count);
/* Copies of the streams that have runs, ascending; the list is the caller's to free, the runs in it are not. */
struct log_stream *log_streams_with_runs(const struct log_streams *streams, size_t *count);
void log_streams_release(struct log_streams *streams);

#endif
