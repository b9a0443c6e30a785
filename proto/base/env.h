/* The world as a port: the clock and the source of randomness.
 *
 * Everything that needs the time or random bytes is handed a `struct env`, so that a whole region can run in one
 * process on a simulated clock and a seeded generator. `env_os` (env_os.c) is the real one. Thread: the real one may be
 * used from any thread. */
#ifndef DANGOL_PROTO_BASE_ENV_H
#define DANGOL_PROTO_BASE_ENV_H

#include <stddef.h>
#include <stdint.h>

struct env {
    int64_t (*now_ms)(void *context);       /* wall clock, ms since 1970 UTC; may jump */
    int64_t (*monotonic_ms)(void *context); /* for intervals and deadlines only */
    void (*random)(void *context, void *out, size_t len);
    void *context;
};

static inline int64_t env_now(const struct env *env) { return env->now_ms(env->context); }
static inline int64_t env_monotonic(const struct env *env) { return env->monotonic_ms(env->context); }
static inline void env_random(const struct env *env, void *out, size_t len) { env->random(env->context, out, len); }

/* The real clock and libsodium's generator; initialises libsodium. Aborts if that fails. */
const struct env *env_os(void);

#endif
