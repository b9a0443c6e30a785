/* People who ask to be forgotten: the desk's act, a misfortune of its own, and what must hold afterwards. Once level,
 * no ring holds a key of theirs, nor do its files hold what is left of one (invariant 6). */
#include <sodium.h>

#include "proto/site/erasure.h"
#include "tests/sim/sim.h"

#define KEYS 8

/* ---- What the desk does ---- */

/* She may come back, under the same name and number: then she is somebody new, or what is known of her comes late. */
void forget_somebody(struct sim *sim, struct site *hub) {
    struct person *person = &sim->people[sim_roll(sim, sim->people_count)];
    uint64_t id = person->id_count == 0 ? 0 : person->ids[sim_roll(sim, person->id_count)];
    if (id == 0 || model_customer(hub->model, id) != CUSTOMER_KNOWN) return;
    sim_say(sim, "%s asks to be forgotten", person->name);
    if (trade_erase(hub, id) != 0) sim->tally.erasures++;
    person->id_count = 0;
    person->disturbed = true;
}

/* ---- What goes wrong ---- */

static bool usable(struct sim *sim, size_t pc) {
    const struct net_machine *machine = sim_machine(sim, pc);
    return net_up(machine) && machine->log.fault.fails == 0 && machine->ring.fault.fails == 0 && !machine->cut;
}

/* HUB_PC: nobody is. */
static size_t somebody_on_line(struct sim *sim) {
    size_t first = (size_t)sim_roll(sim, sim->net.store_count);
    for (size_t i = 0; i < sim->net.store_count; i++) {
        size_t pc = (first + i) % sim->net.store_count;
        if (usable(sim, pc) && sim->net.stores[pc].uplink.state == UPLINK_OPEN) return pc;
    }
    return HUB_PC;
}

/* Somebody who is seen only once. */
static uint64_t come(struct sim *sim, struct site *store) {
    char name[40], phone[40];
    unsigned number = (unsigned)(sim->people_ever++ % 10000);
    snprintf(name, sizeof name, "Somebody passing %u", number);
    snprintf(phone, sizeof phone, "010-5555-%04u", number);
    return trade_register(store, (struct person_card){.name = name, .phone = phone});
}

static bool lacks_keys(struct sim *sim) {
    struct net_hub *hub = &sim->net.hub;
    bool lacks = !net_up(&hub->machine);
    for (uint32_t i = 0; !lacks && i < hub->desk.lacking.ids.count; i++)
        lacks = lacking_key(hub->machine.site, hub->desk.lacking.ids.items[i]);
    return lacks;
}

/* The hub gets an older copy of its ring alone, and asks its stores for the keys that it lacks; one of them has not
 * heard yet that somebody is forgotten, and holds hers. */
void forgetting_old_ring(struct sim *sim) {
    struct net_machine *hub = &sim->net.hub.machine;
    size_t pc = somebody_on_line(sim);
    if (pc == HUB_PC || sim->hub_is_old || sim->net.hub.halted || !usable(sim, HUB_PC) || !usable(sim, pc) ||
        sim->pcs[pc].retired || sim->pcs[pc].suspect)
        return;
    sim_say(sim, "an image of the hub's ring is taken");
    struct net_image old = net_image_take(hub);
    for (uint64_t i = sim_roll(sim, 6); i > 0 && !sim_over(sim); i--) life_act(sim, pc);
    uint64_t newcomer = usable(sim, pc) ? come(sim, sim->net.stores[pc].machine.site) : 0;
    sim_pass(sim, 10 * MINUTE_MS);
    bool there = !sim_over(sim) && usable(sim, HUB_PC) && usable(sim, pc);
    if (there) {
        net_cut(&sim->net.stores[pc].machine, true);
        sim_pass(sim, MINUTE_MS);
        if (net_up(hub) && model_customer(hub->site->model, newcomer) == CUSTOMER_KNOWN)
            trade_erase(hub->site, newcomer);
        if (net_up(hub)) forget_somebody(sim, hub->site);
        sim_pass(sim, 5 * MINUTE_MS);
        net_cut(&sim->net.stores[pc].machine, false);
    }
    if (sim_over(sim) || !there || !usable(sim, HUB_PC)) {
        net_image_release(&old);
        return;
    }
    sim_say(sim, "the hub gets an older copy of its ring");
    sim->tally.restores++;
    net_hub_crash(&sim->net);
    struct net_image now = net_image_take(hub);
    struct keyring *newest = now.ring;
    now.ring = old.ring;
    old.ring = newest;
    net_image_put(hub, &now);
    net_image_release(&old);
    sim_start(sim, HUB_PC);
    for (int minute = 0; minute < 30 && !sim_over(sim) && lacks_keys(sim); minute++) sim_pass(sim, MINUTE_MS);
    sim->keys_gone |= lacks_keys(sim);
}

/* ---- What must hold ---- */

static void check_id(struct sim *sim, size_t pc, uint64_t id, const char *when) {
    struct keyring *ring = sim_machine(sim, pc)->site->ring;
    struct ring_key keys[KEYS];
    int n = ring->ops->get(ring, id, keys, KEYS, NULL);
    for (int i = 0; i < n; i++)
        if (!keys[i].destroyed)
            sim_found(sim, KEYS_DECIDE, "%s the ring of %s holds a key of %llu of stream %u, who was erased", when,
                      sim_name(sim, pc), (unsigned long long)id_seq(id), id_stream(id));
    sodium_memzero(keys, sizeof keys);
}

/* Of whom `by` knows to be erased. */
static void check_ring(struct sim *sim, size_t pc, const struct model *by, const char *when) {
    const struct net_machine *machine = sim_machine(sim, pc);
    struct erasure_state erasure;
    size_t i = 0;
    for (; model_erasure_at(by, i, &erasure) && !sim_over(sim); i++)
        for (size_t k = 0; k < erasure.count; k++) check_id(sim, pc, erasure.ids[k], when);
    if (i > 0 && keyring_mem_remains(machine->ring.inner))
        sim_found(sim, KEYS_DECIDE, "%s destroyed keys are left in the ring's files of %s", when, sim_name(sim, pc));
}

/* Whoever says that it is done here is right. */
void forgetting_audit(struct sim *sim, size_t pc) {
    struct site *site = sim_machine(sim, pc)->site;
    if (site_forgot_all(site)) check_ring(sim, pc, site->model, "though it says that all is done");
}

void forgetting_audit_level(struct sim *sim, size_t pc) {
    struct net_machine *machine = sim_machine(sim, pc);
    if (!site_forgot_all(machine->site))
        sim_found(sim, BECOMES_LEVEL, "%s is level and has not forgotten whom it was told to", sim_name(sim, pc));
    check_ring(sim, pc, sim->net.hub.machine.site->model, "when all is level,");
}
