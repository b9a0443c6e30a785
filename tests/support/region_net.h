/* A region in one process and one thread: a hub and its stores over logs and key rings in memory and a net driven by
 * hand, in a simulated world. The hub's desk, ingest and judge and the stores' uplinks are the real ones; only what
 * their daemons do with threads is done here in turns, in an order that the seed draws.
 *
 * Nothing moves but by the calls under "moving". Sites can die and come back over the same disk. Helpers abort when the
 * test itself is wrong; what may go wrong in what is tested, they return.
 * Memory: the net's, until region_net_close. */
#ifndef DANGOL_TESTS_SUPPORT_REGION_NET_H
#define DANGOL_TESTS_SUPPORT_REGION_NET_H

#include "hub/directory_work.h"
#include "hub/erasing.h"
#include "hub/feeder.h"
#include "hub/judge.h"
#include "hub/visits.h"
#include "node/uplink.h"
#include "proto/site/rehome.h"
#include "tests/support/faulty.h"
#include "tests/support/sim_world.h"
#include "tests/support/trade.h"

#define NET_STORES 40
#define NET_HUB_ADDRESS "hub:7700"

/* One machine: what survives when its process dies, and the process's site (NULL: it is down). */
struct net_machine {
    struct sim_clock clock;
    struct config config;
    struct secrets secrets;
    struct faulty_log log;
    struct faulty_ring ring;
    struct site *site;
    struct transport *transport;
    bool dead; /* its process died at a write, as planned; takes no turns and waits for its net_…_crash */
    bool cut;  /* nothing passes on its lines */
    struct mem_weather weather;
};

/* What a copy of a machine's disk holds. */
struct net_image {
    struct log *log;
    struct keyring *ring;
};

struct net_hub {
    struct net_machine machine;
    struct ingest *ingest;
    struct desk desk;
    struct judge judge;
    struct erasing erasing;
    struct feeder *feeder;
    struct directory_work directory;
    int64_t directory_at;         /* when it last looked */
    bool halted;                  /* ingest and judge take no turns */
    size_t queue_bytes;           /* ingest's limit from the next start on; 0: its own */
    struct rehomed_report joined; /* of the last net_hub_recover that found a branch kept */
};

struct net_store {
    struct net_machine machine;
    struct region_net *net;
    struct connection *connection;
    struct uplink uplink;
    bool silent;    /* its uplink takes no turns */
    uint64_t heard; /* messages delivered to it */
};

struct region_net {
    struct sim_world world;
    struct mem_net *lines;
    struct signer root;
    struct net_hub hub;
    struct net_store stores[NET_STORES];
    size_t store_count;
    uint64_t delivered; /* steps of the lines so far */
    FILE *journal;      /* of all of them */
    char *journal_text;
    size_t journal_size;
    char wrong[600]; /* what region_net_check found */
};

/* The hub serves; the stores are enrolled, with codes "S1", "S2" …, and down. */
void region_net_open(struct region_net *net, uint64_t seed, size_t stores);
/* The same with a journal of the caller's, NULL for none. */
void region_net_open_with(struct region_net *net, uint64_t seed, size_t stores, FILE *journal);
void region_net_close(struct region_net *net);

/* Another join file's worth for a store: a new stream with this secret; returns its number. */
uint32_t net_enroll(struct region_net *net, const char *store, const uint8_t secret[SECRET_SIZE]);
void net_revoke(struct region_net *net, uint32_t stream);
/* A store's machine; `number` makes its key and its secret. */
void net_store_make(struct region_net *net, struct net_store *store, uint32_t number, uint32_t stream);

void net_hub_start(struct region_net *net);
void net_hub_stop(struct region_net *net); /* in order */
/* What `dangol-hub recover` does, over the disk of a hub that is down; `anew`: what `init --recover` does, with this
 * seed for its key. It is down afterwards. */
void net_hub_recover(struct region_net *net);
void net_hub_anew(struct region_net *net, uint8_t seed);
void net_hub_crash(struct region_net *net); /* nothing more is written */
void net_store_start(struct net_store *store);
void net_store_stop(struct net_store *store);
void net_store_crash(struct net_store *store);
void net_stores_start(struct region_net *net);
/* The line breaks; what was on its way is lost in one direction or the other. */
void net_store_hang_up(struct net_store *store);
void net_cut(struct net_machine *machine, bool cut); /* also across restarts, until the next one */
void net_weather(struct net_machine *machine, const struct mem_weather *weather);
static inline bool net_up(const struct net_machine *machine) { return machine->site != NULL && !machine->dead; }

/* region_image.c: copies of disks. A machine must be down to get another disk; it takes the image over. */
struct net_image net_image_take(const struct net_machine *machine);
void net_image_put(struct net_machine *machine, struct net_image *image);
void net_image_release(struct net_image *image);
/* Another machine with the same files: the same key, token and all, from an image of the disk that it takes over. */
void net_store_clone(struct net_store *clone, const struct net_store *original, struct net_image *image);

/* What opening a directory does that was told otherwise (proto/site/retell.h), and what `dangol-hub recover` does with
 * a branch that was kept (hub/branch.h); this one closes the site. */
int net_machine_retell(struct net_machine *machine, struct err *err);
int net_hub_join(struct net_machine *machine, struct site *site, struct rehomed_report *report, struct err *err);

/* Moving. One thing, or nothing (false): a message delivered, a turn of ingest. */
bool net_step(struct region_net *net);
void net_settle(struct region_net *net);           /* all that happens without time passing */
void net_pass(struct region_net *net, int64_t ms); /* time passes; settles on the way, every `ms`/10 */
bool net_hub_step(struct region_net *net);         /* a turn of the hub's writer thread */
bool net_turns(struct region_net *net);            /* that, and one of each store */
/* Goes on, letting time pass where nothing else moves, until all running stores are level; false: not in 20 minutes. */
bool net_level(struct region_net *net);
bool net_store_level(const struct net_store *store);

/* The invariants that hold at any time: whatever a store holds a receipt for is at the hub; what is at the hub is byte
 * for byte the store's, without gap, readable; both logs are sound; nothing counts twice. NULL, or what is wrong. */
const char *region_net_check(struct region_net *net);
/* Once everybody is level, that, and: each store that is up knows its people as the hub does. */
const char *region_net_agree(struct region_net *net);
/* Of these: is a site's log sound, heads and signatures included? Does the fold that grew with it equal a new one? */
const char *net_check_log(struct region_net *net, struct site *site, const char *whose);
const char *net_check_fold(struct region_net *net, struct site *site, const char *whose);
uint64_t net_seq_at_hub(struct region_net *net, const struct net_store *store);
uint64_t net_seq(const struct net_store *store);
bool net_journal_says(struct region_net *net, const char *words);

#endif
