#include "tests/support/directory_check.h"

#include <stdio.h>
#include <stdlib.h>

#include "proto/base/text.h"
#include "proto/event/describe.h"
#include "proto/model/tiers.h"
#include "proto/site/directory.h"

static void expect(struct directory_expected *out, uint32_t hash, uint8_t tier) {
    for (size_t i = 0; i < out->count; i++) {
        if (out->rows[i].hash != hash) continue;
        if (tier > out->rows[i].tier) out->rows[i].tier = tier;
        return;
    }
    out->rows = mem_resize(out->rows, (out->count + 1) * sizeof *out->rows);
    out->rows[out->count++] = (struct expected_row){hash, tier};
}

void directory_expect(struct site *hub, const struct directory_heading *heading, struct directory_expected *out) {
    const struct model *model = hub->model;
    int64_t as_of = zone_day_end(&hub->zone, zone_date(&hub->zone, site_now(hub)));
    int64_t highest = policy_number(model, POLICY_VIP_TIERS, as_of);
    struct tier_table table;
    uint64_t id;
    *out = (struct directory_expected){.count = 0};
    tier_table_read(model, as_of, &table);
    for (size_t i = 0; (id = model_customer_at(model, i)) != 0; i++) {
        struct tier_standing standing;
        struct buf written = BUF_INIT, normal = BUF_INIT;
        uint64_t person = model_person(model, id);
        uint32_t hash;
        if (model_customer(model, id) != CUSTOMER_KNOWN) continue;
        tiers_of(model, &hub->zone, as_of, &table, &person, 1, &standing);
        int tier = tier_shown(&standing);
        if (tier < 0 || tier < (int64_t)table.count - highest) continue;
        site_field(hub, NULL, id, SEALED_registered_phone, &written);
        if (written.len > 0 && phone_normalise(buf_view(&written), hub->config.country, &normal, NULL) == 0 &&
            directory_hash(heading, buf_view(&normal), &hash, NULL) == 0)
            expect(out, hash, (uint8_t)tier);
        buf_release(&written);
        buf_release(&normal);
    }
}

void directory_expected_release(struct directory_expected *expected) {
    free(expected->rows);
    *expected = (struct directory_expected){.count = 0};
}

const char *directory_compare(struct site *store, const struct directory_expected *expected) {
    static char wrong[200];
    struct directory_state state;
    struct buf rows = BUF_INIT;
    const char *found = NULL;
    for (size_t i = 0; i < expected->count && found == NULL; i++) {
        const struct expected_row *row = &expected->rows[i];
        buf_clear(&rows);
        site_directory_shelf(store, directory_shelf(row->hash), &rows);
        uint8_t tier = directory_find(buf_view(&rows), row->hash);
        if (tier == row->tier) continue;
        snprintf(wrong, sizeof wrong, "it knows %08x as tier %d, and should as %d", row->hash, tier, row->tier);
        found = wrong;
    }
    buf_release(&rows);
    if (found != NULL) return found;
    site_directory_state(store, &state);
    if (state.here && state.complete && state.numbers == expected->count) return NULL;
    snprintf(wrong, sizeof wrong, "it knows %llu numbers%s, and should %zu", (unsigned long long)state.numbers,
             !state.here      ? " (none came)"
             : state.complete ? ""
                              : " so far",
             expected->count);
    return wrong;
}
