/* Complaints: a row is a complaint with what became of it: *explain* at `answered`, *outcome* at `closed`, the steps
 * between left out with the reason "imported", *cause* before the first of them and *compensate* before the last where
 * the row tells these. A file that comes again with more dates adds the steps that are new. */
#include <string.h>

#include "node/import.h"
#include "proto/event/describe.h"

enum {
    REF,
    CUSTOMER,
    PHONE,
    OPENED,
    ANSWERED,
    CLOSED,
    RESOLVED,
    SCORE,
    SETTLEMENT,
    COST,
    SUBJECT,
    TEXT,
    SEGMENT,
    COMPANY,
    CHANNEL,
    LEVEL,
    SKU,
    STAFF,
    CAUSE,
    FIELD_COUNT
};

static const struct mapping_field fields[] = {
    [REF] = {"ref", 0},           [CUSTOMER] = {"customer", 0}, [PHONE] = {"phone", 0},
    [OPENED] = {"opened", 1},     [ANSWERED] = {"answered", 0}, [CLOSED] = {"closed", 0},
    [RESOLVED] = {"resolved", 0}, [SCORE] = {"score", 0},       [SETTLEMENT] = {"settlement", 0},
    [COST] = {"cost", 0},         [SUBJECT] = {"subject", 2},   [TEXT] = {"text", 2},
    [SEGMENT] = {"segment", 0},   [COMPANY] = {"company", 0},   [CHANNEL] = {"channel", 0},
    [LEVEL] = {"level", 0},       [SKU] = {"sku", 0},           [STAFF] = {"staff", 0},
    [CAUSE] = {"cause", 0},
};

#define SKIPPED "imported"

struct entry {
    struct view key, topic, text, segment, company, sku, staff, cause;
    int64_t opened, answered, closed; /* NIL: not told */
    int64_t satisfied, score, channel, level;
    int64_t settlement, cost; /* 0, NIL: not told */
    uint32_t row, card;
};

/* ---- Reading ---- */

static bool take_given(struct import *im, struct entry *e) {
    e->cost = NIL;
    return import_choice(im, SETTLEMENT, &choices_settlement, &e->settlement) &&
           import_decimal(im, COST, im->site->currency.decimals, MONEY_MAX, &e->cost);
}

/* Nothing comes of a complaint before it is there. */
static bool take_dates(struct import *im, struct entry *e) {
    if (!import_time(im, ANSWERED, &e->answered) || !import_time(im, CLOSED, &e->closed)) return false;
    bool early = e->answered != NIL && e->answered < e->opened;
    if (!early && (e->closed == NIL || e->closed >= e->opened)) return true;
    import_reject(im, e->row, early ? "answered" : "closed", "is before the complaint was opened");
    return false;
}

/* Who knows the cause has looked into it: that is an answer, or part of the end. */
static bool take_cause(struct import *im, struct entry *e) {
    if (!import_word(im, CAUSE, import_bound(EVENT_stepped, "cause"), &e->cause)) return false;
    if (e->cause.data == NULL || e->answered != NIL || e->closed != NIL) return true;
    import_reject(im, e->row, "answered", "is missing, although the row tells the cause");
    return false;
}

/* A verdict, and what was given, belong to the end, which needs its time. */
static bool take_verdict(struct import *im, struct entry *e) {
    if (!import_yes_no(im, RESOLVED, &e->satisfied) || !import_score(im, SCORE, &e->score) || !take_given(im, e))
        return false;
    bool given = e->settlement != 0 || e->cost != NIL;
    if (e->closed != NIL || (e->satisfied == NIL && e->score == NIL && !given)) return true;
    import_reject(im, e->row, "closed", "is missing, although the row says what came of it");
    return false;
}

static bool take_texts(struct import *im, struct entry *e) {
    return import_free_text(im, SUBJECT, import_bound(EVENT_complained, "topic"), &e->topic) &&
           import_free_text(im, TEXT, import_bound(EVENT_complained, "text"), &e->text) &&
           import_word(im, SEGMENT, import_bound(EVENT_complained, "segment"), &e->segment) &&
           import_word(im, COMPANY, import_bound(EVENT_complained, "company"), &e->company) &&
           import_word(im, SKU, import_bound(EVENT_complained, "sku"), &e->sku) &&
           import_word(im, STAFF, ACTOR_MAX, &e->staff);
}

static bool take_entry(struct import *im, struct entry *e) {
    if (!import_customer(im, CUSTOMER, PHONE, &e->card) || !import_time(im, OPENED, &e->opened) ||
        !import_need(im, OPENED, e->opened != NIL))
        return false;
    if (e->card != NOBODY) import_card_seen(im, e->card, e->opened);
    return take_dates(im, e) && take_cause(im, e) && take_verdict(im, e) && take_texts(im, e) &&
           import_choice(im, CHANNEL, &choices_channel, &e->channel) &&
           import_choice(im, LEVEL, &choices_level, &e->level) && import_row_key(im, REF, e->row, &e->key) &&
           import_row_ref(im, e->row, e->key);
}

static void take(struct import *im, uint32_t row) {
    struct entry entry = {.row = row};
    if (take_entry(im, &entry)) import_keep(im, &entry, entry.opened);
}

/* ---- Writing ---- */

static void fill_complaint(struct draft *draft, const struct entry *e) {
    const struct event_info *info = event_info(EVENT_complained);
    struct body_complained *body = &draft->event.body.complained;
    body->channel = e->channel != 0 ? e->channel : choice_channel_third_party;
    body->level = e->level;
    body->sku = e->sku;
    body->segment = e->segment;
    body->company = e->company;
    if (e->topic.data != NULL) event_sealed_set(&draft->event, info, SEALED_complained_topic, e->topic);
    if (e->text.data != NULL) event_sealed_set(&draft->event, info, SEALED_complained_text, e->text);
}

/* In the writer's turn: a step names the complaint, whose draft's number stands in its place until then, and comes
 * after the draft before it. */
static int settle_step(struct draft *draft, const struct draft *batch, struct err *err) {
    (void)err;
    struct body_stepped *body = &draft->event.body.stepped;
    body->complaint = batch[body->complaint - 1].id;
    list_append_id(&draft->event.after, draft->context, draft[-1].id);
    return 0;
}

static struct draft *draft_step(struct import *im, const struct entry *e, size_t complaint, enum choice_step step) {
    const struct draft *opened = &im->batch.drafts[complaint - 1];
    static const char *const suffixes[] = {[choice_step_cause] = "/cause",
                                           [choice_step_explain] = "/answered",
                                           [choice_step_compensate] = "/given",
                                           [choice_step_outcome] = "/closed"};
    struct view key = import_key_with(im, e->key, suffixes[step]);
    int64_t at = step <= choice_step_explain && e->answered != NIL ? e->answered : e->closed;
    struct draft *draft = import_draft(im, EVENT_stepped, key, at, e->staff);
    /* The subject is the complaint's own. */
    draft->subject = opened->subject == SUBJECT_SELF ? (int)complaint : opened->subject;
    draft->event.subject = opened->event.subject;
    draft->event.body.stepped.complaint = complaint;
    draft->event.body.stepped.step = step;
    draft->event.body.stepped.skipped = view_of(SKIPPED);
    draft->settle = settle_step;
    draft->context = import_storage(im, draft, 0);
    return draft;
}

/* Both at its closing: what was given, where the row tells, then what the customer says to it. */
static void draft_end(struct import *im, const struct entry *e, size_t complaint) {
    if (e->settlement != 0 || e->cost != NIL) {
        struct body_stepped *given = &draft_step(im, e, complaint, choice_step_compensate)->event.body.stepped;
        given->settlement = e->settlement;
        given->cost = e->cost;
    }
    struct body_stepped *outcome = &draft_step(im, e, complaint, choice_step_outcome)->event.body.stepped;
    outcome->satisfied = e->satisfied;
    outcome->score = e->score;
}

/* Whose complaint it is: 0, 1 when that decided the row, negative. One that is here already may belong to a customer
 * who has been erased since: nobody is registered anew. */
static int draft_subject(struct import *im, const struct entry *e, int *subject, uint64_t *customer) {
    uint64_t id;
    *subject = SUBJECT_SELF;
    *customer = 0;
    int recorded = import_recorded(im, e->key, EVENT_complained, e->row, &id);
    if (recorded == IMPORT_REJECTED) return 1;
    if (recorded != 0 && recorded != ERR_NOT_FOUND) return recorded;
    int known = e->card == NOBODY ? 0 : import_card_known(im, e->card);
    if (known < 0 || e->card == NOBODY) return known;
    if (known == 0 && recorded == 0) {
        import_done(im, e->row, ROW_SKIPPED);
        return 1;
    }
    return import_card_subject(im, e->card, subject, customer);
}

static int draft_entry(struct import *im, uint32_t unit) {
    const struct entry *e = import_entry(im, unit);
    int subject;
    uint64_t customer;
    if (im->rows[e->row].outcome != ROW_OPEN) return 0;
    int code = draft_subject(im, e, &subject, &customer);
    if (code != 0) return code < 0 ? code : 0;
    struct draft *draft = import_draft(im, EVENT_complained, e->key, e->opened, e->staff);
    size_t complaint = im->batch.count;
    draft->subject = subject;
    draft->event.subject = customer;
    fill_complaint(draft, e);
    if (e->cause.data != NULL) draft_step(im, e, complaint, choice_step_cause)->event.body.stepped.cause = e->cause;
    if (e->answered != NIL) draft_step(im, e, complaint, choice_step_explain);
    if (e->closed != NIL) draft_end(im, e, complaint);
    return 0;
}

const struct import_kind import_complaints = {
    .name = "complaints",
    .fields = fields,
    .field_count = FIELD_COUNT,
    .entry_size = sizeof(struct entry),
    .take = take,
    .write = import_write_entries,
    .draft = draft_entry,
    .row_of = import_entry_row,
};
