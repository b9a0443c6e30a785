/* Child processes with pipes for standard streams, for tests of what is between processes. A child is killed when its
 * parent ends, so that a test that fails leaves none. Linux. Thread: the test's own. */
#ifndef DANGOL_TESTS_SUPPORT_CHILDREN_H
#define DANGOL_TESTS_SUPPORT_CHILDREN_H

#include <sys/types.h>

#include "proto/base/bytes.h"

#define CHILD_SIGNALLED 1000 /* plus the signal */

struct child {
    pid_t pid;
    int in, out, err; /* our ends; -1 when closed */
};

/* Forks. In the child pid is 0, the standard streams are the pipes and no other descriptor is open. */
struct child child_start(void);
/* Reads as many bytes as `text` has; whether they are these. */
bool child_says(struct child child, const char *text);
void child_close(int *fd);
/* Closes its input, reads what is left of its output, waits; the exit status or CHILD_SIGNALLED + signal. */
int child_end(struct child child, struct buf *out, struct buf *err);
int child_ended(pid_t pid); /* waits; 0 for a pid of 0 */

/* This process dies with its parent. */
void child_leash(void);

/* Where one of our programs is: in DANGOL_BIN, else beside the one that runs. The caller frees it. */
char *child_path(const char *program);
/* Starts words[0] of our programs; `out` and `err` become its streams, -1: they stay ours. One that cannot be started
 * is told at once, with what to do, and ends this process. */
pid_t child_program(const char *const *words, int out, int err);

#endif
