/* One process owns a directory: flock on DIRECTORY/lock, which the system lets go when the process ends, however.
 * The file holds the owner's process id, for people. Thread: its caller's. */
#ifndef DANGOL_PROTO_LOG_OWNER_OS_H
#define DANGOL_PROTO_LOG_OWNER_OS_H

#include <stdbool.h>

#include "proto/base/err.h"

struct owner {
    int fd;
    bool held;
};

/* 0, or ERR_BUSY at once, naming the process that owns it. Taking it twice in one process is refused as well. */
int owner_take(const char *directory, struct owner *out, struct err *err);
void owner_release(struct owner *owner); /* an empty one is fine */

#endif
