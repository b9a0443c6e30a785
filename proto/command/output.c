#include <assert.h>

#include "proto/command/command.h"

#define REDRAW_MS 100
#define BAR_CELLS 30

void call_json(struct call *call, json_t *document) {
    assert(document != NULL);
    json_dumpf(document, call->out, JSON_INDENT(2));
    fputc('\n', call->out);
    json_decref(document);
}

void rows_begin(struct rows_out *rows, struct call *call) {
    *rows = (struct rows_out){.call = call};
    fputc('[', call->out);
}

void rows_add(struct rows_out *rows, json_t *row) {
    assert(row != NULL);
    fputs(rows->count++ == 0 ? "\n  " : ",\n  ", rows->call->out);
    json_dumpf(row, rows->call->out, JSON_ENCODE_ANY);
    json_decref(row);
}

void rows_end(struct rows_out *rows) { fputs(rows->count == 0 ? "]\n" : "\n]\n", rows->call->out); }

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
