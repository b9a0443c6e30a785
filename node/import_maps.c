#include "node/import_maps.h"

#include <stdlib.h>
#include <string.h>

#include "proto/base/text.h"
#include "proto/command/ask.h"
#include "proto/command/listing.h"

#define VALUE_NAME "import mappings"

static int load(struct site *site, json_t **out, struct err *err) {
    struct buf text = BUF_INIT;
    int code = site->log->ops->value(site->log, view_of(VALUE_NAME), &text);
    *out = code == 0 ? json_loadb((const char *)text.data, text.len, 0, NULL) : NULL;
    buf_release(&text);
    if (code != 0 && code != ERR_NOT_FOUND) return err_set(err, code, NULL, "the mappings could not be read");
    if (!json_is_object(*out)) {
        json_decref(*out);
        *out = json_object();
    }
    return 0;
}

static int store(struct site *site, const json_t *all, struct err *err) {
    char *text = json_dumps(all, JSON_COMPACT | JSON_SORT_KEYS);
    struct log_value value = {view_of(VALUE_NAME), view_of(text)};
    int code = site_set_values(site, &value, 1, err);
    free(text);
    return code;
}

int maps_name(const char *name, struct err *err) {
    static const char others[] = "-_.";
    size_t len = strlen(name);
    bool good = len > 0 && len <= MAPS_NAME_MAX && utf8_valid(view_of(name)) && strchr(others, name[0]) == NULL;
    for (size_t i = 0; good && i < len; i++) {
        uint8_t c = (uint8_t)name[i];
        good = c >= 0x80 || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
               strchr(others, c) != NULL;
    }
    return good ? 0
                : err_set(err, ERR_INVALID, "save-map", "a name has 1 to %d bytes: letters, digits, and - _ . inside",
                          MAPS_NAME_MAX);
}

static void put_names(const json_t *all, struct buf *out) {
    const char *name;
    json_t *entry;
    json_object_foreach((json_t *)(uintptr_t)all, name, entry) buf_printf(out, "%s%s", out->len > 0 ? ", " : "", name);
    if (out->len == 0) buf_printf(out, "none");
}

static int not_there(const json_t *all, const char *field, const char *name, struct err *err) {
    struct buf names = BUF_INIT;
    put_names(all, &names);
    err_set(err, ERR_NOT_FOUND, field, "there is no mapping %s; there are: %s", name, buf_text(&names));
    buf_release(&names);
    return ERR_NOT_FOUND;
}

int maps_find(struct site *site, const char *name, const char *kind, json_t **options, struct err *err) {
    json_t *all;
    *options = NULL;
    int code = load(site, &all, err);
    if (code != 0) return code;
    const json_t *entry = json_object_get(all, name);
    const char *its_kind = json_string_value(json_object_get(entry, "kind"));
    if (entry == NULL)
        code = not_there(all, "use-map", name, err);
    else if (its_kind == NULL || strcmp(its_kind, kind) != 0)
        code = err_set(err, ERR_INVALID, "use-map", "the mapping %s is for %s", name, its_kind);
    else
        *options = json_deep_copy(json_object_get(entry, "options"));
    json_decref(all);
    return code;
}

static int may_save(const json_t *all, const char *name, const char *kind, const json_t *options, bool again,
                    struct err *err) {
    const json_t *entry = json_object_get(all, name);
    if (entry == NULL && json_object_size(all) >= MAPS_MOST)
        return err_set(err, ERR_LIMIT, "save-map", "%d mappings are kept already: `mappings DIR remove NAME`",
                       MAPS_MOST);
    const char *its_kind = json_string_value(json_object_get(entry, "kind"));
    bool same =
        its_kind != NULL && strcmp(its_kind, kind) == 0 && json_equal(json_object_get(entry, "options"), options);
    if (entry == NULL || same || again) return 0;
    return err_set(
        err, ERR_EXISTS, "save-map",
        "there is another mapping %s, of %s, which stays: give --use-map %s too to replace it, or another name", name,
        its_kind == NULL ? "something" : its_kind, name);
}

int maps_save(struct site *site, const char *name, const char *kind, json_t *options, bool again, struct err *err) {
    json_t *all;
    int code = load(site, &all, err);
    if (code == 0) code = may_save(all, name, kind, options, again, err);
    if (code == 0) {
        json_object_set_new(
            all, name,
            json_pack("{s:s, s:I, s:O}", "kind", kind, "saved", (json_int_t)site_now(site), "options", options));
        code = store(site, all, err);
    }
    json_decref(all);
    json_decref(options);
    return code;
}

/* ---- The command ---- */

static const struct column columns[] = {
    {"name", "name", COLUMN_TEXT},     {"of", "kind", COLUMN_TEXT}, {"saved", "saved", COLUMN_TIME},
    {"options", "words", COLUMN_TEXT}, {NULL, NULL, COLUMN_TEXT},
};

/* Between single quotes, as a shell takes it. */
static void put_quoted(struct buf *out, const char *text) {
    buf_append_byte(out, '\'');
    for (; *text != '\0'; text++) {
        if (*text == '\'') buf_printf(out, "'\\'");
        buf_append_byte(out, (uint8_t)*text);
    }
    buf_append_byte(out, '\'');
}

static void put_option(struct buf *out, const char *name, const json_t *value) {
    buf_printf(out, "%s--%s ", out->len > 0 ? " " : "", name);
    put_quoted(out, json_string_value(value));
}

static json_t *words_of(const json_t *options) {
    struct buf text = BUF_INIT;
    const char *name;
    json_t *value;
    json_object_foreach((json_t *)(uintptr_t)options, name, value) {
        size_t i;
        const json_t *one;
        if (json_is_string(value)) put_option(&text, name, value);
        json_array_foreach(value, i, one) put_option(&text, name, one);
    }
    json_t *words = json_string(buf_text(&text));
    buf_release(&text);
    return words;
}

static int list_maps(struct call *call) {
    json_t *all, *entry;
    const char *name;
    int code = load(call->site, &all, &call->error);
    if (code != 0) return code;
    struct listing *listing = listing_open(call, columns);
    json_object_foreach(all, name, entry) {
        json_t *options = json_object_get(entry, "options");
        int64_t saved = (int64_t)json_integer_value(json_object_get(entry, "saved"));
        listing_add(listing,
                    json_pack("{s:s, s:O, s:o, s:o, s:O}", "name", name, "kind", json_object_get(entry, "kind"),
                              "saved", ask_time(call, saved), "words", words_of(options), "options", options));
    }
    listing_close(listing, "no mappings are kept: `import … --save-map NAME` keeps one");
    json_decref(all);
    return 0;
}

static int remove_map(struct call *call, const char *name) {
    json_t *all;
    int code = load(call->site, &all, &call->error);
    if (code != 0) return code;
    if (json_object_del(all, name) != 0)
        code = not_there(all, NULL, name, &call->error);
    else
        code = store(call->site, all, &call->error);
    json_decref(all);
    if (code != 0) return code;
    if (call->json)
        call_json(call, json_pack("{s:s}", "removed", name));
    else
        fprintf(call->out, "the mapping %s is no longer kept\n", name);
    return 0;
}

int maps_command(struct call *call) {
    if (call->argc == 0) return list_maps(call);
    if (strcmp(call->argv[0], "remove") != 0)
        return err_set(&call->error, ERR_USAGE, NULL, "\"%s\" is not known here: `mappings DIR remove NAME`",
                       call->argv[0]);
    if (call->argc == 1) return err_set(&call->error, ERR_USAGE, NULL, "the name of the mapping is missing");
    return remove_map(call, call->argv[1]);
}

static const struct word words[] = {
    {"", "lists the mappings that `import … --save-map NAME` has kept, for --use-map NAME"},
    {"remove NAME", "keeps one no longer"},
    {NULL, NULL},
};
const struct grammar maps_grammar = {words, NULL};
