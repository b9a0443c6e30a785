#include "proto/api/shown.h"

#include <stdlib.h>

#include "proto/event/id.h"

/* Lists name each customer once, mostly: looking back a little finds those that do not. */
#define LOOK_BACK 16

void shown_add(struct shown *shown, uint64_t id) {
    for (size_t i = shown->count; i > 0 && shown->count - i < LOOK_BACK; i--)
        if (shown->ids[i - 1] == id) return;
    if (shown->count == shown->room) {
        shown->room = shown->room == 0 ? 64 : 2 * shown->room;
        shown->ids = mem_resize(shown->ids, shown->room * sizeof *shown->ids);
    }
    shown->ids[shown->count++] = id;
}

/* The id behind `"name":`, if it is one. */
static bool id_behind(const uint8_t *at, const uint8_t *end, uint64_t *id) {
    while (at < end && *at == ' ') at++;
    if (at == end || *at++ != '"') return false;
    const uint8_t *quote = memchr(at, '"', (size_t)(end - at));
    return quote != NULL && id_parse(view_make(at, (size_t)(quote - at)), id);
}

static void add_named(struct shown *shown, struct view json, const char *name, bool first) {
    const uint8_t *at = json.data, *end = json.data + json.len;
    size_t len = strlen(name);
    while (json.len > 0 && (at = memmem(at, (size_t)(end - at), name, len)) != NULL) {
        uint64_t id;
        at += len;
        if (id_behind(at, end, &id)) shown_add(shown, id);
        if (first) return;
    }
}

void shown_json(struct shown *shown, struct view json, bool one, bool subjects) {
    bool card = json.len > 6 && memcmp(json.data, "{\"id\":", 6) == 0; /* whatever others it names, too */
    if (one && card && shown->count == 0) add_named(shown, json, "\"id\":", true);
    add_named(shown, json, "\"customer\":", false);
    add_named(shown, json, "\"other\":", false);
    if (subjects) add_named(shown, json, "\"subject\":", false);
    if (one && shown->count == 0) add_named(shown, json, "\"id\":", true);
}

/* ---- CSV ---- */

#define COLUMNS_MAX 64

/* The next cell of a line, without its quotes; `*last`: it ends the line. Ids are never quoted, so what stands within
 * quotes need not be undone. */
static struct view next_cell(const uint8_t **at, const uint8_t *end, bool *last) {
    const uint8_t *start = *at, *c = start;
    bool quoted = false;
    for (; c < end && (quoted || (*c != ',' && *c != '\n')); c++) quoted ^= *c == '"';
    struct view cell = view_make(start, (size_t)(c - start));
    *last = c == end || *c == '\n';
    *at = c < end ? c + 1 : end;
    if (cell.len > 0 && cell.data[cell.len - 1] == '\r') cell.len--;
    return cell;
}

/* Which columns hold ids of customers. */
static void find_columns(const uint8_t **at, const uint8_t *end, bool wanted[COLUMNS_MAX]) {
    size_t count = 0, id = COLUMNS_MAX;
    bool last = *at == end, customer = false;
    if (end - *at > 3 && memcmp(*at, "\xef\xbb\xbf", 3) == 0) *at += 3; /* the mark of UTF-8 */
    for (; !last; count++) {
        struct view head = next_cell(at, end, &last);
        bool is_customer = view_is(head, "customer");
        if (count >= COLUMNS_MAX) continue;
        wanted[count] = is_customer || view_is(head, "other");
        customer = customer || is_customer;
        if (view_is(head, "id")) id = count;
    }
    if (!customer && id < COLUMNS_MAX) wanted[id] = true;
}

void shown_csv(struct shown *shown, struct view csv) {
    const uint8_t *at = csv.data, *end = csv.data + csv.len;
    bool wanted[COLUMNS_MAX] = {false};
    if (csv.len == 0) return;
    find_columns(&at, end, wanted);
    while (at < end) {
        bool last = false;
        for (size_t i = 0; !last; i++) {
            struct view cell = next_cell(&at, end, &last);
            uint64_t id;
            if (i < COLUMNS_MAX && wanted[i] && id_parse(cell, &id)) shown_add(shown, id);
        }
    }
}

void shown_release(struct shown *shown) {
    free(shown->ids);
    *shown = (struct shown){.ids = NULL};
}
