/* The desk's door: who is let in, who is not, and that the reason is told to both sides. */
#include <criterion/criterion.h>
#include <string.h>

#include "hub/recovery.h"
#include "proto/base/pack.h"
#include "proto/base/zone.h"
#include "tests/support/peer.h"

static struct region_net net;
static struct impostor kim; /* of stores[0], with a key of her own */
static struct peer line;

static void prepare(void) {
    region_net_open(&net, 1, 3);
    peer_impostor(&kim, &net, 0, 50);
    peer_dial(&line, &net);
}

static void done(void) {
    peer_close(&line);
    impostor_release(&kim);
    region_net_close(&net);
}

TestSuite(session, .init = prepare, .fini = done);

/* Refused, and both sides know why. */
static void refused(const struct peer *peer, int code, const char *words) {
    char text[400] = "nothing";
    if (peer->last.type == MESSAGE_error) view_text(peer->last.body.error.text, text, sizeof text);
    cr_assert(peer_refused(peer, code, words), "%s for \"%s\"; it said: %s", err_word(code), words, text);
    cr_assert(net_journal_says(&net, "refused mem:"));
    cr_assert(net_journal_says(&net, words));
    cr_assert_eq(peer->last.body.error.retry_after, 0);
}

static bool deaf; /* WELCOME does not arrive: so no word follows it */

static void again(void) {
    peer_close(&line);
    peer_dial(&line, &net);
    line.silent = deaf;
}

/* Dials anew and is welcome. */
static void enter(void) {
    again();
    cr_assert(peer_knock(&line, &kim));
    cr_assert(peer_hello(&line, &kim), "%.*s", (int)line.last.body.error.text.len, line.last.body.error.text.data);
}

/* Dials anew and is refused. */
static void in_vain(int code, const char *words) {
    again();
    cr_assert(peer_knock(&line, &kim));
    cr_assert(!peer_hello(&line, &kim));
    refused(&line, code, words);
}

static void knock_as(const struct message_knock *knock) {
    struct message message = {.type = MESSAGE_knock};
    message.body.knock = *knock;
    peer_send_message(&line, &message);
}

static struct message_knock honest_knock(void) {
    return (struct message_knock){1, 1, kim.signer.stream, view_make(net.root.public_key, PUBLIC_KEY_SIZE)};
}

/* HELLO with a greeting that the test has changed. */
static void greet(const struct message_greeting *greeting) {
    struct buf bytes = BUF_INIT;
    impostor_hello(&kim, greeting, &bytes);
    peer_send(&line, buf_view(&bytes));
    buf_release(&bytes);
}

/* ---- KNOCK ---- */

Test(session, another_region) {
    uint8_t other[PUBLIC_KEY_SIZE] = {1};
    struct message_knock knock = honest_knock();
    knock.root = view_make(other, sizeof other);
    knock_as(&knock);
    refused(&line, ERR_AUTH, "another region");
}

Test(session, streams_that_nobody_has) {
    const uint32_t streams[] = {0, stream_make(1, 0), stream_make(2, 0)}; /* hubs' */
    for (size_t i = 0; i < sizeof streams / sizeof *streams; i++) {
        struct message_knock knock = honest_knock();
        knock.stream = streams[i];
        again();
        knock_as(&knock);
        refused(&line, ERR_AUTH, "never given out");
    }
    const uint32_t others[] = {stream_make(1, 4), stream_make(2, 1), ID_STREAM_MAX};
    for (size_t i = 0; i < sizeof others / sizeof *others; i++) {
        kim.signer.stream = others[i];
        again();
        cr_assert(peer_knock(&line, &kim), "it may be this hub that has forgotten");
        cr_assert(!peer_hello(&line, &kim));
        refused(&line, ERR_AUTH, "never given out");
    }
}

Test(session, nonces_differ) {
    uint8_t first[NONCE_SIZE];
    cr_assert(peer_knock(&line, &kim));
    memcpy(first, kim.nonce, NONCE_SIZE);
    cr_assert(hub_certificate_holds(net.root.public_key, kim.hub_key, line.last.body.nonce.hub_certificate.data));
    again();
    cr_assert(peer_knock(&line, &kim));
    cr_assert_neq(memcmp(first, kim.nonce, NONCE_SIZE), 0);
}

/* ---- Anything else first ---- */

Test(session, messages_out_of_order) {
    struct buf hello = BUF_INIT;
    struct message_greeting greeting = impostor_greeting(&kim);
    impostor_hello(&kim, &greeting, &hello);
    peer_send(&line, buf_view(&hello));
    refused(&line, ERR_AUTH, "a hello before the store is known");
    buf_release(&hello);

    impostor_write(&kim, 1, 10);
    again();
    struct message push = impostor_push_all(&kim);
    peer_send_message(&line, &push);
    refused(&line, ERR_AUTH, "a push before the store is known");

    again();
    cr_assert(peer_knock(&line, &kim));
    cr_assert(!peer_knock(&line, &kim));
    refused(&line, ERR_AUTH, "a knock before the store is known");

    again();
    cr_assert(peer_knock(&line, &kim));
    peer_send_message(&line, &push);
    refused(&line, ERR_AUTH, "a push before the store is known");

    enter();
    cr_assert(!peer_knock(&line, &kim));
    refused(&line, ERR_FORMAT, "a knock does not belong here");
    cr_assert(net_journal_says(&net, "store S1"));

    enter();
    struct message ack = {.type = MESSAGE_ack};
    peer_send_message(&line, &ack);
    refused(&line, ERR_FORMAT, "a ack does not belong here");
}

Test(session, bytes_that_are_no_message) {
    const struct view bytes[] = {view_make("", 0), view_make("\xc1", 1), view_make("\xdd\xff\xff\xff\xff", 5),
                                 view_make("\x94\x01\x01\x01\xc0", 5), view_of("GET / HTTP/1.1\r\n\r\n")};
    for (size_t i = 0; i < sizeof bytes / sizeof *bytes; i++) {
        again();
        peer_send(&line, bytes[i]);
        refused(&line, ERR_FORMAT, "not a message");
        enter();
        peer_send(&line, bytes[i]);
        refused(&line, ERR_FORMAT, "not a message");
    }
    for (int i = 0; i < 300; i++) {
        uint8_t noise[200];
        size_t size = sim_dice(&net.world, sizeof noise);
        env_random(&net.hub.machine.clock.env, noise, sizeof noise);
        again();
        peer_send(&line, view_make(noise, size));
        net_pass(&net, 11000); /* what happens to be a message of a later version is passed over: then the time is up */
        cr_assert_null(line.connection);
    }
    enter();
}

Test(session, messages_of_a_later_version_are_passed_over) {
    struct buf bytes = BUF_INIT;
    pack_array(&bytes, 2);
    pack_uint(&bytes, 4000);
    pack_str(&bytes, view_of("tomorrow"));
    peer_send(&line, buf_view(&bytes));
    cr_assert(peer_knock(&line, &kim));
    peer_send(&line, buf_view(&bytes));
    cr_assert(peer_hello(&line, &kim));
    peer_send(&line, buf_view(&bytes));
    cr_assert_not_null(line.connection);
    buf_release(&bytes);
}

Test(session, strangers_say_little) {
    struct buf bytes = BUF_INIT;
    buf_reserve(&bytes, MESSAGE_MAX_STRANGER + 1);
    bytes.len = MESSAGE_MAX_STRANGER + 1;
    peer_send(&line, buf_view(&bytes));
    cr_assert_null(line.connection);
    cr_assert(net_journal_says(&net, "dropped mem:"));
    cr_assert(net_journal_says(&net, "larger than allowed"));
    again();
    cr_assert(peer_knock(&line, &kim));
    peer_send(&line, buf_view(&bytes));
    cr_assert_null(line.connection);
    buf_release(&bytes);
}

Test(session, strangers_have_ten_seconds) {
    net_pass(&net, 9000);
    cr_assert_not_null(line.connection);
    cr_assert(peer_knock(&line, &kim)); /* does not win time */
    net_pass(&net, 2000);
    cr_assert_null(line.connection);
    cr_assert(net_journal_says(&net, "no answer in time"));
}

Test(session, half_a_handshake_leaves_a_line) {
    peer_hang_up(&line);
    cr_assert(net_journal_says(&net, "gone before it said who it is"));
    again();
    cr_assert(peer_knock(&line, &kim));
    peer_hang_up(&line);
    cr_assert(net_journal_says(&net, "gone before it proved who it is"));
}

/* ---- HELLO ---- */

Test(session, joins_with_the_secret) {
    cr_assert(peer_knock(&line, &kim));
    cr_assert(peer_hello(&line, &kim));
    cr_assert_eq(kim.next_seq, 1);
    cr_assert_eq(kim.credit, STORE_CREDIT);
    cr_assert_eq(kim.token_number, 1);
    cr_assert_eq(line.last.body.welcome.time, env_now(&net.hub.machine.clock.env));
    struct stream_state stream;
    cr_assert(model_stream(net.hub.machine.site->model, kim.signer.stream, &stream));
    cr_assert(stream.keyed);
    cr_assert_arr_eq(stream.key, kim.signer.public_key, PUBLIC_KEY_SIZE);
}

Test(session, no_secret_or_a_wrong_one) {
    kim.shows_secret = false;
    cr_assert(peer_knock(&line, &kim));
    cr_assert(!peer_hello(&line, &kim));
    refused(&line, ERR_AUTH, "shows no secret");
    kim.shows_secret = true;
    kim.secret[31] ^= 1;
    in_vain(ERR_AUTH, "the secret is not the one");
    kim.secret[31] ^= 1;
    enter();
}

Test(session, used_secret) {
    struct impostor lee;
    deaf = true;
    enter();
    kim.token_number = 0; /* as if no WELCOME had ever arrived: the secret again, with the same key, is harmless */
    enter();
    enter();
    peer_impostor(&lee, &net, 0, 51);
    again();
    cr_assert(peer_knock(&line, &lee));
    cr_assert(!peer_hello(&line, &lee));
    refused(&line, ERR_AUTH, "used already");
    lee.shows_secret = false;
    again();
    cr_assert(peer_knock(&line, &lee));
    cr_assert(!peer_hello(&line, &lee));
    refused(&line, ERR_AUTH, "not the one this stream joined with");
    enter();
    impostor_release(&lee);
}

Test(session, key_that_cannot_receive) {
    /* The neutral element: of small order, refused wherever it comes from. */
    struct message_greeting greeting = impostor_greeting(&kim);
    uint8_t small[PUBLIC_KEY_SIZE] = {1};
    greeting.public_key = view_make(small, sizeof small);
    cr_assert(peer_knock(&line, &kim));
    greet(&greeting);
    cr_assert_null(line.connection);
    cr_assert_eq(line.last.type, MESSAGE_error);
}

Test(session, wrong_signature_of_hello) {
    struct buf bytes = BUF_INIT;
    struct message_greeting greeting = impostor_greeting(&kim);
    cr_assert(peer_knock(&line, &kim));
    kim.nonce[0] ^= 1; /* of another connection, say */
    impostor_hello(&kim, &greeting, &bytes);
    peer_send(&line, buf_view(&bytes));
    refused(&line, ERR_AUTH, "the signature of HELLO does not hold");
    buf_release(&bytes);
}

Test(session, hello_of_something_else) {
    struct buf bytes = BUF_INIT, content = BUF_INIT;
    struct message hello = {.type = MESSAGE_hello};
    uint8_t signature[SIGNATURE_SIZE];
    impostor_knock(&kim, &content);
    for (int i = 0; i < 2; i++) { /* another message; nothing */
        again();
        cr_assert(peer_knock(&line, &kim));
        hello_sign(&kim.signer, view_make(kim.nonce, NONCE_SIZE), buf_view(&content), signature);
        hello.body.hello = (struct message_hello){view_make(signature, sizeof signature), buf_view(&content)};
        peer_send_message(&line, &hello);
        refused(&line, ERR_FORMAT, "HELLO does not hold a greeting");
        buf_clear(&content);
    }
    buf_release(&bytes);
    buf_release(&content);
}

Test(session, revoked) {
    enter();
    net_revoke(&net, kim.signer.stream);
    net_settle(&net);
    refused(&line, ERR_REVOKED, "revoked");
    in_vain(ERR_REVOKED, "revoked");
    struct impostor lee; /* never joined */
    peer_impostor(&lee, &net, 1, 52);
    net_revoke(&net, lee.signer.stream);
    again();
    cr_assert(peer_knock(&line, &lee));
    cr_assert(!peer_hello(&line, &lee));
    refused(&line, ERR_REVOKED, "revoked");
    impostor_release(&lee);
}

/* ---- Heads, receipts, clocks that cannot be ---- */

static void push_some(uint32_t count) {
    struct head before = kim.head;
    size_t start = kim.frames.len;
    impostor_write(&kim, count, 20);
    struct message push =
        impostor_push(&kim, &before, count, view_make(kim.frames.data + start, kim.frames.len - start));
    peer_send_message(&line, &push);
    impostor_hear(&kim, &line.last);
    cr_assert_eq(kim.next_seq, kim.head.seq + 1);
}

Test(session, heads_the_hub_cannot_believe) {
    enter();
    push_some(5);
    struct head honest = kim.head;
    struct message_greeting greeting = impostor_greeting(&kim);
    uint8_t forged[SIGNATURE_SIZE];
    memcpy(forged, honest.signature, sizeof forged);
    forged[3] ^= 1;
    greeting.head_signature = view_make(forged, sizeof forged);
    again();
    cr_assert(peer_knock(&line, &kim));
    greet(&greeting);
    refused(&line, ERR_AUTH, "the signature of the store's head");

    /* Less than the hub has. */
    kim.head.seq = 4;
    head_sign(&kim.head, &kim.signer);
    in_vain(ERR_FORKED, "an older copy of this PC");

    /* As much, but other. */
    kim.head.seq = 5;
    kim.head.chain[0] ^= 1;
    head_sign(&kim.head, &kim.signer);
    in_vain(ERR_FORKED, "fork");

    /* More than there can be. */
    kim.head.seq = ID_SEQ_MAX + 1;
    head_sign(&kim.head, &kim.signer);
    in_vain(ERR_FORMAT, "impossible sequence");

    /* More than the hub has: that is what a store comes for. */
    kim.head.seq = ID_SEQ_MAX;
    head_sign(&kim.head, &kim.signer);
    enter();
    cr_assert_eq(kim.next_seq, 6);
}

Test(session, clocks_the_hub_cannot_believe) {
    const int64_t times[] = {INT64_MIN, INT64_MAX, TIME_MIN - 1, TIME_MAX + 1};
    for (size_t i = 0; i < sizeof times / sizeof *times; i++) {
        kim.time = times[i];
        again();
        cr_assert(peer_knock(&line, &kim));
        cr_assert(!peer_hello(&line, &kim));
        refused(&line, ERR_FORMAT, "impossible");
    }
    kim.time = 0; /* a PC without a battery */
    enter();
}

/* As if nobody had shown it. */
static void forget_restored(void) {
    struct log_value values[] = {{view_of(RECOVERY_RESTORED), VIEW_NONE}, {view_of(JUDGE_HOLD), VIEW_NONE}};
    cr_assert_eq(site_set_values(net.hub.machine.site, values, 2, NULL), 0);
}

Test(session, receipts) {
    enter();
    push_some(5);
    cr_assert_gt(kim.receipt.len, 0);
    struct message_greeting greeting = impostor_greeting(&kim);
    greeting.receipt = buf_view(&kim.receipt);
    again();
    cr_assert(peer_knock(&line, &kim));
    greet(&greeting);
    cr_assert_eq(line.last.type, MESSAGE_welcome);
    impostor_hear(&kim, &line.last);

    /* For more than the hub holds: it was restored. */
    struct buf receipt = BUF_INIT;
    struct head head = kim.head;
    head.seq = 6;
    receipt_write(&net.hub.machine.site->signer, &head, SIM_START, 1, &receipt);
    greeting = impostor_greeting(&kim);
    greeting.receipt = buf_view(&receipt);
    again();
    cr_assert(peer_knock(&line, &kim));
    greet(&greeting);
    refused(&line, ERR_CONFLICT, "an older copy of the hub was restored");
    forget_restored();

    /* Of another hub, of another stream, of nobody. */
    const char *const noise = "noise";
    struct signer other = net.root;
    other.role = ROLE_HUB;
    for (int i = 0; i < 3; i++) {
        buf_clear(&receipt);
        head = kim.head;
        if (i == 1) head.stream = kim.signer.stream + 1;
        if (i == 2)
            buf_append(&receipt, noise, strlen(noise));
        else
            receipt_write(i == 0 ? &other : &net.hub.machine.site->signer, &head, SIM_START, 1, &receipt);
        greeting.receipt = buf_view(&receipt);
        again();
        cr_assert(peer_knock(&line, &kim));
        greet(&greeting);
        refused(&line, ERR_AUTH, "receipt is not this hub's");
    }
    buf_release(&receipt);
}

Test(session, a_later_incarnation_was_seen) {
    struct message_greeting greeting = impostor_greeting(&kim);
    greeting.incarnation = 2;
    cr_assert(peer_knock(&line, &kim));
    greet(&greeting);
    refused(&line, ERR_CONFLICT, "an older copy of the hub was restored");
}

/* ---- Session tokens ---- */

Test(session, tokens) {
    uint8_t first[TOKEN_SIZE], second[TOKEN_SIZE];
    deaf = true;
    enter();
    cr_assert_eq(kim.token_number, 1);
    memcpy(first, kim.token, TOKEN_SIZE);

    kim.token_number = 0; /* the WELCOME never arrived: the same again */
    enter();
    cr_assert_eq(kim.token_number, 1);
    cr_assert_arr_eq(kim.token, first, TOKEN_SIZE);

    enter(); /* echoed: the next one */
    cr_assert_eq(kim.token_number, 2);
    cr_assert_neq(memcmp(kim.token, first, TOKEN_SIZE), 0);
    memcpy(second, kim.token, TOKEN_SIZE);

    kim.token_number = 1; /* the one before: the second again */
    memcpy(kim.token, first, TOKEN_SIZE);
    enter();
    cr_assert_eq(kim.token_number, 2);
    cr_assert_arr_eq(kim.token, second, TOKEN_SIZE);
    deaf = false;
    enter();
    cr_assert_eq(kim.token_number, 3);

    kim.token_number = 2; /* the one before, but the third has arrived: what followed it shows so */
    memcpy(kim.token, second, TOKEN_SIZE);
    in_vain(ERR_FORKED, "an old session token");

    kim.token_number = 1; /* older */
    memcpy(kim.token, first, TOKEN_SIZE);
    in_vain(ERR_FORKED, "an old session token");

    kim.token_number = 4; /* one that was never given */
    in_vain(ERR_CONFLICT, "a later session token");
    kim.token_number = 3;
    again(); /* and from then on everybody is refused, until somebody acts */
    cr_assert(peer_knock(&line, &kim));
    cr_assert(!peer_hello(&line, &kim));
    refused(&line, ERR_CONFLICT, "dangol-hub recover");
    forget_restored();

    kim.token_number = 3; /* a number we gave, other bytes */
    in_vain(ERR_FORKED, "another PC's session token");
    kim.token_number = 0;
    in_vain(ERR_FORKED, "an old session token");
}

Test(session, tokens_survive_the_hub) {
    enter();
    enter();
    cr_assert_eq(kim.token_number, 2);
    peer_close(&line);
    net_hub_crash(&net);
    net_hub_start(&net);
    peer_dial(&line, &net);
    enter();
    cr_assert_eq(kim.token_number, 3);
}

/* ---- Two connections of one store ---- */

Test(session, the_newer_connection_wins) {
    struct peer newer;
    enter();
    cr_assert(peer_enter(&newer, &kim, &net));
    cr_assert_null(line.connection);
    cr_assert_not_null(newer.connection);
    cr_assert(desk_connected(&net.hub.desk, kim.signer.stream));
    cr_assert(net_journal_says(&net, "has a newer connection"));
    cr_assert(!net_journal_says(&net, "refused"));
    peer_hang_up(&newer);
    cr_assert(!desk_connected(&net.hub.desk, kim.signer.stream));
    cr_assert(net_journal_says(&net, "store S1 left"));
    peer_close(&newer);
}

/* Whoever knocks for a stream without proving it does not disturb the one who did. */
Test(session, a_false_connection_disturbs_nobody) {
    struct peer other;
    struct impostor lee;
    enter();
    peer_impostor(&lee, &net, 0, 53);
    cr_assert(!peer_enter(&other, &lee, &net));
    peer_close(&other);
    net_settle(&net);
    cr_assert_not_null(line.connection);
    cr_assert(desk_connected(&net.hub.desk, kim.signer.stream));
    push_some(3);
    impostor_release(&lee);
}

/* ---- Once in ---- */

Test(session, pings_and_silence) {
    struct message ping = {.type = MESSAGE_ping};
    enter();
    ping.body.ping = (struct message_ping){77, 0, 0};
    peer_send_message(&line, &ping);
    cr_assert_eq(line.last.type, MESSAGE_ping);
    cr_assert_eq(line.last.body.ping.number, 77);
    cr_assert_eq(line.last.body.ping.echo, 1);
    ping.body.ping.echo = 1;
    size_t count = line.count;
    peer_send_message(&line, &ping);
    cr_assert_eq(line.count, count, "an answer is not answered");
    line.silent = true;
    net_pass(&net, SILENCE_DEADLINE_MS - 1000);
    cr_assert_not_null(line.connection);
    net_pass(&net, 2000);
    cr_assert_null(line.connection);
    cr_assert(net_journal_says(&net, "store S1 left: no answer in time"));
}

Test(session, bye_and_error) {
    struct message bye = {.type = MESSAGE_bye}, error = {.type = MESSAGE_error};
    enter();
    bye.body.bye.text = view_of("closing time\n");
    peer_send_message(&line, &bye);
    cr_assert_null(line.connection);
    cr_assert(net_journal_says(&net, "store S1 says bye: closing time"));
    enter();
    error.body.error = (struct message_error){8, view_of("the till burns"), 0};
    peer_send_message(&line, &error);
    cr_assert_null(line.connection);
    cr_assert(net_journal_says(&net, "the till burns"));
}

Test(session, full_disk_at_the_door) {
    fault_plan(&net.hub.machine.log.fault, 0, 1, ERR_NO_SPACE);
    cr_assert(peer_knock(&line, &kim));
    cr_assert(!peer_hello(&line, &kim));
    cr_assert(peer_refused(&line, ERR_NO_SPACE, "the hub cannot write"));
    cr_assert_eq(line.last.body.error.retry_after, HUB_TROUBLE_RETRY_MS, "it is worth coming back");
    fault_plan(&net.hub.machine.log.fault, 1, 1, ERR_NO_SPACE); /* the key is written, the token is not */
    again();
    cr_assert(peer_knock(&line, &kim));
    cr_assert(!peer_hello(&line, &kim));
    cr_assert(peer_refused(&line, ERR_NO_SPACE, "the hub cannot write"));
    enter();
    cr_assert_eq(kim.token_number, 1);
}
