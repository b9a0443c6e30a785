/* Follow-ups and promises at their boundaries (K2, K3), and days in a text. */
#include <criterion/criterion.h>
#include <stdlib.h>

#include "proto/event/describe.h"
#include "proto/model/followups.h"
#include "proto/site/anniversaries.h"
#include "tests/support/region_model.h"

static struct region r;
static struct folded f;
static struct followup *found;
static size_t count;
static struct dated dated[8];
static size_t dated_count;
static uint64_t returned, sale_returned;

static const struct currency yuan = {.code = "CNY", .decimals = 2};

static void set_up(void) {
    region_init(&r);
    dated_count = 0;
    found = NULL;
    returned = sale_returned = 0;
    region_store(&r, "S1", "chain");
    region_store(&r, "S2", "chain");
    region_stream(&r, 1, "S1");
    region_stream(&r, 2, "S2");
}
static void tear_down(void) {
    free(found);
    folded_release(&f);
    region_release(&r);
}
TestSuite(followups, .init = set_up, .fini = tear_down);

static bool dated_at(void *context, size_t index, struct dated *out) {
    (void)context;
    if (index >= dated_count) return false;
    *out = dated[index];
    return true;
}
static uint64_t sale_of(void *context, uint64_t id) {
    (void)context;
    return id == returned ? sale_returned : 0;
}

/* As of a time, all kinds; how many. */
static size_t ask_at(int64_t now, bool answered) {
    struct zone zone = zone_fixed(0);
    struct followup_question q = {
        .now = now, .zone = &zone, .region = true, .answered = answered, .reader = {NULL, dated_at, sale_of}};
    free(found);
    struct model *model = fold_region(&f, &r);
    model_assume_currency(model, &yuan);
    cr_assert_eq(followups(model, &q, &found, &count), 0);
    return count;
}
static size_t open_at(int64_t now) { return ask_at(now, false); }

static const struct followup *only(enum followup_kind kind) {
    const struct followup *one = NULL;
    for (size_t i = 0; i < count; i++) {
        if (found[i].kind != kind) continue;
        cr_assert_null(one, "two of %s", followup_word(kind));
        one = &found[i];
    }
    return one;
}
static const struct followup *one_at(int64_t now, enum followup_kind kind) {
    open_at(now);
    return only(kind);
}

static uint64_t customer(uint32_t stream) { return region_registered(&r, stream, 1, region_day(0, 0)); }

static uint64_t contact(uint32_t stream, uint64_t who, int64_t at, enum choice_contact_kind kind, int64_t outcome,
                        const char *answers) {
    struct event e;
    event_init(&e, EVENT_contacted);
    e.subject = who;
    e.at = at;
    e.body.contacted.kind = kind;
    e.body.contacted.outcome = outcome;
    e.body.contacted.purpose = view_of("care");
    e.body.contacted.answers = view_of(answers);
    return region_put(&r, stream, &e, false);
}
static uint64_t call(uint32_t stream, uint64_t who, int64_t at) {
    return contact(stream, who, at, choice_contact_kind_call, choice_outcome_reached, NULL);
}
static uint64_t promise(uint64_t who, int64_t at, int64_t due, uint64_t keeps) {
    return region_promised(&r, 1, who, at, due, keeps);
}
static uint64_t mark(uint32_t stream, int64_t at, bool on) {
    struct event e;
    event_init(&e, EVENT_day_marked);
    e.at = at;
    e.body.day_marked.mark = choice_day_mark_rainy;
    e.body.day_marked.on = on;
    return region_put(&r, stream, &e, false);
}

Test(followups, K2_one_purchase_of_exactly_the_amount) {
    uint64_t a = customer(1), b = customer(1), c = customer(1);
    uint64_t exact = region_sold(&r, 1, a, 200000, 1, region_day(1, 10));
    region_sold(&r, 1, b, 199999, 1, region_day(1, 10));
    region_sold(&r, 1, c, 100000, 1, region_day(1, 10)); /* two that make it together are not one */
    region_sold(&r, 1, c, 100000, 1, region_day(1, 11));
    region_sold(&r, 1, 0, 900000, 1, region_day(1, 10)); /* nobody's */
    cr_assert_eq(open_at(region_day(8, 12)), 1u);
    cr_assert_eq(found[0].kind, FOLLOWUP_THANK);
    cr_assert_eq(found[0].person, a);
    cr_assert_eq(found[0].cause, exact);
    cr_assert_eq(found[0].figure, 200000);
    cr_assert(view_is(found[0].store, "S1"));
}

Test(followups, K2_the_call_is_due_a_week_later_and_shown_for_a_month) {
    uint64_t a = customer(1);
    region_sold(&r, 1, a, 200000, 1, region_day(1, 23));
    cr_assert_eq(open_at(region_day(8, 0) - 1), 0u, "the day before");
    cr_assert_eq(open_at(region_day(8, 0)), 1u);
    cr_assert_not(found[0].overdue);
    cr_assert_eq(found[0].due, region_day(9, 0) - 1);
    cr_assert_eq(open_at(region_day(9, 0) - 1), 1u);
    cr_assert_not(found[0].overdue, "the last ms of the day");
    cr_assert_eq(open_at(region_day(9, 0)), 1u);
    cr_assert(found[0].overdue, "the day after");
    cr_assert_eq(open_at(region_day(39, 0) - 1), 1u, "the thirtieth day after it");
    cr_assert_eq(open_at(region_day(39, 0)), 0u);
}

Test(followups, K2_figures_are_the_policys) {
    uint64_t a = customer(1);
    region_policy(&r, "thank-amount", "10", NIL);
    region_policy(&r, "thank-days", "0", NIL);
    region_sold(&r, 1, a, 1000, 1, region_day(1, 10));
    cr_assert_not_null(one_at(region_day(1, 10), FOLLOWUP_THANK), "at once");
    region_policy(&r, "thank-amount", "off", NIL);
    cr_assert_eq(open_at(region_day(1, 10)), 0u);
}

Test(followups, K2_a_purchase_that_is_voided_or_came_back) {
    uint64_t a = customer(1), b = customer(1), voided = region_sold(&r, 1, a, 300000, 1, region_day(1, 10));
    uint64_t sale = region_sold(&r, 1, b, 300000, 1, region_day(1, 10));
    region_voided(&r, 1, a, voided, true);
    returned = region_returned(&r, 1, b, sale, 100000, region_day(2, 10));
    sale_returned = sale;
    cr_assert_eq(open_at(region_day(8, 10)), 1u, "2,000 of it are left");
    cr_assert_eq(found[0].person, b);
    cr_assert_eq(found[0].figure, 200000);
    cr_assert_eq(ask_at(region_day(8, 10), true), 1u);
    returned = region_returned(&r, 1, b, sale, 100001, region_day(3, 10));
    cr_assert_eq(open_at(region_day(8, 10)), 0u);
    region_voided(&r, 1, a, voided, false);
    cr_assert_eq(open_at(region_day(8, 10)), 1u);
}

Test(followups, K2_a_contact_answers_at_whatever_store) {
    uint64_t a = customer(1), other = customer(2);
    char text[FOLLOWUP_TEXT];
    region_sold(&r, 1, a, 300000, 1, region_day(1, 10));
    call(2, other, region_day(8, 9));
    call(1, a, region_day(8, 0) - 1); /* before it was open, and names none */
    cr_assert_eq(open_at(region_day(8, 10)), 1u);
    followup_format(&found[0], text);
    contact(2, a, region_day(8, 9), choice_contact_kind_call, choice_outcome_not_reached, text);
    cr_assert_eq(open_at(region_day(8, 10)), 1u, "nobody was reached");
    uint64_t done = call(2, a, region_day(8, 11));
    cr_assert_eq(open_at(region_day(8, 11) - 1), 1u);
    cr_assert_eq(open_at(region_day(8, 11)), 0u);
    cr_assert_eq(ask_at(region_day(8, 11), true), 1u);
    cr_assert_eq(found[0].answer, done);
    cr_assert_not(found[0].overdue);
    region_voided(&r, 2, a, done, true);
    cr_assert_eq(open_at(region_day(8, 12)), 1u);
}

Test(followups, K2_a_contact_that_names_one_closes_that_one) {
    uint64_t a = customer(1);
    char text[FOLLOWUP_TEXT];
    region_sold(&r, 1, a, 300000, 1, region_day(1, 10));
    region_sold(&r, 1, a, 300000, 1, region_day(1, 11));
    cr_assert_eq(open_at(region_day(8, 10)), 2u);
    followup_format(&found[1], text);
    contact(1, a, region_day(2, 10), choice_contact_kind_call, 0, text); /* ahead of time: it says which */
    uint64_t left = found[0].cause;
    cr_assert_eq(open_at(region_day(8, 10)), 1u);
    cr_assert_eq(found[0].cause, left);
}

Test(followups, K2_linked_customers_are_one_person) {
    uint64_t a = customer(1), b = customer(2);
    region_sold(&r, 2, b, 300000, 1, region_day(1, 10));
    uint64_t link = region_linked(&r, HUB, b, a, choice_link_reason_phone);
    cr_assert_eq(open_at(region_day(8, 10)), 1u);
    cr_assert_eq(found[0].person, a);
    call(1, a, region_day(8, 9));
    cr_assert_eq(open_at(region_day(8, 10)), 0u);
    region_unlinked(&r, HUB, a, b, IDS(link), IDS(a));
    cr_assert_eq(open_at(region_day(8, 10)), 1u, "another person was called");
    cr_assert_eq(found[0].person, b);
}

Test(followups, K2_a_referral_thanks_both) {
    uint64_t a = customer(1), b = region_registered(&r, 2, 1, region_day(3, 10));
    region_referred(&r, 2, a, b, region_day(3, 10));
    cr_assert_eq(open_at(region_day(3, 10)), 2u, "at once, whatever she buys");
    cr_assert_eq(only(FOLLOWUP_REFERRAL)->person, a);
    cr_assert_eq(only(FOLLOWUP_NEWCOMER)->person, b);
    cr_assert_eq(only(FOLLOWUP_NEWCOMER)->due, region_day(11, 0) - 1);
    cr_assert_not(one_at(region_day(11, 0) - 1, FOLLOWUP_NEWCOMER)->overdue);
    cr_assert(one_at(region_day(11, 0), FOLLOWUP_NEWCOMER)->overdue);
    call(2, b, region_day(3, 10) - 1);
    cr_assert_eq(open_at(region_day(4, 10)), 2u, "that was before");
    call(2, b, region_day(3, 10));
    cr_assert_eq(open_at(region_day(4, 10)), 1u);
    region_linked(&r, HUB, a, b, choice_link_reason_person);
    cr_assert_eq(open_at(region_day(4, 10)), 0u, "she brought herself");
}

/* The newcomer is another store's, and nothing of her is known here: who brought her is thanked all the same. */
Test(followups, K2_a_referral_of_somebody_not_known_here) {
    uint64_t a = customer(1);
    struct event e;
    event_init(&e, EVENT_referred);
    e.subject = a;
    e.at = region_day(1, 10);
    e.body.referred.newcomer = id_make(stream_make(1, 9), 77);
    region_put(&r, 1, &e, false);
    cr_assert_eq(open_at(region_day(2, 0)), 1u);
    cr_assert_eq(found[0].kind, FOLLOWUP_REFERRAL);
    cr_assert_eq(found[0].person, a);
}

Test(followups, K2_a_letter_when_the_sum_crosses_a_threshold) {
    uint64_t a = customer(1), b = customer(1);
    region_policy(&r, "thank-amount", "off", NIL);
    region_sold(&r, 1, a, 999999, 1, region_day(1, 10));
    region_sold(&r, 2, b, 1000000, 1, region_day(1, 10));
    cr_assert_eq(one_at(region_day(1, 12), FOLLOWUP_LETTER)->person, b, "exactly the threshold");
    cr_assert_eq(only(FOLLOWUP_LETTER)->figure, 1000000);
    uint64_t last = region_sold(&r, 1, a, 1, 1, region_day(2, 10));
    cr_assert_eq(open_at(region_day(2, 10)), 2u);
    call(1, a, region_day(2, 11));
    contact(1, b, region_day(2, 11), choice_contact_kind_sms, 0, NULL);
    cr_assert_eq(one_at(region_day(2, 12), FOLLOWUP_LETTER)->person, a, "a call is no letter");
    region_returned(&r, 1, a, last, 1, region_day(3, 10));
    cr_assert_eq(open_at(region_day(3, 10)), 0u, "it is below again");
    region_sold(&r, 1, a, 2000001, 1, region_day(4, 10));
    cr_assert_eq(open_at(region_day(4, 10)), 2u, "both thresholds at once");
    cr_assert_eq(open_at(region_day(3, 9)), 1u, "as it was");
}

Test(followups, K2_the_top_customer_of_last_year) {
    uint64_t a = customer(1), b = customer(2);
    region_policy(&r, "thank-amount", "off", NIL);
    region_sold(&r, 1, a, 5000, 1, region_day(364, 23)); /* 31 December */
    region_sold(&r, 2, b, 4000, 1, region_day(1, 1));
    region_sold(&r, 2, b, 9000, 1, region_day(365, 0)); /* the next year */
    cr_assert_eq(open_at(region_day(365, 0) - 1), 0u);
    const struct followup *top = one_at(region_day(365, 12), FOLLOWUP_TOP);
    cr_assert_eq(top->person, a);
    cr_assert_null(top->store.data, "regional staff");
    call(1, a, region_day(366, 0));
    cr_assert_not_null(one_at(region_day(366, 12), FOLLOWUP_TOP), "a call is no visit");
    contact(1, a, region_day(366, 10), choice_contact_kind_visit, 0, NULL);
    cr_assert_null(one_at(region_day(366, 12), FOLLOWUP_TOP));
}

static void born(uint64_t who, uint8_t month, uint8_t day, bool birthday) {
    dated[dated_count++] = (struct dated){who, month, day, birthday};
}

Test(followups, K2_birthdays_a_week_ahead) {
    uint64_t a = customer(1);
    born(a, 1, 20, true); /* day 19 */
    cr_assert_eq(open_at(region_day(12, 0) - 1), 0u, "eight days before");
    cr_assert_eq(open_at(region_day(12, 0)), 1u, "seven");
    cr_assert_eq(found[0].kind, FOLLOWUP_BIRTHDAY);
    cr_assert_not(found[0].overdue);
    cr_assert_not(one_at(region_day(20, 0) - 1, FOLLOWUP_BIRTHDAY)->overdue);
    cr_assert(one_at(region_day(20, 0), FOLLOWUP_BIRTHDAY)->overdue);
    call(1, a, region_day(12, 0) - 1);
    cr_assert_eq(open_at(region_day(13, 0)), 1u);
    call(1, a, region_day(12, 0));
    cr_assert_eq(open_at(region_day(13, 0)), 0u);
    cr_assert_eq(open_at(region_day(365 + 13, 0)), 1u, "and again next year");
}

Test(followups, K2_a_leap_birthday_and_the_turn_of_the_year) {
    uint64_t a = customer(1), b = customer(1);
    born(a, 2, 29, true);
    const struct followup *leap = one_at(region_day(55, 0), FOLLOWUP_BIRTHDAY); /* 25 February 2025 */
    cr_assert_eq(leap->day.month * 100 + leap->day.day, 228);
    leap = one_at(region_day(365 * 3 + 55, 0), FOLLOWUP_BIRTHDAY); /* 2028 is a leap year */
    cr_assert_eq(leap->day.month * 100 + leap->day.day, 229);
    dated_count = 0;
    born(b, 1, 2, true);
    cr_assert_eq(one_at(region_day(361, 0), FOLLOWUP_BIRTHDAY)->day.year, 2026, "28 December");
    dated_count = 0;
    born(b, 12, 31, true);
    cr_assert_null(one_at(region_day(2, 0), FOLLOWUP_BIRTHDAY), "before she was registered");
    cr_assert_eq(one_at(region_day(367, 0), FOLLOWUP_BIRTHDAY)->day.year, 2025);
}

Test(followups, K2_one_birthday_in_two_files_and_an_occasion) {
    uint64_t a = customer(1), b = customer(2);
    born(a, 1, 20, true);
    born(b, 1, 20, true);
    born(b, 1, 21, false);
    region_linked(&r, HUB, b, a, choice_link_reason_phone);
    cr_assert_eq(open_at(region_day(15, 0)), 2u);
    cr_assert_not_null(only(FOLLOWUP_BIRTHDAY));
    cr_assert_eq(only(FOLLOWUP_OCCASION)->person, a);
    region_erased(&r, HUB, IDS(a, b));
    cr_assert_eq(open_at(region_day(15, 0)), 0u);
}

Test(followups, K2_no_visit_for_six_and_for_twelve_months) {
    uint64_t a = customer(2);
    region_sold(&r, 1, a, 100, 1, region_day(30, 15)); /* 31 January */
    cr_assert_eq(open_at(region_day(211, 0) - 1), 0u, "30 July");
    cr_assert_eq(open_at(region_day(211, 0)), 1u, "31 July");
    cr_assert_eq(found[0].figure, 6);
    cr_assert(view_is(found[0].store, "S1"), "where she came last");
    cr_assert_eq(open_at(region_day(211 + 30, 23)), 1u);
    cr_assert_eq(open_at(region_day(211 + 31, 0)), 0u);
    cr_assert_eq(one_at(region_day(395, 0), FOLLOWUP_INACTIVE)->figure, 12);
    region_sold(&r, 1, a, 100, 1, region_day(211, 10));
    cr_assert_eq(open_at(region_day(211, 9)), 1u, "as it was");
    cr_assert_eq(open_at(region_day(211, 11)), 0u, "she came");
}

Test(followups, K2_V7_no_visit_since_the_last_of_a_long_month_or_a_leap_day) {
    uint64_t a = customer(1);
    region_sold(&r, 1, a, 100, 1, region_day(242, 15)); /* 31 August 2025 */
    cr_assert_null(one_at(region_day(423, 0) - 1, FOLLOWUP_INACTIVE), "27 February");
    cr_assert_eq(one_at(region_day(423, 0), FOLLOWUP_INACTIVE)->figure, 6, "28 February");
    uint64_t leap = region_sold(&r, 1, a, 100, 1, region_day(1154, 23)); /* 29 February 2028 */
    cr_assert_null(one_at(region_day(1336, 0) - 1, FOLLOWUP_INACTIVE));
    cr_assert_eq(one_at(region_day(1336, 0), FOLLOWUP_INACTIVE)->figure, 6, "29 August");
    cr_assert_null(one_at(region_day(1519, 0) - 1, FOLLOWUP_INACTIVE));
    cr_assert_eq(one_at(region_day(1519, 0), FOLLOWUP_INACTIVE)->figure, 12, "28 February 2029");
    region_voided(&r, 1, a, leap, true);
    cr_assert_null(one_at(region_day(1336, 0), FOLLOWUP_INACTIVE), "too long ago to be shown");
}

/* Two last visits at the same time: the store is the same one whichever stream was seen first. */
Test(followups, K2_two_last_visits_at_once) {
    for (uint32_t first = 1; first <= 2; first++) {
        region_release(&r);
        region_init(&r);
        region_stream(&r, first, first == 1 ? "S1" : "S2");
        region_stream(&r, 3 - first, first == 1 ? "S2" : "S1");
        uint64_t a = customer(1);
        region_sold(&r, first, a, 100, 1, region_day(30, 15));
        region_sold(&r, 3 - first, a, 100, 1, region_day(30, 15));
        cr_assert(view_is(one_at(region_day(211, 0), FOLLOWUP_INACTIVE)->store, "S2"));
    }
}

Test(followups, K2_everybody_who_bought_on_a_rainy_day) {
    uint64_t a = customer(1), b = customer(1), c = customer(2);
    region_sold(&r, 1, a, 100, 1, region_day(5, 0));
    region_sold(&r, 1, a, 100, 1, region_day(5, 10)); /* once is enough */
    region_sold(&r, 1, b, 100, 1, region_day(6, 0));
    region_sold(&r, 2, c, 100, 1, region_day(5, 10));
    mark(1, region_day(5, 12), true);
    cr_assert_eq(open_at(region_day(5, 12)), 1u, "that store, that day");
    cr_assert_eq(found[0].kind, FOLLOWUP_RAINY);
    cr_assert_eq(found[0].person, a);
    cr_assert_eq(found[0].due, region_day(6, 0) - 1);
    cr_assert_eq(open_at(region_day(5, 12) - 1), 0u);
    uint64_t off = mark(1, region_day(5, 0), false);
    cr_assert_eq(open_at(region_day(5, 13)), 0u, "the latest word holds, for the whole day");
    region_voided(&r, 1, 0, off, true);
    cr_assert_eq(open_at(region_day(5, 13)), 1u);
    region_policy(&r, "rainy-thanks", "0", NIL);
    cr_assert_eq(open_at(region_day(5, 13)), 0u);
}

Test(followups, K3_promises_until_they_are_kept) {
    uint64_t a = customer(1);
    born(a, 1, 2, true);
    uint64_t late = promise(a, region_day(1, 10), region_day(4, 0) - 1, 0);
    uint64_t next = promise(a, region_day(1, 10), region_day(90, 0) - 1, 0);
    open_at(region_day(4, 0) - 1);
    cr_assert_eq(count, 3u);
    cr_assert_eq(found[0].kind, FOLLOWUP_BIRTHDAY, "nothing is overdue of what was promised");
    call(1, a, region_day(4, 0));
    cr_assert_eq(open_at(region_day(4, 0)), 2u, "a call does not keep a promise");
    cr_assert_eq(found[0].cause, late);
    cr_assert(found[0].overdue);
    cr_assert_not(found[1].overdue);
    cr_assert_eq(open_at(region_day(300, 0)), 2u, "however long");
    uint64_t kept = promise(a, region_day(5, 0), region_day(4, 0) - 1, late);
    cr_assert_eq(open_at(region_day(5, 0) - 1), 2u);
    cr_assert_eq(open_at(region_day(5, 0)), 1u);
    cr_assert_eq(found[0].cause, next);
    region_voided(&r, 1, a, kept, true);
    cr_assert_eq(open_at(region_day(5, 0)), 2u);
    char text[FOLLOWUP_TEXT];
    followup_format(&found[0], text);
    contact(2, a, region_day(6, 0), choice_contact_kind_visit, choice_outcome_reached, text);
    cr_assert_eq(open_at(region_day(6, 0)), 1u, "answered by name");
}

/* Two places say that it was kept: the first did it, in whatever order their words came. */
Test(followups, K3_kept_twice_is_kept_by_the_first) {
    uint64_t a = customer(1), made = promise(a, region_day(1, 10), region_day(9, 0), 0);
    uint64_t second = promise(a, region_day(5, 0), region_day(9, 0), made);
    uint64_t first = promise(a, region_day(3, 0), region_day(9, 0), made);
    ask_at(region_day(6, 0), true);
    cr_assert_eq(only(FOLLOWUP_PROMISE)->answer, first);
    region_voided(&r, 1, a, first, true);
    ask_at(region_day(6, 0), true);
    cr_assert_eq(only(FOLLOWUP_PROMISE)->answer, second);
    promise(customer(1), region_day(2, 0), region_day(9, 0), made); /* about somebody else */
    ask_at(region_day(6, 0), true);
    cr_assert_eq(only(FOLLOWUP_PROMISE)->answer, second);
    promise(a, region_day(3, 0), region_day(9, 0), made); /* comes last, said first */
    ask_at(region_day(6, 0), true);
    cr_assert_neq(only(FOLLOWUP_PROMISE)->answer, second);
}

Test(followups, K3_overdue_promises_come_first) {
    uint64_t a = customer(1), b = customer(1);
    region_sold(&r, 1, b, 300000, 1, region_day(1, 10)); /* due on day 8 */
    promise(a, region_day(1, 10), region_day(10, 0) - 1, 0);
    open_at(region_day(9, 12));
    cr_assert_eq(found[0].kind, FOLLOWUP_THANK);
    open_at(region_day(10, 0));
    cr_assert_eq(count, 2u);
    cr_assert_eq(found[0].kind, FOLLOWUP_PROMISE);
}

Test(followups, K2_who_wants_no_contact_is_left_alone) {
    uint64_t a = customer(1);
    region_sold(&r, 1, a, 300000, 1, region_day(1, 10));
    promise(a, region_day(1, 10), region_day(4, 0) - 1, 0);
    contact(1, a, region_day(2, 0), choice_contact_kind_call, choice_outcome_declined, NULL);
    cr_assert_eq(open_at(region_day(8, 10)), 1u);
    cr_assert_eq(found[0].kind, FOLLOWUP_PROMISE, "what was promised was promised");
    call(1, a, region_day(3, 0));
    cr_assert_eq(open_at(region_day(8, 10)), 2u, "she talked to us again");
    struct event e;
    event_init(&e, EVENT_consent);
    e.subject = a;
    e.at = region_day(8, 9);
    e.body.consent.purpose = choice_purpose_service;
    e.body.consent.given = 0;
    region_put(&r, 1, &e, false);
    cr_assert_eq(open_at(region_day(8, 10)), 1u);
    cr_assert_eq(open_at(region_day(8, 8)), 2u);
}

Test(followups, K2_a_sale_of_nobodys_counts_from_its_own_day_once_it_is_somebodys) {
    uint64_t a = customer(1), sale = region_sold(&r, 1, 0, 200000, 1, region_day(1, 10));
    cr_assert_eq(open_at(region_day(8, 12)), 0u);
    uint64_t said = region_attributed(&r, 1, sale, a);
    cr_assert_eq(one_at(region_day(8, 12), FOLLOWUP_THANK)->person, a);
    cr_assert_eq(open_at(region_day(8, 0) - 1), 0u);
    region_voided(&r, 1, sale, said, true);
    cr_assert_eq(open_at(region_day(8, 12)), 0u);
}

Test(followups, K2_linked_customers_cross_a_threshold_together) {
    uint64_t a = customer(1), b = customer(2);
    region_policy(&r, "thank-amount", "off", NIL);
    region_sold(&r, 1, a, 600000, 1, region_day(1, 10));
    region_sold(&r, 2, b, 400000, 1, region_day(2, 10));
    cr_assert_eq(open_at(region_day(2, 12)), 0u);
    uint64_t link = region_linked(&r, HUB, b, a, choice_link_reason_phone);
    cr_assert_eq(one_at(region_day(2, 12), FOLLOWUP_LETTER)->figure, 1000000, "exactly the threshold");
    region_unlinked(&r, HUB, a, b, IDS(link), IDS(a));
    cr_assert_eq(open_at(region_day(2, 12)), 0u);
}

Test(followups, K2_off_in_other_currencies_until_a_policy_says_otherwise) {
    static const struct currency won = {.code = "KRW", .decimals = 0};
    struct zone zone = zone_fixed(0);
    struct followup_question q = {
        .now = region_day(8, 12), .zone = &zone, .region = true, .reader = {NULL, dated_at, sale_of}};
    region_sold(&r, 1, customer(1), 900000000, 1, region_day(1, 10));
    for (int set = 0; set <= 1; set++) {
        if (set == 1) region_policy(&r, "thank-amount", "900000000", NIL);
        struct model *model = fold_region(&f, &r);
        model_assume_currency(model, &won);
        free(found);
        cr_assert_eq(followups(model, &q, &found, &count), 0);
        cr_assert_eq(count, (size_t)set);
    }
}

Test(followups, K2_a_rainy_day_of_a_sale_that_was_taken_back_or_is_somebodys_now) {
    uint64_t a = customer(1), b = customer(2), sale = region_sold(&r, 1, 0, 100, 1, region_day(5, 10));
    uint64_t wrong = region_sold(&r, 1, b, 100, 1, region_day(6, 0) - 1);
    mark(1, region_day(5, 12), true);
    cr_assert_eq(one_at(region_day(6, 0) - 1, FOLLOWUP_RAINY)->person, b, "until the last ms of the day");
    region_voided(&r, 1, b, wrong, true);
    cr_assert_eq(open_at(region_day(6, 0) - 1), 0u);
    region_attributed(&r, 1, sale, a);
    cr_assert_eq(one_at(region_day(6, 0) - 1, FOLLOWUP_RAINY)->person, a);
    region_linked(&r, HUB, a, b, choice_link_reason_phone);
    region_voided(&r, 1, b, wrong, false);
    cr_assert_not_null(one_at(region_day(6, 0) - 1, FOLLOWUP_RAINY), "one person is thanked once");
}

Test(followups, P7_a_promise_of_two_customers_that_are_one_person) {
    uint64_t a = customer(1), b = customer(2), made = promise(b, region_day(1, 10), region_day(4, 0) - 1, 0);
    cr_assert_eq(one_at(region_day(4, 0) - 1, FOLLOWUP_PROMISE)->person, b);
    uint64_t link = region_linked(&r, HUB, a, b, choice_link_reason_phone);
    cr_assert_eq(one_at(region_day(4, 0) - 1, FOLLOWUP_PROMISE)->person, a);
    uint64_t kept = promise(a, region_day(3, 0), region_day(4, 0) - 1, made); /* under her other id */
    cr_assert_eq(open_at(region_day(4, 0)), 0u);
    region_unlinked(&r, HUB, a, b, IDS(link), IDS(a));
    cr_assert_eq(one_at(region_day(4, 0), FOLLOWUP_PROMISE)->person, b, "it was somebody else's word");
    region_voided(&r, 1, a, kept, true);
    region_voided(&r, 1, b, made, true);
    cr_assert_eq(open_at(region_day(4, 0)), 0u);
}

Test(followups, K2_the_custodian_owns_it) {
    uint64_t a = customer(1);
    struct event e;
    event_init(&e, EVENT_custodian);
    e.subject = a;
    e.at = region_day(0, 1);
    e.body.custodian.staff = view_of("kim");
    e.body.custodian.store = view_of("S2");
    region_put(&r, 1, &e, false);
    region_sold(&r, 1, a, 300000, 1, region_day(1, 10));
    e.at = region_day(0, 1) - 1; /* whose it was before, typed in afterwards */
    e.body.custodian.staff = view_of("lee");
    region_put(&r, 1, &e, false);
    open_at(region_day(8, 10));
    cr_assert(view_is(found[0].staff, "kim"));
    cr_assert(view_is(found[0].store, "S2"));
}

Test(followups, texts_are_read_as_they_are_written) {
    static const char *const good[] = {"promise:12-845",         "thank:1-1",          "newcomer:1-2",
                                       "letter:1-2:1000000",     "top:1-2:2026-01-01", "birthday:1-2:2028-02-29",
                                       "inactive:1-2:2025-07-31"};
    static const char *const bad[] = {"",
                                      "thank",
                                      "thank:",
                                      "thank:1",
                                      "thank:1-1:",
                                      "thank:1-1:x",
                                      "birthday:1-2",
                                      "birthday:1-2:2027-02-29",
                                      "letter:1-2",
                                      "letter:1-2:1x",
                                      "letter:1-2:99999999999999999999",
                                      "sing:1-2"};
    struct followup one;
    char text[FOLLOWUP_TEXT];
    for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
        cr_assert(followup_parse(view_of(good[i]), &one), "%s", good[i]);
        cr_assert_str_eq(followup_format(&one, text), good[i]);
    }
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        cr_assert_not(followup_parse(view_of(bad[i]), &one), "%s", bad[i]);
}

Test(followups, days_in_a_text) {
    struct month_day days[4];
    cr_assert_eq(text_days(view_of("1990-05-01"), days, 4), 1u);
    cr_assert_eq(days[0].month * 100 + days[0].day, 501);
    cr_assert_eq(text_days(view_of("wedding 2010/5/20; father 02-29, 3 kids, tel 010-1234-5678"), days, 4), 2u);
    cr_assert_eq(days[0].month * 100 + days[0].day, 520);
    cr_assert_eq(days[1].month * 100 + days[1].day, 229);
    cr_assert_eq(text_days(view_of("结婚 2010年5月20日, 생일 3월 4일"), days, 4), 2u);
    cr_assert_eq(days[1].month * 100 + days[1].day, 304);
    cr_assert_eq(text_days(view_of("13-01 02-30 5 12-"), days, 4), 0u);
    cr_assert_eq(text_days(view_of("01-01 01-02 01-03"), days, 2), 2u);
    cr_assert_eq(text_days(VIEW_NONE, days, 4), 0u);
}
