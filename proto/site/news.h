/* Whom something has happened to lately: so that whoever keeps an answer about one person knows whether it still holds,
 * without being told of everybody else's events.
 *
 * Every event that is folded marks the ids it speaks of, and so does a key or tag that the ring takes in; what reaches
 * further (a policy, an erasure, a void, a clock) marks everything. A mark is a number that grows; it stands in one of
 * many places, which ids share, so that memory is bounded and a stranger's mark costs an answer now and then.
 *
 * To keep an answer: take news_now, then read, then note the ids it rests on. It holds for as long as news_since
 * says false of each. Marks are set behind the fold, before its lock is given back.
 *
 * Thread: any. Nothing is noted before news_start. Comes after: write.c, forget.c. Before: proto/api/kept.h. */
#ifndef DANGOL_PROTO_SITE_NEWS_H
#define DANGOL_PROTO_SITE_NEWS_H

#include <stdatomic.h>

#include "proto/base/threads.h"
#include "proto/event/event.h"
#include "proto/event/keyring.h"

struct news {
    struct mutex lock; /* of whoever marks */
    _Atomic uint64_t now, everything;
    _Atomic uint64_t *_Atomic places; /* NULL: nobody wants to know yet */
    uint64_t *latest;                 /* the id of each of the last marks, by number; under `lock` */
    void (*forget)(void *context);    /* under `lock`; may be NULL */
    void *context;
};

void news_init(struct news *news);
void news_release(struct news *news);
/* The caller holds `writer`. */
void news_start(struct news *news);

uint64_t news_now(const struct news *news);
/* Has anything marked it, or everything, since that number was now? */
bool news_since(const struct news *news, uint64_t id, uint64_t then);
bool news_of_all_since(const struct news *news, uint64_t then);
/* When everything was marked last. */
uint64_t news_of_all_at(const struct news *news);

/* The ids marked since that number was now, some twice, at most `max`, and `*now`: what comes later is not among them.
 * More than `max`: they are more, or not known any more, or everything was marked. */
size_t news_ids(struct news *news, uint64_t then, uint64_t *out, size_t max, uint64_t *now);
bool news_started(const struct news *news);

void news_of(struct news *news, uint64_t id);
void news_of_all(struct news *news);
/* What a folded event speaks of; `standing` as event_decode gave it. */
void news_of_event(struct news *news, uint64_t id, const struct event *e, int standing);
/* Keys and tags that the ring has taken in. */
void news_of_puts(struct news *news, const struct ring_put *puts, size_t count);
/* What stands for a tag among the ids, and for the directory of VIPs. */
uint64_t news_tag(const struct tag *tag);
#define NEWS_DIRECTORY UINT64_MAX

/* Whoever keeps what was opened is told to wipe it when somebody is erased: one listener; NULL: none any more. Returns
 * only when no call of it is going on. */
void news_listen(struct news *news, void (*forget)(void *context), void *context);
void news_forget(struct news *news);

#endif
