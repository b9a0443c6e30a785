/* What both ends of the handover share: the address, and a request with descriptors over a stream socket. Descriptors
 * that are received are the receiver's to close. */
#ifndef DANGOL_PROTO_COMMAND_HANDOVER_WIRE_OS_H
#define DANGOL_PROTO_COMMAND_HANDOVER_WIRE_OS_H

#include <sys/socket.h>
#include <sys/un.h>

#include "proto/base/bytes.h"
#include "proto/base/err.h"

#define HANDOVER_SOCKET "socket"
#define HANDOVER_FDS 4
#define HANDOVER_WORDS_MAX (256u << 10) /* a sale of many lines fits */

#define HANDOVER_CANCEL 'C'
#define HANDOVER_NOT_TAKEN 'N'
#define HANDOVER_BUSY 'B'
#define HANDOVER_BEGUN 'A'
#define HANDOVER_ENDED 'E'

/* The address of `directory`/socket. A path too long for a socket address goes through a descriptor of the directory,
 * `*fd`, which the caller closes after use (-1: none). */
int handover_address(const char *directory, struct sockaddr_un *out, int *fd, struct err *err);

/* False when the other end is gone or, receiving, sent something else, or nothing in time. */
bool handover_send(int socket, struct view words, const int fds[HANDOVER_FDS]);
bool handover_receive(int socket, struct buf *words, int fds[HANDOVER_FDS]);

#endif
