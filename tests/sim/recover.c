/* What people do about a PC that was restored or copied: they run `recover` on it. Each step of node/recover.c is done
 * here with what stands for its files: `struct pc_recovery`, which survives whatever happens to the PC meanwhile. A run
 * may end at any moment, by a crash at a write or because the hub is not there, and somebody runs it again. */
#include <string.h>

#include "tests/sim/sim.h"

#define PATIENCE 40 /* minutes, or some of them, that a run waits for the hub */

static struct net_machine *machine_of(struct sim *sim, size_t pc) { return &sim->net.stores[pc].machine; }

static bool sound(const struct net_machine *machine) {
    return machine->log.fault.fails == 0 && machine->ring.fault.fails == 0;
}

/* ---- Asking ---- */

static bool begin(struct sim *sim, size_t pc) {
    struct pc_recovery *r = &sim->pcs[pc].recovery;
    struct net_machine *machine = machine_of(sim, pc);
    if (machine->site == NULL) sim_start(sim, pc);
    if (!site_quarantined(machine->site, NULL)) return false;
    sim_say(sim, "somebody runs recover on %s", sim_name(sim, pc));
    r->step = RECOVERS_ASKS;
    r->old_stream = machine->config.stream;
    memcpy(r->old_key, machine->site->signer.public_key, PUBLIC_KEY_SIZE);
    receipted_head(machine->site, &r->receipted);
    for (size_t i = 0; i < sizeof r->seed; i++) r->seed[i] = (uint8_t)sim_roll(sim, 256);
    return true;
}

static bool ask(struct sim *sim, size_t pc) {
    struct pc_recovery *r = &sim->pcs[pc].recovery;
    struct net_store *store = &sim->net.stores[pc];
    struct signer fresh;
    signer_from_seed(&fresh, r->seed, ROLE_STORE, r->old_stream, store->machine.config.root);
    if (store->machine.site != NULL) net_store_stop(store);
    sim_bury(sim);
    if (store->machine.site == NULL) sim_start(sim, pc);
    store->machine.site->recovering = true;
    store->uplink.new_key = fresh.public_key;
    for (int i = 0; i < PATIENCE && !sim_over(sim) && net_up(&store->machine) && store->uplink.moved_stream == 0; i++)
        sim_pass(sim, MINUTE_MS / 4);
    if (!net_up(&store->machine) || sim_over(sim)) return false;
    store->uplink.new_key = NULL;
    store->machine.site->recovering = false;
    r->new_stream = store->uplink.moved_stream;
    return r->new_stream != 0;
}

/* ---- The disk aside, an empty one in its place ---- */

/* Registrations that the hub does not know under these ids get others. */
static void forget_moved(struct sim *sim, size_t pc, uint32_t stream) {
    uint64_t same = book_seq(sim->hub.book, stream), here = book_seq(sim->pcs[pc].book, stream);
    if (same > here) same = here;
    while (same > 0 && book_mark(sim->pcs[pc].book, stream, same) != book_mark(sim->hub.book, stream, same)) same--;
    image_forget_people(sim, stream, same);
}

static bool swap(struct sim *sim, size_t pc) {
    struct pc *mine = &sim->pcs[pc];
    struct pc_recovery *r = &mine->recovery;
    struct net_machine *machine = machine_of(sim, pc);
    if (machine->site != NULL) net_store_stop(&sim->net.stores[pc]);
    sim_bury(sim);
    if (!sound(machine)) return false;
    forget_moved(sim, pc, r->old_stream);
    r->aside = net_image_take(machine);
    r->book = mine->book;
    machine->config.stream = r->new_stream;
    memcpy(machine->secrets.seed, r->seed, sizeof r->seed);
    memset(machine->secrets.join_secret, 0, SECRET_SIZE);
    mine->book = book_open(&sim->ledger, sim, pc, r->new_stream);
    mine->settled = mine->acked = 0;
    mine->doomed = false;
    struct net_image empty = {log_mem_open(&machine->clock.env),
                              keyring_mem_open(machine->secrets.master, &machine->clock.env)};
    net_image_put(machine, &empty);
    machine->log.witness = mine->book;
    r->step = RECOVERS_REHOMES;
    sim_start(sim, pc);
    site_quarantine(machine->site, view_of("its recovery was begun and is not done"), NULL);
    return true;
}

/* ---- Coming home ---- */

static bool come_level(struct sim *sim, size_t pc) {
    struct net_store *store = &sim->net.stores[pc];
    for (int i = 0; i < PATIENCE && !sim_over(sim) && net_up(&store->machine); i++) {
        if (uplink_level(&store->uplink)) return true;
        sim_pass(sim, MINUTE_MS / 2);
    }
    return net_up(&store->machine) && uplink_level(&store->uplink);
}

static bool move_events(struct sim *sim, size_t pc, struct rehomed_report *report) {
    struct pc_recovery *r = &sim->pcs[pc].recovery;
    struct err err = {.code = 0};
    struct rehoming rehoming = {
        .site = machine_of(sim, pc)->site, .log = r->aside.log, .ring = r->aside.ring, .stream = r->old_stream};
    memcpy(rehoming.key, r->old_key, PUBLIC_KEY_SIZE);
    uint64_t brought;
    int code = receipted_bring(&rehoming, &r->receipted, &brought, &err);
    if (code == 0 && brought > 0) {
        sim_say(sim, "%s hands back %llu events of stream %u that the hub has lost", sim_name(sim, pc),
                (unsigned long long)brought, r->old_stream);
        net_store_hang_up(&sim->net.stores[pc]); /* the hub sees in the next HELLO that it can have them */
        if (!come_level(sim, pc)) return false;
    }
    if (code == 0) code = rehome(&rehoming, report, &err);
    if (code == 0) return true;
    sim_say(sim, "%s cannot re-home: %s", sim_name(sim, pc), err.text);
    if (sound(machine_of(sim, pc)) && net_up(machine_of(sim, pc)))
        sim_found(sim, FORKS_ARE_SEEN, "%s cannot be recovered: %s", sim_name(sim, pc), err.text);
    return false;
}

/* Everything the old disk held is at home: at the hub under its old number, or here under a new one. */
static void check_report(struct sim *sim, size_t pc, const struct rehomed_report *report) {
    const struct pc_recovery *r = &sim->pcs[pc].recovery;
    uint64_t all = book_seq(r->book, r->old_stream), told = report->at_hub + report->rehomed + report->same_ref;
    if (told + report->left != all)
        sim_found(sim, ACKED_IS_KEPT, "%s had %llu events of its own; %llu are at the hub, %llu moved, %llu had a ref",
                  sim_name(sim, pc), (unsigned long long)all, (unsigned long long)report->at_hub,
                  (unsigned long long)report->rehomed, (unsigned long long)report->same_ref);
}

static bool come_home(struct sim *sim, size_t pc) {
    struct net_machine *machine = machine_of(sim, pc);
    struct pc_recovery *r = &sim->pcs[pc].recovery;
    struct rehomed_report report = {.at_hub = 0};
    if (machine->site != NULL && machine->site->told_otherwise) net_store_stop(&sim->net.stores[pc]); /* opened anew */
    sim_bury(sim);
    if (machine->site == NULL) sim_start(sim, pc);
    machine->site->recovering = true;
    bool home = come_level(sim, pc) && move_events(sim, pc, &report);
    sim_bury(sim);
    home = home && !sim_over(sim) && come_level(sim, pc) && !sim_over(sim);
    if (!net_up(machine)) return false;
    machine->site->recovering = false;
    if (!home || site_quarantine(machine->site, VIEW_NONE, NULL) != 0) return false;
    check_report(sim, pc, &report);
    sim_say(sim, "%s is recovered: %llu at the hub, %llu moved, %llu had a ref, %llu left", sim_name(sim, pc),
            (unsigned long long)report.at_hub, (unsigned long long)report.rehomed, (unsigned long long)report.same_ref,
            (unsigned long long)report.left);
    net_image_release(&r->aside);
    *r = (struct pc_recovery){.step = RECOVERS_NOT};
    sim->pcs[pc].suspect = false;
    sim->tally.recoveries++;
    net_store_stop(&sim->net.stores[pc]); /* the command is done; what serves afterwards is another process */
    sim_bury(sim);
    if (sim->pcs[pc].open) sim_start(sim, pc);
    return true;
}

/* ---- */

bool recover_pc(struct sim *sim, size_t pc) {
    struct pc *mine = &sim->pcs[pc];
    struct pc_recovery *r = &mine->recovery;
    struct net_machine *machine = machine_of(sim, pc);
    if (sim_over(sim) || mine->retired || sim->hub_is_old || machine->dead || sim->net.stores[pc].silent) return false;
    if (r->step == RECOVERS_NOT && !begin(sim, pc)) return false;
    if (sim_over(sim)) return false;
    bool goes_on = r->step != RECOVERS_ASKS || (ask(sim, pc) && swap(sim, pc));
    return goes_on && !sim_over(sim) && r->step == RECOVERS_REHOMES && come_home(sim, pc);
}

static bool needs_help(struct sim *sim, size_t pc) {
    const struct net_machine *machine = machine_of(sim, pc);
    if (sim->pcs[pc].retired) return false;
    return sim->pcs[pc].recovery.step != RECOVERS_NOT ||
           (net_up(machine) && site_quarantined(machine->site, NULL) && sim->pcs[pc].suspect);
}

void recover_some(struct sim *sim, size_t nobody) {
    (void)nobody;
    size_t count = sim->net.store_count;
    for (size_t i = 0; i < count && !sim_over(sim); i++) {
        if (!needs_help(sim, i) || sim_once_in(sim, 3)) continue;
        struct net_machine *machine = machine_of(sim, i);
        if (sim_once_in(sim, 4) && net_up(machine) && !sim->pcs[i].full && sound(machine))
            misfortune_at_write(sim, i, sim_roll(sim, 12));
        recover_pc(sim, i);
    }
}

bool recover_all(struct sim *sim) {
    bool any = false;
    for (size_t i = 0; i < sim->net.store_count && !sim_over(sim); i++) {
        if (!needs_help(sim, i)) continue;
        any = true;
        for (int tries = 0; tries < 5 && needs_help(sim, i) && !sim_over(sim); tries++) recover_pc(sim, i);
        if (!sim_over(sim) && needs_help(sim, i))
            sim_found(sim, FORKS_ARE_SEEN, "%s cannot be recovered: %s", sim_name(sim, i),
                      sim->net.stores[i].uplink.trouble.text);
    }
    return any;
}
