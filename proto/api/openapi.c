#include "proto/api/openapi.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "proto/command/parse.h"
#include "proto/event/describe.h"

static json_t *refer(const char *section, const char *name) {
    return json_pack("{s:s+++}", "$ref", "#/components/", section, "/", name);
}

/* ---- What a request may say ---- */

static bool is_local(const struct command *command, const struct option *option) {
    if (option->value != NULL && strcmp(option->value, "FILE") == 0) return true;
    return route_withholds(command, option->name) || strcmp(option->name, "csv") == 0;
}

static void add_option(json_t *properties, const struct option *option) {
    json_t *schema = openapi_value(option);
    json_object_set_new(schema, "description", json_string(option->help));
    json_object_set_new(properties, option->name, schema);
}

/* The options that a route's command takes with its words, by name. */
static json_t *options_of(const struct command *command, const struct route *route) {
    json_t *properties = json_object();
    const struct option *lists[] = {command->options, command->more};
    for (size_t i = 0; i < 2; i++)
        for (const struct option *o = lists[i]; o != NULL && o->name != NULL; o++)
            if (!is_local(command, o) && route_takes(route, command, o->name)) add_option(properties, o);
    if (command->borrows == BORROWS_FILE) {
        const struct event_info *file = event_info(EVENT_registered);
        for (size_t i = file->count - file->sealed_count; i < file->count; i++)
            add_option(properties, &(struct option){file->fields[i].name, "TEXT", file->fields[i].doc, false});
    }
    return properties;
}

/* Words of a route that come from neither its path nor a constant: members of the body. */
static void add_arguments(const struct program *program, const struct route *route, json_t *properties,
                          json_t *required) {
    for (const char *open = route->words; (open = strchr(open, '{')) != NULL; open++) {
        size_t len = strcspn(open + 1, "}");
        bool optional = open[len] == '?';
        char name[48], in_path[52];
        view_text(view_make(open + 1, len - optional), name, sizeof name);
        snprintf(in_path, sizeof in_path, "{%s}", name);
        if (strstr(route->path, in_path) != NULL) continue;
        json_object_set_new(properties, name, openapi_argument(program, route, name));
        if (!optional) json_array_append_new(required, json_string(name));
    }
}

static void add_own(const struct route *route, json_t *properties, json_t *required) {
    if (json_object_get(properties, "line") != NULL) {
        json_object_del(properties, "line");
        json_object_set_new(properties, "lines",
                            json_pack("{s:s, s:o}", "type", "array", "items", refer("schemas", "Line")));
        if (strcmp(route->path, "/purchases") == 0) json_array_append_new(required, json_string("lines"));
    }
    if (json_object_get(properties, "cost") != NULL) json_object_set_new(properties, "cost", refer("schemas", "Money"));
    bool secret = (route->flags & ROUTE_SECRET) != 0 || strcmp(route->path, "/session") == 0;
    if (strcmp(route->path, "/session") == 0) {
        json_object_set_new(properties, "name", json_pack("{s:s}", "type", "string"));
        json_array_append_new(required, json_string("name"));
    }
    if (secret) {
        json_object_set_new(properties, "secret", json_pack("{s:s, s:s}", "type", "string", "format", "password"));
        json_array_append_new(required, json_string("secret"));
    }
    if ((route->flags & ROUTE_PREVIEW) != 0) {
        json_object_set_new(properties, "set", json_pack("{s:s}", "type", "object"));
        json_object_set_new(properties, "limit", json_pack("{s:s}", "type", "integer"));
    }
}

static json_t *body_of(const struct program *program, const struct route *route) {
    const struct command *command = route_command(program, route);
    if ((route->flags & ROUTE_FILE) != 0)
        return json_pack("{s:b, s:{s:{s:{s:s}}}}", "required", 1, "content", "text/csv", "schema", "type", "string");
    json_t *properties = command == NULL ? json_object() : options_of(command, route), *required = json_array();
    if (command != NULL) add_arguments(program, route, properties, required);
    add_own(route, properties, required);
    json_t *schema = json_pack("{s:s, s:o, s:b}", "type", "object", "properties", properties, "additionalProperties",
                               command != NULL && command->borrows == BORROWS_FILE);
    if (json_array_size(required) > 0) json_object_set(schema, "required", required);
    json_decref(required);
    return json_pack("{s:b, s:{s:{s:o}}}", "required", route->method != HTTP_DELETE, "content", "application/json",
                     "schema", schema);
}

static json_t *parameter(const char *name, const char *in, bool required, json_t *schema) {
    json_t *description = json_incref(json_object_get(schema, "description"));
    json_object_del(schema, "description");
    return json_pack("{s:s, s:s, s:b, s:o*, s:o}", "name", name, "in", in, "required", required, "description",
                     description, "schema", schema);
}

static void add_path_parameters(const struct program *program, const struct route *route, json_t *list) {
    for (const char *open = route->path; (open = strchr(open, '{')) != NULL; open++) {
        char name[48];
        view_text(view_make(open + 1, strcspn(open + 1, "}")), name, sizeof name);
        json_array_append_new(list, parameter(name, "path", true, openapi_argument(program, route, name)));
    }
}

static bool is_among(const json_t *names, const char *name) {
    size_t i;
    const json_t *item;
    json_array_foreach(names, i, item) {
        if (strcmp(json_string_value(item), name) == 0) return true;
    }
    return false;
}

static json_t *parameters_of(const struct program *program, const struct route *route) {
    const struct command *command = route_command(program, route);
    json_t *list = json_array();
    add_path_parameters(program, route, list);
    bool query = command != NULL && (route->method == HTTP_GET || (route->flags & ROUTE_FILE) != 0);
    if (query) {
        const char *name;
        json_t *schema, *options = options_of(command, route), *required = json_array();
        if (route->method == HTTP_GET) add_arguments(program, route, options, required);
        bool paged = (route->flags & ROUTE_LIST) != 0 && route->method == HTTP_GET;
        json_object_foreach(options, name, schema) {
            if (paged && strcmp(name, "limit") == 0) continue; /* of a page */
            json_array_append_new(list, parameter(name, "query", is_among(required, name), json_incref(schema)));
        }
        json_decref(required);
        json_decref(options);
    }
    if ((route->flags & ROUTE_LIST) != 0 && route->method == HTTP_GET) {
        json_array_append_new(list, refer("parameters", "limit"));
        json_array_append_new(list, refer("parameters", "cursor"));
    }
    if (route_tagged(route)) json_array_append_new(list, refer("parameters", "known"));
    if (route->method != HTTP_GET && command != NULL) json_array_append_new(list, refer("parameters", "key"));
    return list;
}

/* ---- What it is ---- */

static json_t *roles_of(const struct route *route) {
    json_t *list = json_array();
    for (int role = ACCOUNT_ROLE_none + 1; role < ACCOUNT_ROLES; role++)
        if ((route->roles >> role & 1u) != 0)
            json_array_append_new(list, json_string(account_role_word((enum account_role)role)));
    return list;
}

/* What an account of the hub's that is bound to a store gets of it. */
static const char *bound_word(const struct route *route) {
    if ((route->flags & (ROUTE_COMMON | ROUTE_OPEN)) != 0) return "same";
    return (route->flags & (ROUTE_OF_STORE | ROUTE_MINDS)) != 0 ? "of-store" : "refused";
}

/* "get_customers_id_recall". */
static json_t *operation_id(const struct route *route) {
    char id[128];
    size_t len = 0;
    for (const char *c = http_method_name(route->method); *c != '\0' && len < sizeof id; c++)
        id[len++] = (char)tolower((unsigned char)*c);
    for (const char *c = route->path; *c != '\0' && len < sizeof id; c++)
        if (*c != '{' && *c != '}') id[len++] = *c == '/' || *c == '.' || *c == '-' ? '_' : *c;
    return json_stringn(id, len);
}

static json_t *operation_of(const struct program *program, const struct route *route) {
    const struct command *command = route_command(program, route);
    char method[8];
    snprintf(method, sizeof method, "%s", http_method_name(route->method));
    json_t *operation =
        json_pack("{s:s, s:o, s:o, s:o, s:b}", "summary", route->summary != NULL ? route->summary : command->summary,
                  "parameters", parameters_of(program, route), "responses", openapi_responses(program, route),
                  "x-roles", roles_of(route), "x-personal", (route->flags & ROUTE_PERSONAL) != 0);
    json_object_set_new(operation, "operationId", operation_id(route));
    if (program->role == ROLE_HUB) json_object_set_new(operation, "x-bound-account", json_string(bound_word(route)));
    if (command != NULL) json_object_set_new(operation, "x-command", json_string(route->words));
    if (route->method != HTTP_GET && !(route->method == HTTP_DELETE && command == NULL))
        json_object_set_new(operation, "requestBody", body_of(program, route));
    if ((route->flags & ROUTE_OPEN) != 0) json_object_set_new(operation, "security", json_array());
    return operation;
}

static json_t *paths_of(const struct program *program) {
    static const char *const methods[] = {"get", "post", "put", "patch", "delete"};
    json_t *paths = json_object();
    for (const struct route *route = routes; route->path != NULL; route++) {
        if (!route_exists(program, route)) continue;
        json_t *path = json_object_get(paths, route->path);
        if (path == NULL) {
            path = json_object();
            json_object_set_new(paths, route->path, path);
        }
        json_object_set_new(path, methods[route->method], operation_of(program, route));
    }
    return paths;
}

/* What many routes share. */
static const char components[] =
    "{\"securitySchemes\": {"
    "\"session\": {\"type\": \"apiKey\", \"in\": \"cookie\", \"name\": \"dangol-PORT\", "
    "\"description\": \"the port that is served; over TLS __Host-dangol-PORT\"},"
    "\"token\": {\"type\": \"http\", \"scheme\": \"bearer\"}},"
    "\"parameters\": {"
    "\"limit\": {\"name\": \"limit\", \"in\": \"query\", \"description\": \"rows of a page\","
    " \"schema\": {\"type\": \"integer\", \"minimum\": 1, \"maximum\": 1000, \"default\": 100}},"
    "\"known\": {\"name\": \"If-None-Match\", \"in\": \"header\","
    " \"description\": \"the ETag of an answer to the same question: 304 as long as it would be the same\","
    " \"schema\": {\"type\": \"string\"}},"
    "\"cursor\": {\"name\": \"cursor\", \"in\": \"query\", \"description\": \"the next page: from the header Link\","
    " \"schema\": {\"type\": \"string\"}},"
    "\"key\": {\"name\": \"Idempotency-Key\", \"in\": \"header\","
    " \"description\": \"a request that is sent again with the same key is done once. For a day, and until the program "
    "is started anew, the same answer is given and another content is refused with 409; after that the first answer's "
    "id comes with Idempotent-Replay, whatever the content. A key is its account's: what two tills may send of one "
    "receipt carries the same `ref` in the body, which is done once in the whole store\","
    " \"schema\": {\"type\": \"string\", \"maxLength\": 64}}},"
    "\"headers\": {"
    "\"ETag\": {\"description\": \"weak: for If-None-Match\", \"schema\": {\"type\": \"string\"}},"
    "\"Link\": {\"description\": \"<the next page>; rel=\\\"next\\\", where there is one; not of CSV, which is whole\","
    " \"schema\": {\"type\": \"string\"}},"
    "\"Idempotent-Replay\": {\"description\": \"true: it was done before, see Idempotency-Key\","
    " \"schema\": {\"type\": \"string\", \"enum\": [\"true\"]}},"
    "\"Retry-After\": {\"description\": \"seconds, with 429 and 503\", \"schema\": {\"type\": \"string\"}}},"
    "\"responses\": {"
    "\"Same\": {\"description\": \"as it was when the ETag that If-None-Match names was given\","
    " \"headers\": {\"ETag\": {\"$ref\": \"#/components/headers/ETag\"}}},"
    "\"Problem\": {\"description\": \"it was not done, and why (RFC 9457): 400 not as it has to be written, 401 nobody "
    "is signed in, 403 not for this role or store, 404 there is no such thing, 405 not by this method, 406 not to be "
    "had "
    "as CSV, 409 against what is there already, 413 and 414 too long, 415 another Content-Type, 422 a field is wrong, "
    "429 too often, 500 a fault of this program, 503 not now\","
    " \"headers\": {\"Retry-After\": {\"$ref\": \"#/components/headers/Retry-After\"}}, \"content\":"
    " {\"application/problem+json\": {\"schema\": {\"$ref\": \"#/components/schemas/Problem\"}}}}},"
    "\"schemas\": {"
    "\"Problem\": {\"type\": \"object\", \"required\": [\"type\", \"title\", \"status\", \"detail\", \"field\", "
    "\"code\"],"
    " \"properties\": {\"type\": {\"type\": \"string\"}, \"title\": {\"type\": \"string\"},"
    " \"status\": {\"type\": \"integer\"}, \"detail\": {\"type\": [\"string\", \"null\"]},"
    " \"field\": {\"type\": [\"string\", \"null\"]}, \"code\": {\"type\": \"string\"}}},"
    "\"Money\": {\"type\": [\"integer\", \"string\"],"
    " \"description\": \"an integer of minor units, or as text what a person types\"},"
    "\"Line\": {\"type\": \"object\", \"required\": [\"sku\", \"quantity\", \"amount\"], \"additionalProperties\": "
    "false,"
    " \"properties\": {\"sku\": {\"type\": \"string\"}, \"quantity\": {\"type\": [\"number\", \"string\"]},"
    " \"amount\": {\"$ref\": \"#/components/schemas/Money\"}, \"list_amount\": {\"$ref\": "
    "\"#/components/schemas/Money\"},"
    " \"cost\": {\"$ref\": \"#/components/schemas/Money\"}}}}}";

/* What is said once for all routes. */
static const char description[] =
    "Every command is here, but for those about a directory as a whole, which are for the command line only: init, "
    "serve, "
    "backup, restore, recover, rebuild, and sync, which serve does by itself; and so are options that name a file. "
    "Answers are JSON; lists also text/csv, by Accept, where the operation says so. Answers of 1 KiB and more are "
    "packed for who accepts it (Accept-Encoding: zstd or gzip); bodies are not. Fields of bodies and queries may be "
    "written with underscores for dashes. Whatever shows people's data (x-personal) is recorded. What is no HTTP, or "
    "whose head is longer than 8 KiB, is answered by the library beneath: with 400, 413, 414 or 431 and a short "
    "text/html, or by an end of the connection.";

json_t *openapi_document(const struct program *program) {
    json_t *shared = json_loads(components, 0, NULL);
    openapi_schemas(program, json_object_get(shared, "schemas"));
    return json_pack("{s:s, s:{s:s, s:s, s:s, s:s}, s:[{s:s}], s:[{s:[]}, {s:[]}], s:o, s:o}", "openapi", "3.1.0",
                     "info", "title", program->name, "summary", program->summary, "description", description, "version",
                     "1", "servers", "url", API_BASE, "security", "session", "token", "paths", paths_of(program),
                     "components", shared);
}
