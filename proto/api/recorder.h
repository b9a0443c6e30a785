/* Takes in what is to be recorded and has it on the disk within a second, in groups, on a thread of its own.
 *
 * Bounded: when the disk does not take what waits, it is full after RECORDER_MAX bytes; then putting fails, at once,
 * and what was to be recorded must not happen. The thread tries again until it is closed. Thread: any, but for open and
 * close. Ownership: the recorder is its opener's. Before: looks.h. */
#ifndef DANGOL_PROTO_API_RECORDER_H
#define DANGOL_PROTO_API_RECORDER_H

#include "proto/base/journal.h"
#include "proto/site/looks.h"

#define RECORDER_MAX (16u << 20) /* bytes that wait */

struct recorder;
int recorder_open(struct site *site, const struct journal *journal, struct recorder **out, struct err *err);
/* Any number of ids: what is too long for one entry becomes several. 0 or ERR_BUSY. */
int recorder_put(struct recorder *recorder, const struct look_entry *entry, const uint64_t *ids, size_t count,
                 struct err *err);
void recorder_close(struct recorder *recorder); /* NULL is fine; writes what waits */

#endif
