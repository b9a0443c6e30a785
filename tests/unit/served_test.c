/* A store lists whom it serves: not somebody whose history it was given only because she was taken for one of its
 * own. */
#include <criterion/criterion.h>
#include <stdlib.h>

#include "proto/event/describe.h"
#include "proto/model/followups.h"
#include "proto/model/inactive.h"
#include "proto/model/rfm.h"
#include "proto/model/served.h"
#include "tests/support/region_model.h"

static struct region r;
static struct folded f;
static struct zone utc;
static uint64_t ours, theirs, link_of;
static const struct cut everything = {TIME_NONE, TIME_NONE};

static void set_up(void) {
    region_init(&r);
    utc = zone_fixed(0);
    region_store(&r, "S1", "chain");
    region_store(&r, "S2", "chain");
    region_stream(&r, 1, "S1");
    region_stream(&r, 2, "S2");
    ours = region_registered(&r, 1, 1, region_day(0, 0));
    theirs = region_registered(&r, 2, 1, region_day(0, 0));
    region_sold(&r, 1, ours, 500, 1, region_day(1, 0));
    region_sold(&r, 2, theirs, 900, 1, region_day(1, 0));
    region_promised(&r, 2, theirs, region_day(1, 0), region_day(9, 0), 0);
    region_complained(&r, 2, theirs, region_day(2, 0));
    link_of = region_linked(&r, 0, ours, theirs, choice_link_reason_person);
}
static void tear_down(void) {
    folded_release(&f);
    region_release(&r);
}
TestSuite(served, .init = set_up, .fini = tear_down);

static void unlink_them(void) { region_unlinked(&r, 0, ours, theirs, IDS(link_of), IDS(ours)); }

static size_t ranked(struct model *model) {
    struct standing *all;
    size_t count;
    cr_assert_eq(rank(model, BY_SPEND, &everything, NULL, &all, &count), 0);
    free(all);
    return count;
}

/* How many of each list: ranking, segments, open promises, complaints, inactive. */
static void expect(const char *store, size_t people, size_t others) {
    struct model *model = fold_region(&f, &r);
    struct standing *standings;
    struct segment *segments_out;
    struct followup *list;
    struct complaint *threads;
    struct inactive *away;
    size_t count;
    if (store != NULL) model_assume_store(model, 1, view_of(store), view_of("x"), view_of("chain"));
    cr_assert_eq(ranked(model), people);
    cr_assert_eq(segments(model, &everything, NULL, &standings, &count), 0);
    cr_assert_eq(count, people);
    free(standings);
    cr_assert_eq(segments_valued(model, &utc, region_day(20, 0), NULL, &segments_out, &count), 0);
    cr_assert_eq(count, people);
    free(segments_out);
    struct followup_question q = {.now = region_day(20, 0), .zone = &utc, .kind = FOLLOWUP_PROMISE};
    cr_assert_eq(followups(model, &q, &list, &count), 0);
    cr_assert_eq(count, others);
    free(list);
    cr_assert_eq(complaints(model, &everything, &utc, region_day(20, 0), &threads, &count), 0);
    cr_assert_eq(count, others);
    free(threads);
    cr_assert_eq(inactive_list(model, &utc, region_day(400, 0), NULL, NULL, &away, &count), 0);
    cr_assert_eq(count, people);
    free(away);
}

Test(served, C5_one_person_while_they_are_linked) {
    expect("S1", 1, 1);
    expect(NULL, 1, 1);
}

Test(served, C5_after_unlink_a_store_lists_its_own_only) {
    unlink_them();
    expect("S1", 1, 0);
    expect(NULL, 2, 1); /* the hub serves both */
}

Test(served, C5_whom_it_wrote_about_since_is_its_own) {
    unlink_them();
    uint64_t sale = region_sold(&r, 1, theirs, 100, 1, region_day(3, 0));
    expect("S1", 2, 1);
    region_voided(&r, 1, theirs, sale, true);
    expect("S1", 2, 1);
}

Test(served, C10_whom_its_staff_was_given_is_its_own) {
    struct event e;
    unlink_them();
    event_init(&e, EVENT_custodian);
    e.subject = theirs;
    e.body.custodian.staff = view_of("kim");
    e.body.custodian.store = view_of("S1");
    region_put(&r, 2, &e, false);
    expect("S1", 2, 1);
}

Test(served, C5_linked_again_is_one_again) {
    unlink_them();
    region_linked(&r, 0, ours, theirs, choice_link_reason_person);
    expect("S1", 1, 1);
}

/* ---- By the name of a store, as a hub asks ---- */

/* Both ways to ask say so. */
static bool serves(const char *store, uint64_t customer) {
    struct served all;
    struct model *model = fold_region(&f, &r);
    served_make(model, view_of(store), NULL, &all);
    bool one = store_serves(model, view_of(store), customer), among = served_has(&all, model, customer);
    served_release(&all);
    cr_assert_eq(one, among);
    return one;
}

Test(served, E14_a_store_serves_whom_it_wrote_about_and_nobody_else) {
    unlink_them();
    cr_assert(serves("S1", ours) && serves("S2", theirs));
    cr_assert_not(serves("S1", theirs) || serves("S2", ours));
    cr_assert_not(serves("S3", ours) || serves("", ours) || serves("S1", id_make(9, 9)));
    uint64_t sale = region_sold(&r, 1, theirs, 100, 1, region_day(3, 0));
    cr_assert(serves("S1", theirs));
    region_voided(&r, 1, theirs, sale, true);
    cr_assert(serves("S1", theirs), "voided or not, as the feed has it");
}

Test(served, E14_a_store_serves_whose_file_it_changed_or_called_or_was_routed) {
    uint64_t people[4];
    for (int i = 0; i < 4; i++) people[i] = region_registered(&r, 2, 1, NIL);
    region_updated(&r, 1, people[0], 1, NO_IDS);
    region_contacted(&r, 1, people[1], NIL);
    uint64_t sale = region_sold(&r, 1, 0, 100, 1, NIL);
    region_attributed(&r, 1, sale, people[2]);
    for (int i = 0; i < 3; i++) cr_assert(serves("S1", people[i]), "%d", i);
    cr_assert_not(serves("S1", people[3]));
    struct event e;
    event_init(&e, EVENT_routed);
    e.subject = people[3];
    e.body.routed.complaint = region_complained(&r, 2, people[3], NIL);
    e.body.routed.level = choice_level_store;
    e.body.routed.store = view_of("S1");
    region_put(&r, HUB, &e, false);
    cr_assert(serves("S1", people[3]));
}

Test(served, E14_a_store_serves_whoever_is_one_person_with_its_customer) {
    cr_assert(serves("S1", theirs) && serves("S2", ours));
    unlink_them();
    cr_assert_not(serves("S1", theirs) || serves("S2", ours));
}

Test(served, E14_both_ways_to_ask_agree_on_many) {
    uint64_t people[60];
    for (uint32_t i = 0; i < 60; i++) people[i] = region_registered(&r, 1 + i % 2, 1, NIL);
    for (int i = 0; i < 200; i++) {
        uint64_t who = people[region_roll(&r, 60)], other = people[region_roll(&r, 60)];
        uint32_t stream = 1 + (uint32_t)region_roll(&r, 2);
        switch (region_roll(&r, 4)) {
        case 0: region_sold(&r, stream, who, 100, 1, NIL); break;
        case 1: region_contacted(&r, stream, who, NIL); break;
        case 2: region_updated(&r, stream, who, 1, NO_IDS); break;
        default:
            if (who != other && i % 4 == 0) region_linked(&r, HUB, who, other, choice_link_reason_phone);
        }
        if (i % 40 > 0) continue;
        for (int k = 0; k < 60; k++) cr_assert(serves("S1", people[k]) || serves("S2", people[k]));
    }
}
