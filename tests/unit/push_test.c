/* PUSH: accepted, a duplicate, a gap, a fork, or bad. */
#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>
#include <zstd.h>

#include "tests/contract/push_scene.h"
#include "tests/support/frames.h"

TestSuite(push, .init = push_scene_prepare, .fini = push_scene_done);

/* ---- The four answers that are no refusal ---- */

Test(push, accepted) {
    impostor_write(&kim, 10, 100);
    push(0, 4);
    acked(&line, 4);
    push(4, 1);
    acked(&line, 5);
    push(5, 5);
    acked(&line, 10);
    holds(10);
    cr_assert_eq(line.count, 2 + 3);
}

Test(push, received_never_goes_back) {
    int64_t last = 0;
    impostor_write(&kim, 20, 10);
    for (uint64_t seq = 0; seq < 20; seq++) {
        struct message_receipt receipt;
        net.hub.machine.clock.skew = (int64_t)sim_dice(&net.world, 100000) - 50000;
        push(seq, 1);
        acked(&line, seq + 1);
        cr_assert_eq(receipt_read(line.last.body.ack.receipt, kim.hub_key, net.root.public_key, &receipt, NULL), 0);
        cr_assert_geq(receipt.received, last);
        last = receipt.received;
        if (seq == 10) {
            peer_close(&line);
            net_hub_crash(&net);
            net_hub_start(&net);
            cr_assert(peer_enter(&line, &kim, &net));
        }
    }
    holds(20);
}

Test(push, duplicates) {
    impostor_write(&kim, 10, 100);
    push(0, 6);
    push(6, 4);
    const struct {
        uint64_t from;
        uint32_t count;
    } again_and_again[] = {{6, 4}, {0, 6}, {0, 10}, {2, 3}, {9, 1}};
    for (size_t i = 0; i < sizeof again_and_again / sizeof *again_and_again; i++) {
        size_t count = line.count;
        push(again_and_again[i].from, again_and_again[i].count);
        cr_assert_eq(line.count, count + 1);
        acked(&line, 10);
    }
    holds(10);
    again();
    cr_assert_eq(kim.next_seq, 11);
    push(0, 10);
    acked(&line, 10);
    holds(10);
}

/* A duplicate of what ingest has not taken yet is not answered before it is durable. */
Test(push, duplicate_of_what_is_on_its_way) {
    impostor_write(&kim, 4, 100);
    push(0, 2);
    net.hub.halted = true;
    size_t count = line.count;
    push(2, 2);
    push(2, 2);
    push(0, 4);
    cr_assert_eq(line.count, count);
    push(0, 2);
    acked(&line, 2);
    net.hub.halted = false;
    net_settle(&net);
    acked(&line, 4);
    holds(4);
}

Test(push, gap) {
    impostor_write(&kim, 10, 100);
    push(0, 3);
    size_t count = line.count;
    push(5, 2);
    cr_assert_eq(line.last.type, MESSAGE_ack);
    cr_assert_eq(line.last.body.ack.next_seq, 4);
    cr_assert_null(line.last.body.ack.receipt.data);
    cr_assert(net_journal_says(&net, "store S1 left a gap: sequence 6 came, 4 is wanted"));
    push(7, 3); /* behind the gap: the store knows already */
    cr_assert_eq(line.count, count + 1);
    push(3, 2);
    acked(&line, 5);
    push(4, 3); /* reaches back behind what is there: said again what is wanted */
    cr_assert_null(line.last.body.ack.receipt.data);
    cr_assert_eq(line.last.body.ack.next_seq, 6);
    push(5, 5);
    acked(&line, 10);
    holds(10);
}

Test(push, only_keys) {
    uint64_t id = id_make(kim.signer.stream, 2);
    impostor_write(&kim, 5, 10);
    struct message message = some(0, 0);
    peer_send_message(&line, &message);
    cr_assert_not_null(line.connection);
    push(0, 2);
    message = with_key(id, kim.hub_key);
    struct view keys = message.body.push.keys;
    message = some(2, 0);
    message.body.push.keys = keys;
    peer_send_message(&line, &message);
    acked(&line, 2);
    cr_assert_eq(keys_of(id), 1);
    message = some(0, 0);
    message.body.push.first = 7; /* anywhere */
    peer_send_message(&line, &message);
    cr_assert_eq(line.last.body.ack.next_seq, 3);
    message = some(0, 0); /* long ago */
    peer_send_message(&line, &message);
    cr_assert_not_null(line.connection);
    holds(2);
}

/* ---- Refusals: nothing is touched, and an honest store goes on ---- */

Test(push, fork) {
    struct impostor other;
    impostor_write(&kim, 5, 100);
    push(0, 5);
    peer_impostor(&other, &net, 0, 50); /* the same key: a clone */
    impostor_write(&other, 5, 90);
    struct message message = impostor_push_all(&other);
    peer_send_message(&line, &message);
    refused(ERR_FORKED, "fork: other bytes at sequences 1 to 5");
    holds(5);
    impostor_release(&other);
    again();
    impostor_write(&kim, 1, 10);
    push(5, 1);
    acked(&line, 6);
    holds(6);
}

Test(push, broken_chain) {
    impostor_write(&kim, 5, 100);
    push(0, 2);
    struct message message = some(2, 3);
    uint8_t chain[CHAIN_SIZE];
    memcpy(chain, message.body.push.chain.data, sizeof chain);
    chain[0] ^= 1;
    message.body.push.chain = view_make(chain, sizeof chain);
    peer_send_message(&line, &message);
    refused(ERR_AUTH, "do not continue the chain");
    holds(2);
}

Test(push, wrong_signature) {
    impostor_write(&kim, 5, 100);
    struct message message = some(0, 5);
    uint8_t signature[SIGNATURE_SIZE];
    memcpy(signature, message.body.push.head_signature.data, sizeof signature);
    signature[40] ^= 1;
    message.body.push.head_signature = view_make(signature, sizeof signature);
    peer_send_message(&line, &message);
    refused(ERR_AUTH, "not signed with its key");
    holds(0);
}

Test(push, foreign_stream) {
    struct impostor other;
    peer_impostor(&other, &net, 1, 51);
    impostor_write(&other, 5, 100);
    struct message message = impostor_push_all(&other);
    peer_send_message(&line, &message);
    refused(ERR_AUTH, "a PUSH of stream 65538 on the connection of stream 65537");
    impostor_release(&other);
}

Test(push, sizes_that_lie) {
    impostor_write(&kim, 5, 100);
    struct message message = some(0, 5);
    message.body.push.size--;
    peer_send_message(&line, &message);
    refused(ERR_LIMIT, "another size");
    again();
    message = some(0, 5);
    message.body.push.count = 4;
    peer_send_message(&line, &message);
    refused(ERR_FORMAT, "behind the last event");
    again();
    message = some(0, 5);
    message.body.push.count = 6;
    peer_send_message(&line, &message);
    cr_assert_null(line.connection);
    again();
    message = some(0, 5);
    message.body.push.first = ID_SEQ_MAX;
    peer_send_message(&line, &message);
    cr_assert_null(line.connection);
    holds(0);
}

/* A gigabyte of nothing in some kilobytes. */
Test(push, zstd_bomb) {
    size_t size = (size_t)1 << 28;
    void *nothing = calloc(1, size);
    size_t most = ZSTD_compressBound(size);
    uint8_t *bomb = malloc(most);
    size_t len = ZSTD_compress(bomb, most, nothing, size, 1);
    free(nothing);
    cr_assert_lt(len, 100000);
    impostor_write(&kim, 5, 100);
    struct message message = some(0, 5);
    message.body.push.frames = view_make(bomb, len);
    peer_send_message(&line, &message);
    refused(ERR_LIMIT, "another size than the message says");
    free(bomb);
    holds(0);
}

Test(push, oversize) {
    struct buf bytes = BUF_INIT;
    buf_reserve(&bytes, MESSAGE_MAX + 1);
    memset(bytes.data, 0, MESSAGE_MAX + 1);
    bytes.len = MESSAGE_MAX + 1;
    peer_send(&line, buf_view(&bytes));
    cr_assert_null(line.connection);
    cr_assert(net_journal_says(&net, "store S1 left: the other side announces a message larger than allowed"));
    buf_release(&bytes);
}

Test(push, frames_that_are_none) {
    struct head start = impostor_start(&kim);
    struct buf frames = BUF_INIT;
    frames_append(&frames, 3, 10);
    struct message message = impostor_push(&kim, &start, 3, buf_view(&frames));
    static uint8_t packed[1000];
    frames.data[0] = 0x93; /* an array of three */
    size_t len = ZSTD_compress(packed, sizeof packed, frames.data, frames.len, 1);
    message.body.push.frames = view_make(packed, len);
    peer_send_message(&line, &message);
    refused(ERR_FORMAT, "event 1 of the push");
    holds(0);
    buf_release(&frames);
}

/* ---- Keys ---- */

Test(push, keys_of_others) {
    impostor_write(&kim, 5, 100);
    uint64_t theirs = id_make(kim.signer.stream + 1, 1), later = id_make(kim.signer.stream, 6);
    const uint64_t ids[] = {theirs, later, id_make(kim.signer.stream, 0), UINT64_MAX};
    for (size_t i = 0; i < sizeof ids / sizeof *ids; i++) {
        struct message message = with_key(ids[i], kim.hub_key);
        peer_send_message(&line, &message);
        cr_assert_null(line.connection, "key %zu", i);
        cr_assert(net_journal_says(&net, "refused"));
        again();
    }
    cr_assert_eq(keys_of(theirs), 0);
    cr_assert_eq(keys_of(later), 0);
    holds(0);
    struct message message = with_key(id_make(kim.signer.stream, 5), kim.hub_key);
    peer_send_message(&line, &message);
    acked(&line, 5);
    cr_assert_eq(keys_of(id_make(kim.signer.stream, 5)), 1);
}

Test(push, keys_for_somebody_else) {
    impostor_write(&kim, 5, 100);
    struct message message = with_key(id_make(kim.signer.stream, 1), kim.signer.public_key);
    peer_send_message(&line, &message);
    refused(ERR_AUTH, "the box of keys cannot be opened");
    again();
    uint8_t noise[100] = {1, 2, 3};
    message = some(0, 5);
    message.body.push.keys = view_make(noise, sizeof noise);
    peer_send_message(&line, &message);
    refused(ERR_AUTH, "the box of keys cannot be opened");
    again();
    message.body.push.keys = view_make(noise, 3);
    peer_send_message(&line, &message);
    refused(ERR_FORMAT, "too short");
    holds(0);
}
