/* When a clock was certainly wrong, and by how much (hub/clocks.h). Times in minutes; the HELLO before was at 0. */
#include "hub/clocks.h"

#include <criterion/criterion.h>

#define M INT64_C(60000)
#define DAY (1440 * M)

/* The store was off line for ten hours, and its clock shows `drift` now. */
static bool weigh(const int64_t *minutes, size_t count, int64_t drift, struct clock_finding *out) {
    int64_t ms[16];
    for (size_t i = 0; i < count; i++) ms[i] = minutes[i] * M;
    struct clock_evidence e = {.ms = ms,
                               .count = count,
                               .before = -1 * M,
                               .since = 0,
                               .at = 600 * M,
                               .drift = drift * M,
                               .known = true,
                               .tolerance = 5 * M};
    return clock_weigh(&e, out);
}

#define WEIGH(drift, ...) weigh((const int64_t[]){__VA_ARGS__}, sizeof((int64_t[]){__VA_ARGS__}) / 8, drift, &found)

Test(clocks, right_ones_are_left_alone) {
    struct clock_finding found;
    cr_assert_not(WEIGH(0, 10, 20, 600));
    cr_assert_not(WEIGH(0, 10, 604), "within the tolerance");
    cr_assert_not(WEIGH(300, 10, 20, 320, 400), "ahead now, but nothing is in the future");
    cr_assert_not(WEIGH(-300, 10, 20, 30), "behind now, but these may have been written before it fell behind");
}

Test(clocks, jumped_ahead) {
    struct clock_finding found;
    /* A day, after the second event. */
    cr_assert(WEIGH(1440, 10, 20, 1470, 1480));
    cr_assert(found.from == 2 && found.to == 3 && found.ms == -DAY);
    /* From the start. */
    cr_assert(WEIGH(1440, 1445, 1470));
    cr_assert(found.from == 0 && found.to == 1 && found.ms == -DAY);
    /* An hour: the first one after the jump is not in the future. */
    cr_assert(WEIGH(60, 10, 500, 600, 650));
    cr_assert(found.from == 2 && found.to == 3 && found.ms == -60 * M);
    /* Two steps that could be it: what stands between them may be right. */
    cr_assert(WEIGH(100, 10, 200, 310, 690));
    cr_assert(found.from == 3 && found.to == 3);
}

Test(clocks, jumped_ahead_and_back) {
    struct clock_finding found;
    int64_t years = 10 * 365 * 1440;
    cr_assert(WEIGH(0, 10, years + 20, years + 21, years + 21));
    cr_assert(found.from == 1 && found.to == 3);
    cr_assert_eq(found.ms, 600 * M - (years + 21) * M, "the last one at the HELLO");
    /* Two jumps: whatever is done, the order breaks or something stays in the future. */
    cr_assert_not(WEIGH(0, 10, years, 3 * years));
}

Test(clocks, goes_on_behind_a_correction) {
    int64_t ms[] = {2000 * M, 2001 * M};
    struct clock_evidence e = {.ms = ms, .count = 2, .before = 500 * M, .before_correction = -1450 * M, .at = 600 * M};
    struct clock_finding found;
    e.known = true;
    e.tolerance = 5 * M;
    cr_assert(clock_weigh(&e, &found));
    cr_assert(found.from == 0 && found.to == 1 && found.ms == -1450 * M);
    e.before = 590 * M; /* it would come before what stands before it */
    cr_assert(clock_weigh(&e, &found));
    cr_assert_eq(found.ms, 600 * M - 2001 * M);
}

Test(clocks, fell_behind) {
    struct clock_finding found;
    cr_assert(WEIGH(-3000, -2990, -2980, -2500));
    cr_assert(found.from == 0 && found.to == 2 && found.ms == 3000 * M);
    cr_assert_not(WEIGH(-3000, -5000, -2980), "the drift does not explain it");
    cr_assert_not(WEIGH(-3000, -2990, -2000), "nor this: it would be in the future");
    struct clock_evidence e = {.ms = (int64_t[]){-20 * M, -10 * M, -5000 * M, -4990 * M},
                               .count = 4,
                               .since = 0,
                               .since_index = 2,
                               .at = 600 * M,
                               .drift = -5010 * M,
                               .known = true,
                               .tolerance = 5 * M};
    cr_assert(clock_weigh(&e, &found), "the first two stood in its log at the HELLO before");
    cr_assert(found.from == 2 && found.to == 3 && found.ms == 5010 * M);
    e.known = false;
    cr_assert_not(clock_weigh(&e, &found));
}
