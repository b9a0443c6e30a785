/* The same question gives the same answer: at a store that is level, for its people, and at the hub; in the hub's book
 * that grew as the events came, and in one folded from them in another order. As of now, of some days ago and of a day
 * that is still to come, so that what is derived from time is derived everywhere alike. */
#include <stdlib.h>
#include <string.h>

#include "tests/sim/answers.h"
#include "tests/sim/sim.h"

static const int64_t days[] = {1, -4, 200}; /* from now */

/* `store` VIEW_NONE: for the whole region. */
static struct asked ask_site(struct site *site, int64_t now, struct view store) {
    struct asked asked = {.model = site->model,
                          .log = site->log,
                          .zone = &site->zone,
                          .now = now,
                          .store = store,
                          .region = store.data == NULL};
    struct dated *dated;
    site_anniversaries(site, NULL, NULL, NULL, &dated, &asked.dated_count);
    asked.dated = dated;
    return asked;
}

static void asked_release(struct asked *asked) { free((void *)(uintptr_t)asked->dated); }

/* ---- Where they differ ---- */

static struct view line_at(const struct buf *text, size_t at) {
    const uint8_t *end = memchr(text->data + at, '\n', text->len - at);
    return view_make(text->data + at, end == NULL ? text->len - at : (size_t)(end - text->data) - at);
}

/* False: they do not. */
static bool first_difference(const struct buf *a, const struct buf *b, struct view *line, struct view *other) {
    size_t at = 0, start = 0;
    if (a->len == b->len && (a->len == 0 || memcmp(a->data, b->data, a->len) == 0)) return false;
    for (; at < a->len && at < b->len && a->data[at] == b->data[at]; at++)
        if (a->data[at] == '\n') start = at + 1;
    *line = line_at(a, start);
    *other = line_at(b, start);
    return true;
}

static bool same(struct sim *sim, const char *whose, const char *what, const struct buf *here,
                 const struct buf *there) {
    struct view line, other;
    if (!first_difference(here, there, &line, &other)) return true;
    sim_say(sim, "%s, %s:\n  here  %.*s\n  there %.*s", whose, what, (int)line.len, (const char *)line.data,
            (int)other.len, (const char *)other.data);
    sim_found(sim, LEVEL_AGREES, "%s answers otherwise than the hub, %s: '%.*s' for '%.*s'", whose, what, (int)line.len,
              (const char *)line.data, (int)other.len, (const char *)other.data);
    return false;
}

/* ---- A store and the hub ---- */

static void serve(const struct site *hub, uint64_t subject, struct idmap *out) {
    uint64_t person = subject == 0 ? 0 : model_person(hub->model, subject);
    if (person != 0 && model_customer(hub->model, person) == CUSTOMER_KNOWN) idmap_put(out, person, NULL);
}

void asking_people(const struct site *hub, struct view store, struct idmap *out) {
    struct log_iterator *it;
    struct record record;
    struct event event;
    if (hub->log->ops->iterate(hub->log, &it, NULL) != 0) return;
    it->ops->seek(it, 1);
    while (it->ops->next(it, &record, NULL) == 0) {
        struct stream_state stream;
        int standing = event_decode(record.frame, &event, NULL);
        if (standing < 0) continue;
        bool own = model_stream(hub->model, id_stream(record.id), &stream) && view_equal(stream.store, store);
        bool routed = standing == EVENT_GOOD && event.type == EVENT_routed && event.body.routed.store.data != NULL &&
                      view_equal(event.body.routed.store, store);
        if (own || routed) serve(hub, model_subject(&event, record.id, standing), out);
    }
    it->ops->close(it);
}

static void ask_about(struct sim *sim, const char *whose, const struct asked *here, const struct asked *there,
                      uint64_t person) {
    struct buf a = BUF_INIT, b = BUF_INIT;
    char what[80];
    answer_person(here, person, &a);
    answer_person(there, person, &b);
    snprintf(what, sizeof what, "about %u-%llu as of %lld", id_stream(person), (unsigned long long)id_seq(person),
             (long long)here->now);
    same(sim, whose, what, &a, &b);
    buf_release(&a);
    buf_release(&b);
}

static void ask_lists(struct sim *sim, const char *whose, const struct asked *here, const struct asked *there,
                      const struct idmap *people) {
    struct buf a = BUF_INIT, b = BUF_INIT;
    answer_lists(here, people, &a);
    answer_lists(there, people, &b);
    same(sim, whose, "in lists", &a, &b);
    buf_release(&a);
    buf_release(&b);
}

static void ask_of_store(struct sim *sim, const char *whose, const struct asked *here, const struct asked *there,
                         struct view store) {
    struct buf a = BUF_INIT, b = BUF_INIT;
    answer_store(here, store, &a);
    answer_store(there, store, &b);
    same(sim, whose, "of itself", &a, &b);
    buf_release(&a);
    buf_release(&b);
}

void asking_level(struct sim *sim, size_t pc) {
    struct site *store = sim->net.stores[pc].machine.site, *hub = sim->net.hub.machine.site;
    struct view code = view_of(store->config.store);
    struct idmap people = {NULL, 0, 0};
    asking_people(hub, code, &people);
    for (size_t i = 0; i < sizeof days / sizeof *days && !sim_over(sim); i++) {
        int64_t now = env_now(hub->env) + days[i] * DAY_MS;
        struct asked here = ask_site(store, now, code), there = ask_site(hub, now, code);
        for (size_t k = 0; people.count > 0 && k <= people.mask && !sim_over(sim); k++)
            if (people.slots[k].key != 0) ask_about(sim, sim_name(sim, pc), &here, &there, people.slots[k].key);
        if (!sim_over(sim)) ask_lists(sim, sim_name(sim, pc), &here, &there, &people);
        if (!sim_over(sim)) ask_of_store(sim, sim_name(sim, pc), &here, &there, code);
        asked_release(&here);
        asked_release(&there);
    }
    idmap_release(&people);
}

/* ---- The hub and its book folded in another order ---- */

void asking_shuffled(struct sim *sim, struct model *shuffled, struct log *log) {
    struct site *hub = sim->net.hub.machine.site;
    for (size_t i = 0; i < sizeof days / sizeof *days && !sim_over(sim); i++) {
        struct asked here = ask_site(hub, env_now(hub->env) + days[i] * DAY_MS, VIEW_NONE), there = here;
        struct buf a = BUF_INIT, b = BUF_INIT;
        uint64_t person;
        there.model = shuffled;
        there.log = log;
        answer_region(&there, &a);
        answer_region(&here, &b);
        same(sim, "the hub's book in another order", "of the region", &a, &b);
        buf_release(&a);
        buf_release(&b);
        for (size_t k = 0; !sim_over(sim) && (person = model_customer_at(hub->model, k)) != 0; k++)
            if (model_customer(hub->model, person) == CUSTOMER_KNOWN && model_person(hub->model, person) == person)
                ask_about(sim, "the hub's book in another order", &there, &here, person);
        asked_release(&here);
    }
}
