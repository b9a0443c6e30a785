/* Persons with what their sales add up to, copied out of the model: read in turns (turns.h) while it goes on, and all
 * as of one moment, the end. What is then made of them, rankings and groups, needs the model no more. Inside this room.
 * Memory: people_release. */
#ifndef DANGOL_PROTO_MODEL_PEOPLE_H
#define DANGOL_PROTO_MODEL_PEOPLE_H

#include "proto/model/margins.h"
#include "proto/model/scope.h"

struct people_asked {
    struct cut cut;
    const struct scope *scope; /* of the cut's rows; NULL: everywhere */
    const struct cut *second;  /* another cut; NULL: none */
    bool counted;              /* reduced goods, too: the sums kept do not do */
    bool margins;
    /* What else the asker keeps of each person, so many bytes, zero at first; `look` fills it. */
    size_t beside;
    void (*look)(const void *context, const struct model *model, uint32_t root, const struct tally *tally,
                 void *beside);
    const void *context;
};

struct people {
    uint32_t count;         /* of what follows: all by the index of a person's root */
    uint64_t *names;        /* whoever is listed (person_listed); 0: nobody */
    bool *early;            /* registered within the cut */
    struct tally *tallies;  /* of the cut */
    struct tally *seconds;  /* of the second one; NULL: not asked for */
    struct profit *profits; /* NULL: not asked for */
    char *beside;           /* likewise */
};

void people_read(const struct model *model, const struct people_asked *asked, const struct pace *pace,
                 struct people *out);
void people_release(struct people *people);

#endif
