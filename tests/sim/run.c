/* One life: a region of some stores lives for some days, each with its plan drawn from the seed; then everything is
 * mended, and within the hour it must be level and in order by itself. */
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "tests/sim/sim.h"

#define MOST_DAYS 12
#define LEVEL_WITHIN_MINUTES 90

struct sim *sim_running;

/* ---- Randomness of libsodium's own: sealed boxes and the like ---- */

static uint32_t drawn32(void) { return sim_running == NULL ? 4 : (uint32_t)sim_roll(sim_running, UINT64_C(1) << 32); }

static void drawn_bytes(void *const out, const size_t size) {
    uint8_t *bytes = out;
    for (size_t i = 0; i < size; i++) bytes[i] = (uint8_t)(drawn32() >> 7);
}

static const char *drawn_name(void) { return "simulated"; }

static void draw_everything(void) {
    static struct randombytes_implementation drawn = {
        .implementation_name = drawn_name, .random = drawn32, .buf = drawn_bytes};
    randombytes_set_implementation(&drawn);
}

/* ---- The plan of a day ---- */

struct entry {
    int64_t at; /* ms of the day */
    size_t order;
    sim_turn *turn;
    size_t pc;
};

struct day {
    struct entry *entries;
    size_t count, room;
};

static void plan(struct day *day, int64_t at, sim_turn *turn, size_t pc) {
    if (day->count == day->room) {
        day->room = day->room * 2 + 64;
        day->entries = mem_resize(day->entries, day->room * sizeof *day->entries);
    }
    day->entries[day->count] = (struct entry){at, day->count, turn, pc};
    day->count++;
}

static int by_time(const void *a, const void *b) {
    const struct entry *one = a, *other = b;
    if (one->at != other->at) return one->at < other->at ? -1 : 1;
    return (one->order > other->order) - (one->order < other->order);
}

static void open_shop(struct sim *sim, size_t pc) {
    sim->pcs[pc].open = true;
    if (!sim->pcs[pc].retired) sim_start(sim, pc);
}

static void close_shop(struct sim *sim, size_t pc) {
    sim->pcs[pc].open = false;
    if (net_up(&sim->net.stores[pc].machine)) {
        sim_say(sim, "%s is switched off", sim_name(sim, pc));
        net_store_stop(&sim->net.stores[pc]);
    }
    sim_bury(sim);
}

static void strike(struct sim *sim, size_t pc) {
    (void)pc;
    misfortune_strike(sim);
}

static int64_t hours(struct sim *sim, int64_t from, int64_t to) {
    return from * HOUR_MS + (int64_t)sim_roll(sim, (uint64_t)((to - from) * HOUR_MS));
}

/* Most PCs are on for some minutes at a time, so that a day is not all pings; some for hours, or all night. */
static void plan_shop(struct sim *sim, struct day *day, size_t pc) {
    bool long_day = sim_once_in(sim, 16);
    for (uint64_t i = long_day ? 1 : 1 + sim_roll(sim, 3); i > 0; i--) {
        int64_t from = hours(sim, 7, 18), to = from + (long_day ? hours(sim, 0, 6) : hours(sim, 0, 1) * 3 / 4);
        plan(day, from, open_shop, pc);
        if (!sim_once_in(sim, 20)) plan(day, to, close_shop, pc);
        for (uint64_t k = 1 + sim_roll(sim, 14); k > 0; k--)
            plan(day, from + (int64_t)sim_roll(sim, (uint64_t)(to - from) + 1), life_act, pc);
    }
}

static void plan_day(struct sim *sim, struct day *day, uint64_t fierce) {
    day->count = 0;
    for (size_t i = 0; i < sim->net.store_count; i++) {
        if (sim->pcs[i].retired) continue;
        plan_shop(sim, day, i);
    }
    for (uint64_t k = sim_roll(sim, 8); k > 0; k--) plan(day, hours(sim, 8, 18), life_act, HUB_PC);
    for (uint64_t k = sim_roll(sim, fierce + 1); k > 0; k--) plan(day, hours(sim, 7, 22), strike, HUB_PC);
    for (uint64_t k = sim_roll(sim, 3); k > 0; k--) plan(day, hours(sim, 8, 18), recover_some, HUB_PC);
    qsort(day->entries, day->count, sizeof *day->entries, by_time);
}

static void live_day(struct sim *sim, struct day *day, uint64_t fierce) {
    int64_t morning = sim->net.world.elapsed / DAY_MS * DAY_MS;
    plan_day(sim, day, fierce);
    for (size_t i = 0; i < day->count && !sim_over(sim); i++) {
        struct entry *entry = &day->entries[i];
        int64_t ms = morning + entry->at - sim->net.world.elapsed;
        if (ms > 0) sim_pass(sim, ms);
        if (!sim_over(sim)) entry->turn(sim, entry->pc);
    }
    int64_t left = morning + DAY_MS - sim->net.world.elapsed;
    if (left > 0) sim_pass(sim, left);
    sim->tally.days++;
}

/* ---- The end ---- */

/* NULL, or who is not where it should be: level, or, where its disk has parted from the hub's, refused for good. */
static const char *not_settled(struct sim *sim, size_t pc) {
    struct net_store *store = &sim->net.stores[pc];
    if (sim->pcs[pc].retired) return NULL;
    int code = store->uplink.trouble.code; /* one that was revoked besides hears of that first */
    bool refused = store->uplink.refused && (code == ERR_CONFLICT || code == ERR_FORKED || code == ERR_REVOKED);
    if (check_parted(sim, pc)) return refused ? NULL : "its log and the hub's have parted, and it was not told";
    if (net_store_level(store) || (refused && sim->pcs[pc].suspect)) return NULL;
    return "not level";
}

static void become_level(struct sim *sim) {
    const char *why = NULL;
    size_t who = 0;
    for (int minute = 0; minute < LEVEL_WITHIN_MINUTES && !sim_over(sim); minute++) {
        sim_pass(sim, MINUTE_MS);
        why = NULL;
        for (size_t i = 0; i < sim->net.store_count && why == NULL; i++) {
            why = not_settled(sim, i);
            who = i;
        }
        if (why == NULL) return;
    }
    if (why != NULL && !sim_over(sim))
        sim_found(sim, BECOMES_LEVEL, "%s: %s after %d minutes: %s", sim_name(sim, who), why, LEVEL_WITHIN_MINUTES,
                  sim->net.stores[who].uplink.trouble.text);
}

static void finish(struct sim *sim) {
    if (sim_over(sim)) return;
    for (size_t i = 0; i < sim->net.store_count; i++) sim->pcs[i].open = true;
    misfortune_mend_all(sim);
    while (!sim_over(sim) && sim_due(sim)) {
    }
    misfortune_mend_all(sim);
    sim_start(sim, HUB_PC);
    for (size_t i = 0; i < sim->net.store_count; i++)
        if (!sim->pcs[i].retired) sim_start(sim, i);
    become_level(sim);
    if (!sim_over(sim) && recover_all(sim)) become_level(sim);
    audit_level(sim);
}

/* ---- A life ---- */

/* The hub wrote before anybody looked on. */
static void catch_up(struct book *book, struct log *log) {
    struct log_iterator *it;
    struct record record;
    if (log->ops->iterate(log, &it, NULL) != 0) return;
    it->ops->seek(it, 1);
    while (it->ops->next(it, &record, NULL) == 0) {
        struct log_append append = {.id = record.id, .frame = record.frame};
        book_wrote(book, &(struct log_batch){.records = &append, .record_count = 1});
    }
    it->ops->close(it);
}

static void look_on(struct sim *sim) {
    for (size_t i = 0; i <= sim->net.store_count; i++) {
        size_t pc = i == sim->net.store_count ? HUB_PC : i;
        struct net_machine *machine = sim_machine(sim, pc);
        struct book *book = book_open(&sim->ledger, sim, pc, machine->config.stream);
        sim_pc(sim, pc)->book = book;
        catch_up(book, &machine->log.base);
        machine->log.wrote = book_wrote;
        machine->log.regrown = book_regrown;
        machine->log.witness = book;
    }
}

static struct sim *sim_open(const struct sim_options *options) {
    struct sim *sim = mem_alloc(sizeof *sim);
    struct sim_world draws;
    sim->seed = options->seed;
    sim->until = options->until == 0 ? UINT64_MAX : options->until;
    sim->hub_losses = options->hub_losses == 0 ? 1 : options->hub_losses;
    sim->trace = options->trace;
    sim_running = NULL;
    draw_everything();
    sim_world_init(&draws, options->seed);
    size_t stores = 2 + (size_t)sim_dice(&draws, sim_dice(&draws, 4) == 0 ? 19 : 5);
    region_net_open_with(&sim->net, options->seed, stores, options->trace);
    sim_running = sim;
    look_on(sim);
    life_begin(sim);
    return sim;
}

static void add_tally(struct tally *to, const struct tally *from) {
    uint64_t *sum = (uint64_t *)to;
    const uint64_t *more = (const uint64_t *)from;
    for (size_t i = 0; i < sizeof *to / sizeof *sum; i++) sum[i] += more[i];
}

static void sim_close(struct sim *sim, struct tally *tally, struct finding *finding) {
    sim->tally.seeds = 1;
    sim->tally.steps = sim->step;
    sim->tally.messages = sim->net.delivered;
    add_tally(tally, &sim->tally);
    *finding = sim->finding;
    for (size_t i = 0; i < sim->net.store_count; i++) net_image_release(&sim->pcs[i].recovery.aside);
    region_net_close(&sim->net);
    ledger_release(&sim->ledger);
    sim_running = NULL;
    free(sim);
}

static void narrow_queue(struct sim *sim) {
    sim->net.hub.queue_bytes = 600 + (sim_roll(sim, 200000) >> sim_roll(sim, 9));
    ingest_limit(sim->net.hub.ingest, sim->net.hub.queue_bytes);
}

bool sim_life(const struct sim_options *options, struct tally *tally, struct finding *finding) {
    struct sim *sim = sim_open(options);
    struct day day = {.count = 0};
    static const uint64_t fierceness[] = {0, 2, 6, 12, 24}; /* most misfortunes in a day */
    uint64_t days = 3 + sim_roll(sim, MOST_DAYS - 2), fierce = fierceness[sim_roll(sim, 5)];
    uint64_t audit_every = 2 + sim_roll(sim, 6);
    if (sim_once_in(sim, 3)) narrow_queue(sim);
    for (uint64_t i = 0; i < days && !sim_over(sim); i++) {
        live_day(sim, &day, fierce);
        if (i % audit_every == audit_every - 1) audit(sim);
    }
    finish(sim);
    free(day.entries);
    bool sound = sim->finding.invariant == SOUND;
    sim_close(sim, tally, finding);
    return sound;
}
