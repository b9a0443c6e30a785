/* Follow-ups (K2) and promises (K3): derived when asked, never stored. What there is to do with whom, since when,
 * until when, and which contact has done it.
 *
 *   kind      comes from                                  open from       due                  closed by
 *   promise   promised                                    the promise     its date             keeps, --answers
 *   thank     one purchase of thank-amount or more        thank-days on   the same day         any contact
 *   referral  the customer who brought somebody           the referral    referral-days on     any contact
 *   newcomer  whom she brought                            the referral    referral-days on     any contact
 *   letter    net spend crosses one of letter-spend       the crossing    thank-days on        letter, sms, message
 *   top       the region's top customer of last year      1 January       followup-days on     visit
 *   birthday  the customer file                           birthday-days before    the day      any contact
 *   occasion  dated occasions of the customer file        birthday-days before    the day      any contact
 *   inactive  no visit for inactive-months                the day         the same day         any contact
 *   rainy     a purchase on a day its store marks rainy   the purchase    the same day         any contact
 *
 * Due means the end of that day; a follow-up that nobody answered is shown until followup-days after it, a promise
 * until it is kept. A contact that names a follow-up closes that one, at whatever store and time; one that names
 * none closes all of its person's that it is of the kind for and that were open when it happened. One that reached
 * nobody closes nothing. Who has withdrawn consent to service, or declined contact since she was last reached, is
 * left alone but for promises. A purchase counts less what came back of it. 29 February is 28 February in other
 * years.
 *
 * Text of a follow-up: kind:event ("thank:12-845") for promise, thank, referral, newcomer; kind:customer:day, and
 * letter:customer:amount, for the others, with the customer under any id of its person.
 *
 * Pure: a function of (model, policy, now, zone) and of what is sealed, which the reader opens. Of the rows only those
 * of the weeks that matter are looked at, of the promises only those that may be open. Thread: under the site's read
 * lock. */
#ifndef DANGOL_PROTO_MODEL_FOLLOWUPS_H
#define DANGOL_PROTO_MODEL_FOLLOWUPS_H

#include "proto/model/dated.h"
#include "proto/model/questions.h"

enum followup_kind {
    FOLLOWUP_NONE = 0,
    FOLLOWUP_PROMISE,
    FOLLOWUP_THANK,
    FOLLOWUP_REFERRAL,
    FOLLOWUP_NEWCOMER,
    FOLLOWUP_LETTER,
    FOLLOWUP_TOP,
    FOLLOWUP_BIRTHDAY,
    FOLLOWUP_OCCASION,
    FOLLOWUP_INACTIVE,
    FOLLOWUP_RAINY,
    FOLLOWUP_KINDS,
};

struct followup {
    enum followup_kind kind;
    uint64_t person;
    uint64_t cause;    /* the event it comes from; 0: none */
    int64_t figure;    /* thank: what was paid; letter: the threshold; inactive: the months */
    struct date day;   /* of its text; year 0: none */
    int64_t since;     /* a contact that names none counts from here on */
    int64_t due;       /* last ms in time */
    bool overdue;      /* open, and `now` is later */
    uint64_t answer;   /* the contact, or the word that a promise was kept; 0: open */
    uint32_t stream;   /* of what it comes from, or of the latest visit; FOLLOWUP_NO_STREAM: nobody's store's */
    struct view store; /* the custodian's, else the stream's; VIEW_NONE: the region's own matter */
    struct view staff; /* the custodian; VIEW_NONE: who wrote what it comes from */
};
#define FOLLOWUP_NO_STREAM UINT32_MAX

/* What only the site can open or look up. Each may be NULL. */
struct followup_reader {
    void *context;
    bool (*dated_at)(void *context, size_t index, struct dated *out); /* customer 0: skip; false past the end */
    uint64_t (*sale_of)(void *context, uint64_t returned);            /* the original sale of a return, or 0 */
};

struct followup_question {
    int64_t now; /* what happened later is not known */
    const struct zone *zone;
    struct date due_from;    /* also those due from this day on, however old; year 0: by followup-days */
    bool region;             /* asked of the whole region: its top customer is known */
    bool answered;           /* also those that were answered */
    struct view store;       /* only this store's; VIEW_NONE: whosever they are */
    enum followup_kind kind; /* only this one; FOLLOWUP_NONE: all */
    const struct pace *pace; /* each person is told as she is when it is her turn; NULL: in one go */
    struct buf *text;        /* takes the words of the answer; NULL: they are the model's, and it is not left before */
    struct followup_reader reader;
};

/* Promises that are overdue first, then by when they are due, kind and person. The caller frees. Views: the model's. */
int followups(const struct model *model, const struct followup_question *question, struct followup **out,
              size_t *count);

const char *followup_word(enum followup_kind kind);
enum followup_kind followup_kind_of(struct view word); /* FOLLOWUP_NONE */
#define FOLLOWUP_TEXT 64
char *followup_format(const struct followup *followup, char out[FOLLOWUP_TEXT]);
/* Is it the text of some follow-up? Fills the kind, and the id in `cause` (promise to newcomer) or `person`. */
bool followup_parse(struct view text, struct followup *out);

#endif
