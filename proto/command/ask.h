/* The questions both programs answer: over the region on the hub, over what the store knows on a node.
 * Each is a function of (model, cut, scope) and then a listing; sealed names and cards are opened for the rows shown.
 * */
#ifndef DANGOL_PROTO_COMMAND_ASK_H
#define DANGOL_PROTO_COMMAND_ASK_H

#include "proto/command/command.h"
#include "proto/model/questions.h"

/* vip pyramid segments rfm customer purchases complaints report digest verify log; ends with a name of NULL. */
extern const struct command ask_commands[];

extern const struct command ask_file_commands[]; /* recall search fields monthly rules tags; the same */

/* access; the same. */
extern const struct command ask_access_commands[];
int ask_access(struct call *call);

int ask_fields(struct call *call);
int ask_search(struct call *call);
int ask_monthly(struct call *call);
int ask_rules(struct call *call);
extern const struct option ask_monthly_options[];
int ask_vip(struct call *call);
int ask_pyramid(struct call *call);
int ask_segments(struct call *call);
int ask_rfm(struct call *call);
int ask_customer(struct call *call);
int ask_complaints(struct call *call);
int ask_complaint(struct call *call); /* `complaint show ID` */
/* Opened at this store, or routed to it? Between ask_begin and ask_end. */
bool ask_complaint_of_store(const struct model *model, const struct complaint *c, const char *store);
int ask_alerts(struct call *call);
int ask_digest(struct call *call);
int ask_verify(struct call *call);
int ask_log(struct call *call);
/* The log's bytes, looked at by another process before this one opens them; answers like verify when they are
 * damaged. */
int ask_sound(struct call *call);

/* Options of the questions, for a replay to take over. */
extern const struct option ask_vip_options[], ask_pyramid_options[], ask_segments_options[], ask_complaints_options[];

/* --as-of, --window, --store, --chain. Without --as-of a cut ends now; a replay's cut ends where it says. */
int ask_cut(struct call *call, struct cut *cut, struct scope *scope);
/* Is the store or chain that --store or --chain names one of those known here? ERR_NOT_FOUND tells them. */
int ask_known(struct call *call, const char *option);
/* The end of an answer as of `to`, which is not after `latest`; a person who asked for more is told so. */
int64_t ask_not_after(const struct call *call, int64_t to, int64_t latest);
/* The model to ask, held still until ask_end. */
const struct model *ask_begin(struct call *call);
void ask_end(struct call *call);

/* For a report, whose answer takes longer than others may wait for the model: it is given away at each rest, and how
 * far the report is stands in a bar (`what`, in words). What it reads between two rests belongs together; it says
 * itself how the whole does. Also under ask_report_end. */
const struct model *ask_report_begin(struct call *call, const char *what, struct pace *pace);
void ask_report_end(struct call *call);

/* The latest moment that counts: now, or where a replay is cut. */
int64_t ask_latest(const struct call *call);

/* A hub that opens nothing sealed for now says so once a call, beside the answer. */
void ask_tell_closed(struct call *call);

/* The card of a person, for ranking_ties; `context` is the call. */
void ask_card_of(void *context, uint64_t person, struct buf *out);
/* JSON of a time in the region's zone, an id, a sealed field of a person; null where there is none. */
json_t *ask_time(const struct call *call, int64_t ms);
json_t *ask_id(uint64_t id);
json_t *ask_person_field(struct call *call, uint64_t person, int bit);
/* Several at once, each event that holds some of them opened once; zeroed before, to be wiped. */
void ask_person_file(struct call *call, uint64_t person, uint64_t bits, struct person_file *out);
json_t *ask_text(struct view text);
/* The custom fields that these customers' files tell together, null where one was taken away; and those of a person as
 * the text of an object, null where there are none. */
json_t *ask_custom(struct call *call, const uint64_t *customers, size_t count);
json_t *ask_person_custom(struct call *call, uint64_t person);
/* An event of the log as a row of JSON (json.h), opened where the key is here, with both its times: "at" is when it
 * happened, corrected where the hub corrected the clock ("hlc" stays as written); "received" is when the hub took it,
 * null on what this site wrote or nobody has told. */
json_t *ask_event(struct call *call, const struct record *record);
/* Such a row for people; appends. The line: time, id, type and what it says; the text: what it says only. */
void ask_event_line(const struct call *call, const json_t *row, struct buf *out);
void ask_event_text(const struct call *call, const json_t *row, struct buf *out);
/* A time of a row to the minute, as people read it; appends. */
void ask_minute(struct buf *out, const char *time);
/* The store a stream is of; null: not known, or the hub's. */
json_t *ask_store_of(struct call *call, uint32_t stream);
/* A complaint with its clocks, as `complaints` lists it. */
json_t *ask_complaint_row(struct call *call, const struct complaint *c);
/* A complaint as written, in whatever state; ERR_USAGE for NULL, ERR_NOT_FOUND. */
int ask_thread(struct call *call, const char *written, struct complaint *out);
/* A customer named by ID, --phone or --card, with whom something is to be done; fills call->error. Nothing is done with
 * somebody who was erased; ask_whoever finds them, too. */
int ask_whom(struct call *call, const char *id, uint64_t *out);
int ask_whoever(struct call *call, const char *id, uint64_t *out);
/* May whoever asks see this person? An account that is bound to a store sees whom that store serves. */
bool ask_sees(struct call *call, uint64_t person);

#endif
