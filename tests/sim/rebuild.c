/* The hub is lost and comes back as its next incarnation: over an older image of its disk, found out at the first
 * contact or known to be a backup, or over an empty disk, with nothing left but the region's root. Its stores hand back
 * what it lacks, and then nothing may be missing.
 *
 * An older image that writes before it is found out gives numbers away twice; what stores were told counts, and the
 * hub is recovered once more (hub/branch.h).
 *
 * What no store holds is gone with a hub; DESIGN says so. So a hub is only lost when all that it would lack, but for
 * what it wrote itself and told nobody, is on disks that still are there. */
#include <string.h>

#include "hub/branch.h"
#include "hub/recovery.h"
#include "node/handback.h"
#include "tests/sim/sim.h"

#define HUBS_MOST 6
#define COMES_BACK_MS (5 * MINUTE_MS) /* until digests and judgements stand as well */

bool rebuild_goes_on(const struct sim *sim) {
    return sim->net.hub.machine.site != NULL && recovery_goes_on(sim->net.hub.machine.site);
}

static void recover_again(struct sim *sim, size_t pc);

/* The hub says that it has to be recovered: somebody hears of it. */
static void look_at_note(struct sim *sim) {
    struct restored restored;
    if (sim->joins || sim->hub_is_old || !net_up(&sim->net.hub.machine)) return;
    recovery_restored(sim->net.hub.machine.site, &restored);
    if (!restored.noted) return;
    sim->joins = true;
    sim_later(sim, 1 + (int64_t)sim_roll(sim, (uint64_t)(sim_once_in(sim, 3) ? HOUR_MS : MINUTE_MS)), recover_again, 0);
}

void rebuild_look(struct sim *sim) {
    const struct net_machine *hub = &sim->net.hub.machine;
    bool incomplete = rebuild_goes_on(sim);
    if (sim->tally.hubs == 0) return;
    look_at_note(sim);
    sim->hub.book->own = hub->config.stream; /* a hub that was made anew learns of its number later */
    for (size_t i = 0; i < sim->net.store_count; i++) {
        struct pc *pc = &sim->pcs[i];
        if (!pc->behind || pc->retired) continue;
        const struct net_store *store = &sim->net.stores[i];
        pc->behind = !net_up(hub) || sim->hub_is_old || !net_up(&store->machine) || !uplink_level(&store->uplink) ||
                     store->uplink.incarnation != hub->config.incarnation;
        incomplete |= pc->behind;
    }
    if (incomplete) sim->incomplete_until = sim->net.world.elapsed + COMES_BACK_MS;
}

/* ---- May it be lost? ---- */

static bool somebody_holds(struct sim *sim, const struct track *track) {
    for (size_t i = 0; i < sim->net.store_count; i++) {
        const struct pc *pc = &sim->pcs[i];
        if (pc->retired || pc->suspect || pc->recovery.step != RECOVERS_NOT) continue;
        if (book_mark(pc->book, track->stream, track->count) == track->marks[track->count - 1]) return true;
    }
    return false;
}

/* `then`: what the hub will still have; NULL: nothing. */
static bool can_come_back(struct sim *sim, const struct book *then) {
    uint32_t own = sim->net.hub.machine.config.stream;
    for (size_t i = 0; i < sim->net.store_count; i++) /* everybody can show that they were enrolled */
        if (!sim->pcs[i].retired && book_seq(sim->pcs[i].book, own) == 0) return false;
    for (size_t i = 0; i < sim->hub.book->count; i++) {
        const struct track *track = &sim->hub.book->tracks[i];
        uint64_t left = then == NULL ? 0 : book_seq(then, track->stream);
        if (track->count > left && track->stream != own && !somebody_holds(sim, track)) return false;
    }
    return true;
}

static bool at_rest(struct sim *sim) {
    const struct net_hub *hub = &sim->net.hub;
    return image_quiet(sim, HUB_PC) && !hub->machine.cut && !hub->halted && !rebuild_goes_on(sim) &&
           sim->tally.hubs < HUBS_MOST && hub->judge.position == log_tip(hub->machine.site->log);
}

/* ---- What it has said itself ---- */

/* So far a store could hand it back. */
static uint64_t signed_upto(struct sim *sim, size_t pc, uint32_t stream) {
    struct log *log = sim->net.stores[pc].machine.log.inner;
    struct buf value = BUF_INIT;
    struct head head;
    char name[HANDBACK_HEAD_NAME];
    uint64_t seq = 0;
    if (log_head(log, stream, &head) != 0) return 0;
    if (!head_unsigned(&head)) return head.seq;
    if (log->ops->value(log, handback_head_name(stream, name), &value) == 0 && value.len == HANDBACK_HEAD_SIZE)
        seq = get_u64_le(value.data);
    buf_release(&value);
    return seq;
}

static bool reliable(const struct pc *pc) { return !pc->retired && !pc->suspect && pc->recovery.step == RECOVERS_NOT; }

/* What stores were told counts, whatever an older copy writes under the same numbers: the newest that any of them holds
 * of the hub's stream will have to be there in the end. */
static void note_told(struct sim *sim) {
    struct told now = {.stream = sim->net.hub.machine.config.stream};
    struct told *known = sim->told;
    while (known < sim->told + sim->told_count && known->stream != now.stream) known++;
    bool again = known < sim->told + sim->told_count;
    if (again && book_mark(sim->hub.book, now.stream, known->seq) != known->mark) return; /* not back yet */
    for (size_t i = 0; i < sim->net.store_count; i++) {
        uint64_t seq = reliable(&sim->pcs[i]) ? signed_upto(sim, i, now.stream) : 0;
        uint64_t mark = seq == 0 ? 0 : book_mark(sim->pcs[i].book, now.stream, seq);
        if (mark == 0 || mark != book_mark(sim->hub.book, now.stream, seq) || seq < now.seq) continue;
        now.holders = (seq == now.seq ? now.holders : 0) | UINT64_C(1) << i;
        now.seq = seq;
        now.mark = mark;
    }
    if (now.seq == 0 || (!again && sim->told_count == TOLD_MOST)) return;
    if (!again) sim->told_count++;
    *known = now;
}

void rebuild_audit(struct sim *sim) {
    for (size_t i = 0; i < sim->told_count; i++) {
        const struct told *told = &sim->told[i];
        bool held = false;
        for (size_t k = 0; k < sim->net.store_count; k++)
            held |= (told->holders >> k & 1) != 0 && reliable(&sim->pcs[k]);
        if (held && book_mark(sim->hub.book, told->stream, told->seq) != told->mark)
            sim_found(sim, ACKED_IS_KEPT,
                      "a lost hub's stream %u was told to stores up to %llu, and is another one now", told->stream,
                      (unsigned long long)told->seq);
    }
}

/* ---- It is lost ---- */

static void all_are_behind(struct sim *sim) {
    note_told(sim);
    for (size_t i = 0; i < sim->net.store_count; i++) {
        sim->pcs[i].behind = true;
        sim->pcs[i].settled = 0;
    }
    sim->tally.hubs++;
    sim->incomplete_until = sim->net.world.elapsed + COMES_BACK_MS;
}

static void change_disk(struct sim *sim, struct net_image *image, struct book *book) {
    net_hub_crash(&sim->net);
    net_image_put(&sim->net.hub.machine, image);
    sim->hub.book = sim->net.hub.machine.log.witness = book;
}

/* Nobody calls, or only a store that knows nothing newer; the desk works on. */
static void go_on_alone(struct sim *sim, size_t deaf) {
    for (size_t i = 0; i < sim->net.store_count; i++) net_cut(&sim->net.stores[i].machine, i != deaf);
    sim_start(sim, HUB_PC);
    for (uint64_t i = 1 + sim_roll(sim, 8); i > 0 && !sim_over(sim); i--) {
        life_act(sim, sim_once_in(sim, 6) && deaf < sim->net.store_count ? deaf : HUB_PC);
        sim_pass(sim, (int64_t)sim_roll(sim, (uint64_t)MINUTE_MS));
    }
    for (size_t i = 0; i < sim->net.store_count; i++) net_cut(&sim->net.stores[i].machine, false);
}

/* Somebody who knows better calls, before the old copy has written anything or after it has; the hub says that it is
 * an older copy. `deaf`: a store that knows nothing newer. */
static void be_found_out(struct sim *sim, bool alone, size_t deaf) {
    sim->hub_is_old = true;
    sim->net.hub.halted = !alone;
    if (alone) go_on_alone(sim, deaf);
    sim_start(sim, HUB_PC);
    for (int i = 0; i < 30 && !sim_over(sim); i++) {
        struct restored restored;
        sim_pass(sim, 20000);
        if (sim->net.hub.machine.site == NULL) break;
        recovery_restored(sim->net.hub.machine.site, &restored);
        if (restored.noted) break;
    }
    sim->hub_is_old = sim->net.hub.halted = false;
    if (sim->net.hub.machine.site != NULL) net_hub_stop(&sim->net);
    sim_bury(sim);
}

/* What was found out after the last `recover`: the stores' branch of its stream is kept. */
static void recover_again(struct sim *sim, size_t nobody) {
    struct net_machine *hub = &sim->net.hub.machine;
    struct restored restored = {.noted = false};
    (void)nobody;
    sim->joins = false;
    if (!image_quiet(sim, HUB_PC) || sim->net.hub.halted || sim->hub.full) return; /* it is looked at again */
    recovery_restored(hub->site, &restored);
    if (!restored.noted) return;
    sim_say(sim, "somebody runs recover on the hub: %s", restored.reason);
    sim->tally.branches += branch_kept(hub->site);
    net_hub_stop(&sim->net);
    sim_bury(sim);
    if (hub->site != NULL) return;
    for (size_t i = 0; i < sim->net.store_count; i++) {
        sim->pcs[i].behind = true;
        sim->pcs[i].settled = 0;
    }
    sim->incomplete_until = sim->net.world.elapsed + COMES_BACK_MS;
    net_hub_recover(&sim->net);
    sim->hub.book->own = hub->config.stream;
    sim_start(sim, HUB_PC);
}

static void over_an_image(struct sim *sim, bool backup) {
    bool alone = !backup && sim_once_in(sim, 2);
    size_t deaf = alone && sim_once_in(sim, 2) ? (size_t)sim_roll(sim, sim->net.store_count) : SIZE_MAX;
    if (deaf != SIZE_MAX) net_cut(&sim->net.stores[deaf].machine, true);
    struct net_image image = net_image_take(&sim->net.hub.machine);
    struct book *then = book_copy(&sim->ledger, sim->hub.book, HUB_PC);
    for (uint64_t i = sim_roll(sim, 20); i > 0 && !sim_over(sim); i--) {
        life_act(sim, sim_once_in(sim, 6) ? HUB_PC : (size_t)sim_roll(sim, sim->net.store_count));
        sim_pass(sim, (int64_t)sim_roll(sim, (uint64_t)(sim_once_in(sim, 4) ? HOUR_MS : MINUTE_MS)));
    }
    if (deaf != SIZE_MAX) net_cut(&sim->net.stores[deaf].machine, false);
    if (sim_over(sim) || !at_rest(sim) || !can_come_back(sim, then)) {
        net_image_release(&image);
        return;
    }
    sim_say(sim, "the hub is lost; %s of it goes on", backup ? "a backup" : "an older image");
    all_are_behind(sim);
    change_disk(sim, &image, then);
    if (!backup) be_found_out(sim, alone, deaf);
    if (sim_over(sim)) return;
    net_hub_recover(&sim->net);
}

static void over_nothing(struct sim *sim) {
    sim_say(sim, "the hub is destroyed and made anew");
    all_are_behind(sim);
    net_hub_crash(&sim->net);
    net_hub_anew(&sim->net, (uint8_t)(200 + sim->hub_seed++));
    struct book *book = book_open(&sim->ledger, sim, HUB_PC, sim->net.hub.machine.config.stream);
    sim->hub.book = sim->net.hub.machine.log.witness = book;
}

void rebuild_hub(struct sim *sim) {
    if (!at_rest(sim)) return;
    uint64_t before = sim->tally.hubs;
    if (!sim_once_in(sim, 3))
        over_an_image(sim, sim_once_in(sim, 2));
    else if (can_come_back(sim, NULL))
        over_nothing(sim);
    if (sim->tally.hubs == before || sim_over(sim)) return;
    sim->hub.book->own = sim->net.hub.machine.config.stream;
    sim_start(sim, HUB_PC);
}
