/* What comes late of somebody who was erased (C11), and is erased too:
 *   - a registration or change card with a strong key of hers, from before the erasure: a store had it in its book, and
 *     the hub heard of it only now. One from after it is a new customer. Names that are known and disagree keep them
 *     apart, as with links;
 *   - a sale or complaint of nobody's that was attributed to her by a store that had not heard.
 * She is recognised by what the hub keeps apart (erasure.h) until every store is past the erasure. The new erasure
 * names the old one's ids besides: they are one person, and links among them count. */
#include <stdlib.h>
#include <string.h>

#include "hub/judge_parts.h"
#include "proto/site/erasure.h"

#define IDS_MOST 256 /* of one event */
#define NAMES 64     /* members of a person whose names are looked at */

void erased_hear(struct sitting *s, const struct heard *heard) {
    if (heard->event->type != EVENT_attributed) return;
    struct late_thing late = {heard->event->subject, heard->event->body.attributed.customer};
    if (late.thing != 0 && site_erased(s->site, late.customer)) *VEC_ADD(s->late) = late;
}

/* ---- Who is it? ---- */

/* When it was written: what she asked for and when is another matter (`at`). */
static bool find_erasure(struct site *site, uint64_t event, int64_t *time) {
    struct erasure_state erasure;
    bool found = false;
    site_read(site);
    for (size_t i = 0; !found && model_erasure_at(site->model, i, &erasure); i++) found = erasure.event == event;
    if (found) *time = (int64_t)(erasure.hlc >> 16);
    site_unread(site);
    return found;
}

struct aparts {
    const struct apart *rows;
    size_t count;
};

static bool names_her(const struct aparts *aparts, uint64_t erasure, const struct tag *name) {
    for (size_t i = 0; i < aparts->count; i++)
        if (aparts->rows[i].erasure == erasure && aparts->rows[i].tag.kind == TAG_NAME &&
            memcmp(aparts->rows[i].tag.bytes, name->bytes, TAG_BYTES) == 0)
            return true;
    return false;
}

static bool has_name(const struct aparts *aparts, uint64_t erasure) {
    for (size_t i = 0; i < aparts->count; i++)
        if (aparts->rows[i].erasure == erasure && aparts->rows[i].tag.kind == TAG_NAME) return true;
    return false;
}

/* Two persons whose known names have none in common are two, whatever they share. */
static bool names_disagree(struct site *site, const struct aparts *aparts, uint64_t erasure, uint64_t customer) {
    uint64_t members[NAMES];
    bool known = false, common = false;
    site_read(site);
    size_t count = model_members(site->model, customer, members, NAMES);
    site_unread(site);
    for (size_t i = 0; i < count && i < NAMES && !common; i++) {
        struct buf written = BUF_INIT;
        struct tag name;
        site_field(site, NULL, members[i], SEALED_registered_name, &written);
        if (apart_name(site, buf_view(&written), &name)) {
            known = true;
            common = names_her(aparts, erasure, &name);
        }
        buf_wipe(&written);
    }
    return known && !common && has_name(aparts, erasure);
}

/* The erasure that this strong key belongs to and that came after it; 0: none. */
static uint64_t erasure_of(struct sitting *s, const struct aparts *aparts, const struct claim *claim) {
    for (size_t i = 0; i < aparts->count; i++) {
        const struct apart *row = &aparts->rows[i];
        int64_t time;
        if (row->tag.kind != claim->tag.kind || memcmp(row->tag.bytes, claim->tag.bytes, TAG_BYTES) != 0) continue;
        if (!find_erasure(s->site, row->erasure, &time) || claim->time >= time) continue;
        if (!names_disagree(s->site, aparts, row->erasure, claim->customer)) return row->erasure;
    }
    return 0;
}

/* ---- The ruling ---- */

static void list_ids(struct sitting *s, uint64_t customer, const struct erasure_state *before, struct ruling *ruling) {
    struct list *ids = &ruling->draft.event.body.erased.ids;
    uint64_t members[IDS_MOST];
    size_t count = model_members(s->site->model, customer, members, IDS_MOST - 1);
    if (count > IDS_MOST - 1) count = IDS_MOST - 1;
    for (size_t i = 0; i < count; i++) list_append_id(ids, &ruling->ids, members[i]);
    for (size_t i = 0; i < before->count && ids->count < IDS_MOST; i++)
        list_append_id(ids, &ruling->ids, before->ids[i]);
}

/* `customer` (or thing) goes the way of those that the event `erasure` names. */
static int erase_too(struct sitting *s, uint64_t customer, uint64_t erasure, struct err *err) {
    struct site *site = s->site;
    struct erasure_state before;
    char text[ID_TEXT], by[ID_TEXT];
    uint64_t person;
    int code = links_settle(s, customer, &person, err);
    if (code != 0 || site_erased(site, customer)) return code;
    struct ruling *ruling = sitting_rule(s, EVENT_erased, customer);
    bool found = false;
    site_read(site);
    for (size_t i = 0; !found && model_erasure_at(site->model, i, &before); i++) found = before.event == erasure;
    if (found) list_ids(s, customer, &before, ruling);
    site_unread(site);
    snprintf(ruling->ref, sizeof ruling->ref, "erase %s %s", id_format(customer, text), id_format(erasure, by));
    idmap_put(&s->touched, person, NULL);
    return 0;
}

static int64_t received_at(struct site *site, uint64_t id) {
    struct buf copy = BUF_INIT;
    struct record record;
    int64_t received = log_get_id(site->log, id, &record, &copy, NULL) == 0 ? record.received : 0;
    buf_release(&copy);
    return received;
}

static int judge_claims(struct sitting *s, struct err *err) {
    struct apart *rows;
    size_t count;
    if (s->claims.count == 0) return 0;
    int code = apart_load(s->site, &rows, &count, err);
    const struct aparts aparts = {rows, count};
    for (uint32_t i = 0; code == 0 && count > 0 && i < s->claims.count; i++) {
        const struct claim *claim = &s->claims.items[i];
        uint64_t erasure = erasure_of(s, &aparts, claim);
        bool judged = erasure != 0 && judged_before(s->judge, claim->received, received_at(s->site, erasure));
        if (erasure != 0 && !judged && links_holds(s->site, claim->customer, &claim->tag))
            code = erase_too(s, claim->customer, erasure, err);
    }
    free(rows);
    return code;
}

/* What is somebody else's by now stays. */
static bool nobodys(struct site *site, uint64_t thing) {
    uint64_t member;
    site_read(site);
    bool alone = model_members(site->model, thing, &member, 1) == 1;
    alone = alone && model_customer(site->model, thing) == CUSTOMER_THING;
    site_unread(site);
    return alone;
}

static int judge_things(struct sitting *s, struct err *err) {
    int code = 0;
    for (uint32_t i = 0; code == 0 && i < s->late.count; i++) {
        const struct late_thing *late = &s->late.items[i];
        struct erasure_state erasure;
        site_read(s->site);
        bool erased = model_erasure_of(s->site->model, late->customer, &erasure);
        site_unread(s->site);
        if (erased && nobodys(s->site, late->thing)) code = erase_too(s, late->thing, erasure.event, err);
    }
    return code;
}

int erased_judge(struct sitting *s, struct err *err) {
    int code = judge_claims(s, err);
    return code == 0 ? judge_things(s, err) : code;
}
