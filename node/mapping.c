#include "node/mapping.h"

#include <assert.h>
#include <string.h>

#include "node/csv.h"

void mapping_init(struct mapping *m, const struct mapping_field *fields, size_t count) {
    assert(count <= MAPPING_FIELDS_MAX);
    *m = (struct mapping){.fields = fields, .field_count = count};
    for (size_t i = 0; i < MAPPING_FIELDS_MAX; i++) m->at[i] = -1;
    memset(m->joined, 0xFF, sizeof m->joined); /* -1 each */
}

void mapping_release(struct mapping *m) { arena_release(&m->arena); }

static bool is_blank(uint8_t c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; }

struct view mapping_trim(struct view text) {
    while (text.len > 0 && is_blank(text.data[0])) {
        text.data++;
        text.len--;
    }
    while (text.len > 0 && is_blank(text.data[text.len - 1])) text.len--;
    return text;
}

/* Up to `at`, and behind it. */
static struct view before(struct view text, const uint8_t *at) {
    return mapping_trim(view_make(text.data, (size_t)(at - text.data)));
}
static struct view behind(struct view text, const uint8_t *at) {
    return mapping_trim(view_make(at + 1, (size_t)(text.data + text.len - at - 1)));
}

static const uint8_t *find(struct view text, char c) { return text.len == 0 ? NULL : memchr(text.data, c, text.len); }
static const uint8_t *find_last(struct view text, char c) {
    return text.len == 0 ? NULL : memrchr(text.data, c, text.len);
}

static int field_named(const struct mapping *m, struct view name) {
    for (size_t i = 0; i < m->field_count; i++)
        if (view_is(name, m->fields[i].name)) return (int)i;
    return -1;
}

static void list_fields(const struct mapping *m, struct buf *out) {
    for (size_t i = 0; i < m->field_count; i++) buf_printf(out, "%s%s", i == 0 ? "" : ", ", m->fields[i].name);
}

static int unknown_field(const struct mapping *m, const char *option, struct view name, struct err *err) {
    struct buf names = BUF_INIT;
    list_fields(m, &names);
    err_set(err, ERR_INVALID, option, "there is no field \"%.*s\"; there are %s", (int)name.len,
            (const char *)name.data, buf_text(&names));
    buf_release(&names);
    return ERR_INVALID;
}

static int not_a_pair(const char *option, const char *form, struct view entry, struct err *err) {
    return err_set(err, ERR_INVALID, option, "\"%.*s\" is not %s", (int)entry.len, (const char *)entry.data, form);
}

/* An option's text as a row of CSV; the entries live in the mapping. */
static int split(struct mapping *m, const char *option, const char *text, const struct view **entries, size_t *count,
                 struct err *err) {
    struct csv csv;
    struct csv_row row = {.count = 0};
    csv_open(&csv, arena_copy(&m->arena, view_of(text)), (struct csv_dialect){.delimiter = ','});
    bool one = csv_next(&csv, &row) && row.fault == NULL && row.count > 0 && row.count <= MAPPING_ENTRIES_MAX &&
               csv.at == csv.end;
    struct view *copies = arena_alloc(&m->arena, (row.count + 1) * sizeof *copies);
    for (size_t i = 0; one && i < row.count; i++) copies[i] = mapping_trim(arena_copy(&m->arena, row.fields[i]));
    *entries = copies;
    *count = row.count;
    csv_close(&csv);
    return one ? 0
               : err_set(err, ERR_INVALID, option, "\"%.100s\" cannot be read: %s", text,
                         row.fault != NULL ? row.fault : "it is empty, too long or has several lines");
}

static int map_entry(struct mapping *m, struct view entry, struct err *err) {
    const uint8_t *equals = find(entry, '=');
    struct view name = equals == NULL ? entry : before(entry, equals);
    struct view column = equals == NULL ? entry : behind(entry, equals); /* which bears the field's name */
    if (equals == NULL && field_named(m, name) < 0) return not_a_pair("map", "FIELD=COLUMN", entry, err);
    int field = field_named(m, name);
    if (field < 0) return unknown_field(m, "map", name, err);
    if (column.len == 0) return not_a_pair("map", "FIELD=COLUMN: the column is missing", entry, err);
    if (m->columns[field].data != NULL)
        return err_set(err, ERR_INVALID, "map", "the field \"%s\" is mapped twice", m->fields[field].name);
    m->columns[field] = column;
    return 0;
}

int mapping_add_map(struct mapping *m, const char *text, struct err *err) {
    const struct view *entries;
    size_t count;
    int code = split(m, "map", text, &entries, &count, err);
    for (size_t i = 0; code == 0 && i < count; i++) code = map_entry(m, entries[i], err);
    return code;
}

/* Room for one more in a list in the arena, which doubles when its count reaches a power of two. */
static void *longer(struct mapping *m, void *list, size_t count, size_t size) {
    if ((count & (count - 1)) != 0) return list;
    uint8_t *copy = arena_alloc(&m->arena, (count == 0 ? 1 : 2 * count) * size);
    if (count > 0) memcpy(copy, list, count * size);
    return copy;
}

int mapping_add_where(struct mapping *m, const char *text, struct err *err) {
    struct view entry = mapping_trim(arena_copy(&m->arena, view_of(text)));
    const uint8_t *equals = find(entry, '=');
    if (equals == NULL || before(entry, equals).len == 0) return not_a_pair("where", "COLUMN=VALUE", entry, err);
    if (m->where_count == MAPPING_ENTRIES_MAX) return err_set(err, ERR_LIMIT, "where", "is given too often");
    m->wheres = longer(m, m->wheres, m->where_count, sizeof *m->wheres);
    m->wheres[m->where_count++] = (struct mapping_where){before(entry, equals), behind(entry, equals), -1};
    return 0;
}

/* The meaning stands behind the last colon, words may have some of their own. The field is named in the first entry,
 * and in a later one where another field begins. */
static int value_entry(struct mapping *m, struct view entry, int *field, struct err *err) {
    const uint8_t *equals = find(entry, '=');
    int named = equals == NULL ? -1 : field_named(m, before(entry, equals));
    if (named < 0 && *field < 0)
        return equals == NULL ? not_a_pair("value", "FIELD=VALUE:MEANING", entry, err)
                              : unknown_field(m, "value", before(entry, equals), err);
    if (named >= 0) entry = behind(entry, equals);
    if (named >= 0) *field = named;
    const uint8_t *colon = find_last(entry, ':');
    if (colon == NULL) return not_a_pair("value", "VALUE:MEANING", entry, err);
    if (m->value_count == MAPPING_ENTRIES_MAX) return err_set(err, ERR_LIMIT, "value", "has too many entries");
    m->values = longer(m, m->values, m->value_count, sizeof *m->values);
    m->values[m->value_count++] = (struct mapping_value){*field, before(entry, colon), behind(entry, colon)};
    m->has_values[*field] = true;
    return 0;
}

int mapping_add_value(struct mapping *m, const char *text, struct err *err) {
    const struct view *entries;
    size_t count;
    int field = -1;
    int code = split(m, "value", text, &entries, &count, err);
    for (size_t i = 0; code == 0 && i < count; i++) code = value_entry(m, entries[i], &field, err);
    return code;
}

static bool group_mapped(const struct mapping *m, int need, struct buf *names) {
    for (size_t i = 0; i < m->field_count; i++) {
        if (m->fields[i].need != need) continue;
        if (m->columns[i].data != NULL) return true;
        buf_printf(names, "%s%s", names->len == 0 ? "" : " or ", m->fields[i].name);
    }
    return false;
}

int mapping_check(const struct mapping *m, struct err *err) {
    struct buf all = BUF_INIT;
    for (size_t i = 0; i < m->field_count; i++) {
        struct buf names = BUF_INIT;
        bool first = m->fields[i].need != 0;
        for (size_t k = 0; k < i; k++) first = first && m->fields[k].need != m->fields[i].need;
        if (first && !group_mapped(m, m->fields[i].need, &names))
            buf_printf(&all, "%s%s", all.len == 0 ? "" : ", ", buf_text(&names));
        buf_release(&names);
    }
    int code = all.len == 0 ? 0 : err_set(err, ERR_INVALID, "map", "a column is missing for %s", buf_text(&all));
    buf_release(&all);
    return code;
}

/* Columns that are asked for and not there, with the option that asks first. */
struct missing {
    const char *option;
    struct buf names;
    size_t count;
};

static int bind_column(const char *option, struct view column, const struct view *header, size_t count, int *at,
                       struct missing *missing, struct err *err) {
    *at = -1;
    for (size_t i = 0; i < count; i++) {
        if (view_equal(column, header[i]) && *at >= 0)
            return err_set(err, ERR_INVALID, option, "the column \"%.*s\" is in the file twice", (int)column.len,
                           (const char *)column.data);
        if (view_equal(column, header[i])) *at = (int)i;
    }
    if (*at >= 0) return 0;
    if (missing->count++ == 0) missing->option = option;
    buf_printf(&missing->names, "%s\"%.*s\"", missing->count == 1 ? "" : ", ", (int)column.len,
               (const char *)column.data);
    return 0;
}

static bool is_column(struct view name, const struct view *header, size_t count) {
    for (size_t i = 0; i < count; i++)
        if (view_equal(name, header[i])) return true;
    return false;
}

/* The column of a field, or the columns joined by + when none is called so. */
static int bind_field(struct mapping *m, size_t field, const struct view *header, size_t count, struct missing *missing,
                      struct err *err) {
    struct view rest = m->columns[field];
    const uint8_t *plus = is_column(rest, header, count) ? NULL : find(rest, '+');
    memset(m->joined[field], 0xFF, sizeof m->joined[field]);
    int code = bind_column("map", plus == NULL ? rest : before(rest, plus), header, count, &m->at[field], missing, err);
    for (size_t i = 0; code == 0 && plus != NULL; i++) {
        if (i == MAPPING_PARTS - 1)
            return err_set(err, ERR_INVALID, "map", "the field \"%s\" joins more than %d columns",
                           m->fields[field].name, MAPPING_PARTS);
        rest = behind(rest, plus);
        plus = find(rest, '+');
        code = bind_column("map", plus == NULL ? rest : before(rest, plus), header, count, &m->joined[field][i],
                           missing, err);
    }
    return code;
}

static int tell_missing(struct missing *missing, const struct view *header, size_t count, struct err *err) {
    struct buf names = BUF_INIT;
    if (missing->count == 0) return 0;
    for (size_t i = 0; i < count; i++)
        buf_printf(&names, "%s%.*s", i == 0 ? "" : ", ", (int)header[i].len, (const char *)header[i].data);
    err_set(err, ERR_INVALID, missing->option, "there %s no column%s %s in the file; there are %s",
            missing->count == 1 ? "is" : "are", missing->count == 1 ? "" : "s", buf_text(&missing->names),
            buf_text(&names));
    buf_release(&names);
    return ERR_INVALID;
}

int mapping_bind(struct mapping *m, const struct view *header, size_t count, struct err *err) {
    struct missing missing = {.count = 0};
    int code = 0;
    for (size_t i = 0; code == 0 && i < m->field_count; i++)
        if (m->columns[i].data != NULL) code = bind_field(m, i, header, count, &missing, err);
    for (size_t i = 0; code == 0 && i < m->where_count; i++)
        code = bind_column("where", m->wheres[i].column, header, count, &m->wheres[i].at, &missing, err);
    if (code == 0) code = tell_missing(&missing, header, count, err);
    buf_release(&missing.names);
    return code;
}

bool mapping_meaning(const struct mapping *m, int field, struct view word, struct view *meaning) {
    for (size_t i = 0; i < m->value_count; i++) {
        if (m->values[i].field != field || !view_equal(m->values[i].word, word)) continue;
        *meaning = m->values[i].meaning;
        return true;
    }
    return false;
}

bool mapping_wants(const struct mapping *m, struct view (*cell)(void *context, int column), void *context) {
    for (size_t i = 0; i < m->where_count; i++) {
        struct view text = cell(context, m->wheres[i].at);
        bool any = false;
        for (size_t k = 0; k < m->where_count && !any; k++)
            any = m->wheres[k].at == m->wheres[i].at && view_equal(m->wheres[k].value, text);
        if (!any) return false;
    }
    return true;
}
