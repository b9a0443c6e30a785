/* Links (C5): two customers with the same strong key (phone, card, e-mail) are one person, unless
 *   - the names known of the two persons have none in common;
 *   - the file of one of them no longer holds the key, or a contact since found the number given up;
 *   - somebody barred a pair that would be joined, through others too;
 *   - one of them is erased;
 *   - the pair was linked for that reason before, by this hub or a former one: who voided or unlinked that link has the
 *     last word.
 * They also keep the ring's tags, by which `customer --phone` finds people. */
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "hub/judge_parts.h"
#include "proto/base/bug.h"
#include "proto/base/text.h"
#include "proto/event/describe.h"

#define CANDIDATES 64 /* customers that share a strong key and are looked at */
#define MEMBERS 64    /* of a person, whose names are looked at */
#define HEADS 4       /* of a field, where people disagree */
#define HISTORY 4096  /* newest records about a customer in which a lost number is looked for */

static const struct strong_key {
    int bit;
    enum tag_kind kind;
    enum choice_link_reason reason;
    const char *word;
} strong_keys[] = {
    {SEALED_registered_phone, TAG_PHONE, choice_link_reason_phone, "phone"},
    {SEALED_registered_card, TAG_CARD, choice_link_reason_card, "card"},
    {SEALED_registered_email, TAG_EMAIL, choice_link_reason_email, "email"},
};
#define STRONG_KEYS (sizeof strong_keys / sizeof *strong_keys)

static const struct strong_key *strong_key_of(const struct tag *tag) {
    size_t i = 0;
    while (strong_keys[i].kind != tag->kind) i++;
    return &strong_keys[i];
}

/* The strong keys in one event, unsealed. An event whose key is not here claims nothing. */
void links_hear(struct sitting *s, const struct heard *heard) {
    if (heard->event->type != EVENT_registered && heard->event->type != EVENT_updated) return;
    struct event event = *heard->event;
    uint64_t strong = 0;
    for (size_t i = 0; i < STRONG_KEYS; i++) strong |= UINT64_C(1) << strong_keys[i].bit;
    struct buf plain = BUF_INIT;
    site_read(s->site);
    int64_t time = model_time(s->site->model, heard->record->id, &event);
    site_unread(s->site);
    if ((event.sealed_bits & strong) != 0 && site_unseal(s->site, &event, &plain)) {
        for (size_t i = 0; i < STRONG_KEYS; i++) {
            struct view written = event_sealed_view(&event, event_info(event.type), strong_keys[i].bit);
            struct tag tag;
            if (written.data != NULL && site_tag(s->site, strong_keys[i].kind, written, &tag, NULL) == 0)
                *VEC_ADD(s->claims) = (struct claim){event.subject, tag, heard->record->received, time};
        }
    }
    buf_wipe(&plain);
}

static int keep_tags(struct sitting *s, struct err *err) {
    if (s->claims.count == 0 || BUG(forget_tags)) return 0;
    struct ring_put *puts = mem_alloc(s->claims.count * sizeof *puts);
    for (size_t i = 0; i < s->claims.count; i++) {
        puts[i].id = s->claims.items[i].customer;
        puts[i].tags[0] = s->claims.items[i].tag;
        puts[i].tag_count = 1;
    }
    int code = s->site->ring->ops->put(s->site->ring, puts, s->claims.count, err);
    news_of_puts(&s->site->news, puts, s->claims.count);
    free(puts);
    return code;
}

/* Does a contact say that the number in this event was given up? */
static bool says_given_up(struct site *site, const struct record *record, uint64_t since) {
    struct event event;
    if (event_decode(record->frame, &event, NULL) != EVENT_GOOD || event.type != EVENT_contacted) return false;
    if (event.body.contacted.outcome != choice_outcome_wrong_number || event.hlc < since) return false;
    site_read(site);
    bool voided = model_voided(site->model, record->id);
    site_unread(site);
    return !voided;
}

/* Was the customer's number, told at hlc `since`, found to be somebody else's? */
static bool number_lost(struct site *site, uint64_t customer, uint64_t since) {
    struct buf copy = BUF_INIT;
    struct record record = {.previous = 0};
    site_read(site);
    uint64_t position = model_last_position(site->model, customer);
    site_unread(site);
    bool lost = false;
    for (size_t i = 0; i < HISTORY && !lost && position != 0; i++, position = record.previous) {
        buf_clear(&copy);
        if (log_get(site->log, position, &record, &copy, NULL) != 0) break;
        lost = says_given_up(site, &record, since);
    }
    buf_release(&copy);
    return lost;
}

/* The normal forms of the names known of a person, one a line. */
static void names_of(struct site *site, uint64_t person, struct buf *out) {
    uint64_t members[MEMBERS];
    site_read(site);
    size_t count = model_members(site->model, person, members, MEMBERS);
    site_unread(site);
    for (size_t i = 0; i < count && i < MEMBERS; i++) {
        struct buf written = BUF_INIT, normal = BUF_INIT;
        site_field(site, NULL, members[i], SEALED_registered_name, &written);
        if (written.len > 0 && name_normalise(buf_view(&written), &normal, NULL) == 0) {
            buf_append_view(out, buf_view(&normal));
            buf_append_byte(out, '\n');
        }
        buf_wipe(&written);
        buf_wipe(&normal);
    }
}

static bool next_line(struct view *rest, struct view *line) {
    const uint8_t *end = rest->len == 0 ? NULL : memchr(rest->data, '\n', rest->len);
    if (end == NULL) return false;
    *line = view_make(rest->data, (size_t)(end - rest->data));
    *rest = view_make(end + 1, rest->len - line->len - 1);
    return true;
}

/* Two persons whose known names have none in common are two, whatever they share. */
static bool names_disagree(struct site *site, uint64_t a, uint64_t b) {
    struct buf first = BUF_INIT, second = BUF_INIT;
    struct view name, other;
    names_of(site, a, &first);
    names_of(site, b, &second);
    bool common = first.len == 0 || second.len == 0;
    for (struct view names = buf_view(&first); !common && next_line(&names, &name);)
        for (struct view others = buf_view(&second); !common && next_line(&others, &other);)
            common = view_equal(name, other);
    buf_wipe(&first);
    buf_wipe(&second);
    return !common;
}

static uint64_t person_of(struct site *site, uint64_t customer) {
    site_read(site);
    uint64_t person = model_person(site->model, customer);
    site_unread(site);
    return person;
}

/* A number that was given up joins nobody: the file no longer holds it, or a later call found somebody else there. */
bool links_holds(struct site *site, uint64_t customer, const struct tag *tag) {
    uint64_t head = 0, told = 0;
    if (!site_holds(site, customer, tag)) return false;
    if (tag->kind != TAG_PHONE) return true;
    site_read(site);
    model_field_heads(site->model, customer, SEALED_registered_phone, &head, 1);
    site_unread(site);
    clock_of(site, head, &told, NULL);
    return !number_lost(site, customer, told);
}

static bool may_join(struct sitting *s, uint64_t customer, uint64_t other, const struct tag *tag) {
    struct site *site = s->site;
    site_read(site);
    bool open = model_customer(site->model, customer) == CUSTOMER_KNOWN &&
                model_customer(site->model, other) == CUSTOMER_KNOWN && !model_barred(site->model, customer, other);
    site_unread(site);
    if (!open || tag == NULL) return open;
    return links_holds(site, customer, tag) && links_holds(site, other, tag) && !names_disagree(site, customer, other);
}

static void link_ref(uint64_t customer, uint64_t other, const char *word, char out[REF_KEY_MAX + 1]) {
    char low[ID_TEXT], high[ID_TEXT];
    id_format(customer < other ? customer : other, low);
    id_format(customer < other ? other : customer, high);
    snprintf(out, REF_KEY_MAX + 1, "%s %s %s", low, high, word);
}

int links_settle(struct sitting *s, uint64_t customer, uint64_t *person, struct err *err) {
    *person = person_of(s->site, customer);
    if (idmap_find(&s->touched, *person) == NULL) return 0;
    int code = sitting_write(s, NULL, err);
    *person = person_of(s->site, customer);
    return code;
}

int links_join(struct sitting *s, uint64_t customer, uint64_t other, const struct tag *tag, const char *word,
               enum choice_link_reason reason, struct err *err) {
    char ref[REF_KEY_MAX + 1];
    uint64_t mine = 0, theirs = 0;
    int code = links_settle(s, customer, &mine, err);
    if (code == 0) code = links_settle(s, other, &theirs, err);
    if (code == 0) code = links_settle(s, customer, &mine, err); /* writing for the other may have changed it */
    if (code != 0) return code;
    if (mine == theirs || !may_join(s, customer, other, tag)) return 0;
    link_ref(customer, other, word, ref);
    if (doubles_ruled_before(s->judge, ref)) return 0;
    struct ruling *ruling = sitting_rule(s, EVENT_linked, customer);
    memcpy(ruling->ref, ref, sizeof ref);
    ruling->draft.event.body.linked.other = other;
    ruling->draft.event.body.linked.reason = reason;
    idmap_put(&s->touched, mine, NULL);
    idmap_put(&s->touched, theirs, NULL);
    return 0;
}

/* When the customer's key was received that stands in the file now; 0: not known. */
static int64_t told_at(struct site *site, uint64_t customer, int bit) {
    uint64_t heads[HEADS];
    int64_t newest = 0;
    site_read(site);
    size_t count = model_field_heads(site->model, customer, bit, heads, HEADS);
    site_unread(site);
    for (size_t i = 0; i < count && i < HEADS; i++) {
        struct buf copy = BUF_INIT;
        struct record record;
        if (log_get_id(site->log, heads[i], &record, &copy, NULL) == 0 && record.received > newest)
            newest = record.received;
        buf_release(&copy);
    }
    return newest;
}

static bool pair_judged(struct sitting *s, const struct claim *claim, uint64_t other, int bit) {
    return s->judge->eras.count > 0 && judged_before(s->judge, claim->received, told_at(s->site, other, bit));
}

static int judge_claim(struct sitting *s, const struct claim *claim, struct err *err) {
    uint64_t others[CANDIDATES];
    const struct strong_key *strong = strong_key_of(&claim->tag);
    int n = s->site->ring->ops->find(s->site->ring, &claim->tag, others, CANDIDATES, err);
    int code = n < 0 ? n : 0;
    for (int i = 0; code == 0 && i < n; i++)
        if (others[i] != claim->customer && !pair_judged(s, claim, others[i], strong->bit))
            code = links_join(s, claim->customer, others[i], &claim->tag, strong->word, strong->reason, err);
    return code;
}

int links_judge(struct sitting *s, struct err *err) {
    int code = keep_tags(s, err);
    for (size_t i = 0; code == 0 && i < s->claims.count; i++) code = judge_claim(s, &s->claims.items[i], err);
    return code;
}
