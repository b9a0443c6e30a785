/* Every message of messages.def against msgpack-c, which writes what is read here and reads what is written: at its
 * bounds, past them, cut anywhere, with the fields of later versions and without those of this one. */
#include <criterion/criterion.h>
#include <msgpack.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "proto/base/pack.h"
#include "proto/wire/message.h"

enum kind { UINT, TIME, FIXED, BIN, TEXT, IDS };
enum need { OPTIONAL, REQUIRED };

struct field {
    uint16_t message;
    const char *name;
    enum kind kind;
    enum need need;
    uint64_t bound;
};

static const struct field fields[] = {
#define MESSAGE_BEGIN(type, number, sender, doc)
#define FIELD(type, name, kind, need, bound, doc) {MESSAGE_##type, #name, kind, need, bound},
#define MESSAGE_END(type)
#include "proto/wire/messages.def"
#undef MESSAGE_BEGIN
#undef FIELD
#undef MESSAGE_END
};
static const size_t field_count = sizeof fields / sizeof fields[0];

static const uint16_t messages[] = {
#define MESSAGE_BEGIN(type, number, sender, doc) MESSAGE_##type,
#define FIELD(type, name, kind, need, bound, doc)
#define MESSAGE_END(type)
#include "proto/wire/messages.def"
#undef MESSAGE_BEGIN
#undef FIELD
#undef MESSAGE_END
};
static const size_t message_count = sizeof messages / sizeof messages[0];

/* ---- What msgpack-c writes ---- */

enum filling { LOW, SOME, HIGH, PAST, NOTHING, ANOTHER_KIND };

static uint64_t number_of(const struct field *f, enum filling filling) {
    uint64_t bound = f->bound != 0 ? f->bound : UINT64_MAX;
    switch (filling) {
    case LOW: return 0;
    case SOME: return bound / 2;
    case HIGH: return bound;
    default: return bound + 1;
    }
}

static int64_t time_of(enum filling filling) {
    return filling == LOW ? INT64_MIN : filling == HIGH ? INT64_MAX : INT64_C(1764547200123);
}

static size_t length_of(const struct field *f, enum filling filling) {
    size_t bound = (size_t)f->bound;
    size_t some = bound < 40 ? bound : 40;
    if (filling == PAST) return bound + 1;
    if (filling == HIGH || f->kind == FIXED) return bound;
    return filling == LOW ? 0 : some;
}

static void put_bytes(msgpack_packer *packer, const struct field *f, size_t len) {
    char *bytes = malloc(len + 1);
    memset(bytes, f->kind == TEXT ? 'a' : 0xc1, len); /* 0xc1 is no msgpack at all */
    if (f->kind == TEXT) {
        msgpack_pack_str_with_body(packer, bytes, len);
    } else {
        msgpack_pack_bin_with_body(packer, bytes, len);
    }
    free(bytes);
}

static void put_ids(msgpack_packer *packer, size_t count) {
    msgpack_pack_array(packer, count);
    for (size_t i = 0; i < count; i++) msgpack_pack_uint64(packer, UINT64_MAX >> i % 64);
}

static void put_another_kind(msgpack_packer *packer, const struct field *f) {
    if (f->kind == UINT || f->kind == TIME) {
        msgpack_pack_str_with_body(packer, "1", 1);
    } else {
        msgpack_pack_int(packer, 1);
    }
}

static void put_field(msgpack_packer *packer, const struct field *f, enum filling filling) {
    if (filling == NOTHING) {
        msgpack_pack_nil(packer);
    } else if (filling == ANOTHER_KIND) {
        put_another_kind(packer, f);
    } else if (f->kind == UINT) {
        msgpack_pack_uint64(packer, number_of(f, filling));
    } else if (f->kind == TIME) {
        msgpack_pack_int64(packer, time_of(filling));
    } else if (f->kind == IDS) {
        put_ids(packer, length_of(f, filling));
    } else {
        put_bytes(packer, f, length_of(f, filling));
    }
}

static size_t fields_of(uint16_t message) {
    size_t count = 0;
    for (size_t i = 0; i < field_count; i++) count += fields[i].message == message;
    return count;
}

/* A message with all its fields filled in one way, but `odd` (may be NULL) in another. Of the fields only the first
 * `most`, and `more` of a later version behind them. */
static struct view write_message(msgpack_sbuffer *out, uint16_t message, enum filling filling, const struct field *odd,
                                 enum filling odd_filling, size_t most, size_t more) {
    msgpack_packer packer;
    msgpack_packer_init(&packer, out, msgpack_sbuffer_write);
    size_t count = fields_of(message);
    if (count > most) count = most;
    msgpack_pack_array(&packer, 1 + count + more);
    msgpack_pack_uint16(&packer, message);
    for (const struct field *f = fields; f < fields + field_count && count > 0; f++) {
        if (f->message != message) continue;
        put_field(&packer, f, f == odd ? odd_filling : filling);
        count--;
    }
    for (size_t i = 0; i < more; i++) put_ids(&packer, i);
    return view_make(out->data, out->size);
}

static struct view write_whole(msgpack_sbuffer *out, uint16_t message, enum filling filling) {
    return write_message(out, message, filling, NULL, LOW, SIZE_MAX, 0);
}

/* ---- What is read ---- */

static void check_written_again(const struct message *m, struct view bytes) {
    struct buf again = BUF_INIT;
    message_encode(m, &again);
    cr_assert(view_equal(buf_view(&again), bytes), "%s", message_name(m->type));
    buf_release(&again);
}

static void check_round_trip(uint16_t message, enum filling filling) {
    msgpack_sbuffer bytes;
    msgpack_sbuffer_init(&bytes);
    struct view view = write_whole(&bytes, message, filling);
    struct message m;
    struct err err = {0};
    cr_assert_leq(view.len, MESSAGE_MAX);
    cr_assert_eq(message_decode(view, &m, &err), 0, "%s", err.text);
    cr_assert_eq(m.type, message);
    check_written_again(&m, view);
    msgpack_sbuffer_destroy(&bytes);
}

/* Reading `bytes` fails with `code` and names the field (NULL: any). */
static void check_refused(struct view bytes, int code, const char *field) {
    struct message m;
    struct err err = {0};
    int rc = message_decode(bytes, &m, &err);
    cr_assert_eq(rc, code, "%s: %d", field != NULL ? field : "", rc);
    cr_assert_eq(err.code, code);
    if (field != NULL) cr_assert_str_eq(err.field, field);
}

static void check_odd_field(const struct field *odd, enum filling filling, int code) {
    msgpack_sbuffer bytes;
    msgpack_sbuffer_init(&bytes);
    struct view view = write_message(&bytes, odd->message, SOME, odd, filling, SIZE_MAX, 0);
    check_refused(view, code, odd->name);
    msgpack_sbuffer_destroy(&bytes);
}

Test(message, every_message_comes_back_at_both_bounds_and_between) {
    for (size_t i = 0; i < message_count; i++) {
        check_round_trip(messages[i], LOW);
        check_round_trip(messages[i], SOME);
        check_round_trip(messages[i], HIGH);
    }
}

Test(message, every_field_past_its_bound_is_refused) {
    for (const struct field *f = fields; f < fields + field_count; f++) {
        if (f->kind == TIME || (f->kind == UINT && f->bound == 0)) continue;
        check_odd_field(f, PAST, f->kind == FIXED ? ERR_FORMAT : ERR_LIMIT);
    }
}

Test(message, every_field_of_another_kind_is_refused) {
    for (const struct field *f = fields; f < fields + field_count; f++) check_odd_field(f, ANOTHER_KIND, ERR_FORMAT);
}

Test(message, only_optional_fields_may_be_nil) {
    for (const struct field *f = fields; f < fields + field_count; f++) {
        if (f->need == REQUIRED) {
            check_odd_field(f, NOTHING, ERR_FORMAT);
            continue;
        }
        msgpack_sbuffer bytes;
        msgpack_sbuffer_init(&bytes);
        struct view view = write_message(&bytes, f->message, SOME, f, NOTHING, SIZE_MAX, 0);
        struct message m;
        cr_assert_eq(message_decode(view, &m, NULL), 0, "%s", f->name);
        check_written_again(&m, view);
        msgpack_sbuffer_destroy(&bytes);
    }
}

/* The array says how many there are, so nothing shorter is ever a message. */
Test(message, cut_anywhere_it_is_refused) {
    for (size_t i = 0; i < message_count; i++) {
        msgpack_sbuffer bytes;
        msgpack_sbuffer_init(&bytes);
        struct view view = write_whole(&bytes, messages[i], SOME);
        for (size_t len = 0; len < view.len; len++) {
            uint8_t *copy = malloc(len > 0 ? len : 1); /* of its own, so that a sanitizer sees a byte read past it */
            memcpy(copy, view.data, len);
            check_refused(view_make(copy, len), ERR_FORMAT, NULL);
            free(copy);
        }
        msgpack_sbuffer_destroy(&bytes);
    }
}

Test(message, a_byte_behind_it_is_refused) {
    for (size_t i = 0; i < message_count; i++) {
        msgpack_sbuffer bytes;
        msgpack_sbuffer_init(&bytes);
        write_whole(&bytes, messages[i], SOME);
        msgpack_sbuffer_write(&bytes, "\xc0", 1);
        check_refused(view_make(bytes.data, bytes.size), ERR_FORMAT, "");
        msgpack_sbuffer_destroy(&bytes);
    }
}

Test(message, fields_of_a_later_version_are_passed_over) {
    for (size_t i = 0; i < message_count; i++) {
        msgpack_sbuffer bytes, without;
        msgpack_sbuffer_init(&bytes);
        msgpack_sbuffer_init(&without);
        struct message m;
        cr_assert_eq(message_decode(write_message(&bytes, messages[i], SOME, NULL, LOW, SIZE_MAX, 3), &m, NULL), 0);
        check_written_again(&m, write_whole(&without, messages[i], SOME));
        msgpack_sbuffer_destroy(&bytes);
        msgpack_sbuffer_destroy(&without);
    }
}

/* An earlier version's message has fewer fields: those must all be optional. */
Test(message, missing_fields_read_as_nil_or_are_refused) {
    for (size_t i = 0; i < message_count; i++) {
        for (size_t most = 0; most < fields_of(messages[i]); most++) {
            const struct field *f = fields, *missing = NULL;
            size_t at = 0;
            for (; f < fields + field_count; f++) {
                if (f->message != messages[i]) continue;
                if (at++ >= most && f->need == REQUIRED && missing == NULL) missing = f;
            }
            msgpack_sbuffer bytes;
            msgpack_sbuffer_init(&bytes);
            struct view view = write_message(&bytes, messages[i], SOME, NULL, LOW, most, 0);
            struct message m;
            if (missing != NULL) {
                check_refused(view, ERR_FORMAT, missing->name);
            } else {
                cr_assert_eq(message_decode(view, &m, NULL), 0);
            }
            msgpack_sbuffer_destroy(&bytes);
        }
    }
}

Test(message, a_welcome_without_its_optional_fields_has_none) {
    msgpack_sbuffer bytes;
    msgpack_sbuffer_init(&bytes);
    struct message m;
    cr_assert_eq(message_decode(write_message(&bytes, MESSAGE_welcome, SOME, NULL, LOW, 6, 0), &m, NULL), 0);
    cr_assert_null(m.body.welcome.receipt.data);
    cr_assert_null(m.body.welcome.keys.data);
    cr_assert_null(m.body.welcome.keys_wanted.raw.data);
    cr_assert_eq(m.body.welcome.keys_wanted.count, 0);
    msgpack_sbuffer_destroy(&bytes);
}

/* ---- Messages of other versions ---- */

#define BYTES(...) ((struct view){(const uint8_t[]){__VA_ARGS__}, sizeof((const uint8_t[]){__VA_ARGS__})})

Test(message, an_unknown_number_is_told_but_no_failure) {
    struct message m;
    cr_assert_eq(message_decode(BYTES(0x91, 0x63), &m, NULL), MESSAGE_UNKNOWN);
    cr_assert_eq(m.type, 99);
    cr_assert_eq(message_decode(BYTES(0x93, 0xcd, 0xff, 0xff, 0xa1, 'x', 0x92, 0x01, 0x02), &m, NULL), MESSAGE_UNKNOWN);
    cr_assert_eq(m.type, 65535);
    cr_assert_eq(message_decode(BYTES(0x91, 0x00), &m, NULL), MESSAGE_UNKNOWN);
}

Test(message, what_is_no_message_is_refused) {
    check_refused(VIEW_NONE, ERR_FORMAT, "number");
    check_refused(BYTES(0x90), ERR_FORMAT, "number");
    check_refused(BYTES(0x0b), ERR_FORMAT, "number");
    check_refused(BYTES(0x91, 0xff), ERR_FORMAT, "number");
    check_refused(BYTES(0x91, 0xce, 0x00, 0x01, 0x00, 0x00), ERR_LIMIT, "number");
    check_refused(BYTES(0x92, 0x63, 0x81, 0x01, 0x02), ERR_FORMAT, ""); /* a map, in an unknown one */
    check_refused(BYTES(0x92, 0x63), ERR_FORMAT, NULL);
    check_refused(BYTES(0xdd, 0xff, 0xff, 0xff, 0xff, 0x01), ERR_FORMAT, "number");
}

Test(message, only_minimal_forms_are_read) {
    check_refused(BYTES(0x94, 0xcc, 0x0b, 0x01, 0x00, 0x05), ERR_FORMAT, "number");
    check_refused(BYTES(0x94, 0x0b, 0xcc, 0x01, 0x00, 0x05), ERR_FORMAT, "number");
    check_refused(BYTES(0x94, 0x0b, 0x01, 0x00, 0xd0, 0x05), ERR_FORMAT, "time");
    check_refused(BYTES(0xdc, 0x00, 0x04, 0x0b, 0x01, 0x00, 0x05), ERR_FORMAT, "number");
}

Test(message, text_is_utf8_without_nul) {
    check_refused(BYTES(0x93, 0x0c, 0xa2, 0xc3, 0x28, 0x00), ERR_FORMAT, "text");
    check_refused(BYTES(0x93, 0x0c, 0xa1, 0x00, 0x00), ERR_FORMAT, "text");
    const struct view korean = BYTES(0x93, 0x0c, 0xa3, 0xeb, 0x8b, 0xa8, 0x07);
    struct message m;
    cr_assert_eq(message_decode(korean, &m, NULL), 0);
    cr_assert(view_is(m.body.bye.text, "단"));
    cr_assert_eq(m.body.bye.retry_after, 7);
}

Test(message, longer_than_any_message_is_refused_unread) {
    uint8_t byte = 0x91;
    check_refused(view_make(&byte, (size_t)MESSAGE_MAX + 1), ERR_LIMIT, NULL);
}

/* ---- Writing ---- */

Test(message, msgpack_c_reads_what_is_written) {
    struct message m = {.type = MESSAGE_ack};
    m.body.ack = (struct message_ack){.stream = 65548, .next_seq = 3, .receipt = view_of("ab"), .credit = UINT64_MAX};
    struct buf bytes = BUF_INIT;
    message_encode(&m, &bytes);
    msgpack_unpacked unpacked;
    msgpack_unpacked_init(&unpacked);
    size_t offset = 0;
    cr_assert_eq(msgpack_unpack_next(&unpacked, (const char *)bytes.data, bytes.len, &offset), MSGPACK_UNPACK_SUCCESS);
    cr_assert_eq(offset, bytes.len);
    cr_assert_eq(unpacked.data.type, MSGPACK_OBJECT_ARRAY);
    const msgpack_object_array array = unpacked.data.via.array;
    cr_assert_eq(array.size, 5);
    cr_assert_eq(array.ptr[0].via.u64, 7);
    cr_assert_eq(array.ptr[1].via.u64, 65548);
    cr_assert_eq(array.ptr[2].via.u64, 3);
    cr_assert_eq(array.ptr[3].type, MSGPACK_OBJECT_BIN);
    cr_assert_eq(array.ptr[3].via.bin.size, 2);
    cr_assert_eq(array.ptr[4].via.u64, UINT64_MAX);
    msgpack_unpacked_destroy(&unpacked);
    buf_release(&bytes);
}

Test(message, encoding_appends) {
    struct message m = {.type = MESSAGE_ping};
    struct buf bytes = BUF_INIT;
    buf_append_byte(&bytes, 'x');
    message_encode(&m, &bytes);
    cr_assert(view_equal(buf_view(&bytes), BYTES('x', 0x94, 0x0b, 0x00, 0x00, 0x00)));
    buf_release(&bytes);
}

static void encode(struct message m) {
    struct buf out = BUF_INIT;
    message_encode(&m, &out);
    buf_release(&out);
}

Test(message, our_own_number_past_its_bound_is_asserted, .signal = SIGABRT) {
    encode((struct message){.type = MESSAGE_ping, .body.ping = {.echo = 2}});
}

Test(message, our_own_field_left_out_is_asserted, .signal = SIGABRT) { encode((struct message){.type = MESSAGE_bye}); }

Test(message, our_own_fixed_field_too_short_is_asserted, .signal = SIGABRT) {
    encode((struct message){.type = MESSAGE_fed, .body.fed = {.chain = view_of("short")}});
}

Test(message, a_number_of_no_message_is_asserted, .signal = SIGABRT) { encode((struct message){.type = 99}); }

/* ---- Telling ---- */

Test(message, every_message_has_its_name) {
    cr_assert_str_eq(message_name(1), "knock");
    cr_assert_str_eq(message_name(13), "error");
    cr_assert_str_eq(message_name(0), "unknown");
    cr_assert_str_eq(message_name(15), "directory");
    cr_assert_str_eq(message_name(16), "unknown");
}

Test(message, the_table_for_the_protocol_page_names_every_field) {
    struct buf table = BUF_INIT;
    messages_markdown(&table);
    const char *text = buf_text(&table);
    for (const struct field *f = fields; f < fields + field_count; f++) {
        char row[64];
        snprintf(row, sizeof row, "\n| %s | ", f->name);
        cr_assert_not_null(strstr(text, row), "%s", f->name);
    }
    cr_assert_not_null(strstr(text, "### 12 bye (both)\n\nOrderly end.\n\n| field | form | meaning |\n"));
    cr_assert_not_null(strstr(text, "| echo | number, at most 1 | 0: asks, 1: answers |\n"));
    cr_assert_not_null(strstr(text, "| token | bytes, exactly 16; or nil | session token: its bytes |\n"));
    cr_assert_not_null(strstr(text, "| credit | number | "));
    buf_release(&table);
}
