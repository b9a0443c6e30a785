#include <sodium.h>
#include <stdlib.h>

#include "proto/api/recorder.h"
#include "proto/base/threads.h"
#include "proto/site/accounts.h"
#include "proto/site/site.h"

#define GATHER_MS 200
#define GATHER_BYTES (RECORDER_MAX / 8) /* so many are not waited for any longer */
#define AGAIN_MS 1000
#define FLUSH_MS (5 * 60 * 1000) /* when tokens were last used */

struct recorder {
    struct site *site;
    struct journal journal;
    struct looks *looks;
    uint8_t key[32];
    struct mutex lock;
    struct condition ended; /* it is being closed, or enough waits */
    struct condition more;  /* something waits */
    struct buf waiting;     /* entries, as they will stand in the file */
    struct looks_head head; /* behind them */
    bool stopping;
    bool failing; /* the disk took nothing the last time */
    struct thread thread;
};

/* Has the disk take what waits; what it does not take stays in front of what came meanwhile. Called with the lock. */
static bool write_group(struct recorder *r) {
    struct buf group = r->waiting;
    struct looks_head head = r->head;
    struct err err = {.code = 0};
    r->waiting = (struct buf){.len = 0};
    mutex_unlock(&r->lock);
    int code = looks_append(r->looks, buf_view(&group), &head, &err);
    mutex_lock(&r->lock);
    if (code != 0) {
        buf_append_view(&group, buf_view(&r->waiting));
        struct buf later = r->waiting;
        r->waiting = group;
        group = later;
        if (!r->failing) journal_say(&r->journal, "the record of looks cannot be written: %s", err.text);
    } else if (r->failing) {
        journal_say(&r->journal, "the record of looks is written again");
    }
    r->failing = code != 0;
    buf_release(&group);
    return code == 0;
}

static void record(void *context) {
    struct recorder *r = context;
    int64_t flushed = env_monotonic(r->site->env);
    mutex_lock(&r->lock);
    for (;;) {
        if (r->waiting.len == 0 && !r->stopping) condition_wait_ms(&r->more, &r->lock, FLUSH_MS);
        bool enough = r->waiting.len >= GATHER_BYTES && !r->failing;
        if (r->waiting.len > 0 && !enough && !r->stopping)
            condition_wait_ms(&r->ended, &r->lock, r->failing ? AGAIN_MS : GATHER_MS);
        bool done = r->waiting.len == 0 || write_group(r);
        int64_t now = env_monotonic(r->site->env);
        if (now - flushed < FLUSH_MS && !r->stopping) continue;
        flushed = now;
        mutex_unlock(&r->lock);
        accounts_flush(r->site->accounts, NULL);
        mutex_lock(&r->lock);
        if (r->stopping && (r->waiting.len == 0 || !done)) break;
    }
    mutex_unlock(&r->lock);
}

int recorder_open(struct site *site, const struct journal *journal, struct recorder **out, struct err *err) {
    struct recorder *r = mem_alloc(sizeof *r);
    *r = (struct recorder){.site = site, .journal = *journal};
    mutex_init(&r->lock);
    condition_init(&r->more);
    condition_init(&r->ended);
    looks_key(site->secrets.master, r->key);
    int code = looks_open(site, &r->looks, err);
    if (code == 0) {
        r->head = *looks_head(r->looks);
        thread_start(&r->thread, record, r);
        *out = r;
    } else {
        recorder_close(r);
    }
    return code;
}

int recorder_put(struct recorder *r, const struct look_entry *entry, const uint64_t *ids, size_t count,
                 struct err *err) {
    mutex_lock(&r->lock);
    size_t before = r->waiting.len;
    bool full = before >= RECORDER_MAX;
    for (size_t done = 0; !full; done += LOOK_IDS) {
        size_t some = count - done > LOOK_IDS ? LOOK_IDS : count - done;
        looks_put(r->key, &r->head, entry, some == 0 ? NULL : ids + done, some, &r->waiting);
        if (count - done <= LOOK_IDS) break;
    }
    if (!full && before == 0) condition_signal(&r->more);
    if (before < GATHER_BYTES && r->waiting.len >= GATHER_BYTES && !r->failing) condition_signal(&r->ended);
    mutex_unlock(&r->lock);
    if (!full) return 0;
    return err_set(err, ERR_BUSY, NULL, "what is looked at cannot be recorded now, so nothing personal is shown");
}

void recorder_close(struct recorder *r) {
    if (r == NULL) return;
    mutex_lock(&r->lock);
    r->stopping = true;
    condition_signal(&r->more);
    condition_signal(&r->ended);
    mutex_unlock(&r->lock);
    thread_join(&r->thread);
    looks_close(r->looks);
    buf_release(&r->waiting);
    condition_destroy(&r->more);
    condition_destroy(&r->ended);
    mutex_destroy(&r->lock);
    sodium_memzero(r->key, sizeof r->key);
    free(r);
}
