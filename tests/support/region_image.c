/* Copies of disks: an image that is put back later, a PC that was copied. */
#include <string.h>

#include "hub/branch.h"
#include "proto/site/retell.h"
#include "tests/support/region_net.h"

static void machine_died(void *context) {
    struct net_machine *machine = context;
    machine->dead = true;
    if (machine->transport != NULL) transport_mem_mute(machine->transport);
}

struct net_image net_image_take(const struct net_machine *machine) {
    return (struct net_image){
        log_mem_copy(machine->log.inner),
        keyring_mem_copy(machine->ring.inner, machine->secrets.master, &machine->clock.env),
    };
}

/* Who looks on at the disk looks on at the new one too. */
void net_image_put(struct net_machine *machine, struct net_image *image) {
    struct faulty_log log = machine->log;
    faulty_log_end(&machine->log);
    faulty_ring_end(&machine->ring);
    faulty_log_make(&machine->log, image->log);
    faulty_ring_make(&machine->ring, image->ring);
    machine->log.wrote = log.wrote;
    machine->log.regrown = log.regrown;
    machine->log.witness = log.witness;
    machine->log.fault.died = machine->ring.fault.died = machine_died;
    machine->log.fault.context = machine->ring.fault.context = machine;
    *image = (struct net_image){NULL, NULL};
}

void net_image_release(struct net_image *image) {
    if (image->log != NULL) image->log->ops->close(image->log);
    if (image->ring != NULL) image->ring->ops->close(image->ring);
    *image = (struct net_image){NULL, NULL};
}

void net_store_clone(struct net_store *clone, const struct net_store *original, struct net_image *image) {
    *clone = (struct net_store){.net = original->net};
    struct net_machine *machine = &clone->machine;
    sim_clock_init(&machine->clock, original->machine.clock.world);
    machine->config = original->machine.config;
    machine->secrets = original->machine.secrets;
    net_image_put(machine, image);
}

/* What regrow_end does with files. */
static void put_regrown(struct net_machine *machine, struct log *fresh) {
    machine->log.inner->ops->close(machine->log.inner);
    machine->log.inner = fresh;
    if (machine->log.regrown != NULL) machine->log.regrown(machine->log.witness, fresh);
}

static void settle(struct net_machine *machine, struct log *fresh, int code) {
    if (code == 0)
        put_regrown(machine, fresh);
    else
        fresh->ops->close(fresh);
}

int net_machine_retell(struct net_machine *machine, struct err *err) {
    struct zone zone = zone_fixed(0);
    struct log *fresh = log_mem_open(&machine->clock.env);
    int code = retell_grow(&machine->config, &machine->secrets, &zone, machine->ring.inner, machine->log.inner, fresh,
                           &machine->clock.env, err);
    settle(machine, fresh, code);
    return code;
}

int net_hub_join(struct net_machine *machine, struct site *site, struct rehomed_report *report, struct err *err) {
    struct log *fresh = log_mem_open(&machine->clock.env);
    int code = branch_join(site, fresh, report, err);
    site_close(site);
    settle(machine, fresh, code);
    return code;
}
