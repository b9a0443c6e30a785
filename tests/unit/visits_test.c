/* Visits of many stores at once: one commit for all, and no WELCOME before it. */
#include <criterion/criterion.h>
#include <string.h>

#include "tests/support/peer.h"

#define STORES NET_STORES

static struct region_net net;
static struct impostor stores[STORES];
static struct peer lines[STORES];

static void knock(size_t i) {
    peer_dial(&lines[i], &net);
    cr_assert(peer_knock(&lines[i], &stores[i]));
}

static void prepare(void) {
    region_net_open(&net, 1, STORES);
    for (size_t i = 0; i < STORES; i++) {
        peer_impostor(&stores[i], &net, i, (uint8_t)(50 + i));
        knock(i);
        cr_assert(peer_hello(&lines[i], &stores[i])); /* its key is written */
        peer_hang_up(&lines[i]);
        peer_close(&lines[i]);
        knock(i);
    }
}

static void done(void) {
    for (size_t i = 0; i < STORES; i++) {
        peer_close(&lines[i]);
        impostor_release(&stores[i]);
    }
    region_net_close(&net);
}

TestSuite(visits, .init = prepare, .fini = done);

static void deliver(void) {
    while (mem_net_step(net.lines)) continue;
}

static uint64_t writes(void) { return net.hub.machine.log.fault.writes; }

static void all_say_hello(void) {
    for (size_t i = 0; i < STORES; i++) {
        struct buf bytes = BUF_INIT;
        struct message_greeting greeting = impostor_greeting(&stores[i]);
        impostor_hello(&stores[i], &greeting, &bytes);
        transport_send(lines[i].connection, buf_view(&bytes));
        buf_release(&bytes);
    }
    deliver();
}

static size_t answered(uint16_t type) {
    size_t count = 0;
    for (size_t i = 0; i < STORES; i++) count += lines[i].last.type == type;
    return count;
}

static struct visit visit_of(size_t i) {
    struct visit visit;
    cr_assert_eq(visit_load(net.hub.machine.site, stores[i].signer.stream, &visit, NULL), 0);
    return visit;
}

Test(visits, are_written_together_before_anybody_is_welcome) {
    uint64_t before = writes();
    all_say_hello();
    cr_assert_eq(writes(), before, "nothing in the transport's calls");
    cr_assert_eq(answered(MESSAGE_welcome), 0);
    cr_assert(!desk_connected(&net.hub.desk, stores[0].signer.stream));
    cr_assert(net_hub_step(&net));
    cr_assert_eq(writes(), before + 1);
    deliver();
    cr_assert_eq(answered(MESSAGE_welcome), STORES);
    for (size_t i = 0; i < STORES; i++) {
        impostor_hear(&stores[i], &lines[i].last);
        cr_assert_eq(visit_of(i).token_number, stores[i].token_number);
        cr_assert_arr_eq(visit_of(i).token, stores[i].token, TOKEN_SIZE);
    }
}

Test(visits, nobody_is_welcome_when_they_cannot_be_written) {
    all_say_hello();
    fault_plan(&net.hub.machine.log.fault, 0, 1, ERR_NO_SPACE);
    net_settle(&net);
    cr_assert_eq(answered(MESSAGE_error), STORES);
    for (size_t i = 0; i < STORES; i++) {
        cr_assert(peer_refused(&lines[i], ERR_NO_SPACE, "the hub cannot write"));
        peer_close(&lines[i]);
        knock(i);
        cr_assert(peer_hello(&lines[i], &stores[i]));
    }
}

Test(visits, who_leaves_is_written_with_the_others) {
    all_say_hello();
    net_settle(&net);
    uint64_t before = writes();
    net.world.elapsed += 5000;
    for (size_t i = 0; i < STORES; i++) transport_close(lines[i].connection, false);
    deliver();
    cr_assert_eq(writes(), before);
    struct visit visit;
    cr_assert_eq(visits_load(&net.hub.desk.visits, stores[0].signer.stream, &visit, NULL), 0);
    cr_assert_eq(visit.last_seen, env_now(&net.hub.machine.clock.env), "asked for before it is written");
    cr_assert(net_hub_step(&net));
    cr_assert_eq(writes(), before + 1);
    for (size_t i = 0; i < STORES; i++) cr_assert_eq(visit_of(i).last_seen, env_now(&net.hub.machine.clock.env));
    cr_assert(!net_hub_step(&net), "and that was all");
}

/* The line breaks between HELLO and the commit: nobody is there to be welcome, the token stays the next one. */
Test(visits, who_does_not_wait_is_given_the_same_token) {
    uint64_t number = visit_of(0).token_number;
    all_say_hello();
    transport_close(lines[0].connection, false);
    deliver();
    net_settle(&net);
    cr_assert(!desk_connected(&net.hub.desk, stores[0].signer.stream));
    cr_assert_eq(visit_of(0).token_number, number + 1);
    peer_close(&lines[0]);
    knock(0);
    cr_assert(peer_hello(&lines[0], &stores[0]));
    cr_assert_eq(stores[0].token_number, number + 1);
}
