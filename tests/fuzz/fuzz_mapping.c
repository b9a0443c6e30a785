/* --map, --where and --value of any texts, bound to any header. The input is cut at its NULs: how many texts of each
 * follow says the first byte. What was taken in stays true: a field has one column, which is in the header; a meaning
 * is the one of its word; and an error says something. */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "node/mapping.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define PARTS_MAX 24

static const struct mapping_field fields[] = {{"time", 1}, {"amount", 2},   {"unit_price", 2},
                                              {"note", 0}, {"resolved", 0}, {"custom", 0}};
#define FIELDS (sizeof fields / sizeof *fields)

static size_t cut(const char *text, size_t size, struct view *parts) {
    size_t count = 0;
    for (size_t at = 0; at < size && count < PARTS_MAX; count++) {
        size_t len = strnlen(text + at, size - at);
        parts[count] = view_make(text + at, len);
        at += len + 1;
    }
    return count;
}

static void must_say(int code, const struct err *err) {
    assert(code == 0 || (err->code == code && err->text[0] != '\0' && err->field[0] != '\0'));
}

static struct view cell(void *context, int column) {
    const struct view *header = context;
    return header[column];
}

static bool view_contains(struct view all, struct view part) {
    return part.len == 0 || memmem(all.data, all.len, part.data, part.len) != NULL;
}

static void check_bound(const struct mapping *m, const struct view *header, size_t count) {
    for (size_t i = 0; i < FIELDS; i++) {
        assert(mapping_has(m, (int)i) == (m->columns[i].data != NULL));
        if (!mapping_has(m, (int)i)) continue;
        assert((size_t)m->at[i] < count);
        assert(m->joined[i][0] >= 0 || view_equal(header[m->at[i]], m->columns[i]));
        for (size_t k = 0; k < MAPPING_PARTS - 1 && m->joined[i][k] >= 0; k++)
            assert((size_t)m->joined[i][k] < count && view_contains(m->columns[i], header[m->joined[i][k]]));
    }
    for (size_t i = 0; i < m->where_count; i++) assert((size_t)m->wheres[i].at < count);
    mapping_wants(m, cell, (void *)(uintptr_t)header);
}

static void check_values(const struct mapping *m) {
    for (size_t i = 0; i < m->value_count; i++) {
        const struct mapping_value *v = &m->values[i];
        struct view meaning;
        assert((size_t)v->field < FIELDS && m->has_values[v->field]);
        assert(mapping_meaning(m, v->field, v->word, &meaning));
    }
}

static void run(struct mapping *m, const struct view *parts, size_t count, uint8_t split) {
    static int (*const add[])(struct mapping * m, const char *text,
                              struct err *err) = {mapping_add_map, mapping_add_where, mapping_add_value};
    const size_t shares[] = {split % 4u, split / 4 % 4u, split / 16 % 4u};
    size_t at = 0;
    for (size_t kind = 0; kind < 3; kind++) {
        for (size_t i = 0; i < shares[kind] && at < count; i++, at++) {
            struct err err = {0};
            char *text = mem_view_text(parts[at]);
            must_say(add[kind](m, text, &err), &err);
            memset(text, 'x', parts[at].len); /* nothing of it is borrowed */
            free(text);
        }
    }
    struct err err = {0};
    must_say(mapping_check(m, &err), &err);
    err = (struct err){0};
    int bound = mapping_bind(m, parts + at, count - at, &err);
    must_say(bound, &err);
    if (bound == 0) check_bound(m, parts + at, count - at);
    check_values(m);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct view parts[PARTS_MAX];
    struct mapping m;
    if (size < 2) return 0;
    size_t count = cut((const char *)data + 1, size - 1, parts);
    mapping_init(&m, fields, FIELDS);
    run(&m, parts, count, data[0]);
    mapping_release(&m);
    return 0;
}
