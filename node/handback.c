#include "node/handback.h"

#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "node/uplink.h"
#include "proto/model/vec.h"
#include "proto/site/erasure.h"

/* ---- Signed heads ---- */

struct view handback_head_name(uint32_t stream, char out[HANDBACK_HEAD_NAME]) {
    snprintf(out, HANDBACK_HEAD_NAME, "signed %u", stream);
    return view_of(out);
}

void handback_head_write(const struct head *head, uint8_t out[HANDBACK_HEAD_SIZE]) {
    put_u64_le(out, head->seq);
    memcpy(out + 8, head->chain, CHAIN_SIZE);
    memcpy(out + 8 + CHAIN_SIZE, head->signature, SIGNATURE_SIZE);
}

/* `head`: as it is in the log. False: no signed one is known. */
static bool signed_head(struct site *site, struct head *head) {
    char name[HANDBACK_HEAD_NAME];
    struct buf value = BUF_INIT;
    if (!head_unsigned(head)) return true;
    bool known = site->log->ops->value(site->log, handback_head_name(head->stream, name), &value) == 0 &&
                 value.len == HANDBACK_HEAD_SIZE;
    if (known) {
        head->seq = get_u64_le(value.data);
        memcpy(head->chain, value.data + 8, CHAIN_SIZE);
        memcpy(head->signature, value.data + 8 + CHAIN_SIZE, SIGNATURE_SIZE);
    }
    buf_release(&value);
    return known;
}

void handback_held(struct site *site, struct buf *out) {
    struct head *heads = NULL;
    size_t count = 0, told = 0;
    if (site->log->ops->heads(site->log, &heads, &count, NULL) != 0) return;
    for (size_t i = 0; i < count && told < FEED_STREAMS_MAX; i++) {
        if (heads[i].stream == site->config.stream || !signed_head(site, &heads[i])) continue;
        feed_stream_write(out, heads[i].stream, heads[i].seq);
        told++;
    }
    free(heads);
}

/* ---- What is wanted ---- */

void handback_begin(struct handback *handback, const struct message_welcome *welcome) {
    handback_release(handback);
    *handback = (struct handback){.guest = welcome->token_number == 0};
    if (welcome->wanted.data != NULL) buf_append_view(&handback->wanted, welcome->wanted);
}

void handback_release(struct handback *handback) { buf_release(&handback->wanted); }

bool handback_busy(const struct handback *handback) {
    return handback->guest || handback->last.seq > 0 || handback->read < handback->wanted.len;
}

bool handback_ack(struct handback *handback, const struct message_ack *ack) {
    if (!handback->waiting || ack->stream != handback->last.stream) return false;
    handback->waiting = false;
    handback->next = ack->next_seq;
    if (handback->next > handback->last.seq) handback->last.seq = 0;
    return true;
}

/* The next stream of those wanted that is here; false: there is none left. */
static bool begin_stream(struct handback *handback, struct site *site) {
    while (handback->last.seq == 0 && handback->read < handback->wanted.len) {
        struct cursor c =
            cursor_of(view_make(handback->wanted.data + handback->read, handback->wanted.len - handback->read));
        uint32_t stream;
        if (feed_stream_next(&c, &stream, &handback->next, NULL) != 1) handback->read = handback->wanted.len;
        if (handback->read == handback->wanted.len) break;
        handback->read = handback->wanted.len - cursor_left(&c);
        bool here = stream != site->config.stream && log_head(site->log, stream, &handback->last) == 0 &&
                    signed_head(site, &handback->last) && handback->next > 0 && handback->next <= handback->last.seq;
        if (!here) handback->last.seq = 0;
    }
    return handback->last.seq > 0;
}

/* ---- A part ---- */

struct part {
    struct buf frames, received;
    uint32_t count;
    int64_t time; /* of the last run */
    struct carried_keys keys;
};

static void part_release(struct part *part) {
    buf_release(&part->frames);
    buf_release(&part->received);
    carried_keys_release(&part->keys);
}

static int add_keys(struct uplink *u, struct part *part, uint64_t id, struct err *err) {
    struct customer_key found[4];
    int n = site_keys(u->site, id, found, 4, err);
    for (int i = 0; i < n; i++) carried_keys_add(&part->keys, id, &found[i]);
    sodium_memzero(found, sizeof found);
    return n < 0 ? n : 0;
}

static int add(struct uplink *u, struct part *part, uint64_t id, struct err *err) {
    struct buf copy = BUF_INIT;
    struct record record;
    struct event event;
    int code = log_get_id(u->site->log, id, &record, &copy, err);
    if (code == 0) {
        buf_append_view(&part->frames, record.frame);
        part->count++;
        if (record.received > 0 && (part->count == 1 || record.received != part->time))
            received_write(&part->received, id_seq(id), record.received);
        part->time = record.received;
        if (event_decode(record.frame, &event, NULL) >= 0 && event.sealed_bits != 0 && event.subject == id)
            code = add_keys(u, part, id, err);
    }
    buf_release(&copy);
    return code;
}

static int send_part(struct uplink *u, struct part *part, struct err *err) {
    struct handback *handback = &u->handback;
    struct message message = {.type = MESSAGE_push};
    struct message_push *push = &message.body.push;
    struct head head = {.stream = handback->last.stream, .seq = handback->next + part->count - 1};
    struct buf box = BUF_INIT;
    uint8_t key[PUBLIC_KEY_SIZE], certificate[SIGNATURE_SIZE];
    if (head.seq == handback->last.seq) head = handback->last;
    int code = part->keys.count == 0 ? 0 : keys_box(part->keys.items, part->keys.count, u->hub_key, &box, err);
    if (code == 0)
        code = batch_pack(u->packer, handback->next, part->count, buf_view(&part->frames), &head,
                          box.len > 0 ? buf_view(&box) : VIEW_NONE, push, err);
    if (code == 0) {
        if (site_hub_key(u->site, head.stream, key, certificate)) {
            push->hub_key = view_make(key, sizeof key);
            push->hub_certificate = view_make(certificate, sizeof certificate);
        }
        if (part->received.len > 0) push->received = buf_view(&part->received);
        handback->waiting = true;
        uplink_send(u, &message);
    }
    buf_release(&box);
    return code;
}

void uplink_handback(struct uplink *u) {
    struct handback *handback = &u->handback;
    struct part part = {.count = 0};
    struct err err = {.code = 0};
    int code = 0;
    if (u->state != UPLINK_OPEN || handback->waiting || !begin_stream(handback, u->site)) return;
    while (code == 0 && part.count < HANDBACK_EVENTS && part.frames.len < PUSH_BYTES &&
           handback->next + part.count <= handback->last.seq)
        code = add(u, &part, id_make(handback->last.stream, handback->next + part.count), &err);
    if (code == 0) code = send_part(u, &part, &err);
    part_release(&part);
    if (code != 0)
        uplink_fail(u, true, code, "what the hub wants back cannot be read: %s; run `dangol-node verify`", err.text);
}

/* Behind what the hub has of ours already: a PUSH without events. */
void uplink_hand_keys(struct uplink *u, struct list wanted) {
    struct message message = {.type = MESSAGE_push};
    struct part part = {.count = 0};
    struct buf box = BUF_INIT;
    struct err err = {.code = 0};
    struct head head = u->sent;
    int code = 0;
    for (uint64_t id; code == 0 && list_next_id(&wanted, &id);) code = add_keys(u, &part, id, &err);
    if (code == 0 && part.keys.count > 0) {
        head_sign(&head, &u->site->signer);
        code = keys_box(part.keys.items, part.keys.count, u->hub_key, &box, &err);
        if (code == 0)
            code = batch_pack(u->packer, head.seq + 1, 0, view_make("", 0), &head, buf_view(&box), &message.body.push,
                              &err);
        if (code == 0) uplink_send(u, &message);
    }
    if (code != 0) journal_say(&u->journal, "keys that the hub lacks cannot be handed over: %s", err.text);
    buf_release(&box);
    part_release(&part);
}
