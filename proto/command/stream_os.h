/* A call's standard streams and its stop.
 *
 * A stop is asked for by a signal, by the caller's end or by a serve that shuts down. From then on no read or write of
 * the call blocks: a pager nobody scrolls must not hold a `serve` back. The descriptors may be shared with other
 * processes, so they stay as they are (blocking), and each read or write is polled for together with the stop.
 * Ownership: the descriptors are the caller's. Thread: stop_ask from any thread or signal handler, the rest from the
 * call's own. */
#ifndef DANGOL_PROTO_COMMAND_STREAM_OS_H
#define DANGOL_PROTO_COMMAND_STREAM_OS_H

#include "proto/command/command.h"

struct stop {
    atomic_bool asked, noticed;
    int fd; /* readable once asked */
};
void stop_init(struct stop *stop);
void stop_ask(struct stop *stop);
void stop_release(struct stop *stop);

struct stream {
    int fd, stop_fd;
    bool plain; /* a file: never waits for anybody */
    int error;  /* errno of the first failure */
    FILE *file;
};
struct streams {
    struct stream in, out, err;
};

/* Over these three descriptors; connects them and the stop to the call. */
void streams_open(struct streams *streams, const int fds[3], struct stop *stop, struct call *call);
/* Writes out what is buffered; also tells of earlier failures. ERR_CLOSED when nobody reads it, ERR_INTERRUPTED when
 * stopped, ERR_IO, ERR_NO_SPACE. */
int streams_flush(struct streams *streams, struct err *err);
void streams_close(struct streams *streams);

#endif
