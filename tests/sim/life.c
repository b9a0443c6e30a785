/* What people do: at the counter of a store, or at the hub's desk. Each act is a row in a table; what it writes, if
 * anything, is whatever the site lets it write: PCs have full disks and die in the middle. */
#include <stdio.h>

#include "hub/recovery.h"

#include "tests/sim/scene.h"

static void move_in(struct sim *sim, struct person *person) {
    unsigned number = (unsigned)(sim->people_ever++ % 10000);
    *person = (struct person){.id_count = 0};
    snprintf(person->name, sizeof person->name, "Somebody %04u", number);
    snprintf(person->phone, sizeof person->phone, "010-5555-%04u", number);
    snprintf(person->card, sizeof person->card, "SOMEBODY%04u", number);
}

/* So that VIPs come and go within days. */
static void set_tiers(struct site *hub) {
    struct draft draft = {.subject = SUBJECT_GIVEN};
    event_init(&draft.event, EVENT_policy);
    draft.event.body.policy.key = view_of("tiers");
    draft.event.body.policy.value = view_of("silver:1000,gold:60000,platinum:200000");
    trade_write(hub, &draft);
}

void life_begin(struct sim *sim) {
    set_tiers(sim->net.hub.machine.site);
    sim->people_count = 4 + (size_t)sim_roll(sim, PEOPLE - 3);
    for (size_t i = 0; i < sim->people_count; i++) move_in(sim, &sim->people[i]);
}

static struct person *anybody(struct scene *s) { return &s->sim->people[sim_roll(s->sim, s->sim->people_count)]; }

/* Their registration at this PC, 0: none. A clone or an old image may lack it. */
static uint64_t known_here(const struct scene *s, const struct person *person) {
    for (size_t i = 0; i < person->id_count; i++)
        if (id_stream(person->ids[i]) == s->stream && model_customer(s->site->model, person->ids[i]) == CUSTOMER_KNOWN)
            return person->ids[i];
    return 0;
}

struct person *scene_customer(struct scene *s, uint64_t *id) {
    for (int tries = 0; tries < 12; tries++) {
        struct person *person = anybody(s);
        if ((*id = known_here(s, person)) != 0) return person;
    }
    return NULL;
}

static void keep(struct scene *s, uint64_t *list, size_t *count, size_t room, uint64_t id) {
    if (id == 0) return;
    if (*count < room)
        list[(*count)++] = id;
    else
        list[sim_roll(s->sim, room)] = id;
}

void scene_keep_sale(struct scene *s, uint64_t id) {
    keep(s, s->sim->sales, &s->sim->sale_count, sizeof s->sim->sales / sizeof *s->sim->sales, id);
}

void scene_keep_thing(struct scene *s, uint64_t id) {
    keep(s, s->sim->things, &s->sim->thing_count, sizeof s->sim->things / sizeof *s->sim->things, id);
}

/* A thing of this PC's own, 0: none was found. */
static uint64_t own_of(struct scene *s, const uint64_t *list, size_t count) {
    for (int tries = 0; count > 0 && tries < 20; tries++) {
        uint64_t id = list[sim_roll(s->sim, count)];
        if (id_stream(id) == s->stream) return id;
    }
    return 0;
}

uint64_t scene_own_sale(struct scene *s) { return own_of(s, s->sim->sales, s->sim->sale_count); }

/* Anybody's at the desk. */
uint64_t scene_complaint(struct scene *s) {
    const struct sim *sim = s->sim;
    if (s->site->config.role == ROLE_STORE) return own_of(s, sim->complaints, sim->complaint_count);
    return sim->complaint_count == 0 ? 0 : sim->complaints[sim_roll(s->sim, sim->complaint_count)];
}

/* The subject of a sale written here. */
uint64_t scene_subject_of(struct scene *s, uint64_t id) {
    struct buf copy = BUF_INIT;
    struct record record;
    struct event event = {.subject = 0};
    if (log_get_id(s->site->log, id, &record, &copy, NULL) == 0 && event_decode(record.frame, &event, NULL) < 0)
        event.subject = 0;
    buf_release(&copy);
    return event.subject;
}

/* Most come where they are known. Who comes from elsewhere says her number, and this store may never have heard it. */
uint64_t scene_visitor(struct scene *s) {
    uint64_t id = 0;
    bool store = s->site->config.role == ROLE_STORE;
    if (store && !sim_once_in(s->sim, 5) && scene_customer(s, &id) != NULL) return id;
    const struct person *person = anybody(s);
    return person->id_count == 0 ? 0 : person->ids[sim_roll(s->sim, person->id_count)];
}

/* ---- Acts ---- */

static void enter(struct scene *s, struct person *person) {
    if (known_here(s, person) != 0 || person->id_count == sizeof person->ids / sizeof *person->ids) return;
    uint64_t id = trade_register(s->site, (struct person_card){.name = person->name,
                                                               .phone = person->phone,
                                                               .card = sim_once_in(s->sim, 2) ? person->card : NULL});
    if (id != 0) person->ids[person->id_count++] = id;
    if (s->pc->suspect) person->disturbed = true; /* the hub may know another event by this id */
}

static void act_register(struct scene *s) { enter(s, anybody(s)); }

static void act_sell(struct scene *s) {
    uint64_t id = 0;
    if (!sim_once_in(s->sim, 4)) scene_customer(s, &id);
    scene_keep_sale(s, trade_sell(s->site, id, 1000 + (int64_t)sim_roll(s->sim, 90000)));
}

/* The till sends a sale, and often once more, perhaps days later. */
static void act_till(struct scene *s) {
    char ref[40];
    uint64_t id = 0,
             number = sim_once_in(s->sim, 2) && s->sim->refs > 0 ? sim_roll(s->sim, s->sim->refs) : s->sim->refs++;
    scene_customer(s, &id);
    snprintf(ref, sizeof ref, "slip %llu", (unsigned long long)number);
    trade_sell_ref(s->site, id, 5000, ref);
    if (sim_once_in(s->sim, 3)) trade_sell_ref(s->site, id, 5000, ref);
}

static void act_import(struct scene *s) {
    uint64_t id = 0, sales = 20 + sim_roll(s->sim, sim_once_in(s->sim, 4) ? 4000 : 200);
    scene_customer(s, &id);
    if (trade_day(s->site, id, sales)) s->sim->tally.imported += sales;
}

static void act_return(struct scene *s) {
    uint64_t sale = scene_own_sale(s);
    uint64_t subject = sale == 0 ? 0 : scene_subject_of(s, sale);
    if (subject != 0) trade_return(s->site, subject, sale, 500);
}

static void act_attribute(struct scene *s) {
    uint64_t sale = scene_own_sale(s), id = 0;
    if (sale != 0 && scene_subject_of(s, sale) == sale && scene_customer(s, &id) != NULL)
        trade_attribute(s->site, sale, id);
}

static void act_contact(struct scene *s) {
    uint64_t id = 0;
    struct person *person = scene_customer(s, &id);
    if (person == NULL) return;
    bool wrong = sim_once_in(s->sim, 15);
    if (wrong) person->disturbed = true;
    scene_keep_thing(s, trade_contact(s->site, id, wrong ? choice_outcome_wrong_number : 0, "was told, says Somebody"));
}

static void act_update(struct scene *s) {
    uint64_t id = 0;
    char email[40];
    struct person *person = scene_customer(s, &id);
    if (person == NULL) return;
    snprintf(email, sizeof email, "somebody%u@example.org", (unsigned)sim_roll(s->sim, 1000000));
    if (sim_once_in(s->sim, 12)) {
        person->disturbed = true;
        trade_clear_phone(s->site, id);
    } else {
        scene_keep_thing(s, trade_update(s->site, id, (struct person_card){.email = email}));
    }
}

static void act_void(struct scene *s) {
    uint64_t thing = sim_once_in(s->sim, 2) ? scene_own_sale(s) : own_of(s, s->sim->things, s->sim->thing_count);
    if (thing != 0) trade_void_on(s->site, thing, !sim_once_in(s->sim, 3));
}

static void act_complain(struct scene *s) {
    uint64_t id = 0;
    if (!sim_once_in(s->sim, 3)) scene_customer(s, &id);
    keep(s, s->sim->complaints, &s->sim->complaint_count, sizeof s->sim->complaints / sizeof *s->sim->complaints,
         trade_complain(s->site, id, "a button came off, says Somebody"));
}

static void step_some(struct scene *s, uint64_t complaint) {
    static const enum event_type turns[] = {EVENT_paused, EVENT_resumed, EVENT_reopened};
    if (complaint == 0) return;
    if (sim_once_in(s->sim, 4))
        scene_keep_thing(s, trade_turn(s->site, complaint, turns[sim_roll(s->sim, 3)]));
    else
        scene_keep_thing(s, trade_step(s->site, complaint, 1 + (int)sim_roll(s->sim, 9),
                                       sim_once_in(s->sim, 2) ? "said Somebody" : NULL));
}

static void act_step(struct scene *s) { step_some(s, scene_complaint(s)); }

/* A program of a later version was installed here for a while. */
static void act_strange(struct scene *s) {
    uint64_t id = 0;
    scene_customer(s, &id);
    trade_strange(s->site, id, sim_once_in(s->sim, 2));
}

/* ---- Acts of the hub's desk ---- */

static void desk_void(struct scene *s) {
    const uint64_t *list = sim_once_in(s->sim, 2) ? s->sim->sales : s->sim->things;
    size_t count = list == s->sim->sales ? s->sim->sale_count : s->sim->thing_count;
    if (count > 0) trade_void_on(s->site, list[sim_roll(s->sim, count)], !sim_once_in(s->sim, 3));
}

/* Of two people, both with a registration. */
static bool two(struct scene *s, uint64_t *a, uint64_t *b) {
    struct person *one = anybody(s), *other = anybody(s);
    if (one->id_count == 0 || other->id_count == 0) return false;
    *a = one->ids[sim_roll(s->sim, one->id_count)];
    *b = other->ids[sim_roll(s->sim, other->id_count)];
    one->disturbed = other->disturbed = true;
    return *a != *b;
}

static void desk_link(struct scene *s) {
    uint64_t a, b;
    if (two(s, &a, &b)) trade_link(s->site, a, b);
}

/* Two customers of one person are taken apart. */
static void desk_unlink(struct scene *s) {
    struct person *person = anybody(s);
    if (person->id_count < 2) return;
    person->disturbed = true;
    trade_unlink(s->site, person->ids[0], person->ids[1 + sim_roll(s->sim, person->id_count - 1)]);
}

static void desk_erase(struct scene *s) { forget_somebody(s->sim, s->site); }

static void desk_enroll(struct scene *s) { trade_strange(s->site, 0, false); }

/* ---- Tables ---- */

static const struct act at_the_counter[] = {
    {30, act_sell},
    {12, act_register},
    {8, act_till},
    {4, act_import},
    {5, act_return},
    {3, act_attribute},
    {10, act_contact},
    {6, act_update},
    {5, act_void},
    {5, act_complain},
    {8, act_step},
    {2, act_strange},
    {40, care_at_the_counter},
};
static const struct act at_the_desk[] = {
    {10, act_step},  {6, desk_void},   {4, desk_link},         {3, desk_unlink},
    {3, desk_erase}, {1, desk_enroll}, {20, care_at_the_desk},
};

const struct act *act_draw(struct sim *sim, const struct act *acts, size_t count) {
    uint64_t all = 0;
    for (size_t i = 0; i < count; i++) all += acts[i].weight;
    uint64_t drawn = sim_roll(sim, all);
    while (drawn >= acts->weight) drawn -= acts++->weight;
    return acts;
}

static bool scene_at(struct sim *sim, size_t pc, struct scene *out) {
    struct net_machine *machine = sim_machine(sim, pc);
    if (!net_up(machine) || (pc == HUB_PC && recovery_waits(machine->site))) return false;
    *out = (struct scene){sim, machine->site, sim_pc(sim, pc), machine->config.stream};
    return true;
}

void life_act(struct sim *sim, size_t pc) {
    struct scene scene;
    const struct act *act = pc == HUB_PC
                                ? act_draw(sim, at_the_desk, sizeof at_the_desk / sizeof *at_the_desk)
                                : act_draw(sim, at_the_counter, sizeof at_the_counter / sizeof *at_the_counter);
    if (scene_at(sim, pc, &scene)) act->act(&scene);
    sim_bury(sim);
}

void life_meet(struct sim *sim) {
    struct person *person = &sim->people[sim_roll(sim, sim->people_count)];
    if (person->id_count > 0) move_in(sim, person); /* the one before moves away */
    for (int visits = 0; visits < 6 && person->id_count < 2 && !sim_over(sim); visits++) {
        struct scene scene;
        if (scene_at(sim, (size_t)sim_roll(sim, sim->net.store_count), &scene)) enter(&scene, person);
        sim_bury(sim);
        sim_pass(sim, (int64_t)sim_roll(sim, 1000));
    }
}
