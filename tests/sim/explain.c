/* For the trace: in what a store's people differ from the hub's. Says which persons are others here than there, who
 * belongs to them on one side only, and what the store was never told about them. */
#include <string.h>

#include "proto/model/digest.h"
#include "tests/sim/sim.h"

#define MEMBERS 64

struct sides {
    struct sim *sim;
    const struct site *here, *there; /* the store, the hub */
};

static void say_id(struct sim *sim, const char *what, uint64_t id) {
    sim_say(sim, "    %s %u-%llu", what, id_stream(id), (unsigned long long)id_seq(id));
}

static bool differs(const struct sides *s, uint64_t id) {
    struct digest_part part[2] = {{.model = s->here->model}, {.model = s->there->model}};
    struct digest_sum sums[2];
    for (int i = 0; i < 2; i++) {
        const struct model *model = part[i].model;
        sums[i] = digest_person(&part[i], model->roots.items[entry_find(model, id)]);
        buf_release(&part[i].bytes);
    }
    return memcmp(&sums[0], &sums[1], sizeof sums[0]) != 0;
}

static void say_lonely(const struct sides *s, const struct site *of, const struct site *beside, uint64_t id,
                       const char *what) {
    uint64_t members[MEMBERS], others[MEMBERS];
    size_t count = model_members(of->model, id, members, MEMBERS);
    size_t other_count = model_members(beside->model, id, others, MEMBERS);
    for (size_t i = 0; i < count && i < MEMBERS; i++) {
        bool both = false;
        for (size_t k = 0; k < other_count && k < MEMBERS; k++) both |= others[k] == members[i];
        if (!both) say_id(s->sim, what, members[i]);
    }
}

/* What the hub has about this person and the store has not; seen from the person's ids on both sides. */
static void say_untold(const struct sides *s, uint64_t id) {
    struct log_iterator *it;
    struct record record;
    struct event event;
    uint64_t position, person = model_person(s->there->model, id), mine = model_person(s->here->model, id);
    if (s->there->log->ops->iterate(s->there->log, &it, NULL) != 0) return;
    it->ops->seek(it, 1);
    while (it->ops->next(it, &record, NULL) == 0) {
        int standing = event_decode(record.frame, &event, NULL);
        uint64_t subject = standing < 0 ? 0 : model_subject(&event, record.id, standing);
        bool about = subject != 0 && (model_person(s->there->model, subject) == person ||
                                      model_person(s->here->model, subject) == mine);
        if (!about || log_position_of(s->here->log, record.id, &position) == 0) continue;
        say_id(s->sim, "was never told", record.id);
        sim_say(s->sim, "      which is of type %u, about %u-%llu, at position %llu", event.type, id_stream(subject),
                (unsigned long long)id_seq(subject), (unsigned long long)record.position);
    }
    it->ops->close(it);
}

static void explain_person(const struct sides *s, uint64_t id) {
    sim_say(s->sim, "  person %u-%llu", id_stream(id), (unsigned long long)id_seq(id));
    say_lonely(s, s->here, s->there, id, "has only here");
    say_lonely(s, s->there, s->here, id, "has only there");
    say_untold(s, id);
}

void explain_people(struct sim *sim, size_t pc) {
    struct sides s = {sim, sim->net.stores[pc].machine.site, sim->net.hub.machine.site};
    if (sim->trace == NULL || s.here == NULL || s.there == NULL) return;
    struct idmap own = {NULL, 0, 0};
    asking_people(s.there, view_of(s.here->config.store), &own);
    sim_say(sim, "%s and the hub differ in:", sim_name(sim, pc));
    for (size_t i = 0; i < s.here->model->entries.count; i++) {
        uint64_t id = s.here->model->entries.items[i].id;
        bool shown = idmap_find(&own, model_person(s.there->model, id)) != NULL &&
                     model_person(s.here->model, id) == id; /* each person once */
        if (shown && entry_find(s.there->model, id) != NONE && differs(&s, id)) explain_person(&s, id);
    }
    idmap_release(&own);
}

/* One who registered twice and counts as two: what the hub holds of each registration, and what was said of it. */
static void say_registration(struct sim *sim, uint64_t id) {
    struct site *hub = sim->net.hub.machine.site;
    struct ring_key keys[4];
    struct buf copy = BUF_INIT;
    struct record record = {.received = 0};
    say_id(sim, "registration", id);
    if (log_get_id(hub->log, id, &record, &copy, NULL) != 0) sim_say(sim, "      is not in the hub's log");
    int count = hub->ring->ops->get(hub->ring, id, keys, 4, NULL);
    sim_say(sim, "      received at %lld, at position %llu; %d keys; person %u-%llu", (long long)record.received,
            (unsigned long long)record.position, count, id_stream(model_person(hub->model, id)),
            (unsigned long long)id_seq(model_person(hub->model, id)));
    buf_release(&copy);
}

void explain_twice(struct sim *sim, const uint64_t *ids, size_t count) {
    struct site *hub = sim->net.hub.machine.site;
    struct log_iterator *it;
    struct record record;
    struct event event;
    if (sim->trace == NULL) return;
    for (size_t i = 0; i < count; i++) say_registration(sim, ids[i]);
    for (uint32_t i = 0; i < sim->net.hub.judge.eras.count; i++)
        sim_say(sim, "    a former hub judged from %lld to %lld", (long long)sim->net.hub.judge.eras.items[i].from,
                (long long)sim->net.hub.judge.eras.items[i].to);
    if (hub->log->ops->iterate(hub->log, &it, NULL) != 0) return;
    it->ops->seek(it, 1);
    while (it->ops->next(it, &record, NULL) == 0) {
        if (event_decode(record.frame, &event, NULL) < 0) continue;
        for (size_t i = 0; i < count; i++) {
            bool about = event.subject == ids[i] && (event.type == EVENT_linked || event.type == EVENT_unlinked);
            if (event.type == EVENT_linked && event.body.linked.other == ids[i]) about = true;
            if (about) say_id(sim, event.type == EVENT_linked ? "linked by" : "unlinked by", record.id);
        }
    }
    it->ops->close(it);
}
