#include "proto/model/followups.h"

#include <stdlib.h>
#include <string.h>

#include "proto/model/followup_parts.h"
#include "proto/model/people.h"
#include "proto/model/policies.h"

#define LOOK_AHEAD 8 /* what is looked at one after the other stands all over memory */

/* ---- Found, and what her facts say of it ---- */

static uint32_t store_of(const struct collecting *c, uint32_t number) {
    const struct stream *stream = number == FOLLOWUP_NO_STREAM ? NULL : stream_find(c->model, number);
    return stream == NULL ? 0 : stream_store(stream);
}

static void find_custodied(struct collecting *c) {
    const struct entry *entries = c->model->entries.items;
    c->custodied = mem_alloc((size_t)c->model->entries.count + 1);
    for (uint32_t i = 0; i < c->model->custodied.count; i++) {
        const struct custody *custody = &c->model->custodied.items[i];
        uint32_t member = custody->entry;
        if ((custody->store != 0 ? custody->store : store_of(c, custody->stream)) != c->store) continue;
        for (; c->custodied[member] == 0; member = entries[member].next_member) c->custodied[member] = 1;
    }
}

bool followup_of_store(const struct collecting *c, uint32_t stream) {
    return c->store == 0 || store_of(c, stream) == c->store;
}

static bool may_have_custodian(const struct collecting *c, uint32_t entry) {
    return entry < c->entries && c->custodied[entry] != 0;
}

bool followup_may_be_wanted(const struct collecting *c, uint32_t entry, uint32_t stream) {
    return followup_of_store(c, stream) || may_have_custodian(c, entry);
}

/* Where what comes from no event belongs: the stream of her latest visit. */
static uint32_t place_of(const struct collecting *c, uint32_t entry, uint64_t person) {
    struct tally tally = tallies_of(&c->tallies, c->model->roots.items[entry]);
    return tally.last == TIME_NONE ? id_stream(person) : tally.last_stream;
}

void followup_add(struct collecting *c, uint32_t entry, struct followup f, int64_t due) {
    if (!followup_asked(c, f.kind)) return;
    if (f.kind != FOLLOWUP_PROMISE && (f.since > c->q->now || due < c->earliest)) return;
    f.person = person_name(c->model, entry);
    if (f.stream == FOLLOWUP_NO_STREAM && f.kind != FOLLOWUP_TOP) f.stream = place_of(c, entry, f.person);
    if (!followup_may_be_wanted(c, entry, f.stream)) return;
    if (c->count == c->room) {
        c->room = c->room * 2 + 64;
        c->found = mem_resize(c->found, c->room * sizeof *c->found);
    }
    c->found[c->count++] = (struct gathered){.f = f, .due = due, .entry = entry};
}

#define SETTLED_AT_ONCE 1024

/* False: it is nothing to be told. */
static bool settle(const struct collecting *c, struct gathered *g) {
    struct followup *f = &g->f;
    bool promise = f->kind == FOLLOWUP_PROMISE;
    f->person = person_name(c->model, g->entry);
    if (model_customer(c->model, f->person) != CUSTOMER_KNOWN || !person_listed(c->model, g->entry)) return false;
    struct followup_standing standing = followup_standing_of(c, g);
    if (!promise && standing.answer == 0 && standing.left_alone) return false;
    if (standing.answer != 0 && !c->q->answered) return false;
    if (promise && standing.answer != 0 && day_of(c, f->due) < c->earliest) return false;
    f->answer = standing.answer;
    if (!promise) f->due = zone_day_end(c->q->zone, date_from_days(g->due));
    f->overdue = f->answer == 0 && c->q->now > f->due;
    g->staff = standing.staff;
    g->store = standing.store != 0 ? standing.store : store_of(c, f->stream);
    return c->store == 0 || g->store == c->store;
}

static void settle_all(struct collecting *c) {
    size_t kept = 0, all = c->count;
    for (size_t i = 0; i < all; i++) {
        if (i % SETTLED_AT_ONCE == 0) pace_rest(c->pace, i, all);
        if (followup_lost(c)) break;
        if (settle(c, &c->found[i])) c->found[kept++] = c->found[i];
    }
    c->count = kept;
}

/* ---- Promises and referrals ---- */

static bool counts(const struct collecting *c, const struct fact *fact) {
    return !fact->dead && fact->time <= c->q->now && fact->entry != NONE;
}

static struct followup of_fact(enum followup_kind kind, const struct fact *fact) {
    return (struct followup){.kind = kind, .cause = fact->id, .since = fact->time, .stream = id_stream(fact->id)};
}

static void referral(struct collecting *c, const struct fact *fact, int64_t days) {
    uint32_t thanked = fact->entry;
    bool told = followup_may_be_wanted(c, thanked, id_stream(fact->id));
    if (!told && c->model->custodied.count == 0) return;
    uint32_t newcomer = entry_find(c->model, fact->other);
    if (!told && (newcomer == NONE || !may_have_custodian(c, newcomer))) return;
    if (newcomer != NONE && c->model->roots.items[newcomer] == c->model->roots.items[thanked])
        return; /* linked since */
    int64_t due = day_of(c, fact->time) + days;
    followup_add(c, thanked, of_fact(FOLLOWUP_REFERRAL, fact), due);
    /* Another store's is not known here. */
    if (newcomer != NONE) followup_add(c, newcomer, of_fact(FOLLOWUP_NEWCOMER, fact), due);
}

/* Of those to come: the facts, and a few before their turn the newcomers. */
CALLS void call_referrals(const struct model *model, uint32_t at, int64_t from) {
    const struct referral *next = &model->referrals.items[at];
    const struct fact *facts = model->facts.items;
    uint32_t left = model->referrals.count - at;
    if (left > 2 * LOOK_AHEAD && next[2 * LOOK_AHEAD].time >= from)
        __builtin_prefetch(&facts[next[2 * LOOK_AHEAD].fact]);
    if (left > LOOK_AHEAD && next[LOOK_AHEAD].time >= from)
        idmap_call(&model->entry_of, facts[next[LOOK_AHEAD].fact].other);
}

static void from_referrals(struct collecting *c) {
    int64_t days = policy_number(c->model, POLICY_REFERRAL_DAYS, c->q->now);
    int64_t from = start_of(c, c->earliest - days);
    for (uint32_t i = 0; i < c->model->referrals.count; i++) {
        if (!followup_goes_on(c, i)) return;
        const struct referral *brought = &c->model->referrals.items[i];
        const struct fact *fact = &c->model->facts.items[brought->fact];
        call_referrals(c->model, i, from);
        if (brought->time >= from && counts(c, fact)) referral(c, fact, days);
    }
}

static void promise(struct collecting *c, const struct fact *fact) {
    if (fact->type != EVENT_promised || fact->other != 0 || !counts(c, fact)) return;
    struct followup f = of_fact(FOLLOWUP_PROMISE, fact);
    f.due = fact->values[0];
    followup_add(c, fact->entry, f, 0);
}

static void from_promises(struct collecting *c) {
    const struct open_list *open = &c->model->open_promises;
    bool listed = !c->q->answered && open_list_tells(open, c->q->now);
    uint32_t count = listed ? open->count : c->model->facts.count;
    uint32_t *facts = mem_alloc(((size_t)(listed ? count : 0) + 1) * sizeof *facts); /* the list goes on changing */
    if (listed && count > 0) memcpy(facts, open->items, count * sizeof *facts);
    for (uint32_t i = 0; i < count && followup_goes_on(c, i); i++)
        promise(c, &c->model->facts.items[listed ? facts[i] : i]);
    free(facts);
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

/* The day of a year; 29 February is the day before it in most. False: there is no such day. */
static bool day_in(int year, const struct dated *dated, struct date *out) {
    *out = (struct date){year, dated->month, dated->day};
    if (!date_valid(*out)) out->day--;
    return date_valid(*out);
}

struct near_days {
    bool near[256][32]; /* by month and day: may one of its days be within the time looked at? */
};

static bool within(const struct collecting *c, int64_t due, int64_t ahead) {
    return due >= c->earliest && due - ahead <= c->today;
}

/* Of a million birthdays few are near: which ones is worked out once. */
static void find_near(const struct collecting *c, int64_t ahead, struct near_days *out) {
    int year = date_from_days(c->today).year;
    for (uint8_t month = 1; month <= 12; month++)
        for (uint8_t day = 1; day <= 31; day++)
            for (int y = year - 1; y <= year + 1; y++) {
                struct date date;
                struct dated dated = {.month = month, .day = day};
                if (day_in(y, &dated, &date) && within(c, date_to_days(date), ahead)) out->near[month][day] = true;
            }
}

/* A day that has passed before she was registered was nobody's to remember. */
static void anniversary(struct collecting *c, const struct dated *dated, uint32_t entry, int64_t ahead) {
    if (!followup_may_be_wanted(c, entry, place_of(c, entry, person_name(c->model, entry)))) return;
    int year = date_from_days(c->today).year;
    for (int y = year - 1; y <= year + 1; y++) {
        struct date day;
        if (!day_in(y, dated, &day)) return;
        int64_t due = date_to_days(day);
        if (!within(c, due, ahead)) continue;
        int64_t registered = registered_at(c->model, entry);
        if (registered == INT64_MAX || due < day_of(c, registered)) continue;
        struct followup f = {.kind = dated->birthday ? FOLLOWUP_BIRTHDAY : FOLLOWUP_OCCASION,
                             .day = day,
                             .since = start_of(c, due - ahead),
                             .stream = FOLLOWUP_NO_STREAM};
        followup_add(c, entry, f, due);
    }
}

/* Customers stand all over memory: a few at a time, each called for before it is looked at. */
#define DATED_AT_ONCE 32

/* Both lines of her entry, and what says which person she is. */
CALLS void call_person(const struct model *model, uint32_t entry) {
    const uint8_t *start = (const uint8_t *)&model->entries.items[entry];
    __builtin_prefetch(start);
    __builtin_prefetch(start + sizeof(struct entry) / 2);
    __builtin_prefetch(&model->roots.items[entry]);
}

static void few_anniversaries(struct collecting *c, const struct dated *few, size_t count, int64_t ahead) {
    const struct idmap *map = &c->model->entry_of;
    uint32_t entries[DATED_AT_ONCE];
    for (size_t i = 0; i < count && map->slots != NULL; i++)
        __builtin_prefetch(&map->slots[idmap_hash(few[i].customer) & map->mask]);
    for (size_t i = 0; i < count; i++) {
        entries[i] = entry_find(c->model, few[i].customer);
        if (entries[i] != NONE) call_person(c->model, entries[i]);
    }
    for (size_t i = 0; i < count; i++)
        if (entries[i] != NONE) anniversary(c, &few[i], entries[i], ahead);
}

static bool is_near(const struct collecting *c, const struct near_days *days, const struct dated *dated) {
    enum followup_kind kind = dated->birthday ? FOLLOWUP_BIRTHDAY : FOLLOWUP_OCCASION;
    return dated->customer != 0 && followup_asked(c, kind) && dated->day < 32 && days->near[dated->month][dated->day];
}

static void anniversaries(struct collecting *c) {
    const struct followup_reader *reader = &c->q->reader;
    int64_t ahead = policy_number(c->model, POLICY_BIRTHDAY_DAYS, c->q->now);
    struct near_days days = {.near = {{false}}};
    struct dated few[DATED_AT_ONCE];
    size_t count = 0;
    find_near(c, ahead, &days);
    for (size_t i = 0; reader->dated_at != NULL && reader->dated_at(reader->context, i, &few[count]); i++) {
        if (!followup_goes_on(c, (uint32_t)i)) return;
        if (is_near(c, &days, &few[count])) count++;
        if (count < DATED_AT_ONCE) continue;
        few_anniversaries(c, few, count, ahead);
        count = 0;
    }
    if (!followup_lost(c)) few_anniversaries(c, few, count, ahead);
}

/* ---- The list ---- */

#define TOLD_AT_ONCE 16384

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
static size_t drop_doubles(struct followup *list, size_t count) {
    size_t kept = 0;
    for (size_t i = 0; i < count; i++)
        if (kept == 0 || !same(&list[kept - 1], &list[i])) list[kept++] = list[i];
    return kept;
}

/* Their words stay good without the model. `text` has room for them: it must not move any more. */
static struct view copy_word(const struct collecting *c, uint32_t word) {
    struct buf *text = c->q->text;
    struct view there = words_view(&c->model->words, word);
    if (text == NULL || there.data == NULL) return there;
    const uint8_t *at = text->data + text->len;
    buf_append_view(text, there);
    return view_make(at, there.len);
}

/* Words never go, whatever else happens to the model: so the list can be written in turns. */
static void tell(const struct collecting *c, struct followup **out, size_t *count) {
    const struct words *words = &c->model->words;
    const struct pace *pace = c->q->text != NULL ? c->pace : NULL;
    struct followup *list = mem_alloc((c->count + 1) * sizeof *list);
    size_t need = 1;
    for (size_t i = 0; i < c->count; i++)
        need += words_view(words, c->found[i].staff).len + words_view(words, c->found[i].store).len;
    if (c->q->text != NULL) buf_reserve(c->q->text, need);
    for (size_t i = 0; i < c->count; i++) {
        if (i % TOLD_AT_ONCE == 0) pace_rest(pace, i, c->count);
        list[i] = c->found[i].f;
        list[i].staff = copy_word(c, c->found[i].staff);
        list[i].store = copy_word(c, c->found[i].store);
    }
    pace_leave(pace);
    if (c->count > 0) qsort(list, c->count, sizeof *list, by_due);
    *out = list;
    *count = drop_doubles(list, c->count);
}

/* The sums kept, or those of the time asked about. */
static void tally_all(struct collecting *c, const struct pace *pace) {
    struct people_asked asked = {.cut = {TIME_NONE, c->q->now}};
    struct people people;
    c->tallies = (struct tallies){c->model, NULL, 0};
    if (cut_is_whole(c->model, &asked.cut)) return;
    people_read(c->model, &asked, pace, &people);
    c->tallies.by_root = people.tallies;
    c->tallies.count = people.count;
    people.tallies = NULL; /* handed over */
    people_release(&people);
}

static void gather(struct collecting *c) {
    struct pace pace = pace_within(c->pace);
    tally_all(c, &pace);
    if (c->store != 0) find_custodied(c);
    followup_trade(c);
    pace_rest(c->pace, 0, 0);
    if (followup_asked(c, FOLLOWUP_INACTIVE)) followup_inactive(c);
    pace_rest(c->pace, 0, 0);
    if (followup_asked(c, FOLLOWUP_REFERRAL) || followup_asked(c, FOLLOWUP_NEWCOMER)) from_referrals(c);
    if (followup_asked(c, FOLLOWUP_PROMISE)) from_promises(c);
    if (followup_asked(c, FOLLOWUP_BIRTHDAY) || followup_asked(c, FOLLOWUP_OCCASION)) anniversaries(c);
    if (c->q->region && followup_asked(c, FOLLOWUP_TOP)) followup_top(c);
    pace_rest(c->pace, 0, 0);
    tallies_release(&c->tallies);
}

/* False: the model was folded again meanwhile. */
static bool collect(struct collecting *c, bool nobodys) {
    c->entries = c->model->entries.count;
    c->seen = c->model->touched.count;
    if (!nobodys) gather(c);
    settle_all(c);
    return !followup_lost(c);
}

static void forget(struct collecting *c) {
    free(c->found);
    free(c->custodied);
    c->found = NULL;
    c->custodied = NULL;
    c->count = c->room = 0;
}

int followups(const struct model *model, const struct followup_question *question, struct followup **out,
              size_t *count) {
    struct collecting c = {.model = model, .q = question, .pace = question->pace};
    c.today = day_of(&c, question->now);
    c.earliest = c.today - policy_number(model, POLICY_FOLLOWUP_DAYS, question->now);
    if (question->due_from.year != 0) c.earliest = date_to_days(question->due_from);
    bool nobodys = false;
    if (question->store.data != NULL) {
        c.store = words_find(&model->words, question->store);
        nobodys = c.store == NONE; /* never heard of */
    }
    if (!collect(&c, nobodys)) {
        forget(&c);
        c.pace = NULL;
        collect(&c, nobodys);
        c.pace = question->pace;
    }
    tell(&c, out, count);
    forget(&c);
    return 0;
}
