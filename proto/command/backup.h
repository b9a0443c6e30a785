/* backup and restore, of both programs: a copy of a directory beside whatever runs on it, and a directory made from
 * such a copy.
 *
 * The log is copied first, as it is at one commit, then the key ring: so the key of every event is there. Accounts and
 * the record of looks come along; accounts that were removed since are back after a restore. A backup is
 * a data directory with a mark (BACKUP_MARK), which is written before `site.json`: when that is there, it is whole. A
 * directory with the mark goes on where the backed up one was long ago: a hub opens a new incarnation before it does
 * anything, a store is found out at its first contact. */
#ifndef DANGOL_PROTO_COMMAND_BACKUP_H
#define DANGOL_PROTO_COMMAND_BACKUP_H

#include "proto/command/command.h"

#define BACKUP_MARK "backup.json"

int call_backup(struct call *call); /* backup DIR TARGET */
/* Makes call->directory from the backup in argv[0], mark and all. */
int backup_unpack(struct call *call);
bool backup_marked(const char *directory);
int backup_unmark(const char *directory, struct err *err);

#endif
