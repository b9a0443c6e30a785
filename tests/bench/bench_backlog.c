/* A backlog on its way from a store to the hub: real sites on disk, real sockets, TLS, signatures, both commits.
 *
 *   backlog         events a second from the store's log into the hub's, acked; baseline: the same frames put into a
 * bare
 *                   LMDB and committed in groups as large as the hub's
 *   bytes_on_line   bytes of PUSH messages an event; baseline: the same events as compact JSON
 *   first argument: how many events (default 1,000,000) */
#include <lmdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "hub/desk.h"
#include "hub/feed_thread.h"
#include "hub/judge.h"
#include "node/line.h"
#include "tests/support/bench.h"
#include "tests/support/till.h"

#define CUSTOMERS 20000
#define GROUP 65536

static const struct env *env;

/* The hub: a daemon's writer loop on a thread of its own. */
struct hub {
    struct site *site;
    struct ingest *ingest;
    struct desk desk;
    struct feed_thread feeding;
    struct transport *transport;
    struct thread writer;
    atomic_bool stop;
    char bound[64];
};

static void write_loop(void *context) {
    struct hub *hub = context;
    struct judge judge;
    judge_open(&judge, hub->site);
    while (!hub->stop) {
        bool more = desk_welcome(&hub->desk);
        more |= ingest_step(hub->ingest);
        desk_resume(&hub->desk);
        while (judge_step(&judge, NULL) > 0) {
        }
        hub->desk.judged = judge.position;
        if (more) feed_thread_wake(&hub->feeding);
        if (!more) ingest_wait(hub->ingest, 100);
    }
    judge_close(&judge);
}

static void common_config(struct config *config, const struct region_root *root) {
    memcpy(config->root, root->signer.public_key, PUBLIC_KEY_SIZE);
    config->region = mem_text("bench");
    config->currency = mem_text("USD");
    config->timezone = mem_text("UTC");
    config->country = mem_text("US");
    config->ca_certificate = mem_text(root->ca_certificate);
}

static void hub_make(const struct region_root *root) {
    struct config config = {.role = ROLE_HUB};
    struct secrets secrets = {.tls_key = NULL};
    struct signer signer;
    struct err err;
    common_config(&config, root);
    config.listen = mem_text("127.0.0.1:0");
    config.addresses[config.address_count++] = mem_text("127.0.0.1:0");
    env_random(env, secrets.master, sizeof secrets.master);
    env_random(env, secrets.seed, sizeof secrets.seed);
    signer_from_seed(&signer, secrets.seed, ROLE_HUB, 0, config.root);
    hub_certify(root, signer.public_key, secrets.certificate);
    bench_must(tls_certificate_make(env, root, 1, &secrets.tls_key, &secrets.tls_certificate, &err) == 0,
               "certificate");
    bench_must(config_create("hub", &config, &secrets, &err) == 0, err.text);
    config_release(&config);
    secrets_release(&secrets);
}

static void hub_start(struct hub *hub) {
    struct err err;
    bench_must(site_open("hub", ROLE_HUB, env, NULL, &hub->site, &err) == 0, err.text);
    hub->ingest = ingest_open(hub->site);
    desk_open(&hub->desk, hub->site, hub->ingest, NULL);
    struct tls_identity tls = {.key = hub->site->secrets.tls_key, .certificate = hub->site->secrets.tls_certificate};
    bench_must(transport_nng_open(env, &tls, &hub->transport, &err) == 0, err.text);
    struct transport_handler handler = desk_handler(&hub->desk);
    bench_must(hub->transport->ops->listen(hub->transport, "127.0.0.1:0", &handler, hub->bound, &err) == 0, err.text);
    feed_thread_start(&hub->feeding, &hub->desk);
    thread_start(&hub->writer, write_loop, hub);
}

static void hub_stop(struct hub *hub) {
    hub->stop = true;
    ingest_wake(hub->ingest);
    thread_join(&hub->writer);
    transport_shutdown(hub->transport);
    feed_thread_stop(&hub->feeding);
    desk_welcome(&hub->desk);
    ingest_close(hub->ingest);
    desk_close(&hub->desk);
    site_close(hub->site);
}

static void enroll(struct hub *hub, const uint8_t secret[SECRET_SIZE]) {
    struct draft drafts[2];
    struct err err;
    uint8_t hash[32];
    join_secret_hash(secret, hash);
    memset(drafts, 0, sizeof drafts);
    event_init(&drafts[0].event, EVENT_store_opened);
    drafts[0].event.body.store_opened.store = view_of("367");
    event_init(&drafts[1].event, EVENT_stream_opened);
    drafts[1].event.body.stream_opened.stream = 1;
    drafts[1].event.body.stream_opened.store = view_of("367");
    drafts[1].event.body.stream_opened.secret_hash = view_make(hash, sizeof hash);
    bench_must(site_write(hub->site, drafts, 2, NULL, 0, NULL, &err) == 0, err.text);
}

static struct site *node_make(const struct region_root *root, const char *address, const uint8_t secret[SECRET_SIZE]) {
    struct config config = {.role = ROLE_STORE, .stream = 1};
    struct secrets secrets = {.tls_key = NULL};
    struct site *site;
    struct err err;
    common_config(&config, root);
    config.store = mem_text("367");
    config.addresses[config.address_count++] = mem_text(address);
    env_random(env, secrets.master, sizeof secrets.master);
    env_random(env, secrets.seed, sizeof secrets.seed);
    memcpy(secrets.join_secret, secret, SECRET_SIZE);
    bench_must(config_create("node", &config, &secrets, &err) == 0, err.text);
    config_release(&config);
    secrets_release(&secrets);
    bench_must(site_open("node", ROLE_STORE, env, NULL, &site, &err) == 0, err.text);
    return site;
}

struct waiting {
    struct hub_line *line;
    double until;
    struct hub_line_status status;
};

static bool level(void *context) {
    struct waiting *w = context;
    hub_line_status(w->line, &w->status);
    return w->status.level || bench_seconds() > w->until;
}

static double drain(struct site *node) {
    struct err err;
    struct waiting w = {.until = bench_seconds() + 300};
    double start = bench_seconds();
    bench_must(hub_line_open(node, NULL, &w.line, &err) == 0, err.text);
    hub_line_run(w.line, level, &w);
    double took = bench_seconds() - start;
    bench_must(w.status.level, w.status.trouble.text);
    hub_line_close(w.line);
    return took;
}

/* The same frames into a bare LMDB, position by position, a commit a group. */
static double bare(struct site *node, uint64_t tip) {
    MDB_env *lmdb;
    MDB_txn *txn = NULL;
    MDB_dbi table = 0;
    struct log_iterator *it;
    struct record record;
    struct err err;
    bench_must(mkdir("bare", 0700) == 0, "mkdir");
    bench_must(mdb_env_create(&lmdb) == 0 && mdb_env_set_mapsize(lmdb, (size_t)64 << 30) == 0 &&
                   mdb_env_open(lmdb, "bare", MDB_NOTLS, 0600) == 0,
               "bare LMDB");
    bench_must(node->log->ops->iterate(node->log, &it, &err) == 0 && it->ops->seek(it, 1) == 0, "iterate");
    double start = bench_seconds();
    for (uint64_t i = 0; i < tip; i++) {
        if (i % GROUP == 0) {
            bench_must(txn == NULL || mdb_txn_commit(txn) == 0, "bare commit");
            bench_must(mdb_txn_begin(lmdb, NULL, 0, &txn) == 0 && mdb_dbi_open(txn, NULL, MDB_INTEGERKEY, &table) == 0,
                       "bare");
        }
        bench_must(it->ops->next(it, &record, &err) == 0, "next");
        size_t position = (size_t)record.position;
        MDB_val key = {sizeof position, &position}, value = {record.frame.len, (void *)(uintptr_t)record.frame.data};
        bench_must(mdb_put(txn, table, &key, &value, MDB_APPEND) == 0, "bare put");
    }
    bench_must(mdb_txn_commit(txn) == 0, "bare commit");
    double took = bench_seconds() - start;
    it->ops->close(it);
    mdb_env_close(lmdb);
    return took;
}

/* The sales of a log in PUSHes as the uplink makes them. */
static void measure_line(struct site *node, uint64_t first, uint64_t tip) {
    struct batch_packer *packer = batch_packer_open(PUSH_LEVEL);
    struct message message = {.type = MESSAGE_push};
    struct head head = {.stream = 1, .seq = 1};
    struct buf frames = BUF_INIT, bytes = BUF_INIT;
    struct log_iterator *it;
    struct record record;
    struct err err;
    uint64_t events = 0, json = 0;
    size_t line = 0;
    uint32_t count = 0;
    bench_must(node->log->ops->iterate(node->log, &it, &err) == 0 && it->ops->seek(it, first) == 0, "iterate");
    for (uint64_t position = first; position <= tip; position++) {
        bench_must(it->ops->next(it, &record, &err) == 0, "next");
        buf_append_view(&frames, record.frame);
        events++;
        if (++count < PUSH_EVENTS && position < tip) continue;
        head.seq = count;
        bench_must(batch_pack(packer, 1, count, buf_view(&frames), &head, VIEW_NONE, &message.body.push, &err) == 0,
                   "pack");
        buf_clear(&bytes);
        message_encode(&message, &bytes);
        line += bytes.len + 4;
        buf_clear(&frames);
        count = 0;
    }
    it->ops->close(it);
    uint64_t sample = events < 1000 ? events : 1000;
    for (uint64_t i = 0; i < sample; i++) json += till_json_size(node, id_make(1, first + i * (events / sample)));
    double each = (double)line / (double)events, as_json = (double)json / (double)sample;
    bench_tell("bytes_on_line", "bytes/event", each, as_json, as_json / each);
    fprintf(stderr, "bytes on the line: %.1f an event (goal 40)\n", each);
    buf_release(&frames);
    buf_release(&bytes);
    batch_packer_close(packer);
}

int main(int argc, char **argv) {
    uint64_t events = argc > 1 ? strtoull(argv[1], NULL, 10) : 1000000;
    struct region_root root;
    struct hub hub = {.site = NULL};
    struct till till;
    struct err err;
    uint8_t secret[SECRET_SIZE];
    env = env_os();
    env_random(env, secret, sizeof secret);
    bench_must(region_root_make(env, "bench", &root, &err) == 0, err.text);
    hub_make(&root);
    hub_start(&hub);
    enroll(&hub, secret);
    struct site *node = node_make(&root, hub.bound, secret);
    till_open(&till, 1);
    bench_must(till_register(&till, node, CUSTOMERS, &err) == 0, err.text);
    bench_must(till_sell(&till, node, events, 10000, &err) == 0, err.text);
    uint64_t tip = log_tip(node->log);
    double took = drain(node), baseline = bare(node, tip);
    bench_must(log_tip(hub.site->log) >= tip, "everything at the hub");
    double rate = (double)tip / took, bare_rate = (double)tip / baseline;
    bench_tell("backlog", "events/s", rate, bare_rate, rate / bare_rate);
    fprintf(stderr, "backlog of %llu events: %.2f s, %.0f events/s (goal 300000; bare LMDB %.0f)\n",
            (unsigned long long)tip, took, rate, bare_rate);
    measure_line(node, CUSTOMERS + 1, tip);
    hub_stop(&hub);
    site_close(node);
    till_close(&till);
    region_root_release(&root);
    return 0;
}
