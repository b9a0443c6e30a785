/* Recoveries of the hub over a region in one process: a hub restored from an older image of its disk, one destroyed and
 * made anew, a ring older than its log. Nothing is lost, times of receipt are what they were, and nothing is decided
 * twice. */
#include <sodium.h>
#include <string.h>

#include "hub/handing.h"
#include "hub/recovery.h"
#include "tests/support/level_region.h"

LEVEL_REGION(recover, 7, 3)

static uint8_t before[DIGEST_SIZE];

static void digest(uint8_t out[DIGEST_SIZE]) {
    site_read(hub());
    model_digest(hub()->model, NULL, out);
    site_unread(hub());
}

static void sound(void) { SOUND(region_net_check(&net)); }

static const struct person_card kim = {"Kim Dangol", "010-1234-5678", "C-1", NULL};
static const struct person_card kim_again = {"Kim Dangol", "010-1234-5678", NULL, NULL};
static const struct person_card lee = {"Lee Dangol", "010-9999-0000", NULL, NULL};

/* A day's trade: a person of two stores, linked by the judge; a third; some sales. */
static uint64_t trade(void) {
    uint64_t first = trade_register(site_of(0), kim);
    trade_sell(site_of(0), first, 1000);
    cr_assert(net_level(&net));
    trade_register(site_of(1), kim_again);
    trade_sell(site_of(2), trade_register(site_of(2), lee), 70);
    cr_assert(net_level(&net));
    return first;
}

static void more_trade(uint64_t customer) {
    for (int i = 0; i < 20; i++) {
        trade_sell(site_of(0), customer, 100 + i);
        net_pass(&net, 1000);
    }
    trade_contact(hub(), customer, choice_outcome_reached, "asks for the blue one");
    cr_assert(net_level(&net));
}

static int64_t received_of(uint64_t id) {
    struct buf copy = BUF_INIT;
    struct record record = {.received = 0};
    cr_assert_eq(log_get_id(hub()->log, id, &record, &copy, NULL), 0);
    buf_release(&copy);
    return record.received;
}

struct seen {
    uint64_t id;
    int64_t received;
};
static struct seen seen[4096];
static size_t seen_count;

/* Every record of a hub's log, to be compared with after its recovery. */
static void look(void) {
    struct log_iterator *it;
    struct record record;
    seen_count = 0;
    cr_assert_eq(hub()->log->ops->iterate(hub()->log, &it, NULL), 0);
    it->ops->seek(it, 1);
    while (it->ops->next(it, &record, NULL) == 0 && seen_count < 4096)
        seen[seen_count++] = (struct seen){record.id, record.received};
    it->ops->close(it);
    digest(before);
}

static void as_before(void) {
    uint8_t after[DIGEST_SIZE];
    for (size_t i = 0; i < seen_count; i++)
        cr_assert_eq(received_of(seen[i].id), seen[i].received, "the time of event %llx",
                     (unsigned long long)seen[i].id);
    digest(after);
    cr_assert_arr_eq(after, before, DIGEST_SIZE);
}

static void hub_gets(struct net_image *image) {
    net_hub_stop(&net);
    net_image_put(&net.hub.machine, image);
}

Test(recover, an_older_image_is_found_out_and_recovered_from) {
    uint64_t customer = trade();
    struct net_image image = net_image_take(&net.hub.machine);
    more_trade(customer);
    look();
    hub_gets(&image);
    net_hub_start(&net);
    cr_assert(!net_level(&net));
    struct restored restored;
    recovery_restored(hub(), &restored);
    cr_assert(restored.noted);
    cr_assert(net_journal_says(&net, "run `dangol-hub recover`"));
    uint64_t own = trade_sell(site_of(1), 0, 5);
    cr_assert_neq(own, 0);
    net_hub_stop(&net);
    net_hub_recover(&net);
    net_hub_start(&net);
    cr_assert(net_level(&net));
    cr_assert_eq(hub()->config.incarnation, 2);
    cr_assert(!recovery_goes_on(hub()));
    cr_assert_eq(received_of(own) > 0, true);
    sound();
    for (size_t i = 0; i < seen_count; i++) cr_assert_eq(received_of(seen[i].id), seen[i].received);
    trade_sell(site_of(0), customer, 9);
    trade_link(hub(), customer, trade_register(site_of(2), (struct person_card){"New", "010-1", NULL, NULL}));
    cr_assert(net_level(&net));
    sound();
}

Test(recover, nothing_is_different_after_an_older_image) {
    uint64_t customer = trade();
    struct net_image image = net_image_take(&net.hub.machine);
    more_trade(customer);
    look();
    hub_gets(&image);
    net_hub_recover(&net);
    net_hub_start(&net);
    cr_assert(net_level(&net));
    as_before();
    sound();
}

Test(recover, a_store_enrolled_after_the_image) {
    struct net_image image = net_image_take(&net.hub.machine);
    struct net_store *late = &net.stores[net.store_count];
    net_store_make(&net, late, (uint32_t)net.store_count, 0);
    late->machine.config.stream = net_enroll(&net, "S4", late->machine.secrets.join_secret);
    net.store_count++;
    net_store_start(late);
    cr_assert(net_level(&net));
    trade_sell(site_of(3), trade_register(site_of(3), lee), 70);
    cr_assert(net_level(&net));
    look();
    for (size_t i = 0; i < 3; i++) net_store_stop(&net.stores[i]);
    hub_gets(&image);
    net_hub_recover(&net);
    net_hub_start(&net);
    cr_assert(net_level(&net), "it hands back who it is");
    as_before();
    net_stores_start(&net);
    cr_assert(net_level(&net));
    sound();
}

/* S4 joins after the image, and trades; the others have heard nothing of it. */
static struct net_store *joins_unheard(bool enrolled_before, struct net_image *image) {
    struct net_store *late = &net.stores[net.store_count];
    net_store_make(&net, late, (uint32_t)net.store_count, 0);
    if (enrolled_before) late->machine.config.stream = net_enroll(&net, "S4", late->machine.secrets.join_secret);
    cr_assert(net_level(&net));
    *image = net_image_take(&net.hub.machine);
    for (size_t i = 0; i < 3; i++) net_store_stop(&net.stores[i]);
    if (!enrolled_before) late->machine.config.stream = net_enroll(&net, "S4", late->machine.secrets.join_secret);
    net.store_count++;
    net_store_start(late);
    cr_assert(net_level(&net));
    trade_sell(late->machine.site, trade_register(late->machine.site, lee), 70);
    cr_assert(net_level(&net));
    cr_assert(sodium_is_zero(late->machine.site->secrets.join_secret, SECRET_SIZE), "it has no secret any more");
    look();
    return late;
}

static void comes_after_the_wait(bool enrolled_before) {
    struct net_image image;
    struct net_store *late = joins_unheard(enrolled_before, &image);
    net_cut(&late->machine, true);
    late->silent = true;
    hub_gets(&image);
    net_hub_recover(&net);
    net_hub_start(&net);
    net_store_start(&net.stores[0]);
    cr_assert(net_level(&net));
    cr_assert(!recovery_goes_on(hub()), "the hub thinks that it has all");
    net_cut(&late->machine, false);
    late->silent = false;
    cr_assert(net_level(&net), "%s", late->uplink.trouble.text);
    as_before();
    net_stores_start(&net);
    cr_assert(net_level(&net));
    sound();
}

Test(recover, a_store_that_joined_in_the_lost_time_and_comes_last) { comes_after_the_wait(true); }
Test(recover, a_store_enrolled_in_the_lost_time_that_comes_last) { comes_after_the_wait(false); }

/* Nobody else could tell; the hub's own signature does. */
static void finds_the_hub_out(bool enrolled_before) {
    struct net_image image;
    struct net_store *late = joins_unheard(enrolled_before, &image);
    hub_gets(&image);
    net_hub_start(&net);
    cr_assert(!net_level(&net));
    struct restored restored;
    recovery_restored(hub(), &restored);
    cr_assert(restored.noted, "%s", late->uplink.trouble.text);
    cr_assert_not_null(strstr(restored.reason, "holds a receipt for sequence"), "%s", restored.reason);
    net_hub_stop(&net);
    net_hub_recover(&net);
    net_hub_start(&net);
    net_stores_start(&net);
    cr_assert(net_level(&net), "%s", late->uplink.trouble.text);
    as_before();
    sound();
}

Test(recover, a_store_that_joined_in_the_lost_time_finds_the_hub_out) { finds_the_hub_out(true); }
Test(recover, a_store_enrolled_in_the_lost_time_finds_the_hub_out) { finds_the_hub_out(false); }

/* Of the hub that the stores traded with nothing is left but the region's root. */
static uint64_t destroyed(void) {
    uint64_t customer = trade();
    more_trade(customer);
    look();
    net_hub_stop(&net);
    net_hub_anew(&net, 9);
    net_hub_start(&net);
    return customer;
}

Test(recover, a_hub_destroyed_is_rebuilt_from_its_stores) {
    uint64_t customer = destroyed();
    cr_assert_eq(trade_contact(hub(), customer, choice_outcome_reached, "too early"), 0, "nothing is written yet");
    cr_assert(net_level(&net));
    cr_assert_eq(hub()->config.incarnation, 2);
    cr_assert(!recovery_goes_on(hub()));
    as_before();
    sound();
    trade_sell(site_of(0), customer, 9);
    cr_assert(net_level(&net));
    for (size_t i = 0; i < 3; i++) net_store_stop(&net.stores[i]);
    net_hub_stop(&net);
    net_hub_start(&net);
    net_stores_start(&net);
    cr_assert(net_level(&net));
    sound();
}

Test(recover, both_sides_die_on_the_way) {
    destroyed();
    for (int i = 0; i < 60; i++) {
        for (uint64_t steps = sim_dice(&net.world, 25); steps > 0; steps--) net_step(&net);
        net.world.elapsed += 200;
        size_t at = (size_t)sim_dice(&net.world, 3);
        if (sim_dice(&net.world, 3) == 0) {
            net_store_crash(&net.stores[at]);
            net_store_start(&net.stores[at]);
        }
        if (sim_dice(&net.world, 4) == 0) {
            net_hub_crash(&net);
            net_hub_start(&net);
        }
    }
    cr_assert(net_level(&net));
    as_before();
    sound();
}

Test(recover, twice_in_a_row) {
    uint64_t customer = trade();
    more_trade(customer);
    for (int i = 0; i < 2; i++) {
        look();
        net_hub_stop(&net);
        net_hub_anew(&net, (uint8_t)(9 + i));
        net_hub_start(&net);
        cr_assert(net_level(&net));
        cr_assert_eq(hub()->config.incarnation, (uint32_t)(2 + i));
        as_before();
        sound();
    }
}

/* The hub's ring is that of an older image, its log is not. */
Test(recover, keys_that_the_hub_lacks) {
    uint64_t customer = trade(), found[4];
    struct net_image image = net_image_take(&net.hub.machine);
    uint64_t late = trade_register(site_of(1), (struct person_card){"Late Dangol", "010-7777-0000", NULL, NULL});
    trade_sell(site_of(1), late, 50);
    cr_assert(net_level(&net));
    look();
    struct net_image newest = net_image_take(&net.hub.machine);
    struct net_image mixed = {newest.log, image.ring};
    struct net_image rest = {image.log, newest.ring};
    hub_gets(&mixed);
    net_image_release(&rest);
    net_hub_start(&net);
    cr_assert(lacking_key(hub(), late));
    cr_assert_eq(site_find(hub(), TAG_PHONE, view_of("010-7777-0000"), false, found, 4, NULL), 0);
    cr_assert(net_level(&net));
    net_pass(&net, 5000);
    cr_assert(!lacking_key(hub(), late) && !lacking_key(hub(), customer));
    cr_assert_eq(site_find(hub(), TAG_PHONE, view_of("010-7777-0000"), false, found, 4, NULL), 1);
    as_before();
    sound();
    net_hub_stop(&net);
    net_hub_start(&net);
    cr_assert_eq(net.hub.desk.lacking.ids.count, 0);
}

static bool one_person(uint64_t a, uint64_t b) {
    return model_person(hub()->model, a) == model_person(hub()->model, b);
}

/* One of the two registrations is older than the former hub's last word, and comes back last. */
Test(recover, a_pair_of_which_one_came_later_is_judged) {
    trade();
    uint64_t old = trade_register(site_of(2), (struct person_card){"Late Dangol", "010-7777-0000", NULL, NULL});
    trade_contact(hub(), trade_register(site_of(0), lee), choice_outcome_reached, "the hub's word");
    cr_assert(net_level(&net));
    net_store_stop(&net.stores[2]);
    net_hub_stop(&net);
    net_hub_anew(&net, 9);
    net_hub_start(&net);
    cr_assert(net_level(&net));
    uint64_t fresh = trade_register(site_of(1), (struct person_card){"Late Dangol", "010-7777-0000", NULL, NULL});
    cr_assert(net_level(&net));
    net_store_start(&net.stores[2]);
    cr_assert(net_level(&net));
    cr_assert(one_person(old, fresh));
    sound();
}

/* What the first hub has received and not judged, and the second never had, the third judges; though the second has
 * spoken later than that was received. */
Test(recover, what_a_hub_in_between_never_had_is_judged) {
    uint64_t a = trade_register(site_of(0), (struct person_card){"Late Dangol", "010-7777-0000", NULL, NULL});
    cr_assert(net_level(&net));
    net_pass(&net, 1000);
    net.hub.halted = true;
    uint64_t b = trade_register(site_of(1), (struct person_card){"Late Dangol", "010-7777-0000", NULL, NULL});
    net_settle(&net);
    cr_assert(ingest_step(net.hub.ingest));
    net_settle(&net);
    cr_assert_eq(net.stores[1].uplink.acked, 1);
    net.hub.halted = false;
    net_store_stop(&net.stores[0]);
    net_store_stop(&net.stores[1]);
    net_hub_crash(&net);
    for (uint8_t seed = 9; seed < 11; seed++) {
        if (net.hub.machine.site != NULL) net_hub_stop(&net);
        net_hub_anew(&net, seed);
        net_hub_start(&net);
        cr_assert(net_level(&net));
        trade_contact(hub(), trade_register(site_of(2), lee), choice_outcome_reached, "this hub's word");
        cr_assert(net_level(&net));
    }
    net_stores_start(&net);
    cr_assert(net_level(&net));
    cr_assert(one_person(a, b));
    sound();
}

/* It was welcomed, and the hub is gone before it could tell the store that it is known by its key. */
Test(recover, a_store_that_has_only_just_joined) {
    struct net_store *late = &net.stores[net.store_count];
    net_store_make(&net, late, (uint32_t)net.store_count, 0);
    late->machine.config.stream = net_enroll(&net, "S4", late->machine.secrets.join_secret);
    net.store_count++;
    cr_assert(net_level(&net), "the others hold that it is enrolled");
    net_store_start(late);
    trade_sell(late->machine.site, 0, 70);
    while (late->uplink.state != UPLINK_OPEN) net_step(&net);
    net_hub_crash(&net);
    net_settle(&net);
    net_store_stop(late);
    net_hub_anew(&net, 9);
    net_hub_start(&net);
    cr_assert(net_level(&net));
    net_store_start(late);
    cr_assert(net_level(&net));
    cr_assert_eq(net_seq_at_hub(&net, late), 1);
    cr_assert(sodium_is_zero(late->machine.site->secrets.join_secret, SECRET_SIZE), "it was told now");
    sound();
}

/* The hub that is gone had a clock that was days ahead; what is registered since is judged all the same. */
Test(recover, a_former_hub_whose_clock_was_ahead) {
    net.hub.machine.clock.skew = INT64_C(3) * 24 * 60 * 60 * 1000;
    uint64_t customer = trade();
    more_trade(customer);
    net.hub.machine.clock.skew = 0;
    net_hub_stop(&net);
    net_hub_anew(&net, 9);
    net_hub_start(&net);
    cr_assert(net_level(&net));
    uint64_t a = trade_register(site_of(0), (struct person_card){"Late Dangol", "010-7777-0000", NULL, NULL});
    uint64_t b = trade_register(site_of(1), (struct person_card){"Late Dangol", "010-7777-0000", NULL, NULL});
    cr_assert(net_level(&net));
    cr_assert(one_person(a, b));
    sound();
}

static void sets(const char *value) {
    struct draft draft = {.subject = SUBJECT_GIVEN};
    event_init(&draft.event, EVENT_policy);
    draft.event.body.policy.key = view_of("valid-visits");
    draft.event.body.policy.value = view_of(value);
    cr_assert_neq(trade_write(hub(), &draft), 0, "%s", trade_error()->text);
}

static void in_force(const char *value) {
    site_read(hub());
    cr_assert(view_is(model_policy(hub()->model, view_of("valid-visits"), TIME_NONE), value));
    site_unread(hub());
}

/* What the hub of today sets stands behind what the former one set, though the clock was put back in between: before
 * anything else is heard, and after a restart. */
Test(recover, a_policy_set_after_the_clock_was_put_back) {
    trade();
    net.hub.machine.clock.skew = INT64_C(4) * 24 * 60 * 60 * 1000;
    sets("3");
    cr_assert(net_level(&net));
    net_hub_stop(&net);
    net.hub.machine.clock.skew = 0;
    net_hub_anew(&net, 9);
    net_hub_start(&net);
    cr_assert(net_level(&net));
    in_force("3");
    net_hub_stop(&net);
    net_hub_start(&net);
    sets("4");
    in_force("4");
    cr_assert(net_level(&net));
    sound();
}

/* The clock was put back days between the second hub and the third, into what the first lived through: none of them has
 * judged what is registered since. */
Test(recover, a_clock_put_back_behind_two_former_hubs) {
    const int64_t day = INT64_C(24) * 60 * 60 * 1000;
    uint64_t customer = trade();
    net.hub.machine.clock.skew = 4 * day;
    more_trade(customer);
    for (int i = 0; i < 2; i++) {
        net_hub_stop(&net);
        net_hub_anew(&net, (uint8_t)(9 + i));
        net_hub_start(&net);
        cr_assert(net_level(&net));
        if (i == 0) more_trade(customer);
        net.hub.machine.clock.skew = day;
    }
    uint64_t a = trade_register(site_of(0), (struct person_card){"Late Dangol", "010-7777-0000", NULL, NULL});
    uint64_t b = trade_register(site_of(1), (struct person_card){"Late Dangol", "010-7777-0000", NULL, NULL});
    cr_assert(net_level(&net));
    cr_assert(one_person(a, b));
    sound();
}

/* All hand back the same at once, more than there is room for: one after the other they come through. */
Test(recover, what_is_handed_back_at_once_is_bounded) {
    uint64_t customer = trade();
    for (int i = 0; i < 12000; i++) trade_contact(hub(), customer, choice_outcome_reached, "called");
    cr_assert(net_level(&net));
    look();
    net_hub_stop(&net);
    net_hub_anew(&net, 9);
    net_hub_start(&net);
    net.hub.desk.handing_most = 1;
    cr_assert(net_level(&net));
    cr_assert(net_journal_says(&net, "more stores hand back at once"));
    cr_assert_eq(net.hub.desk.handing, 0);
    for (size_t i = 0; i < seen_count; i++) cr_assert_eq(received_of(seen[i].id), seen[i].received);
    sound();
}

Test(recover, what_is_more_than_can_be_handed_back_is_said) {
    uint64_t customer = trade();
    for (int i = 0; i < 3000; i++) trade_contact(hub(), customer, choice_outcome_reached, "called");
    cr_assert(net_level(&net));
    net_hub_stop(&net);
    net_hub_anew(&net, 9);
    net_hub_start(&net);
    net.hub.desk.handing_one = 1000;
    cr_assert(!net_level(&net));
    cr_assert(net_journal_says(&net, "restore a newer copy of it first"));
    cr_assert_not_null(strstr(net.stores[0].uplink.trouble.text, "restore a newer copy of it first"), "%s",
                       net.stores[0].uplink.trouble.text);
    cr_assert_eq(net.hub.desk.handing, 0);
    net.hub.desk.handing_one = HANDING_MOST;
    cr_assert(net_level(&net));
    sound();
}
