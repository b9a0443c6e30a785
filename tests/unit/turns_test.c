/* What is worked out in turns is of one moment, the end, whatever is written between two turns: it is what the model
 * says in one go then, and what a model says that was made of all these events. */
#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include "proto/event/describe.h"
#include "proto/model/rfm.h"
#include "tests/support/region_model.h"

#define PEOPLE 3000 /* several turns */
#define STREAMS 4

static struct region r;
static uint64_t people[PEOPLE], sales[PEOPLE], links[PEOPLE];
static size_t sale_count, link_count;

static uint64_t somebody(void) { return people[region_roll(&r, PEOPLE)]; }
static uint32_t somewhere(void) { return 1 + (uint32_t)region_roll(&r, STREAMS); }
static int64_t some_time(void) { return region_day((int)region_roll(&r, 300), 0); }

static void anything(void) {
    uint32_t stream = somewhere();
    size_t which = (size_t)region_roll(&r, PEOPLE);
    switch (region_roll(&r, 9)) {
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
    case 7: region_complained(&r, stream, somebody(), some_time()); break;
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
    sale_count = link_count = 0;
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
