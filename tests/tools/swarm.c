/* Many stores at once, for tests of whole programs:
 *
 *     swarm enroll DIR COUNT                       into a hub's directory that nobody serves
 *     swarm run DIR COUNT EVENTS RATE SECONDS      each makes so many events, all together RATE a second, and holds
 *                                                  them until they are acked, however often the hub goes away
 *
 * `run` says "open" when all are on the line for the first time and ends when all is acked: 0, and a line of JSON; 1
 * when time ran out or the hub lost what it had acked; 2 wrong use. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#include "tests/support/bench.h"
#include "tests/support/children.h"
#include "tests/support/swarm.h"

#define STEP_MS 5
#define GATHER 50

static void more_files(void) {
    struct rlimit limit;
    getrlimit(RLIMIT_NOFILE, &limit);
    limit.rlim_cur = limit.rlim_max;
    setrlimit(RLIMIT_NOFILE, &limit);
}

static bool run(struct swarm *swarm, const struct swarm_pace *pace, double seconds) {
    double until = bench_seconds() + seconds;
    bool opened = false;
    swarm_pace(swarm, pace);
    while (bench_seconds() < until && !swarm->lost && !swarm_level(swarm)) {
        swarm_step(swarm);
        swarm_rest(swarm, STEP_MS);
        if (!opened && swarm->open == swarm->count) {
            opened = true;
            fprintf(stderr, "open after %.1f s\n", bench_seconds() + seconds - until);
        }
    }
    return !swarm->lost && swarm_level(swarm);
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
    if (argc != 7 || strcmp(argv[1], "run") != 0) {
        fprintf(stderr, "swarm enroll DIR COUNT | swarm run DIR COUNT EVENTS RATE SECONDS\n");
        return 2;
    }
    bench_must(swarm_open(&swarm, argv[2], strtoull(argv[3], NULL, 10), &err) == 0, err.text);
    struct swarm_pace pace = {
        .rate = strtod(argv[5], NULL), .gather = GATHER, .each = strtoull(argv[4], NULL, 10), .wait_ms = 500};
    bool good = run(&swarm, &pace, strtod(argv[6], NULL));
    printf("{\"level\":%s,\"lost\":%s,\"open\":%zu,\"events\":%llu,\"dials\":%llu,\"refused\":%llu,\"p99_ms\":%.1f}\n",
           good ? "true" : "false", swarm.lost ? "true" : "false", (size_t)swarm.open, (unsigned long long)swarm.events,
           (unsigned long long)swarm.dials, (unsigned long long)swarm.refusals, swarm_latency(&swarm, 0.99));
    swarm_close(&swarm);
    return good ? 0 : 1;
}
