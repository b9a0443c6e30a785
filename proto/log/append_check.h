/* What every form of the log refuses before it writes anything (ERR_CONFLICT; our own mistakes by then): a gap or a
 * repeat in a stream, a frame that is empty or too large, a stream without its new head or a head that is not its last
 * record's, a partial event of a stream held in full or that the log has, a hint that does not point backwards, a ref
 * hash that is not the frame's own. Whether a ref is taken the form looks up itself. Pure but for asking `log` where
 * partial events stand. */
#ifndef DANGOL_PROTO_LOG_APPEND_CHECK_H
#define DANGOL_PROTO_LOG_APPEND_CHECK_H

#include "proto/log/streams.h"

#define VALUE_KEY_MAX 128

/* `first`: the position that the batch's first record would get. */
int append_check(struct log *log, const struct log_streams *streams, const struct log_batch *batch, uint64_t first,
                 struct err *err);
int append_ref_taken(uint64_t id, uint64_t holder, struct err *err); /* ERR_CONFLICT, in words */

#endif
