/* How often somebody may try to sign in (E14): free tries, doubling waits, what forgives, and whom a full table
 * remembers. */
#include <criterion/criterion.h>

#include "proto/api/throttle.h"

static struct throttle throttle;

static void prepare(void) { throttle = (struct throttle){.spare = 3}; }
static void done(void) { throttle_release(&throttle); }

TestSuite(throttle, .init = prepare, .fini = done);

static uint64_t key_of(const char *name, const char *address) {
    return throttle_key(view_of(name), address == NULL ? VIEW_NONE : view_of(address));
}

Test(throttle, E14_the_fourth_failure_costs_a_second_and_each_one_more_twice_as_long) {
    static const int64_t waits[] = {0, 0, 0, 1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 900, 900, 900};
    uint64_t key = key_of("kim", "10.0.0.1");
    int64_t now = 1000;
    for (size_t i = 0; i < sizeof waits / sizeof *waits; i++) {
        cr_assert_eq(throttle_wait(&throttle, key, now), 0, "try %zu may be made", i);
        throttle_failed(&throttle, key, now);
        cr_assert_eq(throttle_wait(&throttle, key, now), waits[i] * 1000, "after failure %zu", i + 1);
        if (waits[i] > 0) cr_assert_eq(throttle_wait(&throttle, key, now + waits[i] * 1000 - 1), 1);
        now += waits[i] * 1000;
    }
}

Test(throttle, E14_that_somebody_waits_is_told_once_a_failure) {
    uint64_t key = key_of("kim", "10.0.0.1");
    cr_assert_not(throttle_tell(&throttle, key), "nobody waits yet");
    throttle_failed(&throttle, key, 0);
    cr_assert(throttle_tell(&throttle, key));
    cr_assert_not(throttle_tell(&throttle, key));
    throttle_failed(&throttle, key, 1);
    cr_assert(throttle_tell(&throttle, key));
}

Test(throttle, E14_neither_another_address_nor_another_name_waits) {
    uint64_t key = key_of("kim", "10.0.0.1");
    for (int i = 0; i < 6; i++) throttle_failed(&throttle, key, 0);
    cr_assert_gt(throttle_wait(&throttle, key, 0), 0);
    cr_assert_eq(throttle_wait(&throttle, key_of("kim", "10.0.0.2"), 0), 0);
    cr_assert_eq(throttle_wait(&throttle, key_of("lee", "10.0.0.1"), 0), 0);
    cr_assert_neq(key_of("ki", "m10.0.0.1"), key, "where the name ends counts");
}

Test(throttle, E14_a_success_forgives_all_and_an_hour_one) {
    uint64_t key = key_of("kim", "10.0.0.1");
    for (int i = 0; i < 6; i++) throttle_failed(&throttle, key, 0);
    throttle_passed(&throttle, key);
    cr_assert_eq(throttle_wait(&throttle, key, 0), 0);
    cr_assert(throttle_known(&throttle, key));
    for (int i = 0; i < 3; i++) throttle_failed(&throttle, key, 0);
    cr_assert_eq(throttle_wait(&throttle, key, 0), 0, "the three free ones are back");
    throttle_failed(&throttle, key, THROTTLE_FORGIVEN_MS);
    cr_assert_eq(throttle_wait(&throttle, key, THROTTLE_FORGIVEN_MS), 0, "one of the three was forgiven");
    throttle_failed(&throttle, key, 2 * THROTTLE_FORGIVEN_MS - 1);
    cr_assert_eq(throttle_wait(&throttle, key, 2 * THROTTLE_FORGIVEN_MS - 1), 1000, "a ms before the hour: not yet");
}

Test(throttle, E14_who_makes_up_names_does_not_make_it_forget) {
    uint64_t attacked = key_of("kim", "10.0.0.1"), known = key_of("lee", "10.0.0.1");
    char name[24];
    for (int i = 0; i < 10; i++) throttle_failed(&throttle, attacked, 0);
    throttle_passed(&throttle, known);
    for (int i = 0; i < 3 * THROTTLE_ROWS; i++) {
        snprintf(name, sizeof name, "made-up-%d", i);
        throttle_failed(&throttle, key_of(name, "10.0.0.1"), 1000 + i);
    }
    cr_assert_eq(throttle_wait(&throttle, attacked, 0), 64000);
    cr_assert(throttle_known(&throttle, known));
    cr_assert_eq(throttle.count, THROTTLE_ROWS, "and it stays bounded");
}
