/* Schemas of values: what commands answer, what options take. */
#include <stdlib.h>
#include <string.h>

#include "proto/api/openapi.h"
#include "proto/base/bytes.h"

enum form { FORM_one, FORM_rows };
static const struct {
    const char *words;
    enum form form;
    const char *members;
} results[] = {
#define RESULT(words, form, members) {words, FORM_##form, members},
#include "proto/api/results.def"
};
#define RESULT_COUNT (sizeof results / sizeof *results)

static json_t *kind_schema(struct view kind) {
    static const struct {
        const char *kind, *type, *name, *value;
    } kinds[] = {
        {"text", "string", NULL, NULL},
        {"id", "string", "pattern", OPENAPI_ID},
        {"int", "integer", NULL, NULL},
        {"number", "number", NULL, NULL},
        {"money", "integer", "description", "minor units of the region's currency"},
        {"time", "string", "format", "date-time"},
        {"date", "string", "format", "date"},
        {"bool", "boolean", NULL, NULL},
        {"object", "object", NULL, NULL},
    };
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
        if (view_is(kind, kinds[i].kind))
            return json_pack("{s:s, s:s*}", "type", kinds[i].type, kinds[i].name == NULL ? "x" : kinds[i].name,
                             kinds[i].value);
    return json_object();
}

static void may_be_null(json_t *schema) {
    json_t *type = json_incref(json_object_get(schema, "type"));
    json_object_set_new(schema, "type", json_pack("[o, s]", type, "null"));
}

/* "spend:money?" */
static void add_member(struct view member, json_t *properties, json_t *required) {
    const uint8_t *colon = memchr(member.data, ':', member.len);
    if (colon == NULL) return;
    char name[64];
    view_text(view_make(member.data, (size_t)(colon - member.data)), name, sizeof name);
    struct view kind = view_make(colon + 1, (size_t)(member.data + member.len - colon) - 1);
    bool open = kind.data[0] == '~';
    if (open) kind = view_make(kind.data + 1, kind.len - 1);
    bool list = kind.data[0] == '*', null = kind.data[kind.len - 1] == '?';
    if (list) kind = view_make(kind.data + 1, kind.len - 1);
    if (null) kind.len--;
    json_t *schema = kind_schema(kind);
    if (list) schema = json_pack("{s:s, s:o}", "type", "array", "items", schema);
    if (null) may_be_null(schema);
    json_object_set_new(properties, name, schema);
    if (!open) json_array_append_new(required, json_string(name));
}

static json_t *object_schema(const char *members) {
    json_t *properties = json_object(), *required = json_array();
    while (*members != '\0') {
        size_t len = strcspn(members, " ");
        if (len > 0) add_member(view_make(members, len), properties, required);
        members += len + (members[len] != '\0');
    }
    json_t *schema = json_pack("{s:s}", "type", "object");
    if (json_object_size(properties) > 0) {
        json_object_set(schema, "properties", properties);
        json_object_set(schema, "required", required);
    }
    json_decref(properties);
    json_decref(required);
    return schema;
}

/* "complaint step {id} {step}" without what is left open. */
static size_t fixed_len(const char *words) {
    const char *open = strchr(words, '{');
    size_t len = open == NULL ? strlen(words) : (size_t)(open - words);
    while (len > 0 && words[len - 1] == ' ') len--;
    return len;
}

/* "complaint_show"; of a route there is no such name. */
static bool name_of(size_t i, char out[40]) {
    snprintf(out, 40, "%s", results[i].words);
    for (char *c = out; *c != '\0'; c++)
        if (*c == ' ') *c = '_';
    return strchr(out, '/') == NULL;
}

void openapi_schemas(const struct program *program, json_t *schemas) {
    char name[40];
    for (size_t i = 0; i < RESULT_COUNT; i++)
        if (name_of(i, name) &&
            program_command(program, view_make(results[i].words, strcspn(results[i].words, " "))) != NULL)
            json_object_set_new(schemas, name, object_schema(results[i].members));
}

static json_t *schema_of(size_t i) {
    char name[40];
    json_t *object = name_of(i, name) ? json_pack("{s:s+}", "$ref", "#/components/schemas/", name)
                                      : object_schema(results[i].members);
    return results[i].form == FORM_one ? object : json_pack("{s:s, s:o}", "type", "array", "items", object);
}

static json_t *named(struct view words, bool rows_too) {
    for (size_t i = 0; i < RESULT_COUNT; i++)
        if (view_is(words, results[i].words)) return results[i].form == FORM_one || rows_too ? schema_of(i) : NULL;
    return NULL;
}

static json_t *any_report(void) {
    json_t *list = json_array();
    for (size_t i = 0; i < RESULT_COUNT; i++)
        if (strncmp(results[i].words, "report ", 7) == 0) json_array_append_new(list, schema_of(i));
    return json_pack("{s:o}", "anyOf", list);
}

static json_t *any_replay(const struct program *program, const struct route *route) {
    json_t *list = json_array(), *kinds = openapi_argument(program, route, "kind"), *kind;
    size_t i;
    json_array_foreach(json_object_get(kinds, "enum"), i, kind) {
        json_t *schema = named(view_of(json_string_value(kind)), true);
        if (schema != NULL) json_array_append_new(list, schema);
    }
    json_decref(kinds);
    return json_pack("{s:o}", "anyOf", list);
}

json_t *openapi_result(const struct program *program, const struct route *route) {
    char own[80];
    snprintf(own, sizeof own, "%s %s", http_method_name(route->method), route->path);
    json_t *schema = named(view_of(own), true);
    if (schema != NULL || route->words == NULL) return schema;
    if (strstr(route->words, "report {kind}") != NULL) return any_report();
    if (strncmp(route->words, "replay ", 7) == 0) return any_replay(program, route);
    /* The same words as a list's, but they write. */
    return named(view_make(route->words, fixed_len(route->words)), route->method == HTTP_GET);
}

static json_t *choices(const char *text) {
    json_t *list = json_array();
    while (*text != '\0') {
        size_t len = strcspn(text, "|");
        json_array_append_new(list, json_stringn(text, len));
        text += len + (text[len] != '\0');
    }
    return json_pack("{s:s, s:o}", "type", "string", "enum", list);
}

/* A placeholder that is written in small letters only, with bars between, is the words themselves. */
static bool is_choice(const char *placeholder) {
    return strchr(placeholder, '|') != NULL &&
           strspn(placeholder, "abcdefghijklmnopqrstuvwxyz-|") == strlen(placeholder);
}

json_t *openapi_value(const struct option *option) {
    const char *value = option->value;
    json_t *schema;
    if (value == NULL) return json_pack("{s:s}", "type", "boolean");
    if (strcmp(value, "KEY=VALUE") == 0 || strcmp(option->name, "custom") == 0)
        return json_pack("{s:[s, s, s]}", "type", "object", "array", "string"); /* {KEY: VALUE} */
    if (is_choice(value))
        schema = choices(value);
    else if (strcmp(value, "DATE") == 0)
        schema = json_pack("{s:s, s:s}", "type", "string", "format", "date");
    else if (strcmp(value, "ID") == 0)
        schema = json_pack("{s:s, s:s}", "type", "string", "pattern", OPENAPI_ID);
    else if (strcmp(value, "N") == 0 || strcmp(value, "SEQ") == 0 ||
             (value[0] >= '0' && value[0] <= '9' && strchr(value, 'Q') == NULL))
        schema = json_pack("{s:[s, s]}", "type", "integer", "string");
    else
        schema = json_pack("{s:s}", "type", "string");
    return option->repeats ? json_pack("{s:s, s:o}", "type", "array", "items", schema) : schema;
}
