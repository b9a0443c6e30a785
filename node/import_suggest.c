/* Proposals for a file that nobody has said anything about: which columns may be which fields, by their names, and how
 * its dates are written, by what stands in them. Nothing is written, and whoever takes a proposal sees it first. */
#include <stdlib.h>
#include <string.h>

#include "node/import.h"
#include "proto/base/text.h"
#include "proto/command/text_table.h"

#define LOOK_ROWS 200
#define EXAMPLES 3
#define EXAMPLE_BYTES 60
#define DATE_MOST 40
#define PART_LEAST 5 /* bytes of a word that counts when a column's name only contains it */

static const char *const formats[] = {
    "%d/%m/%Y %H:%M:%S", "%d/%m/%Y %H:%M",    "%d/%m/%Y",          "%m/%d/%Y %H:%M:%S", "%m/%d/%Y %H:%M",
    "%m/%d/%Y",          "%m/%d/%Y %I:%M %p", "%d.%m.%Y %H:%M:%S", "%d.%m.%Y %H:%M",    "%d.%m.%Y",
    "%d-%m-%Y %H:%M",    "%d-%m-%Y",          "%Y/%m/%d %H:%M:%S", "%Y/%m/%d %H:%M",    "%Y/%m/%d",
    "%Y.%m.%d %H:%M:%S", "%Y.%m.%d %H:%M",    "%Y.%m.%d",          "%Y%m%d%H%M%S",      "%Y%m%d",
    "%Y. %m. %d.",       "%Y년 %m월 %d일",    "%Y年%m月%d日",      "%d %b %Y",          "%b %d %Y"};
#define FORMATS (sizeof formats / sizeof *formats)

/* How many texts are times, in which format. */
struct dates {
    uint64_t seen, usual, fit[FORMATS];
};

struct guess_column {
    struct view plain; /* its name in small letters, nothing between words */
    int field;         /* -1: none */
    json_t *examples;  /* different texts */
    struct dates dates;
};

struct guess {
    struct import *im;
    size_t count; /* of columns */
    const struct view *names;
    struct guess_column *columns;
    const char *format;   /* of its dates; NULL: the usual one */
    const char *format_2; /* another one that fits all of them; NULL: none */
};

static bool is_time(const char *field) {
    static const char *const names[] = {"time", "opened", "answered", "closed"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (strcmp(field, names[i]) == 0) return true;
    return false;
}

static bool all_times(const struct dates *d) {
    bool all = d->usual == d->seen;
    for (size_t i = 0; i < FORMATS; i++) all = all || d->fit[i] == d->seen;
    return all;
}

/* ---- Fields by name ---- */

static const struct {
    const char *field, *words;
} aliases[] = {
#define ALIASES(field, words) {field, words},
#include "node/import_aliases.def"
#undef ALIASES
};

static struct view plain_name(struct import *im, struct view name) {
    struct buf out = BUF_INIT;
    for (size_t i = 0; i < name.len; i++) {
        uint8_t c = name.data[i];
        if (c >= 'A' && c <= 'Z') c = (uint8_t)(c - 'A' + 'a');
        if (c >= 0x80 || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9')) buf_append_byte(&out, c);
    }
    struct view copy = arena_copy(&im->arena, buf_view(&out));
    buf_release(&out);
    return copy;
}

static bool contains(struct view text, struct view part) {
    return part.len >= PART_LEAST && memmem(text.data, text.len, part.data, part.len) != NULL;
}

/* How a field looks for its column: by the whole name of one that is not empty, by a part of it, or by the name of an
 * empty one. */
enum way { BY_NAME, BY_PART, BY_NAME_ALONE, WAYS };

static bool may_be(const struct guess *g, size_t column, size_t field, enum way way) {
    bool empty = json_array_size(g->columns[column].examples) == 0;
    if (g->columns[column].field >= 0 || empty != (way == BY_NAME_ALONE)) return false;
    return empty || !is_time(g->im->kind->fields[field].name) || all_times(&g->columns[column].dates);
}

/* The first column still free that may be the field. */
static int column_named(const struct guess *g, size_t field, struct view word, enum way way) {
    for (size_t i = 0; i < g->count; i++) {
        bool named = way == BY_PART ? contains(g->columns[i].plain, word) : view_equal(g->columns[i].plain, word);
        if (named && may_be(g, i, field, way)) return (int)i;
    }
    return -1;
}

static bool try_words(struct guess *g, size_t field, const char *words, enum way way) {
    while (*words != '\0') {
        size_t len = strcspn(words, " ");
        int column = column_named(g, field, view_make(words, len), way);
        if (column >= 0) {
            g->columns[column].field = (int)field;
            return true;
        }
        words += len + (words[len] == ' ');
    }
    return false;
}

static bool taken(const struct guess *g, size_t field) {
    for (size_t i = 0; i < g->count; i++)
        if (g->columns[i].field == (int)field) return true;
    return false;
}

static bool has_word(const char *words, const char *word) {
    size_t len = strlen(word);
    for (; *words != '\0'; words += strcspn(words, " "), words += *words == ' ')
        if (strcspn(words, " ") == len && strncmp(words, word, len) == 0) return true;
    return false;
}

/* A field's own name goes first, unless it stands among the words. */
static void try_field(struct guess *g, size_t field, enum way way) {
    const char *name = g->im->kind->fields[field].name, *words = "";
    if (taken(g, field)) return;
    for (size_t i = 0; i < sizeof aliases / sizeof *aliases; i++)
        if (strcmp(aliases[i].field, name) == 0) words = aliases[i].words;
    struct view own = plain_name(g->im, view_of(name));
    int column = has_word(words, name) ? -1 : column_named(g, field, own, way == BY_PART ? BY_NAME : way);
    if (column >= 0)
        g->columns[column].field = (int)field;
    else
        try_words(g, field, words, way);
}

/* Where a file tells card numbers by that name, its customers are numbers of another kind: our own exports have ids. */
static void pass_over_ids(struct guess *g) {
    bool cards = false;
    for (size_t i = 0; i < g->count; i++) cards = cards || view_is(g->columns[i].plain, "card");
    for (size_t i = 0; cards && i < g->count; i++)
        if (view_is(g->columns[i].plain, "customer")) g->columns[i].plain = view_of("");
}

/* What must be there before what may. */
static void guess_fields(struct guess *g) {
    const struct import_kind *kind = g->im->kind;
    for (enum way way = BY_NAME; way < WAYS; way++)
        for (int need = 1; need >= 0; need--)
            for (size_t i = 0; i < kind->field_count; i++)
                if ((kind->fields[i].need != 0) == (need == 1)) try_field(g, i, way);
}

/* ---- Examples and dates ---- */

static void look_at_date(const struct guess *g, struct view text, struct dates *d) {
    const struct zone *zone = &g->im->site->zone;
    int64_t time;
    d->seen++;
    if (text.len > DATE_MOST) return;
    d->usual += time_parse(text, zone, false, &time, NULL) == 0;
    for (size_t i = 0; i < FORMATS; i++) d->fit[i] += time_parse_format(text, formats[i], zone, &time, NULL) == 0;
}

/* The format of all times that are mapped; the usual one needs no saying. */
static void settle_format(struct guess *g) {
    struct dates all = {0};
    for (size_t i = 0; i < g->count; i++) {
        if (g->columns[i].field < 0 || !is_time(g->im->kind->fields[g->columns[i].field].name)) continue;
        all.seen += g->columns[i].dates.seen;
        all.usual += g->columns[i].dates.usual;
        for (size_t k = 0; k < FORMATS; k++) all.fit[k] += g->columns[i].dates.fit[k];
    }
    if (all.seen == 0 || all.usual == all.seen) return;
    for (size_t i = 0; i < FORMATS; i++) {
        if (all.fit[i] < all.seen) continue;
        if (g->format == NULL)
            g->format = formats[i];
        else if (g->format_2 == NULL)
            g->format_2 = formats[i];
    }
}

static void add_example(json_t *list, struct view text) {
    char shown[EXAMPLE_BYTES];
    view_text(text, shown, sizeof shown);
    for (size_t i = 0; i < json_array_size(list); i++)
        if (strcmp(json_string_value(json_array_get(list, i)), shown) == 0) return;
    json_array_append_new(list, json_string(shown));
}

static void look_at_row(struct guess *g) {
    struct import *im = g->im;
    for (size_t i = 0; i < g->count && i < im->row.count; i++) {
        buf_clear(&im->scratch);
        encoding_decode(im->encoding, im->row.fields[i], &im->scratch);
        struct view text = mapping_trim(buf_view(&im->scratch));
        if (text.len == 0) continue;
        look_at_date(g, text, &g->columns[i].dates);
        if (json_array_size(g->columns[i].examples) < EXAMPLES) add_example(g->columns[i].examples, text);
    }
}

static void look_at_rows(struct guess *g) {
    for (size_t i = 0; i < LOOK_ROWS && csv_next(&g->im->csv, &g->im->row); i++) look_at_row(g);
}

/* ---- The proposal ---- */

/* An entry of --map, quoted as CSV where its column has a comma or a quote. */
static void put_entry(struct buf *out, const char *field, struct view column) {
    struct buf entry = BUF_INIT;
    bool quoted = false;
    for (size_t i = 0; i < column.len; i++) quoted = quoted || column.data[i] == ',' || column.data[i] == '"';
    buf_printf(&entry, "%s", field);
    if (!view_is(column, field)) buf_printf(&entry, "=%.*s", (int)column.len, (const char *)column.data);
    if (out->len > 0) buf_append_byte(out, ',');
    if (quoted) buf_append_byte(out, '"');
    for (size_t i = 0; i < entry.len; i++) {
        if (entry.data[i] == '"') buf_append_byte(out, '"');
        buf_append_byte(out, entry.data[i]);
    }
    if (quoted) buf_append_byte(out, '"');
    buf_release(&entry);
}

static void put_map(const struct guess *g, struct buf *out) {
    const struct import_kind *kind = g->im->kind;
    for (size_t f = 0; f < kind->field_count; f++)
        for (size_t i = 0; i < g->count; i++)
            if (g->columns[i].field == (int)f) put_entry(out, kind->fields[f].name, g->names[i]);
}

/* The fields for which no column was found, and which cannot be done without: "amount or unit_price". */
static json_t *missing_of(const struct guess *g) {
    const struct import_kind *kind = g->im->kind;
    json_t *list = json_array();
    for (size_t i = 0; i < kind->field_count; i++) {
        int need = kind->fields[i].need;
        struct buf names = BUF_INIT;
        bool found = need == 0;
        for (size_t k = 0; k < i; k++) found = found || kind->fields[k].need == need;
        for (size_t k = i; !found && k < kind->field_count; k++) {
            if (kind->fields[k].need != need) continue;
            found = taken(g, k);
            buf_printf(&names, "%s%s", names.len > 0 ? " or " : "", kind->fields[k].name);
        }
        if (!found) json_array_append_new(list, json_string(buf_text(&names)));
        buf_release(&names);
    }
    return list;
}

static json_t *column_rows(const struct guess *g) {
    json_t *rows = json_array();
    for (size_t i = g->im->own_columns; i < g->count; i++) {
        const char *field = g->columns[i].field < 0 ? NULL : g->im->kind->fields[g->columns[i].field].name;
        json_array_append_new(rows, json_pack("{s:s%, s:s?, s:O}", "column", g->names[i].data, g->names[i].len, "field",
                                              field, "examples", g->columns[i].examples));
    }
    return rows;
}

static void print_columns(const struct guess *g) {
    struct text_table *table = table_open("column|field|for instance");
    for (size_t i = g->im->own_columns; i < g->count; i++) {
        struct buf line = BUF_INIT;
        size_t k;
        const json_t *one;
        json_array_foreach(g->columns[i].examples, k, one)
            buf_printf(&line, "%s%s", k > 0 ? " | " : "", json_string_value(one));
        table_cell(table, g->names[i]);
        table_text(table, g->columns[i].field < 0 ? "" : g->im->kind->fields[g->columns[i].field].name);
        table_cell(table, buf_view(&line));
        buf_release(&line);
    }
    table_print(table, g->im->call->out);
    table_close(table);
}

static void print_options(const struct guess *g, const char *map, const json_t *missing) {
    FILE *out = g->im->call->out;
    size_t i;
    const json_t *one;
    fprintf(out, "\nThe file is in %s, its columns are divided by %s.\n", encoding_name(g->im->encoding),
            g->im->dialect.delimiter == '\t' ? "tabs" : (const char[]){'"', (char)g->im->dialect.delimiter, '"', '\0'});
    fprintf(out, "%s:\n    --map '%s'%s%s%s\n",
            *map == '\0' ? "No column has a name that says much" : "A likely mapping", map,
            g->format != NULL ? " --date-format '" : "", g->format != NULL ? g->format : "",
            g->format != NULL ? "'" : "");
    if (g->format_2 != NULL) fprintf(out, "The dates may as well be %s: only you can tell.\n", g->format_2);
    json_array_foreach(missing, i, one) fprintf(out, "Missing, say which column it is: %s\n", json_string_value(one));
    fprintf(out, "Look at what would come of it with --dry-run, and keep it with --save-map NAME.\n");
}

static void answer(const struct guess *g) {
    struct call *call = g->im->call;
    struct buf map = BUF_INIT;
    put_map(g, &map);
    json_t *missing = missing_of(g);
    const char delimiter[] = {(char)g->im->dialect.delimiter, '\0'};
    if (call->json) {
        call_json(call, json_pack("{s:o, s:s, s:O, s:s, s:s, s:s?, s:s?}", "columns", column_rows(g), "map",
                                  buf_text(&map), "missing", missing, "encoding", encoding_name(g->im->encoding),
                                  "delimiter", delimiter, "date_format", g->format, "other_date_format", g->format_2));
    } else {
        print_columns(g);
        print_options(g, buf_text(&map), missing);
    }
    json_decref(missing);
    buf_release(&map);
}

/* --map is missing: as much of the proposal as fits into one line. */
static int refuse(const struct guess *g) {
    struct buf map = BUF_INIT, names = BUF_INIT;
    put_map(g, &map);
    for (size_t i = g->im->own_columns; i < g->count; i++)
        buf_printf(&names, "%s%.*s", i == g->im->own_columns ? "" : ", ", (int)g->names[i].len,
                   (const char *)g->names[i].data);
    json_t *missing = missing_of(g);
    const char *open = json_string_value(json_array_get(missing, 0));
    err_set(&g->im->call->error, ERR_INVALID, "map",
            "--map is missing; %s \"%s\"%s%s%s%s; --suggest tells more. The columns: %s",
            open == NULL ? "try" : "part of it may be", buf_text(&map), g->format == NULL ? "" : " --date-format ",
            g->format == NULL ? "" : g->format, open == NULL ? "" : ", which still lacks ", open == NULL ? "" : open,
            buf_text(&names));
    json_decref(missing);
    buf_release(&map);
    buf_release(&names);
    return ERR_INVALID;
}

int import_suggest(struct import *im) {
    struct guess g = {.im = im};
    csv_open(&im->csv, buf_view(&im->content), im->dialect);
    int code = import_header(im, &g.names);
    if (code != 0) return code;
    g.count = im->column_count;
    g.columns = arena_alloc(&im->arena, (g.count + 1) * sizeof *g.columns);
    for (size_t i = 0; i < g.count; i++) {
        /* Columns of ours in a rejects file are nothing. */
        g.columns[i].plain = i < im->own_columns ? view_of("") : plain_name(im, g.names[i]);
        g.columns[i].field = -1;
        g.columns[i].examples = json_array();
        g.columns[i].dates = (struct dates){0};
    }
    look_at_rows(&g);
    pass_over_ids(&g);
    guess_fields(&g);
    settle_format(&g);
    if (im->suggest)
        answer(&g);
    else
        code = refuse(&g);
    for (size_t i = 0; i < g.count; i++) json_decref(g.columns[i].examples);
    return code;
}
