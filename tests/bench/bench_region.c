/* A year of a whole region (support/region_year.h): 200 stores, ten events a customer, of every kind.
 *
 *   region_rebuild    events folded from its log in a second of one core; baseline: the floor of 3,000,000
 *   region_scan       the same over the bare scan of that log, in turns with it
 *   region_customer   bytes a customer takes, with all that is about her but purchases; baseline: the limit of 600
 *   region_purchase   bytes a sale or return takes on top of that; baseline: the limit of 24
 *   region_question_X ms for what is asked while somebody waits; baseline: the limit of 50 (20 for a ranking's page)
 *   region_report_X   ms for what shows how far it is; baseline: adding up as many rows of 24 bytes by their customer,
 *                     all over memory
 *   region_hold_X     ms that a report keeps the model to itself at a time; baseline: the limit of 10
 *   region_card       ms for one customer's value as of a day, points and packages; baseline: reading the records about
 *                     her
 *
 * DANGOL_REGION_CUSTOMERS sets how many customers (100,000; the whole region has 1,000,000, which takes minutes and
 * about 2 GB on disk). */
#include <stdio.h>
#include <stdlib.h>

#include "proto/model/followups.h"
#include "proto/model/inactive.h"
#include "proto/model/margins.h"
#include "proto/model/months.h"
#include "proto/model/packages.h"
#include "proto/model/points.h"
#include "proto/model/questions.h"
#include "proto/model/rfm.h"
#include "tests/support/bench.h"
#include "tests/support/bench_log.h"
#include "tests/support/region_year.h"

#define STORES 200
#define EVENTS_EACH 10
#define ROUNDS 5
#define CARDS 200
#define REBUILD_FLOOR 3e6
#define CUSTOMER_LIMIT 600.0
#define PURCHASE_LIMIT 24.0
#define PAGE_LIMIT_MS 20.0
#define QUESTION_LIMIT_MS 50.0
#define HOLD_LIMIT_MS 10.0

/* Of a core: what else the machine does is no matter. */
static double now_ms(void) { return bench_cpu_seconds() * 1e3; }

/* ---- The log ---- */

static void next_of_year(void *year, struct log_append *record, struct buf *frame) { year_next(year, record, frame); }

static struct log *fill_log(struct year *y) {
    struct bench_source source = {y, next_of_year, y->seq, STORES};
    return bench_log_fill("region.log", &source, y->events);
}

/* The same log without its sales and returns: what customers take. */
struct without_rows {
    struct log log;
    struct log *all;
};
struct without_rows_iterator {
    struct log_iterator base;
    struct log_iterator *all;
};

static int pass_seek(struct log_iterator *base, uint64_t position) {
    struct log_iterator *all = ((struct without_rows_iterator *)base)->all;
    return all->ops->seek(all, position);
}
static int pass_next(struct log_iterator *base, struct record *out, struct err *err) {
    struct log_iterator *all = ((struct without_rows_iterator *)base)->all;
    struct event e;
    int rc;
    do rc = all->ops->next(all, out, err);
    while (rc == 0 && event_decode(out->frame, &e, NULL) == EVENT_GOOD &&
           (e.type == EVENT_sold || e.type == EVENT_returned));
    return rc;
}
static void pass_pause(struct log_iterator *base) {
    struct log_iterator *all = ((struct without_rows_iterator *)base)->all;
    all->ops->pause(all);
}
static void pass_close(struct log_iterator *base) {
    struct log_iterator *all = ((struct without_rows_iterator *)base)->all;
    all->ops->close(all);
    free(base);
}

static int pass_iterate(struct log *log, struct log_iterator **out, struct err *err) {
    static const struct log_iterator_ops ops = {pass_seek, pass_next, NULL, pass_pause, pass_close};
    struct without_rows_iterator *it = mem_alloc(sizeof *it);
    struct log *all = ((struct without_rows *)log)->all;
    it->base.ops = &ops;
    *out = &it->base;
    return all->ops->iterate(all, &it->all, err);
}

/* ---- Memory ---- */

/* Both models stay until both are measured: what one gives back is not taken for the other's. */
static struct model *bench_memory(struct log *log, const struct year *y) {
    struct log_ops ops = *log->ops;
    ops.iterate = pass_iterate;
    struct without_rows few = {.log = {&ops}, .all = log};
    double start = bench_own_bytes();
    struct model *customers = bench_log_fold(&few.log, log_tip(log));
    double between = bench_own_bytes();
    struct model *all = bench_log_fold(log, log_tip(log));
    double end = bench_own_bytes(), a_customer = (between - start) / (double)y->customers;
    double a_purchase = (end - between - (between - start)) / (double)(y->sales + y->returns);
    model_close(customers);
    bench_tell("region_customer", "bytes", a_customer, CUSTOMER_LIMIT, CUSTOMER_LIMIT / a_customer);
    bench_tell("region_purchase", "bytes", a_purchase, PURCHASE_LIMIT, PURCHASE_LIMIT / a_purchase);
    return all;
}

/* ---- Questions ---- */

struct bare_row {
    uint64_t time;
    int64_t amount;
    uint32_t owner, seq;
};

static double add_up(const struct bare_row *rows, size_t count, size_t owners) {
    int64_t *sums = mem_alloc(owners * sizeof *sums);
    double start = now_ms();
    for (size_t i = 0; i < count; i++) sums[rows[i].owner] += rows[i].amount;
    double spent = now_ms() - start;
    bench_must(sums[0] != 0, "adding up");
    free(sums);
    return spent;
}

static double bare_scan(const struct year *y) {
    size_t count = (size_t)(y->sales + y->returns);
    struct bare_row *rows = mem_alloc((count + 1) * sizeof *rows);
    uint64_t dice = 88172645463325252u;
    double rounds[ROUNDS];
    for (size_t i = 0; i < count; i++) {
        dice ^= dice << 13;
        dice ^= dice >> 7;
        dice ^= dice << 17;
        rows[i] = (struct bare_row){i, 1000, (uint32_t)(dice % y->customers), (uint32_t)i};
    }
    rows[count] = (struct bare_row){0, 1, 0, 0};
    for (int i = 0; i < ROUNDS; i++) rounds[i] = add_up(rows, count + 1, (size_t)y->customers);
    free(rows);
    return bench_median(rounds, ROUNDS);
}

static const struct cut everything = {TIME_NONE, TIME_NONE};
static const struct cut half = {YEAR_START + (YEAR_END - YEAR_START) / 2, YEAR_END};
static const struct scope anywhere = {{NULL, 0}, {NULL, 0}};

/* How long a report keeps the model at most before it lets others have it. */
struct holding {
    double since, longest;
    bool left;
};

static void let_go(void *context, uint64_t done, uint64_t all) {
    struct holding *h = context;
    double now = now_ms();
    (void)done, (void)all;
    if (!h->left && h->longest < now - h->since) h->longest = now - h->since;
    h->since = now_ms();
    h->left = false;
}

static void leave(void *context) {
    let_go(context, 1, 1);
    ((struct holding *)context)->left = true;
}

static void ask_rank(const struct model *model, enum measure by, const struct cut *cut, const struct pace *pace) {
    struct standing *ranking;
    size_t count;
    bench_must(rank_paced(model, by, cut, &anywhere, 0, pace, &ranking, &count) == 0 && count > 0, "rank");
    free(ranking);
}
static void ask_vip(const struct model *model, const struct pace *pace) {
    ask_rank(model, BY_SPEND, &everything, pace);
}
static void ask_vip_window(const struct model *model, const struct pace *pace) {
    ask_rank(model, BY_SPEND, &half, pace);
}
static void ask_vip_margin(const struct model *model, const struct pace *pace) {
    ask_rank(model, BY_MARGIN, &everything, pace);
}
static void ask_vip_first(const struct model *model, const struct pace *pace) {
    struct standing *first;
    size_t count;
    (void)pace;
    bench_must(rank_first(model, BY_SPEND, &everything, &anywhere, 100, &first, &count) == 0 && count >= 100,
               "the first hundred");
    free(first);
}
static void ask_pyramid(const struct model *model, const struct pace *pace) {
    struct profit_groups groups;
    ask_vip(model, pace);
    pace_rest(pace, 0, 0);
    bench_must(profit_groups(model, &everything, &anywhere, pace, &groups), "profit groups");
}
static void ask_segments(const struct model *model, const struct pace *pace) {
    struct zone zone = zone_fixed(0);
    struct segment *all;
    size_t count;
    bench_must(segments_valued(model, &zone, YEAR_END, pace, &all, &count) == 0 && count > 0, "segments");
    free(all);
}
static void ask_months(const struct model *model, const struct pace *pace) {
    struct zone zone = zone_fixed(0);
    struct month_grid grid;
    months_open(model, &zone, (struct date){2025, 1, 1}, YEAR_END - 1, &anywhere, pace, &grid);
    bench_must(grid.count == 12 && grid.figures[11].active > 0, "months");
    months_close(&grid);
}
static void ask_came_back(const struct model *model, const struct pace *pace) {
    struct zone zone = zone_fixed(0);
    struct came_back spans[POLICY_LISTED_MAX];
    bench_must(came_back(model, &zone, TIME_NONE, YEAR_END, &anywhere, pace, spans) > 0, "who came back");
}
static void ask_inactive(const struct model *model, const struct pace *pace) {
    struct zone zone = zone_fixed(0);
    struct inactive *all;
    size_t count;
    bench_must(inactive_list(model, &zone, YEAR_END, &anywhere, pace, &all, &count) == 0 && count > 0, "inactive");
    free(all);
}
static void ask_totals(const struct model *model, const struct pace *pace) {
    struct totals t;
    (void)pace;
    totals(model, &everything, &t);
    bench_must(t.customers > 0, "totals");
}

/* ---- The days of a desk ---- */

static struct dated *birthdays; /* of all customers */
static size_t birthday_count;

static bool dated_at(void *context, size_t index, struct dated *out) {
    (void)context;
    if (index >= birthday_count) return false;
    *out = birthdays[index];
    return true;
}

static void make_birthdays(const struct year *y) {
    birthday_count = (size_t)y->customers;
    birthdays = mem_alloc(birthday_count * sizeof *birthdays);
    for (size_t i = 0; i < birthday_count; i++)
        birthdays[i] = (struct dated){y->customer_ids[i], (uint8_t)(1 + i % 12), (uint8_t)(1 + i / 12 % 28), true};
}

static void follow_up(const struct model *model, const char *store, const struct pace *pace) {
    struct zone zone = zone_fixed(0);
    struct followup_question question = {
        .now = YEAR_END - 1, .zone = &zone, .region = true, .reader = {.dated_at = dated_at}, .store = view_of(store)};
    struct buf text = BUF_INIT; /* as the programs do: the words, so that the model can be left */
    struct followup *all;
    size_t count;
    question.pace = pace;
    question.text = &text;
    bench_must(followups(model, &question, &all, &count) == 0 && count > 0, "follow-ups");
    free(all);
    buf_release(&text);
}
static void ask_followups(const struct model *model, const struct pace *pace) { follow_up(model, NULL, pace); }
static void ask_followups_store(const struct model *model, const struct pace *pace) { follow_up(model, "S7", pace); }

/* As the programs ask: the open ones at once, all of them in turns. */
static void ask_complaints(const struct model *model, const struct pace *pace) {
    struct zone zone = zone_fixed(0);
    struct complaint *list;
    size_t count;
    int rc = complaints_paced(model, &everything, &zone, YEAR_END, pace, &list, &count);
    bench_must(rc == 0 && count > 0, "complaints");
    free(list);
}
static void ask_complaints_open(const struct model *model, const struct pace *pace) {
    struct zone zone = zone_fixed(0);
    struct complaint *list;
    size_t count;
    (void)pace;
    bench_must(complaints_open(model, &everything, &zone, YEAR_END, &list, &count) == 0 && count > 0, "open ones");
    free(list);
}
static void ask_digest(const struct model *model, const struct pace *pace) {
    uint8_t digest[DIGEST_SIZE];
    model_digest_paced(model, pace, digest);
}

/* Each store is a stream; a store's follow-ups are asked for by its name. */
static void name_stores(struct model *model) {
    for (uint32_t stream = 1; stream <= STORES; stream++) {
        char code[16];
        snprintf(code, sizeof code, "S%u", (unsigned)stream);
        model_assume_store(model, stream, view_of(code), view_of(code), view_of("chain"));
    }
    model_assume_policy(model, view_of("thank-amount"), view_of("800000"));
    model_assume_policy(model, view_of("letter-spend"), view_of("5000000,10000000"));
}

struct asked {
    const char *name;
    void (*ask)(const struct model *model, const struct pace *pace);
    double limit; /* ms of a question; 0: it is a report */
};

/* The one place that says which is which: a question is answered while somebody waits for it, a report shows how far it
 * is and lets others have the model meanwhile. */
static const struct asked all_asked[] = {
    {"vip_first", ask_vip_first, PAGE_LIMIT_MS},
    {"followups_store", ask_followups_store, QUESTION_LIMIT_MS},
    {"complaints_open", ask_complaints_open, QUESTION_LIMIT_MS},
    {"totals", ask_totals, QUESTION_LIMIT_MS},
    {"vip", ask_vip, 0},
    {"vip_window", ask_vip_window, 0},
    {"vip_margin", ask_vip_margin, 0},
    {"pyramid", ask_pyramid, 0},
    {"segments", ask_segments, 0},
    {"months", ask_months, 0},
    {"back", ask_came_back, 0},
    {"inactive", ask_inactive, 0},
    {"followups", ask_followups, 0},
    {"complaints", ask_complaints, 0},
    {"digest", ask_digest, 0},
};

static void bench_asked(const struct model *model, const struct asked *asked, double baseline) {
    double rounds[ROUNDS], holds[ROUNDS];
    char name[64];
    for (int i = 0; i < ROUNDS; i++) {
        struct holding holding = {.since = now_ms()};
        struct pace pace = {let_go, leave, &holding};
        double start = now_ms();
        asked->ask(model, asked->limit > 0 ? NULL : &pace);
        let_go(&holding, 1, 1);
        rounds[i] = now_ms() - start;
        holds[i] = holding.longest;
    }
    double value = bench_median(rounds, ROUNDS), hold = bench_median(holds, ROUNDS);
    double against = asked->limit > 0 ? asked->limit : baseline;
    snprintf(name, sizeof name, "region_%s_%s", asked->limit > 0 ? "question" : "report", asked->name);
    bench_tell(name, "ms", value, against, against / value);
    if (asked->limit > 0) return;
    snprintf(name, sizeof name, "region_hold_%s", asked->name);
    bench_tell(name, "ms", hold, HOLD_LIMIT_MS, HOLD_LIMIT_MS / hold);
}

static void read_records(const struct model *model, struct log *log, uint64_t customer) {
    struct buf frame = BUF_INIT;
    struct record record;
    for (uint64_t at = model_last_position(model, customer); at != 0; at = record.previous) {
        buf_clear(&frame);
        bench_must(log_get(log, at, &record, &frame, NULL) == 0, "reading");
    }
    buf_release(&frame);
}

static void show_card(const struct model *model, uint64_t customer) {
    struct zone zone = zone_fixed(0);
    struct standing value;
    struct points points;
    struct package *packages;
    size_t count;
    person_value(model, customer, &half, &value);
    bench_must(points_of(model, customer, YEAR_END, &points), "points");
    bench_must(packages_of(model, &zone, customer, YEAR_END, &packages, &count, NULL) == 0, "packages");
    free(packages);
}

static void bench_card(const struct model *model, struct log *log, const struct year *y) {
    double cards[CARDS], reads[CARDS];
    for (size_t i = 0; i < CARDS; i++) {
        uint64_t customer = y->customer_ids[i * (size_t)(y->customers / CARDS)];
        read_records(model, log, customer); /* from disk */
        double start = now_ms();
        read_records(model, log, customer);
        double middle = now_ms();
        show_card(model, customer);
        cards[i] = now_ms() - middle;
        reads[i] = middle - start;
    }
    double value = bench_median(cards, CARDS), baseline = bench_median(reads, CARDS);
    bench_tell("region_card", "ms", value, baseline, baseline / value);
}

int main(void) {
    const char *asked = getenv("DANGOL_REGION_CUSTOMERS");
    uint64_t customers = asked == NULL ? 100000 : strtoull(asked, NULL, 10);
    bench_must(customers >= CARDS, "at least 200 customers");
    struct year y;
    year_init(&y, STORES, customers, customers * EVENTS_EACH);
    struct log *log = fill_log(&y);
    struct model *model = bench_memory(log, &y);
    name_stores(model);
    make_birthdays(&y);
    double bare = bare_scan(&y);
    for (size_t i = 0; i < sizeof all_asked / sizeof *all_asked; i++) bench_asked(model, &all_asked[i], bare);
    free(birthdays);
    bench_card(model, log, &y);
    model_close(model);
    double folded, scanned;
    bench_log_rates(log, &folded, &scanned);
    bench_tell("region_rebuild", "events/s", folded, REBUILD_FLOOR, folded / REBUILD_FLOOR);
    bench_tell("region_scan", "events/s", folded, scanned, folded / scanned);
    log->ops->close(log);
    year_release(&y);
    return EXIT_SUCCESS;
}
