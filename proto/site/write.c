/* The writer's turn: from drafts to records, in the order ring, log, fold. */
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "proto/base/bug.h"
#include "proto/base/idmap.h"
#include "proto/event/hlc.h"
#include "proto/site/directory.h"
#include "proto/site/erasure.h"

#define TAGGED_LOOKED_AT 8 /* customers with the same strong key */

/* One turn's working memory. */
struct turn {
    struct site *site;
    struct head head;
    struct idmap last; /* subject → position of its last record, within this turn */
    struct idmap refs; /* first 8 bytes of a ref's hash → id, within this turn */
    struct buf frames; /* encoded, one after the other */
    struct buf hashes; /* ref hashes */
    struct log_append *records;
    size_t *frame_ends;
    size_t record_count;
    struct ring_put *keys;
    size_t key_count;
    uint64_t next_position;
    uint64_t hlc;
};

static void turn_release(struct turn *t) {
    idmap_release(&t->last);
    idmap_release(&t->refs);
    buf_release(&t->frames);
    buf_release(&t->hashes);
    free(t->records);
    free(t->frame_ends);
    if (t->keys != NULL) sodium_memzero(t->keys, t->key_count * sizeof *t->keys);
    free(t->keys);
}

static int head_before(struct site *site, struct head *out) {
    if (log_head(site->log, site->config.stream, out) == 0) return 0;
    *out = (struct head){.stream = site->config.stream};
    chain_start(out->stream, site->signer.public_key, out->chain);
    return 0;
}

/* The position of the event that a subject is named by, when it says so itself: a frame may name any id. */
static uint64_t own_position(struct site *site, uint64_t subject) {
    struct buf copy = BUF_INIT;
    struct record record;
    struct event event;
    bool own = log_get_id(site->log, subject, &record, &copy, NULL) == 0 &&
               event_decode(record.frame, &event, NULL) >= 0 && event.subject == subject;
    buf_release(&copy);
    return own ? record.position : 0;
}

/* Where the last record about a subject stands: in this turn, in the model, or the subject's own event. */
static uint64_t last_position(struct site *site, struct idmap *turn, uint64_t subject) {
    if (subject == 0) return 0;
    const uint64_t *here = idmap_find(turn, subject);
    if (here != NULL) return *here;
    uint64_t position = model_last_position(site->model, subject);
    return position != 0 ? position : own_position(site, subject);
}

static int ref_lookup(struct turn *t, const uint8_t hash[REF_HASH_SIZE], uint64_t *id) {
    const uint64_t *here = idmap_find(&t->refs, get_u64_be(hash) | 1);
    if (here != NULL) {
        *id = *here;
        return 0;
    }
    return t->site->log->ops->ref(t->site->log, hash, id);
}

/* The key an event is sealed with: a new one when the event is a new subject's own, else the subject's. */
static int draft_key(struct turn *t, const struct draft *d, uint64_t id, struct customer_key *key, struct err *err) {
    if (d->event.subject == id) {
        if (d->key != NULL)
            *key = *d->key;
        else
            customer_key_make(key, t->site->env);
        return 0;
    }
    for (size_t i = t->key_count; i-- > 0;) {
        if (t->keys[i].id == d->event.subject && t->keys[i].has_key) {
            *key = t->keys[i].key;
            return 0;
        }
    }
    struct ring_key found[1];
    int n = t->site->ring->ops->get(t->site->ring, d->event.subject, found, 1, err);
    if (n < 0) return n;
    bool erased = model_customer(t->site->model, d->event.subject) == CUSTOMER_ERASED;
    if (n == 0 || found[0].destroyed || erased) {
        char text[ID_TEXT];
        sodium_memzero(found, sizeof found);
        return err_set(err, ERR_REFUSED, NULL, "the key of customer %s is not here%s",
                       id_format(d->event.subject, text), n == 0 && !erased ? "" : " any more: the person was erased");
    }
    *key = found[0].key;
    sodium_memzero(found, sizeof found);
    return 0;
}

static void note_keys(struct turn *t, const struct draft *d, uint64_t id, const struct customer_key *key) {
    bool fresh = key != NULL && d->event.subject == id;
    if (!fresh && d->tag_count == 0) return;
    struct ring_put *put = &t->keys[t->key_count++];
    *put = (struct ring_put){.id = d->event.subject, .has_key = fresh, .replace = fresh, .tag_count = d->tag_count};
    if (fresh) put->key = *key;
    memcpy(put->tags, d->tags, d->tag_count * sizeof *d->tags);
}

static int encode_draft(struct turn *t, struct draft *d, uint64_t id, struct err *err) {
    struct customer_key key;
    bool sealed = d->event.sealed_bits != 0;
    int code = sealed ? draft_key(t, d, id, &key, err) : 0;
    if (code != 0) return code;
    d->event.hlc = hlc_next(t->hlc, site_now(t->site));
    size_t start = t->frames.len;
    code = event_encode(&d->event, sealed ? &key : NULL, t->site->env, &t->frames, err);
    if (code == 0) {
        note_keys(t, d, id, sealed ? &key : NULL);
        chain_next(t->head.chain, view_make(t->frames.data + start, t->frames.len - start));
        t->hlc = d->event.hlc;
    }
    sodium_memzero(&key, sizeof key);
    return code;
}

static void add_record(struct turn *t, const struct draft *d, uint64_t id) {
    struct site *site = t->site;
    uint64_t position = t->next_position++;
    t->frame_ends[t->record_count] = t->frames.len;
    t->records[t->record_count++] = (struct log_append){
        .id = id,
        .received = site->config.role == ROLE_HUB ? site->last_received : 0,
        .previous = d->event.subject == id ? 0 : last_position(site, &t->last, d->event.subject),
    };
    if (d->event.subject != 0) *idmap_put(&t->last, d->event.subject, NULL) = position;
}

/* Does a customer known here carry one of the draft's tags? One who holds it now goes before one who once did. 0 no, 1
 * and its id, negative. */
static int known_by_tag(struct turn *t, const struct draft *d, uint64_t *id, struct err *err) {
    uint64_t found[TAGGED_LOOKED_AT];
    bool known = false;
    for (size_t i = 0; i < d->tag_count; i++) {
        int n = t->site->ring->ops->find(t->site->ring, &d->tags[i], found, TAGGED_LOOKED_AT, err);
        if (n < 0) return n;
        for (int k = 0; k < n && k < TAGGED_LOOKED_AT; k++) {
            if (model_customer(t->site->model, found[k]) != CUSTOMER_KNOWN) continue;
            if (!known) *id = found[k];
            known = true;
            if (!site_holds(t->site, found[k], &d->tags[i])) continue;
            *id = found[k];
            return 1;
        }
    }
    return known;
}

static int take_draft(struct turn *t, struct draft *drafts, size_t index, struct err *err) {
    struct draft *d = &drafts[index];
    uint8_t hash[REF_HASH_SIZE];
    bool has_ref = d->event.ref.source.data != NULL && !BUG(forget_refs);
    d->existing = false;
    if (has_ref) {
        ref_hash(d->event.ref.source, d->event.ref.key, hash);
        int found = ref_lookup(t, hash, &d->id);
        if (found == 0) {
            d->existing = true;
            return 0;
        }
        if (found != ERR_NOT_FOUND) return err_set(err, found, NULL, "the index of refs could not be read");
    }
    int known = d->unless_known ? known_by_tag(t, d, &d->id, err) : 0;
    d->existing = known > 0;
    if (known != 0) return known < 0 ? known : 0;
    uint64_t id = id_make(t->head.stream, t->head.seq + 1);
    if (d->subject == SUBJECT_SELF) d->event.subject = id;
    if (d->subject > 0) d->event.subject = drafts[d->subject - 1].id;
    int code = d->settle != NULL ? d->settle(d, drafts, err) : 0;
    if (code == 0) code = encode_draft(t, d, id, err);
    if (code != 0) return code;
    t->head.seq++;
    add_record(t, d, id);
    buf_append(&t->hashes, hash, has_ref ? sizeof hash : 0);
    t->records[t->record_count - 1].ref_hash = view_make("", has_ref ? sizeof hash : 0);
    if (has_ref) *idmap_put(&t->refs, get_u64_be(hash) | 1, NULL) = id;
    d->id = id;
    return 0;
}

/* Frames and hashes moved while their buffers grew: point at them now. */
static void settle_views(struct turn *t) {
    size_t frame = 0, hash = 0;
    for (size_t i = 0; i < t->record_count; i++) {
        struct log_append *record = &t->records[i];
        record->frame = view_make(t->frames.data + frame, t->frame_ends[i] - frame);
        frame = t->frame_ends[i];
        bool has_ref = record->ref_hash.len != 0;
        record->ref_hash = has_ref ? view_make(t->hashes.data + hash, REF_HASH_SIZE) : VIEW_NONE;
        if (has_ref) hash += REF_HASH_SIZE;
    }
}

static void announce(struct growth *growth) {
    mutex_lock(&growth->lock);
    growth->count++;
    condition_broadcast(&growth->grown);
    mutex_unlock(&growth->lock);
}

static int fold(struct site *site, const struct log_batch *batch, uint64_t first, struct err *err) {
    int code = 0;
    rwlock_write(&site->state);
    for (size_t i = 0; code == 0 && i < batch->record_count; i++) {
        const struct log_append *append = &batch->records[i];
        struct record record = {first + i, append->id, append->received, append->previous, append->frame};
        struct event event;
        int standing = event_decode(append->frame, &event, NULL);
        code = model_apply_event(site->model, &record, &event, standing, err);
        news_of_event(&site->news, append->id, &event, standing);
    }
    rwlock_unlock(&site->state);
    return code;
}

/* Every change of the directory commits its heading anew. */
static void note_directory(struct site *site, const struct log_batch *batch) {
    for (size_t i = 0; i < batch->value_count; i++)
        if (view_is(batch->values[i].key, SITE_DIRECTORY)) news_of(&site->news, NEWS_DIRECTORY);
}

/* Ring, log, fold; the caller holds `writer`. */
static int commit(struct site *site, const struct ring_put *keys, size_t key_count, const struct log_batch *batch,
                  struct err *err) {
    struct err reason = {.code = 0};
    uint64_t first = 0;
    if (site->broken.code != 0) return err_set(err, site->broken.code, NULL, "%s", site->broken.text);
    bool ring_first = key_count > 0 && !BUG(key_after_event);
    if (BUG(fold_before_commit)) fold(site, batch, log_tip(site->log) + 1, &reason);
    int code = ring_first ? site_put_keys(site, keys, key_count, err) : 0;
    if (code == 0) code = log_append(site->log, batch, &first, err);
    if (code == 0 && !ring_first && key_count > 0) site_put_keys(site, keys, key_count, err);
    if (code == 0) note_directory(site, batch);
    if (code != 0 || batch->record_count == 0) return code;
    code = BUG(fold_before_commit) ? 0 : fold(site, batch, first, &reason);
    announce(&site->growth);
    if (code == 0) return 0;
    /* What was to be written is written; what is asked from now on would be answered from half a state. */
    err_set(&site->broken, code, NULL, "the log cannot be folded any more, start the program anew: %s", reason.text);
    return err_set(err, code, NULL, "%s", site->broken.text);
}

static void next_received(struct site *site) {
    int64_t now = site_now(site);
    if (now > site->last_received) site->last_received = now;
}

/* The caller holds `writer`. */
static bool quarantined(const struct site *site, struct err *err) {
    if (site->quarantine.len == 0 || site->recovering) return false;
    char reason[301];
    err_set(err, ERR_FORKED, NULL, "this store is read-only: %s; run `dangol-node recover %s`",
            view_text(buf_view(&site->quarantine), reason, sizeof reason),
            site->directory == NULL ? "DIR" : site->directory);
    return true;
}

bool site_quarantined(struct site *site, struct err *err) {
    mutex_lock(&site->writer);
    bool is = quarantined(site, err);
    mutex_unlock(&site->writer);
    return is;
}

static int write_turn(struct turn *t, struct draft *drafts, size_t count, const struct log_value *values,
                      size_t value_count, size_t *failed, struct err *err) {
    struct site *site = t->site;
    if (count > 0 && quarantined(site, err)) return ERR_FORKED;
    next_received(site);
    int code = head_before(site, &t->head);
    t->hlc = clock_before(site, &t->head);
    for (size_t i = 0; code == 0 && i < count; i++) {
        code = take_draft(t, drafts, i, err);
        if (code != 0 && failed != NULL) *failed = i;
    }
    if (code != 0 || (t->record_count == 0 && value_count == 0)) return code;
    settle_views(t);
    head_sign(&t->head, &site->signer);
    struct log_batch batch = {.records = t->records,
                              .record_count = t->record_count,
                              .heads = &t->head,
                              .head_count = t->record_count > 0 ? 1 : 0,
                              .values = values,
                              .value_count = value_count};
    if (t->record_count > 0)
        site->clock.said = t->hlc; /* whatever comes of it: a value that was never used is no harm, one used twice is */
    return commit(site, t->keys, t->key_count, &batch, err);
}

int site_write(struct site *site, struct draft *drafts, size_t count, const struct log_value *values,
               size_t value_count, size_t *failed, struct err *err) {
    struct turn t = {.site = site};
    if (count > 0 && site->config.role == ROLE_HUB && site->config.incarnation == INCARNATION_UNKNOWN)
        return err_set(err, ERR_REFUSED, NULL,
                       "this hub waits for its first store to hand back what the one before it wrote; until then "
                       "nothing can be written here");
    mutex_lock(&site->writer);
    t.next_position = log_tip(site->log) + 1;
    t.records = mem_alloc((count + 1) * sizeof *t.records);
    t.frame_ends = mem_alloc((count + 1) * sizeof *t.frame_ends);
    t.keys = mem_alloc((count + 1) * sizeof *t.keys);
    int code = write_turn(&t, drafts, count, values, value_count, failed, err);
    mutex_unlock(&site->writer);
    turn_release(&t);
    return code;
}

int site_set_values(struct site *site, const struct log_value *values, size_t count, struct err *err) {
    return site_write(site, NULL, 0, values, count, NULL, err);
}

int site_quarantine(struct site *site, struct view reason, struct err *err) {
    struct log_value value = {view_of(SITE_QUARANTINE), reason};
    int code = site_set_values(site, &value, 1, err);
    mutex_lock(&site->writer); /* also when it could not be stored: then it is found out again */
    buf_clear(&site->quarantine);
    buf_append_view(&site->quarantine, reason);
    mutex_unlock(&site->writer);
    return code;
}

/* The hints of records from other streams, in their order; their clocks are heard on the way. */
static void fill_previous(struct site *site, struct taking *taking, uint64_t position) {
    struct idmap last = {NULL, 0, 0};
    for (size_t i = 0; i < taking->record_count; i++, position++) {
        struct log_append *record = &taking->records[i];
        struct event event;
        if (!taking->fed && (record->received == 0 || record->received > site->last_received))
            record->received = site->last_received;
        record->previous = 0;
        if (event_decode(record->frame, &event, NULL) < 0) continue;
        clock_hear(site, record->id, &event);
        if (event.subject == 0) continue;
        /* Also of an event that is its own subject: others that name it may have come before it. */
        record->previous = last_position(site, &last, event.subject);
        *idmap_put(&last, event.subject, NULL) = position;
    }
    idmap_release(&last);
}

/* Records that bring their own time of receipt stand behind later ones: what the newest was is kept beside them. */
static bool gives_times(const struct taking *taking) {
    bool given = false;
    for (size_t i = 0; !taking->fed && i < taking->record_count; i++) given |= taking->records[i].received != 0;
    return given;
}

int site_take(struct site *site, struct taking *taking, struct err *err) {
    uint8_t newest[8];
    bool given = gives_times(taking);
    next_received(site);
    taking->received = site->last_received;
    fill_previous(site, taking, log_tip(site->log) + 1);
    put_u64_le(newest, (uint64_t)site->last_received);
    struct log_value *values = mem_alloc((taking->value_count + 1) * sizeof *values);
    for (size_t i = 0; i < taking->value_count; i++) values[i] = taking->values[i];
    values[taking->value_count] = (struct log_value){view_of(SITE_NEWEST_RECEIVED), view_make(newest, sizeof newest)};
    struct log_batch batch = {.records = taking->records,
                              .record_count = taking->record_count,
                              .heads = taking->heads,
                              .head_count = taking->head_count,
                              .values = values,
                              .value_count = taking->value_count + given};
    int code = commit(site, taking->keys, taking->key_count, &batch, err);
    free(values);
    return code;
}
