#include "proto/model/vec.h"

#include "proto/base/bytes.h"

void *vec_grow(void *items, uint32_t count, uint32_t more, uint32_t *room, size_t size) {
    if (*room - count >= more) return items;
    uint64_t need = (uint64_t)count + more;
    uint64_t doubled = *room < 8 ? 8 : (uint64_t)*room * 2;
    uint64_t wanted = doubled < need ? need : doubled;
    /* Past NONE - 1 items an index could no longer name them: large_resize ends the process, as for any lack of
     * memory. */
    if (wanted >= NONE) wanted = need < NONE ? NONE - 1 : SIZE_MAX / size;
    items = large_resize(items, (size_t)*room * size, (size_t)wanted * size);
    *room = (uint32_t)wanted;
    return items;
}
