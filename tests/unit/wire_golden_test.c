/* The bytes of the line, frozen: one example of every message, a join file and a root's file, written by fixed keys,
 * must come out as in tests/golden, and what is there must mean the same for ever. A change here breaks stores in the
 * field.
 *
 * messages.txt has a line a message, in the order of messages.def: its name and its bytes in hexadecimal. */
#include <criterion/criterion.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "proto/wire/batch.h"
#include "proto/wire/directory.h"
#include "tests/support/frames.h"
#include "tests/support/parties.h"

#ifdef DANGOL_GOLDEN
#define GOLDEN DANGOL_GOLDEN
#else
#define GOLDEN "tests/golden"
#endif

#define EVENTS 2

static struct parties parties;
static struct buf storage[16]; /* what the examples borrow from */
static size_t stored;

static void prepare(void) { parties_make(&parties, 0); }

static void finish(void) {
    while (stored > 0) buf_release(&storage[--stored]);
}

TestSuite(wire_golden, .init = prepare, .fini = finish);

/* ---- Pieces ---- */

static struct buf *store(void) {
    cr_assert_lt(stored, sizeof storage / sizeof storage[0]);
    return &storage[stored++];
}

/* `len` bytes: first, first + 1, … */
static struct view bytes_from(uint8_t first, size_t len) {
    struct buf *bytes = store();
    for (size_t i = 0; i < len; i++) buf_append_byte(bytes, (uint8_t)(first + i));
    return buf_view(bytes);
}

static struct view encoded(struct message m) {
    struct buf *bytes = store();
    message_encode(&m, bytes);
    return buf_view(bytes);
}

static struct view key_of(const struct signer *signer) { return view_make(signer->public_key, PUBLIC_KEY_SIZE); }

/* RFC 8878 by hand: a single segment whose size has one byte, one raw block. zstd's own choices may change. */
static struct view zstd_frame(struct view plain) {
    static const uint8_t magic[] = {0x28, 0xb5, 0x2f, 0xfd, 0x20};
    cr_assert_lt(plain.len, 256);
    struct buf *out = store();
    buf_append(out, magic, sizeof magic);
    buf_append_byte(out, (uint8_t)plain.len);
    uint32_t header = (uint32_t)plain.len << 3 | 1; /* raw, last */
    buf_append_byte(out, (uint8_t)header);
    buf_append_byte(out, (uint8_t)(header >> 8));
    buf_append_byte(out, (uint8_t)(header >> 16));
    buf_append_view(out, plain);
    return buf_view(out);
}

/* crypto_box_seal with a fixed ephemeral key: key ‖ box under the nonce BLAKE2b-192(key ‖ receiver). */
static struct view sealed_box(const uint8_t receiver[PUBLIC_KEY_SIZE], struct view plain) {
    uint8_t seed[crypto_box_SEEDBYTES] = {9}, secret[crypto_box_SECRETKEYBYTES];
    uint8_t keys[2 * crypto_box_PUBLICKEYBYTES], nonce[crypto_box_NONCEBYTES];
    uint8_t *ours = keys, *theirs = keys + crypto_box_PUBLICKEYBYTES;
    crypto_box_seed_keypair(ours, secret, seed);
    cr_assert_eq(crypto_sign_ed25519_pk_to_curve25519(theirs, receiver), 0);
    crypto_generichash(nonce, sizeof nonce, keys, sizeof keys, NULL, 0);
    struct buf *out = store();
    buf_append(out, ours, crypto_box_PUBLICKEYBYTES);
    buf_reserve(out, plain.len + crypto_box_MACBYTES);
    cr_assert_eq(crypto_box_easy(out->data + out->len, plain.data, plain.len, nonce, theirs, secret), 0);
    out->len += plain.len + crypto_box_MACBYTES;
    return buf_view(out);
}

/* [[PARTIES_STREAM-1, 32 times 0x4b]] */
static struct view one_key_box(const uint8_t receiver[PUBLIC_KEY_SIZE]) {
    static const uint8_t start[] = {0x91, 0x92, 0xcf, 0x01, 0x00, 0x0c, 0x00, 0x00, 0x00, 0x00, 0x01, 0xc4, 0x20};
    uint8_t plain[sizeof start + KEY_BYTES];
    memset(plain, 0x4b, sizeof plain);
    memcpy(plain, start, sizeof start);
    return sealed_box(receiver, view_make(plain, sizeof plain));
}

/* ---- One example of each ---- */

static struct view receipt_bytes(void) {
    struct head head = {.stream = PARTIES_STREAM, .seq = 845};
    memcpy(head.chain, bytes_from(0x20, CHAIN_SIZE).data, CHAIN_SIZE);
    struct buf *out = store();
    receipt_write(&parties.hub, &head, PARTIES_NOW, 1, out);
    return buf_view(out);
}

static struct message knock(void) {
    return (struct message){.type = MESSAGE_knock, .body.knock = {1, 1, PARTIES_STREAM, key_of(&parties.root)}};
}

static struct message nonce(void) {
    return (struct message){
        .type = MESSAGE_nonce,
        .body.nonce = {1, bytes_from(0x01, 32), key_of(&parties.hub), view_make(parties.certificate, SIGNATURE_SIZE)}};
}

static struct message greeting(void) {
    return (struct message){.type = MESSAGE_greeting,
                            .body.greeting = {
                                .public_key = key_of(&parties.store),
                                .secret = bytes_from(0x40, 32),
                                .seq = 845,
                                .chain = bytes_from(0x20, 32),
                                .head_signature = bytes_from(0x80, 64),
                                .receipt = receipt_bytes(),
                                .feed_incarnation = 1,
                                .feed_position = 70000,
                                .feed_chain = bytes_from(0x60, 32),
                                .feed_rules = 1,
                                .token_number = 3,
                                .token = bytes_from(0xa0, 16),
                                .incarnation = 1,
                                .time = PARTIES_NOW + 1,
                                .software = view_of("dangol 0.1.0"),
                                .held = bytes_from(0x50, 12),
                                .new_key = VIEW_NONE,
                                .directory = bytes_from(0x70, 16),
                            }};
}

static struct message hello(void) {
    struct view content = encoded(greeting());
    struct buf *signature = store();
    buf_reserve(signature, SIGNATURE_SIZE);
    hello_sign(&parties.store, bytes_from(0x01, 32), content, signature->data);
    return (struct message){.type = MESSAGE_hello, .body.hello = {view_make(signature->data, SIGNATURE_SIZE), content}};
}

static struct message welcome(void) {
    static const uint8_t ids[] = {0xcf, 0x01, 0x00, 0x0c, 0x00, 0x00, 0x00, 0x00, 0x01, 0x07};
    return (struct message){.type = MESSAGE_welcome,
                            .body.welcome = {
                                .next_seq = 846,
                                .incarnation = 1,
                                .time = PARTIES_NOW + 2,
                                .credit = 8u << 20,
                                .token_number = 4,
                                .token = bytes_from(0xb0, 16),
                                .receipt = receipt_bytes(),
                                .keys_wanted = {{ids, sizeof ids}, 2},
                                .keys = one_key_box(parties.store.public_key),
                                .wanted = bytes_from(0x58, 6),
                            }};
}

static struct message push(void) {
    struct buf *frames = store(), *head_bytes = store();
    frames_append(frames, EVENTS, 20);
    const struct head start = frames_start(&parties.store);
    struct head head = frames_head(&parties.store, &start, EVENTS, buf_view(frames));
    buf_append(head_bytes, head.chain, CHAIN_SIZE);
    buf_append(head_bytes, head.signature, SIGNATURE_SIZE);
    return (struct message){.type = MESSAGE_push,
                            .body.push = {
                                .stream = PARTIES_STREAM,
                                .first = 1,
                                .count = EVENTS,
                                .size = frames->len,
                                .frames = zstd_frame(buf_view(frames)),
                                .keys = one_key_box(parties.hub.public_key),
                                .chain = view_make(head_bytes->data, CHAIN_SIZE),
                                .head_signature = view_make(head_bytes->data + CHAIN_SIZE, SIGNATURE_SIZE),
                            }};
}

static struct message ack(void) {
    return (struct message){.type = MESSAGE_ack, .body.ack = {PARTIES_STREAM, 846, receipt_bytes(), 4u << 20}};
}

static struct message receipt(void) {
    struct message m;
    cr_assert_eq(message_decode(receipt_bytes(), &m, NULL), 0);
    return m;
}

static struct message feed(void) {
    return (struct message){.type = MESSAGE_feed,
                            .body.feed = {
                                .incarnation = 1,
                                .position = 70010,
                                .chain = bytes_from(0x60, 32),
                                .rules = 1,
                                .count = 1,
                                .size = 8,
                                .events = zstd_frame(bytes_from(0x10, 8)),
                                .keys = one_key_box(parties.store.public_key),
                                .heads = VIEW_NONE,
                                .directory = bytes_from(0x30, 12),
                                .digest = bytes_from(0xc0, 32),
                                .digest_seq = 845,
                                .level = 1,
                            }};
}

static struct message fed(void) {
    return (struct message){.type = MESSAGE_fed, .body.fed = {1, 70010, bytes_from(0x60, 32), 1, 0, bytes_from(0, 8)}};
}

static struct message ping(void) {
    return (struct message){.type = MESSAGE_ping, .body.ping = {300, 1, PARTIES_NOW + 3}};
}

static struct message bye(void) {
    return (struct message){.type = MESSAGE_bye, .body.bye = {view_of("영업 종료"), 3600000}};
}

static struct message error(void) {
    return (struct message){.type = MESSAGE_error,
                            .body.error = {-ERR_REVOKED, view_of("this stream is revoked: ask the regional desk"), 0}};
}

static struct message moved(void) {
    return (struct message){.type = MESSAGE_moved, .body.moved = {PARTIES_STREAM + 1, 1}};
}

static struct message directory(void) {
    struct buf *shelves = store(), *changes = store();
    directory_shelf_write(shelves, 0x12, bytes_from(0x01, 2 * DIRECTORY_ROW));
    directory_change_write(changes, 0x12345678, 2);
    directory_change_write(changes, 0xabcdef01, DIRECTORY_GONE);
    return (struct message){.type = MESSAGE_directory,
                            .body.directory = {
                                .heading = bytes_from(0xd0, 8),
                                .memory = DIRECTORY_MEMORY,
                                .tiers = view_of("silver,gold,platinum"),
                                .key = one_key_box(parties.store.public_key),
                                .shelves = buf_view(shelves),
                                .changes = buf_view(changes),
                                .sum = bytes_from(0xe0, 8),
                            }};
}

/* ---- Compared ---- */

static struct buf read_golden(const char *name) {
    char path[1000];
    snprintf(path, sizeof path, "%s/%s", GOLDEN, name);
    FILE *file = fopen(path, "rb");
    cr_assert_not_null(file, "%s", path);
    struct buf text = BUF_INIT;
    buf_reserve(&text, 1u << 16);
    text.len = fread(text.data, 1, text.cap, file);
    cr_assert_lt(text.len, text.cap);
    fclose(file);
    return text;
}

static void check_golden(const char *name, struct buf *made) {
    struct buf golden = read_golden(name);
    cr_assert_str_eq(buf_text(made), buf_text(&golden), "%s is not as it was; now:\n%s", name, buf_text(made));
    buf_release(&golden);
}

Test(wire_golden, messages_are_as_they_were) {
    struct buf made = BUF_INIT;
#define MESSAGE_BEGIN(type, number, sender, doc)                                                                       \
    {                                                                                                                  \
        struct view bytes = encoded(type());                                                                           \
        char *hex = mem_alloc(2 * bytes.len + 1);                                                                      \
        hex_encode(bytes, hex);                                                                                        \
        buf_printf(&made, "%s %s\n", #type, hex);                                                                      \
        free(hex);                                                                                                     \
        finish();                                                                                                      \
    }
#define FIELD(type, name, kind, need, bound, doc)
#define MESSAGE_END(type)
#include "proto/wire/messages.def"
#undef MESSAGE_BEGIN
#undef FIELD
#undef MESSAGE_END
    check_golden("messages.txt", &made);
    buf_release(&made);
}

static struct join_file example_join(void) {
    static char address[] = "hub.example.org:7700", spare[] = "192.0.2.7:7700", currency[] = "KRW", country[] = "KR";
    static char ca[] = "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n";
    static char code[] = "S012", name[] = "강남 본점", chain[] = "단골", region[] = "서울", timezone[] = "Asia/Seoul";
    struct join_file join = {
        .addresses = {address, spare},
        .address_count = 2,
        .ca_certificate = ca,
        .stream = PARTIES_STREAM,
        .incarnation = 1,
        .store = code,
        .name = name,
        .chain = chain,
        .region = region,
        .currency = currency,
        .timezone = timezone,
        .country = country,
    };
    memcpy(join.root, parties.root.public_key, PUBLIC_KEY_SIZE);
    memset(join.secret, 0x5e, SECRET_SIZE);
    memset(join.ref_key, 0x7e, KEY_BYTES);
    return join;
}

Test(wire_golden, a_join_file_is_as_it_was) {
    struct join_file join = example_join(); /* of static strings: not to be released */
    struct buf made = BUF_INIT;
    join_file_write(&join, &parties.hub, parties.certificate, &made);
    check_golden("join.txt", &made);
    buf_release(&made);
}

Test(wire_golden, a_roots_file_is_as_it_was) {
    char key[] = "-----BEGIN EC PRIVATE KEY-----\nMHcC\n-----END EC PRIVATE KEY-----\n";
    char certificate[] = "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n";
    const struct region_root root = {parties.root, key, certificate};
    struct buf made = BUF_INIT;
    region_root_write(&root, &made);
    check_golden("root.txt", &made);
    buf_release(&made);
}

/* ---- What is in the golden files still means the same ---- */

/* The message of that name from messages.txt. */
static struct message golden_message(const char *name) {
    struct buf text = read_golden("messages.txt"), *bytes = store();
    char start[40];
    snprintf(start, sizeof start, "%s ", name);
    buf_append_byte(&text, '\0');
    char *line = (char *)text.data;
    while (line != NULL && strncmp(line, start, strlen(start)) != 0) {
        line = strchr(line, '\n');
        if (line != NULL) line++;
    }
    cr_assert_not_null(line);
    line += strlen(start);
    size_t len = strcspn(line, "\n");
    line[len] = '\0';
    buf_reserve(bytes, len / 2);
    cr_assert(hex_decode(line, bytes->data, len / 2));
    bytes->len = len / 2;
    buf_release(&text);
    struct message m;
    cr_assert_eq(message_decode(buf_view(bytes), &m, NULL), 0);
    return m;
}

Test(wire_golden, the_hello_holds) {
    struct message h = golden_message("hello"), n = golden_message("nonce"), g;
    cr_assert(
        hub_certificate_holds(parties.root.public_key, n.body.nonce.hub_key.data, n.body.nonce.hub_certificate.data));
    cr_assert(hello_holds(parties.store.public_key, PARTIES_STREAM, parties.root.public_key, n.body.nonce.nonce,
                          h.body.hello.content, h.body.hello.signature.data));
    cr_assert_eq(message_decode(h.body.hello.content, &g, NULL), 0);
    cr_assert_eq(g.body.greeting.feed_position, 70000);
    cr_assert(view_is(g.body.greeting.software, "dangol 0.1.0"));
}

/* Older stores tell nothing of a directory: their greeting ends before it. */
Test(wire_golden, a_greeting_of_before_is_read) {
    struct message now = greeting(), before;
    now.body.greeting.directory = VIEW_NONE;
    struct view bytes = encoded(now);
    uint8_t *copy = mem_alloc(bytes.len);
    memcpy(copy, bytes.data, bytes.len);
    cr_assert(copy[2] == 19 && copy[bytes.len - 1] == 0xc0);
    copy[2]--;
    cr_assert_eq(message_decode(view_make(copy, bytes.len - 1), &before, NULL), 0);
    cr_assert_null(before.body.greeting.directory.data);
    cr_assert_eq(before.body.greeting.feed_position, 70000);
    free(copy);
}

Test(wire_golden, the_directory_is_read) {
    struct message m = golden_message("directory");
    struct view left = m.body.directory.shelves, rows;
    int number = -1;
    uint32_t hash;
    uint8_t tier;
    cr_assert_eq(directory_shelf_next(&left, &number, &rows, NULL), 1);
    cr_assert(number == 0x12 && rows.len == 8 && directory_find(rows, 0x12010203) == 4);
    cr_assert_eq(directory_shelf_next(&left, &number, &rows, NULL), 0);
    left = m.body.directory.changes;
    cr_assert_eq(directory_change_next(&left, &hash, &tier, NULL), 1);
    cr_assert(hash == 0x12345678 && tier == 2);
    cr_assert(view_is(directory_tier("silver,gold,platinum", tier), "platinum"));
    cr_assert_eq(directory_change_next(&left, &hash, &tier, NULL), 1);
    cr_assert_eq(tier, DIRECTORY_GONE);
}

Test(wire_golden, the_receipt_holds) {
    struct message a = golden_message("ack");
    struct message_receipt out;
    cr_assert_eq(receipt_read(a.body.ack.receipt, parties.hub.public_key, parties.root.public_key, &out, NULL), 0);
    cr_assert(out.seq == 845 && out.received == PARTIES_NOW);
}

Test(wire_golden, the_push_is_accepted) {
    struct message p = golden_message("push");
    struct batch batch;
    const struct head start = frames_start(&parties.store);
    cr_assert_eq(batch_unpack(&p.body.push, &batch, NULL), 0);
    cr_assert_eq(batch_check(&batch, &start, parties.store.public_key, parties.root.public_key, NULL), 0);
    cr_assert_eq(batch.count, EVENTS);
    cr_assert_eq(keys_unbox(p.body.push.keys, &parties.hub, &batch.keys, &batch.key_count, NULL), 0);
    cr_assert_eq(batch.key_count, 1);
    cr_assert_eq(batch.keys[0].id, id_make(PARTIES_STREAM, 1));
    cr_assert_eq(batch.keys[0].key.bytes[31], 0x4b);
    batch_release(&batch);
}

Test(wire_golden, the_join_file_is_taken) {
    struct buf text = read_golden("join.txt");
    struct join_file join;
    cr_assert_eq(join_file_read(buf_view(&text), &join, NULL), 0);
    cr_assert_str_eq(join.name, "강남 본점");
    cr_assert_str_eq(join.addresses[1], "192.0.2.7:7700");
    join_file_release(&join);
    buf_release(&text);
}

Test(wire_golden, the_roots_file_is_taken) {
    struct buf text = read_golden("root.txt");
    struct region_root root;
    cr_assert_eq(region_root_read(buf_view(&text), &root, NULL), 0);
    cr_assert_arr_eq(root.signer.secret, parties.root.secret, SECRET_KEY_SIZE);
    region_root_release(&root);
    buf_release(&text);
}
