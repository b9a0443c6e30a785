/* PUSH: accepted, a duplicate, a gap, a fork, or bad. Never a loop, never a silent loss. */
#include <stdlib.h>
#include <utlist.h>

#include "hub/session.h"
#include "proto/base/bug.h"

static void send_ack(struct session *session, uint64_t next_seq, struct view receipt) {
    struct message message = {.type = MESSAGE_ack};
    message.body.ack = (struct message_ack){session->stream, next_seq, receipt, desk_credit(session->desk)};
    session_send(session, &message);
}

/* Says again what is durable. */
static void ack_held(struct session *session, const struct head *held) {
    struct site *site = session->desk->site;
    struct record last;
    struct buf copy = BUF_INIT, receipt = BUF_INIT;
    if (BUG(silent_duplicate)) return;
    if (log_get_id(site->log, id_make(held->stream, held->seq), &last, &copy, NULL) == 0) {
        receipt_write(&site->signer, held, last.received, site->config.incarnation, &receipt);
        send_ack(session, held->seq + 1, buf_view(&receipt));
    }
    buf_release(&copy);
    buf_release(&receipt);
}

/* Once: what is on its way behind the gap is passed over in silence until the store has heard. */
static void tell_gap(struct session *session, uint64_t came) {
    if (session->gap_told) return;
    session->gap_told = true;
    journal_say(&session->desk->journal, "store %s left a gap: sequence %llu came, %llu is wanted",
                buf_text(&session->store), (unsigned long long)came, (unsigned long long)session->expected.seq + 1);
    send_ack(session, session->expected.seq + 1, VIEW_NONE);
}

/* Bytes at sequences already taken, up to `held`: the same ones are a duplicate, others a fork. */
static bool same_bytes(struct session *session, const struct batch *batch, uint64_t held) {
    struct log *log = session->desk->site->log;
    struct buf copy = BUF_INIT;
    bool same = true;
    for (uint32_t i = 0; same && i < batch->count && batch->first + i <= held; i++) {
        struct record record;
        buf_clear(&copy);
        same = log_get_id(log, id_make(batch->stream, batch->first + i), &record, &copy, NULL) == 0 &&
               view_equal(record.frame, batch_frame(batch, i));
    }
    buf_release(&copy);
    if (!same)
        session_end(session, ERR_FORKED, 0,
                    "fork: other bytes at sequences %llu to %llu than the hub has; nothing was taken",
                    (unsigned long long)batch->first, (unsigned long long)batch->head.seq);
    return same;
}

static bool take_duplicate(struct session *session, const struct batch *batch) {
    struct head held;
    bool there = log_head(session->desk->site->log, batch->stream, &held) == 0 && batch->head.seq <= held.seq;
    if (!there) return true; /* on its way through ingest: answered from there */
    if (!same_bytes(session, batch, held.seq)) return false;
    ack_held(session, &held);
    return true;
}

/* Another connection of this store was faster. What it brought is a duplicate, or the store goes on behind it. */
static void overtaken(struct session *session, const struct ingest_item *item) {
    struct head held = item->before;
    if (session->state != SESSION_OPEN) return;
    if (log_head(session->desk->site->log, item->batch.stream, &held) != 0) return;
    if (!same_bytes(session, &item->batch, held.seq)) return;
    if (item->batch.count > 0 && item->batch.head.seq <= held.seq) {
        ack_held(session, &held);
    } else if (item->round == session->round && !BUG(accept_gap)) { /* the others of this round do not follow either */
        session->round++;
        session->expected = held;
        session->gap_told = false;
        tell_gap(session, item->batch.first);
    }
}

/* From ingest's thread. */
static void answered(void *user, struct ingest_item *item, const struct ingest_answer *answer) {
    struct session *session = user;
    if (item->batch.count == 0 && item->batch.key_count > 0) session->desk->keys_came++;
    mutex_lock(&session->lock);
    session->in_flight -= item->line_bytes;
    switch (answer->outcome) {
    case INGEST_TAKEN: send_ack(session, answer->next_seq, answer->receipt); break;
    case INGEST_STALE: overtaken(session, item); break;
    case INGEST_REVOKED:
        session_end(session, ERR_REVOKED, 0, "this store was revoked; its last events were not taken");
        break;
    case INGEST_FAILED:
        session_end(session, answer->err->code, HUB_TROUBLE_RETRY_MS, "the hub cannot take events now: %s",
                    answer->err->text);
        break;
    }
    mutex_unlock(&session->lock);
    session_release_item(session);
}

/* Keys come with the registration they are for, so they are of this stream and of what is taken by then. Without any
 * event come those that the hub has asked for. */
static int open_keys(struct session *session, const struct message_push *push, struct batch *batch, struct err *err) {
    struct site *site = session->desk->site;
    int code = keys_unbox(push->keys, &site->signer, &batch->keys, &batch->key_count, err);
    size_t kept = 0;
    for (size_t i = 0; code == 0 && i < batch->key_count; i++) {
        uint64_t id = batch->keys[i].id;
        bool own = id_valid(id) && id_stream(id) == batch->stream && id_seq(id) <= batch->head.seq;
        bool asked = id_valid(id) && batch->count == 0 && lacking_key(site, id);
        if (asked) session->desk->tag_again = true;
        if (own || asked) batch->keys[kept++] = batch->keys[i];
        if (!own && batch->count > 0)
            code = err_set(err, ERR_AUTH, "keys", "it brings a key for what this stream has not registered");
    }
    if (code == 0) batch->key_count = kept;
    return code;
}

static bool submit(struct session *session, struct ingest_item *item, const struct message_push *push) {
    struct err err = {.code = 0};
    struct batch *batch = &item->batch;
    int code = batch_check(batch, &session->expected, session->key, session->desk->site->config.root, &err);
    if (code == 0 && push->keys.data != NULL) code = open_keys(session, push, batch, &err);
    if (code != 0) {
        session_end(session, code, 0, "a PUSH is not authentic: %s", err.text);
        ingest_item_free(item);
        return false;
    }
    item->before = session->expected;
    item->round = session->round;
    item->answered = answered;
    item->session = session;
    session->expected = batch->head;
    session->gap_told = false;
    session->in_flight += item->line_bytes;
    mutex_lock(&session->desk->lock);
    session->references++;
    mutex_unlock(&session->desk->lock);
    ingest_submit(session->desk->ingest, item);
    return true;
}

/* True: read on. The item is taken over. */
static bool take_item(struct session *session, struct ingest_item *item, const struct message_push *push) {
    const struct batch *batch = &item->batch;
    bool more = true;
    if (batch->count > 0 && batch->head.seq <= session->expected.seq)
        more = take_duplicate(session, batch);
    else if (batch->first != session->expected.seq + 1)
        tell_gap(session, batch->first);
    else
        return submit(session, item, push);
    ingest_item_free(item);
    return more;
}

/* No earlier hub can have received what is of a stream that this one gave out. */
static void forget_times(struct batch *batch) {
    free(batch->received);
    batch->received = NULL;
}

/* What unpacking will take of memory, by the message's own word: batch_unpack holds it to that. */
static size_t unpacked(const struct message_push *push) {
    uint64_t size = push->size < BATCH_BYTES_MAX ? push->size : BATCH_BYTES_MAX;
    uint64_t count = push->count < BATCH_EVENTS_MAX ? push->count : BATCH_EVENTS_MAX;
    return (size_t)(size + (count + 1) * sizeof(uint32_t)) + 2 * push->keys.len;
}

/* Unpacks and takes a PUSH; false in `room`: there is none. */
static bool take_push(struct session *session, const struct message_push *push, size_t line_bytes, bool *room) {
    struct err err = {.code = 0};
    struct ingest_item *item = ingest_reserve(session->desk->ingest, unpacked(push));
    *room = item != NULL;
    if (!*room) return false;
    item->line_bytes = line_bytes;
    int code = batch_unpack(push, &item->batch, &err);
    if (stream_incarnation(session->stream) >= session->desk->site->config.incarnation) forget_times(&item->batch);
    if (code == 0) return take_item(session, item, push);
    session_end(session, code, 0, "a PUSH cannot be read: %s", err.text);
    ingest_item_free(item);
    return false;
}

static bool hold(struct session *session, struct view bytes) {
    struct desk *desk = session->desk;
    mutex_lock(&desk->lock);
    bool room = desk->held + bytes.len <= desk->held_most;
    if (room) desk->held += bytes.len;
    mutex_unlock(&desk->lock);
    if (room) buf_append_view(&session->held, bytes);
    return room;
}

void session_let_go(struct session *session) {
    struct desk *desk = session->desk;
    mutex_lock(&desk->lock);
    desk->held -= session->held.len;
    mutex_unlock(&desk->lock);
    buf_release(&session->held);
}

/* `first`: it has waited already. */
static void wait_for_room(struct session *session, bool first) {
    struct desk *desk = session->desk;
    mutex_lock(&desk->lock);
    session->waiting = true;
    if (first)
        DL_PREPEND2(desk->waiting, session, previous_waiting, next_waiting);
    else
        DL_APPEND2(desk->waiting, session, previous_waiting, next_waiting);
    mutex_unlock(&desk->lock);
    if (!first) ingest_wake(desk->ingest); /* it may have become empty before we stood in the list */
}

bool session_resume(struct session *session) {
    struct message message;
    bool room = true, more = true;
    mutex_lock(&session->lock);
    bool gone = session->connection == NULL || session->state != SESSION_OPEN;
    if (!gone && message_decode(buf_view(&session->held), &message, NULL) == 0)
        more = take_push(session, &message.body.push, session->held.len, &room);
    if (room || gone)
        session_let_go(session);
    else
        wait_for_room(session, true);
    if (room && more && !gone) transport_resume(session->connection);
    mutex_unlock(&session->lock);
    return room;
}

bool session_push(struct session *session, const struct message_push *push, struct view bytes) {
    bool room;
    if (session->unknown != UNKNOWN_NOT || push->stream != session->stream) return handing_push(session, push);
    if (session->in_flight + bytes.len > STORE_IN_FLIGHT_MAX) {
        session_end(session, ERR_LIMIT, 0, "more bytes in flight than the hub gave credit for");
        return false;
    }
    bool more = take_push(session, push, bytes.len, &room);
    if (room) return more;
    if (hold(session, bytes))
        wait_for_room(session, false);
    else
        session_end(session, ERR_BUSY, HELD_RETRY_MS, "more stores bring more at once than the hub can hold");
    return false;
}
