/* The API under the clients of a busy region: a store of DANGOL_HTTP_CUSTOMERS (100,000) with two sales each, asked by
 * 50 connections at once through the real program, while it takes sales.
 *
 *   http_recall       recall cards a second; baseline: a constant body a second, through the same library: a card of
 *                     the median size with all its headers, made once, said again to whatever is asked by a bare
 *                     server of as many threads that knows nobody (constant_mhd.h), in turns with it. Who is asked for
 *                     is drawn by Zipf's law with exponent 1 over all customers: of a million, the first 1,000 are half
 *                     of the questions, the first 50,000 four in five. They are spread over the whole log. Measured
 *                     when whoever comes often has been asked for before, as on any day but the first: after WARMING
 *                     times as many questions as there are customers
 *   http_recall_health  the same cards; baseline: /health through the real server, in turns with it: eleven bytes that
 *                     anybody may see, so no look is recorded, but the token is looked up and the headers are made
 *   http_recall_even  everybody as often as anybody: next to nothing that was worked out is asked again; baseline: the
 *                     constant body
 *   http_recall_p99   ms until the card is there, by Zipf's law; baseline: the limit of 5
 *   http_vip_p99      ms until the first page of the ranking is there; baseline: the limit of 20
 *
 * The client takes part of the same cores. A directory that a run before made is used again: `store` and `token`. */
#include <arpa/inet.h>
#include <fcntl.h>
#include <math.h>
#include <poll.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "proto/base/file_os.h"
#include "proto/base/threads.h"
#include "tests/support/bench.h"
#include "tests/support/children.h"
#include "tests/support/constant_mhd.h"

#define CUSTOMERS 100000
#define SALES_EACH 2
#define SCATTER 7919 /* prime, and none of the customers' */
#define FILE_ROWS 250000
#define CLIENTS 50
#define SPAN_MS 4000
#define SALE_MS 20 /* between two sales */
#define ROUNDS 3
#define WARMING 4 /* questions a customer, before what is measured */
#define IDLE_MS 1000
#define IDLE_SHARE 0.02
#define SETTLING 240 /* times IDLE_MS, at most */
#define CARDS 101
#define SAMPLES 200000 /* of one client's times */
#define RECALL_LIMIT_MS 5.0
#define VIP_LIMIT_MS 20.0
#define ANSWER_MOST (1u << 20)

static size_t customers = CUSTOMERS;
static pid_t server, bare;
static uint16_t port, bare_port;
static char token[128], cookie[128];
static atomic_bool stop;

/* ---- The programs ---- */

/* Runs a command to its end; what it printed is in `out`. */
static void run(const char *const *words, struct buf *out) {
    struct buf ignored = BUF_INIT, errors = BUF_INIT;
    char *path = child_path(words[0]);
    struct child child = child_start();
    if (child.pid == 0) {
        execv(path, (char *const *)(uintptr_t)words);
        fprintf(stderr, "cannot start %s: set DANGOL_BIN to the directory of the programs\n", path);
        _exit(127);
    }
    int status = child_end(child, out == NULL ? &ignored : out, &errors);
    if (status != 0) fprintf(stderr, "bench_http: %s %s: %s\n", words[0], words[1], buf_text(&errors));
    bench_must(status == 0, words[1]);
    free(path);
    buf_release(&ignored);
    buf_release(&errors);
}
#define RUN(out, ...) run((const char *const[]){__VA_ARGS__, NULL}, out)

static void write_text(const char *name, struct buf *text) {
    struct err err = {.code = 0};
    bench_must(file_write(-100, name, buf_view(text), 0600, &err) == 0, err.text);
    buf_release(text);
}

/* In files of at most 16 MiB: what a command reads whole. */
static void import_all(void) {
    struct buf text = BUF_INIT;
    for (size_t from = 0; from < customers; from += FILE_ROWS) {
        buf_printf(&text, "Card,Name,Phone\n");
        for (size_t i = from; i < customers && i < from + FILE_ROWS; i++)
            buf_printf(&text, "C%zu,Example %zu,010-%04zu-%04zu\n", i, i, i / 10000, i % 10000);
        write_text("customers.csv", &text);
        RUN(NULL, "dangol-node", "import", "store", "customers", "customers.csv", "--map",
            "card=Card,name=Name,phone=Phone");
    }
    for (size_t from = 0; from < customers * SALES_EACH; from += FILE_ROWS) {
        buf_printf(&text, "Receipt,Time,Card,Sku,Total\n");
        for (size_t i = from; i < customers * SALES_EACH && i < from + FILE_ROWS; i++)
            buf_printf(&text, "%zu,2026-%02zu-%02zu 12:00:00,C%zu,COAT-%zu,%zu\n", i, i % 10 + 1, i % 28 + 1,
                       i % customers, i % 900, 1000 + i * 7919 % 200000);
        write_text("sales.csv", &text);
        RUN(NULL, "dangol-node", "import", "store", "purchases", "sales.csv", "--map",
            "basket=Receipt,time=Time,customer=Card,sku=Sku,amount=Total");
    }
}

static void serve(void) {
    unlink("store/http"); /* of a run that was killed */
    int log = open("serve.log", O_CREAT | O_TRUNC | O_WRONLY | O_CLOEXEC, 0644);
    bench_must(log >= 0, "serve.log");
    server = child_program((const char *const[]){"dangol-node", "serve", "store", NULL}, -1, log);
    close(log);
    struct buf url = BUF_INIT;
    for (int i = 0; i < 2400 && url.len == 0; i++) {
        if (file_read(-100, "store/http", &url, NULL) != 0) poll(NULL, 0, 50);
    }
    const char *colon = url.len == 0 ? NULL : strrchr(buf_text(&url), ':');
    bench_must(colon != NULL, "serve");
    port = (uint16_t)strtoul(colon + 1, NULL, 10);
    buf_release(&url);
}

static void make_accounts(void) {
    struct buf text = BUF_INIT;
    buf_printf(&text, "open sesame 1\n");
    write_text("secret", &text);
    RUN(NULL, "dangol-node", "user", "store", "add", "boss", "--role", "manager", "--password-file", "secret");
    RUN(&text, "dangol-node", "user", "store", "token", "till1");
    snprintf(token, sizeof token, "%.*s", (int)strcspn(buf_text(&text), "\n"), buf_text(&text));
    text.len = strlen(token);
    write_text("token", &text);
}

/* ---- A client ---- */

enum question { ASK_CONSTANT, ASK_HEALTH, ASK_RECALL, ASK_EVEN, ASK_VIP, ASK_SALE };

struct client {
    struct thread thread;
    enum question question;
    uint64_t dice;
    size_t count;
    float *ms;
    char *answer;
};

static int dial(enum question question) {
    struct sockaddr_in address = {.sin_family = AF_INET,
                                  .sin_port = htons(question == ASK_CONSTANT ? bare_port : port)};
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    bench_must(fd >= 0 && connect(fd, (struct sockaddr *)&address, sizeof address) == 0, "connecting");
    return fd;
}

static double roll(struct client *c) {
    c->dice = c->dice * 6364136223846793005u + 1442695040888963407u;
    return (double)(c->dice >> 33) / (double)(1u << 31);
}

/* Those who come often stand anywhere in the log. */
static size_t one_of_all(struct client *c) {
    if (c->question > ASK_RECALL) return (size_t)(roll(c) * (double)customers);
    size_t place = (size_t)(exp(roll(c) * log((double)customers + 1)) - 1);
    return (place < customers ? place : customers - 1) * SCATTER % customers;
}

static int put_request(struct client *c, char *out, size_t size) {
    size_t who = one_of_all(c);
    char head[200];
    bool till = c->question != ASK_VIP; /* who is for the manager's eyes */
    snprintf(head, sizeof head, "HTTP/1.1\r\nHost: x\r\n%s%s\r\n",
             till ? "Authorization: Bearer " : "Cookie: ", till ? token : cookie);
    if (c->question == ASK_HEALTH) return snprintf(out, size, "GET /api/v1/health %s\r\n", head);
    if (c->question != ASK_VIP && c->question != ASK_SALE)
        return snprintf(out, size, "GET /api/v1/recall?card=C%zu %s\r\n", who, head);
    if (c->question == ASK_VIP) return snprintf(out, size, "GET /api/v1/vip %s\r\n", head);
    char body[160];
    int len = snprintf(body, sizeof body,
                       "{\"card\":\"C%zu\",\"lines\":[{\"sku\":\"HAT\",\"quantity\":1,\"amount\":100}]}", who);
    return snprintf(out, size,
                    "POST /api/v1/purchases %sContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s", head,
                    len, body);
}

/* Reads one answer whole; its status. */
static int take_answer(int fd, char *buffer) {
    size_t len = 0, whole = 0;
    while (whole == 0 || len < whole) {
        ssize_t n = recv(fd, buffer + len, ANSWER_MOST - 1 - len, 0);
        if (n <= 0) return 0;
        len += (size_t)n;
        buffer[len] = '\0';
        const char *end = whole == 0 ? strstr(buffer, "\r\n\r\n") : NULL;
        if (end == NULL) continue;
        const char *length = strstr(buffer, "Content-Length: ");
        if (length == NULL) return 0;
        whole = (size_t)(end - buffer) + 4 + strtoul(length + 16, NULL, 10);
    }
    return (int)strtol(buffer + 9, NULL, 10);
}

static void client_main(void *context) {
    struct client *c = context;
    char request[800];
    int fd = dial(c->question);
    while (!atomic_load_explicit(&stop, memory_order_relaxed)) {
        int len = put_request(c, request, sizeof request);
        double start = bench_seconds();
        bench_must(send(fd, request, (size_t)len, 0) == len, "sending");
        int status = take_answer(fd, c->answer);
        const char *body = status / 100 == 2 ? NULL : strstr(c->answer, "\r\n\r\n");
        if (body != NULL) fprintf(stderr, "bench_http: %d: %.300s\n", status, body + 4);
        bench_must(status / 100 == 2, "an answer");
        if (c->count < SAMPLES) c->ms[c->count++] = (float)((bench_seconds() - start) * 1e3);
        if (c->question == ASK_SALE) poll(NULL, 0, SALE_MS);
    }
    close(fd);
}

/* Signs a manager in, as the app does. */
static void sign_in(void) {
    static const char body[] = "{\"name\":\"boss\",\"secret\":\"open sesame 1\"}";
    char request[300], *answer = mem_alloc(ANSWER_MOST);
    int fd = dial(ASK_VIP);
    int len = snprintf(request, sizeof request,
                       "POST /api/v1/session HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: "
                       "%zu\r\n\r\n%s",
                       sizeof body - 1, body);
    bench_must(send(fd, request, (size_t)len, 0) == len && take_answer(fd, answer) == 200, "signing in");
    const char *set = strstr(answer, "Set-Cookie: ");
    bench_must(set != NULL, "a cookie");
    snprintf(cookie, sizeof cookie, "%.*s", (int)strcspn(set + 12, ";"), set + 12);
    free(answer);
    close(fd);
}

/* ---- The constant body ---- */

static int by_length(const void *a, const void *b) {
    size_t x = strlen(*(char *const *)a), y = strlen(*(char *const *)b);
    return x < y ? -1 : x > y;
}

/* The card of the median size, among some that were asked for as they are measured. */
static void start_bare(void) {
    char *cards[CARDS], request[800];
    struct client c = {.question = ASK_RECALL, .dice = 42};
    int fd = dial(ASK_RECALL);
    for (size_t i = 0; i < CARDS; i++) {
        cards[i] = mem_alloc(ANSWER_MOST);
        int len = put_request(&c, request, sizeof request);
        bench_must(send(fd, request, (size_t)len, 0) == len && take_answer(fd, cards[i]) == 200, "a card");
    }
    close(fd);
    qsort(cards, CARDS, sizeof *cards, by_length);
    const char *card = cards[CARDS / 2];
    bare = constant_start(card, &bare_port);
    fprintf(stderr, "bench_http: the constant answer is a card of %zu bytes behind %zu of headers\n",
            strlen(strstr(card, "\r\n\r\n")) - 4, (size_t)(strstr(card, "\r\n\r\n") - card) + 4);
    for (size_t i = 0; i < CARDS; i++) free(cards[i]);
}

/* What a server has worked until now, of all its threads. */
static double seconds_of(pid_t process) {
    char path[40];
    struct buf text = BUF_INIT;
    unsigned long user = 0, kernel = 0;
    snprintf(path, sizeof path, "/proc/%d/stat", (int)process);
    bench_must(file_read(-100, path, &text, NULL) == 0, path);
    char *at = strrchr(buf_text(&text), ')');
    for (int field = 2; at != NULL && field < 14; field++) at = strchr(at + 1, ' ');
    bench_must(at != NULL, path);
    user = strtoul(at, &at, 10);
    kernel = strtoul(at, &at, 10);
    buf_release(&text);
    return (double)(user + kernel) / (double)sysconf(_SC_CLK_TCK);
}

/* After its start a serve makes indexes of everybody's files, which takes a while and one of the cores. */
static void settle(void) {
    double start = bench_seconds(), before = seconds_of(server), worked = 1;
    for (int i = 0; i < SETTLING && worked > IDLE_SHARE * IDLE_MS / 1e3; i++) {
        poll(NULL, 0, IDLE_MS);
        double now = seconds_of(server);
        worked = now - before;
        before = now;
    }
    fprintf(stderr, "bench_http: %zu customers, the server is idle after %.0f s\n", customers, bench_seconds() - start);
}

static int by_size(const void *a, const void *b) {
    float x = *(const float *)a, y = *(const float *)b;
    return x < y ? -1 : x > y;
}

struct result {
    double rate, p50, p99;
};

static void client_start(struct client *c, enum question question, uint64_t seed) {
    *c = (struct client){.question = question, .dice = seed};
    c->ms = mem_alloc(SAMPLES * sizeof *c->ms);
    c->answer = mem_alloc(ANSWER_MOST);
    thread_start(&c->thread, client_main, c);
}

static size_t client_end(struct client *c, float *into) {
    thread_join(&c->thread);
    memcpy(into, c->ms, c->count * sizeof *into);
    free(c->ms);
    free(c->answer);
    return c->count;
}

/* All clients ask one thing, while a till sells. */
static struct result measure(enum question question, const char *name) {
    static struct client clients[CLIENTS + 1];
    static uint64_t times; /* asked for others each time: what is kept would else be asked for again */
    times++;
    atomic_store(&stop, false);
    pid_t asked = question == ASK_CONSTANT ? bare : server;
    double start = bench_seconds(), worked = seconds_of(asked);
    for (size_t i = 0; i < CLIENTS; i++) client_start(&clients[i], question, (times * 1000 + i) * 7919 + 1);
    client_start(&clients[CLIENTS], ASK_SALE, 4711);
    poll(NULL, 0, SPAN_MS);
    atomic_store(&stop, true);
    float *all = mem_alloc((CLIENTS + 1) * (size_t)SAMPLES * sizeof *all);
    size_t count = 0;
    for (size_t i = 0; i < CLIENTS; i++) count += client_end(&clients[i], all + count);
    double seconds = bench_seconds() - start;
    worked = seconds_of(asked) - worked;
    size_t sales = client_end(&clients[CLIENTS], all + count);
    bench_must(count > 100 && sales > 0, "enough answers, and sales");
    qsort(all, count, sizeof *all, by_size);
    struct result r = {(double)count / seconds, (double)all[count / 2], (double)all[count * 99 / 100]};
    fprintf(stderr, "bench_http: %-8s %8.0f/s, p50 %6.2f ms, p99 %6.2f ms, %5.1f us of the server each, %zu sales\n",
            name, r.rate, r.p50, r.p99, worked * 1e6 / (double)count, sales);
    free(all);
    return r;
}

static void prepare(void) {
    if (file_exists("store/site.json")) { /* of a run before this one */
        struct buf kept = BUF_INIT;
        bench_must(file_read(-100, "token", &kept, NULL) == 0, "the token");
        snprintf(token, sizeof token, "%s", buf_text(&kept));
        buf_release(&kept);
        return;
    }
    RUN(NULL, "dangol-hub", "init", "hub", "--listen", "127.0.0.1:1", "--http", "off");
    RUN(NULL, "dangol-hub", "enroll", "hub", "1", "-o", "join");
    RUN(NULL, "dangol-node", "init", "store", "--join", "join", "--http", "127.0.0.1:0");
    import_all();
    make_accounts();
}

int main(void) {
    const char *asked = getenv("DANGOL_HTTP_CUSTOMERS");
    if (asked != NULL) customers = strtoul(asked, NULL, 10);
    bench_must(customers > 0, "a number of customers");
    prepare();
    serve();
    sign_in();
    settle();
    start_bare();
    double constant[ROUNDS], health[ROUNDS], recall[ROUNDS], even[ROUNDS], recall_p99[ROUNDS], vip_p99[ROUNDS];
    /* What is asked for evenly pushes out what regulars come back to: so one after the other. */
    for (double questions = 0; questions < WARMING * (double)customers;)
        questions += measure(ASK_RECALL, "warming").rate * SPAN_MS / 1e3;
    for (int i = 0; i < ROUNDS; i++) {
        constant[i] = measure(ASK_CONSTANT, "constant").rate;
        health[i] = measure(ASK_HEALTH, "health").rate;
        struct result r = measure(ASK_RECALL, "recall");
        recall[i] = r.rate;
        recall_p99[i] = r.p99;
    }
    for (int i = 0; i < ROUNDS; i++) vip_p99[i] = measure(ASK_VIP, "vip").p99;
    for (int i = 0; i < ROUNDS; i++) even[i] = measure(ASK_EVEN, "even").rate;
    kill(server, SIGTERM);
    waitpid(server, NULL, 0);
    kill(bare, SIGKILL);
    double base = bench_median(constant, ROUNDS), cards = bench_median(recall, ROUNDS);
    bench_tell("http_recall", "1/s", cards, base, cards / base);
    double plain = bench_median(health, ROUNDS);
    bench_tell("http_recall_health", "1/s", cards, plain, cards / plain);
    cards = bench_median(even, ROUNDS);
    bench_tell("http_recall_even", "1/s", cards, base, cards / base);
    double p99 = bench_median(recall_p99, ROUNDS);
    bench_tell("http_recall_p99", "ms", p99, RECALL_LIMIT_MS, RECALL_LIMIT_MS / p99);
    p99 = bench_median(vip_p99, ROUNDS);
    bench_tell("http_vip_p99", "ms", p99, VIP_LIMIT_MS, VIP_LIMIT_MS / p99);
    return 0;
}
