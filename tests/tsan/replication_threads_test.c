/* A hub with its writer thread, stores with theirs, over TLS, under ThreadSanitizer: stores sell while their events
 * travel, readers ask the hub beside it, the desk erases people, an uneasy store keeps opening a second connection
 * before its first one is over, and somebody knocks and runs away. In the end everything is at the hub once. A main of
 * its own, since Criterion cannot run under ThreadSanitizer. */
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "hub/desk.h"
#include "hub/directory_thread.h"
#include "hub/erasing.h"
#include "hub/feed_thread.h"
#include "hub/judge.h"
#include "hub/visits.h"
#include "node/line.h"
#include "proto/base/file_os.h"
#include "proto/model/questions.h"
#include "proto/site/directory.h"
#include "proto/site/erasure.h"
#include "tests/support/impostor.h"
#include "tests/support/scratch.h"
#include "tests/support/trade.h"

#define STORES 3
#define DAYS 40
#define SALES_A_DAY 25
#define READERS 2
#define PASSING 5 /* at each store, who ask to be forgotten */
#define UNEASY 30 /* connections of the uneasy store */
#define PATIENCE_S 100
#define QUICK_MEMORY 8 /* KiB, of the slow hash */

static void must(bool good, const char *what) {
    if (good) return;
    fprintf(stderr, "replication_threads_test: %s\n", what);
    exit(EXIT_FAILURE);
}

struct shop {
    struct site *site;
    struct hub_line *line;
    struct thread uplink, counter;
    atomic_bool closing;
    _Atomic uint64_t passing[PASSING];
};

static struct scratch scratch;
static FILE *nowhere;
static struct region_root root;
static struct site *hub;
static struct desk desk;
static struct ingest *ingest;
static struct judge judge;
static struct erasing erasing;
static struct feed_thread feeding;
static struct directory_thread directing;
static struct transport *door;
static char address[TRANSPORT_PEER_SIZE];
static struct shop shops[STORES];
static atomic_bool over;
static atomic_size_t asked;

/* ---- Directories ---- */

static struct site *open_site(const char *name, struct config *config, struct secrets *secrets) {
    struct site *site;
    struct err err = {.code = 0};
    char *directory = path_join(scratch.path, name);
    static char region[] = "region", currency[] = "KRW", zone[] = "UTC", country[] = "KR";
    memcpy(config->root, root.signer.public_key, PUBLIC_KEY_SIZE);
    config->incarnation = 1;
    config->region = region;
    config->currency = currency;
    config->timezone = zone;
    config->country = country;
    config->ca_certificate = root.ca_certificate;
    config->addresses[0] = address;
    config->address_count = 1;
    env_random(env_os(), secrets->master, KEY_BYTES);
    env_random(env_os(), secrets->seed, sizeof secrets->seed);
    must(config_create(directory, config, secrets, &err) == 0, err.text);
    must(site_open(directory, config->role, env_os(), NULL, &site, &err) == 0, err.text);
    free(directory);
    return site;
}

/* Who has bought anything, so that the directory has something to hash, to tell and to forget. */
static void everybody_is_a_vip(void) {
    struct draft draft = {.subject = SUBJECT_GIVEN};
    struct err err = {.code = 0};
    event_init(&draft.event, EVENT_policy);
    draft.event.body.policy.key = view_of("tiers");
    draft.event.body.policy.value = view_of("vip:1");
    must(site_write(hub, &draft, 1, NULL, 0, NULL, &err) == 0, err.text);
}

static void open_hub(void) {
    static char anywhere[] = "127.0.0.1:0";
    struct config config = {.role = ROLE_HUB, .stream = stream_make(1, 0), .listen = anywhere};
    struct secrets secrets = {.tls_key = NULL};
    struct err err = {.code = 0};
    must(region_root_make(env_os(), "region", &root, &err) == 0, err.text);
    must(tls_certificate_make(env_os(), &root, 30, &secrets.tls_key, &secrets.tls_certificate, &err) == 0, err.text);
    snprintf(address, sizeof address, "127.0.0.1:1");
    hub = open_site("hub", &config, &secrets);
    hub_certify(&root, hub->signer.public_key, hub->secrets.certificate);
    ingest = ingest_open(hub);
    ingest_limit(ingest, 32768); /* so that stores have to wait for room */
    desk_open(&desk, hub, ingest, nowhere);
    judge_open(&judge, hub);
    erasing_open(&erasing, &desk);
    feed_thread_start(&feeding, &desk);
    everybody_is_a_vip();
    directory_thread_start(&directing, &desk, QUICK_MEMORY);
    struct tls_identity tls = {.key = secrets.tls_key, .certificate = secrets.tls_certificate};
    struct transport_handler handler = desk_handler(&desk);
    must(transport_nng_open(env_os(), &tls, &door, &err) == 0, err.text);
    must(door->ops->listen(door, anywhere, &handler, address, &err) == 0, err.text);
    free(secrets.tls_key);
    free(secrets.tls_certificate);
}

static void enroll(uint32_t stream, const char *store, const uint8_t secret[SECRET_SIZE]) {
    struct draft draft = {.subject = SUBJECT_GIVEN};
    uint8_t hash[32];
    struct err err = {.code = 0};
    join_secret_hash(secret, hash);
    event_init(&draft.event, EVENT_stream_opened);
    draft.event.body.stream_opened.stream = stream;
    draft.event.body.stream_opened.store = view_of(store);
    draft.event.body.stream_opened.secret_hash = view_make(hash, sizeof hash);
    must(site_write(hub, &draft, 1, NULL, 0, NULL, &err) == 0, err.text);
}

static void open_shop(size_t i) {
    char name[16];
    struct config config = {.role = ROLE_STORE, .stream = stream_make(1, (uint32_t)i + 1), .store = name};
    struct secrets secrets = {.tls_key = NULL};
    struct err err = {.code = 0};
    snprintf(name, sizeof name, "S%zu", i);
    memset(secrets.join_secret, (int)i + 1, SECRET_SIZE);
    enroll(config.stream, name, secrets.join_secret);
    shops[i].site = open_site(name, &config, &secrets);
    must(hub_line_open(shops[i].site, nowhere, &shops[i].line, &err) == 0, err.text);
}

/* ---- Threads ---- */

/* As in hub/daemon.c. */
static void write_on(void *context) {
    (void)context;
    while (!atomic_load(&over)) {
        struct err err = {.code = 0};
        bool more = desk_welcome(&desk);
        more |= ingest_step(ingest);
        desk_resume(&desk);
        while (judge_step(&judge, &err) > 0) {
        }
        must(err.code == 0, err.text);
        desk.judged = judge.position;
        more |= erasing_step(&erasing);
        if (more) feed_thread_wake(&feeding);
        if (!more) ingest_wait(ingest, 50);
    }
}

static bool closing(void *context) { return atomic_load(&((struct shop *)context)->closing); }

static void run_line(void *context) {
    struct shop *shop = context;
    hub_line_run(shop->line, closing, shop);
}

static void sell_on(void *context) {
    struct shop *shop = context;
    uint64_t kim = trade_register(shop->site, (struct person_card){.name = "Kim", .phone = "010-1234-5678"});
    must(kim != 0, trade_error()->text);
    for (int day = 0; day < DAYS; day++) {
        must(trade_day(shop->site, kim, SALES_A_DAY), trade_error()->text);
        must(trade_contact(shop->site, kim, 0, "a note") != 0, trade_error()->text);
        struct hub_line_status status;
        hub_line_status(shop->line, &status);
        if (day % 8 == 0) {
            char card[32], phone[32];
            snprintf(card, sizeof card, "%s%d", shop->site->config.store, day);
            snprintf(phone, sizeof phone, "010-555%c-%04d", shop->site->config.store[1], day);
            uint64_t passing =
                trade_register(shop->site, (struct person_card){.name = "Passing", .phone = phone, .card = card});
            must(trade_sell(shop->site, passing, 1000) != 0, trade_error()->text);
            shop->passing[day / 8] = passing;
            hub_line_try_now(shop->line);
        }
        if (day % 16 == 15) hub_line_wait_change(shop->line, 50);
    }
}

/* As soon as the hub has heard of them. */
static void erase_on(void *context) {
    (void)context;
    for (size_t i = 0; i < STORES * PASSING;) {
        struct err err = {.code = 0};
        uint64_t id = shops[i % STORES].passing[i / STORES];
        site_read(hub);
        bool known = id != 0 && model_customer(hub->model, id) == CUSTOMER_KNOWN;
        site_unread(hub);
        if (!known) {
            mutex_lock(&hub->growth.lock);
            condition_wait_ms(&hub->growth.grown, &hub->growth.lock, 20);
            mutex_unlock(&hub->growth.lock);
            continue;
        }
        must(trade_erase(hub, id) != 0, trade_error()->text);
        must(site_forget(hub, &err) == 0, err.text);
        must(site_erased(hub, id), "erased");
        i++;
    }
}

static void ask_on(void *context) {
    uint64_t found[8];
    char tier[DIRECTORY_TIER_TEXT];
    (void)context;
    while (!atomic_load(&over)) {
        uint8_t digest[DIGEST_SIZE];
        struct totals sums;
        struct cut cut = {TIME_NONE, TIME_NONE};
        struct stream_state stream;
        struct visit visit;
        site_read(hub);
        totals(hub->model, &cut, &sums);
        model_digest(hub->model, NULL, digest);
        for (size_t i = 0; model_stream_at(hub->model, i, &stream); i++)
            must(stream.events >= stream.last_seq, "events");
        site_unread(hub);
        must(visits_load(&desk.visits, stream_make(1, 1), &visit, NULL) == 0, "visit");
        desk_connected(&desk, stream_make(1, 1));
        must(site_find(hub, TAG_PHONE, view_of("010-1234-5678"), false, found, 8, NULL) >= 0, "find");
        must(site_directory_find(shops[0].site, view_of("010-1234-5678"), tier, NULL) >= 0, "recognise");
        if (atomic_fetch_add(&asked, 1) % 16 == 0) {
            struct rebuild_report report;
            struct err err = {.code = 0};
            must(site_rebuild(hub, NULL, &report, &err) == 0, err.text);
        }
    }
}

/* ---- The uneasy store: each connection pushes all it has; the next one comes before the last one is over ---- */

static struct {
    struct mutex lock;
    struct condition changed;
    struct impostor self;
    struct transport *transport;
    size_t opened, closed, welcome, acked;
} uneasy;

static void say(struct connection *connection, const struct message *message) {
    struct buf bytes = BUF_INIT;
    message_encode(message, &bytes);
    transport_send(connection, buf_view(&bytes));
    buf_release(&bytes);
}

static void *uneasy_opened(void *context, struct connection *connection) {
    struct buf bytes = BUF_INIT;
    (void)context;
    transport_limit(connection, MESSAGE_MAX);
    transport_deadline(connection, PATIENCE_S * 1000);
    mutex_lock(&uneasy.lock);
    impostor_knock(&uneasy.self, &bytes);
    mutex_unlock(&uneasy.lock);
    transport_send(connection, buf_view(&bytes));
    buf_release(&bytes);
    return &uneasy;
}

static void uneasy_greet(struct connection *connection) {
    struct buf bytes = BUF_INIT;
    struct message_greeting greeting = impostor_greeting(&uneasy.self);
    impostor_hello(&uneasy.self, &greeting, &bytes);
    transport_send(connection, buf_view(&bytes));
    buf_release(&bytes);
}

static bool uneasy_message(void *user, struct connection *connection, struct view bytes) {
    struct message message;
    (void)user;
    must(message_decode(bytes, &message, NULL) == 0, "the hub speaks");
    mutex_lock(&uneasy.lock);
    impostor_hear(&uneasy.self, &message);
    if (message.type == MESSAGE_nonce) uneasy_greet(connection);
    if (message.type == MESSAGE_welcome) {
        struct message push = impostor_push_all(&uneasy.self);
        say(connection, &push);
        uneasy.welcome++;
    }
    if (message.type == MESSAGE_ack && message.body.ack.receipt.data != NULL) uneasy.acked++;
    condition_broadcast(&uneasy.changed);
    mutex_unlock(&uneasy.lock);
    return true;
}

static void uneasy_closed(void *user, struct connection *connection, const struct err *err) {
    (void)user;
    (void)connection;
    (void)err;
    mutex_lock(&uneasy.lock);
    uneasy.closed++;
    condition_broadcast(&uneasy.changed);
    mutex_unlock(&uneasy.lock);
}

static void uneasy_failed(void *context, const struct err *err) { uneasy_closed(context, NULL, err); }

static void open_uneasy(void) {
    static uint8_t secret[SECRET_SIZE] = {9};
    char name[SERVER_NAME_SIZE];
    struct err err = {.code = 0};
    mutex_init(&uneasy.lock);
    condition_init(&uneasy.changed);
    impostor_init(&uneasy.self, 33, stream_make(1, STORES + 1), root.signer.public_key);
    enroll(uneasy.self.signer.stream, "uneasy", secret);
    memcpy(uneasy.self.secret, secret, SECRET_SIZE);
    uneasy.self.shows_secret = true;
    impostor_write(&uneasy.self, 200, 100);
    server_name(root.signer.public_key, name);
    struct tls_identity tls = {.ca_certificate = root.ca_certificate, .server_name = name};
    must(transport_nng_open(env_os(), &tls, &uneasy.transport, &err) == 0, err.text);
}

static void be_uneasy(void *context) {
    struct transport_handler handler = {
        .opened = uneasy_opened, .message = uneasy_message, .closed = uneasy_closed, .context = &uneasy};
    (void)context;
    for (size_t i = 0; i < UNEASY; i++) {
        must(uneasy.transport->ops->dial(uneasy.transport, address, &handler, uneasy_failed, NULL) == 0, "dialling");
        mutex_lock(&uneasy.lock);
        uneasy.opened++;
        while (uneasy.opened - uneasy.closed > 2)
            must(condition_wait_ms(&uneasy.changed, &uneasy.lock, PATIENCE_S * 1000), "the older one is let go");
        mutex_unlock(&uneasy.lock);
    }
}

/* ---- Main ---- */

static void start(struct thread *threads) {
    thread_start(&threads[0], write_on, NULL);
    thread_start(&threads[1], be_uneasy, NULL);
    thread_start(&threads[2], erase_on, NULL);
    for (size_t i = 0; i < READERS; i++) thread_start(&threads[3 + i], ask_on, NULL);
    for (size_t i = 0; i < STORES; i++) {
        thread_start(&shops[i].uplink, run_line, &shops[i]);
        thread_start(&shops[i].counter, sell_on, &shops[i]);
    }
}

static void await_level(struct shop *shop) {
    struct hub_line_status status = {.level = false};
    int64_t until = env_monotonic(env_os()) + PATIENCE_S * 1000;
    struct head head;
    must(log_head(shop->site->log, shop->site->config.stream, &head) == 0, "it sold");
    for (;;) {
        struct head there = {.seq = 0};
        hub_line_status(shop->line, &status);
        if (status.level && log_head(hub->log, head.stream, &there) == 0 && there.seq == head.seq) return;
        must(env_monotonic(env_os()) < until, status.trouble.code != 0 ? status.trouble.text : "level in time");
        hub_line_wait_change(shop->line, 20);
    }
}

static void check(void) {
    struct totals sums;
    struct cut cut = {TIME_NONE, TIME_NONE};
    struct head head;
    struct verify_report report;
    struct err err = {.code = 0};
    totals(hub->model, &cut, &sums);
    must(sums.purchases == STORES * (DAYS * SALES_A_DAY + PASSING), "every sale once");
    must(sums.customers == STORES * (1 + PASSING), "every customer once");
    must(sums.persons == 1 + STORES * PASSING, "one person, and those who passed");
    must(site_forgot_all(hub), "the erased are forgotten");
    must(log_head(hub->log, uneasy.self.signer.stream, &head) == 0 && head.seq == 200, "the uneasy store's");
    must(memcmp(head.chain, uneasy.self.head.chain, CHAIN_SIZE) == 0, "byte for byte");
    must(hub->log->ops->verify(hub->log, NULL, &report, &err) == 0, err.text);
}

/* As soon as the directory has come: with a VIP in it, and the erased gone from it again. */
static void await_directory(const struct shop *shop) {
    struct directory_state state = {.numbers = 0};
    int64_t until = env_monotonic(env_os()) + PATIENCE_S * 1000;
    while (state.numbers != 1) {
        must(env_monotonic(env_os()) < until, "the directory of VIPs");
        mutex_lock(&shop->site->growth.lock);
        condition_wait_ms(&shop->site->growth.grown, &shop->site->growth.lock, 20);
        mutex_unlock(&shop->site->growth.lock);
        site_directory_state(shop->site, &state);
    }
}

static void stop(struct thread *threads) {
    for (size_t i = 0; i < STORES; i++) thread_join(&shops[i].counter);
    thread_join(&threads[1]);
    thread_join(&threads[2]);
    for (size_t i = 0; i < STORES; i++) await_level(&shops[i]);
    for (size_t i = 0; i < STORES; i++) await_directory(&shops[i]);
    desk_drop(&desk, stream_make(1, 1), "enough");
    for (size_t i = 0; i < STORES; i++) {
        atomic_store(&shops[i].closing, true);
        hub_line_try_now(shops[i].line);
        thread_join(&shops[i].uplink);
        hub_line_close(shops[i].line);
    }
    transport_shutdown(uneasy.transport);
    transport_shutdown(door);
    atomic_store(&over, true);
    ingest_wake(ingest);
    thread_join(&threads[0]); /* before those whom it wakes */
    directory_thread_stop(&directing);
    feed_thread_stop(&feeding);
    for (size_t i = 0; i < READERS; i++) thread_join(&threads[3 + i]);
    while (ingest_step(ingest)) {
    }
    struct err err = {.code = 0};
    while (judge_step(&judge, &err) > 0) {
    }
}

int main(void) {
    struct thread threads[3 + READERS] = {{.running = false}};
    scratch_make(&scratch);
    nowhere = fopen("/dev/null", "w");
    must(nowhere != NULL, "/dev/null");
    open_hub();
    for (size_t i = 0; i < STORES; i++) open_shop(i);
    open_uneasy();
    start(threads);
    stop(threads);
    check();
    printf("%zu questions, %zu of %d connections of the uneasy store were welcome, %zu acks\n", atomic_load(&asked),
           uneasy.welcome, UNEASY, uneasy.acked);
    desk_welcome(&desk);
    judge_close(&judge);
    ingest_close(ingest);
    desk_close(&desk);
    for (size_t i = 0; i < STORES; i++) site_close(shops[i].site);
    site_close(hub);
    impostor_release(&uneasy.self);
    mutex_destroy(&uneasy.lock);
    condition_destroy(&uneasy.changed);
    region_root_release(&root);
    fclose(nowhere);
    scratch_remove(&scratch);
    return 0;
}
