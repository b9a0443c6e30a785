/* The command `import`: options, the file, the answer. */
#include "node/import.h"

#include <assert.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "node/commands.h"

#define CHUNK ((size_t)1 << 20)
#define PROBLEMS_TOLD 20 /* rejected rows that the answer itself names */
#define PROBLEMS_SHOWN 5 /* … to people */
#define HASH_BYTES 16

static const struct import_kind *const kinds[] = {&import_customers, &import_purchases, &import_contacts,
                                                  &import_complaints, NULL};

/* ---- Options ---- */

static const struct import_kind *find_kind(const char *name) {
    const struct import_kind *const *at = kinds;
    while (*at != NULL && strcmp((*at)->name, name) != 0) at++;
    return *at;
}

static int take_delimiter(struct import *im) {
    const char *text = call_option(im->call, "delimiter");
    im->dialect.delimiter = ',';
    if (text == NULL) return 0;
    bool tab = strcmp(text, "tab") == 0 || strcmp(text, "\\t") == 0;
    im->dialect.delimiter = tab ? '\t' : (uint8_t)text[0];
    if (tab || (strlen(text) == 1 && csv_delimiter((uint8_t)text[0]))) return 0;
    return err_set(&im->call->error, ERR_INVALID, "delimiter",
                   "\"%s\" is not one character that can separate fields, such as ; or tab", text);
}

static int take_mapping(struct import *im) {
    static const struct {
        const char *option;
        int (*add)(struct mapping *m, const char *text, struct err *err);
    } lists[] = {{"map", mapping_add_map}, {"where", mapping_add_where}, {"value", mapping_add_value}};
    struct call *call = im->call;
    mapping_init(&im->mapping, im->kind->fields, im->kind->field_count);
    if (!call_has(call, "map"))
        return err_set(&call->error, ERR_INVALID, "map", "is missing: --map FIELD=COLUMN,… says what the columns are");
    int code = 0;
    for (size_t i = 0; i < sizeof lists / sizeof *lists; i++)
        for (size_t k = 0; code == 0 && k < call_option_count(call, lists[i].option); k++)
            code = lists[i].add(&im->mapping, call_option_at(call, lists[i].option, k), &call->error);
    return code != 0 ? code : mapping_check(&im->mapping, &call->error);
}

/* The source of the refs. A store's code may be as long as a source, then its hash stands for it. */
static int take_source(struct import *im) {
    const char *given = call_option(im->call, "source");
    const char *store = im->site->config.store == NULL ? "" : im->site->config.store;
    struct buf source = BUF_INIT;
    if (given != NULL) {
        buf_printf(&source, "%s", given);
    } else if (strlen(im->kind->name) + 1 + strlen(store) <= REF_SOURCE_MAX) {
        buf_printf(&source, "%s:%s", im->kind->name, store);
    } else {
        struct view hidden = import_hidden(im, "store", view_of(store));
        buf_printf(&source, "%s:%.*s", im->kind->name, (int)hidden.len, (const char *)hidden.data);
    }
    im->source = arena_copy(&im->arena, buf_view(&source));
    buf_release(&source);
    if (im->source.len > 0 && im->source.len <= REF_SOURCE_MAX) return 0;
    return err_set(&im->call->error, ERR_INVALID, "source", "has 1 to %d bytes", REF_SOURCE_MAX);
}

static int take_options(struct import *im) {
    im->date_format = call_option(im->call, "date-format");
    im->dry_run = call_has(im->call, "dry-run");
    int code = take_delimiter(im);
    if (code == 0) code = take_mapping(im);
    if (code == 0) code = encoding_open(call_option(im->call, "encoding"), &im->encoding, &im->call->error);
    if (code == 0) code = take_source(im);
    if (code == 0) im->dialect.double_byte = encoding_double_byte(im->encoding);
    return code;
}

/* ---- The file ---- */

/* Makes room for all of it at once where its size can be told. */
static void reserve_file(struct import *im, FILE *file) {
    long size = fseek(file, 0, SEEK_END) == 0 ? ftell(file) : -1;
    if (size > 0 && (size_t)size <= IMPORT_FILE_MAX) buf_reserve(&im->content, (size_t)size + CHUNK);
    if (size >= 0) rewind(file);
}

static int read_chunks(struct import *im, FILE *file) {
    struct call *call = im->call;
    size_t n = 1;
    while (n > 0 && im->content.len <= IMPORT_FILE_MAX && !call_cancelled(call)) {
        buf_reserve(&im->content, CHUNK);
        n = fread(im->content.data + im->content.len, 1, CHUNK, file);
        im->content.len += n;
    }
    if (call_cancelled(call)) return call_stopped(call);
    if (ferror(file)) return err_set(&call->error, ERR_IO, NULL, "%s could not be read to its end", im->path);
    if (im->content.len <= IMPORT_FILE_MAX) return 0;
    return err_set(&call->error, ERR_LIMIT, NULL, "%s is larger than %zu MiB: divide it, keeping baskets whole",
                   im->path, IMPORT_FILE_MAX >> 20);
}

static int read_file(struct import *im) {
    uint8_t hash[HASH_BYTES];
    FILE *file = call_open(im->call, im->path, "r");
    if (file == NULL) return im->call->error.code;
    reserve_file(im, file);
    int code = read_chunks(im, file);
    fclose(file);
    crypto_generichash(hash, sizeof hash, im->content.data, im->content.len, NULL, 0);
    hex_encode(view_make(hash, sizeof hash), im->file_hash);
    return code;
}

/* ---- The answer ---- */

static json_t *problems(const struct import *im) {
    json_t *list = json_array();
    for (uint32_t row = 0; row < im->row_count && json_array_size(list) < PROBLEMS_TOLD; row++) {
        if (im->rows[row].outcome != ROW_REJECTED) continue;
        struct buf text = BUF_INIT;
        struct view field = im->reasons[im->rows[row].reason].field;
        import_reason_text(im, row, &text);
        json_t *problem =
            json_pack("{s:I, s:s%}", "line", (json_int_t)im->rows[row].line, "reason", buf_text(&text), text.len);
        json_object_set_new(problem, "field",
                            field.data == NULL ? json_null() : json_stringn((const char *)field.data, field.len));
        json_array_append_new(list, problem);
        buf_release(&text);
    }
    return list;
}

static void answer_json(struct import *im, const char *rejects) {
    call_json(im->call, json_pack("{s:I, s:I, s:I, s:I, s:I, s:I, s:s?, s:b, s:o}", "rows", (json_int_t)im->row_count,
                                  "written", (json_int_t)im->outcomes[ROW_WRITTEN], "skipped",
                                  (json_int_t)im->outcomes[ROW_SKIPPED], "events", (json_int_t)im->events, "registered",
                                  (json_int_t)im->registered, "rejected", (json_int_t)im->outcomes[ROW_REJECTED],
                                  "rejects_file", rejects, "dry_run", (int)im->dry_run, "problems", problems(im)));
}

static void put_count(struct buf *out, const char *before, uint64_t count, const char *after) {
    char text[40];
    buf_printf(out, "%s%s%s", before, decimal_format((int64_t)count, 0, true, text), after);
}

static void put_problems(const struct import *im, struct buf *out) {
    uint64_t shown = 0;
    for (uint32_t row = 0; row < im->row_count && shown < PROBLEMS_SHOWN; row++) {
        if (im->rows[row].outcome != ROW_REJECTED) continue;
        buf_printf(out, "  line %u: ", im->rows[row].line);
        import_reason_text(im, row, out);
        buf_append_byte(out, '\n');
        shown++;
    }
    if (im->outcomes[ROW_REJECTED] > shown) put_count(out, "  and ", im->outcomes[ROW_REJECTED] - shown, " more\n");
}

static void answer_people(struct import *im, const char *rejects) {
    struct buf out = BUF_INIT;
    const char *would = im->dry_run ? "would be " : "";
    buf_printf(&out, "%s from %s", im->kind->name, im->path);
    put_count(&out, ": ", im->row_count, im->row_count == 1 ? " row\n" : " rows\n");
    put_count(&out, "  ", im->outcomes[ROW_WRITTEN], " ");
    buf_printf(&out, "%swritten", would);
    put_count(&out, ", as ", im->events, im->events == 1 ? " event" : " events");
    if (im->registered > 0) put_count(&out, "; customers registered: ", im->registered, "");
    put_count(&out, "\n  ", im->outcomes[ROW_SKIPPED], " already here\n");
    put_count(&out, "  ", im->outcomes[ROW_REJECTED], " ");
    buf_printf(&out, "%srejected\n", would);
    put_problems(im, &out);
    if (rejects != NULL)
        buf_printf(&out, "The rejected rows are in %s: correct them there and import that file by the same command.\n",
                   rejects);
    call_progress_end(im->call);
    fwrite(out.data, 1, out.len, im->call->out);
    buf_release(&out);
}

/* ---- The command ---- */

static int import_file(struct import *im) {
    char *rejects = NULL;
    int code = take_options(im);
    if (code == 0) code = read_file(im);
    if (code == 0 && im->kind->begin != NULL) im->kind->begin(im);
    if (code == 0) code = import_read(im);
    if (code == 0) code = im->kind->write(im);
    if (code == 0 && !im->dry_run) code = import_rejects(im, &rejects);
    assert(code != 0 || im->outcomes[ROW_OPEN] == 0); /* every row is accounted for */
    if (code == 0 && im->call->json) answer_json(im, rejects);
    if (code == 0 && !im->call->json) answer_people(im, rejects);
    free(rejects);
    return code;
}

static int run(struct call *call) {
    const struct import_kind *kind = find_kind(call->argv[0]);
    if (kind == NULL)
        return err_set(&call->error, ERR_USAGE, NULL,
                       "\"%s\" cannot be imported: customers, purchases, contacts or complaints", call->argv[0]);
    struct import *im = mem_alloc(sizeof *im);
    im->call = call;
    im->site = call->site;
    im->kind = kind;
    im->path = call->argv[1];
    im->state = mem_alloc(kind->state_size);
    names_init(&im->cards.spellings, call->env);
    names_init(&im->cards.normal, call->env);
    names_init(&im->refs, call->env);
    int code = import_file(im);
    if (kind->end != NULL) kind->end(im);
    import_entries_release(im);
    import_batch_release(im);
    import_cards_release(im);
    import_rows_release(im);
    free(im->state);
    free(im);
    return code;
}

static const struct option options[] = {
    {"map", "FIELD=COLUMN,…", "which column of the file is which field: --map card=Member,name=\"Full name\"", true},
    {"where", "COLUMN=VALUE", "only rows with this value; again for another value or column", true},
    {"value", "FIELD=VALUE:MEANING,…", "what the file's own words mean: --value resolved=Sim:yes,Nao:no", true},
    {"delimiter", "C", "the character between columns, or tab (default ,)", false},
    {"encoding", "E", "how the file's letters are written: utf-8 (default), latin1, windows-1252, gb18030, cp949",
     false},
    {"date-format", "F",
     "how the file writes times, such as %d/%m/%Y %H:%M (default: 2017-06-30 or 2017-06-30 12:00:05)", false},
    {"source", "NAME", "where the rows come from: one ref of one source comes in once (default: kind and store)",
     false},
    {"dry-run", NULL, "write nothing, say what would be", false},
    {NULL, NULL, NULL, false},
};

/* Fields that a kind cannot do without stand first. */
static const struct word words[] = {
    {"FILE", "with a first row of column names; - is standard input"},
    {"purchases", "a row a line of goods. FIELDs: time, sku, amount (of the line) or unit_price; quantity,"},
    {"", "customer (card number, registered when unknown; none: an anonymous sale), basket (rows of"},
    {"", "one basket are one sale), list_price, discount, staff (code)"},
    {"customers", "a row a customer. FIELDs: phone, card or email; every field of the customer file (listed by"},
    {"", "register --help); time (since when this is known), staff, ref (of the row in that source)"},
    {"contacts", "a row a contact. FIELDs: customer (card number), kind, purpose, time; outcome,"},
    {"", "satisfaction (1-5), note, staff, ref"},
    {"complaints", "a row a complaint. FIELDs: opened; subject or text; answered, closed (dates), resolved"},
    {"", "(yes or no), score (1-5), customer (card number), channel, sku, segment, company, staff, ref"},
    {NULL, NULL},
};
static const struct grammar grammar = {words, NULL};

const struct command import_commands[] = {
    {.name = "import",
     .arguments = "(customers|purchases|contacts|complaints) FILE",
     .summary = "Import rows of a CSV file; safe to run again, rejected rows go to a file",
     .needs = NEEDS_SITE,
     .least = 2,
     .most = 2,
     .options = options,
     .run = run,
     .grammar = &grammar},
    {.name = NULL},
};
