/* A record as bytes: what the log stores at a position, and what the site chain covers. Byte form in record.c.
 * Pure. Comes after: append. Before: get, iterators, verify. */
#ifndef DANGOL_PROTO_LOG_RECORD_H
#define DANGOL_PROTO_LOG_RECORD_H

#include "proto/log/log.h"

#define RECORD_HEADER 28
#define COMMIT_ROW_SIZE 40

static inline size_t record_size(const struct log_append *append) { return RECORD_HEADER + append->frame.len; }

/* Writes record_size() bytes. */
void record_encode(uint8_t *out, uint64_t position, const struct log_append *append);

/* Fills `out`, its frame borrowed from `bytes`; says whether the check holds. What it fills is then what is there. */
bool record_decode(struct view bytes, uint64_t position, struct record *out);
/* Whether the ref of the record's frame is in the index of refs. */
bool record_has_ref(struct view bytes);
/* The id alone, unchecked; 0 when there are too few bytes for one. */
uint64_t record_id(struct view bytes);

/* What follows the last record of each commit. */
struct commit_row {
    uint64_t last; /* position of the commit's last record */
    uint32_t count;
    uint8_t chain[CHAIN_SIZE]; /* the site chain behind it */
};
void commit_row_encode(uint8_t out[COMMIT_ROW_SIZE], const struct commit_row *row);
bool commit_row_decode(struct view bytes, uint64_t last, struct commit_row *out);

#endif
