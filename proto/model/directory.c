/* The directory: stores, staff, policy. Each event is kept; of those that speak of the same thing the latest live one
 * by (hlc, id) holds. */
#include <string.h>

#include "proto/model/state.h"

/* ---- Stores, by code ---- */

static uint32_t store_place(const struct model *model, struct view code) {
    uint32_t low = 0, high = model->stores.count;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (view_compare(words_view(&model->words, model->stores.items[middle].code), code) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

/* The events of a type that begin with the same word. */
static uint64_t alike(uint16_t type, uint32_t word) { return (uint64_t)type << 32 | word; }

static uint32_t first_notice(const struct model *model, uint16_t type, uint32_t word) {
    const uint64_t *head = idmap_find(&model->notices_of, alike(type, word));
    return head == NULL ? NONE : (uint32_t)*head;
}

static const struct notice *latest_of(const struct model *model, uint16_t type, uint32_t word) {
    const struct notice *latest = NULL;
    for (uint32_t i = first_notice(model, type, word); i != NONE; i = model->notices.items[i].next) {
        const struct notice *notice = &model->notices.items[i];
        if (notice->dead) continue;
        if (latest == NULL || later(notice->hlc, notice->id, latest->hlc, latest->id)) latest = notice;
    }
    return latest;
}

static void resolve_store(struct model *model, uint32_t code) {
    uint32_t at = store_place(model, words_view(&model->words, code));
    bool there = at < model->stores.count && model->stores.items[at].code == code;
    const struct notice *notice = latest_of(model, EVENT_store_opened, code);
    if (notice == NULL && !there) return;
    if (!there) VEC_RESERVE(model->stores, 1);
    struct store *store = &model->stores.items[at];
    size_t after = (model->stores.count - at) * sizeof *store;
    if (notice == NULL) {
        memmove(store, store + 1, after - sizeof *store);
        model->stores.count--;
        return;
    }
    if (!there) {
        memmove(store + 1, store, after);
        model->stores.count++;
    }
    *store = (struct store){code, notice->words[1], notice->words[2]};
}

/* ---- Events ---- */

static void read_notice(struct model *model, const struct event *e, struct notice *notice) {
    struct words *words = &model->words;
    switch (e->type) {
    case EVENT_store_opened:
        notice->words[0] = words_put(words, e->body.store_opened.store);
        notice->words[1] = words_put(words, e->body.store_opened.name);
        notice->words[2] = words_put(words, e->body.store_opened.chain);
        break;
    case EVENT_staff:
        notice->words[0] = words_put(words, e->body.staff.code);
        notice->role = (uint8_t)e->body.staff.role;
        notice->active = e->body.staff.active == 1;
        notice->keeper = e->body.staff.keeper == 1;
        break;
    default:
        notice->words[0] = words_put(words, e->body.policy.key);
        notice->words[1] = words_put(words, e->body.policy.value);
        notice->from = e->body.policy.effective_from;
        break;
    }
}

void fold_notice(const struct folding *f) {
    struct model *model = f->model;
    uint32_t index = model->notices.count;
    struct notice *notice = VEC_ADD(model->notices);
    *notice = (struct notice){
        .id = f->id,
        .hlc = f->hlc,
        .subject = f->subject,
        .from = NIL,
        .type = f->event->type,
        .dead = f->dead,
    };
    read_notice(model, f->event, notice);
    notice->next = first_notice(model, notice->type, notice->words[0]);
    *idmap_put(&model->notices_of, alike(notice->type, notice->words[0]), NULL) = index;
    thing_put(model, f->id, THING_NOTICE, index);
    if (notice->type == EVENT_store_opened) resolve_store(model, notice->words[0]);
    if (notice->type == EVENT_staff && f->entry != NONE) model->entries.items[f->entry].flags |= ENTRY_STAFF;
}

void notice_void(struct model *model, uint32_t index, bool dead) {
    struct notice *notice = &model->notices.items[index];
    notice->dead = dead;
    if (notice->type == EVENT_store_opened) resolve_store(model, notice->words[0]);
}

/* ---- What is asked of it ---- */

static void tell(const struct model *model, const struct store *store, struct store_state *out) {
    out->code = words_view(&model->words, store->code);
    out->name = words_view(&model->words, store->name);
    out->chain = words_view(&model->words, store->chain);
}

bool model_store(const struct model *model, struct view code, struct store_state *out) {
    uint32_t word = words_find(&model->words, code);
    if (word == NONE || word == 0) return false;
    uint32_t at = store_place(model, code);
    if (at < model->stores.count && model->stores.items[at].code == word) {
        tell(model, &model->stores.items[at], out);
        return true;
    }
    for (uint32_t i = 0; i < model->assumed_stores.count; i++)
        if (model->assumed_stores.items[i].code == word) {
            tell(model, &model->assumed_stores.items[i], out);
            return true;
        }
    return false;
}

bool model_store_at(const struct model *model, size_t index, struct store_state *out) {
    if (index >= model->stores.count) return false;
    tell(model, &model->stores.items[index], out);
    return true;
}

void model_assume_store(struct model *model, uint32_t stream, struct view code, struct view name, struct view chain) {
    struct store store = {words_put(&model->words, code), words_put(&model->words, name),
                          words_put(&model->words, chain)};
    stream_of(model, stream)->assumed_store = store.code;
    for (uint32_t i = 0; i < model->assumed_stores.count; i++)
        if (model->assumed_stores.items[i].code == store.code) {
            model->assumed_stores.items[i] = store;
            return;
        }
    *VEC_ADD(model->assumed_stores) = store;
}

/* In force: of those from before `at` the one from the latest date, and of these the one said last. */
static bool comes_before(const struct notice *a, const struct notice *b) {
    return a->from != b->from ? a->from > b->from : later(a->hlc, a->id, b->hlc, b->id);
}

void model_assume_policy(struct model *model, struct view key, struct view value) {
    uint32_t word = words_put(&model->words, value);
    *idmap_put(&model->assumed_policy, words_put(&model->words, key), NULL) = word;
}

void model_assuming(struct model *model, bool on) { model->assumes_nothing = !on; }

void model_assume_currency(struct model *model, const struct currency *currency) { model->currency = *currency; }

struct view model_policy(const struct model *model, struct view key, int64_t at) {
    uint32_t word = words_find(&model->words, key);
    bool assumes = word != NONE && !model->assumes_nothing;
    const uint64_t *assumed = !assumes ? NULL : idmap_find(&model->assumed_policy, word);
    if (assumed != NULL) return words_view(&model->words, (uint32_t)*assumed);
    const struct notice *best = NULL;
    for (uint32_t i = first_notice(model, EVENT_policy, word); i != NONE; i = model->notices.items[i].next) {
        const struct notice *notice = &model->notices.items[i];
        if (notice->dead) continue;
        if (notice->from > at && at != TIME_NONE) continue;
        if (best == NULL || comes_before(notice, best)) best = notice;
    }
    return best == NULL ? VIEW_NONE : words_view(&model->words, best->words[1]);
}

int64_t model_policy_next(const struct model *model, int64_t after) {
    int64_t next = TIME_NONE;
    for (uint32_t i = 0; i < model->notices.count; i++) {
        const struct notice *notice = &model->notices.items[i];
        if (notice->type != EVENT_policy || notice->dead || notice->from == NIL || notice->from <= after) continue;
        if (next == TIME_NONE || notice->from < next) next = notice->from;
    }
    return next;
}

int64_t model_policy_change(const struct model *model, struct view key, int64_t after) {
    uint32_t word = words_find(&model->words, key);
    int64_t next = TIME_NONE;
    for (uint32_t i = first_notice(model, EVENT_policy, word); i != NONE; i = model->notices.items[i].next) {
        const struct notice *notice = &model->notices.items[i];
        if (notice->dead || notice->from == NIL || notice->from <= after) continue;
        if (next == TIME_NONE || notice->from < next) next = notice->from;
    }
    return next;
}

static uint32_t store_of_stream(const struct model *model, uint32_t number) {
    const struct stream *stream = stream_find(model, number);
    return stream == NULL ? 0 : stream_store(stream);
}

/* The same code in two stores is two people; at the hub, whichever incarnation said it, one; in a stream whose store
 * nobody knows, its own. */
static bool same_staff(const struct model *model, const struct notice *a, const struct notice *b) {
    uint32_t a_stream = id_stream(a->id), b_stream = id_stream(b->id);
    uint32_t store = store_of_stream(model, a_stream);
    bool hubs = stream_is_hub(a_stream) && stream_is_hub(b_stream);
    return a_stream == b_stream || hubs || (store != 0 && store == store_of_stream(model, b_stream));
}

static bool holds(const struct model *model, const struct notice *staff) {
    for (uint32_t i = first_notice(model, EVENT_staff, staff->words[0]); i != NONE; i = model->notices.items[i].next) {
        const struct notice *other = &model->notices.items[i];
        if (!other->dead && same_staff(model, staff, other) && later(other->hlc, other->id, staff->hlc, staff->id))
            return false;
    }
    return true;
}

bool model_staff_next(const struct model *model, size_t *cursor, struct staff_state *out) {
    while (*cursor < model->notices.count) {
        const struct notice *staff = &model->notices.items[(*cursor)++];
        if (staff->type != EVENT_staff || staff->dead || !holds(model, staff)) continue;
        *out = (struct staff_state){
            .event = staff->id,
            .subject = staff->subject,
            .store = words_view(&model->words, store_of_stream(model, id_stream(staff->id))),
            .code = words_view(&model->words, staff->words[0]),
            .role = staff->role,
            .active = staff->active,
            .keeper = staff->keeper,
        };
        return true;
    }
    return false;
}
