#include <string.h>

#include "proto/command/run.h"
#include "proto/event/id.h"

int call_fault(struct call *call, int code, const char *field) {
    if (field != NULL) view_text(view_of(field), call->error.field, sizeof call->error.field);
    return code;
}

/* A program that has no site yet has no region either. */
static struct zone zone_of(const struct call *call) { return call->site == NULL ? zone_fixed(0) : call->site->zone; }

int call_id(struct call *call, const char *field, const char *text, uint64_t *out) {
    if (text != NULL && id_parse(view_of(text), out) && id_valid(*out)) return 0;
    return err_set(&call->error, ERR_INVALID, field, "\"%s\" is not an id; ids look like 12-845",
                   text == NULL ? "" : text);
}

int call_number(struct call *call, const char *name, int64_t least, int64_t most, int64_t fallback, int64_t *out) {
    const char *text = call_option(call, name);
    *out = fallback;
    if (text == NULL) return 0;
    int64_t value;
    if (decimal_parse(view_of(text), 0, MONEY_EXACT, INT64_MAX, &value, NULL) != 0 || value < least || value > most)
        return err_set(&call->error, ERR_INVALID, name, "--%s takes a whole number from %lld to %lld, not \"%s\"", name,
                       (long long)least, (long long)most, text);
    *out = value;
    return 0;
}

int call_time(struct call *call, const char *name, bool end_of_day, int64_t fallback, int64_t *out) {
    const char *text = call_option(call, name);
    *out = fallback;
    if (text == NULL) return 0;
    if (strcmp(text, "now") == 0) {
        *out = call->site == NULL ? env_now(call->env) : site_now(call->site);
        return 0;
    }
    struct zone zone = zone_of(call);
    return call_fault(call, time_parse(view_of(text), &zone, end_of_day, out, &call->error), name);
}

int call_date(struct call *call, const char *name, struct date fallback, struct date *out) {
    const char *text = call_option(call, name);
    *out = fallback;
    if (text == NULL) return 0;
    return call_fault(call, date_parse(view_of(text), out, &call->error), name);
}

int call_money(struct call *call, const char *field, struct view text, int64_t *out) {
    int decimals = call->site->currency.decimals;
    return call_fault(call, decimal_parse(text, decimals, MONEY_EXACT, MONEY_MAX, out, &call->error), field);
}
