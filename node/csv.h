/* CSV (RFC 4180) as it is found: any one-byte delimiter, quotes, doubled quotes, line ends inside quotes, CRLF, LF or
 * CR, a byte-order mark, a last line without an end. Bytes are not interpreted: fields are in the file's encoding.
 *
 * A row whose form is wrong is given like any other, with a `fault`; reading goes on at the next line, so one stray
 * quote costs one row. No byte is ever lost: the byte-order mark and the `raw` of all rows, one after the other, are
 * the content.
 * Memory: the content is the caller's and outlives the reader. A row's arrays are valid until the next csv_next, its
 * texts until csv_close. Thread: pure. Before: bytes from call_open. After: mapping.h. */
#ifndef DANGOL_NODE_CSV_H
#define DANGOL_NODE_CSV_H

#include "node/arena.h"

#define CSV_ROW_MAX ((size_t)1 << 20) /* bytes; a quote open for longer than this is a stray one */
#define CSV_FIELD_MAX ((size_t)64 << 10)
#define CSV_FIELDS_MAX 4096

struct csv_dialect {
    uint8_t delimiter;
    bool double_byte; /* GB18030, CP949: a byte from 0x81 on makes one character with the next */
};

struct csv_row {
    struct view raw;           /* with its line end */
    uint64_t line;             /* where it begins, from 1 */
    size_t count;              /* of fields; 0: a blank line */
    const struct view *fields; /* without their quotes */
    const uint32_t *starts;    /* where each begins in `raw`, quote included */
    const char *fault;         /* what is wrong with its form; NULL: nothing */
    size_t fault_field;        /* in which field, from 1; 0: the whole row */
};

struct csv {
    const uint8_t *at, *end;
    struct view mark; /* the byte-order mark, or empty */
    struct csv_dialect dialect;
    uint64_t line;
    bool stops[256]; /* bytes at which a field without quotes ends */
    struct view *fields;
    uint32_t *starts;
    size_t cap;
    struct arena unquoted; /* fields that had doubled quotes */
};

void csv_open(struct csv *csv, struct view content, struct csv_dialect dialect);
bool csv_next(struct csv *csv, struct csv_row *row); /* false at the end */
void csv_close(struct csv *csv);

/* May this byte separate fields? Not a quote, a line end, NUL, a letter or digit, or what is not ASCII. */
bool csv_delimiter(uint8_t byte);

#endif
