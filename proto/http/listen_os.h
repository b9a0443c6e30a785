/* A listening socket, and addresses as text. */
#ifndef DANGOL_PROTO_HTTP_LISTEN_OS_H
#define DANGOL_PROTO_HTTP_LISTEN_OS_H

#include <sys/socket.h>

#include "proto/http/server.h"

/* The socket, which does not block, or negative: ERR_BUSY when the port is taken. `*port`: the one it really is. */
int http_listen(const char *host, uint16_t port, int *out, uint16_t *bound, struct err *err);
void http_address(const struct sockaddr *address, char out[HTTP_ADDRESS_SIZE]);
/* How many connections the process has descriptors for, at most `most`. */
size_t http_room(size_t most);

#endif
