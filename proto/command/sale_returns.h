/* What came back of a sale, for whoever takes something back: a return of more than was sold, a void of a sale of which
 * something is back already.
 *
 * sale_returns_open, then _next: 1 and a return, the latest first; 0 at the end; <0 and `err`; then _close. The lines
 * are borrowed until the next step. Reads the log along the records about the sale's subject; takes `state` for a
 * moment each time.
 */
#ifndef DANGOL_PROTO_COMMAND_SALE_RETURNS_H
#define DANGOL_PROTO_COMMAND_SALE_RETURNS_H

#include "proto/command/command.h"
#include "proto/event/event.h"

struct sale_returns {
    struct call *call;
    uint64_t sale, position;
    struct buf frame;
};

/* Those that count: voided ones do not. `subject` as the sale's frame has it. */
void sale_returns_open(struct sale_returns *walk, struct call *call, uint64_t sale, uint64_t subject);
int sale_returns_next(struct sale_returns *walk, uint64_t *id, struct list *lines, struct err *err);
void sale_returns_close(struct sale_returns *walk);

/* Does the event count, as far as voids go? */
bool sale_counts(struct call *call, uint64_t event);

#endif
