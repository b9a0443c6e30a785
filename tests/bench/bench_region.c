/* A year of a whole region (support/region_year.h): 200 stores, ten events a customer, of every kind.
 *
 *   region_rebuild    events folded from its log in a second of one core; baseline: the floor of 3,000,000
 *   region_scan       the same over the bare scan of that log, in turns with it
 *   region_customer   bytes a customer takes, with all that is about her but purchases; baseline: the limit of 600
 *   region_purchase   bytes a sale or return takes on top of that; baseline: the limit of 24
 *   region_vip_first  ms for the first hundred of the ranking; baseline: the limit of 20 for a page of it
 *   region_QUESTION   ms, of vip (everything, and a window), vip by margin, pyramid, segments, months (gained, lost),
 *                     back (who came back); baseline: adding up as many rows of 24 bytes by their customer, all over
 *                     memory
 *   region_card       ms for one customer's value as of a day, points and packages; baseline: reading the records about
 *                     her
 *
 * DANGOL_REGION_CUSTOMERS sets how many customers (100,000; the whole region has 1,000,000, which takes minutes and
 * about 2 GB on disk). */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "proto/base/env.h"
#include "proto/model/inactive.h"
#include "proto/model/margins.h"
#include "proto/model/months.h"
#include "proto/model/packages.h"
#include "proto/model/points.h"
#include "proto/model/questions.h"
#include "proto/model/rfm.h"
#include "tests/support/bench.h"
#include "tests/support/region_year.h"

#define STORES 200
#define EVENTS_EACH 10
#define BATCH 10000
#define ROUNDS 5
#define CARDS 200
#define REBUILD_FLOOR 3e6
#define CUSTOMER_LIMIT 600.0
#define PURCHASE_LIMIT 24.0
#define PAGE_LIMIT_MS 20.0

static double now_ms(void) { return bench_seconds() * 1e3; }

/* ---- The log ---- */

static void append_batch(struct log *log, struct year *y, size_t count) {
    struct log_append *records = mem_alloc(count * sizeof *records);
    struct head heads[STORES] = {{0}};
    size_t *starts = mem_alloc((count + 1) * sizeof *starts), used = 0;
    struct buf frames = BUF_INIT;
    for (size_t i = 0; i < count; i++) {
        starts[i] = frames.len;
        year_next(y, &records[i], &frames);
    }
    starts[count] = frames.len;
    for (size_t i = 0; i < count; i++) records[i].frame = view_make(frames.data + starts[i], starts[i + 1] - starts[i]);
    for (uint32_t stream = 1; stream <= STORES; stream++) {
        struct head head = {.stream = stream};
        log_head(log, stream, &head);
        if (head.seq == y->seq[stream]) continue;
        head.seq = y->seq[stream]; /* not signed: nothing here asks for it */
        heads[used++] = head;
    }
    struct log_batch batch = {.records = records, .record_count = count, .heads = heads, .head_count = used};
    uint64_t first;
    struct err err;
    int rc = log_append(log, &batch, &first, &err);
    if (rc != 0) fprintf(stderr, "bench_region: %s\n", err.text);
    bench_must(rc == 0, "append");
    buf_release(&frames);
    free(starts);
    free(records);
}

static struct log *fill_log(struct year *y) {
    struct log *log;
    struct err err;
    bench_must(log_lmdb_open("region.log", env_os(), 0, &log, &err) == 0, "opening the log");
    while (y->made < y->events) {
        uint64_t left = y->events - y->made;
        append_batch(log, y, left < BATCH ? (size_t)left : BATCH);
    }
    return log;
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

/* ---- Folding ---- */

static struct model *fold(struct log *log, uint64_t to) {
    struct model *model = model_open(log);
    bench_must(model_replay(model, 0, to, NULL, NULL) == 0, "replay");
    return model;
}

static double fold_once(struct log *log) {
    double start = bench_cpu_seconds();
    struct model *model = fold(log, log_tip(log));
    double spent = bench_cpu_seconds() - start;
    model_close(model);
    return spent;
}

static double scan_once(struct log *log) {
    double start = bench_cpu_seconds();
    struct log_iterator *it;
    struct record record;
    uint64_t bytes = 0;
    bench_must(log->ops->iterate(log, &it, NULL) == 0 && it->ops->seek(it, 1) == 0, "iterating");
    while (it->ops->next(it, &record, NULL) == 0) bytes += record.frame.len + record.frame.data[0];
    it->ops->close(it);
    bench_must(bytes > 0, "scanning");
    return bench_cpu_seconds() - start;
}

static void bench_rebuild(struct log *log, double events) {
    double folds[ROUNDS], scans[ROUNDS];
    fold_once(log);
    for (int i = 0; i < ROUNDS; i++) {
        scans[i] = scan_once(log);
        folds[i] = fold_once(log);
    }
    double value = events / bench_median(folds, ROUNDS), scan = events / bench_median(scans, ROUNDS);
    bench_tell("region_rebuild", "events/s", value, REBUILD_FLOOR, value / REBUILD_FLOOR);
    bench_tell("region_scan", "events/s", value, scan, value / scan);
}

/* ---- Memory ---- */

/* Memory of the process that is its own, no mapped files. */
static double own_bytes(void) {
    FILE *status = fopen("/proc/self/status", "r");
    char line[128];
    double kib = 0;
    bench_must(status != NULL, "reading /proc/self/status");
    while (fgets(line, sizeof line, status) != NULL)
        if (strncmp(line, "RssAnon:", 8) == 0) kib = strtod(line + 8, NULL);
    fclose(status);
    return kib * 1024;
}

/* Both models stay until both are measured: what one gives back is not taken for the other's. */
static struct model *bench_memory(struct log *log, const struct year *y) {
    struct log_ops ops = *log->ops;
    ops.iterate = pass_iterate;
    struct without_rows few = {.log = {&ops}, .all = log};
    double start = own_bytes();
    struct model *customers = fold(&few.log, log_tip(log));
    double between = own_bytes();
    struct model *all = fold(log, log_tip(log));
    double end = own_bytes(), a_customer = (between - start) / (double)y->customers;
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

static void ask_rank(const struct model *model, enum measure by, const struct cut *cut) {
    struct standing *ranking;
    size_t count;
    bench_must(rank(model, by, cut, &anywhere, &ranking, &count) == 0 && count > 0, "rank");
    free(ranking);
}
static void ask_vip(const struct model *model) { ask_rank(model, BY_SPEND, &everything); }
static void ask_vip_window(const struct model *model) { ask_rank(model, BY_SPEND, &half); }
static void ask_vip_margin(const struct model *model) { ask_rank(model, BY_MARGIN, &everything); }
static void ask_pyramid(const struct model *model) {
    struct profit_groups groups;
    ask_rank(model, BY_SPEND, &everything);
    bench_must(profit_groups(model, &everything, &anywhere, &groups), "profit groups");
}
static void ask_segments(const struct model *model) {
    struct zone zone = zone_fixed(0);
    struct segment *all;
    size_t count;
    bench_must(segments_valued(model, &zone, YEAR_END, &all, &count) == 0 && count > 0, "segments");
    free(all);
}
static void ask_months(const struct model *model) {
    struct zone zone = zone_fixed(0);
    struct month_grid grid;
    months_open(model, &zone, (struct date){2025, 1, 1}, YEAR_END - 1, &anywhere, &grid);
    bench_must(grid.count == 12 && grid.figures[11].active > 0, "months");
    months_close(&grid);
}
static void ask_came_back(const struct model *model) {
    struct zone zone = zone_fixed(0);
    struct came_back spans[POLICY_LISTED_MAX];
    bench_must(came_back(model, &zone, TIME_NONE, YEAR_END, &anywhere, spans) > 0, "who came back");
}

static void bench_first(const struct model *model) {
    double rounds[ROUNDS];
    for (int i = 0; i < ROUNDS; i++) {
        struct standing *first;
        size_t count;
        double start = now_ms();
        bench_must(rank_first(model, BY_SPEND, &everything, &anywhere, 100, &first, &count) == 0 && count >= 100,
                   "the first hundred");
        rounds[i] = now_ms() - start;
        free(first);
    }
    double value = bench_median(rounds, ROUNDS);
    bench_tell("region_vip_first", "ms", value, PAGE_LIMIT_MS, PAGE_LIMIT_MS / value);
}

static void bench_questions(const struct model *model, const struct year *y) {
    static const struct {
        const char *name;
        void (*ask)(const struct model *model);
    } questions[] = {
        {"region_vip", ask_vip},         {"region_vip_window", ask_vip_window}, {"region_vip_margin", ask_vip_margin},
        {"region_pyramid", ask_pyramid}, {"region_segments", ask_segments},     {"region_months", ask_months},
        {"region_back", ask_came_back}};
    double baseline = bare_scan(y);
    for (size_t q = 0; q < sizeof questions / sizeof *questions; q++) {
        double rounds[ROUNDS];
        for (int i = 0; i < ROUNDS; i++) {
            double start = now_ms();
            questions[q].ask(model);
            rounds[i] = now_ms() - start;
        }
        double value = bench_median(rounds, ROUNDS);
        bench_tell(questions[q].name, "ms", value, baseline, baseline / value);
    }
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
    bench_first(model);
    bench_questions(model, &y);
    bench_card(model, log, &y);
    model_close(model);
    bench_rebuild(log, (double)y.events);
    log->ops->close(log);
    year_release(&y);
    return EXIT_SUCCESS;
}
