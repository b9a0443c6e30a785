/* What comes back: statuses, forms and headers. */
#include <string.h>

#include "proto/api/openapi.h"

static json_t *refer(const char *section, const char *name) {
    return json_pack("{s:s+++}", "$ref", "#/components/", section, "/", name);
}

static json_t *text_of(const char *type) { return json_pack("{s:{s:{s:s}}}", type, "schema", "type", "string"); }

static json_t *content_of(const struct program *program, const struct route *route) {
    if (strcmp(route->path, "/changes") == 0) return text_of("text/event-stream");
    if (route->words != NULL && strncmp(route->words, "export ", 7) == 0) return text_of("text/csv");
    json_t *schema = openapi_result(program, route);
    json_t *content = json_pack("{s:{s:o}}", "application/json", "schema", schema == NULL ? json_object() : schema);
    if (route_exports(program, route)) json_object_update_new(content, text_of("text/csv"));
    return content;
}

static const char *success(const struct route *route) {
    bool nothing = route->method == HTTP_DELETE && route->own != NULL;
    return nothing ? "204" : (route->flags & ROUTE_CREATES) != 0 ? "201" : "200";
}

static json_t *headers_of(const struct route *route) {
    json_t *headers = json_object();
    if (route_tagged(route)) json_object_set_new(headers, "ETag", refer("headers", "ETag"));
    if (route->method == HTTP_GET && (route->flags & ROUTE_LIST) != 0)
        json_object_set_new(headers, "Link", refer("headers", "Link"));
    if (route->method != HTTP_GET && route->words != NULL)
        json_object_set_new(headers, "Idempotent-Replay", refer("headers", "Idempotent-Replay"));
    return headers;
}

json_t *openapi_responses(const struct program *program, const struct route *route) {
    const char *status = success(route);
    json_t *done = json_pack("{s:s}", "description", "done"), *headers = headers_of(route);
    if (strcmp(status, "204") != 0) json_object_set_new(done, "content", content_of(program, route));
    if (json_object_size(headers) > 0) json_object_set(done, "headers", headers);
    json_decref(headers);
    json_t *responses = json_pack("{s:o, s:o}", status, done, "default", refer("responses", "Problem"));
    /* What the log knew already, by its ref. */
    if ((route->flags & ROUTE_CREATES) != 0) json_object_set(responses, "200", done);
    if (route_tagged(route)) json_object_set_new(responses, "304", refer("responses", "Same"));
    return responses;
}
