/* PUSH and ACK: frames out, receipts in. */
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "node/uplink.h"

/* What one PUSH carries. */
struct parcel {
    struct buf frames;
    uint32_t count;
    struct head head; /* behind its last frame; unsigned */
    struct carried_key *keys;
    size_t key_count, key_cap;
};

static void parcel_release(struct parcel *parcel) {
    buf_release(&parcel->frames);
    if (parcel->keys != NULL) sodium_memzero(parcel->keys, parcel->key_cap * sizeof *parcel->keys);
    free(parcel->keys);
}

static void parcel_key(struct parcel *parcel, uint64_t id, const struct customer_key *key) {
    if (parcel->key_count == parcel->key_cap) {
        size_t cap = parcel->key_cap * 2 + 64;
        struct carried_key *keys = mem_alloc(cap * sizeof *keys);
        if (parcel->key_count > 0) memcpy(keys, parcel->keys, parcel->key_count * sizeof *keys);
        if (parcel->keys != NULL) sodium_memzero(parcel->keys, parcel->key_cap * sizeof *keys);
        free(parcel->keys);
        parcel->keys = keys;
        parcel->key_cap = cap;
    }
    parcel->keys[parcel->key_count++] = (struct carried_key){id, *key};
}

/* An event that is its own subject and sealed brings its key; all others were carried with that one. */
static int add_key(struct uplink *u, struct parcel *parcel, const struct record *record, struct err *err) {
    struct event event;
    int standing = event_decode(record->frame, &event, err);
    if (standing < 0) return standing;
    if (event.sealed_bits == 0 || event.subject != record->id) return 0;
    struct ring_key keys[4];
    int n = u->site->ring->ops->get(u->site->ring, event.subject, keys, 4, err);
    for (int i = 0; i < n; i++)
        if (!keys[i].destroyed) parcel_key(parcel, event.subject, &keys[i].key);
    sodium_memzero(keys, sizeof keys);
    return n < 0 ? n : 0;
}

static int fill(struct uplink *u, struct parcel *parcel, struct log_iterator *it, uint64_t length, struct err *err) {
    struct record record;
    int code = 0;
    while (code == 0 && length-- > 0 && parcel->count < PUSH_EVENTS && parcel->frames.len < PUSH_BYTES &&
           parcel->key_count < CARRIED_KEYS_MAX - 4) {
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
    uint64_t position, length;
    parcel->head = u->sent;
    int code = log->ops->run_of(log, id_make(u->sent.stream, u->sent.seq + 1), &position, &length);
    if (code != 0) return err_set(err, code, NULL, "the log's index lacks sequence %llu", (unsigned long long)u->sent.seq + 1);
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
    struct buf box = BUF_INIT, bytes = BUF_INIT;
    head_sign(&parcel->head, &u->site->signer);
    int code = parcel->key_count == 0 ? 0 : keys_box(parcel->keys, parcel->key_count, u->hub_key, &box, err);
    if (code == 0) code = batch_pack(u->packer, u->sent.seq + 1, parcel->count, buf_view(&parcel->frames), &parcel->head,
                          parcel->key_count > 0 ? buf_view(&box) : VIEW_NONE, &message.body.push, err);
    if (code == 0) {
        message_encode(&message, &bytes);
        struct pushed *pushed = &u->in_flight[u->in_flight_count++];
        *pushed = (struct pushed){.last = parcel->head.seq, .bytes = bytes.len};
        memcpy(pushed->chain, parcel->head.chain, CHAIN_SIZE);
        u->in_flight_bytes += bytes.len;
        u->sent = parcel->head;
        if (u->port.send(u->port.context, buf_view(&bytes)) != 0) u->port.close(u->port.context);
    }
    buf_release(&box);
    buf_release(&bytes);
    return code;
}

void uplink_push(struct uplink *u) {
    struct head head;
    while (u->state == UPLINK_OPEN && log_head(u->site->log, u->site->config.stream, &head) == 0 &&
           u->sent.seq < head.seq && u->in_flight_count < PUSHES_IN_FLIGHT && u->in_flight_bytes < u->credit) {
        struct parcel parcel = {.count = 0};
        struct err err;
        int code = collect(u, &parcel, &err);
        if (code == 0) code = send_parcel(u, &parcel, &err);
        parcel_release(&parcel);
        if (code != 0) {
            uplink_fail(u, true, code, "our own events cannot be read: %s; run `dangol-node verify`", err.text);
            return;
        }
    }
}

/* Our chain value at `seq`, from the newest receipt or from the start. */
static int chain_at(struct uplink *u, uint64_t seq, struct head *out, struct err *err) {
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
        code = log_get_id(u->site->log, id_make(out->stream, out->seq + 1), &record, &copy, err);
        if (code != 0) break;
        chain_next(out->chain, record.frame);
        out->seq++;
    }
    buf_release(&copy);
    return code;
}

/* A receipt of the hub's, checked against our own chain at its sequence. */
static bool take_receipt(struct uplink *u, struct view bytes, const uint8_t chain[CHAIN_SIZE], uint64_t seq) {
    struct message_receipt receipt;
    struct err err;
    int code = receipt_read(bytes, u->hub_key, u->site->config.root, &receipt, &err);
    if (code != 0 || receipt.stream != u->site->config.stream || receipt.seq != seq) {
        uplink_fail(u, true, ERR_AUTH, "the hub's receipt does not hold%s%s", code != 0 ? ": " : "", code != 0 ? err.text : "");
        return false;
    }
    if (memcmp(receipt.chain.data, chain, CHAIN_SIZE) != 0) {
        uplink_fail(u, true, ERR_CONFLICT, "fork: the hub has other events than we up to sequence %llu",
                    (unsigned long long)seq);
        return false;
    }
    if (seq <= u->acked && u->receipt.len > 0) return true;
    if (u->run_count == RUNS_UNSAVED) uplink_settle(u);
    u->runs[u->run_count++] = (struct run){u->acked + 1, receipt.received};
    u->acked = seq;
    memcpy(u->acked_chain, chain, CHAIN_SIZE);
    buf_clear(&u->receipt);
    buf_append_view(&u->receipt, bytes);
    return true;
}

void uplink_start_from(struct uplink *u, uint64_t next_seq, struct view receipt) {
    struct head head, at;
    struct err err;
    uint64_t held = log_head(u->site->log, u->site->config.stream, &head) == 0 ? head.seq : 0;
    if (next_seq == 0 || next_seq - 1 > held) {
        uplink_fail(u, true, ERR_CONFLICT, "the hub has %llu of our events but this log only %llu: it is an older copy",
                    (unsigned long long)next_seq - 1, (unsigned long long)held);
        return;
    }
    if (next_seq - 1 < u->acked) {
        uplink_fail(u, true, ERR_CONFLICT, "the hub has lost events it gave a receipt for: it holds %llu of %llu",
                    (unsigned long long)next_seq - 1, (unsigned long long)u->acked);
        return;
    }
    int code = chain_at(u, next_seq - 1, &at, &err);
    if (code != 0) {
        uplink_fail(u, true, code, "our own events cannot be read: %s; run `dangol-node verify`", err.text);
        return;
    }
    if (receipt.data != NULL && !take_receipt(u, receipt, at.chain, at.seq)) return;
    u->sent = at;
}

/* Batches up to and with `seq` are done; the chain there, when it is the end of one of them. */
static bool settle_in_flight(struct uplink *u, uint64_t seq, uint8_t chain[CHAIN_SIZE]) {
    size_t done = 0;
    bool found = false;
    while (done < u->in_flight_count && u->in_flight[done].last <= seq) {
        u->in_flight_bytes -= u->in_flight[done].bytes;
        found = u->in_flight[done].last == seq;
        memcpy(chain, u->in_flight[done].chain, CHAIN_SIZE);
        done++;
    }
    memmove(u->in_flight, u->in_flight + done, (u->in_flight_count - done) * sizeof *u->in_flight);
    u->in_flight_count -= done;
    return found;
}

void uplink_ack(struct uplink *u, const struct message_ack *ack) {
    uint8_t chain[CHAIN_SIZE];
    if (ack->stream != u->site->config.stream) {
        uplink_fail(u, false, ERR_FORMAT, "an ACK for another stream");
        return;
    }
    if (ack->receipt.data == NULL || ack->next_seq == 0 || !settle_in_flight(u, ack->next_seq - 1, chain)) {
        /* A gap, or a duplicate's answer: go on from where the hub stands. */
        u->in_flight_count = u->in_flight_bytes = 0;
        uplink_start_from(u, ack->next_seq, VIEW_NONE);
    } else if (!take_receipt(u, ack->receipt, chain, ack->next_seq - 1)) {
        return;
    }
    u->credit = ack->credit;
    uplink_push(u);
}
