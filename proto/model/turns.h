/* Reading the model in turns: what takes long is worked out person by person, given away in between, and in the end
 * whoever something was said about meanwhile is looked at again. So the whole is of one moment, the end, though nobody
 * waited for it.
 *
 *   struct turns turns = turns_begin(model, pace);
 *   … look at some persons, turns_rest(&turns, done, all), look at some more …
 *   turns_end(&turns, again, context)      false: too much has happened; begin anew, without a pace
 *
 * After a rest no pointer into the model is good any more; indices of entries and streams are. Inside this room. */
#ifndef DANGOL_PROTO_MODEL_TURNS_H
#define DANGOL_PROTO_MODEL_TURNS_H

#include "proto/model/questions.h"
#include "proto/model/state.h"

struct turns {
    const struct model *model;
    const struct pace *pace;
    uint64_t seen; /* of what was touched */
    uint64_t done, all;
};

struct turns turns_begin(const struct model *model, const struct pace *pace, uint64_t all);
/* So much more is done. */
void turns_rest(struct turns *turns, uint64_t done);
/* `again` looks at the person of an entry, whoever its members were before, or, with TOUCHED_STREAM, at the stream's
 * sales of nobody. Ends within a turn. */
bool turns_end(struct turns *turns, void (*again)(void *context, uint32_t touched), void *context);

#endif
