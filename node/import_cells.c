/* Cells of the current row, as values. */
#include <sodium.h>
#include <string.h>

#include "node/import.h"
#include "proto/base/text.h"
#include "proto/command/listing.h"
#include "proto/event/describe.h"

#define HIDDEN_BYTES 16
#define KEY_SUFFIX 16 /* left free behind a key, for what belongs to the same thing */

static const char *name_of(const struct import *im, int field) { return im->kind->fields[field].name; }

static uint64_t eight_bytes(const uint8_t *p) {
    uint64_t word;
    memcpy(&word, p, sizeof word);
    return word;
}

/* ASCII without NUL, which is the same in every encoding and needs no copy. */
static bool plain(struct view text) {
    size_t i = 0;
    uint64_t odd = 0;
    for (; text.len - i >= 8; i += 8) {
        uint64_t word = eight_bytes(text.data + i);
        odd |= (word - UINT64_C(0x0101010101010101)) | word;
    }
    odd &= UINT64_C(0x8080808080808080);
    for (; i < text.len; i++) odd |= (uint8_t)(text.data[i] - 1) >= 0x7F;
    return odd == 0;
}

/* Where files were put together a mark of byte order stands in the middle, and means nothing. */
static struct view without_mark(struct view text) {
    static const char mark[] = ENCODING_MARK;
    bool marked = text.len >= sizeof mark - 1 && memcmp(text.data, mark, sizeof mark - 1) == 0;
    return marked ? mapping_trim(view_make(text.data + sizeof mark - 1, text.len - sizeof mark + 1)) : text;
}

/* The text of a cell as UTF-8; `*broken` bytes of it are none in the file's encoding and replaced. */
static struct view decode(struct import *im, struct view raw, size_t *broken) {
    *broken = 0;
    if (plain(raw)) return raw;
    buf_clear(&im->scratch);
    *broken = encoding_decode(im->encoding, raw, &im->scratch);
    bool same = im->scratch.len == raw.len && memcmp(im->scratch.data, raw.data, raw.len) == 0;
    return without_mark(same ? raw : mapping_trim(arena_copy(&im->arena, buf_view(&im->scratch))));
}

/* The ' in front of what a spreadsheet would take for a formula, as exports write it. */
static struct view without_guard(struct view text) {
    if (text.len < 2 || text.data[0] != '\'') return text;
    struct view rest = view_make(text.data + 1, text.len - 1);
    return csv_guarded(rest) ? rest : text;
}

/* The text of one column of the row, which may be too short to have it. */
static struct view column_text(struct import *im, int column, size_t *broken) {
    struct view text = VIEW_NONE;
    *broken = 0;
    if ((size_t)column < im->row.count) text = mapping_trim(im->row.fields[column]);
    return text.len > 0 ? without_guard(decode(im, text, broken)) : view_of("");
}

/* What stands in the columns joined to the first, behind it. */
static struct view join(struct import *im, struct view text, const int *joined, size_t *broken) {
    struct buf all = BUF_INIT;
    buf_append_view(&all, text);
    for (size_t i = 0; i < MAPPING_PARTS - 1 && joined[i] >= 0; i++) {
        size_t more;
        struct view part = column_text(im, joined[i], &more);
        *broken += more;
        if (all.len > 0 && part.len > 0) buf_append_byte(&all, ' ');
        buf_append_view(&all, part);
    }
    text = arena_copy(&im->arena, buf_view(&all));
    buf_wipe(&all);
    return text;
}

/* A cell with its meaning applied; `*broken` is 0 where the meaning is known all the same. */
static struct view cell(struct import *im, int field, size_t *broken) {
    const struct mapping *m = &im->mapping;
    int column = m->at[field];
    *broken = 0;
    if (column < 0 || (size_t)column >= im->row.count) return VIEW_NONE;
    struct view text = column_text(im, column, broken);
    if (m->joined[field][0] >= 0) text = join(im, text, m->joined[field], broken);
    if (m->has_values[field] && mapping_meaning(m, field, text, &text)) *broken = 0;
    return text.len == 0 ? VIEW_NONE : text;
}

bool import_text(struct import *im, int field, struct view *out) {
    size_t broken;
    *out = cell(im, field, &broken);
    if (broken == 0) return true;
    import_reject(im, im->current, name_of(im, field), "\"%.*s\" is not in the encoding %s: is --encoding right?",
                  (int)out->len, (const char *)out->data, encoding_name(im->encoding));
    return false;
}

static bool short_enough(struct import *im, int field, size_t most, struct view text) {
    if (text.len <= most) return true;
    import_reject(im, im->current, name_of(im, field), "is longer than %zu bytes", most);
    return false;
}

bool import_word(struct import *im, int field, size_t most, struct view *out) {
    return import_text(im, field, out) && short_enough(im, field, most, *out);
}

bool import_free_text(struct import *im, int field, size_t most, struct view *out) {
    size_t broken;
    *out = cell(im, field, &broken);
    return short_enough(im, field, most, *out);
}

bool import_need(struct import *im, int field, bool there) {
    if (!there) import_reject(im, im->current, name_of(im, field), "is missing");
    return there;
}

/* What a parser said, as the row's reason. */
static bool parsed(struct import *im, int field, int code, const struct err *err) {
    if (code != 0) import_reject(im, im->current, name_of(im, field), "%s", err->text);
    return code == 0;
}

/* As `act_draft` has it: a day ahead is another clock, what is beyond is a mistyped date. */
static bool has_happened(struct import *im, int field, struct view text, int64_t time) {
    if (time <= im->now + DAY_MS) return true;
    import_reject(im, im->current, name_of(im, field), "\"%.*s\" has not happened yet", (int)text.len,
                  (const char *)text.data);
    return false;
}

bool import_time(struct import *im, int field, int64_t *out) {
    struct view text;
    struct err err = {0};
    *out = NIL;
    if (!import_text(im, field, &text)) return false;
    if (text.data == NULL) return true;
    int code = im->date_format == NULL ? time_parse(text, &im->site->zone, false, out, &err)
                                       : time_parse_format(text, im->date_format, &im->site->zone, out, &err);
    if (code != 0 && strcmp(err.field, "date-format") == 0) { /* the option is wrong, not the row */
        im->call->error = err;
        im->fatal = code;
    }
    return parsed(im, field, code, &err) && has_happened(im, field, text, *out);
}

bool import_decimal(struct import *im, int field, int decimals, int64_t max, int64_t *out) {
    struct view text;
    struct err err = {0};
    *out = NIL;
    if (!import_text(im, field, &text)) return false;
    return text.data == NULL || parsed(im, field, decimal_parse(text, decimals, MONEY_ROUND, max, out, &err), &err);
}

bool import_score(struct import *im, int field, int64_t *out) {
    struct view text;
    *out = NIL;
    if (!import_text(im, field, &text)) return false;
    if (text.data == NULL) return true;
    if (decimal_parse(text, 0, MONEY_EXACT, 5, out, NULL) == 0 && *out >= 1) return true;
    import_reject(im, im->current, name_of(im, field), "\"%.*s\" is not a number from 1 to 5", (int)text.len,
                  (const char *)text.data);
    return false;
}

bool import_choice(struct import *im, int field, const struct choice_list *list, int64_t *out) {
    struct view text;
    struct err err = {0};
    *out = 0;
    if (!import_text(im, field, &text)) return false;
    return text.data == NULL || parsed(im, field, choice_parse(list, name_of(im, field), text, out, &err), &err);
}

bool import_yes_no(struct import *im, int field, int64_t *out) {
    struct view word;
    *out = NIL;
    if (!import_text(im, field, &word)) return false;
    if (word.data == NULL) return true;
    *out = view_is(word, "yes");
    if (*out == 1 || view_is(word, "no")) return true;
    import_reject(im, im->current, name_of(im, field),
                  "\"%.*s\" is neither yes nor no: say what it means with --value \"%s=%.*s:yes\"", (int)word.len,
                  (const char *)word.data, name_of(im, field), (int)word.len, (const char *)word.data);
    return false;
}

size_t import_bound(enum event_type type, const char *field) {
    const struct event_info *info = event_info((uint16_t)type);
    for (size_t i = 0; i < info->count; i++)
        if (strcmp(info->fields[i].name, field) == 0) return (size_t)info->fields[i].bound;
    return 0;
}

/* ---- Refs ---- */

struct view import_hidden(struct import *im, const char *what, struct view text) {
    uint8_t hash[HIDDEN_BYTES];
    crypto_generichash_state state;
    crypto_generichash_init(&state, im->site->secrets.ref_key, sizeof im->site->secrets.ref_key, sizeof hash);
    crypto_generichash_update(&state, (const uint8_t *)what, strlen(what) + 1);
    crypto_generichash_update(&state, text.data, text.len);
    crypto_generichash_final(&state, hash, sizeof hash);
    char *digits = arena_alloc(&im->arena, 2 * sizeof hash + 1);
    hex_encode(view_make(hash, sizeof hash), digits);
    return view_of(digits);
}

/* The normal form of a card where it is one, so that the hash does not depend on blanks and dashes. */
static struct view hide_card(struct import *im, struct view text) {
    buf_clear(&im->scratch);
    bool card = card_normalise(text, &im->scratch, NULL) == 0;
    return import_hidden(im, "card", card ? buf_view(&im->scratch) : text);
}

struct view import_own_key(const struct import *im, const struct csv_row *cells, uint32_t row,
                           char text[ROW_KEY_TEXT]) {
    struct view kept = VIEW_NONE;
    if (im->own_columns == REJECTS_COLUMNS && cells->count > REJECTS_COLUMNS)
        kept = mapping_trim(cells->fields[REJECTS_COLUMNS - 1]);
    if (kept.len > 0) return kept; /* empty: a row that somebody has added */
    int len = snprintf(text, ROW_KEY_TEXT, "%s/%u", im->file_hash, im->rows[row].number);
    return view_make(text, (size_t)len);
}

/* Is it what import_own_key made, and not what became of that in other hands? */
static bool is_own_key(const struct import *im, struct view key) {
    size_t digits = sizeof im->file_hash - 1;
    if (key.len < digits + 2 || key.len >= ROW_KEY_TEXT || key.data[digits] != '/') return false;
    for (size_t i = 0; i < key.len; i++) {
        bool digit = key.data[i] >= '0' && key.data[i] <= '9';
        bool letter = i < digits && key.data[i] >= 'a' && key.data[i] <= 'f';
        if (i != digits && !digit && !letter) return false;
    }
    return true;
}

static bool key_of_row(struct import *im, uint32_t row, struct view *out) {
    char text[ROW_KEY_TEXT];
    struct view key = import_own_key(im, &im->row, row, text);
    if (is_own_key(im, key)) {
        *out = arena_copy(&im->arena, key);
        return true;
    }
    import_reject(im, row, REJECTS_ROW,
                  "is not what was written there: put that back, or leave it empty for a row that you have added");
    return false;
}

/* Is the column of a field the one of another field that is a strong key? */
static bool is_also(const struct import *im, int field, const char *other) {
    const struct mapping *m = &im->mapping;
    for (size_t i = 0; i < im->kind->field_count; i++)
        if (m->at[field] == m->at[i] && strcmp(im->kind->fields[i].name, other) == 0) return true;
    return false;
}

struct view import_key_of(struct import *im, int field, struct view text) {
    if (is_also(im, field, "customer") || is_also(im, field, "card")) return hide_card(im, text);
    if (is_also(im, field, "phone") || is_also(im, field, "email")) return import_hidden(im, "ref", text);
    return text.len > REF_KEY_MAX - KEY_SUFFIX ? import_hidden(im, "key", text) : text;
}

bool import_row_key(struct import *im, int field, uint32_t row, struct view *out) {
    if (!import_text(im, field, out)) return false;
    if (out->data == NULL) return key_of_row(im, row, out);
    *out = import_key_of(im, field, *out);
    return true;
}

struct view import_key_with(struct import *im, struct view key, const char *suffix) {
    struct view behind = view_of(suffix);
    uint8_t *text = arena_alloc(&im->arena, key.len + behind.len);
    memcpy(text, key.data, key.len);
    memcpy(text + key.len, behind.data, behind.len);
    return view_make(text, key.len + behind.len);
}

int import_known(struct import *im, struct view key, uint64_t *id) {
    uint8_t hash[REF_HASH_SIZE];
    ref_hash(im->source, key, hash);
    int code = im->site->log->ops->ref(im->site->log, hash, id);
    if (code == 0 || code == ERR_NOT_FOUND) return code;
    return err_set(&im->call->error, code, NULL, "the index of refs could not be read");
}

int import_recorded(struct import *im, struct view key, enum event_type type, uint32_t row, uint64_t *id) {
    struct buf frame = BUF_INIT;
    struct record record;
    struct event event;
    char text[ID_TEXT];
    int code = import_known(im, key, id);
    if (code != 0) return code;
    bool same = log_get_id(im->site->log, *id, &record, &frame, NULL) == 0 &&
                event_decode(record.frame, &event, NULL) >= 0 && event.type == (uint16_t)type;
    buf_release(&frame);
    if (same) return 0;
    import_reject(im, row, "ref", "is that of %s, which is something else: give another --source",
                  id_format(*id, text));
    return IMPORT_REJECTED;
}

static struct view raw_of(const struct import *im, uint32_t row) {
    return mapping_trim(view_make(im->content.data + im->rows[row].at, im->rows[row].len));
}

bool import_row_ref(struct import *im, uint32_t row, struct view key) {
    bool added;
    uint32_t number = names_put(&im->refs, key, &added);
    if (number >= im->ref_cap) {
        im->ref_cap = im->ref_cap * 2 + 256;
        im->ref_rows = mem_resize(im->ref_rows, im->ref_cap * sizeof *im->ref_rows);
    }
    if (added) {
        im->ref_rows[number] = row;
        return true;
    }
    uint32_t first = im->ref_rows[number];
    if (view_equal(raw_of(im, first), raw_of(im, row)))
        import_done(im, row, ROW_SKIPPED);
    else
        import_reject(im, row, is_own_key(im, key) ? REJECTS_ROW : "ref",
                      "line %u has the same one and says something else", im->rows[first].line);
    return false;
}
