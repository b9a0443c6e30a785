/* The handover under ThreadSanitizer: callers and serve in one process; calls that end by themselves, by a cancel, and
 * by the end of the serve. */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "proto/command/handover_os.h"
#include "proto/command/handover_wire_os.h"
#include "proto/command/parse.h"
#include "proto/command/run_os.h"

#define CALLERS 8
#define ROUNDS 25

static atomic_int done;

static int run_count(struct call *call) {
    fprintf(call->out, "%d\n", atomic_fetch_add(&done, 1));
    return 0;
}

static int run_wait(struct call *call) {
    call_pause(call, -1);
    return 0;
}

static const struct command commands[] = {
    {"count", "", "counts", NEEDS_SITE, 0, 0, NULL, NULL, false, run_count, NULL},
    {"wait", "", "waits", NEEDS_SITE, 0, 0, NULL, NULL, false, run_wait, NULL},
    {NULL, NULL, NULL, NEEDS_NOTHING, 0, 0, NULL, NULL, false, NULL, NULL},
};
static const struct command *const groups[] = {commands, NULL};
static const struct program program = {"dangol-test", "a program for tests", ROLE_HUB, groups};

static char directory[] = "/tmp/dangol-handover-XXXXXX";

struct caller {
    struct thread thread;
    const char *word;
    struct stop stop;
    int outcome, status;
};

static void nothing(void) {}

static void call_once(struct caller *caller) {
    int null = open("/dev/null", O_RDWR | O_CLOEXEC);
    struct call call = {.program = &program, .env = env_os(), .working_directory = process_here()};
    struct streams streams;
    struct parse_place place = {.given = directory};
    streams_open(&streams, (const int[]){null, null, null}, &caller->stop, &call);
    parse_words(&call, 1, &caller->word, &place);
    caller->outcome = handover_call(&call, nothing, &caller->status);
    call_release(&call);
    streams_close(&streams);
    close(null);
}

static void count_main(void *context) {
    struct caller *caller = context;
    for (int i = 0; i < ROUNDS; i++) {
        call_once(caller);
        if (caller->outcome != HANDOVER_DONE || caller->status != 0) return;
    }
}

static void wait_main(void *context) { call_once(context); }

static void start(struct caller *caller, const char *word, void (*run)(void *)) {
    *caller = (struct caller){.word = word};
    stop_init(&caller->stop);
    thread_start(&caller->thread, run, caller);
}

static bool ended(struct caller *caller, int outcome, int status) {
    thread_join(&caller->thread);
    stop_release(&caller->stop);
    if (caller->outcome == outcome && (outcome != HANDOVER_DONE || caller->status == status)) return true;
    fprintf(stderr, "%s: outcome %d, status %d\n", caller->word, caller->outcome, caller->status);
    return false;
}

static bool go_through(struct site *site) {
    struct handover *handover;
    struct err err;
    if (handover_open(&program, site, NULL, env_os(), &handover, &err) != 0) {
        fprintf(stderr, "%s\n", err.text);
        return false;
    }
    struct caller callers[CALLERS], cancelled, last;
    bool good = true;
    for (int i = 0; i < CALLERS; i++) start(&callers[i], "count", count_main);
    start(&cancelled, "wait", wait_main);
    start(&last, "wait", wait_main);
    stop_ask(&cancelled.stop);
    for (int i = 0; i < CALLERS; i++) good &= ended(&callers[i], HANDOVER_DONE, 0);
    good &= ended(&cancelled, HANDOVER_DONE, EXIT_REFUSED);
    handover_close(handover);
    /* It had begun by now, most likely; a caller that comes too late finds nobody. */
    thread_join(&last.thread);
    bool known = last.outcome == HANDOVER_NOBODY || (last.outcome == HANDOVER_DONE && last.status == EXIT_REFUSED);
    good &= ended(&last, last.outcome, last.status) && known;
    return good && atomic_load(&done) == CALLERS * ROUNDS;
}

int main(void) {
    if (mkdtemp(directory) == NULL) return 1;
    process_start();
    int null = open("/dev/null", O_RDWR | O_CLOEXEC);
    int errors = fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, 3);
    dup2(null, STDOUT_FILENO); /* what the calls print */
    dup2(null, STDERR_FILENO);
    struct site site = {.directory = directory};
    bool good = go_through(&site);
    dup2(errors, STDERR_FILENO);
    close(errors);
    close(null);
    rmdir(directory);
    if (!good) fprintf(stderr, "handover: failed\n");
    return good ? 0 : 1;
}
