/* Failed requests, counted by address: who tries what is not his is asked to wait.
 *
 * A shop's counters share one address, and so would be punished together. Only what fails counts, and only somebody
 * without a session is refused for it: people who are signed in go on. A bucket an address: it holds MISSES_BURST, and
 * MISSES_A_SECOND come back. A few thousand addresses are known at a time; strangers who share a place of the table
 * share its bucket. Thread: any. */
#ifndef DANGOL_PROTO_HTTP_MISSES_H
#define DANGOL_PROTO_HTTP_MISSES_H

#include <stdbool.h>
#include <stdint.h>

#define MISSES_BURST 120
#define MISSES_A_SECOND 4

struct misses;
struct misses *misses_open(uint64_t seed);
void misses_close(struct misses *misses);
void misses_count(struct misses *misses, const char *address, int64_t now_ms);
/* Is it to wait? */
bool misses_full(struct misses *misses, const char *address, int64_t now_ms);

#endif
