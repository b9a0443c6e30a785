/* The join file's text: identity.h. It is taken only exactly as the hub wrote it; only line ends may have become those
 * of another system, and the last one may be missing. The hub signs the JSON line for its own stream,
 * (incarnation, 0). */
#include <assert.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "proto/wire/document.h"
#include "proto/wire/identity.h"

#define JOIN_DOMAIN "dangol join 1"
#define JOIN_START "dangol join "
#define JOIN_FILE_MAX 65536
#define JOIN_LINES 4
#define INCARNATION_MAX 255
#define ADDRESS_MAX 300 /* a host's name has 253 at most */

/* ---- The line of JSON ---- */

/* The strings, where both directions find them. */
#define JOIN_TEXTS(X)                                                                                                  \
    X("ca_certificate", ca_certificate, 8192, DOCUMENT_REQUIRED)                                                       \
    X("store", store, 64, DOCUMENT_REQUIRED)                                                                           \
    X("name", name, 200, DOCUMENT_OPTIONAL)                                                                            \
    X("chain", chain, 64, DOCUMENT_OPTIONAL)                                                                           \
    X("region", region, 1000, DOCUMENT_OPTIONAL)                                                                       \
    X("currency", currency, 3, DOCUMENT_REQUIRED)                                                                      \
    X("timezone", timezone, 64, DOCUMENT_REQUIRED)                                                                     \
    X("country", country, 2, DOCUMENT_REQUIRED)

static json_t *addresses_json(const struct join_file *join) {
    json_t *list = json_array();
    for (size_t i = 0; i < join->address_count; i++) json_array_append_new(list, json_string(join->addresses[i]));
    return list;
}

static void write_line(const struct join_file *join, struct buf *out) {
    json_t *object = json_object();
    json_object_set_new(object, "addresses", addresses_json(join));
    document_put_hex(object, "root", join->root, PUBLIC_KEY_SIZE);
    document_put_number(object, "stream", join->stream);
    document_put_number(object, "incarnation", join->incarnation);
    document_put_hex(object, "secret", join->secret, SECRET_SIZE);
    document_put_hex(object, "ref_key", join->ref_key, KEY_BYTES);
#define PUT_TEXT(name, member, most, need) document_put_text(object, name, join->member);
    JOIN_TEXTS(PUT_TEXT)
#undef PUT_TEXT
    document_write(object, JSON_COMPACT, out);
}

static int read_addresses(const json_t *object, struct join_file *out, struct err *err) {
    const json_t *list = json_object_get(object, "addresses");
    size_t count = json_array_size(list);
    if (count < 1 || count > HUB_ADDRESSES_MAX)
        return err_set(err, ERR_FORMAT, "addresses", "addresses of the hub: 1 to %d", HUB_ADDRESSES_MAX);
    for (size_t i = 0; i < count; i++) {
        const json_t *address = json_array_get(list, i);
        size_t len = json_string_length(address);
        if (len == 0 || len > ADDRESS_MAX)
            return err_set(err, ERR_FORMAT, "addresses", "an address of the hub is a text of 1 to %d bytes",
                           ADDRESS_MAX);
        out->addresses[out->address_count++] = mem_text(json_string_value(address));
    }
    return 0;
}

static int read_line(const json_t *object, struct join_file *out, struct err *err) {
    int rc = read_addresses(object, out, err);
    if (rc == 0) rc = document_hex(object, "root", out->root, PUBLIC_KEY_SIZE, err);
    if (rc == 0) rc = document_number(object, "stream", ID_STREAM_MAX, &out->stream, err);
    if (rc == 0) rc = document_number(object, "incarnation", INCARNATION_MAX, &out->incarnation, err);
    if (rc == 0) rc = document_hex(object, "secret", out->secret, SECRET_SIZE, err);
    if (rc == 0) rc = document_hex(object, "ref_key", out->ref_key, KEY_BYTES, err);
#define TAKE_TEXT(name, member, most, need)                                                                            \
    if (rc == 0) rc = document_text(object, name, most, need, &out->member, err);
    JOIN_TEXTS(TAKE_TEXT)
#undef TAKE_TEXT
    return rc;
}

/* ---- The file ---- */

static void put_hex(struct buf *out, const uint8_t *bytes, size_t len) {
    char text[2 * SIGNATURE_SIZE + 1];
    hex_encode(view_make(bytes, len), text);
    buf_append(out, text, 2 * len);
}

static void hub_line(const uint8_t key[PUBLIC_KEY_SIZE], const uint8_t certificate[SIGNATURE_SIZE], struct buf *out) {
    buf_printf(out, "hub ");
    put_hex(out, key, PUBLIC_KEY_SIZE);
    buf_append_byte(out, ' ');
    put_hex(out, certificate, SIGNATURE_SIZE);
}

static void signature_line(const uint8_t signature[SIGNATURE_SIZE], struct buf *out) {
    buf_printf(out, "signature ");
    put_hex(out, signature, SIGNATURE_SIZE);
}

static void assert_readable(const struct join_file *join) {
#define ASSERT_TEXT(name, member, most, need)                                                                          \
    assert(join->member == NULL ? (need) == DOCUMENT_OPTIONAL : strlen(join->member) <= (most));
    JOIN_TEXTS(ASSERT_TEXT)
#undef ASSERT_TEXT
    assert(join->address_count >= 1 && join->address_count <= HUB_ADDRESSES_MAX);
    for (size_t i = 0; i < join->address_count; i++) assert(strlen(join->addresses[i]) <= ADDRESS_MAX);
    assert(join->stream <= ID_STREAM_MAX && join->incarnation <= INCARNATION_MAX);
}

void join_file_write(const struct join_file *join, const struct signer *hub, const uint8_t certificate[SIGNATURE_SIZE],
                     struct buf *out) {
    assert(hub->role == ROLE_HUB && hub->stream == stream_make(join->incarnation, 0));
    assert(memcmp(hub->root, join->root, PUBLIC_KEY_SIZE) == 0);
    assert_readable(join);
    buf_reserve(out, JOIN_FILE_MAX); /* at once: growing would leave copies of the secret behind */
    buf_printf(out, JOIN_DOMAIN "\n");
    size_t start = out->len;
    write_line(join, out);
    uint8_t signature[SIGNATURE_SIZE];
    sign_message(hub, JOIN_DOMAIN, view_make(out->data + start, out->len - start), signature);
    buf_append_byte(out, '\n');
    hub_line(hub->public_key, certificate, out);
    buf_append_byte(out, '\n');
    signature_line(signature, out);
    buf_append_byte(out, '\n');
}

/* The text's next line without its end. */
static struct view take_line(struct view *text) {
    const uint8_t *end = text->len == 0 ? NULL : memchr(text->data, '\n', text->len);
    size_t len = end == NULL ? text->len : (size_t)(end - text->data);
    struct view line = view_make(text->data, len);
    size_t taken = end == NULL ? len : len + 1;
    *text = view_make(text->data + taken, text->len - taken);
    if (end != NULL && len > 0 && line.data[len - 1] == '\r') line.len--;
    return line;
}

static bool starts_with(struct view line, const char *start) {
    size_t len = strlen(start);
    return line.len >= len && memcmp(line.data, start, len) == 0;
}

static int split(struct view text, struct view lines[JOIN_LINES], struct err *err) {
    if (text.len > JOIN_FILE_MAX) return err_set(err, ERR_LIMIT, NULL, "too long for a join file");
    if (text.data == NULL) text = view_of("");
    for (size_t i = 0; i < JOIN_LINES; i++) lines[i] = take_line(&text);
    if (!starts_with(lines[0], JOIN_START)) return err_set(err, ERR_FORMAT, NULL, "not a join file");
    if (!view_is(lines[0], JOIN_DOMAIN))
        return err_set(err, ERR_VERSION, NULL, "a join file of another version: take one that this version reads");
    if (text.len > 0 || lines[JOIN_LINES - 1].len == 0)
        return err_set(err, ERR_FORMAT, NULL, "a join file has %d lines", JOIN_LINES);
    return 0;
}

/* `len` bytes in hexadecimal at an offset of a line. */
static bool hex_at(struct view line, size_t at, uint8_t *out, size_t len) {
    char text[2 * SIGNATURE_SIZE + 1];
    if (line.len < at || line.len - at < 2 * len) return false;
    view_text(view_make(line.data + at, 2 * len), text, sizeof text);
    return hex_decode(text, out, len);
}

/* Whether a line is what we would write: hexadecimal has two ways of writing a digit. */
static bool line_is(struct view line, struct buf *written) {
    bool same = view_equal(line, buf_view(written));
    buf_release(written);
    return same;
}

static bool read_hub_line(struct view line, uint8_t key[PUBLIC_KEY_SIZE], uint8_t certificate[SIGNATURE_SIZE]) {
    size_t second = strlen("hub ") + 2 * PUBLIC_KEY_SIZE + 1;
    if (!hex_at(line, strlen("hub "), key, PUBLIC_KEY_SIZE) || !hex_at(line, second, certificate, SIGNATURE_SIZE))
        return false;
    struct buf written = BUF_INIT;
    hub_line(key, certificate, &written);
    return line_is(line, &written);
}

static bool read_signature_line(struct view line, uint8_t signature[SIGNATURE_SIZE]) {
    if (!hex_at(line, strlen("signature "), signature, SIGNATURE_SIZE)) return false;
    struct buf written = BUF_INIT;
    signature_line(signature, &written);
    return line_is(line, &written);
}

/* The root named in the signed line certifies the hub's key, which signs the line. */
static int check_signature(const struct join_file *join, const struct view lines[JOIN_LINES], struct err *err) {
    uint8_t key[PUBLIC_KEY_SIZE], certificate[SIGNATURE_SIZE], signature[SIGNATURE_SIZE];
    if (!read_hub_line(lines[2], key, certificate) || !read_signature_line(lines[3], signature))
        return err_set(err, ERR_FORMAT, NULL, "the join file's key or signature is malformed");
    if (!hub_certificate_holds(join->root, key, certificate))
        return err_set(err, ERR_AUTH, "hub", "the join file's hub is not one of its region");
    uint32_t stream = stream_make(join->incarnation, 0);
    if (!signature_holds(JOIN_DOMAIN, ROLE_HUB, stream, join->root, key, lines[1], signature))
        return err_set(err, ERR_AUTH, "signature",
                       "the join file was changed since the hub wrote it: ask for a new one");
    return 0;
}

int join_file_read(struct view text, struct join_file *out, struct err *err) {
    *out = (struct join_file){0};
    struct view lines[JOIN_LINES] = {VIEW_NONE};
    int rc = split(text, lines, err);
    if (rc != 0) return rc;
    json_t *object = document_parse(lines[1], err);
    if (object == NULL) {
        err_prefix(err, "the join file is damaged");
        return ERR_FORMAT;
    }
    rc = read_line(object, out, err);
    if (rc == 0) rc = check_signature(out, lines, err);
    if (rc != 0) join_file_release(out);
    json_decref(object);
    return rc;
}

void join_file_release(struct join_file *join) {
    if (join == NULL) return;
    for (size_t i = 0; i < join->address_count; i++) free(join->addresses[i]);
#define FREE_TEXT(name, member, most, need) free(join->member);
    JOIN_TEXTS(FREE_TEXT)
#undef FREE_TEXT
    sodium_memzero(join, sizeof *join);
}

void join_secret_hash(const uint8_t secret[SECRET_SIZE], uint8_t out[32]) {
    crypto_generichash(out, 32, secret, SECRET_SIZE, NULL, 0);
}
