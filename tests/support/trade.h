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
/* A contact with a sealed note. `outcome`: a choice_outcome, 0 for none. */
uint64_t trade_contact(struct site *site, uint64_t customer, int outcome, const char *note);
uint64_t trade_link(struct site *site, uint64_t customer, uint64_t other);
/* Takes `other` out of the customer's person and bars it from all others in there. */
uint64_t trade_unlink(struct site *site, uint64_t customer, uint64_t other);
uint64_t trade_void(struct site *site, uint64_t event);
uint64_t trade_erase(struct site *site, uint64_t customer);
/* So many sales in one commit, now and then of `customer`. */
bool trade_day(struct site *site, uint64_t customer, size_t sales);

const struct err *trade_error(void);

#endif
