#include <stdlib.h>

#include "proto/api/once.h"
#include "proto/base/threads.h"

#define KEPT 4096
#define KEPT_BYTES 65536 /* of one answer: what writes answers shortly */
#define KEPT_MS INT64_C(86400000)
#define WAIT_MS 10000

struct kept {
    bool used, running;
    uint8_t digest[ONCE_DIGEST], content[ONCE_DIGEST];
    int64_t since; /* monotonic ms */
    int status;
    struct buf body;
};

struct once {
    const struct env *env;
    struct mutex lock;
    struct condition ended;
    struct kept list[KEPT];
};

struct once *once_open(const struct env *env) {
    struct once *once = mem_alloc(sizeof *once);
    once->env = env;
    mutex_init(&once->lock);
    condition_init(&once->ended);
    return once;
}

static void forget(struct kept *kept) {
    buf_wipe(&kept->body);
    *kept = (struct kept){.used = false};
}

void once_close(struct once *once) {
    if (once == NULL) return;
    for (size_t i = 0; i < KEPT; i++) forget(&once->list[i]);
    condition_destroy(&once->ended);
    mutex_destroy(&once->lock);
    free(once);
}

static struct kept *find(struct once *once, const uint8_t digest[ONCE_DIGEST]) {
    for (size_t i = 0; i < KEPT; i++)
        if (once->list[i].used && memcmp(once->list[i].digest, digest, ONCE_DIGEST) == 0) return &once->list[i];
    return NULL;
}

/* A free place, or the oldest that is done; NULL: all are being done. */
static struct kept *place(struct once *once, int64_t now) {
    struct kept *oldest = NULL;
    for (size_t i = 0; i < KEPT; i++) {
        struct kept *kept = &once->list[i];
        if (kept->used && !kept->running && now - kept->since > KEPT_MS) forget(kept);
        if (!kept->used) return kept;
        if (!kept->running && (oldest == NULL || kept->since < oldest->since)) oldest = kept;
    }
    if (oldest != NULL) forget(oldest);
    return oldest;
}

static void answer_again(const struct kept *kept, struct http_answer *answer) {
    answer->status = kept->status;
    answer->type = "application/json";
    answer->private = true;
    buf_append_view(&answer->body, buf_view(&kept->body));
}

enum once_outcome once_begin(struct once *once, const uint8_t digest[ONCE_DIGEST], const uint8_t content[ONCE_DIGEST],
                             struct http_answer *answer) {
    enum once_outcome outcome = ONCE_NEW;
    mutex_lock(&once->lock);
    int64_t until = env_monotonic(once->env) + WAIT_MS;
    struct kept *kept;
    while ((kept = find(once, digest)) != NULL && kept->running) {
        int64_t left = until - env_monotonic(once->env);
        if (left <= 0 || memcmp(kept->content, content, ONCE_DIGEST) != 0) break;
        condition_wait_ms(&once->ended, &once->lock, left);
    }
    if (kept != NULL && memcmp(kept->content, content, ONCE_DIGEST) != 0) {
        outcome = ONCE_OTHER;
    } else if (kept != NULL && kept->running) {
        outcome = ONCE_BUSY;
    } else if (kept != NULL) {
        outcome = ONCE_AGAIN;
        answer_again(kept, answer);
    } else if ((kept = place(once, env_monotonic(once->env))) == NULL) {
        outcome = ONCE_BUSY;
    } else {
        *kept = (struct kept){.used = true, .running = true, .since = env_monotonic(once->env)};
        memcpy(kept->digest, digest, ONCE_DIGEST);
        memcpy(kept->content, content, ONCE_DIGEST);
    }
    mutex_unlock(&once->lock);
    return outcome;
}

void once_end(struct once *once, const uint8_t digest[ONCE_DIGEST], const struct http_answer *answer) {
    mutex_lock(&once->lock);
    struct kept *kept = find(once, digest);
    if (kept != NULL && answer->status < 300 && answer->body.len <= KEPT_BYTES) {
        kept->running = false;
        kept->status = answer->status;
        buf_append_view(&kept->body, buf_view(&answer->body));
    } else if (kept != NULL) {
        forget(kept);
    }
    condition_broadcast(&once->ended);
    mutex_unlock(&once->lock);
}
