#include "tests/support/scribe.h"

#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "proto/base/pack.h"

#define EVENT_OF_LATER 60000
#define HLC_START (UINT64_C(1764547200000) << 16)

static void root_make(uint8_t root[PUBLIC_KEY_SIZE]) { memset(root, 0x52, PUBLIC_KEY_SIZE); }

void scribe_init(struct scribe *s) { *s = (struct scribe){0}; }

void scribe_release(struct scribe *s) {
    scribe_drop(s);
    free(s->streams);
    free(s->records);
    free(s->refs);
    free(s->heads);
    free(s->values);
    buf_release(&s->frames);
    idmap_release(&s->stream_index);
    idmap_release(&s->subjects);
}

static void author_make(struct scribe_stream *made, uint32_t stream) {
    uint8_t seed[crypto_sign_SEEDBYTES] = {0};
    *made = (struct scribe_stream){.head = {.stream = stream}};
    put_u32_be(seed, stream);
    crypto_sign_seed_keypair(made->signer.public_key, made->signer.secret, seed);
    made->signer.role = stream_is_hub(stream) ? ROLE_HUB : ROLE_STORE;
    made->signer.stream = stream;
    root_make(made->signer.root);
    chain_start(stream, made->signer.public_key, made->head.chain);
    made->ahead = made->head;
}

static struct scribe_stream *stream_of(struct scribe *s, uint32_t stream) {
    bool added;
    uint64_t *place = idmap_put(&s->stream_index, (uint64_t)stream + 1, &added);
    if (added) {
        s->streams = mem_resize(s->streams, (s->stream_count + 1) * sizeof *s->streams);
        author_make(&s->streams[s->stream_count], stream);
        *place = ++s->stream_count;
    }
    return &s->streams[*place - 1];
}

bool scribe_head_is(struct scribe *s, const struct head *head) {
    const struct head *own = &stream_of(s, head->stream)->head;
    return own->seq == head->seq && memcmp(own->chain, head->chain, CHAIN_SIZE) == 0 &&
           memcmp(own->signature, head->signature, SIGNATURE_SIZE) == 0;
}

static void frame_write(struct buf *out, uint64_t id, uint64_t subject, const char *ref, size_t filler) {
    pack_array(out, 10);
    pack_uint(out, EVENT_OF_LATER);
    pack_uint(out, 1);
    pack_uint(out, HLC_START + id_seq(id));
    pack_nil(out); /* at */
    pack_nil(out); /* actor */
    if (subject == 0)
        pack_nil(out);
    else
        pack_uint(out, subject);
    if (ref == NULL) {
        pack_nil(out);
    } else {
        pack_array(out, 2);
        pack_str(out, view_of("till"));
        pack_str(out, view_of(ref));
    }
    pack_nil(out); /* after */
    pack_nil(out); /* origin */
    uint8_t *bytes = mem_alloc(filler);
    for (size_t i = 0; i < filler; i++) bytes[i] = (uint8_t)(id * 31 + i * 7);
    pack_array(out, 2);
    pack_nil(out);
    pack_bin(out, view_make(bytes, filler));
    free(bytes);
}

static struct log_append *record_add(struct scribe *s) {
    if (s->record_count == s->record_cap) {
        s->record_cap = s->record_cap == 0 ? 16 : s->record_cap * 2;
        s->records = mem_resize(s->records, s->record_cap * sizeof *s->records);
        s->refs = mem_resize(s->refs, s->record_cap * REF_HASH_SIZE);
    }
    struct log_append *made = &s->records[s->record_count++];
    *made = (struct log_append){.ref_hash = VIEW_NONE};
    return made;
}

uint64_t scribe_event(struct scribe *s, uint32_t stream, uint64_t subject, const char *ref, size_t filler) {
    struct scribe_stream *author = stream_of(s, stream);
    uint64_t position = s->tip + s->record_count + 1;
    struct log_append *record = record_add(s);
    size_t start = s->frames.len;
    record->id = id_make(stream, ++author->ahead.seq);
    record->received = (int64_t)position * 1000;
    frame_write(&s->frames, record->id, subject, ref, filler);
    record->frame.len = s->frames.len - start; /* where it is, scribe_batch says: the buffer may move until then */
    chain_next(author->ahead.chain, view_make(s->frames.data + start, record->frame.len));
    author->in_batch = true;
    if (subject != 0) {
        uint64_t *last = idmap_put(&s->subjects, subject, NULL);
        record->previous = *last;
        *last = position;
    }
    if (ref != NULL) {
        record->ref_hash.len = REF_HASH_SIZE;
        ref_hash(view_of("till"), view_of(ref), s->refs + (s->record_count - 1) * REF_HASH_SIZE);
    }
    return record->id;
}

void scribe_value(struct scribe *s, struct view key, struct view value) {
    s->values = mem_resize(s->values, (s->value_count + 1) * sizeof *s->values);
    s->values[s->value_count++] = (struct log_value){key, value};
}

const struct log_batch *scribe_batch(struct scribe *s) {
    size_t offset = 0;
    for (size_t i = 0; i < s->record_count; i++) {
        s->records[i].frame.data = s->frames.data + offset;
        offset += s->records[i].frame.len;
        if (s->records[i].ref_hash.len > 0) s->records[i].ref_hash.data = s->refs + i * REF_HASH_SIZE;
    }
    s->heads = mem_resize(s->heads, s->stream_count * sizeof *s->heads);
    size_t heads = 0;
    for (size_t i = 0; i < s->stream_count; i++) {
        if (!s->streams[i].in_batch) continue;
        head_sign(&s->streams[i].ahead, &s->streams[i].signer);
        s->heads[heads++] = s->streams[i].ahead;
    }
    s->batch = (struct log_batch){s->records, s->record_count, s->heads, heads, s->values, s->value_count};
    return &s->batch;
}

static void batch_clear(struct scribe *s) {
    for (size_t i = 0; i < s->stream_count; i++) s->streams[i].in_batch = false;
    s->record_count = s->value_count = 0;
    buf_clear(&s->frames);
}

void scribe_drop(struct scribe *s) {
    for (size_t i = 0; i < s->stream_count; i++) s->streams[i].ahead = s->streams[i].head;
    /* Newest first, so that the oldest hint of a subject is the one that stays. */
    for (size_t i = s->record_count; i > 0; i--) {
        uint64_t position = s->tip + i;
        for (size_t j = 0; s->subjects.slots != NULL && j <= s->subjects.mask; j++)
            if (s->subjects.slots[j].key != 0 && s->subjects.slots[j].value == position)
                s->subjects.slots[j].value = s->records[i - 1].previous;
    }
    batch_clear(s);
}

void scribe_done(struct scribe *s) {
    for (size_t i = 0; i < s->stream_count; i++) s->streams[i].head = s->streams[i].ahead;
    s->tip += s->record_count;
    batch_clear(s);
}

int scribe_append(struct scribe *s, struct log *log, struct err *err) {
    uint64_t first;
    int rc = log_append(log, scribe_batch(s), &first, err);
    if (rc == 0)
        scribe_done(s);
    else
        scribe_drop(s);
    return rc;
}

static int key_of(void *context, uint32_t stream, uint8_t key[PUBLIC_KEY_SIZE]) {
    struct scribe *s = context;
    if (idmap_find(&s->stream_index, (uint64_t)stream + 1) == NULL) return ERR_NOT_FOUND;
    memcpy(key, stream_of(s, stream)->signer.public_key, PUBLIC_KEY_SIZE);
    return 0;
}

struct log_trust scribe_trust(struct scribe *s) {
    struct log_trust trust = {.key_of = key_of, .context = s};
    root_make(trust.root);
    return trust;
}
