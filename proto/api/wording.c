#include "proto/api/wording.h"

#include <stdlib.h>

#include "proto/api/bounds.h"
#include "proto/command/parse.h"

static void put(struct wording *words, const char *format, ...) __attribute__((format(printf, 2, 3)));
static void put(struct wording *words, const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    buf_vprintf(&words->text, format, arguments);
    va_end(arguments);
    buf_append_byte(&words->text, '\0');
    words->count++;
}

/* Fields of a request that are not the command's. */
static const char *const reserved[] = {"limit", "cursor"};

static bool is_reserved(const struct asking *asking, const char *name) {
    if (asking->request->method != HTTP_GET && (asking->route->flags & ROUTE_PREVIEW) == 0) return false;
    for (size_t i = 0; i < sizeof reserved / sizeof *reserved; i++)
        if (strcmp(reserved[i], name) == 0) return true;
    return false;
}

/* Amounts are typed in the region's currency, and counted in its minor units by programs. */
static bool is_money(const char *option) { return strcmp(option, "cost") == 0; }

static bool is_off(const struct field *field) {
    return field->kind == FIELD_FALSE || strcmp(field->value, "false") == 0 || strcmp(field->value, "no") == 0 ||
           strcmp(field->value, "0") == 0;
}

static int put_switch(struct wording *words, const struct field *field, struct err *err) {
    bool on = field->kind == FIELD_TRUE || *field->value == '\0' || strcmp(field->value, "true") == 0 ||
              strcmp(field->value, "yes") == 0 || strcmp(field->value, "1") == 0;
    if (!on && !is_off(field))
        return err_set(err, ERR_INVALID, field->name, "is true or false, not '%s'", field->value);
    if (on) put(words, "--%s", field->name);
    return 0;
}

/* An employee writes under the own name; who answers for others may name them. */
static int check_staff(const struct asking *asking, const struct field *field, struct err *err) {
    const struct identity *who = asking->who;
    if (asking->request->method == HTTP_GET || who->token || strcmp(field->value, who->staff) == 0) return 0;
    if (guard_may(who, MAY(manager) | MAY(it))) return 0;
    return err_set(err, ERR_AUTH, "staff", "only a manager writes under another's name");
}

/* An account of one store asks the hub about that store only. */
static int put_store(const struct asking *asking, const struct fields *fields, struct wording *words, struct err *err) {
    const char *store = asking->who->store;
    bool named = false;
    if (!bounds_bound(asking->program, asking->who)) return 0;
    if ((bounds_flags(asking->program, asking->route, &asking->request->target) & ROUTE_OF_STORE) == 0) return 0;
    for (size_t i = 0; i < fields->count; i++) {
        if (strcmp(fields->list[i].name, "store") != 0) continue;
        if (strcmp(fields->list[i].value, store) != 0)
            return err_set(err, ERR_AUTH, "store", "this account is of store %s only", store);
        named = true;
    }
    if (!named) put(words, "--store=%s", store);
    return 0;
}

/* Who somebody is made: of the staff nothing beyond one's own role. */
static int check_role(const struct asking *asking, const struct command *command, const struct field *field,
                      struct err *err) {
    if (strcmp(field->name, "role") != 0 || strcmp(command->name, "staff") != 0 ||
        asking->request->method == HTTP_GET || bounds_may_give(asking->who, field->value))
        return 0;
    return err_set(err, ERR_AUTH, "role", "you may not make anybody this; IT may");
}

/* "staff=boss" would be an option and its value, and what is said of everybody's options is not for a request. */
static bool is_name(const char *text) {
    if (strcmp(text, "json") == 0 || strcmp(text, "help") == 0 || strcmp(text, "version") == 0) return false;
    for (const char *c = text; *c != '\0'; c++)
        if (*c == '=' || (uint8_t)*c <= ' ') return false;
    return true;
}

static int put_field(const struct asking *asking, const struct command *command, const struct field *field,
                     struct wording *words, struct err *err) {
    struct option option = {.name = NULL};
    if (!is_name(field->name)) return err_set(err, ERR_USAGE, NULL, "there is no such field here");
    char money[40];
    bool known = option_find(command, field->name, &option);
    if (route_withholds(command, field->name) || (known && option.value != NULL && strcmp(option.value, "FILE") == 0))
        return err_set(err, ERR_USAGE, field->name, "is for the command line only");
    if (known && strcmp(field->name, "staff") == 0) {
        int code = check_staff(asking, field, err);
        if (code != 0) return code;
    }
    if (check_role(asking, command, field, err) != 0) return ERR_AUTH;
    if (field->kind == FIELD_NULL) {
        if (option_find(command, "clear", &option)) put(words, "--clear=%s", field->name);
        return 0;
    }
    if (known && option.value == NULL) return put_switch(words, field, err);
    if (field->kind == FIELD_NUMBER && is_money(field->name)) {
        if (!api_money(strtoll(field->value, NULL, 10), asking->decimals, money))
            return err_set(err, ERR_INVALID, field->name, "the amount is too large");
        put(words, "--%s=%s", field->name, money);
        return 0;
    }
    bool truth = field->kind == FIELD_TRUE || field->kind == FIELD_FALSE;
    put(words, "--%s=%s", field->name, !truth ? field->value : field->kind == FIELD_TRUE ? "yes" : "no");
    return 0;
}

static bool given(const struct fields *fields, const char *name) {
    for (size_t i = 0; i < fields->count; i++)
        if (strcmp(fields->list[i].name, name) == 0) return true;
    return false;
}

/* An option that the request itself does not name, and that the command takes with these words. */
static bool is_open(const struct asking *asking, const struct command *command, const struct fields *fields,
                    const char *name) {
    struct option option;
    return !given(fields, name) && option_find(command, name, &option) && route_takes(asking->route, command, name);
}

/* Does the question list so many rows? A replay's route leaves its kind open: of its lists, only the ranking does. */
static bool counts_rows(const struct asking *asking, const struct command *command, const struct fields *fields) {
    struct view kind = view_of("kind");
    if (!is_open(asking, command, fields, "top")) return false;
    if (strcmp(command->name, "replay") != 0) return true;
    const char *asked = route_piece(asking->route, &asking->request->target, kind);
    for (size_t i = 0; i < fields->count && asked == NULL; i++)
        if (view_is(kind, fields->list[i].name)) asked = fields->list[i].value;
    return asked != NULL && strcmp(asked, "vip") == 0;
}

/* What the request does not say, but who asks, and how. */
static void put_implied(const struct asking *asking, const struct command *command, const struct fields *fields,
                        struct wording *words) {
    const struct identity *who = asking->who;
    bool writes = asking->request->method != HTTP_GET && (asking->route->flags & ROUTE_PREVIEW) == 0;
    if (writes && who->staff[0] != '\0' && is_open(asking, command, fields, "staff"))
        put(words, "--staff=%s", who->staff);
    if (writes && asking->ref != NULL && is_open(asking, command, fields, "ref")) put(words, "--ref=%s", asking->ref);
    if (asking->rows > 0 && counts_rows(asking, command, fields)) put(words, "--top=%zu", asking->rows);
}

/* What the command reads as a file: {"set": {KEY: VALUE}} as a policy, "secret" as a password. */
static int put_file(const struct asking *asking, struct fields *fields, struct wording *words, struct err *err) {
    bool secret = (asking->route->flags & ROUTE_SECRET) != 0;
    const char *name = secret ? "secret" : "set";
    if (!secret && (asking->route->flags & ROUTE_PREVIEW) == 0) return 0;
    struct field *field;
    size_t count = 0;
    for (; (field = fields_find(fields, view_of(name))) != NULL; count++) {
        field->taken = true;
        if (strpbrk(field->value, "\r\n") != NULL) return err_set(err, ERR_INVALID, name, "has more than one line");
        buf_printf(&words->file, "%s\n", field->value);
    }
    if (count == 1 || (!secret && count > 0)) return 0;
    return err_set(err, ERR_INVALID, name, count == 0 ? "is missing" : "is given twice");
}

static int put_options(const struct asking *asking, const struct command *command, struct fields *fields,
                       struct wording *words, struct err *err) {
    int code = 0;
    for (size_t i = 0; i < fields->count && code == 0; i++) {
        const struct field *field = &fields->list[i];
        if (!field->taken && !is_reserved(asking, field->name)) code = put_field(asking, command, field, words, err);
    }
    if (code == 0) code = put_store(asking, fields, words, err);
    if (code == 0) put_implied(asking, command, fields, words);
    return code;
}

/* One word behind the command: as it stands, of the path, or of a field. */
static int put_argument(const struct asking *asking, struct view word, struct fields *fields, struct wording *arguments,
                        struct err *err) {
    if (word.data[0] != '{') {
        put(arguments, "%.*s", (int)word.len, (const char *)word.data);
        return 0;
    }
    bool optional = word.data[word.len - 2] == '?';
    struct view name = view_make(word.data + 1, word.len - (optional ? 3 : 2));
    const char *piece = route_piece(asking->route, &asking->request->target, name);
    struct field *field = piece != NULL ? NULL : fields_find(fields, name);
    char text[32];
    if (piece == NULL && (field == NULL || field->kind == FIELD_NULL || *field->value == '\0')) {
        if (field != NULL) field->taken = true;
        return optional ? 0 : err_set(err, ERR_INVALID, view_text(name, text, sizeof text), "is missing");
    }
    if (field != NULL) field->taken = true;
    put(arguments, "%s", piece != NULL ? piece : field->value);
    return 0;
}

static int put_arguments(const struct asking *asking, struct fields *fields, struct wording *options,
                         struct wording *arguments, struct err *err) {
    const char *rest = asking->route->words + strcspn(asking->route->words, " ");
    int code = 0;
    while (*rest != '\0' && code == 0) {
        rest++;
        size_t len = strcspn(rest, " ");
        if (strncmp(rest, "--", 2) == 0)
            put(options, "%.*s", (int)len, rest);
        else
            code = put_argument(asking, view_make(rest, len), fields, arguments, err);
        rest += len;
    }
    return code;
}

static int take_fields(const struct asking *asking, struct fields *fields, struct err *err) {
    const struct http_request *request = asking->request;
    if (request->method == HTTP_GET || (asking->route->flags & ROUTE_FILE) != 0)
        return fields_query(fields, &request->target, err);
    if (request->target.pair_count > 0 && (asking->route->flags & ROUTE_PREVIEW) == 0)
        return err_set(err, ERR_USAGE, request->target.pairs[0].name, "belongs into the body, not into the address");
    return fields_json(fields, buf_view(&request->body), err);
}

int wording_make(const struct asking *asking, struct wording *out, struct err *err) {
    const struct command *command = route_command(asking->program, asking->route);
    struct fields fields = {.decimals = asking->decimals};
    struct wording arguments = {.count = 0};
    *out = (struct wording){.count = 0};
    put(out, "%s", asking->program->name);
    bool export = strcmp(command->name, "export") == 0 || strcmp(command->name, "replay") == 0;
    if (asking->csv && !export) {
        put(out, "export");
        put(&arguments, "%s", command->name);
    } else {
        put(out, "%s", command->name);
    }
    put(out, asking->csv ? "--csv" : "--json");
    int code = take_fields(asking, &fields, err);
    if (code == 0) code = put_arguments(asking, &fields, out, &arguments, err);
    if (code == 0) code = put_file(asking, &fields, out, err);
    if (code == 0) code = put_options(asking, command, &fields, out, err);
    put(out, "--");
    buf_append_view(&out->text, buf_view(&arguments.text));
    out->count += arguments.count;
    if ((asking->route->flags & ROUTE_FILE) != 0) buf_append_view(&out->file, buf_view(&asking->request->body));
    wording_release(&arguments);
    fields_release(&fields);
    if (code != 0) wording_release(out);
    return code;
}

const char **wording_list(const struct wording *words) {
    const char **list = mem_alloc(((size_t)words->count + 1) * sizeof *list);
    const char *word = (const char *)words->text.data;
    for (int i = 0; i < words->count; i++) {
        list[i] = word;
        word += strlen(word) + 1;
    }
    return list;
}

/* Of the words, `--line=TEXT` whose text stands at the beginning of what is said: 'TEXT': … */
static bool name_line(const struct wording *words, struct err *fault) {
    const char *word = (const char *)words->text.data;
    const struct view said = view_of(fault->text);
    size_t at = 0;
    for (int i = 0; i < words->count; i++, word += strlen(word) + 1) {
        if (strncmp(word, "--line=", 7) != 0) continue;
        struct buf quoted = BUF_INIT;
        buf_printf(&quoted, "'%s': ", word + 7);
        size_t len = quoted.len;
        bool this = said.len > len && memcmp(said.data, quoted.data, len) == 0;
        buf_wipe(&quoted);
        if (this) {
            snprintf(fault->field, sizeof fault->field, "lines[%zu]", at);
            memmove(fault->text, fault->text + len, said.len - len + 1);
            return true;
        }
        at++;
    }
    return false;
}

void wording_fault(const struct wording *words, struct err *fault) {
    static const char typed[] = "SKU,QTY,AMOUNT", named[] = "sku, quantity and amount";
    bool line = strcmp(fault->field, "line") == 0;
    if (line && !name_line(words, fault)) snprintf(fault->field, sizeof fault->field, "lines");
    char *found = line ? strstr(fault->text, typed) : NULL;
    if (found != NULL && found[sizeof typed - 1] == '\0')
        snprintf(found, sizeof fault->text - (size_t)(found - fault->text), "%s", named);
    for (char *c = fault->text; *c != '\0'; c++)
        if (c[0] == '-' && c[1] == '-' && c[2] >= 'A' && (c == fault->text || strchr(" (`", c[-1]) != NULL))
            memmove(c, c + 2, strlen(c + 2) + 1);
}

void wording_release(struct wording *words) {
    buf_wipe(&words->text);
    buf_wipe(&words->file);
    words->count = 0;
}
