/* What a store's computer did until the power went, step by step, and whether a disk still tells it: for power cuts and
 * full disks. The story is the way of a site: a directory made and opened, events written (ring, then log), in small
 * and in large commits, values, keys destroyed, files beside them, closed and opened again.
 * Thread: one. */
#ifndef DANGOL_TESTS_SUPPORT_STORY_H
#define DANGOL_TESTS_SUPPORT_STORY_H

#include "proto/site/site.h"
#include "tests/support/parties.h"

#define STORY_STEPS 64
#define STORY_CREATED 1 /* steps after which the directory is a site's, and is opened */
#define STORY_OPENED 2

struct story_step {
    size_t moment; /* of the recorded disk, when it was acknowledged */
    uint64_t tip;  /* behind it */
};

struct story_customer {
    uint64_t id;
    struct tag tag;
    size_t registered, destroyed; /* the steps; 0: never */
};

struct story_record {
    uint64_t id;
    size_t start, len; /* the frame, in story.frames */
};

struct story {
    struct still_world world;
    struct config config;
    struct secrets secrets;
    struct site *site; /* while it is told */
    const char *directory;
    struct story_step steps[STORY_STEPS + 1]; /* [n]: after n steps */
    size_t step_count;
    size_t number_step, note_step; /* the last that wrote the value, the file */
    size_t numbers[STORY_STEPS + 1], notes[STORY_STEPS + 1];
    struct story_customer *customers;
    size_t customer_count;
    struct story_record *records;
    struct buf frames;
};

/* Tells it in the directory, which is not there yet. `moment` says what is acknowledged; may be NULL. Aborts when a
 * step fails. */
void story_tell(struct story *story, const char *directory, uint64_t seed, size_t (*moment)(void));
void story_release(struct story *story);

/* How many steps were acknowledged by then. */
size_t story_done(const struct story *story, size_t moment);

/* Opens what a power cut left in the directory: everything of the first `done` steps must be there, and of the next one
 * all or nothing. False: `why` says what is not so. With `on`, the store then goes on there for a while. `*tip` gets
 * the last position found. */
bool story_stands(struct story *story, const char *directory, size_t done, bool on, uint64_t *tip, struct buf *why);
/* Only opens and closes it, as a first start after the cut would. */
bool story_opens(struct story *story, const char *directory, struct buf *why);

#endif
