/* Who stays away, who came back, and the months, at their boundaries: V7, V8, V10. */
#include <criterion/criterion.h>
#include <stdlib.h>

#include "proto/model/inactive.h"
#include "proto/model/months.h"
#include "tests/support/region_model.h"

static struct region r;
static struct folded f;
static struct zone zone;
static const struct scope anywhere = {{NULL, 0}, {NULL, 0}};

static void set_up(void) {
    region_init(&r);
    zone = zone_fixed(9 * INT64_C(3600000));
}
static void tear_down(void) {
    folded_release(&f);
    region_release(&r);
}
TestSuite(away, .init = set_up, .fini = tear_down);

static int64_t start(int year, int month, int day) { return zone_day_start(&zone, (struct date){year, month, day}); }
static int64_t end(int year, int month, int day) { return zone_day_end(&zone, (struct date){year, month, day}); }

static uint64_t customer(uint32_t stream) { return region_registered(&r, stream, 1, start(2023, 1, 1)); }
static uint64_t sale(uint64_t who, int64_t at) { return region_sold(&r, 1, who, 100, 1, at); }

/* The months of the one who is away, 0 when nobody is. */
static int64_t away(int64_t to) {
    struct inactive *all;
    size_t count;
    cr_assert_eq(inactive_list(fold_region(&f, &r), &zone, to, &anywhere, NULL, &all, &count), 0);
    int64_t months = count == 0 ? 0 : all[0].months;
    cr_assert_leq(count, 1u);
    free(all);
    return months;
}

Test(away, V7_six_months_to_the_day) {
    sale(customer(1), end(2025, 3, 15));
    cr_assert_eq(away(end(2025, 9, 14)), 0, "the day before");
    cr_assert_eq(away(start(2025, 9, 15)), 6, "from that day on");
    cr_assert_eq(away(end(2026, 3, 14)), 6);
    cr_assert_eq(away(end(2026, 3, 15)), 12);
}

Test(away, V7_months_are_clamped_to_their_last_day) {
    sale(customer(1), start(2025, 2, 28));
    cr_assert_eq(away(end(2025, 8, 27)), 0);
    cr_assert_eq(away(end(2025, 8, 28)), 6);
    uint64_t leap = customer(1);
    sale(leap, start(2024, 2, 29));
    struct inactive *all;
    size_t count;
    cr_assert_eq(inactive_list(fold_region(&f, &r), &zone, end(2025, 2, 27), &anywhere, NULL, &all, &count), 0);
    cr_assert_eq(all[0].months, 6, "a year back from the 27th is the 27th");
    free(all);
    cr_assert_eq(inactive_list(f.model, &zone, start(2025, 2, 28), &anywhere, NULL, &all, &count), 0);
    cr_assert_eq(all[0].months, 12, "a year after the 29th is the 28th where there is no 29th");
    cr_assert_eq(all[0].standing.person, leap);
    free(all);
}

Test(away, V7_from_the_last_of_a_long_month_to_the_last_of_a_short_one) {
    sale(customer(1), start(2025, 8, 31));
    cr_assert_eq(away(end(2026, 2, 27)), 0);
    cr_assert_eq(away(start(2026, 2, 28)), 6);
    cr_assert_eq(away(end(2026, 8, 30)), 6);
    cr_assert_eq(away(start(2026, 8, 31)), 12);
}

/* The list asks back from today, the follow-up forth from the visit; of every day of two years they say the same. */
Test(away, V7_and_K2_agree_on_every_day) {
    for (int64_t day = date_to_days((struct date){2023, 7, 1}); day < date_to_days((struct date){2025, 7, 1}); day++) {
        int64_t to = zone_day_start(&zone, date_from_days(day)) + DAY_MS / 2;
        int64_t limit = date_to_days(zone_date(&zone, inactive_before(&zone, to, 6) - 1)); /* away: until then */
        for (int64_t visit = limit - 3; visit < limit + 5; visit++)
            cr_assert_eq(visit <= limit, date_to_days(inactive_day(date_from_days(visit), 6)) <= day);
    }
}

Test(away, V7_only_visits_count_and_only_live_ones) {
    uint64_t a = customer(1);
    uint64_t first = sale(a, start(2025, 1, 1)), later = sale(a, start(2025, 6, 1));
    region_returned(&r, 1, a, first, 10, start(2025, 8, 1)); /* no visit */
    cr_assert_eq(away(end(2025, 8, 2)), 0);
    region_voided(&r, 1, a, later, true);
    cr_assert_eq(away(end(2025, 8, 2)), 6);
    customer(1); /* never there: nobody to win back */
    cr_assert_eq(away(end(2025, 8, 2)), 6);
}

Test(away, V7_linked_and_unlinked) {
    uint64_t a = customer(1), b = customer(2);
    sale(a, start(2025, 1, 1));
    sale(b, start(2025, 7, 1));
    cr_assert_eq(away(end(2025, 8, 1)), 6);
    uint64_t link = region_linked(&r, HUB, b, a, choice_link_reason_phone);
    cr_assert_eq(away(end(2025, 8, 1)), 0);
    region_unlinked(&r, HUB, a, b, IDS(link), IDS(a));
    cr_assert_eq(away(end(2025, 8, 1)), 6);
}

/* When the one who is away was last reached. */
static int64_t reached(int64_t to) {
    struct inactive *all;
    size_t count;
    cr_assert_eq(inactive_list(fold_region(&f, &r), &zone, to, &anywhere, NULL, &all, &count), 0);
    cr_assert_eq(count, 1u);
    int64_t at = all[0].contacted;
    free(all);
    return at;
}

Test(away, K1_V7_reached_since_the_last_visit) {
    uint64_t a = customer(1), b = customer(2);
    int64_t visit = start(2024, 2, 29), now = end(2025, 3, 1);
    sale(a, visit);
    region_contacted(&r, 1, a, visit);
    cr_assert_eq(reached(now), TIME_NONE, "while she was there");
    region_contacted(&r, 1, a, visit + 1);
    cr_assert_eq(reached(now), visit + 1);
    uint64_t last = region_contacted(&r, 2, b, now);
    cr_assert_eq(reached(now), visit + 1, "somebody else");
    uint64_t link = region_linked(&r, HUB, b, a, choice_link_reason_phone);
    cr_assert_eq(reached(now - 1), visit + 1, "not yet");
    cr_assert_eq(reached(now), now);
    region_voided(&r, 2, b, last, true);
    cr_assert_eq(reached(now), visit + 1);
    region_voided(&r, 2, b, last, false);
    region_unlinked(&r, HUB, b, a, IDS(link), IDS(a));
    cr_assert_eq(reached(now), visit + 1);
}

static bool silent(uint64_t who, int64_t to) {
    struct inactive *all;
    size_t count;
    bool found = false, is = false;
    cr_assert_eq(inactive_list(fold_region(&f, &r), &zone, to, &anywhere, NULL, &all, &count), 0);
    for (size_t i = 0; i < count; i++) {
        if (all[i].standing.person != who) continue;
        found = true;
        is = all[i].silent;
    }
    free(all);
    cr_assert(found, "is away");
    return is;
}

static uint64_t left(uint64_t who, int64_t at) {
    struct event e;
    event_init(&e, EVENT_left);
    e.subject = who;
    e.at = at;
    e.body.left.reason = choice_leaving_service;
    return region_put(&r, 1, &e, false);
}

Test(away, V7_silently_when_nothing_says_why_since_the_day_of_the_last_visit) {
    uint64_t a = customer(1), b = customer(2), c = customer(1);
    sale(a, start(2024, 2, 29) + DAY_MS / 2);
    sale(b, start(2024, 2, 29));
    sale(c, start(2024, 2, 1));
    region_complained(&r, 1, a, start(2024, 2, 29) - 1); /* she came again after it */
    cr_assert(silent(a, end(2025, 3, 1)));
    uint64_t angry = region_complained(&r, 1, a, start(2024, 2, 29)); /* that day, before she bought */
    cr_assert_not(silent(a, end(2025, 3, 1)));
    region_voided(&r, 1, a, angry, true);
    cr_assert(silent(a, end(2025, 3, 1)));
    uint64_t word = left(b, start(2025, 2, 1));
    cr_assert_not(silent(b, start(2025, 2, 1)));
    cr_assert(silent(b, start(2025, 2, 1) - 1), "not said yet");
    uint64_t link = region_linked(&r, HUB, b, a, choice_link_reason_phone);
    cr_assert_not(silent(a, end(2025, 3, 1)), "one person, one reason");
    region_unlinked(&r, HUB, a, b, IDS(link), IDS(a));
    cr_assert(silent(a, end(2025, 3, 1)));
    region_voided(&r, 1, b, word, true);
    cr_assert(silent(b, end(2025, 3, 1)));
    uint64_t nobodys = region_complained(&r, 1, 0, start(2024, 2, 2));
    cr_assert(silent(c, end(2025, 3, 1)));
    region_attributed(&r, 1, nobodys, c);
    cr_assert_not(silent(c, end(2025, 3, 1)), "it was hers");
}

/* A zone whose clocks go forward an hour at 03:00 UTC of 5 July 2025. */
static int64_t changing(void *context, int64_t utc_ms) {
    (void)context;
    int64_t change = date_to_days((struct date){2025, 7, 5}) * DAY_MS + 3 * INT64_C(3600000);
    return utc_ms < change ? 0 : INT64_C(3600000);
}
static struct zone zone_changing(void) { return (struct zone){changing, NULL, "changing"}; }

static struct came_back back_of(size_t span) {
    struct came_back out[POLICY_LISTED_MAX];
    cr_assert_eq(came_back(fold_region(&f, &r), &zone, TIME_NONE, end(2026, 12, 31), &anywhere, NULL, out), 2u);
    return out[span];
}

Test(away, V7_back_within_sixty_days_of_the_contact) {
    uint64_t a = customer(1), b = customer(1), active = customer(1);
    int64_t contact = start(2025, 8, 1);
    sale(a, start(2025, 1, 1));
    sale(b, start(2025, 1, 1));
    sale(active, start(2025, 7, 1));
    region_contacted(&r, 1, a, contact);
    region_contacted(&r, 1, a, contact + 1); /* called twice, one customer */
    uint64_t called = region_contacted(&r, 1, b, contact);
    region_contacted(&r, 1, active, contact);
    sale(a, end(2025, 9, 30)); /* the last ms of the sixtieth day */
    sale(b, start(2025, 10, 1));
    sale(active, contact + DAY_MS);
    cr_assert_eq(back_of(0).contacted, 2u, "who had come lately is not asked about");
    cr_assert_eq(back_of(0).back, 1u);
    cr_assert_eq(back_of(1).contacted, 0u);
    region_voided(&r, 1, b, called, true);
    cr_assert_eq(back_of(0).contacted, 1u);
}

/* Local days: who was called in the evening has the sixtieth day as whole as who was called in the morning. */
Test(away, V7_back_on_the_last_day_whatever_the_hour_of_the_call) {
    uint64_t a = customer(1), b = customer(1);
    sale(a, start(2023, 6, 1));
    sale(b, start(2023, 6, 1));
    region_contacted(&r, 1, a, start(2024, 1, 1));
    region_contacted(&r, 1, b, end(2024, 1, 1));
    sale(a, end(2024, 3, 1)); /* 31 - 1 + 29 of a leap year + 1 */
    sale(b, start(2024, 3, 2));
    cr_assert_eq(back_of(0).contacted, 2u);
    cr_assert_eq(back_of(0).back, 1u);
}

Test(away, V7_back_days_of_a_zone_with_summer_time) {
    zone = zone_changing();
    uint64_t a = customer(1), b = customer(1);
    sale(a, start(2025, 1, 1));
    sale(b, start(2025, 1, 1));
    region_policy(&r, "back-days", "1", NIL);
    region_contacted(&r, 1, a, start(2025, 7, 4));
    region_contacted(&r, 1, b, start(2025, 7, 4));
    sale(a, end(2025, 7, 5)); /* 47 hours later */
    sale(b, end(2025, 7, 5) + 1);
    cr_assert_eq(back_of(0).contacted, 2u);
    cr_assert_eq(back_of(0).back, 1u);
}

Test(away, V10_the_latest_word_of_each) {
    struct leaving out[LEAVING_MAX];
    uint64_t a = customer(1), b = customer(1);
    static const enum choice_leaving said[] = {choice_leaving_quality, choice_leaving_service, choice_leaving_service};
    sale(a, start(2025, 1, 1));
    for (int i = 0; i < 3; i++) {
        struct event e;
        event_init(&e, EVENT_left);
        e.subject = i == 2 ? b : a;
        e.at = start(2025, 2, 1 + i);
        e.body.left.reason = said[i];
        region_put(&r, 1, &e, false);
    }
    leaving_reasons(fold_region(&f, &r), TIME_NONE, end(2025, 12, 31), &anywhere, out);
    cr_assert_eq(out[choice_leaving_service].customers, 2u);
    cr_assert_eq(out[choice_leaving_service].spend, 100);
    cr_assert_eq(out[choice_leaving_quality].customers, 0u);
    leaving_reasons(f.model, TIME_NONE, end(2025, 2, 1), &anywhere, out);
    cr_assert_eq(out[choice_leaving_quality].customers, 1u);
    region_linked(&r, HUB, b, a, choice_link_reason_phone);
    leaving_reasons(fold_region(&f, &r), TIME_NONE, end(2025, 12, 31), &anywhere, out);
    cr_assert_eq(out[choice_leaving_service].customers, 1u, "one person now");
}

Test(away, V10_an_earlier_reason_that_is_typed_in_afterwards) {
    struct leaving out[LEAVING_MAX];
    uint64_t a = customer(1);
    struct event e;
    event_init(&e, EVENT_left);
    e.subject = a;
    e.at = start(2024, 11, 20);
    e.body.left.reason = choice_leaving_quality;
    region_put(&r, 1, &e, false);
    left(a, start(2024, 11, 20) - 1);
    leaving_reasons(fold_region(&f, &r), TIME_NONE, end(2025, 12, 31), &anywhere, out);
    cr_assert(out[choice_leaving_quality].customers == 1 && out[choice_leaving_service].customers == 0);
    leaving_reasons(f.model, TIME_NONE, start(2024, 11, 20) - 1, &anywhere, out);
    cr_assert(out[choice_leaving_quality].customers == 0 && out[choice_leaving_service].customers == 1);
}

Test(away, V10_taken_apart_voided_and_the_last_ms_of_the_span) {
    struct leaving out[LEAVING_MAX];
    uint64_t a = customer(1), b = customer(2), link = region_linked(&r, HUB, b, a, choice_link_reason_phone);
    uint64_t word = left(a, end(2024, 2, 29));
    left(b, start(2024, 3, 1));
    leaving_reasons(fold_region(&f, &r), start(2024, 2, 29), end(2024, 2, 29), &anywhere, out);
    cr_assert_eq(out[choice_leaving_service].customers, 1u);
    leaving_reasons(f.model, start(2024, 2, 29), end(2024, 3, 1), &anywhere, out);
    cr_assert_eq(out[choice_leaving_service].customers, 1u, "one person");
    region_unlinked(&r, HUB, a, b, IDS(link), IDS(a));
    leaving_reasons(fold_region(&f, &r), start(2024, 2, 29), end(2024, 3, 1), &anywhere, out);
    cr_assert_eq(out[choice_leaving_service].customers, 2u);
    region_voided(&r, 1, a, word, true);
    leaving_reasons(fold_region(&f, &r), TIME_NONE, end(2024, 3, 1), &anywhere, out);
    cr_assert_eq(out[choice_leaving_service].customers, 1u);
}

/* ---- Months ---- */

static struct month_grid grid;

static const struct month_figures *month(int year, int number) {
    return &grid.figures[month_of((struct date){year, number, 1}) - grid.first];
}

static void open_months(struct date from, int64_t to) {
    months_open(fold_region(&f, &r), &zone, from, to, &anywhere, NULL, &grid);
}

Test(away, V8_gained_lost_and_won_back) {
    uint64_t a = customer(1);
    sale(a, end(2023, 1, 31)); /* local: the last ms of January */
    sale(a, start(2024, 3, 1));
    open_months((struct date){2023, 1, 1}, end(2025, 12, 31));
    cr_assert_eq(grid.count, 36);
    cr_assert_eq(month(2023, 1)->gained, 1u);
    cr_assert_eq(month(2023, 12)->lost, 0u);
    cr_assert_eq(month(2024, 1)->lost, 1u, "twelve months without a visit are full");
    cr_assert_eq(month(2024, 3)->won_back, 1u);
    cr_assert_eq(month(2024, 3)->gained, 0u);
    cr_assert_eq(month(2025, 3)->lost, 1u);
    months_close(&grid);
    sale(a, start(2024, 1, 31)); /* within the twelfth month */
    open_months((struct date){2023, 1, 1}, end(2025, 12, 31));
    cr_assert_eq(month(2024, 1)->lost, 0u);
    cr_assert_eq(month(2024, 3)->won_back, 0u);
    months_close(&grid);
}

Test(away, V8_nobody_is_lost_before_the_month_is_over) {
    uint64_t a = customer(1);
    sale(a, start(2023, 2, 28));
    const int64_t running[] = {start(2024, 2, 1), end(2024, 2, 28), start(2024, 2, 29), end(2024, 2, 29) - 1};
    for (size_t i = 0; i < sizeof running / sizeof *running; i++) {
        open_months((struct date){2024, 1, 1}, running[i]);
        cr_assert(grid.count == 2 && month(2024, 2)->lost == 0, "time %zu", i);
        months_close(&grid);
    }
    const int64_t over[] = {end(2024, 2, 29), start(2024, 3, 1)};
    for (size_t i = 0; i < 2; i++) {
        open_months((struct date){2024, 1, 1}, over[i]);
        cr_assert_eq(month(2024, 2)->lost, 1u, "time %zu", i);
        months_close(&grid);
    }
    open_months((struct date){2024, 2, 1}, end(2024, 2, 29) - 1);
    cr_assert(grid.count == 1 && month(2024, 2)->lost == 0);
    months_close(&grid);
}

Test(away, V8_linked_customers_are_gained_once_and_retain_each_other) {
    uint64_t a = customer(1), b = customer(2);
    sale(a, start(2024, 1, 5));
    sale(b, start(2024, 2, 29));
    open_months((struct date){2024, 1, 1}, end(2024, 3, 31));
    cr_assert(month(2024, 1)->gained == 1 && month(2024, 2)->gained == 1 && month(2024, 2)->returning_sales == 0);
    months_close(&grid);
    uint64_t link = region_linked(&r, HUB, b, a, choice_link_reason_phone);
    open_months((struct date){2024, 1, 1}, end(2024, 3, 31));
    cr_assert(month(2024, 1)->gained == 1 && month(2024, 2)->gained == 0 && month(2024, 2)->returning_sales == 100);
    cr_assert_eq(grid.retained[1], 1u);
    months_close(&grid);
    region_unlinked(&r, HUB, a, b, IDS(link), IDS(a));
    open_months((struct date){2024, 1, 1}, end(2024, 3, 31));
    cr_assert(month(2024, 2)->gained == 1 && month(2024, 2)->returning_sales == 0);
    months_close(&grid);
}

Test(away, V8_what_was_before_the_first_month_shown_counts) {
    uint64_t a = customer(1), b = customer(1), c = customer(1);
    sale(a, start(2023, 1, 10)); /* lost in January 2024 */
    sale(b, start(2023, 2, 10)); /* lost in February 2024, the first shown */
    sale(c, start(2023, 1, 10));
    sale(c, start(2024, 2, 29)); /* back after thirteen months */
    open_months((struct date){2024, 2, 15}, end(2024, 3, 31));
    cr_assert_eq(grid.count, 2);
    cr_assert_eq(month(2024, 2)->lost, 1u);
    cr_assert_eq(month(2024, 2)->won_back, 1u);
    cr_assert_eq(month(2024, 2)->gained, 0u);
    cr_assert_eq(month(2024, 3)->lost, 0u);
    months_close(&grid);
}

Test(away, V8_cohorts_and_returning_sales) {
    uint64_t a = customer(1), b = customer(1);
    sale(a, start(2025, 1, 5));
    sale(a, start(2025, 1, 6)); /* still the month of the first visit */
    sale(b, start(2025, 1, 7));
    uint64_t back = sale(a, start(2025, 3, 1));
    region_returned(&r, 1, a, back, 40, start(2025, 3, 2));
    sale(0, start(2025, 3, 3));
    open_months((struct date){2025, 1, 1}, end(2025, 3, 31));
    cr_assert_eq(grid.retained[0], 2u);
    cr_assert_eq(grid.retained[1], 0u);
    cr_assert_eq(grid.retained[2], 1u);
    cr_assert_eq(month(2025, 1)->returning_sales, 0);
    cr_assert_eq(month(2025, 1)->sales, 300);
    cr_assert_eq(month(2025, 3)->returning_sales, 60);
    cr_assert_eq(month(2025, 3)->all_sales, 160);
    months_close(&grid);
    region_voided(&r, 1, a, back, true);
    open_months((struct date){2025, 1, 1}, end(2025, 3, 31));
    cr_assert_eq(grid.retained[2], 0u);
    months_close(&grid);
}

Test(away, V8_voided_returned_and_taken_apart_over_a_leap_day) {
    uint64_t a = customer(1), b = customer(2);
    uint64_t first = sale(a, end(2024, 2, 29)), second = sale(b, start(2024, 3, 1));
    uint64_t link = region_linked(&r, HUB, b, a, choice_link_reason_phone);
    open_months((struct date){2024, 2, 1}, end(2025, 3, 31));
    cr_assert(month(2024, 2)->gained == 1 && month(2024, 3)->gained == 0 && month(2024, 3)->returning_sales == 100);
    cr_assert(month(2025, 2)->lost == 0 && month(2025, 3)->lost == 1);
    months_close(&grid);
    region_returned(&r, 2, b, second, 100, start(2024, 3, 2));
    open_months((struct date){2024, 2, 1}, end(2025, 3, 31));
    cr_assert(month(2024, 3)->active == 1 && month(2024, 3)->sales == 0, "a return takes no visit back");
    months_close(&grid);
    region_voided(&r, 1, a, first, true);
    open_months((struct date){2024, 2, 1}, end(2025, 3, 31));
    cr_assert(month(2024, 2)->gained == 0 && month(2024, 3)->gained == 1);
    months_close(&grid);
    region_voided(&r, 1, a, first, false);
    region_unlinked(&r, HUB, b, a, IDS(link), IDS(a));
    open_months((struct date){2024, 2, 1}, end(2025, 3, 31));
    cr_assert(month(2024, 2)->gained == 1 && month(2024, 3)->gained == 1 && month(2024, 3)->returning_sales == 0);
    cr_assert(month(2025, 2)->lost == 1 && month(2025, 3)->lost == 1);
    months_close(&grid);
}

Test(away, V8_no_more_months_than_there_is_room_for) {
    sale(customer(1), start(1990, 1, 1));
    open_months((struct date){1900, 1, 1}, end(2025, 12, 31));
    cr_assert_eq(grid.count, MONTHS_MAX);
    cr_assert_eq(month(2025, 12)->active, 0u);
    months_close(&grid);
}
