/* The simulator: a region lives for some days, with everything that goes wrong in life, and must keep the invariants of
 * DESIGN, section 10. One process, one thread, one seed: the same seed is the same life, to the last byte.
 *
 *   run.c          one life: days, then everything is mended and must become level by itself
 *   world.c        steps, time, and when the dead get up again
 *   life.c         what people do in a day: a table of acts; care.c: another one, of what is done for customers
 *   misfortune.c   what goes wrong: a table of misfortunes
 *   image.c        restored images, clones, PCs replaced
 *   forgetting.c   people who ask to be forgotten, and what is left of them
 *   directory.c    whom the stores recognise by number
 *   recover.c      a store's `recover`
 *   rebuild.c      the hub restored, recovered, made anew
 *   ledger.c       a bookkeeping of its own of what became durable where
 *   check.c        the invariants: cheap ones at every step; audit.c: dear ones now and then and at the end
 *   asking.c       at the end: the same questions have the same answers everywhere; answers.c writes them down
 *   explain.c      for the trace: in what a store and the hub differ
 *   bugs.c         deliberate bugs and who finds them: the simulator's own test
 *   signatures.c   what is known to be signed is not checked again
 *   main.c         seeds, progress, the last line
 *
 * The region itself (machines, lines, the turns of their threads) is tests/support/region_net.h.
 * Memory: a struct sim owns everything, from sim_open to sim_close. Thread: one. */
#ifndef DANGOL_TESTS_SIM_SIM_H
#define DANGOL_TESTS_SIM_SIM_H

#include "node/receipted.h"
#include "tests/sim/ledger.h"
#include "tests/support/region_net.h"

#define HUB_PC SIZE_MAX /* in place of a store's index */
#define PEOPLE 48
#define TIMERS 96
#define MINUTE_MS INT64_C(60000)
#define HOUR_MS (60 * MINUTE_MS)

/* The invariants, numbered as in DESIGN, section 10. */
enum invariant {
    SOUND,
    ACKED_IS_KEPT,  /* 1 */
    IN_ORDER_ONCE,  /* 2 */
    SAME_DIGEST,    /* 3 */
    LEVEL_AGREES,   /* 4 */
    FORKS_ARE_SEEN, /* 5 */
    KEYS_DECIDE,    /* 6 */
    WITHIN_BOUNDS,  /* 7 */
    BECOMES_LEVEL,  /* 8 */
};

struct finding {
    enum invariant invariant; /* SOUND: none */
    uint64_t step;
    int64_t elapsed;
    char text[600];
};

/* What a life, or many, went through. */
struct tally { /* imported: of the events, sales that came many at once */
    uint64_t seeds, days, steps, events, imported, messages, crashes, cuts, restores, clones, full_disks, strangers,
        jumps, revocations, audits, erasures, recoveries, hubs, branches, vips;
};

/* Somebody who goes shopping in several stores, and their registrations there. */
struct person {
    char name[40], phone[40], card[40];
    uint64_t ids[6];
    size_t id_count;
    bool disturbed; /* links, voids, updates: nobody says any more what the judge should make of it */
};

/* recover.json and what it speaks of. */
struct pc_recovery {
    enum { RECOVERS_NOT, RECOVERS_ASKS, RECOVERS_REHOMES } step;
    uint32_t old_stream, new_stream;
    uint8_t old_key[PUBLIC_KEY_SIZE], seed[32];
    struct head receipted;
    struct net_image aside;
    struct book *book; /* of that disk */
};

/* What the simulator knows of a store's PC, beside the PC itself. */
struct pc {
    struct book *book; /* of its disk */
    uint64_t acked;    /* as last looked at */
    uint64_t settled;  /* acked and durable here, so a restart must not forget it */
    enum uplink_state state;
    int64_t calm; /* for so long nothing has been in the way, and still it is not level */
    bool doomed;  /* its disk and the hub's had parted when it dialled: it must not be welcomed */
    bool retired; /* replaced or revoked: nothing more is expected of it */
    bool open;    /* the shop is open: somebody switches it on again */
    bool full;    /* its disk is full for now */
    bool behind;  /* the hub was lost since it was last level: what it was told of acks may not be there yet */
    bool misled;  /* it was told a digest by a hub that was not complete, and none since */
    bool suspect; /* restored or cloned, or the original of a clone: it may be refused though nothing parted */
    struct pc_recovery recovery;
};

/* What a hub that is lost had said of itself, as far as a store knows. */
struct told {
    uint32_t stream;
    uint64_t seq, mark, holders; /* bits: stores */
};
#define TOLD_MOST 32

struct sim;
typedef void sim_turn(struct sim *sim, size_t pc);

struct timer {
    int64_t at;
    sim_turn *turn; /* NULL: free */
    size_t pc;
};

struct sim {
    struct region_net net;
    uint64_t seed;
    uint64_t step, until; /* steps of the world; stops there */
    uint64_t hub_losses;  /* so many times as frequent as by default */
    FILE *trace;          /* NULL: none */
    struct finding finding;
    struct tally tally;
    struct ledger ledger;
    struct pc pcs[NET_STORES], hub;
    struct timer timers[TIMERS];
    struct person people[PEOPLE];
    uint64_t people_ever;
    size_t people_count; /* who live here: few, so that they meet in several stores, or many */
    uint64_t sales[256], complaints[64], things[128]; /* some of them, to be returned, voided, stepped */
    size_t sale_count, complaint_count, thing_count;
    uint64_t gathering;       /* the last one; 0: none yet */
    int64_t looked;           /* when check.c last looked for calm */
    bool corrected;           /* the hub has corrected a clock: who is linked and whose a sale is may have changed */
    int64_t incomplete_until; /* not all that the hub has lost is back, or it has only just come */
    uint8_t hub_seed;         /* of the newest hub that was made anew */
    bool hub_is_old;          /* an older image of the hub serves: what it lacks is no finding */
    struct told told[TOLD_MOST];
    size_t told_count;
    bool joins;     /* somebody will run `recover` on the hub again */
    bool keys_gone; /* some were only in the hub's newest ring, and nobody has handed them back since */
    uint64_t refs;  /* given out by tills so far */
};

#define SIM_FIERCE 20 /* hub losses, times as frequent as by default */

/* run.c */
struct sim_options {
    uint64_t seed, until, hub_losses;
    FILE *trace;
};
/* One life. False: something was found. What it went through is added to `tally`. */
bool sim_life(const struct sim_options *options, struct tally *tally, struct finding *finding);
extern struct sim *sim_running; /* for whoever must say where an assertion stopped the process */

/* world.c */
void sim_pass(struct sim *sim, int64_t ms); /* life goes on for so long */
void sim_later(struct sim *sim, int64_t ms, sim_turn *turn, size_t pc);
bool sim_due(struct sim *sim);  /* mends: lets everything that waits for its time happen now; false: nothing did */
void sim_bury(struct sim *sim); /* whoever died at a write stays down for a while */
void sim_start(struct sim *sim, size_t pc);
void sim_crash(struct sim *sim, size_t pc);
struct net_machine *sim_machine(struct sim *sim, size_t pc);
struct pc *sim_pc(struct sim *sim, size_t pc);
bool sim_over(const struct sim *sim);
uint64_t sim_roll(struct sim *sim, uint64_t sides);
bool sim_once_in(struct sim *sim, uint64_t times);
void sim_say(struct sim *sim, const char *format, ...) __attribute__((format(printf, 2, 3)));
void sim_found(struct sim *sim, enum invariant invariant, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
const char *sim_name(struct sim *sim, size_t pc);

/* life.c, misfortune.c */
void life_begin(struct sim *sim);
void life_act(struct sim *sim, size_t pc); /* somebody does something at a store's PC, or at the hub's desk */
void life_meet(struct sim *sim);           /* somebody new registers in two stores within seconds */
void misfortune_strike(struct sim *sim);
void misfortune_mend_all(struct sim *sim);
void misfortune_at_write(struct sim *sim, size_t pc, uint64_t writes); /* it will die at the n-th from now */

/* image.c */
void image_restore(struct sim *sim);
void image_clone(struct sim *sim);
void image_hub(struct sim *sim);
void image_replace(struct sim *sim, size_t pc); /* a new PC with a new stream for the same store */
void image_destroy(struct sim *sim);            /* a PC is gone, with its disk */
bool image_quiet(struct sim *sim, size_t pc);   /* up, and nothing is planned against it */
/* Ids that a disk does not hold any more name nobody; another event may get them. */
void image_forget_people(struct sim *sim, uint32_t stream, uint64_t last);

/* recover.c */
bool recover_pc(struct sim *sim, size_t pc);       /* a run of `recover`; true: done */
void recover_some(struct sim *sim, size_t nobody); /* somebody looks after the PCs that stand still */
bool recover_all(struct sim *sim);                 /* all of them; false: there was none */

/* rebuild.c */
void rebuild_hub(struct sim *sim);
bool rebuild_goes_on(const struct sim *sim); /* not all that the hub has lost is back */
void rebuild_look(struct sim *sim);          /* at every step */
void rebuild_audit(struct sim *sim);         /* at the end */

/* forgetting.c */
void forget_somebody(struct sim *sim, struct site *hub);
void forgetting_old_ring(struct sim *sim);
void forgetting_audit(struct sim *sim, size_t pc); /* any site that is up */
void forgetting_audit_level(struct sim *sim, size_t pc);

/* directory.c */
void directory_audit_level(struct sim *sim);

/* check.c, audit.c */
void check_step(struct sim *sim);
bool check_parted(const struct sim *sim, size_t pc); /* do the PC's disk and the hub's hold different streams? */
void audit(struct sim *sim);
void audit_level(struct sim *sim); /* at the end, when all are level */

/* asking.c: the same questions, the same answers; answers.c writes them down */
void asking_level(struct sim *sim, size_t pc); /* at a store and the hub, when both are level */
void asking_shuffled(struct sim *sim, struct model *shuffled, struct log *log); /* in the hub's book and another one */
/* The persons whom a store's streams have an event about, or whose complaint was routed to it: person → 0. */
void asking_people(const struct site *hub, struct view store, struct idmap *out);

/* explain.c */
void explain_people(struct sim *sim, size_t pc);
void explain_twice(struct sim *sim, const uint64_t *ids, size_t count);

/* bugs.c */
int bugs_hunt(uint64_t seeds, FILE *out);
bool bugs_plant(const char *name); /* false: there is no such bug */

#endif
