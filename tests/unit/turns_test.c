/* What is worked out in turns is of one moment, the end, whatever is written between two turns: it is what the model
 * says in one go then, and what a model says that was made of all these events. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "proto/event/describe.h"
#include "proto/model/inactive.h"
#include "proto/model/months.h"
#include "proto/model/rfm.h"
#include "proto/model/tiers.h"
#include "tests/support/region_model.h"

#define PEOPLE 3000 /* several turns */
#define STREAMS 4

static struct region r;
static uint64_t people[PEOPLE], sales[PEOPLE], links[PEOPLE], threads[PEOPLE], whose[PEOPLE];
static size_t sale_count, link_count, thread_count;

static uint64_t somebody(void) { return people[region_roll(&r, PEOPLE)]; }
static uint32_t somewhere(void) { return 1 + (uint32_t)region_roll(&r, STREAMS); }
static int64_t some_time(void) { return region_day((int)region_roll(&r, 300), 0); }

static void anything(void) {
    uint32_t stream = somewhere();
    size_t which = (size_t)region_roll(&r, PEOPLE);
    switch (region_roll(&r, 11)) {
    case 0: sales[sale_count++ % PEOPLE] = region_sold(&r, stream, 0, 700, 1, some_time()); break;
    case 1:
        links[link_count++ % PEOPLE] = region_linked(&r, 0, somebody(), somebody(), choice_link_reason_person);
        break;
    case 2:
        if (link_count > 0) region_voided(&r, 0, 0, links[region_roll(&r, link_count) % PEOPLE], true);
        break;
    case 3:
        if (sale_count > 0) region_voided(&r, 0, 0, sales[region_roll(&r, sale_count) % PEOPLE], which % 2 == 0);
        break;
    case 4:
        if (sale_count > 0) region_attributed(&r, stream, sales[region_roll(&r, sale_count) % PEOPLE], somebody());
        break;
    case 5: region_contacted(&r, stream, somebody(), some_time()); break;
    case 6: people[which] = region_registered(&r, stream, 1, some_time()); break;
    case 7:
        whose[thread_count % PEOPLE] = somebody();
        threads[thread_count % PEOPLE] = region_complained(&r, stream, whose[thread_count % PEOPLE], some_time());
        thread_count++;
        break;
    case 8:
        if (thread_count == 0) break;
        which = (size_t)region_roll(&r, thread_count) % PEOPLE;
        region_stepped(&r, stream, whose[which], threads[which], choice_step_outcome, NO_IDS, some_time());
        break;
    case 9: region_referred(&r, stream, somebody(), people[which], some_time()); break;
    default: sales[sale_count++ % PEOPLE] = region_sold(&r, stream, somebody(), 1000, 1, some_time()); break;
    }
}

/* The model goes on between the turns. */
struct writing {
    struct model *model;
    struct log *log;
    size_t known, each; /* events folded; how many more at each rest */
    size_t rests;
};

static void go_on(void *context, uint64_t done, uint64_t all) {
    struct writing *w = context;
    struct record record;
    struct buf frame = BUF_INIT;
    cr_assert(all == 0 || done <= all);
    w->rests++;
    for (size_t i = 0; i < w->each && w->known < r.count; i++) {
        buf_clear(&frame);
        cr_assert_eq(log_get(w->log, ++w->known, &record, &frame, NULL), 0);
        cr_assert_eq(model_apply(w->model, &record, NULL), 0);
    }
    buf_release(&frame);
}

static void set_up(void) {
    region_init(&r);
    sale_count = link_count = thread_count = 0;
    for (size_t i = 0; i < PEOPLE; i++) people[i] = region_registered(&r, somewhere(), 1, some_time());
    for (size_t i = 0; i < 6000; i++) anything();
}
static void tear_down(void) { region_release(&r); }
TestSuite(turns, .init = set_up, .fini = tear_down);

static struct writing begin(size_t known, size_t each) {
    struct log *log = region_log(&r, NULL, r.count);
    struct writing w = {model_open(log), log, known, each, 0};
    cr_assert_eq(model_replay(w.model, 0, known, NULL, NULL), 0);
    return w;
}

static void end(struct writing *w) {
    model_close(w->model);
    w->log->ops->close(w->log);
}

/* `each` more at a rest: few are caught up with, of many everything is begun anew. */
static void expect_digest(size_t each) {
    struct writing w = begin(6000, each);
    uint8_t paced[DIGEST_SIZE], at_once[DIGEST_SIZE];
    model_digest_paced(w.model, &(struct pace){go_on, NULL, &w}, paced);
    cr_assert(w.rests > 2 && w.known > 6000);
    struct writing same = begin(w.known, 0);
    model_digest(same.model, NULL, at_once);
    cr_assert_eq(memcmp(paced, at_once, sizeof paced), 0, "%zu at each rest", each);
    end(&same);
    end(&w);
}

Test(turns, E18_a_digest_is_of_its_end) {
    for (size_t each = 1; each < 3000; each = each * 3 + 1) expect_digest(each);
}

/* ---- Digests of stores ---- */

static void assume_stores(struct model *model) {
    for (uint32_t stream = 1; stream <= STREAMS; stream++) {
        char code[8];
        snprintf(code, sizeof code, "S%u", (unsigned)stream);
        model_assume_store(model, stream, view_of(code), view_of(code), view_of("chain"));
    }
}

struct told {
    const struct model *model;
    size_t stores;
};

static void compare_store(void *context, struct view store, const uint8_t digest[DIGEST_SIZE]) {
    struct told *told = context;
    uint8_t of_store[DIGEST_SIZE];
    model_digest(told->model, &store, of_store);
    cr_assert_eq(memcmp(digest, of_store, DIGEST_SIZE), 0);
    told->stores++;
}

Test(turns, E18_digests_of_stores_are_of_one_position_or_none) {
    struct writing still = begin(6000, 0);
    struct told told = {still.model, 0};
    assume_stores(still.model);
    cr_assert(model_digest_stores(still.model, &(struct pace){go_on, NULL, &still}, compare_store, &told));
    cr_assert(still.rests > 2 && told.stores == STREAMS);
    end(&still);
    struct writing w = begin(6000, 1);
    told = (struct told){w.model, 0};
    assume_stores(w.model);
    cr_assert_not(model_digest_stores(w.model, &(struct pace){go_on, NULL, &w}, compare_store, &told));
    cr_assert(w.rests == 1 && told.stores == 0, "it ends with the first word");
    end(&w);
}

/* A long replay does not note what it touches: it is everything, so it is begun anew. */
static void replay_rest(void *context, uint64_t done, uint64_t all) {
    struct writing *w = context;
    (void)done, (void)all;
    if (w->rests++ > 0) return;
    cr_assert_eq(model_replay(w->model, w->known, r.count, NULL, NULL), 0);
    w->known = r.count;
}

Test(turns, a_long_replay_is_seen_by_who_reads_meanwhile) {
    size_t before = r.count;
    for (size_t i = 0; i < 70000; i++) sales[0] = region_sold(&r, 1, people[i % 7], 100, 1, region_day(10, 0));
    struct writing w = begin(before, 0);
    uint8_t paced[DIGEST_SIZE], at_once[DIGEST_SIZE];
    model_digest_paced(w.model, &(struct pace){replay_rest, NULL, &w}, paced);
    cr_assert_eq(w.known, r.count);
    model_digest(w.model, NULL, at_once);
    cr_assert_eq(memcmp(paced, at_once, sizeof paced), 0);
    end(&w);
}

/* ---- Rankings and groups ---- */

static void expect_ranking(struct writing *w, enum measure by, const struct cut *cut) {
    struct standing *paced, *at_once;
    size_t count, expected;
    struct pace pace = {go_on, NULL, w};
    cr_assert_eq(rank_paced(w->model, by, cut, NULL, 0, &pace, &paced, &count), 0);
    struct writing same = begin(w->known, 0);
    cr_assert_eq(rank(same.model, by, cut, NULL, &at_once, &expected), 0);
    cr_assert_eq(count, expected, "by %d", (int)by);
    for (size_t i = 0; i < count; i++) {
        cr_assert_eq(paced[i].person, at_once[i].person);
        cr_assert_eq(paced[i].value, at_once[i].value);
        cr_assert_eq(paced[i].spend, at_once[i].spend);
        cr_assert_eq(paced[i].last, at_once[i].last);
        cr_assert_eq(paced[i].visits, at_once[i].visits);
    }
    free(paced);
    free(at_once);
    end(&same);
}

Test(turns, V2_a_ranking_is_of_its_end) {
    static const enum measure measures[] = {BY_SPEND, BY_VISITS, BY_MARGIN, BY_REFERRALS, BY_SCORE};
    const struct cut window = {region_day(20, 0), region_day(250, 0)};
    for (size_t each = 1; each < 3000; each = each * 5 + 1) {
        struct writing w = begin(6000, each);
        for (size_t i = 0; i < sizeof measures / sizeof *measures; i++) expect_ranking(&w, measures[i], &window);
        cr_assert(w.known > 6000);
        end(&w);
    }
}

static void expect_segments(struct writing *w) {
    struct segment *paced, *at_once;
    size_t count, expected;
    struct zone utc = zone_fixed(0);
    struct pace pace = {go_on, NULL, w};
    cr_assert_eq(segments_valued(w->model, &utc, region_day(290, 0), &pace, &paced, &count), 0);
    struct writing same = begin(w->known, 0);
    cr_assert_eq(segments_valued(same.model, &utc, region_day(290, 0), NULL, &at_once, &expected), 0);
    cr_assert_eq(count, expected);
    for (size_t i = 0; i < count; i++) {
        cr_assert_eq(paced[i].standing.person, at_once[i].standing.person);
        cr_assert_eq(paced[i].standing.spend, at_once[i].standing.spend);
        cr_assert_eq(paced[i].reduced, at_once[i].reduced);
        cr_assert_eq(paced[i].band_visits, at_once[i].band_visits);
        cr_assert(paced[i].r == at_once[i].r && paced[i].f == at_once[i].f && paced[i].m == at_once[i].m);
    }
    free(paced);
    free(at_once);
    end(&same);
}

Test(turns, V4_segments_are_of_their_end) {
    for (size_t each = 1; each < 3000; each = each * 5 + 1) {
        struct writing w = begin(6000, each);
        expect_segments(&w);
        cr_assert(w.known > 6000);
        end(&w);
    }
}

/* ---- Who comes no more, who came back ---- */

static const struct scope anywhere = {{NULL, 0}, {NULL, 0}};

/* For some numbers of events at a rest: few are caught up with, of many everything is begun anew. */
static void for_each_speed(void (*expect)(struct writing *w)) {
    for (size_t each = 1; each < 3000; each = each * 5 + 1) {
        struct writing w = begin(6000, each);
        expect(&w);
        cr_assert(w.rests > 1 && w.known > 6000);
        end(&w);
    }
}

static void expect_inactive(struct writing *w) {
    struct inactive *paced, *at_once;
    size_t count, expected, contacted = 0;
    struct zone utc = zone_fixed(0);
    struct pace pace = {go_on, NULL, w};
    cr_assert_eq(inactive_list(w->model, &utc, region_day(400, 0), NULL, &pace, &paced, &count), 0);
    struct writing same = begin(w->known, 0);
    cr_assert_eq(inactive_list(same.model, &utc, region_day(400, 0), NULL, NULL, &at_once, &expected), 0);
    cr_assert(count == expected && count > 0);
    for (size_t i = 0; i < count; i++) {
        cr_assert_eq(paced[i].standing.person, at_once[i].standing.person);
        cr_assert_eq(paced[i].standing.spend, at_once[i].standing.spend);
        cr_assert_eq(paced[i].standing.last, at_once[i].standing.last);
        cr_assert(paced[i].months == at_once[i].months && paced[i].silent == at_once[i].silent);
        cr_assert_eq(paced[i].contacted, at_once[i].contacted);
        contacted += paced[i].contacted != TIME_NONE;
    }
    cr_assert(contacted > 0 && contacted < count);
    free(paced);
    free(at_once);
    end(&same);
}

Test(turns, V7_who_comes_no_more_is_of_its_end) { for_each_speed(expect_inactive); }

static void expect_back(struct writing *w) {
    struct came_back paced[POLICY_LISTED_MAX], at_once[POLICY_LISTED_MAX];
    struct zone utc = zone_fixed(0);
    struct pace pace = {go_on, NULL, w};
    uint64_t contacted = 0;
    size_t count = came_back(w->model, &utc, TIME_NONE, region_day(400, 0), NULL, &pace, paced);
    struct writing same = begin(w->known, 0);
    cr_assert_eq(came_back(same.model, &utc, TIME_NONE, region_day(400, 0), NULL, NULL, at_once), count);
    for (size_t i = 0; i < count; i++) {
        cr_assert_eq(paced[i].contacted, at_once[i].contacted, "%zu", i);
        cr_assert_eq(paced[i].back, at_once[i].back, "%zu", i);
        contacted += paced[i].contacted;
    }
    cr_assert(contacted > 0);
    end(&same);
}

Test(turns, V7_who_came_back_is_of_its_end) { for_each_speed(expect_back); }

/* ---- Complaints ---- */

static void expect_complaints(struct writing *w) {
    const struct cut everything = {TIME_NONE, TIME_NONE};
    struct complaint *paced, *at_once;
    size_t count, expected, closed = 0;
    struct zone utc = zone_fixed(0);
    struct pace pace = {go_on, NULL, w};
    cr_assert_eq(complaints_paced(w->model, &everything, &utc, region_day(400, 0), &pace, &paced, &count), 0);
    struct writing same = begin(w->known, 0);
    cr_assert_eq(complaints(same.model, &everything, &utc, region_day(400, 0), &at_once, &expected), 0);
    cr_assert(count == expected && count > 0);
    for (size_t i = 0; i < count; i++) {
        cr_assert_eq(paced[i].id, at_once[i].id);
        cr_assert_eq(paced[i].person, at_once[i].person);
        cr_assert(paced[i].state == at_once[i].state && paced[i].steps == at_once[i].steps);
        closed += paced[i].state == COMPLAINT_CLOSED;
    }
    cr_assert(closed > 0);
    free(paced);
    free(at_once);
    end(&same);
}

Test(turns, X2_complaints_are_of_their_end) { for_each_speed(expect_complaints); }

/* ---- Tiers ---- */

static void expect_tiers(struct writing *w) {
    struct tier_table table = {2, {{"silver", 1000}, {"gold", 3000}}};
    struct tiers_all paced, at_once;
    struct zone utc = zone_fixed(0);
    struct pace pace = {go_on, NULL, w};
    tiers_all_open(w->model, &utc, region_day(290, 0), &table, &pace, &paced);
    struct writing same = begin(w->known, 0);
    tiers_all_open(same.model, &utc, region_day(290, 0), &table, NULL, &at_once);
    cr_assert(paced.count == at_once.count && paced.count > 0);
    for (size_t i = 0; i < paced.count; i++) {
        uint64_t person = paced.persons[i].key;
        struct tier_standing one;
        const struct tier_standing *a = tiers_all_find(&paced, person), *b = tiers_all_find(&at_once, person);
        cr_assert(a != NULL && b != NULL);
        cr_assert(a->spend == b->spend && a->earned == b->earned && a->granted == b->granted);
        if (i % 50 != 0) continue;
        tiers_of(same.model, &utc, region_day(290, 0), &table, &person, 1, &one);
        cr_assert(a->spend == one.spend && a->earned == one.earned);
    }
    cr_assert_null(tiers_all_find(&paced, id_make(99, 1)));
    tiers_all_close(&paced);
    tiers_all_close(&at_once);
    end(&same);
}

Test(turns, V3_everybodys_tiers_are_of_their_end) { for_each_speed(expect_tiers); }

/* ---- Months ---- */

static bool same_grid(const struct month_grid *a, const struct month_grid *b) {
    if (a->count != b->count || memcmp(a->figures, b->figures, (size_t)a->count * sizeof *a->figures) != 0)
        return false;
    return memcmp(a->retained, b->retained, (size_t)a->count * (size_t)a->count * sizeof *a->retained) == 0;
}

static void read_months(const struct model *model, const struct pace *pace, struct month_grid *out) {
    struct zone utc = zone_fixed(0);
    months_open(model, &utc, zone_date(&utc, region_day(30, 0)), region_day(330, 0), &anywhere, pace, out);
    cr_assert(out->count > 6 && out->figures[5].active > 0 && out->figures[5].all_sales > out->figures[5].sales);
}

/* Of their beginning, or made anew as of a later moment. */
static void expect_months(struct writing *w) {
    struct month_grid paced, of_beginning, of_end;
    struct pace pace = {go_on, NULL, w};
    struct writing before = begin(w->known, 0);
    read_months(w->model, &pace, &paced);
    struct writing after = begin(w->known, 0);
    read_months(before.model, NULL, &of_beginning);
    read_months(after.model, NULL, &of_end);
    cr_assert(!same_grid(&of_beginning, &of_end));
    cr_assert(same_grid(&paced, &of_beginning) || same_grid(&paced, &of_end));
    months_close(&paced);
    months_close(&of_beginning);
    months_close(&of_end);
    end(&before);
    end(&after);
}

Test(turns, V8_months_are_of_one_moment) { for_each_speed(expect_months); }

/* Sales alone, which a shop makes all day: they do not keep it from its beginning. */
Test(turns, V8_months_go_on_beside_sales) {
    struct month_grid paced, of_beginning;
    size_t known = r.count;
    for (size_t i = 0; i < 200; i++) region_sold(&r, somewhere(), somebody(), 1000, 1, some_time());
    struct writing w = begin(known, 3), before = begin(known, 0);
    struct pace pace = {go_on, NULL, &w};
    read_months(w.model, &pace, &paced);
    read_months(before.model, NULL, &of_beginning);
    cr_assert(w.known > known && same_grid(&paced, &of_beginning));
    months_close(&paced);
    months_close(&of_beginning);
    end(&w);
    end(&before);
}
