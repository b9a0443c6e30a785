#include "proto/event/hlc.h"

#define MS_MAX ((INT64_C(1) << 48) - 1)

static uint64_t physical(int64_t now_ms) {
    if (now_ms < 0) return 0;
    return hlc_make(now_ms < MS_MAX ? now_ms : MS_MAX, 0);
}

uint64_t hlc_next(uint64_t last, int64_t now_ms) {
    uint64_t now = physical(now_ms);
    if (now > last) return now;
    return last < UINT64_MAX ? last + 1 : last; /* at the end of time it stands still: it must not go back */
}

uint64_t hlc_hear(uint64_t last, uint64_t seen, int64_t now_ms) {
    int64_t now = hlc_ms(physical(now_ms));
    if (seen <= last || hlc_ms(seen) > now + HLC_AHEAD_MAX_MS) return last;
    return seen;
}
