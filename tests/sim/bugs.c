/* The simulator's own test: each deliberate bug of proto/base/bug.h is planted, and must be found. */
#include <string.h>

#include "proto/base/bug.h"
#include "tests/sim/sim.h"

enum bug bug_planted;

static const struct {
    const char *name, *what;
} bugs[] = {{"none", "nothing is wrong"},
#define BUG_ROW(name, what) {#name, what},
            BUG_LIST(BUG_ROW)
#undef BUG_ROW
};

bool bugs_plant(const char *name) {
    for (int i = 0; i < BUG_COUNT; i++) {
        if (strcmp(bugs[i].name, name) != 0) continue;
        bug_planted = (enum bug)i;
        return true;
    }
    return false;
}

/* The first seed that finds it, 0: none. */
static uint64_t hunt(uint64_t seeds, uint64_t hub_losses, struct finding *finding) {
    struct tally tally = {.seeds = 0};
    for (uint64_t seed = 1; seed <= seeds; seed++)
        if (!sim_life(&(struct sim_options){.seed = seed, .hub_losses = hub_losses}, &tally, finding)) return seed;
    return 0;
}

int bugs_hunt(uint64_t seeds, FILE *out) {
    int missed = 0;
    for (int i = 1; i < BUG_COUNT; i++) {
        struct finding finding;
        bug_planted = (enum bug)i;
        bool fierce = i == BUG_branch_not_compared; /* seldom, and only where hubs are lost */
        uint64_t seed = hunt(seeds, fierce ? SIM_FIERCE : 1, &finding);
        if (seed == 0) {
            fprintf(out, "sim: MISSED within %llu seeds: %s (%s)\n", (unsigned long long)seeds, bugs[i].name,
                    bugs[i].what);
            missed++;
        } else {
            fprintf(out, "sim: %-20s seed %3llu%s, invariant %d: %s\n", bugs[i].name, (unsigned long long)seed,
                    fierce ? " (fierce)" : "", finding.invariant, finding.text);
        }
        fflush(out);
    }
    fprintf(out, "sim: %d of %d deliberate bugs found\n", BUG_COUNT - 1 - missed, BUG_COUNT - 1);
    return missed == 0 ? 0 : 1;
}
