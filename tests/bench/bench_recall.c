/* At the counter: a customer is recalled by telephone number, or looked for by a part of her name, in a store whose key
 * ring and log are on disk.
 *
 *   recall        µs of a core from the number to the card's JSON; baseline: the limit of 1 ms
 *   recall_bare   the same; baseline: her key, her file opened once, and her records read, with nothing around it
 *   name_search   ms for all customers with a part of a name; baseline: the limit of 50 ms
 *   name_bare     the same; baseline: memmem over as many bytes
 *   name_index    µs a customer to make the index at the first search; baseline: opening her file, with nothing around
 *                 it
 *
 * DANGOL_RECALL_CUSTOMERS sets how many customers (50,000), with five sales each. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "proto/base/env.h"
#include "proto/command/ask.h"
#include "proto/command/recall.h"
#include "proto/event/describe.h"
#include "tests/support/bench.h"
#include "tests/support/shop.h"
#include "tests/support/till.h"

#define SALES_EACH 5
#define BATCH 512
#define ROUNDS 5
#define RECALLS 4000
#define RECALL_LIMIT_US 1000.0
#define SEARCH_LIMIT_MS 50.0

static double now_us(void) { return bench_cpu_seconds() * 1e6; }

struct counter {
    struct shop shop;
    struct call call;
    atomic_bool stopped;
    struct till till;
    uint64_t dice;
};

static size_t any(struct counter *c) {
    c->dice ^= c->dice << 13;
    c->dice ^= c->dice >> 7;
    c->dice ^= c->dice << 17;
    return (size_t)(c->dice % c->till.customer_count);
}

/* ---- The store ---- */

static void phone_of(size_t number, char out[32]) {
    snprintf(out, 32, "010-%04zu-%04zu", number / 10000 % 10000, number % 10000);
}

static void register_batch(struct counter *c, size_t first, size_t count) {
    struct draft drafts[BATCH];
    char phones[BATCH][32], names[BATCH][40];
    struct err err;
    memset(drafts, 0, count * sizeof *drafts);
    for (size_t i = 0; i < count; i++) {
        struct event *e = &drafts[i].event;
        phone_of(first + i, phones[i]);
        snprintf(names[i], sizeof names[i], "Example Ann %zu", first + i);
        drafts[i].subject = SUBJECT_SELF;
        event_init(e, EVENT_registered);
        event_sealed_set(e, event_info(e->type), SEALED_registered_name, view_of(names[i]));
        event_sealed_set(e, event_info(e->type), SEALED_registered_phone, view_of(phones[i]));
        event_sealed_set(e, event_info(e->type), SEALED_registered_birthday, view_of("1980-02-29"));
        event_sealed_set(e, event_info(e->type), SEALED_registered_size, view_of("66, shoes 240"));
        bench_must(site_draft_tags(c->shop.site, &drafts[i], &err) == 0, "tags");
    }
    bench_must(site_write(c->shop.site, drafts, count, NULL, 0, NULL, &err) == 0, "registering");
    for (size_t i = 0; i < count; i++) c->till.customers[c->till.customer_count++] = drafts[i].id;
}

static void open_store(struct counter *c, size_t customers) {
    static const uint8_t master[KEY_BYTES];
    struct keyring *ring;
    struct log *log;
    struct err err;
    *c = (struct counter){.dice = 88172645463325252u};
    bench_must(keyring_lmdb_open("ring", master, env_os(), &ring, &err) == 0, "opening the ring");
    bench_must(log_lmdb_open("log", env_os(), 0, &log, &err) == 0, "opening the log");
    shop_open_over(&c->shop, NULL, NULL, ring, log, env_os());
    till_open(&c->till, 7);
    c->till.customers = mem_alloc(customers * sizeof *c->till.customers);
    for (size_t done = 0; done < customers; done += BATCH)
        register_batch(c, done, customers - done < BATCH ? customers - done : BATCH);
    bench_must(till_sell(&c->till, c->shop.site, customers * SALES_EACH, 1000, &err) == 0, "selling");
    c->call = (struct call){.site = c->shop.site,
                            .env = env_os(),
                            .in = stdin,
                            .out = stderr,
                            .err_out = stderr,
                            .cancelled = &c->stopped,
                            .noticed = &c->stopped,
                            .cancel_fd = -1,
                            .working_directory = -1};
}

static void close_store(struct counter *c) {
    till_close(&c->till);
    shop_close(&c->shop);
}

/* ---- Recall ---- */

static void recall(struct counter *c, size_t number) {
    char phone[32];
    uint64_t ids[4];
    struct err err;
    phone_of(number, phone);
    int found = site_find(c->shop.site, TAG_PHONE, view_of(phone), false, ids, 4, &err);
    bench_must(found == 1 && ids[0] == c->till.customers[number], "finding her");
    json_t *card = recall_card(&c->call, ids[0]);
    char *text = json_dumps(card, JSON_COMPACT);
    bench_must(text != NULL && strstr(text, phone) != NULL, "her card");
    free(text);
    json_decref(card);
}

static void open_file(struct counter *c, uint64_t id) {
    struct buf frame = BUF_INIT, plain = BUF_INIT;
    struct event event;
    struct record record;
    int standing;
    bool opened;
    bench_must(site_event(c->shop.site, id, &event, &frame, &plain, &standing, &opened, &record, NULL) == 0 && opened,
               "opening her file");
    buf_release(&frame);
    buf_wipe(&plain);
}

static bool count_record(void *context, const struct record *record) {
    *(size_t *)context += record->frame.len;
    return true;
}

static void read_bare(struct counter *c, size_t number) {
    uint64_t id = c->till.customers[number];
    size_t bytes = 0;
    open_file(c, id);
    bench_must(log_trail(c->shop.site->log, model_last_position(c->shop.site->model, id), count_record, &bytes, NULL) ==
                       0 &&
                   bytes > 0,
               "her records");
}

static double a_round(struct counter *c, void (*one)(struct counter *c, size_t number)) {
    double start = now_us();
    for (int i = 0; i < RECALLS; i++) one(c, any(c));
    return (now_us() - start) / RECALLS;
}

static void bench_recall(struct counter *c) {
    double cards[ROUNDS], bare[ROUNDS];
    a_round(c, recall); /* from disk */
    for (int i = 0; i < ROUNDS; i++) {
        cards[i] = a_round(c, recall);
        bare[i] = a_round(c, read_bare);
    }
    double value = bench_median(cards, ROUNDS), baseline = bench_median(bare, ROUNDS);
    bench_tell("recall", "us", value, RECALL_LIMIT_US, RECALL_LIMIT_US / value);
    bench_tell("recall_bare", "us", value, baseline, baseline / value);
}

/* ---- Names ---- */

static void count_customer(void *context, uint64_t customer, enum name_part part) {
    *(size_t *)context += customer != 0 && part != PART_WHOLE;
}

static size_t search(struct counter *c, const char *part) {
    size_t found = 0;
    bench_must(
        site_names_find(c->shop.site, view_of(part), count_customer, &found, &(struct file_asking){NULL, NULL}) == 0,
        "searching");
    return found;
}

static void bench_index(struct counter *c) {
    size_t customers = c->till.customer_count, files = customers < RECALLS ? customers : RECALLS;
    double start = now_us();
    bench_must(search(c, "nobody") == 0, "searching for nobody");
    double made = (now_us() - start) / (double)customers;
    start = now_us();
    for (size_t i = 0; i < files; i++) open_file(c, c->till.customers[i]);
    double bare = (now_us() - start) / (double)files;
    bench_tell("name_index", "us", made, bare, bare / made);
}

static void bench_search(struct counter *c) {
    const struct name_index *names = &c->shop.site->name_index;
    double searches[ROUNDS], scans[ROUNDS];
    for (int i = 0; i < ROUNDS; i++) {
        double start = now_us();
        bench_must(search(c, "ann 1234") > 0, "finding somebody");
        double middle = now_us();
        bench_must(memmem(names->text, names->length, "nobody", 6) == NULL, "scanning");
        scans[i] = (now_us() - middle) / 1e3;
        searches[i] = (middle - start) / 1e3;
    }
    double value = bench_median(searches, ROUNDS), baseline = bench_median(scans, ROUNDS);
    bench_tell("name_search", "ms", value, SEARCH_LIMIT_MS, SEARCH_LIMIT_MS / value);
    bench_tell("name_bare", "ms", value, baseline, baseline / value);
}

int main(void) {
    static struct counter c;
    const char *asked = getenv("DANGOL_RECALL_CUSTOMERS");
    size_t customers = asked == NULL ? 50000 : strtoull(asked, NULL, 10);
    bench_must(customers >= RECALLS, "at least 4000 customers");
    open_store(&c, customers);
    bench_recall(&c);
    bench_index(&c);
    bench_search(&c);
    close_store(&c);
    return EXIT_SUCCESS;
}
