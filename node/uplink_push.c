/* PUSH and ACK: frames out, receipts in. */
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "node/uplink.h"
#include "proto/base/bug.h"
#include "proto/site/erasure.h"

/* What one PUSH carries. */
struct parcel {
    struct buf frames;
    uint32_t count;
    struct head head; /* behind its last frame; unsigned */
    struct carried_keys keys;
    struct buf received; /* runs: when an earlier hub received them */
};

static void parcel_release(struct parcel *parcel) {
    buf_release(&parcel->frames);
    buf_release(&parcel->received);
    carried_keys_release(&parcel->keys);
}

/* An event that is its own subject and sealed brings its key; all others were carried with that one. */
static int add_key(struct uplink *u, struct parcel *parcel, const struct record *record, struct err *err) {
    struct event event;
    int standing = event_decode(record->frame, &event, err);
    if (standing < 0) return standing;
    if (event.sealed_bits == 0 || event.subject != record->id) return 0;
    struct customer_key keys[4];
    int n = site_keys(u->site, event.subject, keys, 4, err);
    for (int i = 0; i < n; i++) carried_keys_add(&parcel->keys, event.subject, &keys[i]);
    sodium_memzero(keys, sizeof keys);
    return n < 0 ? n : 0;
}

/* Bytes before compression, of which about a third remains: no more than a little beyond the credit. */
static size_t push_bytes(const struct uplink *u) {
    uint64_t room = u->credit > u->in_flight_bytes ? (u->credit - u->in_flight_bytes) * 2 : 0;
    return room > PUSH_BYTES ? PUSH_BYTES : room < PUSH_LEAST ? PUSH_LEAST : (size_t)room;
}

static int fill(struct uplink *u, struct parcel *parcel, struct log_iterator *it, uint64_t length, struct err *err) {
    size_t most = push_bytes(u);
    struct record record;
    int code = 0;
    while (code == 0 && length-- > 0 && parcel->count < PUSH_EVENTS && parcel->frames.len < most &&
           parcel->keys.count < CARRIED_KEYS_MAX - 4) {
        code = it->ops->next(it, &record, err);
        if (code == 0) code = add_key(u, parcel, &record, err);
        if (code != 0) break;
        buf_append_view(&parcel->frames, record.frame);
        chain_next(parcel->head.chain, record.frame);
        parcel->head.seq++;
        parcel->count++;
    }
    return code < 0 ? code : 0;
}

/* The frames behind u->sent: one run of them, as far as a PUSH may go. */
static int collect(struct uplink *u, struct parcel *parcel, struct err *err) {
    struct log *log = u->site->log;
    uint64_t position, length, told;
    parcel->head = u->sent;
    int code = log->ops->run_of(log, id_make(u->sent.stream, u->sent.seq + 1), &position, &length);
    if (code != 0)
        return err_set(err, code, NULL, "the log's index lacks sequence %llu", (unsigned long long)u->sent.seq + 1);
    told = uplink_received(u, u->sent.seq + 1, length, &parcel->received);
    if (told > 0) length = told;
    struct log_iterator *it;
    code = log->ops->iterate(log, &it, err);
    if (code != 0) return code;
    code = it->ops->seek(it, position);
    if (code == 0) code = fill(u, parcel, it, length, err);
    it->ops->close(it);
    return code;
}

static int send_parcel(struct uplink *u, struct parcel *parcel, struct err *err) {
    struct message message = {.type = MESSAGE_push};
    struct buf box = BUF_INIT;
    head_sign(&parcel->head, &u->site->signer);
    int code = parcel->keys.count == 0 ? 0 : keys_box(parcel->keys.items, parcel->keys.count, u->hub_key, &box, err);
    if (code == 0)
        code = batch_pack(u->packer, u->sent.seq + 1, parcel->count, buf_view(&parcel->frames), &parcel->head,
                          parcel->keys.count > 0 ? buf_view(&box) : VIEW_NONE, &message.body.push, err);
    if (parcel->received.len > 0) message.body.push.received = buf_view(&parcel->received);
    if (code == 0) {
        struct pushed *pushed = &u->in_flight[u->in_flight_count++];
        *pushed = (struct pushed){.last = parcel->head.seq};
        memcpy(pushed->chain, parcel->head.chain, CHAIN_SIZE);
        u->sent = parcel->head;
        u->pushed_at = u->now;
        pushed->bytes = uplink_send(u, &message);
        u->in_flight_bytes += pushed->bytes;
    }
    buf_release(&box);
    return code;
}

static bool has_room(const struct uplink *u) {
    uint64_t credit = u->credit < CREDIT_MAX ? u->credit : CREDIT_MAX;
    return u->in_flight_count < PUSHES_IN_FLIGHT && u->in_flight_bytes < credit;
}

/* A hub under load is spared many small PUSHes: while one is under way, little that is new waits for half a second. */
static bool gathers(const struct uplink *u, uint64_t last) {
    return u->credit < GATHER_CREDIT && u->in_flight_count > 0 && last - u->sent.seq < PUSH_EVENTS / 32 &&
           u->now - u->pushed_at < GATHER_MS;
}

void uplink_push(struct uplink *u) {
    struct head head;
    while (u->state == UPLINK_OPEN && !u->handback.guest &&
           log_head(u->site->log, u->site->config.stream, &head) == 0 && u->sent.seq < head.seq && has_room(u) &&
           !gathers(u, head.seq)) {
        struct parcel parcel = {.count = 0};
        struct err err = {.code = 0};
        int code = collect(u, &parcel, &err);
        if (code == 0) code = send_parcel(u, &parcel, &err);
        parcel_release(&parcel);
        if (code != 0) {
            uplink_fail(u, true, code, "our own events cannot be read: %s; run `dangol-node verify`", err.text);
            return;
        }
    }
}

/* Our head at `seq`, reckoned from the newest receipt on, or from the start. */
static int head_at(struct uplink *u, uint64_t seq, struct head *out, struct err *err) {
    struct log *log = u->site->log;
    if (log_head(log, u->site->config.stream, out) == 0 && out->seq == seq) return 0;
    *out = (struct head){.stream = u->site->config.stream};
    if (u->acked <= seq) {
        out->seq = u->acked;
        memcpy(out->chain, u->acked_chain, CHAIN_SIZE);
    } else {
        chain_start(out->stream, u->site->signer.public_key, out->chain);
    }
    struct buf copy = BUF_INIT;
    int code = 0;
    while (code == 0 && out->seq < seq) {
        struct record record;
        buf_clear(&copy);
        code = log_get_id(log, id_make(out->stream, out->seq + 1), &record, &copy, err);
        if (code != 0) break;
        chain_next(out->chain, record.frame);
        out->seq++;
    }
    buf_release(&copy);
    return code;
}

/* The hub speaks of `seq` as the last it has: can that be, and what is our head there? */
static bool believe(struct uplink *u, uint64_t seq, uint32_t incarnation, struct head *at) {
    struct head head;
    struct err err = {.code = 0};
    uint64_t held = log_head(u->site->log, u->site->config.stream, &head) == 0 ? head.seq : 0;
    if (seq > held) {
        uplink_fail(u, true, ERR_CONFLICT, "the hub has %llu of our events but this log only %llu: it is an older copy",
                    (unsigned long long)seq, (unsigned long long)held);
        return false;
    }
    if (seq < u->acked && incarnation <= u->receipt_incarnation) {
        uplink_fail(
            u, true, ERR_CONFLICT,
            "the hub has lost events it gave a receipt for: it holds %llu of %llu; an older copy of it was restored",
            (unsigned long long)seq, (unsigned long long)u->acked);
        return false;
    }
    int code = head_at(u, seq, at, &err);
    if (code != 0) uplink_fail(u, true, code, "our own events cannot be read: %s; run `dangol-node verify`", err.text);
    if (code != 0 || seq >= u->acked) return code == 0;
    journal_say(&u->journal,
                "the hub was restored or rebuilt and has %llu of our events, before %llu; it gets the others "
                "again",
                (unsigned long long)seq, (unsigned long long)u->acked);
    u->acked = seq;
    memcpy(u->acked_chain, at->chain, CHAIN_SIZE);
    return true;
}

/* Runs that were received in the same moment are one. */
static void add_run(struct uplink *u, int64_t received) {
    bool same = u->run_count > 0 && u->runs[u->run_count - 1].received == received;
    if (!same) u->runs[u->run_count++] = (struct run){u->receipted + 1, received};
}

/* A receipt of the hub's for all up to `at`, our own head. */
static bool take_receipt(struct uplink *u, struct view bytes, const struct head *at) {
    struct message_receipt receipt;
    struct err err = {.code = 0};
    int code = receipt_read(bytes, u->hub_key, u->site->config.root, &receipt, &err);
    if (code != 0 || receipt.stream != at->stream || receipt.seq != at->seq) {
        uplink_fail(u, true, ERR_AUTH, "the hub's receipt does not hold%s%s", code != 0 ? ": " : "", err.text);
        return false;
    }
    if (memcmp(receipt.chain.data, at->chain, CHAIN_SIZE) != 0 && !BUG(skip_chain_check)) {
        uplink_fail(u, true, ERR_FORKED, "fork: the hub has other events than we up to sequence %llu",
                    (unsigned long long)at->seq);
        return false;
    }
    if (at->seq <= u->acked) return true;
    if (u->run_count == RUNS_UNSAVED) uplink_settle(u);
    if (u->run_count == RUNS_UNSAVED) {
        uplink_fail(u, false, ERR_NO_SPACE, "no more is sent while the hub's receipts cannot be stored");
        return false;
    }
    if (at->seq > u->receipted) add_run(u, receipt.received);
    u->acked = at->seq;
    memcpy(u->acked_chain, at->chain, CHAIN_SIZE);
    if (at->seq < u->receipted) return true; /* what the hub before this one gave tells of more */
    u->receipted = at->seq;
    u->receipt_incarnation = (uint32_t)receipt.incarnation;
    buf_clear(&u->receipt);
    buf_append_view(&u->receipt, bytes);
    return true;
}

/* The run in force at `seq`: kept under the sequence it begins with. 0: not known. */
static int64_t run_at(struct uplink *u, uint64_t seq) {
    struct buf key = BUF_INIT, value = BUF_INIT;
    int64_t received = 0;
    buf_printf(&key, "received %016llx", (unsigned long long)seq);
    if (u->site->log->ops->value(u->site->log, buf_view(&key), &value) == 0 && value.len == 8)
        received = (int64_t)get_u64_le(value.data);
    buf_release(&key);
    buf_release(&value);
    return received;
}

uint64_t uplink_received(struct uplink *u, uint64_t first, uint64_t count, struct buf *runs) {
    uint64_t from = first;
    if (first > u->receipted || u->incarnation <= u->receipt_incarnation) return 0;
    if (count > u->receipted - first + 1) count = u->receipted - first + 1;
    if (count > REPEATED_EVENTS) count = REPEATED_EVENTS;
    int64_t received = run_at(u, from);
    while (received == 0 && --from > 0) received = run_at(u, from);
    if (received == 0) return 0;
    received_write(runs, from, received);
    for (uint64_t seq = first + 1; seq < first + count; seq++)
        if ((received = run_at(u, seq)) != 0) received_write(runs, seq, received);
    return count;
}

bool uplink_start_from(struct uplink *u, uint64_t next_seq, uint32_t incarnation, struct view receipt) {
    struct head at;
    if (next_seq == 0) {
        uplink_fail(u, false, ERR_FORMAT, "the hub wants sequence 0, which there never is");
        return false;
    }
    if (!believe(u, next_seq - 1, incarnation, &at)) return false;
    if (receipt.data != NULL && !take_receipt(u, receipt, &at)) return false;
    u->in_flight_count = u->in_flight_bytes = 0;
    u->sent = at;
    return true;
}

/* The chain where a batch in flight ends. */
static bool in_flight_at(const struct uplink *u, uint64_t seq, struct head *at) {
    for (size_t i = 0; i < u->in_flight_count; i++) {
        if (u->in_flight[i].last != seq) continue;
        *at = (struct head){.stream = u->sent.stream, .seq = seq};
        memcpy(at->chain, u->in_flight[i].chain, CHAIN_SIZE);
        return true;
    }
    return false;
}

static void land(struct uplink *u, uint64_t seq) {
    size_t done = 0;
    while (done < u->in_flight_count && u->in_flight[done].last <= seq)
        u->in_flight_bytes -= u->in_flight[done++].bytes;
    memmove(u->in_flight, u->in_flight + done, (u->in_flight_count - done) * sizeof *u->in_flight);
    u->in_flight_count -= done;
}

/* All up to the receipt's sequence is at the hub. It may end between two batches, or behind the last: another
 * connection of ours was faster. */
static bool take_ack(struct uplink *u, const struct message_ack *ack) {
    struct head at;
    uint64_t seq = ack->next_seq - 1;
    if (seq <= u->acked) return true; /* said before */
    if (!in_flight_at(u, seq, &at) && !believe(u, seq, u->incarnation, &at)) return false;
    if (!take_receipt(u, ack->receipt, &at)) return false;
    land(u, seq);
    if (seq > u->sent.seq) u->sent = at;
    return true;
}

void uplink_ack(struct uplink *u, const struct message_ack *ack) {
    if (handback_ack(&u->handback, ack)) {
        uplink_handback(u);
        return;
    }
    if (ack->stream != u->site->config.stream || ack->next_seq == 0) {
        uplink_fail(u, false, ERR_FORMAT, "the hub sent an ACK for %s",
                    ack->next_seq == 0 ? "nothing" : "another stream");
        return;
    }
    bool gap = ack->receipt.data == NULL; /* go on from where the hub stands */
    if (gap ? !uplink_start_from(u, ack->next_seq, u->incarnation, VIEW_NONE) : !take_ack(u, ack)) return;
    u->credit = ack->credit;
    uplink_push(u);
}
