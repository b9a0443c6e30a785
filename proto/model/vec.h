/* Growing arrays of the model's state. A VEC owns its items; adding may move them, so indices are kept, not pointers.
 * Room is doubled; what was never written to is not resident, but for the rest of a huge page (large.h). Memory: see
 * bytes.h. */
#ifndef DANGOL_PROTO_MODEL_VEC_H
#define DANGOL_PROTO_MODEL_VEC_H

#include <stddef.h>
#include <stdint.h>

#include "proto/base/large.h"

#define NONE UINT32_MAX /* no index */

#define VEC(type)                                                                                                      \
    struct {                                                                                                           \
        type *items;                                                                                                   \
        uint32_t count, room;                                                                                          \
    }

struct indices {
    uint32_t *items;
    uint32_t count, room;
};

/* The items, with room for `more` after `count`. */
void *vec_grow(void *items, uint32_t count, uint32_t more, uint32_t *room, size_t size);

#define VEC_RESERVE(v, more) ((v).items = vec_grow((v).items, (v).count, (more), &(v).room, sizeof *(v).items))
/* A new item at the end, not initialised. */
#define VEC_ADD(v) ((void)VEC_RESERVE(v, 1), &(v).items[(v).count++])
#define VEC_RELEASE(v)                                                                                                 \
    ((void)large_free((v).items, (v).room * sizeof *(v).items), (v).items = NULL, (v).count = 0, (v).room = 0)
#define VEC_BYTES(v) ((size_t)(v).count * sizeof *(v).items)

#endif
