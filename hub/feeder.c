#include "hub/feeder.h"

#include <stdlib.h>
#include <string.h>

#include "hub/parcel.h"
#include "proto/base/bug.h"
#include "proto/model/questions.h"

#define PACK_LEVEL 1

struct feeder {
    struct desk *desk;
    struct interest interest;
    struct batch_packer *packer;
    int64_t due;          /* monotonic ms at which a store is to be told something; INT64_MAX: nobody */
    int64_t digests_at;   /* when digests were last taken */
    int64_t digests_cost; /* ms that took */
    bool at_end;          /* of the log, after the last step */
    uint64_t chain_at;    /* the position whose chain was last asked for */
    uint8_t chain[CHAIN_SIZE];
    struct err trouble; /* as last told */
};

/* One step's work: a stretch of the log and the parcels of those who get it. */
struct step {
    struct feeder *feeder;
    struct parcel *parcels;
    size_t count;
    struct idmap of_store;   /* store number → index + 1 of its first parcel */
    uint64_t low, high;      /* records (low, high] */
    size_t bytes;            /* in all parcels */
    bool filled;             /* some parcel may be full */
    struct interest_ids ids; /* that the record is about */
    struct interest_stores stores;
};

struct feeder *feeder_open(struct desk *desk) {
    struct feeder *feeder = mem_alloc(sizeof *feeder);
    *feeder = (struct feeder){.desk = desk, .packer = batch_packer_open(PACK_LEVEL), .due = INT64_MAX};
    interest_open(&feeder->interest, desk->site);
    return feeder;
}

void feeder_close(struct feeder *feeder) {
    if (feeder == NULL) return;
    interest_close(&feeder->interest);
    batch_packer_close(feeder->packer);
    free(feeder);
}

/* ---- Who gets something ---- */

static store_number store_of_session(struct feeder *feeder, const struct session *session) {
    return interest_store(&feeder->interest, buf_view(&session->store));
}

/* Is there room for more on its line? One that has taken nothing for long is let go. */
static bool has_room(struct feeder *feeder, struct session *session) {
    struct feed_seat *seat = &session->feed;
    int64_t now = env_monotonic(feeder->desk->site->env);
    if (session->state != SESSION_OPEN || session->connection == NULL) return false;
    if (handing_waits(&session->handing)) return false;
    if (seat->start_over) feed_seat_start_over(seat);
    if (seat->waiting_since == 0) seat->waiting_since = now;
    if (seat->outstanding_count > 0 && now - seat->waiting_since > FEED_PATIENCE_MS) {
        session_end(session, ERR_TIMEOUT, FEED_PATIENCE_MS, "the store takes nothing of its feed");
        return false;
    }
    return seat->unanswered < FEED_UNANSWERED && seat->outstanding_count < FEED_OUTSTANDING / 2;
}

/* The more stores, the smaller: those that read nothing hold no more than one each once the hub's bound is reached. */
static size_t parcel_limit(size_t stores) {
    size_t share = FEED_HUB_UNANSWERED / (stores + 1);
    return share > PARCEL_BYTES ? PARCEL_BYTES : share < PARCEL_LEAST ? PARCEL_LEAST : share;
}

/* A parcel for each session that can take one. */
static void seat_all(struct feeder *feeder, struct step *step) {
    size_t count, unanswered = 0;
    struct session **sessions = desk_sessions(feeder->desk, &count);
    size_t limit = parcel_limit(count);
    step->parcels = mem_alloc((count + 1) * sizeof *step->parcels);
    for (size_t i = 0; i < count; i++) {
        mutex_lock(&sessions[i]->lock);
        bool room =
            has_room(feeder, sessions[i]) && (unanswered < FEED_HUB_UNANSWERED || sessions[i]->feed.unanswered == 0);
        unanswered += sessions[i]->feed.unanswered;
        mutex_unlock(&sessions[i]->lock);
        if (room) {
            step->parcels[step->count++] = (struct parcel){
                .session = sessions[i],
                .store = store_of_session(feeder, sessions[i]),
                .limit = limit,
                .from = sessions[i]->feed.cursor.position,
                .to = sessions[i]->feed.cursor.position,
            };
        } else {
            session_release_item(sessions[i]);
        }
    }
    free(sessions);
}

/* The stretch from the lowest cursor on; parcels outside it stand aside. False: all are level with `tip`. */
static bool place(struct step *step, uint64_t tip) {
    step->low = tip;
    for (size_t i = 0; i < step->count; i++)
        if (step->parcels[i].from < step->low) step->low = step->parcels[i].from;
    if (step->low == tip) return false;
    step->high = tip - step->low <= FEED_SCAN ? tip : step->low + FEED_SCAN;
    for (size_t i = 0; i < step->count; i++) {
        struct parcel *parcel = &step->parcels[i];
        if (parcel->from >= step->high) continue;
        uint64_t *first = idmap_put(&step->of_store, parcel->store, NULL);
        parcel->next = (size_t)*first;
        *first = i + 1;
    }
    return true;
}

static struct parcel *first_of(const struct step *step, store_number store) {
    const uint64_t *place = store == 0 ? NULL : idmap_find(&step->of_store, store);
    return place == NULL ? NULL : &step->parcels[*place - 1];
}

static struct parcel *next_of(const struct step *step, const struct parcel *parcel) {
    return parcel->next == 0 ? NULL : &step->parcels[parcel->next - 1];
}

static bool takes(const struct parcel *parcel, uint64_t position) { return !parcel->closed && parcel->from < position; }

/* ---- What it gets ---- */

/* A stream that goes to this store in full: a hub's, or another one of its own. */
static bool whole(struct step *step, const struct parcel *parcel, uint32_t stream) {
    return stream_is_hub(stream) || interest_store_of(&step->feeder->interest, stream) == parcel->store;
}

/* The key comes with the event that is its own subject. */
static void add_key(struct step *step, struct parcel *parcel, const struct record *record, const struct event *event) {
    if (event->sealed_bits != 0 && event->subject == record->id &&
        interest_serves(&step->feeder->interest, parcel->store, record->id))
        parcel_add_key(parcel, step->feeder->desk->site, record->id);
    step->filled |= parcel_full(parcel);
}

static void give(struct step *step, struct parcel *parcel, const struct record *record, const struct event *event) {
    size_t before = parcel->events.len;
    if (id_stream(record->id) == parcel->session->stream) return;
    if (whole(step, parcel, id_stream(record->id)))
        parcel_add_full(parcel, record);
    else
        parcel_add(parcel, record);
    add_key(step, parcel, record, event);
    step->bytes += parcel->events.len - before;
}

/* A record of a history: what goes in full has gone, or will; but its key may not have. */
static void give_past(struct step *step, struct parcel *parcel, uint64_t position) {
    struct buf copy = BUF_INIT;
    struct record record;
    struct event event;
    if (log_get(step->feeder->desk->site->log, position, &record, &copy, NULL) == 0 &&
        event_decode(record.frame, &event, NULL) >= 0) {
        if (whole(step, parcel, id_stream(record.id)))
            add_key(step, parcel, &record, &event);
        else
            give(step, parcel, &record, &event);
    }
    buf_release(&copy);
}

/* Where the records about a customer stand, in [from, before); the newest first. */
static void find_history(struct site *site, uint64_t customer, uint64_t newest, uint64_t from, uint64_t before,
                         struct interest_ids *out) {
    struct buf copy = BUF_INIT;
    struct record record;
    uint64_t own;
    for (uint64_t at = newest; at != 0 && at >= from; at = record.previous) {
        if (at < before) *VEC_ADD(*out) = at;
        buf_clear(&copy);
        if (log_get(site->log, at, &record, &copy, NULL) != 0) break;
    }
    buf_release(&copy);
    /* A sale that named nobody is no part of the walk, until somebody is found to have made it. */
    bool there = log_position_of(site->log, customer, &own) == 0 && own >= from && own < before;
    for (uint32_t i = 0; there && i < out->count; i++) there = out->items[i] != own;
    if (there) *VEC_ADD(*out) = own;
}

static void give_history(struct step *step, struct parcel *parcel, uint64_t customer, uint64_t from,
                         const struct record *record, uint64_t subject) {
    struct site *site = step->feeder->desk->site;
    struct interest_ids positions = {NULL, 0, 0};
    uint64_t newest =
        customer == subject && record->previous != 0 ? record->previous : model_last_position(site->model, customer);
    find_history(site, customer, newest, from, record->position, &positions);
    for (uint32_t i = positions.count; i > 0; i--) give_past(step, parcel, positions.items[i - 1]);
    VEC_RELEASE(positions);
}

/* Somebody this store did not know of before this record, or not since a link was taken back: all that happened with
 * the person until then, but for what was told before. */
static void introduce(struct step *step, struct parcel *parcel, uint64_t id, const struct record *record,
                      uint64_t subject) {
    struct idmap *told = &parcel->session->feed.told;
    struct interest_person person;
    interest_person_open(&step->feeder->interest, id, &person);
    /* The most frequent: just registered here. Another store's word on her may have come before. */
    bool fresh = person.count == 1 && id == record->id && record->previous == 0;
    for (size_t i = 0; i < person.count && !fresh && !BUG(feed_without_history); i++) {
        if (told->count >= FEED_TOLD_MAX) idmap_clear(told); /* sending again is harmless */
        uint64_t *until = idmap_put(told, person.ids[i], NULL), from = *until;
        *until = record->position;
        give_history(step, parcel, person.ids[i], from, record, subject);
    }
    interest_person_close(&person);
}

/* Does this record begin a store's interest in somebody? */
static void begin_interest(struct step *step, store_number store, const struct record *record, uint64_t subject) {
    if (subject == 0 || interest_since(&step->feeder->interest, store, subject) != record->position) return;
    for (struct parcel *p = first_of(step, store); p != NULL; p = next_of(step, p))
        if (takes(p, record->position)) introduce(step, p, subject, record, subject);
}

static void route_to(struct step *step, const struct record *record, const struct event *event, store_number store,
                     uint64_t subject) {
    for (struct parcel *p = first_of(step, store); p != NULL; p = next_of(step, p)) {
        if (!takes(p, record->position)) continue;
        for (uint32_t i = 0; i < step->ids.count && step->ids.count > 1; i++)
            if (interest_serves(&step->feeder->interest, store, step->ids.items[i]))
                introduce(step, p, step->ids.items[i], record, subject);
        if (!whole(step, p, id_stream(record->id))) give(step, p, record, event);
    }
}

static void find_stores(struct step *step) {
    step->stores.count = 0;
    for (uint32_t i = 0; i < step->ids.count; i++)
        interest_stores(&step->feeder->interest, step->ids.items[i], &step->stores);
}

static void give_whole(struct step *step, const struct record *record, const struct event *event, bool everybodys) {
    uint32_t stream = id_stream(record->id);
    if (!stream_is_hub(stream) && !everybodys) {
        store_number own = interest_store_of(&step->feeder->interest, stream);
        for (struct parcel *p = first_of(step, own); p != NULL; p = next_of(step, p))
            if (takes(p, record->position)) give(step, p, record, event);
        return;
    }
    for (size_t i = 0; i < step->count; i++)
        if (takes(&step->parcels[i], record->position)) give(step, &step->parcels[i], record, event);
}

static void route(struct step *step, const struct record *record) {
    struct interest *interest = &step->feeder->interest;
    struct event event;
    int standing = event_decode(record->frame, &event, NULL);
    if (standing < 0) return;
    uint64_t subject = model_subject(&event, record->id, standing);
    step->ids.count = 0;
    if (subject != 0) *VEC_ADD(step->ids) = subject;
    if (standing == EVENT_GOOD) interest_concerned(interest, &event, &step->ids);
    begin_interest(step, interest_store_of(interest, id_stream(record->id)), record, subject);
    struct view given = standing == EVENT_GOOD ? event_store_given(&event) : VIEW_NONE;
    if (given.data != NULL) begin_interest(step, interest_store(interest, given), record, subject);
    find_stores(step);
    for (uint32_t i = 0; i < step->stores.count; i++) route_to(step, record, &event, step->stores.items[i], subject);
    give_whole(step, record, &event, standing == EVENT_GOOD && interest_everybodys(interest, &event));
}

/* Everybody's parcel is complete up to here; those that are full are closed, all of them when the step is. False: none
 * is open. Asked after each record, so it looks at them only where there is something to close. */
static bool close_full(struct step *step, uint64_t position) {
    bool all = step->bytes >= FEED_STEP_BYTES, open = false;
    if (!all && !step->filled && position < step->high) return true;
    for (size_t i = 0; i < step->count; i++) {
        struct parcel *parcel = &step->parcels[i];
        if (parcel->closed || parcel->from >= step->high) continue;
        if (parcel->to < position) parcel->to = position;
        parcel->closed = all || parcel_full(parcel);
        open |= !parcel->closed;
    }
    step->filled = false;
    return open;
}

static int scan(struct step *step, struct err *err) {
    struct site *site = step->feeder->desk->site;
    struct log_iterator *it;
    int code = site->log->ops->iterate(site->log, &it, err);
    if (code != 0) return code;
    code = it->ops->seek(it, step->low + 1);
    for (uint64_t at = step->low; code == 0 && at < step->high;) {
        struct record record;
        code = it->ops->next(it, &record, err);
        if (code != 0) break;
        at = record.position;
        site_read(site);
        route(step, &record);
        site_unread(site);
        if (!close_full(step, at)) break;
    }
    it->ops->close(it);
    return code;
}

/* ---- Telling ---- */

struct digests {
    struct feeder *feeder;
    struct step *step;
    uint8_t (*values)[DIGEST_SIZE]; /* by parcel */
    bool *taken;
};

static void keep_digest(void *context, struct view store, const uint8_t digest[DIGEST_SIZE]) {
    struct digests *d = context;
    store_number number = interest_store(&d->feeder->interest, store);
    for (size_t i = 0; i < d->step->count; i++) {
        if (d->step->parcels[i].store != number) continue;
        memcpy(d->values[i], digest, DIGEST_SIZE);
        d->taken[i] = true;
    }
}

static void let_others(void *context, uint64_t done, uint64_t all) {
    struct site *site = context;
    (void)done, (void)all;
    site_unread(site);
    site_read(site);
}

/* The digests of all stores at once, when the model stands exactly where the cursors do and nothing comes until they
 * are taken; at most once a minute, and so that they, or trying, cost a hundredth of the time. */
static bool take_digests(struct feeder *feeder, struct step *step, uint64_t tip, struct digests *out) {
    struct site *site = feeder->desk->site;
    int64_t now = env_monotonic(site->env);
    int64_t pause =
        feeder->digests_cost * 100 > FEED_DIGEST_EVERY_MS ? feeder->digests_cost * 100 : FEED_DIGEST_EVERY_MS;
    *out = (struct digests){.feeder = feeder, .step = step};
    if (feeder->digests_at != 0 && now - feeder->digests_at < pause) return false;
    out->values = mem_alloc((step->count + 1) * sizeof *out->values);
    out->taken = mem_alloc((step->count + 1) * sizeof *out->taken);
    const struct pace pace = {let_others, NULL, site};
    site_keep_model(site);
    site_read(site);
    bool still = model_position(site->model) == tip && log_tip(site->log) == tip;
    bool taken = still && model_digest_stores(site->model, &pace, keep_digest, out);
    site_unread(site);
    site_give_model(site);
    if (still) {
        feeder->digests_at = now == 0 ? 1 : now;
        feeder->digests_cost = env_monotonic(site->env) - now;
    }
    return taken;
}

static uint64_t taken_seq(const struct session *session) {
    struct head head;
    return log_head(session->desk->site->log, session->stream, &head) == 0 ? head.seq : 0;
}

/* The more stores, the less often each hears that it is level. */
static int64_t level_pause(const struct step *step) {
    int64_t share = (int64_t)step->count * 1000 / FEED_LEVELS;
    return share > FEED_LEVEL_EVERY_MS ? share : FEED_LEVEL_EVERY_MS;
}

/* A store that has all up to `tip` hears so: with its events, or when some time has passed since it last did. */
static bool level_due(const struct step *step, const struct parcel *parcel, uint64_t seq, bool digest) {
    struct feeder *feeder = step->feeder;
    struct feed_seat *seat = &parcel->session->feed;
    int64_t now = env_monotonic(feeder->desk->site->env);
    if (digest || parcel->ends.count > 0) return true;
    if (seat->level_told && seat->level_seq == seq) return false;
    int64_t at = seat->level_at == 0 ? now : seat->level_at + level_pause(step);
    if (at > now && at < feeder->due) feeder->due = at;
    return at <= now;
}

/* Most cursors move to the same place. */
static int chain_at(struct feeder *feeder, uint64_t position, uint8_t chain[CHAIN_SIZE], struct err *err) {
    struct log *log = feeder->desk->site->log;
    uint64_t at;
    int code = 0;
    if (position == 0 || position != feeder->chain_at)
        code = log->ops->chain_at(log, position, &at, feeder->chain, err);
    feeder->chain_at = code == 0 ? position : 0;
    if (code == 0) memcpy(chain, feeder->chain, CHAIN_SIZE);
    return code;
}

/* The next part of the directory of VIPs, if it lacks any; `*more`: it lacks more than that. */
static void next_part(struct feeder *feeder, struct session *session, struct buf *out, bool *more) {
    struct directory *directory = &feeder->desk->directory;
    struct directory_seat *seat = &session->feed.directory;
    struct err err;
    *more = false;
    if (!directory_owes(directory, seat)) return;
    if (directory_tell(directory, seat, session->key, out, &err) == 0)
        *more = directory_owes(directory, seat);
    else
        seat->wants = false; /* no key can be sealed for this store, whatever is tried */
}

static bool send(struct step *step, struct parcel *parcel, uint64_t tip, const uint8_t *digest, struct err *err) {
    struct feeder *feeder = step->feeder;
    struct session *session = parcel->session;
    struct feed_seat *seat = &session->feed;
    struct buf part = BUF_INIT;
    bool more;
    next_part(feeder, session, &part, &more);
    bool moved = parcel->to > seat->cursor.position;
    bool level = parcel->to == tip && feeder->desk->judged >= tip && !more;
    uint8_t chain[CHAIN_SIZE];
    struct parcel_note note = {
        .level = level, .seq = taken_seq(session), .digest = level ? digest : NULL, .chain = chain};
    if (part.len > 0) note.directory = buf_view(&part);
    if (moved && parcel->ends.count > 0) seat->level_told = false;
    bool due = level && level_due(step, parcel, note.seq, note.digest != NULL);
    int code = moved || due || part.len > 0 ? chain_at(feeder, parcel->to, chain, err) : 0;
    if (code == 0 && (parcel->ends.count > 0 || due || part.len > 0)) {
        mutex_lock(&session->lock);
        if (session->state == SESSION_OPEN) code = parcel_send(parcel, feeder->packer, &note, err);
        mutex_unlock(&session->lock);
    } else if (code == 0 && moved) { /* nothing for this store: its cursor is told with what comes next */
        seat->cursor.position = parcel->to;
        memcpy(seat->cursor.chain, chain, CHAIN_SIZE);
    }
    if (due && code == 0) {
        if (note.digest != NULL) seat->digest_position = tip;
        seat->level_told = true;
        seat->level_seq = note.seq;
        seat->level_at = env_monotonic(feeder->desk->site->env);
    }
    bool told = moved || due || part.len > 0;
    if (code != 0 && part.len > 0) directory_seat_again(&seat->directory);
    buf_release(&part);
    return told;
}

/* Where nothing has come since, the digest that somebody was told is the same still. */
static bool digest_wanted(const struct step *step, uint64_t tip) {
    bool wanted = false;
    if (step->low != tip || step->feeder->desk->judged < tip) return false;
    for (size_t i = 0; i < step->count && !wanted; i++) wanted = step->parcels[i].session->feed.digest_position != tip;
    return wanted;
}

static bool tell(struct feeder *feeder, struct step *step, uint64_t tip, struct err *err) {
    struct digests digests = {.feeder = feeder};
    bool moved = false;
    bool ready = digest_wanted(step, tip) && take_digests(feeder, step, tip, &digests) && digests.taken != NULL;
    for (size_t i = 0; i < step->count; i++) {
        bool news = ready && digests.taken[i] && step->parcels[i].session->feed.digest_position != tip;
        const uint8_t *digest = news ? digests.values[i] : NULL;
        moved |= send(step, &step->parcels[i], tip, digest, err);
    }
    free(digests.values);
    free(digests.taken);
    return moved;
}

static void step_release(struct step *step) {
    for (size_t i = 0; i < step->count; i++) {
        session_release_item(step->parcels[i].session);
        parcel_release(&step->parcels[i]);
    }
    free(step->parcels);
    idmap_release(&step->of_store);
    VEC_RELEASE(step->ids);
    VEC_RELEASE(step->stores);
}

/* As far as the log is folded. */
static uint64_t folded(struct site *site) {
    site_read(site);
    uint64_t position = model_position(site->model);
    site_unread(site);
    return position;
}

bool feeder_step(struct feeder *feeder) {
    struct step step = {.feeder = feeder};
    struct err err = {.code = 0};
    uint64_t tip = folded(feeder->desk->site);
    feeder->at_end = false;
    int more = interest_follow(&feeder->interest, FEED_SCAN, &err);
    if (more != 0 || feeder->interest.position < tip) return more >= 0;
    feeder->due = INT64_MAX;
    seat_all(feeder, &step);
    int code = place(&step, tip) ? scan(&step, &err) : 0;
    bool moved = tell(feeder, &step, tip, &err);
    feeder->at_end = step.low == tip || step.high == tip;
    step_release(&step);
    if (code < 0 && strcmp(err.text, feeder->trouble.text) != 0)
        journal_say(&feeder->desk->journal, "feed: %s", err.text);
    feeder->trouble = code < 0 ? err : (struct err){.code = 0};
    return moved && code >= 0;
}

bool feeder_at_end(const struct feeder *feeder) { return feeder->at_end; }

int64_t feeder_due(const struct feeder *feeder) {
    if (feeder->due == INT64_MAX) return -1;
    int64_t now = env_monotonic(feeder->desk->site->env);
    return feeder->due > now ? feeder->due - now : 0;
}
