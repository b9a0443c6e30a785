/* What benchmarks share: a clock, a median, a line of JSON for scripts/bench, and an end on failure. */
#ifndef DANGOL_TESTS_SUPPORT_BENCH_H
#define DANGOL_TESTS_SUPPORT_BENCH_H

#include <stdbool.h>
#include <stddef.h>

double bench_seconds(void);                        /* monotonic */
double bench_cpu_seconds(void);                    /* of a core, spent by this process and for it */
double bench_median(double *values, size_t count); /* sorts them */
/* `ratio`: more is better. */
void bench_tell(const char *name, const char *unit, double value, double baseline, double ratio);
void bench_must(bool good, const char *what); /* else: says so on stderr and ends the program */

#endif
