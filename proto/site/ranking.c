#include "proto/site/ranking.h"

#include <stdlib.h>

#include "proto/site/site.h"

#define KEPT 2048 /* standings: more than a page has */
#define FEW 1024  /* ids to measure anew; more, and all are gone through */

struct ranking_kept {
    struct mutex lock;
    struct leaders leaders;
    uint64_t then; /* the news up to here are in it */
    bool made;
};

struct ranking_kept *ranking_kept_open(void) {
    struct ranking_kept *kept = mem_alloc(sizeof *kept);
    mutex_init(&kept->lock);
    return kept;
}

void ranking_kept_close(struct ranking_kept *kept) {
    leaders_release(&kept->leaders);
    mutex_destroy(&kept->lock);
    free(kept);
}

/* Brings it up to date; `site` is read. What is told is from before: what it meets anew is measured again next time. */
static bool follow(struct site *site, size_t top, struct standing **out, size_t *count) {
    struct ranking_kept *kept = site->ranking;
    uint64_t ids[FEW], now;
    size_t n = news_ids(&site->news, kept->then, ids, FEW, &now);
    site_read(site);
    bool made = kept->made && n <= FEW && leaders_renew(site->model, ids, n, &kept->leaders) &&
                leaders_first(&kept->leaders, top, out, count);
    if (!made) leaders_make(site->model, KEPT, &kept->leaders);
    site_unread(site);
    kept->then = now;
    kept->made = true;
    return made || leaders_first(&kept->leaders, top, out, count);
}

bool site_rank_first(struct site *site, enum measure by, const struct cut *cut, const struct scope *scope, size_t top,
                     struct standing **out, size_t *count) {
    site_read(site);
    bool followed = news_started(&site->news) && top > 0 && top <= KEPT && leaders_answer(site->model, by, cut, scope);
    site_unread(site);
    if (followed) {
        mutex_lock(&site->ranking->lock);
        followed = follow(site, top, out, count);
        mutex_unlock(&site->ranking->lock);
    }
    return followed;
}
