/* Forgetting whom the hub has erased, see erasure.h. */
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "proto/base/bug.h"
#include "proto/model/vec.h"
#include "proto/site/asides_os.h"
#include "proto/site/erasure.h"

#define KEYS_OF_ONE 16 /* a clone may have left several; tombstones count */
#define SAID_AT_ONCE 256
#define SAID_SOURCE "key destroyed" /* of the refs: it is said once */

struct aparts {
    struct apart *items;
    uint32_t count, room;
};

struct work {
    struct site *site;
    VEC(uint64_t) ids;        /* of those who are to be forgotten */
    VEC(uint64_t) by;         /* and by which erasure */
    size_t erasures;          /* of the model, these included */
    bool live;                /* some key is still to be destroyed */
    VEC(struct trace) traces; /* of keys of which this stream does not tell yet */
};

/* ---- What is to be done ---- */

static void find_erased(struct work *w) {
    struct erasure_state erasure;
    site_read(w->site);
    for (w->erasures = w->site->forgotten; model_erasure_at(w->site->model, w->erasures, &erasure); w->erasures++)
        for (size_t i = 0; i < erasure.count; i++) {
            *VEC_ADD(w->ids) = erasure.ids[i];
            *VEC_ADD(w->by) = erasure.event;
        }
    site_unread(w->site);
}

static bool said(struct site *site, uint64_t id, const uint8_t fingerprint[FINGERPRINT_BYTES]) {
    struct key_destroyed_state few[KEYS_OF_ONE], *all = few;
    bool found = false;
    site_read(site);
    size_t count = model_keys_destroyed(site->model, id, few, KEYS_OF_ONE);
    if (count > KEYS_OF_ONE) {
        all = mem_alloc(count * sizeof *all);
        model_keys_destroyed(site->model, id, all, count);
    }
    site_unread(site);
    for (size_t i = 0; i < count && !found; i++)
        found = id_stream(all[i].event) == site->config.stream &&
                memcmp(all[i].fingerprint, fingerprint, FINGERPRINT_BYTES) == 0;
    if (all != few) free(all);
    return found;
}

static int look_at(struct work *w, uint64_t id, struct err *err) {
    struct ring_key keys[KEYS_OF_ONE];
    int n = w->site->ring->ops->get(w->site->ring, id, keys, KEYS_OF_ONE, err);
    for (int i = 0; i < n; i++) {
        w->live |= !keys[i].destroyed;
        if (keys[i].destroyed && said(w->site, id, keys[i].fingerprint)) continue;
        struct trace *trace = VEC_ADD(w->traces);
        trace->id = id;
        memcpy(trace->fingerprint, keys[i].fingerprint, FINGERPRINT_BYTES);
    }
    sodium_memzero(keys, sizeof keys);
    return n < 0 ? n : 0;
}

/* ---- What the hub keeps apart ---- */

static void keep_name(struct site *site, uint64_t id, uint64_t erasure, struct aparts *aparts) {
    struct buf written = BUF_INIT;
    struct apart row = {.erasure = erasure};
    site_remembered(site, id, SEALED_registered_name, &written);
    if (apart_name(site, buf_view(&written), &row.tag)) *VEC_ADD(*aparts) = row;
    buf_wipe(&written);
}

static void keep_strong_keys(struct site *site, uint64_t id, uint64_t erasure, struct aparts *aparts) {
    static const struct {
        enum tag_kind kind;
        int bit;
    } strong[] = {
        {TAG_PHONE, SEALED_registered_phone}, {TAG_CARD, SEALED_registered_card}, {TAG_EMAIL, SEALED_registered_email}};
    for (size_t i = 0; i < sizeof strong / sizeof *strong; i++) {
        struct buf written = BUF_INIT;
        struct apart row = {.erasure = erasure};
        site_remembered(site, id, strong[i].bit, &written);
        if (written.len > 0 && site_tag(site, strong[i].kind, buf_view(&written), &row.tag, NULL) == 0)
            *VEC_ADD(*aparts) = row;
        buf_wipe(&written);
    }
}

static bool kept(const struct aparts *aparts, const struct apart *row) {
    for (uint32_t i = 0; i < aparts->count; i++)
        if (aparts->items[i].erasure == row->erasure && aparts->items[i].tag.kind == row->tag.kind &&
            memcmp(aparts->items[i].tag.bytes, row->tag.bytes, TAG_BYTES) == 0)
            return true;
    return false;
}

/* Before the keys go; a crash after it finds the same once more. */
static int keep_apart(struct work *w, struct err *err) {
    struct aparts fresh = {NULL, 0, 0}, all = {NULL, 0, 0};
    struct apart *before;
    size_t count;
    for (uint32_t i = 0; i < w->ids.count; i++) {
        keep_name(w->site, w->ids.items[i], w->by.items[i], &fresh);
        keep_strong_keys(w->site, w->ids.items[i], w->by.items[i], &fresh);
    }
    int code = apart_load(w->site, &before, &count, err);
    for (size_t i = 0; i < count; i++) *VEC_ADD(all) = before[i];
    for (uint32_t i = 0; i < fresh.count; i++)
        if (!kept(&all, &fresh.items[i])) *VEC_ADD(all) = fresh.items[i];
    if (code == 0 && all.count > count) code = apart_store(w->site, all.items, all.count, err);
    VEC_RELEASE(fresh);
    VEC_RELEASE(all);
    free(before);
    return code;
}

/* ---- Doing it ---- */

static int destroy_keys(struct work *w, struct err *err) {
    struct keyring *ring = w->site->ring;
    int code = w->site->config.role == ROLE_HUB ? keep_apart(w, err) : 0;
    for (uint32_t i = 0; code == 0 && i < w->traces.count; i++)
        code = ring->ops->destroy(ring, w->traces.items[i].id, err);
    return code;
}

static int clean_asides(struct work *w, struct err *err) {
    const struct site *site = w->site;
    const struct forgotten forgotten = {w->ids.items, w->ids.count, w->traces.items, w->traces.count};
    if (site->directory == NULL || site->config.role != ROLE_STORE) return 0;
    return asides_forget(site->directory, site->secrets.master, site->env, &forgotten, err);
}

static int clean(struct work *w, struct err *err) {
    struct site *site = w->site;
    if (!w->live && site->cleaned >= w->erasures) return 0;
    int code = w->live ? destroy_keys(w, err) : 0;
    if (code == 0 && w->traces.count > 0 && !BUG(erased_stay_on_disk)) code = site->ring->ops->renew(site->ring, err);
    if (code == 0) code = clean_asides(w, err);
    if (code == 0) site->cleaned = w->erasures;
    return code;
}

static bool may_say(struct site *site) {
    bool waits = site->config.role == ROLE_HUB && site->config.incarnation == INCARNATION_UNKNOWN;
    return !waits && !site->recovering && !site_quarantined(site, NULL);
}

/* Of one of SAID_AT_ONCE. */
struct saying {
    char ref[REF_KEY_MAX + 1];
};

static void say_one(const struct trace *trace, struct saying *saying, struct draft *draft) {
    char id[ID_TEXT], hex[2 * FINGERPRINT_BYTES + 1];
    id_format(trace->id, id);
    hex_encode(view_make(trace->fingerprint, FINGERPRINT_BYTES), hex);
    snprintf(saying->ref, sizeof saying->ref, "%s %s", id, hex);
    *draft = (struct draft){.subject = SUBJECT_GIVEN};
    event_init(&draft->event, EVENT_key_destroyed);
    draft->event.subject = trace->id;
    draft->event.ref = (struct ref){view_of(SAID_SOURCE), view_of(saying->ref)};
    draft->event.body.key_destroyed.fingerprint = view_make(trace->fingerprint, FINGERPRINT_BYTES);
}

static int say(struct work *w, struct err *err) {
    struct draft *drafts = mem_alloc(SAID_AT_ONCE * sizeof *drafts);
    struct saying *sayings = mem_alloc(SAID_AT_ONCE * sizeof *sayings);
    int code = 0;
    for (uint32_t done = 0; code == 0 && done < w->traces.count;) {
        uint32_t count = 0;
        for (; count < SAID_AT_ONCE && done < w->traces.count; count++, done++)
            say_one(&w->traces.items[done], &sayings[count], &drafts[count]);
        code = site_write(w->site, drafts, count, NULL, 0, NULL, err);
    }
    free(drafts);
    free(sayings);
    return code;
}

int site_forget(struct site *site, struct err *err) {
    struct work w = {.site = site};
    int code = 0;
    mutex_lock(&site->forgetting);
    find_erased(&w);
    for (uint32_t i = 0; code == 0 && i < w.ids.count; i++) code = look_at(&w, w.ids.items[i], err);
    if (w.ids.count > 0) {
        site_names_forget(site, w.ids.items, w.ids.count);
        site_anniversaries_forget(site, w.ids.items, w.ids.count);
        hashed_numbers_forget(&site->hashed_numbers);
        news_forget(&site->news);
    }
    if (code == 0) code = clean(&w, err);
    if (code == 0 && may_say(site)) {
        code = say(&w, err);
        if (code == 0) site->forgotten = w.erasures;
    }
    mutex_unlock(&site->forgetting);
    VEC_RELEASE(w.ids);
    VEC_RELEASE(w.by);
    VEC_RELEASE(w.traces);
    return code;
}

bool site_forgot_all(struct site *site) {
    struct erasure_state next;
    mutex_lock(&site->forgetting);
    site_read(site);
    bool all = !model_erasure_at(site->model, site->forgotten, &next);
    site_unread(site);
    mutex_unlock(&site->forgetting);
    return all;
}

/* ---- Keys, for those who hand them on ---- */

bool site_erased(struct site *site, uint64_t id) {
    site_read(site);
    bool erased = model_customer(site->model, id) == CUSTOMER_ERASED;
    site_unread(site);
    return erased;
}

int site_keys(struct site *site, uint64_t id, struct customer_key *out, size_t max, struct err *err) {
    struct ring_key keys[KEYS_OF_ONE];
    size_t count = 0;
    if (site_erased(site, id)) return 0;
    int n = site->ring->ops->get(site->ring, id, keys, KEYS_OF_ONE, err);
    for (int i = 0; i < n && count < max; i++)
        if (!keys[i].destroyed) out[count++] = keys[i].key;
    sodium_memzero(keys, sizeof keys);
    return n < 0 ? n : (int)count;
}

int site_put_keys(struct site *site, const struct ring_put *puts, size_t count, struct err *err) {
    if (count == 0) return 0;
    struct ring_put *taken = mem_alloc(count * sizeof *taken);
    size_t kept = 0;
    for (size_t i = 0; i < count; i++)
        if (model_customer(site->model, puts[i].id) != CUSTOMER_ERASED || BUG(erased_key_again))
            taken[kept++] = puts[i];
    int code = kept == 0 ? 0 : site->ring->ops->put(site->ring, taken, kept, err);
    news_of_puts(&site->news, taken, kept);
    sodium_memzero(taken, count * sizeof *taken);
    free(taken);
    return code;
}
