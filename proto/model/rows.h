/* Rows: one sale or return in 24 bytes, the rows of a stream in the order of its sequence. A row's id is its stream and
 * its seq, so it needs no table: it is found by searching.
 *
 *   word    time: 44 bits of ms since 1900-01-01 UTC │ seq, high 8 bits │ flags: 4 │ lines: 8
 *   amount  minor units; what was returned is negative
 *   entry   whose it is: an index of the model's entries, or NONE
 *   seq_low seq, low 32 bits
 *
 * Normally appended; what arrives out of order is inserted. Rows stand in chunks, so that growing leaves no holes in
 * the memory. Times are TIME_MIN … TIME_MAX. Owned by the model. */
#ifndef DANGOL_PROTO_MODEL_ROWS_H
#define DANGOL_PROTO_MODEL_ROWS_H

#include <stdbool.h>

#include "proto/base/zone.h"
#include "proto/model/vec.h"

enum row_flag {
    ROW_VISIT = 1,   /* a purchase with at least one line of positive quantity */
    ROW_RETURN = 2,  /* taken back; else it is a purchase */
    ROW_DEAD = 4,    /* voided */
    ROW_REDUCED = 8, /* a purchase with at least one line below its list price */
};
#define ROW_LINES_MORE 255 /* this many lines or more: the number is in the model's table of long rows */

struct row {
    uint64_t word;
    int64_t amount;
    uint32_t entry;
    uint32_t seq_low;
};

#define ROWS_CHUNK 1024

struct rows {
    struct row **chunks; /* full ones, but for the last */
    uint32_t count;      /* of rows */
    uint32_t room;       /* of the last chunk */
};

static inline struct row *rows_at(const struct rows *rows, uint32_t index) {
    return &rows->chunks[index / ROWS_CHUNK][index % ROWS_CHUNK];
}

static inline int64_t row_time(const struct row *row) { return (int64_t)(row->word >> 20) + TIME_MIN; }
static inline uint64_t row_seq(const struct row *row) { return (row->word >> 12 & 0xff) << 32 | row->seq_low; }
static inline uint32_t row_flags(const struct row *row) { return row->word >> 8 & 0x0f; }
static inline uint32_t row_lines(const struct row *row) { return row->word & 0xff; }
static inline bool row_live(const struct row *row) { return (row->word & (uint64_t)ROW_DEAD << 8) == 0; }
static inline void row_set_dead(struct row *row, bool dead) {
    row->word = dead ? row->word | (uint64_t)ROW_DEAD << 8 : row->word & ~((uint64_t)ROW_DEAD << 8);
}

static inline struct row row_make(uint64_t seq, int64_t time, int64_t amount, uint32_t flags, uint32_t lines,
                                  uint32_t entry) {
    uint64_t shown = lines < ROW_LINES_MORE ? lines : ROW_LINES_MORE;
    uint64_t word = (uint64_t)(time - TIME_MIN) << 20 | (seq >> 32 & 0xff) << 12 | (uint64_t)flags << 8 | shown;
    return (struct row){word, amount, entry, (uint32_t)seq};
}

/* What a live row adds to the digest of its person: 128 bits of a mix of its id, word, amount and number of lines. They
 * are summed up, so that a sum can be kept as rows come and go; a sale must not cost a cryptographic hash. */
struct row_sum {
    uint64_t lanes[2];
};

static inline uint64_t row_mix(uint64_t x) {
    x = (x ^ x >> 32) * UINT64_C(0xD6E8FEB86659FD93);
    x = (x ^ x >> 32) * UINT64_C(0xD6E8FEB86659FD93);
    return x ^ x >> 32;
}

/* `margin` NULL: not known. */
static inline struct row_sum row_sum_of(const struct row *row, uint64_t id, uint32_t lines, const int64_t *margin) {
    uint64_t word = row->word & ~((uint64_t)ROW_DEAD << 8), amount = (uint64_t)row->amount ^ (uint64_t)lines << 48;
    if (margin != NULL) amount ^= row_mix((uint64_t)*margin ^ UINT64_C(0xA24BAED4963EE407));
    return (struct row_sum){{
        row_mix(row_mix(row_mix(id ^ UINT64_C(0x9E3779B97F4A7C15)) ^ word) ^ amount),
        row_mix(row_mix(row_mix(id ^ UINT64_C(0xC2B2AE3D27D4EB4F)) + word) + amount),
    }};
}

/* The row of a seq, or NULL. */
struct row *rows_find(const struct rows *rows, uint64_t seq);
/* Takes a row in; false when there is one of its seq. */
bool rows_put(struct rows *rows, const struct row *row);
size_t rows_memory(const struct rows *rows);
void rows_release(struct rows *rows);

#endif
