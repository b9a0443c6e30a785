/* segments: a row a customer, with what she is worth and how she buys (V1, V3–V6); rfm: the same, counted on a map of
 * recency by frequency. */
#include <stdlib.h>
#include <string.h>

#include "proto/command/ask.h"
#include "proto/command/ask_tier.h"
#include "proto/command/listing.h"
#include "proto/model/rfm.h"

static const struct column segments_columns[] = {
    {"customer", "customer", COLUMN_TEXT},
    {NULL, "name", COLUMN_TEXT},
    {"card", "card", COLUMN_TEXT},
    {"r", "r", COLUMN_NUMBER},
    {"f", "f", COLUMN_NUMBER},
    {"m", "m", COLUMN_NUMBER},
    {"tier", "tier", COLUMN_TEXT},
    ASK_TIER_FIELDS,
    {"type", "type", COLUMN_TEXT},
    {"band", "band", COLUMN_TEXT},
    {"valid", "valid", COLUMN_YES_NO},
    {"candidate", "candidate", COLUMN_YES_NO},
    {NULL, "referred", COLUMN_YES_NO},
    {NULL, "full_price_share", COLUMN_NUMBER},
    {"top", "top", COLUMN_YES_NO},
    {"spend", "spend", COLUMN_MONEY},
    {"visits", "visits", COLUMN_NUMBER},
    {"last visit", "last", COLUMN_TIME},
    {NULL, NULL, COLUMN_TEXT},
};
static json_t *segment_row(struct call *call, const struct segment *s) {
    static const char *const types[] = {"amount", "frequency", "discount"}, *const bands[] = {"low", "potential",
                                                                                              "key"};
    uint32_t visits = s->standing.visits;
    json_t *row = json_pack(
        "{s:o, s:o, s:o, s:i, s:i, s:i, s:n, s:s, s:s, s:b, s:b, s:b, s:o, s:I, s:I}", "customer",
        ask_id(s->standing.person), "name", ask_person_field(call, s->standing.person, SEALED_registered_name), "card",
        ask_person_field(call, s->standing.person, SEALED_registered_card), "r", s->r, "f", s->f, "m", s->m, "tier",
        "type", types[s->type], "band", bands[s->band], "valid", s->valid, "candidate", s->candidate, "referred",
        s->referred, "last", ask_time(call, s->standing.last), "visits", (json_int_t)visits, "spend",
        (json_int_t)s->standing.spend);
    json_object_set_new(row, "full_price_share",
                        visits == 0 ? json_null() : json_real((double)(visits - s->reduced) / visits));
    return row;
}

/* V1: the persons of the pyramid's top share, those that `vip` ranks first: of equals at its edge, by card. */
static int find_top(struct call *call, const struct cut *cut, struct idmap *out) {
    static const struct scope anywhere = {{NULL, 0}, {NULL, 0}};
    struct standing *ranking = NULL;
    struct pyramid p;
    struct pace pace;
    size_t count = 0;
    const struct model *model = ask_report_begin(call, "ranking", &pace);
    struct pyramid_shares shares = pyramid_shares(model, cut->to);
    int code = rank_paced(model, BY_SPEND, cut, &anywhere, 0, &pace, &ranking, &count);
    ask_report_end(call);
    if (code != 0) return code;
    pyramid_of(ranking, count, &shares, &p);
    size_t top = (size_t)p.top_customers, edge = top;
    while (edge > 0 && ranking[edge - 1].value == ranking[top - 1].value) edge--;
    if (edge < top && top < count && ranking[top].value == ranking[edge].value)
        ranking_ties(ranking + edge, count - edge, 1, ask_card_of, call);
    for (size_t i = 0; i < top; i++) idmap_put(out, ranking[i].person, NULL);
    free(ranking);
    return 0;
}

/* Which rows are wanted; 0: any group. */
struct wanted {
    int64_t r, f, m;
    const char *tier; /* NULL: any */
    bool changed;
};

static int read_wanted(struct call *call, struct wanted *out) {
    int code = call_number(call, "r", 1, 5, 0, &out->r);
    if (code == 0) code = call_number(call, "f", 1, 5, 0, &out->f);
    if (code == 0) code = call_number(call, "m", 1, 5, 0, &out->m);
    out->tier = call_option(call, "tier");
    out->changed = call_has(call, "changed");
    bool other = call->replay != NULL && call->replay->other_policy;
    if (code == 0 && out->changed && !other)
        return err_set(&call->error, ERR_USAGE, "changed",
                       "goes with --policy only: nobody changes tier under today's");
    return code;
}

static bool is_group(int64_t wanted, uint8_t group) { return wanted == 0 || wanted == group; }

/* Those of the groups wanted, to the front; how many. */
static size_t keep_wanted(struct segment *all, size_t count, const struct wanted *wanted) {
    size_t kept = 0;
    for (size_t i = 0; i < count; i++)
        if (is_group(wanted->r, all[i].r) && is_group(wanted->f, all[i].f) && is_group(wanted->m, all[i].m))
            all[kept++] = all[i];
    return kept;
}

static bool has_tier(const json_t *row, const struct wanted *wanted) {
    if (wanted->changed && json_object_get(row, "tier_was") == NULL) return false;
    if (wanted->tier == NULL) return true;
    const char *tier = json_string_value(json_object_get(row, "tier"));
    return strcmp(tier == NULL ? "none" : tier, wanted->tier) == 0;
}

static int value_all(struct call *call, int64_t to, struct segment **out, size_t *count) {
    struct pace pace;
    const struct model *model = ask_report_begin(call, "segments", &pace);
    int code = segments_valued(model, &call->site->zone, to, &pace, out, count);
    ask_report_end(call);
    return code;
}

int ask_segments(struct call *call) {
    struct cut cut;
    struct wanted wanted = {.r = 0};
    int code = read_wanted(call, &wanted);
    if (code == 0) code = ask_cut(call, &cut, NULL);
    if (code != 0) return code;
    struct segment *all = NULL;
    struct asked_tiers tiers;
    struct idmap top = {.slots = NULL};
    size_t count = 0;
    code = value_all(call, cut.to, &all, &count);
    if (code == 0) code = find_top(call, &cut, &top);
    if (code == 0) count = keep_wanted(all, count, &wanted);
    if (code != 0) {
        free(all);
        return err_set(&call->error, code, NULL, "the customers could not be listed");
    }
    ask_tiers(call, cut.to, &all->standing.person, count, sizeof *all, &tiers);
    struct listing *listing = ask_tier_listing(call, segments_columns, &tiers, count);
    listing_covers(listing); /* groups of five, and the type, are against everybody */
    for (size_t i = 0; i < count && !call_cancelled(call) && !listing_full(listing); i++) {
        json_t *row = segment_row(call, &all[i]);
        json_object_set_new(row, "top", json_boolean(idmap_find(&top, all[i].standing.person) != NULL));
        ask_tier_row(&tiers, i, row);
        if (has_tier(row, &wanted))
            listing_add(listing, row);
        else
            json_decref(row);
    }
    listing_close(listing, "there are no such customers");
    ask_tiers_changed(call, &tiers);
    ask_tiers_release(&tiers);
    idmap_release(&top);
    free(all);
    return 0;
}

static const struct column rfm_columns[] = {
    {"r", "r", COLUMN_NUMBER},        {"f", "f", COLUMN_NUMBER},           {"customers", "customers", COLUMN_NUMBER},
    {"spend", "spend", COLUMN_MONEY}, {"visits", "visits", COLUMN_NUMBER}, {NULL, NULL, COLUMN_TEXT},
};

int ask_rfm(struct call *call) {
    struct cut cut;
    int code = ask_cut(call, &cut, NULL);
    if (code != 0) return code;
    struct segment *all = NULL;
    size_t count = 0;
    struct rfm_map map;
    code = value_all(call, cut.to, &all, &count);
    if (code != 0) return err_set(&call->error, code, NULL, "the customers could not be counted");
    rfm_map_of(all, count, &map);
    free(all);
    struct listing *listing = listing_open(call, rfm_columns);
    listing_covers(listing);
    for (int r = RFM_GROUPS; r >= 1; r--)
        for (int f = RFM_GROUPS; f >= 1; f--) {
            const struct rfm_cell *cell = &map.cells[r - 1][f - 1];
            listing_add(listing,
                        json_pack("{s:i, s:i, s:I, s:I, s:I}", "r", r, "f", f, "customers", (json_int_t)cell->customers,
                                  "spend", (json_int_t)cell->spend, "visits", (json_int_t)cell->visits));
        }
    listing_close(listing, "there are no customers yet");
    return 0;
}
