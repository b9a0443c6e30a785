#include "tests/support/region_recover.h"

#include <string.h>

bool net_recover_ask(struct region_net *net, struct net_recovery *r, struct net_store *store, uint8_t seed) {
    struct signer fresh;
    struct net_machine *machine = &store->machine;
    *r = (struct net_recovery){.store = store, .old_stream = machine->config.stream};
    memcpy(r->old_key, machine->site->signer.public_key, PUBLIC_KEY_SIZE);
    memset(r->seed, seed, sizeof r->seed);
    receipted_head(machine->site, &r->receipted);
    signer_from_seed(&fresh, r->seed, ROLE_STORE, r->old_stream, machine->config.root);
    net_store_stop(store);
    net_store_start(store);
    machine->site->recovering = true;
    store->uplink.new_key = fresh.public_key;
    for (int i = 0; i < 20 && store->uplink.moved_stream == 0; i++) net_pass(net, 1000);
    store->uplink.new_key = NULL;
    r->new_stream = store->uplink.moved_stream;
    return r->new_stream != 0;
}

bool net_recover_swap(struct region_net *net, struct net_recovery *r) {
    struct net_machine *machine = &r->store->machine;
    net_store_stop(r->store);
    r->old = net_image_take(machine);
    machine->config.stream = r->new_stream;
    memcpy(machine->secrets.seed, r->seed, sizeof r->seed);
    memset(machine->secrets.join_secret, 0, SECRET_SIZE);
    struct net_image empty = {log_mem_open(&machine->clock.env),
                              keyring_mem_open(machine->secrets.master, &machine->clock.env)};
    net_image_put(machine, &empty);
    net_store_start(r->store);
    site_quarantine(machine->site, view_of("recovering"), NULL);
    machine->site->recovering = true;
    return net_level(net);
}

int net_recover_rehome(struct net_recovery *r, struct err *err) {
    struct rehoming rehoming = {
        .site = r->store->machine.site, .log = r->old.log, .ring = r->old.ring, .stream = r->old_stream};
    memcpy(rehoming.key, r->old_key, PUBLIC_KEY_SIZE);
    int code = receipted_bring(&rehoming, &r->receipted, &r->returned, err);
    if (code != 0) return code;
    if (r->returned > 0) { /* the hub sees in the next HELLO that it can have them */
        net_store_stop(r->store);
        net_store_start(r->store);
        r->store->machine.site->recovering = true;
        rehoming.site = r->store->machine.site;
        if (!net_level(r->store->net)) return err_set(err, ERR_TIMEOUT, NULL, "not level");
    }
    return rehome(&rehoming, &r->report, err);
}

bool net_recover_end(struct region_net *net, struct net_recovery *r) {
    struct site *site = r->store->machine.site;
    bool level = net_level(net);
    site_quarantine(site, VIEW_NONE, NULL);
    site->recovering = false;
    return level;
}

void net_recover_release(struct net_recovery *r) { net_image_release(&r->old); }
