/* Voids: whether an event counts. The latest verdict by (hlc, id) holds, whether it comes before the event or after.
 *
 * A sale that people take back takes its returns along, whichever comes first: a store off line may have taken goods
 * back of what another one voids. Of what the judge voids because it came twice another one counts, and the returns are
 * of that one.
 *
 * Whose word counts: the hub's always; a store's about events of its own streams only. Voids, erasures, destroyed keys,
 * streams, clocks and re-homings cannot be voided: their folds never ask. */
#include "proto/model/state.h"

bool model_voided(const struct model *model, uint64_t event) { return voided(model, event); }

bool model_can_void(uint16_t type) {
    switch (type) {
    case EVENT_voided:
    case EVENT_erased:
    case EVENT_key_destroyed:
    case EVENT_credited: /* who disagrees voids the referral */
    case EVENT_store_opened:
    case EVENT_stream_opened:
    case EVENT_stream_keyed:
    case EVENT_stream_revoked:
    case EVENT_clock:
    case EVENT_rehomed: return false;
    default: return true;
    }
}

/* By what events say of the streams: what a site assumes must not change the state. */
static uint32_t said_store(const struct model *model, uint32_t number) {
    const struct stream *stream = stream_find(model, number);
    return stream == NULL || stream->opened_id == 0 ? 0 : stream->store;
}

static bool may_void(struct model *model, uint64_t id, uint64_t event) {
    uint32_t by = id_stream(id), of = id_stream(event);
    if (stream_is_hub(by) || by == of) return true;
    model->foreign_voids++;
    uint32_t store = said_store(model, by);
    return store != 0 && store == said_store(model, of);
}

bool model_taken_back(const struct model *model, uint64_t event) {
    const uint64_t *index = event == 0 ? NULL : idmap_find(&model->verdict_of, event);
    return index != NULL && model->verdicts.items[*index].on && !model->verdicts.items[*index].twice;
}

static struct row *row_of(const struct model *model, uint64_t id) {
    const struct stream *stream = stream_find(model, id_stream(id));
    return stream == NULL ? NULL : rows_find(&stream->rows, id_seq(id));
}

/* ---- What came back of a sale ---- */

/* The sale that a return names; 0: none. Asked only when a void is taken back, which is rare. */
static uint64_t sale_of(const struct model *model, uint64_t returned) {
    for (uint32_t i = 0; i < model->gave_back.count; i++)
        if (model->gave_back.items[i].id == returned) return model->gave_back.items[i].sale;
    return 0;
}

static void mark_returns(struct model *model, uint64_t sale) {
    const struct give_backs *all = &model->gave_back;
    bool gone = model_taken_back(model, sale);
    for (uint32_t i = give_backs_newest(all, sale); i != NONE; i = give_backs_before(all, i)) {
        uint64_t id = all->items[i].id;
        row_void(model, row_of(model, id), id, gone || voided(model, id));
    }
}

/* ---- Verdicts ---- */

static void mark(struct model *model, uint64_t id, bool dead) {
    struct row *row = row_of(model, id);
    if (row != NULL) {
        bool gone = !dead && row_has(row, ROW_RETURN) && model_taken_back(model, sale_of(model, id));
        row_void(model, row, id, dead || gone);
        return;
    }
    enum thing thing;
    uint32_t index;
    if (!thing_find(model, id, &thing, &index)) {
        index = entry_find(model, id);
        if (index != NONE) registration_void(model, index, dead);
        return;
    }
    switch (thing) {
    case THING_EDGE: edge_void(model, index, dead); break;
    case THING_UNLINK: unlink_void(model, index, dead); break;
    case THING_EDIT:
        model->edits.items[index].dead = dead;
        everything_touched(model); /* whose it is, it does not know */
        break;
    case THING_FACT: fact_void(model, index, dead); break;
    case THING_ITEM: item_void(model, index, dead); break;
    case THING_NOTICE: notice_void(model, index, dead); break;
    }
}

void fold_voided(const struct folding *f) {
    struct model *model = f->model;
    uint64_t event = f->event->body.voided.event;
    bool on = f->event->body.voided.on == 1, added;
    if (!may_void(model, f->id, event)) return;
    uint64_t *place = idmap_put(&model->verdict_of, event, &added);
    if (added) {
        *place = model->verdicts.count;
        *VEC_ADD(model->verdicts) = (struct verdict){.event = event};
    }
    struct verdict *verdict = &model->verdicts.items[*place];
    if (!added && !later(f->hlc, f->id, verdict->hlc, verdict->id)) return;
    bool changes = verdict->on != on;
    bool twice = stream_is_hub(id_stream(f->id)) && view_is(f->event->ref.source, JUDGE_SOURCE);
    *verdict = (struct verdict){event, f->id, f->hlc, on, twice};
    if (changes) mark(model, event, on);
    mark_returns(model, event);
}
