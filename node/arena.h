/* Memory given out piece by piece and taken back all at once: what an import keeps of each row, without a malloc a row.
 * What is in it may be personal, so releasing wipes. Thread: its owner's. When memory runs out: see bytes.h. */
#ifndef DANGOL_NODE_ARENA_H
#define DANGOL_NODE_ARENA_H

#include "proto/base/bytes.h"

struct arena_block;
struct arena {
    struct arena_block *blocks; /* newest first */
    size_t used;                /* of the newest */
};
#define ARENA_INIT ((struct arena){NULL, 0})

void *arena_alloc(struct arena *arena, size_t size);        /* aligned for anything, not zeroed; valid until release */
struct view arena_copy(struct arena *arena, struct view v); /* VIEW_NONE stays one */
void arena_release(struct arena *arena);

#endif
