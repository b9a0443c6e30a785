/* Ids: a thing is named by the event that created it. `stream << 40 | seq` in a u64, written "12-845"; 0 is nobody.
 * A stream number is 8 bits of the hub incarnation that gave it out and 16 bits of counter; counter 0 is the hub's own
 * stream of that incarnation. A seq starts at 1 and has 40 bits. */
#ifndef DANGOL_PROTO_EVENT_ID_H
#define DANGOL_PROTO_EVENT_ID_H

#include "proto/base/bytes.h"

#define ID_SEQ_BITS 40
#define ID_SEQ_MAX ((UINT64_C(1) << ID_SEQ_BITS) - 1)
#define ID_STREAM_MAX UINT32_C(0xFFFFFF)
#define ID_TEXT 32

static inline uint64_t id_make(uint32_t stream, uint64_t seq) { return (uint64_t)stream << ID_SEQ_BITS | seq; }
static inline uint32_t id_stream(uint64_t id) { return (uint32_t)(id >> ID_SEQ_BITS); }
static inline uint64_t id_seq(uint64_t id) { return id & ID_SEQ_MAX; }

static inline uint32_t stream_make(uint32_t incarnation, uint32_t counter) { return incarnation << 16 | counter; }
static inline uint32_t stream_incarnation(uint32_t stream) { return stream >> 16; }
static inline bool stream_is_hub(uint32_t stream) { return (stream & 0xFFFF) == 0; }

/* Can name an event: neither 0 nor a stream alone. */
static inline bool id_valid(uint64_t id) { return id_seq(id) != 0; }

bool id_parse(struct view text, uint64_t *out); /* exactly "stream-seq", both in range, no leading zeros */
char *id_format(uint64_t id, char *out);        /* ID_TEXT bytes; returns it; "" for 0 */

#endif
