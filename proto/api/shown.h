/* Whom an answer shows: the customers whose ids stand in a command's JSON or CSV. Pure. Memory: the list's, which the
 * caller releases. */
#ifndef DANGOL_PROTO_API_SHOWN_H
#define DANGOL_PROTO_API_SHOWN_H

#include "proto/base/bytes.h"

struct shown {
    uint64_t *ids;
    size_t count, room;
};

/* Once, if it was not among the last ones already. */
void shown_add(struct shown *shown, uint64_t id);
/* The ids of members named "customer" and "other"; when nobody is known yet and the document is about one customer
 * (`one`), also its own "id"; of a log (`subjects`), those of "subject". */
void shown_json(struct shown *shown, struct view json, bool one, bool subjects);
/* Those of the columns "customer" and "other"; without the first, of "id". */
void shown_csv(struct shown *shown, struct view csv);
void shown_release(struct shown *shown);

#endif
