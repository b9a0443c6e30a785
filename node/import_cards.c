/* Customers by card number. Each spelling in the file is normalised once, each card looked up once; who is not known is
 * registered in the batch of the first thing that is written about her. */
#include <assert.h>
#include <stdlib.h>

#include "node/import.h"
#include "proto/base/text.h"
#include "proto/event/describe.h"

struct card {
    struct view written; /* as the file has it first */
    int64_t earliest;    /* NIL: not seen with a time yet */
    uint64_t id;         /* 0: nobody has it, or not looked up */
    uint32_t batch;      /* the batch that registers it … */
    uint32_t draft;      /* … and the draft that does */
    bool looked;
    bool pretended; /* dry run: would be registered by now */
};

static struct card *card_new(struct cards *cards, uint32_t number, struct view written) {
    if (number >= cards->cap) {
        cards->cap = cards->cap * 2 + 256;
        cards->items = mem_resize(cards->items, cards->cap * sizeof *cards->items);
    }
    cards->items[number] = (struct card){.written = written, .earliest = NIL};
    return &cards->items[number];
}

static void spelling_new(struct cards *cards, uint32_t spelling, uint32_t number) {
    if (spelling >= cards->spelling_cap) {
        cards->spelling_cap = cards->spelling_cap * 2 + 256;
        cards->by_spelling = mem_resize(cards->by_spelling, cards->spelling_cap * sizeof *cards->by_spelling);
    }
    cards->by_spelling[spelling] = number;
}

int import_card(struct import *im, struct view written, uint32_t *out, struct err *err) {
    struct cards *cards = &im->cards;
    uint32_t known = names_find(&cards->spellings, written);
    if (known != NAMES_NONE) {
        *out = cards->by_spelling[known];
        return 0;
    }
    buf_clear(&im->scratch);
    int code = card_normalise(written, &im->scratch, err);
    if (code != 0) return code;
    if (written.len > import_bound(EVENT_registered, "card"))
        return err_set(err, ERR_INVALID, NULL, "the card number is too long");
    uint32_t number = names_find(&cards->normal, buf_view(&im->scratch));
    if (number == NAMES_NONE) {
        number = names_put(&cards->normal, arena_copy(&im->arena, buf_view(&im->scratch)), NULL);
        card_new(cards, number, written);
    }
    spelling_new(cards, names_put(&cards->spellings, written, NULL), number);
    *out = number;
    return 0;
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
    event_sealed_set(&draft->event, event_info(EVENT_registered), SEALED_registered_card, c->written);
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
