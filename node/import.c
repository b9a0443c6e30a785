/* The command `import`. */
#include "node/import.h"

#include <assert.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "node/commands.h"
#include "node/import_maps.h"

#define CHUNK_LEAST ((size_t)64 << 10) /* read at once … */
#define CHUNK_MOST ((size_t)1 << 20)   /* … between two looks at the caller */
#define HASH_BYTES 16

static const struct import_kind *const kinds[] = {&import_customers, &import_purchases, &import_contacts,
                                                  &import_complaints, NULL};

static const struct import_kind *find_kind(const char *name) {
    const struct import_kind *const *at = kinds;
    while (*at != NULL && strcmp((*at)->name, name) != 0) at++;
    return *at;
}

/* ---- The file ---- */

/* Makes room for all of it at once where its size can be told. */
static void reserve_file(struct import *im, FILE *file) {
    long size = fseek(file, 0, SEEK_END) == 0 ? ftell(file) : -1;
    if (size > 0 && (size_t)size <= IMPORT_FILE_MAX) buf_reserve(&im->content, (size_t)size + CHUNK_LEAST);
    if (size >= 0) rewind(file);
}

static int read_chunks(struct import *im, FILE *file) {
    struct call *call = im->call;
    size_t n = 1;
    while (n > 0 && im->content.len <= IMPORT_FILE_MAX && !call_cancelled(call)) {
        buf_reserve(&im->content, CHUNK_LEAST);
        size_t room = im->content.cap - im->content.len;
        n = fread(im->content.data + im->content.len, 1, room < CHUNK_MOST ? room : CHUNK_MOST, file);
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

/* ---- The command ---- */

static int keep_map(struct import *im) {
    struct call *call = im->call;
    const char *name = call_option(call, "save-map"), *used = call_option(call, "use-map");
    if (name == NULL) return 0;
    bool again = used != NULL && strcmp(used, name) == 0;
    return maps_save(im->site, name, im->kind->name, import_options_kept(im), again, &call->error);
}

static int import_rows(struct import *im) {
    char *rejects = NULL;
    if (im->kind->begin != NULL) im->kind->begin(im);
    int code = import_read(im);
    if (code == 0) code = keep_map(im);
    if (code == 0) code = im->kind->write(im);
    if (code == 0 && !im->dry_run) code = import_rejects(im, &rejects);
    assert(code != 0 || im->outcomes[ROW_OPEN] == 0); /* every row is accounted for */
    if (code == 0) import_answer(im, rejects);
    free(rejects);
    return code;
}

static int import_file(struct import *im) {
    int code = import_take_options(im);
    if (code == 0) code = read_file(im);
    if (code == 0) code = import_take_form(im);
    if (code != 0) return code;
    return im->mapped && !im->suggest ? import_rows(im) : import_suggest(im);
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
    im->now = site_now(call->site);
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
    json_decref(im->kept);
    json_decref(im->preview);
    buf_wipe(&im->rejects);
    free(im->state);
    free(im);
    return code;
}

static const struct option options[] = {
    {"map", "FIELD=COLUMN,…",
     "which column of the file is which field: --map card=Member,name=First+Last,phone (of the same name)", true},
    {"suggest", NULL, "write nothing: show the columns of the file, and the mapping they seem to want", false},
    {"where", "COLUMN=VALUE", "only rows with this value; again for another value or column", true},
    {"value", "FIELD=VALUE:MEANING,…", "what the file's own words mean: --value resolved=Sim:yes,Nao:no", true},
    {"delimiter", "C", "the character between columns, or tab (default: found in the file)", false},
    {"encoding", "E",
     "how the file's letters are written: utf-8, latin1, windows-1252, gb18030, cp949 (default: found in the file)",
     false},
    {"date-format", "F",
     "how the file writes times, such as %d/%m/%Y %H:%M (default: 2017-06-30 or 2017-06-30 12:00:05)", false},
    {"source", "NAME", "where the rows come from: one ref of one source comes in once (default: kind and store)",
     false},
    {"save-map", "NAME", "keep these options for the next file of the kind (`mappings` lists them)", false},
    {"use-map", "NAME", "take the options kept under this name, where none are given", false},
    {"dry-run", NULL, "write nothing, say what would be", false},
    {"preview", "N", "a dry run: how many of the events to show (default 5)", false},
    {NULL, NULL, NULL, false},
};

/* Fields that a kind cannot do without stand first. */
static const struct word words[] = {
    {"FILE", "with a first row of column names; - is standard input"},
    {"purchases", "a row a line of goods. FIELDs: time, sku, amount (of the line) or unit_price; quantity,"},
    {"", "customer (card number, registered when unknown; none: an anonymous sale), phone (where"},
    {"", "there is no card), basket (rows of one basket are one sale), kind (purchase or return),"},
    {"", "list_price, list_amount (of the line), discount, cost (of the line) or unit_cost, sessions (of a"},
    {"", "package), staff (code), care_told, card_given, voided (yes, no), sale (of a return: what stands"},
    {"", "in the basket column of the purchase that it is of). Of what comes back quantity and amount are both"},
    {"", "below zero; a coupon may be a line of its own in a sale"},
    {"customers", "a row a customer. FIELDs: phone, card or email; every field of the customer file (listed by"},
    {"", "register --help); time (since when this is known), staff, told (yes, no),"},
    {"", "referred_by (card number of who brought her, at her registration), ref (of the row)"},
    {"contacts", "a row a contact. FIELDs: customer (card number) or phone, kind, purpose, time; outcome,"},
    {"", "satisfaction (1-5), minutes, matter (store, region, company), answers, note, staff, ref,"},
    {"", "voided (yes, no)"},
    {"complaints", "a row a complaint. FIELDs: opened; subject or text; answered, closed (dates), resolved"},
    {"", "(yes or no), score (1-5), customer (card number), phone, channel, level, sku, segment, company,"},
    {"", "settlement and cost (what was given at closing), cause (a word), staff, ref"},
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
    {.name = "mappings",
     .arguments = "[remove NAME]",
     .summary = "the mappings kept for imports",
     .needs = NEEDS_SITE,
     .most = 2,
     .run = maps_command,
     .grammar = &maps_grammar},
    {.name = NULL},
};
