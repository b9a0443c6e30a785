/* Two transports and what their connections went through: the ground that transport_contract.c stands on.
 *
 * Callbacks come from any thread, so they only write down what happened and what was `wrong`; the test waits for
 * counters to grow. Waiting never sleeps: it moves a form that is driven by hand, and awaits the change of a counter
 * for the others, with a limit that only a failure reaches. */
#ifndef DANGOL_TESTS_CONTRACT_TRANSPORT_SCENE_H
#define DANGOL_TESTS_CONTRACT_TRANSPORT_SCENE_H

#include "proto/wire/transport.h"

#include <pthread.h>

/* A form of the port. */
struct transport_form {
    struct transport *(*open)(void *world); /* transports of one world reach each other */
    bool (*move)(void *world);              /* NULL: moves by itself. False: will never move again */
    void *world;
    const char *address; /* to listen on */
};

struct scene;

/* One end of a line. How it answers is set before it exists (scene.near_as, scene.far_as). */
struct manner {
    bool refuse;       /* `opened` returns NULL */
    bool echo;         /* sends every message back */
    size_t hold;       /* from this message on (1 is the first) `message` returns false; 0: never */
    bool resume_early; /* resumes before returning false */
    size_t close_at;   /* closes inside of this message */
    bool flush;        /* that way */
    int64_t deadline;  /* set in `opened` */
    uint32_t limit;    /* set in `opened` unless 0 */
    size_t greet;      /* messages sent in `opened` */
};

struct side {
    struct scene *scene;
    struct side *next;
    struct manner manner;
    struct connection *connection; /* NULL: closed */
    size_t opened, messages, drained, closed;
    size_t bytes;
    struct buf last; /* the newest message */
    struct err err;
    bool inside, held;
};

struct scene {
    const struct transport_form *form;
    struct transport *server, *client;
    char bound[TRANSPORT_PEER_SIZE];
    struct manner near_as, far_as; /* the dialling end's and the listening end's */

    pthread_mutex_t lock;
    pthread_cond_t changed;
    struct side *sides;      /* all there ever were */
    struct side *near, *far; /* the newest of either end */
    size_t near_opened, far_opened, opened, closed, failed;
    struct err dial_err;
    const char *wrong; /* what broke the contract inside a callback */
};

void scene_open(struct scene *scene, const struct transport_form *form); /* listens; both transports are open */
void scene_open_pair(struct scene *scene, const struct transport_form *form, struct transport *server,
                     struct transport *client);
void scene_close(struct scene *scene); /* shuts down what is still open, asserts that every end closed once */
void scene_dial(struct scene *scene);  /* and waits until both ends exist */
void scene_dial_only(struct scene *scene, const char *address);

/* Waits until the counter, which must be of this scene, is at least `least`. */
void scene_await(struct scene *scene, const size_t *counter, size_t least);
size_t scene_read(struct scene *scene, const size_t *counter);
struct connection *scene_connection(struct scene *scene, const struct side *side); /* asserts that it lives */

/* The bytes of message `number`, which depend on number and size. */
void scene_pattern(size_t number, size_t size, struct buf *out);

#endif
