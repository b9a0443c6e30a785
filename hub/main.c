/* dangol-hub: the customer book of a region. */
#include <sys/resource.h>

#include "hub/commands.h"
#include "proto/command/act.h"
#include "proto/command/act_customer.h"
#include "proto/command/ask.h"
#include "proto/command/ask_contact.h"
#include "proto/command/ask_duplicates.h"
#include "proto/command/export.h"

/* A connection a store takes a descriptor or two, and the usual limit is meant for other programs. */
static void allow_many_files(void) {
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
    limit.rlim_cur = limit.rlim_max;
    setrlimit(RLIMIT_NOFILE, &limit);
}

int main(int argc, char **argv) {
    static const struct command *const groups[] = {hub_site_commands,
                                                   hub_store_commands,
                                                   hub_recover_commands,
                                                   hub_desk_commands,
                                                   hub_erase_commands,
                                                   hub_policy_commands,
                                                   act_commands,
                                                   ask_commands,
                                                   ask_file_commands,
                                                   ask_contact_commands,
                                                   act_staff_commands,
                                                   act_file_commands,
                                                   act_contact_commands,
                                                   ask_duplicate_commands,
                                                   export_commands,
                                                   act_user_commands,
                                                   ask_access_commands,
                                                   act_customer_commands,
                                                   NULL};
    static const struct program program = {"dangol-hub", "the customer book of a region", ROLE_HUB, groups};
    allow_many_files();
    return program_main(&program, argc, argv);
}
