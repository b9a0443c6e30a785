/* Rankings, the pyramid, windows and segments at their boundaries. */
#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include "proto/base/money.h"
#include "proto/base/zone.h"
#include "tests/support/region_model.h"

static struct region r;
static struct folded f;
static const struct cut everything = {TIME_NONE, TIME_NONE};
static const struct scope anywhere = {{NULL, 0}, {NULL, 0}};

static void set_up(void) { region_init(&r); }
static void tear_down(void) {
    folded_release(&f);
    region_release(&r);
}
TestSuite(rank, .init = set_up, .fini = tear_down);

static uint64_t customer(uint32_t stream) { return region_registered(&r, stream, 1, NIL); }
static uint64_t sale(uint64_t who, int64_t amount, int64_t at) { return region_sold(&r, 1, who, amount, 1, at); }

static size_t ranked(enum measure by, const struct cut *cut, const struct scope *scope, struct standing *out) {
    struct standing *found;
    size_t count;
    cr_assert_eq(rank(fold_region(&f, &r), by, cut, scope, &found, &count), 0);
    for (size_t i = 0; i < count; i++) out[i] = found[i];
    free(found);
    return count;
}

static void expect_order(enum measure by, const struct cut *cut, const struct scope *scope, struct ids order) {
    struct standing out[32];
    cr_assert_eq(ranked(by, cut, scope, out), order.count);
    for (size_t i = 0; i < order.count; i++) cr_assert_eq(out[i].person, order.items[i], "place %zu", i + 1);
}

Test(rank, of_nobody) {
    struct standing out[1];
    cr_assert_eq(ranked(BY_SPEND, &everything, &anywhere, out), 0u);
}

Test(rank, largest_first_then_by_id) {
    uint64_t a = customer(1), b = customer(2), c = customer(1), d = customer(3), e = customer(1);
    sale(a, 500, NIL);
    sale(b, 900, NIL);
    sale(c, 500, NIL);
    sale(d, -20, NIL); /* negative and zero spend included */
    sale(e, 0, NIL);
    customer(1); /* no purchase: not in it */
    sale(0, 7000, NIL);
    sale(id_make(5, 5), 8000, NIL); /* not identified */
    expect_order(BY_SPEND, &everything, &anywhere, IDS(b, a, c, e, d));
}

/* Ids too long to stand beside a value in one key. */
Test(rank, whatever_the_size_of_ids_and_values) {
    uint64_t ids[80], wanted[80];
    *idmap_put(&r.last, 2 + 1, NULL) = UINT64_C(1) << 34;
    for (size_t i = 0; i < 80; i++) ids[i] = customer(i % 2 == 0 ? 2 : 1);
    for (size_t i = 0; i < 80; i++) sale(ids[i], i < 70 ? 5 : i % 3 == 0 ? MONEY_MAX : -MONEY_MAX, NIL);
    size_t count = 0;
    struct standing out[80];
    cr_assert_eq(ranked(BY_SPEND, &everything, &anywhere, out), 80u);
    for (int sign = 1; sign >= -1; sign--)
        for (uint32_t stream = 1; stream <= 2; stream++)
            for (size_t i = 0; i < 80; i++)
                if (id_stream(ids[i]) == stream && (i < 70 ? 0 : i % 3 == 0 ? 1 : -1) == sign) wanted[count++] = ids[i];
    for (size_t i = 0; i < 80; i++) cr_assert_eq(out[i].person, wanted[i], "place %zu", i + 1);
}

Test(rank, V2_spend_visits_and_last_of_a_person) {
    uint64_t a = customer(1), b = customer(2);
    struct standing out[4];
    region_linked(&r, HUB, b, a, choice_link_reason_phone);
    uint64_t first = sale(a, 1000, region_day(1, 9));
    sale(b, 500, region_day(3, 9));
    region_returned(&r, 1, a, first, 300, region_day(5, 9));
    region_sold_quantity(&r, 1, a, 70, 0, region_day(6, 9)); /* no line of positive quantity: no visit */
    cr_assert_eq(ranked(BY_SPEND, &everything, &anywhere, out), 1u);
    cr_assert_eq(out[0].person, a);
    cr_assert_eq(out[0].spend, 1270);
    cr_assert_eq(out[0].value, 1270);
    cr_assert_eq(out[0].visits, 2u);
    cr_assert_eq(out[0].last, region_day(3, 9));
}

Test(rank, V2_the_first_and_the_last_ms_of_a_window_count) {
    uint64_t a = customer(1);
    struct cut window = {region_day(2, 0), region_day(4, 0) - 1};
    struct standing out[1];
    sale(a, 1, region_day(2, 0) - 1);
    cr_assert_eq(ranked(BY_SPEND, &window, &anywhere, out), 0u, "the ms before");
    sale(a, 10, region_day(2, 0));
    sale(a, 100, region_day(4, 0) - 1);
    sale(a, 1000, region_day(4, 0));
    cr_assert_eq(ranked(BY_SPEND, &window, &anywhere, out), 1u);
    cr_assert_eq(out[0].spend, 110);
    struct cut until = {TIME_NONE, region_day(4, 0)};
    ranked(BY_SPEND, &until, &anywhere, out);
    cr_assert_eq(out[0].spend, 1111, "the cut falls on the latest row");
    until.to--;
    ranked(BY_SPEND, &until, &anywhere, out);
    cr_assert_eq(out[0].spend, 111);
}

Test(rank, V2_P2_a_return_counts_on_its_own_day) {
    uint64_t a = customer(1), b = customer(1), sold = sale(a, 1000, region_day(1, 0));
    sale(b, 600, region_day(1, 0));
    region_returned(&r, 1, a, sold, 1000, region_day(9, 0));
    struct cut before = {TIME_NONE, region_day(8, 0)}, after = {region_day(8, 0), region_day(10, 0)};
    expect_order(BY_SPEND, &before, &anywhere, IDS(a, b));
    expect_order(BY_SPEND, &everything, &anywhere, IDS(b, a));
    struct standing out[2];
    cr_assert_eq(ranked(BY_SPEND, &after, &anywhere, out), 1u, "a return is enough to be listed");
    cr_assert_eq(out[0].spend, -1000);
    cr_assert_eq(out[0].last, TIME_NONE);
}

Test(rank, V2_voided_sales_do_not_count_and_the_last_visit_goes_back) {
    uint64_t a = customer(1);
    sale(a, 10, region_day(1, 0));
    uint64_t middle = sale(a, 100, region_day(2, 0)), last = sale(a, 1000, region_day(3, 0));
    cr_assert_eq(value_of(fold_region(&f, &r), a).last, region_day(3, 0));
    region_voided(&r, 1, a, last, true);
    cr_assert_eq(value_of(fold_region(&f, &r), a).last, region_day(2, 0));
    region_voided(&r, 1, a, middle, true);
    cr_assert_eq(value_of(fold_region(&f, &r), a).last, region_day(1, 0));
    cr_assert_eq(value_of(f.model, a).spend, 10);
    cr_assert_eq(value_of(f.model, a).visits, 1u);
    region_voided(&r, 1, a, last, false);
    cr_assert_eq(value_of(fold_region(&f, &r), a).last, region_day(3, 0));
    cr_assert_eq(value_of(f.model, a).spend, 1010);
}

Test(rank, a_customer_without_any_live_row_is_not_listed) {
    uint64_t a = customer(1), only = sale(a, 10, NIL);
    struct standing out[1];
    region_voided(&r, 1, a, only, true);
    cr_assert_eq(ranked(BY_SPEND, &everything, &anywhere, out), 0u);
    cr_assert_eq(value_of(f.model, a).last, TIME_NONE);
}

Test(rank, V2_linked_and_unlinked) {
    uint64_t a = customer(1), b = customer(2), c = customer(3);
    sale(a, 40, NIL);
    sale(b, 70, NIL);
    sale(c, 100, NIL);
    expect_order(BY_SPEND, &everything, &anywhere, IDS(c, b, a));
    uint64_t link = region_linked(&r, HUB, b, a, choice_link_reason_phone);
    expect_order(BY_SPEND, &everything, &anywhere, IDS(a, c));
    region_unlinked(&r, HUB, a, b, IDS(link), IDS(a));
    expect_order(BY_SPEND, &everything, &anywhere, IDS(c, b, a));
}

Test(rank, V2_by_visits_and_by_referrals) {
    uint64_t a = customer(1), b = customer(1), c = customer(1);
    sale(a, 1000, region_day(1, 0));
    sale(b, 1, region_day(1, 0));
    sale(b, 1, region_day(2, 0));
    sale(c, 5, region_day(2, 0));
    expect_order(BY_VISITS, &everything, &anywhere, IDS(b, a, c));
    region_referred(&r, 1, c, a, region_day(1, 0));
    uint64_t second = region_referred(&r, 1, c, b, region_day(3, 0));
    region_referred(&r, 1, a, b, region_day(3, 0));
    expect_order(BY_REFERRALS, &everything, &anywhere, IDS(c, a, b));
    struct cut early = {TIME_NONE, region_day(2, 0)};
    expect_order(BY_REFERRALS, &early, &anywhere, IDS(c, a, b));
    region_voided(&r, 1, c, second, true);
    expect_order(BY_REFERRALS, &everything, &anywhere, IDS(a, c, b));
}

Test(rank, V2_a_store_and_a_chain) {
    region_store(&r, "S1", "clothes");
    region_store(&r, "S2", "beauty");
    region_stream(&r, 1, "S1");
    region_stream(&r, 2, "S2");
    region_stream(&r, 4, "S1"); /* its new PC */
    uint64_t a = customer(1), b = customer(2);
    region_sold(&r, 1, a, 10, 1, NIL);
    region_sold(&r, 4, a, 5, 1, NIL);
    region_sold(&r, 2, a, 700, 1, NIL);
    region_sold(&r, 2, b, 20, 1, NIL);
    struct scope first = {.store = view_of("S1")}, beauty = {.chain = view_of("beauty")};
    struct scope none = {.store = view_of("S1"), .chain = view_of("beauty")}, unknown = {.store = view_of("S9")};
    struct standing out[2];
    cr_assert_eq(ranked(BY_SPEND, &everything, &first, out), 1u);
    cr_assert_eq(out[0].spend, 15);
    expect_order(BY_SPEND, &everything, &beauty, IDS(a, b));
    cr_assert_eq(ranked(BY_SPEND, &everything, &none, out), 0u);
    cr_assert_eq(ranked(BY_SPEND, &everything, &unknown, out), 0u);
}

/* Whoever writes an old sale down registers its customer late. */
Test(rank, identified_at_all_is_identified) {
    uint64_t a = region_registered(&r, 1, 1, region_day(9, 0));
    sale(a, 10, region_day(1, 0));
    struct cut early = {TIME_NONE, region_day(2, 0)}, before = {TIME_NONE, region_day(0, 0)};
    struct standing *all, one;
    size_t count;
    expect_order(BY_SPEND, &early, &anywhere, IDS(a));
    cr_assert_eq(segments(f.model, &early, NULL, &all, &count), 0);
    cr_assert_eq(count, 1u);
    free(all);
    cr_assert_eq(segments(f.model, &before, NULL, &all, &count), 0);
    cr_assert_eq(count, 0u, "not known by then, and nothing bought");
    free(all);
    cr_assert_not(person_value(f.model, a, &before, &one));
    cr_assert(person_value(f.model, a, &early, &one));
}

Test(rank, segments_are_everybody_known_by_id) {
    uint64_t a = region_registered(&r, 2, 1, region_day(1, 0)), b = region_registered(&r, 1, 1, region_day(2, 0));
    struct standing *all;
    size_t count;
    sale(0, 10, region_day(1, 0));
    cr_assert_eq(segments(fold_region(&f, &r), &everything, NULL, &all, &count), 0);
    cr_assert_eq(count, 2u);
    cr_assert_eq(all[0].person, b);
    cr_assert_eq(all[1].person, a);
    cr_assert_eq(all[0].last, TIME_NONE);
    free(all);
    struct cut at_first = {TIME_NONE, region_day(1, 0)};
    cr_assert_eq(segments(f.model, &at_first, NULL, &all, &count), 0);
    cr_assert_eq(count, 1u);
    cr_assert_eq(all[0].person, a);
    free(all);
}

/* ---- Ties ---- */

struct cards {
    const char *of[16]; /* by seq */
    int asked;
};

static void card_of(void *context, uint64_t person, struct buf *out) {
    struct cards *cards = context;
    cards->asked++;
    buf_append_view(out, view_of(cards->of[id_seq(person)]));
}

Test(rank, V2_ties_by_card_as_bytes_then_id) {
    struct standing places[] = {{.person = 1, .value = 9}, {.person = 2, .value = 5}, {.person = 3, .value = 5},
                                {.person = 4, .value = 5}, {.person = 5, .value = 5}, {.person = 6, .value = 1},
                                {.person = 7, .value = 1}};
    struct cards cards = {{NULL, "z", "b10", "B9", "b1", "b10", "x", "a"}, 0};
    ranking_ties(places, 7, 2, card_of, &cards);
    const uint64_t wanted[] = {1, 3, 4, 2, 5, 6, 7};
    for (size_t i = 0; i < 7; i++) cr_assert_eq(places[i].person, wanted[i], "place %zu", i + 1);
    cr_assert_eq(cards.asked, 4, "only those tied within the first two places");
    ranking_ties(places, 7, 100, card_of, &cards);
    cr_assert_eq(places[5].person, 7u);
    cards.of[7] = NULL;
    ranking_ties(places, 7, 100, card_of, &cards);
    cr_assert_eq(places[5].person, 7u, "no card is the shortest");
    ranking_ties(NULL, 0, 10, card_of, &cards);
}

/* ---- Pyramid ---- */

static struct pyramid pyramid(const int64_t *spends, size_t count) {
    struct standing places[32] = {{0}};
    struct pyramid out;
    for (size_t i = 0; i < count; i++) places[i].spend = places[i].value = spends[i];
    pyramid_of(places, count, &(struct pyramid_shares){20, 20, 50}, &out);
    return out;
}

Test(rank, V1_pyramid_of_those_with_positive_spend) {
    struct pyramid p = pyramid((const int64_t[]){40, 30, 20, 5, 5, 0, -50}, 7);
    cr_assert_eq(p.customers, 5u);
    cr_assert_eq(p.top_customers, 1u, "a fifth of five");
    cr_assert_eq(p.total, 100);
    cr_assert_eq(p.top_spend, 40);
    cr_assert_float_eq(p.top_share, 0.4, 1e-12);
    cr_assert_eq(p.customers_for_80_percent, 3u, "40 + 30 + 20 reach 80");
    cr_assert_eq(pyramid((const int64_t[]){50, 30, 10, 5, 3, 2}, 6).top_customers, 2u, "rounded up");
    cr_assert_eq(pyramid((const int64_t[]){50, 30, 10, 5, 3, 2}, 6).customers_for_80_percent, 2u,
                 "exactly four fifths");
    cr_assert_eq(pyramid((const int64_t[]){50, 29, 11, 5, 3, 2}, 6).customers_for_80_percent, 3u,
                 "79 of 100 are not enough");
    cr_assert_eq(pyramid((const int64_t[]){1}, 1).customers_for_80_percent, 1u);
    p = pyramid((const int64_t[]){0, -1}, 2);
    cr_assert_eq(p.customers + p.top_customers + p.customers_for_80_percent, 0u);
    cr_assert_float_eq(p.top_share, 0, 0);
}

/* From the sales to the pyramid, at each boundary of a leap day's window. */
Test(rank, V1_V2_of_a_leap_day_returned_voided_linked_and_apart) {
    struct zone zone = zone_fixed(9 * INT64_C(3600000));
    int64_t first = zone_day_start(&zone, (struct date){2024, 2, 29}), last = first + DAY_MS - 1;
    struct cut day;
    struct standing out[6];
    struct pyramid p;
    const struct pyramid_shares shares = {20, 20, 50};
    cr_assert_eq(cut_window(view_of("1"), (struct date){2024, 2, 29}, &zone, &day, NULL), 0);
    uint64_t a = customer(1), b = customer(2), c = customer(1);
    sale(a, 80, first);
    sale(a, 1000, first - 1);
    uint64_t of_b = sale(b, 20, last);
    sale(b, 1000, last + 1);
    pyramid_of(out, ranked(BY_SPEND, &day, &anywhere, out), &shares, &p);
    cr_assert(p.total == 100 && p.customers_for_80_percent == 1 && p.top_spend == 80, "exactly four fifths");
    uint64_t back = region_returned(&r, 2, b, of_b, 20, last);
    pyramid_of(out, ranked(BY_SPEND, &day, &anywhere, out), &shares, &p);
    cr_assert(p.customers == 1 && p.total == 80, "nothing is left of hers");
    region_voided(&r, 2, b, back, true);
    sale(c, 1, last);
    pyramid_of(out, ranked(BY_SPEND, &day, &anywhere, out), &shares, &p);
    cr_assert(p.customers == 3 && p.customers_for_80_percent == 2, "80 of 101 are not four fifths");
    uint64_t link = region_linked(&r, HUB, b, c, choice_link_reason_phone);
    pyramid_of(out, ranked(BY_SPEND, &day, &anywhere, out), &shares, &p);
    cr_assert(p.customers == 2 && out[1].spend == 21);
    region_unlinked(&r, HUB, b, c, IDS(link), IDS(c));
    pyramid_of(out, ranked(BY_SPEND, &day, &anywhere, out), &shares, &p);
    cr_assert(p.customers == 3 && p.large.customers == 1 && p.medium.customers == 1 && p.small.customers == 1);
}

Test(rank, V1_curve_of_the_measured_share) {
    static const int64_t spends[] = {40, 30, 20, 5, 5, 0, -50};
    struct standing places[7] = {{0}};
    double curve[PYRAMID_POINTS];
    for (size_t i = 0; i < 7; i++) places[i].spend = places[i].value = spends[i];
    pyramid_curve(places, 7, curve);
    cr_assert_float_eq(curve[0], 0, 0);
    cr_assert_float_eq(curve[1], 0.4, 1e-12, "one percent of five, rounded up, is one");
    cr_assert_float_eq(curve[20], 0.4, 1e-12, "exactly a fifth");
    cr_assert_float_eq(curve[21], 0.7, 1e-12);
    cr_assert_float_eq(curve[60], 0.9, 1e-12);
    cr_assert_float_eq(curve[100], 1, 1e-12, "who brought nothing is not among them");
    cr_assert_float_eq(curve[20], pyramid(spends, 7).top_share, 1e-12, "the pyramid is a point of it");
    pyramid_curve(places + 5, 2, curve);
    for (int i = 0; i < PYRAMID_POINTS; i++) cr_assert_float_eq(curve[i], 0, 0);
}

/* ---- Windows ---- */

static struct cut window(const char *text, struct date as_of) {
    struct zone zone = zone_fixed(9 * INT64_C(3600000));
    struct cut cut;
    cr_assert_eq(cut_window(view_of(text), as_of, &zone, &cut, NULL), 0);
    cr_assert_eq(cut.to, zone_day_end(&zone, as_of));
    return cut;
}

static int64_t start(int year, int month, int day) {
    struct zone zone = zone_fixed(9 * INT64_C(3600000));
    return zone_day_start(&zone, (struct date){year, month, day});
}

Test(rank, V2_windows) {
    struct date leap = {2024, 2, 29}, end = {2024, 12, 31};
    cr_assert_eq(window("all", leap).from, TIME_NONE);
    cr_assert_eq(window("year", leap).from, start(2024, 1, 1));
    cr_assert_eq(window("season", leap).from, start(2024, 1, 1));
    cr_assert_eq(window("season", end).from, start(2024, 10, 1));
    cr_assert_eq(window("season", (struct date){2024, 4, 1}).from, start(2024, 4, 1));
    cr_assert_eq(window("season", (struct date){2024, 3, 31}).from, start(2024, 1, 1));
    cr_assert_eq(window("1", leap).from, start(2024, 2, 29));
    cr_assert_eq(window("30", leap).from, start(2024, 1, 31));
    cr_assert_eq(window("365", end).from, start(2024, 1, 2), "a leap year has one more");
    cr_assert_eq(window("366", end).from, start(2024, 1, 1));
    cr_assert_eq(window("2", (struct date){2024, 3, 1}).from, start(2024, 2, 29));
}

Test(rank, V2_windows_that_are_none) {
    static const char *const wrong[] = {"", "0", "-1", "1.5", "month", "7 days", "99999999999999999999", "200001"};
    struct zone zone = zone_fixed(0);
    struct cut cut;
    struct err err;
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        cr_assert_eq(cut_window(view_of(wrong[i]), (struct date){2024, 2, 29}, &zone, &cut, &err), ERR_INVALID,
                     "\"%s\"", wrong[i]);
        cr_assert_str_eq(err.field, "window");
    }
}

/* ---- Margin (V1, V2) ---- */

static uint64_t costed_sale(uint64_t who, int64_t amount, int64_t cost, int64_t at) {
    r.cost = cost;
    uint64_t id = sale(who, amount, at);
    r.cost = NIL;
    return id;
}

Test(rank, V2_by_margin_of_the_rows_whose_cost_is_known) {
    uint64_t a = customer(1), b = customer(2), c = customer(1);
    struct standing out[4];
    costed_sale(a, 1000, 900, region_day(1, 9));
    costed_sale(b, 500, 100, region_day(1, 9));
    sale(c, 9000, region_day(1, 9));
    cr_assert_eq(ranked(BY_MARGIN, &everything, &anywhere, out), 3u, "whoever bought is listed");
    cr_assert(out[0].person == b && out[0].value == 400 && out[0].spend == 500);
    cr_assert(out[1].person == a && out[1].value == 100);
    cr_assert(out[2].person == c && out[2].value == NIL, "nothing is known of its cost");
}

Test(rank, V2_a_return_takes_back_the_margin_on_its_own_day_and_a_void_all_of_it) {
    uint64_t a = customer(1), b = customer(2), sold = costed_sale(a, 1000, 400, region_day(1, 9));
    struct standing out[2];
    struct cut before = {TIME_NONE, region_day(5, 0) - 1}, on_the_day = {region_day(5, 0), region_day(6, 0) - 1};
    r.cost = 200;
    region_returned(&r, 1, a, sold, 500, region_day(5, 0));
    r.cost = NIL;
    ranked(BY_MARGIN, &before, &anywhere, out);
    cr_assert_eq(out[0].value, 600);
    ranked(BY_MARGIN, &on_the_day, &anywhere, out);
    cr_assert_eq(out[0].value, -300);
    ranked(BY_MARGIN, &everything, &anywhere, out);
    cr_assert_eq(out[0].value, 300);
    region_linked(&r, HUB, b, a, choice_link_reason_phone);
    costed_sale(b, 50, 60, region_day(2, 0));
    cr_assert_eq(ranked(BY_MARGIN, &everything, &anywhere, out), 1u);
    cr_assert_eq(out[0].value, 290, "one person, and sold below cost");
    region_voided(&r, 1, a, sold, true);
    ranked(BY_MARGIN, &everything, &anywhere, out);
    cr_assert_eq(out[0].value, -10, "and with the sale what came back of it");
}

Test(rank, V2_what_goods_cost_changes_the_digest) {
    uint8_t with[DIGEST_SIZE], without[DIGEST_SIZE];
    uint64_t a = customer(1);
    struct region other;
    region_init(&other);
    region_registered(&other, 1, 1, NIL);
    costed_sale(a, 1000, 1000, region_day(1, 9));
    region_sold(&other, 1, a, 1000, 1, region_day(1, 9));
    model_digest(fold_region(&f, &r), NULL, with);
    model_digest(fold_region(&f, &other), NULL, without);
    cr_assert_neq(memcmp(with, without, sizeof with), 0, "a margin of 0 is not one unknown");
    region_release(&other);
}

static struct profit_groups grouped(const struct cut *cut) {
    struct profit_groups groups;
    cr_assert(profit_groups(fold_region(&f, &r), cut, &anywhere, NULL, &groups));
    return groups;
}

Test(rank, V1_profit_groups_split_at_the_policys_shares) {
    uint64_t ids[12];
    struct profit_groups groups;
    for (size_t i = 0; i < 12; i++) ids[i] = customer(1);
    sale(ids[0], 100, region_day(1, 0));
    cr_assert_not(profit_groups(fold_region(&f, &r), &everything, &anywhere, NULL, &groups), "no margin is known");
    for (int64_t i = 1; i <= 10; i++) costed_sale(ids[i], 100 * i, 0, region_day(1, 0));
    groups = grouped(&everything);
    cr_assert(groups.high == 2 && groups.medium == 3 && groups.low == 5 && groups.none == 0);
    cr_assert(groups.high_margin == 1900 && groups.margin == 5500);
    costed_sale(ids[11], 100, 100, region_day(2, 0));
    groups = grouped(&everything);
    cr_assert(groups.high == 2 && groups.low == 5 && groups.none == 1, "nothing was earned");
    costed_sale(ids[11], 1, 0, region_day(3, 0));
    groups = grouped(&everything);
    cr_assert(groups.high == 3 && groups.medium == 3 && groups.low == 5 && groups.none == 0, "rounded up");
    groups = grouped(&(struct cut){TIME_NONE, region_day(2, 0)});
    cr_assert(groups.none == 1 && groups.low == 5, "as of a day before");
    region_policy(&r, "profit-groups", "50", NIL);
    groups = grouped(&everything);
    cr_assert(groups.high == 6 && groups.medium == 5 && groups.low == 0, "one share: the rest is medium");
}

Test(rank, V2_lines_without_a_cost_count_for_nothing_in_the_margin) {
    struct event e;
    struct buf storage = BUF_INIT;
    struct standing out[1];
    struct row_sale_line lines[] = {{view_of("coat"), 1000, 500, NIL, 300, NIL},
                                    {view_of("hat"), 1000, 70, NIL, NIL, NIL},
                                    {view_of("coat"), -1000, -50, NIL, -30, NIL}};
    event_init(&e, EVENT_sold);
    e.subject = customer(1);
    for (size_t i = 0; i < 3; i++) row_sale_line_append(&e.body.sold.lines, &storage, &lines[i]);
    region_put(&r, 1, &e, false);
    ranked(BY_MARGIN, &everything, &anywhere, out);
    cr_assert(out[0].value == 180 && out[0].spend == 520);
    buf_release(&storage);
}

/* A page of the first ones holds what the whole ranking begins with, and all that are tied with its last. */
Test(rank, V2_the_first_ones_are_those_of_the_whole_ranking) {
    static const enum measure measures[] = {BY_SPEND, BY_VISITS, BY_REFERRALS, BY_MARGIN, BY_SCORE};
    static const struct cut late = {1, TIME_NONE};
    for (uint64_t i = 0; i < 640; i++) {
        uint64_t who = customer((uint32_t)(1 + i % 3));
        for (uint64_t n = i * 7 % 5; n > 0; n--) sale(who, (int64_t)(i * 389 % 97) * 100 - 900, NIL);
        if (i % 11 == 0) costed_sale(who, 1000, (int64_t)(i % 7) * 100, region_day(1, 9));
    }
    const struct model *model = fold_region(&f, &r);
    for (size_t k = 0; k < 10; k++) {
        const struct cut *cut = k % 2 == 0 ? &everything : &late;
        struct standing *all, *first;
        size_t count, found;
        cr_assert_eq(rank(model, measures[k / 2], cut, &anywhere, &all, &count), 0);
        for (size_t top = 1; top < 40; top += 6) {
            cr_assert_eq(rank_first(model, measures[k / 2], cut, &anywhere, top, &first, &found), 0);
            cr_assert(found >= top && found <= count);
            for (size_t i = 0; i < found; i++) {
                cr_assert_eq(first[i].person, all[i].person, "measure %zu, top %zu, place %zu", k / 2, top, i + 1);
                cr_assert(first[i].value == all[i].value && first[i].spend == all[i].spend);
                cr_assert(first[i].visits == all[i].visits && first[i].last == all[i].last);
            }
            cr_assert_eq(all[found - 1].value, all[top - 1].value, "no more than those that are tied");
            cr_assert(found == count || all[found].value != all[top - 1].value, "and all of them");
            free(first);
        }
        free(all);
    }
}
