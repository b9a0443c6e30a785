#include "proto/model/rows.h"

#include <stdlib.h>
#include <string.h>

#include "proto/base/bytes.h"

#define FIRST_ROOM 16 /* ROWS_CHUNK is a power of GROWTH times this */
#define GROWTH 4      /* each room that was too small leaves a hole in the memory */

_Static_assert(sizeof(struct row) == 22, "with its share of the tables within the 24 of the budget of a purchase");
_Static_assert(TIME_MAX - TIME_MIN < INT64_C(1) << 44, "44 bits of time");

/* The index of the first row whose seq is not below. */
static uint32_t lower_bound(const struct rows *rows, uint64_t seq) {
    uint32_t low = 0, high = rows->count;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (rows_seq(rows, middle) < seq)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

uint32_t rows_after(const struct rows *rows, uint64_t seq) { return lower_bound(rows, seq + 1); }

struct row *rows_find(const struct rows *rows, uint64_t seq) {
    if (rows->count == 0 || rows->last < seq) return NULL;
    uint32_t at = lower_bound(rows, seq);
    return rows_seq(rows, at) == seq ? rows_at(rows, at) : NULL;
}

/* Room for one more at `end`. The first chunk grows by and by: there are many streams with few rows. */
static void make_room(struct rows *rows) {
    uint32_t chunk = rows->count / ROWS_CHUNK, used = rows->count % ROWS_CHUNK;
    if (used != 0 && used != rows->room) return;
    if (used == 0) {
        if ((chunk & (chunk - 1)) == 0) { /* the tables double */
            size_t room = chunk == 0 ? 1 : 2 * (size_t)chunk;
            rows->chunks = mem_resize(rows->chunks, room * sizeof(struct row *));
            rows->spans = mem_resize(rows->spans, room * sizeof *rows->spans);
        }
        rows->spans[chunk] = (struct row_span){INT64_MAX, INT64_MIN};
        rows->room = chunk == 0 ? FIRST_ROOM : ROWS_CHUNK;
        rows->chunks[chunk] = mem_resize(NULL, rows->room * sizeof(struct row));
    } else {
        rows->room *= GROWTH;
        rows->chunks[chunk] = mem_resize(rows->chunks[chunk], rows->room * sizeof(struct row));
    }
    rows->end = &rows->chunks[chunk][used];
}

static void widen(struct rows *rows, uint32_t index, int64_t time) {
    struct row_span *span = &rows->spans[index / ROWS_CHUNK];
    if (span->from > time) span->from = time;
    if (span->to < time) span->to = time;
}

/* Moves the rows from `at` on one up. */
static void make_gap(struct rows *rows, uint32_t at) {
    for (uint32_t end = rows->count; end > at;) {
        uint32_t start = end / ROWS_CHUNK * ROWS_CHUNK; /* of the chunk that row `end` is to stand in */
        if (start < at) start = at;
        memmove(rows_at(rows, start) + 1, rows_at(rows, start), (end - start) * sizeof(struct row));
        if (start == at) return;
        *rows_at(rows, start) = *rows_at(rows, start - 1);
        widen(rows, start, row_time(rows_at(rows, start)));
        end = start - 1;
    }
}

/* A row of this seq comes to stand at `at`. */
static void note_era(struct rows *rows, uint64_t seq, uint32_t at) {
    uint32_t era = (uint32_t)(seq >> ROW_ERA_PLACE), i = rows->eras.count;
    for (; i > 0 && rows->eras.items[i - 1].era > era; i--) rows->eras.items[i - 1].first++;
    if (era == 0 || (i > 0 && rows->eras.items[i - 1].era == era)) return;
    uint32_t later = rows->eras.count - i;
    VEC_ADD(rows->eras);
    memmove(&rows->eras.items[i + 1], &rows->eras.items[i], later * sizeof *rows->eras.items);
    rows->eras.items[i] = (struct row_era){era, at};
}

static bool fits(const struct row_money *money) {
    return money->amount == (int32_t)money->amount &&
           (!money->costed || (money->margin == (int32_t)money->margin && money->margin != ROW_NO_MARGIN));
}

static void set_money(struct rows *rows, struct row *row, const struct row_money *money) {
    if (fits(money)) {
        row->amount = (int32_t)money->amount;
        row->margin = money->costed ? (int32_t)money->margin : ROW_NO_MARGIN;
    } else {
        row->word |= (uint64_t)ROW_LARGE << ROW_FLAG_PLACE;
        row->amount = (int32_t)rows->large.count;
        *VEC_ADD(rows->large) = *money;
    }
}

bool rows_put(struct rows *rows, uint64_t seq, const struct row *row, const struct row_money *money) {
    struct row *place;
    uint32_t at = rows->count;
    if (rows->count == 0 || rows->last < seq) { /* mostly: nothing of the rows before it is looked at */
        make_room(rows);
        place = rows->end;
        rows->last = seq;
    } else {
        at = lower_bound(rows, seq);
        if (rows_seq(rows, at) == seq) return false;
        make_room(rows);
        make_gap(rows, at);
        place = rows_at(rows, at);
    }
    rows->end++;
    rows->count++;
    *place = *row;
    note_era(rows, seq, at);
    widen(rows, at, row_time(row));
    set_money(rows, place, money);
    return true;
}

static uint32_t chunks_of(const struct rows *rows) { return (rows->count + ROWS_CHUNK - 1) / ROWS_CHUNK; }

size_t rows_memory(const struct rows *rows) {
    return rows->count * sizeof(struct row) + chunks_of(rows) * (sizeof(struct row *) + sizeof(struct row_span)) +
           VEC_BYTES(rows->eras) + VEC_BYTES(rows->large);
}

void rows_release(struct rows *rows) {
    for (uint32_t i = 0; i < chunks_of(rows); i++) free(rows->chunks[i]);
    free(rows->chunks);
    free(rows->spans);
    VEC_RELEASE(rows->eras);
    VEC_RELEASE(rows->large);
    *rows = (struct rows){.chunks = NULL};
}
