/* A directory of a test's own, removed with all that is in it. Thread: one. */
#ifndef DANGOL_TESTS_SUPPORT_SCRATCH_H
#define DANGOL_TESTS_SUPPORT_SCRATCH_H

#include "proto/base/bytes.h"

struct scratch {
    char path[64];
};

void scratch_make(struct scratch *out); /* aborts when it cannot */
void scratch_remove(struct scratch *scratch);
void scratch_remove_tree(const char *path); /* a directory with all that is in it, or nothing */
/* A name in it; valid until the next call. */
const char *scratch_name(struct scratch *scratch, const char *name);

/* Whole files; abort when they cannot. */
void scratch_read(const char *path, struct buf *out);
void scratch_write(const char *path, struct view content);
/* Changes bytes of a file in place. */
void scratch_poke(const char *path, size_t offset, struct view bytes);

#endif
