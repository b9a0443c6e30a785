/* What a customer file knows and lacks (C1 to C3). A field is known where the latest event that holds it does not say
 * that it clears it; nothing is opened for that.
 *
 * Pure. Thread: under the site's read lock, as every question. */
#ifndef DANGOL_PROTO_MODEL_COMPLETENESS_H
#define DANGOL_PROTO_MODEL_COMPLETENESS_H

#include "proto/base/zone.h"
#include "proto/model/model.h"

/* C2: of what a file knows, one part in five is about hardware, four about software. */
#define HARDWARE_FIELDS 8
#define SOFTWARE_FIELDS 10
struct completeness {
    unsigned hardware, software; /* known fields of each */
    double share;                /* 0..1: 0.2 × hardware / 8 + 0.8 × software / 10 */
    unsigned percent;            /* the share for people: half a percent counts as one */
};
struct completeness completeness_by(unsigned hardware, unsigned software);
struct completeness completeness_of(uint64_t known); /* bits of SEALED_registered_* */

/* The fields known of a person, by what its customers' files told last of each; 0 for one that was erased. */
uint64_t person_known_fields(const struct model *model, uint64_t customer);
/* The same by what had been told until then. */
uint64_t person_known_at(const struct model *model, uint64_t customer, int64_t until);
static inline struct completeness person_completeness(const struct model *model, uint64_t customer) {
    return completeness_of(person_known_fields(model, customer));
}

/* C1: the missing field most worth asking: the first of the policy's ask-order that is neither known nor one of
 * `passed` (just asked, or declined). A SEALED_registered_* bit, or -1: none is missing. */
int ask_next(const struct model *model, uint64_t known, uint64_t passed, int64_t now);

/* C3: was the field last told more than the policy's stale-months before the day of `now`? Exactly so many months is
 * not. */
bool field_stale(const struct model *model, int64_t told, int64_t now, const struct zone *zone);

/* One event that holds a current value of a field. More than one of a field: concurrent, the one that is shown first.
 */
struct field_source {
    int bit;
    uint64_t event;
    int64_t time;    /* when it was told */
    bool cleared;    /* it says that there is none */
    bool concurrent; /* another one says otherwise, neither knew of the other */
};
/* Of one customer's file, by field, at most `max`; returns how many there are. */
size_t file_sources(const struct model *model, uint64_t customer, struct field_source *out, size_t max);
/* Fields of the file that a change card touched within (after, until], and whether the customer was registered then. */
uint64_t file_changed(const struct model *model, uint64_t customer, int64_t after, int64_t until, bool *registered);

#endif
