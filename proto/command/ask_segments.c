/* segments: a row a customer, with what she is worth and how she buys (V3–V6). */
#include <stdlib.h>

#include "proto/command/ask.h"
#include "proto/command/ask_tier.h"
#include "proto/command/listing.h"
#include "proto/model/rfm.h"

static const struct column segments_columns[] = {
    {"customer", "customer", COLUMN_TEXT},
    {"card", "card", COLUMN_TEXT},
    {"r", "r", COLUMN_NUMBER},
    {"f", "f", COLUMN_NUMBER},
    {"m", "m", COLUMN_NUMBER},
    {"tier", "tier", COLUMN_TEXT},
    {NULL, "tier_was", COLUMN_TEXT},
    {"type", "type", COLUMN_TEXT},
    {"band", "band", COLUMN_TEXT},
    {"valid", "valid", COLUMN_YES_NO},
    {"candidate", "candidate", COLUMN_YES_NO},
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
        "{s:o, s:o, s:i, s:i, s:i, s:n, s:s, s:s, s:b, s:b, s:b, s:o, s:I, s:I}", "customer",
        ask_id(s->standing.person), "card", ask_person_field(call, s->standing.person, SEALED_registered_card), "r",
        s->r, "f", s->f, "m", s->m, "tier", "type", types[s->type], "band", bands[s->band], "valid", s->valid,
        "candidate", s->candidate, "referred", s->referred, "last", ask_time(call, s->standing.last), "visits",
        (json_int_t)visits, "spend", (json_int_t)s->standing.spend);
    json_object_set_new(row, "full_price_share",
                        visits == 0 ? json_null() : json_real((double)(visits - s->reduced) / visits));
    return row;
}

int ask_segments(struct call *call) {
    struct cut cut;
    int code = ask_cut(call, &cut, NULL);
    if (code != 0) return code;
    struct segment *all = NULL;
    struct asked_tiers tiers;
    size_t count = 0;
    const struct model *model = ask_begin(call);
    code = segments_valued(model, &call->site->zone, cut.to, &all, &count);
    if (code == 0) ask_tiers(call, model, cut.to, &all->standing.person, count, sizeof *all, &tiers);
    ask_end(call);
    if (code != 0) return err_set(&call->error, code, NULL, "the customers could not be listed");
    struct listing *listing = ask_tier_listing(call, segments_columns, &tiers);
    for (size_t i = 0; i < count && !call_cancelled(call); i++) {
        json_t *row = segment_row(call, &all[i]);
        ask_tier_row(&tiers, i, row);
        listing_add(listing, row);
    }
    listing_close(listing, "there are no customers yet");
    ask_tiers_changed(call, &tiers);
    ask_tiers_release(&tiers);
    free(all);
    return 0;
}
