/* backup and restore of a store's directory. */
#include "node/commands.h"
#include "proto/command/backup.h"

static int node_restore(struct call *call) {
    int code = backup_unpack(call);
    if (code == 0) code = backup_unmark(call->directory, &call->error);
    if (code != 0) return code;
    if (call->json)
        call_json(call, json_pack("{s:s}", "directory", call->directory));
    else
        fprintf(call->out,
                "%s is as its backup was. What was written since then is at the hub at most: at the first contact the "
                "hub finds out that this PC was restored and refuses it, until `dangol-node recover %s` has run\n",
                call->directory, call->directory);
    return 0;
}

const struct command node_backup_commands[] = {
    {"backup", "TARGET", "copy everything to a new directory, beside a running serve", NEEDS_SITE, 1, 1, NULL, NULL,
     false, call_backup, NULL},
    {"restore", "BACKUP", "make a directory from a backup", NEEDS_TARGET, 1, 1, NULL, NULL, false, node_restore, NULL},
    {NULL, NULL, NULL, NEEDS_NOTHING, 0, 0, NULL, NULL, false, NULL, NULL},
};
