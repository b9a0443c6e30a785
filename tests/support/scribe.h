/* Writes logs for tests: events of several streams with chains, signed heads, hints and refs as a site would write
 * them, gathered into batches. Frames are made by hand (of an event of a later version), so their size is the caller's
 * to choose.
 * Memory: the scribe's, until scribe_release; what scribe_batch gives is valid until the next call. Thread: one. */
#ifndef DANGOL_TESTS_SUPPORT_SCRIBE_H
#define DANGOL_TESTS_SUPPORT_SCRIBE_H

#include "proto/base/idmap.h"
#include "proto/log/chain.h"

struct scribe_stream {
    struct signer signer;
    struct head head;  /* of what stands in the log */
    struct head ahead; /* with the batch that is open */
    bool in_batch;
};

struct scribe {
    struct scribe_stream *streams;
    size_t stream_count;
    struct idmap stream_index; /* stream + 1 → place + 1 */
    struct idmap subjects;     /* last position about each */
    uint64_t tip;              /* of the log as far as the scribe wrote it */
    /* The open batch. */
    struct log_append *records;
    size_t record_count, record_cap;
    struct buf frames;
    uint8_t *refs; /* REF_HASH_SIZE for each record */
    struct head *heads;
    struct log_value *values;
    size_t value_count;
    struct log_batch batch;
};

void scribe_init(struct scribe *s);
void scribe_release(struct scribe *s);

/* Adds an event to the open batch and returns its id. `subject` 0: none; `ref` NULL: none (its source is "till"). */
uint64_t scribe_event(struct scribe *s, uint32_t stream, uint64_t subject, const char *ref, size_t filler);
void scribe_value(struct scribe *s, struct view key, struct view value);
/* The open batch with its heads signed; as it would be appended. */
const struct log_batch *scribe_batch(struct scribe *s);
/* Forgets the open batch: nothing of it is in the log; or keeps in mind that it is. */
void scribe_drop(struct scribe *s);
void scribe_done(struct scribe *s);
/* Appends the open batch, and then either. */
int scribe_append(struct scribe *s, struct log *log, struct err *err);

/* Whether this is the head of the stream, as it stands in the log. */
bool scribe_head_is(struct scribe *s, const struct head *head);
/* Valid as long as the scribe. */
struct log_trust scribe_trust(struct scribe *s);

#endif
