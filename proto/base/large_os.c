#include <malloc.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "proto/base/bytes.h"
#include "proto/base/large.h"

static size_t whole_pages(size_t size) {
    if (size > SIZE_MAX / 2) mem_exhausted();
    return (size + LARGE_LEAST - 1) & ~(LARGE_LEAST - 1);
}

/* A mapping of whole huge pages: taken with one more and cut to where these begin. */
static uint8_t *map_pages(size_t size) {
    uint8_t *start = mmap(NULL, size + LARGE_LEAST, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (start == MAP_FAILED) mem_exhausted();
    size_t before = (size_t)(-(uintptr_t)start & (LARGE_LEAST - 1));
    if (before > 0) munmap(start, before);
    munmap(start + before + size, LARGE_LEAST - before);
    madvise(start + before, size, MADV_HUGEPAGE); /* a wish: without, it is only slower */
    return start + before;
}

static void *grow_mapping(void *p, size_t old, size_t size) {
    if (size == old) return p;
    uint8_t *pages = map_pages(size);
    if (mremap(p, old, old, MREMAP_MAYMOVE | MREMAP_FIXED, pages) == MAP_FAILED) mem_exhausted();
    return pages;
}

void *large_resize(void *p, size_t old, size_t size) {
    if (old >= LARGE_LEAST) return grow_mapping(p, whole_pages(old), whole_pages(size));
    if (size < LARGE_LEAST) {
        uint8_t *moved = mem_resize(p, size);
        if (size > old) memset(moved + old, 0, size - old);
        return moved;
    }
    void *pages = map_pages(whole_pages(size));
    if (old > 0) memcpy(pages, p, old);
    free(p);
    return pages;
}

void large_free(void *p, size_t size) {
    if (size < LARGE_LEAST)
        free(p);
    else
        munmap(p, whole_pages(size));
}

void large_wish(void *p, size_t size) {
    size_t before = (size_t)(-(uintptr_t)p & (LARGE_LEAST - 1));
    if (size < before + LARGE_LEAST) return;
    madvise((uint8_t *)p + before, (size - before) & ~(LARGE_LEAST - 1), MADV_HUGEPAGE);
}

void memory_give_back(void) {
#ifdef __GLIBC__
    malloc_trim(0);
#endif
}
