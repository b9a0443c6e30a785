/* Requests that the server answers before anybody is asked who may what: too large, or with an address that is none. So
 * that nobody fills a disk with them they are counted, and the journal has a line a minute at most. Thread: any. */
#ifndef DANGOL_PROTO_API_TURNED_H
#define DANGOL_PROTO_API_TURNED_H

#include "proto/base/journal.h"

struct turned;
struct turned *turned_open(const struct journal *journal, const struct env *env);
void turned_close(struct turned *turned); /* tells what is not told yet; NULL is fine */
void turned_away(struct turned *turned, const char *address, int status);

#endif
