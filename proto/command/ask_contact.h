/* Contacts and follow-ups (K1–K8): what both programs ask about them. */
#ifndef DANGOL_PROTO_COMMAND_ASK_CONTACT_H
#define DANGOL_PROTO_COMMAND_ASK_CONTACT_H

#include "proto/command/command.h"
#include "proto/model/followups.h"

/* followups findings; ends with a name of NULL. */
extern const struct command ask_contact_commands[];

int ask_promises(struct call *call);   /* `promise list` */
int ask_gatherings(struct call *call); /* `gathering list`, `gathering year`, `gathering guests` */
int ask_findings(struct call *call);
int ask_staff(struct call *call); /* `staff`, `staff sample` */

/* One follow-up that outlives the read lock: its views are copies. */
struct followup_list {
    struct followup *items;
    size_t count;
    struct buf text; /* of the views */
};
/* `asked` without what the site knows: zone, reader, whether it is the region. */
int followup_list_open(struct call *call, const struct followup_question *asked, struct followup_list *out);
void followup_list_close(struct followup_list *list);

/* The staff code in an event's frame; appends, nothing where there is none. */
void ask_actor(struct call *call, uint64_t event, struct buf *out);
/* A sealed text of one event, opened; appends, nothing where there is none or no key. */
void ask_sealed_text(struct call *call, uint64_t event, int bit, struct buf *out);

#endif
