/* The model's one promise: the same set of events, the same state, whatever the order they arrive in; and the state is
 * what a naive look at the events says (naive_model.h). A failure prints the seed of the region. */
#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include "proto/base/zone.h"
#include "tests/support/naive_model.h"
#include "tests/support/region_random.h"

#define REGIONS 120
#define STEPS 110
#define ORDERS 4 /* of each kind */
#define HOURS 24
#define NOW (REGION_START + 5 * DAY_MS)

static const struct cut CUTS[] = {
    {TIME_NONE, TIME_NONE},
    {TIME_NONE, REGION_START + 2 * DAY_MS},
    {REGION_START + DAY_MS, REGION_START + 3 * DAY_MS - 1},
};
#define CUT_COUNT (sizeof CUTS / sizeof CUTS[0])
#define HEADS_MOST 64

/* One region, what it should give, and the digests of the first model that gave it. */
struct trial {
    uint64_t seed;
    struct region region;
    struct naive naive;
    uint8_t digest[DIGEST_SIZE], of_store[DIGEST_SIZE];
    bool has_digest;
};

#define SAME(t, got, wanted, what)                                                                                     \
    cr_assert_eq(got, wanted, "seed %llu: %s: %lld, expected %lld", (unsigned long long)(t)->seed, what,               \
                 (long long)(got), (long long)(wanted))

static void compare_ids(const struct trial *t, const uint64_t *got, size_t got_count, const uint64_t *wanted,
                        size_t wanted_count, const char *what) {
    SAME(t, got_count, wanted_count, what);
    for (size_t i = 0; i < wanted_count; i++) SAME(t, got[i], wanted[i], what);
}

static void compare_customer(const struct trial *t, const struct model *model, uint64_t id) {
    uint64_t got[512], wanted[512];
    enum customer_state state = model_customer(model, id), expected = naive_customer(&t->naive, id);
    if (state == CUSTOMER_UNKNOWN) {
        SAME(t, expected, CUSTOMER_THING, "only a sale has no entry");
        return;
    }
    SAME(t, state, expected, "state of a customer");
    SAME(t, model_person(model, id), naive_person(&t->naive, id), "person");
    compare_ids(t, got, model_members(model, id, got, 512), wanted, naive_members(&t->naive, id, wanted), "members");
    for (int bit = 0; bit < 4; bit++)
        compare_ids(t, got, model_field_heads(model, id, bit, got, HEADS_MOST), wanted,
                    naive_field_heads(&t->naive, id, bit, wanted), "heads of a field");
}

static void compare_persons(const struct trial *t, const struct model *model) {
    const struct naive *n = &t->naive;
    for (size_t i = 0; i < n->node_count; i++) compare_customer(t, model, n->nodes[i]);
    for (size_t i = 0; i < n->node_count; i += 3)
        for (size_t j = i % 2; j < n->node_count; j += 2)
            SAME(t, model_barred(model, n->nodes[i], n->nodes[j]), naive_barred(n, n->nodes[i], n->nodes[j]), "barred");
    for (size_t i = 0; i < n->node_count; i++) {
        size_t wanted = 0;
        for (size_t j = 0; j < n->count; j++)
            if (naive_edge_holds(n, &n->events[j]) && naive_same(n, n->events[j].subject, n->nodes[i])) wanted++;
        SAME(t, model_links(model, n->nodes[i], NULL, 0), wanted, "links");
    }
}

static void compare_rank(const struct trial *t, const struct model *model, enum measure by, const struct cut *cut,
                         struct view store) {
    struct standing *got, *wanted = mem_alloc((t->naive.node_count + 1) * sizeof *wanted);
    struct scope scope = {.store = store, .chain = VIEW_NONE};
    size_t count, expected = naive_rank(&t->naive, by, cut, store, wanted);
    SAME(t, rank(model, by, cut, &scope, &got, &count), 0, "rank");
    SAME(t, count, expected, "persons ranked");
    for (size_t i = 0; i < count; i++) {
        SAME(t, got[i].person, wanted[i].person, "person ranked");
        SAME(t, got[i].value, wanted[i].value, "value");
        SAME(t, got[i].spend, wanted[i].spend, "spend");
        SAME(t, got[i].visits, wanted[i].visits, "visits");
        SAME(t, got[i].last, wanted[i].last, "last visit");
    }
    free(got);
    free(wanted);
}

static void compare_values(const struct trial *t, const struct model *model, const struct cut *cut) {
    struct standing *got, one;
    size_t count;
    cr_assert_eq(segments(model, cut, NULL, &got, &count), 0);
    for (size_t i = 0; i < count; i++) {
        cr_assert(i == 0 || got[i - 1].person < got[i].person);
        cr_assert(person_value(model, got[i].person, cut, &one));
        SAME(t, one.spend, got[i].spend, "one person's spend");
        SAME(t, one.visits, got[i].visits, "one person's visits");
        SAME(t, one.last, got[i].last, "one person's last visit");
    }
    free(got);
}

static void compare_totals(const struct trial *t, const struct model *model, const struct cut *cut) {
    struct totals got, wanted;
    totals(model, cut, &got);
    naive_totals(&t->naive, cut, &wanted);
    SAME(t, got.events, wanted.events, "events");
    SAME(t, got.customers, wanted.customers, "customers");
    SAME(t, got.persons, wanted.persons, "persons");
    SAME(t, got.purchases, wanted.purchases, "purchases");
    SAME(t, got.lines, wanted.lines, "lines");
    SAME(t, got.returns, wanted.returns, "returns");
    SAME(t, got.anonymous, wanted.anonymous, "anonymous");
}

static void compare_complaint(const struct trial *t, const struct model *model, uint64_t id, const struct cut *cut) {
    struct complaint got, wanted;
    const struct zone zone = zone_fixed(0);
    bool there = naive_complaint(&t->naive, id, cut, NOW, HOURS, &wanted);
    SAME(t, complaint_of(model, id, cut, &zone, NOW, &got), there, "complaint there");
    if (!there) return;
    SAME(t, got.subject, wanted.subject, "subject");
    SAME(t, got.state, wanted.state, "state of a complaint");
    SAME(t, got.step, wanted.step, "step");
    SAME(t, got.steps, wanted.steps, "steps");
    SAME(t, got.level, wanted.level, "level");
    SAME(t, got.opened_at, wanted.opened_at, "opened");
    SAME(t, got.first_answer_at, wanted.first_answer_at, "first answer");
    SAME(t, got.closed_at, wanted.closed_at, "closed");
    SAME(t, got.satisfied, wanted.satisfied, "satisfied");
    SAME(t, got.score, wanted.score, "score");
    SAME(t, got.paused_ms, wanted.paused_ms, "paused");
    SAME(t, got.concurrent, wanted.concurrent, "concurrent");
    SAME(t, got.overdue, wanted.overdue, "overdue");
    SAME(t, got.escalated, wanted.escalated, "escalated");
    SAME(t, got.person, wanted.person, "whose it is");
    SAME(t, got.answer.spent_ms, wanted.answer.spent_ms, "time until the first answer");
    SAME(t, got.resolve.spent_ms, wanted.resolve.spent_ms, "time until it is closed");
    SAME(t, got.left_out, wanted.left_out, "steps left out");
    SAME(t, got.cost, wanted.cost, "cost");
    SAME(t, got.cycles, wanted.cycles, "cycles");
    SAME(t, got.last_offer, wanted.last_offer, "a last offer");
}

static void compare_complaints(const struct trial *t, const struct model *model) {
    uint64_t got[256], wanted[256];
    for (size_t i = 0; i < t->naive.count; i++) {
        uint64_t id = t->naive.events[i].id;
        if (t->naive.events[i].e.type != EVENT_complained) continue;
        for (size_t c = 0; c < CUT_COUNT; c++) compare_complaint(t, model, id, &CUTS[c]);
        compare_ids(t, got, complaint_thread(model, id, got, 256), wanted, naive_thread(&t->naive, id, wanted),
                    "thread");
        compare_ids(t, got, complaint_heads(model, id, got, 256), wanted, naive_complaint_heads(&t->naive, id, wanted),
                    "heads of a thread");
    }
}

struct sought {
    struct view store;
    uint8_t digest[DIGEST_SIZE];
    bool found;
};

static void keep_sought(void *context, struct view store, const uint8_t digest[DIGEST_SIZE]) {
    struct sought *sought = context;
    if (!view_equal(store, sought->store)) return;
    memcpy(sought->digest, digest, DIGEST_SIZE);
    sought->found = true;
}

static void compare_digest(struct trial *t, const struct model *model) {
    uint8_t digest[DIGEST_SIZE], of_store[DIGEST_SIZE];
    struct view store = view_of("S1");
    model_digest(model, NULL, digest);
    model_digest(model, &store, of_store);
    struct sought sought = {.store = store};
    SAME(t, model_digest_stores(model, NULL, keep_sought, &sought), true, "digests of all stores");
    if (sought.found) SAME(t, memcmp(sought.digest, of_store, DIGEST_SIZE), 0, "digest among those of all stores");
    if (t->has_digest) {
        SAME(t, memcmp(digest, t->digest, sizeof digest), 0, "digest");
        SAME(t, memcmp(of_store, t->of_store, sizeof of_store), 0, "digest of a store");
    }
    memcpy(t->digest, digest, sizeof digest);
    memcpy(t->of_store, of_store, sizeof of_store);
    t->has_digest = true;
}

static void compare(struct trial *t, const struct model *model) {
    compare_digest(t, model);
    compare_persons(t, model);
    compare_complaints(t, model);
    for (size_t c = 0; c < CUT_COUNT; c++) {
        compare_totals(t, model, &CUTS[c]);
        compare_values(t, model, &CUTS[c]);
        for (enum measure by = BY_SPEND; by <= BY_MARGIN; by++) {
            compare_rank(t, model, by, &CUTS[c], VIEW_NONE);
            compare_rank(t, model, by, &CUTS[c], view_of("S1"));
        }
    }
}

/* The hint a writer gives the record: by the model, or where the subject's own event stands, if its frame names it. */
static void compare_hint(const struct trial *t, const struct model *model, struct log *log,
                         const struct record *record) {
    struct event e;
    struct buf frame = BUF_INIT;
    if (event_decode(record->frame, &e, NULL) < 0 || e.subject == 0) return;
    uint64_t hint = model_last_position(model, e.subject);
    for (uint64_t at = 1; hint == 0 && at < record->position; at++) {
        struct record before;
        buf_clear(&frame);
        struct event own;
        cr_assert_eq(log_get(log, at, &before, &frame, NULL), 0);
        if (before.id == e.subject && event_decode(before.frame, &own, NULL) >= 0 && own.subject == before.id)
            hint = at;
    }
    SAME(t, hint, record->previous, "hint");
    buf_release(&frame);
}

/* The first `alone` records one by one, the rest in one go. */
static void fold(struct trial *t, struct log *log, size_t alone) {
    struct model *model = model_open(log);
    struct buf frame = BUF_INIT;
    for (uint64_t at = 1; at <= alone; at++) {
        struct record record;
        buf_clear(&frame);
        cr_assert_eq(log_get(log, at, &record, &frame, NULL), 0);
        compare_hint(t, model, log, &record);
        cr_assert_eq(model_apply(model, &record, NULL), 0);
        SAME(t, model_position(model), at, "position");
    }
    cr_assert_eq(model_replay(model, alone, t->region.count, NULL, NULL), 0);
    SAME(t, model_position(model), t->region.count, "position");
    compare(t, model);
    buf_release(&frame);
    model_close(model);
    log->ops->close(log);
}

static void check_region(uint64_t seed) {
    struct trial *t = mem_alloc(sizeof *t);
    t->seed = seed;
    region_init(&t->region);
    region_random(&t->region, seed, STEPS);
    naive_open(&t->naive, &t->region);
    size_t count = t->region.count;
    size_t *order = mem_alloc(count * sizeof *order);
    fold(t, region_log(&t->region, NULL, count), count);
    for (int i = 0; i < ORDERS; i++) {
        region_interleave(&t->region, order);
        fold(t, region_real_log(&t->region, order, count), region_roll(&t->region, count + 1));
        region_shuffle(&t->region, order);
        fold(t, region_log(&t->region, order, count), region_roll(&t->region, count + 1));
    }
    free(order);
    naive_release(&t->naive);
    region_release(&t->region);
    free(t);
}

Test(model_property, any_order_of_arrival_gives_what_the_set_of_events_says) {
    for (uint64_t seed = 1; seed <= REGIONS; seed++) check_region(seed);
}
