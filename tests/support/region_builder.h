/* Makes a region's events for tests of the model: real frames, sealed with fixed keys, at times the test chooses; and
 * logs of them in any order of arrival, with right hints.
 *
 * Every function that makes an event returns its id. `hlc` is given to the next event and goes on by a millisecond; a
 * test that needs another one sets it. Times (`at`): ms UTC, or NIL for the hlc's.
 * Memory: the region's, until region_release; logs borrow its frames. Thread: one. */
#ifndef DANGOL_TESTS_SUPPORT_REGION_BUILDER_H
#define DANGOL_TESTS_SUPPORT_REGION_BUILDER_H

#include "proto/base/idmap.h"
#include "proto/event/event.h"
#include "proto/log/log.h"

#define HUB 0
#define REGION_START INT64_C(1735689600000) /* 2025-01-01T00:00:00Z */

struct region_event {
    uint64_t id;
    uint64_t subject; /* as in the frame */
    size_t start, length;
};

struct region {
    uint64_t hlc;
    struct region_event *events; /* in the order they were made */
    size_t count, room;
    struct buf frames;
    int64_t cost;      /* of every line sold or returned from now on; NIL: not said */
    struct idmap last; /* stream + 1 → last seq */
    uint64_t dice;
};

struct ids {
    const uint64_t *items;
    size_t count;
};
#define IDS(...)                                                                                                       \
    ((struct ids){(const uint64_t[]){__VA_ARGS__}, sizeof((const uint64_t[]){__VA_ARGS__}) / sizeof(uint64_t)})
#define NO_IDS ((struct ids){NULL, 0})

void region_init(struct region *r);
void region_release(struct region *r);
struct view region_frame(const struct region *r, size_t index);
/* A seeded generator: the same numbers for the same seed. */
uint64_t region_roll(struct region *r, uint64_t below);

/* Any event. `self`: it is its own subject. */
uint64_t region_put(struct region *r, uint32_t stream, struct event *e, bool self);
/* A frame as it is, of a later version or nonsense. */
uint64_t region_put_frame(struct region *r, uint32_t stream, uint64_t subject, struct view frame);
/* One that has its id already. */
void region_put_record(struct region *r, uint64_t id, uint64_t subject, struct view frame);

uint64_t region_registered(struct region *r, uint32_t stream, uint64_t bits, int64_t at);
uint64_t region_updated(struct region *r, uint32_t stream, uint64_t customer, uint64_t bits, struct ids after);
uint64_t region_linked(struct region *r, uint32_t stream, uint64_t a, uint64_t b, enum choice_link_reason reason);
uint64_t region_unlinked(struct region *r, uint32_t stream, uint64_t a, uint64_t other, struct ids edges,
                         struct ids barred);
uint64_t region_erased(struct region *r, uint32_t stream, struct ids ids);
uint64_t region_referred(struct region *r, uint32_t stream, uint64_t customer, uint64_t newcomer, int64_t at);
uint64_t region_contacted(struct region *r, uint32_t stream, uint64_t customer, int64_t at);
uint64_t region_promised(struct region *r, uint32_t stream, uint64_t customer, int64_t at, int64_t due, uint64_t keeps);

/* `lines` lines of quantity 1 that add up to `amount`; customer 0: the sale is its own subject. */
uint64_t region_sold(struct region *r, uint32_t stream, uint64_t customer, int64_t amount, uint32_t lines, int64_t at);
uint64_t region_sold_quantity(struct region *r, uint32_t stream, uint64_t customer, int64_t amount, int64_t quantity,
                              int64_t at);
/* sale 0: without original; subject 0: nobody's. */
uint64_t region_returned(struct region *r, uint32_t stream, uint64_t subject, uint64_t sale, int64_t amount,
                         int64_t at);
uint64_t region_attributed(struct region *r, uint32_t stream, uint64_t thing, uint64_t customer);

uint64_t region_complained(struct region *r, uint32_t stream, uint64_t customer, int64_t at);
uint64_t region_stepped(struct region *r, uint32_t stream, uint64_t subject, uint64_t complaint, enum choice_step step,
                        struct ids after, int64_t at);
/* paused, resumed, reopened, routed (to the region). */
uint64_t region_turned(struct region *r, uint32_t stream, enum event_type type, uint64_t subject, uint64_t complaint,
                       struct ids after, int64_t at);

uint64_t region_voided(struct region *r, uint32_t stream, uint64_t subject, uint64_t event, bool on);
/* With the ref of a judgement: it came twice. On the hub's stream it is the judge's word. */
uint64_t region_twice(struct region *r, uint32_t stream, uint64_t subject, uint64_t event, bool on);
uint64_t region_clock(struct region *r, uint32_t of, uint64_t from, uint64_t to, int64_t ms);
uint64_t region_store(struct region *r, const char *code, const char *chain);
uint64_t region_stream(struct region *r, uint32_t stream, const char *store);
uint64_t region_policy(struct region *r, const char *key, const char *value, int64_t from);
uint64_t region_staff(struct region *r, uint32_t stream, const char *code, bool active);

/* A log of the events in this order (NULL: as they were made), whatever the order of their seqs. To be closed. */
struct log *region_log(const struct region *r, const size_t *order, size_t count);
/* A real log in memory, chains and signed heads included: only in orders that keep each stream's own. */
struct log *region_real_log(const struct region *r, const size_t *order, size_t count);

#endif
