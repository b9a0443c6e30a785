/* The first page of the ranking of a site that is served (proto/model/leaders.h): asked again and again while sales go
 * on. Kept up with by the news (news.h); where nobody wants news, there is none.
 *
 * Thread: any; a lock of its own, taken before `state`. */
#ifndef DANGOL_PROTO_SITE_RANKING_H
#define DANGOL_PROTO_SITE_RANKING_H

#include "proto/model/leaders.h"

struct site;

struct ranking_kept *ranking_kept_open(void);
void ranking_kept_close(struct ranking_kept *kept);
/* As rank_first of the serving model, whose state the caller does not hold. False: this is not what is kept. */
bool site_rank_first(struct site *site, enum measure by, const struct cut *cut, const struct scope *scope, size_t top,
                     struct standing **out, size_t *count);

#endif
