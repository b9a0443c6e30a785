#include "node/feed.h"

#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "node/handback.h"
#include "proto/base/idmap.h"
#include "proto/event/describe.h"
#include "proto/model/vec.h"
#include "proto/site/directory.h"
#include "proto/site/erasure.h"
#include "proto/site/retell.h"

#define CURSOR_NAME "feed"
#define CURSOR_SIZE (4 + 8 + CHAIN_SIZE + 4)

/* ---- The cursor ---- */

static void cursor_write(const struct feed_cursor *cursor, uint8_t out[CURSOR_SIZE]) {
    put_u32_le(out, cursor->incarnation);
    put_u64_le(out + 4, cursor->position);
    memcpy(out + 12, cursor->chain, CHAIN_SIZE);
    put_u32_le(out + 12 + CHAIN_SIZE, cursor->rules);
}

void feed_open(struct feed *feed, struct site *site, FILE *journal) {
    struct buf value = BUF_INIT;
    *feed = (struct feed){.site = site, .journal = {journal, site->env}};
    if (site->log->ops->value(site->log, view_of(CURSOR_NAME), &value) == 0 && value.len == CURSOR_SIZE) {
        feed->cursor.incarnation = get_u32_le(value.data);
        feed->cursor.position = get_u64_le(value.data + 4);
        memcpy(feed->cursor.chain, value.data + 12, CHAIN_SIZE);
        feed->cursor.rules = get_u32_le(value.data + 12 + CHAIN_SIZE);
    }
    buf_release(&value);
}

void feed_begin(struct feed *feed) { feed->level = feed->contradicted = false; }

void feed_greet(const struct feed *feed, struct message_greeting *greeting) {
    greeting->feed_incarnation = feed->cursor.incarnation;
    greeting->feed_position = feed->cursor.position;
    greeting->feed_rules = feed->cursor.rules;
    if (feed->cursor.position > 0) greeting->feed_chain = view_make(feed->cursor.chain, CHAIN_SIZE);
}

bool feed_level(const struct feed *feed, uint64_t seq) { return feed->level && feed->level_seq >= seq; }

static void start_over(struct feed *feed) {
    uint8_t bytes[CURSOR_SIZE];
    feed->cursor = (struct feed_cursor){.rules = 0};
    cursor_write(&feed->cursor, bytes);
    struct log_value value = {view_of(CURSOR_NAME), view_make(bytes, sizeof bytes)};
    site_set_values(feed->site, &value, 1, NULL); /* not kept: then the next difference sets it back again */
}

/* ---- What came ---- */

/* A stream that comes in full, and how far the log and this FEED bring it. */
struct growing {
    struct feed_head told;
    struct head head;
    bool moved;
};

struct delivery {
    struct feed *feed;
    struct buf events;
    VEC(struct growing) streams;
    VEC(struct log_append) records;
    struct buf hashes; /* of the refs of our own former streams */
    struct carried_key *keys;
    size_t key_count;
    struct idmap new_ids; /* partial events of this delivery */
    struct directory_taking directory;
    bool misdirected; /* the directory is not what the hub says it is */
    bool contradicts; /* the hub has other events of this stream than are here */
    uint32_t contradicted;
};

static void delivery_release(struct delivery *d) {
    buf_release(&d->events);
    buf_release(&d->hashes);
    VEC_RELEASE(d->streams);
    VEC_RELEASE(d->records);
    idmap_release(&d->new_ids);
    directory_taking_release(&d->directory);
    if (d->keys != NULL) sodium_memzero(d->keys, d->key_count * sizeof *d->keys);
    free(d->keys);
}

static int hub_key_holds(struct delivery *d, const struct feed_head *told, struct err *err) {
    const uint8_t *root = d->feed->site->config.root;
    if (!stream_is_hub(told->stream)) return 0;
    if (told->certificate.data != NULL && hub_certificate_holds(root, told->key.data, told->certificate.data)) return 0;
    return err_set(err, ERR_AUTH, "heads", "the key of the hub's stream %u is not certified by this region's root",
                   told->stream);
}

static int read_heads(struct delivery *d, struct view heads, struct err *err) {
    struct cursor c = cursor_of(heads);
    struct feed_head told;
    int code;
    if (heads.data == NULL) return 0;
    while ((code = feed_head_next(&c, &told, err)) == 1) {
        if ((code = hub_key_holds(d, &told, err)) != 0) return code;
        struct growing *growing = VEC_ADD(d->streams);
        *growing = (struct growing){.told = told};
        if (log_head(d->feed->site->log, told.stream, &growing->head) == 0) continue;
        growing->head = (struct head){.stream = told.stream};
        chain_start(told.stream, told.key.data, growing->head.chain);
    }
    return code;
}

static struct growing *growing_of(struct delivery *d, uint32_t stream) {
    for (uint32_t i = 0; i < d->streams.count; i++)
        if (d->streams.items[i].told.stream == stream) return &d->streams.items[i];
    return NULL;
}

static int contradicted(struct delivery *d, uint32_t stream) {
    d->contradicts = true;
    d->contradicted = stream;
    return ERR_CONFLICT;
}

/* 1: it is here, the same bytes; 0: it is not; negative: other bytes. */
static int compare(struct delivery *d, const struct feed_event *event, struct err *err) {
    struct buf copy = BUF_INIT;
    struct record record;
    char text[ID_TEXT];
    int code = log_get_id(d->feed->site->log, event->id, &record, &copy, err);
    if (code == 0 && view_equal(record.frame, event->frame)) {
        code = 1;
    } else if (code == 0) {
        err_set(err, ERR_CONFLICT, NULL, "the hub has another event %s than this store", id_format(event->id, text));
        code = contradicted(d, id_stream(event->id));
    } else if (code == ERR_NOT_FOUND) {
        code = 0;
    }
    buf_release(&copy);
    return code;
}

static void add_record(struct delivery *d, const struct feed_event *event, bool partial) {
    *VEC_ADD(d->records) = (struct log_append){
        .id = event->id, .partial = partial, .received = event->received, .frame = event->frame, .ref_hash = VIEW_NONE};
}

/* Refs of our store's former streams: none of them may be written again. */
static void add_ref(struct delivery *d, const struct feed_event *event) {
    struct event decoded;
    uint8_t hash[REF_HASH_SIZE];
    uint64_t holder;
    struct log *log = d->feed->site->log;
    if (stream_is_hub(id_stream(event->id))) return;
    if (event_decode(event->frame, &decoded, NULL) < 0 || decoded.ref.source.data == NULL) return;
    ref_hash(decoded.ref.source, decoded.ref.key, hash);
    if (log->ops->ref(log, hash, &holder) == 0) return; /* written again by a PC that was replaced: the first holds */
    for (size_t at = 0; at < d->hashes.len; at += REF_HASH_SIZE)
        if (memcmp(d->hashes.data + at, hash, REF_HASH_SIZE) == 0) return;
    buf_append(&d->hashes, hash, sizeof hash);
    d->records.items[d->records.count - 1].ref_hash.len = REF_HASH_SIZE; /* its bytes: settle_refs */
}

static void settle_refs(struct delivery *d) {
    size_t at = 0;
    for (uint32_t i = 0; i < d->records.count; i++) {
        struct log_append *record = &d->records.items[i];
        if (record->ref_hash.len == 0) continue;
        record->ref_hash = view_make(d->hashes.data + at, REF_HASH_SIZE);
        at += REF_HASH_SIZE;
    }
}

static int take_whole(struct delivery *d, struct growing *growing, const struct feed_event *event, struct err *err) {
    uint64_t seq = id_seq(event->id);
    if (seq <= growing->head.seq && !growing->moved) {
        int code = compare(d, event, err);
        return code < 0 ? code : 0;
    }
    if (seq != growing->head.seq + 1)
        return err_set(err, ERR_FORMAT, "events", "the feed of stream %u goes on with %llu, %llu is wanted",
                       growing->head.stream, (unsigned long long)seq, (unsigned long long)growing->head.seq + 1);
    chain_next(growing->head.chain, event->frame);
    growing->head.seq = seq;
    growing->moved = true;
    add_record(d, event, false);
    add_ref(d, event);
    return 0;
}

static int take_event(struct delivery *d, const struct feed_event *event, struct err *err) {
    uint32_t stream = id_stream(event->id);
    struct growing *growing = growing_of(d, stream);
    bool added;
    if (growing != NULL && stream != d->feed->site->config.stream) return take_whole(d, growing, event, err);
    int code = compare(d, event, err);
    if (code != 0) return code < 0 ? code : 0;
    if (stream == d->feed->site->config.stream) return 0; /* not in our log: it is on its way into it */
    idmap_put(&d->new_ids, event->id, &added);
    if (added) add_record(d, event, true);
    return 0;
}

/* The signed head, where this FEED ends at one. */
static int settle_head(struct delivery *d, struct growing *growing, struct err *err) {
    const struct feed_head *told = &growing->told;
    if (growing->moved) memset(growing->head.signature, 0, SIGNATURE_SIZE);
    if (told->seq == 0 || told->seq != growing->head.seq) return 0;
    struct head signed_head = growing->head;
    memcpy(signed_head.signature, told->signature.data, SIGNATURE_SIZE);
    if (memcmp(told->chain.data, growing->head.chain, CHAIN_SIZE) != 0 ||
        !head_holds(&signed_head, told->key.data, d->feed->site->config.root)) {
        err_set(err, ERR_CONFLICT, "heads",
                "the events of stream %u do not lead to its signed head: one of the two copies was changed",
                told->stream);
        return contradicted(d, told->stream);
    }
    growing->head = signed_head;
    return 0;
}

static int read_events(struct delivery *d, const struct message_feed *message, struct err *err) {
    struct feed_event event;
    int code = feed_unpack(message, &d->events, err);
    struct cursor c = cursor_of(buf_view(&d->events));
    uint64_t count = 0;
    while (code == 0 && (code = feed_event_next(&c, &event, err)) == 1) {
        code = take_event(d, &event, err);
        count++;
    }
    if (code == 0 && count != message->count)
        code = err_set(err, ERR_FORMAT, "count", "the feed holds another number of events than it says");
    for (uint32_t i = 0; code == 0 && i < d->streams.count; i++) code = settle_head(d, &d->streams.items[i], err);
    settle_refs(d);
    return code;
}

/* ---- Keys and tags ---- */

static int put_keys(struct delivery *d, struct err *err) {
    if (d->key_count == 0) return 0;
    struct ring_put *puts = mem_alloc(d->key_count * sizeof *puts);
    for (size_t i = 0; i < d->key_count; i++)
        puts[i] = (struct ring_put){.id = d->keys[i].id, .has_key = true, .key = d->keys[i].key};
    int code = site_put_keys(d->feed->site, puts, d->key_count, err);
    sodium_memzero(puts, d->key_count * sizeof *puts);
    free(puts);
    return code;
}

/* By tags the counter finds people; they are made of what the events say, which the keys open. */
static int put_tags(struct delivery *d, struct err *err) {
    struct site *site = d->feed->site;
    VEC(struct ring_put) puts = {NULL, 0, 0};
    for (uint32_t i = 0; i < d->records.count; i++) {
        struct buf plain = BUF_INIT;
        struct draft draft = {.tag_count = 0};
        if (event_decode(d->records.items[i].frame, &draft.event, NULL) == EVENT_GOOD &&
            (draft.event.type == EVENT_registered || draft.event.type == EVENT_updated) &&
            site_unseal(site, &draft.event, &plain) && site_draft_tags(site, &draft, NULL) == 0 &&
            draft.tag_count > 0) {
            struct ring_put *put = VEC_ADD(puts);
            *put = (struct ring_put){.id = draft.event.subject, .tag_count = draft.tag_count};
            memcpy(put->tags, draft.tags, draft.tag_count * sizeof *draft.tags);
        }
        buf_wipe(&plain);
    }
    int code = puts.count == 0 ? 0 : site->ring->ops->put(site->ring, puts.items, puts.count, err);
    news_of_puts(&site->news, puts.items, puts.count);
    VEC_RELEASE(puts);
    return code;
}

/* ---- Taking it in ---- */

static int commit(struct delivery *d, const struct feed_cursor *cursor, struct err *err) {
    struct site *site = d->feed->site;
    uint8_t bytes[CURSOR_SIZE];
    VEC(struct head) heads = {NULL, 0, 0};
    VEC(struct log_value) values = {NULL, 0, 0};
    VEC(struct hub_key_row {
        char name[SITE_HUB_KEY_NAME];
        uint8_t bytes[PUBLIC_KEY_SIZE + SIGNATURE_SIZE];
    })
    keys = {NULL, 0, 0};
    VEC(struct signed_row {
        char name[HANDBACK_HEAD_NAME];
        uint8_t bytes[HANDBACK_HEAD_SIZE];
    })
    signed_heads = {NULL, 0, 0};
    VEC_RESERVE(keys, d->streams.count + 1);
    VEC_RESERVE(signed_heads, d->streams.count + 1);
    cursor_write(cursor, bytes);
    *VEC_ADD(values) = (struct log_value){view_of(CURSOR_NAME), view_make(bytes, sizeof bytes)};
    for (uint32_t i = 0; i < d->streams.count; i++) {
        const struct growing *growing = &d->streams.items[i];
        if (!growing->moved) continue;
        *VEC_ADD(heads) = growing->head;
        if (!head_unsigned(&growing->head)) {
            struct signed_row *row = VEC_ADD(signed_heads);
            handback_head_write(&growing->head, row->bytes);
            *VEC_ADD(values) = (struct log_value){handback_head_name(growing->told.stream, row->name),
                                                  view_make(row->bytes, sizeof row->bytes)};
        }
        if (!stream_is_hub(growing->told.stream)) continue;
        struct hub_key_row *key = VEC_ADD(keys);
        memcpy(key->bytes, growing->told.key.data, PUBLIC_KEY_SIZE);
        memcpy(key->bytes + PUBLIC_KEY_SIZE, growing->told.certificate.data, SIGNATURE_SIZE);
        *VEC_ADD(values) = (struct log_value){site_hub_key_name(growing->told.stream, key->name),
                                              view_make(key->bytes, sizeof key->bytes)};
    }
    for (size_t i = 0; i < d->directory.value_count; i++) *VEC_ADD(values) = d->directory.values[i];
    struct taking taking = {.records = d->records.items,
                            .record_count = d->records.count,
                            .heads = heads.items,
                            .head_count = heads.count,
                            .values = values.items,
                            .value_count = values.count,
                            .fed = true};
    int code = site_take(site, &taking, err);
    VEC_RELEASE(heads);
    VEC_RELEASE(values);
    VEC_RELEASE(keys);
    VEC_RELEASE(signed_heads);
    return code;
}

static bool says_something(const struct delivery *d) {
    for (uint32_t i = 0; i < d->streams.count; i++)
        if (d->streams.items[i].moved) return true;
    return d->records.count > 0 || d->key_count > 0 || d->directory.value_count > 0;
}

/* The part of the directory of VIPs that came along. */
static int read_directory(struct delivery *d, const struct message_feed *message, struct err *err) {
    if (message->directory.data == NULL) return 0;
    int code = site_directory_take(d->feed->site, message->directory, &d->directory, err);
    d->misdirected = code == ERR_CORRUPT;
    return code;
}

static int deliver(struct delivery *d, const struct message_feed *message, const struct feed_cursor *cursor,
                   struct err *err) {
    struct site *site = d->feed->site;
    int code = 0;
    if (message->keys.data != NULL) code = keys_unbox(message->keys, &site->signer, &d->keys, &d->key_count, err);
    if (code == 0) code = read_heads(d, message->heads, err);
    if (code == 0) code = read_events(d, message, err);
    if (code == 0) code = read_directory(d, message, err);
    if (code == 0) code = put_keys(d, err);
    if (code == 0) code = put_tags(d, err);
    if (code == 0 && says_something(d)) code = commit(d, cursor, err);
    return code;
}

/* The hub's digest over our people, when both stand at the same place: ours must be the same. */
static void hold_against(struct feed *feed, const struct message_feed *message) {
    struct site *site = feed->site;
    struct view store = view_of(site->config.store);
    struct head own;
    uint8_t digest[DIGEST_SIZE];
    if (message->digest.data == NULL) return;
    site_read(site);
    bool there =
        log_head(site->log, site->config.stream, &own) == 0 ? own.seq == message->digest_seq : message->digest_seq == 0;
    if (there) model_digest(site->model, &store, digest);
    site_unread(site);
    if (!there) return;
    bool differs = memcmp(digest, message->digest.data, DIGEST_SIZE) != 0;
    if (differs && !feed->differs)
        journal_say(&feed->journal, "the hub knows our people otherwise than we do: %s",
                    feed->restarted ? "that is after all of it was told again; run verify on both sides"
                                    : "all of it will be told again");
    feed->differs = differs;
    if (!differs || feed->restarted) return;
    feed->restarted = true;
    start_over(feed);
}

/* How far our own stream is, now that we have been told: the hub then knows what we wrote before (FED's `own`). */
static struct view own_seq(struct feed *feed) {
    struct site *site = feed->site;
    struct head own;
    put_u64_be(feed->own, log_head(site->log, site->config.stream, &own) == 0 ? own.seq : 0);
    return view_make(feed->own, sizeof feed->own);
}

/* Of the hub's present stream: then that hub is an older copy of itself, and hears it from us. Of our own: neither may
 * give way. Of any other: what we were told of it before does. */
static void note_contradiction(struct feed *feed, const struct delivery *d, uint32_t incarnation, struct err *err) {
    struct err unwritten;
    char text[sizeof err->text];
    feed->contradicted = stream_is_hub(d->contradicted) && stream_incarnation(d->contradicted) == incarnation;
    if (feed->contradicted || d->contradicted == feed->site->config.stream) return;
    snprintf(text, sizeof text, "%s", err->text);
    if (retell_note(feed->site, d->contradicted, text, &unwritten) != 0) return;
    err_set(err, ERR_CONFLICT, NULL, "%s; what the hub had told is put aside, and told anew", text);
}

int feed_take(struct feed *feed, const struct message_feed *message, struct message_fed *fed, struct err *err) {
    struct delivery d = {.feed = feed};
    struct feed_cursor cursor = {.incarnation = (uint32_t)message->incarnation,
                                 .position = message->position,
                                 .rules = (uint32_t)message->rules};
    memcpy(cursor.chain, message->chain.data, CHAIN_SIZE);
    mutex_lock(&feed->site->writer);
    int code = deliver(&d, message, &cursor, err);
    mutex_unlock(&feed->site->writer);
    if (d.misdirected) site_directory_drop(feed->site, NULL); /* not dropped: told in HELLO as it is */
    delivery_release(&d);
    if (code == 0) code = site_forget(feed->site, err); /* before the hub hears that we were told */
    if (code != 0) {
        if (code == ERR_FORMAT) start_over(feed);
        if (code == ERR_CONFLICT && d.contradicts) note_contradiction(feed, &d, (uint32_t)message->incarnation, err);
        return code;
    }
    feed->cursor = cursor;
    feed->level = message->level == 1;
    feed->level_seq = message->digest_seq;
    hold_against(feed, message);
    *fed = (struct message_fed){message->incarnation, message->position, message->chain,
                                message->rules,       feed->differs,     own_seq(feed)};
    return 0;
}
