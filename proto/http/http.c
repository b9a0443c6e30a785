#include "proto/http/http.h"

#include <assert.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

static const char *const methods[] = {"GET", "POST", "PUT", "PATCH", "DELETE"};

const char *http_method_name(enum http_method method) { return method < HTTP_OTHER ? methods[method] : "?"; }

enum http_method http_method_of(const char *name) {
    if (strcmp(name, "HEAD") == 0) return HTTP_GET;
    for (int i = 0; i < HTTP_OTHER; i++)
        if (strcmp(name, methods[i]) == 0) return (enum http_method)i;
    return HTTP_OTHER;
}

const char *http_header_name(enum http_header header) {
    static const char *const names[] = {
#define HTTP_NAME_OF(name, text) text,
        HTTP_HEADERS(HTTP_NAME_OF)
#undef HTTP_NAME_OF
    };
    return names[header];
}

void http_answer_put(struct http_answer *answer, const char *name, const char *value) {
    assert(answer->header_count < HTTP_ANSWER_HEADERS);
    answer->headers[answer->header_count].name = name;
    answer->headers[answer->header_count++].value = mem_text(value);
}

void http_answer_header(struct http_answer *answer, const char *name, const char *format, ...) {
    struct buf text = BUF_INIT;
    va_list arguments;
    va_start(arguments, format);
    buf_vprintf(&text, format, arguments);
    va_end(arguments);
    http_answer_put(answer, name, buf_text(&text));
    buf_release(&text);
}

void http_answer_release(struct http_answer *answer) {
    buf_release(&answer->body);
    for (size_t i = 0; i < answer->header_count; i++) free(answer->headers[i].value);
    *answer = (struct http_answer){.status = 0};
}

const char *http_reason(int status) {
    static const struct {
        int status;
        const char *text;
    } reasons[] = {
        {400, "Bad Request"},
        {401, "Unauthorized"},
        {403, "Forbidden"},
        {404, "Not Found"},
        {405, "Method Not Allowed"},
        {406, "Not Acceptable"},
        {409, "Conflict"},
        {413, "Content Too Large"},
        {414, "URI Too Long"},
        {415, "Unsupported Media Type"},
        {422, "Unprocessable Content"},
        {429, "Too Many Requests"},
        {431, "Request Header Fields Too Large"},
        {500, "Internal Server Error"},
        {503, "Service Unavailable"},
    };
    for (size_t i = 0; i < sizeof reasons / sizeof *reasons; i++)
        if (reasons[i].status == status) return reasons[i].text;
    return status < 400 ? "OK" : "Error";
}

static json_t *text_or_null(const char *text) {
    json_t *value = text == NULL || *text == '\0' ? NULL : json_string(text);
    return value == NULL ? json_null() : value; /* also what is not UTF-8 */
}

void http_problem(struct http_answer *answer, int status, const char *code, const char *field, const char *detail) {
    answer->status = status;
    answer->type = "application/problem+json";
    answer->private = true;
    answer->fixed = VIEW_NONE;
    buf_clear(&answer->body);
    json_t *problem =
        json_pack("{s:s, s:s, s:i, s:o, s:o, s:s}", "type", "about:blank", "title", http_reason(status), "status",
                  status, "detail", text_or_null(detail), "field", text_or_null(field), "code", code);
    char *text = problem == NULL ? NULL : json_dumps(problem, JSON_COMPACT);
    if (text != NULL) buf_append(&answer->body, text, strlen(text));
    free(text);
    json_decref(problem);
}

bool http_is_type(const char *value, const char *type) {
    size_t len = strlen(type);
    if (value == NULL || strchr(value, ',') != NULL || strncasecmp(value, type, len) != 0) return false;
    value += len + strspn(value + len, " \t");
    return *value == '\0' || *value == ';';
}

/* ";q=0" and ";q=0.0" take a name off the list. */
static bool refused(struct view parameters) {
    for (size_t i = 0; i + 3 < parameters.len; i++) {
        if (strncasecmp((const char *)parameters.data + i, ";q=0", 4) != 0) continue;
        size_t j = i + 4;
        while (j < parameters.len && (parameters.data[j] == '.' || parameters.data[j] == '0')) j++;
        return j == parameters.len || parameters.data[j] < '1' || parameters.data[j] > '9';
    }
    return false;
}

bool http_names(const char *list, const char *name) {
    size_t len = strlen(name);
    while (list != NULL && *list != '\0') {
        list += strspn(list, " \t,");
        size_t item = strcspn(list, ","), word = strcspn(list, ",; \t");
        if (word == len && strncasecmp(list, name, len) == 0) return !refused(view_make(list + word, item - word));
        list += item;
    }
    return false;
}
