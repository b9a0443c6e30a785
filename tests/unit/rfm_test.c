/* R, F, M, types, bands and the score, beside a naive count: V2, V4, V5, V6. */
#include "proto/model/rfm.h"

#include <criterion/criterion.h>
#include <stdlib.h>

#include "tests/support/region_model.h"

static struct region r;
static struct folded f;
static struct zone zone;
static struct segment *all;
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
TestSuite(rfm, .init = set_up, .fini = tear_down);

static uint64_t customer(void) { return region_registered(&r, 1, 1, REGION_START); }

/* One line of a list price. */
static uint64_t sold_of_list(uint64_t who, int64_t amount, int64_t list, int64_t at) {
    struct event e;
    struct buf storage = BUF_INIT;
    struct row_sale_line line = {view_of("coat"), 1000, amount, list, NIL, NIL};
    event_init(&e, EVENT_sold);
    e.subject = who;
    e.at = at;
    row_sale_line_append(&e.body.sold.lines, &storage, &line);
    uint64_t id = region_put(&r, 1, &e, false);
    buf_release(&storage);
    return id;
}

static void value_all(int64_t to) {
    free(all);
    cr_assert_eq(segments_valued(fold_region(&f, &r), &zone, to, NULL, &all, &count), 0);
}

static const struct segment *segment_of(uint64_t who) {
    for (size_t i = 0; i < count; i++)
        if (all[i].standing.person == who) return &all[i];
    cr_assert_fail("nobody");
    return NULL;
}

static int64_t local_day(const struct segment *s) {
    return s->standing.last == TIME_NONE ? INT64_MIN : (s->standing.last + 9 * INT64_C(3600000)) / DAY_MS;
}

/* As V4 is written: everybody against everybody. */
static void compare_with_naive(void) {
    for (size_t i = 0; i < count; i++) {
        size_t worse[3] = {0, 0, 0};
        for (size_t k = 0; k < count; k++) {
            worse[0] += local_day(&all[k]) < local_day(&all[i]);
            worse[1] += all[k].standing.visits < all[i].standing.visits;
            worse[2] += all[k].standing.spend < all[i].standing.spend;
        }
        cr_assert_eq(all[i].r, 1 + 5 * worse[0] / count, "r of %zu", i);
        cr_assert_eq(all[i].f, 1 + 5 * worse[1] / count, "f of %zu", i);
        cr_assert_eq(all[i].m, 1 + 5 * worse[2] / count, "m of %zu", i);
    }
}

Test(rfm, V4_as_written_for_any_number_of_customers) {
    for (int people = 1; people <= 40; people++) {
        uint64_t who = customer();
        for (uint64_t n = region_roll(&r, 5); n > 0; n--)
            region_sold(&r, 1, who, (int64_t)region_roll(&r, 7) * 100 - 100, 1,
                        region_day((int)region_roll(&r, 20), (int)region_roll(&r, 24)));
        if (people > 7 && people % 11 != 0) continue;
        value_all(region_day(30, 0));
        cr_assert_eq(count, (size_t)people);
        compare_with_naive();
    }
}

Test(rfm, V4_everybody_stands_once_on_the_map) {
    struct rfm_map map;
    for (int i = 0; i < 60; i++) {
        uint64_t who = customer();
        for (uint64_t n = region_roll(&r, 6); n > 0; n--)
            region_sold(&r, 1, who, (int64_t)region_roll(&r, 9) * 100 - 100, 1,
                        region_day((int)region_roll(&r, 20), 1));
    }
    value_all(region_day(30, 0));
    rfm_map_of(all, count, &map);
    uint64_t customers = 0;
    for (int x = 1; x <= RFM_GROUPS; x++)
        for (int y = 1; y <= RFM_GROUPS; y++) {
            const struct rfm_cell *cell = &map.cells[x - 1][y - 1];
            uint64_t people = 0, visits = 0;
            int64_t spend = 0;
            for (size_t i = 0; i < count; i++)
                if (all[i].r == x && all[i].f == y) {
                    people++;
                    visits += all[i].standing.visits;
                    spend += all[i].standing.spend;
                }
            cr_assert_eq(cell->customers, people, "r %d f %d", x, y);
            cr_assert_eq(cell->visits, visits);
            cr_assert_eq(cell->spend, spend);
            customers += people;
        }
    cr_assert_eq(customers, 60u);
}

Test(rfm, V4_equal_customers_share_the_lowest_group) {
    for (int i = 0; i < 7; i++) region_sold(&r, 1, customer(), 100, 1, region_day(1, i));
    value_all(region_day(9, 0));
    for (size_t i = 0; i < count; i++) cr_assert_eq(all[i].r * 100 + all[i].f * 10 + all[i].m, 111);
}

Test(rfm, V4_days_are_local_and_whole) {
    uint64_t a = customer(), b = customer(), c = customer();
    region_sold(&r, 1, a, 100, 1, region_day(1, 15));     /* 00:00 of the next day in the zone */
    region_sold(&r, 1, b, 100, 1, region_day(2, 14));     /* 23:00 of that day */
    region_sold(&r, 1, c, 100, 1, region_day(1, 15) - 1); /* the ms before */
    value_all(region_day(9, 0));
    cr_assert_eq(segment_of(a)->r, segment_of(b)->r);
    cr_assert_eq(segment_of(c)->r, 1);
    cr_assert_eq(segment_of(a)->r, 2, "1 + floor(5 × 1 / 3)");
}

Test(rfm, V4_without_a_visit_r_is_the_oldest) {
    uint64_t never = customer(), returned = customer(), came = customer();
    region_returned(&r, 1, returned, 0, 50, region_day(5, 0));
    region_sold(&r, 1, came, 100, 1, region_day(1, 0));
    value_all(region_day(9, 0));
    cr_assert_eq(segment_of(never)->r, 1);
    cr_assert_eq(segment_of(returned)->r, 1);
    cr_assert_eq(segment_of(came)->r, 4);
    cr_assert_eq(segment_of(returned)->m, 1);
    cr_assert_eq(segment_of(never)->m, 2, "no spend is better than a negative one");
}

Test(rfm, V4_up_to_as_of_with_voids_returns_and_links) {
    uint64_t a = customer(), b = customer(), c = region_registered(&r, 2, 1, REGION_START);
    region_sold(&r, 1, a, 100, 1, region_day(1, 0));
    uint64_t gone = region_sold(&r, 1, a, 900, 1, region_day(2, 0));
    region_sold(&r, 1, b, 300, 1, region_day(3, 0));
    region_sold(&r, 1, c, 150, 1, region_day(4, 0));
    value_all(region_day(9, 0));
    cr_assert_eq(segment_of(a)->m, 4);
    region_voided(&r, 1, a, gone, true);
    value_all(region_day(9, 0));
    cr_assert_eq(segment_of(a)->m, 1);
    uint64_t link = region_linked(&r, HUB, c, b, choice_link_reason_phone);
    value_all(region_day(9, 0));
    cr_assert_eq(count, 2u);
    cr_assert_eq(segment_of(b)->standing.spend, 450);
    region_unlinked(&r, HUB, b, c, IDS(link), IDS(b));
    value_all(region_day(3, 0));
    cr_assert_eq(count, 3u);
    cr_assert_eq(segment_of(c)->standing.visits, 0u, "not yet");
    compare_with_naive();
}

Test(rfm, V5_discount_type_from_exactly_the_share) {
    uint64_t a = customer(), b = customer();
    sold_of_list(a, 80, 100, region_day(1, 0));
    sold_of_list(a, 100, 100, region_day(2, 0));
    sold_of_list(b, 80, 100, region_day(1, 0));
    sold_of_list(b, 100, 100, region_day(2, 0));
    sold_of_list(b, 100, NIL, region_day(3, 0));
    value_all(region_day(9, 0));
    cr_assert_eq(segment_of(a)->type, BUYER_DISCOUNT, "half of the visits");
    cr_assert_neq(segment_of(b)->type, BUYER_DISCOUNT, "a third");
    cr_assert_eq(segment_of(b)->reduced, 1u);
    region_policy(&r, "discount-share", "51", NIL);
    value_all(region_day(9, 0));
    cr_assert_neq(segment_of(a)->type, BUYER_DISCOUNT);
}

Test(rfm, V5_frequency_and_amount) {
    uint64_t often = customer(), much = customer(), never = customer();
    for (int i = 0; i < 3; i++) region_sold(&r, 1, often, 10, 1, region_day(i, 0));
    region_sold(&r, 1, much, 1000, 1, region_day(1, 0));
    value_all(region_day(9, 0));
    cr_assert_eq(segment_of(often)->type, BUYER_FREQUENCY);
    cr_assert_eq(segment_of(much)->type, BUYER_AMOUNT);
    cr_assert_eq(segment_of(never)->type, BUYER_AMOUNT);
}

Test(rfm, V5_valid_from_the_second_visit_on) {
    uint64_t once = customer(), twice = customer();
    region_sold(&r, 1, once, 10, 1, region_day(1, 0));
    region_returned(&r, 1, once, 0, 10, region_day(2, 0)); /* no visit */
    region_sold(&r, 1, twice, 10, 1, region_day(1, 0));
    uint64_t second = region_sold(&r, 1, twice, 10, 1, region_day(2, 0));
    value_all(region_day(9, 0));
    cr_assert_not(segment_of(once)->valid);
    cr_assert(segment_of(twice)->valid);
    region_voided(&r, 1, twice, second, true);
    value_all(region_day(9, 0));
    cr_assert_not(segment_of(twice)->valid);
}

Test(rfm, V5_candidates_repeat_at_full_price_or_were_brought) {
    uint64_t full = customer(), once = customer(), reduced = customer(), brought = customer();
    for (int i = 0; i < 5; i++) sold_of_list(full, i == 0 ? 50 : 100, 100, region_day(i, 0)); /* 4 of 5: 80% */
    sold_of_list(once, 100, 100, region_day(1, 0));
    for (int i = 0; i < 4; i++) sold_of_list(reduced, i == 0 ? 50 : 100, 100, region_day(i, 0)); /* 75% */
    uint64_t referral = region_referred(&r, 1, full, brought, region_day(3, 0));
    value_all(region_day(9, 0));
    cr_assert(segment_of(full)->candidate);
    cr_assert_not(segment_of(once)->candidate);
    cr_assert_not(segment_of(reduced)->candidate);
    cr_assert(segment_of(brought)->candidate);
    value_all(region_day(3, 0) - 1);
    cr_assert_not(segment_of(brought)->candidate, "not yet brought");
    region_voided(&r, 1, full, referral, true);
    value_all(region_day(9, 0));
    cr_assert_not(segment_of(brought)->candidate);
}

Test(rfm, V5_of_a_leap_day_returned_voided_linked_and_apart) {
    /* 29 February 2024, the first and the last ms of it by the region's clock */
    int64_t leap = zone_day_start(&zone, (struct date){2024, 2, 29});
    uint64_t a = region_registered(&r, 1, 1, leap - DAY_MS), b = region_registered(&r, 2, 1, leap - DAY_MS);
    uint64_t full = sold_of_list(a, 100, 100, leap), reduced = sold_of_list(b, 50, 100, leap + DAY_MS - 1);
    value_all(leap + DAY_MS - 2);
    cr_assert(segment_of(a)->standing.visits == 1 && segment_of(b)->standing.visits == 0);
    value_all(leap + DAY_MS - 1);
    cr_assert_eq(segment_of(b)->type, BUYER_DISCOUNT);
    cr_assert(!segment_of(a)->valid && !segment_of(a)->candidate);
    uint64_t link = region_linked(&r, HUB, b, a, choice_link_reason_phone);
    value_all(leap + DAY_MS);
    cr_assert(segment_of(a)->valid && segment_of(a)->type == BUYER_DISCOUNT && !segment_of(a)->candidate,
              "half of two visits reduced");
    region_returned(&r, 2, b, reduced, 50, leap + DAY_MS);
    value_all(leap + DAY_MS);
    cr_assert(segment_of(a)->reduced == 1 && segment_of(a)->valid, "she was there all the same");
    region_voided(&r, 1, b, reduced, true);
    value_all(leap + DAY_MS);
    cr_assert(segment_of(a)->reduced == 0 && !segment_of(a)->valid);
    sold_of_list(b, 100, 100, leap + DAY_MS);
    value_all(leap + DAY_MS);
    cr_assert(segment_of(a)->candidate, "twice at full price");
    region_unlinked(&r, HUB, b, a, IDS(link), IDS(a));
    value_all(leap + DAY_MS);
    cr_assert(!segment_of(a)->candidate && !segment_of(b)->candidate && !segment_of(b)->valid);
    region_voided(&r, 1, a, full, true);
    value_all(leap + DAY_MS);
    cr_assert_eq(segment_of(a)->standing.visits, 0u);
}

Test(rfm, V6_bands_at_their_boundaries) {
    static const struct {
        int visits;
        enum visit_band band;
    } cases[] = {{0, BAND_LOW}, {3, BAND_LOW}, {4, BAND_POTENTIAL}, {11, BAND_POTENTIAL}, {12, BAND_KEY}};
    uint64_t who[5];
    for (size_t c = 0; c < 5; c++) {
        who[c] = customer();
        for (int i = 0; i < cases[c].visits; i++) region_sold(&r, 1, who[c], 10, 1, region_day(i, 0));
    }
    value_all(region_day(30, 0));
    for (size_t c = 0; c < 5; c++) cr_assert_eq(segment_of(who[c])->band, cases[c].band, "%d visits", cases[c].visits);
}

Test(rfm, V6_visits_before_the_window_do_not_count) {
    uint64_t a = customer();
    region_policy(&r, "band-window", "10", NIL);
    for (int i = 0; i < 4; i++) region_sold(&r, 1, a, 10, 1, region_day(i, 0));
    value_all(zone_day_end(&zone, zone_date(&zone, region_day(9, 0))));
    cr_assert_eq(segment_of(a)->band, BAND_POTENTIAL, "the first of the four on the first of the ten days");
    value_all(zone_day_end(&zone, zone_date(&zone, region_day(10, 0))));
    cr_assert_eq(segment_of(a)->band_visits, 3u);
    cr_assert_eq(segment_of(a)->band, BAND_LOW);
}

Test(rfm, V6_returns_take_no_visit_back_voids_do_and_linked_ones_count_together) {
    uint64_t a = customer(), b = region_registered(&r, 2, 1, REGION_START), last = 0;
    for (int i = 0; i < 2; i++) region_sold(&r, 1, a, 10, 1, region_day(i, 0));
    for (int i = 2; i < 4; i++) last = region_sold(&r, 2, b, 10, 1, region_day(i, 0));
    value_all(region_day(30, 0));
    cr_assert_eq(segment_of(a)->band, BAND_LOW);
    uint64_t link = region_linked(&r, HUB, b, a, choice_link_reason_phone);
    value_all(region_day(30, 0));
    cr_assert_eq(segment_of(a)->band, BAND_POTENTIAL, "exactly four");
    region_returned(&r, 2, b, last, 10, region_day(5, 0));
    value_all(region_day(30, 0));
    cr_assert_eq(segment_of(a)->band_visits, 4u, "she was there");
    region_voided(&r, 2, b, last, true);
    value_all(region_day(30, 0));
    cr_assert_eq(segment_of(a)->band, BAND_LOW);
    region_voided(&r, 2, b, last, false);
    region_unlinked(&r, HUB, a, b, IDS(link), IDS(a));
    value_all(region_day(30, 0));
    cr_assert(segment_of(a)->band_visits == 2 && segment_of(b)->band_visits == 2);
}

Test(rfm, V6_a_year_is_to_the_day_over_a_leap_day) {
    uint64_t a = customer();
    for (int i = 0; i < 4; i++) region_sold(&r, 1, a, 10, 1, region_day(-365 + i, 0)); /* 2024-01-02 and on */
    value_all(zone_day_end(&zone, (struct date){2024, 12, 31}));
    cr_assert_eq(segment_of(a)->band_visits, 4u, "365 days to 31 December of a leap year begin on 2 January");
    value_all(zone_day_end(&zone, (struct date){2025, 1, 1}));
    cr_assert_eq(segment_of(a)->band_visits, 3u);
}

Test(rfm, V2_score_is_groups_times_weights) {
    static const struct cut everything = {TIME_NONE, TIME_NONE};
    static const struct scope anywhere = {{NULL, 0}, {NULL, 0}};
    uint64_t a = customer(), b = customer(), silent = customer();
    struct standing *ranking;
    size_t ranked;
    region_sold(&r, 1, a, 1000, 1, region_day(1, 0));
    for (int i = 0; i < 2; i++) region_sold(&r, 1, b, 10, 1, region_day(i, 0));
    region_referred(&r, 1, b, silent, region_day(1, 0));
    cr_assert_eq(rank(fold_region(&f, &r), BY_SCORE, &everything, &anywhere, &ranking, &ranked), 0);
    cr_assert_eq(ranked, 2u, "who bought nothing is in no ranking");
    cr_assert_eq(ranking[0].person, a);
    cr_assert_eq(ranking[0].value, 60 * 3 + 25 * 1 + 15 * 1, "of two, the better one is in group 3");
    cr_assert_eq(ranking[1].value, 60 * 1 + 25 * 3 + 15 * 3);
    free(ranking);
    region_policy(&r, "score-weights", "visits:1", NIL);
    cr_assert_eq(rank(fold_region(&f, &r), BY_SCORE, &everything, &anywhere, &ranking, &ranked), 0);
    cr_assert_eq(ranking[0].person, b);
    cr_assert_eq(ranking[0].value, 3);
    free(ranking);
}
