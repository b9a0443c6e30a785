/* Tiers at their boundaries: V3. */
#include "proto/model/tiers.h"

#include <criterion/criterion.h>

#include "tests/support/region_model.h"

static struct region r;
static struct folded f;
static struct zone zone;
static struct tier_table table;

/* 365 days as of the last day of 2025 are its days; tiers in whole won. */
static void set_up(void) {
    region_init(&r);
    zone = zone_fixed(9 * INT64_C(3600000));
    region_policy(&r, "tiers", "silver:1000,gold:5000", NIL);
}
static void tear_down(void) {
    folded_release(&f);
    region_release(&r);
}
TestSuite(tiers, .init = set_up, .fini = tear_down);

static int64_t noon(int year, int month, int day) {
    return zone_day_start(&zone, (struct date){year, month, day}) + DAY_MS / 2;
}
static int64_t end(int year, int month, int day) { return zone_day_end(&zone, (struct date){year, month, day}); }

static uint64_t customer(uint32_t stream) { return region_registered(&r, stream, 1, noon(2024, 1, 1)); }
static uint64_t sale(uint64_t who, int64_t amount, int64_t at) { return region_sold(&r, 1, who, amount, 1, at); }

static uint64_t grant(uint64_t who, const char *tier, int64_t until, int64_t at) {
    struct event e;
    event_init(&e, EVENT_tier_granted);
    e.subject = who;
    e.at = at;
    e.body.tier_granted.tier = tier == NULL ? VIEW_NONE : view_of(tier);
    e.body.tier_granted.until = until;
    return region_put(&r, 1, &e, false);
}

static struct tier_standing tier_at(uint64_t who, int64_t to) {
    struct tier_standing out;
    const struct model *model = fold_region(&f, &r);
    tier_table_read(model, to, &table);
    tiers_of(model, &zone, to, &table, &who, 1, &out);
    return out;
}
static int earned(uint64_t who, int64_t to) { return tier_at(who, to).earned; }

Test(tiers, V3_exactly_the_threshold) {
    uint64_t below = customer(1), at = customer(1), above = customer(1);
    sale(below, 999, noon(2025, 6, 1));
    sale(at, 1000, noon(2025, 6, 1));
    sale(above, 5000, noon(2025, 6, 1));
    int64_t to = end(2025, 12, 31);
    struct tier_standing t = tier_at(below, to);
    cr_assert_eq(t.earned, TIER_NO);
    cr_assert_eq(tier_to_next(&table, &t), 1);
    t = tier_at(at, to);
    cr_assert_eq(t.earned, 0);
    cr_assert_eq(t.spend, 1000);
    cr_assert_eq(tier_to_next(&table, &t), 4000);
    t = tier_at(above, to);
    cr_assert_eq(t.earned, 1);
    cr_assert_eq(tier_to_next(&table, &t), NIL, "none above");
    cr_assert_str_eq(table.tiers[1].name, "gold");
}

Test(tiers, V3_first_day_of_the_window_and_the_day_before) {
    uint64_t in = customer(1), before = customer(1);
    sale(in, 1000, zone_day_start(&zone, (struct date){2025, 1, 1}));
    sale(before, 1000, zone_day_start(&zone, (struct date){2025, 1, 1}) - 1);
    cr_assert_eq(earned(in, end(2025, 12, 31)), 0);
    cr_assert_eq(earned(in, end(2026, 1, 1)), TIER_NO, "down the day after");
    cr_assert_eq(earned(before, end(2025, 12, 30)), 0);
    cr_assert_eq(earned(before, end(2025, 12, 31)), TIER_NO);
}

Test(tiers, V3_what_comes_after_does_not_count) {
    uint64_t a = customer(1);
    int64_t at = noon(2025, 6, 1);
    sale(a, 1000, at);
    cr_assert_eq(earned(a, at - 1), TIER_NO);
    cr_assert_eq(earned(a, at), 0);
}

Test(tiers, V3_leap_day) {
    uint64_t a = customer(1);
    sale(a, 1000, noon(2024, 2, 29));
    cr_assert_eq(earned(a, end(2025, 2, 27)), 0, "365 days with the leap day");
    cr_assert_eq(earned(a, end(2025, 2, 28)), TIER_NO);
    uint64_t b = customer(1);
    sale(b, 1000, noon(2023, 3, 1));
    cr_assert_eq(earned(b, end(2024, 2, 28)), 0);
    cr_assert_eq(earned(b, end(2024, 2, 29)), TIER_NO, "the leap day is the 366th");
}

Test(tiers, V3_returned_and_voided_purchases_take_the_tier_back) {
    uint64_t a = customer(1), b = customer(1);
    uint64_t sold = sale(a, 1000, noon(2025, 6, 1)), other = sale(b, 5000, noon(2025, 6, 1));
    region_returned(&r, 1, a, sold, 1, noon(2025, 8, 1));
    cr_assert_eq(earned(a, end(2025, 7, 31)), 0, "a return counts on its own day");
    cr_assert_eq(earned(a, end(2025, 8, 1)), TIER_NO);
    cr_assert_eq(earned(b, end(2025, 8, 1)), 1);
    region_voided(&r, 1, b, other, true);
    cr_assert_eq(earned(b, end(2025, 8, 1)), TIER_NO);
    cr_assert_eq(earned(b, end(2025, 6, 1)), TIER_NO, "at no time");
}

Test(tiers, V3_linked_and_unlinked) {
    uint64_t a = customer(1), b = customer(2);
    sale(a, 400, noon(2025, 6, 1));
    sale(b, 600, noon(2025, 6, 2));
    grant(b, "gold", NIL, noon(2025, 6, 3));
    uint64_t link = region_linked(&r, HUB, b, a, choice_link_reason_phone);
    struct tier_standing t = tier_at(a, end(2025, 12, 31));
    cr_assert_eq(t.earned, 0);
    cr_assert_eq(t.granted, 1, "given to either, given to the person");
    region_unlinked(&r, HUB, a, b, IDS(link), IDS(a));
    t = tier_at(a, end(2025, 12, 31));
    cr_assert_eq(t.earned, TIER_NO);
    cr_assert_eq(t.granted, TIER_NO);
    cr_assert_eq(tier_at(b, end(2025, 12, 31)).granted, 1);
}

Test(tiers, V3_given_by_hand_never_hides_the_earned) {
    uint64_t a = customer(1);
    sale(a, 5000, noon(2025, 6, 1));
    uint64_t given = grant(a, "silver", NIL, noon(2025, 6, 2));
    struct tier_standing t = tier_at(a, end(2025, 12, 31));
    cr_assert_eq(t.earned, 1);
    cr_assert_eq(t.granted, 0);
    cr_assert_eq(t.grant, given);
    cr_assert_eq(tier_shown(&t), 1, "the higher one is shown");
    t = tier_at(a, end(2026, 6, 1));
    cr_assert_eq(t.earned, TIER_NO);
    cr_assert_eq(tier_shown(&t), 0, "what was given stays when what was earned is over");
}

Test(tiers, V3_given_by_hand_until_a_day) {
    uint64_t a = customer(1);
    grant(a, "gold", end(2025, 6, 30), noon(2025, 6, 2));
    cr_assert_eq(tier_at(a, noon(2025, 6, 2) - 1).granted, TIER_NO, "not before");
    cr_assert_eq(tier_at(a, noon(2025, 6, 2)).granted, 1);
    cr_assert_eq(tier_at(a, end(2025, 6, 30)).granted, 1, "the last day counts");
    cr_assert_eq(tier_at(a, end(2025, 6, 30) + 1).granted, TIER_NO);
}

Test(tiers, V3_the_latest_grant_holds_and_can_be_taken_back_or_voided) {
    uint64_t a = customer(1);
    grant(a, "gold", NIL, noon(2025, 6, 1));
    uint64_t second = grant(a, "silver", NIL, noon(2025, 6, 2));
    cr_assert_eq(tier_at(a, end(2025, 6, 1)).granted, 1);
    cr_assert_eq(tier_at(a, end(2025, 6, 2)).granted, 0);
    uint64_t none = grant(a, NULL, NIL, noon(2025, 6, 3));
    cr_assert_eq(tier_at(a, end(2025, 6, 3)).granted, TIER_NO);
    region_voided(&r, 1, a, none, true);
    region_voided(&r, 1, a, second, true);
    cr_assert_eq(tier_at(a, end(2025, 6, 3)).granted, 1, "the one that is left");
}

Test(tiers, V3_an_earlier_grant_that_is_typed_in_afterwards) {
    uint64_t a = customer(1);
    grant(a, NULL, NIL, noon(2025, 6, 2));
    grant(a, "gold", NIL, noon(2025, 6, 2) - 1);
    cr_assert_eq(tier_at(a, noon(2025, 6, 2) - 1).granted, 1);
    cr_assert_eq(tier_at(a, noon(2025, 6, 2)).granted, TIER_NO, "it was taken back after that");
}

Test(tiers, V3_a_grant_of_a_tier_that_the_policy_does_not_know) {
    uint64_t a = customer(1);
    grant(a, "diamond", NIL, noon(2025, 6, 1));
    cr_assert_eq(tier_at(a, end(2025, 6, 3)).granted, TIER_NO);
    region_policy(&r, "tiers", "gold:5000,diamond:9000", noon(2025, 7, 1));
    cr_assert_eq(tier_at(a, end(2025, 6, 3)).granted, TIER_NO);
    cr_assert_eq(tier_at(a, end(2025, 7, 3)).granted, 1);
}

Test(tiers, V3_policy_of_the_day_and_its_window) {
    uint64_t a = customer(1);
    sale(a, 3000, noon(2024, 5, 5));
    region_policy(&r, "tiers", "base:3000", noon(2025, 7, 1));
    region_policy(&r, "tier-window", "all", noon(2025, 7, 1));
    cr_assert_eq(earned(a, end(2024, 6, 30)), 0);
    cr_assert_eq(earned(a, end(2025, 6, 30)), TIER_NO);
    cr_assert_eq(earned(a, end(2025, 7, 2)), 0);
    cr_assert_str_eq(table.tiers[0].name, "base");
    region_policy(&r, "tiers", "off", noon(2025, 8, 1));
    struct tier_standing t = tier_at(a, end(2025, 8, 2));
    cr_assert_eq(t.earned, TIER_NO);
    cr_assert_eq(tier_to_next(&table, &t), NIL);
}

static bool is_vip(uint64_t who, int64_t to) {
    struct idmap vips = {.slots = NULL};
    vips_at(fold_region(&f, &r), &zone, to, NULL, &vips);
    bool is = idmap_find(&vips, who) != NULL;
    idmap_release(&vips);
    return is;
}

Test(tiers, K5_X9_vips_are_the_highest_tiers) {
    uint64_t below = customer(1), at = customer(1), given = customer(2), other = customer(2);
    region_policy(&r, "vip-tiers", "1", NIL);
    sale(below, 4999, noon(2025, 6, 1));
    sale(at, 5000, noon(2025, 6, 1));
    grant(given, "gold", end(2025, 6, 30), noon(2025, 6, 2));
    int64_t to = end(2025, 6, 30);
    cr_assert(is_vip(at, to) && is_vip(given, to) && !is_vip(below, to) && !is_vip(other, to));
    cr_assert_not(is_vip(given, end(2025, 7, 1)), "what was given is over");
    cr_assert_not(is_vip(at, end(2025, 5, 31)), "not yet");
    cr_assert_not(is_vip(at, noon(2026, 6, 1)), "no more");
    region_returned(&r, 1, below, 0, 4000, noon(2025, 7, 1));
    region_policy(&r, "vip-tiers", "2", noon(2025, 6, 20));
    cr_assert(is_vip(below, to), "silver is a VIP's now");
    cr_assert_not(is_vip(below, noon(2025, 6, 20) - 1));
    cr_assert_not(is_vip(below, end(2025, 7, 1)), "999 are no silver");
    uint64_t link = region_linked(&r, HUB, at, other, choice_link_reason_person);
    cr_assert(is_vip(at, to));
    region_unlinked(&r, HUB, at, other, IDS(link), IDS(at));
    cr_assert_not(is_vip(other, to));
}

Test(tiers, K5_X9_no_vips_by_policy_or_without_tiers) {
    uint64_t a = customer(1);
    sale(a, 9000, noon(2025, 6, 1));
    region_policy(&r, "vip-tiers", "0", NIL);
    cr_assert_not(is_vip(a, end(2025, 6, 30)));
    region_policy(&r, "vip-tiers", "16", noon(2025, 6, 10));
    cr_assert(is_vip(a, end(2025, 6, 30)), "all there are");
    region_policy(&r, "tiers", "off", noon(2025, 7, 1));
    cr_assert_not(is_vip(a, end(2025, 7, 1)));
}

Test(tiers, E8_what_if_and_back) {
    uint64_t a = customer(1);
    sale(a, 700, noon(2025, 5, 5));
    cr_assert_eq(earned(a, end(2025, 12, 31)), TIER_NO);
    model_assume_policy(f.model, view_of("tiers"), view_of("silver:700"));
    struct tier_standing t;
    for (int assuming = 1; assuming >= 0; assuming--) {
        model_assuming(f.model, assuming);
        tier_table_read(f.model, end(2025, 12, 31), &table);
        tiers_of(f.model, &zone, end(2025, 12, 31), &table, &a, 1, &t);
        cr_assert_eq(t.earned, assuming ? 0 : TIER_NO);
    }
}

/* Nobody took it back: it is told, and is there again when the policy has the tier again. */
Test(tiers, V3_a_tier_given_by_hand_that_the_policy_has_no_more) {
    uint64_t a = customer(1), given = grant(a, "gold", end(2025, 6, 30), noon(2025, 6, 1));
    region_policy(&r, "tiers", "silver:1000", noon(2025, 6, 10));
    struct tier_standing t = tier_at(a, noon(2025, 6, 10) - 1);
    cr_assert(t.granted == 1 && t.lapsed == 0 && t.grant == given, "the ms before");
    t = tier_at(a, noon(2025, 6, 10));
    cr_assert(t.granted == TIER_NO && t.grant == 0);
    cr_assert(view_is(tier_lapsed(f.model, &t), "gold"));
    t = tier_at(a, end(2025, 6, 30));
    cr_assert_neq(t.lapsed, 0u, "its last day");
    t = tier_at(a, end(2025, 6, 30) + 1);
    cr_assert_eq(t.lapsed, 0u, "it is over anyhow");
    region_policy(&r, "tiers", "silver:1000,gold:5000", noon(2025, 6, 20));
    t = tier_at(a, noon(2025, 6, 20));
    cr_assert(t.granted == 1 && t.lapsed == 0);
    region_voided(&r, 1, a, given, true);
    t = tier_at(a, noon(2025, 6, 15));
    cr_assert_eq(t.lapsed, 0u);
}
