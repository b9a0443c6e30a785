/* A batch as bytes, so that it can be appended again: what keeps a small append durable before LMDB's own account of it
 * is (redo_lmdb.c). Byte form in redo.c. Pure.
 * Memory: a decoded one owns its lists and borrows the rest from the bytes. */
#ifndef DANGOL_PROTO_LOG_REDO_H
#define DANGOL_PROTO_LOG_REDO_H

#include "proto/log/log.h"

struct redo {
    uint64_t transaction; /* LMDB's number of the one that wrote it */
    uint64_t first;       /* position of the first record */
    struct log_batch batch;
    struct log_append *records;
    struct head *heads;
    struct log_value *values;
};

/* At least the size it will have. */
size_t redo_size(const struct log_batch *batch);
void redo_encode(struct buf *out, uint64_t transaction, uint64_t first, const struct log_batch *batch);
/* False when the bytes do not begin with a whole one: nothing is there to release then. */
bool redo_decode(struct view bytes, struct redo *out);
void redo_release(struct redo *redo);

#endif
