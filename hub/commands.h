/* The commands of the hub, by family. Each array ends with a name of NULL. */
#ifndef DANGOL_HUB_COMMANDS_H
#define DANGOL_HUB_COMMANDS_H

#include "proto/command/command.h"

extern const struct command hub_site_commands[];    /* init serve status rebuild replay */
extern const struct command hub_recover_commands[]; /* backup restore recover */
extern const struct command hub_store_commands[];   /* enroll revoke stores */
extern const struct command hub_desk_commands[];    /* link unlink */
extern const struct command hub_erase_commands[];   /* erase */
extern const struct command hub_policy_commands[];  /* policy clock */

int hub_status(struct call *call); /* also what `replay … status` asks */
int hub_replay(struct call *call);
extern const struct option hub_replay_options[]; /* its own */

#endif
