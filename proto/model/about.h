/* What is said about a person beside the file: consents, tags, relations, the custodian, promises. Each is a current
 * state over facts of all the person's customers, voided ones left out; of those about the same thing that happened
 * until a time (INT64_MAX: all there are) the last word holds (happened_later in state.h).
 *
 * Pure; texts are sealed and stay so. Thread: under the site's read lock, as every question. `max` bounds what is
 * filled; returned is how many there are. */
#ifndef DANGOL_PROTO_MODEL_ABOUT_H
#define DANGOL_PROTO_MODEL_ABOUT_H

#include "proto/model/model.h"

/* C4: the latest word on each purpose, by purpose. */
struct consent_state {
    int64_t purpose; /* enum choice_purpose */
    bool given;
    uint64_t event;
    int64_t time;
};
size_t about_consents(const struct model *model, uint64_t customer, int64_t until, struct consent_state *out,
                      size_t max);

/* C7: tags of the list that are on, by their number. */
struct tag_state {
    int64_t tag; /* enum choice_tag */
    uint64_t event;
    int64_t time;
};
size_t about_tags(const struct model *model, uint64_t customer, int64_t until, struct tag_state *out, size_t max);
/* Every word on a free tag, the latest first: which label each is about is sealed, so whoever opens them takes the
 * first of a label. */
struct label_word {
    uint64_t event;
    int64_t time;
    bool on;
};
size_t about_labels(const struct model *model, uint64_t customer, int64_t until, struct label_word *out, size_t max);

/* C9: relations that hold, by the other person and the relation; `other` is a person. Both sides of a relation are
 * events of their own. */
struct relation_state {
    uint64_t other;
    int64_t relation; /* enum choice_relation */
    uint64_t event;
    int64_t time;
};
size_t about_relations(const struct model *model, uint64_t customer, int64_t until, struct relation_state *out,
                       size_t max);
/* Does she lead the other one's companions, herself or through those whom she leads? */
bool about_leads(const struct model *model, uint64_t leader, uint64_t other, int64_t until);
/* Whoever brought the person: by the earliest live word. False: nobody is known. */
bool about_referrer(const struct model *model, uint64_t customer, uint64_t *referrer);

/* C10: the custodian; texts are borrowed until the next apply. False: none. */
struct custodian_state {
    struct view staff, store; /* store: VIEW_NONE where it is not known */
    uint64_t event;
    int64_t time;
};
bool about_custodian(const struct model *model, uint64_t customer, int64_t until, struct custodian_state *out);

/* Persons known here whom this one of a store's staff has in custody, in no order. */
size_t about_in_custody(const struct model *model, struct view staff, struct view store, int64_t until, uint64_t *out,
                        size_t max);

/* What was said within (after, until], whether it still holds or not. */
enum about_change { CHANGED_CONSENT = 1, CHANGED_TAGS = 2, CHANGED_RELATIONS = 4, CHANGED_CUSTODIAN = 8 };
uint32_t about_changed(const struct model *model, uint64_t customer, int64_t after, int64_t until);

/* K3: promises not kept yet, the first due first. */
struct promise_state {
    uint64_t event, subject;
    int64_t made, due;
};
bool about_promise_open(const struct model *model, uint64_t customer, uint64_t promise);
size_t about_promises(const struct model *model, uint64_t customer, struct promise_state *out, size_t max);

/* Complaints of which the person is the subject, voided ones too, the last opened first: for complaint_of. */
size_t about_complaints(const struct model *model, uint64_t customer, uint64_t *out, size_t max);

/* The time of the first fact about her that is dated later than this, as promises, grants and contacts may be;
 * TIME_NONE: none is. */
int64_t about_next(const struct model *model, uint64_t customer, int64_t after);

#endif
