/* Retention (C11): three years from the last that happened, to the day. */
#include "proto/model/retention.h"

#include <criterion/criterion.h>
#include <stdlib.h>

#include "tests/support/region_model.h"

static struct region r;
static struct folded f;
static struct zone zone;
static struct kept *all;
static size_t count;

static void set_up(void) {
    region_init(&r);
    zone = zone_fixed(9 * INT64_C(3600000));
}
static void tear_down(void) {
    free(all);
    folded_release(&f);
    region_release(&r);
}
TestSuite(retention, .init = set_up, .fini = tear_down);

static int64_t day(int year, int month, int of_month) {
    return zone_day_end(&zone, (struct date){year, month, of_month});
}
static uint64_t customer(int64_t at) { return region_registered(&r, 1, 1, at); }

/* How many are listed as of the end of a day, and is this one the first? */
static size_t over(uint64_t who, int64_t to) {
    free(all);
    all = NULL;
    cr_assert_eq(retention_over(fold_region(&f, &r), &zone, to, &all, &count), 0);
    if (count > 0 && who != 0) cr_assert_eq(all[0].person, who);
    return count;
}

Test(retention, C11_three_years_to_the_day) {
    uint64_t a = customer(day(2021, 5, 10) - DAY_MS);
    region_sold(&r, 1, a, 500, 1, day(2021, 5, 10) - 1000);
    cr_assert_eq(over(a, day(2024, 5, 9)), 0u, "a day before");
    cr_assert_eq(over(a, day(2024, 5, 10)), 0u, "it is kept all that day");
    cr_assert_eq(over(a, day(2024, 5, 11)), 1u, "a day after");
    cr_assert_eq(all[0].last, day(2021, 5, 10) - 1000);
    cr_assert_eq(all[0].until, day(2024, 5, 10));
    cr_assert_eq(all[0].spend, 500);
    region_policy(&r, "keep-years", "5", NIL);
    cr_assert_eq(over(a, day(2024, 5, 11)), 0u);
    cr_assert_eq(over(a, day(2026, 5, 11)), 1u);
}

Test(retention, C11_from_a_leap_day) {
    uint64_t a = customer(day(2024, 2, 29));
    cr_assert_eq(over(a, day(2027, 2, 28)), 0u);
    cr_assert_eq(over(a, day(2027, 3, 1)), 1u);
    cr_assert_eq(all[0].until, day(2027, 2, 28));
}

/* The list agrees with the day it names, also where a month is longer than it was three years before. */
Test(retention, C11_from_the_last_of_february_into_a_leap_year) {
    uint64_t a = customer(day(2021, 2, 28));
    cr_assert_eq(over(a, day(2024, 2, 28)), 0u);
    cr_assert_eq(over(a, day(2024, 2, 29)), 1u);
    cr_assert_eq(all[0].until, day(2024, 2, 28));
}

Test(retention, C11_whatever_happened_last_counts_unless_it_was_voided) {
    uint64_t a = customer(day(2020, 1, 1)), sold = region_sold(&r, 1, a, 500, 1, day(2020, 6, 1));
    int64_t now = day(2023, 6, 2);
    cr_assert_eq(over(a, now), 1u);
    uint64_t back = region_returned(&r, 1, a, sold, 100, day(2021, 1, 1));
    cr_assert_eq(over(a, now), 0u, "something came back later");
    region_voided(&r, 1, a, back, true);
    cr_assert_eq(over(a, now), 1u);
    uint64_t called = region_contacted(&r, 2, a, day(2022, 1, 1));
    cr_assert_eq(over(a, now), 0u);
    region_voided(&r, 2, a, called, true);
    uint64_t complaint = region_complained(&r, 1, a, day(2020, 7, 1));
    uint64_t step = region_stepped(&r, 1, a, complaint, choice_step_listen, IDS(complaint), day(2020, 7, 2));
    cr_assert_eq(over(a, now), 0u, "an act on a complaint");
    cr_assert_eq(over(a, day(2023, 7, 3)), 1u);
    region_voided(&r, 1, a, step, true);
    cr_assert_eq(over(a, day(2023, 7, 2)), 1u);
    region_sold(&r, 1, a, 10, 1, day(2023, 8, 1));
    cr_assert_eq(over(a, day(2023, 7, 31)), 1u, "as of a day, what happened later is not known");
    cr_assert_eq(over(a, day(2023, 8, 1)), 0u);
}

Test(retention, C11_linked_unlinked_and_erased) {
    uint64_t a = customer(day(2020, 1, 1)), b = customer(day(2023, 1, 1));
    int64_t now = day(2024, 1, 1);
    cr_assert_eq(over(a, now), 1u);
    uint64_t link = region_linked(&r, HUB, a, b, choice_link_reason_phone);
    cr_assert_eq(over(a, now), 0u, "one person, who was here a year ago");
    region_unlinked(&r, HUB, a, b, IDS(link), IDS(a));
    cr_assert_eq(over(a, now), 1u);
    region_erased(&r, HUB, IDS(a));
    cr_assert_eq(over(0, now), 0u, "she is gone already");
}
