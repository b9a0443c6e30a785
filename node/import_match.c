/* Rows of a customer book against the customers known here. */
#include <string.h>

#include "node/import_customers.h"
#include "proto/base/text.h"

#define CANDIDATES 16 /* customers with the same phone that are looked at */

void touched_init(struct touched *t, const struct env *env) {
    *t = (struct touched){.batch = 0};
    names_init(&t->keys, env);
}

void touched_release(struct touched *t) {
    names_release(&t->keys);
    idmap_release(&t->customers);
}

bool touched_before(struct touched *t, uint32_t batch, const struct entry *e) {
    if (t->batch != batch) {
        names_clear(&t->keys);
        idmap_clear(&t->customers);
        t->batch = batch;
    }
    for (size_t i = 0; i < e->strong_count; i++)
        if (names_find(&t->keys, e->strong[i].normal) != NAMES_NONE) return true;
    return false;
}

bool touched_customer(const struct touched *t, uint64_t customer) {
    return idmap_find(&t->customers, customer) != NULL;
}

void touch(struct touched *t, const struct entry *e, uint64_t customer) {
    for (size_t i = 0; i < e->strong_count; i++) names_put(&t->keys, e->strong[i].normal, NULL);
    if (customer != 0) idmap_put(&t->customers, customer, NULL);
}

struct view entry_value(const struct entry *e, int field) {
    uint64_t below = e->bits & ((UINT64_C(1) << field) - 1);
    return (e->bits >> field & 1) == 0 ? VIEW_NONE : e->values[__builtin_popcountll(below)];
}

bool entry_same_name(struct view a, struct view b) {
    struct buf first = BUF_INIT, second = BUF_INIT;
    bool same = a.data == NULL || b.data == NULL ||
                (name_normalise(a, &first, NULL) == 0 && name_normalise(b, &second, NULL) == 0 &&
                 view_equal(buf_view(&first), buf_view(&second)));
    buf_wipe(&first);
    buf_wipe(&second);
    return same;
}

/* Families share a phone: the same number under another name is another person's. */
static bool names_agree(struct import *im, const struct entry *e, uint64_t customer) {
    struct buf theirs = BUF_INIT;
    site_field(im->site, NULL, customer, SEALED_registered_name, &theirs);
    bool agree = entry_same_name(entry_value(e, FIELD_name), theirs.len == 0 ? VIEW_NONE : buf_view(&theirs));
    buf_wipe(&theirs);
    return agree;
}

int find_customer(struct import *im, const struct entry *e, uint64_t *customer) {
    for (size_t i = 0; i < e->strong_count; i++) {
        uint64_t found[CANDIDATES];
        /* Ever: an old book, or the same one again, may hold a number that has been given up since. */
        int n = site_find(im->site, e->strong[i].kind, e->strong[i].written, true, found, CANDIDATES, &im->call->error);
        if (n < 0) return n;
        for (int k = 0; k < n; k++) {
            if (e->strong[i].kind != TAG_CARD && !names_agree(im, e, found[k])) continue;
            *customer = found[k];
            return 1;
        }
    }
    return 0;
}

/* An event that holds values of a customer file, opened. */
struct opened {
    struct buf frame, plain;
    struct event event;
    bool good;
};

static void open_event(struct import *im, uint64_t id, struct opened *o) {
    struct record record;
    int standing;
    *o = (struct opened){.frame = BUF_INIT, .plain = BUF_INIT};
    if (site_event(im->site, id, &o->event, &o->frame, &o->plain, &standing, &o->good, &record, NULL) != 0)
        o->good = false;
}

static void close_event(struct opened *o) {
    buf_release(&o->frame);
    buf_wipe(&o->plain);
}

static enum tag_kind strong_kind(int field) {
    return field == FIELD_phone ? TAG_PHONE : field == FIELD_card ? TAG_CARD : field == FIELD_email ? TAG_EMAIL : 0;
}

/* The same text, or for a strong key the same normal form: it stays as first written. */
static bool same_value(struct import *im, int field, struct view a, struct view b) {
    enum tag_kind kind = strong_kind(field);
    struct tag first, second;
    if (view_equal(a, b) || kind == 0 || a.data == NULL || b.data == NULL) return view_equal(a, b);
    return site_tag(im->site, kind, a, &first, NULL) == 0 && site_tag(im->site, kind, b, &second, NULL) == 0 &&
           memcmp(first.bytes, second.bytes, TAG_BYTES) == 0;
}

/* Where the newest record about a customer stands; 0: nowhere. */
static uint64_t last_position(struct import *im, uint64_t customer) {
    uint64_t position = 0;
    site_read(im->site);
    position = model_last_position(im->site->model, customer);
    site_unread(im->site);
    if (position == 0 && log_position_of(im->site->log, customer, &position) != 0) position = 0;
    return position;
}

/* Does the record at `*position` give the field this value? `*position` moves to the record before it. */
static bool record_says(struct import *im, uint64_t *position, int field, struct view value) {
    struct buf frame = BUF_INIT, plain = BUF_INIT;
    struct record record;
    struct event event;
    bool says = false;
    uint64_t at = *position;
    *position = 0;
    if (log_get(im->site->log, at, &record, &frame, NULL) == 0) {
        *position = record.previous;
        bool file = event_decode(record.frame, &event, NULL) == EVENT_GOOD &&
                    (event.type == EVENT_registered || event.type == EVENT_updated);
        if (file && (event.sealed_bits >> field & 1) != 0 && site_unseal(im->site, &event, &plain))
            says = same_value(im, field, event_sealed_view(&event, event_info(event.type), field), value);
    }
    buf_release(&frame);
    buf_wipe(&plain);
    return says;
}

/* A row without a time that says what was known before says nothing new: what stands there now has a newer `at`. */
static bool held_before(struct import *im, const struct entry *e, uint64_t customer, int field) {
    uint64_t position = last_position(im, customer);
    while (position != 0)
        if (record_says(im, &position, field, entry_value(e, field))) return true;
    return false;
}

static bool changed(struct import *im, const struct entry *e, uint64_t customer, int field) {
    uint64_t head;
    struct opened o;
    site_read(im->site);
    size_t heads = model_field_heads(im->site->model, customer, field, &head, 1);
    site_unread(im->site);
    if (heads == 0) return true;
    open_event(im, head, &o);
    bool same = o.good && same_value(im, field, event_sealed_view(&o.event, event_info(o.event.type), field),
                                     entry_value(e, field));
    bool newer = o.good && e->time != NIL && event_time(&o.event) > e->time;
    close_event(&o);
    return !same && !newer && (e->time != NIL || !held_before(im, e, customer, field));
}

/* The same against what would have been written so far. */
static bool changed_from(struct import *im, const struct pretence *p, const struct entry *e, uint64_t customer,
                         int field) {
    const struct pretended *at = pretence_field(p, customer, field, NULL);
    struct view value = entry_value(e, field);
    if (at == NULL) return pretence_own(customer) || changed(im, e, customer, field);
    if (same_value(im, field, entry_value(at->entry, field), value)) return false;
    if (e->time != NIL) return at->entry->time != NIL && at->entry->time <= e->time;
    while ((at = pretence_field(p, customer, field, at)) != NULL)
        if (same_value(im, field, entry_value(at->entry, field), value)) return false;
    return pretence_own(customer) || !held_before(im, e, customer, field);
}

uint64_t changed_fields(struct import *im, const struct pretence *pretence, const struct entry *e, uint64_t customer) {
    uint64_t bits = 0;
    for (int i = 0; i < SEALED_COUNT_registered; i++) {
        if ((e->bits >> i & 1) == 0) continue;
        bool differs = pretence == NULL ? changed(im, e, customer, i) : changed_from(im, pretence, e, customer, i);
        if (differs) bits |= UINT64_C(1) << i;
    }
    return bits;
}

bool registered_says(struct import *im, const struct entry *e, uint64_t id) {
    struct opened o;
    open_event(im, id, &o);
    bool same = !o.good || o.event.sealed_bits == e->bits;
    for (int i = 0; o.good && same && i < SEALED_COUNT_registered; i++)
        if ((e->bits >> i & 1) != 0)
            same = view_equal(event_sealed_view(&o.event, event_info(EVENT_registered), i), entry_value(e, i));
    close_event(&o);
    return same;
}
