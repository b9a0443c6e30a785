#include "proto/api/alike.h"

#include <stdatomic.h>
#include <stdlib.h>

#define ZSTD_STATIC_LINKING_ONLY /* dictionaries by reference: no copy of the texts that is not wiped */
#include <zstd.h>

#define LEVEL 1
#define SPARE 8 /* as many as there are threads that answer */

/* Tables of the library are large, so they are used again: by whoever takes one out of its place. */
struct alike {
    _Atomic size_t holders;
    struct buf texts; /* what both dictionaries look into */
    ZSTD_CDict *packing;
    ZSTD_DDict *unpacking;
    ZSTD_CCtx *_Atomic packers[SPARE];
    ZSTD_DCtx *_Atomic unpackers[SPARE];
};

struct alike *alike_make(struct view texts) {
    struct alike *a = mem_alloc(sizeof *a);
    atomic_init(&a->holders, 1);
    buf_reserve(&a->texts, texts.len);
    buf_append_view(&a->texts, texts);
    a->packing = ZSTD_createCDict_byReference(a->texts.data, a->texts.len, LEVEL);
    a->unpacking = ZSTD_createDDict_byReference(a->texts.data, a->texts.len);
    if (a->packing == NULL || a->unpacking == NULL) mem_exhausted();
    return a;
}

struct alike *alike_take(struct alike *a) {
    atomic_fetch_add(&a->holders, 1);
    return a;
}

void alike_give(struct alike *a) {
    if (a == NULL || atomic_fetch_sub(&a->holders, 1) > 1) return;
    for (size_t i = 0; i < SPARE; i++) {
        ZSTD_freeCCtx(atomic_load(&a->packers[i]));
        ZSTD_freeDCtx(atomic_load(&a->unpackers[i]));
    }
    ZSTD_freeCDict(a->packing);
    ZSTD_freeDDict(a->unpacking);
    buf_wipe(&a->texts);
    free(a);
}

static ZSTD_CCtx *packer(struct alike *a) {
    ZSTD_CCtx *found = NULL;
    for (size_t i = 0; i < SPARE && found == NULL; i++) found = atomic_exchange(&a->packers[i], NULL);
    if (found == NULL) found = ZSTD_createCCtx();
    if (found == NULL) mem_exhausted();
    return found;
}

static ZSTD_DCtx *unpacker(struct alike *a) {
    ZSTD_DCtx *found = NULL;
    for (size_t i = 0; i < SPARE && found == NULL; i++) found = atomic_exchange(&a->unpackers[i], NULL);
    if (found == NULL) found = ZSTD_createDCtx();
    if (found == NULL) mem_exhausted();
    return found;
}

bool alike_pack(struct alike *a, struct view text, struct buf *out) {
    ZSTD_CCtx *context = packer(a);
    buf_reserve(out, ZSTD_compressBound(text.len));
    size_t len =
        ZSTD_compress_usingCDict(context, out->data + out->len, out->cap - out->len, text.data, text.len, a->packing);
    for (size_t i = 0; i < SPARE && context != NULL; i++) context = atomic_exchange(&a->packers[i], context);
    ZSTD_freeCCtx(context);
    if (ZSTD_isError(len) || len >= text.len) return false;
    out->len += len;
    return true;
}

void alike_unpack(struct alike *a, struct view packed, size_t len, struct buf *out) {
    ZSTD_DCtx *context = unpacker(a);
    buf_reserve(out, len);
    size_t got = ZSTD_decompress_usingDDict(context, out->data + out->len, len, packed.data, packed.len, a->unpacking);
    for (size_t i = 0; i < SPARE && context != NULL; i++) context = atomic_exchange(&a->unpackers[i], context);
    ZSTD_freeDCtx(context);
    if (got != len) abort(); /* only memory that was overwritten can cause it */
    out->len += len;
}
