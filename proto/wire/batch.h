/* A PUSH's frames: packed on one side, checked on the other.
 *
 * `batch_pack` compresses frames and fills the message. `batch_unpack` undoes it: bounded by the message's own `size`
 * before anything is allocated, then every frame's form. `batch_check` holds it against the receiver's knowledge of the
 * stream: the chain from the receiver's head, and the signature. After both only ingest's order can refuse it.
 * Thread: a packer belongs to one thread at a time, the rest is pure. */
#ifndef DANGOL_PROTO_WIRE_BATCH_H
#define DANGOL_PROTO_WIRE_BATCH_H

#include "proto/wire/identity.h"

#define BATCH_BYTES_MAX (4u << 20)
#define BATCH_EVENTS_MAX 65536u

struct batch_packer; /* reusable zstd state and buffers of one sender */
struct batch_packer *batch_packer_open(int level);
void batch_packer_close(struct batch_packer *packer);
/* Compresses `frames` (count of them, one after the other) into the packer's own buffer; the message's views borrow
 * from packer, head and keys until the next call. `head` is the signed head behind the last frame. `keys` may be
 * VIEW_NONE. ERR_LIMIT past BATCH_EVENTS_MAX or BATCH_BYTES_MAX. Count 0, without frames, carries only keys. */
int batch_pack(struct batch_packer *packer, uint64_t first, uint32_t count, struct view frames, const struct head *head,
               struct view keys, struct message_push *out, struct err *err);

struct batch {
    uint32_t stream;
    uint64_t first;
    uint32_t count;
    struct buf frames;        /* uncompressed, one after the other */
    uint32_t *offsets;        /* count + 1 of them: frame i is [offsets[i], offsets[i+1]) */
    struct head head;         /* behind the last frame */
    int64_t *received;        /* count of them: when an earlier hub received each; NULL: not told */
    struct carried_key *keys; /* of keys_unbox, by whoever has the receiver's key; not touched by batch_unpack */
    size_t key_count;
};

/* What both packings of the line have in common (feed.h is the other one): one zstd frame with its content size. The
 * view is valid until the packer's next use. */
int packer_compress(struct batch_packer *packer, struct view bytes, struct view *out, struct err *err);
/* Exactly `size` bytes come out, or nothing is taken: ERR_FORMAT, ERR_LIMIT. */
int packed_open(struct view packed, size_t size, struct buf *out, struct err *err);

/* Undoes the packing: ERR_FORMAT, ERR_LIMIT (too much, too many). Keys stay in their box. On failure there is nothing
 * to release. */
int batch_unpack(const struct message_push *push, struct batch *out, struct err *err);
/* The chain from `before` (the receiver's head, or chain_start for a first push) and the head's signature. ERR_AUTH
 * says which of the two. That before->seq + 1 == first, of the same stream, is for the caller to see to: asserted. */
int batch_check(const struct batch *batch, const struct head *before, const uint8_t key[PUBLIC_KEY_SIZE],
                const uint8_t root[PUBLIC_KEY_SIZE], struct err *err);
/* A run of `received` in a PUSH: sequences from `from` on, up to the next run's, came at this time. */
void received_write(struct buf *out, uint64_t from, int64_t received);
/* Puts another batch of the same stream behind this one; what it held is taken over. */
void batch_join(struct batch *batch, struct batch *more);
static inline struct view batch_frame(const struct batch *b, uint32_t i) {
    return (struct view){b->frames.data + b->offsets[i], b->offsets[i + 1] - b->offsets[i]};
}
void batch_release(struct batch *batch); /* wipes keys */

#endif
