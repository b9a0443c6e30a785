/* The feed, end to end over a region in one process: what a store hears of its people from other stores and the desk,
 * with their keys; what it does not hear of anybody else; and that a level store's digest over its people is the hub's,
 * whatever happened on the way. */
#include <stdlib.h>
#include <string.h>

#include "hub/session.h"
#include "tests/support/level_region.h"

LEVEL_REGION(feed, 7, 3)

static void agreed(void) { SOUND(region_net_agree(&net)); }

static bool has(size_t store, uint64_t id) {
    uint64_t position;
    return log_position_of(site_of(store)->log, id, &position) == 0;
}

static int keys(size_t store, uint64_t id) {
    struct ring_key found[4];
    struct keyring *ring = site_of(store)->ring;
    return ring->ops->get(ring, id, found, 4, NULL);
}

static const struct person_card kim = {"Kim Dangol", "010-1234-5678", "C-1", NULL};
static const struct person_card kim_again = {"Kim Dangol", "010-1234-5678", NULL, NULL};
static const struct person_card lee = {"Lee Dangol", "010-9999-0000", NULL, NULL};

Test(feed, everybody_gets_the_hubs_own_stream) {
    struct head at_hub, head;
    agreed();
    cr_assert_eq(log_head(hub()->log, hub()->config.stream, &at_hub), 0);
    for (size_t i = 0; i < 3; i++) {
        cr_assert_eq(log_head(site_of(i)->log, hub()->config.stream, &head), 0);
        cr_assert_eq(head.seq, at_hub.seq);
        cr_assert_arr_eq(head.signature, at_hub.signature, SIGNATURE_SIZE);
    }
}

Test(feed, strangers_stay_strangers) {
    uint64_t customer = trade_register(site_of(0), kim);
    uint64_t sale = trade_sell(site_of(0), customer, 1000);
    agreed();
    cr_assert(!has(1, customer) && !has(1, sale));
    cr_assert_eq(keys(1, customer), 0);
}

Test(feed, a_link_introduces_people_to_the_other_store) {
    uint64_t first = trade_register(site_of(0), kim), sale = trade_sell(site_of(0), first, 1000);
    agreed();
    uint64_t second = trade_register(site_of(1), kim_again);
    agreed();
    cr_assert_eq(model_person(site_of(0)->model, second), model_person(site_of(0)->model, first));
    cr_assert(has(1, first) && has(1, sale) && has(0, second));
    cr_assert_eq(keys(1, first), 1);
    cr_assert_eq(keys(0, second), 1);
    cr_assert(!has(2, first) && !has(2, second));
    uint64_t later = trade_sell(site_of(0), first, 500);
    agreed();
    cr_assert(has(1, later), "what happens from now on too");
}

Test(feed, a_customer_fed_is_found_by_phone) {
    uint64_t found[4];
    trade_register(site_of(0), kim);
    uint64_t second = trade_register(site_of(1), kim_again);
    agreed();
    cr_assert_eq(site_find(site_of(0), TAG_PHONE, view_of("010 1234 5678"), false, found, 4, NULL), 2);
    cr_assert(found[0] == second || found[1] == second);
}

Test(feed, people_taken_apart_are_apart_everywhere) {
    uint64_t first = trade_register(site_of(0), kim), second = trade_register(site_of(1), kim_again);
    agreed();
    cr_assert_neq(trade_unlink(hub(), first, second), 0, "%s", trade_error()->text);
    trade_sell(site_of(0), first, 70);
    agreed();
    cr_assert_neq(model_person(site_of(1)->model, second), model_person(site_of(1)->model, first));
    cr_assert_neq(trade_link(hub(), first, second), 0);
    agreed();
    cr_assert_eq(model_person(site_of(1)->model, second), model_person(site_of(1)->model, first));
}

Test(feed, a_link_taken_back_and_made_again) {
    uint64_t first = trade_register(site_of(0), kim), other = trade_register(site_of(1), lee);
    uint64_t link = trade_link(hub(), first, other);
    agreed();
    cr_assert(has(0, other));
    cr_assert_neq(trade_void(hub(), link), 0);
    uint64_t unseen = trade_sell(site_of(1), other, 11);
    agreed();
    cr_assert(!has(0, unseen));
    trade_link(hub(), first, other);
    agreed();
    cr_assert(has(0, unseen), "what was missed meanwhile comes with the new link");
}

/* B goes, and with it the link that held C: C's store hears of it though nobody names C. */
Test(feed, people_fall_into_three) {
    uint64_t a = trade_register(site_of(0), kim), b = trade_register(site_of(1), lee);
    uint64_t c = trade_register(site_of(2), (struct person_card){.name = "Park", .card = "C-3"});
    trade_sell(site_of(0), a, 10);
    agreed();
    trade_link(hub(), a, b);
    trade_link(hub(), b, c);
    agreed();
    cr_assert_eq(model_person(site_of(2)->model, c), model_person(site_of(2)->model, a));
    cr_assert_neq(trade_unlink(hub(), a, b), 0);
    agreed();
    cr_assert_neq(model_person(site_of(2)->model, c), model_person(site_of(2)->model, a));
    cr_assert_neq(model_person(site_of(2)->model, c), model_person(site_of(2)->model, b));
}

/* A sale that was said to be B's goes back to A when B's links are taken back; A's other store has never seen it. */
Test(feed, a_sale_goes_back_to_whom_it_was_before) {
    uint64_t a = trade_register(site_of(0), kim), b = trade_register(site_of(0), lee);
    trade_register(site_of(1), kim_again);
    uint64_t again = trade_register(site_of(2), (struct person_card){.name = "Lee Dangol", .card = "C-4"});
    trade_link(hub(), again, b);
    agreed();
    net.stores[0].silent = true; /* so that the other stores are told when it is B's already */
    uint64_t sale = trade_sell(site_of(0), 0, 500);
    cr_assert_neq(trade_attribute(site_of(0), sale, a), 0);
    cr_assert_neq(trade_attribute(site_of(0), sale, b), 0);
    net.stores[0].silent = false;
    agreed();
    cr_assert(!has(1, sale) && has(2, sale));
    cr_assert_neq(trade_unlink(hub(), again, b), 0);
    agreed();
    cr_assert(has(1, sale));
}

Test(feed, the_desks_word_reaches_the_store) {
    uint64_t customer = trade_register(site_of(2), lee);
    agreed();
    uint64_t call = trade_contact(hub(), customer, choice_outcome_reached, "asks for the blue one");
    agreed();
    cr_assert(has(2, call));
}

Test(feed, goes_on_where_it_was_after_any_restart) {
    uint64_t first = trade_register(site_of(0), kim);
    trade_register(site_of(1), kim_again);
    agreed();
    net_store_crash(&net.stores[1]);
    for (int i = 0; i < 30; i++) trade_sell(site_of(0), first, 10 + i);
    net_settle(&net);
    net_hub_crash(&net);
    net_hub_start(&net);
    net_store_start(&net.stores[1]);
    agreed();
}

Test(feed, starts_over_when_the_cursor_is_of_another_log) {
    uint64_t first = trade_register(site_of(0), kim);
    trade_register(site_of(1), kim_again);
    agreed();
    uint64_t tip = log_tip(site_of(1)->log);
    net_store_stop(&net.stores[1]);
    net_store_start(&net.stores[1]);
    net.stores[1].uplink.feed.cursor.chain[3] ^= 1;
    trade_sell(site_of(0), first, 10);
    agreed();
    cr_assert_eq(log_tip(site_of(1)->log), tip + 1, "repeats are harmless");
}

/* Everything at once, in an order drawn by chance, with crashes of either side in between. */
/* Another store wrote of her while the one that registered her was off line. */
Test(feed, what_came_before_the_registration) {
    net_cut(&net.stores[0].machine, true);
    uint64_t customer = trade_register(site_of(0), kim);
    uint64_t sale = trade_sell(site_of(1), customer, 1000);
    cr_assert_neq(sale, 0);
    net_pass(&net, 60000);
    cr_assert_neq(model_last_position(hub()->model, customer), 0, "her sale is at the hub, she is not");
    net_cut(&net.stores[0].machine, false);
    agreed();
    cr_assert(has(0, sale));
    cr_assert(has(1, customer));
}

static uint64_t mark_rain(size_t store, bool on) {
    struct draft draft = {.subject = SUBJECT_GIVEN};
    event_init(&draft.event, EVENT_day_marked);
    draft.event.body.day_marked.mark = choice_day_mark_rainy;
    draft.event.body.day_marked.on = on;
    return trade_write(site_of(store), &draft);
}

/* K2: whoever bought there is thanked, whichever store sees her next. */
Test(feed, K2_rain_is_told_to_every_store) {
    uint64_t rain = mark_rain(0, true), not_ours = trade_sell(site_of(0), 0, 500);
    agreed();
    cr_assert(has(1, rain) && has(2, rain));
    cr_assert(!has(1, not_ours));
    uint64_t back = trade_void(site_of(0), rain), other = trade_void(site_of(0), not_ours);
    agreed();
    cr_assert(has(1, back) && has(2, back));
    cr_assert(!has(1, other));
}

/* When a store was last told that it is level, and the state of the log whose digest it was told. */
static int64_t level_at(uint64_t *position) {
    size_t sessions;
    struct session **list = desk_sessions(&net.hub.desk, &sessions);
    int64_t at = 0;
    *position = 0;
    for (size_t i = 0; i < sessions; i++) {
        if (list[i]->feed.level_at > at) at = list[i]->feed.level_at;
        *position = list[i]->feed.digest_position;
        session_release_item(list[i]);
    }
    free(list);
    return at;
}

/* In steps that lines live through. */
static void minutes_pass(int minutes) {
    for (int i = 0; i < 6 * minutes; i++) net_pass(&net, 10000);
}

/* Once for each state of the log, however long nothing happens; and again when something has. */
Test(feed, a_digest_is_told_once) {
    uint64_t position, then;
    agreed();
    minutes_pass(4);
    int64_t told = level_at(&position);
    cr_assert_eq(position, log_tip(hub()->log));
    minutes_pass(20);
    cr_assert_eq(level_at(&then), told, "nothing has come, nothing is told");
    trade_sell(site_of(0), 0, 500);
    minutes_pass(4);
    cr_assert_gt(level_at(&then), told);
    cr_assert_gt(then, position);
    cr_assert_eq(then, log_tip(hub()->log));
}

Test(feed, a_busy_day) {
    uint64_t customers[24], sales[200];
    size_t customer_count = 0, sale_count = 0;
    for (int i = 0; i < 400; i++) {
        size_t at = (size_t)sim_dice(&net.world, 3);
        uint64_t someone = customer_count == 0 ? 0 : customers[sim_dice(&net.world, customer_count)];
        uint64_t other = customer_count == 0 ? 0 : customers[sim_dice(&net.world, customer_count)];
        bool known = someone != 0 && model_customer(site_of(at)->model, someone) == CUSTOMER_KNOWN;
        switch (sim_dice(&net.world, 14)) {
        case 0:
        case 1:
            if (customer_count < 24) {
                char phone[32];
                snprintf(phone, sizeof phone, "010-0000-%04d", (int)sim_dice(&net.world, 9));
                customers[customer_count] =
                    trade_register(site_of(at), (struct person_card){"Dangol", phone, NULL, NULL});
                if (customers[customer_count] != 0) customer_count++;
            }
            break;
        case 2:
            if (someone != other && someone != 0) trade_link(hub(), someone, other);
            break;
        case 3:
            if (someone != other && someone != 0) trade_unlink(hub(), someone, other);
            break;
        case 4:
            if (sale_count > 0) trade_void(hub(), sales[sim_dice(&net.world, sale_count)]);
            break;
        case 5:
            if (someone != 0) trade_contact(hub(), someone, choice_outcome_reached, "the desk");
            break;
        case 6:
            net_store_crash(&net.stores[at]);
            net_store_start(&net.stores[at]);
            break;
        case 7:
            if (sim_dice(&net.world, 4) != 0) break;
            net_hub_crash(&net);
            net_hub_start(&net);
            break;
        default:
            if (known && sale_count < 200) sales[sale_count] = trade_sell(site_of(at), someone, 100);
            if (known && sale_count < 200 && sales[sale_count] != 0) sale_count++;
            break;
        }
        for (uint64_t steps = sim_dice(&net.world, 12); steps > 0; steps--) net_step(&net);
    }
    agreed();
}
