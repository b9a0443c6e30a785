/* Points, packages and benefits at their boundaries. Amounts are won: 1,000 for a point, 100 points for a newcomer. */
#include <criterion/criterion.h>
#include <stdlib.h>

#include "proto/base/money.h"
#include "proto/base/zone.h"
#include "proto/model/benefits.h"
#include "proto/model/credits.h"
#include "proto/model/packages.h"
#include "proto/model/person_rows.h"
#include "proto/model/points.h"
#include "tests/support/region_model.h"

static struct region r;
static struct folded f;

static void set_up(void) {
    region_init(&r);
    region_policy(&r, "point-spend", "1000", NIL);
}
static void tear_down(void) {
    folded_release(&f);
    region_release(&r);
}
TestSuite(points, .init = set_up, .fini = tear_down);
TestSuite(packages, .init = set_up, .fini = tear_down);
TestSuite(benefits, .init = set_up, .fini = tear_down);

static uint64_t customer(uint32_t stream) { return region_registered(&r, stream, 1, NIL); }
static uint64_t sale(uint64_t who, int64_t amount, int64_t at) { return region_sold(&r, 1, who, amount, 1, at); }

static struct model *folded(void) {
    struct currency won;
    cr_assert_eq(currency_find("KRW", &won, NULL), 0);
    struct model *model = fold_region(&f, &r);
    model_assume_currency(model, &won);
    return model;
}

static void say(const struct credit *credit) {
    struct event e;
    event_init(&e, EVENT_credited);
    e.subject = credit->subject;
    e.at = credit->at;
    e.body.credited.referral = credit->referral;
    e.body.credited.on = credit->on;
    region_put(&r, HUB, &e, false);
}

/* What the hub has to say of newcomers by now; returns how much that was. */
static uint32_t judge(void) {
    struct model *model = folded();
    struct credit_ids newcomers = {NULL, 0, 0};
    struct credits due = {NULL, 0, 0};
    struct idmap judged = {NULL, 0, 0};
    credits_newcomers(model, &newcomers);
    for (uint32_t i = 0; i < newcomers.count; i++) {
        bool fresh;
        idmap_put(&judged, model_person(model, newcomers.items[i]), &fresh);
        if (fresh) credits_due(model, newcomers.items[i], &due);
    }
    uint32_t count = due.count;
    for (uint32_t i = 0; i < count; i++) say(&due.items[i]);
    VEC_RELEASE(newcomers);
    VEC_RELEASE(due);
    idmap_release(&judged);
    return count;
}

static struct points points(uint64_t who, int64_t to) {
    struct points out;
    if (judge() > 0) cr_assert_eq(judge(), 0u, "all was said at once");
    cr_assert(points_of(folded(), who, to, &out));
    return out;
}
static int64_t balance(uint64_t who) { return points(who, TIME_NONE).balance; }

static uint64_t redeem(uint64_t who, int64_t count, int64_t shown, int64_t at) {
    struct event e;
    event_init(&e, EVENT_redeemed);
    e.subject = who;
    e.at = at;
    e.body.redeemed.points = count;
    e.body.redeemed.balance = shown;
    e.body.redeemed.tier = view_of("gold");
    return region_put(&r, 1, &e, false);
}

Test(points, P3_full_points_of_the_net_spend) {
    uint64_t a = customer(1);
    sale(a, 999, region_day(1, 0));
    cr_assert_eq(balance(a), 0);
    sale(a, 1, region_day(2, 0));
    cr_assert_eq(balance(a), 1, "exactly the amount of a point");
    sale(a, 1999, region_day(3, 0));
    cr_assert_eq(balance(a), 2);
    sale(a, 1, region_day(4, 0));
    cr_assert_eq(balance(a), 3);
    struct points out;
    cr_assert_not(points_of(folded(), id_make(9, 9), TIME_NONE, &out), "nobody");
}

Test(points, P3_a_return_takes_points_back_on_its_own_day_and_a_void_all) {
    uint64_t a = customer(1), sold = sale(a, 5000, region_day(1, 0));
    uint64_t back = region_returned(&r, 1, a, sold, 1, region_day(5, 0));
    cr_assert_eq(points(a, region_day(5, 0) - 1).balance, 5);
    cr_assert_eq(points(a, region_day(5, 0)).balance, 4);
    region_voided(&r, 1, a, back, true);
    cr_assert_eq(balance(a), 5);
    redeem(a, 5, 5, region_day(6, 0));
    region_voided(&r, 1, a, sold, true);
    cr_assert_eq(balance(a), -5, "what they were spent on has gone out");
}

Test(points, P3_an_attributed_sale_and_linked_customers_count_together) {
    uint64_t a = customer(1), b = customer(2), nobodys = sale(0, 3000, region_day(1, 0));
    sale(b, 1500, region_day(1, 0));
    region_returned(&r, 1, nobodys, nobodys, 1000, region_day(2, 0));
    cr_assert_eq(balance(a), 0);
    region_attributed(&r, 1, nobodys, a);
    cr_assert_eq(balance(a), 2);
    region_linked(&r, HUB, a, b, choice_link_reason_phone);
    cr_assert_eq(balance(a), 3, "3,500 of one person");
    cr_assert_eq(balance(b), 3);
}

Test(points, P3_customers_taken_apart_have_their_own_points_again) {
    uint64_t a = customer(1), b = customer(2), link = region_linked(&r, HUB, a, b, choice_link_reason_phone);
    sale(a, 600, region_day(1, 0));
    sale(b, 1400, region_day(1, 0));
    redeem(b, 2, 2, region_day(2, 0));
    cr_assert_eq(balance(a), 0, "two of 2,000 together, and spent");
    region_unlinked(&r, HUB, a, b, IDS(link), IDS(a));
    cr_assert_eq(balance(a), 0, "600 make none");
    cr_assert_eq(balance(b), -1, "she spent two of the one");
}

Test(points, P3_a_new_figure_does_not_change_what_was_earned_before) {
    uint64_t a = customer(1);
    sale(a, 4000, region_day(1, 0));
    region_policy(&r, "point-spend", "2000", region_day(5, 0));
    sale(a, 4000, region_day(5, 0) - 1);
    cr_assert_eq(balance(a), 8, "the ms before");
    sale(a, 4000, region_day(5, 0));
    cr_assert_eq(balance(a), 10);
    region_policy(&r, "point-spend", "off", region_day(7, 0));
    sale(a, 4000, region_day(7, 0));
    cr_assert_eq(balance(a), 10);
}

/* P2: a return takes back what its sale earned, by the figure of the sale's day. */
Test(points, P3_a_return_takes_back_what_its_sale_earned) {
    uint64_t a = customer(1), sold = sale(a, 4000, region_day(5, 0) - 1);
    region_policy(&r, "point-spend", "2000", region_day(5, 0));
    uint64_t later = sale(a, 8000, region_day(5, 0));
    cr_assert_eq(balance(a), 8);
    uint64_t back = region_returned(&r, 1, a, sold, 4000, region_day(6, 0));
    cr_assert_eq(points(a, region_day(6, 0) - 1).balance, 8);
    cr_assert_eq(points(a, region_day(6, 0)).balance, 4, "all four, not the two that they would be now");
    region_voided(&r, 1, a, back, true);
    cr_assert_eq(balance(a), 8);
    region_returned(&r, 1, a, sold, 1000, region_day(6, 0));
    cr_assert_eq(balance(a), 7, "a part of it");
    region_returned(&r, 1, a, later, 2000, region_day(6, 0));
    cr_assert_eq(balance(a), 6, "the later sale's figure");
    region_returned(&r, 1, a, 0, 2000, region_day(7, 0));
    cr_assert_eq(balance(a), 5, "without its sale by the figure of its own day");
    region_policy(&r, "point-spend", "off", region_day(8, 0));
    region_returned(&r, 1, a, sold, 3000, region_day(8, 0));
    cr_assert_eq(balance(a), 2, "also when nothing is earned any more");
    region_returned(&r, 1, a, id_make(9, 9), 5000, region_day(8, 0));
    cr_assert_eq(balance(a), 2, "of a sale that is not known here: its own day");
}

Test(points, P3_a_newcomer_counts_from_her_first_purchase_on_and_once) {
    uint64_t a = customer(1), b = customer(1), again = customer(2);
    region_referred(&r, 1, a, b, region_day(1, 0));
    cr_assert_eq(balance(a), 0, "she has not bought yet");
    uint64_t sold = sale(b, 10, region_day(3, 0));
    cr_assert_eq(points(a, region_day(3, 0) - 1).balance, 0);
    cr_assert_eq(points(a, region_day(3, 0)).balance, 100);
    region_referred(&r, 1, a, again, region_day(3, 0));
    sale(again, 10, region_day(4, 0));
    cr_assert_eq(balance(a), 200);
    region_linked(&r, HUB, b, again, choice_link_reason_phone);
    cr_assert_eq(balance(a), 100, "one person");
    region_returned(&r, 1, b, sold, 10, region_day(5, 0));
    cr_assert_eq(balance(a), 100, "something is left of what she bought");
    region_returned(&r, 1, again, 0, 10, region_day(6, 0));
    cr_assert_eq(balance(a), 0, "nothing is");
    cr_assert_eq(points(a, region_day(6, 0) - 1).newcomers, 1u);
    region_linked(&r, HUB, a, b, choice_link_reason_person);
    sale(a, 500, region_day(7, 0));
    cr_assert_eq(balance(a), 0, "nobody brings herself");
}

Test(points, P3_what_is_said_of_a_newcomer_follows_the_book_at_any_time) {
    uint64_t a = customer(1), b = customer(1);
    uint64_t first = region_referred(&r, 1, a, b, region_day(0, 0));
    cr_assert_eq(judge(), 0u, "nothing is said of who has not bought");
    uint64_t sold = sale(b, 10, region_day(5, 0));
    cr_assert_eq(judge(), 1u);
    cr_assert_eq(judge(), 0u);
    uint64_t early = sale(b, 10, region_day(3, 0)); /* written down late */
    cr_assert_eq(points(a, region_day(3, 0) - 1).balance, 0);
    cr_assert_eq(points(a, region_day(3, 0)).balance, 100);
    region_voided(&r, 1, b, early, true);
    cr_assert_eq(points(a, region_day(4, 0)).balance, 0, "as if it had never been");
    cr_assert_eq(points(a, region_day(5, 0) - 1).balance, 0);
    cr_assert_eq(points(a, region_day(5, 0)).balance, 100);
    region_returned(&r, 1, b, sold, 10, region_day(7, 0));
    sale(b, 30, region_day(9, 0));
    cr_assert_eq(points(a, region_day(7, 0) - 1).balance, 100);
    cr_assert_eq(points(a, region_day(7, 0)).balance, 0);
    cr_assert_eq(points(a, region_day(9, 0) - 1).balance, 0);
    cr_assert_eq(points(a, region_day(9, 0)).balance, 100);
    region_voided(&r, 1, b, sold, true);
    cr_assert_eq(points(a, region_day(8, 0)).balance, 0, "the sale, and what came back of it");
    uint64_t again = region_referred(&r, 2, a, b, region_day(1, 0));
    cr_assert_eq(balance(a), 100, "once");
    region_voided(&r, 1, a, first, true);
    cr_assert_eq(balance(a), 100, "now by the other one");
    region_voided(&r, 2, a, again, true);
    cr_assert_eq(balance(a), 0);
}

/* What a store has that serves these people and nobody else: what is about them, and what is about nobody. */
static struct points at_their_store(uint64_t who, struct ids served) {
    size_t *order = mem_alloc((r.count + 1) * sizeof *order), count = 0;
    struct currency won;
    struct points out;
    for (size_t i = 0; i < r.count; i++) {
        bool theirs = r.events[i].subject == 0;
        for (size_t k = 0; k < served.count; k++) theirs = theirs || r.events[i].subject == served.items[k];
        if (theirs) order[count++] = i;
    }
    struct log *log = region_log(&r, order, count);
    struct model *model = model_open(log);
    cr_assert_eq(model_replay(model, 0, count, NULL, NULL), 0);
    cr_assert_eq(currency_find("KRW", &won, NULL), 0);
    model_assume_currency(model, &won);
    cr_assert(points_of(model, who, TIME_NONE, &out));
    model_close(model);
    log->ops->close(log);
    free(order);
    return out;
}

Test(points, P3_a_store_that_never_saw_the_newcomer_answers_as_the_hub_does) {
    uint64_t a = customer(1), other = customer(2), b = customer(1), twin = customer(2);
    region_linked(&r, HUB, a, other, choice_link_reason_phone);
    region_referred(&r, 1, a, b, region_day(1, 0));
    region_referred(&r, 2, other, twin, region_day(2, 0));
    uint64_t sold = sale(b, 10, region_day(3, 0));
    sale(twin, 10, region_day(4, 0));
    for (int step = 0; step < 4; step++) {
        if (step == 1) region_linked(&r, HUB, b, twin, choice_link_reason_phone);
        if (step == 2) region_voided(&r, 1, b, sold, true);
        if (step == 3) region_linked(&r, HUB, twin, a, choice_link_reason_person);
        static const int64_t wanted[] = {200, 100, 100, 0};
        struct points hub = points(a, TIME_NONE), store = at_their_store(a, IDS(a, other));
        cr_assert_eq(hub.referrals, wanted[step], "step %d: %lld", step, (long long)hub.referrals);
        cr_assert_eq(store.referrals, hub.referrals, "step %d", step);
        cr_assert_eq(store.newcomers, hub.newcomers, "step %d", step);
    }
}

Test(points, P3_a_store_credits_nobody) {
    uint64_t a = customer(1), b = customer(1);
    struct event e;
    uint64_t referral = region_referred(&r, 1, a, b, region_day(1, 0));
    event_init(&e, EVENT_credited);
    e.subject = a;
    e.body.credited.referral = referral;
    e.body.credited.on = true;
    region_put(&r, 1, &e, false);
    cr_assert_eq(balance(a), 0, "only the hub's word counts");
    sale(b, 10, region_day(2, 0));
    cr_assert_eq(balance(a), 100);
    region_voided(&r, HUB, a, id_make(HUB, r.count), true);
    cr_assert_eq(balance(a), 100, "nor is it voided");
    region_policy(&r, "points-referral", "30", region_day(2, 0));
    cr_assert_eq(balance(a), 30, "by the figure of the day from which she counts");
}

Test(points, P3_a_late_sale_never_rewrites_a_redemption) {
    uint64_t a = customer(1);
    struct redemption out[2];
    sale(a, 5000, region_day(2, 0));
    redeem(a, 3, 5, region_day(3, 0));
    cr_assert_eq(balance(a), 2);
    sale(a, 9000, region_day(1, 0));
    cr_assert_eq(balance(a), 11);
    uint64_t later = redeem(a, 1, 11, region_day(4, 0));
    cr_assert_eq(redemptions_of(folded(), a, TIME_NONE, out, 2), 2u);
    cr_assert(out[0].id == later && out[0].balance == 11 && out[1].balance == 5 && out[1].points == 3);
    cr_assert(view_equal(out[1].tier, view_of("gold")));
    cr_assert_eq(redemptions_of(f.model, a, region_day(4, 0) - 1, out, 2), 1u);
    region_voided(&r, 1, a, later, true);
    cr_assert_eq(redemptions_of(folded(), a, TIME_NONE, out, 2), 1u);
    cr_assert_eq(balance(a), 11);
}

/* ---- Packages ---- */

static uint64_t sold_package(uint64_t who, int64_t quantity, int64_t sessions, int64_t at) {
    struct event e;
    struct buf storage = BUF_INIT;
    struct row_sale_line lines[] = {{view_of("cream"), 1000, 100, NIL, NIL, NIL},
                                    {view_of("facial"), quantity, 10000, NIL, NIL, sessions}};
    event_init(&e, EVENT_sold);
    e.subject = who;
    e.at = at;
    for (size_t i = 0; i < 2; i++) row_sale_line_append(&e.body.sold.lines, &storage, &lines[i]);
    uint64_t id = region_put(&r, 1, &e, who == 0);
    buf_release(&storage);
    return id;
}

static uint64_t bring_back(uint64_t who, uint64_t of, int64_t quantity, int64_t at) {
    struct event e;
    struct buf storage = BUF_INIT;
    struct row_sale_line line = {view_of("facial"), quantity, 10, NIL, NIL, NIL};
    event_init(&e, EVENT_returned);
    e.subject = who;
    e.at = at;
    e.body.returned.sale = of;
    row_sale_line_append(&e.body.returned.lines, &storage, &line);
    uint64_t id = region_put(&r, 1, &e, false);
    buf_release(&storage);
    return id;
}

static uint64_t use(uint32_t stream, uint64_t who, uint64_t of, const char *sku, int64_t sessions, int64_t at) {
    struct event e;
    event_init(&e, EVENT_package_used);
    e.subject = who;
    e.at = at;
    e.body.package_used.sale = of;
    e.body.package_used.sku = view_of(sku);
    e.body.package_used.sessions = sessions;
    return region_put(&r, stream, &e, false);
}

static struct package package_in(uint64_t who, int64_t to, size_t count) {
    struct zone utc = zone_fixed(0);
    struct package *all, first = {.sale = 0};
    size_t found;
    cr_assert_eq(packages_of(folded(), &utc, who, to, &all, &found, NULL), 0);
    cr_assert_eq(found, count);
    if (found > 0) first = all[0];
    free(all);
    return first;
}

Test(packages, P5_sessions_bought_used_and_left) {
    uint64_t a = customer(1), b = customer(2), sold = sold_package(a, 1000, 10, region_day(0, 9));
    use(1, a, sold, "facial", 3, region_day(2, 9));
    uint64_t wrong = use(1, a, sold, "facial", 2, region_day(3, 9));
    use(1, a, sold, "cream", 1, region_day(3, 9)); /* no package */
    struct package p = package_in(a, TIME_NONE, 1);
    cr_assert(p.sale == sold && p.bought == 10 && p.used == 5 && p.left == 5 && p.returned == 0);
    cr_assert_eq(p.last_used, region_day(3, 9));
    cr_assert_eq(package_in(a, region_day(2, 9) - 1, 1).used, 0, "as of a ms before");
    region_voided(&r, 1, a, wrong, true);
    cr_assert_eq(package_in(a, TIME_NONE, 1).left, 7);
    region_linked(&r, HUB, a, b, choice_link_reason_phone);
    use(2, b, sold, "facial", 7, region_day(5, 9));
    cr_assert_eq(package_in(b, TIME_NONE, 1).left, 0, "the last one, under her other id");
    use(2, b, sold, "facial", 1, region_day(5, 9));
    p = package_in(a, TIME_NONE, 1);
    cr_assert(p.left == 0 && p.used == 11, "two stores off line: all is shown, nothing below zero is left");
    package_in(customer(1), TIME_NONE, 0);
}

Test(packages, P5_what_comes_back_takes_its_sessions) {
    uint64_t a = customer(1), sold = sold_package(a, 3000, 10, region_day(0, 9));
    uint64_t back = bring_back(a, sold, 1000, region_day(1, 9));
    struct package p = package_in(a, TIME_NONE, 1);
    cr_assert(p.returned == 4 && p.left == 6, "a third, rounded up");
    cr_assert_eq(package_in(a, region_day(1, 9) - 1, 1).left, 10);
    bring_back(a, sold, 2000, region_day(2, 9));
    cr_assert_eq(package_in(a, TIME_NONE, 1).left, 0);
    region_voided(&r, 1, a, back, true);
    cr_assert_eq(package_in(a, TIME_NONE, 1).left, 3);
    region_voided(&r, 1, a, sold, true);
    package_in(a, TIME_NONE, 0);
}

Test(packages, P5_of_a_sale_that_got_its_customer_later) {
    uint64_t a = customer(1), sold = sold_package(0, 1000, 5, region_day(0, 9));
    package_in(a, TIME_NONE, 0);
    region_attributed(&r, 1, sold, a);
    cr_assert_eq(package_in(a, TIME_NONE, 1).left, 5);
}

Test(packages, P5_expire_at_the_end_of_a_day_of_the_policys_month) {
    /* 2025-01-01 is day 0; 2024-02-29 is 307 days before. */
    uint64_t a = customer(1);
    sold_package(a, 1000, 5, region_day(-307, 23));
    int64_t day = date_to_days((struct date){2025, 2, 28});
    cr_assert_eq(package_in(a, TIME_NONE, 1).expires, (day + 1) * DAY_MS - 1, "bought on a leap day");
    region_policy(&r, "package-months", "1", NIL);
    day = date_to_days((struct date){2024, 3, 29});
    cr_assert_eq(package_in(a, TIME_NONE, 1).expires, (day + 1) * DAY_MS - 1);
}

Test(packages, P5_two_uses_at_once_and_customers_taken_apart) {
    uint64_t a = customer(1), b = customer(2), sold = sold_package(a, 1000, 2, region_day(0, 9));
    uint64_t link = region_linked(&r, HUB, a, b, choice_link_reason_phone);
    use(1, a, sold, "facial", 1, region_day(3, 9));
    uint64_t there = use(2, b, sold, "facial", 1, region_day(3, 9)); /* the same ms, off line */
    struct package p = package_in(a, TIME_NONE, 1);
    cr_assert(p.used == 2 && p.left == 0 && p.last_used == region_day(3, 9));
    cr_assert_eq(package_in(b, region_day(3, 9), 1).left, 0, "exactly then");
    cr_assert_eq(package_in(b, region_day(3, 9) - 1, 1).left, 2);
    region_unlinked(&r, HUB, a, b, IDS(link), IDS(a));
    cr_assert_eq(package_in(a, TIME_NONE, 1).left, 1, "hers is the one she used herself");
    package_in(b, TIME_NONE, 0);
    link = region_linked(&r, HUB, a, b, choice_link_reason_person);
    region_voided(&r, 2, b, there, true);
    cr_assert_eq(package_in(b, TIME_NONE, 1).left, 1);
    bring_back(a, sold, 1000, region_day(4, 9));
    cr_assert_eq(package_in(a, region_day(4, 9) - 1, 1).left, 1);
    cr_assert_eq(package_in(a, region_day(4, 9), 1).left, 0);
    region_voided(&r, 1, a, sold, true);
    package_in(a, region_day(3, 9), 0);
    cr_assert_neq(link, 0u);
}

/* ---- Benefits ---- */

Test(benefits, P4_those_given_in_a_time_to_one_person_or_everybody) {
    uint64_t a = customer(1), b = customer(2), c = customer(1), ids[3];
    struct benefit *out;
    size_t count;
    const uint64_t whom[] = {a, b, c};
    for (int i = 0; i < 3; i++) {
        struct event e;
        event_init(&e, EVENT_benefit);
        e.subject = whom[i];
        e.at = region_day(i, 0);
        e.body.benefit.kind = choice_benefit_kind_coupon;
        e.body.benefit.cost = i == 0 ? NIL : 500;
        ids[i] = region_put(&r, 1, &e, false);
    }
    struct cut cut = {region_day(1, 0), region_day(2, 0)};
    benefits_given(folded(), 0, &cut, NULL, NULL, &out, &count);
    cr_assert(count == 2 && out[0].id == ids[2] && out[1].id == ids[1] && out[1].cost == 500);
    free(out);
    region_linked(&r, HUB, a, b, choice_link_reason_phone);
    region_voided(&r, 1, c, ids[2], true);
    cut = (struct cut){TIME_NONE, TIME_NONE};
    benefits_given(folded(), b, &cut, NULL, NULL, &out, &count);
    cr_assert(count == 2 && out[0].person == a && out[1].cost == NIL);
    free(out);
    benefits_given(f.model, c, &cut, NULL, NULL, &out, &count);
    cr_assert_eq(count, 0u);
    free(out);
    benefits_given(f.model, id_make(9, 9), &cut, NULL, NULL, &out, &count);
    cr_assert_eq(count, 0u);
    free(out);
}

Test(benefits, P4_the_first_and_the_last_ms_and_customers_taken_apart) {
    uint64_t a = customer(1), b = customer(2), link = region_linked(&r, HUB, a, b, choice_link_reason_phone);
    int64_t leap = region_day(-307, 0); /* 2024-02-29 */
    struct benefit *out;
    size_t count;
    const int64_t times[] = {leap - 1, leap, leap + DAY_MS - 1, leap + DAY_MS};
    for (int i = 0; i < 4; i++) {
        struct event e;
        event_init(&e, EVENT_benefit);
        e.subject = i % 2 == 0 ? a : b;
        e.at = times[i];
        e.body.benefit.kind = choice_benefit_kind_birthday;
        region_put(&r, 1, &e, false);
    }
    struct cut cut = {leap, leap + DAY_MS - 1};
    benefits_given(folded(), a, &cut, NULL, NULL, &out, &count);
    cr_assert(count == 2 && out[0].time == times[2] && out[1].time == times[1]);
    free(out);
    region_unlinked(&r, HUB, a, b, IDS(link), IDS(a));
    benefits_given(folded(), a, &cut, NULL, NULL, &out, &count);
    cr_assert(count == 1 && out[0].time == times[2]);
    free(out);
}

/* ---- The rows of one person ---- */

Test(points, P2_the_rows_of_one_person_in_the_order_of_their_time) {
    uint64_t a = customer(1), b = customer(2), late = sale(b, 5, region_day(9, 0)),
             early = sale(a, 7, region_day(1, 0));
    uint64_t void_one = sale(a, 11, region_day(2, 0)), nobodys = sale(0, 13, region_day(3, 0));
    region_attributed(&r, 1, nobodys, a);
    region_linked(&r, HUB, a, b, choice_link_reason_phone);
    region_voided(&r, 1, a, void_one, true);
    sale(customer(1), 99, region_day(1, 0));
    struct cut cut = {TIME_NONE, region_day(9, 0)};
    struct person_row *rows;
    size_t count;
    person_rows(folded(), b, &cut, &rows, &count);
    cr_assert(count == 3 && rows[0].id == early && rows[1].id == nobodys && rows[2].id == late);
    free(rows);
    cut.to--;
    person_rows(f.model, b, &cut, &rows, &count);
    cr_assert_eq(count, 2u);
    free(rows);
    person_rows(f.model, id_make(9, 9), &cut, &rows, &count);
    cr_assert_eq(count, 0u);
    free(rows);
}
