/* Events as the commands of a store or the desk would write them, for tests of what comes after. Each returns the
 * event's id, or 0 when it could not be written (trade_error says why). Texts may be NULL: absent. Thread: any. */
#ifndef DANGOL_TESTS_SUPPORT_TRADE_H
#define DANGOL_TESTS_SUPPORT_TRADE_H

#include "proto/site/site.h"

struct person_card {
    const char *name, *phone, *card, *email;
};

uint64_t trade_register(struct site *site, struct person_card who);
uint64_t trade_update(struct site *site, uint64_t customer, struct person_card change);
/* What `update --clear phone` writes. */
uint64_t trade_clear_phone(struct site *site, uint64_t customer);
uint64_t trade_sell(struct site *site, uint64_t customer, int64_t amount); /* customer 0: anonymous */
/* With a ref of source "till": a ref that is there already gives that sale again. */
uint64_t trade_sell_ref(struct site *site, uint64_t customer, int64_t amount, const char *ref);
/* A contact with a sealed note. `outcome`: a choice_outcome, 0 for none. */
uint64_t trade_contact(struct site *site, uint64_t customer, int outcome, const char *note);
uint64_t trade_link(struct site *site, uint64_t customer, uint64_t other);
/* Takes `other` out of the customer's person and bars it from all others in there. */
uint64_t trade_unlink(struct site *site, uint64_t customer, uint64_t other);
uint64_t trade_void(struct site *site, uint64_t event);
uint64_t trade_void_on(struct site *site, uint64_t event, bool on); /* off: takes the voiding back */
uint64_t trade_erase(struct site *site, uint64_t customer);
/* A store is fed the hub's word that one id is erased, and does what it wants. */
bool trade_hears_erasure(struct site *store, uint64_t id);
/* So many sales in one commit, now and then of `customer`. */
bool trade_day(struct site *site, uint64_t customer, size_t sales);

/* trade_desk.c. `subject` is the sale's or complaint's own: see the event before it. */
uint64_t trade_return(struct site *site, uint64_t customer, uint64_t sale, int64_t amount);
uint64_t trade_attribute(struct site *site, uint64_t thing, uint64_t customer);
uint64_t trade_complain(struct site *site, uint64_t customer, const char *text); /* customer 0: its own subject */
/* After the thread's heads as this site knows them. */
uint64_t trade_step(struct site *site, uint64_t complaint, int step, const char *text);
/* paused, resumed, reopened. */
uint64_t trade_turn(struct site *site, uint64_t complaint, enum event_type type);
/* An event of a later version: of a type nobody knows, or `known` and with more fields than today. */
uint64_t trade_strange(struct site *site, uint64_t subject, bool known);

uint64_t trade_write(struct site *site, struct draft *draft); /* the draft as it is */
const struct err *trade_error(void);

#endif
