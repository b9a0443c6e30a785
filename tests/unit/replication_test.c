/* Stores and a hub, whole: what is sold at a store arrives once, byte for byte and readable, whatever breaks between.
 * */
#include <string.h>

#include "tests/support/level_region.h"

static struct region_net net;

static void done(void) { region_net_close(&net); }

TestSuite(replication, .fini = done);

static void sound(void) { SOUND(region_net_check(&net)); }

static void level(void) {
    if (!net_level(&net)) {
        fflush(net.journal);
        cr_assert_fail("not level:\n%s", net.journal_text);
    }
    sound();
    for (size_t i = 0; i < net.store_count; i++)
        cr_assert_eq(net_seq_at_hub(&net, &net.stores[i]), net_seq(&net.stores[i]), "store %zu", i);
}

/* A customer, sales of hers and of nobody's, and something sealed about her. */
static uint64_t trade_some(struct net_store *store, size_t sales) {
    struct site *site = store->machine.site;
    uint64_t kim = trade_register(site, (struct person_card){.name = "김단골", .phone = "010-1234-5678"});
    cr_assert_neq(kim, 0, "%s", trade_error()->text);
    cr_assert(trade_day(site, kim, sales), "%s", trade_error()->text);
    cr_assert_neq(trade_contact(site, kim, 0, "happy with the coat"), 0, "%s", trade_error()->text);
    return kim;
}

Test(replication, join_and_level) {
    region_net_open(&net, 1, 2);
    net_stores_start(&net);
    level();
    cr_assert_eq(net_seq(&net.stores[0]), 0);
    uint64_t kim = trade_some(&net.stores[0], 20);
    trade_some(&net.stores[1], 5);
    level();
    cr_assert(net_journal_says(&net, "store S1 joined as stream 65537"));
    cr_assert(desk_connected(&net.hub.desk, 65537));
    cr_assert(desk_connected(&net.hub.desk, 65538));
    cr_assert(!desk_connected(&net.hub.desk, 65539));
    cr_assert_neq(trade_sell(net.stores[0].machine.site, kim, 5000), 0);
    level();
    net_pass(&net, 10 * 60 * 1000);
    cr_assert(net_store_level(&net.stores[0]), "pings keep an idle line");
    cr_assert_eq(net.stores[0].uplink.token_number, 1, "it is still the first connection");
}

Test(replication, written_before_the_first_contact) {
    region_net_open(&net, 2, 1);
    net_store_start(&net.stores[0]);
    net_hub_crash(&net);
    trade_some(&net.stores[0], 50);
    net_pass(&net, 60 * 1000);
    cr_assert(!net_store_level(&net.stores[0]));
    cr_assert_neq(net.stores[0].uplink.trouble.code, 0);
    cr_assert(!net.stores[0].uplink.refused);
    net_hub_start(&net);
    level();
    cr_assert_eq(net.stores[0].uplink.trouble.code, 0);
}

Test(replication, backlog_of_many_batches) {
    region_net_open(&net, 3, 1);
    net_store_start(&net.stores[0]);
    net.stores[0].silent = true;
    for (int i = 0; i < 10; i++) trade_some(&net.stores[0], 5000);
    net.stores[0].silent = false;
    level();
    cr_assert_eq(net_seq_at_hub(&net, &net.stores[0]), 50020);
    cr_assert(net_journal_says(&net, "store S1 joined"));
    cr_assert(!net_journal_says(&net, "gap"));
    cr_assert(!net_journal_says(&net, "refused"));
}

/* Big frames: a PUSH ends by its bytes, the credit by theirs. */
Test(replication, big_events) {
    region_net_open(&net, 4, 1);
    net_store_start(&net.stores[0]);
    net.stores[0].silent = true;
    struct site *site = net.stores[0].machine.site;
    static char note[4001];
    for (size_t i = 0; i < sizeof note - 1; i++) note[i] = (char)('a' + sim_dice(&net.world, 26));
    uint64_t kim = trade_register(site, (struct person_card){.name = "Kim"});
    for (int i = 0; i < 2000; i++) cr_assert_neq(trade_contact(site, kim, 0, note), 0);
    net.stores[0].silent = false;
    level();
}

/* Many keys: a PUSH ends before its box of keys is full. */
Test(replication, many_registrations) {
    region_net_open(&net, 5, 1);
    net_store_start(&net.stores[0]);
    net.stores[0].silent = true;
    char card[24];
    for (int i = 0; i < CARRIED_KEYS_MAX + 10; i++) {
        snprintf(card, sizeof card, "C%d", i);
        cr_assert_neq(trade_register(net.stores[0].machine.site, (struct person_card){.card = card}), 0);
    }
    net.stores[0].silent = false;
    level();
}

/* ---- The line breaks after every message there is ---- */

enum cut { HANG_UP_AT_STORE, HANG_UP_AT_HUB, HUB_DIES, STORE_DIES, NET_IS_DOWN, CUTS };

static void cut_line(enum cut cut) {
    struct net_store *store = &net.stores[0];
    switch (cut) {
    case HANG_UP_AT_STORE: net_store_hang_up(store); break;
    case HANG_UP_AT_HUB: /* what the hub had sent is lost with it */
        net_hub_stop(&net);
        net_hub_start(&net);
        break;
    case HUB_DIES:
        net_hub_crash(&net);
        net_hub_start(&net);
        break;
    case STORE_DIES:
        net_store_crash(store);
        net_store_start(store);
        break;
    default: /* nothing passes; both sides have to find out by the silence */
        mem_net_cut(net.lines, true);
        net_pass(&net, 5 * 60 * 1000);
        mem_net_cut(net.lines, false);
        break;
    }
}

/* Joins, pushes three batches, sells something more; cut after `k` things happened on the line. False: it never came to
 * the cut. */
static bool play(uint64_t seed, uint64_t k, enum cut cut) {
    bool come = false;
    region_net_open(&net, seed, 1);
    net_store_start(&net.stores[0]);
    net.stores[0].silent = true;
    trade_some(&net.stores[0], PUSH_EVENTS + 5);
    trade_some(&net.stores[0], 10);
    net.stores[0].silent = false;
    bool more = true;
    for (int idle = 0; idle < 20;) {
        if (!come && net.delivered >= k) {
            come = true;
            cut_line(cut);
            sound();
        }
        idle = net_step(&net) ? 0 : idle + 1;
        if (more && net.delivered >= 12) {
            more = false;
            trade_some(&net.stores[0], 3);
        }
    }
    level();
    cr_assert_eq(net_seq_at_hub(&net, &net.stores[0]), PUSH_EVENTS + 5 + 10 + (more ? 0 : 3) + (more ? 4 : 6));
    region_net_close(&net);
    return come;
}

static void play_all(enum cut cut) {
    uint64_t k = 1;
    while (play(100 + k, k, cut)) k++;
    cr_assert_gt(k, 10, "it took only %zu messages", (size_t)k);
    region_net_open(&net, 1, 0); /* for `done` */
}

Test(replication, cut_at_every_message_by_the_store) { play_all(HANG_UP_AT_STORE); }
Test(replication, cut_at_every_message_by_the_hub) { play_all(HANG_UP_AT_HUB); }
Test(replication, hub_dies_at_every_message) { play_all(HUB_DIES); }
Test(replication, store_dies_at_every_message) { play_all(STORE_DIES); }
Test(replication, net_goes_down_at_every_message) { play_all(NET_IS_DOWN); }

/* Again and again, anywhere, with several stores that go on selling. */
Test(replication, everything_breaks_all_the_time) {
    for (uint64_t seed = 1; seed <= 12; seed++) {
        region_net_open(&net, 1000 + seed, 3);
        net_stores_start(&net);
        for (int round = 0; round < 60; round++) {
            struct net_store *store = &net.stores[sim_dice(&net.world, 3)];
            trade_some(store, sim_dice(&net.world, 40));
            for (uint64_t steps = sim_dice(&net.world, 30); steps > 0; steps--) net_step(&net);
            switch (sim_dice(&net.world, 6)) {
            case 0: net_store_hang_up(store); break;
            case 1:
                net_store_crash(store);
                net_store_start(store);
                break;
            case 2:
                net_hub_crash(&net);
                net_hub_start(&net);
                break;
            case 3: net_pass(&net, (int64_t)sim_dice(&net.world, 100000)); break;
            default: break;
            }
            if (round % 20 == 0) sound();
        }
        level();
        region_net_close(&net);
    }
    region_net_open(&net, 1, 0);
}

/* ---- A clock that is wrong, and is told so ---- */

Test(replication, hub_corrects_the_clock_of_a_store) {
    region_net_open(&net, 6, 1);
    struct net_store *store = &net.stores[0];
    store->machine.clock.skew = 3600 * 1000;
    net_store_start(store);
    level();
    cr_assert_eq(site_now(store->machine.site), env_now(&net.hub.machine.clock.env));
    struct visit visit;
    cr_assert_eq(visit_load(net.hub.machine.site, store->machine.config.stream, &visit, NULL), 0);
    cr_assert_eq(visit.skew_ms, 3600 * 1000);
    net_store_stop(store);
    net_settle(&net);
    cr_assert(net_journal_says(&net, "store S1 says bye: stopping") || net_journal_says(&net, "store S1 left"));
    net_store_start(store);
    cr_assert_eq(site_now(store->machine.site), env_now(&net.hub.machine.clock.env), "known after a restart");
}

/* What `stores` tells of a store that is gone. */
Test(replication, last_seen_when_it_left) {
    region_net_open(&net, 7, 1);
    struct net_store *store = &net.stores[0];
    struct visit visit;
    net_store_start(store);
    level();
    net_pass(&net, 5 * 60 * 1000);
    trade_some(store, 7);
    level();
    net_store_crash(store);
    net_settle(&net);
    cr_assert_eq(visit_load(net.hub.machine.site, store->machine.config.stream, &visit, NULL), 0);
    cr_assert_eq(visit.last_seen, env_now(&net.hub.machine.clock.env));
    cr_assert_eq(visit.claimed_seq, 9);
    cr_assert(!desk_connected(&net.hub.desk, store->machine.config.stream));
}

/* ---- Full disks ---- */

/* The `n`-th write of the hub's log or ring from the start on fails, and some more; then there is room again. */
static void full_disk(struct fault *(*of)(void), uint64_t n) {
    region_net_open(&net, 300 + n, 2);
    net_stores_start(&net);
    fault_plan(of(), n, 3, ERR_NO_SPACE);
    for (size_t i = 0; i < 2; i++) trade_some(&net.stores[i], 30);
    net_settle(&net);
    sound();
    trade_some(&net.stores[0], 2);
    level();
    cr_assert(n > 6 || of()->failed > 0, "the disk was never full");
    region_net_close(&net);
}

static struct fault *hub_log(void) { return &net.hub.machine.log.fault; }
static struct fault *hub_ring(void) { return &net.hub.machine.ring.fault; }

Test(replication, full_disk_at_the_hub) {
    for (uint64_t n = 0; n < 12; n++) full_disk(hub_log, n);
    for (uint64_t n = 0; n < 4; n++) full_disk(hub_ring, n);
    region_net_open(&net, 1, 0);
}

/* At a store: nothing of a sale is there when it could not be written, and what the hub says is kept once it can be. */
Test(replication, full_disk_at_a_store) {
    for (uint64_t n = 0; n < 8; n++) {
        region_net_open(&net, 400 + n, 1);
        struct net_store *store = &net.stores[0];
        net_store_start(store);
        trade_some(store, 10);
        fault_plan(&store->machine.log.fault, n, 5, ERR_NO_SPACE);
        for (int i = 0; i < 20 && store->machine.log.fault.failed < 5; i++) {
            net_settle(&net);
            uint64_t before = net_seq(store), id = trade_sell(store->machine.site, 0, 1000);
            cr_assert_eq(net_seq(store), before + (id != 0));
            sound();
        }
        level();
        cr_assert_eq(store->machine.log.fault.failed, 5);
        region_net_close(&net);
    }
    region_net_open(&net, 1, 0);
}

/* The times at which the hub took the events stay known at the store, without gap: a hub can be rebuilt with them. */
Test(replication, runs_of_receipts_survive_a_full_disk) {
    region_net_open(&net, 8, 1);
    struct net_store *store = &net.stores[0];
    net_store_start(store);
    level();
    fault_plan(&store->machine.log.fault, 10, 4, ERR_NO_SPACE);
    for (int i = 0; i < 10; i++) {
        cr_assert_neq(trade_sell(store->machine.site, 0, 1000 + i), 0);
        if (i == 4) store->machine.log.fault.fail_after = 0;
        net_settle(&net);
        net.world.elapsed += 1000;
        if (store->machine.log.fault.fails == 0) continue;
        store->machine.log.fault.fail_after = 1; /* the sale itself is written, its receipt is not */
    }
    level();
    int64_t last = 0;
    for (uint64_t seq = 1; seq <= 10; seq++) {
        struct buf key = BUF_INIT, value = BUF_INIT, copy = BUF_INIT;
        struct record record;
        buf_printf(&key, "received %016llx", (unsigned long long)seq);
        struct log *log = &store->machine.log.base;
        if (log->ops->value(log, buf_view(&key), &value) == 0) last = (int64_t)get_u64_le(value.data);
        uint64_t id = id_make(store->machine.config.stream, seq);
        cr_assert_eq(log_get_id(&net.hub.machine.log.base, id, &record, &copy, NULL), 0);
        cr_assert_eq(last, record.received, "sequence %zu", (size_t)seq);
        buf_release(&key);
        buf_release(&value);
        buf_release(&copy);
    }
}

/* ---- Ingest is full: the hub stops reading, and goes on ---- */

Test(replication, full_queue_pauses_the_stores) {
    region_net_open(&net, 9, 4);
    ingest_limit(net.hub.ingest, 4096);
    net_stores_start(&net);
    level();
    net.hub.halted = true;
    for (size_t i = 0; i < 4; i++)
        for (int n = 0; n < 6; n++) {
            trade_some(&net.stores[i], 100);
            net_settle(&net);
        }
    sound();
    cr_assert_not_null(net.hub.desk.waiting, "somebody waits for room");
    for (size_t i = 0; i < 4; i++) cr_assert_eq(net_seq_at_hub(&net, &net.stores[i]), 0);
    net.hub.halted = false;
    level();
    cr_assert_null(net.hub.desk.waiting);
    cr_assert(!net_journal_says(&net, "refused"));
    cr_assert(!net_journal_says(&net, "left"));
}

Test(replication, store_hangs_up_while_it_waits_for_room) {
    region_net_open(&net, 10, 3);
    ingest_limit(net.hub.ingest, 4096);
    net_stores_start(&net);
    level();
    net.hub.halted = true;
    for (size_t i = 0; i < 3; i++) trade_some(&net.stores[i], 100);
    net_settle(&net);
    cr_assert_not_null(net.hub.desk.waiting);
    for (size_t i = 0; i < 3; i++) net_store_crash(&net.stores[i]);
    net_pass(&net, 3 * 60 * 1000); /* who waits does not read: only the deadline ends it */
    cr_assert_null(net.hub.desk.waiting);
    net.hub.halted = false;
    net_stores_start(&net);
    level();
}

Test(replication, hub_stops_while_stores_wait_for_room) {
    region_net_open(&net, 11, 3);
    ingest_limit(net.hub.ingest, 4096);
    net_stores_start(&net);
    level();
    net.hub.halted = true;
    for (size_t i = 0; i < 3; i++) trade_some(&net.stores[i], 100);
    net_settle(&net);
    cr_assert_not_null(net.hub.desk.waiting);
    net_hub_crash(&net);
    net.hub.halted = false;
    net_hub_start(&net);
    level();
}
