/* Many stores at once, for tests of whole programs:
 *
 *     swarm enroll DIR COUNT                       into a hub's directory that nobody serves
 *     swarm run DIR COUNT RATE SECONDS             all together make RATE events a second until SIGTERM, and hold
 *                                                  them until they are acked, however often the hub goes away
 *
 * `run` says "open" when all are on the line for the first time, only then trades, and after SIGTERM ends when all are
 * there and all is acked: 0, and a line of JSON; 1 when time ran out or the hub lost what it had acked; 2 wrong use. */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#include "tests/support/bench.h"
#include "tests/support/children.h"
#include "tests/support/swarm.h"

#define STEP_MS 5
#define GATHER 50

static volatile sig_atomic_t enough;

static void stop(int number) {
    (void)number;
    enough = 1;
}

static void more_files(void) {
    struct rlimit limit;
    getrlimit(RLIMIT_NOFILE, &limit);
    limit.rlim_cur = limit.rlim_max;
    setrlimit(RLIMIT_NOFILE, &limit);
}

static bool run(struct swarm *swarm, double rate, double seconds) {
    double until = bench_seconds() + seconds;
    struct swarm_pace none = {.rate = 1e-9, .gather = GATHER}, pace = {.rate = rate, .gather = GATHER, .wait_ms = 500};
    bool opened = false, ending = false;
    swarm_pace(swarm, &none);
    while (bench_seconds() < until && !swarm->lost && !(ending && swarm_level(swarm))) {
        swarm_step(swarm);
        swarm_rest(swarm, STEP_MS);
        if (!opened && swarm->open == swarm->count) {
            opened = true;
            swarm_pace(swarm, &pace);
            fprintf(stderr, "open after %.1f s\n", bench_seconds() + seconds - until);
        }
        if (!ending && enough) {
            ending = true;
            swarm_stop(swarm);
        }
    }
    return !swarm->lost && ending && swarm_level(swarm);
}

int main(int argc, char **argv) {
    struct swarm swarm;
    struct err err;
    child_leash();
    more_files();
    if (argc == 4 && strcmp(argv[1], "enroll") == 0) {
        bench_must(swarm_enroll(argv[2], strtoull(argv[3], NULL, 10), &err) == 0, err.text);
        return 0;
    }
    if (argc != 6 || strcmp(argv[1], "run") != 0) {
        fprintf(stderr, "swarm enroll DIR COUNT | swarm run DIR COUNT RATE SECONDS\n");
        return 2;
    }
    bench_must(swarm_open(&swarm, argv[2], strtoull(argv[3], NULL, 10), &err) == 0, err.text);
    signal(SIGTERM, stop);
    bool good = run(&swarm, strtod(argv[4], NULL), strtod(argv[5], NULL));
    printf("{\"level\":%s,\"lost\":%s,\"open\":%zu,\"events\":%llu,\"dials\":%llu,\"refused\":%llu,\"p99_ms\":%.1f}\n",
           good ? "true" : "false", swarm.lost ? "true" : "false", (size_t)swarm.open, (unsigned long long)swarm.events,
           (unsigned long long)swarm.dials, (unsigned long long)swarm.refusals, swarm_latency(&swarm, 0.99));
    swarm_close(&swarm);
    return good ? 0 : 1;
}
