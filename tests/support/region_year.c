#include "tests/support/region_year.h"

#include <stdlib.h>

#include "proto/base/env.h"
#include "proto/event/describe.h"
#include "proto/event/hlc.h"
#include "proto/event/seal.h"
#include "tests/support/bench.h"

void year_init(struct year *y, uint32_t stores, uint64_t customers, uint64_t events) {
    *y = (struct year){.stores = stores, .customers = customers, .events = events, .dice = 88172645463325252u};
    y->seq = mem_alloc(((size_t)stores + 1) * sizeof *y->seq);
    y->customer_ids = mem_alloc((size_t)customers * sizeof *y->customer_ids);
    y->last = mem_alloc((size_t)customers * sizeof *y->last);
    y->sale = mem_alloc((size_t)customers * sizeof *y->sale);
}

void year_release(struct year *y) {
    free(y->seq);
    free(y->customer_ids);
    free(y->last);
    free(y->sale);
    for (size_t i = 0; i < CHORE_KINDS; i++) free(y->chores[i].items);
    buf_release(&y->lines);
}

static uint64_t roll(struct year *y, uint64_t below) {
    y->dice ^= y->dice << 13;
    y->dice ^= y->dice >> 7;
    y->dice ^= y->dice << 17;
    return y->dice % below;
}

static void put_line(struct year *y, struct list *lines, int64_t amount, bool costed, int64_t sessions) {
    struct row_sale_line line = {view_of("880123456"), 1000, amount, NIL, costed ? amount * 6 / 10 : NIL, sessions};
    row_sale_line_append(lines, &y->lines, &line);
}

static void fill_registered(struct event *e) {
    const struct event_info *info = event_info(e->type);
    event_sealed_set(e, info, SEALED_registered_name, view_of("Kim Dangol"));
    event_sealed_set(e, info, SEALED_registered_phone, view_of("010-1234-5678"));
    event_sealed_set(e, info, SEALED_registered_birthday, view_of("1980-02-29"));
}

static void fill_sold(struct year *y, struct event *e) {
    bool costed = roll(y, 10) < 3;
    int64_t sessions = roll(y, 50) == 0 ? 10 : NIL;
    for (uint64_t lines = 1 + roll(y, 3); lines > 0; lines--)
        put_line(y, &e->body.sold.lines, (int64_t)(1 + roll(y, 300)) * 1000, costed, lines == 1 ? sessions : NIL);
}

static void fill_contacted(struct year *y, struct event *e) {
    e->body.contacted.kind = (int64_t)(1 + roll(y, 6));
    e->body.contacted.purpose = view_of("fit");
    e->body.contacted.outcome = choice_outcome_reached;
    event_sealed_set(e, event_info(e->type), SEALED_contacted_note, view_of("fits well, asks for the blue one"));
}

static const enum event_type kinds[] = {EVENT_sold,     EVENT_returned,   EVENT_contacted, EVENT_updated,
                                        EVENT_promised, EVENT_redeemed,   EVENT_benefit,   EVENT_referred,
                                        EVENT_tagged,   EVENT_complained, EVENT_custodian, EVENT_package_used};
static const uint64_t shares[] = {60, 4, 12, 6, 2, 4, 3, 3, 3, 1, 1, 1};
_Static_assert(sizeof shares / sizeof *shares == sizeof kinds / sizeof *kinds, "a share for each");

static enum event_type any_kind(struct year *y) {
    uint64_t at = roll(y, 100);
    size_t i = 0;
    while (at >= shares[i]) at -= shares[i++];
    return kinds[i];
}

/* What is about a sale needs one. */
static enum event_type possible(enum event_type type, uint64_t sale) {
    return sale == 0 && (type == EVENT_returned || type == EVENT_package_used) ? EVENT_sold : type;
}

static void fill(struct year *y, struct event *e, uint64_t who) {
    switch (e->type) {
    case EVENT_sold: fill_sold(y, e); break;
    case EVENT_returned:
        e->body.returned.sale = y->sale[who];
        put_line(y, &e->body.returned.lines, 1000, roll(y, 10) < 3, NIL);
        break;
    case EVENT_contacted: fill_contacted(y, e); break;
    case EVENT_updated: event_sealed_set(e, event_info(e->type), SEALED_updated_size, view_of("66, shoes 240")); break;
    case EVENT_promised:
        e->body.promised.due = (int64_t)(e->hlc >> 16) + 7 * INT64_C(86400000);
        event_sealed_set(e, event_info(e->type), SEALED_promised_text, view_of("the belt comes on Friday"));
        break;
    case EVENT_redeemed:
        e->body.redeemed.points = (int64_t)(1 + roll(y, 100));
        e->body.redeemed.balance = 1000;
        break;
    case EVENT_benefit: e->body.benefit.kind = (int64_t)(1 + roll(y, 4)); break;
    case EVENT_referred: e->body.referred.newcomer = y->customer_ids[roll(y, y->registered)]; break;
    case EVENT_tagged:
        e->body.tagged.tag = (int64_t)(1 + roll(y, 17));
        e->body.tagged.on = 1;
        break;
    case EVENT_complained:
        e->body.complained.channel = choice_channel_counter;
        event_sealed_set(e, event_info(e->type), SEALED_complained_text, view_of("a seam came open"));
        break;
    case EVENT_custodian: e->body.custodian.staff = view_of("07"); break;
    default:
        e->body.package_used.sale = y->sale[who];
        e->body.package_used.sku = view_of("880123456");
        e->body.package_used.sessions = 1;
        break;
    }
}

static void begin(struct year *y, struct event *e, enum event_type type) {
    uint64_t span = (uint64_t)(YEAR_END - YEAR_START);
    event_init(e, type);
    e->hlc = hlc_make(YEAR_START + (int64_t)(span / y->events * y->made), 0);
    e->actor = view_of("07");
    buf_clear(&y->lines);
}

/* ---- What comes of it ---- */

static void put_chore(struct chores *chores, const struct chore *chore) {
    if (chores->count == chores->room) {
        chores->room = chores->room * 2 + 64;
        chores->items = mem_resize(chores->items, chores->room * sizeof *chores->items);
    }
    chores->items[chores->count++] = *chore;
}

static void plan(struct year *y, enum event_type type, uint64_t who, uint64_t what) {
    uint64_t day = y->events / 365;
    if ((type != EVENT_promised && type != EVENT_complained) || roll(y, 100) == 0) return;
    if (type == EVENT_promised) {
        put_chore(&y->chores[CHORE_KEEP], &(struct chore){y->made + 5 * day, who, what});
        return;
    }
    put_chore(&y->chores[CHORE_ANSWER], &(struct chore){y->made + day / 2, who, what});
    put_chore(&y->chores[CHORE_CLOSE], &(struct chore){y->made + 6 * day, who, what});
}

/* The one whose time has come, or NULL. */
static const struct chore *next_chore(struct year *y, struct event *e) {
    for (int kind = 0; kind < CHORE_KINDS; kind++) {
        struct chores *chores = &y->chores[kind];
        if (chores->next == chores->count || chores->items[chores->next].at > y->made) continue;
        const struct chore *chore = &chores->items[chores->next++];
        begin(y, e, kind == CHORE_KEEP ? EVENT_promised : EVENT_stepped);
        if (kind == CHORE_KEEP) {
            e->body.promised.keeps = chore->what;
            e->body.promised.due = (int64_t)(e->hlc >> 16);
            return chore;
        }
        e->body.stepped.complaint = chore->what;
        e->body.stepped.step = kind == CHORE_ANSWER ? choice_step_apologise : choice_step_outcome;
        if (kind == CHORE_CLOSE) e->body.stepped.satisfied = roll(y, 4) > 0;
        return chore;
    }
    return NULL;
}

static void encode(const struct event *e, struct buf *frame) {
    static const struct customer_key key = {{7}};
    bench_must(event_encode(e, &key, env_os(), frame, NULL) == 0, "encoding");
}

/* Customers register all through the year, the first ones before anything is sold. */
static bool registers(struct year *y) {
    uint64_t left = y->events - y->made, to_come = y->customers - y->registered;
    return to_come > 0 && (y->registered < 1000 || to_come >= left || roll(y, left) < to_come);
}

void year_next(struct year *y, struct log_append *record, struct buf *frame) {
    struct event e;
    const struct chore *chore = NULL;
    uint32_t stream = (uint32_t)roll(y, y->stores) + 1;
    uint64_t id = id_make(stream, ++y->seq[stream]), who = y->registered;
    bool nobodys = false;
    if (registers(y)) {
        begin(y, &e, EVENT_registered);
        y->customer_ids[y->registered++] = id;
        fill_registered(&e);
        e.subject = id;
    } else if ((chore = next_chore(y, &e)) != NULL) {
        who = chore->who;
        e.subject = y->customer_ids[who];
    } else {
        who = roll(y, y->registered);
        begin(y, &e, possible(any_kind(y), y->sale[who]));
        fill(y, &e, who);
        nobodys = e.type == EVENT_sold && roll(y, 10) == 0;
        e.subject = nobodys ? id : y->customer_ids[who];
        if (e.type == EVENT_sold && !nobodys) y->sale[who] = id;
        plan(y, e.type, who, id);
    }
    y->made++;
    y->sales += e.type == EVENT_sold;
    y->returns += e.type == EVENT_returned;
    *record = (struct log_append){.id = id, .previous = nobodys ? 0 : y->last[who]};
    if (!nobodys) y->last[who] = y->made;
    encode(&e, frame);
}
