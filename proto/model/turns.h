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

#include "proto/model/scope.h"

struct turns {
    const struct model *model;
    const struct pace *pace;
    uint64_t seen; /* of what was touched */
    uint64_t done, all;
};

struct turns turns_begin(const struct model *model, const struct pace *pace, uint64_t all);
/* So much more is done. */
void turns_rest(struct turns *turns, uint64_t done);
/* All rows of the scope's streams (NULL: of all), a piece at a turn; each row counts as one done. `piece` takes those
 * of a stream from `at` to `end`, or a few behind, and says how far it came. */
typedef uint32_t (*turns_piece)(void *context, const struct stream *stream, uint32_t at, uint32_t end);
void turns_rows(struct turns *turns, const struct scope *scope, turns_piece piece, void *context);
uint64_t turns_row_count(const struct model *model);
/* `again` looks at the person of an entry, whoever its members were before, or, with TOUCHED_STREAM, at the stream's
 * sales of nobody. Ends within a turn. */
bool turns_end(struct turns *turns, void (*again)(void *context, uint32_t touched), void *context);

#endif
