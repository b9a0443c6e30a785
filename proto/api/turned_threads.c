#include "proto/api/turned.h"

#include <stdlib.h>
#include <string.h>

#include "proto/base/bytes.h"
#include "proto/base/threads.h"

#define EVERY_MS 60000

struct turned {
    const struct journal *journal;
    const struct env *env;
    struct mutex lock;
    uint64_t count; /* not told yet */
    int64_t told;   /* monotonic ms; 0: never */
    int status;     /* the last one's */
    char address[64];
};

struct turned *turned_open(const struct journal *journal, const struct env *env) {
    struct turned *turned = mem_alloc(sizeof *turned);
    turned->journal = journal;
    turned->env = env;
    mutex_init(&turned->lock);
    return turned;
}

/* Under the lock. */
static void tell(struct turned *turned) {
    if (turned->count == 0) return;
    journal_say(turned->journal, "http: requests that were turned away unread: %llu, the last from %s with %d",
                (unsigned long long)turned->count, turned->address, turned->status);
    turned->count = 0;
}

void turned_close(struct turned *turned) {
    if (turned == NULL) return;
    tell(turned);
    mutex_destroy(&turned->lock);
    free(turned);
}

void turned_away(struct turned *turned, const char *address, int status) {
    int64_t now = env_monotonic(turned->env);
    mutex_lock(&turned->lock);
    turned->count++;
    turned->status = status;
    snprintf(turned->address, sizeof turned->address, "%s", address);
    if (turned->told == 0 || now - turned->told >= EVERY_MS) {
        turned->told = now;
        tell(turned);
    }
    mutex_unlock(&turned->lock);
}
