/* The handover: one process owns a data directory; while that is a `serve`, every other command is done inside it.
 *
 * DIR/socket is a Unix stream socket, 0600. The caller's process sends its words and the descriptors of its standard
 * streams and working directory, then waits. The call runs in the serve on a thread of its own, on these descriptors.
 *
 *   caller → serve   "DGL1", u32 LE length, with four descriptors: stdin, stdout, stderr, working directory
 *                    `length` bytes: NUL-ended strings: the program's name, then the words without DIR
 *                    'C'                 stop at the next good place; a caller that goes away means the same
 *   serve → caller   'N'                 not taken: not allowed, or not understood
 *                    'B'                 not taken: too many are running; said without listening
 *                    'A'                 begun
 *                    'E', status byte    ended, everything is written
 *
 * A connection that ends before 'A' has done nothing and may be tried again. Whoever calls must be of the same user, or
 * root. A command that lasts (call_lasts) takes one of the places kept for its like, so that no number of
 * `log --follow` keeps a sale out. Ownership: what is passed to handover_open outlives the handle. */
#ifndef DANGOL_PROTO_COMMAND_HANDOVER_OS_H
#define DANGOL_PROTO_COMMAND_HANDOVER_OS_H

#include "proto/command/command.h"

#define HANDOVER_DONE 1   /* the serve has done it */
#define HANDOVER_NOBODY 2 /* the owner does not listen (yet, or any more) */
#define HANDOVER_CALLS 16 /* at a time, and as many that last; further ones are refused */

/* serve: starts taking calls at DIR/socket, replacing what a dead owner left. The caller owns the directory's lock. */
struct handover;
int handover_open(const struct program *program, struct site *site, void *daemon, const struct env *env,
                  struct handover **out, struct err *err);
/* Takes no more, cancels what runs and waits for it. NULL is fine. */
void handover_close(struct handover *handover);

/* A command: has `call` done by the serve that owns call->directory. `begun` is called when the serve has begun. An
 * outcome above, or negative with call->error filled. */
int handover_call(struct call *call, void (*begun)(void), int *status);

#endif
