/* Erasure (C11) over a region in one process: every key of a person is destroyed at the hub at once and at each store
 * when it is told, whoever dies at whichever write; what comes late goes with her, what comes after does not. */
#include <stdlib.h>
#include <string.h>

#include "hub/recovery.h"
#include "proto/site/erasure.h"
#include "tests/support/level_region.h"

#define STORES 3

LEVEL_REGION(erasure, 11, STORES)

static const struct person_card kim = {"Kim Forgotten", "010-1234-5678", "C-1", NULL};
static const struct person_card kim_again = {"Kim Forgotten", "010-1234-5678", NULL, NULL};
static const struct person_card namesake = {"Kim Daughter", "010-1234-5678", NULL, NULL};

/* One person of two stores, and who of them is asked for. */
static uint64_t trade(void) {
    uint64_t first = trade_register(site_of(0), kim);
    trade_sell(site_of(0), first, 1000);
    cr_assert(net_level(&net));
    uint64_t second = trade_register(site_of(1), kim_again);
    trade_sell(site_of(1), second, 70);
    cr_assert(net_level(&net));
    cr_assert_eq(model_person(hub()->model, second), first);
    net_pass(&net, 1000);
    return first;
}

/* By the desk's hand. */
static uint64_t erase(uint64_t customer) {
    uint64_t event = trade_erase(hub(), customer);
    cr_assert_neq(event, 0, "%s", trade_error()->text);
    net_pass(&net, 2000);
    return event;
}

static void level(void) {
    cr_assert(net_level(&net));
    net_pass(&net, 5000); /* what is only looked at now and then */
    cr_assert(net_level(&net));
    SOUND(region_net_check(&net));
}

static size_t said(const struct site *site, uint64_t id) {
    struct key_destroyed_state all[16];
    size_t n = model_keys_destroyed(site->model, id, all, 16), own = 0;
    for (size_t i = 0; i < n; i++) own += id_stream(all[i].event) == site->config.stream;
    return own;
}

/* No key, no trace of one on disk, and the site's word on each that it had. Returns how many it had. */
static size_t forgotten_at(struct net_machine *machine, uint64_t id) {
    struct ring_key keys[4];
    int n = machine->site->ring->ops->get(machine->site->ring, id, keys, 4, NULL);
    for (int i = 0; i < n; i++) cr_assert(keys[i].destroyed);
    cr_assert_not(keyring_mem_remains(machine->ring.inner));
    cr_assert_eq(said(machine->site, id), (size_t)n);
    cr_assert(site_forgot_all(machine->site));
    return (size_t)n;
}

static bool apart(void) {
    struct apart *rows;
    size_t count;
    cr_assert_eq(apart_load(hub(), &rows, &count, NULL), 0);
    free(rows);
    return count > 0;
}

static bool is_erased(uint64_t id) { return model_customer(hub()->model, id) == CUSTOMER_ERASED; }

/* ---- The way of an erasure ---- */

Test(erasure, C11_goes_to_whoever_holds_a_key) {
    uint8_t before[DIGEST_SIZE], after[DIGEST_SIZE];
    uint64_t first = trade(), ids[8], found[4];
    size_t count = model_members(hub()->model, first, ids, 8);
    cr_assert_eq(count, 2);
    model_digest(hub()->model, NULL, before);
    erase(first);
    level();
    for (size_t i = 0; i < count; i++) {
        cr_assert_eq(forgotten_at(&net.hub.machine, ids[i]), 1);
        cr_assert_eq(forgotten_at(&net.stores[0].machine, ids[i]), 1);
        cr_assert_eq(forgotten_at(&net.stores[1].machine, ids[i]), 1);
        cr_assert_eq(forgotten_at(&net.stores[2].machine, ids[i]), 0);
    }
    cr_assert_eq(site_find(hub(), TAG_PHONE, view_of(kim.phone), true, found, 4, NULL), 0);
    cr_assert_eq(site_find(site_of(1), TAG_PHONE, view_of(kim.phone), true, found, 4, NULL), 0);
    cr_assert_not(apart(), "every store is past it");
    model_digest(hub()->model, NULL, after);
    cr_assert_arr_eq(before, after, DIGEST_SIZE);
    uint64_t tip = log_tip(hub()->log);
    cr_assert_eq(site_forget(hub(), NULL), 0); /* again is harmless */
    cr_assert_eq(log_tip(hub()->log), tip);
}

Test(erasure, C11_only_the_hub_may_say_so) {
    uint64_t first = trade();
    cr_assert_neq(trade_erase(site_of(1), first), 0);
    level();
    cr_assert_not(is_erased(first));
    cr_assert(site_keys(hub(), first, &(struct customer_key){.bytes = {0}}, 1, NULL) == 1);
}

Test(erasure, C11_nothing_sealed_is_written_about_the_erased) {
    uint64_t first = trade();
    erase(first);
    level();
    cr_assert_eq(trade_contact(site_of(0), first, 0, "still there?"), 0);
    cr_assert_not_null(strstr(trade_error()->text, "erased"), "%s", trade_error()->text);
    cr_assert_neq(trade_sell(site_of(0), first, 10), 0); /* a sum, and no word */
    level();
}

/* A member of staff, too, whose name is sealed with a key of its own. */
Test(erasure, C11_staff_and_things_with_a_key_of_their_own) {
    struct draft staff = {.subject = SUBJECT_SELF};
    event_init(&staff.event, EVENT_staff);
    staff.event.body.staff.code = view_of("kim");
    staff.event.body.staff.role = choice_role_assistant;
    staff.event.body.staff.active = 1;
    staff.event.body.staff.name = view_of("Kim Assistant");
    staff.event.sealed_bits = UINT64_C(1) << SEALED_staff_name;
    uint64_t member = trade_write(site_of(0), &staff), complaint = trade_complain(site_of(0), 0, "says who she is");
    cr_assert(member != 0 && complaint != 0, "%s", trade_error()->text);
    cr_assert(net_level(&net));
    erase(member);
    erase(complaint);
    level();
    for (int i = 0; i < 2; i++) {
        uint64_t id = i == 0 ? member : complaint;
        cr_assert_eq(forgotten_at(&net.hub.machine, id), 1);
        cr_assert_eq(forgotten_at(&net.stores[0].machine, id), 1);
    }
    struct staff_state state;
    size_t cursor = 0;
    cr_assert(model_staff_next(hub()->model, &cursor, &state) && view_is(state.code, "kim"), "the code stays");
}

/* The hub's or a store's process dies at its n-th write from the erasure on, before it is durable or after. */
static bool dies_at(size_t who, bool ring, bool after_all, uint64_t n) {
    prepare();
    uint64_t first = trade(), ids[8];
    size_t count = model_members(hub()->model, first, ids, 8);
    struct net_machine *machine = who == STORES ? &net.hub.machine : &net.stores[who].machine;
    struct fault *fault = ring ? &machine->ring.fault : &machine->log.fault;
    uint64_t event = trade_erase(hub(), first);
    fault_plan(fault, n, 1, ERR_IO);
    fault->after_all = after_all;
    fault->deadly = !after_all;
    net_pass(&net, 3000);
    bool died = machine->dead;
    if (died && who == STORES) {
        net_hub_crash(&net);
        net_hub_start(&net);
    } else if (died) {
        net_store_crash(&net.stores[who]);
        net_store_start(&net.stores[who]);
    }
    fault_plan(fault, 0, 0, 0);
    level();
    cr_assert_neq(event, 0);
    for (size_t i = 0; i < count; i++) {
        cr_assert_eq(forgotten_at(&net.hub.machine, ids[i]), 1);
        cr_assert_eq(forgotten_at(&net.stores[0].machine, ids[i]), 1);
        cr_assert_eq(forgotten_at(&net.stores[1].machine, ids[i]), 1);
    }
    cr_assert_not(apart());
    done();
    return died;
}

Test(erasure_crash, C11_whoever_dies_at_whichever_write, .timeout = 300) {
    static const size_t whom[] = {STORES, 0};
    for (size_t i = 0; i < 2; i++)
        for (int ring = 0; ring < 2; ring++)
            for (int after = 0; after < 2; after++) {
                uint64_t n = 0;
                while (dies_at(whom[i], ring == 1, after == 1, n)) n++;
                cr_assert_geq(n, ring == 1 ? 3 : 1, "%llu writes", (unsigned long long)n);
            }
}

/* A disk that is full: nobody can read her from the first moment; the rest is done when there is room. */
Test(erasure, C11_a_full_disk_only_delays_it) {
    uint64_t first = trade();
    struct net_machine *machine = &net.stores[1].machine;
    fault_plan(&machine->ring.fault, 0, UINT64_MAX, ERR_NO_SPACE);
    erase(first);
    net_pass(&net, 60000);
    struct buf name = BUF_INIT;
    site_field(machine->site, NULL, first, SEALED_registered_name, &name);
    cr_assert_eq(name.len, 0);
    cr_assert_not(site_forgot_all(machine->site));
    cr_assert(apart(), "the hub waits for it");
    fault_plan(&machine->ring.fault, 0, 0, 0);
    net_pass(&net, 60000);
    level();
    cr_assert_eq(forgotten_at(machine, first), 1);
    cr_assert_not(apart());
}

/* ---- A store that was off line ---- */

static void off_line(size_t store, bool cut) { net_cut(&net.stores[store].machine, cut); }

Test(erasure, C11_a_key_is_never_taken_again) {
    uint64_t first = trade();
    off_line(1, true);
    net_pass(&net, 1000);
    trade_sell(site_of(1), first, 500);
    trade_contact(site_of(1), first, 0, "says nobody heard of it here");
    erase(first);
    struct customer_key key;
    cr_assert_eq(site_keys(site_of(1), first, &key, 1, NULL), 1);
    struct ring_put put = {.id = first, .has_key = true, .key = key, .tags = {{.kind = TAG_PHONE}}, .tag_count = 1};
    mutex_lock(&hub()->writer);
    cr_assert_eq(site_put_keys(hub(), &put, 1, NULL), 0);
    mutex_unlock(&hub()->writer);
    cr_assert_eq(site_keys(hub(), first, &key, 1, NULL), 0);
    off_line(1, false);
    level();
    cr_assert_eq(forgotten_at(&net.hub.machine, first), 1);
    cr_assert_eq(forgotten_at(&net.stores[1].machine, first), 1);
}

/* Of a registration by its clock: one that happened before the erasure goes with it, to the millisecond. */
static void register_late(int64_t before_ms, bool goes) {
    uint64_t first = trade();
    off_line(2, true);
    net_pass(&net, 1000);
    int64_t now = net.world.elapsed;
    uint64_t late = 0;
    if (before_ms > 0) {
        late = trade_register(site_of(2), kim_again);
        net.world.elapsed += before_ms;
    }
    uint64_t event = trade_erase(hub(), first);
    if (late == 0) late = trade_register(site_of(2), kim_again);
    cr_assert(net.world.elapsed >= now && event != 0 && late != 0);
    net_pass(&net, 5000);
    cr_assert(apart(), "a store may still bring something");
    off_line(2, false);
    level();
    cr_assert_eq(is_erased(late), goes);
    cr_assert_eq(model_person(hub()->model, late) == model_person(hub()->model, first), false);
    if (goes) cr_assert_eq(forgotten_at(&net.stores[2].machine, late), 1);
    cr_assert_not(apart());
}

Test(erasure, C11_registered_just_before_it) { register_late(1, true); }
Test(erasure, C11_registered_in_the_same_moment) { register_late(0, false); }

Test(erasure, C11_another_name_under_the_same_number_stays) {
    uint64_t first = trade();
    off_line(2, true);
    uint64_t daughter = trade_register(site_of(2), namesake);
    net_pass(&net, 1000);
    erase(first);
    off_line(2, false);
    level();
    cr_assert_not(is_erased(daughter));
}

/* Who came back since is not taken along by what comes late. */
Test(erasure, C11_who_came_back_stays) {
    uint64_t first = trade();
    off_line(2, true);
    uint64_t late = trade_register(site_of(2), kim_again);
    net_pass(&net, 1000);
    erase(first);
    uint64_t back = trade_register(site_of(0), kim);
    cr_assert_neq(back, 0, "%s", trade_error()->text);
    net_pass(&net, 2000);
    off_line(2, false);
    level();
    cr_assert(is_erased(late));
    cr_assert_not(is_erased(back));
}

Test(erasure, C11_a_complaint_attributed_to_her_by_a_store_that_had_not_heard) {
    uint64_t first = trade();
    off_line(1, true);
    net_pass(&net, 1000);
    uint64_t complaint = trade_complain(site_of(1), 0, "says she at the counter");
    erase(first);
    trade_attribute(site_of(1), complaint, first);
    off_line(1, false);
    level();
    cr_assert(is_erased(complaint));
    cr_assert_eq(forgotten_at(&net.hub.machine, complaint), 1);
    cr_assert_eq(forgotten_at(&net.stores[1].machine, complaint), 1);
}

Test(erasure, C11_a_revoked_store_is_not_waited_for) {
    uint64_t first = trade();
    off_line(2, true);
    erase(first);
    cr_assert(apart());
    net_revoke(&net, net.stores[2].machine.config.stream);
    net_pass(&net, 5000);
    cr_assert_not(apart());
}

/* ---- Recoveries ---- */

/* An image of the hub from before the erasure holds the keys; they go when its former word is back. */
Test(erasure, E10_a_restored_hub_forgets_again) {
    uint64_t first = trade();
    struct net_image image = net_image_take(&net.hub.machine);
    erase(first);
    level();
    net_hub_stop(&net);
    net_image_put(&net.hub.machine, &image);
    net_hub_recover(&net);
    net_hub_start(&net);
    net_pass(&net, 60000);
    level();
    cr_assert(is_erased(first));
    cr_assert_eq(forgotten_at(&net.hub.machine, first), 1);
}

/* It does not know who was erased since its copy was made, so it names nobody until it is told, or a person says so. */
Test(erasure, E10_a_restored_hub_names_nobody_before_it_is_told) {
    uint64_t first = trade();
    struct net_image image = net_image_take(&net.hub.machine);
    struct buf name = BUF_INIT;
    erase(first);
    level();
    net_hub_stop(&net);
    net_image_put(&net.hub.machine, &image);
    net_hub_recover(&net);
    for (size_t i = 0; i < STORES; i++) off_line(i, true);
    net_hub_start(&net);
    site_field(hub(), NULL, first, SEALED_registered_name, &name);
    cr_assert_eq(name.len, 0);
    cr_assert_eq(recovery_answer(hub(), NULL), 0);
    site_field(hub(), NULL, first, SEALED_registered_name, &name);
    cr_assert(view_is(buf_view(&name), kim.name));
    net_hub_crash(&net); /* it stays said */
    net_hub_start(&net);
    cr_assert_not(hub()->closed);
    for (size_t i = 0; i < STORES; i++) off_line(i, false);
    net_pass(&net, 60000);
    level();
    buf_clear(&name);
    site_field(hub(), NULL, first, SEALED_registered_name, &name);
    cr_assert_eq(name.len, 0);
    cr_assert_eq(forgotten_at(&net.hub.machine, first), 1);
    buf_release(&name);
}

/* One store has not heard, and hands its events back with the keys. */
Test(erasure, E10_a_hub_made_anew_gets_no_key_of_hers) {
    uint64_t first = trade();
    off_line(1, true);
    erase(first);
    net_pass(&net, 60000); /* the others hear of it */
    net_hub_stop(&net);
    net_hub_anew(&net, 60);
    net_hub_start(&net);
    off_line(1, false);
    net_pass(&net, 120000);
    level();
    cr_assert(is_erased(first));
    struct ring_key keys[4];
    int n = hub()->ring->ops->get(hub()->ring, first, keys, 4, NULL);
    for (int i = 0; i < n; i++) cr_assert(keys[i].destroyed);
    cr_assert_not(keyring_mem_remains(net.hub.machine.ring.inner));
    cr_assert_eq(forgotten_at(&net.stores[1].machine, first), 1);
}
