/* A store's PC that was put back from an older copy, or cloned: found out at first contact, read-only from then on,
 * and recovered without an event lost or counted twice, wherever the recovery is killed. */
#include <string.h>

#include "proto/model/questions.h"
#include "tests/support/level_region.h"
#include "tests/support/region_recover.h"

LEVEL_REGION(recover, 11, 2)

static void agreed(void) {
    cr_assert(net_level(&net));
    net_pass(&net, 2 * 60 * 1000);
    SOUND(region_net_agree(&net));
}

static void totals_are(uint64_t customers, uint64_t purchases, int64_t spend) {
    struct totals now;
    struct cut cut = {TIME_NONE, TIME_NONE};
    totals(hub()->model, &cut, &now);
    cr_assert_eq(now.customers, customers, "customers: %llu", (unsigned long long)now.customers);
    cr_assert_eq(now.purchases, purchases, "purchases: %llu", (unsigned long long)now.purchases);
    (void)spend;
}

static const struct person_card kim = {"Kim Dangol", "010-1234-5678", "C-1", NULL};
static const struct person_card lee = {"Lee Dangol", "010-9999-0000", NULL, NULL};
static const struct person_card park = {"Park Dangol", "010-7777-0000", NULL, NULL};

static void found_at(struct site *site, const char *phone, size_t count) {
    uint64_t found[4];
    int n = site_find(site, TAG_PHONE, view_of(phone), false, found, 4, NULL);
    cr_assert_eq(n, (int)count, "%s: %d", phone, n);
}

/* Everything a store writes that names another event of its own. */
static void busy_day(struct site *site, struct person_card who, const char *ref) {
    uint64_t customer = trade_register(site, who);
    cr_assert_neq(customer, 0, "%s", trade_error()->text);
    uint64_t sale = trade_sell(site, customer, 1000);
    cr_assert_neq(trade_return(site, customer, sale, 300), 0);
    uint64_t nobodys = trade_sell(site, 0, 70);
    cr_assert_neq(trade_attribute(site, nobodys, customer), 0);
    cr_assert_neq(trade_update(site, customer, (struct person_card){.email = "a@example.org"}), 0);
    cr_assert_neq(trade_update(site, customer, (struct person_card){.email = "b@example.org"}), 0);
    uint64_t complaint = trade_complain(site, customer, "a button came off");
    cr_assert_neq(trade_step(site, complaint, 1, "listened"), 0);
    uint64_t hers = trade_complain(site, 0, "nobody's");
    cr_assert_neq(trade_step(site, hers, 1, "listened"), 0);
    cr_assert_neq(trade_void(site, trade_sell(site, customer, 5)), 0);
    cr_assert_neq(trade_contact(site, customer, 0, "happy"), 0);
    if (ref != NULL) cr_assert_neq(trade_sell_ref(site, customer, 20, ref), 0);
}

static void quarantined(size_t store) {
    struct err err;
    net_pass(&net, 60000);
    cr_assert(site_quarantined(site_of(store), &err));
    cr_assert_not_null(strstr(err.text, "dangol-node recover"), "%s", err.text);
    cr_assert_eq(trade_sell(site_of(store), 0, 5), 0);
    cr_assert_eq(trade_error()->code, ERR_FORKED);
}

static void recovered(struct net_recovery *r, size_t store, uint8_t seed) {
    struct err err;
    cr_assert(net_recover_ask(&net, r, &net.stores[store], seed));
    cr_assert(net_recover_swap(&net, r));
    cr_assert_eq(net_recover_rehome(r, &err), 0, "%s", err.text);
    cr_assert(net_recover_end(&net, r));
    net_recover_release(r);
}

static struct net_image image_of(size_t store) {
    cr_assert(net_level(&net));
    net_store_stop(&net.stores[store]);
    struct net_image image = net_image_take(&net.stores[store].machine);
    net_store_start(&net.stores[store]);
    return image;
}

static void put_back(size_t store, struct net_image *image) {
    cr_assert(net_level(&net));
    net_store_stop(&net.stores[store]);
    net_image_put(&net.stores[store].machine, image);
    net_store_start(&net.stores[store]);
}

Test(recover, an_old_image_that_wrote_nothing) {
    struct net_recovery r;
    busy_day(site_of(0), kim, "B-1");
    struct net_image image = image_of(0);
    busy_day(site_of(0), lee, NULL);
    uint64_t events = net_seq(&net.stores[0]);
    put_back(0, &image);
    quarantined(0);
    net_store_stop(&net.stores[0]);
    net_store_start(&net.stores[0]);
    quarantined(0);
    recovered(&r, 0, 33);
    cr_assert_eq(r.report.rehomed, 0);
    cr_assert_lt(r.report.at_hub, events);
    found_at(site_of(0), lee.phone, 1);
    found_at(site_of(0), kim.phone, 1);
    totals_are(2, 5, 0);
    agreed();
    cr_assert_neq(trade_sell_ref(site_of(0), 0, 20, "B-1"), 0);
    cr_assert_eq(id_stream(trade_sell_ref(site_of(0), 0, 20, "B-1")), r.old_stream, "it was written before");
    cr_assert_neq(trade_sell(site_of(0), 0, 20), 0);
    agreed();
}

Test(recover, an_old_image_that_wrote_other_events) {
    struct net_recovery r;
    busy_day(site_of(0), kim, NULL);
    struct net_image image = image_of(0);
    busy_day(site_of(0), lee, "B-1");
    cr_assert(net_level(&net));
    net_cut(&net.stores[0].machine, true);
    net_store_stop(&net.stores[0]);
    net_image_put(&net.stores[0].machine, &image);
    net_store_start(&net.stores[0]);
    busy_day(site_of(0), park, "B-1");
    trade_sell(site_of(0), 0, 9);
    trade_sell(site_of(0), 0, 9);
    net_cut(&net.stores[0].machine, false);
    quarantined(0);
    recovered(&r, 0, 33);
    cr_assert_eq(r.report.same_ref, 1);
    cr_assert_eq(r.report.left, 0);
    found_at(site_of(0), lee.phone, 1);
    found_at(site_of(0), park.phone, 1);
    found_at(hub(), park.phone, 1);
    totals_are(3, 3 * 2 + 1 + 2, 0);
    agreed();
}

/* She was erased while the restored PC, off line, went on writing about her: what it noted of her in words stays
 * behind, that it was there moves. The last event of all is one of these. */
Test(recover, an_old_image_that_wrote_of_somebody_erased) {
    struct net_recovery r;
    uint64_t customer = trade_register(site_of(0), kim);
    struct net_image image = image_of(0);
    cr_assert_neq(trade_sell(site_of(0), customer, 100), 0);
    cr_assert(net_level(&net));
    net_cut(&net.stores[0].machine, true);
    net_store_stop(&net.stores[0]);
    net_image_put(&net.stores[0].machine, &image);
    net_store_start(&net.stores[0]);
    cr_assert_neq(trade_sell(site_of(0), customer, 50), 0);
    cr_assert_neq(trade_contact(site_of(0), customer, 0, "happy, says Kim"), 0);
    cr_assert_neq(trade_erase(hub(), customer), 0);
    net_cut(&net.stores[0].machine, false);
    quarantined(0);
    recovered(&r, 0, 33);
    cr_assert_eq(r.report.left, 0);
    cr_assert_eq(r.report.rehomed, 2);
    totals_are(1, 2, 0);
    agreed();
}

/* Both registered somebody under the same id; whoever is on the line first keeps the stream. */
static void clone_beside(bool original_first) {
    struct net_recovery r;
    uint64_t found[2];
    struct net_store *clone = &net.stores[2];
    busy_day(site_of(0), kim, NULL);
    struct net_image image = image_of(0);
    net_store_clone(clone, &net.stores[0], &image);
    net.store_count = 3;
    net_cut(&clone->machine, true);
    net_cut(&net.stores[0].machine, true);
    net_store_start(clone);
    busy_day(site_of(0), lee, NULL);
    busy_day(site_of(2), park, NULL);
    trade_sell(site_of(2), 0, 9);
    size_t first = original_first ? 0 : 2, second = original_first ? 2 : 0;
    net_cut(&net.stores[first].machine, false);
    net_pass(&net, 60000);
    cr_assert(!site_quarantined(site_of(first), NULL));
    net_cut(&net.stores[second].machine, false);
    quarantined(second);
    recovered(&r, second, 44);
    cr_assert_gt(r.report.rehomed, 5);
    agreed();
    totals_are(3, 7, 0);
    for (size_t i = 0; i < 3; i += 2) {
        found_at(site_of(i), kim.phone, 1);
        cr_assert_eq(site_find(site_of(i), TAG_PHONE, view_of(lee.phone), false, found, 1, NULL), 1);
        cr_assert_eq(site_find(site_of(i), TAG_PHONE, view_of(park.phone), false, found + 1, 1, NULL), 1);
        cr_assert_neq(found[0], found[1]);
    }
    cr_assert_neq(trade_sell(site_of(0), found[0], 5), 0);
    cr_assert_neq(trade_sell(site_of(2), found[0], 6), 0);
    agreed();
}

Test(recover, a_clone_beside_the_original) { clone_beside(true); }
Test(recover, the_original_beside_its_clone) { clone_beside(false); }

/* The hub is lost, and the next one hears first of a PC put back from an older image, which breaks down again. What the
 * other one holds more had a receipt of the former hub's, and other stores were told of it: it keeps its numbers. */
Test(recover, what_a_lost_hub_had_receipted_keeps_its_numbers) {
    struct net_recovery r;
    struct net_store *twin = &net.stores[2];
    uint64_t there = trade_register(site_of(1), kim);
    uint64_t here = trade_register(site_of(0), kim);
    struct net_image image = image_of(0);
    uint64_t sale = trade_sell(site_of(0), here, 500);
    uint64_t later = trade_register(site_of(0), lee);
    cr_assert(net_level(&net));
    const struct model *other = site_of(1)->model;
    cr_assert_eq(model_person(other, here), model_person(other, there), "the other store was told");
    uint64_t receipted = net_seq(&net.stores[0]);
    net_cut(&net.stores[0].machine, true);
    trade_sell(site_of(0), here, 7);
    net_hub_stop(&net);
    net_hub_anew(&net, 9);
    net_hub_start(&net);
    net_store_clone(twin, &net.stores[0], &image);
    net_store_start(twin);
    net.store_count = 3;
    net_pass(&net, 120000);
    net.store_count = 2;
    cr_assert(net_store_level(twin));
    net_store_stop(twin);
    net_cut(&net.stores[0].machine, false);
    quarantined(0);
    recovered(&r, 0, 33);
    cr_assert_eq(r.returned, 2);
    cr_assert_eq(r.report.at_hub, receipted);
    cr_assert_eq(r.report.rehomed, 1, "what nobody had a receipt for");
    cr_assert_eq(id_stream(sale), r.old_stream);
    cr_assert_eq(model_customer(hub()->model, later), CUSTOMER_KNOWN);
    found_at(hub(), lee.phone, 1);
    totals_are(3, 2, 0);
    agreed();
}

/* Asked again, after an answer that was lost: the same stream. A revoked one has no successor. */
Test(recover, the_hub_gives_one_stream_for_one_key) {
    struct net_recovery r, again;
    busy_day(site_of(0), kim, NULL);
    struct net_image image = image_of(0);
    busy_day(site_of(0), lee, NULL);
    put_back(0, &image);
    quarantined(0);
    cr_assert(net_recover_ask(&net, &r, &net.stores[0], 33));
    net_hub_crash(&net);
    net_hub_start(&net);
    cr_assert(net_recover_ask(&net, &again, &net.stores[0], 33));
    cr_assert_eq(again.new_stream, r.new_stream);
    cr_assert(net_recover_ask(&net, &again, &net.stores[0], 34));
    cr_assert_neq(again.new_stream, r.new_stream);
    net_revoke(&net, r.old_stream);
    cr_assert(!net_recover_ask(&net, &again, &net.stores[0], 35));
    cr_assert_eq(net.stores[0].uplink.trouble.code, ERR_REVOKED);
}

/* The process dies at the n-th write of the re-homing, for every n. */
Test(recover, killed_anywhere) {
    struct net_recovery r;
    struct err err;
    busy_day(site_of(0), kim, NULL);
    struct net_image image = image_of(0);
    busy_day(site_of(0), lee, NULL);
    cr_assert(net_level(&net));
    net_cut(&net.stores[0].machine, true);
    net_store_stop(&net.stores[0]);
    net_image_put(&net.stores[0].machine, &image);
    net_store_start(&net.stores[0]);
    for (int i = 0; i < 12; i++) busy_day(site_of(0), i == 0 ? park : (struct person_card){.name = "Q"}, NULL);
    net_cut(&net.stores[0].machine, false);
    quarantined(0);
    cr_assert(net_recover_ask(&net, &r, &net.stores[0], 33));
    cr_assert(net_recover_swap(&net, &r));
    struct net_machine *machine = &net.stores[0].machine;
    int code = ERR_IO;
    for (uint64_t good = 0; code != 0; good++) {
        cr_assert_lt(good, 20);
        fault_plan(&machine->log.fault, good % 3, 1, ERR_IO);
        machine->log.fault.deadly = good % 2 == 0;
        machine->log.fault.after_all = good % 2 == 1;
        code = net_recover_rehome(&r, &err);
        if (code == 0) break;
        net_store_crash(&net.stores[0]);
        net_store_start(&net.stores[0]);
        machine->site->recovering = true;
        if (good % 2 == 0) cr_assert(net_level(&net));
    }
    fault_plan(&machine->log.fault, 0, 0, 0);
    cr_assert(net_recover_end(&net, &r));
    net_recover_release(&r);
    cr_assert_eq(r.report.rehomed, 12 * 14, "%llu", (unsigned long long)r.report.rehomed);
    totals_are(2 + 12, 14 * 2, 0);
    agreed();
}
