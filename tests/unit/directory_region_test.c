/* The directory of VIPs over a region in one process: every store that is level holds what can be found out anew, in
 * any life; and nobody else's key, name or event comes with it. E4 */
#include <string.h>

#include "proto/site/directory.h"
#include "tests/support/directory_check.h"
#include "tests/support/level_region.h"

LEVEL_REGION(directory_region, 11, 3)

static void settled(void) {
    cr_assert(net_level(&net));
    for (int i = 0; i < 100 && !directory_settled(&net.hub.directory); i++) net_pass(&net, 1000);
    cr_assert(directory_settled(&net.hub.directory));
    cr_assert(net_level(&net));
}

static size_t agreed(void) {
    struct directory_expected expected;
    settled();
    directory_expect(hub(), &net.hub.desk.directory.heading, &expected);
    for (size_t i = 0; i < net.store_count; i++) {
        const char *wrong = directory_compare(site_of(i), &expected);
        cr_assert_null(wrong, "S%zu: %s", i + 1, wrong);
    }
    size_t count = expected.count;
    directory_expected_release(&expected);
    return count;
}

static const char *tier_at(size_t store, const char *phone) {
    static char tier[DIRECTORY_TIER_TEXT];
    int found = site_directory_find(site_of(store), view_of(phone), tier, NULL);
    cr_assert_geq(found, 0);
    return found == 1 ? tier : "";
}

static void set_policy(const char *key, const char *value) {
    struct draft draft = {.subject = SUBJECT_GIVEN};
    event_init(&draft.event, EVENT_policy);
    draft.event.body.policy.key = view_of(key);
    draft.event.body.policy.value = view_of(value);
    cr_assert_neq(trade_write(hub(), &draft), 0);
}

static uint64_t come(size_t store, const char *phone, int64_t spend) {
    uint64_t id = trade_register(site_of(store), (struct person_card){.name = "Kim", .phone = phone});
    cr_assert_neq(id, 0);
    if (spend > 0) cr_assert_neq(trade_sell(site_of(store), id, spend), 0);
    return id;
}

Test(directory_region, E4_exactly_the_threshold) {
    come(0, "010-1111-0001", 2000000);
    come(0, "010-1111-0002", 1999999);
    come(1, "010-1111-0003", 6000000);
    cr_assert_eq(agreed(), 2);
    for (size_t i = 0; i < 3; i++) {
        cr_assert_str_eq(tier_at(i, "+82 10 1111 0001"), "gold");
        cr_assert_str_eq(tier_at(i, "010-1111-0002"), "");
        cr_assert_str_eq(tier_at(i, "010-1111-0003"), "platinum");
    }
}

Test(directory_region, E4_what_makes_a_tier_changes_it) {
    uint64_t a = come(0, "010-1111-0001", 1500000), b = come(1, "010-1111-0002", 600000);
    uint64_t sale = trade_sell(site_of(1), 0, 1000000);
    cr_assert_eq(agreed(), 0);
    uint64_t link = trade_link(hub(), a, b); /* together they are gold, under both numbers */
    cr_assert_eq(agreed(), 2);
    trade_void(hub(), link);
    cr_assert_eq(agreed(), 0);
    trade_attribute(hub(), sale, a);
    cr_assert_eq(agreed(), 1);
    trade_void(hub(), sale);
    cr_assert_eq(agreed(), 0);
    trade_link(hub(), a, b);
    cr_assert_eq(agreed(), 2);
    trade_update(site_of(0), a, (struct person_card){.phone = "010-1111-0099"});
    cr_assert_eq(agreed(), 2);
    cr_assert_str_eq(tier_at(2, "010-1111-0001"), "");
    cr_assert_str_eq(tier_at(2, "010-1111-0099"), "gold");
    trade_clear_phone(site_of(0), a);
    cr_assert_eq(agreed(), 1);
    trade_unlink(hub(), a, b);
    cr_assert_eq(agreed(), 0);
}

Test(directory_region, E4_a_day_later_what_was_earned_before_the_window_counts_no_more) {
    struct draft draft = {.subject = SUBJECT_GIVEN};
    set_policy("tier-window", "2");
    uint64_t a = come(0, "010-1111-0001", 2000000);
    event_init(&draft.event, EVENT_tier_granted);
    draft.event.subject = come(0, "010-1111-0002", 0);
    draft.event.body.tier_granted.tier = view_of("platinum");
    draft.event.body.tier_granted.until = env_now(hub()->env) + DAY_MS;
    cr_assert_neq(trade_write(site_of(0), &draft), 0);
    cr_assert_eq(agreed(), 2);
    net_pass(&net, DAY_MS);
    cr_assert_eq(agreed(), 1, "the grant is over before this day ends");
    net_pass(&net, DAY_MS);
    cr_assert_eq(agreed(), 0);
    trade_sell(site_of(0), a, 2000000);
    cr_assert_eq(agreed(), 1);
}

Test(directory_region, E4_the_policy) {
    come(0, "010-1111-0001", 400000);
    come(0, "010-1111-0002", 2000000);
    cr_assert_eq(agreed(), 1);
    set_policy("vip-tiers", "3");
    cr_assert_eq(agreed(), 2);
    set_policy("tiers", "one:1,two:400000,three:400001");
    cr_assert_eq(agreed(), 2);
    cr_assert_str_eq(tier_at(2, "010-1111-0001"), "two");
    set_policy("vip-tiers", "1");
    cr_assert_eq(agreed(), 1);
    cr_assert_str_eq(tier_at(2, "010-1111-0002"), "three");
    set_policy("tiers", "off");
    cr_assert_eq(agreed(), 0);
    set_policy("vip-tiers", "0");
    cr_assert_eq(agreed(), 0);
}

Test(directory_region, E4_the_erased_leave_it_and_their_hash_leaves_the_hub) {
    struct tag tags[4];
    uint64_t a = come(0, "010-1111-0001", 2000000);
    cr_assert_eq(agreed(), 1);
    cr_assert_eq(hub()->ring->ops->tags(hub()->ring, a, TAG_DIRECTORY, tags, 4, NULL), 1);
    cr_assert_neq(trade_erase(hub(), a), 0);
    cr_assert_eq(agreed(), 0);
    cr_assert_eq(hub()->ring->ops->tags(hub()->ring, a, TAG_DIRECTORY, tags, 4, NULL), 0);
    for (size_t i = 0; i < 3; i++) cr_assert_str_eq(tier_at(i, "010-1111-0001"), "");
}

Test(directory_region, E4_it_tells_the_tier_and_nothing_more) {
    struct ring_key keys[2];
    uint64_t position, a = come(0, "010-1111-0001", 2000000);
    cr_assert_eq(agreed(), 1);
    cr_assert_neq(log_position_of(site_of(2)->log, a, &position), 0);
    cr_assert_eq(site_of(2)->ring->ops->get(site_of(2)->ring, a, keys, 2, NULL), 0);
    cr_assert_str_eq(tier_at(2, "010-1111-0001"), "gold");
    uint64_t here = come(2, "010-1111-0001", 0); /* registered here, and found to be the same */
    cr_assert_eq(agreed(), 1);
    cr_assert_eq(model_person(site_of(2)->model, here), model_person(site_of(2)->model, a));
    cr_assert_eq(log_position_of(site_of(2)->log, a, &position), 0);
}

Test(directory_region, E4_a_hub_that_comes_back_hashes_nothing_again) {
    struct buf before = BUF_INIT, after = BUF_INIT;
    come(0, "010-1111-0001", 2000000);
    cr_assert_eq(agreed(), 1);
    site_directory_greet(site_of(1), &before);
    uint64_t heard = net.stores[1].heard;
    net_hub_crash(&net);
    net_hub_start(&net);
    directory_step(&net.hub.directory);
    cr_assert(directory_settled(&net.hub.directory), "one step: all it needs is remembered");
    cr_assert_eq(agreed(), 1);
    site_directory_greet(site_of(1), &after);
    cr_assert(view_equal(buf_view(&before), buf_view(&after)));
    cr_assert_gt(net.stores[1].heard, heard);
    buf_release(&before);
    buf_release(&after);
}

Test(directory_region, E4_without_its_ring_it_makes_another_key_and_begins_anew) {
    struct buf before = BUF_INIT, after = BUF_INIT;
    come(0, "010-1111-0001", 2000000);
    cr_assert_eq(agreed(), 1);
    site_directory_greet(site_of(1), &before);
    net_hub_crash(&net);
    net_hub_anew(&net, 99);
    net_hub_start(&net);
    cr_assert_eq(agreed(), 1);
    site_directory_greet(site_of(1), &after);
    cr_assert(!view_equal(buf_view(&before), buf_view(&after)));
    cr_assert_str_eq(tier_at(2, "010-1111-0001"), "gold");
    buf_release(&before);
    buf_release(&after);
}

Test(directory_region, E4_what_is_damaged_is_found_at_the_next_contact) {
    struct log_value value = {view_of("directory 07"), view_make("\0\0\1\2", 4)};
    come(0, "010-1111-0001", 2000000);
    cr_assert_eq(agreed(), 1);
    cr_assert_eq(site_set_values(site_of(1), &value, 1, NULL), 0);
    net_store_hang_up(&net.stores[1]);
    cr_assert_eq(agreed(), 1);
    /* and on the line, as soon as something changes: it does not come out as the hub says, and all of it comes again */
    cr_assert_eq(site_set_values(site_of(1), &value, 1, NULL), 0);
    come(0, "010-1111-0002", 2000000);
    cr_assert_eq(agreed(), 2);
    cr_assert(net_journal_says(&net, "directory of VIPs is not as the hub says"));
}

Test(directory_region, E4_full_disks_and_deaths_at_any_write) {
    for (uint64_t n = 0; n < 12; n++) {
        char phone[24];
        struct net_machine *machine = n % 4 < 2 ? &net.hub.machine : &net.stores[1].machine;
        snprintf(phone, sizeof phone, "010-1111-%04u", (unsigned)n);
        settled();
        come(0, phone, 2000000);
        fault_plan(n % 2 == 0 ? &machine->log.fault : &machine->ring.fault, n / 4, 1,
                   n % 3 == 0 ? ERR_IO : ERR_NO_SPACE);
        net_pass(&net, 5000);
        if (machine == &net.hub.machine) {
            net_hub_crash(&net);
            net_hub_start(&net);
        } else {
            net_store_crash(&net.stores[1]);
            net_store_start(&net.stores[1]);
        }
    }
    cr_assert_eq(agreed(), 12);
    SOUND(region_net_check(&net));
}
