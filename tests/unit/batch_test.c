/* What a PUSH carries: what is packed comes out again and holds; what is not exactly that is refused, before it can
 * cost anything. */
#include <criterion/criterion.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <zstd.h>

#include "proto/wire/batch.h"
#include "tests/support/frames.h"
#include "tests/support/parties.h"

static struct parties parties, foreign;
static struct batch_packer *packer;
static struct buf frames;
static struct head start, head;
static struct message_push push;

/* `count` frames of the store's stream from its first event on, packed. */
static void pack(uint32_t count, size_t filler) {
    struct err err = {0};
    buf_clear(&frames);
    frames_append(&frames, count, filler);
    head = frames_head(&parties.store, &start, count, buf_view(&frames));
    struct view bytes = count == 0 ? VIEW_NONE : buf_view(&frames);
    cr_assert_eq(batch_pack(packer, 1, count, bytes, &head, VIEW_NONE, &push, &err), 0, "%s", err.text);
}

static void prepare(void) {
    parties_make(&parties, 0);
    parties_make(&foreign, 1);
    packer = batch_packer_open(3);
    start = frames_start(&parties.store);
    pack(10, 100);
}

static void finish(void) {
    batch_packer_close(packer);
    buf_release(&frames);
}

TestSuite(batch, .init = prepare, .fini = finish);

static int check(const struct batch *batch, struct err *err) {
    return batch_check(batch, &start, parties.store.public_key, parties.root.public_key, err);
}

/* Unpacks `push` and checks it: 0 or what refused it. */
static int take(struct err *err) {
    struct batch batch;
    int rc = batch_unpack(&push, &batch, err);
    if (rc == 0) rc = check(&batch, err);
    batch_release(&batch);
    return rc;
}

static void check_refused(int code, const char *field) {
    struct err err = {0};
    cr_assert_eq(take(&err), code, "%s", err.text);
    cr_assert_str_eq(err.field, field);
    cr_assert_eq(take(NULL), code);
}

/* ---- Accepted ---- */

static void check_comes_out(uint32_t count, size_t filler) {
    struct batch batch;
    struct err err = {0};
    pack(count, filler);
    cr_assert_eq(batch_unpack(&push, &batch, &err), 0, "%s", err.text);
    cr_assert(batch.stream == PARTIES_STREAM && batch.first == 1 && batch.count == count);
    cr_assert(view_equal(buf_view(&batch.frames), buf_view(&frames)));
    cr_assert_eq(batch.offsets[count], frames.len);
    size_t all = 0;
    for (uint32_t i = 0; i < count; i++) {
        cr_assert_eq(frame_check(batch_frame(&batch, i), NULL), 0);
        all += batch_frame(&batch, i).len;
    }
    cr_assert_eq(all, frames.len);
    cr_assert(batch.head.stream == PARTIES_STREAM && batch.head.seq == count);
    cr_assert_eq(check(&batch, &err), 0, "%s", err.text);
    cr_assert(batch.keys == NULL && batch.key_count == 0);
    batch_release(&batch);
}

Test(batch, what_is_packed_comes_out) {
    check_comes_out(1, 0);
    check_comes_out(2, 200);
    check_comes_out(4096, 80);
    check_comes_out(60, 65000);
}

Test(batch, the_most_events_and_bytes_come_out) {
    check_comes_out(BATCH_EVENTS_MAX, 30);
    check_comes_out(64, 65536 - 30);
}

Test(batch, no_events_carry_keys) {
    check_comes_out(0, 0);
    struct view keys = view_of("a box");
    cr_assert_eq(batch_pack(packer, 1, 0, VIEW_NONE, &start, keys, &push, NULL), 0);
    cr_assert(view_equal(push.keys, keys));
}

Test(batch, it_survives_the_line) {
    struct buf bytes = BUF_INIT;
    struct message sent = {.type = MESSAGE_push, .body.push = push}, received;
    message_encode(&sent, &bytes);
    cr_assert_eq(message_decode(buf_view(&bytes), &received, NULL), 0);
    push = received.body.push;
    cr_assert_eq(take(NULL), 0);
    buf_release(&bytes);
}

Test(batch, the_next_one_follows) {
    struct head before = head;
    struct batch batch;
    buf_clear(&frames);
    frames_append(&frames, 3, 10);
    head = frames_head(&parties.store, &before, 3, buf_view(&frames));
    cr_assert_eq(batch_pack(packer, 11, 3, buf_view(&frames), &head, VIEW_NONE, &push, NULL), 0);
    cr_assert_eq(batch_unpack(&push, &batch, NULL), 0);
    cr_assert_eq(batch.head.seq, 13);
    cr_assert_eq(batch_check(&batch, &before, parties.store.public_key, parties.root.public_key, NULL), 0);
    batch_release(&batch);
}

/* The hub's own stream, handed back to it. */
Test(batch, a_hubs_stream_is_checked_as_one) {
    struct batch batch;
    start = frames_start(&parties.hub);
    head = frames_head(&parties.hub, &start, 10, buf_view(&frames));
    cr_assert_eq(batch_pack(packer, 1, 10, buf_view(&frames), &head, VIEW_NONE, &push, NULL), 0);
    cr_assert_eq(batch_unpack(&push, &batch, NULL), 0);
    cr_assert_eq(batch_check(&batch, &start, parties.hub.public_key, parties.root.public_key, NULL), 0);
    batch_release(&batch);
}

/* Random bytes grow under compression; even the most of them must fit into the message. */
Test(batch, incompressible_bytes_fit_into_the_message) { cr_assert_leq(ZSTD_compressBound(BATCH_BYTES_MAX), 4210688); }

/* ---- Not packed ---- */

Test(batch, too_much_is_not_packed) {
    struct message_push out;
    struct err err;
    struct head far = head;
    far.seq = BATCH_EVENTS_MAX + 1;
    cr_assert_eq(batch_pack(packer, 1, BATCH_EVENTS_MAX + 1, buf_view(&frames), &far, VIEW_NONE, &out, &err),
                 ERR_LIMIT);
    cr_assert_str_eq(err.field, "count");
    buf_reserve(&frames, BATCH_BYTES_MAX + 1);
    frames.len = BATCH_BYTES_MAX + 1;
    cr_assert_eq(batch_pack(packer, 1, 10, buf_view(&frames), &head, VIEW_NONE, &out, &err), ERR_LIMIT);
    cr_assert_str_eq(err.field, "size");
}

Test(batch, a_head_that_is_not_behind_the_frames_is_asserted, .signal = SIGABRT) {
    batch_pack(packer, 2, 10, buf_view(&frames), &head, VIEW_NONE, &push, NULL);
}

/* ---- Not authentic ---- */

Test(batch, a_frame_changed_breaks_the_chain) {
    for (size_t i = 0; i < frames.len; i += 7) {
        frames.data[i] ^= 1;
        cr_assert_eq(batch_pack(packer, 1, 10, buf_view(&frames), &head, VIEW_NONE, &push, NULL), 0);
        frames.data[i] ^= 1;
        int rc = take(NULL);
        cr_assert(rc == ERR_AUTH || rc == ERR_FORMAT, "byte %zu: %d", i, rc);
    }
    frames.data[frames.len - 1] ^= 1; /* filler: only the chain can tell */
    cr_assert_eq(batch_pack(packer, 1, 10, buf_view(&frames), &head, VIEW_NONE, &push, NULL), 0);
    check_refused(ERR_AUTH, "chain");
}

Test(batch, frames_in_another_order_break_the_chain) {
    struct batch batch;
    cr_assert_eq(batch_unpack(&push, &batch, NULL), 0);
    struct buf swapped = BUF_INIT;
    buf_append_view(&swapped, batch_frame(&batch, 1));
    buf_append_view(&swapped, batch_frame(&batch, 0));
    buf_append(&swapped, frames.data + batch.offsets[2], frames.len - batch.offsets[2]);
    cr_assert_eq(batch_pack(packer, 1, 10, buf_view(&swapped), &head, VIEW_NONE, &push, NULL), 0);
    check_refused(ERR_AUTH, "chain");
    buf_release(&swapped);
    batch_release(&batch);
}

Test(batch, another_past_breaks_the_chain) {
    start.chain[0] ^= 1;
    check_refused(ERR_AUTH, "chain");
}

Test(batch, any_bit_of_the_signed_head_flipped_is_refused) {
    uint8_t *parts[] = {head.chain, head.signature};
    const size_t sizes[] = {CHAIN_SIZE, SIGNATURE_SIZE};
    for (size_t p = 0; p < 2; p++) {
        for (size_t i = 0; i < sizes[p] * 8; i++) {
            parts[p][i / 8] ^= (uint8_t)(1 << i % 8);
            check_refused(ERR_AUTH, p == 0 ? "chain" : "head_signature");
            parts[p][i / 8] ^= (uint8_t)(1 << i % 8);
        }
    }
    cr_assert_eq(take(NULL), 0);
}

Test(batch, a_head_signed_with_another_key_or_for_another_region_is_refused) {
    struct batch batch;
    struct err err;
    cr_assert_eq(batch_unpack(&push, &batch, NULL), 0);
    const uint8_t *key = parties.store.public_key, *root = parties.root.public_key;
    cr_assert_eq(batch_check(&batch, &start, foreign.store.public_key, root, &err), ERR_AUTH);
    cr_assert_str_eq(err.field, "head_signature");
    cr_assert_eq(batch_check(&batch, &start, key, foreign.root.public_key, &err), ERR_AUTH);
    cr_assert_str_eq(err.field, "head_signature");
    cr_assert_eq(batch_check(&batch, &start, key, root, &err), 0);
    batch_release(&batch);
}

/* The same frames under an earlier sequence: the signature covers it. */
Test(batch, another_sequence_is_refused) {
    push.first = 2;
    start.seq = 1;
    check_refused(ERR_AUTH, "head_signature");
}

Test(batch, a_batch_that_does_not_follow_is_asserted, .signal = SIGABRT) {
    start.seq = 1;
    take(NULL);
}

/* ---- Malformed ---- */

Test(batch, another_count_is_refused) {
    push.count = 9;
    check_refused(ERR_FORMAT, "count");
    push.count = 11;
    cr_assert_eq(take(NULL), ERR_FORMAT);
    push.count = 0;
    check_refused(ERR_FORMAT, "count");
    push.count = push.size + 1;
    check_refused(ERR_FORMAT, "count");
}

Test(batch, another_size_is_refused) {
    push.size--;
    check_refused(ERR_LIMIT, "frames");
    push.size += 2;
    check_refused(ERR_LIMIT, "frames");
}

Test(batch, claims_past_the_limits_are_refused_before_anything_is_allocated) {
    push.size = UINT64_MAX;
    check_refused(ERR_LIMIT, "size");
    push.size = BATCH_BYTES_MAX + 1;
    check_refused(ERR_LIMIT, "size");
    push.count = UINT64_MAX;
    check_refused(ERR_LIMIT, "count");
    push.count = BATCH_EVENTS_MAX + 1;
    check_refused(ERR_LIMIT, "count");
}

Test(batch, sequences_that_do_not_exist_are_refused) {
    const uint64_t firsts[] = {0, ID_SEQ_MAX - 5, ID_SEQ_MAX, UINT64_MAX - 3, UINT64_MAX};
    for (size_t i = 0; i < 5; i++) {
        push.first = firsts[i];
        check_refused(ERR_FORMAT, "first");
    }
    push.first = 1;
    push.stream = ID_STREAM_MAX + 1;
    check_refused(ERR_FORMAT, "first");
}

/* What follows calls the unpacking with bytes that the packer would not make. */
static struct buf compressed;

static void replace_frames(struct view plain) {
    size_t most = ZSTD_compressBound(plain.len);
    buf_clear(&compressed);
    buf_reserve(&compressed, most);
    size_t size = ZSTD_compress(compressed.data, most, plain.data, plain.len, 19);
    cr_assert_not(ZSTD_isError(size));
    compressed.len = size;
    push.frames = buf_view(&compressed);
}

Test(batch, a_zstd_bomb_is_refused_unopened) {
    struct buf zeroes = BUF_INIT;
    buf_reserve(&zeroes, 100u << 20);
    memset(zeroes.data, 0, zeroes.cap);
    zeroes.len = 100u << 20;
    replace_frames(buf_view(&zeroes));
    buf_release(&zeroes);
    cr_assert_lt(push.frames.len, 20000, "small enough for anybody to send");
    check_refused(ERR_LIMIT, "frames");
    push.size = BATCH_BYTES_MAX;
    check_refused(ERR_LIMIT, "frames");
    buf_release(&compressed);
}

/* One zstd frame of the right size, another behind it. */
Test(batch, a_bomb_behind_the_frames_is_refused) {
    uint8_t zeroes[4096] = {0}, more[4096];
    replace_frames(buf_view(&frames));
    size_t size = ZSTD_compress(more, sizeof more, zeroes, sizeof zeroes, 3);
    buf_append(&compressed, more, size);
    push.frames = buf_view(&compressed);
    check_refused(ERR_FORMAT, "frames");
    buf_release(&compressed);
}

/* A stream of unknown length claims nothing, so nothing holds it to the size. */
Test(batch, a_zstd_frame_without_its_size_is_refused) {
    ZSTD_CCtx *context = ZSTD_createCCtx();
    ZSTD_CCtx_setParameter(context, ZSTD_c_contentSizeFlag, 0);
    buf_reserve(&compressed, ZSTD_compressBound(frames.len));
    size_t size = ZSTD_compress2(context, compressed.data, compressed.cap, frames.data, frames.len);
    cr_assert_not(ZSTD_isError(size));
    push.frames = view_make(compressed.data, size);
    check_refused(ERR_FORMAT, "frames");
    ZSTD_freeCCtx(context);
    buf_release(&compressed);
}

Test(batch, garbage_and_cut_bytes_are_refused) {
    replace_frames(buf_view(&frames));
    for (size_t len = 0; len < compressed.len; len++) {
        push.frames = view_make(compressed.data, len);
        cr_assert_lt(take(NULL), 0, "%zu bytes", len);
    }
    push.frames = view_of("neither compressed nor frames");
    check_refused(ERR_FORMAT, "frames");
    push.frames = VIEW_NONE;
    check_refused(ERR_FORMAT, "frames");
    buf_release(&compressed);
}

Test(batch, flipped_bits_are_refused) {
    replace_frames(buf_view(&frames));
    for (size_t i = 0; i < compressed.len * 8; i++) {
        compressed.data[i / 8] ^= (uint8_t)(1 << i % 8);
        struct batch batch;
        int rc = batch_unpack(&push, &batch, NULL);
        /* Some bits of zstd's header mean nothing; then the frames are the same. */
        if (rc == 0) cr_assert_eq(check(&batch, NULL) == 0, view_equal(buf_view(&batch.frames), buf_view(&frames)));
        batch_release(&batch);
        compressed.data[i / 8] ^= (uint8_t)(1 << i % 8);
    }
    buf_release(&compressed);
}

Test(batch, what_is_no_frame_is_refused_with_its_number) {
    struct buf plain = BUF_INIT;
    struct err err = {0};
    buf_append_view(&plain, buf_view(&frames));
    buf_append_byte(&plain, 0xc0);
    replace_frames(buf_view(&plain));
    push.size = plain.len;
    push.count = 11;
    cr_assert_eq(take(&err), ERR_FORMAT);
    cr_assert_not_null(strstr(err.text, "event 11 of the push"), "%s", err.text);
    buf_release(&plain);
    buf_release(&compressed);
}

Test(batch, a_frame_past_its_limit_is_refused) {
    buf_clear(&frames);
    frames_append(&frames, 1, FRAME_MAX);
    replace_frames(buf_view(&frames));
    push.size = frames.len;
    push.count = 1;
    int rc = take(NULL);
    cr_assert(rc == ERR_LIMIT || rc == ERR_FORMAT, "%d", rc);
    buf_release(&compressed);
}

Test(batch, releasing_twice_or_nothing_is_harmless) {
    struct batch batch;
    cr_assert_eq(batch_unpack(&push, &batch, NULL), 0);
    batch.key_count = 2;
    batch.keys = mem_alloc(batch.key_count * sizeof *batch.keys);
    batch_release(&batch);
    cr_assert(batch.keys == NULL && batch.offsets == NULL && batch.frames.data == NULL);
    batch_release(&batch);
    batch_release(NULL);
    batch_packer_close(NULL);
}
