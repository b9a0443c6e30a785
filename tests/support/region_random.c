#include "tests/support/region_random.h"

#include <stdlib.h>

#include "proto/base/pack.h"
#include "proto/base/zone.h"
#include "proto/event/hlc.h"

#define MOST 400

struct made {
    uint64_t id, subject;
};
struct list_of_made {
    struct made items[MOST];
    size_t count;
};

struct dice {
    struct region *r;
    size_t step;
    int64_t skew[RANDOM_STREAMS];
    struct list_of_made customers, edits, sales, edges, complaints, turns,
        all; /* turns: of threads; subject: complaint */
};

static uint64_t roll(struct dice *d, uint64_t below) { return region_roll(d->r, below); }
static bool once_in(struct dice *d, uint64_t times) { return roll(d, times) == 0; }
static uint32_t any_stream(struct dice *d) { return (uint32_t)roll(d, RANDOM_STREAMS); }

static void remember(struct dice *d, struct list_of_made *list, uint64_t id, uint64_t subject) {
    if (list->count < MOST) list->items[list->count++] = (struct made){id, subject};
    if (list != &d->all) remember(d, &d->all, id, subject);
}

static struct made any_of(struct dice *d, const struct list_of_made *list) {
    return list->count == 0 ? (struct made){0, 0} : list->items[roll(d, list->count)];
}

/* Somebody: mostly a customer made before, now and then one who comes later, or never. */
static uint64_t any_customer(struct dice *d) {
    if (d->customers.count > 0 && !once_in(d, 12)) return any_of(d, &d->customers).id;
    return id_make((uint32_t)roll(d, RANDOM_STREAMS + 1), 1 + roll(d, 30));
}

/* Times are few, so that equal ones and both sides of a cut occur. */
static int64_t any_time(struct dice *d) {
    return once_in(d, 3) ? NIL : REGION_START + (int64_t)roll(d, 6) * DAY_MS - (int64_t)roll(d, 2);
}

static uint32_t tick(struct dice *d) {
    uint32_t stream = any_stream(d);
    d->r->hlc = hlc_make(REGION_START + (int64_t)d->step * 500 + d->skew[stream], 0);
    return stream;
}

/* ---- Customers ---- */

static void make_customer(struct dice *d) {
    uint32_t stream = tick(d);
    uint64_t id = region_registered(d->r, stream, 1 + roll(d, 15), any_time(d));
    remember(d, &d->customers, id, id);
    remember(d, &d->edits, id, id);
}

static void make_update(struct dice *d) {
    uint64_t after[3];
    size_t count = 0;
    uint64_t customer = any_customer(d);
    for (size_t i = 0; i < d->edits.count && count < 3; i++)
        if (d->edits.items[i].subject == customer && !once_in(d, 3)) after[count++] = d->edits.items[i].id;
    uint64_t id = region_updated(d->r, tick(d), customer, 1 + roll(d, 15), (struct ids){after, count});
    remember(d, &d->edits, id, customer);
}

static void make_link(struct dice *d) {
    uint64_t a = any_customer(d), b = any_customer(d);
    enum choice_link_reason reason = once_in(d, 2) ? choice_link_reason_person : choice_link_reason_phone;
    remember(d, &d->edges, region_linked(d->r, tick(d), a, b, reason), a);
}

static void make_unlink(struct dice *d) {
    uint64_t edges[3], barred[2] = {any_customer(d), any_customer(d)}, a = any_customer(d);
    size_t count = d->edges.count == 0 ? 0 : roll(d, 3);
    for (size_t i = 0; i < count; i++) edges[i] = any_of(d, &d->edges).id;
    if (once_in(d, 6)) edges[count++] = id_make(1, 1 + roll(d, 40));
    uint64_t id =
        region_unlinked(d->r, tick(d), a, any_customer(d), (struct ids){edges, count}, (struct ids){barred, 2});
    remember(d, &d->all, id, a);
}

static void make_erasure(struct dice *d) {
    uint64_t ids[3];
    size_t count = 1 + roll(d, 3);
    for (size_t i = 0; i < count; i++)
        ids[i] = once_in(d, 4) && d->sales.count > 0 ? any_of(d, &d->sales).id : any_customer(d);
    uint32_t stream = tick(d);
    if (!once_in(d, 4)) stream = HUB; /* from others it does not count */
    remember(d, &d->all, region_erased(d->r, stream, (struct ids){ids, count}), ids[0]);
}

static void make_fact(struct dice *d) {
    uint64_t who = any_customer(d);
    uint32_t stream = tick(d);
    remember(d, &d->all,
             once_in(d, 2) ? region_referred(d->r, stream, who, any_customer(d), any_time(d))
                           : region_contacted(d->r, stream, who, any_time(d)),
             who);
}

/* ---- Purchases ---- */

/* Of some lines the cost is known, of a few it is what was paid. */
static void any_cost(struct dice *d) { d->r->cost = once_in(d, 2) ? NIL : (int64_t)roll(d, 4) * 500; }

static void make_sale(struct dice *d) {
    uint64_t who = once_in(d, 4) ? 0 : any_customer(d);
    int64_t amount = (int64_t)roll(d, 7) * 1000 - 1000;
    uint32_t stream = tick(d);
    uint64_t id;
    any_cost(d);
    if (once_in(d, 6))
        id = region_sold_quantity(d->r, stream, who, amount, (int64_t)roll(d, 3) * 1000 - 1000, any_time(d));
    else
        id = region_sold(d->r, stream, who, amount, once_in(d, 20) ? 300 : 1 + (uint32_t)roll(d, 3), any_time(d));
    remember(d, &d->sales, id, who == 0 ? id : who);
}

static void make_return(struct dice *d) {
    struct made sale = any_of(d, &d->sales);
    if (once_in(d, 3)) sale = (struct made){0, once_in(d, 4) ? 0 : any_customer(d)};
    if (once_in(d, 10)) sale.id = sale.subject = id_make(2, 1 + roll(d, 30));
    any_cost(d);
    uint64_t id = region_returned(d->r, tick(d), sale.subject, sale.id, (int64_t)roll(d, 4) * 500, any_time(d));
    remember(d, &d->all, id, sale.subject == 0 ? id : sale.subject);
}

static void make_attribution(struct dice *d) {
    struct made thing = once_in(d, 3) ? any_of(d, &d->complaints) : any_of(d, &d->sales);
    if (thing.id == 0 || thing.id != thing.subject) return;
    remember(d, &d->edges, region_attributed(d->r, tick(d), thing.id, any_customer(d)), thing.id);
}

/* ---- Complaints ---- */

static void make_complaint(struct dice *d) {
    uint64_t who = once_in(d, 3) ? 0 : any_customer(d);
    uint64_t id = region_complained(d->r, tick(d), who, any_time(d));
    remember(d, &d->complaints, id, who == 0 ? id : who);
    remember(d, &d->turns, id, id);
}

static void make_turn(struct dice *d) {
    static const enum event_type types[] = {EVENT_paused, EVENT_resumed, EVENT_reopened, EVENT_routed};
    struct made complaint = any_of(d, &d->complaints);
    uint64_t after[4], id;
    size_t count = 0;
    if (complaint.id == 0) return;
    if (once_in(d, 15)) complaint.subject = any_customer(d); /* another's: not of the thread */
    for (size_t i = 0; i < d->turns.count && count < 4; i++)
        if (d->turns.items[i].subject == complaint.id && once_in(d, 2)) after[count++] = d->turns.items[i].id;
    struct ids ids = {after, count};
    uint32_t stream = tick(d);
    if (once_in(d, 3))
        id = region_turned(d->r, stream, types[roll(d, 4)], complaint.subject, complaint.id, ids, any_time(d));
    else
        id = region_stepped(d->r, stream, complaint.subject, complaint.id, (enum choice_step)(1 + roll(d, 9)), ids,
                            any_time(d));
    remember(d, &d->turns, id, complaint.id);
    d->all.items[d->all.count - 1].subject = complaint.subject;
}

/* ---- House-keeping ---- */

static void make_void(struct dice *d) {
    struct made event = any_of(d, &d->all);
    if (event.id == 0) return;
    if (once_in(d, 8)) event.id = id_make(any_stream(d), 1 + roll(d, 60)); /* perhaps of what comes later */
    uint32_t stream = tick(d);
    if (once_in(d, 2)) stream = HUB;
    uint64_t (*say)(struct region *, uint32_t, uint64_t, uint64_t, bool) = once_in(d, 4) ? region_twice : region_voided;
    remember(d, &d->all, say(d->r, stream, event.subject, event.id, !once_in(d, 3)), event.subject);
}

static void make_strange(struct dice *d) {
    struct buf frame = BUF_INIT;
    pack_array(&frame, FRAME_FIELDS);
    pack_uint(&frame, once_in(d, 2) ? 9999 : EVENT_sold); /* of a later version, or a sale without lines */
    pack_uint(&frame, 1);
    pack_uint(&frame, d->r->hlc);
    pack_nil(&frame);
    pack_nil(&frame);
    uint64_t who = any_customer(d);
    pack_uint(&frame, who);
    for (int i = 0; i < 3; i++) pack_nil(&frame);
    pack_array(&frame, 0);
    region_put_frame(d->r, tick(d), who, buf_view(&frame));
    buf_release(&frame);
}

static void make_directory(struct dice *d) {
    static const char *const chains[] = {"beauty", "clothes", NULL};
    uint32_t stream = tick(d);
    switch (roll(d, 4)) {
    case 0: remember(d, &d->all, region_store(d->r, "S2", chains[roll(d, 3)]), 0); break;
    case 1: remember(d, &d->all, region_staff(d->r, stream, "07", once_in(d, 2)), 0); break;
    case 2: remember(d, &d->all, region_policy(d->r, "vip", once_in(d, 2) ? "1" : "2", any_time(d)), 0); break;
    default: region_stream(d->r, 3, once_in(d, 2) ? "S3" : "S2"); break;
    }
}

static void make_clock(struct dice *d) {
    uint64_t from = 1 + roll(d, 20);
    tick(d);
    region_clock(d->r, any_stream(d), from, from + roll(d, 20), ((int64_t)roll(d, 9) - 4) * DAY_MS / 2);
}

static void make_any(struct dice *d) {
    static void (*const often[])(struct dice *) = {
        make_customer,  make_update, make_update, make_link, make_sale,        make_sale, make_sale, make_return,
        make_complaint, make_turn,   make_turn,   make_fact, make_attribution, make_void, make_void,
    };
    static void (*const rarely[])(struct dice *) = {make_unlink,  make_unlink,    make_erasure,
                                                    make_strange, make_directory, make_clock};
    if (once_in(d, 6))
        rarely[roll(d, sizeof rarely / sizeof rarely[0])](d);
    else
        often[roll(d, sizeof often / sizeof often[0])](d);
}

void region_random(struct region *r, uint64_t seed, size_t steps) {
    struct dice *d = mem_alloc(sizeof *d);
    d->r = r;
    r->dice = seed * 1000003;
    for (size_t i = 0; i < RANDOM_STREAMS; i++) d->skew[i] = ((int64_t)roll(d, 5) - 2) * 1000;
    static const char *const stores[] = {NULL, "S1", "S2", "S3", "S1"};
    for (uint32_t i = 1; i < RANDOM_STREAMS; i++)
        if (!once_in(d, 4)) region_stream(r, i, stores[i]);
    region_store(r, "S1", "clothes");
    for (d->step = 0; d->step < steps; d->step++) make_any(d);
    free(d);
}

void region_shuffle(struct region *r, size_t *out) {
    for (size_t i = 0; i < r->count; i++) out[i] = i;
    for (size_t i = r->count; i > 1; i--) {
        size_t j = (size_t)region_roll(r, i), held = out[i - 1];
        out[i - 1] = out[j];
        out[j] = held;
    }
}

/* Streams take turns at random; of each the events come as they were made. */
void region_interleave(struct region *r, size_t *out) {
    size_t next[RANDOM_STREAMS] = {0}, count = 0;
    while (count < r->count) {
        uint32_t stream = (uint32_t)region_roll(r, RANDOM_STREAMS);
        size_t *at = &next[stream];
        while (*at < r->count && id_stream(r->events[*at].id) != stream) ++*at;
        if (*at < r->count) out[count++] = (*at)++;
    }
}
