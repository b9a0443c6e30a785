#include "proto/base/env.h"

#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

static int64_t clock_ms(clockid_t clock) {
    struct timespec now;
    clock_gettime(clock, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static int64_t os_now_ms(void *context) {
    (void)context;
    return clock_ms(CLOCK_REALTIME);
}

static int64_t os_monotonic_ms(void *context) {
    (void)context;
    return clock_ms(CLOCK_MONOTONIC);
}

static void os_random(void *context, void *out, size_t len) {
    (void)context;
    randombytes_buf(out, len);
}

const struct env *env_os(void) {
    static const struct env os = {os_now_ms, os_monotonic_ms, os_random, NULL};
    if (sodium_init() < 0) {
        fputs("dangol: the system's random generator is not available\n", stderr);
        abort();
    }
    return &os;
}
