#include "hub/judge.h"

#include <stdlib.h>
#include <string.h>

#include "hub/judge_parts.h"
#include "proto/base/bug.h"
#include "proto/event/hlc.h"

#define JUDGE_RECORDS 10000 /* a step: also the longest read transaction */
#define CURSOR_SIZE 16      /* position, origins */
#define CURSOR_EVERY 100000 /* records after which the cursor is committed without a judgement */

struct ruling *sitting_rule(struct sitting *s, enum event_type type, uint64_t subject) {
    struct ruling *ruling = VEC_ADD(s->rulings);
    memset(ruling, 0, sizeof *ruling);
    event_init(&ruling->draft.event, type);
    ruling->draft.event.subject = subject;
    return ruling;
}

static void forget_rulings(struct sitting *s) {
    for (uint32_t i = 0; i < s->rulings.count; i++) buf_release(&s->rulings.items[i].ids);
    s->rulings.count = 0;
}

int sitting_write(struct sitting *s, const struct log_value *cursor, struct err *err) {
    size_t count = s->rulings.count;
    struct draft *drafts = mem_alloc((count + 1) * sizeof *drafts);
    for (size_t i = 0; i < count; i++) {
        struct ruling *ruling = &s->rulings.items[i];
        struct event *event = &ruling->draft.event;
        event->ref = (struct ref){view_of(JUDGE_SOURCE), view_of(ruling->ref)};
        if (event->type == EVENT_voided) event->body.voided.reason = view_of(ruling->reason);
        drafts[i] = ruling->draft;
    }
    int code = site_write(s->site, drafts, count, cursor, cursor == NULL ? 0 : 1, NULL, err);
    free(drafts);
    forget_rulings(s);
    idmap_clear(&s->touched);
    return code;
}

/* ---- Former hubs ---- */

static int64_t time_of(struct site *site, uint64_t id) {
    uint64_t hlc = 0;
    clock_of(site, id, &hlc, NULL);
    return hlc_ms(hlc);
}

static int64_t began(struct site *site) {
    struct buf value = BUF_INIT;
    bool known = site->log->ops->value(site->log, view_of(JUDGE_BEGAN), &value) == 0 && value.len == 8;
    int64_t at = known ? (int64_t)get_u64_le(value.data) : INT64_MAX;
    buf_release(&value);
    return at;
}

/* As far as their streams are back by now. None goes on when one behind it has begun: where a clock was put back in
 * between, the same times were had twice, and what was received in them may be of the later one. */
static void find_eras(struct judge *judge) {
    struct site *site = judge->site;
    struct head head;
    judge->eras.count = 0;
    if (site->config.incarnation <= 1) return;
    int64_t next = began(site);
    for (uint32_t i = site->config.incarnation; i-- > 0;) {
        uint32_t stream = stream_make(i, 0);
        if (log_head(site->log, stream, &head) != 0) continue;
        int64_t from = time_of(site, id_make(stream, 1)), to = time_of(site, id_make(stream, head.seq));
        if (from >= next) continue; /* of nothing it is certain that this one has judged it */
        *VEC_ADD(judge->eras) = (struct judge_era){from, to < next ? to : next - 1};
        next = from;
    }
}

static bool within(const struct judge_era *era, int64_t at) { return at >= era->from && at <= era->to; }

bool judged_before(const struct judge *judge, int64_t received, int64_t other) {
    for (uint32_t i = 0; i < judge->eras.count; i++)
        if (within(&judge->eras.items[i], received) && within(&judge->eras.items[i], other)) return true;
    return false;
}

/* ---- A sitting ---- */

static int hear_records(struct sitting *s, uint64_t from, uint64_t to, struct err *err) {
    struct log_iterator *it;
    int code = s->site->log->ops->iterate(s->site->log, &it, err);
    if (code != 0) return code;
    code = it->ops->seek(it, from);
    struct record record;
    while (code == 0 && (code = it->ops->next(it, &record, err)) == 0 && record.position <= to) {
        struct event event;
        int standing = event_decode(record.frame, &event, NULL);
        if (standing < 0) continue; /* no frame at all: the log takes none of these */
        struct heard heard = {&record, &event, standing};
        clocks_hear(s, &heard);
        if (standing != EVENT_GOOD) continue;
        links_hear(s, &heard);
        erased_hear(s, &heard);
        doubles_hear(s, &heard);
        credits_hear(s, &heard);
    }
    it->ops->close(it);
    return code < 0 ? code : 0;
}

static int sit(struct sitting *s, struct judge *judge, uint64_t to, struct err *err) {
    find_eras(judge);
    int code = hear_records(s, judge->position + 1, to, err);
    if (code == 0) clocks_judge(s);
    if (code == 0) code = doubles_judge(s, to, err);
    if (code == 0) code = erased_judge(s, err); /* before links: who came back since stays apart from what came late */
    if (code == 0) code = links_judge(s, err);
    if (code == 0) code = credits_judge(s, err); /* once it is known who is one person */
    if (code != 0) return code;
    if (s->rulings.count > 0 || to - judge->stored >= CURSOR_EVERY) {
        uint8_t cursor[CURSOR_SIZE];
        put_u64_le(cursor, to);
        put_u64_le(cursor + 8, judge->origins);
        struct log_value value = {view_of(JUDGE_CURSOR), view_make(cursor, sizeof cursor)};
        if (BUG(judge_cursor_first)) site_set_values(s->site, &value, 1, NULL);
        code = sitting_write(s, &value, err);
        if (code == 0) judge->stored = to;
    }
    if (code == 0) judge->position = to;
    return code;
}

void judge_open(struct judge *judge, struct site *site) {
    struct buf value = BUF_INIT;
    *judge = (struct judge){.site = site, .doubles = doubles_open(), .suspects = suspects_open(), .credits_all = true};
    if (site->log->ops->value(site->log, view_of(JUDGE_CURSOR), &value) == 0 && value.len == CURSOR_SIZE) {
        judge->position = judge->stored = get_u64_le(value.data);
        judge->origins = get_u64_le(value.data + 8);
    }
    buf_release(&value);
}

void judge_close(struct judge *judge) {
    doubles_close(judge->doubles);
    suspects_close(judge->suspects);
    VEC_RELEASE(judge->eras);
    judge->doubles = NULL;
    judge->suspects = NULL;
}

void judge_afresh(struct judge *judge) {
    struct site *site = judge->site;
    judge_close(judge);
    *judge = (struct judge){.site = site, .doubles = doubles_open(), .suspects = suspects_open(), .credits_all = true};
}

static bool held(struct site *site) {
    struct buf value = BUF_INIT;
    bool there = site->config.incarnation == INCARNATION_UNKNOWN ||
                 site->log->ops->value(site->log, view_of(JUDGE_HOLD), &value) == 0;
    buf_release(&value);
    return there;
}

int judge_step(struct judge *judge, struct err *err) {
    uint64_t tip = log_tip(judge->site->log);
    if (judge->position >= tip && !clocks_waiting(judge)) return 0;
    if (held(judge->site)) return 0;
    uint64_t to = tip - judge->position <= JUDGE_RECORDS ? tip : judge->position + JUDGE_RECORDS;
    struct sitting s = {.judge = judge, .site = judge->site};
    int code = sit(&s, judge, to, err);
    VEC_RELEASE(s.claims);
    VEC_RELEASE(s.late);
    forget_rulings(&s);
    VEC_RELEASE(s.rulings);
    idmap_release(&s.touched);
    idmap_release(&s.bought);
    if (code != 0) clocks_forget(judge);
    return code != 0 ? code : to < log_tip(judge->site->log);
}
