/* Tables for people: widths, sides, wide and dangerous characters. */
#include <criterion/criterion.h>
#include <stdlib.h>

#include "proto/command/text_table.h"

/* Prints and closes the table; the text is the caller's. */
static char *printed(struct text_table *table) {
    char *text = NULL;
    size_t len = 0;
    FILE *out = open_memstream(&text, &len);
    table_print(table, out);
    fclose(out);
    table_close(table);
    return text;
}

static void check(struct text_table *table, const char *expected) {
    char *text = printed(table);
    cr_expect_str_eq(text, expected);
    free(text);
}

Test(text_table, columns_are_as_wide_as_they_need_be) {
    struct text_table *table = table_open(">rank|name|>spend");
    table_text(table, "1");
    table_text(table, "Kim");
    table_text(table, "1,234,567");
    table_text(table, "10");
    table_text(table, "Lee Long");
    table_text(table, "5");
    check(table, "rank  name          spend\n"
                 "   1  Kim       1,234,567\n"
                 "  10  Lee Long          5\n");
}

Test(text_table, wide_characters_take_two_columns) {
    struct text_table *table = table_open("name|>n");
    table_text(table, "김단골");
    table_text(table, "1");
    table_text(table, "Zoë");
    table_text(table, "22");
    check(table, "name     n\n"
                 "김단골   1\n"
                 "Zoë     22\n");
}

Test(text_table, the_last_column_has_no_blanks_behind_it) {
    struct text_table *table = table_open("a|b");
    table_text(table, "1");
    table_text(table, "x");
    table_text(table, "2");
    table_text(table, "long");
    check(table, "a  b\n1  x\n2  long\n");
}

Test(text_table, nothing_in_a_cell_drives_the_terminal) {
    struct text_table *table = table_open("name|next");
    table_cell(table, view_make("\033[2J\nx\xff", 7));
    table_text(table, "y");
    char *text = printed(table);
    size_t lines = 0;
    for (const char *p = text; *p != '\0'; p++) {
        cr_expect_neq(*p, '\033');
        cr_expect_neq((unsigned char)*p, 0xff);
        lines += *p == '\n';
    }
    cr_expect_eq(lines, 2);
    free(text);
}

Test(text_table, absent_and_missing_cells_are_blank) {
    struct text_table *table = table_open("a|>b|c");
    table_cell(table, VIEW_NONE);
    table_text(table, NULL);
    table_text(table, "x");
    table_text(table, "only");
    check(table, "a     b  c\n"
                 "         x\n"
                 "only     \n");
}

Test(text_table, a_table_without_rows_shows_its_heads) {
    check(table_open("one"), "one\n");
    check(table_open(">one|two"), "one  two\n");
    table_close(NULL);
}

Test(text_table, many_rows) {
    struct text_table *table = table_open(">n");
    for (int i = 0; i < 5000; i++) table_text(table, i == 4999 ? "10000" : "1");
    char *text = printed(table);
    cr_expect_eq(strlen(text), 5001 * 6);
    free(text);
}
