#include "proto/model/credits.h"

#include <stdlib.h>

#include "proto/model/person_rows.h"
#include "proto/model/scope.h"

/* ---- What was said ---- */

static bool speaks_of(const struct fact *fact, const struct fact *referral) {
    return fact->type == EVENT_credited && fact->other == referral->id;
}

const struct fact *credit_of(const struct model *model, const struct fact *referral, int64_t to) {
    const struct fact *latest = NULL;
    for (uint32_t i = model->entries.items[referral->entry].facts; i != NONE; i = model->facts.items[i].next) {
        const struct fact *fact = &model->facts.items[i];
        if (!speaks_of(fact, referral) || (to != TIME_NONE && fact->time > to)) continue;
        if (latest == NULL || later(fact->hlc, fact->id, latest->hlc, latest->id)) latest = fact;
    }
    return latest;
}

/* ---- When she counts ---- */

struct change {
    int64_t time;
    bool on;
};
struct changes {
    struct change *items;
    uint32_t count, room;
};

static bool state_at(const struct changes *changes, int64_t time) {
    bool on = false;
    for (uint32_t i = 0; i < changes->count && changes->items[i].time <= time; i++) on = changes->items[i].on;
    return on;
}

/* From when a person has bought, and whether anything is left of it. */
static void find_changes(const struct model *model, uint64_t customer, struct changes *out) {
    struct cut ever = {TIME_NONE, TIME_NONE};
    struct person_row *rows;
    size_t count;
    int64_t left = 0;
    bool bought = false, back = false, on = false;
    person_rows(model, customer, &ever, &rows, &count);
    for (size_t i = 0; i < count; i++) {
        left = (int64_t)((uint64_t)left + (uint64_t)rows[i].amount);
        back = back || (rows[i].flags & ROW_RETURN) != 0;
        bought = bought || (rows[i].flags & ROW_VISIT) != 0;
        bool last_of_its_time = i + 1 == count || rows[i + 1].time != rows[i].time;
        bool now = bought && !(back && left <= 0);
        if (!last_of_its_time || now == on) continue;
        on = now;
        *VEC_ADD(*out) = (struct change){rows[i].time, on};
    }
    free(rows);
}

/* ---- What is due ---- */

static bool said_at(const struct model *model, const struct fact *referral, int64_t time) {
    const struct fact *word = credit_of(model, referral, time);
    return word != NULL && word->values[0] == 1;
}

/* The first time at which what was said is wrong. False: it is right. What it is from one time named on to the next
 * does not change. */
static bool first_wrong(const struct model *model, const struct fact *referral, const struct changes *changes,
                        int64_t *out, uint32_t *said) {
    bool wrong = false;
    *said = 0;
    for (uint32_t i = 0; i < changes->count; i++) {
        int64_t time = changes->items[i].time;
        if ((wrong && time >= *out) || said_at(model, referral, time) == changes->items[i].on) continue;
        wrong = true;
        *out = time;
    }
    for (uint32_t i = model->entries.items[referral->entry].facts; i != NONE; i = model->facts.items[i].next) {
        const struct fact *fact = &model->facts.items[i];
        if (!speaks_of(fact, referral)) continue;
        ++*said;
        if ((wrong && fact->time >= *out) || said_at(model, referral, fact->time) == state_at(changes, fact->time))
            continue;
        wrong = true;
        *out = fact->time;
    }
    return wrong;
}

static void due_of(const struct model *model, const struct fact *referral, const struct changes *changes,
                   struct credits *out) {
    int64_t from = 0;
    uint32_t said;
    if (!first_wrong(model, referral, changes, &from, &said)) return;
    struct credit credit = {referral->id, model->entries.items[referral->entry].id, from, state_at(changes, from),
                            said};
    *VEC_ADD(*out) = credit;
    for (uint32_t i = 0; i < changes->count; i++) {
        if (changes->items[i].time <= from) continue;
        credit.at = changes->items[i].time;
        credit.on = changes->items[i].on;
        credit.said++;
        *VEC_ADD(*out) = credit;
    }
}

/* ---- Referrals ---- */

/* Those of a person as newcomer that were not voided. */
static void find_referrals(const struct model *model, uint32_t first, struct indices *out) {
    uint32_t entry = first;
    do {
        const uint64_t *head = idmap_find(&model->brought, model->entries.items[entry].id);
        for (uint32_t i = head == NULL ? NONE : (uint32_t)*head; i != NONE; i = model->referrals.items[i].next)
            if (!model->facts.items[model->referrals.items[i].fact].dead)
                *VEC_ADD(*out) = model->referrals.items[i].fact;
        entry = model->entries.items[entry].next_member;
    } while (entry != first);
}

/* Is there none before it by the same person, and she is not that person? */
static bool counts(const struct model *model, const struct indices *referrals, uint32_t index, uint32_t newcomer) {
    const struct fact *fact = &model->facts.items[index];
    uint32_t root = model->roots.items[fact->entry];
    if (root == model->roots.items[newcomer]) return false;
    for (uint32_t i = 0; i < referrals->count; i++) {
        const struct fact *other = &model->facts.items[referrals->items[i]];
        if (model->roots.items[other->entry] == root && later(fact->hlc, fact->id, other->hlc, other->id)) return false;
    }
    return true;
}

bool credits_concern(const struct model *model, uint64_t customer) {
    uint32_t first = model->brought.count == 0 ? NONE : entry_find(model, customer), entry = first;
    if (first == NONE) return false;
    do {
        if (idmap_find(&model->brought, model->entries.items[entry].id) != NULL) return true;
        entry = model->entries.items[entry].next_member;
    } while (entry != first);
    return false;
}

void credits_due(const struct model *model, uint64_t customer, struct credits *out) {
    struct changes changes = {NULL, 0, 0}, never = {NULL, 0, 0};
    struct indices referrals = {NULL, 0, 0};
    uint32_t newcomer = entry_find(model, customer);
    if (newcomer == NONE || !credits_concern(model, customer)) return;
    find_referrals(model, newcomer, &referrals);
    find_changes(model, customer, &changes);
    for (uint32_t i = 0; i < referrals.count; i++) {
        bool hers = counts(model, &referrals, referrals.items[i], newcomer);
        due_of(model, &model->facts.items[referrals.items[i]], hers ? &changes : &never, out);
    }
    VEC_RELEASE(referrals);
    VEC_RELEASE(changes);
}

void credits_brought_by(const struct model *model, uint64_t customer, struct credit_ids *out) {
    uint32_t first = entry_find(model, customer), entry = first;
    while (entry != NONE) {
        for (uint32_t i = model->entries.items[entry].facts; i != NONE; i = model->facts.items[i].next)
            if (model->facts.items[i].type == EVENT_referred) *VEC_ADD(*out) = model->facts.items[i].other;
        entry = model->entries.items[entry].next_member;
        if (entry == first) break;
    }
}

void credits_newcomers(const struct model *model, struct credit_ids *out) {
    for (uint32_t i = 0; i < model->referrals.count; i++)
        *VEC_ADD(*out) = model->facts.items[model->referrals.items[i].fact].other;
}
