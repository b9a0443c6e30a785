/* Credits (P3): which newcomers bring whoever brought them points, from when on. What that takes, what the newcomer
 * buys and brings back, and who is one person with whom, is not known at every store that serves the one who brought
 * her; so it is judged here, whenever any of it may have changed, and said of the one who brought her. What is due is
 * what the model says of all it knows (credits.h) and has not been said: judging again says nothing. */
#include <stdio.h>

#include "hub/interest.h"
#include "hub/judge_parts.h"
#include "proto/model/credits.h"

#define RULINGS_AT_ONCE 1000u

static void touch(struct sitting *s, uint64_t id) {
    if (id != 0) idmap_put(&s->bought, id, NULL);
}

/* Whoever was brought by her may have been brought by somebody else now. */
static void touch_all_of(struct sitting *s, uint64_t id) {
    struct credit_ids brought = {NULL, 0, 0};
    touch(s, id);
    credits_brought_by(s->site->model, id, &brought);
    for (uint32_t i = 0; i < brought.count; i++) touch(s, brought.items[i]);
    VEC_RELEASE(brought);
}

static void touch_concerned(struct sitting *s, const struct event *event) {
    struct interest interest;
    struct interest_ids ids = {NULL, 0, 0};
    interest_open(&interest, s->site);
    interest_concerned(&interest, event, &ids);
    for (uint32_t i = 0; i < ids.count; i++) touch_all_of(s, ids.items[i]);
    VEC_RELEASE(ids);
    interest_close(&interest);
}

/* A void of a referral touches the newcomer. */
static void touch_voided(struct sitting *s, uint64_t id) {
    struct buf copy = BUF_INIT;
    struct record record;
    struct event event;
    if (log_get_id(s->site->log, id, &record, &copy, NULL) == 0 &&
        event_decode(record.frame, &event, NULL) == EVENT_GOOD && event.type == EVENT_referred)
        touch(s, event.body.referred.newcomer);
    buf_release(&copy);
}

void credits_hear(struct sitting *s, const struct heard *heard) {
    const struct event *event = heard->event;
    uint64_t subject = model_subject(event, heard->record->id, heard->standing);
    site_read(s->site);
    switch (event->type) {
    case EVENT_sold:
    case EVENT_returned:
        if (credits_concern(s->site->model, subject)) touch(s, subject);
        break;
    case EVENT_referred: touch(s, event->body.referred.newcomer); break;
    case EVENT_voided:
        touch(s, subject);
        touch_voided(s, event->body.voided.event);
        touch_concerned(s, event);
        break;
    case EVENT_linked:
    case EVENT_unlinked:
    case EVENT_attributed:
        touch_all_of(s, subject);
        touch_concerned(s, event);
        break;
    case EVENT_clock: s->judge->credits_all = true; break;
    default: break;
    }
    site_unread(s->site);
}

static void touch_everybody(struct sitting *s) {
    struct credit_ids all = {NULL, 0, 0};
    site_read(s->site);
    credits_newcomers(s->site->model, &all);
    site_unread(s->site);
    for (uint32_t i = 0; i < all.count; i++) touch(s, all.items[i]);
    VEC_RELEASE(all);
}

/* The ref only has to be new: what is due decides, not what was judged before. */
static void rule(struct sitting *s, const struct credit *credit) {
    char referral[ID_TEXT], place[ID_TEXT];
    struct ruling *ruling = sitting_rule(s, EVENT_credited, credit->subject);
    ruling->draft.event.at = credit->at;
    ruling->draft.event.body.credited = (struct body_credited){credit->referral, credit->on};
    snprintf(ruling->ref, sizeof ruling->ref, "credit %s %u %s", id_format(credit->referral, referral), credit->said,
             id_format(id_make(s->site->config.stream, log_tip(s->site->log)), place));
}

/* `judged`: persons of whom it was said in this sitting. */
static int judge_newcomer(struct sitting *s, uint64_t id, struct idmap *judged, struct err *err) {
    struct credits due = {NULL, 0, 0};
    bool fresh;
    site_read(s->site);
    idmap_put(judged, model_person(s->site->model, id), &fresh);
    if (fresh) credits_due(s->site->model, id, &due);
    site_unread(s->site);
    for (uint32_t i = 0; i < due.count; i++) rule(s, &due.items[i]);
    VEC_RELEASE(due);
    return s->rulings.count < RULINGS_AT_ONCE ? 0 : sitting_write(s, NULL, err);
}

int credits_judge(struct sitting *s, struct err *err) {
    struct idmap judged = {NULL, 0, 0};
    int code = 0;
    if (s->judge->credits_all) touch_everybody(s);
    if (s->rulings.count > 0 && s->bought.count > 0) code = sitting_write(s, NULL, err); /* links first */
    for (size_t i = 0; code == 0 && s->bought.count > 0 && i <= s->bought.mask; i++)
        if (s->bought.slots[i].key != 0) code = judge_newcomer(s, s->bought.slots[i].key, &judged, err);
    if (code == 0) s->judge->credits_all = false;
    idmap_release(&judged);
    return code;
}
