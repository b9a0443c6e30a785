/* Messages: what travels between a store and the hub. Generated from messages.def; reading borrows from the bytes and
 * allocates nothing. Comes after: the transport's frame. Before: the session (hub) and the uplink (node). Pure. */
#ifndef DANGOL_PROTO_WIRE_MESSAGE_H
#define DANGOL_PROTO_WIRE_MESSAGE_H

#include "proto/base/bytes.h"
#include "proto/base/err.h"
#include "proto/event/event.h"

#define PROTOCOL_LOWEST 1
#define PROTOCOL_HIGHEST 1

#define MESSAGE_MAX (7u << 20)      /* bytes of a message once a store is known: the largest feed */
#define MESSAGE_MAX_STRANGER 16384u /* and before: a stranger may not make anybody allocate */

#define MESSAGE_TYPE_UINT uint64_t
#define MESSAGE_TYPE_TIME int64_t
#define MESSAGE_TYPE_FIXED struct view
#define MESSAGE_TYPE_BIN struct view
#define MESSAGE_TYPE_TEXT struct view
#define MESSAGE_TYPE_IDS struct list

/* struct message_knock, … */
#define MESSAGE_BEGIN(type, number, sender, doc) struct message_##type {
#define FIELD(type, name, kind, need, bound, doc) MESSAGE_TYPE_##kind name;
#define MESSAGE_END(type)                                                                                              \
    }                                                                                                                  \
    ;
#include "proto/wire/messages.def"
#undef MESSAGE_BEGIN
#undef FIELD
#undef MESSAGE_END

enum message_type {
#define MESSAGE_BEGIN(type, number, sender, doc) MESSAGE_##type = (number),
#define FIELD(type, name, kind, need, bound, doc)
#define MESSAGE_END(type)
#include "proto/wire/messages.def"
#undef MESSAGE_BEGIN
#undef FIELD
#undef MESSAGE_END
};

struct message {
    uint16_t type; /* enum message_type */
    union {
#define MESSAGE_BEGIN(type, number, sender, doc) struct message_##type type;
#define FIELD(type, name, kind, need, bound, doc)
#define MESSAGE_END(type)
#include "proto/wire/messages.def"
#undef MESSAGE_BEGIN
#undef FIELD
#undef MESSAGE_END
    } body;
};

#define MESSAGE_UNKNOWN 1 /* well-formed, of a later version: to be ignored */

/* 0, MESSAGE_UNKNOWN, ERR_FORMAT or ERR_LIMIT with the field at fault. An absent OPTIONAL list has raw VIEW_NONE. */
int message_decode(struct view bytes, struct message *out, struct err *err);
/* Appends [number, fields …]. Own messages only: a value past its bound is our mistake and asserted. */
void message_encode(const struct message *m, struct buf *out);
const char *message_name(uint16_t type); /* "knock", or "unknown" */
void messages_markdown(struct buf *out); /* for PROTOCOL.md */

#endif
