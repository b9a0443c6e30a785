/* Sealing, keys and tags; and opening the sealed fields of an event. */
#include <criterion/criterion.h>
#include <string.h>

#include "proto/base/pack.h"
#include "proto/event/frame.h"
#include "proto/event/seal_event.h"
#include "tests/support/parties.h"
#include "tests/support/samples.h"

static struct still_world world;
static struct customer_key key;
static struct buf plain, frame; /* of the events below */

static void prepare(void) {
    still_world_init(&world, 1);
    key = sample_key();
}

static void finish(void) {
    buf_release(&plain);
    buf_release(&frame);
}

TestSuite(seal, .init = prepare, .fini = finish);

/* ---- The seal ---- */

static struct buf sealed_of(const char *text, const char *aad) {
    struct buf out = BUF_INIT;
    seal(&key, view_of(text), view_of(aad), &world.env, &out);
    cr_assert_eq(out.len, strlen(text) + SEAL_OVERHEAD);
    return out;
}

static int opened(struct view sealed, const char *aad, const char *text) {
    struct buf out = BUF_INIT;
    buf_append(&out, "before ", 7);
    int code = seal_open(&key, sealed, view_of(aad), &out);
    if (code == 0)
        cr_assert(view_is(view_make(out.data + 7, out.len - 7), text));
    else
        cr_assert_eq(out.len, 7);
    buf_release(&out);
    return code;
}

Test(seal, gives_back_what_was_sealed) {
    static const char *const texts[] = {"", "a", "김단골, 010-1234-5678"};
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        struct buf sealed = sealed_of(texts[i], "bound to this");
        cr_assert_eq(opened(buf_view(&sealed), "bound to this", texts[i]), 0);
        buf_release(&sealed);
    }
}

Test(seal, never_seals_alike) {
    struct buf a = sealed_of("same", ""), b = sealed_of("same", "");
    cr_assert_neq(memcmp(a.data, b.data, 24), 0);
    cr_assert_neq(memcmp(a.data + 24, b.data + 24, 4), 0);
    buf_release(&a);
    buf_release(&b);
}

Test(seal, refuses_what_was_touched) {
    struct buf sealed = sealed_of("secret", "aad");
    for (size_t i = 0; i < sealed.len * 8; i++) {
        sealed.data[i / 8] ^= (uint8_t)(1 << i % 8);
        cr_assert_eq(opened(buf_view(&sealed), "aad", "secret"), ERR_AUTH);
        sealed.data[i / 8] ^= (uint8_t)(1 << i % 8);
    }
    for (size_t len = 0; len < sealed.len; len++)
        cr_assert_eq(opened(view_make(sealed.data, len), "aad", "secret"), ERR_AUTH);
    cr_assert_eq(opened(buf_view(&sealed), "aae", "secret"), ERR_AUTH);
    key.bytes[31] ^= 1;
    cr_assert_eq(opened(buf_view(&sealed), "aad", "secret"), ERR_AUTH);
    buf_release(&sealed);
}

/* ---- Keys and tags ---- */

Test(seal, keys_come_from_the_world) {
    struct customer_key a, b;
    customer_key_make(&a, &world.env);
    customer_key_make(&b, &world.env);
    cr_assert_arr_neq(a.bytes, b.bytes, KEY_BYTES);
    still_world_init(&world, 1);
    customer_key_make(&b, &world.env);
    cr_assert_arr_eq(a.bytes, b.bytes, KEY_BYTES);
}

/* Known values, computed with Python's hashlib: fingerprints and tags are on disk for ever. */
Test(seal, a_fingerprint_is_as_it_was) {
    uint8_t fingerprint[FINGERPRINT_BYTES];
    char text[2 * FINGERPRINT_BYTES + 1];
    customer_key_fingerprint(&key, fingerprint);
    hex_encode(view_make(fingerprint, sizeof fingerprint), text);
    cr_assert_str_eq(text, "f747ddd66e4ea83f");
}

Test(seal, a_tag_is_as_it_was) {
    struct tag tag;
    char text[2 * TAG_BYTES + 1];
    tag_make(key.bytes, TAG_PHONE, view_of("+821012345678"), &tag);
    hex_encode(view_make(tag.bytes, sizeof tag.bytes), text);
    cr_assert_eq(tag.kind, TAG_PHONE);
    cr_assert_str_eq(text, "252b46c0dde85610fc3da4851293c0e7");
}

Test(seal, tags_differ_by_site_kind_and_text) {
    struct tag tags[4];
    struct customer_key other = key;
    other.bytes[0] ^= 1;
    tag_make(key.bytes, TAG_PHONE, view_of("77"), &tags[0]);
    tag_make(key.bytes, TAG_CARD, view_of("77"), &tags[1]);
    tag_make(other.bytes, TAG_PHONE, view_of("77"), &tags[2]);
    tag_make(key.bytes, TAG_PHONE, view_of("78"), &tags[3]);
    for (size_t i = 0; i < 4; i++)
        for (size_t k = 0; k < i; k++) cr_assert_arr_neq(tags[i].bytes, tags[k].bytes, TAG_BYTES);
}

/* ---- Events ---- */

static void change_card(void) {
    struct event e;
    event_init(&e, EVENT_updated);
    e.subject = SAMPLE_SUBJECT;
    e.body.updated.phone = view_of("010-9876-5432");
    e.sealed_bits = 1u << SEALED_updated_phone | 1u << SEALED_updated_address; /* and the address is cleared */
    cr_assert_eq(event_encode(&e, &key, &world.env, &frame, NULL), 0);
}

Test(seal, an_event_tells_what_it_touches_and_with_the_key_what_it_says) {
    struct event e;
    change_card();
    cr_assert_eq(event_decode(buf_view(&frame), &e, NULL), EVENT_GOOD);
    cr_assert_eq(e.sealed_bits, 1u << SEALED_updated_phone | 1u << SEALED_updated_address);
    cr_assert_null(e.body.updated.phone.data);
    cr_assert_eq(event_open(&e, &key, &plain, NULL), 0);
    cr_assert(view_is(e.body.updated.phone, "010-9876-5432"));
    cr_assert_null(e.body.updated.address.data);
    cr_assert_eq(e.sealed_bits, 1u << SEALED_updated_phone | 1u << SEALED_updated_address);
}

Test(seal, an_event_is_bound_to_type_version_and_subject) {
    struct event good, e;
    struct err err = {0};
    change_card();
    cr_assert_eq(event_decode(buf_view(&frame), &good, NULL), EVENT_GOOD);
    e = good;
    e.subject++;
    cr_assert_eq(event_open(&e, &key, &plain, &err), ERR_AUTH);
    cr_assert_eq(err.code, ERR_AUTH);
    e = good;
    e.version++;
    cr_assert_eq(event_open(&e, &key, &plain, NULL), ERR_AUTH);
    e = good;
    e.type = EVENT_registered;
    cr_assert_eq(event_open(&e, &key, &plain, NULL), ERR_AUTH);
    e = good;
    key.bytes[0] ^= 1;
    cr_assert_eq(event_open(&e, &key, &plain, NULL), ERR_AUTH);
    cr_assert_eq(plain.len, 0);
}

Test(seal, an_event_without_a_seal_opens_to_nothing) {
    struct event e;
    event_init(&e, EVENT_updated);
    cr_assert_eq(event_open(&e, &key, &plain, NULL), 0);
    cr_assert_eq(plain.len, 0);
}

/* Seals `text` as that of a change card with these bits, and opens it. */
static int open_forged(struct view text, uint64_t bits, struct event *e) {
    uint8_t aad[SEAL_AAD_BYTES];
    struct buf sealed = BUF_INIT;
    event_init(e, EVENT_updated);
    e->subject = SAMPLE_SUBJECT;
    e->sealed_bits = bits;
    seal(&key, text, event_aad(e, aad), &world.env, &sealed);
    buf_clear(&frame);
    frame_write(e, buf_view(&sealed), &frame);
    buf_release(&sealed);
    cr_assert_eq(event_decode(buf_view(&frame), e, NULL), EVENT_GOOD);
    buf_clear(&plain);
    return event_open(e, &key, &plain, NULL);
}

Test(seal, bits_of_a_later_version_are_passed_over) {
    struct event e;
    cr_assert_eq(open_forged(view_of("\x93\xa1n\xa3new\x91\xc0"), UINT64_C(1) << 63 | UINT64_C(1) << 40 | 1, &e), 0);
    cr_assert(view_is(e.body.updated.name, "n"));
    cr_assert_eq(e.sealed_bits, UINT64_C(1) << 63 | UINT64_C(1) << 40 | 1);
}

Test(seal, what_is_sealed_is_looked_at) {
    static const char *const wrong[] = {
        "",
        "\xc0",
        "\x90",
        "\x91\xa1n",
        "\x93\xa1n\xa1p\xc0",
        "\x92\xa1n\x07",
        "\x92\xa1n\xa0",
        "\x92\xa1n\xa1\xff",
        "\x92\xa1n\xa1p\xc0",
        "\x92\xa1n\xd9\x01p",
    };
    struct event e;
    cr_assert_eq(open_forged(view_of("\x92\xa1n\xa1p"), 3, &e), 0);
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        cr_assert_eq(open_forged(view_of(wrong[i]), 3, &e), ERR_FORMAT, "%zu", i);
        cr_assert_null(e.body.updated.name.data);
        cr_assert_eq(e.sealed_bits, 3);
    }
    struct buf large = BUF_INIT;
    pack_array(&large, 1);
    char name[201];
    memset(name, 'n', sizeof name);
    pack_str(&large, view_make(name, sizeof name));
    cr_assert_eq(open_forged(buf_view(&large), 1, &e), ERR_FORMAT);
    buf_release(&large);
}
