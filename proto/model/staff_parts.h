/* What the files of staff.h share. Inside this room. */
#ifndef DANGOL_PROTO_MODEL_STAFF_PARTS_H
#define DANGOL_PROTO_MODEL_STAFF_PARTS_H

#include "proto/model/staff.h"

/* Draws the files of every store that are to be verified, with what was found. */
void staff_draw(const struct model *model, const struct staff_question *q, const struct cut *cut,
                struct staff_table *out);
/* The last thing that the model is needed for. */
void staff_rank(const struct model *model, const struct staff_question *q, const struct cut *cut,
                struct staff_table *table);

#endif
