/* Frames, inside proto/event only: writing one whose seal is ready. Pure. */
#ifndef DANGOL_PROTO_EVENT_FRAME_H
#define DANGOL_PROTO_EVENT_FRAME_H

#include "proto/event/event.h"

/* Appends the frame with `sealed` as it is (VIEW_NONE: nil). Checks nothing. */
void frame_write(const struct event *e, struct view sealed, struct buf *out);

#endif
