/* What may be open is kept in lists beside what there ever was: the answers are those of a look at everything, whatever
 * closes, opens again, is voided, is somebody else's since, or is asked about a day long ago. And a store's follow-ups
 * are those of everybody's that are its. */
#include <criterion/criterion.h>
#include <stdlib.h>

#include "proto/event/describe.h"
#include "proto/model/followups.h"
#include "tests/support/region_model.h"

#define MANY 4000 /* more than the lists hold before they are gone through */
#define DAYS 60

static struct region r;
static struct folded f;
static struct zone utc;
static uint64_t people[40];

static void set_up(void) {
    region_init(&r);
    utc = zone_fixed(0);
    for (uint32_t i = 0; i < 40; i++) people[i] = region_registered(&r, 1 + i % 3, 1, region_day(0, 0));
}
static void tear_down(void) {
    folded_release(&f);
    region_release(&r);
}
TestSuite(open, .init = set_up, .fini = tear_down);

static uint64_t somebody(void) { return people[region_roll(&r, 40)]; }
static int64_t some_time(int from) { return region_day(from + (int)region_roll(&r, DAYS), (int)region_roll(&r, 24)); }
static void void_some(uint64_t subject, uint64_t event) {
    if (region_roll(&r, 20) == 0) region_voided(&r, 1, subject, event, true);
    if (region_roll(&r, 40) == 0) region_voided(&r, 1, subject, event, false);
}

/* ---- Promises ---- */

static uint64_t contact(uint64_t who, int64_t at, uint64_t promise) {
    char answers[FOLLOWUP_TEXT];
    struct followup named = {.kind = FOLLOWUP_PROMISE, .cause = promise};
    struct event e;
    event_init(&e, EVENT_contacted);
    e.subject = who;
    e.at = at;
    e.body.contacted.kind = choice_contact_kind_call;
    e.body.contacted.outcome = region_roll(&r, 5) == 0 ? choice_outcome_not_reached : choice_outcome_reached;
    e.body.contacted.purpose = view_of("care");
    e.body.contacted.answers = view_of(followup_format(&named, answers));
    return region_put(&r, 1, &e, false);
}

static void make_promises(void) {
    for (size_t i = 0; i < MANY; i++) {
        uint64_t who = somebody(), made = region_promised(&r, 1, who, some_time(0), region_day(30, 0), 0), kept = 0;
        uint64_t by = region_roll(&r, 10) == 0 ? somebody() : who; /* somebody else's word keeps nothing, mostly */
        if (region_roll(&r, 8) > 0) kept = region_promised(&r, 1, by, some_time(5), region_day(30, 0), made);
        if (region_roll(&r, 8) == 0) kept = contact(who, some_time(5), made);
        void_some(who, made);
        if (kept != 0) void_some(by, kept);
        if (i % 500 == 0) region_linked(&r, 1, somebody(), somebody(), choice_link_reason_person);
    }
}

static size_t list_promises(int64_t now, bool answered, struct followup **out) {
    struct followup_question q = {
        .now = now, .zone = &utc, .answered = answered, .kind = FOLLOWUP_PROMISE, .due_from = {2000, 1, 1}};
    size_t count, kept = 0;
    cr_assert_eq(followups(f.model, &q, out, &count), 0);
    for (size_t i = 0; i < count; i++)
        if ((*out)[i].answer == 0) (*out)[kept++] = (*out)[i];
    return kept;
}

Test(open, K3_promises_are_those_of_a_look_at_all) {
    make_promises();
    fold_region(&f, &r);
    for (int day = 1; day <= DAYS + 10; day += 3) {
        struct followup *here, *all;
        size_t count = list_promises(region_day(day, 0), false, &here);
        cr_assert_eq(list_promises(region_day(day, 0), true, &all), count, "day %d", day);
        for (size_t i = 0; i < count; i++) cr_assert_eq(here[i].cause, all[i].cause);
        cr_assert(count > 0);
        free(here);
        free(all);
    }
}

/* ---- Complaints ---- */

static void make_complaints(void) {
    for (size_t i = 0; i < MANY; i++) {
        uint64_t who = somebody(), id = region_complained(&r, 1, who, some_time(0)), last = 0;
        if (region_roll(&r, 8) > 0) last = region_stepped(&r, 1, who, id, choice_step_outcome, IDS(id), some_time(5));
        if (last != 0 && region_roll(&r, 10) == 0)
            last = region_turned(&r, 2, EVENT_reopened, who, id, IDS(last), some_time(20));
        if (region_roll(&r, 20) == 0) region_stepped(&r, 2, somebody(), id, choice_step_outcome, IDS(id), some_time(5));
        void_some(who, id);
        if (last != 0) void_some(who, last);
    }
}

Test(open, X1_complaints_are_those_of_a_look_at_all) {
    make_complaints();
    fold_region(&f, &r);
    for (int day = 1; day <= DAYS + 30; day += 3) {
        struct cut cut = {TIME_NONE, day > DAYS + 25 ? TIME_NONE : region_day(day, 0)};
        struct complaint *here, *all;
        size_t count, of_all, kept = 0;
        cr_assert_eq(complaints_open(f.model, &cut, &utc, region_day(day, 0), &here, &count), 0);
        cr_assert_eq(complaints(f.model, &cut, &utc, region_day(day, 0), &all, &of_all), 0);
        for (size_t i = 0; i < of_all; i++)
            if (all[i].state != COMPLAINT_CLOSED) cr_assert_eq(all[i].id, here[kept++].id);
        cr_assert_eq(kept, count);
        cr_assert(kept > 0 && (day < 20 || kept < of_all));
        free(here);
        free(all);
    }
}

/* ---- One store's, one kind ---- */

static void name_custodian(uint64_t who, const char *store) {
    struct event e;
    event_init(&e, EVENT_custodian);
    e.subject = who;
    e.at = some_time(0);
    e.body.custodian.staff = view_of("kim");
    if (store != NULL) e.body.custodian.store = view_of(store);
    region_put(&r, 1 + (uint32_t)region_roll(&r, 3), &e, false);
}

static bool dated_at(void *context, size_t index, struct dated *out) {
    (void)context;
    if (index >= 40) return false;
    struct date day = zone_date(&utc, region_day((int)index, 0));
    *out = (struct dated){people[index], (uint8_t)day.month, (uint8_t)day.day, index % 2 == 0};
    return true;
}

static void make_trade(void) {
    static const char *const codes[] = {"S1", "S2", "S3"};
    for (uint32_t i = 0; i < 3; i++) {
        region_store(&r, codes[i], "chain");
        region_stream(&r, i + 1, codes[i]);
    }
    region_policy(&r, "thank-amount", "1000", NIL);
    region_policy(&r, "letter-spend", "5000,20000", NIL);
    region_policy(&r, "inactive-months", "1", NIL);
    for (size_t i = 0; i < 400; i++) {
        uint32_t stream = 1 + (uint32_t)region_roll(&r, 3);
        region_sold(&r, stream, somebody(), (int64_t)region_roll(&r, 200000), 1, some_time(0));
        if (i % 10 == 0) region_referred(&r, stream, somebody(), somebody(), some_time(0));
        if (i % 10 == 1) region_promised(&r, stream, somebody(), some_time(0), some_time(3), 0);
        if (i % 40 == 2) region_linked(&r, stream, somebody(), somebody(), choice_link_reason_person);
        if (i % 20 == 3) name_custodian(somebody(), i % 40 == 3 ? "S2" : NULL);
    }
}

static size_t ask(int day, const char *store, enum followup_kind kind, struct followup **out) {
    struct followup_question q = {.now = region_day(day, 12),
                                  .zone = &utc,
                                  .region = true,
                                  .answered = true,
                                  .store = view_of(store),
                                  .kind = kind,
                                  .reader = {.dated_at = dated_at}};
    size_t count;
    cr_assert_eq(followups(f.model, &q, out, &count), 0);
    return count;
}

static void expect_same(const struct followup *a, const struct followup *b) {
    char x[FOLLOWUP_TEXT], y[FOLLOWUP_TEXT];
    cr_assert_str_eq(followup_format(a, x), followup_format(b, y));
    cr_assert_eq(a->due, b->due);
    cr_assert_eq(a->since, b->since);
    cr_assert_eq(a->answer, b->answer);
    cr_assert_eq(a->figure, b->figure);
    cr_assert(view_equal(a->store, b->store));
    cr_assert(view_equal(a->staff, b->staff));
}

static void expect_parts(int day) {
    static const char *const stores[] = {NULL, "S1", "S2", "S3", "elsewhere"};
    struct followup *all, *some;
    size_t count = ask(day, NULL, FOLLOWUP_NONE, &all);
    cr_assert(count > 0);
    for (size_t s = 0; s < sizeof stores / sizeof *stores; s++)
        for (int kind = FOLLOWUP_NONE; kind < FOLLOWUP_KINDS; kind++) {
            size_t got = ask(day, stores[s], (enum followup_kind)kind, &some), at = 0;
            for (size_t i = 0; i < count; i++) {
                if (kind != FOLLOWUP_NONE && all[i].kind != (enum followup_kind)kind) continue;
                if (stores[s] != NULL && !view_is(all[i].store, stores[s])) continue;
                cr_assert(at < got, "day %d", day);
                expect_same(&some[at++], &all[i]);
            }
            cr_assert_eq(at, got, "day %d, %s", day, stores[s] == NULL ? "anywhere" : stores[s]);
            free(some);
        }
    free(all);
}

Test(open, K2_a_stores_follow_ups_are_its_part_of_all) {
    make_trade();
    fold_region(&f, &r);
    for (int day = 2; day < DAYS + 40; day += 7) expect_parts(day);
}
