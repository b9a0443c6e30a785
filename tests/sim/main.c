/* The simulator's program; scripts/sim is its front. See usage below. */
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tests/sim/sim.h"

static const char usage[] =
    "usage: sim [--seeds N] [--from SEED] [--until STEP] [--trace] [--fierce] [--bug NAME] [--bugs N]\n"
    "  --seeds N     so many lives (default 100)\n"
    "  --from SEED   the first one's seed (default 1)\n"
    "  --until STEP  stops each at this step\n"
    "  --trace       tells what happens, on stdout\n"
    "  --fierce      the hub is lost 20 times as often\n"
    "  --bug NAME    with this bug planted (proto/base/bug.h)\n"
    "  --bugs N      its own test: each bug must be found within N seeds\n";

struct arguments {
    uint64_t seeds, from, until, bugs;
    bool trace, fierce;
};

/* In a signal handler nothing else may be called. */
static void write_text(const char *text) {
    size_t len = 0;
    while (text[len] != '\0') len++;
    if (write(STDERR_FILENO, text, len) < 0) _exit(1);
}

static void write_number(uint64_t number) {
    char digits[24];
    size_t at = sizeof digits - 1;
    digits[at] = '\0';
    do digits[--at] = (char)('0' + number % 10);
    while ((number /= 10) > 0);
    write_text(digits + at);
}

/* What an assertion or a crash of ours leaves behind: the way to see it again. */
static void stopped(int number) {
    write_text("\nsim: stopped by a signal: seed ");
    write_number(sim_running == NULL ? 0 : sim_running->seed);
    write_text(", step ");
    write_number(sim_running == NULL ? 0 : sim_running->step);
    write_text("\n");
    signal(number, SIG_DFL);
    raise(number);
}

static bool take_number(const char *text, uint64_t *out) {
    char *end;
    *out = strtoull(text, &end, 10);
    return *text != '\0' && *end == '\0';
}

static bool take_arguments(int argc, char **argv, struct arguments *out) {
    for (int i = 1; i < argc; i++) {
        bool more = i + 1 < argc, good = true;
        if (strcmp(argv[i], "--trace") == 0)
            out->trace = true;
        else if (strcmp(argv[i], "--fierce") == 0)
            out->fierce = true;
        else if (more && strcmp(argv[i], "--seeds") == 0)
            good = take_number(argv[++i], &out->seeds);
        else if (more && strcmp(argv[i], "--from") == 0)
            good = take_number(argv[++i], &out->from);
        else if (more && strcmp(argv[i], "--until") == 0)
            good = take_number(argv[++i], &out->until);
        else if (more && strcmp(argv[i], "--bugs") == 0)
            good = take_number(argv[++i], &out->bugs);
        else if (more && strcmp(argv[i], "--bug") == 0)
            good = bugs_plant(argv[++i]);
        else
            good = false;
        if (!good) return false;
    }
    return true;
}

static void progress(uint64_t done, const struct arguments *arguments, const struct tally *tally) {
    if (arguments->trace || !isatty(STDERR_FILENO)) return;
    fprintf(stderr, "\r%llu of %llu seeds, %llu region-days, %llu events ", (unsigned long long)done,
            (unsigned long long)arguments->seeds, (unsigned long long)tally->days, (unsigned long long)tally->events);
    if (done == arguments->seeds) fputc('\n', stderr);
}

static void tell_finding(const struct sim_options *options, const struct finding *finding) {
    unsigned long long seed = (unsigned long long)options->seed;
    unsigned long long days = (unsigned long long)(finding->elapsed / DAY_MS);
    printf("sim: seed %llu, step %llu, day %llu: invariant %d: %s\n", seed, (unsigned long long)finding->step, days,
           finding->invariant, finding->text);
    printf("sim: again: scripts/sim --from %llu --seeds 1 --until %llu --trace%s\n", seed,
           (unsigned long long)finding->step + 1, options->hub_losses > 1 ? " --fierce" : "");
}

static void tell_tally(const struct tally *t) {
    printf("sim: %llu seeds, %llu region-days, %llu events (%llu imported), %llu messages, %llu crashes, %llu cuts, "
           "%llu restores, "
           "%llu clones, %llu full disks, %llu strangers, %llu clock jumps, %llu revocations, %llu erasures, "
           "%llu recoveries, %llu hubs lost, %llu of them parted, %llu audits, %llu VIPs\n",
           (unsigned long long)t->seeds, (unsigned long long)t->days, (unsigned long long)t->events,
           (unsigned long long)t->imported, (unsigned long long)t->messages, (unsigned long long)t->crashes,
           (unsigned long long)t->cuts, (unsigned long long)t->restores, (unsigned long long)t->clones,
           (unsigned long long)t->full_disks, (unsigned long long)t->strangers, (unsigned long long)t->jumps,
           (unsigned long long)t->revocations, (unsigned long long)t->erasures, (unsigned long long)t->recoveries,
           (unsigned long long)t->hubs, (unsigned long long)t->branches, (unsigned long long)t->audits,
           (unsigned long long)t->vips);
}

static int run(const struct arguments *arguments) {
    struct tally tally = {.seeds = 0};
    bool sound = true;
    for (uint64_t i = 0; i < arguments->seeds && sound; i++) {
        struct sim_options options = {arguments->from + i, arguments->until, arguments->fierce ? SIM_FIERCE : 1,
                                      arguments->trace ? stdout : NULL};
        struct finding finding;
        sound = sim_life(&options, &tally, &finding);
        if (!sound) tell_finding(&options, &finding);
        progress(i + 1, arguments, &tally);
    }
    tell_tally(&tally);
    return sound ? 0 : 1;
}

int main(int argc, char **argv) {
    struct arguments arguments = {.seeds = 100, .from = 1};
    if (!take_arguments(argc, argv, &arguments)) {
        fputs(usage, stderr);
        return 2;
    }
    signal(SIGABRT, stopped);
    signal(SIGSEGV, stopped);
    if (arguments.bugs > 0) return bugs_hunt(arguments.bugs, stdout);
    return run(&arguments);
}
