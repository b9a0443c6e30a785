/* The world: one step after the other, time where nothing moves, and when the dead get up again. */
#include <stdarg.h>
#include <string.h>

#include "tests/sim/sim.h"

#define GRAIN_MS 5000    /* nobody looks at a clock more often when all is quiet */
#define RESTLESS 2000000 /* steps without time passing: a loop */

struct net_machine *sim_machine(struct sim *sim, size_t pc) {
    return pc == HUB_PC ? &sim->net.hub.machine : &sim->net.stores[pc].machine;
}

struct pc *sim_pc(struct sim *sim, size_t pc) {
    return pc == HUB_PC ? &sim->hub : &sim->pcs[pc];
}

uint64_t sim_roll(struct sim *sim, uint64_t sides) { return sim_dice(&sim->net.world, sides); }
bool sim_once_in(struct sim *sim, uint64_t times) { return sim_roll(sim, times) == 0; }
bool sim_over(const struct sim *sim) { return sim->finding.invariant != SOUND || sim->step >= sim->until; }

const char *sim_name(struct sim *sim, size_t pc) {
    static char names[4][32];
    static unsigned next;
    if (pc == HUB_PC) return "the hub";
    char *name = names[next++ % 4];
    snprintf(name, sizeof names[0], "%s (pc %zu)", sim->net.stores[pc].machine.config.store, pc);
    return name;
}

static void say(struct sim *sim, const char *format, va_list arguments) __attribute__((format(printf, 2, 0)));
static void say(struct sim *sim, const char *format, va_list arguments) {
    int64_t at = sim->net.world.elapsed;
    fprintf(sim->trace, "step %llu day %lld %02lld:%02lld:%02lld.%03lld  ", (unsigned long long)sim->step,
            (long long)(at / DAY_MS), (long long)(at / HOUR_MS % 24), (long long)(at / MINUTE_MS % 60),
            (long long)(at / 1000 % 60), (long long)(at % 1000));
    vfprintf(sim->trace, format, arguments);
    fputc('\n', sim->trace);
}

void sim_say(struct sim *sim, const char *format, ...) {
    if (sim->trace == NULL) return;
    va_list arguments;
    va_start(arguments, format);
    say(sim, format, arguments);
    va_end(arguments);
}

/* The first finding stands: what follows from it is of no interest. */
void sim_found(struct sim *sim, enum invariant invariant, const char *format, ...) {
    if (sim->finding.invariant != SOUND) return;
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(sim->finding.text, sizeof sim->finding.text, format, arguments);
    va_end(arguments);
    sim->finding.invariant = invariant;
    sim->finding.step = sim->step;
    sim->finding.elapsed = sim->net.world.elapsed;
    sim_say(sim, "FOUND: invariant %d: %s", invariant, sim->finding.text);
}

/* ---- Timers ---- */

void sim_later(struct sim *sim, int64_t ms, sim_turn *turn, size_t pc) {
    size_t i = 0;
    while (i < TIMERS && sim->timers[i].turn != NULL) i++;
    if (i == TIMERS) { /* so much is planned already that this may as well happen now */
        turn(sim, pc);
        return;
    }
    sim->timers[i] = (struct timer){sim->net.world.elapsed + ms, turn, pc};
}

static struct timer *first_timer(struct sim *sim) {
    struct timer *first = NULL;
    for (size_t i = 0; i < TIMERS; i++) {
        struct timer *each = &sim->timers[i];
        if (each->turn != NULL && (first == NULL || each->at < first->at)) first = each;
    }
    return first;
}

static bool ring(struct sim *sim, int64_t until) {
    struct timer *first = first_timer(sim);
    if (first == NULL || first->at > until) return false;
    struct timer now = *first;
    first->turn = NULL;
    now.turn(sim, now.pc);
    return true;
}

bool sim_due(struct sim *sim) { return ring(sim, INT64_MAX); }

/* ---- Going down and getting up ---- */

void sim_start(struct sim *sim, size_t pc) {
    struct net_machine *machine = sim_machine(sim, pc);
    if (machine->site != NULL) return;
    sim_say(sim, "%s starts", sim_name(sim, pc));
    if (pc == HUB_PC) {
        net_hub_start(&sim->net);
        return;
    }
    net_store_start(&sim->net.stores[pc]);
    sim->pcs[pc].state = UPLINK_DOWN;
    sim->pcs[pc].acked = 0;
    if (sim->net.stores[pc].uplink.acked < sim->pcs[pc].settled && !sim->hub_is_old)
        sim_found(sim, ACKED_IS_KEPT, "%s knew its events up to %llu acked and durable; started anew it knows of %llu",
                  sim_name(sim, pc), (unsigned long long)sim->pcs[pc].settled,
                  (unsigned long long)sim->net.stores[pc].uplink.acked);
}

/* The hub comes back as soon as somebody notices; a store's PC when the shop is open. */
static void get_up(struct sim *sim, size_t pc) {
    if (pc == HUB_PC || (sim->pcs[pc].open && !sim->pcs[pc].retired)) sim_start(sim, pc);
}

void sim_crash(struct sim *sim, size_t pc) {
    struct net_machine *machine = sim_machine(sim, pc);
    if (machine->site == NULL) return;
    sim_say(sim, "%s crashes%s", sim_name(sim, pc), machine->dead ? " at a write" : "");
    sim->tally.crashes++;
    if (pc == HUB_PC)
        net_hub_crash(&sim->net);
    else
        net_store_crash(&sim->net.stores[pc]);
    sim_later(sim, 1000 + (int64_t)sim_roll(sim, (uint64_t)(sim_once_in(sim, 5) ? 3 * HOUR_MS : 5 * MINUTE_MS)), get_up,
              pc);
}

void sim_bury(struct sim *sim) {
    if (sim->net.hub.machine.dead) sim_crash(sim, HUB_PC);
    for (size_t i = 0; i < sim->net.store_count; i++)
        if (sim->net.stores[i].machine.dead) sim_crash(sim, i);
}

/* ---- Steps and time ---- */

static bool step(struct sim *sim) {
    sim->step++;
    bool moved = net_step(&sim->net);
    sim_bury(sim);
    check_step(sim);
    return moved;
}

/* All that happens without time passing. Twice nothing: each site took a turn with certainty. */
static void settle(struct sim *sim) {
    uint64_t start = sim->step;
    for (int still = 0; still < 2 && !sim_over(sim);) {
        bool moved = false;
        while (!sim_over(sim) && step(sim)) moved = true;
        if (sim_over(sim)) return;
        sim->step++;
        if (net_turns(&sim->net)) moved = true;
        sim_bury(sim);
        check_step(sim);
        still = moved ? 0 : still + 1;
        if (sim->step - start > RESTLESS) sim_found(sim, BECOMES_LEVEL, "the region runs in circles");
    }
}

static int64_t next_due(struct sim *sim) {
    int64_t now = sim->net.world.elapsed, due = mem_net_due(sim->net.lines);
    for (size_t i = 0; i < sim->net.store_count; i++) {
        struct net_store *store = &sim->net.stores[i];
        if (!net_up(&store->machine) || store->silent) continue;
        uplink_clock(&store->uplink, now);
        int64_t at = now + uplink_due(&store->uplink);
        if (at < due) due = at;
    }
    return due;
}

void sim_pass(struct sim *sim, int64_t ms) {
    int64_t until = sim->net.world.elapsed + ms;
    while (!sim_over(sim)) {
        settle(sim);
        if (sim_over(sim) || (ring(sim, sim->net.world.elapsed))) continue;
        int64_t now = sim->net.world.elapsed;
        if (now >= until) break;
        int64_t due = next_due(sim), lines = mem_net_due(sim->net.lines);
        if (due > now + 2000 || lines > now + 2000) due = due < now + GRAIN_MS ? now + GRAIN_MS : due;
        const struct timer *timer = first_timer(sim);
        if (timer != NULL && timer->at < due) due = timer->at;
        if (due > until) due = until;
        sim->net.world.elapsed = due > now ? due : now + 1;
    }
}
