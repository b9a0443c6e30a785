/* Contacts: a row is one call, message, visit … (K1). The customer is known by her card or phone, as in purchases. */
#include "node/import.h"
#include "proto/event/describe.h"

enum {
    CUSTOMER,
    PHONE,
    KIND,
    PURPOSE,
    TIME,
    OUTCOME,
    SATISFACTION,
    MINUTES,
    MATTER,
    ANSWERS,
    NOTE,
    STAFF,
    REF,
    VOIDED,
    FIELD_COUNT
};

#define MINUTES_MAX 1440 /* events.def */

static const struct mapping_field fields[] = {
    [CUSTOMER] = {"customer", 1},
    [PHONE] = {"phone", 1},
    [KIND] = {"kind", 2},
    [PURPOSE] = {"purpose", 3},
    [TIME] = {"time", 4},
    [OUTCOME] = {"outcome", 0},
    [SATISFACTION] = {"satisfaction", 0},
    [MINUTES] = {"minutes", 0},
    [MATTER] = {"matter", 0},
    [ANSWERS] = {"answers", 0},
    [NOTE] = {"note", 0},
    [STAFF] = {"staff", 0},
    [REF] = {"ref", 0},
    [VOIDED] = {"voided", 0},
};

struct contact {
    struct view purpose, answers, note, staff, key;
    int64_t time, kind, outcome, satisfaction, minutes, matter, voided;
    uint32_t row, card;
};

static bool take_whom(struct import *im, struct contact *c) {
    int field = mapping_has(&im->mapping, CUSTOMER) ? CUSTOMER : PHONE;
    return import_customer(im, CUSTOMER, PHONE, &c->card) && import_need(im, field, c->card != NOBODY);
}

static bool take_minutes(struct import *im, struct contact *c) {
    if (!import_decimal(im, MINUTES, 0, MINUTES_MAX, &c->minutes)) return false;
    if (c->minutes == 0) c->minutes = NIL;
    if (c->minutes == NIL || c->minutes > 0) return true;
    import_reject(im, c->row, "minutes", "are below zero");
    return false;
}

static bool take_contact(struct import *im, struct contact *c) {
    size_t purpose = import_bound(EVENT_contacted, "purpose"), note = import_bound(EVENT_contacted, "note");
    if (!take_whom(im, c)) return false;
    if (!import_time(im, TIME, &c->time) || !import_need(im, TIME, c->time != NIL)) return false;
    import_card_seen(im, c->card, c->time);
    return import_choice(im, KIND, &choices_contact_kind, &c->kind) && import_need(im, KIND, c->kind != 0) &&
           import_word(im, PURPOSE, purpose, &c->purpose) && import_need(im, PURPOSE, c->purpose.data != NULL) &&
           import_choice(im, OUTCOME, &choices_outcome, &c->outcome) &&
           import_score(im, SATISFACTION, &c->satisfaction) && take_minutes(im, c) &&
           import_choice(im, MATTER, &choices_level, &c->matter) &&
           import_word(im, ANSWERS, import_bound(EVENT_contacted, "answers"), &c->answers) &&
           import_free_text(im, NOTE, note, &c->note) && import_word(im, STAFF, ACTOR_MAX, &c->staff) &&
           import_yes_no(im, VOIDED, &c->voided) && import_row_key(im, REF, c->row, &c->key) &&
           import_row_ref(im, c->row, c->key);
}

static void take(struct import *im, uint32_t row) {
    struct contact contact = {.row = row};
    if (take_contact(im, &contact)) import_keep(im, &contact, contact.time);
}

/* One that is here already: what the file says of it may be new, that it does not count. */
static int contact_known(struct import *im, const struct contact *c, uint64_t id) {
    int code = c->voided == 1 ? import_void(im, c->key, id) : 0;
    if (code == 0) import_done(im, c->row, ROW_SKIPPED);
    return code < 0 ? code : 0;
}

static int draft_contact(struct import *im, uint32_t unit) {
    const struct contact *c = import_entry(im, unit);
    int subject;
    uint64_t customer, id;
    if (im->rows[c->row].outcome != ROW_OPEN) return 0;
    int code = import_recorded(im, c->key, EVENT_contacted, c->row, &id);
    if (code == 0) return contact_known(im, c, id);
    if (code != ERR_NOT_FOUND) return code < 0 ? code : 0;
    code = import_card_subject(im, c->card, &subject, &customer);
    if (code != 0) return code;
    struct draft *draft = import_draft(im, EVENT_contacted, c->key, c->time, c->staff);
    struct body_contacted *body = &draft->event.body.contacted;
    draft->subject = subject;
    draft->event.subject = customer;
    body->kind = c->kind;
    body->purpose = c->purpose;
    body->outcome = c->outcome;
    body->satisfaction = c->satisfaction;
    body->minutes = c->minutes;
    body->matter = c->matter;
    body->answers = c->answers;
    if (c->note.data != NULL)
        event_sealed_set(&draft->event, event_info(EVENT_contacted), SEALED_contacted_note, c->note);
    if (c->voided == 1) import_void_last(im, c->key);
    return 0;
}

const struct import_kind import_contacts = {
    .name = "contacts",
    .fields = fields,
    .field_count = FIELD_COUNT,
    .entry_size = sizeof(struct contact),
    .take = take,
    .write = import_write_entries,
    .draft = draft_contact,
    .row_of = import_entry_row,
};
