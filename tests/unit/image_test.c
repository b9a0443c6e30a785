/* Copies of disks in memory: an image holds what its disk held, and each goes its own way afterwards. */
#include <criterion/criterion.h>
#include <string.h>

#include "tests/support/region_net.h"

static struct region_net net;

static void start(void) {
    region_net_open(&net, 1, 1);
    net_stores_start(&net);
}

static void done(void) { region_net_close(&net); }

TestSuite(image, .init = start, .fini = done);

static uint64_t trade_some(struct net_store *store) {
    uint64_t kim = trade_register(store->machine.site, (struct person_card){.name = "Kim", .phone = "010-1234-5678"});
    cr_assert_neq(trade_sell_ref(store->machine.site, kim, 1000, "slip 1"), 0);
    cr_assert(trade_day(store->machine.site, kim, 20));
    return kim;
}

static void sound(struct site *site) {
    struct rebuild_report report;
    struct err err = {.code = 0};
    uint64_t keys;
    cr_assert_null(net_check_log(&net, site, "it"), "%s", net.wrong);
    cr_assert_eq(site->ring->ops->verify(site->ring, &keys, &err), 0, "%s", err.text);
    cr_assert_eq(site_rebuild(site, NULL, &report, &err), 0, "%s", err.text);
}

Test(image, is_restored) {
    struct net_store *store = &net.stores[0];
    uint64_t kim = trade_some(store), seq = net_seq(store);
    cr_assert(net_level(&net));
    struct net_image image = net_image_take(&store->machine);
    trade_sell(store->machine.site, kim, 500);
    cr_assert_eq(net_seq(store), seq + 1);
    net_store_crash(store);
    net_image_put(&store->machine, &image);
    net_store_start(store);
    cr_assert_eq(net_seq(store), seq);
    cr_assert_eq(store->uplink.acked, seq, "receipts are on the disk too");
    sound(store->machine.site);
    uint64_t again = trade_sell_ref(store->machine.site, kim, 1000, "slip 1");
    cr_assert_eq(id_seq(again), 2, "it knows its refs");
    cr_assert_neq(trade_contact(store->machine.site, kim, 0, "its keys"), 0);
    sound(store->machine.site);
}

Test(image, is_cloned) {
    struct net_store *store = &net.stores[0], *clone = &net.stores[1];
    uint64_t kim = trade_some(store), seq = net_seq(store);
    struct net_image image = net_image_take(&store->machine);
    net_store_clone(clone, store, &image);
    net.store_count++;
    net_store_start(clone);
    cr_assert_neq(trade_sell(clone->machine.site, kim, 500), 0);
    cr_assert_eq(net_seq(clone), seq + 1);
    cr_assert_eq(net_seq(store), seq);
    sound(clone->machine.site);
    sound(store->machine.site);
}

/* The process dies at a write, before it or after it; the disk says which. */
Test(image, dies_at_a_write) {
    struct net_store *store = &net.stores[0];
    uint64_t seq = net_seq(store);
    for (int after = 0; after < 2; after++) {
        struct fault *fault = &store->machine.log.fault;
        fault_plan(fault, 0, 1, ERR_IO);
        fault->deadly = after == 0;
        fault->after_all = after == 1;
        cr_assert_eq(trade_sell(store->machine.site, 0, 100), 0);
        cr_assert(store->machine.dead);
        cr_assert_eq(trade_sell(store->machine.site, 0, 100), 0, "the dead do not write");
        net_store_crash(store);
        net_store_start(store);
        cr_assert_eq(net_seq(store), seq + (uint64_t)after);
    }
    cr_assert(net_level(&net));
}
