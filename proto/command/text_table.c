#include "proto/command/text_table.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "proto/base/text.h"

#define COLUMNS_MAX 32
#define GAP 2

struct column {
    bool right;
    size_t width;
};

struct cell {
    size_t start, len, width;
};

/* Heads are the first row of cells. */
struct text_table {
    struct column columns[COLUMNS_MAX];
    size_t column_count;
    struct cell *cells;
    size_t cell_count, cell_room;
    struct buf text;
};

struct text_table *table_open(const char *heads) {
    struct text_table *table = mem_alloc(sizeof *table);
    size_t count = 1;
    for (const char *p = heads; *p != '\0'; p++) count += *p == '|';
    assert(count <= COLUMNS_MAX);
    table->column_count = count;
    buf_reserve(&table->text, 256);
    for (size_t i = 0; i < count; i++) {
        size_t len = strcspn(heads, "|");
        table->columns[i].right = heads[0] == '>';
        size_t mark = table->columns[i].right ? 1 : 0;
        table_cell(table, view_make(heads + mark, len - mark));
        heads += len + 1;
    }
    return table;
}

void table_cell(struct text_table *table, struct view text) {
    if (table->cell_count == table->cell_room) {
        table->cell_room = table->cell_room == 0 ? 64 : table->cell_room * 2;
        table->cells = mem_resize(table->cells, table->cell_room * sizeof *table->cells);
    }
    struct column *column = &table->columns[table->cell_count % table->column_count];
    struct cell *cell = &table->cells[table->cell_count++];
    cell->start = table->text.len;
    text_printable(text, &table->text);
    cell->len = table->text.len - cell->start;
    cell->width = text_width(view_make(table->text.data + cell->start, cell->len));
    if (cell->width > column->width) column->width = cell->width;
}

void table_text(struct text_table *table, const char *text) { table_cell(table, view_of(text)); }

static void blanks(FILE *out, size_t count) { fprintf(out, "%*s", (int)count, ""); }

static void print_cell(const struct text_table *table, size_t index, FILE *out) {
    size_t place = index % table->column_count;
    const struct column *column = &table->columns[place];
    const struct cell *cell = &table->cells[index];
    bool last = place + 1 == table->column_count;
    size_t pad = column->width - cell->width;
    if (place > 0) blanks(out, GAP);
    if (column->right) blanks(out, pad);
    fwrite(table->text.data + cell->start, 1, cell->len, out);
    if (last)
        fputc('\n', out);
    else if (!column->right)
        blanks(out, pad);
}

void table_print(struct text_table *table, FILE *out) {
    while (table->cell_count % table->column_count != 0) table_cell(table, VIEW_NONE);
    for (size_t i = 0; i < table->cell_count; i++) print_cell(table, i, out);
}

void table_close(struct text_table *table) {
    if (table == NULL) return;
    buf_release(&table->text);
    free(table->cells);
    free(table);
}
