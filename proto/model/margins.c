#include "proto/model/margins.h"

void profit_add_row(struct profit *profit, const struct rows *rows, const struct row *row) {
    if (row->margin == ROW_NO_MARGIN && !row_has(row, ROW_LARGE)) return;
    struct row_money money = row_money(rows, row);
    if (!money.costed) return;
    profit->margin = (int64_t)((uint64_t)profit->margin + (uint64_t)money.margin);
    profit->rows++;
}
