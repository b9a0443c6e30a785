/* What goes wrong. Each misfortune is a row in the table at the end and a function that brings it about; what ends by
 * itself ends through sim_later. To add one: write a function, give it a row, count it in struct tally if it is worth
 * telling. What must be gone before the region can become level is put right in misfortune_mend_all too. */
#include <string.h>

#include "tests/sim/sim.h"
#include "tests/support/peer.h"

static int64_t for_a_while(struct sim *sim) {
    static const int64_t whiles[] = {2000, 20000, 2 * MINUTE_MS, 20 * MINUTE_MS, 5 * HOUR_MS, 30 * HOUR_MS};
    int64_t most = whiles[sim_roll(sim, sizeof whiles / sizeof *whiles)];
    return 1 + (int64_t)sim_roll(sim, (uint64_t)most);
}

/* One whose PC is on, as long as there is such a one: misfortunes need somebody to strike. */
static size_t any_store(struct sim *sim) {
    size_t pc = (size_t)sim_roll(sim, sim->net.store_count);
    for (int i = 0; i < 12 && !net_up(&sim->net.stores[pc].machine); i++)
        pc = (size_t)sim_roll(sim, sim->net.store_count);
    return pc;
}
static size_t anybody(struct sim *sim) { return sim_once_in(sim, 4) ? HUB_PC : any_store(sim); }

/* ---- Lines ---- */

static void mend_line(struct sim *sim, size_t pc) {
    sim_say(sim, "the line of %s is back", sim_name(sim, pc));
    net_cut(sim_machine(sim, pc), false);
}

static void cut_line(struct sim *sim) {
    size_t pc = sim_once_in(sim, 8) ? HUB_PC : any_store(sim);
    sim_say(sim, "the line of %s is cut", sim_name(sim, pc));
    sim->tally.cuts++;
    net_cut(sim_machine(sim, pc), true);
    sim_later(sim, for_a_while(sim), mend_line, pc);
}

/* In the middle of whatever was on its way; often while something is. */
static void hang_up(struct sim *sim) {
    size_t pc = any_store(sim);
    if (sim_once_in(sim, 2)) life_act(sim, pc);
    for (uint64_t i = sim_roll(sim, 12); i > 0 && !sim_over(sim); i--) sim_pass(sim, (int64_t)sim_roll(sim, 3));
    if (!net_up(sim_machine(sim, pc))) return;
    sim_say(sim, "%s hangs up", sim_name(sim, pc));
    sim->tally.cuts++;
    net_store_hang_up(&sim->net.stores[pc]);
}

static void clear_up(struct sim *sim, size_t pc) {
    net_weather(sim_machine(sim, pc), &(struct mem_weather){.delay_ms = 0});
}

static void bad_weather(struct sim *sim) {
    size_t pc = anybody(sim);
    struct mem_weather weather = {.delay_ms = (uint32_t)sim_roll(sim, 400), .jitter_ms = (uint32_t)sim_roll(sim, 3000)};
    if (sim_once_in(sim, 3)) weather.bytes_per_ms = 1 + (uint32_t)sim_roll(sim, 8);
    sim_say(sim, "the line of %s is slow: %u ms, up to %u more, %u bytes a ms", sim_name(sim, pc), weather.delay_ms,
            weather.jitter_ms, weather.bytes_per_ms);
    net_weather(sim_machine(sim, pc), &weather);
    sim_later(sim, for_a_while(sim), clear_up, pc);
}

/* How lines end from now on: what was under way arrives or not, the other side hears of it or not. */
static void change_fate(struct sim *sim) {
    mem_net_fate(sim->net.lines, (uint32_t)sim_roll(sim, 101), (uint32_t)sim_roll(sim, 60));
}

/* ---- Machines ---- */

static void crash(struct sim *sim) { sim_crash(sim, anybody(sim)); }

static void dies_at(struct sim *sim, struct fault *fault, uint64_t writes) {
    fault_plan(fault, writes, 1, ERR_IO);
    fault->after_all = sim_once_in(sim, 2);
    fault->deadly = !fault->after_all;
}

void misfortune_at_write(struct sim *sim, size_t pc, uint64_t writes) {
    struct net_machine *machine = sim_machine(sim, pc);
    dies_at(sim, sim_once_in(sim, 4) ? &machine->ring.fault : &machine->log.fault, writes);
}

/* Much has come in: the hub's writer takes it, judges it, and dies at one of its commits. */
static void crash_in_turn(struct sim *sim) {
    struct net_machine *hub = &sim->net.hub.machine;
    if (!net_up(hub) || sim->hub.full) return;
    sim->net.hub.halted = true;
    for (uint64_t i = 1 + sim_roll(sim, 4); i > 0 && !sim_over(sim); i--) {
        life_meet(sim);
        life_act(sim, any_store(sim));
    }
    sim->net.hub.halted = false;
    if (!net_up(hub)) return;
    sim_say(sim, "the hub will die in its turn");
    dies_at(sim, sim_once_in(sim, 4) ? &hub->ring.fault : &hub->log.fault, sim_roll(sim, 4));
    sim_pass(sim, 1000);
}

/* At the n-th write from now, before it or after it. */
static void crash_at_write(struct sim *sim) {
    size_t pc = sim_once_in(sim, 2) ? HUB_PC : any_store(sim);
    struct net_machine *machine = sim_machine(sim, pc);
    if (!net_up(machine) || sim_pc(sim, pc)->full) return;
    struct fault *fault = sim_once_in(sim, 3) ? &machine->ring.fault : &machine->log.fault;
    dies_at(sim, fault, sim_roll(sim, 6));
    sim_say(sim, "%s will die at a write", sim_name(sim, pc));
    for (uint64_t i = sim_roll(sim, 10); i > 0 && !sim_over(sim) && net_up(machine); i--) {
        life_act(sim, pc == HUB_PC ? any_store(sim) : pc);
        sim_pass(sim, (int64_t)sim_roll(sim, 2000));
    }
}

static void room_again(struct sim *sim, size_t pc) {
    struct net_machine *machine = sim_machine(sim, pc);
    sim_pc(sim, pc)->full = false;
    fault_plan(&machine->log.fault, 0, 0, 0);
    fault_plan(&machine->ring.fault, 0, 0, 0);
}

static void full_disk(struct sim *sim) {
    size_t pc = anybody(sim);
    struct net_machine *machine = sim_machine(sim, pc);
    if (!net_up(machine)) return;
    sim->tally.full_disks++;
    sim_say(sim, "the disk of %s is full", sim_name(sim, pc));
    sim_pc(sim, pc)->full = true;
    bool both = sim_once_in(sim, 2), ring = sim_once_in(sim, 2);
    machine->log.fault.after_all = machine->ring.fault.after_all = false;
    machine->log.fault.deadly = machine->ring.fault.deadly = false;
    if (both || !ring) fault_plan(&machine->log.fault, sim_roll(sim, 3), UINT64_MAX, ERR_NO_SPACE);
    if (both || ring) fault_plan(&machine->ring.fault, sim_roll(sim, 3), UINT64_MAX, ERR_NO_SPACE);
    sim_later(sim, for_a_while(sim), room_again, pc);
    for (uint64_t i = sim_roll(sim, 4); i > 0; i--) life_act(sim, any_store(sim));
}

static void clock_right(struct sim *sim, size_t pc) { sim_machine(sim, pc)->clock.skew = 0; }

/* Days or seconds, either way. */
static void clock_jump(struct sim *sim) {
    size_t pc = anybody(sim);
    int64_t reach = sim_once_in(sim, 2) ? 5 * DAY_MS : 5 * MINUTE_MS;
    sim->tally.jumps++;
    sim_machine(sim, pc)->clock.skew = (int64_t)sim_roll(sim, (uint64_t)(2 * reach)) - reach;
    sim_say(sim, "the clock of %s is %lld s ahead", sim_name(sim, pc),
            (long long)(sim_machine(sim, pc)->clock.skew / 1000));
    if (!sim_once_in(sim, 3)) sim_later(sim, for_a_while(sim), clock_right, pc);
}

static void goes_on(struct sim *sim, size_t pc) {
    if (pc == HUB_PC)
        sim->net.hub.halted = false;
    else
        sim->net.stores[pc].silent = false;
}

/* A program stands still and reads nothing: swapped out, or its disk takes for ever. */
static void stand_still(struct sim *sim) {
    size_t pc = any_store(sim);
    sim_say(sim, "%s stands still", sim_name(sim, pc));
    sim->net.stores[pc].silent = true;
    sim_later(sim, 1 + (int64_t)sim_roll(sim, (uint64_t)(3 * MINUTE_MS)), goes_on, pc);
}

/* The hub's writer does not get round to anything; stores send, lose patience, call again and send again. */
static void busy_hub(struct sim *sim) {
    sim_say(sim, "the hub is busy");
    sim->net.hub.halted = true;
    sim_later(sim, 2000 + (int64_t)sim_roll(sim, (uint64_t)(2 * MINUTE_MS)), goes_on, HUB_PC);
    for (uint64_t i = 2 + sim_roll(sim, 10); i > 0 && !sim_over(sim) && sim->net.hub.halted; i--) {
        size_t pc = any_store(sim);
        life_act(sim, pc);
        sim_pass(sim, (int64_t)sim_roll(sim, 1500));
        if (sim_once_in(sim, 2) && net_up(sim_machine(sim, pc))) net_store_hang_up(&sim->net.stores[pc]);
    }
}

/* ---- Strangers ---- */

static void garbage(struct sim *sim, struct peer *peer) {
    uint8_t bytes[300];
    size_t len = (size_t)sim_roll(sim, sizeof bytes);
    for (size_t i = 0; i < len; i++) bytes[i] = (uint8_t)sim_roll(sim, 256);
    if (peer->connection != NULL) transport_send(peer->connection, view_make(bytes, len));
}

/* Somebody who knows a store's number, and perhaps its join file, but has another key; says hello and pushes. */
static void impostor(struct sim *sim, struct peer *peer) {
    struct impostor impostor;
    size_t store = any_store(sim);
    peer_impostor(&impostor, &sim->net, store, (uint8_t)(1 + sim_roll(sim, 50)));
    impostor.shows_secret = sim_once_in(sim, 2) && sim->pcs[store].acked > 0; /* a secret that was used */
    uint64_t there = book_seq(sim->hub.book, impostor.signer.stream);
    if (sim_once_in(sim, 2) && there < 2000 && net_up(sim_machine(sim, store))) { /* it has seen the store's disk */
        impostor.token_number = sim->net.stores[store].uplink.token_number;
        memcpy(impostor.token, sim->net.stores[store].uplink.token, TOKEN_SIZE);
        impostor_write(&impostor, (uint32_t)there, 20);
    }
    impostor_write(&impostor, 3, 20);
    if (peer_knock(peer, &impostor) && peer_hello(peer, &impostor))
        sim_found(sim, KEYS_DECIDE, "an impostor of %s was welcomed", sim_name(sim, store));
    struct message push = impostor_push_all(&impostor);
    peer_post(peer, &push);
    impostor_release(&impostor);
}

static void stranger(struct sim *sim) {
    static struct peer peers[2];
    size_t count = 1 + (size_t)sim_roll(sim, 2);
    if (!net_up(&sim->net.hub.machine) || sim->net.hub.machine.cut || sim->net.hub.machine.log.fault.fails > 0 ||
        sim->net.hub.machine.ring.fault.fails > 0)
        return;
    sim->tally.strangers++;
    for (size_t i = 0; i < count; i++) {
        peer_dial(&peers[i], &sim->net);
        if (sim_once_in(sim, 2))
            garbage(sim, &peers[i]);
        else
            impostor(sim, &peers[i]);
    }
    sim_pass(sim, (int64_t)sim_roll(sim, 20000));
    for (size_t i = 0; i < count; i++) peer_close(&peers[i]);
}

/* ---- The region's own decisions ---- */

/* Who has a PC's disk can speak as the store. What he cannot do is change what is there, or leave it out: events that
 * do not continue the chain are not taken, whoever signs them. */
static void thief(struct sim *sim, size_t pc) {
    static struct peer peer;
    struct impostor impostor;
    struct net_store *store = &sim->net.stores[pc];
    struct signer stolen = store->machine.site->signer;
    struct head head;
    bool wrote = log_head(store->machine.site->log, stolen.stream, &head) == 0 && head.seq > 0;
    if (!wrote) return;
    peer_impostor(&impostor, &sim->net, pc, 1);
    impostor.signer = stolen;
    impostor.head = head;
    impostor.token_number = store->uplink.token_number;
    memcpy(impostor.token, store->uplink.token, TOKEN_SIZE);
    sim_say(sim, "%s is stolen", sim_name(sim, pc));
    sim_crash(sim, pc);
    peer_dial(&peer, &sim->net);
    if (peer_knock(&peer, &impostor) && peer_hello(&peer, &impostor)) {
        struct head other = {.stream = stolen.stream, .seq = impostor.next_seq - 1};
        impostor_write(&impostor, 3, 20);
        struct message push = impostor_push(&impostor, &other, 3, buf_view(&impostor.frames));
        peer_post(&peer, &push);
        sim_pass(sim, 2000);
    }
    peer_close(&peer);
    impostor_release(&impostor);
}

/* A PC is stolen, often while it is sending. */
static void revoke(struct sim *sim) {
    size_t pc = any_store(sim);
    struct net_machine *hub = &sim->net.hub.machine;
    if (sim->net.store_count + 2 >= NET_STORES || sim->pcs[pc].retired || !net_up(hub) || hub->log.fault.fails > 0 ||
        sim->hub_is_old || sim->pcs[pc].behind) /* what a lost hub had of it would be refused */
        return;
    sim->net.hub.halted = true; /* what it sends waits in ingest's queue */
    for (uint64_t i = 1 + sim_roll(sim, 5); i > 0; i--) life_act(sim, pc);
    sim_pass(sim, (int64_t)sim_roll(sim, 3000));
    sim->net.hub.halted = false;
    if (!image_quiet(sim, HUB_PC) || sim_over(sim)) return;
    bool waits = sim_once_in(sim, 2); /* still, when the word is given: else the hub has taken it by then */
    if (!waits && net_up(&sim->net.stores[pc].machine) && !hub->cut) thief(sim, pc);
    if (!image_quiet(sim, HUB_PC) || sim_over(sim)) return;
    sim_say(sim, "%s is revoked", sim_name(sim, pc));
    sim->tally.revocations++;
    net_revoke(&sim->net, sim->net.stores[pc].machine.config.stream);
    image_replace(sim, pc);
}

/* ---- The table ---- */

static const struct {
    uint64_t weight;
    void (*strike)(struct sim *sim);
} misfortunes[] = {
    {10, cut_line},           /* nothing passes for a while, on one line or on the hub's */
    {12, hang_up},            /* a line breaks, often in the middle of something */
    {8, bad_weather},         /* a line is slow, unsteady or narrow */
    {4, change_fate},         /* what becomes of messages on lines that break */
    {6, crash},               /* a process is killed */
    {20, crash_at_write},     /* it dies at a write: before it is durable, or after, but nobody was told */
    {14, crash_in_turn},      /* the same in the middle of the hub's work */
    {6, full_disk},           /* log, ring or both */
    {5, clock_jump},          /* seconds or days */
    {4, stand_still},         /* a store does not get round to its line */
    {6, busy_hub},            /* the hub does not get round to its queue */
    {4, stranger},            /* garbage and impostors */
    {2, revoke},              /* a PC is stolen, the store gets another one */
    {6, image_restore},       /* an old image of a PC's disk */
    {5, image_clone},         /* two PCs with one disk */
    {5, image_hub},           /* an old image of the hub's disk, put back to the newest one */
    {2, image_destroy},       /* a PC is gone with its disk, the store gets another one */
    {3, rebuild_hub},         /* an old image or a backup of the hub that goes on, or nothing of it but the root */
    {3, forgetting_old_ring}, /* an old copy of the hub's ring alone */
};

static uint64_t weight(const struct sim *sim, size_t i) {
    return misfortunes[i].weight * (misfortunes[i].strike == rebuild_hub ? sim->hub_losses : 1);
}

void misfortune_strike(struct sim *sim) {
    uint64_t all = 0;
    size_t i = 0;
    for (size_t k = 0; k < sizeof misfortunes / sizeof *misfortunes; k++) all += weight(sim, k);
    uint64_t drawn = sim_roll(sim, all);
    while (drawn >= weight(sim, i)) drawn -= weight(sim, i++);
    misfortunes[i].strike(sim);
}

void misfortune_mend_all(struct sim *sim) {
    sim_say(sim, "everything is mended");
    for (size_t i = 0; i <= sim->net.store_count; i++) {
        size_t pc = i == sim->net.store_count ? HUB_PC : i;
        mend_line(sim, pc);
        clear_up(sim, pc);
        goes_on(sim, pc);
        clock_right(sim, pc);
        if (!sim_machine(sim, pc)->dead) room_again(sim, pc);
    }
    mem_net_fate(sim->net.lines, 0, 0);
}
