/* fields: where each value of a customer file comes from (C3). monthly: the list of files a store's keeper gets (C12).
 */
#include <stdlib.h>
#include <string.h>

#include "proto/base/text.h"
#include "proto/command/ask.h"
#include "proto/command/listing.h"
#include "proto/event/describe.h"
#include "proto/model/about.h"
#include "proto/model/completeness.h"
#include "proto/model/policies.h"

#define MEMBERS_MAX 256
#define SOURCES_MAX 512

static const char *name_of_field(int bit) {
    const struct event_info *info = event_info(EVENT_registered);
    return info->fields[info->count - info->sealed_count + (size_t)bit].name;
}

/* ---- fields ---- */

static const struct column field_columns[] = {
    {"field", "field", COLUMN_TEXT},
    {"value", "value", COLUMN_TEXT},
    {"told by", "by", COLUMN_TEXT},
    {"staff", "staff", COLUMN_TEXT},
    {"at", "at", COLUMN_TIME},
    {"stale", "stale", COLUMN_YES_NO},
    {"concurrent", "concurrent", COLUMN_YES_NO},
    {"customer", "customer", COLUMN_TEXT},
    {NULL, "event", COLUMN_TEXT},
    {NULL, NULL, COLUMN_TEXT},
};

/* Staff fill temperament and appearance; of the rest the customer told, where nothing else is said. */
static const char *teller(const struct event *event, int bit) {
    const char *role = event->type == EVENT_updated ? choice_word(&choices_role, event->body.updated.source) : NULL;
    bool by_staff = bit == SEALED_registered_temperament || bit == SEALED_registered_appearance;
    return role != NULL ? role : by_staff ? "staff" : "customer";
}

static json_t *field_row(struct call *call, uint64_t member, const struct field_source *source) {
    struct buf frame = BUF_INIT, plain = BUF_INIT;
    struct event event;
    struct record record;
    int standing;
    bool opened = false;
    json_t *row =
        json_pack("{s:s, s:o, s:o, s:b, s:o}", "field", name_of_field(source->bit), "customer", ask_id(member), "at",
                  ask_time(call, source->time), "concurrent", source->concurrent, "event", ask_id(source->event));
    if (site_event(call->site, source->event, &event, &frame, &plain, &standing, &opened, &record, NULL) == 0 &&
        standing == EVENT_GOOD) {
        json_object_set_new(row, "by", json_string(teller(&event, source->bit)));
        json_object_set_new(row, "staff", ask_text(event.actor));
        json_object_set_new(row, "value",
                            opened ? ask_text(event_sealed_view(&event, event_info(event.type), source->bit))
                                   : json_null());
    }
    buf_release(&frame);
    buf_wipe(&plain);
    return row;
}

int ask_fields(struct call *call) {
    uint64_t customer, members[MEMBERS_MAX];
    struct field_source *sources;
    int code = ask_whom(call, call->argc > 0 ? call->argv[0] : NULL, &customer);
    if (code != 0) return code;
    int64_t now = ask_latest(call);
    ask_tell_closed(call);
    const struct model *model = ask_begin(call);
    size_t count = model_members(model, customer, members, MEMBERS_MAX);
    ask_end(call);
    sources = mem_alloc(SOURCES_MAX * sizeof *sources);
    struct listing *listing = listing_open(call, field_columns);
    for (size_t m = 0; m < count && m < MEMBERS_MAX; m++) {
        model = ask_begin(call);
        size_t n = file_sources(model, members[m], sources, SOURCES_MAX);
        ask_end(call);
        for (size_t i = 0; i < n && i < SOURCES_MAX; i++) {
            if (sources[i].cleared && !sources[i].concurrent) continue;
            json_t *row = field_row(call, members[m], &sources[i]);
            model = ask_begin(call);
            bool stale = field_stale(model, sources[i].time, now, &call->site->zone);
            ask_end(call);
            json_object_set_new(row, "stale", json_boolean(stale));
            listing_add(listing, row);
        }
    }
    listing_close(listing, "nothing is known");
    free(sources);
    return 0;
}

/* ---- monthly ---- */

static const struct column monthly_columns[] = {
    {"customer", "customer", COLUMN_TEXT},
    {"store", "store", COLUMN_TEXT},
    {"change", "change", COLUMN_TEXT},
    {"changed", "changed", COLUMN_TEXT},
    {"name", "name", COLUMN_TEXT},
    {"phone", "phone", COLUMN_TEXT},
    {"card", "card", COLUMN_TEXT},
    {NULL, "email", COLUMN_TEXT},
    {NULL, "birthday", COLUMN_TEXT},
    {NULL, "address", COLUMN_TEXT},
    {"complete %", "complete", COLUMN_NUMBER},
    {"custodian", "custodian", COLUMN_TEXT},
    {"spend", "spend", COLUMN_MONEY},
    {"visits", "visits", COLUMN_NUMBER},
    {"last visit", "last", COLUMN_TIME},
    {NULL, NULL, COLUMN_TEXT},
};

/* The month of a list, and what it tells: what changed after the day of the month before, until its own. */
struct month {
    int64_t after, until;
};

static int64_t day_end(struct call *call, struct date month) {
    const struct model *model = ask_begin(call);
    int64_t day = policy_number(model, POLICY_MONTHLY_DAY, zone_day_end(&call->site->zone, month));
    ask_end(call);
    month.day = (int)day;
    return zone_day_end(&call->site->zone, month);
}

/* Without --month the latest list: its day has come, were it today. */
static int read_month(struct call *call, struct month *out) {
    const char *written = call_option(call, "month");
    const struct zone *zone = &call->site->zone;
    int64_t latest = ask_latest(call), end_of_today = zone_day_end(zone, zone_date(zone, latest));
    struct date month = zone_date(zone, latest);
    char text[40], day[16];
    month.day = 1;
    if (written != NULL) {
        snprintf(text, sizeof text, "%.20s-01", written);
        if (strlen(written) != 7 || date_parse(view_of(text), &month, NULL) != 0)
            return err_set(&call->error, ERR_INVALID, "month", "'%s' is no month; write 2026-11", written);
    } else if (day_end(call, month) > end_of_today) {
        month = date_add_months(month, -1);
    }
    out->until = day_end(call, month);
    out->after = day_end(call, date_add_months(month, -1));
    if (out->until <= end_of_today) return 0;
    return err_set(&call->error, ERR_INVALID, "month", "the list of %s is drawn on %s", written,
                   date_format(zone_date(zone, out->until), day));
}

static void put_word(struct buf *out, const char *word) { buf_printf(out, "%s%s", out->len > 0 ? " " : "", word); }

/* What changed of a person within the month, by names. */
struct changes {
    bool registered; /* some member was, and none before */
    bool elsewhere;  /* no member is of the store asked for */
    bool erased;
    struct buf what;
};

static bool registered_by(const struct model *model, uint64_t member, int64_t until) {
    bool before;
    file_changed(model, member, TIME_NONE, until, &before);
    return before;
}

static void look_at(struct call *call, uint64_t person, const struct month *month, struct changes *out) {
    static const struct {
        enum about_change change;
        const char *word;
    } beside[] = {{CHANGED_CONSENT, "consent"},
                  {CHANGED_TAGS, "tags"},
                  {CHANGED_RELATIONS, "relations"},
                  {CHANGED_CUSTODIAN, "custodian"}};
    uint64_t members[MEMBERS_MAX], bits = 0;
    uint32_t changed = 0;
    bool before = false;
    struct stream_state stream;
    const char *store = call_option(call, "store");
    const struct model *model = ask_begin(call);
    size_t count = model_members(model, person, members, MEMBERS_MAX);
    out->elsewhere = store != NULL;
    for (size_t i = 0; i < count && i < MEMBERS_MAX; i++) {
        bool registered;
        bits |= file_changed(model, members[i], month->after, month->until, &registered);
        changed |= about_changed(model, members[i], month->after, month->until);
        out->registered = out->registered || registered;
        before = before || registered_by(model, members[i], month->after);
        if (store != NULL && model_stream(model, id_stream(members[i]), &stream) && view_is(stream.store, store) &&
            model_customer(model, members[i]) != CUSTOMER_THING)
            out->elsewhere = false;
    }
    struct erasure_state erasure;
    out->erased = model_erasure_of(model, person, &erasure);
    ask_end(call);
    out->registered = out->registered && !before;
    for (int bit = 0; bit < SEALED_COUNT_registered; bit++)
        if ((bits >> bit & 1) != 0) put_word(&out->what, name_of_field(bit));
    for (size_t i = 0; i < sizeof beside / sizeof *beside; i++)
        if ((changed & beside[i].change) != 0) put_word(&out->what, beside[i].word);
}

/* Figures and custodian are those of the list's day; by what she is called and reached, those of today. */
static json_t *monthly_row(struct call *call, const struct standing *s, int64_t until, struct changes *changes) {
    static const int bits[] = {SEALED_registered_name,  SEALED_registered_phone,    SEALED_registered_card,
                               SEALED_registered_email, SEALED_registered_birthday, SEALED_registered_address};
    struct custodian_state keeper;
    const struct model *model = ask_begin(call);
    struct completeness complete = completeness_of(person_known_at(model, s->person, until));
    json_t *custodian = about_custodian(model, s->person, until, &keeper) ? ask_text(keeper.staff) : json_null();
    ask_end(call);
    json_t *row = json_pack(
        "{s:o, s:s, s:s, s:I, s:f, s:o, s:I, s:I, s:o, s:o}", "customer", ask_id(s->person), "change",
        changes->registered     ? "new"
        : changes->what.len > 0 ? "changed"
                                : "same",
        "changed", changes->what.len > 0 ? buf_text(&changes->what) : "", "complete", (json_int_t)complete.percent,
        "completeness", complete.share, "custodian", custodian, "spend", (json_int_t)s->spend, "visits",
        (json_int_t)s->visits, "last", ask_time(call, s->last), "store", ask_store_of(call, id_stream(s->person)));
    for (size_t i = 0; i < sizeof bits / sizeof *bits; i++)
        json_object_set_new(row, name_of_field(bits[i]), ask_person_field(call, s->person, bits[i]));
    return row;
}

int ask_monthly(struct call *call) {
    struct month month = {TIME_NONE, TIME_NONE};
    struct standing *all = NULL;
    size_t count = 0;
    int code = ask_known(call, "store");
    if (code == 0) code = read_month(call, &month);
    if (code != 0) return code;
    const struct cut cut = {TIME_NONE, month.until};
    struct pace pace;
    code = segments(ask_report_begin(call, "customers", &pace), &cut, &pace, &all, &count);
    ask_report_end(call);
    if (code != 0) return err_set(&call->error, code, NULL, "the customers could not be listed");
    struct listing *listing = listing_open(call, monthly_columns);
    for (size_t i = 0; i < count && !call_cancelled(call) && !listing_full(listing); i++) {
        struct changes changes = {.what = BUF_INIT};
        look_at(call, all[i].person, &month, &changes);
        bool told = call_has(call, "full") || changes.registered || changes.what.len > 0;
        if (told && !changes.elsewhere && !changes.erased)
            listing_add(listing, monthly_row(call, &all[i], month.until, &changes));
        buf_release(&changes.what);
        if (i % 1000 == 999) call_progress(call, "listing", i, count);
    }
    listing_close(listing, "nothing changed in that month");
    free(all);
    return 0;
}

const struct option ask_monthly_options[] = {
    {"month", "MONTH", "the list of this month, as 2026-11 (default: the latest)", false},
    {"store", "S", "only customers registered at this store", false},
    {"full", NULL, "all customers, those without a change, too", false},
    {NULL, NULL, NULL, false},
};
