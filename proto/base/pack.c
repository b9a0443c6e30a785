#include "proto/base/pack.h"

#include <assert.h>
#include <msgpack/pack.h>

static int write_buf(void *data, const char *bytes, size_t len) {
    buf_append(data, bytes, len);
    return 0;
}

static msgpack_packer packer_into(struct buf *out) {
    msgpack_packer packer;
    msgpack_packer_init(&packer, out, write_buf);
    return packer;
}

void pack_nil(struct buf *out) {
    msgpack_packer packer = packer_into(out);
    msgpack_pack_nil(&packer);
}

void pack_bool(struct buf *out, bool value) {
    msgpack_packer packer = packer_into(out);
    if (value)
        msgpack_pack_true(&packer);
    else
        msgpack_pack_false(&packer);
}

void pack_uint(struct buf *out, uint64_t value) {
    msgpack_packer packer = packer_into(out);
    msgpack_pack_uint64(&packer, value);
}

void pack_int(struct buf *out, int64_t value) {
    msgpack_packer packer = packer_into(out);
    msgpack_pack_int64(&packer, value);
}

void pack_str(struct buf *out, struct view text) {
    if (text.data == NULL) {
        pack_nil(out);
        return;
    }
    assert(text.len <= UINT32_MAX);
    msgpack_packer packer = packer_into(out);
    msgpack_pack_str_with_body(&packer, text.data, text.len);
}

void pack_bin(struct buf *out, struct view bytes) {
    if (bytes.data == NULL) {
        pack_nil(out);
        return;
    }
    assert(bytes.len <= UINT32_MAX);
    msgpack_packer packer = packer_into(out);
    msgpack_pack_bin_with_body(&packer, bytes.data, bytes.len);
}

void pack_array(struct buf *out, uint32_t count) {
    msgpack_packer packer = packer_into(out);
    msgpack_pack_array(&packer, count);
}
