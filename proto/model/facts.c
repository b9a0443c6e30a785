/* Facts: what is kept of the rarer events about a subject, for the questions of follow-ups, promises and value.
 *
 *   event          other         values[0]     values[1]     values[2]      words
 *   consent                      purpose       given
 *   verified                     valid
 *   key_destroyed                fingerprint
 *   referred       newcomer
 *   redeemed                     points        balance                      tier
 *   benefit                      kind          cost
 *   package_used   the sale      sessions                                   sku
 *   contacted                    kind          outcome       satisfaction   purpose, what it answers
 *   promised       the one kept  due */
#include "proto/model/state.h"

static void read_contacted(struct model *model, const struct body_contacted *body, struct fact *fact) {
    fact->values[0] = body->kind;
    fact->values[1] = body->outcome;
    fact->values[2] = body->satisfaction;
    fact->words[0] = words_put(&model->words, body->purpose);
    fact->words[1] = words_put(&model->words, body->answers);
}

static void read_trade(struct model *model, const struct event *e, struct fact *fact) {
    switch (e->type) {
    case EVENT_redeemed:
        fact->values[0] = e->body.redeemed.points;
        fact->values[1] = e->body.redeemed.balance;
        fact->words[0] = words_put(&model->words, e->body.redeemed.tier);
        break;
    case EVENT_benefit:
        fact->values[0] = e->body.benefit.kind;
        fact->values[1] = e->body.benefit.cost;
        break;
    case EVENT_package_used:
        fact->other = e->body.package_used.sale;
        fact->values[0] = e->body.package_used.sessions;
        fact->words[0] = words_put(&model->words, e->body.package_used.sku);
        break;
    default: break;
    }
}

static void read_fact(struct model *model, const struct event *e, struct fact *fact) {
    switch (e->type) {
    case EVENT_consent:
        fact->values[0] = e->body.consent.purpose;
        fact->values[1] = e->body.consent.given;
        break;
    case EVENT_verified: fact->values[0] = e->body.verified.valid; break;
    case EVENT_key_destroyed: fact->values[0] = (int64_t)get_u64_be(e->body.key_destroyed.fingerprint.data); break;
    case EVENT_referred: fact->other = e->body.referred.newcomer; break;
    case EVENT_contacted: read_contacted(model, &e->body.contacted, fact); break;
    case EVENT_promised:
        fact->values[0] = e->body.promised.due;
        fact->other = e->body.promised.keeps;
        break;
    default: read_trade(model, e, fact); break;
    }
}

void fold_fact(const struct folding *f) {
    struct model *model = f->model;
    if (f->entry == NONE) return;
    uint32_t index = model->facts.count;
    struct fact *fact = VEC_ADD(model->facts);
    *fact = (struct fact){
        .id = f->id,
        .hlc = f->hlc,
        .time = f->time,
        .values = {NIL, NIL, NIL},
        .entry = f->entry,
        .next = model->entries.items[f->entry].facts,
        .type = f->event->type,
        .dead = f->dead && f->event->type != EVENT_key_destroyed,
    };
    read_fact(model, f->event, fact);
    model->entries.items[f->entry].facts = index;
    thing_put(model, f->id, THING_FACT, index);
}

size_t model_keys_destroyed(const struct model *model, uint64_t id, struct key_destroyed_state *out, size_t max) {
    uint32_t entry = entry_find(model, id);
    size_t count = 0;
    for (uint32_t i = entry == NONE ? NONE : model->entries.items[entry].facts; i != NONE;
         i = model->facts.items[i].next) {
        const struct fact *fact = &model->facts.items[i];
        if (fact->type != EVENT_key_destroyed) continue;
        if (count < max) {
            out[count].event = fact->id;
            put_u64_be(out[count].fingerprint, (uint64_t)fact->values[0]);
        }
        count++;
    }
    return count;
}

void fact_void(struct model *model, uint32_t index, bool dead) {
    struct fact *fact = &model->facts.items[index];
    fact->dead = dead && fact->type != EVENT_key_destroyed;
}
