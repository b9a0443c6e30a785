/* Tables for people: columns as wide as they need be, numbers to the right, wide characters counted as two. */
#ifndef DANGOL_PROTO_COMMAND_TEXT_TABLE_H
#define DANGOL_PROTO_COMMAND_TEXT_TABLE_H

#include <stdio.h>

#include "proto/base/bytes.h"

struct text_table;
/* `heads`: column heads separated by '|'; a head that starts with '>' is aligned to the right. */
struct text_table *table_open(const char *heads);
void table_cell(struct text_table *table, struct view text); /* row by row, left to right; made printable */
void table_text(struct text_table *table, const char *text);
void table_print(struct text_table *table, FILE *out);
void table_close(struct text_table *table);

#endif
