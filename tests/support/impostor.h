/* A store made by hand, for what an honest one never does: each message of the protocol as honest as the test leaves
 * it. `impostor_greeting` and `impostor_push` give a message to be changed before it is sealed into bytes.
 * Memory: views point into the impostor. Thread: one. */
#ifndef DANGOL_TESTS_SUPPORT_IMPOSTOR_H
#define DANGOL_TESTS_SUPPORT_IMPOSTOR_H

#include "proto/wire/batch.h"

struct impostor {
    struct signer signer;        /* of its stream; role ROLE_STORE */
    uint8_t secret[SECRET_SIZE]; /* of the join file */
    bool shows_secret;
    int64_t time; /* its clock */

    /* Learned from the hub. */
    uint8_t nonce[NONCE_SIZE];
    uint8_t hub_key[PUBLIC_KEY_SIZE];
    uint64_t next_seq, token_number, credit;
    uint8_t token[TOKEN_SIZE];
    struct buf receipt; /* of the newest WELCOME or ACK that had one */

    struct head head;  /* its own, signed */
    struct buf frames; /* all of them, one after the other */
    struct batch_packer *packer;
    struct buf box; /* of keys */
};

/* Key from `seed`, which is one byte repeated. */
void impostor_init(struct impostor *i, uint8_t seed, uint32_t stream, const uint8_t root[PUBLIC_KEY_SIZE]);
void impostor_release(struct impostor *i);

void impostor_knock(const struct impostor *i, struct buf *out);
struct message_greeting impostor_greeting(const struct impostor *i);
void impostor_hello(const struct impostor *i, const struct message_greeting *greeting, struct buf *out);
/* Takes what a NONCE, WELCOME or ACK tells; other messages are passed over. */
void impostor_hear(struct impostor *i, const struct message *message);

/* Writes `count` more events (of a later version, `filler` bytes each) and moves its head. */
void impostor_write(struct impostor *i, uint32_t count, size_t filler);
/* A PUSH of frames behind `before`, signed by the impostor; valid until the next one. */
struct message impostor_push(struct impostor *i, const struct head *before, uint32_t count, struct view frames);
/* A PUSH of everything it has written. */
struct message impostor_push_all(struct impostor *i);
struct head impostor_start(const struct impostor *i);

#endif
