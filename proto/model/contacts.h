/* What of the facts about a customer is a contact with her. Inside this room. */
#ifndef DANGOL_PROTO_MODEL_CONTACTS_H
#define DANGOL_PROTO_MODEL_CONTACTS_H

#include "proto/model/state.h"

static inline bool is_contact(const struct fact *fact) {
    bool missed = fact->values[1] == choice_outcome_not_reached || fact->values[1] == choice_outcome_wrong_number;
    return fact->type == EVENT_contacted && !fact->dead && !missed;
}

#endif
