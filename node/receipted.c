#include "node/receipted.h"

#include <sodium.h>
#include <string.h>

#include "node/feed.h"
#include "proto/log/chain.h"
#include "proto/site/erasure.h"

#define PART_EVENTS 2000u
#define PART_BYTES (1u << 20)
#define KEYS_OF_ONE 4

struct bringing {
    const struct rehoming *of;
    const struct head *upto;
    struct feed feed;
    struct batch_packer *packer;
    struct buf events; /* of the part */
    uint32_t count;
    int64_t received; /* the time at which the former hub got the last one; 0: not known */
};

void receipted_head(struct site *old, struct head *out) {
    struct buf value = BUF_INIT;
    struct message message;
    *out = (struct head){.stream = old->config.stream};
    if (old->log->ops->value(old->log, view_of("receipt"), &value) == 0 &&
        message_decode(buf_view(&value), &message, NULL) == 0 && message.type == MESSAGE_receipt &&
        message.body.receipt.stream == out->stream && message.body.receipt.seq > 0) {
        out->seq = message.body.receipt.seq;
        memcpy(out->chain, message.body.receipt.chain.data, CHAIN_SIZE);
        head_sign(out, &old->signer);
    }
    buf_release(&value);
}

/* ---- May it go back? ---- */

/* It was revoked, or the number is another PC's: an older copy of the hub had given it out again. */
static bool taken_no_more(const struct rehoming *of, uint64_t last) {
    struct stream_state state;
    site_read(of->site);
    bool known = model_stream(of->site->model, of->stream, &state) && state.keyed &&
                 memcmp(state.key, of->key, PUBLIC_KEY_SIZE) == 0;
    bool revoked = known && state.revoked && state.revoked_last < last;
    site_unread(of->site);
    return !known || revoked;
}

/* Is the old log what the hub has of it, up to `here`, and from there on what the receipt tells of? 1, 0, negative. */
static int continues(const struct rehoming *of, const struct head *here, const struct head *upto, struct err *err) {
    uint8_t chain[CHAIN_SIZE];
    struct buf copy = BUF_INIT;
    int code = 0;
    bool same = true;
    chain_start(of->stream, of->key, chain);
    for (uint64_t seq = 1; code == 0 && same && seq <= upto->seq; seq++) {
        struct record record;
        buf_clear(&copy);
        code = log_get_id(of->log, id_make(of->stream, seq), &record, &copy, err);
        if (code != 0) break;
        chain_next(chain, record.frame);
        if (seq == here->seq) same = memcmp(chain, here->chain, CHAIN_SIZE) == 0;
        if (seq == upto->seq) same = same && memcmp(chain, upto->chain, CHAIN_SIZE) == 0;
    }
    buf_release(&copy);
    if (code == ERR_NOT_FOUND) return 0; /* an older copy than the receipt: it has not all of that */
    return code == 0 ? same : code;
}

/* ---- Bringing it ---- */

/* Kept under the sequence it begins with, by the uplink. */
static int64_t run_from(struct log *log, uint64_t seq) {
    struct buf key = BUF_INIT, value = BUF_INIT;
    int64_t received = 0;
    buf_printf(&key, "received %016llx", (unsigned long long)seq);
    if (log->ops->value(log, buf_view(&key), &value) == 0 && value.len == 8) received = (int64_t)get_u64_le(value.data);
    buf_release(&key);
    buf_release(&value);
    return received;
}

static int bring_key(const struct rehoming *of, const struct record *record, struct err *err) {
    struct ring_key keys[KEYS_OF_ONE];
    struct event event;
    int code = 0;
    if (event_decode(record->frame, &event, NULL) < 0 || event.sealed_bits == 0 || event.subject != record->id)
        return 0;
    int n = of->ring->ops->get(of->ring, event.subject, keys, KEYS_OF_ONE, err);
    for (int i = 0; i < n && i < KEYS_OF_ONE && code == 0; i++) {
        struct ring_put put = {.id = event.subject, .has_key = true, .key = keys[i].key};
        if (!keys[i].destroyed) code = site_put_keys(of->site, &put, 1, err);
        sodium_memzero(&put, sizeof put);
    }
    sodium_memzero(keys, sizeof keys);
    return n < 0 ? n : code;
}

/* One part, as if the hub had fed it; the last one ends at the signed head. */
static int take_part(struct bringing *b, bool last, struct err *err) {
    struct message message = {.type = MESSAGE_feed};
    struct message_fed fed;
    struct buf heads = BUF_INIT;
    struct feed_head head = {.stream = b->of->stream, .key = view_make(b->of->key, PUBLIC_KEY_SIZE)};
    if (last) {
        head.seq = b->upto->seq;
        head.chain = view_make(b->upto->chain, CHAIN_SIZE);
        head.signature = view_make(b->upto->signature, SIGNATURE_SIZE);
    }
    feed_head_write(&heads, &head);
    struct feed_cursor cursor = b->feed.cursor; /* where the hub's own telling is does not change by it */
    int code = feed_pack(b->packer, &cursor, buf_view(&b->events), b->count, &message.body.feed, err);
    message.body.feed.heads = buf_view(&heads);
    if (code == 0) code = feed_take(&b->feed, &message.body.feed, &fed, err);
    buf_release(&heads);
    buf_clear(&b->events);
    b->count = 0;
    return code;
}

static int add(struct bringing *b, uint64_t seq, struct buf *copy, struct err *err) {
    struct record record;
    buf_clear(copy);
    int code = log_get_id(b->of->log, id_make(b->of->stream, seq), &record, copy, err);
    if (code == 0) code = bring_key(b->of, &record, err);
    if (code != 0) return code;
    int64_t received = run_from(b->of->log, seq);
    if (received != 0) b->received = received;
    feed_event_write(&b->events, &(struct feed_event){record.id, b->received, record.frame});
    b->count++;
    return 0;
}

static int bring(struct bringing *b, uint64_t first, struct err *err) {
    struct buf copy = BUF_INIT;
    int code = 0;
    for (uint64_t at = first; b->received == 0 && at > 0; at--) b->received = run_from(b->of->log, at);
    for (uint64_t seq = first; code == 0 && seq <= b->upto->seq; seq++) {
        bool last = seq == b->upto->seq;
        code = add(b, seq, &copy, err);
        if (code == 0 && (last || b->count == PART_EVENTS || b->events.len >= PART_BYTES))
            code = take_part(b, last, err);
    }
    buf_release(&copy);
    return code;
}

int receipted_bring(const struct rehoming *rehoming, const struct head *upto, uint64_t *brought, struct err *err) {
    struct bringing b = {.of = rehoming, .upto = upto};
    struct head here;
    *brought = 0;
    if (upto->seq == 0 || taken_no_more(rehoming, upto->seq)) return 0;
    if (log_head(rehoming->site->log, rehoming->stream, &here) != 0) here = (struct head){.seq = 0};
    if (here.seq >= upto->seq) return 0;
    int code = continues(rehoming, &here, upto, err);
    if (code <= 0) return code;
    b.packer = batch_packer_open(1);
    feed_open(&b.feed, rehoming->site, NULL);
    code = bring(&b, here.seq + 1, err);
    if (code == 0) *brought = upto->seq - here.seq;
    batch_packer_close(b.packer);
    buf_release(&b.events);
    return code;
}
