#include "tests/sim/answers.h"

#include <stdlib.h>

#include "proto/model/about.h"
#include "proto/model/benefits.h"
#include "proto/model/complaint_sums.h"
#include "proto/model/completeness.h"
#include "proto/model/followups.h"
#include "proto/model/gatherings.h"
#include "proto/model/inactive.h"
#include "proto/model/margins.h"
#include "proto/model/months.h"
#include "proto/model/packages.h"
#include "proto/model/person_rows.h"
#include "proto/model/points.h"
#include "proto/model/rfm.h"
#include "proto/model/staff.h"
#include "proto/model/tiers.h"

#define MOST 64 /* of a person's things that are told */
#define TEXT(view) (int)(view).len, (const char *)(view).data

typedef long long number;

static size_t told(size_t count) { return count < MOST ? count : MOST; }

/* ---- One person ---- */

static void standing(struct buf *out, const char *what, const struct standing *s) {
    buf_printf(out, "%s %llx: %lld, spend %lld, last %lld, visits %u\n", what, (unsigned long long)s->person,
               (number)s->value, (number)s->spend, (number)s->last, s->visits);
}

static void value(const struct asked *a, uint64_t person, struct buf *out) {
    const struct cut cuts[] = {{TIME_NONE, TIME_NONE}, {TIME_NONE, a->now}, {a->now - 60 * DAY_MS, a->now}};
    struct standing s;
    for (size_t i = 0; i < sizeof cuts / sizeof *cuts; i++)
        if (person_value(a->model, person, &cuts[i], &s)) standing(out, "value", &s);
}

static void tier(const struct asked *a, uint64_t person, struct buf *out) {
    struct tier_table table;
    struct tier_standing t;
    tier_table_read(a->model, a->now, &table);
    tiers_of(a->model, a->zone, a->now, &table, &person, 1, &t);
    buf_printf(out, "tier: spend %lld, earned %d, granted %d by %llx until %lld, next %lld\n", (number)t.spend,
               t.earned, t.granted, (unsigned long long)t.grant, (number)t.until, (number)tier_to_next(&table, &t));
}

static void points(const struct asked *a, uint64_t person, struct buf *out) {
    struct redemption list[MOST];
    struct points p;
    if (!points_of(a->model, person, a->now, &p)) return;
    buf_printf(out, "points: %lld by spend, %lld redeemed\n", (number)p.spend, (number)p.redeemed);
    buf_printf(out, "points: %lld for %u newcomers\n", (number)p.referrals, p.newcomers);
    size_t count = redemptions_of(a->model, person, a->now, list, MOST);
    for (size_t i = 0; i < told(count); i++)
        buf_printf(out, "redeemed %llx: %lld at %lld of %lld as %.*s\n", (unsigned long long)list[i].id,
                   (number)list[i].points, (number)list[i].time, (number)list[i].balance, TEXT(list[i].tier));
}

static void goods(const struct asked *a, uint64_t person, struct buf *out) {
    struct cut cut = {TIME_NONE, a->now};
    struct person_row *rows;
    struct benefit *benefits;
    struct package *packages;
    size_t count;
    person_rows(a->model, person, &cut, &rows, &count);
    for (size_t i = 0; i < count; i++)
        buf_printf(out, "row %llx: %lld for %lld, margin %lld\n", (unsigned long long)rows[i].id, (number)rows[i].time,
                   (number)rows[i].amount, rows[i].costed ? (number)rows[i].margin : -1);
    free(rows);
    benefits_given(a->model, person, &cut, NULL, NULL, &benefits, &count);
    for (size_t i = 0; i < count; i++)
        buf_printf(out, "benefit %llx: kind %lld at %lld for %lld\n", (unsigned long long)benefits[i].id,
                   (number)benefits[i].kind, (number)benefits[i].time, (number)benefits[i].cost);
    free(benefits);
    if (packages_of(a->model, a->zone, person, a->now, &packages, &count, NULL) != 0) return;
    for (size_t i = 0; i < count; i++) {
        const struct package *p = &packages[i];
        buf_printf(out, "package %llx %s: bought %lld, returned %lld, used %lld, left %lld, until %lld, last %lld\n",
                   (unsigned long long)p->sale, p->sku, (number)p->bought, (number)p->returned, (number)p->used,
                   (number)p->left, (number)p->expires, (number)p->last_used);
    }
    free(packages);
}

static void said(const struct asked *a, uint64_t person, struct buf *out) {
    struct consent_state consents[MOST];
    struct tag_state tags[MOST];
    struct promise_state promises[MOST];
    struct custodian_state custodian;
    size_t count = about_consents(a->model, person, a->now, consents, MOST);
    for (size_t i = 0; i < told(count); i++)
        buf_printf(out, "consent %lld: %d by %llx\n", (number)consents[i].purpose, consents[i].given,
                   (unsigned long long)consents[i].event);
    count = about_tags(a->model, person, a->now, tags, MOST);
    for (size_t i = 0; i < told(count); i++)
        buf_printf(out, "tag %lld by %llx\n", (number)tags[i].tag, (unsigned long long)tags[i].event);
    count = about_promises(a->model, person, promises, MOST);
    for (size_t i = 0; i < told(count); i++)
        buf_printf(out, "promise %llx, due %lld\n", (unsigned long long)promises[i].event, (number)promises[i].due);
    if (about_custodian(a->model, person, a->now, &custodian))
        buf_printf(out, "custodian %.*s of %.*s by %llx\n", TEXT(custodian.staff), TEXT(custodian.store),
                   (unsigned long long)custodian.event);
    buf_printf(out, "changed: %x\n", about_changed(a->model, person, a->now - 3 * DAY_MS, a->now));
}

static void words(const struct asked *a, uint64_t person, struct buf *out) {
    struct relation_state relations[MOST];
    struct label_word labels[MOST];
    uint64_t referrer;
    size_t count = about_labels(a->model, person, a->now, labels, MOST);
    for (size_t i = 0; i < told(count); i++)
        buf_printf(out, "label by %llx: %d\n", (unsigned long long)labels[i].event, labels[i].on);
    /* Who is one person is told to every store; by which of her ids she is called, only to those that serve her. */
    count = about_relations(a->model, person, a->now, relations, MOST);
    for (size_t i = 0; i < told(count) && a->region; i++)
        buf_printf(out, "relation %lld to %llx by %llx\n", (number)relations[i].relation,
                   (unsigned long long)relations[i].other, (unsigned long long)relations[i].event);
    if (!a->region) buf_printf(out, "relations: %zu\n", count);
    if (a->region && about_referrer(a->model, person, &referrer))
        buf_printf(out, "came by %llx\n", (unsigned long long)referrer);
}

static void file(const struct asked *a, uint64_t person, struct buf *out) {
    struct field_source sources[MOST];
    uint64_t members[MOST], known = person_known_fields(a->model, person);
    struct completeness complete = completeness_of(known);
    buf_printf(out, "known: %llx, %u and %u, ask %d\n", (unsigned long long)known, complete.hardware, complete.software,
               ask_next(a->model, known, 0, a->now));
    size_t count = model_members(a->model, person, members, MOST);
    for (size_t i = 0; i < told(count); i++) {
        size_t fields = file_sources(a->model, members[i], sources, MOST);
        for (size_t k = 0; k < told(fields); k++)
            buf_printf(out, "field %d of %llx: by %llx at %lld, cleared %d, concurrent %d, stale %d\n", sources[k].bit,
                       (unsigned long long)members[i], (unsigned long long)sources[k].event, (number)sources[k].time,
                       sources[k].cleared, sources[k].concurrent,
                       field_stale(a->model, sources[k].time, a->now, a->zone));
    }
}

static void thread(const struct asked *a, uint64_t id, struct buf *out) {
    uint64_t ids[MOST];
    bool beside[MOST] = {false};
    size_t count = complaint_thread(a->model, id, ids, MOST);
    complaint_beside(a->model, id, beside, MOST);
    for (size_t i = 0; i < told(count); i++)
        buf_printf(out, " %llx%s", (unsigned long long)ids[i], beside[i] ? "!" : "");
    count = complaint_heads(a->model, id, ids, MOST);
    buf_printf(out, " heads");
    for (size_t i = 0; i < told(count); i++) buf_printf(out, " %llx", (unsigned long long)ids[i]);
    buf_printf(out, "\n");
}

static void complaint(const struct asked *a, const struct complaint *c, struct buf *out) {
    buf_printf(out, "complaint %llx of %llx: state %d, step %lld, left out %x, level %lld%s to %s, opened %lld",
               (unsigned long long)c->id, (unsigned long long)c->person, c->state, (number)c->step, c->left_out,
               (number)c->level, c->escalated ? " by time" : "", c->routed_to, (number)c->opened_at);
    buf_printf(out, ", answered %lld, closed %lld, satisfied %lld, score %lld, settlement %lld for %lld, cause %s",
               (number)c->first_answer_at, (number)c->closed_at, (number)c->satisfied, (number)c->score,
               (number)c->settlement, (number)c->cost, c->cause);
    buf_printf(out, ", paused %lld, answer due %lld left %lld over %d, resolve due %lld left %lld over %d",
               (number)c->paused_ms, (number)c->answer.due_at, (number)c->answer.left_ms, c->answer.over,
               (number)c->resolve.due_at, (number)c->resolve.left_ms, c->resolve.over);
    buf_printf(out, ", steps %u, cycles %u, offer %d, concurrent %d, overdue %d:", c->steps, c->cycles, c->last_offer,
               c->concurrent, c->overdue);
    thread(a, c->id, out);
}

static void own_complaints(const struct asked *a, uint64_t person, struct buf *out) {
    struct cut cut = {TIME_NONE, a->now};
    uint64_t ids[MOST];
    struct complaint c;
    size_t count = told(about_complaints(a->model, person, ids, MOST));
    for (size_t i = 0; i < count; i++)
        if (complaint_of(a->model, ids[i], &cut, a->zone, a->now, &c)) complaint(a, &c, out);
}

void answer_person(const struct asked *asked, uint64_t person, struct buf *out) {
    value(asked, person, out);
    tier(asked, person, out);
    points(asked, person, out);
    goods(asked, person, out);
    said(asked, person, out);
    words(asked, person, out);
    file(asked, person, out);
    own_complaints(asked, person, out);
}

/* ---- Lists over everybody ---- */

static bool dated_at(void *context, size_t index, struct dated *out) {
    const struct asked *a = context;
    if (index >= a->dated_count) return false;
    *out = a->dated[index];
    return true;
}

static uint64_t sale_of(void *context, uint64_t returned) {
    const struct asked *a = context;
    struct buf frame = BUF_INIT;
    struct record record;
    struct event event;
    bool good = log_get_id(a->log, returned, &record, &frame, NULL) == 0 &&
                event_decode(record.frame, &event, NULL) == EVENT_GOOD && event.type == EVENT_returned;
    uint64_t sale = good ? event.body.returned.sale : 0;
    buf_release(&frame);
    return sale;
}

static bool wanted(const struct idmap *of, uint64_t person) { return of == NULL || idmap_find(of, person) != NULL; }

/* Who brought whom is known where the one who brought is served; rain where it fell; the region's top customer at the
 * hub alone. */
static bool told_there(const struct asked *a, const struct followup *f) {
    struct stream_state stream;
    if (a->region) return true;
    if (f->kind == FOLLOWUP_RAINY)
        return model_stream(a->model, f->stream, &stream) && view_equal(stream.store, a->store);
    return f->kind != FOLLOWUP_REFERRAL && f->kind != FOLLOWUP_NEWCOMER && f->kind != FOLLOWUP_TOP;
}

static void list_followups(const struct asked *a, const struct idmap *of, struct buf *out) {
    struct followup *list;
    size_t count;
    char text[FOLLOWUP_TEXT];
    struct followup_question question = {
        .now = a->now,
        .zone = a->zone,
        .region = a->region,
        .answered = true,
        .reader = {(void *)(uintptr_t)a, dated_at, sale_of},
    };
    if (followups(a->model, &question, &list, &count) != 0) return;
    for (size_t i = 0; i < count; i++) {
        const struct followup *f = &list[i];
        if (!wanted(of, f->person) || !told_there(a, f)) continue;
        buf_printf(out, "follow up %s of %llx: figure %lld, since %lld, due %lld, over %d, answer %llx, %.*s of %.*s\n",
                   followup_format(f, text), (unsigned long long)f->person, (number)f->figure, (number)f->since,
                   (number)f->due, f->overdue, (unsigned long long)f->answer, TEXT(f->staff), TEXT(f->store));
    }
    free(list);
}

static void list_segments(const struct asked *a, const struct idmap *of, struct buf *out) {
    struct segment *list;
    size_t count;
    if (segments_valued(a->model, a->zone, a->now, NULL, &list, &count) != 0) return;
    for (size_t i = 0; i < count; i++) {
        const struct segment *s = &list[i];
        if (!wanted(of, s->standing.person)) continue;
        standing(out, "segment", &s->standing);
        buf_printf(out, "buys: %u reduced, %u in the band, band %d, valid %d\n", s->reduced, s->band_visits, s->band,
                   s->valid);
        if (a->region)
            buf_printf(out, "ranks: %d %d %d, type %d, referred %d, candidate %d\n", s->r, s->f, s->m, s->type,
                       s->referred, s->candidate);
    }
    free(list);
}

static void list_inactive(const struct asked *a, const struct idmap *of, struct buf *out) {
    struct inactive *list;
    size_t count;
    if (inactive_list(a->model, a->zone, a->now, NULL, NULL, &list, &count) != 0) return;
    for (size_t i = 0; i < count; i++) {
        if (!wanted(of, list[i].standing.person)) continue;
        standing(out, "inactive", &list[i].standing);
        buf_printf(out, "for %lld months, contacted %lld\n", (number)list[i].months, (number)list[i].contacted);
    }
    free(list);
}

static void list_findings(const struct asked *a, const struct idmap *of, struct buf *out) {
    struct cut cut = {TIME_NONE, a->now};
    struct finding *list;
    size_t count;
    findings(a->model, 0, &cut, NULL, &list, &count);
    for (size_t i = 0; i < count; i++)
        if (wanted(of, list[i].person))
            buf_printf(out, "finding %llx of %llx: matter %d at %lld in %.*s\n", (unsigned long long)list[i].contact,
                       (unsigned long long)list[i].person, list[i].matter, (number)list[i].time, TEXT(list[i].store));
    free(list);
}

void answer_lists(const struct asked *asked, const struct idmap *of, struct buf *out) {
    list_followups(asked, of, out);
    list_segments(asked, of, out);
    list_inactive(asked, of, out);
    list_findings(asked, of, out);
}

/* ---- A store ---- */

static void actor_of(void *context, uint64_t id, struct buf *out) {
    const struct asked *a = context;
    struct buf frame = BUF_INIT;
    struct record record;
    struct event event;
    if (log_get_id(a->log, id, &record, &frame, NULL) == 0 && event_decode(record.frame, &event, NULL) == EVENT_GOOD)
        buf_append_view(out, event.actor);
    buf_release(&frame);
}

static bool of_store(struct view store, const struct employee *e) {
    return store.data == NULL ? true : e->store != NULL && view_is(store, e->store);
}

struct named {
    const struct employee *employee;
};

static int by_name(const void *a, const void *b) {
    const struct employee *x = ((const struct named *)a)->employee, *y = ((const struct named *)b)->employee;
    int order = strcmp(x->store == NULL ? "" : x->store, y->store == NULL ? "" : y->store);
    return order == 0 ? strcmp(x->code, y->code) : order;
}

static void employee(const struct asked *a, const struct employee *e, struct buf *out) {
    buf_printf(out, "staff %s %s by %llx: role %d, active %d, keeper %d, registered %u, files %u", e->code,
               e->store == NULL ? "" : e->store, (unsigned long long)e->event, e->role, e->active, e->keeper,
               e->registrations, e->files);
    buf_printf(out,
               ", complete %.9f, sampled %u, verified %u, valid %u, contacts %u, points %u, minutes %u, happy %u/%u",
               e->completeness, e->sampled, e->verified, e->valid, e->contacts, e->points, e->minutes, e->satisfaction,
               e->satisfied_of);
    if (a->region)
        buf_printf(out, ", vips %u, quota %u, score %.9f, rank %u %u", e->vips, e->quota_days, e->score, e->rank_store,
                   e->rank_region);
    buf_printf(out, "\n");
}

static void staff(const struct asked *a, struct view store, struct buf *out) {
    struct staff_question question = {.quarter = quarter_of(zone_date(a->zone, a->now)),
                                      .now = a->now,
                                      .zone = a->zone,
                                      .actor = actor_of,
                                      .context = (void *)(uintptr_t)a,
                                      .drawn_at = store};
    struct staff_table table;
    if (staff_table_open(a->model, &question, &table) != 0) return;
    struct named *list = mem_alloc((table.count + 1) * sizeof *list);
    size_t count = 0;
    for (size_t i = 0; i < table.count; i++)
        if (of_store(store, &table.items[i])) list[count++] = (struct named){&table.items[i]};
    if (count > 1) qsort(list, count, sizeof *list, by_name);
    for (size_t i = 0; i < count; i++) employee(a, list[i].employee, out);
    free(list);
    staff_table_close(&table);
}

static void month_by_month(const struct asked *a, const struct scope *scope, struct buf *out) {
    struct month_grid grid;
    struct date first = date_add_months(zone_date(a->zone, a->now), -6);
    months_open(a->model, a->zone, first, a->now, scope, NULL, &grid);
    for (int i = 0; i < grid.count; i++) {
        const struct month_figures *m = &grid.figures[i];
        buf_printf(out, "month %d: active %llu, gained %llu, lost %llu, back %llu, sales %lld, returning %lld\n",
                   m->month, (unsigned long long)m->active, (unsigned long long)m->gained, (unsigned long long)m->lost,
                   (unsigned long long)m->won_back, (number)m->sales, (number)m->returning_sales);
    }
    months_close(&grid);
}

static void held(const struct asked *a, struct view store, struct buf *out) {
    struct cut cut = {TIME_NONE, a->now};
    struct gathering *list;
    size_t count;
    gatherings(a->model, &cut, &list, &count);
    for (size_t i = 0; i < count; i++) {
        if (store.data != NULL && !view_equal(list[i].store, store)) continue;
        buf_printf(out, "gathering %llx: %.*s at %lld for %lld", (unsigned long long)list[i].id, TEXT(list[i].name),
                   (number)list[i].time, (number)list[i].cost);
        if (a->region) buf_printf(out, ", %u came", list[i].attended);
        buf_printf(out, "\n");
    }
    free(list);
}

void answer_store(const struct asked *asked, struct view store, struct buf *out) {
    struct cut cut = {TIME_NONE, asked->now};
    struct scope scope = {.store = store};
    struct standing *ranking;
    size_t count;
    if (rank(asked->model, BY_SPEND, &cut, &scope, &ranking, &count) == 0) {
        for (size_t i = 0; i < count; i++) standing(out, "rank", &ranking[i]);
        free(ranking);
    }
    month_by_month(asked, &scope, out);
    staff(asked, store, out);
    held(asked, store, out);
}

/* ---- The region ---- */

static void rankings(const struct asked *a, struct buf *out) {
    static const enum measure measures[] = {BY_SPEND, BY_VISITS, BY_REFERRALS, BY_MARGIN, BY_SCORE};
    struct cut cut = {TIME_NONE, a->now};
    struct pyramid_shares shares = pyramid_shares(a->model, a->now);
    struct profit_groups groups;
    for (size_t i = 0; i < sizeof measures / sizeof *measures; i++) {
        struct standing *ranking;
        struct pyramid p;
        size_t count;
        if (rank(a->model, measures[i], &cut, NULL, &ranking, &count) != 0) continue;
        for (size_t k = 0; k < count; k++) standing(out, "rank", &ranking[k]);
        pyramid_of(ranking, count, &shares, &p);
        if (measures[i] == BY_SPEND)
            buf_printf(out, "pyramid: %llu of %llu bring %lld of %lld, %llu make 80 percent\n",
                       (unsigned long long)p.top_customers, (unsigned long long)p.customers, (number)p.top_spend,
                       (number)p.total, (unsigned long long)p.customers_for_80_percent);
        free(ranking);
    }
    if (profit_groups(a->model, &cut, NULL, NULL, &groups))
        buf_printf(out, "profit: %llu, %llu, %llu, %llu: %lld of %lld\n", (unsigned long long)groups.high,
                   (unsigned long long)groups.medium, (unsigned long long)groups.low, (unsigned long long)groups.none,
                   (number)groups.high_margin, (number)groups.margin);
}

static void all_complaints(const struct asked *a, struct buf *out) {
    struct cut cut = {TIME_NONE, a->now};
    struct complaint *list;
    struct complaint_sums sums;
    size_t count;
    if (complaints(a->model, &cut, a->zone, a->now, &list, &count) != 0) return;
    for (size_t i = 0; i < count; i++) complaint(a, &list[i], out);
    complaint_sums_of(list, count, &sums);
    buf_printf(out, "complaints: %u, satisfied %u of %u, scores %lld, cost %lld, answers %u of %u in time, mean %lld\n",
               sums.count, sums.satisfied, sums.asked, (number)sums.score_sum, (number)sums.cost, sums.answer.in_time,
               sums.answer.judged, (number)sums.answer.mean_ms);
    for (size_t i = 0; i < sums.cause_count; i++)
        buf_printf(out, "cause %s: %u\n", sums.causes[i].cause, sums.causes[i].count);
    complaint_sums_release(&sums);
    free(list);
}

static void comings_and_goings(const struct asked *a, struct buf *out) {
    struct came_back back[POLICY_LISTED_MAX];
    struct leaving leaving[LEAVING_MAX];
    int64_t from = a->now - 90 * DAY_MS;
    size_t count = came_back(a->model, a->zone, from, a->now, NULL, NULL, back);
    for (size_t i = 0; i < count; i++)
        buf_printf(out, "after %lld months: %llu contacted, %llu back\n", (number)back[i].months,
                   (unsigned long long)back[i].contacted, (unsigned long long)back[i].back);
    leaving_reasons(a->model, from, a->now, NULL, leaving);
    for (size_t i = 0; i < LEAVING_MAX; i++)
        buf_printf(out, "left for %zu: %llu of %lld\n", i, (unsigned long long)leaving[i].customers,
                   (number)leaving[i].spend);
}

static void sums(const struct asked *a, struct buf *out) {
    struct cut cut = {TIME_NONE, a->now};
    struct totals t;
    totals(a->model, &cut, &t);
    buf_printf(out, "totals: %llu events, %llu customers, %llu persons, %llu purchases, %llu lines, %llu returns\n",
               (unsigned long long)t.events, (unsigned long long)t.customers, (unsigned long long)t.persons,
               (unsigned long long)t.purchases, (unsigned long long)t.lines, (unsigned long long)t.returns);
}

void answer_region(const struct asked *asked, struct buf *out) {
    sums(asked, out);
    rankings(asked, out);
    all_complaints(asked, out);
    comings_and_goings(asked, out);
    month_by_month(asked, NULL, out);
    staff(asked, VIEW_NONE, out);
    held(asked, VIEW_NONE, out);
    answer_lists(asked, NULL, out);
}
