/* The file of rejected rows: the header and the rows exactly as they stood, in their own encoding, with three columns
 * in front: line, reason, and what the row is known by where it has no ref. In front, so that rows with too few or too
 * many fields stay readable. Corrected, it can be imported by the same command; rejects of rejects get new lines and
 * reasons, and their rows stay the same.
 *
 * A file that is there is never overwritten, somebody may be correcting it: the next free number is taken, unless it
 * says the same. */
#include <stdlib.h>
#include <string.h>

#include "node/import.h"
#include "proto/base/text.h"

#define NUMBERS_MAX 1000
#define OWNER_ONLY 0600 /* it holds personal data */

/* A raw row without the columns that are ours. */
static struct view without_own(const struct import *im, struct view raw, const struct csv_row *cells) {
    if (im->own_columns == 0 || cells->count <= im->own_columns) return raw;
    const uint8_t *rest = cells->raw.data + cells->starts[im->own_columns];
    return view_make(rest, raw.len - (size_t)(rest - raw.data));
}

/* Quoted always: a delimiter may be anything. */
static void put_quoted(struct import *im, struct view text, struct buf *out) {
    buf_append_byte(out, '"');
    size_t start = out->len;
    encoding_encode(im->encoding, text, out);
    for (size_t i = start; i < out->len; i++)
        if (out->data[i] == '"') out->data[i] = '\'';
    buf_append_byte(out, '"');
}

/* A raw row once more as cells, which live until csv_close. */
static void cells_of(const struct import *im, struct view raw, struct csv *csv, struct csv_row *cells) {
    csv_open(csv, raw, im->dialect);
    if (!csv_next(csv, cells)) *cells = (struct csv_row){.count = 0};
}

static void put_rest(const struct import *im, struct view raw, const struct csv_row *cells, struct buf *out) {
    buf_append_byte(out, im->dialect.delimiter);
    buf_append_view(out, without_own(im, raw, cells));
    if (out->data[out->len - 1] != '\n' && out->data[out->len - 1] != '\r') buf_append_byte(out, '\n');
}

static void put_row(struct import *im, uint32_t row, struct buf *out) {
    struct view raw = view_make(im->content.data + im->rows[row].at, im->rows[row].len);
    struct buf reason = BUF_INIT;
    struct csv csv;
    struct csv_row cells;
    char key[ROW_KEY_TEXT];
    cells_of(im, raw, &csv, &cells);
    import_reason_text(im, row, &reason);
    buf_printf(out, "%u%c", im->rows[row].line, im->dialect.delimiter);
    put_quoted(im, buf_view(&reason), out);
    buf_append_byte(out, im->dialect.delimiter);
    put_quoted(im, import_own_key(im, &cells, row, key), out);
    put_rest(im, raw, &cells, out);
    csv_close(&csv);
    buf_release(&reason);
}

static void put_all(struct import *im, struct buf *out) {
    struct csv csv;
    struct csv_row cells;
    cells_of(im, im->header, &csv, &cells);
    buf_append_view(out, im->csv.mark);
    buf_printf(out, "%s%c%s%c%s", REJECTS_LINE, im->dialect.delimiter, REJECTS_REASON, im->dialect.delimiter,
               REJECTS_ROW);
    put_rest(im, im->header, &cells, out);
    csv_close(&csv);
    for (uint32_t row = 0; row < im->row_count; row++)
        if (im->rows[row].outcome == ROW_REJECTED) put_row(im, row, out);
}

/* Does the file say exactly this? 1 yes, 0 no, ERR_NOT_FOUND when there is none, else negative. */
static int compare_file(struct import *im, const char *name, struct view content) {
    uint8_t chunk[4096];
    size_t at = 0, n;
    FILE *file = call_open(im->call, name, "r");
    if (file == NULL) return im->call->error.code;
    bool same = true;
    while (same && (n = fread(chunk, 1, sizeof chunk, file)) > 0) {
        same = n <= content.len - at && memcmp(chunk, content.data + at, n) == 0;
        at += n;
    }
    same = same && !ferror(file) && at == content.len;
    fclose(file);
    return same;
}

static const char *base_name(const char *path) {
    const char *slash = strrchr(path, '/');
    const char *name = slash == NULL ? path : slash + 1;
    return strcmp(name, "-") == 0 || *name == '\0' ? "stdin" : name;
}

static int write_somewhere(struct import *im, struct view content, struct buf *name) {
    for (int number = 1; number <= NUMBERS_MAX; number++) {
        buf_clear(name);
        buf_printf(name, "%s.rejects", base_name(im->path));
        if (number > 1) buf_printf(name, ".%d", number);
        buf_printf(name, ".csv");
        int there = compare_file(im, buf_text(name), content);
        if (there == 1) return 0;
        if (there == 0) continue;
        im->call->error = (struct err){0};
        return there == ERR_NOT_FOUND ? call_write_file(im->call, buf_text(name), content, OWNER_ONLY) : there;
    }
    return err_set(&im->call->error, ERR_EXISTS, NULL, "there are too many files %s.rejects*.csv here",
                   base_name(im->path));
}

int import_rejects(struct import *im, char **name) {
    struct buf content = BUF_INIT, path = BUF_INIT;
    *name = NULL;
    if (im->outcomes[ROW_REJECTED] == 0) return 0;
    put_all(im, &content);
    if (im->call->remote) { /* to whoever sent the file, with the answer */
        im->rejects = content;
        return 0;
    }
    int code = write_somewhere(im, buf_view(&content), &path);
    if (code == 0) *name = mem_text(buf_text(&path));
    buf_wipe(&content);
    buf_release(&path);
    if (code == 0) return 0;
    struct err why = im->call->error;
    char count[COUNT_TEXT];
    return err_set(&im->call->error, code, NULL,
                   "%s written, but the rejected rows could not be: %s; the same command tries again",
                   count_format(im->events, "event", count), why.text);
}
