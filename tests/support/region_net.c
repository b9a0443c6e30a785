#include "tests/support/region_net.h"

#include <stdatomic.h>

#include "hub/branch.h"
#include "hub/recovery.h"
#include "proto/site/retell.h"

#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#define PATIENCE_MS (20 * 60 * 1000)
#define DIRECTORY_QUICK_MEMORY 8 /* KiB: the slow hash, without being slow */
#define NET_NUMBERS 50           /* of which a key and a secret can be made: fewer than bytes there are for both */

static void must(bool good, const char *what) {
    if (good) return;
    fprintf(stderr, "region_net: %s failed\n", what);
    abort();
}

/* ---- Machines ---- */

static void machine_make(struct region_net *net, struct net_machine *machine, enum role role, uint32_t stream,
                         uint8_t seed) {
    static char region[] = "region", currency[] = "KRW", zone[] = "UTC", country[] = "KR", address[] = NET_HUB_ADDRESS;
    sim_clock_init(&machine->clock, &net->world);
    machine->config = (struct config){.role = role,
                                      .stream = stream,
                                      .incarnation = 1,
                                      .region = region,
                                      .currency = currency,
                                      .timezone = zone,
                                      .country = country,
                                      .addresses = {address},
                                      .address_count = 1};
    memcpy(machine->config.root, net->root.public_key, PUBLIC_KEY_SIZE);
    memset(machine->secrets.seed, seed, sizeof machine->secrets.seed);
    memset(machine->secrets.master, seed ^ 0x55, KEY_BYTES);
    struct net_image disk = {log_mem_open(&machine->clock.env),
                             keyring_mem_open(machine->secrets.master, &machine->clock.env)};
    net_image_put(machine, &disk);
}

void net_cut(struct net_machine *machine, bool cut) {
    machine->cut = cut;
    if (machine->transport != NULL) transport_mem_cut(machine->transport, cut || machine->dead);
}

void net_weather(struct net_machine *machine, const struct mem_weather *weather) {
    machine->weather = *weather;
    if (machine->transport != NULL) transport_mem_weather(machine->transport, weather);
}

static void machine_start(struct region_net *net, struct net_machine *machine) {
    struct err err = {.code = 0};
    struct zone zone = zone_fixed(0);
    machine->site = site_assemble(&machine->config, &machine->secrets, &zone, &machine->ring.base, &machine->log.base,
                                  &machine->clock.env, &err);
    must(machine->site != NULL, err.text);
    machine->transport = transport_mem_open(net->lines);
    net_cut(machine, machine->cut);
    net_weather(machine, &machine->weather);
}

static void machine_down(struct net_machine *machine) {
    site_close(machine->site);
    machine->site = NULL;
    machine->transport = NULL;
    machine->dead = false;
}

static void machine_release(struct net_machine *machine) {
    faulty_log_end(&machine->log);
    faulty_ring_end(&machine->ring);
}

/* A process that dies writes nothing while it goes. */
static void machine_numb(struct net_machine *machine, bool numb) {
    machine->log.fault.after_all = machine->ring.fault.after_all = false;
    machine->log.fault.deadly = machine->ring.fault.deadly = false;
    fault_plan(&machine->log.fault, 0, numb ? UINT64_MAX : 0, ERR_IO);
    fault_plan(&machine->ring.fault, 0, numb ? UINT64_MAX : 0, ERR_IO);
}

/* ---- The hub ---- */

void net_hub_start(struct region_net *net) {
    struct net_hub *hub = &net->hub;
    struct err err;
    machine_start(net, &hub->machine);
    hub->ingest = ingest_open(hub->machine.site);
    if (hub->queue_bytes != 0) ingest_limit(hub->ingest, hub->queue_bytes);
    desk_open(&hub->desk, hub->machine.site, hub->ingest, net->journal);
    judge_open(&hub->judge, hub->machine.site);
    erasing_open(&hub->erasing, &hub->desk);
    hub->feeder = feeder_open(&hub->desk);
    directory_work_open(&hub->directory, &hub->desk, DIRECTORY_QUICK_MEMORY);
    struct transport_handler handler = desk_handler(&hub->desk);
    int code = hub->machine.transport->ops->listen(hub->machine.transport, NET_HUB_ADDRESS, &handler, NULL, &err);
    must(code == 0, "listening");
}

static void hub_down(struct region_net *net) {
    struct net_hub *hub = &net->hub;
    transport_shutdown(hub->machine.transport);
    desk_welcome(&hub->desk);
    judge_close(&hub->judge);
    feeder_close(hub->feeder);
    directory_work_close(&hub->directory);
    ingest_close(hub->ingest);
    desk_close(&hub->desk);
    machine_down(&hub->machine);
}

/* False: it could not be written down. */
static bool reincarnate(struct region_net *net, uint32_t incarnation) {
    struct net_machine *machine = &net->hub.machine;
    struct err err = {.code = 0};
    struct zone zone = zone_fixed(0);
    struct site *site = site_assemble(&machine->config, &machine->secrets, &zone, &machine->ring.base,
                                      &machine->log.base, &machine->clock.env, &err);
    must(site != NULL, err.text);
    if (incarnation == 0) incarnation = recovery_next(site, 0);
    bool open = recovery_open(site, incarnation, &err) == 0;
    machine->config.incarnation = site->config.incarnation;
    machine->config.stream = site->config.stream;
    if (open && branch_kept(site)) return net_hub_join(machine, site, &net->hub.joined, &err) == 0;
    site_close(site);
    return open;
}

void net_hub_recover(struct region_net *net) { must(reincarnate(net, 0), "recovering the hub"); }

void net_hub_stop(struct region_net *net) {
    while (ingest_step(net->hub.ingest)) {
    }
    hub_down(net);
}

void net_hub_crash(struct region_net *net) {
    machine_numb(&net->hub.machine, true);
    hub_down(net);
    machine_numb(&net->hub.machine, false);
}

/* Its thread, too, looks at an idle log now and then only. */
static bool directory_turn(struct region_net *net) {
    struct net_hub *hub = &net->hub;
    int64_t now = net->world.elapsed;
    if (directory_settled(&hub->directory) && now - hub->directory_at < WORK_LOOK_MS) return false;
    hub->directory_at = now;
    return directory_step(&hub->directory);
}

bool net_hub_step(struct region_net *net) {
    struct net_hub *hub = &net->hub;
    struct err err = {.code = 0};
    if (!net_up(&hub->machine)) return false;
    uint32_t incarnation = hub->desk.incarnation;
    if (incarnation != 0) { /* as hub_serve does; where it cannot, it is started again and waits as before */
        net_hub_stop(net);
        reincarnate(net, incarnation);
        net_hub_start(net);
        return true;
    }
    bool moved = desk_welcome(&hub->desk);
    if (hub->halted) return moved;
    moved |= ingest_step(hub->ingest);
    if (!hub->machine.dead) desk_resume(&hub->desk);
    if (atomic_exchange(&hub->desk.tag_again, false)) judge_afresh(&hub->judge);
    while (!hub->machine.dead && judge_step(&hub->judge, &err) > 0) moved = true;
    if (hub->machine.dead) return moved;
    hub->desk.judged = hub->judge.position;
    moved |= erasing_step(&hub->erasing);
    if (hub->machine.dead) return moved;
    moved |= directory_turn(net);
    if (hub->machine.dead) return moved;
    moved |= feeder_step(hub->feeder);
    return moved;
}

static void hub_write(struct region_net *net, struct draft *drafts, size_t count) {
    struct err err = {.code = 0};
    must(site_write(net->hub.machine.site, drafts, count, NULL, 0, NULL, &err) == 0, err.text);
}

uint32_t net_enroll(struct region_net *net, const char *store, const uint8_t secret[SECRET_SIZE]) {
    struct draft drafts[2] = {{.subject = SUBJECT_GIVEN}, {.subject = SUBJECT_GIVEN}};
    struct stream_state stream;
    uint8_t hash[32];
    uint32_t counter = 1, incarnation = net->hub.machine.config.incarnation;
    for (size_t i = 0; model_stream_at(net->hub.machine.site->model, i, &stream); i++)
        if ((stream.stream & 0xFFFF) >= counter) counter = (stream.stream & 0xFFFF) + 1;
    join_secret_hash(secret, hash);
    event_init(&drafts[0].event, EVENT_store_opened);
    drafts[0].event.body.store_opened.store = view_of(store);
    event_init(&drafts[1].event, EVENT_stream_opened);
    drafts[1].event.body.stream_opened.stream = stream_make(incarnation, counter);
    drafts[1].event.body.stream_opened.store = view_of(store);
    drafts[1].event.body.stream_opened.secret_hash = view_make(hash, sizeof hash);
    hub_write(net, drafts, 2);
    return stream_make(incarnation, counter);
}

void net_revoke(struct region_net *net, uint32_t stream) {
    struct draft draft = {.subject = SUBJECT_GIVEN};
    struct head head = {.seq = 0};
    if (log_head(net->hub.machine.site->log, stream, &head) != 0) head.seq = 0;
    event_init(&draft.event, EVENT_stream_revoked);
    draft.event.body.stream_revoked.stream = stream;
    draft.event.body.stream_revoked.last = (int64_t)head.seq;
    hub_write(net, &draft, 1);
    desk_drop(&net->hub.desk, stream, "this store was revoked");
}

/* ---- Stores: what node/line.c does with a thread ---- */

static void *store_opened(void *context, struct connection *connection) {
    struct net_store *store = context;
    store->connection = connection;
    transport_limit(connection, MESSAGE_MAX);
    uplink_clock(&store->uplink, store->net->world.elapsed);
    uplink_dialled(&store->uplink);
    return store;
}

static bool store_message(void *user, struct connection *connection, struct view bytes) {
    struct net_store *store = user;
    (void)connection;
    store->heard++;
    uplink_clock(&store->uplink, store->net->world.elapsed);
    uplink_message(&store->uplink, bytes);
    return true;
}

static void store_closed(void *user, struct connection *connection, const struct err *err) {
    struct net_store *store = user;
    (void)connection;
    store->connection = NULL;
    uplink_clock(&store->uplink, store->net->world.elapsed);
    uplink_closed(&store->uplink, err);
}

static void store_dial_failed(void *context, const struct err *err) { store_closed(context, NULL, err); }

static int store_dial(void *context, const char *address, struct err *err) {
    struct net_store *store = context;
    struct transport_handler handler = {
        .opened = store_opened, .message = store_message, .closed = store_closed, .context = store};
    struct transport *transport = store->machine.transport;
    return transport->ops->dial(transport, address, &handler, store_dial_failed, err);
}

static int store_send(void *context, struct view message) {
    struct net_store *store = context;
    return store->connection == NULL ? ERR_CLOSED : transport_send(store->connection, message);
}

static void store_close(void *context) {
    struct net_store *store = context;
    if (store->connection != NULL) transport_close(store->connection, true);
}

void net_store_make(struct region_net *net, struct net_store *store, uint32_t number, uint32_t stream) {
    static char codes[NET_NUMBERS][8];
    *store = (struct net_store){.net = net};
    must(number < NET_NUMBERS, "numbering a store");
    snprintf(codes[number], sizeof codes[number], "S%u", number + 1);
    machine_make(net, &store->machine, ROLE_STORE, stream, (uint8_t)(100 + number));
    memset(store->machine.secrets.join_secret, (int)(200 + number), SECRET_SIZE);
    store->machine.config.store = codes[number];
}

void net_store_start(struct net_store *store) {
    struct uplink_port port = {store_dial, store_send, store_close, store};
    struct err err = {.code = 0};
    if (retell_due(store->machine.log.inner, &store->machine.clock.env))
        must(net_machine_retell(&store->machine, &err) == 0, err.text);
    machine_start(store->net, &store->machine);
    must(uplink_open(&store->uplink, store->machine.site, &port, store->net->journal, &err) == 0, err.text);
    uplink_clock(&store->uplink, store->net->world.elapsed);
}

static void store_down(struct net_store *store) {
    transport_shutdown(store->machine.transport);
    uplink_release(&store->uplink);
    machine_down(&store->machine);
    store->connection = NULL;
}

void net_store_stop(struct net_store *store) {
    uplink_settle(&store->uplink);
    uplink_bye(&store->uplink);
    store_down(store);
}

void net_store_crash(struct net_store *store) {
    machine_numb(&store->machine, true);
    store_down(store);
    machine_numb(&store->machine, false);
}

void net_stores_start(struct region_net *net) {
    for (size_t i = 0; i < net->store_count; i++)
        if (net->stores[i].machine.site == NULL) net_store_start(&net->stores[i]);
}

void net_store_hang_up(struct net_store *store) {
    if (store->connection != NULL) transport_close(store->connection, false);
}

static void store_turn(struct net_store *store) {
    if (!net_up(&store->machine) || store->silent) return;
    uplink_settle(&store->uplink);
    const struct site *site = store->machine.site;
    if (site->told_otherwise && !site->recovering && !store->machine.dead && retell_due(site->log, site->env)) {
        net_store_stop(store); /* as node_serve does */
        net_store_start(store);
        return;
    }
    if (!store->machine.dead) uplink_tick(&store->uplink, store->net->world.elapsed);
}

bool net_store_level(const struct net_store *store) {
    return store->machine.site == NULL || store->silent || uplink_level(&store->uplink);
}

uint64_t net_seq(const struct net_store *store) {
    struct head head;
    return log_head(&((struct net_store *)(uintptr_t)store)->machine.log.base, store->machine.config.stream, &head) == 0
               ? head.seq
               : 0;
}

uint64_t net_seq_at_hub(struct region_net *net, const struct net_store *store) {
    struct head head;
    return log_head(&net->hub.machine.log.base, store->machine.config.stream, &head) == 0 ? head.seq : 0;
}

/* ---- The region ---- */

static void open_net(struct region_net *net, uint64_t seed, size_t stores) {
    struct region_root root = {.ca_key = NULL};
    uint8_t root_seed[crypto_sign_SEEDBYTES] = {7};
    struct signer hub;
    must(sodium_init() >= 0, "libsodium");
    must(stores <= NET_STORES, "so many stores");
    sim_world_init(&net->world, seed);
    net->root = (struct signer){.role = ROLE_ROOT};
    crypto_sign_seed_keypair(net->root.public_key, net->root.secret, root_seed);
    memcpy(net->root.root, net->root.public_key, PUBLIC_KEY_SIZE);
    machine_make(net, &net->hub.machine, ROLE_HUB, stream_make(1, 0), 1);
    net->lines = mem_net_open(&net->hub.machine.clock.env);
    crypto_sign_seed_keypair(hub.public_key, hub.secret, net->hub.machine.secrets.seed);
    root.signer = net->root;
    hub_certify(&root, hub.public_key, net->hub.machine.secrets.certificate);
    net_hub_start(net);
    for (uint32_t i = 0; i < stores; i++) {
        struct net_store *store = &net->stores[net->store_count++];
        net_store_make(net, store, i, 0);
        store->machine.config.stream = net_enroll(net, store->machine.config.store, store->machine.secrets.join_secret);
    }
}

void net_hub_anew(struct region_net *net, uint8_t seed) {
    struct net_machine *machine = &net->hub.machine;
    struct region_root root = {.ca_key = NULL};
    struct signer hub;
    memset(machine->secrets.seed, seed, sizeof machine->secrets.seed);
    memset(machine->secrets.master, seed ^ 0x55, KEY_BYTES);
    machine->config.incarnation = INCARNATION_UNKNOWN;
    machine->config.stream = stream_make(INCARNATION_UNKNOWN, 0);
    crypto_sign_seed_keypair(hub.public_key, hub.secret, machine->secrets.seed);
    root.signer = net->root;
    hub_certify(&root, hub.public_key, machine->secrets.certificate);
    struct net_image disk = {log_mem_open(&machine->clock.env),
                             keyring_mem_open(machine->secrets.master, &machine->clock.env)};
    net_image_put(machine, &disk);
}

void region_net_open(struct region_net *net, uint64_t seed, size_t stores) {
    memset(net, 0, sizeof *net);
    net->journal = open_memstream(&net->journal_text, &net->journal_size);
    open_net(net, seed, stores);
}

void region_net_open_with(struct region_net *net, uint64_t seed, size_t stores, FILE *journal) {
    memset(net, 0, sizeof *net);
    net->journal = journal;
    open_net(net, seed, stores);
}

void region_net_close(struct region_net *net) {
    for (size_t i = 0; i < net->store_count; i++) {
        if (net->stores[i].machine.site != NULL) store_down(&net->stores[i]);
        machine_release(&net->stores[i].machine);
    }
    if (net->hub.machine.site != NULL) hub_down(net);
    machine_release(&net->hub.machine);
    mem_net_close(net->lines);
    if (net->journal_text == NULL) return; /* it is the caller's */
    fclose(net->journal);
    free(net->journal_text);
}

bool net_journal_says(struct region_net *net, const char *words) {
    fflush(net->journal);
    return net->journal_text != NULL && strstr(net->journal_text, words) != NULL;
}

/* ---- Moving ---- */

bool net_step(struct region_net *net) {
    bool moved = false;
    if (sim_dice(&net->world, 3) == 0) moved = net_hub_step(net);
    for (size_t i = 0; i < net->store_count; i++)
        if (sim_dice(&net->world, 2) == 0) store_turn(&net->stores[i]);
    if (!mem_net_step(net->lines)) return moved;
    net->delivered++;
    return true;
}

bool net_turns(struct region_net *net) {
    bool moved = net_hub_step(net);
    for (size_t i = 0; i < net->store_count; i++) store_turn(&net->stores[i]);
    return moved;
}

void net_settle(struct region_net *net) {
    for (int still = 0; still < 2;) {
        bool moved = false;
        while (net_step(net)) moved = true;
        if (net_turns(net)) moved = true;
        still = moved ? 0 : still + 1;
    }
}

void net_pass(struct region_net *net, int64_t ms) {
    for (int i = 0; i < 10; i++) {
        net->world.elapsed += ms / 10;
        net_settle(net);
    }
}

static bool all_level(const struct region_net *net) {
    for (size_t i = 0; i < net->store_count; i++)
        if (!net_store_level(&net->stores[i])) return false;
    return true;
}

bool net_level(struct region_net *net) {
    int64_t until = net->world.elapsed + PATIENCE_MS;
    net_settle(net);
    while (!all_level(net)) {
        if (net->world.elapsed >= until) return false;
        net->world.elapsed += 250;
        net_settle(net);
    }
    return true;
}
