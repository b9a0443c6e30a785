/* PUSH: accepted, a duplicate, a gap, a fork, or bad. Never a loop, never a silent loss. */
#include <stdlib.h>
#include <string.h>

#include "hub/session.h"

static void send_ack(struct session *session, uint64_t next_seq, struct view receipt) {
    struct message message = {.type = MESSAGE_ack};
    message.body.ack = (struct message_ack){session->stream, next_seq, receipt, STORE_CREDIT};
    session_send(session, &message);
}

/* From ingest's thread. */
static void answered(void *user, struct ingest_item *item, const struct ingest_answer *answer) {
    struct session *session = user;
    mutex_lock(&session->lock);
    session->in_flight -= item->line_bytes;
    if (answer->outcome == INGEST_TAKEN)
        send_ack(session, answer->next_seq, answer->receipt);
    else if (answer->outcome == INGEST_FAILED)
        session_end(session, answer->err->code, 30000, "the hub cannot take events now: %s", answer->err->text);
    else /* another connection of this store was faster; this one is being closed */
        session_end(session, ERR_CONFLICT, 1000, "superseded by a newer connection of this store");
    mutex_unlock(&session->lock);
    session_release_item(session);
}

/* Bytes at sequences already taken: the same ones are a duplicate, others a fork. */
static int compare_taken(struct session *session, const struct batch *batch) {
    struct log *log = session->desk->site->log;
    struct buf copy = BUF_INIT;
    int code = 0;
    for (uint32_t i = 0; code == 0 && i < batch->count; i++) {
        struct record record;
        buf_clear(&copy);
        code = log_get_id(log, id_make(batch->stream, batch->first + i), &record, &copy, NULL);
        if (code == 0 && !view_equal(record.frame, batch_frame(batch, i))) code = ERR_CONFLICT;
    }
    buf_release(&copy);
    return code;
}

static bool take_duplicate(struct session *session, const struct batch *batch) {
    struct site *site = session->desk->site;
    struct head held;
    if (log_head(site->log, batch->stream, &held) != 0 || batch->head.seq > held.seq) return true; /* still on its way */
    if (compare_taken(session, batch) != 0) {
        session_end(session, ERR_CONFLICT, 0, "fork: other bytes at sequences %llu to %llu than the hub has; nothing was taken",
                    (unsigned long long)batch->first, (unsigned long long)batch->head.seq);
        return false;
    }
    struct record last;
    struct buf copy = BUF_INIT, receipt = BUF_INIT;
    if (log_get_id(site->log, id_make(held.stream, held.seq), &last, &copy, NULL) == 0) {
        receipt_write(&site->signer, &held, last.received, site->config.incarnation, &receipt);
        send_ack(session, session->expected.seq + 1, buf_view(&receipt));
    }
    buf_release(&copy);
    buf_release(&receipt);
    return true;
}

static bool offer(struct session *session, struct ingest_item *item) {
    struct desk *desk = session->desk;
    mutex_lock(&desk->lock);
    session->references++;
    mutex_unlock(&desk->lock);
    if (ingest_submit(desk->ingest, item)) return true;
    session->held = item;
    mutex_lock(&desk->lock);
    session->references--;
    session->next_waiting = desk->waiting;
    desk->waiting = session;
    mutex_unlock(&desk->lock);
    return false;
}

bool session_resume(struct session *session) {
    mutex_lock(&session->lock);
    struct ingest_item *item = session->held;
    session->held = NULL;
    bool gone = session->connection == NULL || session->state != SESSION_OPEN;
    bool taken = item == NULL || gone || offer(session, item);
    if (gone) ingest_item_free(item);
    if (taken && !gone) transport_resume(session->connection);
    mutex_unlock(&session->lock);
    return taken;
}

static bool submit(struct session *session, struct ingest_item *item, const struct message_push *push) {
    struct err err;
    struct batch *batch = &item->batch;
    int code = batch_check(batch, &session->expected, session->key, session->desk->site->config.root, &err);
    if (code == 0 && push->keys.data != NULL)
        code = keys_unbox(push->keys, &session->desk->site->signer, &batch->keys, &batch->key_count, &err);
    if (code != 0) {
        session_end(session, code, 0, "a PUSH is not authentic: %s", err.text);
        ingest_item_free(item);
        return false;
    }
    item->before = session->expected;
    item->answered = answered;
    item->session = session;
    session->expected = batch->head;
    session->in_flight += item->line_bytes;
    return offer(session, item);
}

bool session_push(struct session *session, const struct message_push *push, size_t line_bytes) {
    if (push->stream != session->stream) {
        session_end(session, ERR_AUTH, 0, "a PUSH of stream %llu on the connection of stream %u",
                    (unsigned long long)push->stream, session->stream);
        return false;
    }
    if (session->in_flight + line_bytes > 2 * STORE_CREDIT) {
        session_end(session, ERR_LIMIT, 0, "more bytes in flight than the hub gave credit for");
        return false;
    }
    struct ingest_item *item = mem_alloc(sizeof *item);
    struct err err;
    item->line_bytes = line_bytes;
    int code = batch_unpack(push, &item->batch, &err);
    bool more = false;
    if (code != 0) {
        session_end(session, code, 0, "a PUSH cannot be read: %s", err.text);
    } else if (push->count > 0 && item->batch.head.seq <= session->expected.seq) {
        more = take_duplicate(session, &item->batch);
    } else if (push->count > 0 && push->first != session->expected.seq + 1) {
        send_ack(session, session->expected.seq + 1, VIEW_NONE);
        more = true;
    } else {
        return submit(session, item, push);
    }
    ingest_item_free(item);
    return more;
}
