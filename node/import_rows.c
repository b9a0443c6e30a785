/* Reading: the header, which rows are ours, what became of each of them. */
#include <stdlib.h>
#include <string.h>

#include "node/import.h"
#include "proto/event/event.h"

#define CHECK_ROWS 4096 /* between two looks at the clock and the caller */

/* ---- Outcomes ---- */

static void outcome(struct import *im, uint32_t row, enum import_outcome what) {
    im->outcomes[im->rows[row].outcome]--;
    im->rows[row].outcome = (uint8_t)what;
    im->outcomes[what]++;
}

void import_done(struct import *im, uint32_t row, enum import_outcome what) {
    if (im->rows[row].outcome == ROW_OPEN) outcome(im, row, what);
}

static struct import_reason *add_reason(struct import *im, uint32_t row) {
    if (im->reason_count == im->reason_cap) {
        im->reason_cap = im->reason_cap * 2 + 64;
        im->reasons = mem_resize(im->reasons, im->reason_cap * sizeof *im->reasons);
    }
    im->rows[row].reason = (uint32_t)im->reason_count;
    outcome(im, row, ROW_REJECTED);
    return &im->reasons[im->reason_count++];
}

void import_reject(struct import *im, uint32_t row, const char *field, const char *format, ...) {
    if (im->rows[row].outcome != ROW_OPEN) return;
    struct err shown = {0}; /* makes it printable and bounds it */
    struct buf text = BUF_INIT;
    va_list arguments;
    va_start(arguments, format);
    buf_vprintf(&text, format, arguments);
    va_end(arguments);
    err_set(&shown, ERR_INVALID, NULL, "%s%s%s", field == NULL ? "" : field, field == NULL ? "" : ": ",
            buf_text(&text));
    buf_release(&text);
    *add_reason(im, row) = (struct import_reason){arena_copy(&im->arena, view_of(shown.text)), view_of(field), 0};
}

void import_reject_with(struct import *im, uint32_t row, uint32_t culprit) {
    if (im->rows[row].outcome == ROW_OPEN) *add_reason(im, row) = (struct import_reason){.culprit = culprit};
}

void import_reason_text(const struct import *im, uint32_t row, struct buf *out) {
    const struct import_reason *reason = &im->reasons[im->rows[row].reason];
    if (reason->text.data != NULL)
        buf_append_view(out, reason->text);
    else
        buf_printf(out, "goes with line %u, which is of the same basket", im->rows[reason->culprit].line);
}

/* ---- The header ---- */

static const struct view *header_texts(struct import *im) {
    struct view *texts = arena_alloc(&im->arena, (im->column_count + 1) * sizeof *texts);
    for (size_t i = 0; i < im->column_count; i++) {
        buf_clear(&im->scratch);
        encoding_decode(im->encoding, im->row.fields[i], &im->scratch);
        texts[i] = mapping_trim(arena_copy(&im->arena, buf_view(&im->scratch)));
    }
    return texts;
}

int import_header(struct import *im, const struct view **names) {
    bool found;
    do {
        found = csv_next(&im->csv, &im->row);
    } while (found && im->row.count == 0);
    if (!found) return err_set(&im->call->error, ERR_FORMAT, NULL, "%s is empty", im->path);
    if (im->row.fault != NULL)
        return err_set(&im->call->error, ERR_FORMAT, NULL, "the header of %s cannot be read: field %zu: %s", im->path,
                       im->row.fault_field, im->row.fault);
    im->column_count = im->row.count;
    im->header = im->row.raw;
    const struct view *texts = header_texts(im);
    bool ours = im->column_count > 2 && view_is(texts[0], REJECTS_LINE) && view_is(texts[1], REJECTS_REASON);
    bool keyed = ours && im->column_count > REJECTS_COLUMNS && view_is(texts[REJECTS_COLUMNS - 1], REJECTS_ROW);
    im->own_columns = keyed ? REJECTS_COLUMNS : ours ? 2 : 0;
    *names = texts;
    return 0;
}

static int read_header(struct import *im) {
    const struct view *names = NULL;
    struct err *err = &im->call->error;
    int code = import_header(im, &names);
    if (code == 0) code = mapping_bind(&im->mapping, names, im->column_count, err);
    const char *kept = call_option(im->call, "use-map");
    bool its_own =
        code != 0 && kept != NULL && json_object_get(im->kept, err->field) != NULL && !call_has(im->call, err->field);
    if (its_own) err_prefix(err, "the mapping %s does not fit %s", kept, im->path);
    return code;
}

/* ---- Rows ---- */

static uint32_t add_row(struct import *im, uint32_t number) {
    if (im->row_count == im->row_cap) {
        im->row_cap = im->row_cap * 2 + 1024;
        im->rows = mem_resize(im->rows, im->row_cap * sizeof *im->rows);
    }
    im->rows[im->row_count] = (struct import_row){
        .at = (uint32_t)(im->row.raw.data - im->content.data),
        .len = (uint32_t)im->row.raw.len,
        .line = (uint32_t)im->row.line,
        .number = number,
    };
    im->outcomes[ROW_OPEN]++;
    return (uint32_t)im->row_count++;
}

static struct view where_cell(void *context, int column) {
    struct import *im = context;
    buf_clear(&im->scratch);
    encoding_decode(im->encoding, im->row.fields[column], &im->scratch);
    return mapping_trim(buf_view(&im->scratch));
}

/* Whether the current row is let through; one that is too broken to tell is, to be rejected where it is seen. */
static bool wanted(struct import *im) {
    const struct mapping *m = &im->mapping;
    if (m->where_count == 0 || im->row.fault != NULL) return true;
    for (size_t i = 0; i < m->where_count; i++)
        if ((size_t)m->wheres[i].at >= im->row.count) return true;
    return mapping_wants(m, where_cell, im);
}

static void spoilt_row(struct import *im, uint32_t row) {
    const struct csv_row *r = &im->row;
    if (r->fault != NULL && r->fault_field > 0)
        import_reject(im, row, NULL, "field %zu: %s", r->fault_field, r->fault);
    else if (r->fault != NULL)
        import_reject(im, row, NULL, "%s", r->fault);
    else
        import_reject(im, row, NULL, "the row has %zu field%s, the header %zu", r->count, r->count == 1 ? "" : "s",
                      im->column_count);
    if (im->kind->spoilt != NULL) im->kind->spoilt(im, row);
}

/* Files put together by hand bring their headers along, each perhaps with its mark. */
static bool is_header(const struct import *im) {
    struct view raw = mapping_trim(im->row.raw), mark = view_of(ENCODING_MARK);
    if (raw.len >= mark.len && memcmp(raw.data, mark.data, mark.len) == 0) raw = view_make(raw.data + 3, raw.len - 3);
    return view_equal(raw, mapping_trim(im->header));
}

static void take_row(struct import *im, uint32_t number) {
    if (!wanted(im)) return;
    uint32_t row = im->current = add_row(im, number);
    if (is_header(im))
        import_reject(im, row, NULL, "the header stands here once more");
    else if (im->row.fault != NULL || im->row.count != im->column_count)
        spoilt_row(im, row);
    else
        im->kind->take(im, row);
}

int import_read(struct import *im) {
    csv_open(&im->csv, buf_view(&im->content), im->dialect);
    int code = read_header(im);
    for (uint32_t number = 0; code == 0 && csv_next(&im->csv, &im->row);) {
        if (im->row.count == 0) continue;
        take_row(im, ++number);
        code = im->fatal;
        if (number % CHECK_ROWS != 0 || code != 0) continue;
        call_progress(im->call, "reading", (uint64_t)(im->csv.at - im->content.data), im->content.len);
        if (call_cancelled(im->call))
            code = err_set(&im->call->error, ERR_INTERRUPTED, NULL, "stopped; nothing has been written");
    }
    return code;
}

void import_rows_release(struct import *im) {
    csv_close(&im->csv);
    encoding_close(im->encoding);
    mapping_release(&im->mapping);
    names_release(&im->refs);
    idmap_release(&im->pretended);
    arena_release(&im->arena);
    buf_wipe(&im->content);
    buf_wipe(&im->scratch);
    free(im->ref_rows);
    free(im->rows);
    free(im->reasons);
}
