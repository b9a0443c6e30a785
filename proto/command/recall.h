/* The recall card (C6): the head of a customer's page, as JSON and for people. Comes before: ask_recall.c (from the
 * model), recall_print.c (the lines). */
#ifndef DANGOL_PROTO_COMMAND_RECALL_H
#define DANGOL_PROTO_COMMAND_RECALL_H

#include "proto/command/command.h"

/* Of the person that the customer belongs to, who is known and not erased. Owned by the caller. */
json_t *recall_card(struct call *call, uint64_t customer);
/* The lines for people; only what there is. */
void recall_print(struct call *call, const json_t *card);
/* What a customer is told at registration (C4). */
json_t *rules_json(struct call *call);
void rules_print(struct call *call);
/* A tag of the list with its hint. */
json_t *recall_tag(int64_t tag);
/* Days until that day of the year comes, 0: today; February 29th is the 28th in a common year. */
int64_t recall_days_to(struct date today, int month, int day);

#endif
