/* dangol-hub: the customer book of a region. */
#include "hub/commands.h"
#include "proto/command/act.h"
#include "proto/command/ask.h"

int main(int argc, char **argv) {
    static const struct command *const groups[] = {hub_site_commands, hub_store_commands, hub_desk_commands,
                                                   act_commands,      ask_commands,       NULL};
    static const struct program program = {"dangol-hub", "the customer book of a region", ROLE_HUB, groups};
    return program_main(&program, argc, argv);
}
