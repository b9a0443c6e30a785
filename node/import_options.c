/* What an import is told: by its options, by the mapping kept under a name, and by the file itself where both leave it
 * open. */
#include <stdlib.h>
#include <string.h>

#include "node/detect.h"
#include "node/import.h"
#include "node/import_maps.h"

#define WIDE_SURE 6 /* so many characters in well-formed UTF-8, and nothing else beyond ASCII, are no accident */
#define SHOWN_BYTES 40

/* ---- Options, given or kept ---- */

static const json_t *kept(const struct import *im, const char *name) {
    return call_has(im->call, name) ? NULL : json_object_get(im->kept, name);
}

const char *import_option(const struct import *im, const char *name) {
    const json_t *value = kept(im, name);
    return value != NULL ? json_string_value(value) : call_option(im->call, name);
}

static size_t option_count(const struct import *im, const char *name) {
    const json_t *list = kept(im, name);
    return list != NULL ? json_array_size(list) : call_option_count(im->call, name);
}

static const char *option_at(const struct import *im, const char *name, size_t index) {
    const json_t *list = kept(im, name);
    return list != NULL ? json_string_value(json_array_get(list, index)) : call_option_at(im->call, name, index);
}

static int take_kept(struct import *im) {
    const char *name = call_option(im->call, "use-map");
    return name == NULL ? 0 : maps_find(im->site, name, im->kind->name, &im->kept, &im->call->error);
}

json_t *import_options_kept(const struct import *im) {
    static const char *const lists[] = {"map", "where", "value"};
    static const char *const single[] = {"delimiter", "encoding", "date-format", "source"};
    json_t *options = json_object();
    for (size_t i = 0; i < sizeof lists / sizeof *lists; i++) {
        json_t *list = json_array();
        for (size_t k = 0; k < option_count(im, lists[i]); k++)
            json_array_append_new(list, json_string(option_at(im, lists[i], k)));
        if (json_array_size(list) > 0) json_object_set(options, lists[i], list);
        json_decref(list);
    }
    for (size_t i = 0; i < sizeof single / sizeof *single; i++) {
        const char *value = import_option(im, single[i]);
        if (value != NULL) json_object_set_new(options, single[i], json_string(value));
    }
    return options;
}

/* ---- Taking them ---- */

static int take_delimiter(struct import *im) {
    const char *text = import_option(im, "delimiter");
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
    struct err *err = &im->call->error;
    int code = 0;
    for (size_t i = 0; i < sizeof lists / sizeof *lists; i++)
        for (size_t k = 0; code == 0 && k < option_count(im, lists[i].option); k++)
            code = lists[i].add(&im->mapping, option_at(im, lists[i].option, k), err);
    im->mapped = option_count(im, "map") > 0;
    return code == 0 && im->mapped && !im->suggest ? mapping_check(&im->mapping, err) : code;
}

/* The source of the refs. A store's code may be as long as a source, then its hash stands for it. */
static int take_source(struct import *im) {
    const char *given = import_option(im, "source");
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

int import_take_options(struct import *im) {
    struct call *call = im->call;
    im->dry_run = call_has(call, "dry-run");
    im->suggest = call_has(call, "suggest");
    mapping_init(&im->mapping, im->kind->fields, im->kind->field_count);
    int code = take_kept(im);
    if (code == 0 && call_has(call, "save-map")) code = maps_name(call_option(call, "save-map"), &call->error);
    if (code == 0) code = call_number(call, "preview", 0, PREVIEW_MOST, PREVIEW_USUAL, &im->preview_most);
    if (code == 0) code = take_delimiter(im);
    if (code == 0) code = take_mapping(im);
    if (code == 0 && import_option(im, "encoding") != NULL)
        code = encoding_open(import_option(im, "encoding"), &im->encoding, &call->error);
    if (code == 0) code = take_source(im);
    im->date_format = import_option(im, "date-format");
    return code;
}

/* ---- What the file tells ---- */

/* Two bytes a character: what Excel calls "Unicode text". */
static bool looks_wide(struct view content) {
    if (content.len < 2) return false;
    bool mark =
        (content.data[0] == 0xFF && content.data[1] == 0xFE) || (content.data[0] == 0xFE && content.data[1] == 0xFF);
    return mark || content.data[0] == 0 || content.data[1] == 0;
}

static int refuse_file(struct import *im, const char *what) {
    return err_set(&im->call->error, ERR_FORMAT, NULL, "%s %s", im->path, what);
}

/* The first word with letters beyond ASCII, in some encoding. */
static void put_sample(struct import *im, const char *encoding, struct buf *out) {
    static const char ends[] = ",;|\t\r\n\"";
    const uint8_t *start = im->content.data, *end = start + im->content.len, *at = start;
    struct encoding *e;
    while (at != end && *at < 0x80) at++;
    const uint8_t *from = at;
    while (from != start && at - from < SHOWN_BYTES && memchr(ends, from[-1], sizeof ends) == NULL) from--;
    while (at != end && at - from < SHOWN_BYTES && memchr(ends, *at, sizeof ends) == NULL) at++;
    if (encoding_open(encoding, &e, NULL) != 0) return;
    encoding_decode(e, view_make(from, (size_t)(at - from)), out);
    encoding_close(e);
}

static int ask_encoding(struct import *im, const struct detected *found) {
    struct buf one = BUF_INIT, other = BUF_INIT;
    put_sample(im, found->encoding, &one);
    put_sample(im, found->rival, &other);
    err_set(
        &im->call->error, ERR_INVALID, "encoding",
        "%s is not UTF-8 and does not tell what else: say --encoding %s if \"%s\" is right, %s if \"%s\" is, or the "
        "one it is in",
        im->path, found->encoding, buf_text(&one), found->rival, buf_text(&other));
    buf_release(&one);
    buf_release(&other);
    return ERR_INVALID;
}

/* An encoding was named: a file that is UTF-8 beyond doubt would come in as nonsense. */
static int doubt_encoding(struct import *im, const struct detected *found) {
    const char *named = encoding_name(im->encoding);
    if (found->wide < WIDE_SURE || strcmp(named, "UTF-8") == 0) return 0;
    return err_set(&im->call->error, ERR_INVALID, "encoding", "%s is in UTF-8, not in %s: leave --encoding out",
                   im->path, named);
}

static int take_encoding(struct import *im) {
    struct detected found;
    detect_encoding(buf_view(&im->content), im->site->config.country, &found);
    if (im->encoding != NULL) return doubt_encoding(im, &found);
    im->encoding_found = true;
    if (found.rival != NULL) return ask_encoding(im, &found);
    return encoding_open(found.encoding, &im->encoding, &im->call->error);
}

static bool header_fits(void *context, const struct view *header, size_t count) {
    struct import *im = context;
    struct view *texts = mem_alloc((count + 1) * sizeof *texts);
    struct buf names = BUF_INIT;
    size_t *ends = mem_alloc((count + 1) * sizeof *ends);
    for (size_t i = 0; i < count; i++) {
        encoding_decode(im->encoding, header[i], &names);
        ends[i] = names.len;
    }
    for (size_t i = 0; i < count; i++) {
        size_t start = i == 0 ? 0 : ends[i - 1];
        texts[i] = mapping_trim(view_make(buf_view(&names).data + start, ends[i] - start));
    }
    bool fits = im->mapped && mapping_bind(&im->mapping, texts, count, NULL) == 0;
    buf_release(&names);
    free(texts);
    free(ends);
    return fits;
}

int import_take_form(struct import *im) {
    if (im->content.len == 0) return refuse_file(im, "is empty");
    if (looks_wide(buf_view(&im->content))) return refuse_file(im, "is in UTF-16: save it as CSV in UTF-8");
    int code = take_encoding(im);
    if (code != 0) return code;
    im->dialect.double_byte = encoding_double_byte(im->encoding);
    if (im->dialect.delimiter == 0)
        im->dialect.delimiter = detect_delimiter(buf_view(&im->content), im->dialect.double_byte, header_fits, im);
    return 0;
}
