/* Every question of the programs, asked in a region of 200 stores and ten events a customer (support/region_year.h), as
 * somebody at a desk asks it: in JSON, of a list its first page of a hundred, while another thread wants to write.
 *
 *   question_X   ms until the answer of one that is answered while somebody waits; baseline: the limit of 50
 *   report_X     ms of one that shows how far it is; baseline: one second, for comparison only
 *   hold_X       the longest ms that a writer, a till's sale, waited for the model while X was asked; baseline: 10
 *   card_p99     ms of a core for a recall card, of a thousand cards; baseline: the limit of 1
 *
 * A table of it goes to stderr. DANGOL_REGION_CUSTOMERS sets how many customers (100,000; the whole region has
 * 1,000,000, which takes minutes and about 2 GB on disk; a region.log of a run before is used again). Their files are
 * empty: what opening a name takes is in bench_recall. */
#include <poll.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "proto/base/env.h"
#include "proto/base/file_os.h"
#include "proto/base/threads.h"
#include "proto/command/act.h"
#include "proto/command/ask.h"
#include "proto/command/ask_contact.h"
#include "proto/command/ask_duplicates.h"
#include "proto/command/parse.h"
#include "proto/command/recall.h"
#include "proto/log/log_lmdb.h"
#include "proto/model/questions.h"
#include "tests/support/bench.h"
#include "tests/support/bench_log.h"
#include "tests/support/region_year.h"
#include "tests/support/shop.h"

#define STORES 200
#define EVENTS_EACH 10
#define ROUNDS 3
#define CARDS 1000
#define PAGE_ROWS 100
#define WORDS_MAX 8
#define QUESTION_LIMIT_MS 50.0
#define HOLD_LIMIT_MS 10.0
#define CARD_LIMIT_MS 1.0
#define REPORT_MS 1000.0

enum kind { ANSWER, REPORT };

/* "ID" is a customer, "A" a store, which asks for its own. */
struct question {
    const char *name;
    enum kind kind;
    const char *words[WORDS_MAX];
};

static const struct question questions[] = {
    {"recall", ANSWER, {"recall", "ID"}},
    {"customer", ANSWER, {"customer", "ID"}},
    {"points", ANSWER, {"points", "ID"}},
    {"packages", ANSWER, {"packages", "ID"}},
    {"benefits_of_one", ANSWER, {"benefits", "ID"}},
    {"fields", ANSWER, {"fields", "ID"}},
    {"rules", ANSWER, {"rules"}},
    {"tags", ANSWER, {"tags"}},
    {"log", ANSWER, {"log"}},
    {"vip", REPORT, {"vip"}},
    {"vip_visits", REPORT, {"vip", "--by=visits"}},
    {"complaints", ANSWER, {"complaints"}},
    {"complaints_store", ANSWER, {"complaints", "--store=A"}},
    {"complaints_overdue", ANSWER, {"complaints", "--overdue"}},
    {"gatherings", ANSWER, {"gathering", "list"}},
    {"vip_season", REPORT, {"vip", "--window=season"}},
    {"vip_margin", REPORT, {"vip", "--by=margin"}},
    {"vip_referrals", REPORT, {"vip", "--by=referrals"}},
    {"vip_score", REPORT, {"vip", "--by=score"}},
    {"vip_store", REPORT, {"vip", "--store=A"}},
    {"vip_1000", REPORT, {"vip", "--top=1000"}},
    {"pyramid", REPORT, {"pyramid"}},
    {"segments", REPORT, {"segments"}},
    {"rfm", REPORT, {"rfm"}},
    {"complaints_all", REPORT, {"complaints", "--all"}},
    {"complaints_unsatisfied", REPORT, {"complaints", "--unsatisfied"}},
    {"complaints_vip", REPORT, {"complaints", "--vip"}},
    {"alerts", REPORT, {"alerts"}},
    {"followups", REPORT, {"followups"}},
    {"followups_store", REPORT, {"followups", "--store=A"}},
    {"promises", REPORT, {"promise", "list"}},
    {"findings", REPORT, {"findings"}},
    {"monthly", REPORT, {"monthly"}},
    {"staff", REPORT, {"staff"}},
    {"staff_sample", REPORT, {"staff", "sample"}},
    {"duplicates", REPORT, {"duplicates"}},
    {"search", REPORT, {"search", "Ann"}},
    {"benefits", REPORT, {"benefits"}},
    {"report_inactive", REPORT, {"report", "inactive"}},
    {"report_back", REPORT, {"report", "back"}},
    {"report_gained_lost", REPORT, {"report", "gained-lost"}},
    {"report_cohorts", REPORT, {"report", "cohorts"}},
    {"report_returning", REPORT, {"report", "returning"}},
    {"report_leaving", REPORT, {"report", "leaving"}},
    {"report_complaints", REPORT, {"report", "complaints"}},
    {"report_complaints_vip", REPORT, {"report", "complaints", "--vip"}},
    {"report_benefits", REPORT, {"report", "benefits"}},
    {"digest", REPORT, {"digest"}},
};

static const struct command *const tables[] = {
    ask_commands,         ask_file_commands,  ask_contact_commands,   act_commands,
    act_contact_commands, act_staff_commands, ask_duplicate_commands, NULL};
static const struct program program = {"dangol-hub", "for benchmarks", ROLE_HUB, tables};

/* ---- The region ---- */

static void next_of_year(void *year, struct log_append *record, struct buf *frame) { year_next(year, record, frame); }

static struct log *open_log(uint64_t customers) {
    struct log *log;
    struct err err = {.code = 0};
    if (file_exists("region.log")) {
        bench_must(log_lmdb_open("region.log", env_os(), 0, &log, &err) == 0, "opening the log");
        return log;
    }
    struct year y;
    year_init(&y, STORES, customers, customers * EVENTS_EACH);
    struct bench_source source = {&y, next_of_year, y.seq, STORES};
    log = bench_log_fill("region.log", &source, y.events);
    year_release(&y);
    return log;
}

static void open_region(struct shop *shop, uint64_t customers) {
    static const uint8_t master[KEY_BYTES];
    shop_open_over(shop, NULL, NULL, keyring_mem_open(master, env_os()), open_log(customers), env_os());
    shop->site->config.role = ROLE_HUB;
    for (uint32_t stream = 1; stream <= STORES; stream++) {
        char code[16];
        if (stream == 7)
            snprintf(code, sizeof code, "A");
        else
            snprintf(code, sizeof code, "S%u", (unsigned)stream);
        model_assume_store(shop->site->model, stream, view_of(code), view_of(code), view_of("chain"));
    }
    model_assume_policy(shop->site->model, view_of("thank-amount"), view_of("800000"));
    model_assume_policy(shop->site->model, view_of("letter-spend"), view_of("5000000,10000000"));
    model_assume_policy(shop->site->model, view_of("tiers"), view_of("silver:1000000,gold:5000000"));
    model_assume_policy(shop->site->model, view_of("vip-tiers"), view_of("1"));
}

/* Customers, spread over stores and the year. */
static size_t find_customers(const struct model *model, uint64_t *out, size_t most) {
    size_t found = 0;
    for (uint64_t step = 1; step < 100000 && found < most; step++) {
        uint64_t id = id_make((uint32_t)(step % STORES) + 1, 1 + step * 7919 % 50000);
        if (model_customer(model, id) == CUSTOMER_KNOWN) out[found++] = model_person(model, id);
    }
    return found;
}

/* ---- A writer, who waits ---- */

struct waiter {
    struct thread thread;
    struct site *site;
    atomic_bool stop;
    double longest;
};

static void wait_again(void *context) {
    struct waiter *w = context;
    while (!atomic_load(&w->stop)) {
        double start = bench_seconds();
        rwlock_write(&w->site->state);
        double waited = (bench_seconds() - start) * 1e3;
        rwlock_unlock(&w->site->state);
        if (waited > w->longest) w->longest = waited;
        poll(NULL, 0, 1);
    }
}

/* ---- Asking ---- */

static double ask(struct shop *shop, const struct question *q, const char *customer) {
    const struct parse_place place = {.given = "region"};
    const char *words[WORDS_MAX + 2];
    int count = 0;
    for (; q->words[count] != NULL; count++)
        words[count] = strcmp(q->words[count], "ID") == 0 ? customer : q->words[count];
    words[count++] = "--json";
    char *text;
    size_t size;
    struct page page = {.limit = PAGE_ROWS};
    struct call call = {.program = &program,
                        .site = shop->site,
                        .env = env_os(),
                        .in = stdin,
                        .out = open_memstream(&text, &size),
                        .err_out = stderr,
                        .page = &page,
                        .cancelled = &shop->cancelled,
                        .noticed = &shop->noticed,
                        .cancel_fd = -1,
                        .working_directory = shop->directory};
    int code = parse_words(&call, count, words, &place);
    shop->site->config.role = call_has(&call, "store") ? ROLE_STORE : ROLE_HUB;
    double start = bench_seconds();
    if (code == PARSE_RUN) code = call.command->run(&call);
    double spent = (bench_seconds() - start) * 1e3;
    if (code != 0) fprintf(stderr, "bench_questions: %s: %s\n", q->name, call.error.text);
    if (getenv("EXPLORE") == NULL) bench_must(code == 0, q->name);
    call_release(&call);
    fclose(call.out);
    free(text);
    return spent;
}

static void bench_question(struct shop *shop, const struct question *q, const char *customer) {
    double rounds[ROUNDS], holds[ROUNDS];
    char name[64];
    for (int i = 0; i < ROUNDS; i++) {
        struct waiter waiter = {.site = shop->site};
        thread_start(&waiter.thread, wait_again, &waiter);
        rounds[i] = ask(shop, q, customer);
        atomic_store(&waiter.stop, true);
        thread_join(&waiter.thread);
        holds[i] = waiter.longest;
    }
    double ms = bench_median(rounds, ROUNDS), hold = bench_median(holds, ROUNDS);
    double limit = q->kind == ANSWER ? QUESTION_LIMIT_MS : REPORT_MS;
    fprintf(stderr, "%-24s %-7s %10.2f ms, longest hold %8.2f ms\n", q->name, q->kind == ANSWER ? "answer" : "report",
            ms, hold);
    snprintf(name, sizeof name, "%s_%s", q->kind == ANSWER ? "question" : "report", q->name);
    bench_tell(name, "ms", ms, limit, limit / ms);
    snprintf(name, sizeof name, "hold_%s", q->name);
    if (hold < 0.01) hold = 0.01;
    bench_tell(name, "ms", hold, HOLD_LIMIT_MS, HOLD_LIMIT_MS / hold);
}

static int by_size(const void *a, const void *b) {
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static void bench_cards(struct shop *shop, const uint64_t *customers, size_t count) {
    static double spent[CARDS];
    for (size_t i = 0; i < CARDS; i++) {
        char id[ID_TEXT];
        const struct question q = {"card", ANSWER, {"recall", id_format(customers[i % count], id)}};
        double start = bench_cpu_seconds();
        ask(shop, &q, id);
        spent[i] = (bench_cpu_seconds() - start) * 1e3;
    }
    qsort(spent, CARDS, sizeof *spent, by_size);
    double p99 = spent[CARDS * 99 / 100];
    fprintf(stderr, "%-24s %-7s %10.3f ms, half of them within %.3f ms\n", "card, p99 of a core", "answer", p99,
            spent[CARDS / 2]);
    bench_tell("card_p99", "ms", p99, CARD_LIMIT_MS, CARD_LIMIT_MS / p99);
}

int main(void) {
    const char *asked = getenv("DANGOL_REGION_CUSTOMERS"), *only = getenv("DANGOL_QUESTION");
    uint64_t customers = asked == NULL ? 100000 : strtoull(asked, NULL, 10);
    struct shop shop = {.code = 0};
    static uint64_t some[CARDS];
    char id[ID_TEXT];
    bench_must(customers >= CARDS, "at least 1000 customers");
    open_region(&shop, customers);
    size_t found = find_customers(shop.site->model, some, CARDS);
    bench_must(found > 0, "customers");
    id_format(some[0], id);
    if (only == NULL) bench_cards(&shop, some, found);
    for (size_t i = 0; i < sizeof questions / sizeof *questions; i++)
        if (only == NULL || strcmp(only, questions[i].name) == 0) bench_question(&shop, &questions[i], id);
    shop_close(&shop);
    return EXIT_SUCCESS;
}
