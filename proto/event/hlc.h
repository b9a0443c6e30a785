/* Hybrid logical clock: 48 bits of ms since 1970 and 16 of counter in a u64; overflow of the counter carries into the
 * ms. It never goes back within a stream and follows what is heard from others.
 * Source: Kulkarni et al., "Logical Physical Clocks", 2014. Pure. */
#ifndef DANGOL_PROTO_EVENT_HLC_H
#define DANGOL_PROTO_EVENT_HLC_H

#include <stdbool.h>
#include <stdint.h>

/* An hlc further ahead of the local clock than this is stored but never adopted. */
#define HLC_AHEAD_MAX_MS INT64_C(60000)

static inline int64_t hlc_ms(uint64_t hlc) { return (int64_t)(hlc >> 16); }
static inline uint64_t hlc_make(int64_t ms, uint16_t counter) { return (uint64_t)ms << 16 | counter; }

/* The next value after `last` at physical time `now_ms` (negative times count as 0). */
uint64_t hlc_next(uint64_t last, int64_t now_ms);
/* What `last` becomes on hearing `seen`: the larger, unless `seen` is too far ahead of now. */
uint64_t hlc_hear(uint64_t last, uint64_t seen, int64_t now_ms);

#endif
