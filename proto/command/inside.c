#include "proto/command/inside.h"

#include <stdlib.h>
#include <string.h>

#include "proto/command/json_text.h"
#include "proto/command/parse.h"
#include "proto/command/run.h"

#define NOTES_MAX 65536
#define DOCUMENT_ROOM 2048 /* a card */

void inside_call(const struct inside *inside, struct call *call) {
    *call = (struct call){.program = inside->program,
                          .site = inside->site,
                          .daemon = inside->daemon,
                          .env = inside->env,
                          .working_directory = -1};
}

int inside_run(struct call *call, struct streams *streams, int count, const char *const *words) {
    struct parse_place place = {.given = call->site->directory};
    int outcome = parse_words(call, count - 1, words + 1, &place);
    if (outcome == PARSE_RUN && (strcmp(words[0], call->program->name) != 0 || !command_shares(call->command)))
        outcome = err_set(&call->error, ERR_REFUSED, NULL, "%s %s cannot run inside a running serve", words[0],
                          call->command->name);
    if (outcome < 0) return call_refused(call, outcome);
    return outcome == PARSE_RUN ? call_run(call, streams) : EXIT_USAGE;
}

static ssize_t memory_read(void *cookie, char *data, size_t size) {
    struct memory_streams *streams = cookie;
    size_t len = streams->in.len < size ? streams->in.len : size;
    if (len > 0) memcpy(data, streams->in.data, len);
    streams->in = view_make(streams->in.data + len, streams->in.len - len);
    return (ssize_t)len;
}

static ssize_t memory_write(void *cookie, const char *data, size_t size) {
    struct memory_streams *streams = cookie;
    if (size > streams->most - streams->out.len) streams->full = true;
    if (streams->full) return 0;
    buf_append(&streams->out, data, size);
    return (ssize_t)size;
}

/* Remarks for people: nobody misses those past a screenful. */
static ssize_t notes_write(void *cookie, const char *data, size_t size) {
    struct memory_streams *streams = cookie;
    if (size <= NOTES_MAX - streams->notes.len) buf_append(&streams->notes, data, size);
    return (ssize_t)size;
}

void memory_streams_open(struct memory_streams *streams, struct view in, size_t most, struct call *call) {
    *streams = (struct memory_streams){.in = in, .most = most};
    FILE **files = streams->files;
    files[0] = fopencookie(streams, "r", (cookie_io_functions_t){.read = memory_read});
    files[1] = fopencookie(streams, "w", (cookie_io_functions_t){.write = memory_write});
    files[2] = fopencookie(streams, "w", (cookie_io_functions_t){.write = notes_write});
    if (files[0] == NULL || files[1] == NULL || files[2] == NULL) mem_exhausted();
    call->in = files[0];
    call->out = files[1];
    call->err_out = files[2];
    call->memory = streams;
}

/* Past the stdio that stands before the buf, which is most of the work of a small document. */
void memory_streams_document(struct memory_streams *streams, json_t *document, bool line) {
    struct buf *out = &streams->out;
    fflush(streams->files[1]);
    if (streams->full) return;
    size_t before = out->len;
    buf_reserve(out, DOCUMENT_ROOM);
    json_text(document, out);
    if (line) buf_append_byte(out, '\n');
    if (out->len <= streams->most) return;
    out->len = before;
    streams->full = true;
}

void memory_streams_close(struct memory_streams *streams) {
    for (int i = 0; i < 3; i++) fclose(streams->files[i]);
}
