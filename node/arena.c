#include "node/arena.h"

#include <stdlib.h>
#include <string.h>

#define BLOCK_BYTES ((size_t)256 << 10)
#define ALIGNMENT sizeof(max_align_t)

struct arena_block {
    struct arena_block *older;
    size_t size;
    max_align_t bytes[];
};

static struct arena_block *block_add(struct arena *arena, size_t least) {
    size_t size = least > BLOCK_BYTES ? least : BLOCK_BYTES;
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
    for (struct arena_block *older; arena->blocks != NULL; arena->blocks = older) {
        older = arena->blocks->older;
        explicit_bzero(arena->blocks->bytes, arena->blocks->size);
        free(arena->blocks);
    }
    *arena = ARENA_INIT;
}
