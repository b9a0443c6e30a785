#include "proto/http/target.h"

#include <stdlib.h>

#include "proto/base/text.h"

static int digit(char c) {
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    return -1;
}

/* In place. False: not a text that a person or program means. */
static bool decode(char *text, bool plus_is_blank) {
    char *to = text;
    for (const char *from = text; *from != '\0'; from++) {
        char c = *from;
        if (c == '+' && plus_is_blank) c = ' ';
        if (c == '%') {
            int high = digit(from[1]), low = high < 0 ? -1 : digit(from[2]);
            if (low < 0) return false;
            c = (char)(high * 16 + low);
            from += 2;
        }
        if (c == '\0' || c == '\x7f') return false;
        if ((unsigned char)c < ' ' && !(plus_is_blank && (c == '\n' || c == '\r' || c == '\t'))) return false;
        *to++ = c;
    }
    *to = '\0';
    return utf8_valid(view_make(text, (size_t)(to - text)));
}

static int take_path(struct http_target *t, char *path, struct err *err) {
    if (path[0] != '/') return err_set(err, ERR_FORMAT, NULL, "the path does not begin with a slash");
    char *rest = path + 1;
    while (*rest != '\0') {
        if (t->piece_count == HTTP_PIECES_MAX) return err_set(err, ERR_LIMIT, NULL, "the path has too many parts");
        size_t len = strcspn(rest, "/");
        bool last = rest[len] == '\0';
        rest[len] = '\0';
        if (!decode(rest, false)) return err_set(err, ERR_FORMAT, NULL, "the path is not written correctly");
        if (*rest == '\0' || strcmp(rest, ".") == 0 || strcmp(rest, "..") == 0)
            return err_set(err, ERR_FORMAT, NULL, "the path has an empty part, or one of only dots");
        t->pieces[t->piece_count++] = rest;
        rest += len + (last ? 0 : 1);
        if (!last && *rest == '\0') return err_set(err, ERR_FORMAT, NULL, "the path ends with a slash");
    }
    return 0;
}

static int take_query(struct http_target *t, char *query, struct err *err) {
    while (query != NULL && *query != '\0') {
        char *next = strchr(query, '&');
        if (next != NULL) *next++ = '\0';
        char *value = strchr(query, '=');
        if (value != NULL) *value++ = '\0';
        if (*query != '\0') {
            if (t->pair_count == HTTP_PAIRS_MAX) return err_set(err, ERR_LIMIT, NULL, "the query has too many parts");
            if (!decode(query, true) || (value != NULL && !decode(value, true)))
                return err_set(err, ERR_FORMAT, NULL, "the query is not written correctly");
            t->pairs[t->pair_count++] = (struct http_pair){query, value == NULL ? "" : value};
        }
        query = next;
    }
    return 0;
}

static size_t pairs_at_most(const char *query) {
    size_t count = *query != '\0';
    for (; *query != '\0' && count < HTTP_PAIRS_MAX; query++) count += *query == '&';
    return count;
}

int http_target_parse(const char *raw, struct http_target *out, struct err *err) {
    *out = (struct http_target){.pairs = NULL};
    size_t len = strlen(raw);
    if (len > HTTP_TARGET_MAX)
        return err_set(err, ERR_LIMIT, NULL, "the address is longer than %d bytes", HTTP_TARGET_MAX);
    size_t path_len = strcspn(raw, "?"), room = pairs_at_most(raw + path_len) * sizeof *out->pairs;
    /* The path twice: in pieces, and as it was sent. */
    out->pairs = mem_alloc(room + len + path_len + 2);
    char *text = (char *)out->pairs + room;
    memcpy(text, raw, len + 1);
    out->path = text + len + 1;
    memcpy(out->path, raw, path_len);
    char *query = raw[path_len] == '?' ? text + path_len + 1 : NULL;
    text[path_len] = '\0';
    int code = take_path(out, text, err);
    if (code == 0) code = take_query(out, query, err);
    if (code != 0) http_target_release(out);
    return code;
}

void http_target_release(struct http_target *target) {
    free(target->pairs);
    *target = (struct http_target){.pairs = NULL};
}

const char *http_query(const struct http_target *target, const char *name) {
    for (size_t i = 0; i < target->pair_count; i++)
        if (strcmp(target->pairs[i].name, name) == 0) return target->pairs[i].value;
    return NULL;
}
