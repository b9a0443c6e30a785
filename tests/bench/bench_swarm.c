/* A region's stores at once: 2,000 real TLS connections from one process to a hub that is a process of its own, both on
 * the same cores.
 *
 *   swarm_events   events a second taken durably from all of them, as fast as acks come; baseline: the same frames put
 *                  into a bare LMDB and committed in groups of as many as the stores have on their way at once
 *   swarm_ack_p99  ms within which 99 % of the pushes were acked at half of the 100,000 events a second that are asked
 *                  for, gathered for half a second by each store; baseline: the 100 ms allowed
 *   swarm_memory   MB that the hub's process took at most (its own memory, without the pages of its files that the
 *                  system keeps for it); baseline: the 300 allowed
 *   Environment: DANGOL_SWARM (stores, default 2,000), DANGOL_SWARM_SECONDS (of each measurement, default 10) */
#include <fcntl.h>
#include <lmdb.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "proto/site/site.h"
#include "tests/support/bench.h"
#include "tests/support/children.h"
#include "tests/support/swarm.h"

#define GATHER 50    /* events of a PUSH: half a second at 100,000 a second of 2,000 stores */
#define ASKED 100000 /* events a second */
#define JOIN_SECONDS 180
#define STEP_MS 2

static const struct env *env;
static pid_t hub;

static size_t number(const char *name, size_t otherwise) {
    const char *text = getenv(name);
    return text == NULL || *text == '\0' ? otherwise : strtoull(text, NULL, 10);
}

static void more_files(size_t wanted) {
    struct rlimit limit;
    getrlimit(RLIMIT_NOFILE, &limit);
    if (limit.rlim_cur < wanted) limit.rlim_cur = limit.rlim_max < wanted ? limit.rlim_max : wanted;
    setrlimit(RLIMIT_NOFILE, &limit);
}

/* ---- The hub ---- */

static void hub_make(uint16_t port) {
    struct config config = {.role = ROLE_HUB, .stream = stream_make(1, 0), .incarnation = 1};
    struct secrets secrets = {.tls_key = NULL};
    struct region_root root;
    struct signer signer;
    struct err err;
    char address[32];
    snprintf(address, sizeof address, "127.0.0.1:%u", port);
    bench_must(region_root_make(env, "swarm", &root, &err) == 0, err.text);
    memcpy(config.root, root.signer.public_key, PUBLIC_KEY_SIZE);
    config.region = mem_text("swarm");
    config.currency = mem_text("KRW");
    config.timezone = mem_text("Asia/Seoul");
    config.country = mem_text("KR");
    config.ca_certificate = mem_text(root.ca_certificate);
    config.listen = mem_text(address);
    config.addresses[config.address_count++] = mem_text(address);
    env_random(env, secrets.master, sizeof secrets.master);
    env_random(env, secrets.seed, sizeof secrets.seed);
    signer_from_seed(&signer, secrets.seed, ROLE_HUB, config.stream, config.root);
    hub_certify(&root, signer.public_key, secrets.certificate);
    bench_must(tls_certificate_make(env, &root, 1, &secrets.tls_key, &secrets.tls_certificate, &err) == 0,
               "certificate");
    bench_must(config_create("hub", &config, &secrets, &err) == 0, err.text);
    config_release(&config);
    secrets_release(&secrets);
    region_root_release(&root);
}

static void hub_start(void) {
    int log = open("hub.log", O_CREAT | O_APPEND | O_WRONLY | O_CLOEXEC, 0644);
    bench_must(log >= 0, "hub.log");
    hub = child_program((const char *const[]){"dangol-hub", "serve", "hub", NULL}, -1, log);
    close(log);
}

static double hub_memory(const char *what) {
    char path[64], line[256];
    double kib = 0;
    size_t length = strlen(what);
    snprintf(path, sizeof path, "/proc/%d/status", (int)hub);
    FILE *status = fopen(path, "r");
    bench_must(status != NULL, "the hub lives");
    while (fgets(line, sizeof line, status) != NULL)
        if (strncmp(line, what, length) == 0) kib = strtod(line + length, NULL);
    fclose(status);
    return kib / 1024;
}

static double peak;

/* ---- Measuring ---- */

static void drive(struct swarm *swarm, double seconds) {
    double until = bench_seconds() + seconds;
    for (int turn = 0; bench_seconds() < until; turn++) {
        swarm_step(swarm);
        swarm_rest(swarm, STEP_MS);
        if (turn % 50 != 0) continue;
        double own = hub_memory("RssAnon:");
        if (own > peak) peak = own;
    }
    bench_must(!swarm->lost, "nothing acked is lost");
}

static void join(struct swarm *swarm) {
    double start = bench_seconds();
    while (swarm->open < swarm->count && bench_seconds() < start + JOIN_SECONDS) drive(swarm, 0.1);
    bench_must(swarm->open == swarm->count, "everybody is on the line");
    fprintf(stderr, "%zu stores on the line after %.1f s, %llu dials; hub %.0f MB\n", swarm->count,
            bench_seconds() - start, (unsigned long long)swarm->dials, hub_memory("VmRSS:"));
}

static double measure_events(struct swarm *swarm, double seconds) {
    swarm_pace(swarm, &(struct swarm_pace){.gather = GATHER});
    drive(swarm, seconds / 2); /* registrations, and until it runs evenly */
    double start = bench_seconds();
    uint64_t before = swarm->events;
    drive(swarm, seconds);
    double rate = (double)(swarm->events - before) / (bench_seconds() - start);
    fprintf(stderr, "as fast as acked: %.0f events/s (goal %d); a push is acked in %.0f ms, 99 %% in %.0f\n", rate,
            ASKED, swarm_latency(swarm, 0.5), swarm_latency(swarm, 0.99));
    return rate;
}

static double measure_latency(struct swarm *swarm, double seconds) {
    struct swarm_pace pace = {.rate = ASKED / 2.0, .gather = GATHER, .wait_ms = 500};
    swarm_pace(swarm, &pace);
    drive(swarm, seconds / 2);
    swarm_pace(swarm, &pace);
    double start = bench_seconds();
    uint64_t before = swarm->events;
    drive(swarm, seconds);
    double p99 = swarm_latency(swarm, 0.99);
    fprintf(stderr, "at %.0f events/s: half of the pushes acked in %.1f ms, 99 %% in %.1f, 99.9 %% in %.1f\n",
            (double)(swarm->events - before) / (bench_seconds() - start), swarm_latency(swarm, 0.5), p99,
            swarm_latency(swarm, 0.999));
    return p99;
}

/* The same frames into a bare LMDB, a commit a group. */
static double bare(size_t group) {
    MDB_env *lmdb;
    MDB_dbi table = 0;
    struct buf frames = BUF_INIT;
    size_t position = 0, groups = 1000000 / group;
    bench_must(mkdir("bare", 0700) == 0, "mkdir");
    bench_must(mdb_env_create(&lmdb) == 0 && mdb_env_set_mapsize(lmdb, (size_t)64 << 30) == 0 &&
                   mdb_env_open(lmdb, "bare", MDB_NOTLS, 0600) == 0,
               "bare LMDB");
    swarm_frames(stream_make(1, SWARM_FIRST), 100, (uint32_t)group, env_now(env), &frames);
    double start = bench_seconds();
    for (size_t g = 0; g < groups; g++) {
        MDB_txn *txn;
        struct view rest = buf_view(&frames);
        bench_must(mdb_txn_begin(lmdb, NULL, 0, &txn) == 0 && mdb_dbi_open(txn, NULL, MDB_INTEGERKEY, &table) == 0,
                   "bare");
        while (rest.len > 0) {
            size_t length = 0;
            bench_must(frame_length(rest, &length, NULL) == 0, "frame");
            position++;
            MDB_val key = {sizeof position, &position}, value = {length, (void *)(uintptr_t)rest.data};
            bench_must(mdb_put(txn, table, &key, &value, MDB_APPEND) == 0, "bare put");
            rest = view_make(rest.data + length, rest.len - length);
        }
        bench_must(mdb_txn_commit(txn) == 0, "bare commit");
    }
    double took = bench_seconds() - start;
    mdb_env_close(lmdb);
    buf_release(&frames);
    return (double)position / took;
}

int main(void) {
    size_t stores = number("DANGOL_SWARM", 2000);
    double seconds = (double)number("DANGOL_SWARM_SECONDS", 10);
    struct swarm swarm;
    struct err err;
    env = env_os();
    more_files(stores * 2 + 1000);
    hub_make((uint16_t)(20000 + getpid() % 10000));
    bench_must(swarm_enroll("hub", stores, &err) == 0, err.text);
    hub_start();
    bench_must(swarm_open(&swarm, "hub", stores, &err) == 0, err.text);
    join(&swarm);
    double rate = measure_events(&swarm, seconds), p99 = measure_latency(&swarm, seconds);
    fprintf(stderr, "hub: %.0f MB of its own at most, %.0f with pages of its files\n", peak, hub_memory("VmHWM:"));
    swarm_close(&swarm);
    kill(hub, SIGTERM);
    bench_must(child_ended(hub) == 0, "the hub ends in order");
    double bare_rate = bare(stores * GATHER);
    bench_tell("swarm_events", "events/s", rate, bare_rate, rate / bare_rate);
    bench_tell("swarm_ack_p99", "ms", p99, 100, 100 / p99);
    bench_tell("swarm_memory", "MB", peak, 300, 300 / peak);
    return 0;
}
