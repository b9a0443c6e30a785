/* What commands that write have in common: whose hand, when it happened, the ref that makes a repeat harmless, and the
 * answer. Also the complaint desk's acts, which stores and the hub's desk do alike. */
#ifndef DANGOL_PROTO_COMMAND_ACT_H
#define DANGOL_PROTO_COMMAND_ACT_H

#include "proto/command/command.h"

extern const struct option act_options[]; /* --staff --at --ref */

/* Starts a draft: type, actor, time, ref ("cli COMMAND", KEY). The views borrow from the call. */
int act_draft(struct call *call, struct draft *draft, enum event_type type, int subject, uint64_t subject_id);
/* A sealed field from text as written; nothing when NULL, cleared when empty and `may_clear`. */
void act_seal(struct draft *draft, int bit, const char *text);
/* A choice from an option's word; 0 when not given. */
struct choice_list;
int act_choice(struct call *call, const char *option, const struct choice_list *list, int64_t *out);
/* A short text in the clear from an option, bounded by the catalogue; VIEW_NONE when not given. */
struct view act_word(const struct call *call, const char *option);
/* Was the draft's ref written before? Then that is the answer, whatever has happened since: there is nothing to check
 * and to write. */
bool act_repeats(struct call *call, struct draft *draft, const char *done);
/* Writes all drafts in one commit and answers with the id of the first. `done` is the verb for people: "registered". */
int act_write(struct call *call, struct draft *drafts, size_t count, const char *done);
/* The answer alone, with `more` (may be NULL) in the JSON; for who writes by himself. Takes `more` over. */
void act_answer(struct call *call, const struct draft *draft, const char *done, json_t *more);

/* For both programs' tables; each ends with a name of NULL. */
extern const struct command act_commands[];         /* complaint void attribute grant left */
extern const struct command act_file_commands[];    /* consent tag relation custodian handover */
extern const struct command act_contact_commands[]; /* contact promise */
extern const struct command act_staff_commands[];   /* staff verify-file gathering */
extern const struct command act_user_commands[];    /* user */
extern const struct option act_complaint_options[];
extern const struct grammar act_complaint_grammar;
int act_complaint(struct call *call);
int act_void(struct call *call);
int act_attribute(struct call *call);
int act_grant(struct call *call);
int act_left(struct call *call);

#endif
