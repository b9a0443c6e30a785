/* followups, promise list: whom to call, write to, visit (K2, K3). */
#include <stdlib.h>
#include <string.h>

#include "proto/base/money.h"
#include "proto/command/ask.h"
#include "proto/command/ask_contact.h"
#include "proto/command/listing.h"
#include "proto/event/describe.h"

static const struct column columns[] = {
    {"due", "due", COLUMN_TIME},           {"overdue", "overdue", COLUMN_YES_NO}, {"kind", "kind", COLUMN_TEXT},
    {"customer", "customer", COLUMN_TEXT}, {"name", "name", COLUMN_TEXT},         {"phone", "phone", COLUMN_TEXT},
    {"why", "why", COLUMN_TEXT},           {"store", "store", COLUMN_TEXT},       {"staff", "staff", COLUMN_TEXT},
    {"answer with", "id", COLUMN_TEXT},    {NULL, "figure", COLUMN_NUMBER},       {NULL, "since", COLUMN_TIME},
    {NULL, "done", COLUMN_YES_NO},         {NULL, "answered_by", COLUMN_TEXT},    {NULL, NULL, COLUMN_TEXT},
};

void ask_sealed_text(struct call *call, uint64_t id, int bit, struct buf *out) {
    struct buf frame = BUF_INIT, plain = BUF_INIT;
    struct event event;
    struct record record;
    int standing;
    bool opened = false;
    if (site_event(call->site, id, &event, &frame, &plain, &standing, &opened, &record, NULL) == 0 && opened)
        buf_append_view(out, event_sealed_view(&event, event_info(event.type), bit));
    buf_release(&frame);
    buf_wipe(&plain);
}

static const char *money_text(const struct call *call, int64_t amount, char *out) {
    char text[40];
    snprintf(out, 60, "%s %s", decimal_format(amount, call->site->currency.decimals, true, text),
             call->site->currency.code);
    return out;
}

static void say_why(struct call *call, const struct followup *f, struct buf *out) {
    const struct model *replay = call->replay == NULL ? NULL : call->replay->model;
    char amount[60];
    switch (f->kind) {
    case FOLLOWUP_PROMISE:
        ask_sealed_text(call, f->cause, SEALED_promised_text, out);
        if (out->len == 0) buf_printf(out, "something was promised");
        break;
    case FOLLOWUP_THANK:
        buf_printf(out, "bought for %s: ask about fit, washing, doubts", money_text(call, f->figure, amount));
        break;
    case FOLLOWUP_REFERRAL: buf_printf(out, "brought a new customer: thank her"); break;
    case FOLLOWUP_NEWCOMER: buf_printf(out, "came by referral: thank and call her"); break;
    case FOLLOWUP_LETTER:
        buf_printf(out, "has spent %s in all: write and thank her", money_text(call, f->figure, amount));
        break;
    case FOLLOWUP_TOP:
        buf_printf(out, "the region's top customer of %d: visit her with flowers, note what she suggests",
                   f->day.year - 1);
        break;
    case FOLLOWUP_BIRTHDAY: buf_printf(out, "birthday"); break;
    case FOLLOWUP_OCCASION: site_person_field(call->site, replay, f->person, SEALED_registered_occasions, out); break;
    case FOLLOWUP_INACTIVE: buf_printf(out, "no visit for %lld months", (long long)f->figure); break;
    case FOLLOWUP_RAINY: buf_printf(out, "bought on a rainy day: thank her that evening"); break;
    default: break;
    }
}

static json_t *text_of(const struct buf *text) { return text->len == 0 ? json_null() : ask_text(buf_view(text)); }

static json_t *followup_row(struct call *call, const struct followup *f, const struct buf *staff) {
    char id[FOLLOWUP_TEXT];
    struct buf why = BUF_INIT;
    say_why(call, f, &why);
    json_t *row = json_pack("{s:s, s:s, s:o, s:o, s:o, s:o, s:o, s:b, s:o, s:I, s:b, s:o, s:o, s:o}", "id",
                            followup_format(f, id), "kind", followup_word(f->kind), "customer", ask_id(f->person),
                            "name", ask_person_field(call, f->person, SEALED_registered_name), "phone",
                            ask_person_field(call, f->person, SEALED_registered_phone), "due", ask_time(call, f->due),
                            "since", ask_time(call, f->since), "overdue", f->overdue, "why", text_of(&why), "figure",
                            (json_int_t)f->figure, "done", f->answer != 0, "answered_by", ask_id(f->answer), "store",
                            ask_text(f->store), "staff", text_of(staff));
    buf_wipe(&why);
    return row;
}

/* Whose it is: the custodian's, else whoever wrote what it comes from. */
static void owner_of(struct call *call, const struct followup *f, struct buf *out) {
    buf_clear(out);
    if (f->staff.data != NULL)
        buf_append_view(out, f->staff);
    else
        ask_actor(call, f->cause, out);
}

static int kind_asked(struct call *call, enum followup_kind *out) {
    const char *word = call_option(call, "kind");
    *out = word == NULL ? FOLLOWUP_NONE : followup_kind_of(view_of(word));
    if (word == NULL || *out != FOLLOWUP_NONE) return 0;
    struct buf kinds = BUF_INIT;
    for (int kind = FOLLOWUP_PROMISE; kind < FOLLOWUP_KINDS; kind++)
        buf_printf(&kinds, "%s%s",
                   kind == FOLLOWUP_PROMISE     ? ""
                   : kind == FOLLOWUP_KINDS - 1 ? " or "
                                                : ", ",
                   followup_word((enum followup_kind)kind));
    int code =
        err_set(&call->error, ERR_INVALID, "kind", "'%s' is no kind of follow-up; use %s", word, buf_text(&kinds));
    buf_release(&kinds);
    return code;
}

static int list(struct call *call, enum followup_kind kind) {
    struct cut cut;
    struct followup_list all;
    const char *store = call_option(call, "store"), *staff = call_option(call, "staff");
    int code = ask_cut(call, &cut, NULL);
    if (code == 0 && store != NULL) code = ask_known(call, "store");
    if (code != 0) return code;
    struct followup_question question = {
        .now = cut.to, .answered = call_has(call, "all"), .store = view_of(store), .kind = kind};
    code = followup_list_open(call, &question, &all);
    if (code != 0) return code;
    struct listing *listing = listing_open(call, columns);
    struct buf owner = BUF_INIT;
    for (size_t i = 0; i < all.count && !call_cancelled(call) && !listing_full(listing); i++) {
        const struct followup *f = &all.items[i];
        owner_of(call, f, &owner);
        if (staff == NULL || (owner.len > 0 && view_is(buf_view(&owner), staff)))
            listing_add(listing, followup_row(call, f, &owner));
    }
    listing_close(listing, kind == FOLLOWUP_PROMISE ? "no promise is open" : "nobody is to be followed up");
    buf_release(&owner);
    followup_list_close(&all);
    return 0;
}

static int ask_followups(struct call *call) {
    enum followup_kind kind;
    int code = kind_asked(call, &kind);
    return code == 0 ? list(call, kind) : code;
}

int ask_promises(struct call *call) { return list(call, FOLLOWUP_PROMISE); }

static const struct option followups_options[] = {
    {"as-of", "DATE", "as it was at the end of that day (default: now)", false},
    {"store", "S", "only this store's: where the customer has a custodian, bought, or came last", false},
    {"staff", "CODE", "only those of this employee: custodian, else who wrote what it comes from", false},
    {"kind", "KIND", "only promise, thank, referral, newcomer, letter, top, birthday, occasion, inactive or rainy",
     false},
    {"all", NULL, "also those that were answered", false},
    {NULL, NULL, NULL, false},
};

static const struct option findings_options[] = {
    {"matter", "store|region|company", "only those that are this level's matter", false},
    {"store", "S", "only those of this store's contacts", false},
    {"from", "DATE", "from that day on", false},
    {NULL, NULL, NULL, false},
};

const struct command ask_contact_commands[] = {
    {"followups", "", "whom to call, write to or visit, overdue promises first", NEEDS_SITE, 0, 0, followups_options,
     NULL, BORROWS_NONE, ask_followups, NULL},
    {"findings", "", "what customers said that is somebody's matter", NEEDS_SITE, 0, 0, findings_options, NULL,
     BORROWS_NONE, ask_findings, NULL},
    {NULL, NULL, NULL, NEEDS_NOTHING, 0, 0, NULL, NULL, BORROWS_NONE, NULL, NULL},
};
