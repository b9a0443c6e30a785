/* In a PUSH the frames are one zstd frame with its content size, written in one go; zstd's own checksum is left out,
 * for the chain covers every byte. */
#include "proto/wire/batch.h"

#include <assert.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>
#include <zstd.h>

#include "proto/base/bug.h"
#include "proto/base/cursor.h"
#include "proto/base/pack.h"
#include "proto/base/zone.h"

/* ---- Packing ---- */

struct batch_packer {
    ZSTD_CCtx *zstd;
    struct buf out;
};

struct batch_packer *batch_packer_open(int level) {
    struct batch_packer *packer = mem_alloc(sizeof *packer);
    packer->zstd = ZSTD_createCCtx();
    assert(packer->zstd != NULL);
    ZSTD_CCtx_setParameter(packer->zstd, ZSTD_c_compressionLevel, level);
    return packer;
}

void batch_packer_close(struct batch_packer *packer) {
    if (packer == NULL) return;
    ZSTD_freeCCtx(packer->zstd);
    buf_release(&packer->out);
    free(packer);
}

int packer_compress(struct batch_packer *packer, struct view bytes, struct view *out, struct err *err) {
    size_t most = ZSTD_compressBound(bytes.len);
    buf_clear(&packer->out);
    buf_reserve(&packer->out, most);
    size_t size = ZSTD_compress2(packer->zstd, packer->out.data, most, bytes.data, bytes.len);
    if (ZSTD_isError(size)) return err_set(err, ERR_LIMIT, "frames", "zstd: %s", ZSTD_getErrorName(size));
    packer->out.len = size;
    *out = buf_view(&packer->out);
    return 0;
}

int batch_pack(struct batch_packer *packer, uint64_t first, uint32_t count, struct view frames, const struct head *head,
               struct view keys, struct message_push *out, struct err *err) {
    assert(first > 0 && head->seq + 1 == first + count);
    assert((count == 0) == (frames.len == 0));
    if (count > BATCH_EVENTS_MAX) return err_set(err, ERR_LIMIT, "count", "%u events in one push are too many", count);
    if (frames.len > BATCH_BYTES_MAX)
        return err_set(err, ERR_LIMIT, "size", "%zu bytes in one push are too many", frames.len);
    struct view packed;
    int rc = packer_compress(packer, frames, &packed, err);
    if (rc != 0) return rc;
    *out = (struct message_push){
        .stream = head->stream,
        .first = first,
        .count = count,
        .size = frames.len,
        .frames = packed,
        .keys = keys,
        .chain = view_make(head->chain, CHAIN_SIZE),
        .head_signature = view_make(head->signature, SIGNATURE_SIZE),
    };
    return 0;
}

/* ---- Unpacking ---- */

/* What the message says about itself, before anything is believed or allocated. A frame has at least a byte. */
static int check_claims(const struct message_push *push, struct err *err) {
    if (push->count > BATCH_EVENTS_MAX) return err_set(err, ERR_LIMIT, "count", "too many events in one push");
    if (push->size > BATCH_BYTES_MAX) return err_set(err, ERR_LIMIT, "size", "too many bytes in one push");
    if (push->count > push->size || (push->count == 0 && push->size != 0))
        return err_set(err, ERR_FORMAT, "count", "count and size do not fit together");
    if (push->stream > ID_STREAM_MAX || push->first == 0 || push->first > ID_SEQ_MAX - push->count)
        return err_set(err, ERR_FORMAT, "first", "no such stream or sequence");
    if (push->chain.len != CHAIN_SIZE || push->head_signature.len != SIGNATURE_SIZE)
        return err_set(err, ERR_FORMAT, "chain", "no signed head");
    return 0;
}

int packed_open(struct view packed, size_t size, struct buf *out, struct err *err) {
    unsigned long long promised = ZSTD_getFrameContentSize(packed.data, packed.len);
    if (promised == ZSTD_CONTENTSIZE_ERROR || promised == ZSTD_CONTENTSIZE_UNKNOWN)
        return err_set(err, ERR_FORMAT, "frames", "not compressed as agreed");
    if (promised != size) return err_set(err, ERR_LIMIT, "frames", "holds another size than the message says");
    buf_reserve(out, size > 0 ? size : 1);
    size_t made = ZSTD_decompress(out->data, size, packed.data, packed.len);
    if (ZSTD_isError(made)) return err_set(err, ERR_FORMAT, "frames", "zstd: %s", ZSTD_getErrorName(made));
    if (made != size) return err_set(err, ERR_FORMAT, "frames", "holds another size than the message says");
    out->len = size;
    return 0;
}

static int find_frames(struct batch *batch, struct err *err) {
    struct view rest = buf_view(&batch->frames);
    batch->offsets = mem_alloc((batch->count + 1) * sizeof *batch->offsets);
    for (uint32_t i = 0; i < batch->count; i++) {
        size_t length;
        int rc = frame_length(rest, &length, err);
        if (rc == 0) rc = frame_check(view_make(rest.data, length), err);
        if (rc != 0) {
            err_prefix(err, "event %ju of the push", (uintmax_t)(batch->first + i));
            return rc;
        }
        rest = view_make(rest.data + length, rest.len - length);
        batch->offsets[i + 1] = batch->offsets[i] + (uint32_t)length;
    }
    if (rest.len > 0) return err_set(err, ERR_FORMAT, "count", "%zu bytes are behind the last event", rest.len);
    return 0;
}

static struct head claimed_head(const struct message_push *push) {
    struct head head = {.stream = (uint32_t)push->stream, .seq = push->first + push->count - 1};
    memcpy(head.chain, push->chain.data, CHAIN_SIZE);
    memcpy(head.signature, push->head_signature.data, SIGNATURE_SIZE);
    return head;
}

void received_write(struct buf *out, uint64_t from, int64_t received) {
    pack_array(out, 2);
    pack_uint(out, from);
    pack_int(out, received);
}

/* One time an event, from runs that must begin at or before the first and ascend. */
static int read_received(struct view runs, struct batch *batch, struct err *err) {
    struct cursor c = cursor_of(runs);
    uint64_t end = batch->first + batch->count, at = batch->first, before = 0;
    int64_t received = 0;
    if (runs.data == NULL || batch->count == 0) return 0;
    batch->received = mem_alloc(batch->count * sizeof *batch->received);
    while (cursor_ok(&c) && cursor_left(&c) > 0) {
        uint32_t fields = cursor_array(&c);
        uint64_t from = cursor_uint(&c);
        int64_t time = cursor_int(&c);
        bool good = cursor_ok(&c) && fields == 2 && time > 0 && time <= TIME_MAX &&
                    (before == 0 ? from > 0 && from <= batch->first : from > before);
        if (!good) cursor_fail(&c);
        if (!good) break;
        for (; at < from && at < end; at++) batch->received[at - batch->first] = received;
        before = from;
        received = time;
    }
    for (; at < end; at++) batch->received[at - batch->first] = received;
    if (cursor_ok(&c) && before > 0) return 0;
    return err_set(err, ERR_FORMAT, "received", "the times of receipt cannot be read");
}

void batch_join(struct batch *batch, struct batch *more) {
    uint32_t count = batch->count + more->count;
    size_t keys = batch->key_count + more->key_count;
    batch->offsets = mem_resize(batch->offsets, ((size_t)count + 1) * sizeof *batch->offsets);
    for (uint32_t i = 0; i <= more->count; i++)
        batch->offsets[batch->count + i] = (uint32_t)batch->frames.len + more->offsets[i];
    buf_append_view(&batch->frames, buf_view(&more->frames));
    if (batch->received != NULL && more->received != NULL) {
        batch->received = mem_resize(batch->received, (size_t)count * sizeof *batch->received);
        memcpy(batch->received + batch->count, more->received, more->count * sizeof *more->received);
    } else {
        free(batch->received);
        batch->received = NULL;
    }
    if (more->key_count > 0) {
        struct carried_key *all = mem_alloc(keys * sizeof *all);
        if (batch->key_count > 0) memcpy(all, batch->keys, batch->key_count * sizeof *all);
        memcpy(all + batch->key_count, more->keys, more->key_count * sizeof *all);
        if (batch->keys != NULL) sodium_memzero(batch->keys, batch->key_count * sizeof *all);
        free(batch->keys);
        batch->keys = all;
        batch->key_count = keys;
    }
    batch->count = count;
    batch->head = more->head;
    batch_release(more);
}

int batch_unpack(const struct message_push *push, struct batch *out, struct err *err) {
    *out = (struct batch){0};
    int rc = check_claims(push, err);
    if (rc != 0) return rc;
    out->stream = (uint32_t)push->stream;
    out->first = push->first;
    out->count = (uint32_t)push->count;
    out->head = claimed_head(push);
    rc = packed_open(push->frames, push->size, &out->frames, err);
    if (rc == 0) rc = find_frames(out, err);
    if (rc == 0) rc = read_received(push->received, out, err);
    if (rc != 0) batch_release(out);
    return rc;
}

int batch_check(const struct batch *batch, const struct head *before, const uint8_t key[PUBLIC_KEY_SIZE],
                const uint8_t root[PUBLIC_KEY_SIZE], struct err *err) {
    assert(before->stream == batch->stream && before->seq + 1 == batch->first);
    uint8_t chain[CHAIN_SIZE];
    memcpy(chain, before->chain, CHAIN_SIZE);
    for (uint32_t i = 0; i < batch->count; i++) chain_next(chain, batch_frame(batch, i));
    if (memcmp(chain, batch->head.chain, CHAIN_SIZE) != 0 && !BUG(skip_chain_check))
        return err_set(err, ERR_AUTH, "chain", "the events do not continue the chain of stream %u from %ju",
                       batch->stream, (uintmax_t)before->seq);
    if (!head_holds(&batch->head, key, root))
        return err_set(err, ERR_AUTH, "head_signature", "the head of stream %u is not signed with its key",
                       batch->stream);
    return 0;
}

void batch_release(struct batch *batch) {
    if (batch == NULL) return;
    buf_release(&batch->frames);
    free(batch->offsets);
    free(batch->received);
    if (batch->keys != NULL) sodium_memzero(batch->keys, batch->key_count * sizeof *batch->keys);
    free(batch->keys);
    *batch = (struct batch){0};
}
