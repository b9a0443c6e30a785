#include "node/csv.h"

#include <stdlib.h>
#include <string.h>

#define QUOTE '"'
#define LEAD_LEAST 0x81  /* first byte of a character of two (or of each half of one of four) */
#define TRAIL_LEAST 0x30 /* its second byte; what is less is a broken character, and the byte means itself */

static const char byte_order_mark[] = "\xEF\xBB\xBF";

bool csv_delimiter(uint8_t byte) {
    bool letter = (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z');
    bool digit = byte >= '0' && byte <= '9';
    return byte != 0 && byte < 0x7F && byte != QUOTE && byte != '\n' && byte != '\r' && !letter && !digit;
}

void csv_open(struct csv *csv, struct view content, struct csv_dialect dialect) {
    *csv = (struct csv){.at = content.data, .end = content.data + content.len, .dialect = dialect, .line = 1};
    bool marked = content.len >= 3 && memcmp(content.data, byte_order_mark, 3) == 0;
    csv->mark = view_make(content.data, marked ? 3 : 0);
    csv->at += csv->mark.len;
    csv->stops[dialect.delimiter] = csv->stops['\n'] = csv->stops['\r'] = true;
}

void csv_close(struct csv *csv) {
    arena_release(&csv->unquoted);
    free(csv->fields);
    free(csv->starts);
    csv->fields = NULL;
    csv->starts = NULL;
    csv->cap = 0;
}

static void fault(struct csv_row *row, const char *what, size_t field) {
    if (row->fault != NULL) return;
    row->fault = what;
    row->fault_field = field;
}

static void add_field(struct csv *csv, struct csv_row *row, const uint8_t *start, struct view text) {
    if (text.len > CSV_FIELD_MAX) fault(row, "it is larger than 64 KiB", row->count + 1);
    if (row->count == CSV_FIELDS_MAX) {
        fault(row, "there are more than 4096 fields", 0);
        return;
    }
    if (row->count == csv->cap) {
        csv->cap = csv->cap * 2 + 32;
        csv->fields = mem_resize(csv->fields, csv->cap * sizeof *csv->fields);
        csv->starts = mem_resize(csv->starts, csv->cap * sizeof *csv->starts);
    }
    csv->fields[row->count] = text;
    csv->starts[row->count++] = (uint32_t)(start - row->raw.data);
}

/* The end of a field without quotes: its delimiter, line end or the end of the content. */
static const uint8_t *bare_end(const struct csv *csv, const uint8_t *at) {
    if (!csv->dialect.double_byte) {
        while (at != csv->end && !csv->stops[*at]) at++;
        return at;
    }
    while (at != csv->end && !csv->stops[*at]) {
        bool pair = *at >= LEAD_LEAST && csv->end - at > 1 && at[1] >= TRAIL_LEAST;
        at += pair ? 2 : 1;
    }
    return at;
}

/* The quote that closes what `at` is inside of, or NULL when there is none as near as it must be; `*doubled` counts the
 * doubled ones. No second byte of a character looks like a quote. */
static const uint8_t *closing_quote(const struct csv *csv, const uint8_t *at, const uint8_t *limit, size_t *doubled) {
    while ((at = memchr(at, QUOTE, (size_t)(limit - at))) != NULL) {
        if (at + 1 == csv->end || at[1] != QUOTE) return at;
        at += 2;
        ++*doubled;
        if (at >= limit) return NULL;
    }
    return NULL;
}

static struct view undouble(struct csv *csv, struct view quoted, size_t doubled) {
    if (doubled == 0) return quoted;
    uint8_t *copy = arena_alloc(&csv->unquoted, quoted.len - doubled), *to = copy;
    for (size_t i = 0; i < quoted.len; i++) {
        *to++ = quoted.data[i];
        if (quoted.data[i] == QUOTE) i++;
    }
    return view_make(copy, quoted.len - doubled);
}

/* A field that begins with a quote: gives where it ends, or NULL when the quote is never closed. One that is closed in
 * another line, with text behind, is a stray one, and closed by the quote of another row. */
static const uint8_t *quoted_field(struct csv *csv, struct csv_row *row, const uint8_t *at) {
    size_t far = (size_t)(csv->end - row->raw.data), doubled = 0;
    const uint8_t *limit = row->raw.data + (far < CSV_ROW_MAX ? far : CSV_ROW_MAX);
    const uint8_t *open = at + 1, *close = open < limit ? closing_quote(csv, open, limit, &doubled) : NULL;
    if (close == NULL) return NULL;
    struct view inside = {open, (size_t)(close - open)};
    const uint8_t *end = bare_end(csv, close + 1);
    if (end != close + 1 && memchr(inside.data, '\n', inside.len) != NULL) return NULL;
    if (end != close + 1) fault(row, "there is text behind its closing quote", row->count + 1);
    add_field(csv, row, at, undouble(csv, inside, doubled));
    return end;
}

/* Behind the line end that stands at `at`. */
static const uint8_t *line_end(const struct csv *csv, const uint8_t *at) {
    if (at == csv->end) return at;
    bool both = *at == '\r' && csv->end - at > 1 && at[1] == '\n';
    return at + (both ? 2 : 1);
}

/* Line ends in a row, counted only when it may have several. */
static uint64_t count_lines(const struct csv *csv, struct view raw) {
    uint64_t lines = 0;
    for (const uint8_t *at = raw.data; at != raw.data + raw.len; at++)
        lines += *at == '\n' || (*at == '\r' && (at + 1 == csv->end || at[1] != '\n'));
    return lines;
}

/* A quote that nothing closes: the row ends with its line, whatever was meant. */
static const uint8_t *give_up(struct csv *csv, struct csv_row *row, const uint8_t *at) {
    fault(row, "its opening quote is never closed", row->count + 1);
    add_field(csv, row, at, view_make(at, 0));
    while (at != csv->end && *at != '\n' && *at != '\r') at++;
    return at;
}

/* The fields of a row from `at` on; gives the line end behind them. */
static const uint8_t *read_fields(struct csv *csv, struct csv_row *row, const uint8_t *at, bool *quotes) {
    for (;;) {
        if (at != csv->end && *at == QUOTE) {
            const uint8_t *end = quoted_field(csv, row, at);
            *quotes = true;
            if (end == NULL) return give_up(csv, row, at);
            at = end;
        } else {
            const uint8_t *end = bare_end(csv, at);
            add_field(csv, row, at, view_make(at, (size_t)(end - at)));
            at = end;
        }
        if (at == csv->end || *at != csv->dialect.delimiter) return at;
        at++;
    }
}

bool csv_next(struct csv *csv, struct csv_row *row) {
    if (csv->at == csv->end) return false;
    bool quotes = false;
    *row = (struct csv_row){.raw = {csv->at, 0}, .line = csv->line};
    const uint8_t *at = csv->at;
    if (*at != '\n' && *at != '\r') at = read_fields(csv, row, at, &quotes);
    csv->at = line_end(csv, at);
    row->raw.len = (size_t)(csv->at - row->raw.data);
    if (row->raw.len > CSV_ROW_MAX) fault(row, "it is larger than 1 MiB", 0);
    csv->line += quotes ? count_lines(csv, row->raw) : 1;
    row->fields = csv->fields;
    row->starts = csv->starts;
    return true;
}
