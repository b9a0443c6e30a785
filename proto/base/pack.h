/* Writing msgpack into a buf: msgpack-c's packer, minimal forms, arrays in fixed order, no maps. */
#ifndef DANGOL_PROTO_BASE_PACK_H
#define DANGOL_PROTO_BASE_PACK_H

#include "proto/base/bytes.h"

void pack_nil(struct buf *out);
void pack_bool(struct buf *out, bool value);
void pack_uint(struct buf *out, uint64_t value);
void pack_int(struct buf *out, int64_t value);     /* non-negative values as unsigned, the minimal form */
void pack_str(struct buf *out, struct view text);  /* VIEW_NONE gives nil */
void pack_bin(struct buf *out, struct view bytes); /* VIEW_NONE gives nil */
void pack_array(struct buf *out, uint32_t count);

#endif
