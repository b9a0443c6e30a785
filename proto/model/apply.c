/* One record into the state: envelope first, then what its type says. Events that are unknown or bad only count: in
 * their stream, and in the chain of records about their subject. */
#include "proto/base/bug.h"
#include "proto/model/state.h"

/* Events that name another thing carry its subject; one that names none is about that thing itself. */
uint64_t model_subject(const struct event *e, uint64_t id, int standing) {
    if (e->subject != 0 || standing != EVENT_GOOD) return e->subject;
    switch (e->type) {
    case EVENT_registered:
    case EVENT_sold:
    case EVENT_complained:
    case EVENT_staff: return id;
    case EVENT_returned: return e->body.returned.sale != 0 ? e->body.returned.sale : id;
    case EVENT_stepped: return e->body.stepped.complaint;
    case EVENT_routed: return e->body.routed.complaint;
    case EVENT_paused: return e->body.paused.complaint;
    case EVENT_resumed: return e->body.resumed.complaint;
    case EVENT_reopened: return e->body.reopened.complaint;
    default: return 0;
    }
}

struct id_run ids_put(struct model *model, struct list list) {
    struct id_run run = {model->ids.count, 0};
    VEC_RESERVE(model->ids, list.count);
    for (uint64_t id; list_next_id(&list, &id); run.count++) *VEC_ADD(model->ids) = id;
    return run;
}

struct stream *record_seen(struct model *model, uint64_t id, uint64_t position) {
    struct stream *stream = stream_of(model, id_stream(id));
    model->events++;
    if (model->position < position) model->position = position;
    stream->events++;
    if (stream->last_seq < id_seq(id)) stream->last_seq = id_seq(id);
    return stream;
}

/* What only the hub may say, as the catalogue tells. */
static bool hub_only(uint16_t type) {
    switch (type) {
    case EVENT_store_opened:
    case EVENT_stream_opened:
    case EVENT_stream_keyed:
    case EVENT_stream_revoked:
    case EVENT_policy:
    case EVENT_erased:
    case EVENT_credited:
    case EVENT_clock: return true;
    default: return false;
    }
}

static void fold_event(const struct folding *f) {
    switch (f->event->type) {
    case EVENT_registered: fold_registered(f); break;
    case EVENT_updated: fold_updated(f); break;
    case EVENT_linked: fold_linked(f); break;
    case EVENT_unlinked: fold_unlinked(f); break;
    case EVENT_erased: fold_erased(f); break;
    case EVENT_attributed: fold_attributed(f); break;
    case EVENT_consent:
    case EVENT_verified:
    case EVENT_key_destroyed:
    case EVENT_referred:
    case EVENT_redeemed:
    case EVENT_benefit:
    case EVENT_package_used:
    case EVENT_contacted:
    case EVENT_promised:
    case EVENT_tagged:
    case EVENT_related:
    case EVENT_custodian:
    case EVENT_reviewed:
    case EVENT_left:
    case EVENT_tier_granted:
    case EVENT_credited:
    case EVENT_gathering:
    case EVENT_day_marked: fold_fact(f); break;
    case EVENT_complained:
    case EVENT_stepped:
    case EVENT_routed:
    case EVENT_paused:
    case EVENT_resumed:
    case EVENT_reopened: fold_item(f); break;
    case EVENT_store_opened:
    case EVENT_staff:
    case EVENT_policy: fold_notice(f); break;
    case EVENT_stream_opened: fold_stream_opened(f); break;
    case EVENT_stream_keyed: fold_stream_keyed(f); break;
    case EVENT_stream_revoked: fold_stream_revoked(f); break;
    case EVENT_voided: fold_voided(f); break;
    case EVENT_clock: fold_clock(f); break;
    default: break; /* rehomed: each event that follows it says so itself; sold and returned: fold_record */
    }
}

void fold_record(struct model *model, const struct record *record, const struct event *e, int standing,
                 uint64_t subject, uint32_t entry) {
    uint64_t id = record->id;
    if (standing == EVENT_GOOD && (e->type == EVENT_sold || e->type == EVENT_returned)) {
        struct purchase purchase;
        purchase_read(model, record, e, subject, &purchase);
        purchase_put(model, &purchase, entry);
        return;
    }
    record_seen(model, id, record->position);
    if (standing < 0) return; /* no frame at all: the log takes none of these */
    if (entry == NONE && subject != 0) entry = entry_of(model, subject);
    /* The chain of records about a subject, the log's hints, is of those whose frames name it. */
    if (entry != NONE) entry_touched(model, entry);
    if (entry != NONE && e->subject != 0) entry_reached(&model->entries.items[entry], record->position);
    if (standing != EVENT_GOOD || (hub_only(e->type) && !stream_is_hub(id_stream(id)))) return;
    if (e->sealed.data != NULL && entry != NONE) entry_seal(model, entry, id, e->sealed);
    uint64_t hlc = BUG(wall_clock_winner) ? (uint64_t)record->received << 16 : corrected_hlc(model, id, e);
    fold_event(&(struct folding){
        .model = model,
        .event = e,
        .id = id,
        .subject = subject,
        .entry = entry,
        .hlc = hlc,
        .time = corrected_time(hlc, e),
        .dead = voided(model, id) && !BUG(late_voids_only),
    });
}
