/* A disk that remembers: what is done to the files below a directory is noted, and any state they could be in, had the
 * power gone at some moment, is put together again.
 *
 * What a disk may do here:
 *   - What a sync of a file has covered is there.
 *   - Of what was written since, every unit (a sector of the disk, or a page of the cache) holds what it held after any
 *     number of those writes, each unit for itself: writes are torn and come in any order.
 *   - A write by a descriptor that syncs each write is there once it has returned, with what its units hold.
 *   - The length of a file is any it had since its last sync. What lies within and has not arrived is zero, or what was
 *     on the disk there before.
 *   - Of the changes to the names in a directory since its last sync, any number of the first have arrived. What is in
 *     a file whose name has not arrived is lost, synced or not.
 *   - A sync can be made to fail. What it should have brought to the disk may then be missing there for good, each unit
 *     for itself, though every read still shows it and the next sync succeeds: that is how Linux does it.
 *
 * Lock files are left out: nobody may rely on what is in them after a power cut.
 *
 * The calls are noted by tests/interpose/disk_calls.c, which only tests named *_crash_test are linked with.
 * Memory: everything is the disk's or the state's own. Thread: one. Failure: aborts. */
#ifndef DANGOL_TESTS_SUPPORT_DISK_H
#define DANGOL_TESTS_SUPPORT_DISK_H

#include <sys/stat.h>
#include <sys/types.h>

#include "proto/base/bytes.h"

#define DISK_SECTOR 512u
#define DISK_PAGE 4096u

enum disk_kind {
    DISK_WRITE,
    DISK_LENGTH, /* ftruncate */
    DISK_SYNC,   /* of a file or of the names in a directory */
    DISK_FAILED, /* a sync of a file that did not: what waited for it has arrived by then, or never will */
    DISK_ADD,    /* a name */
    DISK_RENAME, /* within a directory */
    DISK_REMOVE,
    DISK_NOTHING /* for tests that take something out of what was noted */
};

struct disk_op {
    enum disk_kind kind;
    size_t node;       /* the file; of names: the directory */
    bool direct;       /* a write that is its own sync */
    size_t offset;     /* of a write; the new length */
    size_t len, start; /* the bytes, in disk.bytes */
    size_t child;      /* DISK_ADD: what is named */
    char name[32], to[32];
};

struct disk_node {
    dev_t device;
    ino_t inode;
    bool directory;
    bool lost;         /* the inode is another's by now */
    struct buf before; /* content when the recording began */
};

/* A name when the recording began. */
struct disk_name {
    size_t directory, child;
    char name[32];
};

struct disk {
    struct disk_node *nodes; /* the first one is the root */
    size_t node_count;
    struct disk_name *names;
    size_t name_count;
    struct disk_op *ops;
    size_t op_count;
    struct buf bytes;
};

/* Takes what is below `root` for durable, and notes what comes until disk_stop. One at a time. */
void disk_record(struct disk *disk, const char *root);
void disk_stop(void);
void disk_release(struct disk *disk);
/* The node that was last made by this name, by its path from the root. */
bool disk_find(const struct disk *disk, const char *path, size_t *out);
/* After `after` more syncs of files one fails, and each other descriptor of that file hears of it once. With the error
 * 0 none does. */
void disk_fail_sync(unsigned after, int error);

/* ---- For disk_calls.c: they do nothing unless something is recorded ---- */

bool disk_recording(void);
/* False, with errno: the write is its own sync, and that failed. */
bool disk_note_write(int fd, const void *bytes, size_t len, off_t offset);
void disk_note_length(int fd, off_t length);
bool disk_note_failed(int fd); /* before a sync: true, with errno, when it is to fail */
void disk_note_sync(int fd);
/* After the call; `path` as it was given with the directory's descriptor. */
void disk_note_made(int directory_fd, const char *path);
void disk_note_renamed(int directory_fd, const char *from, const char *to);
void disk_note_removed(int directory_fd, const char *path);

/* ---- Power cuts ---- */

enum disk_fate {
    DISK_WAITS, /* for a sync */
    DISK_LOST,  /* one failed: it has arrived or never will */
    DISK_THERE  /* for certain, but behind something that is lost or not */
};

struct disk_pending {
    size_t op;
    enum disk_fate fate;
};

/* The disk after the first `moment` operations: what is on it for certain, and what else may be. */
struct disk_state {
    const struct disk *disk;
    size_t moment;
    struct buf *contents; /* of each node, durable */
    struct disk_name *names;
    size_t name_count;
    struct disk_pending *pending; /* in order */
    size_t pending_count;
};

void disk_state_start(struct disk_state *state, const struct disk *disk);
void disk_state_advance(struct disk_state *state, size_t moment); /* never back */
void disk_state_release(struct disk_state *state);
/* The next moment, from `moment` on, after which something becomes certain; at last the end. Whatever a disk may hold
 * in between, it may hold then. */
size_t disk_moment(const struct disk *disk, size_t moment);

enum disk_lots {
    DISK_NONE,    /* nothing of what was not synced */
    DISK_ALL,     /* all of it */
    DISK_COUNTED, /* the number's digits say how much each unit holds: from 0 on they are all different */
    DISK_DRAWN    /* the number is a seed */
};

/* Which of the many states. */
struct disk_image {
    size_t unit; /* DISK_SECTOR or DISK_PAGE */
    enum disk_lots lots;
    uint64_t number;
    bool old_bytes; /* what never arrived is not zero */
};

/* How many states there are by this unit, or `most` when there are more. */
uint64_t disk_count(const struct disk_state *state, size_t unit, uint64_t most);
/* Puts it together in a directory, which must be empty or missing. */
void disk_image_write(const struct disk_state *state, const struct disk_image *image, const char *directory);
/* Not the power but the process ended at that moment: as disk_record in the directory where the image with all of it
 * was written, of which only what the state is certain of is durable. If the last operation is a write that is its own
 * sync, the process ended in it: others see it, but it is not durable. */
void disk_record_on(struct disk *disk, const struct disk_state *state, const char *root);

#endif
