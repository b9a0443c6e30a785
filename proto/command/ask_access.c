/* access: the record of looks, for the auditor (E14). */
#include "proto/command/ask.h"
#include "proto/command/listing.h"
#include "proto/site/looks.h"

static const struct column columns[] = {
    {"#", "seq", COLUMN_NUMBER},    {"at", "at", COLUMN_TIME},           {"who", "who", COLUMN_TEXT},
    {"role", "role", COLUMN_TEXT},  {"from", "address", COLUMN_TEXT},    {"did", "method", COLUMN_TEXT},
    {"what", "route", COLUMN_TEXT}, {"outcome", "outcome", COLUMN_TEXT}, {"customers", "customers", COLUMN_TEXT},
    {NULL, NULL, COLUMN_TEXT},
};

struct question {
    struct call *call;
    struct listing *listing;
    const char *user;
    uint64_t person; /* 0: any */
    int64_t from, to;
    uint64_t before; /* UINT64_MAX: all */
    bool refused;
    bool newest;
    size_t most, given; /* rows that somebody will see of the newest, 0: all; and are given */
};

/* Was any id of the person looked at? */
static bool about(const struct question *q, const struct look_entry *entry) {
    struct cursor ids = entry->ids;
    bool found = q->person == 0;
    if (found || entry->count == 0) return found;
    const struct model *model = ask_begin(q->call);
    for (uint32_t i = 0; !found && i < entry->count; i++) {
        uint64_t id = cursor_uint(&ids);
        found = id == q->person || model_person(model, id) == q->person;
    }
    ask_end(q->call);
    return found;
}

static json_t *row_of(const struct call *call, const struct look_entry *entry) {
    struct cursor ids = entry->ids;
    json_t *customers = json_array();
    for (uint32_t i = 0; i < entry->count; i++) json_array_append_new(customers, ask_id(cursor_uint(&ids)));
    return json_pack("{s:I, s:o, s:o, s:o, s:o, s:o, s:o, s:s, s:o}", "seq", (json_int_t)entry->seq, "at",
                     ask_time(call, entry->at), "who", ask_text(entry->who), "role", ask_text(entry->role), "address",
                     ask_text(entry->address), "method", ask_text(entry->method), "route", ask_text(entry->route),
                     "outcome", look_outcome_word(entry->outcome), "customers", customers);
}

static int take(void *context, const struct look_entry *entry) {
    struct question *q = context;
    if (call_cancelled(q->call)) return call_stopped(q->call);
    if (entry->at < q->from || entry->at > q->to || entry->seq >= q->before ||
        (q->refused && !look_refused(entry->outcome)) || (q->user != NULL && !view_is(entry->who, q->user)) ||
        !about(q, entry))
        return 0;
    listing_add(q->listing, row_of(q->call, entry));
    return q->newest && ++q->given == q->most ? LOOKS_ENOUGH : 0;
}

int ask_access(struct call *call) {
    struct question q = {.call = call, .user = call_option(call, "user"), .refused = call_has(call, "refused")};
    const char *customer = call_option(call, "customer");
    int code = call_time(call, "from", false, INT64_MIN, &q.from);
    if (code == 0) code = call_time(call, "to", true, INT64_MAX, &q.to);
    if (code == 0 && q.from > q.to) code = err_set(&call->error, ERR_INVALID, "from", "is after --to");
    int64_t before = 0;
    if (code == 0) code = call_number(call, "before", 1, INT64_MAX, INT64_MAX, &before);
    q.before = (uint64_t)before;
    if (code == 0 && customer != NULL) code = call_id(call, "customer", customer, &q.person);
    if (code != 0) return code;
    if (q.person != 0) {
        const struct model *model = ask_begin(call);
        uint64_t person = model_person(model, q.person);
        if (person != 0) q.person = person;
        ask_end(call);
    }
    q.listing = listing_open(call, columns);
    q.newest = call_has(call, "newest");
    if (call->page != NULL) q.most = call->page->offset + call->page->limit + 1;
    code = q.newest ? looks_read_back(call->site, q.before, take, &q, &call->error)
                    : looks_read(call->site, take, &q, NULL, &call->error);
    listing_close(q.listing, "nothing like that is recorded");
    return code;
}

static const struct option options[] = {
    {"user", "NAME", "only what this account or employee did", false},
    {"customer", "ID", "only looks at this customer, whoever she is linked to", false},
    {"from", "TIME", "not before", false},
    {"to", "TIME", "not after; a date: to its end", false},
    {"refused", NULL, "only what was refused: wrong secrets, wrong roles", false},
    {"newest", NULL, "the latest first", false},
    {"before", "N", "only what stands before this number", false},
    {NULL, NULL, NULL, false},
};

const struct command ask_access_commands[] = {
    {"access", "", "who looked at whose data over HTTP, and who was refused", NEEDS_SITE, 0, 0, options, NULL,
     BORROWS_NONE, ask_access, NULL},
    {NULL, NULL, NULL, NEEDS_NOTHING, 0, 0, NULL, NULL, BORROWS_NONE, NULL, NULL},
};
