/* Ingest behind the sessions: its queue and groups, two connections of one store, disks that are full. */
#include <criterion/criterion.h>
#include <string.h>

#include "tests/contract/push_scene.h"
#include "tests/support/frames.h"

TestSuite(ingest, .init = push_scene_prepare, .fini = push_scene_done);

/* ---- Credits ---- */

/* A megabyte that does not compress. */
static void push_noise(void) {
    struct head before = kim.head;
    struct buf frames = BUF_INIT;
    uint8_t noise[60000];
    size_t start = kim.frames.len;
    for (int n = 0; n < 20; n++) {
        env_random(&net.hub.machine.clock.env, noise, sizeof noise);
        frames_append(&frames, 1, sizeof noise);
        memcpy(frames.data + frames.len - sizeof noise, noise, sizeof noise);
    }
    buf_append_view(&kim.frames, buf_view(&frames));
    struct message message =
        impostor_push(&kim, &before, 20, view_make(kim.frames.data + start, kim.frames.len - start));
    peer_send_message(&line, &message);
    kim.head = frames_head(&kim.signer, &before, 20, buf_view(&frames));
    buf_release(&frames);
}

Test(ingest, more_than_the_credit) {
    net.hub.halted = true;
    for (uint32_t i = 0; i < 30 && line.connection != NULL; i++) push_noise();
    refused(ERR_LIMIT, "more bytes in flight");
    cr_assert_eq(at_hub(), 0);
    net.hub.halted = false; /* what was taken over before is in order, and taken */
    net_settle(&net);
    cr_assert_gt(at_hub(), 0);
    holds(at_hub());
    again();
    cr_assert_eq(kim.next_seq, at_hub() + 1);
}

Test(ingest, credit_comes_back) {
    for (uint32_t i = 0; i * (1u << 20) < STORE_IN_FLIGHT_MAX + (2u << 20); i++) {
        push_noise();
        acked(&line, 20 * (i + 1));
    }
}

/* ---- Two connections of one store ---- */

/* What the older one had on its way and what the newer one sends again are the same: each event is taken once. */
Test(ingest, two_connections) {
    for (uint64_t seed = 0; seed < 40; seed++) {
        struct peer newer;
        uint64_t start = at_hub();
        impostor_write(&kim, 12, 50);
        net.hub.halted = true;
        post(&line, start, 4);
        post(&line, start + 4, 4);
        net_settle(&net);
        cr_assert(peer_enter(&newer, &kim, &net));
        cr_assert_eq(kim.next_seq, start + 1);
        uint32_t first = 1 + (uint32_t)sim_dice(&net.world, 11);
        post(&newer, start, first); /* in other batches than before */
        post(&newer, start + first, 12 - first);
        net_settle(&net);
        net.hub.halted = false;
        net_settle(&net);
        cr_assert_not_null(newer.connection, "the newer one is not refused");
        if (at_hub() < start + 12) { /* it was told where to go on, once */
            cr_assert_eq(newer.last.type, MESSAGE_ack);
            cr_assert_null(newer.last.body.ack.receipt.data);
            uint64_t wanted = newer.last.body.ack.next_seq;
            cr_assert_eq(wanted, at_hub() + 1);
            struct message rest = some(wanted - 1, (uint32_t)(start + 12 - at_hub()));
            peer_send_message(&newer, &rest);
        }
        holds(start + 12);
        acked(&newer, start + 12);
        cr_assert_leq(newer.acks, 3);
        cr_assert_leq(newer.gaps, 1);
        peer_close(&line);
        peer_dial(&line, &net); /* for the next round */
        cr_assert(peer_knock(&line, &kim));
        cr_assert(peer_hello(&line, &kim));
        peer_close(&newer);
    }
    cr_assert(!net_journal_says(&net, "refused"));
}

/* The newer one is a clone that writes other events: what came first stays. */
Test(ingest, two_connections_that_differ) {
    struct peer newer;
    struct impostor other;
    impostor_write(&kim, 4, 50);
    net.hub.halted = true;
    post(&line, 0, 4);
    net_settle(&net);
    peer_impostor(&other, &net, 0, 50);
    impostor_write(&other, 6, 40);
    other.token_number = kim.token_number;
    memcpy(other.token, kim.token, TOKEN_SIZE);
    cr_assert(peer_enter(&newer, &other, &net));
    struct message message = impostor_push_all(&other);
    peer_send_message(&newer, &message);
    net.hub.halted = false;
    net_settle(&net);
    cr_assert(peer_refused(&newer, ERR_FORKED, "fork"));
    holds(4);
    peer_close(&newer);
    impostor_release(&other);
}

Test(ingest, revoked_while_it_waits) {
    impostor_write(&kim, 4, 50);
    push(0, 2);
    net.hub.halted = true;
    push(2, 2);
    net_revoke(&net, kim.signer.stream);
    net.hub.halted = false;
    net_settle(&net);
    cr_assert(net_journal_says(&net, "revoked"));
    holds(2);
}

/* ---- Disks that are full ---- */

static void full(struct fault *fault) {
    impostor_write(&kim, 10, 50);
    struct message message = with_key(id_make(kim.signer.stream, 1), kim.hub_key);
    fault_plan(fault, 0, 1, ERR_NO_SPACE);
    peer_post(&line, &message);
    post(&line, 5, 5); /* in the same group, or in the one after it */
    net_settle(&net);
    cr_assert(peer_refused(&line, ERR_NO_SPACE, "the hub cannot take events now"));
    cr_assert_eq(line.last.body.error.retry_after, HUB_TROUBLE_RETRY_MS);
    cr_assert_eq(line.acks, 0);
    cr_assert_eq(fault->failed, 1);
    holds(0);
    again();
    cr_assert_eq(kim.next_seq, 1);
    message = with_key(id_make(kim.signer.stream, 1), kim.hub_key);
    peer_send_message(&line, &message);
    push(5, 5);
    acked(&line, 10);
    holds(10);
    cr_assert_eq(keys_of(id_make(kim.signer.stream, 1)), 1);
}

Test(ingest, full_log) { full(&net.hub.machine.log.fault); }
Test(ingest, full_ring) { full(&net.hub.machine.ring.fault); }

/* The process dies after the commit, before the ack: the store sends again, the hub has it. */
Test(ingest, dies_behind_the_commit) {
    impostor_write(&kim, 10, 50);
    net.hub.machine.log.fault.after_all = true;
    fault_plan(&net.hub.machine.log.fault, 0, 1, ERR_IO);
    push(0, 10);
    cr_assert_eq(line.acks, 0);
    peer_close(&line);
    net_hub_crash(&net);
    net_hub_start(&net);
    cr_assert(peer_enter(&line, &kim, &net));
    cr_assert_eq(kim.next_seq, 11);
    push(0, 10);
    acked(&line, 10);
    holds(10);
}

/* ---- Groups ---- */

/* Several stores in one commit, each with its own answer. */
Test(ingest, groups) {
    struct peer lines[2];
    struct impostor others[2];
    net.hub.halted = true;
    uint64_t writes = net.hub.machine.log.fault.writes;
    impostor_write(&kim, 6, 50);
    post(&line, 0, 3);
    post(&line, 3, 3);
    for (size_t i = 0; i < 2; i++) {
        peer_impostor(&others[i], &net, i + 1, (uint8_t)(60 + i));
        cr_assert(peer_enter(&lines[i], &others[i], &net));
        impostor_write(&others[i], 5, 50);
        struct message message = impostor_push_all(&others[i]);
        peer_post(&lines[i], &message);
        writes += 2; /* key and token */
    }
    net_settle(&net);
    cr_assert_eq(net.hub.machine.log.fault.writes, writes);
    cr_assert(ingest_step(net.hub.ingest));
    cr_assert(!ingest_step(net.hub.ingest));
    cr_assert_eq(net.hub.machine.log.fault.writes, writes + 1);
    net_settle(&net);
    holds(6);
    acked(&line, 6);
    for (size_t i = 0; i < 2; i++) {
        cr_assert_eq(lines[i].last.type, MESSAGE_ack);
        cr_assert_eq(lines[i].last.body.ack.next_seq, 6);
        peer_close(&lines[i]);
        impostor_release(&others[i]);
    }
}

/* What waits when ingest closes was never acked and is dropped. */
Test(ingest, closes_with_items_waiting) {
    impostor_write(&kim, 6, 50);
    net.hub.halted = true;
    post(&line, 0, 3);
    post(&line, 3, 3);
    net_settle(&net);
    net_hub_crash(&net);
    net.hub.halted = false;
    net_hub_start(&net);
    holds(0);
    cr_assert_eq(line.acks, 0);
    again();
    push(0, 6);
    acked(&line, 6);
    holds(6);
}
