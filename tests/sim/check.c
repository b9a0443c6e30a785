/* What is looked at after every step: cheap, so that a finding names the step it happened in. */
#include "tests/sim/sim.h"

#define EVERY 64 /* steps between two looks at what changes slowly */
#define CALM_MS (12 * MINUTE_MS)
#define LOOK_MS (3 * MINUTE_MS) /* of a longer time between two looks nobody knows how calm it was */
#define CONNECTIONS_EACH 8      /* lines of one PC that may be there at once: new, old, and left over by strangers */

bool check_parted(const struct sim *sim, size_t pc) {
    uint32_t stream = sim->net.stores[pc].machine.config.stream;
    uint64_t there = book_seq(sim->hub.book, stream);
    return there > 0 && book_mark(sim->pcs[pc].book, stream, there) != book_mark(sim->hub.book, stream, there);
}

/* 1: what the store takes for acked is at the hub, the same bytes. */
static void check_acked(struct sim *sim, size_t pc, struct pc *mine) {
    const struct net_store *store = &sim->net.stores[pc];
    uint32_t stream = store->machine.config.stream;
    uint64_t acked = store->uplink.acked;
    if (acked != mine->acked && acked > 0 && !sim->hub_is_old && !mine->behind) {
        uint64_t there = book_mark(sim->hub.book, stream, acked);
        if (there == 0)
            sim_found(sim, ACKED_IS_KEPT, "%s was told that the hub has its events up to %llu; it has %llu",
                      sim_name(sim, pc), (unsigned long long)acked,
                      (unsigned long long)book_seq(sim->hub.book, stream));
        else if (there != book_mark(mine->book, stream, acked))
            sim_found(sim, FORKS_ARE_SEEN, "%s took an ack for %llu, where the hub has other events than it",
                      sim_name(sim, pc), (unsigned long long)acked);
    }
    mine->acked = acked;
    if (mine->behind) return;
    if (store->uplink.run_count == 0 && acked > mine->settled) mine->settled = acked;
}

/* 5: who dials with a log that has parted from the hub's is not welcomed. */
static void check_welcome(struct sim *sim, size_t pc, struct pc *mine) {
    enum uplink_state state = sim->net.stores[pc].uplink.state;
    if (state == mine->state) return;
    if (state == UPLINK_DIALLING) mine->doomed = check_parted(sim, pc);
    if (state == UPLINK_OPEN && mine->doomed && !sim->hub_is_old)
        sim_found(sim, FORKS_ARE_SEEN, "%s was welcomed, though its log and the hub's had parted", sim_name(sim, pc));
    mine->state = state;
}

/* 7: queues are bounded, whoever misbehaves. */
static void check_bounds(struct sim *sim) {
    size_t connections, bytes;
    mem_net_load(sim->net.lines, &connections, &bytes);
    if (connections > CONNECTIONS_EACH * (sim->net.store_count + 8))
        sim_found(sim, WITHIN_BOUNDS, "%zu connections for %zu stores", connections, sim->net.store_count);
    if (bytes > connections * TRANSPORT_QUEUE_MAX)
        sim_found(sim, WITHIN_BOUNDS, "%zu bytes wait on %zu connections", bytes, connections);
    if (!net_up(&sim->net.hub.machine)) return;
    size_t allowed = sim->net.hub.queue_bytes != 0 ? sim->net.hub.queue_bytes : INGEST_QUEUE_BYTES, items;
    size_t waiting = ingest_waiting(sim->net.hub.ingest, &items);
    if (waiting > allowed && items > 1) /* one that is larger than the queue may stand in it alone */
        sim_found(sim, WITHIN_BOUNDS, "%zu bytes wait for ingest, %zu are allowed", waiting, allowed);
    if (sim->net.hub.desk.sessions.count > sim->net.store_count)
        sim_found(sim, WITHIN_BOUNDS, "the desk keeps %zu sessions", sim->net.hub.desk.sessions.count);
}

static bool disturbed(const struct net_machine *machine) {
    return !net_up(machine) || machine->cut || machine->weather.delay_ms > 0 || machine->weather.jitter_ms > 0 ||
           machine->weather.bytes_per_ms > 0 || machine->log.fault.fails > 0 || machine->ring.fault.fails > 0;
}

/* 4: the hub's digest came down the line and was another one. All will be told anew, but it should not have happened;
 * only after a clock was corrected may a store lack what it had no part in until then. */
static void check_told(struct sim *sim, size_t pc, struct pc *mine) {
    bool differs = sim->net.stores[pc].uplink.feed.differs;
    mine->misled = differs && (mine->misled || sim->net.world.elapsed < sim->incomplete_until);
    bool excused = mine->suspect || mine->retired || sim->hub_is_old || sim->corrected || mine->misled;
    if (excused || !differs) return;
    explain_people(sim, pc);
    sim_found(sim, LEVEL_AGREES, "%s was level and knew its people otherwise than the hub", sim_name(sim, pc));
}

/* 8: where nothing is in the way a store is level, or soon will be. */
static void check_calm(struct sim *sim) {
    int64_t now = sim->net.world.elapsed, past = now - sim->looked;
    sim->looked = now;
    bool hub = disturbed(&sim->net.hub.machine) || sim->net.hub.halted || sim->hub_is_old || rebuild_goes_on(sim);
    for (size_t i = 0; i < sim->net.store_count; i++) {
        const struct net_store *store = &sim->net.stores[i];
        struct pc *pc = &sim->pcs[i];
        bool excused = hub || disturbed(&store->machine) || store->silent || pc->retired || pc->suspect;
        pc->calm = excused || uplink_level(&store->uplink) ? 0 : pc->calm + (past < LOOK_MS ? past : LOOK_MS);
        if (pc->calm > CALM_MS)
            sim_found(sim, BECOMES_LEVEL, "%s is not level after %lld minutes without any trouble: %s",
                      sim_name(sim, i), (long long)(CALM_MS / MINUTE_MS), store->uplink.trouble.text);
    }
}

/* 2: whoever gave the same name and number in two stores is one person and counts once, as soon as it was judged. */
static void check_person(struct sim *sim, const struct person *person) {
    const struct model *model = sim->net.hub.machine.site->model;
    uint64_t first = 0;
    for (size_t i = 0; i < person->id_count && !person->disturbed; i++) {
        if (model_customer(model, person->ids[i]) != CUSTOMER_KNOWN) continue;
        uint64_t shown = model_person(model, person->ids[i]);
        if (first != 0 && shown != first) explain_twice(sim, person->ids, person->id_count);
        if (first != 0 && shown != first)
            sim_found(sim, IN_ORDER_ONCE, "%s registered twice with the same number and counts as two", person->name);
        first = shown;
    }
}

static void check_people(struct sim *sim) {
    if (!net_up(&sim->net.hub.machine) || sim->hub_is_old || sim->net.world.elapsed < sim->incomplete_until) return;
    if (sim->net.hub.judge.position < log_tip(sim->net.hub.machine.site->log)) return;
    for (size_t i = 0; i < sim->people_count; i++) check_person(sim, &sim->people[i]);
}

void check_step(struct sim *sim) {
    rebuild_look(sim);
    for (size_t i = 0; i < sim->net.store_count; i++) {
        if (!net_up(&sim->net.stores[i].machine)) continue;
        check_acked(sim, i, &sim->pcs[i]);
        check_welcome(sim, i, &sim->pcs[i]);
        check_told(sim, i, &sim->pcs[i]);
    }
    if (sim->step % EVERY != 0) return;
    check_bounds(sim);
    check_calm(sim);
    check_people(sim);
}
