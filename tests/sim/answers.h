/* Answers to the questions of proto/model as lines of text, one answer a line, so that two books can be compared: the
 * same events must give the same lines, whatever the order they came in and whoever is asked. Inside this room. */
#ifndef DANGOL_TESTS_SIM_ANSWERS_H
#define DANGOL_TESTS_SIM_ANSWERS_H

#include "proto/model/dated.h"
#include "proto/site/site.h"

struct asked {
    const struct model *model;
    struct log *log; /* the same events; sealed days come from `dated` */
    const struct zone *zone;
    const struct dated *dated;
    size_t dated_count;
    int64_t now;
    struct view store; /* asked for this one's people; VIEW_NONE: for the region */
    bool region;       /* asked of the hub: who brought whom is known of everybody */
};

/* Of one person, as every store that serves her must know it. */
void answer_person(const struct asked *asked, uint64_t person, struct buf *out);
/* Of the persons in `of` (person → 1; NULL: everybody): what comes in lists over everybody. */
struct idmap;
void answer_lists(const struct asked *asked, const struct idmap *of, struct buf *out);
/* Of what was written at a store: its own streams are there in full. */
void answer_store(const struct asked *asked, struct view store, struct buf *out);
/* Of the region: by the hub alone. */
void answer_region(const struct asked *asked, struct buf *out);

#endif
