/* What a PUSH can carry. The first byte says what the others are:
 *   0  a whole message; if it is a PUSH, it is unpacked and its box of keys opened
 *   1  zstd bytes, behind u24 size and u16 count that the message claims
 *   2  frames, behind u16 count: packed and signed by the stream's own key
 *   3  the plain content of a box of keys for the hub, so that what an authentic sender could do is tried too */
#include <assert.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "proto/wire/batch.h"
#include "tests/support/frames.h"
#include "tests/support/parties.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct parties parties;
static struct batch_packer *packer;

static struct view rest_of(struct view v, size_t from) { return view_make(v.data + from, v.len - from); }

/* What holds of every batch that was unpacked. */
static void check_batch(const struct batch *batch, const struct message_push *push) {
    assert(batch->count == push->count && batch->first == push->first && batch->frames.len == push->size);
    assert(batch->frames.len <= BATCH_BYTES_MAX && batch->count <= BATCH_EVENTS_MAX);
    assert(batch->offsets[0] == 0 && batch->offsets[batch->count] == batch->frames.len);
    for (uint32_t i = 0; i < batch->count; i++) {
        int rc = frame_check(batch_frame(batch, i), NULL);
        assert(rc == 0);
    }
}

/* Unpacks and checks against the start of the stream: 0 or what refused it. */
static int take(const struct message_push *push) {
    struct batch batch;
    struct err err = {0};
    int rc = batch_unpack(push, &batch, &err);
    if (rc != 0) {
        assert(rc == err.code && batch.offsets == NULL && batch.frames.data == NULL);
        return rc;
    }
    check_batch(&batch, push);
    if (batch.first == 1) {
        struct head start = frames_start(&parties.store);
        start.stream = batch.stream;
        rc = batch_check(&batch, &start, parties.store.public_key, parties.root.public_key, &err);
        assert(rc == err.code && (rc == 0 || rc == ERR_AUTH));
    }
    batch_release(&batch);
    return rc;
}

static void try_keys(struct view box) {
    struct carried_key *keys, *again = NULL;
    size_t count, again_count = 0;
    if (keys_unbox(box, &parties.hub, &keys, &count, NULL) != 0) {
        assert(keys == NULL && count == 0);
        return;
    }
    struct buf other = BUF_INIT;
    int rc = keys_box(keys, count, parties.hub.public_key, &other, NULL);
    if (rc == 0) rc = keys_unbox(buf_view(&other), &parties.hub, &again, &again_count, NULL);
    assert(rc == 0 && count == again_count && memcmp(keys, again, count * sizeof *keys) == 0);
    buf_release(&other);
    free(keys);
    free(again);
}

static void try_message(struct view bytes) {
    struct message m;
    if (message_decode(bytes, &m, NULL) != 0 || m.type != MESSAGE_push) return;
    take(&m.body.push);
    if (m.body.push.keys.data != NULL) try_keys(m.body.push.keys);
}

static struct message_push claim(uint64_t size, uint64_t count, const struct head *head) {
    return (struct message_push){
        .stream = PARTIES_STREAM,
        .first = 1,
        .count = count,
        .size = size,
        .chain = view_make(head->chain, CHAIN_SIZE),
        .head_signature = view_make(head->signature, SIGNATURE_SIZE),
    };
}

static void try_compressed(struct view bytes) {
    if (bytes.len < 5) return;
    const uint8_t *p = bytes.data;
    const struct head nothing = {0};
    struct message_push push =
        claim((uint64_t)p[0] << 16 | (uint64_t)p[1] << 8 | p[2], (uint64_t)p[3] << 8 | p[4], &nothing);
    push.frames = rest_of(bytes, 5);
    take(&push);
}

/* Whether the bytes are `count` frames and nothing else. */
static bool are_frames(struct view bytes, uint32_t count) {
    for (uint32_t i = 0; i < count; i++) {
        size_t length;
        if (frame_length(bytes, &length, NULL) != 0) return false;
        if (frame_check(view_make(bytes.data, length), NULL) != 0) return false;
        bytes = rest_of(bytes, length);
    }
    return bytes.len == 0;
}

static void try_frames(struct view bytes) {
    if (bytes.len < 2) return;
    uint32_t count = (uint32_t)bytes.data[0] << 8 | bytes.data[1];
    bytes = rest_of(bytes, 2);
    if ((count == 0) != (bytes.len == 0)) return;
    bool good = are_frames(bytes, count);
    struct head head = frames_start(&parties.store);
    head.seq = count;
    if (good) {
        head.seq = 0;
        head = frames_head(&parties.store, &head, count, bytes);
    }
    struct message_push push;
    int rc = batch_pack(packer, 1, count, bytes, &head, VIEW_NONE, &push, NULL);
    assert(rc == 0);
    assert((take(&push) == 0) == good);
}

static void try_plain_keys(struct view plain) {
    uint8_t key[crypto_box_PUBLICKEYBYTES];
    struct buf box = BUF_INIT;
    int rc = crypto_sign_ed25519_pk_to_curve25519(key, parties.hub.public_key);
    assert(rc == 0);
    buf_reserve(&box, plain.len + crypto_box_SEALBYTES);
    crypto_box_seal(box.data, plain.data, plain.len, key);
    try_keys(view_make(box.data, plain.len + crypto_box_SEALBYTES));
    buf_release(&box);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static void (*const tries[])(struct view) = {try_message, try_compressed, try_frames, try_plain_keys};
    if (packer == NULL) {
        parties_make(&parties, 0);
        packer = batch_packer_open(1);
    }
    if (size > 0 && data[0] < 4) tries[data[0]](view_make(data + 1, size - 1));
    return 0;
}
