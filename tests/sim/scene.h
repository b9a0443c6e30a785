/* What an act of daily life is played with: whose site, and who may be met there. Inside this room: life.c, care.c. */
#ifndef DANGOL_TESTS_SIM_SCENE_H
#define DANGOL_TESTS_SIM_SCENE_H

#include "tests/sim/sim.h"

struct scene {
    struct sim *sim;
    struct site *site;
    const struct pc *pc;
    uint32_t stream;
};

struct act {
    uint64_t weight;
    void (*act)(struct scene *s);
};
/* One of them, each as likely as its weight. */
const struct act *act_draw(struct sim *sim, const struct act *acts, size_t count);

/* A registration of this PC's own; NULL: nobody was met. */
struct person *scene_customer(struct scene *s, uint64_t *id);
/* Whoever comes: also people of other stores, whom this site need not know. 0: nobody. */
uint64_t scene_visitor(struct scene *s);
/* Remembered, so that it may be voided, returned, used, stepped later; 0 is passed over. */
void scene_keep_sale(struct scene *s, uint64_t id);
void scene_keep_thing(struct scene *s, uint64_t id);
uint64_t scene_own_sale(struct scene *s); /* 0: none was found */
uint64_t scene_complaint(struct scene *s);
uint64_t scene_subject_of(struct scene *s, uint64_t id);

/* care.c: everything that is done for customers beside selling and complaints. */
void care_at_the_counter(struct scene *s);
void care_at_the_desk(struct scene *s);

#endif
