/* What is looked at now and then and at the end, because it reads everything: logs and rings, folds made anew and in
 * another order, every event's bytes and whether they can be read, and totals counted by hand. */
#include <stdlib.h>
#include <string.h>

#include "proto/model/questions.h"
#include "tests/sim/sim.h"
#include "tests/support/region_random.h"

#define NEEDLES                                                                                                        \
    { "Somebody", "SOMEBODY", "somebody", "010-5555" } /* in every name, card, address, telephone number and note */
#define BYTES_A_CUSTOMER 4000 /* ample: links, voids, complaints and files that changed; the budget is for millions */
#define BYTES_A_RECORD 200
#define BYTES_AT_LEAST (1u << 20)

/* ---- The hub's records, one by one ---- */

struct count {
    struct idmap verdicts; /* event → index in voids + 1 */
    struct verdict_seen {
        uint64_t hlc, id;
        bool on, twice;
    } * voids;
    size_t void_count, void_room;
    struct idmap marks; /* stream + 1 → mark so far */
    struct idmap seqs;
    struct totals totals;
};

/* A store takes back what it wrote, on whichever PC. */
static bool same_store(const struct model *model, uint32_t a, uint32_t b) {
    struct stream_state one, other;
    return a == b || (model_stream(model, a, &one) && model_stream(model, b, &other) && one.store.data != NULL &&
                      other.store.data != NULL && view_equal(one.store, other.store));
}

static void count_void(const struct model *model, struct count *count, uint64_t hlc, const struct record *record,
                       const struct event *event) {
    uint64_t of = event->body.voided.event;
    bool added;
    if (!stream_is_hub(id_stream(record->id)) && !same_store(model, id_stream(record->id), id_stream(of))) return;
    uint64_t *place = idmap_put(&count->verdicts, of, &added);
    if (added) {
        if (count->void_count == count->void_room) {
            count->void_room = count->void_room * 2 + 64;
            count->voids = mem_resize(count->voids, count->void_room * sizeof *count->voids);
        }
        count->voids[count->void_count] = (struct verdict_seen){0, 0, false, false};
        *place = ++count->void_count;
    }
    struct verdict_seen *seen = &count->voids[*place - 1];
    bool later = hlc > seen->hlc || (hlc == seen->hlc && record->id > seen->id);
    bool twice = stream_is_hub(id_stream(record->id)) && view_is(event->ref.source, "judge");
    if (later) *seen = (struct verdict_seen){hlc, record->id, event->body.voided.on == 1, twice};
}

static bool counts(const struct count *count, uint64_t id) {
    const uint64_t *place = idmap_find(&count->verdicts, id);
    return place == NULL || !count->voids[*place - 1].on;
}

/* Of what people took back nothing comes back. */
static bool return_counts(const struct count *count, uint64_t id, uint64_t sale) {
    const uint64_t *place = sale == 0 ? NULL : idmap_find(&count->verdicts, sale);
    return counts(count, id) && (place == NULL || !count->voids[*place - 1].on || count->voids[*place - 1].twice);
}

static void count_event(struct count *count, const struct record *record, const struct event *event) {
    count->totals.events++;
    if (event->type == EVENT_sold && counts(count, record->id)) count->totals.purchases++;
    if (event->type == EVENT_returned && return_counts(count, record->id, event->body.returned.sale))
        count->totals.returns++;
}

static bool shows_somebody(struct view frame) {
    static const char *const needles[] = NEEDLES;
    for (size_t i = 0; i < sizeof needles / sizeof *needles; i++)
        if (memmem(frame.data, frame.len, needles[i], strlen(needles[i])) != NULL) return true;
    return false;
}

/* The bytes are those that were written, with nothing missing before them. */
static bool check_bytes(struct sim *sim, struct count *count, const struct record *record) {
    uint32_t stream = id_stream(record->id);
    uint64_t *mark = idmap_put(&count->marks, (uint64_t)stream + 1, NULL);
    uint64_t *seq = idmap_put(&count->seqs, (uint64_t)stream + 1, NULL);
    *mark = mark_next(*mark, record->frame);
    if (++*seq == id_seq(record->id) && *mark == book_mark(sim->hub.book, stream, *seq)) return true;
    sim_found(sim, ACKED_IS_KEPT, "the hub's log has at position %llu not what was written there",
              (unsigned long long)record->position);
    return false;
}

static void check_record(struct sim *sim, struct count *count, const struct record *record) {
    struct site *hub = sim->net.hub.machine.site;
    struct buf plain = BUF_INIT;
    struct event event;
    unsigned long long seq = id_seq(record->id);
    if (!check_bytes(sim, count, record)) return;
    if (shows_somebody(record->frame))
        sim_found(sim, KEYS_DECIDE, "sequence %llu of stream %u tells somebody's name or number in the clear", seq,
                  id_stream(record->id));
    if (event_decode(record->frame, &event, NULL) != EVENT_GOOD) return;
    bool all_back = !sim->keys_gone && sim->net.world.elapsed >= sim->incomplete_until;
    if (sim->tally.hubs > 0 && stream_is_hub(id_stream(event.subject))) all_back = false; /* a key of the desk's own */
    if (event.sealed_bits != 0 && model_customer(hub->model, event.subject) != CUSTOMER_ERASED && all_back &&
        !site_unseal(hub, &event, &plain))
        sim_found(sim, ACKED_IS_KEPT, "the hub cannot read sequence %llu of stream %u: its key is missing", seq,
                  id_stream(record->id));
    buf_release(&plain);
    /* The hub may have corrected the clock of who said it. */
    if (event.type == EVENT_voided)
        count_void(hub->model, count, model_hlc(hub->model, record->id, &event), record, &event);
}

/* `each` over the hub's log; stops at a finding. */
static void read_hub(struct sim *sim, struct count *count, bool second) {
    struct log *log = sim->net.hub.machine.site->log;
    struct log_iterator *it;
    struct record record;
    struct event event;
    if (log->ops->iterate(log, &it, NULL) != 0) return;
    it->ops->seek(it, 1);
    while (!sim_over(sim) && it->ops->next(it, &record, NULL) == 0) {
        if (!second)
            check_record(sim, count, &record);
        else if (event_decode(record.frame, &event, NULL) == EVENT_GOOD)
            count_event(count, &record, &event);
    }
    it->ops->close(it);
}

static void check_totals(struct sim *sim, const struct count *count) {
    struct totals now;
    struct cut all = {TIME_NONE, TIME_NONE};
    totals(sim->net.hub.machine.site->model, &all, &now);
    if (now.purchases != count->totals.purchases || now.returns != count->totals.returns)
        sim_found(sim, IN_ORDER_ONCE, "the hub counts %llu sales and %llu returns, by hand they are %llu and %llu",
                  (unsigned long long)now.purchases, (unsigned long long)now.returns,
                  (unsigned long long)count->totals.purchases, (unsigned long long)count->totals.returns);
}

static void audit_records(struct sim *sim) {
    struct count count = {.void_count = 0};
    read_hub(sim, &count, false);
    for (size_t i = 0; i < sim->hub.book->count && !sim_over(sim); i++) {
        const struct track *track = &sim->hub.book->tracks[i];
        const uint64_t *seq = idmap_find(&count.seqs, (uint64_t)track->stream + 1);
        if (track->count != (seq == NULL ? 0 : *seq))
            sim_found(sim, ACKED_IS_KEPT, "the hub's log has lost events of stream %u", track->stream);
    }
    read_hub(sim, &count, true);
    if (!sim_over(sim)) check_totals(sim, &count);
    idmap_release(&count.verdicts);
    idmap_release(&count.marks);
    idmap_release(&count.seqs);
    free(count.voids);
}

/* ---- Folds ---- */

/* Of the records of `log`, those that `there` holds, as the hub has them. */
static void gather(struct log *log, struct log *there, struct region *out) {
    struct log_iterator *it;
    struct record record;
    struct event event;
    if (log->ops->iterate(log, &it, NULL) != 0) return;
    it->ops->seek(it, 1);
    while (it->ops->next(it, &record, NULL) == 0) {
        uint64_t position;
        if (log_position_of(there, record.id, &position) != 0) continue;
        int standing = event_decode(record.frame, &event, NULL);
        region_put_record(out, record.id, standing >= 0 ? event.subject : 0, record.frame);
    }
    it->ops->close(it);
}

/* `sim`: the hub is asked the same of both, too; NULL: only digests are compared. */
static void fold_shuffled(struct region *region, const struct site *site, struct sim *sim,
                          uint8_t digest[DIGEST_SIZE]) {
    size_t *order = mem_alloc((region->count + 1) * sizeof *order);
    region_shuffle(region, order);
    struct log *log = region_log(region, order, region->count);
    struct model *model = model_open(log);
    site_assume(site, model);
    model_replay(model, 0, region->count, NULL, NULL);
    model_digest(model, NULL, digest);
    if (sim != NULL) asking_shuffled(sim, model, log);
    model_close(model);
    log->ops->close(log);
    free(order);
}

/* The same events in another order give the same digest as the site's model, which grew as they came. `from`: whose
 * copy of them is taken. */
static void check_shuffled(struct sim *sim, struct site *site, struct log *from, bool ask, enum invariant invariant,
                           const char *what) {
    uint8_t shuffled[DIGEST_SIZE], now[DIGEST_SIZE];
    struct region region;
    region_init(&region);
    region.dice = sim_roll(sim, 1u << 30);
    gather(from, site->log, &region);
    model_digest(site->model, NULL, now);
    fold_shuffled(&region, site, ask ? sim : NULL, shuffled);
    if (memcmp(shuffled, now, DIGEST_SIZE) != 0)
        sim_found(sim, invariant, "%s: a digest of the same events, shuffled, is another one", what);
    region_release(&region);
}

static void check_site(struct sim *sim, size_t pc) {
    struct site *site = sim_machine(sim, pc)->site;
    uint64_t keys;
    struct err err = {.code = 0};
    const char *name = sim_name(sim, pc), *wrong = net_check_log(&sim->net, site, name);
    if (wrong != NULL) sim_found(sim, IN_ORDER_ONCE, "%s", wrong);
    if (site->ring->ops->verify(site->ring, &keys, &err) != 0)
        sim_found(sim, KEYS_DECIDE, "the ring of %s: %s", name, err.text);
    wrong = net_check_fold(&sim->net, site, name);
    if (wrong != NULL) sim_found(sim, SAME_DIGEST, "%s", wrong);
    struct totals now;
    struct cut all = {TIME_NONE, TIME_NONE};
    totals(site->model, &all, &now);
    size_t allowed = BYTES_AT_LEAST + BYTES_A_CUSTOMER * now.customers + BYTES_A_RECORD * now.events;
    forgetting_audit(sim, pc);
    if (model_memory(site->model) > allowed)
        sim_found(sim, WITHIN_BOUNDS, "the model of %s takes %zu bytes for %llu events", name,
                  model_memory(site->model), (unsigned long long)now.events);
}

static void audit_all(struct sim *sim, bool ask) {
    if (sim_over(sim)) return;
    sim->tally.audits++;
    for (size_t i = 0; i < sim->net.store_count; i++)
        if (net_up(&sim->net.stores[i].machine) && !sim_over(sim)) check_site(sim, i);
    if (!net_up(&sim->net.hub.machine) || sim->hub_is_old) return;
    check_site(sim, HUB_PC);
    audit_records(sim);
    struct site *hub = sim->net.hub.machine.site;
    if (!sim_over(sim)) check_shuffled(sim, hub, hub->log, ask, SAME_DIGEST, "the hub");
}

void audit(struct sim *sim) { audit_all(sim, false); }

/* ---- When all is level ---- */

/* Everything a store wrote is at the hub, once; and its people are to it who they are to the hub. */
static void check_people(struct sim *sim, size_t pc) {
    const struct site *site = sim->net.stores[pc].machine.site;
    struct view store = view_of(site->config.store);
    uint8_t here[DIGEST_SIZE], there[DIGEST_SIZE];
    model_digest(site->model, &store, here);
    model_digest(sim->net.hub.machine.site->model, &store, there);
    if (memcmp(here, there, DIGEST_SIZE) == 0) return;
    explain_people(sim, pc);
    sim_found(sim, LEVEL_AGREES, "%s is level, and knows its people otherwise than the hub does", sim_name(sim, pc));
}

static void check_level(struct sim *sim, size_t pc) {
    struct net_machine *machine = &sim->net.stores[pc].machine;
    uint32_t stream = machine->config.stream;
    uint64_t here = book_seq(sim->pcs[pc].book, stream), there = book_seq(sim->hub.book, stream);
    if (here != there)
        sim_found(sim, BECOMES_LEVEL, "%s is level with %llu events, the hub has %llu of them", sim_name(sim, pc),
                  (unsigned long long)here, (unsigned long long)there);
    else
        check_people(sim, pc);
    if (!sim_over(sim)) asking_level(sim, pc);
    if (!sim->pcs[pc].suspect) forgetting_audit_level(sim, pc);
}

void audit_level(struct sim *sim) {
    audit_all(sim, true);
    rebuild_audit(sim);
    if (net_up(&sim->net.hub.machine) && !sim_over(sim)) forgetting_audit_level(sim, HUB_PC);
    for (size_t i = 0; i < sim->net.store_count && !sim_over(sim); i++)
        if (net_up(&sim->net.stores[i].machine) && !check_parted(sim, i) && net_store_level(&sim->net.stores[i]))
            check_level(sim, i);
    if (!sim_over(sim)) directory_audit_level(sim);
}
