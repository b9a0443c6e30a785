/* Lists: one row a JSON object, printed as one JSON array, as a table for people, or as CSV, from the same columns. */
#ifndef DANGOL_PROTO_COMMAND_LISTING_H
#define DANGOL_PROTO_COMMAND_LISTING_H

#include "proto/command/command.h"

enum column_kind { COLUMN_TEXT, COLUMN_NUMBER, COLUMN_MONEY, COLUMN_TIME, COLUMN_YES_NO };

struct column {
    const char *head; /* for people; NULL: not in the table */
    const char *key;  /* in the row's object */
    enum column_kind kind;
};

enum listing_form { LISTING_TABLE, LISTING_JSON, LISTING_CSV };

struct listing;
/* `columns` end with a key of NULL. The form is JSON with --json, CSV with --csv, else a table. CSV is written in the
 * encoding of --encoding, which whoever takes that option has looked at (encoding_open). */
struct listing *listing_open(struct call *call, const struct column *columns);
void listing_add(struct listing *listing, json_t *row); /* takes the reference */
/* No further row would be given: the page asked for is full, and whoever makes rows is done. */
bool listing_full(const struct listing *listing);
/* For questions that speak of the whole region: each row says whether it "covers" the region or the store alone, as
 * beside whatever a store does not know it would stand elsewhere; people read it behind the table. */
void listing_covers(struct listing *listing);
const char *call_covers(const struct call *call); /* "region", "store" */
void call_covers_note(struct call *call);
/* Prints what is left. `nothing`: said to people when there was no row. */
void listing_close(struct listing *listing, const char *nothing);

/* One cell of CSV (RFC 4180): quoted when it must be. */
void csv_cell(struct buf *line, struct view text);
/* A spreadsheet takes text that begins with one of = + - @ tab CR for a formula, which somebody else may have written
 * (OWASP, CSV injection), so a ' is put in front of it; and of what begins with ' already and then so, that it can be
 * told from the former when it is taken off again. A number begins with its sign and is one. */
bool csv_guarded(struct view text);

#endif
