#include "proto/model/followup_parts.h"

/* Is a contact of this kind what the follow-up asks for? */
static bool suits(enum followup_kind kind, int64_t contact) {
    switch (kind) {
    case FOLLOWUP_PROMISE: return false;
    case FOLLOWUP_LETTER:
        return contact == choice_contact_kind_letter || contact == choice_contact_kind_sms ||
               contact == choice_contact_kind_message;
    case FOLLOWUP_TOP: return contact == choice_contact_kind_visit;
    default: return true;
    }
}

static bool same_day(struct date a, struct date b) { return a.year == b.year && a.month == b.month && a.day == b.day; }

static bool names(const struct model *model, struct view text, const struct followup *f) {
    struct followup named;
    if (!followup_parse(text, &named) || named.kind != f->kind) return false;
    if (named.cause != 0) return named.cause == f->cause;
    if (model_person(model, named.person) != f->person) return false;
    return f->kind == FOLLOWUP_LETTER ? named.figure == f->figure : same_day(named.day, f->day);
}

static bool reached_somebody(const struct fact *contact) {
    return contact->values[1] != choice_outcome_not_reached && contact->values[1] != choice_outcome_wrong_number;
}

bool followup_keeps(const struct model *model, const struct fact *contact, uint64_t promise) {
    struct followup named;
    return contact->words[1] != 0 && reached_somebody(contact) &&
           followup_parse(words_view(&model->words, contact->words[1]), &named) && named.kind == FOLLOWUP_PROMISE &&
           named.cause == promise;
}

static bool answers(const struct model *model, const struct fact *contact, const struct followup *f) {
    if (!reached_somebody(contact)) return false;
    if (contact->words[1] != 0) return names(model, words_view(&model->words, contact->words[1]), f);
    return contact->time >= f->since && suits(f->kind, contact->values[0]);
}

/* The latest of each that the standing is made of. */
struct latest {
    const struct fact *kept, *answer, *consent, *word, *custodian;
};

/* The first that answers has done it. */
static void keep_earlier(const struct fact **first, const struct fact *fact) {
    if (*first == NULL || fact->time < (*first)->time || (fact->time == (*first)->time && fact->id < (*first)->id))
        *first = fact;
}

static void look_at(const struct model *model, const struct fact *fact, const struct followup *f, struct latest *l) {
    switch (fact->type) {
    case EVENT_custodian: keep_last_word(&l->custodian, fact); break;
    case EVENT_consent:
        if (fact->values[0] == choice_purpose_service) keep_last_word(&l->consent, fact);
        break;
    case EVENT_contacted:
        if (fact->values[1] == choice_outcome_reached || fact->values[1] == choice_outcome_declined)
            keep_last_word(&l->word, fact);
        if (answers(model, fact, f)) keep_earlier(&l->answer, fact);
        break;
    case EVENT_promised:
        if (f->kind == FOLLOWUP_PROMISE && fact->other == f->cause) keep_earlier(&l->kept, fact);
        break;
    default: break;
    }
}

/* What is said of somebody else, who was taken apart since, does not count: her stores need not know it. */
struct followup_standing followup_standing_of(const struct collecting *c, const struct gathered *g) {
    const struct model *model = c->model;
    struct latest l = {NULL, NULL, NULL, NULL, NULL};
    struct followup_standing out = {0, 0, 0, false};
    uint32_t member = g->entry;
    do {
        const struct entry *entry = &model->entries.items[member];
        for (uint32_t i = entry->facts; i != NONE; i = model->facts.items[i].next) {
            const struct fact *fact = &model->facts.items[i];
            if (!fact->dead && fact->time <= c->q->now) look_at(model, fact, &g->f, &l);
        }
        member = entry->next_member;
    } while (member != g->entry);
    out.answer = l.kept != NULL ? l.kept->id : l.answer == NULL ? 0 : l.answer->id;
    out.left_alone = (l.consent != NULL && l.consent->values[1] == 0) ||
                     (l.word != NULL && l.word->values[1] == choice_outcome_declined);
    if (l.custodian != NULL && l.custodian->words[0] != 0) {
        const struct stream *stream = stream_find(model, id_stream(l.custodian->id));
        uint32_t own = stream == NULL ? 0 : stream_store(stream);
        out.staff = l.custodian->words[0];
        out.store = l.custodian->words[1] == 0 ? own : l.custodian->words[1];
    }
    return out;
}
