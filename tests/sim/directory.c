/* The directory of VIPs: when all is level, every store's is what can be found out anew from the hub's model and the
 * files of its people, and soon so (invariant 4). What makes VIPs come and go stands in life.c. */
#include "tests/sim/sim.h"
#include "tests/support/directory_check.h"

#define WITHIN_SECONDS 120

static bool looked_at(struct sim *sim, size_t pc) {
    return net_up(&sim->net.stores[pc].machine) && !sim->pcs[pc].retired && !check_parted(sim, pc) &&
           net_store_level(&sim->net.stores[pc]);
}

/* NULL, or what is wrong with the first store of which something is. */
static const char *compare(struct sim *sim, size_t *who) {
    struct directory_expected expected;
    const char *wrong = NULL;
    directory_expect(sim->net.hub.machine.site, &sim->net.hub.desk.directory.heading, &expected);
    for (size_t i = 0; i < sim->net.store_count && wrong == NULL; i++) {
        *who = i;
        if (looked_at(sim, i)) wrong = directory_compare(sim->net.stores[i].machine.site, &expected);
    }
    sim->tally.vips += wrong == NULL ? expected.count : 0;
    directory_expected_release(&expected);
    return wrong;
}

void directory_audit_level(struct sim *sim) {
    const char *wrong = "the hub is down";
    size_t who = 0;
    for (int second = 0; second < WITHIN_SECONDS && wrong != NULL && !sim_over(sim); second++) {
        sim_pass(sim, 1000);
        if (!net_up(&sim->net.hub.machine)) continue;
        if (sim->net.hub.machine.site->closed) return; /* it does not know who was erased */
        wrong = compare(sim, &who);
    }
    if (wrong != NULL && !sim_over(sim))
        sim_found(sim, LEVEL_AGREES, "%s is level, and of the directory of VIPs %s", sim_name(sim, who), wrong);
}
