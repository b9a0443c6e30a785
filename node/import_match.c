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

static struct view value_of(const struct entry *e, int field) {
    uint64_t below = e->bits & ((UINT64_C(1) << field) - 1);
    return (e->bits >> field & 1) == 0 ? VIEW_NONE : e->values[__builtin_popcountll(below)];
}

/* Families share a phone: the same number under another name is another person's. */
static bool names_agree(struct import *im, const struct entry *e, uint64_t customer) {
    struct view name = value_of(e, FIELD_name);
    struct buf theirs = BUF_INIT, a = BUF_INIT, b = BUF_INIT;
    if (name.data == NULL) return true;
    site_field(im->site, NULL, customer, SEALED_registered_name, &theirs);
    bool agree = theirs.len == 0 || (name_normalise(buf_view(&theirs), &a, NULL) == 0 &&
                                     name_normalise(name, &b, NULL) == 0 && view_equal(buf_view(&a), buf_view(&b)));
    buf_wipe(&theirs);
    buf_wipe(&a);
    buf_wipe(&b);
    return agree;
}

int find_customer(struct import *im, const struct entry *e, uint64_t *customer) {
    for (size_t i = 0; i < e->strong_count; i++) {
        uint64_t found[CANDIDATES];
        int n = site_find(im->site, e->strong[i].kind, e->strong[i].written, found, CANDIDATES, &im->call->error);
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

static bool changed(struct import *im, const struct entry *e, uint64_t customer, int field) {
    uint64_t head;
    struct opened o;
    site_read(im->site);
    size_t heads = model_field_heads(im->site->model, customer, field, &head, 1);
    site_unread(im->site);
    if (heads == 0) return true;
    open_event(im, head, &o);
    bool same = o.good &&
                same_value(im, field, event_sealed_view(&o.event, event_info(o.event.type), field), value_of(e, field));
    bool newer = o.good && e->time != NIL && event_time(&o.event) > e->time;
    close_event(&o);
    return !same && !newer;
}

uint64_t changed_fields(struct import *im, const struct entry *e, uint64_t customer) {
    uint64_t bits = 0;
    for (int i = 0; i < SEALED_COUNT_registered; i++)
        if ((e->bits >> i & 1) != 0 && changed(im, e, customer, i)) bits |= UINT64_C(1) << i;
    return bits;
}

bool registered_says(struct import *im, const struct entry *e, uint64_t id) {
    struct opened o;
    open_event(im, id, &o);
    bool same = !o.good || o.event.sealed_bits == e->bits;
    for (int i = 0; o.good && same && i < SEALED_COUNT_registered; i++)
        if ((e->bits >> i & 1) != 0)
            same = view_equal(event_sealed_view(&o.event, event_info(EVENT_registered), i), value_of(e, i));
    close_event(&o);
    return same;
}
