#include "proto/model/followups.h"

#include <stdlib.h>

#include "proto/model/followup_parts.h"
#include "proto/model/policies.h"

static void keep(struct collecting *c, struct followup f) {
    if (c->count == c->room) {
        c->room = c->room * 2 + 64;
        c->found = mem_resize(c->found, c->room * sizeof *c->found);
    }
    c->found[c->count++] = f;
}

static void settle_staff(struct followup *f, const struct followup_standing *standing) {
    f->staff = standing->staff;
    f->store = standing->store;
}

void followup_add(struct collecting *c, struct followup f, int64_t due) {
    if (f.since > c->q->now || due < c->earliest) return;
    if (model_customer(c->model, f.person) != CUSTOMER_KNOWN) return;
    struct followup_standing standing = followup_standing_of(c, &f);
    if (standing.answer == 0 && standing.left_alone) return;
    if (standing.answer != 0 && !c->q->answered) return;
    f.answer = standing.answer;
    f.due = zone_day_end(c->q->zone, date_from_days(due));
    f.overdue = f.answer == 0 && c->q->now > f.due;
    settle_staff(&f, &standing);
    keep(c, f);
}

void followup_add_promise(struct collecting *c, struct followup f) {
    if (model_customer(c->model, f.person) != CUSTOMER_KNOWN) return;
    struct followup_standing standing = followup_standing_of(c, &f);
    if (f.answer == 0) f.answer = standing.answer;
    if (f.answer != 0 && (!c->q->answered || day_of(c, f.due) < c->earliest)) return;
    f.overdue = f.answer == 0 && c->q->now > f.due;
    settle_staff(&f, &standing);
    keep(c, f);
}

/* ---- Promises and referrals: one scan over the facts ---- */

static bool counts(const struct collecting *c, const struct fact *fact) {
    return !fact->dead && fact->time <= c->q->now && fact->entry != NONE;
}

static bool earlier(const struct fact *a, const struct fact *b) {
    return a->time != b->time ? a->time < b->time : a->id < b->id;
}

static bool same_person(const struct model *model, const struct fact *fact, uint64_t promise) {
    enum thing thing;
    uint32_t index;
    if (!thing_find(model, promise, &thing, &index) || thing != THING_FACT) return false;
    uint32_t entry = model->facts.items[index].entry;
    return entry != NONE && model->roots.items[entry] == model->roots.items[fact->entry];
}

/* Promise → index of the word that it was kept, the first where two places said so. What is said of somebody else, who
 * was taken apart since, does not count: her stores need not know it. */
static struct idmap kept_promises(const struct collecting *c) {
    struct idmap kept = {.slots = NULL};
    const struct fact *facts = c->model->facts.items;
    for (uint32_t i = 0; i < c->model->facts.count; i++) {
        if (facts[i].type != EVENT_promised || facts[i].other == 0 || !counts(c, &facts[i])) continue;
        if (!same_person(c->model, &facts[i], facts[i].other)) continue;
        bool added;
        uint64_t *first = idmap_put(&kept, facts[i].other, &added);
        if (added || earlier(&facts[i], &facts[*first])) *first = i;
    }
    return kept;
}

static struct followup of_fact(const struct collecting *c, enum followup_kind kind, const struct fact *fact) {
    return (struct followup){.kind = kind,
                             .person = person_name(c->model, fact->entry),
                             .cause = fact->id,
                             .since = fact->time,
                             .stream = id_stream(fact->id)};
}

static void referral(struct collecting *c, const struct fact *fact, int64_t days) {
    uint32_t newcomer = entry_find(c->model, fact->other);
    if (fact->time < start_of(c, c->earliest - days)) return;
    struct followup thank = of_fact(c, FOLLOWUP_REFERRAL, fact), call = of_fact(c, FOLLOWUP_NEWCOMER, fact);
    call.person =
        newcomer == NONE ? fact->other : person_name(c->model, newcomer); /* another store's: not known here */
    if (call.person == thank.person) return;                              /* linked since */
    int64_t due = day_of(c, fact->time) + days;
    followup_add(c, thank, due);
    if (newcomer != NONE) followup_add(c, call, due);
}

static void from_facts(struct collecting *c) {
    struct idmap kept = kept_promises(c);
    int64_t days = policy_number(c->model, POLICY_REFERRAL_DAYS, c->q->now);
    for (uint32_t i = 0; i < c->model->facts.count; i++) {
        const struct fact *fact = &c->model->facts.items[i];
        if (!counts(c, fact)) continue;
        if (fact->type == EVENT_referred) referral(c, fact, days);
        if (fact->type != EVENT_promised || fact->other != 0) continue;
        struct followup f = of_fact(c, FOLLOWUP_PROMISE, fact);
        const uint64_t *word = idmap_find(&kept, fact->id);
        f.due = fact->values[0];
        f.answer = word == NULL ? 0 : c->model->facts.items[*word].id;
        followup_add_promise(c, f);
    }
    idmap_release(&kept);
}

/* ---- Birthdays and occasions ---- */

static int64_t registered_at(const struct model *model, uint32_t entry) {
    const struct entry *entries = model->entries.items;
    int64_t first = INT64_MAX;
    uint32_t i = entry;
    do {
        if (entry_known(&entries[i]) && entries[i].registered_time < first) first = entries[i].registered_time;
        i = entries[i].next_member;
    } while (i != entry);
    return first;
}

/* A day that has passed before she was registered was nobody's to remember. */
static void anniversary(struct collecting *c, const struct dated *dated, int64_t ahead) {
    uint32_t entry = entry_find(c->model, dated->customer);
    if (entry == NONE) return;
    int year = date_from_days(c->today).year;
    for (int y = year - 1; y <= year + 1; y++) {
        struct date day = {y, dated->month, dated->day};
        if (!date_valid(day)) day.day--;
        if (!date_valid(day)) return;
        int64_t due = date_to_days(day);
        if (due < c->earliest || due - ahead > c->today) continue;
        int64_t registered = registered_at(c->model, entry);
        if (registered == INT64_MAX || due < day_of(c, registered)) continue;
        struct followup f = {.kind = dated->birthday ? FOLLOWUP_BIRTHDAY : FOLLOWUP_OCCASION,
                             .person = person_name(c->model, entry),
                             .day = day,
                             .since = start_of(c, due - ahead),
                             .stream = FOLLOWUP_NO_STREAM};
        followup_add(c, f, due);
    }
}

static void anniversaries(struct collecting *c) {
    int64_t ahead = policy_number(c->model, POLICY_BIRTHDAY_DAYS, c->q->now);
    struct dated dated;
    for (size_t i = 0; c->q->reader.dated_at != NULL && c->q->reader.dated_at(c->q->reader.context, i, &dated); i++)
        if (dated.customer != 0) anniversary(c, &dated, ahead);
}

/* ---- The list ---- */

static int compare(int64_t a, int64_t b) { return (a > b) - (a < b); }

static bool loud(const struct followup *f) { return f->kind == FOLLOWUP_PROMISE && f->overdue; }

static int by_due(const void *a, const void *b) {
    const struct followup *x = a, *y = b;
    int order = compare(loud(y), loud(x));
    if (order == 0) order = compare(x->due, y->due);
    if (order == 0) order = compare(x->kind, y->kind);
    if (order == 0) order = compare((int64_t)x->person, (int64_t)y->person);
    if (order == 0) order = compare((int64_t)x->cause, (int64_t)y->cause);
    return order == 0 ? compare(x->figure, y->figure) : order;
}

static bool same(const struct followup *a, const struct followup *b) {
    return a->kind == b->kind && a->person == b->person && a->cause == b->cause && a->figure == b->figure &&
           a->due == b->due;
}

/* Two files of one person tell the same birthday. */
static void drop_doubles(struct collecting *c) {
    size_t kept = 0;
    for (size_t i = 0; i < c->count; i++)
        if (kept == 0 || !same(&c->found[kept - 1], &c->found[i])) c->found[kept++] = c->found[i];
    c->count = kept;
}

static void settle_stores(struct collecting *c) {
    for (size_t i = 0; i < c->count; i++) {
        struct followup *f = &c->found[i];
        const struct stream *stream =
            f->stream == FOLLOWUP_NO_STREAM || f->store.data != NULL ? NULL : stream_find(c->model, f->stream);
        if (stream != NULL) f->store = words_view(&c->model->words, stream_store(stream));
    }
}

int followups(const struct model *model, const struct followup_question *question, struct followup **out,
              size_t *count) {
    struct cut cut = {TIME_NONE, question->now};
    struct collecting c = {.model = model, .q = question};
    c.today = day_of(&c, question->now);
    c.earliest = c.today - policy_number(model, POLICY_FOLLOWUP_DAYS, question->now);
    if (question->due_from.year != 0) c.earliest = date_to_days(question->due_from);
    c.tallies = tallies_make(model, &cut, NULL);
    followup_gather_rows(&c);
    followup_trade(&c);
    followup_inactive(&c);
    from_facts(&c);
    anniversaries(&c);
    if (question->region) followup_top(&c);
    followup_place(&c);
    settle_stores(&c);
    if (c.count > 0) qsort(c.found, c.count, sizeof *c.found, by_due);
    drop_doubles(&c);
    *out = c.found == NULL ? mem_alloc(sizeof **out) : c.found;
    *count = c.count;
    free(c.recents);
    tallies_release(&c.tallies);
    return 0;
}
