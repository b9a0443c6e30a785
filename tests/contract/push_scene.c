#include "tests/contract/push_scene.h"

#include <criterion/criterion.h>
#include <string.h>

#include "tests/support/frames.h"

struct region_net net;
struct impostor kim; /* of stores[0] */
struct peer line;

void push_scene_prepare(void) {
    region_net_open(&net, 1, 3);
    peer_impostor(&kim, &net, 0, 50);
    cr_assert(peer_enter(&line, &kim, &net));
}

void push_scene_done(void) {
    peer_close(&line);
    impostor_release(&kim);
    region_net_close(&net);
}

uint64_t at_hub(void) {
    struct head head;
    return log_head(&net.hub.machine.log.base, kim.signer.stream, &head) == 0 ? head.seq : 0;
}

/* The hub holds exactly the first `count` of her frames. */
void holds(uint64_t count) {
    struct view rest = buf_view(&kim.frames);
    struct head head = impostor_start(&kim), there;
    cr_assert_eq(at_hub(), count);
    for (uint64_t seq = 1; seq <= count; seq++) {
        struct buf copy = BUF_INIT;
        struct record record;
        size_t length;
        cr_assert_eq(frame_length(rest, &length, NULL), 0);
        cr_assert_eq(log_get_id(&net.hub.machine.log.base, id_make(kim.signer.stream, seq), &record, &copy, NULL), 0);
        cr_assert(view_equal(record.frame, view_make(rest.data, length)));
        chain_next(head.chain, record.frame);
        rest = view_make(rest.data + length, rest.len - length);
        buf_release(&copy);
    }
    if (count == 0) return;
    cr_assert_eq(log_head(&net.hub.machine.log.base, kim.signer.stream, &there), 0);
    cr_assert_arr_eq(there.chain, head.chain, CHAIN_SIZE);
    cr_assert(head_holds(&there, kim.signer.public_key, net.root.public_key));
}

/* An ACK with a receipt for all up to `seq`. */
void acked(const struct peer *peer, uint64_t seq) {
    struct message_receipt receipt;
    struct err err = {.code = 0};
    cr_assert_eq(peer->last.type, MESSAGE_ack, "%s", message_name(peer->last.type));
    const struct message_ack *ack = &peer->last.body.ack;
    cr_assert_eq(ack->stream, kim.signer.stream);
    cr_assert_eq(ack->next_seq, seq + 1, "next %zu", (size_t)ack->next_seq);
    cr_assert_not_null(ack->receipt.data);
    cr_assert_eq(receipt_read(ack->receipt, kim.hub_key, net.root.public_key, &receipt, &err), 0, "%s", err.text);
    cr_assert_eq(receipt.seq, seq);
    cr_assert_eq(receipt.incarnation, 1);
}

void refused(int code, const char *words) {
    char text[400] = "nothing";
    if (line.last.type == MESSAGE_error) view_text(line.last.body.error.text, text, sizeof text);
    cr_assert(peer_refused(&line, code, words), "%s for \"%s\"; it said: %s", err_word(code), words, text);
    cr_assert(net_journal_says(&net, words));
}

void again(void) {
    peer_close(&line);
    cr_assert(peer_enter(&line, &kim, &net), "%s", line.closed.text);
}

/* Her frames (from, from + count], in one PUSH. */
struct message some(uint64_t from, uint32_t count) {
    struct head before = impostor_start(&kim);
    const uint8_t *at = kim.frames.data;
    const uint8_t *end = kim.frames.data + kim.frames.len;
    size_t length;
    while (before.seq < from) {
        cr_assert_eq(frame_length(view_make(at, (size_t)(end - at)), &length, NULL), 0);
        chain_next(before.chain, view_make(at, length));
        before.seq++;
        at += length;
    }
    const uint8_t *start = at;
    for (uint32_t i = 0; i < count; i++) {
        cr_assert_eq(frame_length(view_make(at, (size_t)(end - at)), &length, NULL), 0);
        at += length;
    }
    return impostor_push(&kim, &before, count, view_make(start, (size_t)(at - start)));
}

void push(uint64_t from, uint32_t count) {
    struct message message = some(from, count);
    peer_send_message(&line, &message);
}

void post(struct peer *peer, uint64_t from, uint32_t count) {
    struct message message = some(from, count);
    peer_post(peer, &message);
}

struct message with_key(uint64_t id, const uint8_t receiver[PUBLIC_KEY_SIZE]) {
    struct carried_key key = {.id = id};
    struct message message = some(0, 5);
    memset(key.key.bytes, 9, KEY_BYTES);
    buf_clear(&kim.box);
    cr_assert_eq(keys_box(&key, 1, receiver, &kim.box, NULL), 0);
    message.body.push.keys = buf_view(&kim.box);
    return message;
}

int keys_of(uint64_t id) {
    struct ring_key found[8];
    struct keyring *ring = &net.hub.machine.ring.base;
    return ring->ops->get(ring, id, found, 8, NULL);
}
