#include "proto/model/about.h"

#include <stdlib.h>

#include "proto/model/followup_parts.h"
#include "proto/model/state.h"

/* ---- The facts of a person, of one type ---- */

struct stroll {
    const struct model *model;
    uint32_t first, entry; /* the member we are at; NONE: past the last */
    uint32_t at;           /* the next fact to look at */
    uint16_t type;
    int64_t until;
};

static struct stroll stroll_begin(const struct model *model, uint64_t customer, enum event_type type, int64_t until) {
    uint32_t entry = entry_find(model, customer);
    return (struct stroll){model,          entry, entry, entry == NONE ? NONE : model->entries.items[entry].facts,
                           (uint16_t)type, until};
}

static const struct fact *stroll_next(struct stroll *s) {
    while (s->entry != NONE) {
        while (s->at != NONE) {
            const struct fact *fact = &s->model->facts.items[s->at];
            s->at = fact->next;
            if (fact->type == s->type && !fact->dead && fact->time <= s->until) return fact;
        }
        s->entry = s->model->entries.items[s->entry].next_member;
        if (s->entry == s->first) s->entry = NONE;
        if (s->entry != NONE) s->at = s->model->entries.items[s->entry].facts;
    }
    return NULL;
}

int64_t about_next(const struct model *model, uint64_t customer, int64_t after) {
    uint32_t first = entry_find(model, customer), member = first;
    int64_t next = TIME_NONE;
    if (first == NONE) return next;
    do {
        for (uint32_t i = model->entries.items[member].facts; i != NONE; i = model->facts.items[i].next) {
            const struct fact *fact = &model->facts.items[i];
            if (!fact->dead && fact->time > after && (next == TIME_NONE || fact->time < next)) next = fact->time;
        }
        member = model->entries.items[member].next_member;
    } while (member != first);
    return next;
}

/* Facts with the key of what they are about. */
struct word {
    uint64_t key[2];
    const struct fact *fact;
};
struct word_list {
    struct word *items;
    uint32_t count, room;
};

static int by_key_latest_first(const void *a, const void *b) {
    const struct word *x = a, *y = b;
    for (size_t i = 0; i < 2; i++)
        if (x->key[i] != y->key[i]) return x->key[i] < y->key[i] ? -1 : 1;
    return happened_later(x->fact, y->fact) ? -1 : 1;
}

static void sort_words(struct word_list *words) {
    if (words->count > 1) qsort(words->items, words->count, sizeof *words->items, by_key_latest_first);
}

/* Is it the last word on its matter, in a sorted list? */
static bool holds(const struct word_list *words, uint32_t i) {
    if (i == 0) return true;
    const struct word *before = &words->items[i - 1], *here = &words->items[i];
    return before->key[0] != here->key[0] || before->key[1] != here->key[1];
}

/* Of the words of a type those that `stands` lets through, by what they are about, the latest first. A person's
 * relation to herself, after a link, is none. */
static struct word_list words_on(const struct model *model, uint64_t customer, enum event_type type, int64_t until,
                                 bool (*stands)(const struct word_list *words, uint32_t i)) {
    struct word_list words = {NULL, 0, 0};
    struct stroll stroll = stroll_begin(model, customer, type, until);
    uint64_t self = model_person(model, customer);
    for (const struct fact *fact; (fact = stroll_next(&stroll)) != NULL;) {
        uint64_t about = fact->values[0] == NIL ? 0 : (uint64_t)fact->values[0];
        uint64_t other = type == EVENT_related ? model_person(model, fact->other) : 0;
        if (other != self) *VEC_ADD(words) = (struct word){{other, about}, fact};
    }
    sort_words(&words);
    uint32_t kept = 0;
    for (uint32_t i = 0; i < words.count; i++)
        if (stands(&words, i)) words.items[kept++] = words.items[i];
    words.count = kept;
    return words;
}

static size_t words_done(struct word_list *words) {
    size_t count = words->count;
    VEC_RELEASE(*words);
    return count;
}

static bool holds_and_is_on(const struct word_list *words, uint32_t i) {
    return holds(words, i) && words->items[i].fact->values[1] == 1;
}
static bool is_label(const struct word_list *words, uint32_t i) { return words->items[i].key[1] == 0; }
static bool is_tag(const struct word_list *words, uint32_t i) {
    return !is_label(words, i) && holds_and_is_on(words, i);
}

/* ---- Consents, tags, relations ---- */

size_t about_consents(const struct model *model, uint64_t customer, int64_t until, struct consent_state *out,
                      size_t max) {
    struct word_list words = words_on(model, customer, EVENT_consent, until, holds);
    for (uint32_t i = 0; i < words.count && i < max; i++) {
        const struct fact *fact = words.items[i].fact;
        out[i] = (struct consent_state){fact->values[0], fact->values[1] == 1, fact->id, fact->time};
    }
    return words_done(&words);
}

size_t about_tags(const struct model *model, uint64_t customer, int64_t until, struct tag_state *out, size_t max) {
    struct word_list words = words_on(model, customer, EVENT_tagged, until, is_tag);
    for (uint32_t i = 0; i < words.count && i < max; i++) {
        const struct fact *fact = words.items[i].fact;
        out[i] = (struct tag_state){fact->values[0], fact->id, fact->time};
    }
    return words_done(&words);
}

size_t about_labels(const struct model *model, uint64_t customer, int64_t until, struct label_word *out, size_t max) {
    struct word_list words = words_on(model, customer, EVENT_tagged, until, is_label);
    for (uint32_t i = 0; i < words.count && i < max; i++) {
        const struct fact *fact = words.items[i].fact;
        out[i] = (struct label_word){fact->id, fact->time, fact->values[1] == 1};
    }
    return words_done(&words);
}

size_t about_relations(const struct model *model, uint64_t customer, int64_t until, struct relation_state *out,
                       size_t max) {
    struct word_list words = words_on(model, customer, EVENT_related, until, holds_and_is_on);
    for (uint32_t i = 0; i < words.count && i < max; i++) {
        const struct fact *fact = words.items[i].fact;
        out[i] = (struct relation_state){words.items[i].key[0], fact->values[0], fact->id, fact->time};
    }
    return words_done(&words);
}

#define LEADERS_MAX 64

bool about_leads(const struct model *model, uint64_t leader, uint64_t other, int64_t until) {
    uint64_t above[LEADERS_MAX] = {model_person(model, other)}, wanted = model_person(model, leader);
    size_t count = 1;
    for (size_t i = 0; i < count; i++) {
        struct relation_state relations[LEADERS_MAX];
        size_t all = about_relations(model, above[i], until, relations, LEADERS_MAX);
        for (size_t k = 0; k < all && k < LEADERS_MAX; k++) {
            bool seen = relations[k].relation != choice_relation_leader;
            for (size_t s = 0; s < count && !seen; s++) seen = above[s] == relations[k].other;
            if (seen) continue;
            if (relations[k].other == wanted) return true;
            if (count < LEADERS_MAX) above[count++] = relations[k].other;
        }
    }
    return false;
}

bool about_referrer(const struct model *model, uint64_t customer, uint64_t *referrer) {
    const struct fact *first = NULL;
    uint32_t start = entry_find(model, customer), i = start;
    if (start == NONE) return false;
    do {
        const uint64_t *head = idmap_find(&model->brought, model->entries.items[i].id);
        for (uint32_t at = head == NULL ? NONE : (uint32_t)*head; at != NONE; at = model->referrals.items[at].next) {
            const struct fact *fact = &model->facts.items[model->referrals.items[at].fact];
            bool counts = !fact->dead && (first == NULL || later(first->hlc, first->id, fact->hlc, fact->id));
            if (counts) first = fact;
        }
        i = model->entries.items[i].next_member;
    } while (i != start);
    if (first == NULL) return false;
    *referrer = person_name(model, first->entry);
    return true;
}

/* ---- The custodian, promises, complaints ---- */

bool about_custodian(const struct model *model, uint64_t customer, int64_t until, struct custodian_state *out) {
    struct stroll stroll = stroll_begin(model, customer, EVENT_custodian, until);
    const struct fact *latest = NULL;
    for (const struct fact *fact; (fact = stroll_next(&stroll)) != NULL;) keep_last_word(&latest, fact);
    if (latest == NULL || latest->words[0] == 0) return false;
    const struct stream *stream = stream_find(model, id_stream(latest->id));
    uint32_t store = latest->words[1] != 0 ? latest->words[1] : stream == NULL ? 0 : stream_store(stream);
    *out =
        (struct custodian_state){words_view(&model->words, latest->words[0]),
                                 store == 0 ? VIEW_NONE : words_view(&model->words, store), latest->id, latest->time};
    return true;
}

size_t about_in_custody(const struct model *model, struct view staff, struct view store, int64_t until, uint64_t *out,
                        size_t max) {
    size_t count = 0;
    uint32_t code = words_find(&model->words, staff);
    for (uint32_t i = 0; i < model->facts.count; i++) {
        const struct fact *fact = &model->facts.items[i];
        struct custodian_state state;
        if (fact->type != EVENT_custodian || fact->dead || fact->words[0] != code) continue;
        uint64_t person = person_name(model, fact->entry);
        bool here =
            about_custodian(model, person, until, &state) && state.event == fact->id && view_equal(state.store, store);
        if (!here || model_customer(model, person) != CUSTOMER_KNOWN) continue;
        if (count < max) out[count] = person;
        count++;
    }
    return count;
}

static uint32_t change_of(uint16_t type) {
    switch (type) {
    case EVENT_consent: return CHANGED_CONSENT;
    case EVENT_tagged: return CHANGED_TAGS;
    case EVENT_related: return CHANGED_RELATIONS;
    case EVENT_custodian: return CHANGED_CUSTODIAN;
    default: return 0;
    }
}

uint32_t about_changed(const struct model *model, uint64_t customer, int64_t after, int64_t until) {
    uint32_t entry = entry_find(model, customer), changes = 0;
    for (uint32_t i = entry == NONE ? NONE : model->entries.items[entry].facts; i != NONE;
         i = model->facts.items[i].next) {
        const struct fact *fact = &model->facts.items[i];
        if (!fact->dead && fact->time > after && fact->time <= until) changes |= change_of(fact->type);
    }
    return changes;
}

/* By the word that it was, or by a contact that answers it as a follow-up (K2). */
static bool kept(const struct model *model, uint64_t customer, uint64_t promise) {
    struct stroll words = stroll_begin(model, customer, EVENT_promised, INT64_MAX),
                  contacts = stroll_begin(model, customer, EVENT_contacted, INT64_MAX);
    for (const struct fact *fact; (fact = stroll_next(&words)) != NULL;)
        if (fact->other == promise) return true;
    for (const struct fact *fact; (fact = stroll_next(&contacts)) != NULL;)
        if (followup_keeps(model, fact, promise)) return true;
    return false;
}

bool about_promise_open(const struct model *model, uint64_t customer, uint64_t promise) {
    struct stroll stroll = stroll_begin(model, customer, EVENT_promised, INT64_MAX);
    for (const struct fact *fact; (fact = stroll_next(&stroll)) != NULL;)
        if (fact->id == promise) return fact->other == 0 && !kept(model, customer, promise);
    return false;
}

static int by_due(const void *a, const void *b) {
    const struct promise_state *x = a, *y = b;
    if (x->due != y->due) return x->due < y->due ? -1 : 1;
    return (x->event > y->event) - (x->event < y->event);
}

size_t about_promises(const struct model *model, uint64_t customer, struct promise_state *out, size_t max) {
    struct {
        struct promise_state *items;
        uint32_t count, room;
    } open = {NULL, 0, 0};
    struct stroll stroll = stroll_begin(model, customer, EVENT_promised, INT64_MAX);
    for (const struct fact *fact; (fact = stroll_next(&stroll)) != NULL;)
        if (fact->other == 0 && !kept(model, customer, fact->id))
            *VEC_ADD(open) =
                (struct promise_state){fact->id, model->entries.items[fact->entry].id, fact->time, fact->values[0]};
    if (open.count > 1) qsort(open.items, open.count, sizeof *open.items, by_due);
    size_t count = open.count;
    for (size_t i = 0; i < count && i < max; i++) out[i] = open.items[i];
    VEC_RELEASE(open);
    return count;
}

struct opening {
    uint64_t complaint;
    int64_t time;
};

static int by_opening(const void *a, const void *b) {
    const struct opening *x = a, *y = b;
    if (x->time != y->time) return x->time > y->time ? -1 : 1;
    return (x->complaint < y->complaint) - (x->complaint > y->complaint);
}

size_t about_complaints(const struct model *model, uint64_t customer, uint64_t *out, size_t max) {
    VEC(struct opening) found = {NULL, 0, 0};
    uint32_t start = entry_find(model, customer), i = start;
    if (start == NONE) return 0;
    do {
        for (uint32_t at = model->entries.items[i].items; at != NONE; at = model->items.items[at].next) {
            const struct item *item = &model->items.items[at];
            if (item->type == EVENT_complained) *VEC_ADD(found) = (struct opening){item->id, item->time};
        }
        i = model->entries.items[i].next_member;
    } while (i != start);
    if (found.count > 1) qsort(found.items, found.count, sizeof *found.items, by_opening);
    size_t count = found.count;
    for (size_t j = 0; j < count && j < max; j++) out[j] = found.items[j].complaint;
    VEC_RELEASE(found);
    return count;
}
