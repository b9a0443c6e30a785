#include "proto/log/verify.h"

#include <inttypes.h>
#include <string.h>

#include "proto/event/event.h"
#include "proto/log/chain.h"

void verify_init(struct verify *v, const struct log_trust *trust, const struct log_streams *held) {
    *v = (struct verify){.trust = trust, .held = held};
    site_chain_start(&v->site);
}

void verify_release(struct verify *v) {
    log_streams_release(&v->streams);
    idmap_release(&v->subjects);
}

void verify_report(const struct verify *v, struct verify_report *out) {
    *out = (struct verify_report){.records = v->position, .streams = v->streams.count, .first_bad = v->first_bad};
}

int verify_fault(struct verify *v, uint64_t position, uint64_t id, struct err *err, const char *format, ...) {
    char name[ID_TEXT];
    struct buf text = BUF_INIT;
    va_list arguments;
    v->first_bad = position;
    va_start(arguments, format);
    buf_vprintf(&text, format, arguments);
    va_end(arguments);
    err_set(err, ERR_CORRUPT, NULL, "record %" PRIu64 " (event %s): %s", position, id_format(id, name),
            buf_text(&text));
    buf_release(&text);
    return ERR_CORRUPT;
}

/* The chain behind the record's frame. */
static int extend_chain(struct verify *v, struct log_stream *stream, const struct record *record, struct err *err) {
    uint8_t key[PUBLIC_KEY_SIZE];
    if (v->trust == NULL) return 0;
    if (stream->head.seq == 0) {
        if (v->trust->key_of(v->trust->context, stream->head.stream, key) != 0)
            return verify_fault(v, record->position, record->id, err, "no public key is known for stream %u",
                                stream->head.stream);
        chain_start(stream->head.stream, key, stream->head.chain);
    }
    chain_next(stream->head.chain, record->frame);
    return 0;
}

/* Held in part: each event once. */
static int check_partial(struct verify *v, struct log_stream *stream, const struct record *record, struct err *err) {
    uint64_t position, length;
    if (v->trust != NULL && !v->trust->fed)
        return verify_fault(v, record->position, record->id, err, "the log has no head of its stream");
    if (log_streams_where(&v->streams, record->id, &position, &length))
        return verify_fault(v, record->position, record->id, err, "the event stands at record %" PRIu64 " already",
                            position);
    log_streams_stand(&v->streams, stream, id_seq(record->id), record->position);
    return 0;
}

static int check_stream(struct verify *v, const struct record *record, struct err *err) {
    struct log_stream *stream = log_streams_put(&v->streams, id_stream(record->id));
    if (log_streams_last(v->held, id_stream(record->id)) == 0) return check_partial(v, stream, record, err);
    uint64_t seq = stream->head.seq + 1;
    if (id_seq(record->id) != seq)
        return verify_fault(v, record->position, record->id, err,
                            "stream %u has %" PRIu64 " before it and must go on with %" PRIu64, stream->head.stream,
                            seq - 1, seq);
    int rc = extend_chain(v, stream, record, err);
    if (rc != 0) return rc;
    stream->head.seq = seq;
    log_streams_stand(&v->streams, stream, seq, record->position);
    return 0;
}

/* `event` is NULL for a frame that cannot be read: it has no subject. */
static int check_hint(struct verify *v, const struct record *record, const struct event *event, struct err *err) {
    uint64_t before = 0;
    if (event != NULL && event->subject != 0) {
        uint64_t *last = idmap_put(&v->subjects, event->subject, NULL);
        before = *last;
        *last = record->position;
    }
    if (record->previous == before) return 0;
    return verify_fault(v, record->position, record->id, err,
                        "its hint names record %" PRIu64 " as its subject's previous one, that is record %" PRIu64,
                        record->previous, before);
}

int verify_record(struct verify *v, struct view bytes, struct verified_ref *ref, struct err *err) {
    struct record record;
    struct event event;
    uint64_t position = v->position + 1;
    if (!record_decode(bytes, position, &record))
        return verify_fault(v, position, record.id, err, "its check does not hold: the bytes have changed");
    bool readable = event_decode(record.frame, &event, NULL) >= 0;
    int rc = check_stream(v, &record, err);
    if (rc == 0) rc = check_hint(v, &record, readable ? &event : NULL, err);
    if (rc != 0) return rc;
    ref->indexed = record_has_ref(bytes);
    if (ref->indexed && (!readable || event.ref.source.data == NULL))
        return verify_fault(v, position, record.id, err, "it is marked as having a ref, and has none");
    if (ref->indexed) ref_hash(event.ref.source, event.ref.key, ref->hash);
    site_chain_add(&v->site, bytes);
    v->position = position;
    return 0;
}

int verify_commit(struct verify *v, const struct commit_row *row, struct err *err) {
    uint64_t count = v->site.count;
    uint64_t first = v->position - count + 1;
    site_chain_commit(&v->site);
    if (row->last == v->position && row->count == count && memcmp(row->chain, v->site.value, CHAIN_SIZE) == 0) return 0;
    v->first_bad = first;
    return err_set(err, ERR_CORRUPT, NULL, "the site chain does not hold over records %" PRIu64 " to %" PRIu64, first,
                   v->position);
}

static int check_head(struct verify *v, const struct head *head, struct err *err) {
    uint8_t key[PUBLIC_KEY_SIZE];
    const struct log_stream *stream = log_streams_find(&v->streams, head->stream);
    uint64_t last = stream == NULL ? 0 : stream->head.seq;
    if (stream == NULL || head->seq != last)
        return err_set(err, ERR_CORRUPT, NULL, "the head of stream %u is at %" PRIu64 ", its last record at %" PRIu64,
                       head->stream, head->seq, last);
    if (v->trust == NULL) return 0;
    if (memcmp(head->chain, stream->head.chain, CHAIN_SIZE) != 0)
        return err_set(err, ERR_CORRUPT, NULL,
                       "the chain of stream %u does not lead to its head: one of its frames was replaced",
                       head->stream);
    if (v->trust->fed && head_unsigned(head)) return 0;
    if (v->trust->key_of(v->trust->context, head->stream, key) != 0 || !head_holds(head, key, v->trust->root))
        return err_set(err, ERR_CORRUPT, NULL, "the signature of the head of stream %u does not hold", head->stream);
    return 0;
}

int verify_heads(struct verify *v, const struct head *heads, size_t count, struct err *err) {
    for (size_t i = 0; i < count; i++) {
        int rc = check_head(v, &heads[i], err);
        if (rc != 0) return rc;
    }
    return 0;
}
