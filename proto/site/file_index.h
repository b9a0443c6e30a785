/* What is kept beside the model of every customer's opened file. Made at the first question, by
 * opening each file once, then kept up with the log: only files that an event may have changed are opened again.
 *
 * Thread: any; an index has a lock of its own, taken before `state`. */
#ifndef DANGOL_PROTO_SITE_FILE_INDEX_H
#define DANGOL_PROTO_SITE_FILE_INDEX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "proto/base/threads.h"

struct site;

struct file_index {
    struct mutex lock;
    size_t next;       /* of the model's customers: those before it were read */
    uint64_t position; /* of the log: what stands up to here is known of them */
    bool begun, made;
};

/* Asked now and then how it goes on: false ends it. */
struct file_asking {
    bool (*goes_on)(void *context, uint64_t done, uint64_t all); /* may be NULL */
    void *context;
};

void file_index_init(struct file_index *index);
void file_index_destroy(struct file_index *index);
/* As at the beginning: nothing was read. The caller holds its lock, and forgets what it has. */
void file_index_reset(struct file_index *index);
/* Has `read` called for every customer whose file may say something else than when it was called last. The caller holds
 * the index's lock, which is given away in between, before each asking. False: ended by the asking, and to be taken up
 * again. */
bool file_index_follow(struct site *site, struct file_index *index, void (*read)(struct site *site, uint64_t customer),
                       const struct file_asking *asking);

#endif
