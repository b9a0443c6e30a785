/* Lists: one row a JSON object, printed as one JSON array, as a table for people, or as CSV, from the same columns. */
#ifndef DANGOL_PROTO_COMMAND_LISTING_H
#define DANGOL_PROTO_COMMAND_LISTING_H

#include "proto/command/command.h"

enum column_kind { COLUMN_TEXT, COLUMN_NUMBER, COLUMN_MONEY, COLUMN_TIME, COLUMN_YES_NO };

struct column {
    const char *head; /* for people; NULL: only in JSON */
    const char *key;  /* in the row's object */
    enum column_kind kind;
};

enum listing_form { LISTING_TABLE, LISTING_JSON, LISTING_CSV };

struct listing;
/* `columns` end with a key of NULL. The form is JSON with --json, CSV with --csv, else a table. */
struct listing *listing_open(struct call *call, const struct column *columns);
void listing_add(struct listing *listing, json_t *row); /* takes the reference */
/* Prints what is left. `nothing`: said to people when there was no row. */
void listing_close(struct listing *listing, const char *nothing);

/* One cell of CSV (RFC 4180): quoted when it must be. */
void csv_cell(struct buf *line, struct view text);

#endif
