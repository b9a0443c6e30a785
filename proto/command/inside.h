/* A call made inside a running `serve` for somebody else: words that another process handed over (handover_os.h), or
 * that a request over HTTP came to (proto/api). One place for both, so that neither can do what the other may not.
 *
 * Thread: any, each call on one. Ownership: the words are the caller's until the call is released. */
#ifndef DANGOL_PROTO_COMMAND_INSIDE_H
#define DANGOL_PROTO_COMMAND_INSIDE_H

#include "proto/command/command.h"

/* What a serve runs calls on; outlives them. */
struct inside {
    const struct program *program;
    struct site *site;
    void *daemon; /* the program's own */
    const struct env *env;
};

void inside_call(const struct inside *inside, struct call *call); /* begins one */
struct streams;
/* Parses the words, which begin with the name of a program, and runs them on streams that are there; `streams` NULL:
 * they are in memory. The answer is the exit status; call->error says why it is not 0. Then call_release. */
int inside_run(struct call *call, struct streams *streams, int count, const char *const *words);

/* Streams in memory: what is read is a view, what is written are bufs. Past `most` bytes nothing more is taken and the
 * call fails with ERR_LIMIT. */
struct memory_streams {
    struct view in;
    struct buf out, notes; /* stdout, stderr */
    size_t most;
    bool full;
    FILE *files[3];
};
void memory_streams_open(struct memory_streams *streams, struct view in, size_t most, struct call *call);
/* Writes a document to what is read from `out`, with the end of a line behind it or not; what did not fit shows in
 * `full`. */
void memory_streams_document(struct memory_streams *streams, json_t *document, bool line);
/* What is buffered is in the bufs then, which stay the caller's. */
void memory_streams_close(struct memory_streams *streams);

#endif
