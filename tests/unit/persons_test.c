/* Persons: links, unlinks, erasures, attributions, and whose name a person bears. */
#include <criterion/criterion.h>

#include "proto/base/zone.h"
#include "tests/support/region_model.h"

static struct region r;
static struct folded f;

static void set_up(void) { region_init(&r); }
static void tear_down(void) {
    folded_release(&f);
    region_release(&r);
}
TestSuite(persons, .init = set_up, .fini = tear_down);

static uint64_t customer(uint32_t stream) { return region_registered(&r, stream, 1, NIL); }
static uint64_t by_phone(uint64_t a, uint64_t b) { return region_linked(&r, HUB, a, b, choice_link_reason_phone); }
static uint64_t by_person(uint64_t a, uint64_t b) { return region_linked(&r, HUB, a, b, choice_link_reason_person); }

/* Folded as made, and the other way round. */
static void expect_members(uint64_t of, struct ids members) {
    uint64_t found[16];
    size_t order[128];
    for (size_t i = 0; i < r.count; i++) order[i] = r.count - 1 - i;
    struct log *log = region_log(&r, order, r.count);
    struct model *backwards = model_open(log);
    cr_assert_eq(model_replay(backwards, 0, r.count, NULL, NULL), 0);
    const struct model *models[] = {fold_region(&f, &r), backwards};
    for (int m = 0; m < 2; m++) {
        cr_assert_eq(model_members(models[m], of, found, 16), members.count);
        for (size_t i = 0; i < members.count; i++) {
            cr_assert_eq(found[i], members.items[i]);
            cr_assert_eq(model_person(models[m], members.items[i]), model_person(models[m], of));
        }
    }
    model_close(backwards);
    log->ops->close(log);
}

Test(persons, alone) {
    uint64_t a = customer(1);
    expect_members(a, IDS(a));
    cr_assert_eq(model_person(f.model, a), a);
    cr_assert_eq(model_person(f.model, id_make(9, 9)), id_make(9, 9), "nobody heard of is alone");
    cr_assert_eq(model_links(f.model, a, NULL, 0), 0u);
}

Test(persons, C5_linked_through_others) {
    uint64_t a = customer(1), b = customer(2), c = customer(3), d = customer(4);
    by_phone(a, b);
    by_phone(d, c);
    expect_members(a, IDS(a, b));
    by_phone(c, b);
    expect_members(d, IDS(a, b, c, d));
    cr_assert_eq(model_person(f.model, d), a);
    cr_assert_eq(model_links(f.model, b, NULL, 0), 3u);
}

Test(persons, at_most_as_many_as_asked_for) {
    uint64_t a = customer(1), b = customer(2), c = customer(3), few[2] = {0, 0};
    by_phone(a, b);
    by_phone(b, c);
    cr_assert_eq(model_members(fold_region(&f, &r), b, few, 1), 3u);
    cr_assert_eq(few[0], a);
    cr_assert_eq(few[1], 0u);
}

Test(persons, C5_a_voided_link_holds_no_more_and_an_unvoided_one_again) {
    uint64_t a = customer(1), b = customer(2), link = by_phone(a, b);
    region_voided(&r, HUB, a, link, true);
    expect_members(a, IDS(a));
    region_voided(&r, HUB, a, link, false);
    expect_members(a, IDS(a, b));
}

Test(persons, C5_an_unlink_takes_edges_away_for_good_and_a_later_link_joins_again) {
    uint64_t a = customer(1), b = customer(2), c = customer(3);
    uint64_t ab = by_phone(a, b), bc = by_phone(b, c);
    uint64_t unlink = region_unlinked(&r, HUB, a, b, IDS(ab, bc), IDS(a, c));
    expect_members(a, IDS(a));
    expect_members(b, IDS(b));
    expect_members(c, IDS(c));
    by_person(b, a);
    expect_members(a, IDS(a, b));
    region_voided(&r, HUB, a, unlink, true);
    expect_members(c, IDS(a, b, c));
}

Test(persons, unlinked_twice_needs_voiding_twice) {
    uint64_t a = customer(1), b = customer(2), ab = by_phone(a, b);
    uint64_t first = region_unlinked(&r, HUB, a, b, IDS(ab), IDS(a)), second;
    second = region_unlinked(&r, HUB, b, a, IDS(ab), IDS(b));
    region_voided(&r, HUB, a, first, true);
    expect_members(a, IDS(a));
    region_voided(&r, HUB, b, second, true);
    expect_members(a, IDS(a, b));
}

Test(persons, C5_bars_hold_across_the_persons_until_a_person_links) {
    uint64_t a = customer(1), b = customer(2), c = customer(3), d = customer(4);
    by_phone(a, b);
    by_phone(c, d);
    cr_assert_not(model_barred(fold_region(&f, &r), a, c));
    uint64_t unlink = region_unlinked(&r, HUB, a, c, NO_IDS, IDS(a));
    cr_assert(model_barred(fold_region(&f, &r), a, c));
    cr_assert(model_barred(f.model, b, d), "through others");
    cr_assert(model_barred(f.model, d, b));
    uint64_t unheard = id_make(9, 9);
    cr_assert_not(model_barred(f.model, a, unheard));
    cr_assert_not(model_barred(f.model, unheard, a));
    by_phone(d, unheard);
    cr_assert(model_barred(fold_region(&f, &r), unheard, b));
    region_voided(&r, HUB, a, unlink, true);
    cr_assert_not(model_barred(fold_region(&f, &r), a, c));
    region_voided(&r, HUB, a, unlink, false);
    uint64_t link = by_person(c, a);
    cr_assert_not(model_barred(fold_region(&f, &r), b, d), "one person now");
    region_unlinked(&r, HUB, a, c, IDS(link), IDS(a));
    cr_assert(model_barred(fold_region(&f, &r), b, d), "the latest word holds");
    region_voided(&r, HUB, c, by_person(a, c), true);
    cr_assert(model_barred(fold_region(&f, &r), b, d), "a link that was voided says nothing");
}

Test(persons, C5_a_judgement_lifts_no_bar) {
    uint64_t a = customer(1), b = customer(2), c = customer(3);
    region_unlinked(&r, HUB, a, b, NO_IDS, IDS(a));
    uint64_t link = by_phone(a, b);
    region_voided(&r, HUB, a, link, true);
    cr_assert(model_barred(fold_region(&f, &r), a, b));
    cr_assert_not(model_barred(f.model, a, c));
}

Test(persons, C11_links_among_the_erased_count_and_others_never) {
    uint64_t a = customer(1), b = customer(2), c = customer(3), d = customer(4);
    by_phone(a, b);
    by_phone(b, c);
    region_erased(&r, HUB, IDS(a, b));
    expect_members(a, IDS(a, b));
    expect_members(c, IDS(c));
    cr_assert_eq(model_customer(f.model, a), CUSTOMER_ERASED);
    cr_assert_eq(model_customer(f.model, c), CUSTOMER_KNOWN);
    region_erased(&r, HUB, IDS(c, d));
    expect_members(c, IDS(c));
    region_erased(&r, HUB, IDS(d, a)); /* all four are one person after all */
    expect_members(c, IDS(a, b, c));
    uint64_t unheard = id_make(9, 9);
    region_erased(&r, HUB, IDS(unheard));
    cr_assert_eq(model_customer(fold_region(&f, &r), unheard), CUSTOMER_ERASED);
}

Test(persons, erasures_that_turn_out_to_be_of_one_person) {
    uint64_t a = customer(1), b = customer(2), c = customer(3), d = customer(4);
    by_phone(a, c);
    region_erased(&r, HUB, IDS(a, b));
    region_erased(&r, HUB, IDS(c, d));
    expect_members(a, IDS(a));
    region_erased(&r, HUB, IDS(b, d)); /* names neither end of the link */
    expect_members(a, IDS(a, c));
}

Test(persons, P1_an_attributed_sale_is_of_the_person) {
    uint64_t a = customer(1), sale = region_sold(&r, 2, 0, 700, 1, region_day(1, 0));
    expect_members(a, IDS(a));
    uint64_t attribution = region_attributed(&r, 2, sale, a);
    expect_members(a, IDS(a, sale));
    cr_assert_eq(model_person(f.model, sale), a, "a sale names nobody");
    cr_assert_eq(value_of(f.model, a).spend, 700);
    cr_assert_eq(model_customer(f.model, sale), CUSTOMER_THING);
    region_returned(&r, 2, sale, sale, 200, region_day(2, 0));
    cr_assert_eq(value_of(fold_region(&f, &r), a).spend, 500);
    region_voided(&r, 2, sale, attribution, true);
    cr_assert_eq(value_of(fold_region(&f, &r), a).spend, 0);
}

Test(persons, P1_P2_an_attributed_sale_of_a_leap_day_of_customers_that_are_taken_apart) {
    int64_t leap = date_to_days((struct date){2024, 2, 29}) * DAY_MS;
    uint64_t a = customer(1), b = customer(2), sale = region_sold(&r, 3, 0, 700, 1, leap);
    uint64_t link = by_phone(b, a);
    region_attributed(&r, 3, sale, b);
    expect_members(a, IDS(a, b, sale));
    struct standing value = value_of(f.model, a);
    cr_assert(value.spend == 700 && value.visits == 1 && value.last == leap, "on its own day, not the day it was said");
    uint64_t back = region_returned(&r, 3, sale, sale, 700, leap + DAY_MS);
    value = value_of(fold_region(&f, &r), a);
    cr_assert(value.spend == 0 && value.visits == 1, "whole, and she was there all the same");
    region_unlinked(&r, HUB, b, a, IDS(link), IDS(a));
    expect_members(a, IDS(a));
    expect_members(b, IDS(b, sale));
    cr_assert(value_of(f.model, a).visits == 0 && value_of(f.model, b).visits == 1);
    region_voided(&r, 3, sale, back, true);
    cr_assert_eq(value_of(fold_region(&f, &r), b).spend, 700);
    region_voided(&r, 3, sale, sale, true);
    cr_assert(value_of(fold_region(&f, &r), b).spend == 0 && value_of(f.model, b).visits == 0);
}

Test(persons, P1_a_sale_is_nobodys_twice) {
    uint64_t a = customer(1), b = customer(2), sale = region_sold(&r, 2, 0, 700, 1, NIL);
    region_attributed(&r, 1, sale, a);
    uint64_t second = region_attributed(&r, 2, sale, b);
    expect_members(a, IDS(a));
    expect_members(b, IDS(b, sale));
    region_voided(&r, 2, sale, second, true);
    expect_members(a, IDS(a, sale));
    expect_members(b, IDS(b));
    region_erased(&r, HUB, IDS(a, sale)); /* what an erasure has to list */
    expect_members(a, IDS(a, sale));
}

Test(persons, registered_customers_name_a_person_before_placeholders) {
    uint64_t unheard = id_make(1, 1000), a = customer(2);
    by_phone(a, unheard);
    cr_assert_eq(model_person(fold_region(&f, &r), unheard), a);
    cr_assert_eq(model_customer(f.model, unheard), CUSTOMER_PLACEHOLDER);
    region_voided(&r, 2, a, a, true);
    cr_assert_eq(model_person(fold_region(&f, &r), a), unheard, "no registered one is left: the smallest");
    cr_assert_eq(model_customer(f.model, a), CUSTOMER_PLACEHOLDER);
}

Test(persons, a_long_chain_and_its_middle_cut) {
    enum { LONG = 60 };
    uint64_t ids[LONG], middle = 0, found[LONG];
    for (int i = 0; i < LONG; i++) ids[i] = customer((uint32_t)(i % 4) + 1);
    for (int i = 0; i + 1 < LONG; i++) {
        uint64_t link = by_phone(ids[i], ids[i + 1]);
        if (i + 1 == LONG / 2) middle = link;
    }
    cr_assert_eq(model_members(fold_region(&f, &r), ids[0], found, LONG), (size_t)LONG);
    region_voided(&r, HUB, ids[LONG / 2 - 1], middle, true);
    cr_assert_eq(model_members(fold_region(&f, &r), ids[0], found, LONG), (size_t)LONG / 2);
    cr_assert_eq(model_members(f.model, ids[LONG - 1], found, LONG), (size_t)LONG / 2);
}
