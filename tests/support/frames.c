#include "tests/support/frames.h"

#include <assert.h>
#include <stdlib.h>

#include "proto/base/pack.h"
#include "proto/event/event.h"

#define LATER_TYPE 9999

void frames_append(struct buf *out, uint32_t count, size_t filler) {
    uint8_t *bytes = mem_alloc(filler + 1);
    for (size_t i = 0; i < filler; i++) bytes[i] = (uint8_t)(i * i);
    for (uint32_t i = 0; i < count; i++) {
        pack_array(out, FRAME_FIELDS);
        pack_uint(out, LATER_TYPE);
        pack_uint(out, 1);
        pack_uint(out, (UINT64_C(1764547200000) << 16) + i); /* hlc */
        for (int field = 0; field < 6; field++) pack_nil(out);
        pack_array(out, 1);
        pack_bin(out, view_make(bytes, filler));
    }
    free(bytes);
}

struct head frames_start(const struct signer *signer) {
    struct head head = {.stream = signer->stream};
    chain_start(signer->stream, signer->public_key, head.chain);
    return head;
}

struct head frames_head(const struct signer *signer, const struct head *before, uint32_t count, struct view frames) {
    struct head head = *before;
    for (uint32_t i = 0; i < count; i++) {
        size_t length;
        int rc = frame_length(frames, &length, NULL);
        assert(rc == 0);
        chain_next(head.chain, view_make(frames.data, length));
        frames = view_make(frames.data + length, frames.len - length);
    }
    assert(frames.len == 0);
    head.seq += count;
    head_sign(&head, signer);
    return head;
}
