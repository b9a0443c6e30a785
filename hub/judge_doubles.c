/* Duplicates: what came twice counts once. Events are one thing when they have
 *   - the same ref, of a source that the policy `regional-sources` listed when they were written;
 *   - the same origin: they were re-homed twice; or one is the original, whose chain value the others' origin is.
 * Things may hang together over several of these. Of all that are one, the judge lets one count and voids the others:
 * the first, originals before re-homed ones, then by (corrected hlc, id); so the order of arrival does not matter.
 *
 * People have the last word. Who voids one withdraws it: another one counts in its place, if the judge had voided
 * it. Who takes back a judge's void keeps that event: it counts, and nothing but what is kept does. The judge never
 * speaks against either. Registrations are not voided but linked: customers' ids are in use, and what was sold to them
 * stays theirs. Links that hubs judged are one thing by their ref, too: after a rebuild two hubs may have made the
 * same; the first one's fate is that of all.
 *
 * The index is in memory, one mark an event that has such a ref or origin; it is read from the log again when there is
 * anything that needs it, so a region without regional sources and re-homed events pays nothing. */
#include <stdlib.h>
#include <string.h>

#include "hub/judge_parts.h"
#include "proto/log/chain.h"
#include "proto/model/policies.h"

#define KEY_SIZE 16       /* of a ref's hash, or of a chain value */
#define MEMBERS_MAX 4096u /* of one thing that are looked at */

struct mark {
    uint8_t key[KEY_SIZE];
    uint64_t id;
    uint32_t next_of_key, next_of_id; /* index + 1; 0: none */
};

/* What was said of an event: people's latest word, and the judge's first void. */
struct word {
    uint64_t person, person_hlc; /* 0: none */
    uint64_t judge, judge_hlc;
    bool person_on;
};

/* A stream that was re-homed from a sequence on: chain values of what the hub has of it. */
struct watch {
    uint32_t stream;
    uint64_t next;
    uint8_t chain[CHAIN_SIZE];
    uint64_t said_by; /* the event `rehomed` */
};

struct doubles {
    bool asked;    /* whether the index is needed for what was judged before the start */
    bool wanted;   /* it is, from now on */
    bool complete; /* it holds everything up to the judge's position */
    VEC(struct mark) marks;
    struct idmap by_key, by_id; /* first of a list: index + 1 */
    VEC(struct word) words;
    struct idmap word_of; /* event → index + 1 */
    VEC(struct watch) watches;
    VEC(uint64_t) touched;
};

struct doubles *doubles_open(void) {
    return mem_alloc(sizeof(struct doubles));
}

static void forget(struct doubles *d) {
    VEC_RELEASE(d->marks);
    VEC_RELEASE(d->words);
    VEC_RELEASE(d->watches);
    VEC_RELEASE(d->touched);
    idmap_release(&d->by_key);
    idmap_release(&d->by_id);
    idmap_release(&d->word_of);
}

void doubles_close(struct doubles *d) {
    if (d == NULL) return;
    forget(d);
    free(d);
}

/* ---- The index ---- */

static uint64_t place_of(const uint8_t key[KEY_SIZE]) { return get_u64_be(key) | 1; }

static uint32_t first_of(const struct idmap *map, uint64_t key) {
    const uint64_t *first = idmap_find(map, key);
    return first == NULL ? 0 : (uint32_t)*first;
}

static bool marked(const struct doubles *d, const uint8_t key[KEY_SIZE], uint64_t id) {
    for (uint32_t i = first_of(&d->by_id, id); i != 0; i = d->marks.items[i - 1].next_of_id)
        if (memcmp(d->marks.items[i - 1].key, key, KEY_SIZE) == 0) return true;
    return false;
}

static void mark(struct doubles *d, const uint8_t key[KEY_SIZE], uint64_t id) {
    *VEC_ADD(d->touched) = id;
    if (marked(d, key, id)) return;
    struct mark *m = VEC_ADD(d->marks);
    uint64_t *of_key = idmap_put(&d->by_key, place_of(key), NULL), *of_id = idmap_put(&d->by_id, id, NULL);
    *m = (struct mark){.id = id, .next_of_key = (uint32_t)*of_key, .next_of_id = (uint32_t)*of_id};
    memcpy(m->key, key, KEY_SIZE);
    *of_key = *of_id = d->marks.count;
}

/* The first mark with this key from one on; 0: none. */
static uint32_t next_with(const struct doubles *d, uint32_t i, const uint8_t key[KEY_SIZE]) {
    while (i != 0 && memcmp(d->marks.items[i - 1].key, key, KEY_SIZE) != 0) i = d->marks.items[i - 1].next_of_key;
    return i;
}

static void hash_of(const struct ref *ref, uint8_t key[REF_HASH_SIZE]) { ref_hash(ref->source, ref->key, key); }

bool doubles_ruled_before(const struct judge *judge, const char *ref) {
    uint8_t key[REF_HASH_SIZE];
    const struct doubles *d = judge->doubles;
    ref_hash(view_of(JUDGE_SOURCE), view_of(ref), key);
    uint32_t i = next_with(d, first_of(&d->by_key, place_of(key)), key);
    while (i != 0 && id_stream(d->marks.items[i - 1].id) == judge->site->config.stream)
        i = next_with(d, d->marks.items[i - 1].next_of_key, key);
    return i != 0;
}

/* ---- Hearing ---- */

static bool same_store(struct site *site, uint32_t a, uint32_t b) {
    struct stream_state one, other;
    site_read(site);
    bool same = model_stream(site->model, a, &one) && model_stream(site->model, b, &other) && one.opened &&
                other.opened && view_equal(one.store, other.store);
    site_unread(site);
    return same;
}

static uint64_t corrected(struct site *site, uint64_t id, const struct event *e) {
    site_read(site);
    uint64_t hlc = model_hlc(site->model, id, e);
    site_unread(site);
    return hlc;
}

static bool later(uint64_t hlc_a, uint64_t a, uint64_t hlc_b, uint64_t b) {
    return hlc_a != hlc_b ? hlc_a > hlc_b : a > b;
}

static void hear_void(struct sitting *s, const struct heard *heard) {
    struct doubles *d = s->judge->doubles;
    const struct body_voided *body = &heard->event->body.voided;
    uint64_t id = heard->record->id, hlc = corrected(s->site, id, heard->event);
    uint32_t by = id_stream(id), of = id_stream(body->event);
    if (!stream_is_hub(by) && by != of && !same_store(s->site, by, of)) return;
    uint64_t *place = idmap_put(&d->word_of, body->event, NULL);
    if (*place == 0) {
        *VEC_ADD(d->words) = (struct word){.person = 0};
        *place = d->words.count;
    }
    struct word *word = &d->words.items[*place - 1];
    if (!judged(id, heard->event)) {
        if (word->person == 0 || later(hlc, id, word->person_hlc, word->person)) {
            word->person = id;
            word->person_hlc = hlc;
            word->person_on = body->on == 1;
        }
    } else if (body->on == 1 && (word->judge == 0 || later(word->judge_hlc, word->judge, hlc, id))) {
        word->judge = id;
        word->judge_hlc = hlc;
    }
    *VEC_ADD(d->touched) = body->event;
}

static void hear_rehomed(struct doubles *d, const struct heard *heard) {
    const struct body_rehomed *body = &heard->event->body.rehomed;
    for (uint32_t i = 0; i < d->watches.count; i++)
        if (d->watches.items[i].said_by == heard->record->id) return;
    if (body->chain.len != CHAIN_SIZE) return;
    struct watch *watch = VEC_ADD(d->watches);
    *watch = (struct watch){(uint32_t)body->stream, (uint64_t)body->from, {0}, heard->record->id};
    memcpy(watch->chain, body->chain.data, CHAIN_SIZE);
}

/* Was the ref's source regional when the event was written? */
static bool regional(struct sitting *s, const struct heard *heard) {
    struct site *site = s->site;
    if (heard->event->ref.source.data == NULL || s->regional < 0) return false;
    site_read(site);
    if (s->regional == 0)
        s->regional =
            model_policy(site->model, view_of(policies[POLICY_REGIONAL_SOURCES].key), TIME_NONE).data != NULL ? 1 : -1;
    bool is = false;
    if (s->regional > 0) {
        int64_t written = (int64_t)(model_hlc(site->model, heard->record->id, heard->event) >> 16);
        is = policy_lists(policy_text(site->model, POLICY_REGIONAL_SOURCES, written), heard->event->ref.source);
    }
    site_unread(site);
    return is;
}

/* A link that a hub judged: of a former one, or of ours where a former one has made the same. */
static void hear_link(struct sitting *s, const struct heard *heard) {
    struct doubles *d = s->judge->doubles;
    uint8_t key[REF_HASH_SIZE];
    uint64_t ours, id = heard->record->id;
    hash_of(&heard->event->ref, key);
    if (id_stream(id) == s->site->config.stream) {
        if (next_with(d, first_of(&d->by_key, place_of(key)), key) != 0) mark(d, key, id);
        return;
    }
    mark(d, key, id);
    if (s->site->log->ops->ref(s->site->log, key, &ours) == 0) mark(d, key, ours);
}

static bool foreign_hub(const struct sitting *s, uint64_t id) {
    return stream_is_hub(id_stream(id)) && id_stream(id) != s->site->config.stream;
}

static bool names_sources(const struct heard *heard) {
    return heard->event->type == EVENT_policy && stream_is_hub(id_stream(heard->record->id)) &&
           view_is(heard->event->body.policy.key, policies[POLICY_REGIONAL_SOURCES].key);
}

static void index_event(struct sitting *s, const struct heard *heard) {
    struct doubles *d = s->judge->doubles;
    const struct event *e = heard->event;
    uint64_t id = heard->record->id;
    uint8_t key[REF_HASH_SIZE];
    if (e->type == EVENT_voided) hear_void(s, heard);
    if (e->type == EVENT_rehomed) hear_rehomed(d, heard);
    if (!model_can_void(e->type)) return;
    if (e->origin.chain.data != NULL) mark(d, e->origin.chain.data, id);
    if (e->type == EVENT_linked && judged(id, e)) {
        hear_link(s, heard);
    } else if (regional(s, heard)) {
        hash_of(&e->ref, key);
        mark(d, key, id);
    }
}

void doubles_hear(struct sitting *s, const struct heard *heard) {
    struct doubles *d = s->judge->doubles;
    bool origin = heard->event->origin.chain.data != NULL;
    if (origin) s->judge->origins++;
    if (heard->record->position == 1) d->complete = d->asked = true; /* from the first record on */
    if (names_sources(heard)) {                                      /* refs heard before may be regional now */
        d->complete = false;
        d->wanted = true;
    }
    if (!d->complete) d->wanted = d->wanted || origin || foreign_hub(s, heard->record->id);
    if (d->complete) index_event(s, heard);
}

/* ---- Reading it from the log ---- */

static bool needed_before(struct sitting *s) {
    struct head *heads = NULL;
    size_t count = 0;
    site_read(s->site);
    bool needed = model_policy(s->site->model, view_of(policies[POLICY_REGIONAL_SOURCES].key), TIME_NONE).data != NULL;
    site_unread(s->site);
    needed = needed || s->judge->origins > 0;
    if (!needed && s->site->log->ops->heads(s->site->log, &heads, &count, NULL) == 0)
        for (size_t i = 0; i < count; i++) needed = needed || foreign_hub(s, id_make(heads[i].stream, 1));
    free(heads);
    return needed;
}

static int read_index(struct sitting *s, uint64_t to, struct err *err) {
    struct doubles *d = s->judge->doubles;
    struct log_iterator *it;
    struct record record;
    forget(d);
    int code = s->site->log->ops->iterate(s->site->log, &it, err);
    if (code != 0) return code;
    code = it->ops->seek(it, 1);
    while (code == 0 && (code = it->ops->next(it, &record, err)) == 0 && record.position <= to) {
        struct event event;
        int standing = event_decode(record.frame, &event, NULL);
        if (standing == EVENT_GOOD) index_event(s, &(struct heard){&record, &event, standing});
    }
    it->ops->close(it);
    if (code < 0) return code;
    d->complete = true;
    d->wanted = false;
    return 0;
}

/* Chain values of what the hub has of a re-homed stream, as far as it has it. */
static int follow(struct sitting *s, struct watch *watch, struct err *err) {
    struct doubles *d = s->judge->doubles;
    struct buf copy = BUF_INIT;
    struct record record;
    uint64_t position;
    int code = 0;
    while (log_position_of(s->site->log, id_make(watch->stream, watch->next), &position) == 0) {
        buf_clear(&copy);
        code = log_get(s->site->log, position, &record, &copy, err);
        if (code != 0) break;
        chain_next(watch->chain, record.frame);
        mark(d, watch->chain, record.id);
        watch->next++;
    }
    buf_release(&copy);
    return code;
}

/* ---- Judging ---- */

enum standing_word { FREE, WITHDRAWN, KEPT };

struct member {
    uint64_t id, hlc, subject;
    uint16_t type;
    bool rehomed, judged, voided;
    enum standing_word word;
};

struct group {
    VEC(uint64_t) ids;
    VEC(struct member) members;
    struct idmap seen;         /* of the whole sitting */
    uint64_t since, since_hlc; /* people's latest word on one of them; 0: none */
};

static void group_add(struct group *g, uint64_t id) {
    bool added;
    idmap_put(&g->seen, id, &added);
    if (added && g->ids.count < MEMBERS_MAX) *VEC_ADD(g->ids) = id;
}

static void group_gather(const struct doubles *d, struct group *g, uint64_t id) {
    g->ids.count = g->members.count = 0;
    g->since = g->since_hlc = 0;
    group_add(g, id);
    for (uint32_t n = 0; n < g->ids.count; n++)
        for (uint32_t i = first_of(&d->by_id, g->ids.items[n]); i != 0; i = d->marks.items[i - 1].next_of_id) {
            const uint8_t *key = d->marks.items[i - 1].key;
            uint32_t k = first_of(&d->by_key, place_of(key));
            while ((k = next_with(d, k, key)) != 0) {
                group_add(g, d->marks.items[k - 1].id);
                k = d->marks.items[k - 1].next_of_key;
            }
        }
}

static enum standing_word word_on(const struct doubles *d, struct group *g, uint64_t id) {
    uint32_t at = first_of(&d->word_of, id);
    if (at == 0) return FREE;
    const struct word *word = &d->words.items[at - 1];
    if (word->person == 0) return FREE;
    if (later(word->person_hlc, word->person, g->since_hlc, g->since)) {
        g->since = word->person;
        g->since_hlc = word->person_hlc;
    }
    if (word->person_on) return WITHDRAWN;
    bool against_judge = word->judge != 0 && later(word->person_hlc, word->person, word->judge_hlc, word->judge);
    return against_judge ? KEPT : FREE;
}

static int group_load(struct sitting *s, struct group *g, struct err *err) {
    struct buf copy = BUF_INIT;
    int code = 0;
    for (uint32_t i = 0; code == 0 && i < g->ids.count; i++) {
        struct record record;
        struct event e;
        buf_clear(&copy);
        code = log_get_id(s->site->log, g->ids.items[i], &record, &copy, err);
        if (code != 0 || event_decode(record.frame, &e, NULL) != EVENT_GOOD || !model_can_void(e.type)) continue;
        struct member *m = VEC_ADD(g->members);
        *m = (struct member){.id = record.id, .subject = e.subject, .type = e.type};
        m->rehomed = e.origin.chain.data != NULL;
        m->judged = judged(record.id, &e);
        m->word = word_on(s->judge->doubles, g, record.id);
        site_read(s->site);
        m->hlc = model_hlc(s->site->model, record.id, &e);
        m->voided = model_voided(s->site->model, record.id);
        site_unread(s->site);
    }
    buf_release(&copy);
    return code;
}

static int by_precedence(const void *a, const void *b) {
    const struct member *x = a, *y = b;
    if (x->judged && y->judged) return x->id < y->id ? -1 : x->id > y->id;
    if (x->rehomed != y->rehomed) return x->rehomed ? 1 : -1;
    if (x->hlc != y->hlc) return x->hlc < y->hlc ? -1 : 1;
    return x->id < y->id ? -1 : x->id > y->id;
}

/* Which of the free ones counts: the first that does so far, else the first that the judge voided; NULL: none. */
static const struct member *choose(const struct group *g) {
    const struct member *first = NULL, *voided = NULL;
    for (uint32_t i = 0; i < g->members.count; i++) {
        const struct member *m = &g->members.items[i];
        if (m->type == EVENT_registered) continue;
        if (m->word == KEPT || (m->judged && m->word == WITHDRAWN)) return NULL;
        if (m->word != FREE) continue;
        if (!m->voided && first == NULL) first = m;
        if (m->voided && voided == NULL) voided = m;
    }
    return first != NULL ? first : voided;
}

static void rule(struct sitting *s, const struct group *g, const struct member *m, bool on,
                 const struct member *chosen) {
    char id[ID_TEXT], since[ID_TEXT], other[ID_TEXT];
    struct ruling *ruling = sitting_rule(s, EVENT_voided, m->subject);
    struct body_voided *body = &ruling->draft.event.body.voided;
    body->event = m->id;
    body->on = on;
    id_format(m->id, id);
    id_format(g->since, since);
    snprintf(ruling->ref, sizeof ruling->ref, "%s %s %s", on ? "void" : "count", id, g->since == 0 ? "0" : since);
    if (on && chosen != NULL && chosen != m)
        snprintf(ruling->reason, sizeof ruling->reason, "came twice: %s counts", id_format(chosen->id, other));
    else
        snprintf(ruling->reason, sizeof ruling->reason, "%s, after what %s says", on ? "came twice" : "counts",
                 g->since == 0 ? "nobody" : since);
}

static int join_registrations(struct sitting *s, const struct group *g, struct err *err) {
    uint64_t first = 0;
    int code = 0;
    for (uint32_t i = 0; code == 0 && i < g->members.count; i++) {
        const struct member *m = &g->members.items[i];
        if (m->type != EVENT_registered) continue;
        if (first == 0)
            first = m->id;
        else
            code = links_join(s, m->id, first, NULL, "twice", choice_link_reason_twice, err);
    }
    return code;
}

static int judge_group(struct sitting *s, struct group *g, struct err *err) {
    int code = group_load(s, g, err);
    if (code != 0 || g->members.count < 2) return code;
    qsort(g->members.items, g->members.count, sizeof *g->members.items, by_precedence);
    const struct member *chosen = choose(g);
    for (uint32_t i = 0; i < g->members.count; i++) {
        const struct member *m = &g->members.items[i];
        if (m->type == EVENT_registered) continue;
        bool counts = m->word == KEPT || m == chosen;
        if (counts == m->voided) rule(s, g, m, !counts, chosen);
    }
    return join_registrations(s, g, err);
}

int doubles_judge(struct sitting *s, uint64_t to, struct err *err) {
    struct doubles *d = s->judge->doubles;
    struct group g = {.since = 0};
    int code = 0;
    if (!d->asked) d->wanted = needed_before(s) || d->wanted;
    d->asked = true;
    if (!d->complete && d->wanted) code = read_index(s, to, err);
    for (uint32_t i = 0; code == 0 && i < d->watches.count; i++) code = follow(s, &d->watches.items[i], err);
    for (uint32_t i = 0; code == 0 && i < d->touched.count; i++) {
        uint64_t id = d->touched.items[i];
        if (idmap_find(&g.seen, id) != NULL) continue;
        group_gather(d, &g, id);
        if (g.ids.count > 1) code = judge_group(s, &g, err);
    }
    if (code == 0) d->touched.count = 0;
    VEC_RELEASE(g.ids);
    VEC_RELEASE(g.members);
    idmap_release(&g.seen);
    return code;
}
