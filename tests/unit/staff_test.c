/* Contests, samples, talks (S1, S2, K5), gatherings and findings (K6, K8). */
#include <criterion/criterion.h>
#include <math.h>
#include <stdlib.h>

#include "proto/event/describe.h"
#include "proto/model/gatherings.h"
#include "proto/model/staff.h"
#include "tests/support/region_model.h"

static struct region r;
static struct folded f;
static struct staff_table t;
static struct idmap hands; /* event → place of a code + 1 */
static const char *const codes[] = {"kim", "lee", "park"};

static void set_up(void) {
    region_init(&r);
    region_store(&r, "S1", "chain");
    region_store(&r, "S2", "chain");
    region_stream(&r, 1, "S1");
    region_stream(&r, 2, "S2");
}
static void tear_down(void) {
    staff_table_close(&t);
    idmap_release(&hands);
    folded_release(&f);
    region_release(&r);
}
TestSuite(staff, .init = set_up, .fini = tear_down);

static void actor(void *context, uint64_t event, struct buf *out) {
    (void)context;
    const uint64_t *hand = idmap_find(&hands, event);
    if (hand != NULL) buf_append_view(out, view_of(codes[*hand - 1]));
}

/* Written down by kim (0), lee (1) or park (2). */
static uint64_t by(uint64_t hand, uint64_t event) {
    *idmap_put(&hands, event, NULL) = hand + 1;
    return event;
}

static struct view drawn_at;

static void ask_in(int year, int number, int64_t now) {
    struct zone zone = zone_fixed(0);
    struct staff_question q = {{year, number}, now, &zone, actor, NULL, NULL, drawn_at};
    staff_table_close(&t);
    cr_assert_eq(staff_table_open(fold_region(&f, &r), &q, &t), 0);
}
static void ask(int number, int64_t now) { ask_in(2025, number, now); }

static const struct employee *of(const char *store, uint64_t hand) {
    for (size_t i = 0; i < t.count; i++)
        if (strcmp(t.items[i].code, codes[hand]) == 0 && strcmp(t.items[i].store, store) == 0) return &t.items[i];
    cr_assert_fail("no %s in %s", codes[hand], store);
    return NULL;
}

static uint64_t customer(uint32_t stream, uint64_t hand, int64_t at) {
    return by(hand, region_registered(&r, stream, 1, at));
}

static uint64_t contacted(uint32_t stream, uint64_t hand, uint64_t who, int64_t at, int64_t minutes, int64_t outcome,
                          uint64_t gathering) {
    struct event e;
    event_init(&e, EVENT_contacted);
    e.subject = who;
    e.at = at;
    e.body.contacted.kind = gathering != 0 ? choice_contact_kind_gathering : choice_contact_kind_visit;
    e.body.contacted.purpose = view_of("talk");
    e.body.contacted.minutes = minutes;
    e.body.contacted.outcome = outcome;
    e.body.contacted.satisfaction = 4;
    e.body.contacted.gathering = gathering;
    e.body.contacted.matter = gathering != 0 ? choice_level_region : 0;
    return by(hand, region_put(&r, stream, &e, false));
}

static uint64_t verified(uint32_t stream, uint64_t who, int64_t at, bool valid) {
    struct event e;
    event_init(&e, EVENT_verified);
    e.subject = who;
    e.at = at;
    e.body.verified.valid = valid;
    return region_put(&r, stream, &e, false);
}

Test(staff, S1_registrations_of_the_quarter_count_from_its_first_to_its_last_ms) {
    customer(1, 0, region_day(90, 0) - 1); /* 31 March */
    customer(1, 0, region_day(90, 0));
    customer(1, 0, region_day(181, 0) - 1); /* 30 June */
    customer(1, 0, region_day(181, 0));
    ask(1, region_day(364, 0));
    cr_assert_eq(of("S1", 0)->registrations, 1u);
    ask(2, region_day(364, 0));
    cr_assert_eq(of("S1", 0)->registrations, 2u);
    ask(2, region_day(100, 0));
    cr_assert_eq(of("S1", 0)->registrations, 1u, "as it was");
}

Test(staff, S1_best_and_last_of_store_and_region) {
    for (int i = 0; i < 3; i++) customer(1, 0, region_day(i, 1));
    for (int i = 0; i < 2; i++) customer(1, 1, region_day(i, 1));
    customer(2, 0, region_day(1, 1)); /* another kim */
    uint64_t away = customer(2, 2, region_day(1, 1));
    ask(1, region_day(80, 0));
    cr_assert_eq(t.measure, STAFF_COUNT);
    cr_assert_eq(of("S1", 0)->rank_region, 1u);
    cr_assert_eq(of("S1", 1)->rank_store, 2u);
    cr_assert(of("S1", 1)->last_store);
    cr_assert_not(of("S1", 1)->last_region);
    cr_assert_eq(of("S2", 0)->rank_store, 1u, "equal scores share a rank");
    cr_assert_eq(of("S2", 2)->rank_store, 1u);
    cr_assert_not(of("S2", 2)->last_store, "nobody is before her");
    cr_assert(of("S2", 2)->last_region);
    region_voided(&r, 2, away, away, true);
    region_staff(&r, 2, "kim", false);
    ask(1, region_day(80, 0));
    cr_assert_eq(of("S2", 0)->rank_region, 0u, "works here no more");
}

Test(staff, S1_completeness_is_of_files_she_registered_or_changed) {
    uint64_t old = customer(1, 0, region_day(1, 0));
    uint64_t all = UINT64_C(1) << SEALED_registered_hobbies;
    r.hlc = (uint64_t)region_day(100, 0) << 16;
    by(1, region_updated(&r, 1, old, all, IDS(old)));
    by(1, region_updated(&r, 1, old, all, IDS(old)));
    ask(2, region_day(200, 0));
    cr_assert_eq(t.measure, STAFF_COMPLETENESS);
    cr_assert_eq(of("S1", 1)->files, 1u, "once");
    cr_assert_float_eq(of("S1", 1)->score, 0.2 / 8 + 0.8 / 10, 1e-9);
    ask(1, region_day(200, 0));
    cr_assert_eq(of("S1", 0)->files, 1u);
    cr_assert_float_eq(of("S1", 0)->completeness, 0.2 / 8, 1e-9, "as it was at the quarter's end");
}

Test(staff, S1_a_sample_that_stands_still) {
    uint64_t ids[12], drawn[3];
    region_policy(&r, "contest-sample", "3", NIL);
    for (size_t i = 0; i < 12; i++) ids[i] = customer(1, i % 2, region_day(10, (int)i));
    ask(3, region_day(190, 0));
    cr_assert_eq(t.sampled, 3u);
    for (size_t i = 0; i < 3; i++) drawn[i] = t.sample[i].customer;
    for (size_t i = 0; i < 12; i++) customer(1, 0, region_day(185, (int)i)); /* new ones come behind the old */
    verified(1, drawn[0], region_day(181, 0), true);
    verified(1, drawn[1], region_day(183, 0), false);    /* the later word */
    verified(1, drawn[1], region_day(182, 0), true);     /* typed in afterwards */
    verified(1, drawn[2], region_day(181, 0) - 1, true); /* last quarter */
    for (size_t i = 0; i < 12; i++)
        if (ids[i] != drawn[0] && ids[i] != drawn[1] && ids[i] != drawn[2])
            verified(1, ids[i], region_day(182, 0), true);
    ask(3, region_day(190, 0));
    cr_assert_eq(t.sampled, 3u);
    for (size_t i = 0; i < 3; i++) cr_assert_eq(t.sample[i].customer, drawn[i]);
    uint32_t checked = 0, valid = 0;
    for (size_t i = 0; i < t.count; i++) {
        checked += t.items[i].verified;
        valid += t.items[i].valid;
    }
    cr_assert_eq(checked, 2u, "only what was drawn");
    cr_assert_eq(valid, 1u);
    ask(4, region_day(290, 0));
    bool same = true;
    for (size_t i = 0; i < 3; i++) same = same && t.sample[i].customer == drawn[i];
    cr_assert_not(same, "another quarter draws others");
}

Test(staff, S1_the_sample_hangs_on_the_files_and_not_on_how_they_came_in) {
    static const uint32_t streams[] = {2, 1, 2, 1, 1, 2, 1, 2};
    uint64_t all[6];
    region_policy(&r, "contest-sample", "3", NIL);
    for (size_t i = 0; i < 8; i++) customer(streams[i], 0, region_day(10, (int)i));
    ask(1, region_day(80, 0));
    cr_assert_eq(t.sampled, 6u);
    for (size_t i = 0; i < 6; i++) all[i] = t.sample[i].customer;
    for (size_t i = 0; i < 6; i++) cr_assert_eq(id_stream(all[i]), i < 3 ? 1u : 2u, "by store");
    drawn_at = view_of("S2");
    ask(1, region_day(80, 0));
    drawn_at = VIEW_NONE;
    cr_assert_eq(t.sampled, 3u, "only the one that knows all of its files");
    for (size_t i = 0; i < 3; i++) cr_assert_eq(t.sample[i].customer, all[3 + i]);
    cr_assert_eq(of("S1", 0)->sampled, 0u);
    cr_assert_eq(of("S2", 0)->sampled, 3u);
}

/* Whoever verifies a file is told whether it counts: by the same draw, on the last ms of a quarter and the first. */
Test(staff, S1_who_is_drawn) {
    struct zone zone = zone_fixed(0);
    uint64_t ids[24];
    region_policy(&r, "contest-sample", "3", NIL);
    for (size_t i = 0; i < 24; i++) ids[i] = customer(i % 2 == 0 ? 1 : 2, 0, region_day(10 + (int)i, 0));
    const int64_t ends[] = {region_day(90, 0) - 1, region_day(90, 0)}; /* of the first quarter */
    for (int at = 0; at < 2; at++) {
        size_t drawn = 0;
        ask(at + 1, region_day(100, 0));
        for (size_t i = 0; i < 24; i++) {
            bool listed = false;
            for (size_t k = 0; k < t.sampled; k++) listed = listed || t.sample[k].customer == ids[i];
            cr_assert_eq(staff_drawn(f.model, &zone, ids[i], ends[at], region_day(100, 0)), listed);
            drawn += listed;
        }
        cr_assert_eq(drawn, 6u, "three of either store");
    }
    cr_assert_not(staff_drawn(f.model, &zone, id_make(9, 9), ends[0], region_day(100, 0)), "nobody");
}

/* Two files of one person: who asked her has checked either, but the word on the file itself goes first. */
Test(staff, S1_a_file_is_verified_under_any_id_of_the_person) {
    uint64_t a = customer(1, 0, region_day(10, 0)), b = customer(2, 1, region_day(10, 0));
    uint64_t link = region_linked(&r, HUB, b, a, choice_link_reason_phone);
    uint64_t word = verified(2, b, region_day(20, 0), true);
    ask(1, region_day(80, 0));
    cr_assert(of("S1", 0)->verified == 1 && of("S1", 0)->valid == 1 && of("S2", 1)->verified == 1);
    verified(1, a, region_day(19, 0), false);
    ask(1, region_day(80, 0));
    cr_assert(of("S1", 0)->verified == 1 && of("S1", 0)->valid == 0 && of("S2", 1)->valid == 1);
    region_voided(&r, 2, b, word, true);
    ask(1, region_day(80, 0));
    cr_assert(of("S2", 1)->verified == 1 && of("S2", 1)->valid == 0);
    region_unlinked(&r, HUB, b, a, IDS(link), IDS(a));
    ask(1, region_day(80, 0));
    cr_assert(of("S1", 0)->verified == 1 && of("S2", 1)->verified == 0);
}

Test(staff, S1_what_Q4_measures_is_policy) {
    customer(1, 0, region_day(280, 0));
    ask(4, region_day(290, 0));
    cr_assert_eq(t.measure, STAFF_COUNT);
    region_policy(&r, "contest-q4", "validity", NIL);
    ask(4, region_day(290, 0));
    cr_assert_eq(t.measure, STAFF_VALIDITY);
    cr_assert(isnan(of("S1", 0)->score), "nothing was verified");
    cr_assert_eq(of("S1", 0)->rank_region, 0u);
}

Test(staff, K5_vips_and_minutes_against_the_quota) {
    uint64_t vip = customer(1, 0, region_day(0, 0)), usual[4];
    region_policy(&r, "quota-vips", "1", NIL);
    region_policy(&r, "care-month", "2", NIL);
    region_policy(&r, "tiers", "usual:10,gold:1000", NIL);
    region_policy(&r, "vip-tiers", "1", NIL);
    region_sold(&r, 1, vip, 1000, 1, region_day(1, 0));
    for (size_t i = 0; i < 4; i++) {
        usual[i] = customer(1, 0, region_day(0, 0));
        region_sold(&r, 1, usual[i], 10, 1, region_day(1, 0));
    }
    contacted(1, 0, vip, region_day(5, 9), 20, choice_outcome_reached, 0);
    contacted(1, 0, vip, region_day(5, 10), 10, choice_outcome_reached, 0); /* the same customer, the same day */
    contacted(1, 0, usual[0], region_day(6, 9), 300, choice_outcome_reached, 0);
    contacted(1, 0, vip, region_day(7, 9), 29, choice_outcome_reached, 0);
    contacted(1, 0, vip, region_day(8, 9), 30, choice_outcome_not_reached, 0);
    contacted(1, 0, vip, region_day(32, 9), 30, choice_outcome_reached, 0); /* February: the month of care */
    uint64_t none = contacted(1, 0, vip, region_day(33, 9), 500, choice_outcome_reached, 0);
    region_voided(&r, 1, vip, none, true);
    ask(1, region_day(80, 0));
    const struct employee *kim = of("S1", 0);
    cr_assert_eq(kim->contacts, 6u);
    cr_assert_eq(kim->points, 7u);
    cr_assert_eq(kim->vips, 3u);
    cr_assert_eq(kim->minutes, 20u + 10 + 300 + 29 + 30 + 30);
    cr_assert_eq(kim->quota_days, 2u, "exactly 30 minutes are enough, 29 are not");
    cr_assert_eq(kim->satisfaction, 6u * 4);
}

#define LEAP_DAY region_day(-307, 0) /* 2024-02-29 */

/* What kim's days come to by the end of each. */
static void check_day(int64_t day, uint32_t vips, uint32_t quota_days, const char *what) {
    ask_in(2024, 1, day + DAY_MS - 1);
    cr_assert_eq(of("S1", 0)->vips, vips, "%s: %u talks with VIPs", what, of("S1", 0)->vips);
    cr_assert_eq(of("S1", 0)->quota_days, quota_days, "%s: %u days", what, of("S1", 0)->quota_days);
}

Test(staff, K5_each_day_by_itself_around_a_leap_day) {
    uint64_t ann = customer(1, 2, LEAP_DAY - 40 * DAY_MS), below = customer(1, 2, LEAP_DAY - 40 * DAY_MS);
    region_staff(&r, 1, "kim", true);
    region_policy(&r, "quota-vips", "1", NIL);
    region_policy(&r, "tiers", "gold:1000", NIL);
    region_policy(&r, "vip-tiers", "1", NIL);
    region_sold(&r, 1, ann, 1000, 1, LEAP_DAY - 30 * DAY_MS);
    region_sold(&r, 1, below, 999, 1, LEAP_DAY - 30 * DAY_MS);
    contacted(1, 0, ann, LEAP_DAY - 1, 30, choice_outcome_reached, 0);
    contacted(1, 0, below, LEAP_DAY, 30, choice_outcome_reached, 0);
    contacted(1, 0, ann, LEAP_DAY + DAY_MS - 1, 29, choice_outcome_reached, 0);
    contacted(1, 0, ann, LEAP_DAY + DAY_MS, 29, choice_outcome_reached, 0);
    check_day(LEAP_DAY - 2 * DAY_MS, 0, 0, "the 27th");
    check_day(LEAP_DAY - DAY_MS, 1, 1, "the 28th, in its last ms, 30 minutes");
    check_day(LEAP_DAY, 2, 2, "the leap day: Ann in its last ms; the minutes of both");
    check_day(LEAP_DAY + DAY_MS, 3, 2, "the first of March, in its first ms: 29 minutes are not enough");
    uint64_t more = contacted(1, 0, below, LEAP_DAY + DAY_MS, 1, choice_outcome_reached, 0);
    check_day(LEAP_DAY + DAY_MS, 3, 3, "one more makes 30");
    region_voided(&r, 1, below, more, true);
    check_day(LEAP_DAY + DAY_MS, 3, 2, "taken back");
    region_returned(&r, 1, ann, 0, 1, LEAP_DAY + DAY_MS);
    check_day(LEAP_DAY, 2, 2, "by then nothing had come back");
    check_day(LEAP_DAY + DAY_MS, 0, 0, "999: no VIP any more");
}

Test(staff, K5_a_vip_under_two_ids_is_one_a_day_until_they_are_taken_apart) {
    uint64_t ann = customer(1, 2, LEAP_DAY - 40 * DAY_MS), twin = customer(2, 2, LEAP_DAY - 40 * DAY_MS);
    region_policy(&r, "quota-vips", "1", NIL);
    region_policy(&r, "tiers", "gold:1000", NIL);
    region_policy(&r, "vip-tiers", "1", NIL);
    region_sold(&r, 1, ann, 600, 1, LEAP_DAY - 30 * DAY_MS);
    region_sold(&r, 2, twin, 400, 1, LEAP_DAY - 30 * DAY_MS);
    contacted(1, 0, ann, LEAP_DAY + 1, 20, choice_outcome_reached, 0);
    contacted(1, 0, twin, LEAP_DAY + 2, 10, choice_outcome_reached, 0);
    check_day(LEAP_DAY, 0, 0, "600 and 400");
    uint64_t link = region_linked(&r, HUB, ann, twin, choice_link_reason_phone);
    check_day(LEAP_DAY, 1, 1, "1000, one person");
    region_unlinked(&r, HUB, ann, twin, IDS(link), IDS(ann));
    check_day(LEAP_DAY, 0, 0, "two again");
}

Test(staff, S1_whose_registration_counts_in_a_quarter_with_a_leap_day) {
    int64_t start = LEAP_DAY - 59 * DAY_MS, end = LEAP_DAY + 32 * DAY_MS; /* January, and the first of April */
    customer(1, 0, start - 1);
    customer(1, 1, start);
    uint64_t leap = customer(1, 1, LEAP_DAY), last = customer(1, 2, end - 1);
    customer(1, 0, end);
    ask_in(2024, 1, region_day(0, 0));
    cr_assert_eq(of("S1", 1)->registrations, 2u, "lee: the first ms and the leap day");
    cr_assert_eq(of("S1", 2)->registrations, 1u, "park: the last ms");
    cr_assert_eq(of("S1", 1)->rank_store, 1u);
    cr_assert_eq(of("S1", 2)->rank_store, 2u);
    ask_in(2023, 4, region_day(0, 0));
    cr_assert_eq(of("S1", 0)->registrations, 1u, "kim: the ms before");
    ask_in(2024, 2, region_day(0, 0));
    cr_assert_eq(of("S1", 0)->registrations, 1u, "kim: the ms after");
    region_linked(&r, HUB, leap, last, choice_link_reason_phone);
    region_voided(&r, 1, leap, leap, true);
    ask_in(2024, 1, region_day(0, 0));
    cr_assert_eq(of("S1", 1)->registrations, 1u, "a voided one is none");
    cr_assert_eq(of("S1", 2)->registrations, 1u, "whoever it is linked with");
}

Test(staff, S1_quarters) {
    struct quarter q;
    cr_assert(quarter_parse(view_of("2026Q4"), &q));
    cr_assert_eq(date_to_days(quarter_end(q)), date_to_days((struct date){2026, 12, 31}));
    cr_assert(quarter_parse(view_of("2024q1"), &q));
    cr_assert_eq(date_to_days(quarter_end(q)), date_to_days((struct date){2024, 3, 31}));
    cr_assert_eq(quarter_of((struct date){2024, 3, 31}).number, 1);
    cr_assert_eq(quarter_of((struct date){2024, 4, 1}).number, 2);
    static const char *const bad[] = {"", "2026", "2026Q0", "2026Q5", "26Q1", "2026-4", "2026Q44", "x026Q1"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        cr_assert_not(quarter_parse(view_of(bad[i]), &q), "%s", bad[i]);
}

static uint64_t kept_by(uint32_t stream, uint64_t who, const char *code) {
    struct event e;
    event_init(&e, EVENT_custodian);
    e.subject = who;
    e.body.custodian.staff = view_of(code);
    return region_put(&r, stream, &e, false);
}

Test(staff, C10_in_whose_custody_they_are_also_when_she_left) {
    region_staff(&r, 1, "kim", true);
    region_staff(&r, 1, "lee", true);
    uint64_t a = customer(1, 0, region_day(1, 0)), b = customer(2, 0, region_day(1, 0)),
             c = customer(1, 0, region_day(1, 0));
    kept_by(1, a, "kim");
    kept_by(1, b, "kim");
    uint64_t handed = kept_by(1, c, "lee");
    region_staff(&r, 1, "kim", false);
    ask(1, region_day(80, 0));
    cr_assert(!of("S1", 0)->active && of("S1", 0)->custody == 2 && of("S1", 1)->custody == 1);
    region_linked(&r, HUB, a, b, choice_link_reason_person);
    ask(1, region_day(80, 0));
    cr_assert_eq(of("S1", 0)->custody, 1u, "one person");
    kept_by(1, a, "lee");
    ask(1, region_day(80, 0));
    cr_assert(of("S1", 0)->custody == 0 && of("S1", 1)->custody == 2);
    region_voided(&r, 1, c, handed, true);
    ask(1, region_day(80, 0));
    cr_assert_eq(of("S1", 1)->custody, 1u);
    region_erased(&r, HUB, IDS(a, b));
    ask(1, region_day(80, 0));
    cr_assert_eq(of("S1", 1)->custody, 0u);
}

static uint64_t reviewed(uint32_t stream, uint64_t hand_of, int64_t at) {
    struct event e;
    event_init(&e, EVENT_reviewed);
    e.at = at;
    return by(hand_of, region_put(&r, stream, &e, false));
}

/* Three months, a bit each: how often in one of them makes no difference. */
Test(staff, C10_the_months_in_which_the_files_were_reviewed) {
    reviewed(1, 0, region_day(0, 0) - 1); /* 31 December */
    reviewed(1, 0, region_day(0, 0));
    reviewed(1, 0, region_day(31, 0) - 1);
    uint64_t last = reviewed(1, 0, region_day(90, 0) - 1); /* 31 March */
    reviewed(1, 0, region_day(90, 0));
    reviewed(2, 0, region_day(40, 0)); /* of the other store */
    ask(1, region_day(364, 0));
    cr_assert_eq(of("S1", 0)->reviewed, 1u << 0 | 1u << 2);
    cr_assert_eq(of("S2", 0)->reviewed, 1u << 1);
    ask(1, region_day(90, 0) - 2);
    cr_assert_eq(of("S1", 0)->reviewed, 1u << 0, "as it was");
    region_voided(&r, 1, 0, last, true);
    ask(1, region_day(364, 0));
    cr_assert_eq(of("S1", 0)->reviewed, 1u << 0);
}

Test(staff, K6_gatherings_and_who_came) {
    struct gathering *all;
    struct guest *guests;
    struct finding *said;
    size_t count;
    struct event e;
    event_init(&e, EVENT_gathering);
    e.at = region_day(40, 9);
    e.body.gathering.name = view_of("spring tea");
    e.body.gathering.cost = 500;
    uint64_t tea = region_put(&r, 1, &e, false), a = customer(1, 0, NIL), b = customer(2, 0, NIL),
             c = customer(1, 0, NIL);
    contacted(1, 0, a, region_day(40, 10), NIL, 0, tea);
    contacted(2, 0, b, region_day(41, 10), NIL, 0, tea); /* noted the next day, at her store */
    uint64_t gone = contacted(1, 0, c, region_day(40, 10), NIL, 0, tea);
    region_voided(&r, 1, c, gone, true);
    struct cut cut = {region_day(40, 9), region_day(40, 9)}, later = {region_day(40, 9) + 1, TIME_NONE};
    gatherings(fold_region(&f, &r), &cut, &all, &count);
    cr_assert_eq(count, 1u);
    cr_assert_eq(all[0].attended, 2u);
    cr_assert_eq(all[0].cost, 500);
    cr_assert(view_is(all[0].name, "spring tea"));
    cr_assert(view_is(all[0].store, "S1"));
    free(all);
    gatherings(f.model, &later, &all, &count);
    cr_assert_eq(count, 0u);
    free(all);
    gathering_guests(f.model, tea, &guests, &count);
    cr_assert_eq(count, 2u, "not whose coming was noted by mistake");
    cr_assert(guests[0].person == a && guests[1].person == b, "in the order in which they came");
    cr_assert_eq(guests[1].time, region_day(41, 10));
    free(guests);
    region_linked(&r, HUB, a, b, choice_link_reason_person);
    gatherings(fold_region(&f, &r), &cut, &all, &count);
    cr_assert_eq(all[0].attended, 1u, "one person");
    free(all);
    gathering_guests(f.model, tea, &guests, &count);
    cr_assert_eq(count, 1u, "one guest");
    free(guests);
    gathering_guests(f.model, a, &guests, &count);
    cr_assert_eq(count, 0u, "a customer is no gathering");
    free(guests);
    findings(f.model, choice_level_region, &(struct cut){TIME_NONE, TIME_NONE}, NULL, &said, &count);
    cr_assert_eq(count, 2u, "K8: whose matter it is; the voided one is not told");
    cr_assert_eq(said[0].person, a);
    free(said);
    findings(f.model, choice_level_company, &(struct cut){TIME_NONE, TIME_NONE}, NULL, &said, &count);
    cr_assert_eq(count, 0u);
    free(said);
}

static size_t findings_within(int64_t from, int64_t to, int matter, uint64_t first) {
    struct finding *said;
    size_t count;
    findings(fold_region(&f, &r), matter, &(struct cut){from, to}, NULL, &said, &count);
    if (first != 0) cr_assert(count > 0 && said[0].person == first);
    free(said);
    return count;
}

Test(staff, K8_findings_of_a_leap_day_voided_linked_and_apart) {
    struct event e;
    event_init(&e, EVENT_gathering);
    e.body.gathering.name = view_of("tea");
    uint64_t tea = region_put(&r, 1, &e, false), a = customer(1, 0, NIL), b = customer(2, 1, NIL);
    contacted(1, 0, a, LEAP_DAY, NIL, 0, tea);
    uint64_t late = contacted(2, 1, b, LEAP_DAY + DAY_MS - 1, NIL, 0, tea);
    contacted(1, 0, a, LEAP_DAY, NIL, 0, 0); /* nobody's matter */
    cr_assert_eq(findings_within(LEAP_DAY, LEAP_DAY + DAY_MS - 1, choice_level_region, 0), 2u);
    cr_assert_eq(findings_within(LEAP_DAY + 1, LEAP_DAY + DAY_MS - 1, choice_level_region, b), 1u);
    cr_assert_eq(findings_within(LEAP_DAY, LEAP_DAY + DAY_MS - 2, choice_level_region, a), 1u);
    cr_assert_eq(findings_within(LEAP_DAY + DAY_MS, TIME_NONE, choice_level_region, 0), 0u);
    cr_assert_eq(findings_within(LEAP_DAY, LEAP_DAY + DAY_MS - 1, 0, 0), 2u, "any matter");
    cr_assert_eq(findings_within(LEAP_DAY, LEAP_DAY + DAY_MS - 1, choice_level_company, 0), 0u);
    uint64_t link = region_linked(&r, HUB, b, a, choice_link_reason_phone);
    cr_assert_eq(findings_within(LEAP_DAY + 1, LEAP_DAY + DAY_MS - 1, choice_level_region, a), 1u, "one person");
    region_unlinked(&r, HUB, b, a, IDS(link), IDS(a));
    cr_assert_eq(findings_within(LEAP_DAY + 1, LEAP_DAY + DAY_MS - 1, choice_level_region, b), 1u);
    region_voided(&r, 2, b, late, true);
    cr_assert_eq(findings_within(LEAP_DAY, LEAP_DAY + DAY_MS - 1, choice_level_region, a), 1u);
}

/* Who came, in order; 0 ends the list. */
static void check_guests(uint64_t gathering, const uint64_t *wanted, const char *what) {
    struct guest *guests;
    size_t count, at = 0;
    gathering_guests(fold_region(&f, &r), gathering, &guests, &count);
    for (; wanted[at] != 0; at++) cr_assert(at < count && guests[at].person == wanted[at], "%s: guest %zu", what, at);
    cr_assert_eq(at, count, "%s", what);
    free(guests);
}

Test(staff, K6_who_came_on_a_leap_day_and_who_is_one_guest) {
    struct gathering *held;
    size_t count;
    struct event e;
    event_init(&e, EVENT_gathering);
    e.at = LEAP_DAY;
    e.body.gathering.name = view_of("tea");
    uint64_t tea = region_put(&r, 1, &e, false), a = customer(1, 0, NIL), b = customer(2, 0, NIL);
    uint64_t there = contacted(1, 0, a, LEAP_DAY + 1, NIL, 0, tea);
    contacted(2, 0, b, LEAP_DAY + DAY_MS, NIL, 0, tea); /* a store that was off line notes it later */
    check_guests(tea, (uint64_t[]){a, b, 0}, "both");
    uint64_t link = region_linked(&r, HUB, a, b, choice_link_reason_phone);
    check_guests(tea, (uint64_t[]){a, 0}, "one person, who came first as a");
    region_voided(&r, 1, a, there, true);
    check_guests(tea, (uint64_t[]){a, 0}, "and came all the same");
    region_unlinked(&r, HUB, a, b, IDS(link), IDS(a));
    check_guests(tea, (uint64_t[]){b, 0}, "it was b alone");
    region_voided(&r, 1, a, there, false);
    check_guests(tea, (uint64_t[]){a, b, 0}, "both again");
    const struct cut leap = {LEAP_DAY, LEAP_DAY + DAY_MS - 1}, before = {LEAP_DAY - DAY_MS, LEAP_DAY - 1},
                     after = {LEAP_DAY + 1, LEAP_DAY + DAY_MS};
    const struct cut *cuts[] = {&before, &leap, &after};
    for (size_t i = 0; i < 3; i++) {
        gatherings(f.model, cuts[i], &held, &count);
        cr_assert_eq(count, (size_t)(i == 1), "cut %zu", i);
        if (count > 0) cr_assert(held[0].id == tea && held[0].time == LEAP_DAY && held[0].attended == 2);
        free(held);
    }
    region_voided(&r, 1, 0, tea, true);
    gatherings(fold_region(&f, &r), &leap, &held, &count);
    cr_assert_eq(count, 0u, "it was never held");
    free(held);
}

/* A hub that was rebuilt goes on under another number; who works at the desk is the same. */
Test(staff, S1_the_desks_staff_after_a_hub_was_rebuilt) {
    uint32_t hubs[] = {0, 1u << 16};
    for (size_t first = 0; first < 2; first++) {
        region_release(&r);
        region_init(&r);
        region_staff(&r, hubs[first], "kim", first == 0);
        uint64_t last = region_staff(&r, hubs[1 - first], "kim", first != 0);
        ask(1, region_day(10, 0));
        cr_assert_eq(t.count, 1u);
        cr_assert_eq(t.items[0].event, last, "the latest word holds");
        cr_assert_eq(t.items[0].active, first != 0);
    }
}
