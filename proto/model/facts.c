/* Facts: what is kept of the rarer events about a subject, for the questions of follow-ups, promises and value.
 *
 *   event          other         values[0]     values[1]     values[2]      words
 *   consent                      purpose       given
 *   verified                     valid
 *   key_destroyed                fingerprint
 *   referred       newcomer
 *   redeemed                     points        balance                      tier
 *   benefit                      kind          cost
 *   credited       the referral  on
 *   package_used   the sale      sessions                                   sku
 *   contacted      its gathering kind          outcome       satisfaction   purpose, what it answers
 *   promised       the one kept  due
 *   tagged                       tag           on
 *   related        other         relation      on
 *   custodian                                                               staff, store
 *   left                         reason
 *   tier_granted                 until                                      tier
 *   reviewed *                   files
 *   gathering *                  cost                                       name
 *   day_marked *                 mark          on
 *
 * Those with a star are about no customer: a store's own. */
#include "proto/model/state.h"

static void read_contacted(struct model *model, const struct body_contacted *body, struct fact *fact) {
    fact->values[0] = body->kind;
    fact->values[1] = body->outcome;
    fact->values[2] = body->satisfaction;
    fact->other = body->gathering;
    fact->minutes = body->minutes == NIL ? 0 : (uint16_t)body->minutes;
    fact->matter = (uint8_t)body->matter;
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
    case EVENT_tier_granted:
        fact->values[0] = e->body.tier_granted.until;
        fact->words[0] = words_put(&model->words, e->body.tier_granted.tier);
        break;
    default: break;
    }
}

static void read_stores_own(struct model *model, const struct event *e, struct fact *fact) {
    switch (e->type) {
    case EVENT_reviewed: fact->values[0] = e->body.reviewed.files; break;
    case EVENT_gathering:
        fact->values[0] = e->body.gathering.cost;
        fact->words[0] = words_put(&model->words, e->body.gathering.name);
        break;
    default:
        fact->values[0] = e->body.day_marked.mark;
        fact->values[1] = e->body.day_marked.on;
        break;
    }
}

static void read_relation(struct model *model, const struct event *e, struct fact *fact) {
    switch (e->type) {
    case EVENT_tagged:
        fact->values[0] = e->body.tagged.tag == 0 ? NIL : e->body.tagged.tag;
        fact->values[1] = e->body.tagged.on;
        break;
    case EVENT_related:
        fact->other = e->body.related.other;
        fact->values[0] = e->body.related.relation;
        fact->values[1] = e->body.related.on;
        break;
    case EVENT_custodian:
        fact->words[0] = words_put(&model->words, e->body.custodian.staff);
        fact->words[1] = words_put(&model->words, e->body.custodian.store);
        if (fact->words[0] != 0)
            *VEC_ADD(model->custodied) = (struct custody){fact->entry, fact->words[1], id_stream(fact->id)};
        break;
    default: fact->values[0] = e->body.left.reason; break;
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
    case EVENT_credited:
        fact->other = e->body.credited.referral;
        fact->values[0] = e->body.credited.on;
        break;
    case EVENT_contacted: read_contacted(model, &e->body.contacted, fact); break;
    case EVENT_promised:
        fact->values[0] = e->body.promised.due;
        fact->other = e->body.promised.keeps;
        break;
    case EVENT_tagged:
    case EVENT_related:
    case EVENT_custodian:
    case EVENT_left: read_relation(model, e, fact); break;
    default: read_trade(model, e, fact); break;
    }
}

static bool stores_own(uint16_t type) {
    return type == EVENT_reviewed || type == EVENT_gathering || type == EVENT_day_marked;
}

static bool can_be_dead(uint16_t type) { return type != EVENT_key_destroyed && type != EVENT_credited; }

static void newcomer_touched(struct model *model, const struct fact *fact) {
    if (model->touched.all) return; /* not looked for, either */
    uint32_t newcomer = fact->type == EVENT_referred ? entry_find(model, fact->other) : NONE;
    if (newcomer != NONE) entry_touched(model, newcomer);
}

static void put_referral(struct model *model, uint32_t fact) {
    bool added;
    uint32_t index = model->referrals.count;
    uint64_t *newest = idmap_put(&model->brought, model->facts.items[fact].other, &added);
    *VEC_ADD(model->referrals) =
        (struct referral){model->facts.items[fact].time, fact, added ? NONE : (uint32_t)*newest};
    *newest = index;
    newcomer_touched(model, &model->facts.items[fact]);
}

void fold_fact(const struct folding *f) {
    struct model *model = f->model;
    bool own = stores_own(f->event->type);
    if (f->entry == NONE && !own) return;
    uint32_t *head = own ? &model->store_facts : &model->entries.items[f->entry].facts;
    uint32_t index = model->facts.count;
    struct fact *fact = VEC_ADD(model->facts);
    *fact = (struct fact){
        .id = f->id,
        .hlc = f->hlc,
        .time = f->time,
        .values = {NIL, NIL, NIL},
        .entry = own ? NONE : f->entry,
        .next = *head,
        .type = f->event->type,
        .dead = f->dead && can_be_dead(f->event->type),
    };
    if (own)
        read_stores_own(model, f->event, fact);
    else
        read_fact(model, f->event, fact);
    *head = index;
    if (fact->type == EVENT_referred && fact->other != 0) put_referral(model, index);
    thing_put(model, f->id, THING_FACT, index);
    if (fact->type == EVENT_promised && fact->other == 0) open_by_fact(model, index);
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
    fact->dead = dead && can_be_dead(fact->type);
    if (fact->entry != NONE) entry_touched(model, fact->entry);
    newcomer_touched(model, fact);
    open_by_fact(model, index);
}
