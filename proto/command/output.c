#include <assert.h>
#include <string.h>

#include "proto/command/inside.h"

#define REDRAW_MS 100
#define BAR_CELLS 30

/* Blanks are for people: a program that asks over HTTP gets none. */
static void dump(struct call *call, json_t *document, size_t flags, bool line) {
    if (call->memory != NULL) {
        memory_streams_document(call->memory, document, line);
        return;
    }
    json_dumpf(document, call->out, flags);
    if (line) fputc('\n', call->out);
}

void call_json(struct call *call, json_t *document) {
    assert(document != NULL);
    dump(call, document, JSON_INDENT(2), true);
    json_decref(document);
}

void rows_begin(struct rows_out *rows, struct call *call) {
    *rows = (struct rows_out){.call = call, .held = call->page == NULL ? NULL : json_array()};
    fputc('[', call->out);
}

static void put_row(struct rows_out *rows, json_t *row) {
    fputs(rows->count++ == 0 ? "\n  " : ",\n  ", rows->call->out);
    dump(rows->call, row, JSON_ENCODE_ANY, false);
    json_decref(row);
}

/* What a row is about, so that it is known again: its values of these keys. */
static void row_key(const json_t *row, char out[PAGE_KEY]) {
    static const char *const keys[] = {"id",    "event", "customer", "kind",  "other", "month", "store",
                                       "staff", "code",  "key",      "field", "tag",   "label", "sku"};
    size_t len = 0;
    out[0] = '\0';
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++) {
        const char *value = json_string_value(json_object_get(row, keys[i]));
        if (value == NULL) continue;
        int n = snprintf(out + len, PAGE_KEY - len, "%s%s", len > 0 ? " " : "", value);
        len = (size_t)n < PAGE_KEY - len ? len + (size_t)n : PAGE_KEY - 1;
    }
}

/* Rows that look alike may be many: the one that the page before ended with is the last of them by where it stood. */
static void add_to_page(struct rows_out *rows, json_t *row) {
    const struct page *page = rows->call->page;
    rows->seen++;
    if (page->after[0] != '\0' && (!rows->passed || rows->seen <= page->offset)) {
        char key[PAGE_KEY];
        row_key(row, key);
        if (strcmp(key, page->after) == 0) {
            rows->passed = true;
            json_array_clear(rows->held);
            json_decref(row);
            return;
        }
    }
    size_t held = json_array_size(rows->held);
    if ((rows->passed || rows->seen > page->offset) && held <= page->limit) {
        if (held == 0) rows->first = rows->seen;
        json_array_append(rows->held, row);
    }
    json_decref(row);
}

void rows_add(struct rows_out *rows, json_t *row) {
    assert(row != NULL);
    if (rows->call->page != NULL)
        add_to_page(rows, row);
    else
        put_row(rows, row);
}

bool rows_full(const struct rows_out *rows) {
    const struct page *page = rows->call->page;
    return page != NULL && (page->after[0] == '\0' || (rows->passed && rows->seen > page->offset)) &&
           json_array_size(rows->held) > page->limit;
}

static void give_page(struct rows_out *rows, struct page *page) {
    size_t i;
    json_t *row;
    json_array_foreach(rows->held, i, row) {
        if (i == page->limit) break;
        page->end = rows->first + i;
        row_key(row, page->last);
        put_row(rows, json_incref(row));
    }
    page->more = json_array_size(rows->held) > page->limit;
    json_decref(rows->held);
    rows->held = NULL;
}

void rows_end(struct rows_out *rows) {
    if (rows->call->page != NULL) give_page(rows, rows->call->page);
    fputs(rows->count == 0 ? "]\n" : "\n]\n", rows->call->out);
}

/* "1,234,567". */
static void put_count(struct buf *line, uint64_t count) {
    char text[40];
    buf_printf(line, "%s", decimal_format((int64_t)(count > INT64_MAX ? INT64_MAX : count), 0, true, text));
}

static void put_bar(struct buf *line, uint64_t done, uint64_t all) {
    double share = done >= all ? 1 : (double)done / (double)all;
    size_t full = (size_t)(share * BAR_CELLS);
    buf_printf(line, " [");
    for (size_t i = 0; i < BAR_CELLS; i++) buf_append_byte(line, i < full ? '#' : ' ');
    buf_printf(line, "] %3d%%", (int)(share * 100));
}

void call_progress(struct call *call, const char *what, uint64_t done, uint64_t all) {
    if (!call->progress) return;
    struct bar *bar = &call->bar;
    int64_t now = env_monotonic(call->env);
    if (bar->started == 0) *bar = (struct bar){.started = now, .drawn = now, .first = done};
    if (now - bar->drawn < REDRAW_MS) return; /* what is done at once needs no bar */
    bar->drawn = now;
    bar->shown = true;
    struct buf line = BUF_INIT;
    buf_printf(&line, "\r%s", what);
    if (all > 0) {
        put_bar(&line, done, all);
    } else {
        buf_append_byte(&line, ' ');
        put_count(&line, done);
    }
    uint64_t rate = done > bar->first ? (done - bar->first) * 1000 / (uint64_t)(now - bar->started) : 0;
    buf_printf(&line, "  ");
    put_count(&line, rate);
    buf_printf(&line, "/s\033[K");
    fwrite(line.data, 1, line.len, call->err_out);
    fflush(call->err_out);
    buf_release(&line);
}

void call_progress_end(struct call *call) {
    if (call->bar.shown) fputs("\r\033[K", call->err_out);
    if (call->bar.shown) fflush(call->err_out);
    call->bar = (struct bar){0};
}
