/* The join file: all of it comes back, and no changed one is taken. */
#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include "tests/support/parties.h"

static struct parties parties, foreign;

static void prepare(void) {
    parties_make(&parties, 0);
    parties_make(&foreign, 1);
}

TestSuite(join, .init = prepare);

static struct join_file example(void) {
    struct join_file join = {
        .address_count = 2,
        .ca_certificate = mem_text("-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n"),
        .stream = PARTIES_STREAM,
        .incarnation = 1,
        .store = mem_text("S012"),
        .name = mem_text("강남 \"본점\"\\"),
        .chain = mem_text("단골"),
        .region = mem_text("서울"),
        .currency = mem_text("KRW"),
        .timezone = mem_text("Asia/Seoul"),
        .country = mem_text("KR"),
    };
    join.addresses[0] = mem_text("hub.example.org:7700");
    join.addresses[1] = mem_text("[2001:db8::1]:7700");
    memcpy(join.root, parties.root.public_key, PUBLIC_KEY_SIZE);
    memset(join.secret, 0x5e, SECRET_SIZE);
    memset(join.ref_key, 0x7e, KEY_BYTES);
    return join;
}

/* The text of a join file of the parties' hub; lets `join` go. */
static struct buf written(struct join_file join) {
    struct buf text = BUF_INIT;
    join_file_write(&join, &parties.hub, parties.certificate, &text);
    join_file_release(&join);
    return text;
}

static int read_text(struct view text, struct err *err) {
    struct join_file join;
    int rc = join_file_read(text, &join, err);
    if (rc != 0) cr_assert_null(join.store, "nothing is left of what was refused");
    join_file_release(&join);
    return rc;
}

static void check_same(const struct join_file *a, const struct join_file *b) {
    cr_assert_eq(a->address_count, b->address_count);
    for (size_t i = 0; i < a->address_count; i++) cr_assert_str_eq(a->addresses[i], b->addresses[i]);
    cr_assert_arr_eq(a->root, b->root, PUBLIC_KEY_SIZE);
    cr_assert_arr_eq(a->secret, b->secret, SECRET_SIZE);
    cr_assert_arr_eq(a->ref_key, b->ref_key, KEY_BYTES);
    cr_assert(a->stream == b->stream && a->incarnation == b->incarnation);
    const char *const of_a[] = {a->ca_certificate, a->store, a->currency, a->timezone, a->country};
    const char *const of_b[] = {b->ca_certificate, b->store, b->currency, b->timezone, b->country};
    for (size_t i = 0; i < 5; i++) cr_assert_str_eq(of_a[i], of_b[i]);
    cr_assert(view_equal(view_of(a->name), view_of(b->name)));
    cr_assert(view_equal(view_of(a->chain), view_of(b->chain)));
    cr_assert(view_equal(view_of(a->region), view_of(b->region)));
}

static void check_round_trip(struct join_file join) {
    struct buf text = BUF_INIT;
    struct join_file again;
    struct err err = {0};
    join_file_write(&join, &parties.hub, parties.certificate, &text);
    cr_assert_eq(join_file_read(buf_view(&text), &again, &err), 0, "%s", err.text);
    check_same(&join, &again);
    join_file_release(&again);
    join_file_release(&join);
    buf_release(&text);
}

Test(join, everything_comes_back) { check_round_trip(example()); }

static void drop(char **text) {
    free(*text);
    *text = NULL;
}

Test(join, what_is_optional_may_be_missing) {
    struct join_file join = example();
    drop(&join.name);
    drop(&join.chain);
    drop(&join.region);
    drop(&join.addresses[--join.address_count]);
    check_round_trip(join);
}

Test(join, it_has_four_lines_of_ascii) {
    struct buf text = written(example());
    size_t lines = 0;
    for (size_t i = 0; i < text.len; i++) {
        cr_assert(text.data[i] == '\n' || (text.data[i] >= ' ' && text.data[i] < 0x7f));
        lines += text.data[i] == '\n';
    }
    cr_assert_eq(lines, 4);
    cr_assert_eq(strncmp(buf_text(&text), "dangol join 1\n{\"addresses\":[\"hub.example.org:7700\",", 50), 0);
    buf_release(&text);
}

Test(join, any_changed_character_is_refused) {
    struct buf text = written(example());
    for (size_t i = 0; i < text.len; i++) {
        uint8_t original = text.data[i];
        for (unsigned bit = 0; bit < 8; bit++) {
            text.data[i] = original ^ (uint8_t)(1u << bit);
            cr_assert_neq(read_text(buf_view(&text), NULL), 0, "character %zu, bit %u", i, bit);
        }
        text.data[i] = original;
    }
    cr_assert_eq(read_text(buf_view(&text), NULL), 0);
    buf_release(&text);
}

Test(join, any_missing_or_doubled_character_is_refused) {
    struct buf text = written(example());
    for (size_t i = 0; i + 1 < text.len; i++) {
        struct buf changed = BUF_INIT;
        buf_append(&changed, text.data, i);
        buf_append(&changed, text.data + i + 1, text.len - i - 1);
        bool same_run = changed.data != NULL && memcmp(changed.data, text.data, changed.len) == 0;
        cr_assert(same_run || read_text(buf_view(&changed), NULL) != 0, "without character %zu", i);
        buf_clear(&changed);
        buf_append(&changed, text.data, i + 1);
        buf_append(&changed, text.data + i, text.len - i);
        cr_assert_neq(read_text(buf_view(&changed), NULL), 0, "with character %zu twice", i);
        buf_release(&changed);
    }
    buf_release(&text);
}

Test(join, cut_anywhere_it_is_refused) {
    struct buf text = written(example());
    for (size_t len = 0; len + 1 < text.len; len++) {
        char *copy = mem_view_text(view_make(text.data, len));
        cr_assert_neq(read_text(view_make(copy, len), NULL), 0, "%zu characters", len);
        free(copy);
    }
    cr_assert_eq(read_text(view_make(text.data, text.len - 1), NULL), 0, "editors drop the last line's end");
    buf_release(&text);
}

Test(join, line_ends_of_another_system_do_no_harm) {
    struct buf text = written(example()), changed = BUF_INIT;
    for (size_t i = 0; i < text.len; i++) {
        if (text.data[i] == '\n') buf_append_byte(&changed, '\r');
        buf_append_byte(&changed, text.data[i]);
    }
    cr_assert_eq(read_text(buf_view(&changed), NULL), 0);
    buf_append_byte(&changed, '\n');
    cr_assert_eq(read_text(buf_view(&changed), NULL), ERR_FORMAT, "a fifth line");
    buf_release(&changed);
    buf_release(&text);
}

Test(join, what_is_no_join_file_is_told_from_a_damaged_one) {
    struct err err;
    cr_assert_eq(read_text(VIEW_NONE, &err), ERR_FORMAT);
    cr_assert_str_eq(err.text, "not a join file");
    cr_assert_eq(read_text(view_of("{\"dangol_root\": 1}\n"), &err), ERR_FORMAT);
    cr_assert_str_eq(err.text, "not a join file");
    cr_assert_eq(read_text(view_of("dangol join 2\n{}\n"), &err), ERR_VERSION);
    cr_assert_eq(read_text(view_of("dangol join 10\n"), &err), ERR_VERSION);
    cr_assert_eq(read_text(view_of("dangol join 1\n"), &err), ERR_FORMAT);
    cr_assert_eq(read_text(view_of("dangol join 1\n[]\nhub 00 00\nsignature 00\n"), &err), ERR_FORMAT);
    struct buf much = BUF_INIT;
    buf_printf(&much, "dangol join 1\n");
    for (size_t i = 0; i < 70000; i++) buf_append_byte(&much, ' ');
    cr_assert_eq(read_text(buf_view(&much), &err), ERR_LIMIT);
    buf_release(&much);
}

/* ---- Files that somebody signed ---- */

static void put_hex(struct buf *out, const char *before, const uint8_t *bytes, size_t len) {
    char text[200];
    hex_encode(view_make(bytes, len), text);
    buf_printf(out, "%s%s", before, text);
}

/* A file with this line, signed by `hub`. */
static struct buf sign_line(const char *line, const struct signer *hub, const uint8_t *certificate) {
    struct buf text = BUF_INIT;
    uint8_t signature[SIGNATURE_SIZE];
    sign_message(hub, "dangol join 1", view_of(line), signature);
    buf_printf(&text, "dangol join 1\n%s\n", line);
    put_hex(&text, "hub ", hub->public_key, PUBLIC_KEY_SIZE);
    put_hex(&text, " ", certificate, SIGNATURE_SIZE);
    put_hex(&text, "\nsignature ", signature, SIGNATURE_SIZE);
    buf_append_byte(&text, '\n');
    return text;
}

/* The example's line with `from` replaced by `to`, signed as it then stands. */
static int read_signed(const char *from, const char *to, struct err *err) {
    struct buf text = written(example()), line = BUF_INIT;
    char *start = strchr(buf_text(&text), '\n');
    *strchr(start + 1, '\n') = '\0';
    const char *at = strstr(start + 1, from);
    cr_assert_not_null(at, "%s", from);
    buf_append(&line, start + 1, (size_t)(at - start - 1));
    buf_printf(&line, "%s%s", to, at + strlen(from));
    struct buf changed = sign_line(buf_text(&line), &parties.hub, parties.certificate);
    int rc = read_text(buf_view(&changed), err);
    buf_release(&changed);
    buf_release(&line);
    buf_release(&text);
    return rc;
}

Test(join, a_signed_file_lacking_something_is_refused_by_name) {
    static const char *const required[] = {"addresses",      "root",  "stream",   "incarnation", "secret", "ref_key",
                                           "ca_certificate", "store", "currency", "timezone",    "country"};
    for (size_t i = 0; i < sizeof required / sizeof required[0]; i++) {
        char from[32], to[32];
        struct err err;
        snprintf(from, sizeof from, "\"%s\":", required[i]);
        snprintf(to, sizeof to, "\"%s_\":", required[i]);
        cr_assert_eq(read_signed(from, to, &err), ERR_FORMAT, "%s", required[i]);
        cr_assert_str_eq(err.field, required[i]);
    }
}

Test(join, a_signed_file_with_a_bad_value_is_refused) {
    struct err err;
    cr_assert_eq(read_signed("\"stream\":65548", "\"stream\":16777216", &err), ERR_FORMAT);
    cr_assert_eq(read_signed("\"stream\":65548", "\"stream\":-1", &err), ERR_FORMAT);
    cr_assert_eq(read_signed("\"stream\":65548", "\"stream\":1.5", &err), ERR_FORMAT);
    cr_assert_eq(read_signed("\"incarnation\":1", "\"incarnation\":256", &err), ERR_FORMAT);
    cr_assert_eq(read_signed("\"store\":\"S012\"", "\"store\":\"\"", &err), ERR_FORMAT);
    cr_assert_eq(read_signed("\"store\":\"S012\"", "\"store\":12", &err), ERR_FORMAT);
    cr_assert_eq(read_signed("\"KRW\"", "\"WONS\"", &err), ERR_LIMIT);
    cr_assert_eq(read_signed("\"secret\":\"5e", "\"secret\":\"5", &err), ERR_FORMAT);
    cr_assert_eq(read_signed("\"addresses\":[", "\"addresses\":[1,", &err), ERR_FORMAT);
    cr_assert_eq(read_signed("\"addresses\":[", "\"addresses\":[\"\",", &err), ERR_FORMAT);
    cr_assert_eq(read_signed("\"addresses\":[", "\"addresses\":[\"a\",\"b\",\"c\",", &err), ERR_FORMAT);
    cr_assert_eq(read_signed("\"addresses\":[", "\"addresses\":[],\"more\":[", &err), ERR_FORMAT);
    cr_assert_eq(read_signed("\"addresses\":", "\"store\":\"S1\",\"addresses\":", &err), ERR_FORMAT, "twice");
}

Test(join, a_signed_file_may_say_more_than_this_version_knows) {
    cr_assert_eq(read_signed("{\"addresses\"", "{\"later\":[1,{\"a\":null}],\"addresses\"", NULL), 0);
    cr_assert_eq(read_signed("\"chain\":\"", "\"chain\":null,\"x\":\"", NULL), 0);
}

/* The hub signs for its own stream: another incarnation's line is not one it wrote. */
Test(join, a_line_of_another_incarnation_is_refused) {
    struct err err;
    cr_assert_eq(read_signed("\"incarnation\":1", "\"incarnation\":2", &err), ERR_AUTH);
    cr_assert_str_eq(err.field, "signature");
}

Test(join, a_file_of_a_foreign_hub_is_refused) {
    struct buf text = written(example());
    char *line = strchr(buf_text(&text), '\n') + 1;
    *strchr(line, '\n') = '\0';
    struct err err;
    struct signer stranger = foreign.hub; /* says the right region, but its root certified it for another */
    memcpy(stranger.root, parties.root.public_key, PUBLIC_KEY_SIZE);
    const struct signer *const hubs[] = {&stranger, &stranger, &parties.store};
    const uint8_t *const certificates[] = {foreign.certificate, parties.certificate, parties.certificate};
    for (size_t i = 0; i < 3; i++) {
        struct buf forged = sign_line(line, hubs[i], certificates[i]);
        cr_assert_eq(read_text(buf_view(&forged), &err), ERR_AUTH);
        cr_assert_str_eq(err.field, "hub");
        buf_release(&forged);
    }
    buf_release(&text);
}

Test(join, a_line_signed_for_another_purpose_is_refused) {
    struct buf text = written(example());
    char *line = strchr(buf_text(&text), '\n') + 1;
    *strchr(line, '\n') = '\0';
    uint8_t signature[SIGNATURE_SIZE];
    struct buf forged = BUF_INIT;
    sign_message(&parties.hub, "dangol join 0", view_of(line), signature);
    buf_printf(&forged, "dangol join 1\n%s\n", line);
    put_hex(&forged, "hub ", parties.hub.public_key, PUBLIC_KEY_SIZE);
    put_hex(&forged, " ", parties.certificate, SIGNATURE_SIZE);
    put_hex(&forged, "\nsignature ", signature, SIGNATURE_SIZE);
    struct err err;
    cr_assert_eq(read_text(buf_view(&forged), &err), ERR_AUTH);
    cr_assert_str_eq(err.field, "signature");
    buf_release(&forged);
    buf_release(&text);
}

Test(join, the_secrets_hash_is_blake2b_256) {
    uint8_t secret[SECRET_SIZE] = {0}, hash[32];
    char text[65];
    join_secret_hash(secret, hash);
    hex_encode(view_make(hash, sizeof hash), text);
    cr_assert_str_eq(text, "89eb0d6a8a691dae2cd15ed0369931ce0a949ecafa5c3f93f8121833646e15c3");
}

Test(join, a_released_file_holds_nothing) {
    struct join_file join = example();
    static const struct join_file nothing;
    join_file_release(&join);
    cr_assert_arr_eq(&join, &nothing, sizeof join);
    join_file_release(&join);
    join_file_release(NULL);
}
