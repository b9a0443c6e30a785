/* The small rows beside the records in the LMDB form, as bytes: runs, refs, heads, values, state. Byte forms in rows.c.
 * Every row carries a check over its key and value, so that a flipped byte is found where it is read. Pure. */
#ifndef DANGOL_PROTO_LOG_ROWS_H
#define DANGOL_PROTO_LOG_ROWS_H

#include "proto/log/streams.h"

#define ROW_CHECK 4
#define RUN_KEY_SIZE 12
#define RUN_ROW_SIZE 20
#define REF_ROW_SIZE 12
#define HEAD_KEY_SIZE 5
#define HEAD_ROW_SIZE (ROW_CHECK + 8 + CHAIN_SIZE + SIGNATURE_SIZE)
#define VALUE_KEY_PREFIX 'v'
#define HEAD_KEY_PREFIX 'h'
#define STATE_KEY "state"
#define STATE_ROW_SIZE 24

/* Fills in the check of a row, or says whether it holds. The value starts with it. */
void row_seal(struct view key, uint8_t *value, size_t len);
bool row_holds(struct view key, struct view value);

void run_key(uint8_t out[RUN_KEY_SIZE], uint32_t stream, uint64_t seq);
void run_row_encode(uint8_t out[RUN_ROW_SIZE], struct view key, const struct run *run);
bool run_row_decode(struct view key, struct view value, uint32_t *stream, struct run *out);

void ref_row_encode(uint8_t out[REF_ROW_SIZE], struct view hash, uint64_t id);
bool ref_row_decode(struct view hash, struct view value, uint64_t *id);

void head_key(uint8_t out[HEAD_KEY_SIZE], uint32_t stream);
void head_row_encode(uint8_t out[HEAD_ROW_SIZE], struct view key, const struct head *head);
bool head_row_decode(struct view key, struct view value, struct head *out);

/* What is written with every commit. */
struct log_state {
    uint32_t format;
    uint64_t flushed;     /* the runs of records up to here are in the index */
    uint64_t transaction; /* LMDB's number of the transaction that wrote this */
};
void state_row_encode(uint8_t out[STATE_ROW_SIZE], const struct log_state *state);
bool state_row_decode(struct view value, struct log_state *out);

#endif
