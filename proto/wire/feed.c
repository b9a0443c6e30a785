#include "proto/wire/feed.h"

#include "proto/base/pack.h"
#include "proto/base/zone.h"
#include "proto/event/frame.h"

void feed_event_write(struct buf *out, const struct feed_event *event) {
    pack_array(out, 3);
    pack_uint(out, event->id);
    pack_int(out, event->received);
    pack_bin(out, event->frame);
}

static int malformed(struct err *err, const char *what) {
    return err_set(err, ERR_FORMAT, what, "the %s of the feed cannot be read", what);
}

int feed_event_next(struct cursor *events, struct feed_event *out, struct err *err) {
    if (cursor_ok(events) && cursor_left(events) == 0) return 0;
    uint32_t fields = cursor_array(events);
    *out = (struct feed_event){.id = cursor_uint(events), .received = cursor_int(events), .frame = cursor_bin(events)};
    if (!cursor_ok(events) || fields != 3 || !id_valid(out->id) || out->received < TIME_MIN || out->received > TIME_MAX)
        return malformed(err, "events");
    int code = frame_check(out->frame, err);
    return code == 0 ? 1 : code;
}

void feed_head_write(struct buf *out, const struct feed_head *head) {
    pack_array(out, 6);
    pack_uint(out, head->stream);
    pack_bin(out, head->key);
    pack_bin(out, head->certificate);
    pack_uint(out, head->seq);
    pack_bin(out, head->chain);
    pack_bin(out, head->signature);
}

static struct view take_optional(struct cursor *c, size_t size) {
    return cursor_nil(c) ? VIEW_NONE : cursor_bin_exact(c, size);
}

int feed_head_next(struct cursor *heads, struct feed_head *out, struct err *err) {
    if (cursor_ok(heads) && cursor_left(heads) == 0) return 0;
    uint32_t fields = cursor_array(heads);
    uint64_t stream = cursor_uint(heads);
    out->stream = (uint32_t)stream;
    out->key = cursor_bin_exact(heads, PUBLIC_KEY_SIZE);
    out->certificate = take_optional(heads, SIGNATURE_SIZE);
    out->seq = cursor_uint(heads);
    out->chain = take_optional(heads, CHAIN_SIZE);
    out->signature = take_optional(heads, SIGNATURE_SIZE);
    bool whole = (out->seq > 0) == (out->chain.data != NULL) && (out->seq > 0) == (out->signature.data != NULL);
    if (!cursor_ok(heads) || fields != 6 || stream > ID_STREAM_MAX || out->seq > ID_SEQ_MAX || !whole)
        return malformed(err, "heads");
    return 1;
}

void feed_stream_write(struct buf *out, uint32_t stream, uint64_t seq) {
    pack_array(out, 2);
    pack_uint(out, stream);
    pack_uint(out, seq);
}

int feed_stream_next(struct cursor *streams, uint32_t *stream, uint64_t *seq, struct err *err) {
    if (cursor_ok(streams) && cursor_left(streams) == 0) return 0;
    uint32_t fields = cursor_array(streams);
    uint64_t number = cursor_uint(streams);
    *stream = (uint32_t)number;
    *seq = cursor_uint(streams);
    if (!cursor_ok(streams) || fields != 2 || number > ID_STREAM_MAX || *seq > ID_SEQ_MAX)
        return malformed(err, "streams");
    return 1;
}

int feed_pack(struct batch_packer *packer, const struct feed_cursor *cursor, struct view events, uint32_t count,
              struct message_feed *out, struct err *err) {
    struct view packed;
    if (count > BATCH_EVENTS_MAX || events.len > BATCH_BYTES_MAX)
        return err_set(err, ERR_LIMIT, "events", "%u events of %zu bytes are too many in one feed", count, events.len);
    int code = packer_compress(packer, events, &packed, err);
    if (code != 0) return code;
    *out = (struct message_feed){
        .incarnation = cursor->incarnation,
        .position = cursor->position,
        .chain = view_make(cursor->chain, CHAIN_SIZE),
        .rules = cursor->rules,
        .count = count,
        .size = events.len,
        .events = packed,
    };
    return 0;
}

int feed_unpack(const struct message_feed *feed, struct buf *events, struct err *err) {
    if (feed->count > feed->size || (feed->count == 0 && feed->size != 0))
        return err_set(err, ERR_FORMAT, "count", "count and size do not fit together");
    return packed_open(feed->events, feed->size, events, err);
}
