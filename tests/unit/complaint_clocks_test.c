/* The clocks of a complaint, the level it comes up to, and what is told of its steps. */
#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include "proto/model/complaint_sums.h"
#include "proto/model/tiers.h"
#include "tests/support/region_model.h"

#define HOUR INT64_C(3600000)
#define MINUTE INT64_C(60000)

static struct region r;
static struct folded f;
static struct zone zone;

static void set_up(void) {
    region_init(&r);
    zone = zone_fixed(0);
}
static void tear_down(void) {
    folded_release(&f);
    region_release(&r);
}
TestSuite(complaint_clocks, .init = set_up, .fini = tear_down);

static struct complaint at(uint64_t id, int64_t now) {
    struct complaint c;
    struct cut cut = {TIME_NONE, now};
    cr_assert(complaint_of(fold_region(&f, &r), id, &cut, &zone, now, &c));
    return c;
}

static uint64_t step(uint64_t id, enum choice_step which, int64_t when) {
    return region_stepped(&r, 1, id, id, which, NO_IDS, when);
}

/* A step with more to say. */
static uint64_t said(uint64_t id, enum choice_step which, int64_t cost, const char *cause, int64_t satisfied,
                     int64_t when) {
    struct event e;
    event_init(&e, EVENT_stepped);
    e.subject = id;
    e.at = when;
    e.body.stepped.complaint = id;
    e.body.stepped.step = which;
    e.body.stepped.cost = cost;
    e.body.stepped.cause = cause == NULL ? VIEW_NONE : view_of(cause);
    e.body.stepped.satisfied = satisfied;
    if (cost != NIL) e.body.stepped.settlement = choice_settlement_refund;
    return region_put(&r, 1, &e, false);
}

static uint64_t turn(enum event_type type, uint64_t id, int64_t when) {
    return region_turned(&r, 1, type, id, id, NO_IDS, when);
}

Test(complaint_clocks, X4_two_clocks_exactly_at_a_minute_before_and_after) {
    uint64_t id = region_complained(&r, 1, 0, region_day(0, 10));
    int64_t due = region_day(1, 10), end = region_day(7, 10);
    struct complaint c = at(id, due - MINUTE);
    cr_assert_eq(c.answer.due_at, due);
    cr_assert_eq(c.answer.left_ms, MINUTE);
    cr_assert_eq(c.resolve.due_at, end);
    cr_assert_not(c.answer.over || c.overdue);
    c = at(id, due);
    cr_assert_eq(c.answer.left_ms, 0);
    cr_assert_not(c.answer.over || c.overdue, "exactly 24 hours are in time");
    c = at(id, due + MINUTE);
    cr_assert_eq(c.answer.left_ms, -MINUTE);
    cr_assert(c.answer.over && c.overdue);
    step(id, choice_step_explain, due + MINUTE);
    c = at(id, region_day(3, 0));
    cr_assert(c.answer.met && c.answer.over && !c.overdue, "answered, too late");
    cr_assert_eq(c.answer.spent_ms, 24 * HOUR + MINUTE);
    cr_assert_not(at(id, end).resolve.over);
    cr_assert(at(id, end + 1).resolve.over);
    step(id, choice_step_outcome, end);
    c = at(id, region_day(20, 0));
    cr_assert(c.resolve.met && !c.resolve.over);
    cr_assert_eq(c.resolve.spent_ms, 168 * HOUR);
}

Test(complaint_clocks, X4_the_policy_in_force_at_the_opening_counts) {
    uint64_t before = region_complained(&r, 1, 0, region_day(4, 23)),
             after = region_complained(&r, 1, 0, region_day(5, 0));
    region_policy(&r, "answer-hours", "2", region_day(5, 0));
    cr_assert_eq(at(before, region_day(6, 0)).answer.due_at, region_day(5, 23));
    cr_assert_eq(at(after, region_day(6, 0)).answer.due_at, region_day(5, 2));
}

Test(complaint_clocks, X4_business_hours_and_a_holiday) {
    region_policy(&r, "business-hours", "Mon-Fri 10:00-13:00 14:00-20:00", NIL);
    region_policy(&r, "holidays", "2025-01-03", NIL);
    region_policy(&r, "answer-hours", "4", NIL);
    /* 2025-01-02 is a Thursday; the Friday is a holiday. */
    uint64_t id = region_complained(&r, 1, 0, region_day(1, 18));
    struct complaint c = at(id, region_day(2, 12));
    cr_assert_eq(c.answer.due_at, region_day(5, 12), "two hours on Thursday, two on Monday");
    cr_assert_eq(c.answer.spent_ms, 2 * HOUR);
    cr_assert_not(at(id, region_day(5, 12)).overdue);
    cr_assert(at(id, region_day(5, 12) + 1).overdue);
    step(id, choice_step_apologise, region_day(5, 11));
    c = at(id, region_day(9, 0));
    cr_assert_eq(c.answer.spent_ms, 3 * HOUR);
    cr_assert_not(c.answer.over);
}

Test(complaint_clocks, X4_a_pause_over_the_deadline) {
    uint64_t id = region_complained(&r, 1, 0, region_day(0, 0));
    turn(EVENT_paused, id, region_day(0, 23));
    struct complaint c = at(id, region_day(5, 0));
    cr_assert_eq(c.answer.due_at, TIME_NONE, "it stands still");
    cr_assert_eq(c.answer.left_ms, HOUR);
    cr_assert_not(c.overdue);
    turn(EVENT_resumed, id, region_day(6, 0));
    c = at(id, region_day(6, 0));
    cr_assert_eq(c.answer.due_at, region_day(6, 1));
    cr_assert_eq(c.resolve.due_at, region_day(6, 0) + 145 * HOUR);
    cr_assert_not(at(id, region_day(6, 1)).overdue);
    cr_assert(at(id, region_day(6, 1) + 1).overdue);
    cr_assert_not(at(id, region_day(5, 0)).overdue, "as it was then");
}

Test(complaint_clocks, X4_pauses_that_overlap_count_once) {
    uint64_t id = region_complained(&r, 1, 0, region_day(0, 0));
    turn(EVENT_paused, id, region_day(0, 5));
    turn(EVENT_resumed, id, region_day(0, 10));
    turn(EVENT_paused, id, region_day(0, 8)); /* written down late */
    turn(EVENT_resumed, id, region_day(0, 12));
    struct complaint c = at(id, region_day(0, 20));
    cr_assert_eq(c.paused_ms, 7 * HOUR);
    cr_assert_eq(c.answer.spent_ms, 13 * HOUR);
    cr_assert_eq(c.answer.due_at, region_day(1, 7));
}

Test(complaint_clocks, X4_between_an_outcome_and_a_reopening_nothing_is_due) {
    uint64_t id = region_complained(&r, 1, 0, region_day(0, 0));
    step(id, choice_step_outcome, region_day(2, 0));
    turn(EVENT_reopened, id, region_day(12, 0));
    struct complaint c = at(id, region_day(13, 0));
    cr_assert_eq(c.resolve.spent_ms, 3 * 24 * HOUR);
    cr_assert_eq(c.resolve.due_at, region_day(17, 0));
    cr_assert_eq(c.paused_ms, 0);
}

Test(complaint_clocks, X3_upwards_when_the_time_of_a_level_is_over) {
    uint64_t id = region_complained(&r, 1, 0, region_day(0, 0));
    struct complaint c = at(id, region_day(2, 0));
    cr_assert(c.level == choice_level_store && !c.escalated, "exactly 48 hours");
    c = at(id, region_day(2, 0) + 1);
    cr_assert(c.level == choice_level_region && c.escalated);
    cr_assert_eq(at(id, region_day(5, 0)).level, choice_level_region, "exactly 120 hours");
    cr_assert_eq(at(id, region_day(5, 0) + 1).level, choice_level_company);
    step(id, choice_step_outcome, region_day(3, 0));
    c = at(id, region_day(9, 0));
    cr_assert(c.level == choice_level_region && c.escalated, "where it was closed");
}

Test(complaint_clocks, X3_routed_by_hand_is_no_escalation) {
    uint64_t id = region_complained(&r, 1, 0, region_day(0, 0));
    turn(EVENT_routed, id, region_day(0, 1));
    struct complaint c = at(id, region_day(3, 0));
    cr_assert(c.level == choice_level_region && !c.escalated);
    c = at(id, region_day(6, 0));
    cr_assert(c.level == choice_level_company && c.escalated);
    turn(EVENT_paused, id, region_day(1, 0));
    cr_assert_not(at(id, region_day(6, 0)).escalated, "while it is paused no level's time runs");
}

Test(complaint_clocks, X3_who_is_given_it_has_the_time_of_the_level) {
    uint64_t id = region_complained(&r, 1, 0, region_day(0, 0));
    cr_assert_eq(at(id, region_day(6, 0)).level, choice_level_company);
    turn(EVENT_routed, id, region_day(6, 0)); /* to the region */
    struct complaint c = at(id, region_day(11, 0));
    cr_assert(c.level == choice_level_region && !c.escalated, "exactly 120 hours after the routing");
    c = at(id, region_day(11, 0) + 1);
    cr_assert(c.level == choice_level_company && c.escalated);
    cr_assert_eq(c.resolve.spent_ms, 11 * 24 * HOUR + 1, "its own time goes on from the opening");
}

Test(complaint_clocks, X2_steps_left_out_show_until_they_are_made_up_for) {
    uint64_t id = region_complained(&r, 1, 0, region_day(0, 0));
    step(id, choice_step_listen, region_day(0, 1));
    uint64_t cause = said(id, choice_step_cause, NIL, "sewing", NIL, region_day(0, 2));
    struct complaint c = at(id, region_day(1, 0));
    cr_assert_eq(c.left_out, 1u << choice_step_empathise | 1u << choice_step_apologise);
    cr_assert_str_eq(c.cause, "sewing");
    step(id, choice_step_empathise, region_day(0, 3));
    c = at(id, region_day(1, 0));
    cr_assert_eq(c.left_out, 1u << choice_step_apologise);
    cr_assert_eq(c.step, choice_step_cause, "the furthest");
    region_voided(&r, 1, id, cause, true);
    c = at(id, region_day(1, 0));
    cr_assert(c.left_out == 0 && c.step == choice_step_empathise && c.cause[0] == '\0', "a voided step");
    cr_assert_eq(c.first_answer_at, TIME_NONE, "is no answer");
}

Test(complaint_clocks, X5_X6_a_last_offer_and_a_second_cycle) {
    uint64_t id = region_complained(&r, 1, 0, region_day(0, 0));
    said(id, choice_step_compensate, 500, NULL, NIL, region_day(0, 1));
    said(id, choice_step_outcome, NIL, NULL, 0, region_day(0, 2));
    struct complaint c = at(id, region_day(1, 0));
    cr_assert(c.state == COMPLAINT_CLOSED && c.satisfied == 0 && !c.last_offer && c.cycles == 1);
    cr_assert_eq(c.cost, 500);
    said(id, choice_step_compensate, 300, NULL, NIL, region_day(0, 3));
    c = at(id, region_day(1, 0));
    cr_assert(c.last_offer && c.state == COMPLAINT_CLOSED);
    cr_assert_eq(c.cost, 800);
    said(id, choice_step_outcome, NIL, NULL, 1, region_day(0, 4));
    c = at(id, region_day(1, 0));
    cr_assert(c.satisfied == 1 && c.closed_at == region_day(0, 4));
    turn(EVENT_reopened, id, region_day(2, 0));
    c = at(id, region_day(3, 0));
    cr_assert(c.cycles == 2 && !c.last_offer && c.state == COMPLAINT_OPEN && c.left_out == 0);
    cr_assert_eq(c.cost, 800, "what was given stays given");
}

Test(complaint_clocks, X5_what_was_given_in_two_places_at_once_and_what_was_taken_back) {
    uint64_t id = region_complained(&r, 1, 0, region_day(0, 0));
    uint64_t listened = region_stepped(&r, 1, id, id, choice_step_listen, IDS(id), region_day(0, 1));
    cr_assert_eq(at(id, region_day(1, 0)).cost, NIL, "nothing was given");
    uint64_t here = said(id, choice_step_compensate, 0, NULL, NIL, region_day(0, 2));
    cr_assert(at(id, region_day(1, 0)).cost == 0 && at(id, region_day(0, 2) - 1).cost == NIL, "it cost nothing");
    said(id, choice_step_compensate, 700, NULL, NIL, region_day(0, 2)); /* the desk, the same ms */
    cr_assert_eq(at(id, region_day(0, 2)).cost, 700);
    uint64_t more = said(id, choice_step_compensate, 50, NULL, NIL, region_day(0, 3));
    cr_assert_eq(at(id, region_day(1, 0)).cost, 750);
    region_voided(&r, 1, id, more, true);
    region_voided(&r, 1, id, here, true);
    struct complaint c = at(id, region_day(1, 0));
    cr_assert(c.cost == 700 && c.settlement == choice_settlement_refund);
    cr_assert_neq(listened, 0u);
}

Test(complaint_clocks, X6_an_outcome_that_was_taken_back_and_one_that_was_not_asked) {
    uint64_t id = region_complained(&r, 1, 0, region_day(0, 0));
    uint64_t closed = said(id, choice_step_outcome, NIL, NULL, 0, region_day(0, 2));
    cr_assert_eq(at(id, region_day(0, 2) - 1).state, COMPLAINT_OPEN, "the ms before");
    cr_assert_eq(at(id, region_day(0, 2)).state, COMPLAINT_CLOSED);
    uint64_t offer = said(id, choice_step_compensate, 300, NULL, NIL, region_day(0, 3));
    cr_assert(at(id, region_day(1, 0)).last_offer);
    region_voided(&r, 1, id, offer, true);
    struct complaint c = at(id, region_day(1, 0));
    cr_assert(!c.last_offer && c.satisfied == 0 && c.cost == NIL);
    region_voided(&r, 1, id, closed, true);
    c = at(id, region_day(1, 0));
    cr_assert(c.state == COMPLAINT_OPEN && c.closed_at == TIME_NONE && c.satisfied == NIL && c.cycles == 1);
    said(id, choice_step_outcome, NIL, NULL, NIL, region_day(0, 5)); /* of a file of former days */
    c = at(id, region_day(1, 0));
    cr_assert(c.state == COMPLAINT_CLOSED && c.satisfied == NIL && c.score == NIL);
}

/* Two places close it at once: of the two words one holds, the same everywhere. */
Test(complaint_clocks, X6_X7_two_outcomes_at_once) {
    uint64_t id = region_complained(&r, 1, 0, region_day(0, 0));
    said(id, choice_step_outcome, NIL, NULL, 0, region_day(0, 2));
    uint64_t second = said(id, choice_step_outcome, NIL, NULL, 1, region_day(0, 2));
    struct complaint c = at(id, region_day(1, 0));
    cr_assert(c.state == COMPLAINT_CLOSED && c.closed_at == region_day(0, 2) && c.satisfied == 1);
    region_voided(&r, 1, id, second, true);
    c = at(id, region_day(1, 0));
    cr_assert(c.state == COMPLAINT_CLOSED && c.satisfied == 0);
}

Test(complaint_clocks, X7_two_steps_at_once_are_marked_and_a_late_one_from_off_line_counts) {
    uint64_t id = region_complained(&r, 1, 0, region_day(0, 0));
    uint64_t listened = region_stepped(&r, 1, id, id, choice_step_listen, IDS(id), region_day(0, 1));
    uint64_t desk = region_stepped(&r, 3, id, id, choice_step_explain, IDS(listened), region_day(2, 0));
    cr_assert(at(id, region_day(3, 0)).answer.over);
    /* Store 2 was off line: its step, made before the desk's, comes after it. */
    uint64_t late = region_stepped(&r, 2, id, id, choice_step_apologise, IDS(listened), region_day(0, 5));
    struct complaint c = at(id, region_day(3, 0));
    cr_assert_eq(c.first_answer_at, region_day(0, 5));
    cr_assert(!c.answer.over && c.concurrent);
    uint64_t thread[8];
    bool beside[8];
    cr_assert_eq(complaint_thread(f.model, id, thread, 8), 4u);
    cr_assert_eq(complaint_beside(f.model, id, beside, 8), 4u);
    for (int i = 0; i < 4; i++) cr_assert_eq(beside[i], thread[i] == desk || thread[i] == late);
}

Test(complaint_clocks, P1_an_anonymous_one_follows_the_person_it_is_attributed_to) {
    uint64_t customer = region_registered(&r, 1, 1, NIL), id = region_complained(&r, 1, 0, region_day(0, 0));
    cr_assert_eq(at(id, region_day(1, 0)).person, 0u);
    uint64_t said_so = region_attributed(&r, 2, id, customer);
    struct complaint c = at(id, region_day(1, 0));
    cr_assert(c.person == customer && c.subject == id);
    region_voided(&r, 2, id, said_so, true);
    cr_assert_eq(at(id, region_day(1, 0)).person, 0u);
}

/* ---- Sums ---- */

static struct complaint made(const char *sku, int64_t opened, int64_t answer_ms, int64_t score, const char *cause) {
    struct complaint c = {.opened_at = opened, .score = score, .satisfied = NIL, .cost = NIL};
    snprintf(c.sku, sizeof c.sku, "%s", sku);
    snprintf(c.cause, sizeof c.cause, "%s", cause);
    c.answer = (struct complaint_clock){.met = answer_ms >= 0, .spent_ms = answer_ms, .over = answer_ms > 24 * HOUR};
    return c;
}

Test(complaint_clocks, X8_exactly_as_many_as_bring_an_alert) {
    struct complaint list[] = {made("hat", 5, -1, NIL, ""),  made("coat", 1, -1, NIL, ""), made("", 2, -1, NIL, ""),
                               made("coat", 4, -1, NIL, ""), made("hat", 3, -1, NIL, ""),  made("hat", 9, -1, NIL, "")};
    list[0].state = COMPLAINT_CLOSED;
    struct complaint_alert *alerts;
    cr_assert_eq(complaint_alerts(list, 6, 3, &alerts), 1u);
    cr_assert_str_eq(alerts[0].sku, "hat");
    cr_assert(alerts[0].count == 3 && alerts[0].open == 2 && alerts[0].first_at == 3 && alerts[0].last_at == 9);
    free(alerts);
    cr_assert_eq(complaint_alerts(list, 6, 2, &alerts), 2u, "the article without a name is none");
    cr_assert_str_eq(alerts[1].sku, "coat");
    free(alerts);
    cr_assert_eq(complaint_alerts(list, 6, 4, &alerts), 0u);
    free(alerts);
}

Test(complaint_clocks, X8_one_article_however_it_is_typed) {
    struct complaint list[] = {made("COAT-1 ", 5, -1, NIL, ""), made("coat-1", 4, -1, NIL, ""),
                               made(" Coat-1", 3, -1, NIL, ""), made("coat-10", 2, -1, NIL, ""),
                               made("coat 1", 1, -1, NIL, ""),  made("  ", 1, -1, NIL, "")};
    struct complaint_alert *alerts;
    cr_assert_eq(complaint_alerts(list, 6, 2, &alerts), 1u);
    cr_assert_eq(alerts[0].count, 3u);
    cr_assert_str_eq(alerts[0].sku, " Coat-1", "as it was written first");
    free(alerts);
    cr_assert_eq(complaint_alerts(list, 6, 1, &alerts), 3u);
    free(alerts);
    cr_assert(same_article("", " ") && !same_article("a", "ab") && !same_article("ab", "a") && !same_article("", "a"));
}

Test(complaint_clocks, X9_means_medians_and_shares) {
    struct complaint list[] = {made("", 0, 24 * HOUR, 4, "fit"), made("", 0, 26 * HOUR, NIL, "sewing"),
                               made("", 0, 1 * HOUR, 1, "fit"), made("", 0, -1, NIL, "")};
    struct complaint_sums sums;
    complaint_sums_of(list, 4, &sums);
    cr_assert(sums.answer.met == 3 && sums.answer.judged == 3 && sums.answer.in_time == 2, "the fourth may yet be");
    cr_assert_eq(sums.answer.mean_ms, 17 * HOUR);
    cr_assert_eq(sums.answer.median_ms, 24 * HOUR);
    cr_assert(sums.scored == 2 && sums.score_sum == 5 && sums.without_cause == 1 && sums.cause_count == 2);
    cr_assert(strcmp(sums.causes[0].cause, "fit") == 0 && sums.causes[0].count == 2);
    complaint_sums_release(&sums);
    complaint_sums_of(list, 2, &sums);
    cr_assert_eq(sums.answer.median_ms, 25 * HOUR, "between two in the middle");
    complaint_sums_release(&sums);
    complaint_sums_of(list, 0, &sums);
    cr_assert(sums.answer.mean_ms == NIL && sums.count == 0);
    complaint_sums_release(&sums);
}

Test(complaint_clocks, X9_purchases_of_each_period_returns_and_voided_ones_are_none) {
    uint64_t vip = region_registered(&r, 1, 1, NIL), other = region_registered(&r, 1, 2, NIL);
    region_policy(&r, "tiers", "gold:9000", NIL);
    region_sold(&r, 1, vip, 9000, 1, region_day(0, 0));
    region_sold(&r, 1, other, 100, 1, region_day(0, 23));
    region_sold(&r, 2, 0, 100, 1, region_day(1, 0));
    uint64_t wrong = region_sold(&r, 2, other, 100, 1, region_day(1, 5));
    region_returned(&r, 1, vip, 0, 50, region_day(1, 6));
    region_sold(&r, 1, vip, 100, 1, region_day(2, 0));
    region_voided(&r, 2, other, wrong, true);
    const struct model *model = fold_region(&f, &r);
    int64_t starts[] = {region_day(0, 0), region_day(1, 0), region_day(2, 0)};
    struct idmap vips = {.slots = NULL};
    uint32_t out[2];
    purchases_within(model, NULL, NULL, starts, 2, NULL, out);
    cr_assert(out[0] == 2 && out[1] == 1);
    vips_at(model, &zone, region_day(1, 0), NULL, &vips);
    cr_assert(idmap_find(&vips, vip) != NULL && idmap_find(&vips, other) == NULL);
    purchases_within(model, NULL, &vips, starts, 2, NULL, out);
    cr_assert(out[0] == 1 && out[1] == 0);
    idmap_release(&vips);
}

static bool is_vip(uint64_t who, int64_t at) {
    struct idmap vips = {.slots = NULL};
    const struct model *model = fold_region(&f, &r);
    vips_at(model, &zone, at, NULL, &vips);
    bool is = idmap_find(&vips, model_person(model, who)) != NULL;
    idmap_release(&vips);
    return is;
}

Test(complaint_clocks, X9_who_is_a_vip_at_the_threshold_returned_voided_linked_and_apart) {
    uint64_t a = region_registered(&r, 1, 1, NIL), b = region_registered(&r, 2, 1, NIL);
    int64_t leap = region_day(-307, 0);
    region_policy(&r, "tiers", "gold:9000", NIL);
    region_policy(&r, "tier-window", "all", NIL);
    uint64_t sold = region_sold(&r, 1, a, 8999, 1, leap);
    cr_assert_not(is_vip(a, leap), "one below");
    uint64_t rest = region_sold(&r, 2, a, 1, 1, leap + DAY_MS); /* by a store that was off line */
    cr_assert_not(is_vip(a, leap + DAY_MS - 1), "on the leap day not yet");
    cr_assert(is_vip(a, leap + DAY_MS), "exactly, on the first of March");
    uint64_t back = region_returned(&r, 1, a, sold, 1, leap + 2 * DAY_MS);
    cr_assert(is_vip(a, leap + 2 * DAY_MS - 1));
    cr_assert_not(is_vip(a, leap + 2 * DAY_MS), "from the day of the return");
    region_voided(&r, 1, a, back, true);
    cr_assert(is_vip(a, leap + 2 * DAY_MS));
    region_voided(&r, 2, a, rest, true);
    cr_assert_not(is_vip(a, leap + 2 * DAY_MS));
    region_sold(&r, 2, b, 1, 1, leap + DAY_MS);
    uint64_t link = region_linked(&r, HUB, a, b, choice_link_reason_phone);
    cr_assert(is_vip(a, leap + DAY_MS) && is_vip(b, leap + DAY_MS), "one person");
    region_unlinked(&r, HUB, a, b, IDS(link), IDS(a));
    cr_assert(!is_vip(a, leap + DAY_MS) && !is_vip(b, leap + DAY_MS));
}

Test(complaint_clocks, X9_purchases_in_the_first_and_the_last_ms_of_a_leap_day) {
    int64_t leap = region_day(-307, 0), starts[] = {leap - DAY_MS, leap, leap + DAY_MS, leap + 2 * DAY_MS};
    uint64_t a = region_registered(&r, 1, 1, NIL);
    uint32_t out[3];
    region_sold(&r, 1, a, 10, 1, leap - DAY_MS - 1);
    region_sold(&r, 1, a, 10, 1, leap - 1);
    region_sold(&r, 1, a, 10, 1, leap);
    uint64_t sold = region_sold(&r, 2, a, 10, 1, leap + DAY_MS - 1);
    region_sold(&r, 1, a, 10, 1, leap + 2 * DAY_MS);
    purchases_within(fold_region(&f, &r), NULL, NULL, starts, 3, NULL, out);
    cr_assert(out[0] == 1 && out[1] == 2 && out[2] == 0, "%u %u %u", out[0], out[1], out[2]);
    region_voided(&r, 2, a, sold, true);
    purchases_within(fold_region(&f, &r), NULL, NULL, starts, 3, NULL, out);
    cr_assert(out[0] == 1 && out[1] == 1 && out[2] == 0, "%u %u %u", out[0], out[1], out[2]);
}
