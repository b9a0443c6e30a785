#include "proto/site/rehome.h"

#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "proto/base/idmap.h"
#include "proto/event/describe.h"
#include "proto/site/erasure.h"

#define BATCH 128
#define BATCH_BYTES (1u << 20)
#define LISTS 2 /* of ids, in one body */
#define KEYS_TRIED 4

/* One event on its way. Views of `event` borrow from the frame and the plain text. */
struct carried {
    uint64_t id; /* in the old log */
    struct event event;
    struct buf frame, plain, after, lists[LISTS];
    uint8_t chain[CHAIN_SIZE]; /* its origin's */
    struct customer_key key;
    struct move *move;
    size_t index;
};

struct move {
    const struct rehoming *of;
    struct rehomed_report *report;
    struct idmap origins; /* first bytes of the chain value → id in the new log */
    struct idmap ids;     /* old → new; 0: in this batch */
    bool said;            /* `rehomed` is there */
    bool parted;          /* from here on the two logs are different ones, also where two frames are the same */
    uint8_t before[CHAIN_SIZE], chain[CHAIN_SIZE];
    struct carried *carried[BATCH];
    struct draft drafts[BATCH];
    size_t count, bytes;
    size_t told; /* so many of the batch have their ids in `ids` */
};

static uint64_t origin_key(const uint8_t *chain) { return get_u64_be(chain) | 1; }

/* ---- What is there already ---- */

static void note_record(struct move *m, const struct record *record) {
    struct event event;
    int standing = event_decode(record->frame, &event, NULL);
    if (standing < 0) return;
    if (event.origin.chain.data != NULL) {
        bool added;
        uint64_t *place = idmap_put(&m->origins, origin_key(event.origin.chain.data), &added);
        if (added) *place = record->id;
    } else if (standing == EVENT_GOOD && event.type == EVENT_rehomed &&
               id_stream(record->id) == m->of->site->config.stream &&
               event.body.rehomed.stream == (int64_t)m->of->stream) {
        m->said = true;
    }
}

static int read_origins(struct move *m, struct err *err) {
    struct log *log = m->of->site->log;
    struct log_iterator *it;
    struct record record;
    int code = log->ops->iterate(log, &it, err);
    if (code != 0) return code;
    code = it->ops->seek(it, 1);
    while (code == 0 && (code = it->ops->next(it, &record, err)) == 0) note_record(m, &record);
    it->ops->close(it);
    return code < 0 ? code : 0;
}

/* 1: the hub has just this; 0: it has not. */
static int at_hub(struct move *m, const struct record *record, struct err *err) {
    struct buf copy = BUF_INIT;
    struct record there;
    int code = log_get_id(m->of->site->log, record->id, &there, &copy, err);
    if (code == 0)
        code = view_equal(there.frame, record->frame);
    else if (code == ERR_NOT_FOUND)
        code = 0;
    buf_release(&copy);
    return code;
}

/* ---- Ids inside ---- */

static uint64_t moved_id(const struct move *m, uint64_t id) {
    const uint64_t *place = idmap_find(&m->ids, id);
    return place == NULL || *place == 0 ? id : *place;
}

static void move_list(const struct move *m, struct list *list, struct buf *storage) {
    struct list old = *list, moved = {VIEW_NONE, 0};
    if (old.count == 0) return;
    for (uint64_t id; list_next_id(&old, &id);) list_append_id(&moved, storage, moved_id(m, id));
    *list = moved;
}

static void move_body(const struct move *m, struct carried *c, struct event *event) {
    const struct event_info *info = event_info(event->type);
    size_t lists = 0;
    for (size_t i = 0; i < info->count; i++) {
        void *field = (char *)&event->body + info->fields[i].offset;
        if (info->fields[i].kind == KIND_ID && *(uint64_t *)field != 0)
            *(uint64_t *)field = moved_id(m, *(uint64_t *)field);
        if (info->fields[i].kind == KIND_IDS && lists < LISTS) move_list(m, field, &c->lists[lists++]);
    }
}

/* In the writer's turn: those before it in the batch have their ids. A draft whose ref was known is passed over, so
 * the next one tells of it. */
static int settle(struct draft *draft, const struct draft *batch, struct err *err) {
    (void)err;
    struct carried *c = draft->context;
    struct move *m = c->move;
    uint64_t own = draft->subject == SUBJECT_SELF ? draft->event.subject : 0;
    for (; m->told < c->index; m->told++) *idmap_put(&m->ids, m->carried[m->told]->id, NULL) = batch[m->told].id;
    draft->event = c->event;
    draft->event.subject = own != 0 ? own : moved_id(m, c->event.subject);
    move_list(m, &draft->event.after, &c->after);
    move_body(m, c, &draft->event);
    return 0;
}

/* ---- Its person's key ---- */

/* What is sealed stays behind; the rest of the event moves. */
static void leave_sealed(struct carried *c) {
    const struct event_info *info = event_info(c->event.type);
    for (size_t bit = 0; bit < info->sealed_count; bit++) event_sealed_set(&c->event, info, (int)bit, VIEW_NONE);
    c->event.sealed_bits = 0;
}

/* Opens what is sealed with whichever key of the old ring fits; what was erased stays behind, closed as it is. */
static int open_sealed(struct move *m, struct carried *c, struct err *err) {
    struct ring_key keys[KEYS_TRIED];
    bool opened = false;
    if (c->event.sealed_bits == 0) return 0;
    int n = m->of->ring->ops->get(m->of->ring, c->event.subject, keys, KEYS_TRIED, err);
    for (int i = 0; i < n && i < KEYS_TRIED && !opened; i++) {
        if (keys[i].destroyed || event_open(&c->event, &keys[i].key, &c->plain, NULL) != 0) continue;
        c->key = keys[i].key;
        opened = true;
    }
    sodium_memzero(keys, sizeof keys);
    if (!opened) leave_sealed(c);
    return n < 0 ? n : 0;
}

/* A person who does not move: the feed has brought the key, or the store has lost its interest since. */
static int bring_key(struct move *m, struct carried *c, struct err *err) {
    struct keyring *ring = m->of->site->ring;
    struct ring_key known;
    if (site_erased(m->of->site, c->event.subject)) leave_sealed(c); /* and its key stays away */
    if (c->event.sealed_bits == 0 || c->event.subject == c->id || idmap_find(&m->ids, c->event.subject) != NULL)
        return 0;
    int n = ring->ops->get(ring, c->event.subject, &known, 1, err);
    sodium_memzero(&known, sizeof known);
    if (n != 0) return n < 0 ? n : 0;
    struct ring_put put = {.id = c->event.subject, .has_key = true, .key = c->key};
    int code = ring->ops->put(ring, &put, 1, err);
    sodium_memzero(&put, sizeof put);
    return code;
}

/* ---- Writing ---- */

static void carried_free(struct carried *c) {
    if (c == NULL) return;
    buf_release(&c->frame);
    buf_wipe(&c->plain);
    buf_release(&c->after);
    for (size_t i = 0; i < LISTS; i++) buf_release(&c->lists[i]);
    sodium_memzero(&c->key, sizeof c->key);
    free(c);
}

static void forget_batch(struct move *m) {
    for (size_t i = 0; i < m->count; i++) carried_free(m->carried[i]);
    m->count = m->bytes = 0;
}

static void number_batch(struct move *m) {
    m->told = 0;
    for (size_t i = 0; i < m->count; i++) {
        m->carried[i]->index = i;
        m->drafts[i].context = m->carried[i];
    }
}

static void leave(struct move *m, size_t at) {
    idmap_remove(&m->ids, m->carried[at]->id);
    carried_free(m->carried[at]);
    m->count--;
    for (size_t i = at; i < m->count; i++) m->carried[i] = m->carried[i + 1];
    memmove(m->drafts + at, m->drafts + at + 1, (m->count - at) * sizeof *m->drafts);
    m->report->left++;
}

static int flush(struct move *m, struct err *err) {
    int code = 0;
    while (m->count > 0) {
        size_t failed = m->count;
        number_batch(m);
        code = site_write(m->of->site, m->drafts, m->count, NULL, 0, &failed, err);
        if (code == 0 || failed >= m->count || (code != ERR_LIMIT && code != ERR_INVALID)) break;
        leave(m, failed);
        code = 0;
    }
    for (size_t i = 0; code == 0 && i < m->count; i++) {
        const struct draft *draft = &m->drafts[i];
        *idmap_put(&m->ids, m->carried[i]->id, NULL) = draft->id;
        *(draft->existing ? &m->report->same_ref : &m->report->rehomed) += 1;
    }
    forget_batch(m);
    return code;
}

/* `rehomed`, once, before the first event that moves. */
static int say_rehomed(struct move *m, uint64_t from, struct err *err) {
    struct draft draft = {.subject = SUBJECT_GIVEN};
    if (m->said) return 0;
    event_init(&draft.event, EVENT_rehomed);
    draft.event.body.rehomed = (struct body_rehomed){m->of->stream, (int64_t)from, view_make(m->before, CHAIN_SIZE)};
    int code = site_write(m->of->site, &draft, 1, NULL, 0, NULL, err);
    m->said = code == 0;
    return code;
}

static void add_draft(struct move *m, struct carried *c) {
    struct draft *draft = &m->drafts[m->count];
    *draft = (struct draft){.event = c->event, .subject = SUBJECT_GIVEN, .settle = settle};
    if (c->event.subject == c->id) draft->subject = SUBJECT_SELF;
    if (c->event.sealed_bits != 0) draft->key = &c->key;
    bool person = c->event.type == EVENT_registered || c->event.type == EVENT_updated;
    if (person && c->event.sealed_bits != 0) site_draft_tags(m->of->site, draft, NULL);
    *idmap_put(&m->ids, c->id, NULL) = 0;
    m->carried[m->count++] = c;
    m->bytes += c->frame.len;
}

static int carry(struct move *m, const struct record *record, struct err *err) {
    struct carried *c = mem_alloc(sizeof *c);
    c->id = record->id;
    c->move = m;
    buf_append_view(&c->frame, record->frame);
    int standing = event_decode(buf_view(&c->frame), &c->event, NULL);
    const struct event_info *info = standing == EVENT_GOOD ? event_info(c->event.type) : NULL;
    if (info == NULL || info->version != c->event.version) {
        m->report->left++;
        carried_free(c);
        return 0;
    }
    if (m->of->stays != NULL && m->of->stays(m->of->twices, c->id, &c->event)) {
        m->report->stayed++;
        carried_free(c);
        return 0;
    }
    if (c->event.origin.chain.data == NULL) {
        memcpy(c->chain, m->chain, CHAIN_SIZE);
        c->event.origin = (struct origin){view_make(c->chain, CHAIN_SIZE), c->event.hlc};
    }
    c->event.frame = VIEW_NONE;
    const uint64_t *there = idmap_find(&m->origins, origin_key(c->event.origin.chain.data));
    int code = 0;
    if (there != NULL) {
        *idmap_put(&m->ids, c->id, NULL) = *there;
        m->report->rehomed++;
        carried_free(c);
        return 0;
    }
    code = open_sealed(m, c, err);
    if (code == 0) code = bring_key(m, c, err);
    if (code == 0)
        add_draft(m, c);
    else
        carried_free(c);
    if (code == 0 && (m->count == BATCH || m->bytes >= BATCH_BYTES)) code = flush(m, err);
    return code;
}

static int take(struct move *m, const struct record *record, struct err *err) {
    memcpy(m->before, m->chain, CHAIN_SIZE);
    chain_next(m->chain, record->frame);
    int code = m->parted ? 0 : at_hub(m, record, err);
    if (code < 0) return code;
    m->parted = code == 0;
    if (code == 1) {
        m->report->at_hub++;
        return 0;
    }
    code = say_rehomed(m, id_seq(record->id), err);
    return code == 0 ? carry(m, record, err) : code;
}

static int walk(struct move *m, struct err *err) {
    const struct rehoming *of = m->of;
    struct buf copy = BUF_INIT;
    struct head head;
    int code = 0;
    uint64_t all = log_head(of->log, of->stream, &head) == 0 ? head.seq : 0;
    chain_start(of->stream, of->key, m->chain);
    for (uint64_t seq = 1; code == 0 && seq <= all; seq++) {
        struct record record;
        buf_clear(&copy);
        code = log_get_id(of->log, id_make(of->stream, seq), &record, &copy, err);
        if (code == 0) code = take(m, &record, err);
        if (of->progress != NULL) of->progress(of->context, seq, all);
    }
    if (code == 0) code = flush(m, err);
    forget_batch(m);
    buf_release(&copy);
    return code;
}

int rehome(const struct rehoming *rehoming, struct rehomed_report *report, struct err *err) {
    struct move *m = mem_alloc(sizeof *m);
    *report = (struct rehomed_report){.at_hub = 0};
    m->of = rehoming;
    m->report = report;
    int code = read_origins(m, err);
    if (code == 0) code = walk(m, err);
    idmap_release(&m->origins);
    idmap_release(&m->ids);
    free(m);
    return code;
}
