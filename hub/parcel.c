#include "hub/parcel.h"

#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#define KEYS_OF_ONE 4 /* two keys stand under one id only after a clone wrote there */

static void add_event(struct parcel *parcel, const struct record *record) {
    feed_event_write(&parcel->events, &(struct feed_event){record->id, record->received, record->frame});
    *VEC_ADD(parcel->ends) = parcel->events.len;
}

void parcel_add(struct parcel *parcel, const struct record *record) { add_event(parcel, record); }

void parcel_add_full(struct parcel *parcel, const struct record *record) {
    uint32_t stream = id_stream(record->id);
    add_event(parcel, record);
    for (uint32_t i = 0; i < parcel->streams.count; i++) {
        if (parcel->streams.items[i].stream != stream) continue;
        parcel->streams.items[i].last = id_seq(record->id);
        return;
    }
    *VEC_ADD(parcel->streams) = (struct parcel_stream){stream, id_seq(record->id)};
}

void parcel_add_key(struct parcel *parcel, struct site *site, uint64_t customer) {
    struct ring_key found[KEYS_OF_ONE];
    if (model_customer(site->model, customer) == CUSTOMER_ERASED) return;
    int n = site->ring->ops->get(site->ring, customer, found, KEYS_OF_ONE, NULL);
    for (int i = 0; i < n && i < KEYS_OF_ONE; i++)
        if (!found[i].destroyed) carried_keys_add(&parcel->keys, customer, &found[i].key);
    sodium_memzero(found, sizeof found);
}

bool parcel_full(const struct parcel *parcel) {
    return parcel->events.len >= parcel->limit || parcel->keys.count >= PARCEL_KEYS;
}

/* ---- Heads ---- */

/* The key of a stream, and of a hub's own the root's word on it; `out` holds both. */
static bool key_of(const struct session *session, uint32_t stream, uint8_t out[PUBLIC_KEY_SIZE + SIGNATURE_SIZE],
                   struct feed_head *head) {
    struct site *site = session->desk->site;
    uint8_t *certificate = out + PUBLIC_KEY_SIZE;
    bool hub = stream_is_hub(stream);
    if (hub && stream != site->config.stream) {
        if (!site_hub_key(site, stream, out, certificate)) return false;
    } else {
        if (site_stream_key(site, stream, out) != 0) return false;
        if (hub) memcpy(certificate, session->desk->hub_certificate, SIGNATURE_SIZE);
    }
    head->key = view_make(out, PUBLIC_KEY_SIZE);
    head->certificate = hub ? view_make(certificate, SIGNATURE_SIZE) : VIEW_NONE;
    return true;
}

/* `last`: of the parcel's FEEDs, which may end at signed heads. */
static void write_heads(const struct parcel *parcel, bool last, struct buf *out) {
    for (uint32_t i = 0; i < parcel->streams.count; i++) {
        const struct parcel_stream *stream = &parcel->streams.items[i];
        uint8_t bytes[PUBLIC_KEY_SIZE + SIGNATURE_SIZE];
        struct feed_head head = {.stream = stream->stream};
        struct head now;
        if (!key_of(parcel->session, stream->stream, bytes, &head)) continue;
        bool known = log_head(parcel->session->desk->site->log, stream->stream, &now) == 0;
        if (last && known && now.seq == stream->last) {
            head.seq = now.seq;
            head.chain = view_make(now.chain, CHAIN_SIZE);
            head.signature = view_make(now.signature, SIGNATURE_SIZE);
        }
        feed_head_write(out, &head);
    }
}

/* ---- Sending ---- */

/* Events [from, to). */
static int send_part(struct parcel *parcel, struct batch_packer *packer, uint32_t from, uint32_t to, bool last,
                     const struct parcel_note *note, struct err *err) {
    struct session *session = parcel->session;
    struct feed_seat *seat = &session->feed;
    size_t start = from == 0 ? 0 : parcel->ends.items[from - 1], end = to == 0 ? 0 : parcel->ends.items[to - 1];
    struct message message = {.type = MESSAGE_feed};
    struct message_feed *feed = &message.body.feed;
    struct buf box = BUF_INIT, heads = BUF_INIT;
    struct view events = end > start ? view_make(parcel->events.data + start, end - start) : view_make("", 0);
    int code = feed_pack(packer, &seat->cursor, events, to - from, feed, err);
    if (code == 0 && from == 0 && parcel->keys.count > 0)
        code = keys_box(parcel->keys.items, parcel->keys.count, session->key, &box, err);
    write_heads(parcel, last, &heads);
    feed->keys = box.len > 0 ? buf_view(&box) : VIEW_NONE;
    feed->heads = heads.len > 0 ? buf_view(&heads) : VIEW_NONE;
    feed->digest_seq = note->seq;
    feed->level = last && note->level;
    if (from == 0) feed->directory = note->directory;
    if (last && note->digest != NULL) feed->digest = view_make(note->digest, DIGEST_SIZE);
    if (code == 0) {
        session_send(session, &message);
        feed_seat_sent(seat, feed->events.len + box.len + heads.len + feed->directory.len,
                       env_monotonic(session->desk->site->env));
    }
    buf_release(&box);
    buf_release(&heads);
    return code;
}

static uint32_t part_end(const struct parcel *parcel, uint32_t from) {
    size_t start = from == 0 ? 0 : parcel->ends.items[from - 1];
    uint32_t to = from;
    while (to < parcel->ends.count && (to == from || parcel->ends.items[to] - start <= 2 * PARCEL_BYTES)) to++;
    return to;
}

int parcel_send(struct parcel *parcel, struct batch_packer *packer, const struct parcel_note *note, struct err *err) {
    struct feed_seat *seat = &parcel->session->feed;
    uint32_t from = 0, to = part_end(parcel, 0);
    int code = 0;
    for (; code == 0 && to < parcel->ends.count && seat->outstanding_count + 1 < FEED_OUTSTANDING;
         from = to, to = part_end(parcel, from))
        code = send_part(parcel, packer, from, to, false, note, err);
    if (code != 0 || to < parcel->ends.count) return code; /* what is left comes again from the old cursor */
    seat->cursor.position = parcel->to;
    memcpy(seat->cursor.chain, note->chain, CHAIN_SIZE);
    return send_part(parcel, packer, from, to, true, note, err);
}

void parcel_release(struct parcel *parcel) {
    buf_release(&parcel->events);
    VEC_RELEASE(parcel->ends);
    VEC_RELEASE(parcel->streams);
    carried_keys_release(&parcel->keys);
}
