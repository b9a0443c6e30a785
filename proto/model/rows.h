/* Rows: one sale or return in 22 bytes, the rows of a stream in the order of its sequence. A row's id is its stream and
 * its seq, so it needs no table: it is found by searching.
 *
 *   word    time: 44 bits of ms since 1900-01-01 UTC │ seq, bits 16 to 23 │ flags: 5 │ lines: 7
 *   amount  minor units; what was returned is negative
 *   margin  what it brought over what its goods cost, or ROW_NO_MARGIN: nobody said the cost (V1, V2)
 *   entry   whose it is: an index of the model's entries, or NONE
 *   seq_low seq, low 16 bits
 *
 * The high bits of a seq are not in the row: hardly any stream ever gets as long as that, and as rows stand in order,
 * those of one era (2^24 seqs) stand together, so it is enough to know where each era begins. The few rows whose money
 * does not fit into 32 bits say so by a flag, and `amount` is its place in a table of their stream. Normally
 * appended; what arrives out of order is inserted. Rows stand in chunks, so that growing leaves no holes in the memory.
 * Times are TIME_MIN … TIME_MAX. Owned by the model. */
#ifndef DANGOL_PROTO_MODEL_ROWS_H
#define DANGOL_PROTO_MODEL_ROWS_H

#include <stdbool.h>

#include "proto/base/call.h"
#include "proto/base/zone.h"
#include "proto/event/id.h"
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

/* Without the two bytes at the end that its alignment would ask for. */
struct __attribute__((packed, aligned(2))) row {
    uint64_t word;
    int32_t amount, margin; /* by row_money only */
    uint32_t entry;
    uint16_t seq_low; /* by rows_seq only */
};

struct row_money {
    int64_t amount;
    int64_t margin; /* 0 where nobody said the cost */
    bool costed;
};

#define ROW_ERA_PLACE 24

/* Where the rows of an era begin. The first era, 0, is not noted. */
struct row_era {
    uint32_t era, first;
};

#define ROWS_CHUNK 256

/* No row of the chunk is of another time: a look at a few weeks passes over the others. */
struct row_span {
    int64_t from, to;
};

struct rows {
    struct row **chunks;      /* full ones, but for the last */
    struct row_span *spans;   /* of each */
    struct row *end;          /* where the next one goes while the last chunk has room */
    uint64_t last;            /* seq of the last row */
    uint32_t count;           /* of rows */
    uint32_t room;            /* of the last chunk */
    VEC(struct row_era) eras; /* ascending */
    VEC(struct row_money) large;
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
        (uint64_t)(time - TIME_MIN) << 20 | (seq >> 16 & 0xff) << 12 | (uint64_t)flags << ROW_FLAG_PLACE | shown;
    return (struct row){word, 0, ROW_NO_MARGIN, entry, (uint16_t)seq};
}

static inline uint64_t rows_seq(const struct rows *rows, uint32_t index) {
    const struct row *row = rows_at(rows, index);
    uint32_t at = rows->eras.count;
    while (at > 0 && rows->eras.items[at - 1].first > index) at--;
    uint64_t era = at == 0 ? 0 : rows->eras.items[at - 1].era;
    return era << ROW_ERA_PLACE | (row->word >> 12 & 0xff) << 16 | row->seq_low;
}

/* The money of one of these rows. */
static inline struct row_money row_money(const struct rows *rows, const struct row *row) {
    if (row_has(row, ROW_LARGE)) return rows->large.items[row->amount];
    bool costed = row->margin != ROW_NO_MARGIN;
    return (struct row_money){row->amount, costed ? row->margin : 0, costed};
}
static inline int64_t row_amount(const struct rows *rows, const struct row *row) {
    return row_has(row, ROW_LARGE) ? rows->large.items[row->amount].amount : row->amount;
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
    /* Two sites compare these sums, so they must not follow the form that a row has here: the time at bit 20, below it
     * the seq's high 8 bits, the flags at bit 8, up to 255 lines. */
    uint64_t flags = row_flags(row) & (ROW_VISIT | ROW_RETURN | ROW_REDUCED), shown = lines < 255 ? lines : 255;
    uint64_t word = row->word >> 20 << 20 | (id_seq(id) >> 32) << 12 | flags << 8 | shown;
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
/* Takes a row in that was made with this seq, with its money; false when there is one of its seq. */
bool rows_put(struct rows *rows, uint64_t seq, const struct row *row, const struct row_money *money);
/* Calls for the memory that the next row is going to be written to. */
CALLS void rows_call(const struct rows *rows) {
    if (rows->count == 0) return;
    __builtin_prefetch(rows->end, 1);
    __builtin_prefetch(&rows->spans[(rows->count - 1) / ROWS_CHUNK], 1);
}
size_t rows_memory(const struct rows *rows);
void rows_release(struct rows *rows);

#endif
