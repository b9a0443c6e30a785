/* The line: the uplink on a real transport. One thread runs it (`hub_line_run`): the daemon's main thread, or the
 * `sync` command's own when no daemon is there. Callbacks of the transport only queue what happened.
 *
 * The queue and all that other threads may ask share the monitor of the site's growth, so that one wait covers "the log
 * grew", "a message came" and "time is up". */
#ifndef DANGOL_NODE_LINE_H
#define DANGOL_NODE_LINE_H

#include "node/uplink.h"
#include "proto/command/command.h"
#include "proto/wire/transport.h"

struct hub_line;
int hub_line_open(struct site *site, FILE *journal, struct hub_line **out, struct err *err);
void hub_line_close(struct hub_line *line); /* says bye; waits until the transport is down */

/* Before it runs: to ask for a new stream under this key, and no more (uplink.h). */
void hub_line_move(struct hub_line *line, const uint8_t new_key[PUBLIC_KEY_SIZE]);
/* Runs until `done(context)` says so, asked after every turn and at least every `POLL_MS`. */
void hub_line_run(struct hub_line *line, bool (*done)(void *context), void *context);

/* From any thread. */
struct hub_line_status {
    bool connected, level, refused;
    struct err trouble;                       /* code 0: none */
    uint32_t moved_stream, moved_incarnation; /* what the hub has given to a recovery; 0: nothing yet */
};
void hub_line_status(struct hub_line *line, struct hub_line_status *out);
void hub_line_try_now(struct hub_line *line); /* forget the wait between attempts */
/* Waits for the next change of the status, at most `ms`. */
void hub_line_wait_change(struct hub_line *line, int64_t ms);

#endif
