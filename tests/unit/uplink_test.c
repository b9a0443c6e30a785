/* The uplink against a hub that the test plays: on the way in, and when the line breaks. */
#include <criterion/criterion.h>
#include <sodium.h>
#include <string.h>

#include "proto/base/zone.h"
#include "tests/contract/uplink_scene.h"

TestSuite(uplink, .init = uplink_scene_prepare, .fini = uplink_scene_done);

/* ---- The way in ---- */

Test(uplink, says_what_it_is) {
    struct message inner;
    sell(3);
    greeted();
    cr_assert_eq(message_decode(wire.last.body.hello.content, &inner, NULL), 0);
    const struct message_greeting *g = &inner.body.greeting;
    cr_assert_eq(g->seq, 3);
    cr_assert_not_null(g->secret.data, "until it is told that it has joined");
    cr_assert_eq(g->token_number, 0);
    cr_assert_eq(g->time, env_now(site->env));
    struct message_welcome body = honest_welcome(0);
    welcome(&body);
    cr_assert_eq(wire.last.type, MESSAGE_push);
    cr_assert_eq(wire.last.body.push.count, 3);
    closed();
    wait_for_dial();
    uplink_dialled(&uplink);
    say_nonce(1);
    cr_assert_eq(message_decode(wire.last.body.hello.content, &inner, NULL), 0);
    cr_assert_not_null(inner.body.greeting.secret.data, "a WELCOME may be forgotten by a hub that is lost");
    cr_assert_eq(inner.body.greeting.token_number, 1);
}

Test(uplink, hubs_of_others) {
    knocked();
    hub.public_key[0] ^= 1;
    say_nonce(1);
    gives_up(ERR_AUTH, true, "not certified by this region's root");
    hub.public_key[0] ^= 1;
    wait_for_dial();
    uplink_dialled(&uplink);
    say_nonce(2);
    gives_up(ERR_VERSION, true, "protocol 2, this store speaks 1 to 1; upgrade the store");
    wait_for_dial();
    uplink_dialled(&uplink);
    say_nonce(0);
    gives_up(ERR_VERSION, true, "upgrade the hub");
}

Test(uplink, messages_out_of_turn) {
    greeted();
    ack_to(0);
    gives_up(ERR_FORMAT, false, "a ack out of turn");
    wait_for_dial();
    uplink_dialled(&uplink);
    struct message_welcome body = honest_welcome(0);
    welcome(&body);
    gives_up(ERR_FORMAT, false, "a welcome out of turn");
    wait_for_dial();
    uplink_dialled(&uplink);
    uplink_message(&uplink, view_make("\xc1", 1));
    gives_up(ERR_FORMAT, false, "no message");
    wait_for_dial();
    uplink_dialled(&uplink);
    say_nonce(1);
    welcome(&body);
    cr_assert_eq(uplink.state, UPLINK_OPEN);
    welcome(&body);
    gives_up(ERR_FORMAT, false, "a welcome out of turn");
}

Test(uplink, the_token_is_stored_before_anything_is_sent) {
    sell(3);
    greeted();
    fault_plan(&region.stores[0].machine.log.fault, 0, 1, ERR_NO_SPACE);
    struct message_welcome body = honest_welcome(0);
    welcome(&body);
    cr_assert_eq(wire.pushes, 0);
    gives_up(ERR_NO_SPACE, false, "session token could not be stored");
    cr_assert_eq(uplink.token_number, 0);
    cr_assert(!sodium_is_zero(site->secrets.join_secret, SECRET_SIZE), "it is needed once more");
}

/* ---- WELCOMEs that cannot be ---- */

static void not_welcome(const struct message_welcome *body, int code, bool refused, const char *words) {
    uint64_t token = uplink.token_number, acked = uplink.acked;
    size_t pushes = wire.pushes;
    welcome(body);
    gives_up(code, refused, words);
    cr_assert_eq(wire.pushes, pushes);
    cr_assert_eq(uplink.token_number, token, "what we hold is not overwritten");
    cr_assert_eq(uplink.acked, acked);
    cr_assert_eq(site_quarantined(site, NULL), code == ERR_FORKED);
    site_quarantine(site, VIEW_NONE, NULL);
    wait_for_dial();
    uplink_dialled(&uplink);
    say_nonce(1);
}

Test(uplink, a_hub_that_is_older) {
    sell(10);
    opened(6);
    ack_to(10);
    cr_assert_eq(uplink.acked, 10);
    closed();
    wait_for_dial();
    uplink_dialled(&uplink);
    say_nonce(1);
    struct message_welcome body = honest_welcome(8); /* it gave a receipt for ten */
    not_welcome(&body, ERR_CONFLICT, true, "the hub has lost events");
    body = honest_welcome(10);
    body.token_number = 1; /* it gave this one before */
    not_welcome(&body, ERR_CONFLICT, true, "an older copy of the hub");
    body = honest_welcome(10);
    body.incarnation = 0;
    not_welcome(&body, ERR_CONFLICT, true, "an older copy of the hub");
    body = honest_welcome(10);
    welcome(&body);
    cr_assert_eq(uplink.state, UPLINK_OPEN);
    cr_assert(uplink.acked == 10);
}

Test(uplink, a_hub_that_has_more_than_we) {
    sell(3);
    greeted();
    struct message_welcome body = honest_welcome(0);
    body.next_seq = 5;
    not_welcome(&body, ERR_CONFLICT, true, "this log only 3: it is an older copy");
    body = honest_welcome(0);
    body.next_seq = UINT64_MAX;
    not_welcome(&body, ERR_CONFLICT, true, "it is an older copy");
    body = honest_welcome(0);
    body.next_seq = 0;
    not_welcome(&body, ERR_FORMAT, false, "sequence 0");
    body = honest_welcome(3);
    welcome(&body);
    cr_assert_eq(uplink.state, UPLINK_OPEN);
}

Test(uplink, a_hub_with_other_events) {
    sell(3);
    greeted();
    struct head head = head_at(2);
    head.chain[0] ^= 1;
    struct message_welcome body = honest_welcome(2);
    body.receipt = receipt_for(&head);
    not_welcome(&body, ERR_FORKED, true, "fork");
    /* The last connection's numbers fit by chance: it is refused all the same. */
    uplink.sent.seq = 2;
    body.receipt = receipt_for(&head);
    not_welcome(&body, ERR_FORKED, true, "fork");
    head = head_at(1);
    body = honest_welcome(2);
    body.receipt = receipt_for(&head);
    not_welcome(&body, ERR_AUTH, true, "receipt does not hold");
    hub.secret[3] ^= 1;
    body = honest_welcome(2);
    hub.secret[3] ^= 1;
    not_welcome(&body, ERR_AUTH, true, "receipt does not hold");
}

Test(uplink, clocks_of_the_hub) {
    const int64_t times[] = {INT64_MIN, INT64_MAX, TIME_MIN - 1, TIME_MAX + 1};
    greeted();
    for (size_t i = 0; i < sizeof times / sizeof *times; i++) {
        struct message_welcome body = honest_welcome(0);
        body.time = times[i];
        not_welcome(&body, ERR_FORMAT, false, "impossible time");
    }
    cr_assert_eq(site->clock_offset_ms, 0);
}

/* The highest incarnation seen is told, and an older one is not believed, after a restart too. */
Test(uplink, incarnations) {
    struct message inner;
    greeted();
    struct message_welcome body = honest_welcome(0);
    body.incarnation = 3;
    welcome(&body);
    cr_assert_eq(uplink.state, UPLINK_OPEN);
    uplink_scene_restart();
    greeted();
    cr_assert_eq(message_decode(wire.last.body.hello.content, &inner, NULL), 0);
    cr_assert_eq(inner.body.greeting.incarnation, 3);
    body = honest_welcome(0);
    body.incarnation = 2;
    not_welcome(&body, ERR_CONFLICT, true, "an older copy of the hub");
}

/* It says it has our events and shows no receipt: it gets them again. */
Test(uplink, no_receipt) {
    sell(5);
    greeted();
    struct message_welcome body = honest_welcome(3);
    body.receipt = VIEW_NONE;
    welcome(&body);
    cr_assert_eq(uplink.state, UPLINK_OPEN);
    cr_assert_eq(wire.last.body.push.first, 1);
    ack_to(5);
    uplink_settle(&uplink);
    level_to(uplink.acked);
    cr_assert(uplink_level(&uplink));
}

/* ---- The line ---- */

Test(uplink, waits_longer_each_time) {
    int64_t last = 0;
    for (int i = 0; i < 12; i++) {
        struct err err;
        if (i == 0)
            pass(0);
        else
            wait_for_dial();
        err_set(&err, ERR_REFUSED, "address", "cannot reach hub:7700: nobody listens there");
        uplink_closed(&uplink, &err);
        int64_t due = uplink_due(&uplink);
        cr_assert_geq(due, i < 5 ? last / 2 : 10000, "attempt %d after %d", i, (int)due);
        cr_assert_leq(due, RETRY_LAST_MS * 2);
        last = due;
    }
    cr_assert(net_journal_says(&region, "nobody listens there"));
    cr_assert_null(strstr(strstr(region.journal_text, "nobody") + 1, "nobody"), "said once");
    uplink_try_now(&uplink);
    cr_assert_eq(uplink_due(&uplink), 0);
    wire.refuses_dial = true;
    wait_for_dial();
    cr_assert_eq(uplink.state, UPLINK_DOWN);
    cr_assert_gt(uplink_due(&uplink), 0);
    cr_assert_lt(uplink_due(&uplink), 1000);
}

Test(uplink, comes_back_when_the_hub_says) {
    struct message message = {.type = MESSAGE_error};
    greeted();
    message.body.error = (struct message_error){(uint64_t)-ERR_NO_SPACE, view_of("no room"), 40000};
    hear(&message);
    gives_up(ERR_NO_SPACE, false, "the hub refuses: no room");
    cr_assert_geq(uplink_due(&uplink), 40000 - 1000);
    cr_assert_leq(uplink_due(&uplink), 60000);
    wait_for_dial();
    uplink_dialled(&uplink);
    message.body.error = (struct message_error){0, view_of("out\nwith you"), 0};
    hear(&message);
    gives_up(ERR_REFUSED, true, "the hub refuses: out");
    cr_assert_geq(uplink_due(&uplink), RETRY_LAST_MS - 1000);
    uplink_try_now(&uplink);
    cr_assert(!uplink.refused);
    wait_for_dial();
    uplink_dialled(&uplink);
    struct message bye = {.type = MESSAGE_bye};
    bye.body.bye = (struct message_bye){view_of("closing"), 5000};
    hear(&bye);
    gives_up(ERR_CLOSED, false, "the hub says bye: closing");
    cr_assert_geq(uplink_due(&uplink), 4000);
}

/* The line broke while we sent; what the hub said before is heard all the same. */
Test(uplink, the_reason_behind_a_broken_line) {
    opened(0);
    wire.refuses_send = true;
    sell_one_by_one(3);
    cr_assert_eq(uplink.state, UPLINK_CLOSING);
    cr_assert_eq(wire.closes, 1);
    struct message message = {.type = MESSAGE_error};
    message.body.error = (struct message_error){(uint64_t)-ERR_REVOKED, view_of("this store was revoked"), 0};
    hear(&message);
    closed();
    cr_assert_eq(uplink.trouble.code, ERR_REVOKED);
    cr_assert(uplink.refused);
    wire.refuses_send = false;
    wait_for_dial();
    uplink_dialled(&uplink);
    cr_assert_eq(uplink.state, UPLINK_KNOCKING);
}

static bool kept_revoked(const char *why) {
    struct buf kept = BUF_INIT;
    site->log->ops->value(site->log, view_of("revoked"), &kept);
    bool same = view_is(buf_view(&kept), why);
    buf_release(&kept);
    return same;
}

/* `status` asks for it when no daemon runs. Each attempt hears the same; the log's values grow once. */
Test(uplink, a_revocation_is_kept_until_a_welcome) {
    struct message message = {.type = MESSAGE_error};
    message.body.error = (struct message_error){(uint64_t)-ERR_REVOKED, view_of("this store was revoked"), 0};
    uint64_t grown = 0;
    for (int i = 0; i < 3; i++) {
        if (i == 0) {
            greeted();
        } else {
            wait_for_dial();
            uplink_dialled(&uplink);
            say_nonce(1);
        }
        hear(&message);
        gives_up(ERR_REVOKED, true, "this store was revoked");
        cr_assert(kept_revoked("this store was revoked"));
        if (i > 0) cr_assert_eq(site->growth.count, grown);
        grown = site->growth.count;
    }
    uplink_scene_restart();
    cr_assert(kept_revoked("this store was revoked"));
    opened(0);
    cr_assert(kept_revoked(""));
}

Test(uplink, silence) {
    opened(0);
    size_t sent = wire.sent;
    pass(PING_MS);
    cr_assert_eq(wire.sent, sent + 1);
    cr_assert_eq(wire.last.type, MESSAGE_ping);
    struct message ping = {.type = MESSAGE_ping};
    ping.body.ping = (struct message_ping){wire.last.body.ping.number, 1, 0};
    hear(&ping);
    pass(PING_MS);
    pass(PING_MS);
    pass(PING_MS);
    cr_assert_eq(uplink.state, UPLINK_OPEN);
    pass(1);
    gives_up(ERR_TIMEOUT, false, "the hub is silent");
    wait_for_dial();
    uplink_dialled(&uplink);
    say_nonce(1);
    pass(SILENCE_MS / 3 + 1);
    gives_up(ERR_TIMEOUT, false, "the hub is silent");
}

/* Given up while the dialling was still under way; then it succeeds. */
Test(uplink, dialled_too_late) {
    pass(0);
    pass(SILENCE_MS / 3 + 1);
    cr_assert_eq(uplink.state, UPLINK_CLOSING);
    size_t sent = wire.sent, closes = wire.closes;
    uplink_dialled(&uplink);
    cr_assert_eq(wire.sent, sent);
    cr_assert_eq(wire.closes, closes + 1);
    closed();
    wait_for_dial();
}

Test(uplink, a_later_trouble_is_told_too) {
    opened(0);
    closed();
    cr_assert_eq(uplink.trouble.code, ERR_CLOSED);
    wait_for_dial();
    uplink_dialled(&uplink);
    say_nonce(1);
    struct message_welcome body = honest_welcome(0);
    welcome(&body);
    cr_assert_eq(uplink.trouble.code, 0);
    closed();
    cr_assert_eq(uplink.trouble.code, ERR_CLOSED);
}
