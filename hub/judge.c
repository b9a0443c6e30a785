#include "hub/judge.h"

#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "proto/base/idmap.h"
#include "proto/base/text.h"
#include "proto/event/describe.h"

#define JUDGE_RECORDS 10000 /* a step: also the longest read transaction */
#define CANDIDATES 64       /* customers that share a strong key and are looked at */
#define MEMBERS 64          /* of a person, whose names are looked at */
#define HISTORY 4096        /* newest records about a customer in which a lost number is looked for */
#define REF_TEXT (2 * ID_TEXT + 16)
#define CURSOR_KEY "judge"
#define CURSOR_EVERY 100000 /* records after which the cursor is committed without a judgement */

/* A strong key that a record brought. */
struct claim {
    uint64_t customer;
    struct tag tag;
};

struct sitting {
    struct site *site;
    struct claim *claims;
    size_t claim_count, claim_cap;
    struct draft *drafts;
    char (*refs)[REF_TEXT]; /* of the drafts */
    size_t draft_count, draft_cap;
    struct idmap touched; /* persons in the drafts: before one is judged again its links must stand in the model */
};

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

static uint64_t cursor_load(struct site *site) {
    struct buf value = BUF_INIT;
    uint64_t position = 0;
    if (site->log->ops->value(site->log, view_of(CURSOR_KEY), &value) == 0 && value.len == 8)
        position = get_u64_le(value.data);
    buf_release(&value);
    return position;
}

static void claim_add(struct sitting *s, uint64_t customer, const struct tag *tag) {
    if (s->claim_count == s->claim_cap) {
        s->claim_cap = s->claim_cap * 2 + 64;
        s->claims = mem_resize(s->claims, s->claim_cap * sizeof *s->claims);
    }
    s->claims[s->claim_count++] = (struct claim){customer, *tag};
}

/* The strong keys in one event, unsealed. An event whose key is not here claims nothing. */
static void hear(struct sitting *s, const struct record *record) {
    struct event event;
    if (event_decode(record->frame, &event, NULL) != EVENT_GOOD) return;
    if (event.type != EVENT_registered && event.type != EVENT_updated) return;
    uint64_t strong = 0;
    for (size_t i = 0; i < STRONG_KEYS; i++) strong |= UINT64_C(1) << strong_keys[i].bit;
    struct buf plain = BUF_INIT;
    if ((event.sealed_bits & strong) != 0 && site_unseal(s->site, &event, &plain)) {
        for (size_t i = 0; i < STRONG_KEYS; i++) {
            struct view written = event_sealed_view(&event, event_info(event.type), strong_keys[i].bit);
            struct tag tag;
            if (written.data != NULL && site_tag(s->site, strong_keys[i].kind, written, &tag, NULL) == 0)
                claim_add(s, event.subject, &tag);
        }
    }
    buf_wipe(&plain);
}

static int hear_records(struct sitting *s, uint64_t from, uint64_t to, struct err *err) {
    struct log_iterator *it;
    int code = s->site->log->ops->iterate(s->site->log, &it, err);
    if (code != 0) return code;
    code = it->ops->seek(it, from);
    struct record record;
    while (code == 0 && (code = it->ops->next(it, &record, err)) == 0 && record.position <= to) hear(s, &record);
    it->ops->close(it);
    return code < 0 ? code : 0;
}

static int keep_tags(struct sitting *s, struct err *err) {
    if (s->claim_count == 0) return 0;
    struct ring_put *puts = mem_alloc(s->claim_count * sizeof *puts);
    for (size_t i = 0; i < s->claim_count; i++) {
        puts[i].id = s->claims[i].customer;
        puts[i].tags[0] = s->claims[i].tag;
        puts[i].tag_count = 1;
    }
    int code = s->site->ring->ops->put(s->site->ring, puts, s->claim_count, err);
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

static uint64_t hlc_of(struct site *site, uint64_t id) {
    struct buf copy = BUF_INIT;
    struct record record;
    struct event event = {.hlc = 0};
    if (log_get_id(site->log, id, &record, &copy, NULL) == 0 && event_decode(record.frame, &event, NULL) < 0)
        event.hlc = 0;
    buf_release(&copy);
    return event.hlc;
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
static bool still_holds(struct site *site, uint64_t customer, const struct tag *tag) {
    uint64_t head = 0;
    if (!site_holds(site, customer, tag)) return false;
    if (tag->kind != TAG_PHONE) return true;
    site_read(site);
    model_field_heads(site->model, customer, SEALED_registered_phone, &head, 1);
    site_unread(site);
    return !number_lost(site, customer, hlc_of(site, head));
}

static bool may_join(struct sitting *s, const struct claim *claim, uint64_t other) {
    struct site *site = s->site;
    site_read(site);
    bool open = model_customer(site->model, claim->customer) == CUSTOMER_KNOWN &&
                model_customer(site->model, other) == CUSTOMER_KNOWN &&
                !model_barred(site->model, claim->customer, other);
    site_unread(site);
    return open && still_holds(site, claim->customer, &claim->tag) && still_holds(site, other, &claim->tag) &&
           !names_disagree(site, claim->customer, other);
}

static void draft_link(struct sitting *s, const struct claim *claim, uint64_t other) {
    if (s->draft_count == s->draft_cap) {
        s->draft_cap = s->draft_cap * 2 + 16;
        s->drafts = mem_resize(s->drafts, s->draft_cap * sizeof *s->drafts);
        s->refs = mem_resize(s->refs, s->draft_cap * sizeof *s->refs);
    }
    const struct strong_key *strong = strong_key_of(&claim->tag);
    char low[ID_TEXT], high[ID_TEXT];
    id_format(claim->customer < other ? claim->customer : other, low);
    id_format(claim->customer < other ? other : claim->customer, high);
    snprintf(s->refs[s->draft_count], REF_TEXT, "%s %s %s", low, high, strong->word);
    struct draft *draft = &s->drafts[s->draft_count++];
    memset(draft, 0, sizeof *draft);
    event_init(&draft->event, EVENT_linked);
    draft->event.subject = claim->customer;
    draft->event.body.linked.other = other;
    draft->event.body.linked.reason = strong->reason;
}

static int write_links(struct sitting *s, const struct log_value *cursor, struct err *err) {
    for (size_t i = 0; i < s->draft_count; i++)
        s->drafts[i].event.ref = (struct ref){view_of("judge"), view_of(s->refs[i])};
    int code = site_write(s->site, s->drafts, s->draft_count, cursor, cursor == NULL ? 0 : 1, NULL, err);
    s->draft_count = 0;
    idmap_clear(&s->touched);
    return code;
}

static int judge_pair(struct sitting *s, const struct claim *claim, uint64_t other, struct err *err) {
    uint64_t mine = person_of(s->site, claim->customer), theirs = person_of(s->site, other);
    if (idmap_find(&s->touched, mine) != NULL || idmap_find(&s->touched, theirs) != NULL) {
        int code = write_links(s, NULL, err);
        if (code != 0) return code;
        mine = person_of(s->site, claim->customer);
        theirs = person_of(s->site, other);
    }
    if (mine == theirs || !may_join(s, claim, other)) return 0;
    draft_link(s, claim, other);
    idmap_put(&s->touched, mine, NULL);
    idmap_put(&s->touched, theirs, NULL);
    return 0;
}

static int judge_claim(struct sitting *s, const struct claim *claim, struct err *err) {
    uint64_t others[CANDIDATES];
    int n = s->site->ring->ops->find(s->site->ring, &claim->tag, others, CANDIDATES, err);
    int code = n < 0 ? n : 0;
    for (int i = 0; code == 0 && i < n; i++)
        if (others[i] != claim->customer) code = judge_pair(s, claim, others[i], err);
    return code;
}

static int sit(struct sitting *s, struct judge *judge, uint64_t to, struct err *err) {
    int code = hear_records(s, judge->position + 1, to, err);
    if (code == 0) code = keep_tags(s, err);
    for (size_t i = 0; code == 0 && i < s->claim_count; i++) code = judge_claim(s, &s->claims[i], err);
    if (code != 0) return code;
    if (s->draft_count > 0 || to - judge->stored >= CURSOR_EVERY) {
        uint8_t position[8];
        put_u64_le(position, to);
        code = write_links(s, &(struct log_value){view_of(CURSOR_KEY), view_make(position, sizeof position)}, err);
        if (code == 0) judge->stored = to;
    }
    if (code == 0) judge->position = to;
    return code;
}

void judge_open(struct judge *judge, struct site *site) {
    uint64_t position = cursor_load(site);
    *judge = (struct judge){site, position, position};
}

int judge_step(struct judge *judge, struct err *err) {
    uint64_t tip = log_tip(judge->site->log);
    if (judge->position >= tip) return 0;
    uint64_t to = tip - judge->position <= JUDGE_RECORDS ? tip : judge->position + JUDGE_RECORDS;
    struct sitting s = {.site = judge->site};
    int code = sit(&s, judge, to, err);
    free(s.claims);
    free(s.drafts);
    free(s.refs);
    idmap_release(&s.touched);
    return code != 0 ? code : to < log_tip(judge->site->log);
}
