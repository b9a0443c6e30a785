/* The codec, driven by the catalogue: every event with its fields at their bounds and one past, shortened, lengthened,
 * of a later version, cut at every byte; with msgpack-c as the judge of what is msgpack. */
#include <criterion/criterion.h>
#include <msgpack.h>
#include <stdlib.h>
#include <string.h>

#include "proto/base/money.h"
#include "proto/base/pack.h"
#include "proto/base/zone.h"
#include "proto/event/frame.h"
#include "tests/support/parties.h"
#include "tests/support/samples.h"

static struct still_world world;

static void prepare(void) { still_world_init(&world, 1); }

TestSuite(event, .init = prepare);

static int encode(const struct sample *s, struct buf *out, struct err *err) {
    const struct customer_key key = sample_key();
    return event_encode(&s->event, &key, &world.env, out, err);
}

static struct buf frame_of(const struct sample *s) {
    struct buf frame = BUF_INIT;
    struct err err = {0};
    cr_assert_eq(encode(s, &frame, &err), 0, "%s: %s", s->info->name, err.text);
    return frame;
}

/* What frame_write makes of an event that no encoder would let pass. */
static struct buf forged(const struct sample *s) {
    static const uint8_t seal[SEAL_OVERHEAD + 1];
    struct buf frame = BUF_INIT;
    frame_write(&s->event, s->event.sealed_bits != 0 ? view_make(seal, sizeof seal) : VIEW_NONE, &frame);
    return frame;
}

/* ---- Comparing ---- */

static void check_msgpack(struct view frame) {
    msgpack_unpacked unpacked;
    size_t offset = 0;
    msgpack_unpacked_init(&unpacked);
    msgpack_unpack_return result = msgpack_unpack_next(&unpacked, (const char *)frame.data, frame.len, &offset);
    cr_assert_eq(result, MSGPACK_UNPACK_SUCCESS);
    cr_assert_eq(offset, frame.len);
    cr_assert_eq(unpacked.data.type, MSGPACK_OBJECT_ARRAY);
    cr_assert_eq(unpacked.data.via.array.size, FRAME_FIELDS);
    msgpack_unpacked_destroy(&unpacked);
}

static void check_field(const struct event *a, const struct event *b, const struct field_info *field) {
    const void *x = (const char *)&a->body + field->offset, *y = (const char *)&b->body + field->offset;
    struct view v, w;
    struct list l, m;
    switch (field->kind) {
    case KIND_WORD:
    case KIND_BYTES:
    case KIND_SEALED:
        memcpy(&v, x, sizeof v);
        memcpy(&w, y, sizeof w);
        cr_assert(view_equal(v, w), "%s", field->name);
        return;
    case KIND_IDS:
    case KIND_ROWS:
        memcpy(&l, x, sizeof l);
        memcpy(&m, y, sizeof m);
        cr_assert_eq(l.count, m.count, "%s", field->name);
        cr_assert(l.count == 0 || view_equal(l.raw, m.raw), "%s", field->name);
        return;
    default: cr_assert_eq(memcmp(x, y, 8), 0, "%s", field->name); return;
    }
}

static void check_envelope(const struct event *a, const struct event *b) {
    cr_assert(a->type == b->type && a->hlc == b->hlc && a->at == b->at && a->subject == b->subject);
    cr_assert(view_equal(a->actor, b->actor));
    cr_assert(view_equal(a->ref.source, b->ref.source) && view_equal(a->ref.key, b->ref.key));
    cr_assert(a->after.count == b->after.count && view_equal(a->after.raw, b->after.raw));
    cr_assert(view_equal(a->origin.chain, b->origin.chain) && a->origin.hlc == b->origin.hlc);
}

static void check_same(const struct event *a, const struct event *b, const struct event_info *info) {
    check_envelope(a, b);
    cr_assert_eq(a->sealed_bits, b->sealed_bits);
    for (size_t i = 0; i < info->count; i++) check_field(a, b, &info->fields[i]);
}

/* Decodes, opens and compares. */
static void check_decodes(struct view frame, const struct sample *s) {
    const struct customer_key key = sample_key();
    struct event e;
    struct err err = {0};
    struct buf plain = BUF_INIT;
    cr_assert_eq(event_decode(frame, &e, &err), EVENT_GOOD, "%s: %s", s->info->name, err.text);
    cr_assert_eq(frame_check(frame, NULL), 0);
    cr_assert(view_equal(e.frame, frame));
    for (size_t i = 0; i < s->info->sealed_count; i++) cr_assert_null(event_sealed_view(&e, s->info, (int)i).data);
    cr_assert_eq(event_open(&e, &key, &plain, &err), 0, "%s: %s", s->info->name, err.text);
    check_same(&e, &s->event, s->info);
    buf_release(&plain);
}

#define FOR_EACH_EVENT(info)                                                                                           \
    const struct event_info *info;                                                                                     \
    for (size_t info##_at = 0; (info = event_info_at(info##_at)) != NULL; info##_at++)

/* ---- What is written comes back ---- */

Test(event, every_event_comes_back) {
    FOR_EACH_EVENT(info) for (int size = SAMPLE_LEAST; size <= SAMPLE_MOST; size++) {
        struct sample s;
        sample_make(&s, info, (enum sample_size)size);
        if (s.event.subject == 0 && s.event.sealed_bits != 0) s.event.subject = SAMPLE_SUBJECT;
        cr_assert_eq(event_validate(&s.event, NULL), 0);
        struct buf frame = frame_of(&s);
        size_t length;
        check_msgpack(buf_view(&frame));
        check_decodes(buf_view(&frame), &s);
        cr_assert_eq(frame_length(buf_view(&frame), &length, NULL), 0);
        cr_assert_eq(length, frame.len);
        buf_release(&frame);
        sample_release(&s);
    }
}

Test(event, an_empty_event_has_no_fields) {
    FOR_EACH_EVENT(info) {
        struct sample empty, dropped;
        sample_make(&dropped, info, SAMPLE_ORDINARY);
        sample_make(&empty, info, SAMPLE_LEAST);
        event_init(&empty.event, (enum event_type)info->number);
        for (size_t i = 0; i < info->count; i++) {
            sample_drop(&dropped, &info->fields[i]);
            check_field(&empty.event, &dropped.event, &info->fields[i]);
        }
        cr_assert(empty.event.version == info->version && empty.event.at == NIL && empty.event.sealed_bits == 0);
        sample_release(&empty);
        sample_release(&dropped);
    }
}

/* ---- What must not be written is refused, by the writer with the field's name, and flagged by the reader ---- */

static void check_refused(const struct sample *s, const char *field, bool sealed) {
    struct buf out = BUF_INIT;
    struct err err = {0};
    struct event e;
    buf_append(&out, "before", 6);
    cr_assert_eq(event_validate(&s->event, &err), ERR_INVALID, "%s.%s", s->info->name, field);
    cr_assert_str_eq(err.field, field, "%s: %s", s->info->name, err.text);
    err = (struct err){0};
    cr_assert_eq(encode(s, &out, &err), ERR_INVALID, "%s.%s", s->info->name, field);
    cr_assert_str_eq(err.field, field);
    cr_assert_eq(err.code, ERR_INVALID);
    cr_assert_not_null(strstr(err.text, field), "%s", err.text);
    cr_assert(view_is(buf_view(&out), "before"));
    buf_release(&out);
    if (sealed) return;
    struct buf frame = forged(s);
    int standing = event_decode(buf_view(&frame), &e, NULL);
    cr_assert(standing == EVENT_BAD || standing == ERR_FORMAT || standing == ERR_LIMIT, "%s.%s: %d", s->info->name,
              field, standing);
    cr_assert_eq(standing >= 0, frame_check(buf_view(&frame), NULL) == 0);
    buf_release(&frame);
}

static int spoil_and_check(const struct event_info *info, const struct field_info *field,
                           const struct field_info *rows) {
    for (int way = 0;; way++) {
        struct sample s;
        sample_make(&s, info, SAMPLE_ORDINARY);
        bool spoilt = sample_spoil(&s, field, rows, way);
        if (spoilt) check_refused(&s, field->name, field->kind == KIND_SEALED);
        sample_release(&s);
        if (!spoilt) return way;
    }
}

Test(event, every_field_is_held_to_its_bounds) {
    FOR_EACH_EVENT(info) for (size_t i = 0; i < info->count; i++) {
        const struct field_info *field = &info->fields[i];
        cr_assert_geq(spoil_and_check(info, field, NULL), 1);
        for (size_t k = 0; field->kind == KIND_ROWS && k < field->row->count; k++)
            cr_assert_geq(spoil_and_check(info, &field->row->fields[k], field), 1);
    }
}

Test(event, required_fields_are_required) {
    FOR_EACH_EVENT(info) for (size_t i = 0; i < info->count; i++) {
        struct sample s;
        struct err err = {0};
        sample_make(&s, info, SAMPLE_ORDINARY);
        sample_drop(&s, &info->fields[i]);
        /* A list of ids that is empty is there all the same. */
        bool refused = info->fields[i].required && info->fields[i].kind != KIND_IDS;
        cr_assert_eq(event_validate(&s.event, &err), refused ? ERR_INVALID : 0, "%s: %s", info->name, err.text);
        if (refused) cr_assert_str_eq(err.field, info->fields[i].name);
        sample_release(&s);
    }
}

Test(event, messages_help) {
    struct sample s;
    struct err err = {0};
    sample_make(&s, event_info_named("contacted"), SAMPLE_ORDINARY);
    s.event.body.contacted.kind = 99;
    event_validate(&s.event, &err);
    cr_assert_str_eq(err.text, "kind must be one of call, sms, message, visit, letter, gift, gathering");
    s.event.body.contacted.kind = 0;
    event_validate(&s.event, &err);
    cr_assert_str_eq(err.text, "kind is missing; it must be one of call, sms, message, visit, letter, gift, gathering");
    s.event.body.contacted.kind = choice_contact_kind_call;
    s.event.body.contacted.satisfaction = 6;
    event_validate(&s.event, &err);
    cr_assert_str_eq(err.text, "satisfaction must be a whole number from 0 to 5");
    sample_release(&s);
    sample_make(&s, event_info_named("sold"), SAMPLE_ORDINARY);
    const struct field_info *lines = &s.info->fields[0];
    sample_spoil(&s, &lines->row->fields[0], lines, 1);
    event_validate(&s.event, &err);
    cr_assert_str_eq(err.text, "row 3 of lines: sku must be text of 1 to 64 bytes in UTF-8");
    sample_release(&s);
}

/* ---- The envelope ---- */

static void check_envelope_fault(const struct sample *s, const char *field, int standing) {
    struct event e;
    struct err err = {0};
    check_refused(s, field, false);
    struct buf frame = forged(s);
    cr_assert_eq(event_decode(buf_view(&frame), &e, &err), standing, "%s", field);
    if (standing == EVENT_BAD) {
        cr_assert_eq(e.hlc, s->event.hlc);
        cr_assert(e.at == NIL || e.at == s->event.at);
        cr_assert(e.actor.data == NULL || view_equal(e.actor, s->event.actor));
        cr_assert(e.subject == 0 || e.subject == s->event.subject);
        cr_assert(e.ref.source.data == NULL || view_equal(e.ref.source, s->event.ref.source));
        cr_assert(e.after.count == 0 || view_equal(e.after.raw, s->event.after.raw));
    }
    buf_release(&frame);
}

#define WITH_ENVELOPE(change, field, standing)                                                                         \
    do {                                                                                                               \
        struct sample s;                                                                                               \
        sample_make(&s, event_info_named("consent"), SAMPLE_ORDINARY);                                                 \
        change;                                                                                                        \
        check_envelope_fault(&s, field, standing);                                                                     \
        sample_release(&s);                                                                                            \
    } while (0)

Test(event, the_envelope_is_held_to_its_bounds) {
    static uint8_t text[REF_KEY_MAX + 1];
    memset(text, 'x', sizeof text);
    WITH_ENVELOPE(s.event.at = TIME_MIN - 1, "at", EVENT_BAD);
    WITH_ENVELOPE(s.event.at = TIME_MAX + 1, "at", EVENT_BAD);
    WITH_ENVELOPE(s.event.actor = view_of(""), "actor", EVENT_BAD);
    WITH_ENVELOPE(s.event.actor = view_of("\xc0\x80"), "actor", EVENT_BAD);
    WITH_ENVELOPE(s.event.actor = view_make(text, ACTOR_MAX + 1), "actor", ERR_LIMIT);
    WITH_ENVELOPE(s.event.subject = id_make(1, 0), "subject", EVENT_BAD);
    WITH_ENVELOPE(s.event.ref.source = view_of(""), "ref", EVENT_BAD);
    WITH_ENVELOPE(s.event.ref.key = view_of("\xff"), "ref", EVENT_BAD);
    WITH_ENVELOPE(s.event.ref.source = view_make(text, REF_SOURCE_MAX + 1), "ref", ERR_LIMIT);
    WITH_ENVELOPE(s.event.ref.key = view_make(text, REF_KEY_MAX + 1), "ref", ERR_LIMIT);
    WITH_ENVELOPE((s.event.after = (struct list){view_make("\0", 1), 1}), "after", EVENT_BAD);
    static uint8_t ones[AFTER_MAX + 1];
    memset(ones, 1, sizeof ones);
    WITH_ENVELOPE((s.event.after = (struct list){view_make(ones, sizeof ones), sizeof ones}), "after", ERR_LIMIT);
}

Test(event, only_the_catalogues_version_is_written) {
    struct sample s;
    struct err err = {0};
    sample_make(&s, event_info_named("consent"), SAMPLE_ORDINARY);
    s.event.version = 2;
    cr_assert_eq(event_validate(&s.event, &err), ERR_INVALID);
    cr_assert_str_eq(err.field, "version");
    s.event.type = 60000;
    cr_assert_eq(event_validate(&s.event, &err), ERR_INVALID);
    cr_assert_str_eq(err.field, "type");
    sample_release(&s);
}

Test(event, what_is_sealed_needs_a_subject) {
    struct sample s;
    struct err err = {0};
    struct buf out = BUF_INIT;
    sample_make(&s, event_info_named("registered"), SAMPLE_ORDINARY);
    s.event.subject = 0; /* not known before the event has its id */
    cr_assert_eq(event_validate(&s.event, &err), 0, "%s", err.text);
    cr_assert_eq(encode(&s, &out, &err), ERR_INVALID);
    cr_assert_str_eq(err.field, "subject");
    buf_release(&out);
    sample_release(&s);
}

Test(event, bits_and_sealed_texts_agree) {
    struct sample s;
    struct err err = {0};
    sample_make(&s, event_info_named("verified"), SAMPLE_ORDINARY);
    s.event.sealed_bits = 0;
    cr_assert_eq(event_validate(&s.event, &err), ERR_INVALID);
    cr_assert_str_eq(err.field, "findings");
    s.event.sealed_bits = 2;
    s.event.body.verified.findings = VIEW_NONE;
    cr_assert_eq(event_validate(&s.event, &err), ERR_INVALID);
    cr_assert_str_eq(err.field, "sealed");
    sample_release(&s);
}

Test(event, a_frame_has_a_largest_size) {
    struct sample s;
    struct err err = {0};
    struct event e;
    struct buf storage = BUF_INIT;
    sample_make(&s, event_info_named("sold"), SAMPLE_LEAST);
    static char sku[64];
    memset(sku, 's', sizeof sku);
    const struct row_sale_line row = {view_make(sku, sizeof sku), 0, 0, 0, 0, 0};
    s.event.body.sold.lines = (struct list){VIEW_NONE, 0};
    while (storage.len < FRAME_MAX) row_sale_line_append(&s.event.body.sold.lines, &storage, &row);
    cr_assert_eq(event_validate(&s.event, &err), ERR_LIMIT);
    cr_assert_str_eq(err.field, "frame");
    struct buf frame = forged(&s);
    size_t length;
    cr_assert_eq(event_decode(buf_view(&frame), &e, NULL), ERR_LIMIT);
    cr_assert_eq(frame_check(buf_view(&frame), NULL), ERR_LIMIT);
    cr_assert_lt(frame_length(buf_view(&frame), &length, NULL), 0);
    buf_release(&frame);
    buf_release(&storage);
    sample_release(&s);
}

/* ---- Shorter, longer, later ---- */

/* Copies a frame, with `keep` of its body's fields and `more` values behind them, and `after` behind the body. */
static struct buf refit(struct view frame, uint32_t keep, const char *more, uint32_t more_count, bool after) {
    struct buf out = BUF_INIT;
    struct cursor c = cursor_of(frame);
    uint32_t fields = cursor_array(&c);
    pack_array(&out, fields + (after ? 1 : 0));
    for (uint32_t i = 0; i + 1 < fields; i++) buf_append_view(&out, cursor_skip(&c));
    uint32_t body = cursor_array(&c);
    if (keep > body) keep = body;
    pack_array(&out, keep + more_count);
    for (uint32_t i = 0; i < keep; i++) buf_append_view(&out, cursor_skip(&c));
    for (uint32_t i = 0; i < more_count; i++) buf_append(&out, more, strlen(more));
    if (after) buf_append(&out, "\xa5later", 6);
    cr_assert(cursor_ok(&c));
    return out;
}

static void check_shortened(const struct event_info *info, uint32_t keep) {
    struct sample s;
    struct event e;
    bool good = true;
    sample_make(&s, info, SAMPLE_ORDINARY);
    struct buf frame = frame_of(&s);
    struct buf shorter = refit(buf_view(&frame), keep, "", 0, false);
    for (size_t i = keep > 0 ? keep - 1 : 0; i < info->count - info->sealed_count; i++) {
        good = good && !info->fields[i].required;
        sample_drop(&s, &info->fields[i]);
    }
    if (keep > 0 && good) {
        check_decodes(buf_view(&shorter), &s);
    } else {
        cr_assert_eq(event_decode(buf_view(&shorter), &e, NULL), EVENT_BAD);
        cr_assert_eq(frame_check(buf_view(&shorter), NULL), 0);
        check_envelope(&e, &s.event);
    }
    buf_release(&frame);
    buf_release(&shorter);
    sample_release(&s);
}

Test(event, fields_that_an_older_version_did_not_have_read_as_absent) {
    FOR_EACH_EVENT(info)
    for (uint32_t keep = 0; keep <= info->count - info->sealed_count; keep++) check_shortened(info, keep);
}

Test(event, fields_of_a_later_version_are_passed_over) {
    FOR_EACH_EVENT(info) {
        struct sample s;
        sample_make(&s, info, SAMPLE_ORDINARY);
        struct buf frame = frame_of(&s);
        struct buf longer = refit(buf_view(&frame), UINT32_MAX, "\x92\xc0\xa3new", 3, false);
        struct buf wider = refit(buf_view(&frame), UINT32_MAX, "\xff", 1, true);
        check_decodes(buf_view(&longer), &s);
        check_decodes(buf_view(&wider), &s);
        buf_release(&frame);
        buf_release(&longer);
        buf_release(&wider);
        sample_release(&s);
    }
}

Test(event, a_later_version_of_a_known_type_is_read) {
    struct sample s;
    struct event e;
    sample_make(&s, event_info_named("consent"), SAMPLE_ORDINARY);
    s.event.version = 9;
    struct buf frame = forged(&s);
    cr_assert_eq(event_decode(buf_view(&frame), &e, NULL), EVENT_GOOD);
    cr_assert(e.version == 9 && e.body.consent.given == 1);
    buf_release(&frame);
    s.event.version = 0;
    frame = forged(&s);
    cr_assert_eq(event_decode(buf_view(&frame), &e, NULL), EVENT_BAD);
    buf_release(&frame);
    sample_release(&s);
}

Test(event, rows_of_a_later_version_are_read) {
    static const uint8_t rows[] = {0x98, 0xa1, 'a', 1,    2,   3, 4, 5, 0x91, 0xc2, 0xa1, 'x', /* two fields more */
                                   0x93, 0xa1, 'b', 0xff, 0xff}; /* the last one not there */
    struct sample s;
    struct event e;
    struct row_sale_line row;
    sample_make(&s, event_info_named("sold"), SAMPLE_LEAST);
    s.event.body.sold.lines = (struct list){view_make(rows, sizeof rows), 2};
    struct buf frame = frame_of(&s);
    cr_assert_eq(event_decode(buf_view(&frame), &e, NULL), EVENT_GOOD);
    struct list lines = e.body.sold.lines;
    cr_assert_eq(lines.count, 2);
    cr_assert(row_sale_line_next(&lines, &row));
    cr_assert(view_is(row.sku, "a") && row.quantity == 1 && row.amount == 2 && row.list_amount == 3);
    cr_assert(row.cost == 4 && row.sessions == 5);
    cr_assert(row_sale_line_next(&lines, &row));
    cr_assert(view_is(row.sku, "b") && row.quantity == -1 && row.amount == -1 && row.list_amount == NIL);
    cr_assert(row.cost == NIL && row.sessions == NIL);
    cr_assert_not(row_sale_line_next(&lines, &row));
    buf_release(&frame);
    sample_release(&s);
}

struct sum_line {
    int64_t quantity, amount;
};

static struct row_totals totals_of(const struct sum_line *lines, size_t count) {
    struct sample s;
    struct event e;
    struct buf storage = BUF_INIT;
    sample_make(&s, event_info_named("sold"), SAMPLE_LEAST);
    s.event.body.sold.lines = (struct list){VIEW_NONE, 0};
    for (size_t i = 0; i < count; i++) {
        struct row_sale_line line = {view_of("a"), lines[i].quantity, lines[i].amount, NIL, NIL, NIL};
        row_sale_line_append(&s.event.body.sold.lines, &storage, &line);
    }
    struct buf frame = frame_of(&s);
    cr_assert_eq(event_decode(buf_view(&frame), &e, NULL), EVENT_GOOD);
    buf_release(&frame);
    buf_release(&storage);
    sample_release(&s);
    return e.body.sold.lines_totals;
}

Test(event, decoding_sums_up_the_lines) {
    struct row_totals t = totals_of((struct sum_line[]){{1000, 19900}, {-1000, -5}, {0, 7}}, 3);
    cr_assert(t.amount == 19902 && t.positive);
    t = totals_of((struct sum_line[]){{0, MONEY_MAX}, {-1, MONEY_MAX}}, 2);
    cr_assert(t.amount == 2 * (uint64_t)MONEY_MAX && !t.positive);
    t = totals_of((struct sum_line[]){{1, -1}}, 1);
    cr_assert(t.amount == UINT64_MAX && t.positive);
}

Test(event, an_unknown_type_shows_its_envelope) {
    struct sample s;
    struct event e;
    struct err err = {0};
    sample_make(&s, event_info_named("promised"), SAMPLE_ORDINARY);
    struct buf frame = forged(&s);
    cr_assert_eq(frame.data[1], EVENT_promised);
    frame.data[1] = 0x7f;
    s.event.type = 0x7f;
    cr_assert_eq(event_decode(buf_view(&frame), &e, &err), EVENT_UNKNOWN);
    cr_assert_eq(err.code, ERR_VERSION);
    cr_assert_eq(frame_check(buf_view(&frame), NULL), 0);
    check_envelope(&e, &s.event);
    cr_assert(e.sealed_bits == 0 && e.sealed.data == NULL);
    buf_release(&frame);
    sample_release(&s);
}

/* ---- Damage ---- */

Test(event, a_frame_cut_anywhere_is_none) {
    FOR_EACH_EVENT(info) {
        struct sample s;
        struct event e;
        size_t length;
        sample_make(&s, info, SAMPLE_ORDINARY);
        struct buf frame = frame_of(&s);
        for (size_t len = 0; len < frame.len; len++) {
            uint8_t *copy = mem_alloc(len > 0 ? len : 1); /* of its size, for the sanitizer */
            if (len > 0) memcpy(copy, frame.data, len);
            cr_assert_eq(event_decode(view_make(copy, len), &e, NULL), ERR_FORMAT);
            cr_assert_eq(frame_check(view_make(copy, len), NULL), ERR_FORMAT);
            cr_assert_eq(frame_length(view_make(copy, len), &length, NULL), ERR_FORMAT);
            free(copy);
        }
        buf_append_byte(&frame, 0xc0);
        cr_assert_eq(event_decode(buf_view(&frame), &e, NULL), ERR_FORMAT);
        cr_assert_eq(frame_check(buf_view(&frame), NULL), ERR_FORMAT);
        cr_assert_eq(frame_length(buf_view(&frame), &length, NULL), 0);
        cr_assert_eq(length, frame.len - 1);
        buf_release(&frame);
        sample_release(&s);
    }
    struct event e;
    cr_assert_eq(event_decode(VIEW_NONE, &e, NULL), ERR_FORMAT);
}

/* Every byte of every event, every value: whatever comes of it, the three readers agree, and nothing breaks. */
Test(event, a_changed_byte_is_judged_alike_by_all_readers) {
    FOR_EACH_EVENT(info) {
        struct sample s;
        sample_make(&s, info, SAMPLE_LEAST);
        struct buf frame = forged(&s);
        for (size_t at = 0; at < frame.len; at++) {
            uint8_t was = frame.data[at];
            for (unsigned value = 0; value < 256; value++) {
                struct event e;
                size_t length = 0;
                frame.data[at] = (uint8_t)value;
                int standing = event_decode(buf_view(&frame), &e, NULL);
                cr_assert_eq(standing >= 0, frame_check(buf_view(&frame), NULL) == 0);
                if (standing >= 0) {
                    cr_assert_eq(frame_length(buf_view(&frame), &length, NULL), 0);
                    cr_assert_eq(length, frame.len);
                }
            }
            frame.data[at] = was;
        }
        buf_release(&frame);
        sample_release(&s);
    }
}

Test(event, nesting_has_one_limit_wherever_it_stands) {
    for (size_t deep = 1; deep <= 12; deep++) {
        struct sample s;
        struct event e;
        size_t length;
        uint8_t nest[16], row[40] = {0x97, 0xa1, 'a', 0, 0, 0xc0, 0xc0, 0xc0};
        memset(nest, 0x91, deep);
        nest[deep] = 0xc0;
        nest[deep + 1] = '\0';
        memcpy(row + 8, nest, deep + 1);
        sample_make(&s, event_info_named("sold"), SAMPLE_LEAST);
        struct buf frame = forged(&s);
        struct buf in_body = refit(buf_view(&frame), UINT32_MAX, (const char *)nest, 1, false);
        s.event.body.sold.lines = (struct list){view_make(row, 8 + deep + 1), 1};
        struct buf in_row = forged(&s);
        /* The body is one level, the list of rows and the row two more. */
        cr_assert_eq(event_decode(buf_view(&in_body), &e, NULL), deep <= 7 ? EVENT_GOOD : ERR_FORMAT, "%zu", deep);
        cr_assert_eq(event_decode(buf_view(&in_row), &e, NULL), deep <= 5 ? EVENT_GOOD : ERR_FORMAT, "%zu", deep);
        cr_assert_eq(frame_check(buf_view(&in_body), NULL), deep <= 7 ? 0 : ERR_FORMAT);
        cr_assert_eq(frame_check(buf_view(&in_row), NULL), deep <= 5 ? 0 : ERR_FORMAT);
        cr_assert_eq(frame_length(buf_view(&in_row), &length, NULL), deep <= 5 ? 0 : ERR_FORMAT);
        buf_release(&frame);
        buf_release(&in_body);
        buf_release(&in_row);
        sample_release(&s);
    }
}

/* ---- Lists ---- */

Test(event, lists_are_walked_in_order) {
    struct list ids = {VIEW_NONE, 0};
    struct buf storage = BUF_INIT;
    uint64_t id;
    buf_append(&storage, "old", 3);
    for (uint64_t i = 1; i <= 300; i++) list_append_id(&ids, &storage, i * i * i);
    cr_assert_eq(ids.count, 300);
    struct list walk = ids;
    for (uint64_t i = 1; i <= 300; i++) {
        cr_assert(list_next_id(&walk, &id));
        cr_assert_eq(id, i * i * i);
    }
    cr_assert_not(list_next_id(&walk, &id));
    cr_assert_not(list_next_id(&(struct list){VIEW_NONE, 3}, &id));
    buf_release(&storage);
}
