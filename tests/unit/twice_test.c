/* A stream number that the hub gave out in the time that is lost, and an older copy of it again, to another store:
 * never do two PCs write under one number. Who was known to the stores keeps it; the other one recovers, and all that
 * it has written comes again under a number of its own. */
#include <string.h>

#include "hub/branch.h"
#include "hub/recovery.h"
#include "proto/model/questions.h"
#include "tests/support/level_region.h"
#include "tests/support/region_recover.h"

#define FIRST 3 /* of net.stores: who got the number from the hub, and … */
#define OTHER 4 /* … from the copy */

LEVEL_REGION(twice, 7, 3)

static const struct person_card kim = {"Kim Dangol", "010-1234-5678", NULL, NULL};
static const struct person_card lee = {"Lee Dangol", "010-9999-0000", NULL, NULL};
static const struct person_card park = {"Park Dangol", "010-7777-0000", NULL, NULL};

static bool noted(void) {
    struct restored restored;
    recovery_restored(hub(), &restored);
    return restored.noted;
}

static void recover(void) {
    net_hub_stop(&net);
    net_hub_recover(&net);
    net_hub_start(&net);
}

static void lines(bool there) {
    for (size_t i = 0; i < net.store_count; i++) net_cut(&net.stores[i].machine, !there);
    for (size_t i = 0; i < net.store_count && there; i++)
        if (net_up(&net.stores[i].machine)) uplink_try_now(&net.stores[i].uplink);
    net_pass(&net, 3 * 60 * 1000);
}

/* Of net.stores, the next one; its PC is off. */
static void enroll(size_t store) {
    struct net_store *fresh = &net.stores[store];
    cr_assert_eq(net.store_count, store);
    net_store_make(&net, fresh, (uint32_t)store, 0);
    fresh->machine.config.stream = net_enroll(&net, fresh->machine.config.store, fresh->machine.secrets.join_secret);
    net.store_count++;
}

static void joins(size_t store, struct person_card who, int64_t amount) {
    net_store_start(&net.stores[store]);
    trade_sell(site_of(store), trade_register(site_of(store), who), amount);
    uplink_try_now(&net.stores[store].uplink);
    net_pass(&net, 60000);
    cr_assert_eq(net_seq_at_hub(&net, &net.stores[store]), 2, "%s", net.stores[store].uplink.trouble.text);
}

static void copy_goes_on(struct net_image *image) {
    net_hub_stop(&net);
    net_image_put(&net.hub.machine, image);
    lines(false);
    net_hub_start(&net);
}

/* How many of a store's sales count, as the hub sees it. */
static int sold(const char *store) {
    struct log_iterator *it;
    struct record record;
    struct stream_state stream;
    int count = 0;
    cr_assert_eq(hub()->log->ops->iterate(hub()->log, &it, NULL), 0);
    it->ops->seek(it, 1);
    while (it->ops->next(it, &record, NULL) == 0) {
        struct event event;
        if (event_decode(record.frame, &event, NULL) == EVENT_GOOD && event.type == EVENT_sold &&
            !model_voided(hub()->model, record.id) && model_stream(hub()->model, id_stream(record.id), &stream) &&
            view_is(stream.store, store))
            count++;
    }
    it->ops->close(it);
    return count;
}

static void agreed(void) {
    cr_assert(net_level(&net));
    net_pass(&net, 2 * 60 * 1000);
    SOUND(region_net_agree(&net));
    cr_assert(!noted());
}

/* The other PC is told, writes nothing, and recovers. */
static void other_recovers(uint32_t number) {
    struct net_recovery r;
    struct err err = {.code = 0};
    cr_assert(site_quarantined(site_of(OTHER), &err), "%s", net.stores[OTHER].uplink.trouble.text);
    cr_assert_not_null(strstr(err.text, "was given out twice"), "%s", err.text);
    cr_assert_not_null(strstr(err.text, "dangol-node recover"), "%s", err.text);
    cr_assert_eq(trade_sell(site_of(OTHER), 0, 5), 0);
    cr_assert(net_recover_ask(&net, &r, &net.stores[OTHER], 33));
    cr_assert_neq(r.new_stream, number);
    cr_assert(net_recover_swap(&net, &r));
    cr_assert_eq(net_recover_rehome(&r, &err), 0, "%s", err.text);
    cr_assert_eq(r.returned, 0, "nothing goes back under the number that is another's");
    cr_assert(net_recover_end(&net, &r));
    net_recover_release(&r);
}

/* `first_joins`: before the hub is lost; `other_joins`: 1 before the copy is found out, 2 behind its first recovery. */
static void scene(bool first_joins, int other_joins) {
    uint64_t customer = trade_register(site_of(0), kim);
    cr_assert(net_level(&net));
    struct net_image image = net_image_take(&net.hub.machine);
    enroll(FIRST);
    if (first_joins) joins(FIRST, lee, 70);
    net_pass(&net, 60000);
    copy_goes_on(&image);
    enroll(OTHER);
    if (other_joins == 0) net.store_count--; /* its PC is still in its box */
    uint32_t number = net.stores[FIRST].machine.config.stream;
    cr_assert_eq(net.stores[OTHER].machine.config.stream, number, "the same number twice");
    if (other_joins == 1) {
        joins(OTHER, park, 900);
        cr_assert_neq(trade_contact(hub(), id_make(number, 1), choice_outcome_reached, "asks for Park"), 0);
    }
    cr_assert_neq(trade_contact(hub(), customer, choice_outcome_reached, "asks for Kim"), 0);
    if (net_up(&net.stores[OTHER].machine)) net_cut(&net.stores[OTHER].machine, true);
    net_cut(&net.stores[0].machine, false);
    uplink_try_now(&net.stores[0].uplink);
    net_pass(&net, 3 * 60 * 1000);
    cr_assert(noted());
    net_cut(&net.stores[0].machine, true);
    recover();
    if (other_joins == 2) joins(OTHER, park, 900);
    lines(true);
    cr_assert(noted(), "and its branch is found");
    cr_assert(branch_kept(hub()));
    recover();
    lines(true);
    if (!first_joins) joins(FIRST, lee, 70);
    if (other_joins != 0) other_recovers(number);
    agreed();
    cr_assert_eq(net.stores[FIRST].machine.config.stream, number);
    cr_assert_eq(sold("S4"), 1);
    cr_assert_eq(sold("S5"), other_joins != 0);
    cr_assert_eq(net.hub.joined.stayed, other_joins == 1 ? 3u : 1u,
                 "of what the copy said: that it was opened, keyed, what somebody asked of its customer");
    trade_sell(site_of(FIRST), 0, 5);
    if (other_joins != 0) trade_sell(site_of(OTHER), 0, 5);
    agreed();
}

Test(twice, both_have_joined) { scene(true, 1); }
Test(twice, the_other_joins_a_hub_that_was_recovered_once) { scene(true, 2); }
Test(twice, the_first_has_not_joined_yet) { scene(false, 1); }

Test(twice, the_other_has_not_joined_yet) {
    scene(true, 0);
    net.store_count++;
    net_store_start(&net.stores[OTHER]);
    net_pass(&net, 60000);
    cr_assert_not_null(strstr(net.stores[OTHER].uplink.trouble.text, "enroll the store again"), "%s",
                       net.stores[OTHER].uplink.trouble.text);
    cr_assert(!noted());
}
