/* Gatherings of customers and who came (K6); findings of contacts by whose matter they are (K8).
 * Pure. Thread: under the site's read lock. Arrays are the caller's to free; views are the model's. */
#ifndef DANGOL_PROTO_MODEL_GATHERINGS_H
#define DANGOL_PROTO_MODEL_GATHERINGS_H

#include "proto/model/questions.h"

struct gathering {
    uint64_t id;
    int64_t time;
    int64_t cost; /* NIL: not said */
    struct view name, store;
    uint32_t attended; /* persons */
};
/* Those held within the cut, by time. Attendance is told whenever it was noted. */
void gatherings(const struct model *model, const struct cut *cut, struct gathering **out, size_t *count);

struct guest {
    uint64_t person, contact; /* the contact that says so: a person's first */
    int64_t time;
};
/* Who came to one of them, each person once, by time. */
void gathering_guests(const struct model *model, uint64_t gathering, struct guest **out, size_t *count);

struct finding {
    uint64_t contact, person;
    int64_t time;
    int matter; /* enum choice_level */
    struct view store;
};
/* Of contacts within the cut whose findings are said to be somebody's matter; `matter` 0: anybody's. By time.
 * In turns, each contact as it is when it is met. */
void findings(const struct model *model, int matter, const struct cut *cut, const struct pace *pace,
              struct finding **out, size_t *count);

#endif
