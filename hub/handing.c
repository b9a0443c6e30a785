#include "hub/handing.h"

#include <string.h>

#include "hub/branch.h"
#include "hub/guest.h"
#include "hub/recovery.h"
#include "hub/session.h"
#include "proto/base/bug.h"
#include "proto/wire/feed.h"

/* ---- What is wanted ---- */

/* Of its own store's former PCs, as far as they were accepted. */
static bool former_of_store(struct session *session, uint32_t stream, uint64_t *last) {
    struct site *site = session->desk->site;
    struct stream_state state;
    site_read(site);
    bool former = session->unknown == UNKNOWN_NOT && stream != session->stream &&
                  model_stream(site->model, stream, &state) && state.opened && state.keyed &&
                  view_equal(state.store, buf_view(&session->store));
    if (former && state.revoked && state.revoked_last < *last) *last = state.revoked_last;
    site_unread(site);
    return former;
}

static bool may_hand(struct session *session, uint32_t stream, uint64_t *last) {
    if (stream_is_hub(stream)) return stream != session->desk->site->config.stream;
    return former_of_store(session, stream, last);
}

static uint64_t held_of(struct site *site, uint32_t stream) {
    struct head head;
    return log_head(site->log, stream, &head) == 0 ? head.seq : 0;
}

/* The newest stream of a hub before this one that is known here; ID_STREAM_MAX: none. */
static uint32_t newest_former(struct site *site) {
    uint32_t own = site->config.incarnation;
    for (uint32_t i = own; i-- > 0;)
        if (held_of(site, stream_make(i, 0)) > 0 && !branch_complete(site, stream_make(i, 0))) return stream_make(i, 0);
    return ID_STREAM_MAX;
}

void handing_plan(struct session *session, const struct message_greeting *greeting, struct buf *wanted) {
    struct site *site = session->desk->site;
    struct handing *handing = &session->handing;
    uint32_t stream, former = newest_former(site);
    uint64_t last;
    struct cursor c = cursor_of(greeting->held);
    if (greeting->held.data == NULL) return;
    while (handing->wanted.count < FEED_STREAMS_MAX && feed_stream_next(&c, &stream, &last, NULL) == 1) {
        if (!may_hand(session, stream, &last)) continue;
        if (stream_is_hub(stream) && (former == ID_STREAM_MAX || stream >= former)) handing->offered = true;
        uint64_t here = held_of(site, stream);
        bool compared = stream_is_hub(stream) && greeting->feed_incarnation != site->config.incarnation;
        compared = compared && !BUG(branch_not_compared);
        if ((last <= here && !compared) || last == 0 || last > ID_SEQ_MAX) continue;
        *VEC_ADD(handing->wanted) = (struct handing_stream){stream, last, false};
        feed_stream_write(wanted, stream, last <= here ? last : here + 1);
    }
}

bool handing_waits(const struct handing *handing) {
    for (uint32_t i = 0; i < handing->wanted.count; i++)
        if (!handing->wanted.items[i].done && stream_is_hub(handing->wanted.items[i].stream)) return true;
    return false;
}

/* What is in memory of its parts now; false: more than there is room for beside the others'. */
static bool count_parts(struct session *session) {
    struct desk *desk = session->desk;
    struct handing *handing = &session->handing;
    size_t now = handing->batch.frames.len;
    mutex_lock(&desk->lock);
    size_t others = desk->handing - handing->counted;
    bool room = now <= handing->counted || others == 0 || others + now <= desk->handing_most;
    desk->handing = others + now;
    handing->counted = now;
    mutex_unlock(&desk->lock);
    return room;
}

void handing_release(struct session *session) {
    VEC_RELEASE(session->handing.wanted);
    batch_release(&session->handing.batch);
    count_parts(session);
}

/* ---- What came ---- */

static void send_ack(struct session *session, uint32_t stream, uint64_t next_seq) {
    struct message message = {.type = MESSAGE_ack};
    message.body.ack = (struct message_ack){stream, next_seq, VIEW_NONE, STORE_CREDIT};
    session_send(session, &message);
}

static void reached(struct session *session, uint32_t stream, uint64_t seq) {
    struct handing *handing = &session->handing;
    for (uint32_t i = 0; i < handing->wanted.count; i++)
        if (handing->wanted.items[i].stream == stream && handing->wanted.items[i].last <= seq)
            handing->wanted.items[i].done = true;
}

void handing_settle(struct session *session) {
    struct handing *handing = &session->handing;
    struct err err = {.code = 0};
    for (uint32_t i = 0; i < handing->wanted.count; i++)
        if (!handing->wanted.items[i].done) return;
    bool waited = recovery_goes_on(session->desk->site);
    if (handing->offered && recovery_done(session->desk->site, &err) != 0)
        journal_say(&session->desk->journal, "the hub cannot write: %s", err.text);
    if (session->unknown != UNKNOWN_NOT) guest_go(session, waited);
}

/* From ingest's thread. */
static void handed(void *user, struct ingest_item *item, const struct ingest_answer *answer) {
    struct session *session = user;
    uint32_t stream = item->batch.stream;
    mutex_lock(&session->lock);
    if (answer->outcome == INGEST_FAILED) {
        session_end(session, answer->err->code, HUB_TROUBLE_RETRY_MS, "the hub cannot take events now: %s",
                    answer->err->text);
    } else if (session->state == SESSION_OPEN) {
        session->handing.brought |= answer->outcome == INGEST_TAKEN;
        if (answer->outcome == INGEST_TAKEN)
            journal_say(&session->desk->journal, "stream %u is back up to %llu, from store %s", stream,
                        (unsigned long long)answer->next_seq - 1,
                        session->unknown != UNKNOWN_NOT ? "(unknown)" : buf_text(&session->store));
        uint64_t next = answer->outcome == INGEST_REVOKED ? item->batch.head.seq + 1 : answer->next_seq;
        send_ack(session, stream, next);
        reached(session, stream, next - 1);
        handing_settle(session);
    }
    mutex_unlock(&session->lock);
    session_release_item(session);
}

static bool key_of(struct session *session, const struct message_push *push, uint8_t key[PUBLIC_KEY_SIZE]) {
    const uint8_t *root = session->desk->site->config.root;
    uint32_t stream = (uint32_t)push->stream;
    if (!stream_is_hub(stream)) return site_stream_key(session->desk->site, stream, key) == 0;
    if (push->hub_key.data == NULL || push->hub_certificate.data == NULL ||
        !hub_certificate_holds(root, push->hub_key.data, push->hub_certificate.data))
        return false;
    memcpy(key, push->hub_key.data, PUBLIC_KEY_SIZE);
    return true;
}

/* Other bytes than here, under a good signature: what stands here of that stream was written by an older copy of the
 * hub. All of the store's is asked for, to be kept. */
static bool ask_for_all(struct session *session, uint32_t stream) {
    struct handing *handing = &session->handing;
    handing->parts = true;
    handing->parting = stream;
    batch_release(&handing->batch);
    send_ack(session, stream, 1);
    return true;
}

/* The chain of what is here of a stream, at `seq`. */
static bool chain_here(struct session *session, uint32_t stream, uint64_t seq, const uint8_t key[PUBLIC_KEY_SIZE],
                       uint8_t chain[CHAIN_SIZE]) {
    struct log *log = session->desk->site->log;
    struct buf copy = BUF_INIT;
    struct record record;
    struct head head;
    int code = log_head(log, stream, &head);
    if (code == 0 && head.seq == seq) {
        memcpy(chain, head.chain, CHAIN_SIZE);
        return true;
    }
    chain_start(stream, key, chain);
    for (uint64_t at = 1; code == 0 && at <= seq; at++) {
        buf_clear(&copy);
        code = log_get_id(log, id_make(stream, at), &record, &copy, NULL);
        if (code == 0) chain_next(chain, record.frame);
    }
    buf_release(&copy);
    return code == 0;
}

/* Of what is here already: the event behind which the store's signed head is. */
static bool parts_from_here(struct session *session, const struct batch *part, const uint8_t key[PUBLIC_KEY_SIZE]) {
    const uint8_t *root = session->desk->site->config.root;
    uint8_t chain[CHAIN_SIZE];
    return stream_is_hub(part->stream) && !head_unsigned(&part->head) && head_holds(&part->head, key, root) &&
           part->head.seq <= held_of(session->desk->site, part->stream) &&
           chain_here(session, part->stream, part->head.seq, key, chain) &&
           memcmp(chain, part->head.chain, CHAIN_SIZE) != 0 &&
           !branch_moved(session->desk->site, part->stream, part->head.chain);
}

static void go_on_behind(struct session *session, uint32_t stream, uint64_t seq) {
    send_ack(session, stream, seq + 1);
    reached(session, stream, seq);
    handing_settle(session);
}

/* A whole copy of a hub's former stream that parts from the one here. */
static bool keep_branch(struct session *session, const struct message_push *push, const uint8_t key[PUBLIC_KEY_SIZE]) {
    struct site *site = session->desk->site;
    struct batch *batch = &session->handing.batch;
    struct head before = {.stream = batch->stream};
    uint8_t both[PUBLIC_KEY_SIZE + SIGNATURE_SIZE];
    char what[160];
    struct err err = {.code = 0};
    uint64_t here = 0;
    memcpy(both, key, PUBLIC_KEY_SIZE);
    memcpy(both + PUBLIC_KEY_SIZE, push->hub_certificate.data, SIGNATURE_SIZE);
    chain_start(batch->stream, key, before.chain);
    int code = batch_check(batch, &before, key, site->config.root, &err);
    if (code == 0) code = branch_keep(site, batch, both, &here, &err);
    session->handing.parts = false;
    if (code == 0 && here == 0) { /* somebody else has brought it meanwhile */
        go_on_behind(session, batch->stream, batch->head.seq);
        batch_release(batch);
        return session->state == SESSION_OPEN;
    }
    snprintf(what, sizeof what,
             "holds other events of the hub's former stream %u, up to %llu, than the %llu that this copy wrote",
             batch->stream, (unsigned long long)batch->head.seq, (unsigned long long)here);
    batch_release(batch);
    if (code == 0)
        session_restored(session, site->config.incarnation, what);
    else
        session_end(session, code == ERR_AUTH ? ERR_AUTH : code, code == ERR_AUTH ? 0 : HUB_TROUBLE_RETRY_MS,
                    "what was handed back could not be kept: %s", err.text);
    return false;
}

/* All parts are here: held against the log, and off to ingest. */
static bool finish(struct session *session, const struct message_push *push, const uint8_t key[PUBLIC_KEY_SIZE]) {
    struct site *site = session->desk->site;
    struct batch *batch = &session->handing.batch;
    struct head before;
    struct err err = {.code = 0};
    if (log_head(site->log, batch->stream, &before) != 0) {
        before = (struct head){.stream = batch->stream};
        chain_start(batch->stream, key, before.chain);
    }
    if (before.seq + 1 != batch->first) { /* somebody else brought it meanwhile */
        uint32_t stream = batch->stream;
        if (parts_from_here(session, batch, key)) return ask_for_all(session, stream);
        batch_release(batch);
        go_on_behind(session, stream, before.seq);
        return session->state == SESSION_OPEN;
    }
    if (batch_check(batch, &before, key, site->config.root, &err) != 0) {
        bool other = stream_is_hub(batch->stream) && head_holds(&batch->head, key, site->config.root);
        uint32_t stream = batch->stream;
        if (other && !branch_moved(site, stream, batch->head.chain)) return ask_for_all(session, stream);
        if (other) { /* the store will be told that it has moved */
            uint64_t last = batch->head.seq;
            batch_release(batch);
            go_on_behind(session, stream, last);
            return session->state == SESSION_OPEN;
        }
        session_end(session, ERR_AUTH, 0, "what was handed back is not authentic: %s", err.text);
        return false;
    }
    struct desk *desk = session->desk;
    struct ingest_item *item = ingest_reserve(desk->ingest, batch->frames.len);
    if (item == NULL) {
        session_end(session, ERR_BUSY, HUB_TROUBLE_RETRY_MS, "the hub has much to do; come back later");
        return false;
    }
    item->batch = *batch;
    *batch = (struct batch){.count = 0};
    item->before = before;
    item->answered = handed;
    item->session = session;
    if (stream_is_hub(item->batch.stream)) {
        memcpy(item->hub_key, key, PUBLIC_KEY_SIZE);
        memcpy(item->hub_key + PUBLIC_KEY_SIZE, push->hub_certificate.data, SIGNATURE_SIZE);
    }
    item->of_hub = stream_is_hub(item->batch.stream);
    mutex_lock(&desk->lock);
    session->references++;
    mutex_unlock(&desk->lock);
    ingest_submit(desk->ingest, item);
    return true;
}

/* Nobody knows whether a guest has a right to anybody's memory; while the hub waits there may be guests only. */
static size_t most_of_one(struct session *session) {
    struct desk *desk = session->desk;
    bool expected = session->unknown == UNKNOWN_NOT || recovery_goes_on(desk->site);
    return expected || desk->handing_one < HANDING_GUEST ? desk->handing_one : HANDING_GUEST;
}

static int open_keys(struct session *session, const struct message_push *push, struct batch *part, struct err *err) {
    int code = keys_unbox(push->keys, &session->desk->site->signer, &part->keys, &part->key_count, err);
    for (size_t i = 0; code == 0 && i < part->key_count; i++)
        if (id_stream(part->keys[i].id) != part->stream || !id_valid(part->keys[i].id))
            code = err_set(err, ERR_AUTH, "keys", "it brings a key of another stream");
    return code;
}

static bool take_part(struct session *session, const struct message_push *push, struct batch *part,
                      const uint8_t key[PUBLIC_KEY_SIZE]) {
    struct batch *batch = &session->handing.batch;
    bool more = batch->count > 0 && batch->stream == part->stream;
    bool whole = session->handing.parts && session->handing.parting == part->stream;
    uint64_t next = more ? batch->head.seq + 1 : whole ? 1 : held_of(session->desk->site, part->stream) + 1;
    bool last = !head_unsigned(&part->head);
    if (part->count == 0 || part->first != next) { /* it goes on from there */
        uint32_t stream = part->stream;
        bool parts = !whole && parts_from_here(session, part, key);
        batch_release(part);
        if (parts) return ask_for_all(session, stream);
        go_on_behind(session, stream, next - 1);
        return session->state == SESSION_OPEN;
    }
    if (more) {
        batch_join(batch, part);
    } else {
        batch_release(batch);
        *batch = *part;
    }
    size_t most = most_of_one(session);
    if (batch->frames.len > most) {
        session_end(
            session, ERR_LIMIT, 0,
            "the hub lacks more of stream %u than can be handed back, %zu MiB: restore a newer copy of it first",
            batch->stream, most >> 20);
        return false;
    }
    if (last) return whole ? keep_branch(session, push, key) : finish(session, push, key);
    send_ack(session, batch->stream, batch->head.seq + 1);
    return true;
}

bool handing_push(struct session *session, const struct message_push *push) {
    struct batch part;
    struct err err = {.code = 0};
    uint8_t key[PUBLIC_KEY_SIZE];
    uint64_t last = ID_SEQ_MAX;
    if (!may_hand(session, (uint32_t)push->stream, &last) || !key_of(session, push, key)) {
        session_end(session, ERR_AUTH, 0, "a PUSH of stream %llu on the connection of stream %u",
                    (unsigned long long)push->stream, session->stream);
        return false;
    }
    int code = batch_unpack(push, &part, &err);
    if (code == 0 && push->keys.data != NULL && (code = open_keys(session, push, &part, &err)) != 0)
        batch_release(&part);
    if (code == 0) {
        bool more = take_part(session, push, &part, key);
        if (count_parts(session)) return more;
        session_end(session, ERR_BUSY, HELD_RETRY_MS, "more stores hand back at once than the hub can hold");
        batch_release(&session->handing.batch);
        count_parts(session);
        return false;
    }
    session_end(session, code, 0, "a PUSH cannot be read: %s", err.text);
    return false;
}
