#include "proto/command/ask.h"

#include <string.h>

#include "proto/command/ask_directory.h"
#include "proto/command/ask_loyalty.h"
#include "proto/command/ask_report.h"
#include "proto/command/ask_sales.h"
#include "proto/event/describe.h"
#include "proto/event/json.h"
#include "proto/model/served.h"

#define SCOPE_OPTIONS                                                                                                  \
    {"as-of", "DATE", "as it was at the end of that day (default: now)", false},                                       \
        {"window", "all|year|season|DAYS", "count only what happened in it (default: all)", false},                    \
        {"store", "S", "only what happened at this store", false}, {                                                   \
        "chain", "C", "only at stores of this chain", false                                                            \
    }
#define END_OF_OPTIONS                                                                                                 \
    { NULL, NULL, NULL, false }

const struct option ask_vip_options[] = {
    {"top", "N", "how many (default: 100)", false},
    {"by", "spend|visits|margin|referrals|score", "the measure (default: spend)", false},
    {"custodian", "CODE", "only whom this employee looks after now, also who bought nothing (at the hub: of --store)",
     false},
    SCOPE_OPTIONS,
    END_OF_OPTIONS,
};
const struct option ask_pyramid_options[] = {SCOPE_OPTIONS, END_OF_OPTIONS};
const struct option ask_segments_options[] = {
    {"as-of", "DATE", "as it was at the end of that day (default: now)", false},
    {"r", "1-5", "only those of this group by recency", false},
    {"f", "1-5", "by frequency", false},
    {"m", "1-5", "by money", false},
    {"tier", "T", "only those of this tier; none: those without", false},
    {"changed", NULL, "in a replay --policy: only those whose tier is another one", false},
    END_OF_OPTIONS,
};
static const struct option rfm_options[] = {{"as-of", "DATE", "as it was at the end of that day (default: now)", false},
                                            END_OF_OPTIONS};
const struct option ask_complaints_options[] = {
    {"open", NULL, "those not closed (default)", false},
    {"overdue", NULL, "those without a first answer in time", false},
    {"unsatisfied", NULL, "closed ones whose customer is not satisfied: a last offer or a second cycle is due", false},
    {"all", NULL, "closed ones too", false},
    {"level", "store|region|company", "whose matter it is now", false},
    {"store", "S", "opened at this store, or routed to it", false},
    {"vip", NULL, "of VIPs: customers of the highest tiers (the policy vip-tiers)", false},
    {"as-of", "TIME", "as it was then (default: now)", false},
    END_OF_OPTIONS,
};
static const struct option ask_alerts_options[] = {
    {"as-of", "DATE", "as it was at the end of that day (default: now)", false}, END_OF_OPTIONS};
static const struct option customer_options[] = {
    {"phone", "P", "by telephone number", false},
    {"card", "C", "by number of the contact card", false},
    {"history", "N", "how many of the latest events (default: all)", false},
    END_OF_OPTIONS,
};
static const struct option digest_options[] = {{"store", "S", "over the people of this store", false}, END_OF_OPTIONS};
static const struct option log_options[] = {
    {"stream", "N", "only this stream", false},
    {"from", "SEQ", "from this sequence on (default: 1)", false},
    {"follow", NULL, "go on as the log grows, until Ctrl-C", false},
    END_OF_OPTIONS,
};

/* One way to name a customer; one kind of complaints. */
static const struct rule customer_rules[] = {{"phone card", "", true}, {NULL, NULL, false}};
static const struct rule complaints_rules[] = {{"open overdue unsatisfied all", NULL, true}, {NULL, NULL, false}};
static const struct grammar customer_grammar = {NULL, customer_rules}, complaints_grammar = {NULL, complaints_rules};

const struct command ask_commands[] = {
    {"vip", "", "rank the customers", NEEDS_SITE, 0, 0, ask_vip_options, NULL, false, ask_vip, NULL},
    {"pyramid", "", "which share of sales the top 20% bring", NEEDS_SITE, 0, 0, ask_pyramid_options, NULL, false,
     ask_pyramid, NULL},
    {"segments", "", "R, F, M, tier, type and band of every customer", NEEDS_SITE, 0, 0, ask_segments_options, NULL,
     false, ask_segments, NULL},
    {"rfm", "", "how many customers, by recency and frequency, and what they brought", NEEDS_SITE, 0, 0, rfm_options,
     NULL, false, ask_rfm, NULL},
    {"customer", "(ID | --phone P | --card C)", "file, value and history of one customer", NEEDS_SITE, 0, 1,
     customer_options, NULL, false, ask_customer, &customer_grammar},
    {"purchases", "", "the sales that were made, the latest first; whose they are, or of nobody", NEEDS_SITE, 0, 0,
     ask_sales_options, NULL, false, ask_sales, NULL},
    {"complaints", "", "the complaint desk, the most urgent first", NEEDS_SITE, 0, 0, ask_complaints_options, NULL,
     false, ask_complaints, &complaints_grammar},
    {"alerts", "", "articles that several customers complain about", NEEDS_SITE, 0, 0, ask_alerts_options, NULL, false,
     ask_alerts, NULL},
    {"report", "KIND", "figures over a span of time", NEEDS_SITE, 1, 1, ask_report_options, NULL, false, ask_report,
     &ask_report_grammar},
    {"points", "[ID | --phone P | --card C]", "points earned, redeemed and left; of nobody: everybody's", NEEDS_SITE, 0,
     1, ask_points_options, NULL, false, ask_points, &ask_points_grammar},
    {"packages", "[ID | --phone P | --card C]", "sessions bought, used and left; of nobody: everybody's", NEEDS_SITE, 0,
     1, ask_points_options, NULL, false, ask_packages, &ask_points_grammar},
    {"benefits", "[ID]", "birthday discounts, gifts, coupons and benefits of tiers that were given", NEEDS_SITE, 0, 1,
     ask_benefits_options, NULL, false, ask_benefits, NULL},
    {"digest", "", "one number over all state: equal for equal sets of events", NEEDS_SITE, 0, 0, digest_options, NULL,
     false, ask_digest, NULL},
    {"verify", "", "read everything and check every chain, signature and index", NEEDS_SOUND_SITE, 0, 0, NULL, NULL,
     false, ask_verify, NULL},
    {"log", "", "list events as they stand", NEEDS_SITE, 0, 0, log_options, NULL, false, ask_log, NULL},
    {NULL, NULL, NULL, NEEDS_NOTHING, 0, 0, NULL, NULL, false, NULL, NULL},
};

const struct model *ask_begin(struct call *call) {
    if (call->replay != NULL) return call->replay->model;
    site_read(call->site);
    return call->site->model;
}

void ask_end(struct call *call) {
    if (call->replay == NULL) site_unread(call->site);
}

static void rest(void *context, uint64_t done, uint64_t all) {
    struct call *call = context;
    ask_end(call);
    call_progress(call, call->report, done, all);
    ask_begin(call);
}

static void leave(void *context) {
    struct call *call = context;
    if (!call->left) ask_end(call);
    call->left = true;
}

const struct model *ask_report_begin(struct call *call, const char *what, struct pace *pace) {
    call->report = what;
    call->left = false;
    *pace = (struct pace){rest, leave, call};
    if (call->replay == NULL) site_keep_model(call->site);
    return ask_begin(call);
}

void ask_report_end(struct call *call) {
    leave(call);
    if (call->replay == NULL) site_give_model(call->site);
    call_progress_end(call);
}

/* What the site's readers of sealed fields are told: NULL for the serving model. */
static const struct model *replay_model(const struct call *call) {
    return call->replay == NULL ? NULL : call->replay->model;
}

int64_t ask_latest(const struct call *call) {
    bool cut = call->replay != NULL && call->replay->happened_until != TIME_NONE;
    return cut ? call->replay->happened_until : site_now(call->site);
}

int ask_cut(struct call *call, struct cut *cut, struct scope *scope) {
    const struct zone *zone = &call->site->zone;
    int64_t latest = ask_latest(call);
    struct date as_of;
    int code = call_date(call, "as-of", zone_date(zone, latest), &as_of);
    const char *window = call_option(call, "window");
    if (code == 0) code = cut_window(view_of(window == NULL ? "all" : window), as_of, zone, cut, &call->error);
    if (code != 0) return code;
    cut->to = call_has(call, "as-of") ? ask_not_after(call, cut->to, latest) : latest;
    if (scope == NULL) return 0;
    scope->store = view_of(call_option(call, "store"));
    scope->chain = view_of(call_option(call, "chain"));
    code = ask_known(call, "store");
    return code == 0 ? ask_known(call, "chain") : code;
}

int64_t ask_not_after(const struct call *call, int64_t to, int64_t latest) {
    const struct zone *zone = &call->site->zone;
    char text[40];
    if (to <= latest) return to;
    if (to != zone_day_end(zone, zone_date(zone, latest)))
        fprintf(call->err_out, "%s: --as-of %s: nothing is known beyond %s, which this is as of\n", call->program->name,
                call_option(call, "as-of"), time_format(latest, zone, text));
    return latest;
}

json_t *ask_time(const struct call *call, int64_t ms) {
    char text[40];
    return ms == TIME_NONE ? json_null() : json_string(time_format(ms, &call->site->zone, text));
}

json_t *ask_id(uint64_t id) {
    char text[ID_TEXT];
    return id == 0 ? json_null() : json_string(id_format(id, text));
}

json_t *ask_text(struct view text) {
    return text.data == NULL ? json_null() : json_stringn((const char *)text.data, text.len);
}

#define CLOSED                                                                                                         \
    "this hub was restored or rebuilt and does not know yet who was erased since: names, numbers and texts are not "   \
    "shown until a store has handed back what the former hub wrote"

void ask_tell_closed(struct call *call) {
    if (!call->site->closed || call->closed_told) return;
    call->closed_told = true;
    fprintf(call->err_out, "%s: " CLOSED "\n", call->program->name);
}

json_t *ask_person_field(struct call *call, uint64_t person, int bit) {
    struct buf value = BUF_INIT;
    ask_tell_closed(call);
    if (bit == SEALED_registered_custom) return ask_person_custom(call, person);
    site_person_field(call->site, replay_model(call), person, bit, &value);
    json_t *out = value.len == 0 ? json_null() : ask_text(buf_view(&value));
    buf_wipe(&value);
    return out;
}

void ask_person_file(struct call *call, uint64_t person, uint64_t bits, struct person_file *out) {
    ask_tell_closed(call);
    site_person_file(call->site, replay_model(call), person, bits, call->opened, out);
}

/* All who carry a strong key are one person, or the asker has to choose. */
static int one_person(struct call *call, const char *field, const char *written, const uint64_t *ids, int count,
                      uint64_t *out) {
    struct buf list = BUF_INIT;
    char text[ID_TEXT];
    bool several = false;
    const struct model *model = ask_begin(call);
    *out = model_person(model, ids[0]);
    for (int i = 0; i < count; i++) {
        several = several || model_person(model, ids[i]) != *out;
        buf_printf(&list, "%s%s", i > 0 ? ", " : "", id_format(ids[i], text));
    }
    ask_end(call);
    int code = !several
                   ? 0
                   : err_set(&call->error, ERR_CONFLICT, field, "several customers have %s %s: name one of %s by id",
                             field, written, buf_text(&list));
    buf_release(&list);
    return code;
}

bool ask_sees(struct call *call, uint64_t person) {
    if (call->bound == NULL) return true;
    const struct model *model = ask_begin(call);
    bool served = store_serves(model, view_of(call->bound), person);
    ask_end(call);
    return served;
}

/* Nor is it told whether there is such a customer elsewhere. */
static int not_served(struct call *call) {
    return err_set(&call->error, ERR_AUTH, NULL,
                   "this account sees the customers of one store only: it serves no such");
}

int ask_whom(struct call *call, const char *id, uint64_t *out) {
    char text[ID_TEXT], when[40];
    struct erasure_state erasure;
    int code = ask_whoever(call, id, out);
    if (code != 0) return code;
    const struct model *model = ask_begin(call);
    bool erased = model_erasure_of(model, *out, &erasure);
    ask_end(call);
    if (!erased) return 0;
    return err_set(&call->error, ERR_REFUSED, "customer",
                   "customer %s was erased, as asked for on %s; who comes again is registered anew",
                   id_format(*out, text), time_format(erasure.time, &call->site->zone, when));
}

static int found_nobody(struct call *call, const char *option, const char *written, bool phone) {
    char tier[DIRECTORY_TIER_TEXT];
    if (phone && ask_directory(call, written, tier))
        return err_set(&call->error, ERR_NOT_FOUND, option,
                       "no customer of this store has %s %s; the region knows this number (tier %s): register her",
                       option, written, tier);
    return err_set(&call->error, ERR_NOT_FOUND, option, "no customer has %s %s", option, written);
}

static int find_whoever(struct call *call, const char *id, uint64_t *out) {
    static const struct {
        const char *option;
        enum tag_kind kind;
    } ways[] = {{"phone", TAG_PHONE}, {"card", TAG_CARD}, {"email", TAG_EMAIL}};
    if (id != NULL) {
        int code = call_id(call, "customer", id, out);
        const struct model *model = ask_begin(call);
        enum customer_state state = code == 0 ? model_customer(model, *out) : CUSTOMER_UNKNOWN;
        ask_end(call);
        if (code != 0 || state == CUSTOMER_KNOWN || state == CUSTOMER_ERASED) return code;
        return err_set(&call->error, ERR_NOT_FOUND, "customer", "there is no customer %s here", id);
    }
    for (size_t i = 0; i < sizeof ways / sizeof *ways; i++) {
        const char *written = call_option(call, ways[i].option);
        if (written == NULL) continue;
        if (call->site->closed) return err_set(&call->error, ERR_REFUSED, ways[i].option, CLOSED);
        uint64_t ids[16];
        struct tagged tagged;
        int n =
            site_find_holders(call->site, ways[i].kind, view_of(written), ids, 16, &tagged, call->opened, &call->error);
        if (n < 0) return n;
        call_rests_on(call, news_tag(&tagged.tag));
        for (size_t k = 0; k < tagged.count; k++) call_rests_on(call, tagged.ids[k]);
        if (n == 0) return found_nobody(call, ways[i].option, written, ways[i].kind == TAG_PHONE);
        return one_person(call, ways[i].option, written, ids, n, out);
    }
    return err_set(&call->error, ERR_USAGE, "customer", "say whom: an ID, --phone or --card");
}

int ask_whoever(struct call *call, const char *id, uint64_t *out) {
    int code = find_whoever(call, id, out);
    bool hidden = call->bound != NULL && (code == ERR_NOT_FOUND || code == ERR_CONFLICT);
    return hidden || (code == 0 && !ask_sees(call, *out)) ? not_served(call) : code;
}
