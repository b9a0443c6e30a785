/* The open connections of a server, and how long each may take for what it is doing.
 *
 * The library's own timeout starts anew with every byte, so a client that sends one every few seconds keeps its place
 * for ever. Here each step has a time by which it must be over, longer for more bytes; a thread looks every second and
 * shuts down what is late. When nearly all places are taken, a newcomer gets the place of whoever has been sending, or
 * idle, for longest: work under way is never cut off for one.
 *
 * Thread: links_add, link_is and links_remove from the server's threads; a link is its connection's thread's. Its
 * descriptor is the server's, and open until links_remove returns. */
#ifndef DANGOL_PROTO_HTTP_LINKS_OS_H
#define DANGOL_PROTO_HTTP_LINKS_OS_H

#include <stddef.h>

#include "proto/base/env.h"

enum link_step {
    LINK_HEAD,   /* the first request's head is still to come */
    LINK_IDLE,   /* a request was answered; perhaps another comes */
    LINK_BODY,   /* being sent */
    LINK_WORK,   /* ours: no limit */
    LINK_ANSWER, /* being read */
    LINK_EVENTS, /* reads events for as long as it likes */
};

struct link;
struct links;
struct links *links_open(const struct env *env, size_t most);
void links_close(struct links *links);

struct link *links_add(struct links *links, int fd);
void links_remove(struct links *links, struct link *link);
/* What it does from now on, and how many bytes that are to be. */
void link_is(struct links *links, struct link *link, enum link_step step, size_t bytes);

#endif
