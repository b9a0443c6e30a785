/* Rows: one sale or return in 24 bytes, the rows of a stream in the order of its sequence. A row's id is its stream and
 * its seq, so it needs no table: it is found by searching.
 *
 *   word    time: 44 bits of ms since 1900-01-01 UTC │ seq, high 8 bits │ flags: 5 │ lines: 7
 *   amount  minor units; what was returned is negative
 *   margin  what it brought over what its goods cost, or ROW_NO_MARGIN: nobody said the cost (V1, V2)
 *   entry   whose it is: an index of the model's entries, or NONE
 *   seq_low seq, low 32 bits
 *
 * The few rows whose money does not fit into 32 bits say so by a flag, and a table of their stream has it. Normally
 * appended; what arrives out of order is inserted. Rows stand in chunks, so that growing leaves no holes in the memory.
 * Times are TIME_MIN … TIME_MAX. Owned by the model. */
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
    ROW_LARGE = 16,  /* its money stands in the table; set by rows_put */
};
#define ROW_FLAG_PLACE 7
#define ROW_LINES_MORE 127 /* this many lines or more: the number is in the model's table of long rows */
#define ROW_NO_MARGIN INT32_MIN

struct row {
    uint64_t word;
    int32_t amount, margin; /* by row_money only */
    uint32_t entry;
    uint32_t seq_low;
};

struct row_money {
    int64_t amount;
    int64_t margin; /* 0 where nobody said the cost */
    bool costed;
};

struct large_money {
    uint64_t seq;
    struct row_money money;
};

#define ROWS_CHUNK 1024

/* No row of the chunk is of another time: a look at a few weeks passes over the others. */
struct row_span {
    int64_t from, to;
};

struct rows {
    struct row **chunks;           /* full ones, but for the last */
    struct row_span *spans;        /* of each */
    struct row *end;               /* where the next one goes while the last chunk has room */
    uint64_t last;                 /* seq of the last row */
    uint32_t count;                /* of rows */
    uint32_t room;                 /* of the last chunk */
    VEC(struct large_money) large; /* ascending by seq */
};

static inline struct row *rows_at(const struct rows *rows, uint32_t index) {
    return &rows->chunks[index / ROWS_CHUNK][index % ROWS_CHUNK];
}

/* `at`, or the first row behind it in a chunk that may have rows within [from, to]; at least `count`: there is none. */
static inline uint32_t rows_within(const struct rows *rows, uint32_t at, int64_t from, int64_t to) {
    while (at < rows->count && (rows->spans[at / ROWS_CHUNK].to < from || rows->spans[at / ROWS_CHUNK].from > to))
        at = (at / ROWS_CHUNK + 1) * ROWS_CHUNK;
    return at;
}

static inline int64_t row_time(const struct row *row) { return (int64_t)(row->word >> 20) + TIME_MIN; }
static inline uint64_t row_seq(const struct row *row) { return (row->word >> 12 & 0xff) << 32 | row->seq_low; }
static inline uint32_t row_flags(const struct row *row) { return row->word >> ROW_FLAG_PLACE & 0x1f; }
static inline uint32_t row_lines(const struct row *row) { return row->word & 0x7f; }
static inline bool row_has(const struct row *row, enum row_flag flag) {
    return (row->word & (uint64_t)flag << ROW_FLAG_PLACE) != 0;
}
static inline bool row_live(const struct row *row) { return !row_has(row, ROW_DEAD); }
static inline void row_set_dead(struct row *row, bool dead) {
    uint64_t bit = (uint64_t)ROW_DEAD << ROW_FLAG_PLACE;
    row->word = dead ? row->word | bit : row->word & ~bit;
}

/* Its money is given when it is put. */
static inline struct row row_make(uint64_t seq, int64_t time, uint32_t flags, uint32_t lines, uint32_t entry) {
    uint64_t shown = lines < ROW_LINES_MORE ? lines : ROW_LINES_MORE;
    uint64_t word =
        (uint64_t)(time - TIME_MIN) << 20 | (seq >> 32 & 0xff) << 12 | (uint64_t)flags << ROW_FLAG_PLACE | shown;
    return (struct row){word, 0, ROW_NO_MARGIN, entry, (uint32_t)seq};
}

const struct row_money *rows_large(const struct rows *rows, uint64_t seq); /* of a row that is */

/* The money of one of these rows. */
static inline struct row_money row_money(const struct rows *rows, const struct row *row) {
    if (row_has(row, ROW_LARGE)) return *rows_large(rows, row_seq(row));
    bool costed = row->margin != ROW_NO_MARGIN;
    return (struct row_money){row->amount, costed ? row->margin : 0, costed};
}
static inline int64_t row_amount(const struct rows *rows, const struct row *row) {
    return row_has(row, ROW_LARGE) ? rows_large(rows, row_seq(row))->amount : row->amount;
}

/* What a live row adds to the digest of its person: 128 bits of a mix of its id, time, flags, money and number of
 * lines. They are summed up, so that a sum can be kept as rows come and go; a sale must not cost a cryptographic hash.
 */
struct row_sum {
    uint64_t lanes[2];
};

static inline uint64_t row_mix(uint64_t x) {
    x = (x ^ x >> 32) * UINT64_C(0xD6E8FEB86659FD93);
    x = (x ^ x >> 32) * UINT64_C(0xD6E8FEB86659FD93);
    return x ^ x >> 32;
}

static inline struct row_sum row_sum_of(const struct row *row, uint64_t id, uint32_t lines,
                                        const struct row_money *money) {
    /* Two sites compare these sums, so they must not follow the form that a row has here: the flags at bit 8, up to
     * 255 lines below. */
    uint64_t flags = row_flags(row) & (ROW_VISIT | ROW_RETURN | ROW_REDUCED), shown = lines < 255 ? lines : 255;
    uint64_t word = (row->word & ~UINT64_C(0xfff)) | flags << 8 | shown;
    uint64_t amount = (uint64_t)money->amount ^ (uint64_t)lines << 48;
    if (money->costed) amount ^= row_mix((uint64_t)money->margin ^ UINT64_C(0xA24BAED4963EE407));
    return (struct row_sum){{
        row_mix(row_mix(row_mix(id ^ UINT64_C(0x9E3779B97F4A7C15)) ^ word) ^ amount),
        row_mix(row_mix(row_mix(id ^ UINT64_C(0xC2B2AE3D27D4EB4F)) + word) + amount),
    }};
}

/* The index of the first row behind this seq. */
uint32_t rows_after(const struct rows *rows, uint64_t seq);
/* The row of a seq, or NULL. */
struct row *rows_find(const struct rows *rows, uint64_t seq);
/* Takes a row in, with its money; false when there is one of its seq. */
bool rows_put(struct rows *rows, const struct row *row, const struct row_money *money);
size_t rows_memory(const struct rows *rows);
void rows_release(struct rows *rows);

#endif
