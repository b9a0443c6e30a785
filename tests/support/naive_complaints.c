#include "tests/support/naive_model.h"

#include <stdlib.h>

#define MOST 64 /* events in one thread of a test */

struct naive_thread {
    const struct naive_event *items[MOST]; /* laid out, voided ones too */
    size_t count;
};

static uint64_t complaint_named(const struct naive_event *e) {
    switch (e->e.type) {
    case EVENT_complained: return e->id;
    case EVENT_stepped: return e->e.body.stepped.complaint;
    case EVENT_routed: return e->e.body.routed.complaint;
    case EVENT_paused: return e->e.body.paused.complaint;
    case EVENT_resumed: return e->e.body.resumed.complaint;
    case EVENT_reopened: return e->e.body.reopened.complaint;
    default: return 0;
    }
}

static bool opens(const struct naive_event *e) { return e->e.type == EVENT_complained; }

/* Said to be after, or known to be: a step that says nothing is after the opening, a stream knows what it wrote. */
static bool directly_after(const struct naive_event *a, const struct naive_event *b) {
    if (naive_names(a->e.after, b->id)) return true;
    if (a != b && opens(b) && a->e.after.count == 0) return true;
    return id_stream(a->id) == id_stream(b->id) && a->id > b->id;
}

static bool placed(const struct naive_thread *t, const struct naive_event *e) {
    for (size_t i = 0; i < t->count; i++)
        if (t->items[i] == e) return true;
    return false;
}

static bool ready(const struct naive_event **all, size_t count, const struct naive_thread *t,
                  const struct naive_event *e) {
    for (size_t i = 0; i < count; i++)
        if (all[i] != e && directly_after(e, all[i]) && !placed(t, all[i])) return false;
    return !placed(t, e);
}

static bool lay_out(const struct naive *n, uint64_t id, struct naive_thread *t) {
    const struct naive_event *all[MOST], *opening = naive_find(n, id);
    size_t count = 0;
    t->count = 0;
    if (opening == NULL || !opens(opening) || opening->dead) return false;
    for (size_t i = 0; i < n->count; i++)
        if (n->events[i].good && complaint_named(&n->events[i]) == id && n->events[i].subject == opening->subject)
            all[count++] = &n->events[i];
    while (t->count < count) {
        const struct naive_event *next = NULL;
        for (size_t i = 0; i < count; i++)
            if (ready(all, count, t, all[i]) && (next == NULL || naive_later(next, all[i]))) next = all[i];
        t->items[t->count++] = next;
    }
    return true;
}

static bool after(const struct naive_thread *t, const struct naive_event *a, const struct naive_event *b) {
    if (directly_after(a, b)) return true;
    for (size_t i = 0; i < t->count; i++)
        if (t->items[i] != a && directly_after(a, t->items[i]) && after(t, t->items[i], b)) return true;
    return false;
}

static bool counts(const struct naive_event *e, const struct cut *cut) {
    return !e->dead && (cut->to == TIME_NONE || e->time <= cut->to);
}

static bool concurrent(const struct naive_thread *t, const struct cut *cut) {
    for (size_t i = 0; i < t->count; i++)
        for (size_t j = 0; j < i; j++)
            if (counts(t->items[i], cut) && counts(t->items[j], cut) && !opens(t->items[i]) && !opens(t->items[j]) &&
                !after(t, t->items[i], t->items[j]) && !after(t, t->items[j], t->items[i]))
                return true;
    return false;
}

static bool outcome(const struct naive_event *e) {
    return e->e.type == EVENT_stepped && e->e.body.stepped.step == choice_step_outcome;
}

/* The item that says where the thread stands: the last one of a kind after the last reopening. */
static size_t last_reopening(const struct naive_thread *t, const struct cut *cut) {
    size_t last = 0;
    for (size_t i = 0; i < t->count; i++)
        if (counts(t->items[i], cut) && t->items[i]->e.type == EVENT_reopened) last = i;
    return last;
}

static void read_cycle(const struct naive_thread *t, const struct cut *cut, struct complaint *out) {
    bool paused = false;
    for (size_t i = last_reopening(t, cut); i < t->count; i++) {
        const struct naive_event *e = t->items[i];
        if (!counts(e, cut)) continue;
        if (e->e.type == EVENT_paused) paused = out->closed_at == TIME_NONE;
        if (e->e.type == EVENT_resumed) paused = false;
        if (e->e.type == EVENT_stepped && e->e.body.stepped.step > out->step) out->step = e->e.body.stepped.step;
        if (!outcome(e)) continue;
        paused = false;
        out->closed_at = e->time;
        out->satisfied = e->e.body.stepped.satisfied;
        out->score = e->e.body.stepped.score;
    }
    out->state = paused ? COMPLAINT_PAUSED : out->closed_at == TIME_NONE ? COMPLAINT_OPEN : COMPLAINT_CLOSED;
}

static bool ends_pause(const struct naive_event *e) {
    return e->e.type == EVENT_resumed || e->e.type == EVENT_reopened || outcome(e);
}

/* Does the clock stand still at an instant, by a pause or, where `closed`, since an outcome? Looked for by every pause
 * and outcome that counts and what ends it, the next of the sequence. */
static bool stands_still(const struct naive_thread *t, const struct cut *cut, int64_t at, bool closed) {
    for (size_t i = 0; i < t->count; i++) {
        const struct naive_event *start = t->items[i];
        bool ends = outcome(start);
        if (!counts(start, cut) || (start->e.type != EVENT_paused && !(closed && ends))) continue;
        int64_t until = ends ? INT64_MIN : INT64_MAX; /* a closing that nothing follows is no standing still */
        bool first = true;
        for (size_t j = i; j-- > 0 && first;) { /* of several pauses, or outcomes, in a row only the first starts */
            const struct naive_event *e = t->items[j];
            if (!counts(e, cut)) continue;
            if (ends ? e->e.type == EVENT_reopened : ends_pause(e)) break;
            if (ends ? outcome(e) : e->e.type == EVENT_paused) first = false;
        }
        for (size_t j = i + 1; j < t->count; j++) {
            const struct naive_event *e = t->items[j];
            if (!counts(e, cut) || !(ends ? e->e.type == EVENT_reopened : ends_pause(e))) continue;
            until = e->time;
            break;
        }
        if (first && start->time <= at && at < until) return true;
    }
    return false;
}

static int by_value(const void *a, const void *b) {
    const int64_t *x = a, *y = b;
    return (*x > *y) - (*x < *y);
}

/* Between any two neighbouring moments of the thread the clock runs or stands still throughout. */
static int64_t ms_of(const struct naive_thread *t, const struct cut *cut, int64_t from, int64_t until, bool still,
                     bool closed) {
    int64_t moments[MOST + 2], sum = 0;
    size_t count = 0;
    for (size_t i = 0; i < t->count; i++)
        if (t->items[i]->time > from && t->items[i]->time < until) moments[count++] = t->items[i]->time;
    if (until <= from) return 0;
    moments[count++] = from;
    moments[count++] = until;
    qsort(moments, count, sizeof *moments, by_value);
    for (size_t i = 0; i + 1 < count; i++)
        if (stands_still(t, cut, moments[i], closed) == still) sum += moments[i + 1] - moments[i];
    return sum;
}

static void read_steps(const struct naive_thread *t, const struct cut *cut, struct complaint *out) {
    size_t cycle = last_reopening(t, cut);
    int64_t unsatisfied = -1;
    for (size_t i = 0; i < t->count; i++) {
        const struct naive_event *e = t->items[i];
        const struct body_stepped *body = &e->e.body.stepped;
        if (!counts(e, cut)) continue;
        out->cycles += e->e.type == EVENT_reopened;
        if (e->e.type != EVENT_stepped) continue;
        if (body->step == choice_step_compensate && body->cost != NIL)
            out->cost = (out->cost == NIL ? 0 : out->cost) + body->cost;
        if (i < cycle) continue;
        if (body->step == choice_step_compensate && unsatisfied == 0) out->last_offer = true;
        if (outcome(e)) unsatisfied = body->satisfied;
    }
    for (int64_t step = 1; step < out->step; step++) {
        bool made = false;
        for (size_t i = cycle; i < t->count; i++)
            made |= counts(t->items[i], cut) && t->items[i]->e.type == EVENT_stepped &&
                    t->items[i]->e.body.stepped.step == step;
        if (!made) out->left_out |= UINT32_C(1) << step;
    }
}

static int64_t spent(const struct naive_thread *t, const struct cut *cut, int64_t from, int64_t met, int64_t until) {
    return ms_of(t, cut, from, met != TIME_NONE && met < until ? met : until, false, true);
}

/* X3, by the defaults: to the region after 48 hours, to the company after 120, since it was opened or last routed. */
static void read_level(const struct naive_thread *t, const struct cut *cut, int64_t until, struct complaint *out) {
    int64_t given = out->level, hours_ms = 3600000;
    int64_t since = out->routed_at > out->opened_at ? out->routed_at : out->opened_at;
    int64_t ms = spent(t, cut, since, out->closed_at, until);
    if (ms > 48 * hours_ms && out->level < choice_level_region) out->level = choice_level_region;
    if (ms > 120 * hours_ms) out->level = choice_level_company;
    out->escalated = out->level > given;
}

bool naive_complaint(const struct naive *n, uint64_t id, const struct cut *cut, int64_t now, int64_t hours,
                     struct complaint *out) {
    struct naive_thread t;
    if (!lay_out(n, id, &t) || !counts(naive_find(n, id), cut)) return false;
    const struct naive_event *opening = naive_find(n, id);
    int64_t until = cut->to != TIME_NONE && cut->to < now ? cut->to : now;
    *out = (struct complaint){
        .id = id,
        .subject = opening->subject,
        .stream = id_stream(id),
        .level = choice_level_store,
        .opened_at = opening->time,
        .first_answer_at = TIME_NONE,
        .closed_at = TIME_NONE,
        .satisfied = NIL,
        .score = NIL,
        .cost = NIL,
        .cycles = 1,
        .routed_at = TIME_NONE,
    };
    for (size_t i = 0; i < t.count; i++) {
        const struct naive_event *e = t.items[i];
        if (!counts(e, cut)) continue;
        if (e->e.type == EVENT_routed) {
            out->level = e->e.body.routed.level;
            out->routed_at = e->time;
        }
        if (e->e.type != EVENT_stepped) continue;
        out->steps++;
        bool answer = e->e.body.stepped.step >= choice_step_apologise;
        if (answer && (out->first_answer_at == TIME_NONE || e->time < out->first_answer_at))
            out->first_answer_at = e->time;
    }
    read_cycle(&t, cut, out);
    read_steps(&t, cut, out);
    out->person = naive_person(n, opening->subject);
    if (naive_customer(n, out->person) == CUSTOMER_THING) out->person = 0;
    out->paused_ms = ms_of(&t, cut, out->opened_at, until, true, false);
    out->answer.spent_ms = spent(&t, cut, out->opened_at, out->first_answer_at, until);
    out->resolve.spent_ms = spent(&t, cut, out->opened_at, out->closed_at, until);
    read_level(&t, cut, until, out);
    out->concurrent = concurrent(&t, cut);
    out->overdue = out->first_answer_at == TIME_NONE && out->answer.spent_ms > hours * 3600000;
    return true;
}

size_t naive_thread(const struct naive *n, uint64_t id, uint64_t *out) {
    struct naive_thread t;
    size_t count = 0;
    lay_out(n, id, &t);
    for (size_t i = 0; i < t.count; i++)
        if (!t.items[i]->dead) out[count++] = t.items[i]->id;
    return count;
}

/* What no other live item is after, the last of the sequence first; the opening only where it is alone. */
size_t naive_complaint_heads(const struct naive *n, uint64_t id, uint64_t *out) {
    struct naive_thread t;
    size_t count = 0;
    lay_out(n, id, &t);
    for (size_t i = t.count; i-- > 0;) {
        bool head = !t.items[i]->dead;
        for (size_t j = 0; j < t.count; j++)
            if (j != i && !t.items[j]->dead && after(&t, t.items[j], t.items[i])) head = false;
        if (head && opens(t.items[i]) && count > 0) head = false;
        if (head) out[count++] = t.items[i]->id;
    }
    return count;
}
