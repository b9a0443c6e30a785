#include "proto/command/listing.h"

#include <stdlib.h>
#include <string.h>

#include "proto/base/encoding_os.h"
#include "proto/command/text_table.h"

struct listing {
    struct call *call;
    const struct column *columns;
    enum listing_form form;
    struct rows_out rows;
    struct text_table *table;
    struct encoding *encoding; /* of CSV */
    uint64_t lost;             /* characters that it does not have */
    struct buf line, encoded;
    size_t count;
    bool covers;
};

static void put_line(struct listing *l) {
    buf_append(&l->line, "\r\n", 2);
    buf_clear(&l->encoded);
    l->lost += encoding_encode(l->encoding, buf_view(&l->line), &l->encoded);
    fwrite(l->encoded.data, 1, l->encoded.len, l->call->out);
    buf_clear(&l->line);
}

static void csv_heads(struct listing *l) {
    const char *encoding = call_option(l->call, "encoding");
    /* Whoever gave the name has looked at it. */
    if (encoding_open(encoding, &l->encoding, NULL) != 0) encoding_open(NULL, &l->encoding, NULL);
    if (encoding != NULL && encoding_marked(encoding)) fputs(ENCODING_MARK, l->call->out);
    for (const struct column *c = l->columns; c->key != NULL; c++) {
        if (c != l->columns) buf_append_byte(&l->line, ',');
        csv_cell(&l->line, view_of(c->key));
    }
    put_line(l);
}

static void table_heads(struct listing *l) {
    for (const struct column *c = l->columns; c->key != NULL; c++) {
        if (c->head == NULL) continue;
        bool right = c->kind == COLUMN_NUMBER || c->kind == COLUMN_MONEY;
        buf_printf(&l->line, "%s%s%s", l->line.len > 0 ? "|" : "", right ? ">" : "", c->head);
    }
    l->table = table_open(buf_text(&l->line));
}

struct listing *listing_open(struct call *call, const struct column *columns) {
    struct listing *l = mem_alloc(sizeof *l);
    l->call = call;
    l->columns = columns;
    l->form = call->json ? LISTING_JSON : call_has(call, "csv") ? LISTING_CSV : LISTING_TABLE;
    if (l->form == LISTING_JSON) rows_begin(&l->rows, call);
    if (l->form == LISTING_CSV) csv_heads(l);
    if (l->form == LISTING_TABLE) table_heads(l);
    return l;
}

/* The strings of an array stand in one cell. */
static void list_text(const json_t *list, struct buf *out) {
    size_t i;
    const json_t *item;
    json_array_foreach(list, i, item) {
        if (i > 0) buf_append(out, ", ", 2);
        if (json_is_string(item)) buf_append(out, json_string_value(item), json_string_length(item));
    }
}

static void cell_text(const struct listing *l, const struct column *column, const json_t *value, struct buf *out) {
    char text[40];
    const struct site *site = l->call->site;
    if (json_is_string(value))
        buf_append(out, json_string_value(value), json_string_length(value));
    else if (json_is_integer(value) && column->kind == COLUMN_MONEY)
        buf_printf(out, "%s",
                   decimal_format(json_integer_value(value), site->currency.decimals, l->form == LISTING_TABLE, text));
    else if (json_is_integer(value))
        buf_printf(out, "%lld", (long long)json_integer_value(value));
    else if (json_is_array(value))
        list_text(value, out);
    else if (json_is_real(value))
        buf_printf(out, l->form == LISTING_TABLE ? "%.2f" : "%.10g", json_real_value(value));
    else if (json_is_boolean(value))
        buf_printf(out, "%s", json_is_true(value) ? "yes" : l->form == LISTING_CSV ? "no" : "");
}

void csv_cell(struct buf *line, struct view text) {
    bool quoted = false;
    for (size_t i = 0; i < text.len; i++) quoted = quoted || strchr(",\"\r\n", text.data[i]) != NULL;
    if (!quoted) {
        buf_append_view(line, text);
        return;
    }
    buf_append_byte(line, '"');
    for (size_t i = 0; i < text.len; i++) {
        if (text.data[i] == '"') buf_append_byte(line, '"');
        buf_append_byte(line, text.data[i]);
    }
    buf_append_byte(line, '"');
}

bool csv_guarded(struct view text) {
    size_t i = 0;
    while (i < text.len && text.data[i] == '\'') i++;
    return i < text.len && text.data[i] != '\0' && strchr("=+-@\t\r", text.data[i]) != NULL;
}

static void add_csv(struct listing *l, const json_t *row) {
    struct buf text = BUF_INIT, cell = BUF_INIT;
    buf_clear(&l->line);
    for (const struct column *c = l->columns; c->key != NULL; c++) {
        buf_clear(&text);
        if (c != l->columns) buf_append_byte(&l->line, ',');
        cell_text(l, c, json_object_get(row, c->key), &text);
        buf_clear(&cell);
        if (c->kind == COLUMN_TEXT && csv_guarded(buf_view(&text))) buf_append_byte(&cell, '\'');
        buf_append_view(&cell, buf_view(&text));
        csv_cell(&l->line, buf_view(&cell));
    }
    put_line(l);
    buf_release(&text);
    buf_release(&cell);
}

static void add_table(struct listing *l, const json_t *row) {
    for (const struct column *c = l->columns; c->key != NULL; c++) {
        if (c->head == NULL) continue;
        buf_clear(&l->line);
        cell_text(l, c, json_object_get(row, c->key), &l->line);
        /* People read times to the minute. */
        if (c->kind == COLUMN_TIME && l->line.len > 16) {
            l->line.len = 16;
            l->line.data[10] = ' ';
        }
        table_cell(l->table, buf_view(&l->line));
    }
}

const char *call_covers(const struct call *call) { return call->site->config.role == ROLE_HUB ? "region" : "store"; }

void call_covers_note(struct call *call) {
    if (call->site->config.role != ROLE_HUB)
        fprintf(call->out,
                "of what this store knows alone: its own people and customers; the hub answers for the region\n");
}

void listing_covers(struct listing *l) { l->covers = true; }

void listing_add(struct listing *l, json_t *row) {
    l->count++;
    if (l->covers) json_object_set_new(row, "covers", json_string(call_covers(l->call)));
    if (l->form == LISTING_JSON) {
        rows_add(&l->rows, row);
        return;
    }
    if (l->form == LISTING_CSV) add_csv(l, row);
    if (l->form == LISTING_TABLE) add_table(l, row);
    json_decref(row);
}

bool listing_full(const struct listing *l) { return l->form == LISTING_JSON && rows_full(&l->rows); }

void listing_close(struct listing *l, const char *nothing) {
    if (l->form == LISTING_JSON) rows_end(&l->rows);
    if (l->form == LISTING_TABLE && l->count > 0) table_print(l->table, l->call->out);
    if (l->form == LISTING_TABLE && l->count == 0) fprintf(l->call->out, "%s\n", nothing);
    if (l->form == LISTING_TABLE && l->covers && l->count > 0) call_covers_note(l->call);
    if (l->lost > 0)
        fprintf(l->call->err_out, "%s: %llu characters that %s does not have were written as ?; utf-8 has all\n",
                l->call->program->name, (unsigned long long)l->lost, encoding_name(l->encoding));
    table_close(l->table);
    encoding_close(l->encoding);
    buf_release(&l->line);
    buf_release(&l->encoded);
    free(l);
}
