/* What the fold costs over what it reads, and what the model holds.
 *
 *   rebuild          events a second folded from an LMDB log of 2,000,000 sales to 200,000 customers and their
 *                    registrations; baseline: the bare scan of the same log by an iterator, in turns with it
 *   rank_1m          ms to rank 1,000,000 customers with 10 purchases each by spend; baseline: qsort of as many pairs
 * of
 *                    value and index
 *   memory_customer  bytes of memory a registered customer takes; baseline: the limit of 400
 *   memory_purchase  bytes a purchase takes; baseline: the limit of 24 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "proto/base/env.h"
#include "proto/base/idmap.h"
#include "proto/event/describe.h"
#include "proto/event/hlc.h"
#include "proto/event/seal.h"
#include "proto/model/questions.h"
#include "tests/support/bench.h"
#include "tests/support/bench_log.h"

#define STORES 50
#define SALES 2000000
#define CUSTOMERS 200000
#define ROUNDS 7
#define RANKED 1000000
#define RANKED_SALES 10
#define START INT64_C(1704067200000) /* 2024-01-01 */

static double now_ms(void) { return bench_seconds() * 1e3; }

/* ---- Events: customers are spread over the stores, each store's first; then sales to anybody ---- */

struct maker {
    uint64_t dice;
    uint64_t customers, made;
    uint64_t seq[STORES + 1]; /* stores are streams 1 … */
    struct buf lines;
};

static uint64_t roll(struct maker *m, uint64_t below) {
    m->dice ^= m->dice << 13;
    m->dice ^= m->dice >> 7;
    m->dice ^= m->dice << 17;
    return m->dice % below;
}

static uint64_t customer_id(uint64_t number) { return id_make((uint32_t)(number % STORES) + 1, number / STORES + 1); }

static void encode(const struct event *e, struct buf *frame) {
    static const struct customer_key key = {{7}};
    struct err err;
    int rc = event_encode(e, &key, env_os(), frame, &err);
    if (rc != 0) fprintf(stderr, "bench_fold: %s %s\n", err.field, err.text);
    bench_must(rc == 0, "encoding");
}

static void make_registered(uint64_t id, int64_t ms, struct buf *frame) {
    struct event e;
    event_init(&e, EVENT_registered);
    e.hlc = hlc_make(ms, 0);
    e.subject = id;
    event_sealed_set(&e, event_info(e.type), SEALED_registered_name, view_of("Kim Dangol"));
    event_sealed_set(&e, event_info(e.type), SEALED_registered_phone, view_of("010-1234-5678"));
    encode(&e, frame);
}

static void make_sold(struct maker *m, uint64_t customer, int64_t ms, struct buf *frame) {
    struct event e;
    event_init(&e, EVENT_sold);
    e.hlc = hlc_make(ms, 0);
    e.actor = view_of("07");
    e.subject = customer;
    for (uint64_t lines = 1 + roll(m, 3); lines > 0; lines--) {
        struct row_sale_line line = {view_of("880123456"), 1000, (int64_t)roll(m, 200) * 1000, NIL, NIL, NIL};
        row_sale_line_append(&e.body.sold.lines, &m->lines, &line);
    }
    encode(&e, frame);
}

/* Appends the next event's frame; returns its id. */
static uint64_t make_next(struct maker *m, struct buf *frame) {
    uint64_t number = m->made++;
    bool registers = number < m->customers;
    uint32_t stream = (uint32_t)((registers ? number : roll(m, STORES)) % STORES) + 1;
    uint64_t id = id_make(stream, ++m->seq[stream]);
    if (registers)
        make_registered(id, START + (int64_t)number, frame);
    else
        make_sold(m, customer_id(roll(m, m->customers)), START + (int64_t)number, frame);
    return id;
}

/* ---- rebuild ---- */

struct filler {
    struct maker maker;
    struct idmap last; /* customer → position of its last record */
    uint64_t position;
};

static void fill_next(void *context, struct log_append *record, struct buf *frame) {
    struct filler *f = context;
    struct event e;
    size_t start = frame->len;
    *record = (struct log_append){.id = make_next(&f->maker, frame)};
    event_decode(view_make(frame->data + start, frame->len - start), &e, NULL);
    uint64_t *last = idmap_put(&f->last, e.subject, NULL);
    record->previous = *last;
    *last = ++f->position;
}

static void bench_rebuild(void) {
    struct filler f = {.maker = {.dice = 88172645463325252u, .customers = CUSTOMERS}};
    struct bench_source source = {&f, fill_next, f.maker.seq, STORES};
    struct log *log = bench_log_fill("fold.log", &source, CUSTOMERS + SALES);
    double folded, scanned;
    bench_log_rates(log, &folded, &scanned);
    bench_tell("rebuild", "events/s", folded, scanned, folded / scanned);
    log->ops->close(log);
    buf_release(&f.maker.lines);
    idmap_release(&f.last);
}

/* ---- rank and memory: a log that is never stored, made as it is read ---- */

struct made_iterator {
    struct log_iterator base;
    struct maker maker;
    struct buf frame;
};

static int made_seek(struct log_iterator *base, uint64_t position) {
    bench_must(((struct made_iterator *)base)->maker.made + 1 == position, "reading on");
    return 0;
}

static int made_next(struct log_iterator *base, struct record *out, struct err *err) {
    struct made_iterator *it = (struct made_iterator *)base;
    (void)err;
    buf_clear(&it->frame);
    uint64_t id = make_next(&it->maker, &it->frame);
    *out = (struct record){.position = it->maker.made, .id = id, .frame = buf_view(&it->frame)};
    return 0;
}

static void made_keep(struct log_iterator *base) { (void)base; }

static struct made_iterator made = {.maker = {.dice = 88172645463325252u, .customers = RANKED}};

static int made_iterate(struct log *log, struct log_iterator **out, struct err *err) {
    static const struct log_iterator_ops ops = {made_seek, made_next, NULL, made_keep, made_keep};
    (void)log;
    (void)err;
    made.base.ops = &ops;
    *out = &made.base;
    return 0;
}

struct pair {
    int64_t value;
    uint32_t index;
};

static int by_pair(const void *a, const void *b) {
    const struct pair *x = a, *y = b;
    if (x->value != y->value) return x->value < y->value ? 1 : -1;
    return (x->index > y->index) - (x->index < y->index);
}

static double rank_once(const struct model *model, struct standing **out) {
    static const struct cut cut = {TIME_NONE, TIME_NONE};
    static const struct scope scope = {{NULL, 0}, {NULL, 0}};
    size_t count;
    double start = now_ms();
    bench_must(rank(model, BY_SPEND, &cut, &scope, out, &count) == 0, "rank");
    double spent = now_ms() - start;
    bench_must(count > RANKED / 10 * 9, "ranking everybody");
    return spent;
}

/* The same values in the order of ids, which has nothing to do with theirs. */
static double sort_once(struct pair *pairs) {
    struct pair *copy = mem_alloc(RANKED * sizeof *copy);
    memcpy(copy, pairs, RANKED * sizeof *copy);
    double start = now_ms();
    qsort(copy, RANKED, sizeof *copy, by_pair);
    double spent = now_ms() - start;
    free(copy);
    return spent;
}

static void bench_rank(const struct model *model) {
    struct pair *pairs = mem_alloc(RANKED * sizeof *pairs);
    static const struct cut cut = {TIME_NONE, TIME_NONE};
    double ranks[ROUNDS], sorts[ROUNDS];
    struct standing *standings;
    size_t count;
    bench_must(segments(model, &cut, NULL, &standings, &count) == 0 && count == RANKED, "segments");
    for (uint32_t i = 0; i < RANKED; i++) pairs[i] = (struct pair){standings[i].value, i};
    free(standings);
    for (int i = 0; i < ROUNDS; i++) {
        sorts[i] = sort_once(pairs);
        ranks[i] = rank_once(model, &standings);
        free(standings);
    }
    double value = bench_median(ranks, ROUNDS), baseline = bench_median(sorts, ROUNDS);
    bench_tell("rank_1m", "ms", value, baseline, baseline / value);
    free(pairs);
}

static void bench_large(void) {
    static const struct log_ops ops = {.iterate = made_iterate};
    struct log log = {&ops};
    buf_reserve(&made.frame, FRAME_MAX);
    struct model *model = model_open(&log);
    double start = bench_own_bytes();
    bench_must(model_replay(model, 0, RANKED, NULL, NULL) == 0, "registrations");
    double customers = bench_own_bytes();
    bench_must(model_replay(model, RANKED, RANKED + (uint64_t)RANKED * RANKED_SALES, NULL, NULL) == 0, "sales");
    double purchases = bench_own_bytes();
    double a_customer = (customers - start) / RANKED, a_purchase = (purchases - customers) / RANKED / RANKED_SALES;
    bench_tell("memory_customer", "bytes", a_customer, 400, 400 / a_customer);
    bench_tell("memory_purchase", "bytes", a_purchase, 24, 24 / a_purchase);
    bench_rank(model);
    model_close(model);
    buf_release(&made.frame);
    buf_release(&made.maker.lines);
}

int main(void) {
    bench_large();
    bench_rebuild();
    return EXIT_SUCCESS;
}
