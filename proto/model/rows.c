#include "proto/model/rows.h"

#include <stdlib.h>
#include <string.h>

_Static_assert(sizeof(struct row) == 24, "the budget of a purchase");
_Static_assert(TIME_MAX - TIME_MIN < INT64_C(1) << 44, "44 bits of time");

struct row row_make(uint64_t seq, int64_t time, int64_t amount, uint32_t flags, uint32_t lines, uint32_t entry) {
    uint64_t shown = lines < ROW_LINES_MORE ? lines : ROW_LINES_MORE;
    uint64_t word = (uint64_t)(time - TIME_MIN) << 20 | (seq >> 32 & 0xff) << 12 | (uint64_t)flags << 8 | shown;
    return (struct row){word, amount, entry, (uint32_t)seq};
}

/* The index of the first row whose seq is not below. */
static uint32_t lower_bound(const struct rows *rows, uint64_t seq) {
    uint32_t low = 0, high = rows->count;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (row_seq(&rows->items[middle]) < seq)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

struct row *rows_find(const struct rows *rows, uint64_t seq) {
    if (rows->count == 0 || row_seq(&rows->items[rows->count - 1]) < seq) return NULL;
    struct row *row = &rows->items[lower_bound(rows, seq)];
    return row_seq(row) == seq ? row : NULL;
}

bool rows_put(struct rows *rows, const struct row *row) {
    VEC_RESERVE(*rows, 1);
    uint64_t seq = row_seq(row);
    uint32_t at = rows->count;
    if (at > 0 && row_seq(&rows->items[at - 1]) >= seq) {
        at = lower_bound(rows, seq);
        if (row_seq(&rows->items[at]) == seq) return false;
        memmove(&rows->items[at + 1], &rows->items[at], (rows->count - at) * sizeof *rows->items);
    }
    rows->items[at] = *row;
    rows->count++;
    return true;
}

void rows_release(struct rows *rows) { VEC_RELEASE(*rows); }
