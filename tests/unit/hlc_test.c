/* The hybrid logical clock: never back, close to the wall clock, not led astray by others. */
#include <criterion/criterion.h>

#include "proto/event/hlc.h"

#define NOW INT64_C(1764547200000)

Test(hlc, follows_the_wall_clock) {
    uint64_t last = hlc_make(NOW, 9);
    cr_assert_eq(hlc_next(last, NOW + 1), hlc_make(NOW + 1, 0));
    cr_assert_eq(hlc_next(0, NOW), hlc_make(NOW, 0));
}

Test(hlc, counts_while_the_wall_clock_stands_or_goes_back) {
    uint64_t last = hlc_make(NOW, 0);
    cr_assert_eq(hlc_next(last, NOW), last + 1);
    cr_assert_eq(hlc_next(last, NOW - 3600000), last + 1);
    cr_assert_eq(hlc_next(last, -1), last + 1);
    cr_assert_eq(hlc_next(0, -5), 1);
}

Test(hlc, a_full_counter_carries_into_the_ms) {
    cr_assert_eq(hlc_next(hlc_make(NOW, UINT16_MAX), NOW), hlc_make(NOW + 1, 0));
}

Test(hlc, never_goes_back_whatever_the_clock_does) {
    static const int64_t times[] = {0, NOW, NOW - 1, INT64_MIN, NOW + 5, INT64_MAX, NOW, -7, INT64_MAX};
    uint64_t last = 0;
    for (size_t i = 0; i < sizeof times / sizeof times[0]; i++) {
        uint64_t next = hlc_next(last, times[i]);
        cr_assert_gt(next, last);
        last = next;
    }
    cr_assert_eq(hlc_next(UINT64_MAX, NOW), UINT64_MAX);
}

Test(hlc, takes_over_what_is_heard) {
    uint64_t last = hlc_make(NOW, 4);
    cr_assert_eq(hlc_hear(last, hlc_make(NOW, 5), NOW), hlc_make(NOW, 5));
    cr_assert_eq(hlc_hear(last, hlc_make(NOW, 3), NOW), last);
    cr_assert_eq(hlc_hear(last, hlc_make(NOW + HLC_AHEAD_MAX_MS, 9), NOW), hlc_make(NOW + HLC_AHEAD_MAX_MS, 9));
}

Test(hlc, is_not_led_astray_by_a_clock_far_ahead) {
    uint64_t last = hlc_make(NOW, 4);
    cr_assert_eq(hlc_hear(last, hlc_make(NOW + HLC_AHEAD_MAX_MS + 1, 0), NOW), last);
    cr_assert_eq(hlc_hear(last, UINT64_MAX, NOW), last);
    cr_assert_eq(hlc_hear(0, hlc_make(HLC_AHEAD_MAX_MS + 1, 0), INT64_MIN), 0);
}
