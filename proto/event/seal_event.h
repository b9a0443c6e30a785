/* The sealed fields of an event, inside proto/event only: which may be written, their plain form, what they are bound
 * to. Plain form: a msgpack array with one element for each bit set, lowest first: text, or nil for a field cleared. */
#ifndef DANGOL_PROTO_EVENT_SEAL_EVENT_H
#define DANGOL_PROTO_EVENT_SEAL_EVENT_H

#include "proto/event/describe.h"
#include "proto/event/event.h"

#define SEAL_AAD_BYTES (13 + 2 + 1 + 8)

/* "dangol seal 1" ‖ type (u16 BE) ‖ version (u8) ‖ subject (u64 BE); a view of `out`. */
struct view event_aad(const struct event *e, uint8_t out[SEAL_AAD_BYTES]);

int sealed_check(const struct event *e, const struct event_info *info, struct err *err);
void sealed_write(const struct event *e, const struct event_info *info, struct buf *plain);

#endif
