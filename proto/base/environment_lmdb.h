/* What both LMDB environments of a site, log and key ring, need so that nothing is lost around their opening; LMDB does
 * not see to it by itself.
 *
 * Birth: LMDB writes the first two pages of a new file without waiting for the disk. Were the power to go then, the
 * file could be there with half of them, and never be opened again. So it is made whole under another name and renamed.
 * And a file is only there once its name is: the names are synced before anything is written.
 *
 * Lock file: LMDB maps it sparse and writes to it through the map. On a full disk the process would die of that, by
 * SIGBUS; so its room is taken beforehand.
 *
 * Opening: what is seen may stand in the system's memory only, since the process before this one was ended before it
 * was synced, or a sync of its failed. In the second case the system may take for written what it has dropped, and no
 * later sync would bring it. LMDB would build on the meta pages, which it trusts, and overwrite what those on the disk
 * stand on. So both are written again and synced, before anything is written and before somebody is told. What else is
 * valid was synced before they were.
 *
 * Thread: the one that opens. Failure: ERR_NO_SPACE, ERR_IO; nothing is half made. */
#ifndef DANGOL_PROTO_BASE_ENVIRONMENT_LMDB_H
#define DANGOL_PROTO_BASE_ENVIRONMENT_LMDB_H

#include <stdatomic.h>
#include <stddef.h>

#include "proto/base/err.h"

#define ENVIRONMENT_FILE "data.mdb" /* LMDB's name for it */

typedef struct MDB_env MDB_env; /* as in lmdb.h, which only *_lmdb.c include */

/* Before mdb_env_open: makes the directory (0700), and an empty environment in it if there is none. */
int environment_make(const char *directory, struct err *err);
/* Takes the room of a lock file that LMDB is going to make there. */
int environment_lock_room(const char *path, struct err *err);
/* After mdb_env_open, for writing, and before the first transaction that writes. */
int environment_settle(MDB_env *env, const char *directory, struct err *err);
/* ERR_CORRUPT when the two meta pages cannot be those of two transactions in a row. Without opening it. */
int environment_check(const char *directory, struct err *err);

/* What a commit returned; ENOSPC where LMDB says EIO since a write came back short, which is how a disk is full. */
int environment_failure(MDB_env *env, int rc);

/* The pages of its file that this process has looked at are counted among its memory, though the system keeps them for
 * all and takes them back when it needs the room. So that one sees what a program itself takes, and that a limit on it
 * holds, they are let go of when they are too many; what is wanted again is there at once, for a fault. Too many are
 * more than ENVIRONMENT_ROOM, and in a program that is large itself, more than it takes. How many there are is asked
 * after so many looks, each of which may bring 64 KiB. Thread: any. */
struct environment_pages {
    void *start; /* NULL: not known where they are mapped, nothing is let go of */
    size_t size;
    _Atomic size_t looks;
    _Atomic size_t others; /* bytes of pages that are not its own: what stayed when they were let go of */
};
#define ENVIRONMENT_LOOKS 8192u /* until it is asked: records read one after the other, or … */
#define ENVIRONMENT_LOOK 16u    /* … as so many, one somewhere */
#define ENVIRONMENT_ROOM ((size_t)32 << 20)
#define ENVIRONMENT_LARGE ((size_t)256 << 20)

void environment_pages_find(struct environment_pages *pages, const char *directory); /* after mdb_env_open */
void environment_looked(struct environment_pages *pages, size_t looks);

#endif
