/* dangol-node: the customer book of one store. */
#include "node/commands.h"
#include "proto/command/act.h"
#include "proto/command/act_customer.h"
#include "proto/command/ask.h"
#include "proto/command/ask_contact.h"
#include "proto/command/ask_duplicates.h"
#include "proto/command/export.h"

int main(int argc, char **argv) {
    static const struct command *const groups[] = {node_site_commands,
                                                   node_backup_commands,
                                                   node_customer_commands,
                                                   act_customer_commands,
                                                   act_file_commands,
                                                   act_contact_commands,
                                                   act_staff_commands,
                                                   node_sale_commands,
                                                   node_day_commands,
                                                   act_commands,
                                                   import_commands,
                                                   ask_commands,
                                                   ask_file_commands,
                                                   ask_contact_commands,
                                                   ask_duplicate_commands,
                                                   export_commands,
                                                   act_user_commands,
                                                   ask_access_commands,
                                                   NULL};
    static const struct program program = {"dangol-node", "the customer book of one store, on line or not", ROLE_STORE,
                                           groups};
    return program_main(&program, argc, argv);
}
