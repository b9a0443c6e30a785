/* Small files and directories: read whole, written whole and durably or not at all. Paths are the caller's. */
#ifndef DANGOL_PROTO_BASE_FILE_OS_H
#define DANGOL_PROTO_BASE_FILE_OS_H

#include <stdio.h>

#include "proto/base/bytes.h"
#include "proto/base/err.h"

#define FILE_WHOLE_MAX (16u << 20) /* larger ones are refused by file_read */

/* Relative paths are taken from `directory_fd` (AT_FDCWD: the working directory). Appends. ERR_NOT_FOUND, ERR_IO,
 * ERR_LIMIT. "-" is not special. */
int file_read(int directory_fd, const char *path, struct buf *out, struct err *err);
/* Writes a temporary file beside it, syncs, renames, syncs the directory. `mode` such as 0600. */
int file_write(int directory_fd, const char *path, struct view content, unsigned mode, struct err *err);
/* 0 when it is there afterwards; 0700 when made. Makes missing parents too. */
int directory_make(const char *path, struct err *err);
/* The names in it are durable, and its own in the directory around it. Whoever makes a directory and was ended before
 * it was synced finds it there the next time: so this is for the first who puts something of worth in it, too. */
int directory_sync(const char *path, struct err *err);
/* Each durable when it returns 0. A file that is not there is removed already. */
int file_rename(const char *from, const char *to, struct err *err);
int file_remove(const char *path, struct err *err);
bool file_exists(const char *path);
bool directory_exists(const char *path);
bool directory_empty(const char *path);                   /* also when it does not exist */
char *path_join(const char *directory, const char *name); /* the caller's to free */

/* errno as a code of ours and a sentence: ENOSPC and EDQUOT are ERR_NO_SPACE, ENOENT is ERR_NOT_FOUND. */
int err_os(struct err *err, const char *what, const char *path);

#endif
