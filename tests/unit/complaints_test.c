/* Complaints: one thread out of steps made anywhere, its clock worked out when asked. */
#include <criterion/criterion.h>
#include <stdlib.h>

#include "proto/base/zone.h"
#include "tests/support/region_model.h"

#define HOUR INT64_C(3600000)

static struct region r;
static struct folded f;
static struct zone zone;
static const struct cut everything = {TIME_NONE, TIME_NONE};

static void set_up(void) {
    region_init(&r);
    zone = zone_fixed(0);
}
static void tear_down(void) {
    folded_release(&f);
    region_release(&r);
}
TestSuite(complaints, .init = set_up, .fini = tear_down);

static struct complaint at(uint64_t id, int64_t until, int64_t now) {
    struct complaint c;
    struct cut cut = {TIME_NONE, until};
    cr_assert(complaint_of(fold_region(&f, &r), id, &cut, &zone, now, &c));
    return c;
}

static struct complaint at_end(uint64_t id) { return at(id, TIME_NONE, region_day(30, 0)); }

static uint64_t step(uint32_t stream, uint64_t id, enum choice_step which, uint64_t after, int64_t when) {
    return region_stepped(&r, stream, id, id, which, after == 0 ? NO_IDS : IDS(after), when);
}

static uint64_t turn(enum event_type type, uint64_t id, uint64_t after, int64_t when) {
    return region_turned(&r, 1, type, id, id, after == 0 ? NO_IDS : IDS(after), when);
}

Test(complaints, X1_just_opened) {
    uint64_t customer = region_registered(&r, 1, 1, NIL);
    uint64_t id = region_complained(&r, 2, customer, region_day(0, 10));
    struct complaint c = at(id, TIME_NONE, region_day(0, 11));
    cr_assert_eq(c.subject, customer);
    cr_assert_eq(c.person, customer);
    cr_assert_eq(c.stream, 2u);
    cr_assert_eq(c.state, COMPLAINT_OPEN);
    cr_assert_eq(c.opened_at, region_day(0, 10));
    cr_assert_eq(c.level, choice_level_store);
    cr_assert_eq(c.step, 0);
    cr_assert_eq(c.first_answer_at, TIME_NONE);
    cr_assert_eq(c.closed_at, TIME_NONE);
    cr_assert_eq(c.satisfied, NIL);
    cr_assert_eq(c.score, NIL);
    cr_assert_not(c.concurrent);
    uint64_t heads[2];
    cr_assert_eq(complaint_heads(f.model, id, heads, 2), 1u);
    cr_assert_eq(heads[0], id);
}

Test(complaints, X4_the_first_answer_is_the_first_step_from_apologise_on) {
    uint64_t id = region_complained(&r, 1, 0, region_day(0, 0));
    uint64_t listened = step(1, id, choice_step_listen, id, region_day(0, 1));
    uint64_t empathised = step(1, id, choice_step_empathise, listened, region_day(0, 2));
    cr_assert_eq(at_end(id).first_answer_at, TIME_NONE);
    uint64_t apologised = step(1, id, choice_step_apologise, empathised, region_day(0, 3));
    step(1, id, choice_step_cause, apologised, region_day(0, 4));
    struct complaint c = at_end(id);
    cr_assert_eq(c.first_answer_at, region_day(0, 3));
    cr_assert_eq(c.step, choice_step_cause);
    cr_assert_eq(c.steps, 4u);
    cr_assert_eq(c.subject, id, "its own subject");
}

Test(complaints, X4_overdue_at_the_boundary) {
    uint64_t id = region_complained(&r, 1, 0, region_day(0, 10));
    cr_assert_not(at(id, TIME_NONE, region_day(1, 10) - 1).overdue);
    cr_assert_not(at(id, TIME_NONE, region_day(1, 10)).overdue, "exactly 24 hours");
    cr_assert(at(id, TIME_NONE, region_day(1, 10) + 1).overdue);
    cr_assert_not(at(id, region_day(1, 10), region_day(9, 0)).overdue, "as of then");
    step(1, id, choice_step_explain, id, region_day(2, 0));
    cr_assert_not(at(id, TIME_NONE, region_day(9, 0)).overdue, "answered, if late");
    cr_assert(at(id, region_day(2, 0) - 1, region_day(9, 0)).overdue, "before the answer it was");
}

Test(complaints, X4_pauses_do_not_count) {
    uint64_t id = region_complained(&r, 1, 0, region_day(0, 0));
    uint64_t paused = turn(EVENT_paused, id, id, region_day(0, 10));
    struct complaint c = at(id, TIME_NONE, region_day(5, 0));
    cr_assert_eq(c.state, COMPLAINT_PAUSED);
    cr_assert_eq(c.paused_ms, 4 * DAY_MS + 14 * HOUR);
    cr_assert_not(c.overdue);
    turn(EVENT_resumed, id, paused, region_day(2, 10));
    c = at(id, TIME_NONE, region_day(3, 0));
    cr_assert_eq(c.state, COMPLAINT_OPEN);
    cr_assert_eq(c.paused_ms, 2 * DAY_MS);
    cr_assert_not(c.overdue);
    cr_assert(at(id, TIME_NONE, region_day(3, 0) + 1).overdue);
    cr_assert_eq(at(id, region_day(1, 10), region_day(9, 0)).paused_ms, DAY_MS, "up to the cut");
}

Test(complaints, X6_closed_reopened_and_closed_again) {
    uint64_t id = region_complained(&r, 1, 0, region_day(0, 0));
    uint64_t closed = step(1, id, choice_step_outcome, id, region_day(1, 0));
    struct complaint c = at_end(id);
    cr_assert_eq(c.state, COMPLAINT_CLOSED);
    cr_assert_eq(c.closed_at, region_day(1, 0));
    cr_assert_eq(c.satisfied, 1);
    cr_assert_eq(c.score, 4);
    uint64_t followed = step(1, id, choice_step_follow_up, closed, region_day(2, 0));
    cr_assert_eq(at_end(id).closed_at, region_day(1, 0), "a follow-up opens nothing");
    uint64_t reopened = turn(EVENT_reopened, id, followed, region_day(3, 0));
    c = at_end(id);
    cr_assert_eq(c.state, COMPLAINT_OPEN);
    cr_assert_eq(c.closed_at, TIME_NONE);
    cr_assert_eq(c.step, 0);
    cr_assert_eq(c.satisfied, NIL);
    cr_assert_eq(c.first_answer_at, region_day(1, 0));
    cr_assert_eq(at(id, region_day(2, 0), region_day(30, 0)).state, COMPLAINT_CLOSED, "as of before");
    step(1, id, choice_step_outcome, reopened, region_day(4, 0));
    cr_assert_eq(at_end(id).closed_at, region_day(4, 0));
}

Test(complaints, X3_routed_upwards) {
    uint64_t id = region_complained(&r, 1, 0, region_day(0, 0));
    turn(EVENT_routed, id, id, region_day(1, 0));
    cr_assert_eq(at(id, region_day(1, 0), region_day(30, 0)).level, choice_level_region);
    cr_assert_eq(at(id, region_day(0, 5), region_day(30, 0)).level, choice_level_store);
}

Test(complaints, X7_steps_that_do_not_know_of_each_other_are_concurrent) {
    uint64_t id = region_complained(&r, 1, 0, region_day(0, 0)), heads[4], thread[8];
    uint64_t listened = step(1, id, choice_step_listen, id, region_day(0, 1));
    cr_assert_not(at_end(id).concurrent);
    uint64_t here = step(1, id, choice_step_apologise, listened, region_day(0, 2));
    uint64_t there = step(2, id, choice_step_propose, listened, region_day(0, 3));
    cr_assert(at_end(id).concurrent);
    cr_assert_not(at(id, region_day(0, 2), region_day(9, 0)).concurrent);
    cr_assert_eq(complaint_heads(f.model, id, heads, 4), 2u);
    cr_assert_eq(heads[0], there);
    cr_assert_eq(heads[1], here);
    uint64_t both = region_stepped(&r, 2, id, id, choice_step_compensate, IDS(here, there), region_day(0, 4));
    cr_assert(at_end(id).concurrent, "they stay so");
    cr_assert_eq(complaint_heads(f.model, id, heads, 4), 1u);
    cr_assert_eq(heads[0], both);
    cr_assert_eq(complaint_thread(f.model, id, thread, 8), 5u);
    cr_assert_eq(thread[0], id);
    cr_assert_eq(thread[1], listened);
    cr_assert_eq(thread[2], here);
    cr_assert_eq(thread[3], there);
    cr_assert_eq(thread[4], both);
    region_voided(&r, 2, id, there, true);
    cr_assert_not(at_end(id).concurrent, "one of the two was taken back");
    cr_assert_eq(complaint_thread(f.model, id, thread, 2), 4u);
}

Test(complaints, one_stream_knows_what_it_wrote) {
    uint64_t id = region_complained(&r, 1, 0, region_day(0, 0)), heads[2];
    step(1, id, choice_step_listen, 0, region_day(0, 1));
    uint64_t last = step(1, id, choice_step_apologise, 0, region_day(0, 2));
    cr_assert_not(at_end(id).concurrent);
    cr_assert_eq(complaint_heads(f.model, id, heads, 2), 1u);
    cr_assert_eq(heads[0], last);
}

/* A clock that ran ahead: what is after it comes after it all the same. */
Test(complaints, X7_causality_before_clocks) {
    uint64_t id = region_complained(&r, 1, 0, region_day(0, 0)), thread[4], right = r.hlc;
    r.hlc += (uint64_t)(300 * DAY_MS) << 16;
    uint64_t ahead = step(2, id, choice_step_outcome, id, region_day(1, 0));
    r.hlc = right;
    uint64_t reopened = turn(EVENT_reopened, id, ahead, region_day(2, 0));
    cr_assert_eq(at_end(id).state, COMPLAINT_OPEN);
    cr_assert_eq(complaint_thread(f.model, id, thread, 4), 3u);
    cr_assert_eq(thread[1], ahead);
    cr_assert_eq(thread[2], reopened);
}

Test(complaints, a_step_with_another_subject_is_not_of_the_thread) {
    uint64_t customer = region_registered(&r, 1, 1, NIL), id = region_complained(&r, 1, customer, region_day(0, 0));
    region_stepped(&r, 2, id, id, choice_step_outcome, NO_IDS, region_day(1, 0));
    cr_assert_eq(at_end(id).state, COMPLAINT_OPEN);
}

Test(complaints, liars_in_a_circle_still_give_one_order) {
    uint64_t id = region_complained(&r, 1, 0, region_day(0, 0)), here[8], there[8];
    uint64_t first = id_make(2, 1), second = id_make(3, 1), third = id_make(4, 1);
    cr_assert_eq(step(2, id, choice_step_listen, third, region_day(0, 1)), first);
    cr_assert_eq(step(3, id, choice_step_apologise, first, region_day(0, 2)), second);
    cr_assert_eq(step(4, id, choice_step_outcome, second, region_day(0, 3)), third);
    step(1, id, choice_step_follow_up, third, region_day(0, 4));
    cr_assert_eq(complaint_thread(fold_region(&f, &r), id, here, 8), 5u);
    size_t order[] = {4, 3, 1, 2, 0};
    struct log *log = region_log(&r, order, r.count);
    struct model *other = model_open(log);
    cr_assert_eq(model_replay(other, 0, r.count, NULL, NULL), 0);
    cr_assert_eq(complaint_thread(other, id, there, 8), 5u);
    for (int i = 0; i < 5; i++) cr_assert_eq(here[i], there[i]);
    cr_assert_eq(complaint_heads(other, id, there, 8), 1u);
    model_close(other);
    log->ops->close(log);
}

Test(complaints, listed_by_opening_within_the_cut) {
    uint64_t late = region_complained(&r, 1, 0, region_day(5, 0));
    uint64_t early = region_complained(&r, 2, 0, region_day(1, 0));
    uint64_t voided = region_complained(&r, 2, 0, region_day(2, 0));
    uint64_t twin = region_complained(&r, 2, 0, region_day(5, 0));
    region_voided(&r, 2, voided, voided, true);
    struct complaint *all;
    size_t count;
    cr_assert_eq(complaints(fold_region(&f, &r), &everything, &zone, region_day(9, 0), &all, &count), 0);
    cr_assert_eq(count, 3u);
    cr_assert_eq(all[0].id, early);
    cr_assert_eq(all[1].id, late);
    cr_assert_eq(all[2].id, twin);
    free(all);
    struct cut cut = {region_day(2, 0), region_day(4, 0)};
    cr_assert_eq(complaints(f.model, &cut, &zone, region_day(9, 0), &all, &count), 0);
    cr_assert_eq(count, 0u);
    free(all);
    struct complaint c;
    cr_assert_not(complaint_of(f.model, voided, &everything, &zone, 0, &c));
    cr_assert_not(complaint_of(f.model, id_make(9, 9), &everything, &zone, 0, &c));
    cr_assert_eq(complaint_thread(f.model, voided, NULL, 0), 0u);
    cr_assert_eq(complaint_heads(f.model, voided, NULL, 0), 0u);
}
