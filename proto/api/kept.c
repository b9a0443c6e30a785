#include "proto/api/kept.h"

#include <sodium.h>
#include <stdlib.h>

#include "proto/api/alike.h"
#include "proto/base/idmap.h"

#define MINUTE_MS 60000
#define MAKING_MAX 16 /* as many as there are threads that answer, and some */
#define WAIT_MS 5000
#define ALIKE_FROM 256  /* bytes of a body: shorter ones have nothing in common */
#define ALIKE_MOST 4096 /* longer ones take as long to unpack as to copy, and more */
#define DICTIONARY 8192
#define MOVED_MOST 64

/* One answer; behind it stand what it rests on, whom it shows, the link and the body. */
struct entry {
    struct entry *newer, *older; /* made, or brought forward instead of dropped */
    struct alike *alike;         /* what the body is packed with; NULL: it is not */
    uint8_t key[KEPT_KEY];
    uint64_t then;       /* news_now, before it was made, or when it was found to hold still */
    int64_t made, until; /* site_now */
    bool passing;        /* holds only until the next event */
    bool again;          /* was asked for since it stands where it stands */
    char tag[KEPT_TAG];
    uint32_t on, ids, link, body; /* how many; bytes of the link and of the body */
    uint32_t stored, size;        /* the body's as they stand here; of the whole entry */
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
    struct alike *alike; /* NULL: too little was seen yet, which stands in `first` */
    struct buf first;
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
    alike_give(e->alike);
    sodium_memzero(e, e->size);
    free(e);
}

static void forget(void *context) {
    struct kept *k = context;
    mutex_lock(&k->lock);
    while (k->oldest != NULL) drop(k, k->oldest);
    alike_give(k->alike);
    k->alike = NULL;
    buf_wipe(&k->first);
    mutex_unlock(&k->lock);
}

/* Does it hold for somebody who asked at `asked`? What was read after that was true at some time since. */
static bool holds(const struct kept *k, struct entry *e, int64_t now, uint64_t asked) {
    const struct news *news = &k->site->news;
    if (now < e->made || now >= e->until || news_of_all_since(news, e->then)) return false;
    if (e->then >= asked) return true;
    if (e->passing) return news_now(news) == e->then;
    for (size_t i = 0; i < e->on; i++)
        if (news_since(news, e->data[i], e->then)) return false;
    e->then = asked; /* what came before need not be looked at again */
    return true;
}

static struct entry *entry_of(const struct kept *k, const uint8_t key[KEPT_KEY]) {
    const uint64_t *place = idmap_find(&k->by_key, short_key(key));
    struct entry *e = place == NULL ? NULL : (struct entry *)(uintptr_t)*place;
    return e != NULL && memcmp(e->key, key, KEPT_KEY) == 0 ? e : NULL;
}

/* What is still to be unpacked when the lock is given back. */
struct found {
    struct alike *alike;
    struct buf packed;
    size_t len;
};

static void copy_out(const struct entry *e, struct kept_answer *out, struct found *found) {
    const uint64_t *ids = e->data + e->on;
    const uint8_t *text = (const uint8_t *)(ids + e->ids);
    *out = (struct kept_answer){.count = e->ids};
    *found = (struct found){.alike = e->alike == NULL ? NULL : alike_take(e->alike), .len = e->body};
    out->ids = mem_alloc((e->ids + 1) * sizeof *out->ids);
    memcpy(out->ids, ids, e->ids * sizeof *ids);
    memcpy(out->tag, e->tag, KEPT_TAG);
    buf_append(&out->link, text, e->link);
    buf_append(e->alike == NULL ? &out->body : &found->packed, text + e->link, e->stored);
}

static void unpack(struct found *found, struct kept_answer *out) {
    if (found->alike == NULL) return;
    alike_unpack(found->alike, buf_view(&found->packed), found->len, &out->body);
    alike_give(found->alike);
    buf_wipe(&found->packed);
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

static bool take(struct kept *k, const uint8_t key[KEPT_KEY], uint64_t asked, struct kept_answer *out,
                 struct found *found) {
    struct entry *e = entry_of(k, key);
    if (e == NULL) return false;
    if (!holds(k, e, site_now(k->site), asked)) {
        drop(k, e);
        return false;
    }
    e->again = true; /* and is not moved now: that would touch its neighbours, which nobody asks for */
    copy_out(e, out, found);
    return true;
}

bool kept_find(struct kept *k, const uint8_t key[KEPT_KEY], bool together, uint64_t *then, struct kept_answer *out) {
    uint64_t asked = news_now(&k->site->news);
    struct found packed = {.alike = NULL};
    mutex_lock(&k->lock);
    k->asked++;
    bool found = take(k, key, asked, out, &packed);
    while (!found && together && being_made(k, key)) {
        bool told = condition_wait_ms(&k->made, &k->lock, WAIT_MS);
        found = take(k, key, asked, out, &packed);
        if (!told) break;
    }
    if (!found && together) begin_making(k, key);
    k->found += found;
    mutex_unlock(&k->lock);
    unpack(&packed, out);
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

/* The dictionary to pack a body with, to be given back; NULL: none. The first bodies are what it is made of, but none
 * that an erasure has overtaken. */
static struct alike *dictionary(struct kept *k, struct view body, uint64_t then) {
    struct alike *alike = NULL;
    if (body.len < ALIKE_FROM || body.len > ALIKE_MOST) return NULL;
    mutex_lock(&k->lock);
    if (k->alike == NULL && !news_of_all_since(&k->site->news, then)) {
        if (k->first.data == NULL) buf_reserve(&k->first, DICTIONARY + ALIKE_MOST);
        buf_append_view(&k->first, body);
        if (k->first.len >= DICTIONARY) {
            k->alike = alike_make(buf_view(&k->first));
            buf_wipe(&k->first);
        }
    } else if (k->alike != NULL) {
        alike = alike_take(k->alike);
    }
    mutex_unlock(&k->lock);
    return alike;
}

static struct entry *make_entry(const struct kept_answer *answer, const struct grounds *grounds, bool passing,
                                struct alike *alike) {
    struct buf packed = BUF_INIT;
    bool smaller = alike != NULL && alike_pack(alike, buf_view(&answer->body), &packed);
    struct view body = buf_view(smaller ? &packed : &answer->body);
    size_t on = passing ? 0 : grounds->count;
    size_t size = sizeof(struct entry) + (on + answer->count) * sizeof(uint64_t) + answer->link.len + body.len;
    struct entry *e = size > KEPT_ONE_MAX ? NULL : mem_alloc(size);
    if (e != NULL) {
        *e = (struct entry){.alike = smaller ? alike_take(alike) : NULL,
                            .passing = passing,
                            .on = (uint32_t)on,
                            .ids = (uint32_t)answer->count,
                            .link = (uint32_t)answer->link.len,
                            .body = (uint32_t)answer->body.len,
                            .stored = (uint32_t)body.len,
                            .size = (uint32_t)size};
        memcpy(e->tag, answer->tag, KEPT_TAG);
        if (on > 0) memcpy(e->data, grounds->on, on * sizeof *grounds->on);
        if (answer->count > 0) memcpy(e->data + on, answer->ids, answer->count * sizeof *answer->ids);
        uint8_t *text = (uint8_t *)(e->data + on + answer->count);
        if (e->link > 0) memcpy(text, answer->link.data, e->link);
        memcpy(text + e->link, body.data, body.len);
    }
    buf_wipe(&packed);
    return e;
}

/* Who was asked for again while standing in line comes to its end instead of being dropped; but not so many at once
 * that others would wait for it. */
static void make_room(struct kept *k) {
    for (int moved = 0; k->bytes > k->most; moved++) {
        struct entry *e = k->oldest;
        if (!e->again || moved >= MOVED_MOST) {
            drop(k, e);
            continue;
        }
        e->again = false;
        unchain(k, e);
        chain(k, e);
    }
}

void kept_put(struct kept *k, const uint8_t key[KEPT_KEY], const struct kept_answer *answer,
              const struct grounds *grounds, uint64_t then) {
    bool passing = !grounds->told || grounds->shifting;
    struct alike *alike = dictionary(k, buf_view(&answer->body), then);
    struct entry *e = make_entry(answer, grounds, passing, alike);
    alike_give(alike);
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
    make_room(k);
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
