/* alerts: articles that several customers complain about, lately (X8). */
#include <stdlib.h>
#include <string.h>

#include "proto/command/ask.h"
#include "proto/command/listing.h"
#include "proto/model/complaint_sums.h"
#include "proto/model/policies.h"

static const struct column columns[] = {
    {"article", "sku", COLUMN_TEXT}, {"complaints", "complaints", COLUMN_NUMBER},
    {"open", "open", COLUMN_NUMBER}, {"stores", "stores", COLUMN_TEXT},
    {"first", "first", COLUMN_TIME}, {"last", "last", COLUMN_TIME},
    {NULL, "ids", COLUMN_TEXT},      {NULL, NULL, COLUMN_TEXT},
};

static void add_once(json_t *list, json_t *text) {
    size_t i;
    const json_t *item;
    bool there = !json_is_string(text);
    json_array_foreach(list, i, item) there = there || json_equal(item, text);
    if (!there) json_array_append(list, text);
    json_decref(text);
}

/* Where, and which. */
static json_t *alert_row(struct call *call, const struct complaint_alert *alert, const struct complaint *list,
                         size_t count) {
    json_t *stores = json_array(), *ids = json_array();
    for (size_t i = 0; i < count; i++) {
        if (!same_article(list[i].sku, alert->sku)) continue;
        add_once(stores, ask_store_of(call, list[i].stream));
        json_array_append_new(ids, ask_id(list[i].id));
    }
    return json_pack("{s:s, s:I, s:I, s:o, s:o, s:o, s:o}", "sku", alert->sku, "complaints", (json_int_t)alert->count,
                     "open", (json_int_t)alert->open, "stores", stores, "first", ask_time(call, alert->first_at),
                     "last", ask_time(call, alert->last_at), "ids", ids);
}

int ask_alerts(struct call *call) {
    const struct zone *zone = &call->site->zone;
    struct cut cut;
    int code = ask_cut(call, &cut, NULL);
    if (code != 0) return code;
    struct complaint *all = NULL;
    struct complaint_alert *alerts = NULL;
    size_t count = 0;
    struct pace pace;
    const struct model *model = ask_report_begin(call, "complaints", &pace);
    int64_t days = policy_number(model, POLICY_ALERT_DAYS, cut.to),
            least = policy_number(model, POLICY_ALERT_COUNT, cut.to);
    cut.from = zone_day_start(zone, date_from_days(date_to_days(zone_date(zone, cut.to)) - days + 1));
    code = complaints_paced(model, &cut, zone, cut.to, &pace, &all, &count);
    ask_report_end(call);
    if (code != 0) return err_set(&call->error, code, NULL, "the complaints could not be listed");
    size_t found = complaint_alerts(all, count, least, &alerts);
    struct listing *listing = listing_open(call, columns);
    for (size_t i = 0; i < found && !call_cancelled(call) && !listing_full(listing); i++)
        listing_add(listing, alert_row(call, &alerts[i], all, count));
    listing_close(listing, "no article stands out");
    free(alerts);
    free(all);
    return 0;
}
