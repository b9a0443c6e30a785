#include "proto/api/kept.h"

#include <sodium.h>
#include <stdlib.h>

#include "proto/base/idmap.h"

#define MINUTE_MS 60000
#define MAKING_MAX 16 /* as many as there are threads that answer, and some */
#define WAIT_MS 5000

/* One answer; behind it stand what it rests on, whom it shows, the link and the body. */
struct entry {
    struct entry *newer, *older; /* asked for */
    uint8_t key[KEPT_KEY];
    uint64_t then;        /* news_now, before it was made */
    int64_t made, until;  /* site_now */
    bool passing;         /* holds only until the next event */
    size_t on, ids, link; /* how many; the link's and */
    size_t body, size;    /* the body's bytes; of the whole entry */
    char tag[KEPT_TAG];
    uint64_t data[];
};

struct kept {
    struct site *site;
    struct mutex lock;
    struct condition made;
    struct idmap by_key; /* the key's first bytes → the entry */
    struct entry *newest, *oldest;
    size_t answers, bytes, most;
    uint64_t found, asked;
    uint8_t making[MAKING_MAX][KEPT_KEY];
    size_t making_count;
    int64_t policy_made, policy_next; /* when the policy changes by itself, as known at policy_then */
    uint64_t policy_then;
};

static uint64_t short_key(const uint8_t key[KEPT_KEY]) { return get_u64_le(key) | 1; }

/* ---- Entries come and go; called with the lock ---- */

static void unchain(struct kept *k, struct entry *e) {
    *(e->newer != NULL ? &e->newer->older : &k->newest) = e->older;
    *(e->older != NULL ? &e->older->newer : &k->oldest) = e->newer;
}

static void chain(struct kept *k, struct entry *e) {
    e->newer = NULL;
    e->older = k->newest;
    *(k->newest != NULL ? &k->newest->newer : &k->oldest) = e;
    k->newest = e;
}

static void drop(struct kept *k, struct entry *e) {
    unchain(k, e);
    idmap_remove(&k->by_key, short_key(e->key));
    k->answers--;
    k->bytes -= e->size;
    sodium_memzero(e, e->size);
    free(e);
}

static void forget(void *context) {
    struct kept *k = context;
    mutex_lock(&k->lock);
    while (k->oldest != NULL) drop(k, k->oldest);
    mutex_unlock(&k->lock);
}

/* Does it hold for somebody who asked at `asked`? What was read after that was true at some time since. */
static bool holds(const struct kept *k, const struct entry *e, int64_t now, uint64_t asked) {
    const struct news *news = &k->site->news;
    if (now < e->made || now >= e->until || news_of_all_since(news, e->then)) return false;
    if (e->then >= asked) return true;
    if (e->passing) return news_now(news) == e->then;
    for (size_t i = 0; i < e->on; i++)
        if (news_since(news, e->data[i], e->then)) return false;
    return true;
}

static struct entry *entry_of(const struct kept *k, const uint8_t key[KEPT_KEY]) {
    const uint64_t *place = idmap_find(&k->by_key, short_key(key));
    struct entry *e = place == NULL ? NULL : (struct entry *)(uintptr_t)*place;
    return e != NULL && memcmp(e->key, key, KEPT_KEY) == 0 ? e : NULL;
}

static void copy_out(const struct entry *e, struct kept_answer *out) {
    const uint64_t *ids = e->data + e->on;
    const uint8_t *text = (const uint8_t *)(ids + e->ids);
    *out = (struct kept_answer){.count = e->ids};
    out->ids = mem_alloc((e->ids + 1) * sizeof *out->ids);
    memcpy(out->ids, ids, e->ids * sizeof *ids);
    memcpy(out->tag, e->tag, KEPT_TAG);
    buf_append(&out->link, text, e->link);
    buf_append(&out->body, text + e->link, e->body);
}

/* ---- One for all who ask the same ---- */

static bool being_made(const struct kept *k, const uint8_t key[KEPT_KEY]) {
    for (size_t i = 0; i < k->making_count; i++)
        if (memcmp(k->making[i], key, KEPT_KEY) == 0) return true;
    return false;
}

/* Past its bound everybody makes their own. */
static void begin_making(struct kept *k, const uint8_t key[KEPT_KEY]) {
    if (k->making_count < MAKING_MAX) memcpy(k->making[k->making_count++], key, KEPT_KEY);
}

void kept_end(struct kept *k, const uint8_t key[KEPT_KEY]) {
    mutex_lock(&k->lock);
    for (size_t i = 0; i < k->making_count; i++) {
        if (memcmp(k->making[i], key, KEPT_KEY) != 0) continue;
        memcpy(k->making[i], k->making[--k->making_count], KEPT_KEY);
        break;
    }
    condition_broadcast(&k->made);
    mutex_unlock(&k->lock);
}

/* ---- Finding and putting ---- */

static bool take(struct kept *k, const uint8_t key[KEPT_KEY], uint64_t asked, struct kept_answer *out) {
    struct entry *e = entry_of(k, key);
    if (e == NULL) return false;
    if (!holds(k, e, site_now(k->site), asked)) {
        drop(k, e);
        return false;
    }
    unchain(k, e);
    chain(k, e);
    copy_out(e, out);
    return true;
}

bool kept_find(struct kept *k, const uint8_t key[KEPT_KEY], bool together, uint64_t *then, struct kept_answer *out) {
    uint64_t asked = news_now(&k->site->news);
    mutex_lock(&k->lock);
    bool found = take(k, key, asked, out);
    while (!found && together && being_made(k, key)) {
        bool told = condition_wait_ms(&k->made, &k->lock, WAIT_MS);
        found = take(k, key, asked, out);
        if (!told) break;
    }
    if (!found && together) begin_making(k, key);
    k->asked++;
    k->found += found;
    mutex_unlock(&k->lock);
    *then = news_now(&k->site->news);
    return found;
}

/* The policy's figures come into force at times of their own. Asking for the next goes through all facts of the region,
 * so it is asked again only after something that reaches as far. */
static int64_t policy_next(struct kept *k, int64_t now) {
    uint64_t then = news_of_all_at(&k->site->news);
    mutex_lock(&k->lock);
    int64_t next = k->policy_next;
    bool known = k->policy_made != TIME_NONE && k->policy_then == then && now >= k->policy_made &&
                 (next == TIME_NONE || now < next);
    mutex_unlock(&k->lock);
    if (known) return next;
    site_read(k->site);
    next = model_policy_next(k->site->model, now);
    site_unread(k->site);
    mutex_lock(&k->lock);
    k->policy_made = now;
    k->policy_next = next;
    k->policy_then = then;
    mutex_unlock(&k->lock);
    return next;
}

static struct entry *make_entry(const struct kept_answer *answer, const struct grounds *grounds, bool passing) {
    size_t on = passing ? 0 : grounds->count;
    size_t size = sizeof(struct entry) + (on + answer->count) * sizeof(uint64_t) + answer->link.len + answer->body.len;
    if (size > KEPT_ONE_MAX) return NULL;
    struct entry *e = mem_alloc(size);
    *e = (struct entry){
        .on = on, .ids = answer->count, .link = answer->link.len, .body = answer->body.len, .size = size};
    e->passing = passing;
    memcpy(e->tag, answer->tag, KEPT_TAG);
    memcpy(e->data, grounds->on, on * sizeof *grounds->on);
    if (answer->count > 0) memcpy(e->data + on, answer->ids, answer->count * sizeof *answer->ids);
    uint8_t *text = (uint8_t *)(e->data + on + answer->count);
    if (e->link > 0) memcpy(text, answer->link.data, e->link);
    if (e->body > 0) memcpy(text + e->link, answer->body.data, e->body);
    return e;
}

void kept_put(struct kept *k, const uint8_t key[KEPT_KEY], const struct kept_answer *answer,
              const struct grounds *grounds, uint64_t then) {
    bool passing = !grounds->told || grounds->shifting;
    struct entry *e = make_entry(answer, grounds, passing);
    if (e == NULL) return;
    e->made = site_now(k->site);
    e->then = then;
    e->until = passing ? (e->made / MINUTE_MS + 1) * MINUTE_MS : grounds->until;
    int64_t policy = policy_next(k, e->made);
    if (policy != TIME_NONE && policy < e->until) e->until = policy;
    memcpy(e->key, key, KEPT_KEY);
    mutex_lock(&k->lock);
    uint64_t *place = idmap_put(&k->by_key, short_key(key), NULL);
    if (*place != 0) {
        drop(k, (struct entry *)(uintptr_t)*place);
        place = idmap_put(&k->by_key, short_key(key), NULL);
    }
    *place = (uint64_t)(uintptr_t)e;
    chain(k, e);
    k->answers++;
    k->bytes += e->size;
    /* What an erasure has overtaken must not come in behind the wiping. */
    if (news_of_all_since(&k->site->news, then)) drop(k, e);
    while (k->bytes > k->most) drop(k, k->oldest);
    mutex_unlock(&k->lock);
}

void kept_answer_release(struct kept_answer *answer) {
    buf_wipe(&answer->body);
    buf_release(&answer->link);
    free(answer->ids);
    *answer = (struct kept_answer){.count = 0};
}

void kept_figures(struct kept *k, struct kept_figures *out) {
    mutex_lock(&k->lock);
    *out = (struct kept_figures){k->found, k->asked, k->answers, k->bytes};
    mutex_unlock(&k->lock);
}

/* ---- Opening and closing ---- */

struct kept *kept_open(struct site *site, size_t bytes) {
    struct kept *k = mem_alloc(sizeof *k);
    k->site = site;
    k->most = bytes;
    k->policy_made = TIME_NONE;
    mutex_init(&k->lock);
    condition_init(&k->made);
    mutex_lock(&site->writer);
    news_start(&site->news);
    mutex_unlock(&site->writer);
    news_listen(&site->news, forget, k);
    return k;
}

void kept_close(struct kept *k) {
    if (k == NULL) return;
    news_listen(&k->site->news, NULL, NULL);
    forget(k);
    idmap_release(&k->by_key);
    condition_destroy(&k->made);
    mutex_destroy(&k->lock);
    free(k);
}
