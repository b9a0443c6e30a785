#include "proto/wire/message.h"

#include <assert.h>

#include "proto/base/cursor.h"
#include "proto/base/pack.h"
#include "proto/base/text.h"

enum need { OPTIONAL, REQUIRED };

/* ELEMENTS_knock: elements of its array, the number among them. LARGEST_knock: bytes it can have, its array's header
 * and every field's included. */
#define MESSAGE_BEGIN(type, number, sender, doc) enum { ELEMENTS_##type = 1
#define FIELD(type, name, kind, need, bound, doc) +1
#define MESSAGE_END(type)                                                                                              \
    }                                                                                                                  \
    ;
#include "proto/wire/messages.def"
#undef MESSAGE_BEGIN
#undef FIELD
#undef MESSAGE_END

#define LARGEST_UINT(bound) 9
#define LARGEST_TIME(bound) 9
#define LARGEST_FIXED(bound) (5 + (bound))
#define LARGEST_BIN(bound) (5 + (bound))
#define LARGEST_TEXT(bound) (5 + (bound))
#define LARGEST_IDS(bound) (5 + 9 * (bound))
#define MESSAGE_BEGIN(type, number, sender, doc) enum { LARGEST_##type = 3 + 3
#define FIELD(type, name, kind, need, bound, doc) +LARGEST_##kind(bound)
#define MESSAGE_END(type)                                                                                              \
    }                                                                                                                  \
    ;                                                                                                                  \
    _Static_assert(LARGEST_##type <= MESSAGE_MAX, "every message fits into a frame of the transport");
#include "proto/wire/messages.def"
#undef MESSAGE_BEGIN
#undef FIELD
#undef MESSAGE_END

/* What is said before a store is known, and what travels inside other messages. */
_Static_assert(LARGEST_knock <= MESSAGE_MAX_STRANGER && LARGEST_nonce <= MESSAGE_MAX_STRANGER, "strangers'");
_Static_assert(LARGEST_hello <= MESSAGE_MAX_STRANGER && LARGEST_error <= MESSAGE_MAX_STRANGER, "strangers'");
_Static_assert(LARGEST_ping <= MESSAGE_MAX_STRANGER && LARGEST_bye <= MESSAGE_MAX_STRANGER, "strangers'");
_Static_assert(LARGEST_greeting <= 8192 && LARGEST_receipt <= 256 && LARGEST_directory <= 1048576,
               "the bounds of the fields that hold them");

/* ---- Reading: after the first fault every read does nothing ---- */

struct reader {
    struct cursor cursor;
    uint32_t left; /* elements of the array still to come */
    int code;      /* of the first fault */
    const char *field;
    const char *what; /* is wrong with it */
};

static void reader_fail(struct reader *r, int code, const char *field, const char *what) {
    cursor_fail(&r->cursor);
    if (r->code != 0) return;
    r->code = code;
    r->field = field;
    r->what = what;
}

/* Whether a field has a value to be read. Of an earlier version's message the last ones are missing. */
static bool reader_enter(struct reader *r, const char *field, enum need need) {
    if (r->code != 0) return false;
    if (r->left > 0) {
        r->left--;
        if (!cursor_nil(&r->cursor)) return true;
    }
    if (need == REQUIRED) reader_fail(r, ERR_FORMAT, field, "is missing");
    return false;
}

static bool reader_took(struct reader *r, const char *field) {
    if (!cursor_ok(&r->cursor)) reader_fail(r, ERR_FORMAT, field, "is malformed");
    return r->code == 0;
}

static void read_UINT(struct reader *r, const char *field, enum need need, uint64_t bound, uint64_t *out) {
    if (!reader_enter(r, field, need)) return;
    *out = cursor_uint(&r->cursor);
    if (reader_took(r, field) && bound != 0 && *out > bound) reader_fail(r, ERR_LIMIT, field, "is too large");
}

static void read_TIME(struct reader *r, const char *field, enum need need, uint64_t bound, int64_t *out) {
    (void)bound;
    if (!reader_enter(r, field, need)) return;
    *out = cursor_int(&r->cursor);
    reader_took(r, field);
}

static void read_BIN(struct reader *r, const char *field, enum need need, uint64_t bound, struct view *out) {
    if (!reader_enter(r, field, need)) return;
    *out = cursor_bin(&r->cursor);
    if (reader_took(r, field) && out->len > bound) reader_fail(r, ERR_LIMIT, field, "is too long");
}

static void read_FIXED(struct reader *r, const char *field, enum need need, uint64_t bound, struct view *out) {
    if (!reader_enter(r, field, need)) return;
    *out = cursor_bin(&r->cursor);
    if (reader_took(r, field) && out->len != bound) reader_fail(r, ERR_FORMAT, field, "has the wrong length");
}

static void read_TEXT(struct reader *r, const char *field, enum need need, uint64_t bound, struct view *out) {
    if (!reader_enter(r, field, need)) return;
    *out = cursor_str(&r->cursor);
    if (!reader_took(r, field)) return;
    if (out->len > bound) {
        reader_fail(r, ERR_LIMIT, field, "is too long");
    } else if (!utf8_valid(*out)) {
        reader_fail(r, ERR_FORMAT, field, "is not UTF-8");
    }
}

static void read_IDS(struct reader *r, const char *field, enum need need, uint64_t bound, struct list *out) {
    if (!reader_enter(r, field, need)) return;
    out->count = cursor_array(&r->cursor);
    if (reader_took(r, field) && out->count > bound) reader_fail(r, ERR_LIMIT, field, "has too many elements");
    const uint8_t *start = r->cursor.at;
    for (uint32_t i = 0; i < out->count && cursor_ok(&r->cursor); i++) cursor_uint(&r->cursor);
    if (reader_took(r, field)) out->raw = view_make(start, (size_t)(r->cursor.at - start));
}

/* decode_knock, … */
#define MESSAGE_BEGIN(type, number, sender, doc) static void decode_##type(struct reader *r, struct message_##type *m) {
#define FIELD(type, name, kind, need, bound, doc) read_##kind(r, #name, need, bound, &m->name);
#define MESSAGE_END(type) }
#include "proto/wire/messages.def"
#undef MESSAGE_BEGIN
#undef FIELD
#undef MESSAGE_END

/* Says whether the type is known. */
static bool decode_body(struct reader *r, struct message *out) {
    switch (out->type) {
#define MESSAGE_BEGIN(type, number, sender, doc)                                                                       \
    case (number):                                                                                                     \
        decode_##type(r, &out->body.type);                                                                             \
        return true;
#define FIELD(type, name, kind, need, bound, doc)
#define MESSAGE_END(type)
#include "proto/wire/messages.def"
#undef MESSAGE_BEGIN
#undef FIELD
#undef MESSAGE_END
    default: return false;
    }
}

static uint16_t decode_number(struct reader *r) {
    r->left = cursor_array(&r->cursor);
    uint64_t number = 0;
    read_UINT(r, "number", REQUIRED, UINT16_MAX, &number);
    return r->code == 0 ? (uint16_t)number : 0;
}

/* Fields of a later version: well-formed, or the whole message is not. */
static void decode_rest(struct reader *r) {
    for (; r->left > 0 && cursor_ok(&r->cursor); r->left--) cursor_skip(&r->cursor);
    if (!cursor_done(&r->cursor)) reader_fail(r, ERR_FORMAT, "", "does not end where it should");
}

int message_decode(struct view bytes, struct message *out, struct err *err) {
    *out = (struct message){0};
    if (bytes.len > MESSAGE_MAX) return err_set(err, ERR_LIMIT, NULL, "a message of %zu bytes is too long", bytes.len);
    struct reader r = {.cursor = cursor_of(bytes)};
    out->type = decode_number(&r);
    bool known = decode_body(&r, out);
    decode_rest(&r);
    if (r.code == 0) return known ? 0 : MESSAGE_UNKNOWN;
    return err_set(err, r.code, r.field, "message %s: %s %s", message_name(out->type), r.field, r.what);
}

/* ---- Writing: what is past its bound is our own mistake ---- */

static void write_UINT(struct buf *out, enum need need, uint64_t bound, uint64_t value) {
    (void)need;
    assert(bound == 0 || value <= bound);
    pack_uint(out, value);
}

static void write_TIME(struct buf *out, enum need need, uint64_t bound, int64_t value) {
    (void)need;
    (void)bound;
    pack_int(out, value);
}

static void write_BIN(struct buf *out, enum need need, uint64_t bound, struct view value) {
    assert(value.data != NULL || need == OPTIONAL);
    assert(value.len <= bound);
    pack_bin(out, value);
}

static void write_FIXED(struct buf *out, enum need need, uint64_t bound, struct view value) {
    assert(value.data == NULL || value.len == bound);
    write_BIN(out, need, bound, value);
}

static void write_TEXT(struct buf *out, enum need need, uint64_t bound, struct view value) {
    assert(value.data != NULL || need == OPTIONAL);
    assert(value.len <= bound && utf8_valid(value));
    pack_str(out, value);
}

static void write_IDS(struct buf *out, enum need need, uint64_t bound, struct list value) {
    assert(value.count <= bound);
    if (value.raw.data == NULL && value.count == 0 && need == OPTIONAL) {
        pack_nil(out);
        return;
    }
    pack_array(out, value.count);
    buf_append_view(out, value.raw);
}

/* encode_knock, … */
#define MESSAGE_BEGIN(type, number, sender, doc)                                                                       \
    static void encode_##type(struct buf *out, const struct message_##type *m) {                                       \
        pack_array(out, ELEMENTS_##type);                                                                              \
        pack_uint(out, number);
#define FIELD(type, name, kind, need, bound, doc) write_##kind(out, need, bound, m->name);
#define MESSAGE_END(type) }
#include "proto/wire/messages.def"
#undef MESSAGE_BEGIN
#undef FIELD
#undef MESSAGE_END

void message_encode(const struct message *m, struct buf *out) {
    switch (m->type) {
#define MESSAGE_BEGIN(type, number, sender, doc)                                                                       \
    case (number):                                                                                                     \
        encode_##type(out, &m->body.type);                                                                             \
        return;
#define FIELD(type, name, kind, need, bound, doc)
#define MESSAGE_END(type)
#include "proto/wire/messages.def"
#undef MESSAGE_BEGIN
#undef FIELD
#undef MESSAGE_END
    default: assert(false);
    }
}

/* ---- Telling ---- */

const char *message_name(uint16_t type) {
    switch (type) {
#define MESSAGE_BEGIN(type, number, sender, doc)                                                                       \
    case (number):                                                                                                     \
        return #type;
#define FIELD(type, name, kind, need, bound, doc)
#define MESSAGE_END(type)
#include "proto/wire/messages.def"
#undef MESSAGE_BEGIN
#undef FIELD
#undef MESSAGE_END
    default: return "unknown";
    }
}

#define MARKDOWN_UINT "number", ", at most"
#define MARKDOWN_TIME "ms since 1970 UTC", ""
#define MARKDOWN_FIXED "bytes", ", exactly"
#define MARKDOWN_BIN "bytes", ", at most"
#define MARKDOWN_TEXT "UTF-8", ", bytes at most"
#define MARKDOWN_IDS "ids", ", at most"

static void markdown_field(struct buf *out, const char *name, const char *kind, const char *limit, uint64_t bound,
                           enum need need, const char *doc) {
    buf_printf(out, "| %s | %s", name, kind);
    if (bound != 0) buf_printf(out, "%s %ju", limit, (uintmax_t)bound);
    buf_printf(out, "%s | %s |\n", need == OPTIONAL ? "; or nil" : "", doc);
}

void messages_markdown(struct buf *out) {
#define MESSAGE_BEGIN(type, number, sender, doc)                                                                       \
    buf_printf(out, "### %d %s (%s)\n\n%s\n\n| field | form | meaning |\n|---|---|---|\n", number, #type, sender, doc);
#define FIELD(type, name, kind, need, bound, doc) markdown_field(out, #name, MARKDOWN_##kind, bound, need, doc);
#define MESSAGE_END(type) buf_append_byte(out, '\n');
#include "proto/wire/messages.def"
#undef MESSAGE_BEGIN
#undef FIELD
#undef MESSAGE_END
}
