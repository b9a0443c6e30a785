/* What a shop does for its customers: consents, tags, relations, keepers and reviews, promises, benefits, points,
 * packages, tiers given by hand, gatherings, rainy days, staff, talks; complaints that wait, wander and come back; and
 * at the desk the region's policy. Written as the commands write it, with a name on it, and now and then of a day long
 * past. */
#include <stdio.h>
#include <stdlib.h>

#include "proto/event/describe.h"
#include "proto/model/followups.h"
#include "proto/model/policies.h"
#include "tests/sim/scene.h"

#define LONG_AGO_DAYS 500

static const char *const codes[] = {"A1", "A2", "B7", "M1"};
static const char *const skus[] = {"coat", "scarf", "facial", "massage"};

#define ANY(s, list) ((list)[sim_roll((s)->sim, sizeof(list) / sizeof *(list))])

/* ---- Writing ---- */

struct writing {
    struct draft draft;
    struct buf lines;
};

static void begin(struct scene *s, struct writing *w, enum event_type type, uint64_t subject) {
    *w = (struct writing){.lines = BUF_INIT};
    w->draft.subject = SUBJECT_GIVEN;
    event_init(&w->draft.event, type);
    w->draft.event.subject = subject;
    if (!sim_once_in(s->sim, 4)) w->draft.event.actor = view_of(ANY(s, codes));
    if (sim_once_in(s->sim, 6))
        w->draft.event.at = site_now(s->site) - (int64_t)sim_roll(s->sim, (uint64_t)(LONG_AGO_DAYS * DAY_MS));
}

static uint64_t write_it(struct scene *s, struct writing *w) {
    uint64_t id = trade_write(s->site, &w->draft);
    buf_release(&w->lines);
    scene_keep_thing(s, id);
    return id;
}

static void seal_text(struct writing *w, int bit, const char *text) {
    event_sealed_set(&w->draft.event, event_info(w->draft.event.type), bit, view_of(text));
}

/* `about` begins an event about whoever comes. False: nobody does. */
static bool about(struct scene *s, struct writing *w, enum event_type type) {
    uint64_t id = scene_visitor(s);
    if (id == 0) return false;
    begin(s, w, type, id);
    return true;
}

static int64_t maybe(struct scene *s, int64_t value) { return sim_once_in(s->sim, 2) ? value : NIL; }

/* ---- The file ---- */

static void act_consent(struct scene *s) {
    struct writing w;
    if (!about(s, &w, EVENT_consent)) return;
    w.draft.event.body.consent.purpose = 1 + (int64_t)sim_roll(s->sim, 2);
    w.draft.event.body.consent.given = !sim_once_in(s->sim, 4);
    write_it(s, &w);
}

static void act_verify(struct scene *s) {
    struct writing w;
    if (!about(s, &w, EVENT_verified)) return;
    w.draft.event.body.verified.valid = !sim_once_in(s->sim, 3);
    if (w.draft.event.body.verified.valid == 0) seal_text(&w, SEALED_verified_findings, "Somebody has moved");
    write_it(s, &w);
}

static void act_tag(struct scene *s) {
    struct writing w;
    if (!about(s, &w, EVENT_tagged)) return;
    w.draft.event.body.tagged.on = !sim_once_in(s->sim, 3);
    if (sim_once_in(s->sim, 4))
        seal_text(&w, SEALED_tagged_label, sim_once_in(s->sim, 2) ? "sings, says Somebody" : "Somebody's aunt");
    else
        w.draft.event.body.tagged.tag = 1 + (int64_t)sim_roll(s->sim, 5);
    write_it(s, &w);
}

static void act_relate(struct scene *s) {
    struct writing w, back;
    uint64_t other = scene_visitor(s);
    if (other == 0 || !about(s, &w, EVENT_related) || w.draft.event.subject == other) return;
    w.draft.event.body.related.other = other;
    w.draft.event.body.related.relation = 1 + (int64_t)sim_roll(s->sim, 4);
    w.draft.event.body.related.on = !sim_once_in(s->sim, 4);
    begin(s, &back, EVENT_related, other);
    back.draft.event.body.related = w.draft.event.body.related;
    back.draft.event.body.related.other = w.draft.event.subject;
    write_it(s, &w);
    if (!sim_once_in(s->sim, 5)) write_it(s, &back);
}

static void act_refer(struct scene *s) {
    struct writing w;
    uint64_t newcomer = 0;
    scene_customer(s, &newcomer);
    if (newcomer == 0) newcomer = scene_visitor(s);
    if (newcomer == 0 || !about(s, &w, EVENT_referred) || w.draft.event.subject == newcomer) return;
    w.draft.event.body.referred.newcomer = newcomer;
    write_it(s, &w);
}

static void act_hand_over(struct scene *s) {
    static const char *const stores[] = {"S1", "S2"};
    struct writing w;
    if (!about(s, &w, EVENT_custodian)) return;
    if (!sim_once_in(s->sim, 5)) w.draft.event.body.custodian.staff = view_of(ANY(s, codes));
    if (s->pc == &s->sim->hub || sim_once_in(s->sim, 4)) w.draft.event.body.custodian.store = view_of(ANY(s, stores));
    write_it(s, &w);
}

static void act_review(struct scene *s) {
    struct writing w;
    begin(s, &w, EVENT_reviewed, 0);
    w.draft.event.body.reviewed.files = maybe(s, (int64_t)sim_roll(s->sim, 50));
    write_it(s, &w);
}

static void act_leave(struct scene *s) {
    struct writing w;
    if (!about(s, &w, EVENT_left)) return;
    w.draft.event.body.left.reason = 1 + (int64_t)sim_roll(s->sim, 6);
    if (sim_once_in(s->sim, 2)) seal_text(&w, SEALED_left_note, "nothing new here, says Somebody");
    write_it(s, &w);
}

/* Fields that no link depends on; the days in them bring follow-ups. */
static void act_ask_next(struct scene *s) {
    struct writing w;
    char day[24];
    struct buf after = BUF_INIT;
    uint64_t heads[AFTER_MAX];
    if (!about(s, &w, EVENT_updated)) return;
    struct body_updated *body = &w.draft.event.body.updated;
    snprintf(day, sizeof day, "19%02u-%02u-%02u", 50 + (unsigned)sim_roll(s->sim, 50),
             1 + (unsigned)sim_roll(s->sim, 12), 1 + (unsigned)sim_roll(s->sim, 29));
    if (sim_once_in(s->sim, 2)) seal_text(&w, SEALED_updated_birthday, day);
    if (sim_once_in(s->sim, 2)) seal_text(&w, SEALED_updated_size, "M, says Somebody");
    if (sim_once_in(s->sim, 3)) seal_text(&w, SEALED_updated_occasions, day);
    if (sim_once_in(s->sim, 3)) seal_text(&w, SEALED_updated_taste, "grey, says Somebody");
    if (w.draft.event.sealed_bits == 0 || sim_once_in(s->sim, 8)) {
        w.draft.event.sealed_bits |= UINT64_C(1) << SEALED_updated_address;
        body->cleared = INT64_C(1) << SEALED_updated_address;
    }
    if (sim_once_in(s->sim, 3)) body->source = choice_role_assistant;
    size_t count = model_heads(s->site->model, w.draft.event.subject, w.draft.event.sealed_bits, heads, AFTER_MAX);
    for (size_t i = 0; i < count && i < AFTER_MAX; i++) list_append_id(&w.draft.event.after, &after, heads[i]);
    write_it(s, &w);
    buf_release(&after);
}

/* ---- Trade ---- */

static void add_line(struct scene *s, struct writing *w, struct list *lines) {
    struct row_sale_line line;
    row_sale_line_init(&line);
    line.sku = view_of(ANY(s, skus));
    line.quantity = 1000 * (1 + (int64_t)sim_roll(s->sim, 3));
    line.amount = 1000 + (int64_t)sim_roll(s->sim, 200000);
    if (sim_once_in(s->sim, 2)) line.list_amount = line.amount + (sim_once_in(s->sim, 3) ? 5000 : 0);
    if (sim_once_in(s->sim, 2)) line.cost = (int64_t)sim_roll(s->sim, 150000);
    if (sim_once_in(s->sim, 3)) line.sessions = 1 + (int64_t)sim_roll(s->sim, 10);
    row_sale_line_append(lines, &w->lines, &line);
}

static void act_ring_up(struct scene *s) {
    struct writing w;
    uint64_t id = sim_once_in(s->sim, 4) ? 0 : scene_visitor(s);
    begin(s, &w, EVENT_sold, id);
    if (id == 0) w.draft.subject = SUBJECT_SELF;
    for (uint64_t i = 1 + sim_roll(s->sim, 3); i > 0; i--) add_line(s, &w, &w.draft.event.body.sold.lines);
    w.draft.event.body.sold.care_told = maybe(s, 1);
    w.draft.event.body.sold.card_given = maybe(s, 0);
    scene_keep_sale(s, write_it(s, &w));
}

static void act_take_back(struct scene *s) {
    struct writing w;
    uint64_t sale = sim_once_in(s->sim, 3) ? 0 : scene_own_sale(s);
    uint64_t subject = sale == 0 ? scene_visitor(s) : scene_subject_of(s, sale);
    if (subject == 0) return;
    begin(s, &w, EVENT_returned, subject);
    w.draft.event.body.returned.sale = sale;
    add_line(s, &w, &w.draft.event.body.returned.lines);
    write_it(s, &w);
}

static void act_redeem(struct scene *s) {
    struct writing w;
    if (!about(s, &w, EVENT_redeemed)) return;
    w.draft.event.body.redeemed.points = 1 + (int64_t)sim_roll(s->sim, 200);
    w.draft.event.body.redeemed.balance = maybe(s, (int64_t)sim_roll(s->sim, 500));
    if (sim_once_in(s->sim, 2)) w.draft.event.body.redeemed.tier = view_of("gold");
    write_it(s, &w);
}

static void act_benefit(struct scene *s) {
    struct writing w;
    if (!about(s, &w, EVENT_benefit)) return;
    w.draft.event.body.benefit.kind = 1 + (int64_t)sim_roll(s->sim, 4);
    w.draft.event.body.benefit.cost = maybe(s, (int64_t)sim_roll(s->sim, 9000));
    if (sim_once_in(s->sim, 2)) seal_text(&w, SEALED_benefit_note, "Somebody was glad");
    write_it(s, &w);
}

static void act_use_package(struct scene *s) {
    struct writing w;
    uint64_t sale = scene_own_sale(s), whose = sale == 0 ? 0 : scene_subject_of(s, sale);
    if (whose == 0 || whose == sale) return;
    begin(s, &w, EVENT_package_used, sim_once_in(s->sim, 4) ? scene_visitor(s) : whose);
    if (w.draft.event.subject == 0) return;
    w.draft.event.body.package_used.sale = sale;
    w.draft.event.body.package_used.sku = view_of(ANY(s, skus));
    w.draft.event.body.package_used.sessions = 1 + (int64_t)sim_roll(s->sim, 3);
    if (sim_once_in(s->sim, 2)) seal_text(&w, SEALED_package_used_note, "dry skin, says Somebody");
    write_it(s, &w);
}

static void act_grant(struct scene *s) {
    static const char *const tiers[] = {"silver", "gold", "platinum", "of an older policy"};
    struct writing w;
    if (!about(s, &w, EVENT_tier_granted)) return;
    if (!sim_once_in(s->sim, 4)) w.draft.event.body.tier_granted.tier = view_of(ANY(s, tiers));
    w.draft.event.body.tier_granted.until =
        maybe(s, site_now(s->site) + (int64_t)sim_roll(s->sim, (uint64_t)(40 * DAY_MS)) - 10 * DAY_MS);
    if (sim_once_in(s->sim, 2)) seal_text(&w, SEALED_tier_granted_reason, "Somebody asked for it");
    write_it(s, &w);
}

/* ---- Contacts ---- */

/* One of the follow-ups that this site shows: what a contact answers. False: it shows none. */
static bool draw_followup(struct scene *s, struct followup *out) {
    struct followup *list;
    size_t count;
    struct followup_question question = {
        .now = site_now(s->site), .zone = &s->site->zone, .region = s->site->config.role == ROLE_HUB};
    followups(s->site->model, &question, &list, &count);
    if (count > 0) *out = list[sim_roll(s->sim, count)];
    free(list);
    return count > 0;
}

static void act_contact(struct scene *s) {
    static const char *const purposes[] = {"fit", "news", "birthday"};
    struct writing w;
    struct followup answered;
    char text[FOLLOWUP_TEXT];
    bool answers = sim_once_in(s->sim, 3) && draw_followup(s, &answered);
    uint64_t id = answers ? answered.person : scene_visitor(s);
    if (id == 0) return;
    begin(s, &w, EVENT_contacted, id);
    struct body_contacted *body = &w.draft.event.body.contacted;
    body->kind = 1 + (int64_t)sim_roll(s->sim, 7);
    body->purpose = view_of(ANY(s, purposes));
    /* Not a wrong number: that says more than this act may. */
    body->outcome = sim_once_in(s->sim, 8) ? choice_outcome_declined : (int64_t)sim_roll(s->sim, 3);
    body->satisfaction = maybe(s, 1 + (int64_t)sim_roll(s->sim, 5));
    body->minutes = maybe(s, (int64_t)sim_roll(s->sim, 60));
    if (sim_once_in(s->sim, 3)) body->matter = 1 + (int64_t)sim_roll(s->sim, 3);
    if (answers) body->answers = view_of(followup_format(&answered, text));
    if (sim_once_in(s->sim, 3)) body->gathering = s->sim->gathering;
    if (sim_once_in(s->sim, 2)) seal_text(&w, SEALED_contacted_note, "has a wish, says Somebody");
    write_it(s, &w);
}

static void act_promise(struct scene *s) {
    struct writing w;
    struct followup open;
    bool keeps = sim_once_in(s->sim, 2) && draw_followup(s, &open) && open.kind == FOLLOWUP_PROMISE;
    uint64_t id = keeps ? open.person : scene_visitor(s);
    if (id == 0) return;
    begin(s, &w, EVENT_promised, id);
    w.draft.event.body.promised.due = site_now(s->site) + (int64_t)sim_roll(s->sim, (uint64_t)(6 * DAY_MS)) - DAY_MS;
    if (keeps) w.draft.event.body.promised.keeps = open.cause;
    if (!keeps) seal_text(&w, SEALED_promised_text, "will ask the factory, said Somebody");
    write_it(s, &w);
}

static void act_gather(struct scene *s) {
    struct writing w;
    begin(s, &w, EVENT_gathering, 0);
    w.draft.event.body.gathering.name = view_of("autumn tea");
    w.draft.event.body.gathering.cost = maybe(s, (int64_t)sim_roll(s->sim, 90000));
    uint64_t id = write_it(s, &w);
    if (id != 0) s->sim->gathering = id;
}

static void act_mark_day(struct scene *s) {
    struct writing w;
    begin(s, &w, EVENT_day_marked, 0);
    w.draft.event.body.day_marked.mark = sim_once_in(s->sim, 4) ? choice_day_mark_closed : choice_day_mark_rainy;
    w.draft.event.body.day_marked.on = !sim_once_in(s->sim, 4);
    write_it(s, &w);
}

static void act_staff(struct scene *s) {
    struct writing w;
    begin(s, &w, EVENT_staff, 0);
    w.draft.subject = SUBJECT_SELF;
    w.draft.event.body.staff.code = view_of(ANY(s, codes));
    w.draft.event.body.staff.role = 1 + (int64_t)sim_roll(s->sim, 4);
    w.draft.event.body.staff.active = !sim_once_in(s->sim, 4);
    w.draft.event.body.staff.keeper = maybe(s, 1);
    seal_text(&w, SEALED_staff_name, "Somebody's colleague");
    write_it(s, &w);
}

/* ---- Complaints ---- */

static bool fill_thread(struct scene *s, uint64_t complaint, struct writing *w, enum event_type type) {
    struct cut all = {TIME_NONE, TIME_NONE};
    struct complaint thread;
    uint64_t heads[AFTER_MAX];
    if (complaint == 0 || !complaint_of(s->site->model, complaint, &all, &s->site->zone, site_now(s->site), &thread))
        return false;
    begin(s, w, type, thread.subject);
    if (w->draft.event.at != NIL && w->draft.event.at < thread.opened_at) w->draft.event.at = NIL;
    size_t count = complaint_heads(s->site->model, complaint, heads, AFTER_MAX);
    for (size_t i = 0; i < count && i < AFTER_MAX; i++) list_append_id(&w->draft.event.after, &w->lines, heads[i]);
    return true;
}

static void act_settle(struct scene *s) {
    static const int64_t steps[] = {choice_step_cause, choice_step_compensate, choice_step_outcome};
    struct writing w;
    uint64_t complaint = scene_complaint(s);
    if (!fill_thread(s, complaint, &w, EVENT_stepped)) return;
    struct body_stepped *body = &w.draft.event.body.stepped;
    body->complaint = complaint;
    body->step = ANY(s, steps);
    body->skipped = view_of("in a hurry");
    if (body->step == choice_step_cause) body->cause = view_of(sim_once_in(s->sim, 2) ? "dye" : "seam");
    if (body->step == choice_step_compensate) {
        body->settlement = 1 + (int64_t)sim_roll(s->sim, 6);
        body->cost = maybe(s, (int64_t)sim_roll(s->sim, 30000));
    }
    if (body->step == choice_step_outcome) {
        body->satisfied = maybe(s, (int64_t)sim_roll(s->sim, 2));
        body->score = maybe(s, 1 + (int64_t)sim_roll(s->sim, 5));
    }
    if (sim_once_in(s->sim, 2)) seal_text(&w, SEALED_stepped_text, "was sorry, said Somebody");
    write_it(s, &w);
}

/* A store may be named that has never heard of it: it is served the customer from then on. */
static void act_route(struct scene *s) {
    struct writing w;
    uint64_t complaint = scene_complaint(s);
    size_t store = (size_t)sim_roll(s->sim, s->sim->net.store_count);
    if (!fill_thread(s, complaint, &w, EVENT_routed)) return;
    w.draft.event.body.routed.complaint = complaint;
    w.draft.event.body.routed.level = 1 + (int64_t)sim_roll(s->sim, 3);
    if (w.draft.event.body.routed.level == choice_level_store)
        w.draft.event.body.routed.store = view_of(s->sim->net.stores[store].machine.config.store);
    if (sim_once_in(s->sim, 2)) seal_text(&w, SEALED_routed_text, "is theirs, says Somebody");
    write_it(s, &w);
}

/* ---- The region's policy ---- */

static const struct setting {
    const char *key, *value;
} settings[] = {
    {"tiers", "silver:50000,gold:200000"},
    {"tiers", "bronze:10000,silver:80000,gold:300000,platinum:500000"},
    {"tiers", "off"},
    {"tier-window", "30"},
    {"tier-window", "2"},
    {"vip-tiers", "0"},
    {"vip-tiers", "1"},
    {"vip-tiers", "3"},
    {"tier-window", "year"},
    {"thank-amount", "100000"},
    {"thank-amount", "off"},
    {"thank-days", "1"},
    {"letter-spend", "150000,400000"},
    {"point-spend", "500"},
    {"point-spend", "off"},
    {"points-referral", "7"},
    {"package-months", "1"},
    {"birthday-days", "30"},
    {"followup-days", "200"},
    {"inactive-months", "1,3"},
    {"lost-months", "2"},
    {"bands", "2,3"},
    {"band-window", "60"},
    {"answer-hours", "2"},
    {"resolve-hours", "20"},
    {"level-hours", "5,30"},
    {"business-hours", "Mon-Fri 10:00-13:00 14:00-20:00, Sat 10:00-18:00"},
    {"business-hours", "off"},
    {"holidays", "2025-12-05,12-08"},
    {"rainy-thanks", "0"},
    {"care-month", "12"},
    {"contest-sample", "2"},
    {"score-weights", "spend:1,visits:1,referrals:8"},
    {"ask-order", "size,birthday,phone"},
    {"stale-months", "1"},
    {"alert-count", "2"},
};

static void act_set_policy(struct scene *s) {
    const struct setting *setting = &ANY(s, settings);
    struct writing w;
    begin(s, &w, EVENT_policy, 0);
    w.draft.event.at = NIL;
    w.draft.event.body.policy.key = view_of(setting->key);
    w.draft.event.body.policy.value = view_of(setting->value);
    if (!sim_once_in(s->sim, 3)) {
        int64_t days = (int64_t)sim_roll(s->sim, 40) - 30, from = site_now(s->site) + days * DAY_MS;
        w.draft.event.body.policy.effective_from = from - from % DAY_MS;
    }
    write_it(s, &w);
}

/* ---- Tables ---- */

static const struct act counter[] = {
    {4, act_consent},   {2, act_verify},  {6, act_tag},     {3, act_relate},      {5, act_refer},
    {4, act_hand_over}, {1, act_review},  {2, act_leave},   {6, act_ask_next},    {16, act_ring_up},
    {4, act_take_back}, {4, act_redeem},  {3, act_benefit}, {5, act_use_package}, {3, act_grant},
    {10, act_contact},  {5, act_promise}, {1, act_gather},  {2, act_mark_day},    {2, act_staff},
    {5, act_settle},    {3, act_route},
};
static const struct act desk[] = {
    {8, act_set_policy}, {4, act_contact}, {2, act_promise}, {2, act_grant}, {3, act_hand_over}, {1, act_gather},
    {2, act_tag},        {4, act_settle},  {4, act_route},   {1, act_staff}, {1, act_consent},   {1, act_leave},
};

void care_at_the_counter(struct scene *s) { act_draw(s->sim, counter, sizeof counter / sizeof *counter)->act(s); }
void care_at_the_desk(struct scene *s) { act_draw(s->sim, desk, sizeof desk / sizeof *desk)->act(s); }
