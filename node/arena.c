#include "node/arena.h"

#include <stdlib.h>
#include <string.h>

#define BLOCK_LEAST ((size_t)4 << 10)   /* of the first, each next one twice as large … */
#define BLOCK_BYTES ((size_t)256 << 10) /* … up to this */
#define ALIGNMENT sizeof(max_align_t)

struct arena_block {
    struct arena_block *older;
    size_t size;
    max_align_t bytes[];
};

static struct arena_block *block_add(struct arena *arena, size_t least) {
    size_t size = arena->blocks == NULL ? BLOCK_LEAST : arena->blocks->size * 2;
    if (size > BLOCK_BYTES) size = BLOCK_BYTES;
    if (size < least) size = least;
    struct arena_block *block = mem_resize(NULL, sizeof *block + size);
    *block = (struct arena_block){.older = arena->blocks, .size = size};
    arena->blocks = block;
    arena->used = 0;
    return block;
}

void *arena_alloc(struct arena *arena, size_t size) {
    size = (size + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
    struct arena_block *block = arena->blocks;
    if (block == NULL || block->size - arena->used < size) block = block_add(arena, size);
    void *piece = (uint8_t *)block->bytes + arena->used;
    arena->used += size;
    return piece;
}

struct view arena_copy(struct arena *arena, struct view v) {
    if (v.data == NULL) return VIEW_NONE;
    void *copy = arena_alloc(arena, v.len);
    if (v.len > 0) memcpy(copy, v.data, v.len);
    return view_make(copy, v.len);
}

void arena_release(struct arena *arena) {
    size_t used = arena->used;
    for (struct arena_block *older; arena->blocks != NULL; arena->blocks = older) {
        older = arena->blocks->older;
        explicit_bzero(arena->blocks->bytes, used);
        free(arena->blocks);
        if (older != NULL) used = older->size;
    }
    *arena = ARENA_INIT;
}
