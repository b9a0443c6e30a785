/* The uplink against a hub that the test plays: ACKs, credits, receipts. */
#include <criterion/criterion.h>
#include <string.h>

#include "tests/contract/uplink_scene.h"

TestSuite(uplink_ack, .init = uplink_scene_prepare, .fini = uplink_scene_done);

/* ---- ACKs ---- */

Test(uplink_ack, acks) {
    opened(0);
    sell_one_by_one(5);
    cr_assert_eq(wire.pushes, 5);
    cr_assert_eq(uplink.in_flight_count, 5);
    ack_to(2);
    cr_assert_eq(uplink.in_flight_count, 3);
    ack_to(1); /* said before */
    ack_to(2);
    cr_assert_eq(uplink.acked, 2);
    cr_assert_eq(uplink.in_flight_count, 3);
    ack_to(5);
    cr_assert_eq(uplink.in_flight_count, 0);
    cr_assert_eq(uplink.in_flight_bytes, 0);
    cr_assert(!uplink_level(&uplink), "not before the receipt is stored");
    uplink_settle(&uplink);
    level_to(uplink.acked);
    cr_assert(uplink_level(&uplink));
    cr_assert_eq(wire.pushes, 5);
}

/* The end of what the hub has lies between two of our batches: another connection brought it there. */
Test(uplink_ack, acks_between_batches) {
    sell(4);
    opened(0);
    sell_one_by_one(3);
    cr_assert_eq(uplink.in_flight_count, 4);
    ack_to(2);
    cr_assert_eq(uplink.acked, 2);
    cr_assert_eq(uplink.in_flight_count, 4);
    ack_to(6);
    cr_assert_eq(uplink.in_flight_count, 1);
    ack_to(7);
    cr_assert_eq(uplink.in_flight_count, 0);
    cr_assert_eq(uplink.acked, 7);
}

/* It even lies behind the last one sent. */
Test(uplink_ack, acks_ahead_of_what_was_sent) {
    greeted();
    sell(2);
    struct message_welcome body = honest_welcome(0);
    body.credit = 1;
    welcome(&body);
    sell(6);
    pass(0);
    cr_assert_eq(wire.pushes, 1);
    ack_to(5);
    cr_assert_eq(wire.pushes, 2);
    cr_assert_eq(wire.last.body.push.first, 6);
    ack_to(8);
    uplink_settle(&uplink);
    level_to(uplink.acked);
    cr_assert(uplink_level(&uplink));
}

Test(uplink_ack, gaps) {
    opened(0);
    sell_one_by_one(6);
    ack_to(1);
    ack(3, VIEW_NONE, 1 << 20);
    cr_assert_eq(wire.last.type, MESSAGE_push);
    cr_assert_eq(wire.last.body.push.first, 3);
    cr_assert_eq(wire.last.body.push.count, 4, "the rest in one");
    cr_assert_eq(uplink.in_flight_count, 1);
    cr_assert_eq(uplink.acked, 1, "a gap promises nothing");
    ack_to(6);
    uplink_settle(&uplink);
    level_to(uplink.acked);
    cr_assert(uplink_level(&uplink));
}

static void bad_ack(uint64_t next_seq, struct view with, int code, bool refused, const char *words) {
    uint64_t acked = uplink.acked;
    ack(next_seq, with, 1 << 20);
    gives_up(code, refused, words);
    cr_assert_eq(uplink.acked, acked);
    site_quarantine(site, VIEW_NONE, NULL);
    wait_for_dial();
    uplink_dialled(&uplink);
    say_nonce(1);
    struct message_welcome body = honest_welcome(acked);
    welcome(&body);
    cr_assert_eq(uplink.state, UPLINK_OPEN);
}

Test(uplink_ack, acks_that_cannot_be) {
    sell(6);
    opened(2);
    bad_ack(0, VIEW_NONE, ERR_FORMAT, false, "nothing");
    bad_ack(1, VIEW_NONE, ERR_CONFLICT, true, "the hub has lost events");
    bad_ack(8, VIEW_NONE, ERR_CONFLICT, true, "it is an older copy");
    bad_ack(UINT64_MAX, VIEW_NONE, ERR_CONFLICT, true, "it is an older copy");
    struct head head = head_at(6);
    head.seq = 7;
    bad_ack(8, receipt_for(&head), ERR_CONFLICT, true, "it is an older copy");
    head = head_at(6);
    bad_ack(6, receipt_for(&head), ERR_AUTH, true, "receipt does not hold");
    head.chain[5] ^= 1;
    bad_ack(7, receipt_for(&head), ERR_FORKED, true, "fork");
    bad_ack(7, view_of("noise"), ERR_AUTH, true, "receipt does not hold");
    struct message message = {.type = MESSAGE_ack};
    message.body.ack = (struct message_ack){site->config.stream + 1, 4, VIEW_NONE, 1};
    hear(&message);
    gives_up(ERR_FORMAT, false, "another stream");
}

/* ---- Credits ---- */

Test(uplink_ack, credits) {
    sell(100);
    greeted();
    struct message_welcome body = honest_welcome(0);
    body.credit = 0;
    welcome(&body);
    cr_assert_eq(wire.pushes, 0);
    pass(1000);
    cr_assert_eq(wire.pushes, 0);
    ack(1, VIEW_NONE, 1); /* now it may */
    cr_assert_eq(wire.pushes, 1);
    sell_one_by_one(3);
    cr_assert_eq(wire.pushes, 1, "one is enough for that credit");
    ack_to(100);
    cr_assert_eq(wire.pushes, 2);
}

Test(uplink_ack, credit_without_end_is_not_used) {
    greeted();
    struct message_welcome body = honest_welcome(0);
    body.credit = UINT64_MAX;
    welcome(&body);
    static char noise[4001];
    uint64_t kim = trade_register(site, (struct person_card){.name = "Kim"});
    for (int i = 0; i < 6000; i++) {
        for (size_t k = 0; k < sizeof noise - 1; k++) noise[k] = (char)('!' + sim_dice(&region.world, 90));
        cr_assert_neq(trade_contact(site, kim, 0, noise), 0);
    }
    pass(0);
    cr_assert_leq(uplink.in_flight_bytes, CREDIT_MAX + (2u << 20));
    cr_assert_lt(uplink.in_flight_bytes, TRANSPORT_QUEUE_MAX);
    for (size_t i = 0; i < 40; i++) sell_one_by_one(1);
    cr_assert_leq(uplink.in_flight_count, PUSHES_IN_FLIGHT);
}

/* ---- What it must know after a restart ---- */

Test(uplink_ack, knows_after_a_restart) {
    sell(5);
    opened(0);
    ack_to(5);
    uplink_settle(&uplink);
    uplink_scene_restart();
    cr_assert_eq(uplink.acked, 5);
    cr_assert_eq(uplink.token_number, 1);
    struct head head = head_at(5);
    cr_assert_arr_eq(uplink.acked_chain, head.chain, CHAIN_SIZE);
}

Test(uplink_ack, receipts_that_cannot_be_stored) {
    opened(0);
    struct fault *fault = &region.stores[0].machine.log.fault;
    sell(RUNS_UNSAVED + 5);
    pass(0);
    fault_plan(fault, 0, UINT64_MAX, ERR_NO_SPACE);
    for (uint64_t seq = 1; seq <= RUNS_UNSAVED; seq++) {
        ack_to(seq);
        cr_assert_eq(uplink.state, UPLINK_OPEN);
        uplink_settle(&uplink);
    }
    cr_assert_eq(uplink.run_count, RUNS_UNSAVED);
    fflush(region.journal);
    char *said = strstr(region.journal_text, "receipt cannot be stored");
    cr_assert_not_null(said);
    cr_assert_null(strstr(said + 1, "receipt cannot be stored"), "said once");
    ack_to(RUNS_UNSAVED + 1);
    gives_up(ERR_NO_SPACE, false, "while the hub's receipts cannot be stored");
    fault_plan(fault, 0, 0, 0);
    uplink_settle(&uplink);
    cr_assert_eq(uplink.run_count, 0);
    wait_for_dial();
    uplink_dialled(&uplink);
    say_nonce(1);
    struct message_welcome body = honest_welcome(RUNS_UNSAVED + 5);
    welcome(&body);
    uplink_settle(&uplink);
    level_to(uplink.acked);
    cr_assert(uplink_level(&uplink));
}
