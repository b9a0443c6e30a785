/* An event as JSON: ids "12-845", money in minor units, times RFC 3339 in the region's zone, sealed fields by name when
 * opened, {"sealed": true} when not. Made with jansson from the catalogue, one function for all events. */
#ifndef DANGOL_PROTO_EVENT_JSON_H
#define DANGOL_PROTO_EVENT_JSON_H

#include <jansson.h>

#include "proto/base/zone.h"
#include "proto/event/event.h"

/* A new reference owned by the caller. `standing` is what event_decode said; an unknown or bad event shows its
 * envelope, its standing and the hash of its bytes. `opened`: event_open succeeded. */
json_t *event_json(const struct event *e, uint64_t id, int standing, bool opened, const struct zone *zone);

#endif
