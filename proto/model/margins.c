#include "proto/model/margins.h"

#include <stdlib.h>

#include "proto/model/scope.h"

static void add_margin(struct profit *profit, const struct rows *rows, const struct row *row) {
    struct row_money money = row_money(rows, row);
    if (!money.costed) return;
    profit->margin = (int64_t)((uint64_t)profit->margin + (uint64_t)money.margin);
    profit->rows++;
}

static bool may_be_costed(const struct row *row) { return row->margin != ROW_NO_MARGIN || row_has(row, ROW_LARGE); }

static void add_rows(const struct model *model, const struct rows *rows, const struct cut *cut,
                     struct profit *profits) {
    struct rooted_row few[ROOTED_ROWS];
    uint32_t at = 0;
    for (size_t count; (count = rooted_rows(rows, &at, cut, model->roots.items, few)) > 0;) {
        for (size_t i = 0; i < count; i++)
            if (may_be_costed(few[i].row)) __builtin_prefetch(&profits[few[i].root], 1);
        for (size_t i = 0; i < count; i++)
            if (may_be_costed(few[i].row)) add_margin(&profits[few[i].root], rows, few[i].row);
    }
}

struct profit *profits_make(const struct model *model, const struct cut *cut, const struct scope *scope) {
    struct profit *profits = mem_alloc(((size_t)model->entries.count + 1) * sizeof *profits);
    for (uint32_t i = 0; i < model->streams.count; i++)
        if (scope_has(model, scope, model->streams.items[i].number))
            add_rows(model, &model->streams.items[i].rows, cut, profits);
    return profits;
}
