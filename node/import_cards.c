/* Customers by card number, or by telephone number where a row tells no card. Each spelling in the file is normalised
 * once, each number looked up once; who is not known is registered in the batch of the first thing that is written
 * about her. */
#include <assert.h>
#include <stdlib.h>

#include "node/import.h"
#include "proto/base/text.h"
#include "proto/event/describe.h"

#define PHONE_MARK 1 /* stands before a phone number, so that no card is taken for it */
#define CANDIDATES 16

struct card {
    enum tag_kind kind;  /* TAG_CARD or TAG_PHONE */
    struct view written; /* as the file has it first */
    int64_t earliest;    /* NIL: not seen with a time yet */
    uint64_t id;         /* 0: nobody has it, or not looked up */
    uint32_t batch;      /* the batch that registers it … */
    uint32_t draft;      /* … and the draft that does */
    bool looked;
    bool pretended; /* dry run: would be registered by now */
};

static struct card *card_new(struct cards *cards, uint32_t number, enum tag_kind kind, struct view written) {
    if (number >= cards->cap) {
        cards->cap = cards->cap * 2 + 256;
        cards->items = mem_resize(cards->items, cards->cap * sizeof *cards->items);
    }
    cards->items[number] = (struct card){.kind = kind, .written = written, .earliest = NIL};
    return &cards->items[number];
}

static void spelling_new(struct cards *cards, uint32_t spelling, uint32_t number) {
    if (spelling >= cards->spelling_cap) {
        cards->spelling_cap = cards->spelling_cap * 2 + 256;
        cards->by_spelling = mem_resize(cards->by_spelling, cards->spelling_cap * sizeof *cards->by_spelling);
    }
    cards->by_spelling[spelling] = number;
}

/* In `scratch`. */
static struct view marked(struct import *im, enum tag_kind kind, struct view text) {
    if (kind == TAG_CARD) return text;
    buf_clear(&im->scratch);
    buf_append_byte(&im->scratch, PHONE_MARK);
    buf_append_view(&im->scratch, text);
    return buf_view(&im->scratch);
}

static int normalise(struct import *im, enum tag_kind kind, struct view written, struct err *err) {
    const char *field = kind == TAG_CARD ? "card" : "phone";
    buf_clear(&im->scratch);
    if (kind == TAG_PHONE) buf_append_byte(&im->scratch, PHONE_MARK);
    int code = kind == TAG_CARD ? card_normalise(written, &im->scratch, err)
                                : phone_normalise(written, im->site->config.country, &im->scratch, err);
    if (code != 0 || written.len <= import_bound(EVENT_registered, field)) return code;
    return err_set(err, ERR_INVALID, NULL, "the number is too long");
}

/* Families share a phone: who of them it was, the number alone does not say. */
static int look_up_phone(struct import *im, struct card *c, struct err *err) {
    uint64_t ids[CANDIDATES];
    int n = site_find(im->site, TAG_PHONE, c->written, true, ids, CANDIDATES, err);
    if (n < 0) return n;
    bool several = false;
    site_read(im->site);
    for (int i = 1; i < n; i++)
        several = several || model_person(im->site->model, ids[i]) != model_person(im->site->model, ids[0]);
    site_unread(im->site);
    if (several) return err_set(err, ERR_INVALID, NULL, "several customers have it: the row needs a card number");
    c->id = n == 0 ? 0 : ids[0];
    c->looked = true;
    return 0;
}

/* The number of a card or phone as written; ERR_INVALID when it is none. */
static int number_of(struct import *im, enum tag_kind kind, struct view written, uint32_t *out, struct err *err) {
    struct cards *cards = &im->cards;
    uint32_t known = names_find(&cards->spellings, marked(im, kind, written));
    if (known != NAMES_NONE) {
        *out = cards->by_spelling[known];
        return 0;
    }
    int code = normalise(im, kind, written, err);
    if (code != 0) return code;
    uint32_t number = names_find(&cards->normal, buf_view(&im->scratch));
    if (number == NAMES_NONE) {
        struct card fresh = {.kind = kind, .written = written};
        struct view normal = arena_copy(&im->arena, buf_view(&im->scratch));
        if (kind == TAG_PHONE && (code = look_up_phone(im, &fresh, err)) != 0) return code;
        number = names_put(&cards->normal, normal, NULL);
        struct card *c = card_new(cards, number, kind, written);
        c->id = fresh.id;
        c->looked = fresh.looked;
    }
    struct view spelling = kind == TAG_CARD ? written : arena_copy(&im->arena, marked(im, kind, written));
    spelling_new(cards, names_put(&cards->spellings, spelling, NULL), number);
    *out = number;
    return 0;
}

bool import_customer(struct import *im, int card_field, int phone_field, uint32_t *out) {
    struct view written;
    struct err err = {0};
    int field = card_field;
    *out = NOBODY;
    if (!import_text(im, card_field, &written)) return false;
    if (written.data == NULL && mapping_has(&im->mapping, phone_field)) {
        field = phone_field;
        if (!import_text(im, phone_field, &written)) return false;
    }
    if (written.data == NULL) return true;
    if (number_of(im, field == card_field ? TAG_CARD : TAG_PHONE, written, out, &err) == 0) return true;
    import_reject(im, im->current, im->kind->fields[field].name, "%s", err.text);
    return false;
}

void import_card_seen(struct import *im, uint32_t card, int64_t at) {
    struct card *c = &im->cards.items[card];
    if (c->earliest == NIL || at < c->earliest) c->earliest = at;
}

static bool in_batch(const struct import *im, const struct card *c) { return c->batch == im->batch.number; }

int import_card_known(struct import *im, uint32_t card) {
    struct card *c = &im->cards.items[card];
    if (!c->looked) {
        int n = site_find(im->site, TAG_CARD, c->written, true, &c->id, 1, &im->call->error);
        if (n < 0) return n;
        if (n == 0) c->id = 0;
        c->looked = true;
    }
    return c->id != 0 || c->pretended || in_batch(im, c);
}

static int register_card(struct import *im, uint32_t card) {
    struct card *c = &im->cards.items[card];
    c->batch = im->batch.number;
    c->draft = (uint32_t)im->batch.count;
    struct draft *draft = import_draft(im, EVENT_registered, VIEW_NONE, c->earliest, VIEW_NONE);
    im->batch.cards[c->draft] = card + 1;
    draft->subject = SUBJECT_SELF;
    draft->unless_known = true;
    int bit = c->kind == TAG_CARD ? (int)SEALED_registered_card : (int)SEALED_registered_phone;
    event_sealed_set(&draft->event, event_info(EVENT_registered), bit, c->written);
    return site_draft_tags(im->site, draft, &im->call->error);
}

int import_card_subject(struct import *im, uint32_t card, int *subject, uint64_t *id) {
    struct card *c = &im->cards.items[card];
    int known = import_card_known(im, card);
    if (known == 0) known = register_card(im, card);
    if (known < 0) return known;
    *subject = in_batch(im, c) ? (int)c->draft + 1 : SUBJECT_GIVEN;
    *id = c->id;
    return 0;
}

void import_cards_written(struct import *im) {
    for (size_t i = 0; i < im->batch.count; i++) {
        if (im->batch.cards[i] == 0) continue;
        struct card *c = &im->cards.items[im->batch.cards[i] - 1];
        c->batch = 0;
        if (im->dry_run)
            c->pretended = true;
        else
            c->id = im->batch.drafts[i].id;
    }
}

void import_cards_release(struct import *im) {
    names_release(&im->cards.spellings);
    names_release(&im->cards.normal);
    free(im->cards.by_spelling);
    free(im->cards.items);
}
