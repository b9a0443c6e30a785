/* Wrong clocks: the judge on a store that was off line, and what the store does when it hears of it. */
#include <string.h>

#include "tests/support/level_region.h"

#define HOUR INT64_C(3600000)
#define DAY (24 * HOUR)
#define TEN_YEARS (3652 * DAY)

static struct region_net net;
static struct site *hub;
static struct net_store *store;

static void prepare(void) {
    region_net_open(&net, 1, 2);
    hub = net.hub.machine.site;
    store = &net.stores[0];
}

static void done(void) { region_net_close(&net); }

TestSuite(judge_clocks, .init = prepare, .fini = done);

static void level(void) { SOUND(region_net_agree(&net)); }

static void off_line(void) {
    net_store_hang_up(store);
    store->silent = true;
    net_settle(&net);
}

static void on_line(void) {
    store->silent = false;
    level();
}

static uint64_t sell(void) {
    net.world.elapsed += 60000;
    uint64_t id = trade_sell(store->machine.site, 0, 1000);
    cr_assert_neq(id, 0, "%s", trade_error()->text);
    return id;
}

static int64_t truth(void) { return SIM_START + net.world.elapsed; }

static uint64_t hlc(struct site *site, uint64_t id, bool corrected) {
    struct buf copy = BUF_INIT;
    struct record record;
    struct event event;
    cr_assert_eq(log_get_id(site->log, id, &record, &copy, NULL), 0);
    cr_assert_eq(event_decode(record.frame, &event, NULL), EVENT_GOOD);
    buf_release(&copy);
    return corrected ? model_hlc(site->model, id, &event) : event.hlc;
}

static int64_t told(uint64_t id) { return (int64_t)(hlc(hub, id, true) >> 16); }

static size_t corrections(void) {
    struct clock_state clock;
    size_t count = 0;
    while (model_clock_at(hub->model, store->machine.config.stream, count, &clock)) count++;
    return count;
}

#define NEAR(a, b) (llabs((a) - (b)) <= 2000)

Test(judge_clocks, ahead_while_off_line) {
    net_stores_start(&net);
    uint64_t before = sell();
    level();
    off_line();
    uint64_t right = sell();
    int64_t right_at = truth();
    net_pass(&net, HOUR);
    store->machine.clock.skew += 3 * DAY;
    uint64_t wrong = sell();
    int64_t wrong_at = truth();
    net_pass(&net, 5 * HOUR);
    uint64_t later = sell();
    int64_t later_at = truth();
    net_pass(&net, HOUR);
    on_line();
    cr_assert_eq(corrections(), 1);
    cr_assert(NEAR(told(right), right_at) && NEAR(told(wrong), wrong_at) && NEAR(told(later), later_at));
    cr_assert_lt(told(before), told(right));
    cr_assert(NEAR((int64_t)(hlc(hub, wrong, false) >> 16), wrong_at + 3 * DAY), "as written, too");
    struct visit visit;
    cr_assert_eq(visit_load(hub, store->machine.config.stream, &visit, NULL), 0);
    cr_assert(NEAR(visit.skew_ms, 3 * DAY));
    /* Judged once. */
    struct err err = {.code = 0};
    uint64_t tip = log_tip(hub->log);
    net_hub_crash(&net);
    net_hub_start(&net);
    hub = net.hub.machine.site;
    net.hub.judge.position = 0;
    while (judge_step(&net.hub.judge, &err) > 0) {
    }
    level();
    cr_assert_eq(log_tip(hub->log), tip);
}

/* A dead battery: it starts in 2010, and is put into service off line. */
Test(judge_clocks, behind_from_the_first_day) {
    store->machine.clock.skew = -15 * 365 * DAY;
    net_stores_start(&net);
    off_line();
    uint64_t a = sell();
    int64_t a_at = truth();
    net_pass(&net, 30 * DAY);
    uint64_t b = sell();
    int64_t b_at = truth();
    on_line();
    cr_assert_eq(corrections(), 1);
    cr_assert(NEAR(told(a), a_at) && NEAR(told(b), b_at));
    uint64_t c = sell();
    level();
    cr_assert(NEAR(told(c), truth()), "it goes by the hub's clock now");
    cr_assert_eq(corrections(), 1);
}

/* A clock that is wrong by the same all the time is corrected by the store itself. */
Test(judge_clocks, known_skew_is_no_drift) {
    store->machine.clock.skew = -5 * HOUR;
    net_stores_start(&net);
    level();
    for (int i = 0; i < 3; i++) {
        off_line();
        uint64_t id = sell();
        int64_t at = truth();
        net_pass(&net, DAY);
        on_line();
        cr_assert(NEAR(told(id), at));
    }
    cr_assert_eq(corrections(), 0);
}

/* The hub's word as the feed brings it. */
static void hear_hub(struct site *site) {
    struct head head, held = {.seq = 0};
    struct buf copy = BUF_INIT;
    struct err err = {.code = 0};
    uint32_t stream = hub->config.stream;
    cr_assert_eq(log_head(hub->log, stream, &head), 0);
    if (log_head(site->log, stream, &held) != 0) held.seq = 0;
    for (uint64_t seq = held.seq + 1; seq <= head.seq; seq++) {
        struct record record;
        buf_clear(&copy);
        cr_assert_eq(log_get_id(hub->log, id_make(stream, seq), &record, &copy, NULL), 0);
        struct log_append append = {.id = record.id, .frame = record.frame};
        if (seq == 1)
            chain_start(stream, hub->signer.public_key, held.chain);
        else
            cr_assert_eq(log_head(site->log, stream, &held), 0);
        held = (struct head){.stream = stream, .seq = seq, .chain = {0}};
        struct head before;
        uint8_t chain[CHAIN_SIZE];
        if (log_head(site->log, stream, &before) == 0)
            memcpy(chain, before.chain, CHAIN_SIZE);
        else
            chain_start(stream, hub->signer.public_key, chain);
        chain_next(chain, record.frame);
        memcpy(held.chain, chain, CHAIN_SIZE);
        struct taking taking = {.records = &append, .record_count = 1, .heads = &held, .head_count = 1};
        mutex_lock(&site->writer);
        int code = site_take(site, &taking, &err);
        mutex_unlock(&site->writer);
        cr_assert_eq(code, 0, "%s", err.text);
    }
    buf_release(&copy);
}

/* Ten years ahead and back within a minute: the hlc stands, it neither goes back nor runs away; the hub sets it right,
 * and with its word the store's clock starts again from corrected time. */
Test(judge_clocks, restart_behind_a_correction) {
    net_stores_start(&net);
    sell();
    level();
    off_line();
    store->machine.clock.skew += TEN_YEARS;
    uint64_t wild = sell();
    store->machine.clock.skew -= TEN_YEARS;
    uint64_t last = wild;
    for (int i = 0; i < 100; i++) {
        uint64_t next = sell();
        cr_assert_gt(hlc(store->machine.site, next, false), hlc(store->machine.site, last, false));
        last = next;
    }
    cr_assert_eq(hlc(store->machine.site, last, false), hlc(store->machine.site, wild, false) + 100, "it stands");
    on_line();
    cr_assert_eq(corrections(), 1);
    cr_assert(NEAR(told(last), truth()));
    cr_assert_gt(told(last) + 2000, told(wild));
    uint64_t restarted = sell();
    int64_t restarted_at = truth();
    cr_assert(NEAR((int64_t)(hlc(store->machine.site, restarted, false) >> 16), restarted_at));
    cr_assert_gt(hlc(store->machine.site, restarted, true), hlc(store->machine.site, last, true));
    /* Once: from there on it does not go back, also over a restart of the program. */
    net_store_stop(store);
    net_store_start(store);
    uint64_t after = sell();
    cr_assert_gt(hlc(store->machine.site, after, false), hlc(store->machine.site, restarted, false));
    cr_assert(net_level(&net));
    net_settle(&net);
    cr_assert(NEAR(told(restarted), restarted_at));
    cr_assert_eq(corrections(), 1);
}

/* What others write is heard: who answers it is later than it, unless its clock is far ahead. */
Test(judge_clocks, hearing_others) {
    struct site *site = store->machine.site;
    net_stores_start(&net);
    site = store->machine.site;
    store->machine.clock.skew = -20000;
    uint64_t first = trade_sell(hub, 0, 1000);
    hear_hub(site);
    uint64_t answer = sell();
    cr_assert_gt(hlc(site, answer, false), hlc(hub, first, false));
    net.hub.machine.clock.skew = TEN_YEARS;
    trade_sell(hub, 0, 1000);
    hear_hub(site);
    uint64_t next = sell();
    cr_assert_lt((int64_t)(hlc(site, next, false) >> 16), truth() + 120000);
    net.hub.machine.clock.skew = 0;
}

/* The hub's own clock falls back by a day for a while: no store is blamed for it. */
Test(judge_clocks, the_hubs_own_clock) {
    net_stores_start(&net);
    sell();
    level();
    off_line();
    uint64_t a = sell();
    int64_t a_at = truth();
    net_pass(&net, HOUR);
    net.hub.machine.clock.skew = -DAY;
    on_line();
    cr_assert_eq(corrections(), 0);
    cr_assert(NEAR(told(a), a_at));
    off_line();
    uint64_t b = sell(); /* by the hub's clock as the store was told: it does not go back */
    net.hub.machine.clock.skew = 0;
    net_pass(&net, HOUR);
    on_line();
    cr_assert_leq(told(a), told(b));
    cr_assert_leq(told(b), truth());
}

/* A store that keeps jumping does not have the hub fold all day. */
Test(judge_clocks, bounded) {
    net_stores_start(&net);
    sell();
    level();
    for (int i = 0; i < 10; i++) {
        off_line();
        store->machine.clock.skew += 3 * DAY;
        sell();
        net_pass(&net, 600000);
        on_line();
    }
    cr_assert_leq(corrections(), 4);
    cr_assert_geq(corrections(), 1);
}
