/* Images of disks: old ones restored, PCs copied and both started, an older hub, and new PCs in place of old ones.
 *
 * What must hold so far: it is detected at first contact, and nothing that was acked is lost. A PC that was found out
 * stands still until somebody puts a new one in its place; an older hub until its newest disk is back. */
#include <string.h>

#include "hub/recovery.h"
#include "tests/sim/sim.h"

bool image_quiet(struct sim *sim, size_t pc) {
    const struct net_machine *machine = sim_machine(sim, pc);
    bool writes = pc != HUB_PC || !net_up(machine) || !recovery_waits(machine->site);
    return net_up(machine) && machine->log.fault.fails == 0 && machine->ring.fault.fails == 0 && !sim->hub_is_old &&
           writes;
}

static bool usable(struct sim *sim, size_t pc) {
    return sim->net.stores[pc].machine.site != NULL && !sim->pcs[pc].retired && image_quiet(sim, pc) &&
           sim->pcs[pc].recovery.step == RECOVERS_NOT;
}

void image_forget_people(struct sim *sim, uint32_t stream, uint64_t last) {
    for (size_t i = 0; i < sim->people_count; i++) {
        struct person *person = &sim->people[i];
        for (size_t k = 0; k < person->id_count;) {
            if (id_stream(person->ids[k]) == stream && id_seq(person->ids[k]) > last) {
                person->ids[k] = person->ids[--person->id_count];
                person->disturbed = true;
            } else {
                k++;
            }
        }
    }
}

/* Time passes and the shop goes on, so that the image gets old. */
static void get_old(struct sim *sim, size_t pc) {
    for (uint64_t i = sim_roll(sim, 12); i > 0 && !sim_over(sim); i--) {
        life_act(sim, pc);
        sim_pass(sim, (int64_t)sim_roll(sim, (uint64_t)(sim_once_in(sim, 4) ? HOUR_MS : MINUTE_MS)));
    }
}

void image_restore(struct sim *sim) {
    size_t pc = (size_t)sim_roll(sim, sim->net.store_count);
    if (!usable(sim, pc)) return;
    struct net_machine *machine = &sim->net.stores[pc].machine;
    struct net_image image = net_image_take(machine);
    struct book *then = book_copy(&sim->ledger, sim->pcs[pc].book, pc);
    get_old(sim, pc);
    if (sim_over(sim) || sim->pcs[pc].retired) {
        net_image_release(&image);
        return;
    }
    sim_say(sim, "%s is restored from an image", sim_name(sim, pc));
    sim->tally.restores++;
    if (machine->site != NULL) net_store_crash(&sim->net.stores[pc]);
    net_image_put(machine, &image);
    sim->pcs[pc].book = machine->log.witness = then;
    sim->pcs[pc].settled = sim->pcs[pc].acked = 0;
    sim->pcs[pc].suspect = true;
    image_forget_people(sim, then->own, book_seq(then, then->own));
    sim_start(sim, pc);
    get_old(sim, pc);
}

static void put_away(struct sim *sim, size_t pc) {
    sim->pcs[pc].retired = true;
    if (sim->net.stores[pc].machine.site != NULL) net_store_crash(&sim->net.stores[pc]);
}

/* But for one that got a stream of its own meanwhile: that one is to go on. */
static void put_copy_away(struct sim *sim, size_t pc) {
    if (sim->pcs[pc].recovery.step == RECOVERS_NOT && sim->pcs[pc].suspect) put_away(sim, pc);
}

void image_clone(struct sim *sim) {
    size_t pc = (size_t)sim_roll(sim, sim->net.store_count), copy = sim->net.store_count;
    if (!usable(sim, pc) || copy + 2 >= NET_STORES) return;
    struct net_image image = net_image_take(&sim->net.stores[pc].machine);
    struct book *book = book_copy(&sim->ledger, sim->pcs[pc].book, copy);
    if (sim_once_in(sim, 2)) get_old(sim, pc);
    if (sim_over(sim) || sim->net.store_count != copy) {
        net_image_release(&image);
        return;
    }
    image_forget_people(sim, book->own, book_seq(book, book->own));
    sim_say(sim, "%s is cloned", sim_name(sim, pc));
    sim->tally.clones++;
    net_store_clone(&sim->net.stores[copy], &sim->net.stores[pc], &image);
    sim->net.store_count++;
    sim->pcs[copy] = (struct pc){.book = book, .suspect = true, .open = true, .behind = sim->pcs[pc].behind};
    sim->pcs[pc].suspect = true;
    sim->net.stores[copy].machine.log.wrote = book_wrote;
    sim->net.stores[copy].machine.log.regrown = book_regrown;
    sim->net.stores[copy].machine.log.witness = book;
    sim_start(sim, copy);
    for (int i = 0; i < 4 && !sim_over(sim); i++) get_old(sim, sim_once_in(sim, 2) ? pc : copy);
    sim_later(sim, 1 + (int64_t)sim_roll(sim, (uint64_t)DAY_MS), put_copy_away, copy);
}

void image_replace(struct sim *sim, size_t pc) {
    size_t fresh = sim->net.store_count;
    struct net_store *old = &sim->net.stores[pc], *store = &sim->net.stores[fresh];
    for (size_t i = 0; i < fresh; i++) /* its clones too */
        if (sim->net.stores[i].machine.config.stream == old->machine.config.stream) put_away(sim, i);
    if (fresh == NET_STORES || !image_quiet(sim, HUB_PC)) return;
    net_store_make(&sim->net, store, (uint32_t)fresh, 0);
    store->machine.config.store = old->machine.config.store;
    store->machine.config.stream =
        net_enroll(&sim->net, store->machine.config.store, store->machine.secrets.join_secret);
    sim->net.store_count++;
    sim->pcs[fresh] = (struct pc){.open = true};
    sim->pcs[fresh].book = book_open(&sim->ledger, sim, fresh, store->machine.config.stream);
    store->machine.log.wrote = book_wrote;
    store->machine.log.regrown = book_regrown;
    store->machine.log.witness = sim->pcs[fresh].book;
    sim_say(sim, "%s takes the place of pc %zu", sim_name(sim, fresh), pc);
    sim_start(sim, fresh);
}

static void come_in_place(struct sim *sim, size_t pc) {
    if (image_quiet(sim, HUB_PC)) {
        net_revoke(&sim->net, sim->net.stores[pc].machine.config.stream);
        image_replace(sim, pc);
    } else {
        sim_later(sim, HOUR_MS, come_in_place, pc);
    }
}

/* What it had not sent is gone with it. `enroll --replace`, when somebody gets round to it. */
void image_destroy(struct sim *sim) {
    size_t pc = (size_t)sim_roll(sim, sim->net.store_count);
    if (!usable(sim, pc) || sim->pcs[pc].behind || sim->net.store_count + 4 >= NET_STORES) return;
    get_old(sim, pc);
    if (sim_over(sim) || sim->pcs[pc].retired) return;
    sim_say(sim, "%s is destroyed", sim_name(sim, pc));
    put_away(sim, pc);
    sim_later(sim, 1 + (int64_t)sim_roll(sim, (uint64_t)DAY_MS), come_in_place, pc);
}

/* ---- The hub ---- */

static void cut_all(struct sim *sim, bool cut) {
    for (size_t i = 0; i < sim->net.store_count; i++) net_cut(&sim->net.stores[i].machine, cut);
}

static void change_hub_disk(struct sim *sim, struct net_image *image, struct book *book) {
    if (sim->net.hub.machine.site != NULL) net_hub_crash(&sim->net);
    net_image_put(&sim->net.hub.machine, image);
    sim->hub.book = sim->net.hub.machine.log.witness = book;
    sim_start(sim, HUB_PC);
}

/* One store calls the old hub first; both must find out before anything is written about it. */
static void first_contact(struct sim *sim, size_t pc) {
    struct net_store *store = &sim->net.stores[pc];
    uint32_t stream = store->machine.config.stream;
    uint64_t before = book_seq(sim->hub.book, stream);
    net_cut(&store->machine, false);
    uplink_try_now(&store->uplink);
    for (int i = 0; i < 40 && !sim_over(sim) && net_up(&store->machine) && !store->uplink.refused; i++)
        sim_pass(sim, 15000);
    if (sim_over(sim) || !net_up(&store->machine)) return;
    if (!store->uplink.refused)
        sim_found(sim, FORKS_ARE_SEEN, "%s holds a receipt for more than the restored hub has, and nobody says so",
                  sim_name(sim, pc));
    if (book_seq(sim->hub.book, stream) != before)
        sim_found(sim, FORKS_ARE_SEEN, "a restored hub took events of %s, which knows better", sim_name(sim, pc));
}

/* An image of the hub is restored; at the first contact it is found out, and the newest disk is put back. */
void image_hub(struct sim *sim) {
    struct net_machine *hub = &sim->net.hub.machine;
    size_t pc = (size_t)sim_roll(sim, sim->net.store_count);
    if (!image_quiet(sim, HUB_PC) || !usable(sim, pc) || hub->cut || sim->net.hub.halted) return;
    struct net_image old = net_image_take(hub);
    struct book *then = book_copy(&sim->ledger, sim->hub.book, HUB_PC), *now;
    get_old(sim, pc);
    uint32_t stream = sim->net.stores[pc].machine.config.stream;
    bool lacks = usable(sim, pc) && sim->pcs[pc].acked > book_seq(then, stream) && !sim->net.stores[pc].silent;
    if (sim_over(sim) || !lacks || !image_quiet(sim, HUB_PC)) {
        net_image_release(&old);
        return;
    }
    sim_say(sim, "the hub is restored from an image; %s calls first", sim_name(sim, pc));
    sim->tally.restores++;
    net_hub_crash(&sim->net);
    struct net_image newest = net_image_take(hub);
    now = sim->hub.book;
    sim->hub_is_old = true;
    cut_all(sim, true);
    change_hub_disk(sim, &old, then);
    first_contact(sim, pc);
    change_hub_disk(sim, &newest, now);
    sim->hub_is_old = false;
    cut_all(sim, false);
}
