#include "proto/model/margins.h"

#include <stdlib.h>
#include <string.h>

#include "proto/model/scope.h"

static uint32_t lower_bound(const struct margins *margins, uint64_t seq) {
    uint32_t low = 0, high = margins->count;
    /* Mostly they come in order, and the last is asked for. */
    if (high > 0 && margins->items[high - 1].seq <= seq) return high - (margins->items[high - 1].seq == seq);
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (margins->items[middle].seq < seq)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

const int64_t *margins_find(const struct margins *margins, uint64_t seq) {
    uint32_t at = lower_bound(margins, seq);
    return at < margins->count && margins->items[at].seq == seq ? &margins->items[at].amount : NULL;
}

void margins_put(struct margins *margins, uint64_t seq, int64_t amount) {
    uint32_t at = lower_bound(margins, seq), behind = margins->count - at;
    VEC_ADD(*margins);
    memmove(&margins->items[at + 1], &margins->items[at], behind * sizeof *margins->items);
    margins->items[at] = (struct margin){seq, amount};
}

/* Both lists are in the order of seqs, so they are walked side by side. */
static void add_stream(const struct model *model, const struct stream *stream, const struct cut *cut,
                       struct profit *profits) {
    uint32_t at = 0;
    for (uint32_t i = 0; i < stream->margins.count; i++) {
        const struct margin *margin = &stream->margins.items[i];
        while (at < stream->rows.count && row_seq(rows_at(&stream->rows, at)) < margin->seq) at++;
        if (at == stream->rows.count) return;
        const struct row *row = rows_at(&stream->rows, at);
        if (row->entry == NONE || !row_live(row) || !cut_has(cut, row_time(row))) continue;
        struct profit *profit = &profits[model->entries.items[row->entry].root];
        profit->margin = (int64_t)((uint64_t)profit->margin + (uint64_t)margin->amount);
        profit->rows++;
    }
}

struct profit *profits_make(const struct model *model, const struct cut *cut, const struct scope *scope) {
    struct profit *profits = mem_alloc(((size_t)model->entries.count + 1) * sizeof *profits);
    for (uint32_t i = 0; i < model->streams.count; i++)
        if (model->streams.items[i].margins.count > 0 && scope_has(model, scope, model->streams.items[i].number))
            add_stream(model, &model->streams.items[i], cut, profits);
    return profits;
}
