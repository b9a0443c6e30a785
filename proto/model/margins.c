#include "proto/model/margins.h"

#include <stdlib.h>

#include "proto/model/scope.h"

static void add_stream(const struct model *model, const struct rows *rows, const struct cut *cut,
                       struct profit *profits) {
    for (uint32_t i = 0; i < rows->count; i++) {
        const struct row *row = rows_at(rows, i);
        if (row->margin == ROW_NO_MARGIN && !row_has(row, ROW_LARGE)) continue;
        if (row->entry == NONE || !row_live(row) || !cut_has(cut, row_time(row))) continue;
        struct row_money money = row_money(rows, row);
        if (!money.costed) continue;
        struct profit *profit = &profits[model->entries.items[row->entry].root];
        profit->margin = (int64_t)((uint64_t)profit->margin + (uint64_t)money.margin);
        profit->rows++;
    }
}

struct profit *profits_make(const struct model *model, const struct cut *cut, const struct scope *scope) {
    struct profit *profits = mem_alloc(((size_t)model->entries.count + 1) * sizeof *profits);
    for (uint32_t i = 0; i < model->streams.count; i++)
        if (scope_has(model, scope, model->streams.items[i].number))
            add_stream(model, &model->streams.items[i].rows, cut, profits);
    return profits;
}
