#include "tests/support/impostor.h"

#include <assert.h>
#include <sodium.h>
#include <string.h>

#include "tests/support/frames.h"

void impostor_init(struct impostor *i, uint8_t seed, uint32_t stream, const uint8_t root[PUBLIC_KEY_SIZE]) {
    uint8_t bytes[crypto_sign_SEEDBYTES];
    *i = (struct impostor){.signer = {.role = ROLE_STORE, .stream = stream}, .time = INT64_C(1764547200000)};
    memset(bytes, seed, sizeof bytes);
    crypto_sign_seed_keypair(i->signer.public_key, i->signer.secret, bytes);
    memcpy(i->signer.root, root, PUBLIC_KEY_SIZE);
    i->head = impostor_start(i);
    head_sign(&i->head, &i->signer);
    i->packer = batch_packer_open(1);
}

void impostor_release(struct impostor *i) {
    batch_packer_close(i->packer);
    buf_release(&i->frames);
    buf_release(&i->box);
    buf_release(&i->receipt);
}

struct head impostor_start(const struct impostor *i) {
    return frames_start(&i->signer);
}

void impostor_knock(const struct impostor *i, struct buf *out) {
    struct message message = {.type = MESSAGE_knock};
    message.body.knock = (struct message_knock){PROTOCOL_LOWEST, PROTOCOL_HIGHEST, i->signer.stream,
                                                view_make(i->signer.root, PUBLIC_KEY_SIZE)};
    message_encode(&message, out);
}

struct message_greeting impostor_greeting(const struct impostor *i) {
    struct message_greeting g = {.seq = i->head.seq, .token_number = i->token_number};
    g.public_key = view_make(i->signer.public_key, PUBLIC_KEY_SIZE);
    g.chain = view_make(i->head.chain, CHAIN_SIZE);
    g.head_signature = view_make(i->head.signature, SIGNATURE_SIZE);
    g.software = view_of("impostor");
    g.time = i->time;
    if (i->shows_secret) g.secret = view_make(i->secret, SECRET_SIZE);
    if (i->token_number > 0) g.token = view_make(i->token, TOKEN_SIZE);
    return g;
}

void impostor_hello(const struct impostor *i, const struct message_greeting *greeting, struct buf *out) {
    struct message inner = {.type = MESSAGE_greeting}, message = {.type = MESSAGE_hello};
    struct buf content = BUF_INIT;
    uint8_t signature[SIGNATURE_SIZE];
    inner.body.greeting = *greeting;
    message_encode(&inner, &content);
    hello_sign(&i->signer, view_make(i->nonce, NONCE_SIZE), buf_view(&content), signature);
    message.body.hello = (struct message_hello){view_make(signature, sizeof signature), buf_view(&content)};
    message_encode(&message, out);
    buf_release(&content);
}

static void hear_receipt(struct impostor *i, struct view receipt) {
    if (receipt.data == NULL) return;
    buf_clear(&i->receipt);
    buf_append_view(&i->receipt, receipt);
}

void impostor_hear(struct impostor *i, const struct message *message) {
    if (message->type == MESSAGE_nonce) {
        memcpy(i->nonce, message->body.nonce.nonce.data, NONCE_SIZE);
        memcpy(i->hub_key, message->body.nonce.hub_key.data, PUBLIC_KEY_SIZE);
    } else if (message->type == MESSAGE_welcome) {
        const struct message_welcome *w = &message->body.welcome;
        i->next_seq = w->next_seq;
        i->credit = w->credit;
        i->token_number = w->token_number;
        memcpy(i->token, w->token.data, TOKEN_SIZE);
        hear_receipt(i, w->receipt);
    } else if (message->type == MESSAGE_ack) {
        i->next_seq = message->body.ack.next_seq;
        i->credit = message->body.ack.credit;
        hear_receipt(i, message->body.ack.receipt);
    }
}

void impostor_write(struct impostor *i, uint32_t count, size_t filler) {
    size_t start = i->frames.len;
    frames_append(&i->frames, count, filler);
    i->head = frames_head(&i->signer, &i->head, count, view_make(i->frames.data + start, i->frames.len - start));
}

struct message impostor_push(struct impostor *i, const struct head *before, uint32_t count, struct view frames) {
    static struct head head; /* the message borrows from it */
    struct message message = {.type = MESSAGE_push};
    head = frames_head(&i->signer, before, count, frames);
    int code = batch_pack(i->packer, before->seq + 1, count, frames, &head, VIEW_NONE, &message.body.push, NULL);
    assert(code == 0);
    (void)code;
    return message;
}

struct message impostor_push_all(struct impostor *i) {
    struct head start = impostor_start(i);
    return impostor_push(i, &start, (uint32_t)i->head.seq, buf_view(&i->frames));
}
