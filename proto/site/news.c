#include "proto/site/news.h"

#include <stdlib.h>

#include "proto/base/idmap.h"
#include "proto/model/model.h"

#define LATEST 8192
#define PLACES (1u << 19) /* 4 MiB; at a hundred marks a second a place is a stranger's once in an hour and a half */

void news_init(struct news *t) {
    mutex_init(&t->lock);
    atomic_init(&t->now, 0);
    atomic_init(&t->everything, 0);
    atomic_init(&t->places, NULL);
    t->latest = NULL;
    t->forget = NULL;
    t->context = NULL;
}

void news_release(struct news *t) {
    mutex_destroy(&t->lock);
    free((void *)(uintptr_t)atomic_load(&t->places));
    free(t->latest);
}

void news_start(struct news *t) {
    if (atomic_load(&t->places) != NULL) return;
    _Atomic uint64_t *places = mem_alloc(PLACES * sizeof *places);
    t->latest = mem_alloc(LATEST * sizeof *t->latest);
    atomic_store(&t->places, places);
}

static _Atomic uint64_t *place_of(_Atomic uint64_t *places, uint64_t id) {
    return &places[idmap_hash(id) & (PLACES - 1)];
}

uint64_t news_now(const struct news *t) { return atomic_load(&t->now); }
uint64_t news_of_all_at(const struct news *t) { return atomic_load(&t->everything); }
bool news_of_all_since(const struct news *t, uint64_t then) { return atomic_load(&t->everything) > then; }

bool news_since(const struct news *t, uint64_t id, uint64_t then) {
    _Atomic uint64_t *places = atomic_load(&t->places);
    return places == NULL || news_of_all_since(t, then) || atomic_load(place_of(places, id)) > then;
}

/* Called with the lock. */
static void mark(struct news *t, uint64_t id) {
    _Atomic uint64_t *places = atomic_load(&t->places);
    if (id == 0 || places == NULL) return;
    uint64_t number = atomic_fetch_add(&t->now, 1) + 1;
    t->latest[number % LATEST] = id;
    atomic_store(place_of(places, id), number);
}

static void mark_all(struct news *t) { atomic_store(&t->everything, atomic_fetch_add(&t->now, 1) + 1); }

bool news_started(const struct news *t) { return atomic_load(&t->places) != NULL; }

size_t news_ids(struct news *t, uint64_t then, uint64_t *out, size_t max, uint64_t *now) {
    mutex_lock(&t->lock);
    *now = atomic_load(&t->now);
    uint64_t since = *now - then;
    bool known = news_started(t) && !news_of_all_since(t, then) && since < LATEST && since <= max;
    for (uint64_t i = 0; known && i < since; i++) out[i] = t->latest[(then + 1 + i) % LATEST];
    mutex_unlock(&t->lock);
    return known ? (size_t)since : max + 1;
}

void news_of(struct news *t, uint64_t id) {
    mutex_lock(&t->lock);
    mark(t, id);
    mutex_unlock(&t->lock);
}

void news_of_all(struct news *t) {
    mutex_lock(&t->lock);
    mark_all(t);
    mutex_unlock(&t->lock);
}

/* The ids in the body of an event that speaks of few; true: it reaches further than its ids tell. */
static bool reaches_far(const struct event *e, uint64_t *named) {
    *named = 0;
    switch (e->type) {
    case EVENT_linked: *named = e->body.linked.other; return false;
    case EVENT_referred: *named = e->body.referred.newcomer; return false;
    case EVENT_related: *named = e->body.related.other; return false;
    case EVENT_returned: *named = e->body.returned.sale; return false;
    case EVENT_attributed: *named = e->body.attributed.customer; return false;
    case EVENT_package_used: *named = e->body.package_used.sale; return false;
    case EVENT_promised: *named = e->body.promised.keeps; return false;
    case EVENT_stepped: *named = e->body.stepped.complaint; return false;
    case EVENT_routed: *named = e->body.routed.complaint; return false;
    case EVENT_paused: *named = e->body.paused.complaint; return false;
    case EVENT_resumed: *named = e->body.resumed.complaint; return false;
    case EVENT_reopened: *named = e->body.reopened.complaint; return false;
    case EVENT_registered:
    case EVENT_updated:
    case EVENT_consent:
    case EVENT_verified:
    case EVENT_key_destroyed:
    case EVENT_tagged:
    case EVENT_custodian:
    case EVENT_reviewed:
    case EVENT_left:
    case EVENT_sold:
    case EVENT_redeemed:
    case EVENT_benefit:
    case EVENT_tier_granted:
    case EVENT_credited:
    case EVENT_contacted:
    case EVENT_gathering:
    case EVENT_day_marked:
    case EVENT_complained: return false;
    default: return true;
    }
}

void news_of_event(struct news *t, uint64_t id, const struct event *e, int standing) {
    uint64_t named;
    if (standing != EVENT_GOOD || atomic_load(&t->places) == NULL) return;
    bool far = reaches_far(e, &named);
    mutex_lock(&t->lock);
    if (far) mark_all(t);
    mark(t, id);
    mark(t, model_subject(e, id, standing));
    mark(t, named);
    mutex_unlock(&t->lock);
}

uint64_t news_tag(const struct tag *tag) { return get_u64_le(tag->bytes) ^ tag->kind; }

void news_of_puts(struct news *t, const struct ring_put *puts, size_t count) {
    if (atomic_load(&t->places) == NULL) return;
    mutex_lock(&t->lock);
    for (size_t i = 0; i < count; i++) {
        if (puts[i].has_key) mark(t, puts[i].id);
        for (size_t k = 0; k < puts[i].tag_count; k++) mark(t, news_tag(&puts[i].tags[k]));
    }
    mutex_unlock(&t->lock);
}

void news_listen(struct news *t, void (*forget)(void *context), void *context) {
    mutex_lock(&t->lock);
    t->forget = forget;
    t->context = context;
    mutex_unlock(&t->lock);
}

void news_forget(struct news *t) {
    mutex_lock(&t->lock);
    mark_all(t);
    if (t->forget != NULL) t->forget(t->context);
    mutex_unlock(&t->lock);
}
