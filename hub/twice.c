#include "hub/twice.h"

#include <string.h>

#include "hub/visits.h"
#include "proto/base/cursor.h"
#include "proto/base/pack.h"
#include "proto/event/describe.h"

#define NAME_SIZE 24

static struct view name_of(uint32_t stream, char out[NAME_SIZE]) {
    snprintf(out, NAME_SIZE, "twice %u", stream);
    return view_of(out);
}

static struct twice *find(const struct twices *twices, uint32_t stream) {
    for (uint32_t i = 0; i < twices->items.count; i++)
        if (twices->items.items[i].stream == stream) return &twices->items.items[i];
    return NULL;
}

static struct twice *of(struct twices *twices, uint32_t stream) {
    struct twice *known = find(twices, stream);
    if (known == NULL) {
        known = VEC_ADD(twices->items);
        *known = (struct twice){.stream = stream};
    }
    return known;
}

bool twices_have(const struct twices *twices, uint32_t stream) { return find(twices, stream) != NULL; }

void twices_hear(struct twices *twices, struct view frame) {
    struct event event;
    if (event_decode(frame, &event, NULL) != EVENT_GOOD) return;
    if (event.type == EVENT_stream_opened) {
        struct twice *twice = of(twices, (uint32_t)event.body.stream_opened.stream);
        twice->opened = true;
        memcpy(twice->secret_hash, event.body.stream_opened.secret_hash.data, sizeof twice->secret_hash);
    } else if (event.type == EVENT_stream_keyed) {
        struct twice *twice = of(twices, (uint32_t)event.body.stream_keyed.stream);
        twice->keyed = true;
        memcpy(twice->key, event.body.stream_keyed.key.data, sizeof twice->key);
    }
}

void twices_settle(struct twices *twices, const struct model *other) {
    uint32_t left = 0;
    for (uint32_t i = 0; i < twices->items.count; i++) {
        const struct twice *twice = &twices->items.items[i];
        struct stream_state state;
        if (!model_stream(other, twice->stream, &state)) continue;
        bool opened = twice->opened && state.opened &&
                      memcmp(twice->secret_hash, state.secret_hash, sizeof twice->secret_hash) != 0;
        bool keyed = twice->keyed && state.keyed && memcmp(twice->key, state.key, PUBLIC_KEY_SIZE) != 0;
        if (opened || keyed) twices->items.items[left++] = *twice;
    }
    twices->items.count = left;
}

bool twices_have_value(const struct twices *twices, struct view key) {
    bool have = false;
    for (uint32_t i = 0; i < twices->items.count && !have; i++) {
        struct buf name = BUF_INIT;
        visit_key(twices->items.items[i].stream, &name);
        have = view_equal(key, buf_view(&name));
        buf_release(&name);
    }
    return have;
}

/* ---- What stays behind ---- */

static bool concerns(const struct twices *twices, uint64_t id) {
    return id != 0 && (twices_have(twices, id_stream(id)) || idmap_find(&twices->stayed, id) != NULL);
}

static bool any_concerns(const struct twices *twices, struct list list) {
    bool any = false;
    for (uint64_t id; list.count > 0 && list_next_id(&list, &id);) any |= concerns(twices, id);
    return any;
}

static bool says_of_stream(const struct twices *twices, const struct event *event) {
    switch (event->type) {
    case EVENT_stream_opened: return twices_have(twices, (uint32_t)event->body.stream_opened.stream);
    case EVENT_stream_keyed: return twices_have(twices, (uint32_t)event->body.stream_keyed.stream);
    case EVENT_stream_revoked: return twices_have(twices, (uint32_t)event->body.stream_revoked.stream);
    default: return false;
    }
}

bool twices_stays(void *context, uint64_t id, const struct event *event) {
    struct twices *twices = context;
    const struct event_info *info = event_info(event->type);
    bool stays = says_of_stream(twices, event) || concerns(twices, event->subject);
    for (size_t i = 0; info != NULL && i < info->count && !stays; i++) {
        const void *field = (const char *)&event->body + info->fields[i].offset;
        if (info->fields[i].kind == KIND_ID) stays = concerns(twices, *(const uint64_t *)field);
        if (info->fields[i].kind == KIND_IDS) stays = any_concerns(twices, *(const struct list *)field);
    }
    if (stays) *idmap_put(&twices->stayed, id, NULL) = 1;
    return stays;
}

void twices_release(struct twices *twices) {
    VEC_RELEASE(twices->items);
    idmap_release(&twices->stayed);
}

/* ---- Whose it was ---- */

int twices_note(const struct twices *twices, const struct model *other, struct site *to, struct err *err) {
    int code = 0;
    for (uint32_t i = 0; i < twices->items.count && code == 0; i++) {
        uint32_t stream = twices->items.items[i].stream;
        struct stream_state state;
        struct buf value = BUF_INIT;
        char name[NAME_SIZE];
        if (!model_stream(other, stream, &state) || !state.keyed) continue; /* no PC has come with it */
        pack_bin(&value, state.store);
        pack_bin(&value, view_make(state.key, sizeof state.key));
        struct log_value row = {name_of(stream, name), buf_view(&value)};
        code = site_set_values(to, &row, 1, err);
        buf_release(&value);
    }
    return code;
}

bool twice_is(struct site *site, uint32_t stream, const uint8_t key[PUBLIC_KEY_SIZE], struct buf *store) {
    struct buf value = BUF_INIT;
    char name[NAME_SIZE];
    bool is = site->log->ops->value(site->log, name_of(stream, name), &value) == 0;
    if (is) {
        struct cursor c = cursor_of(buf_view(&value));
        struct view code = cursor_bin(&c), lost = cursor_bin_exact(&c, PUBLIC_KEY_SIZE);
        is = cursor_done(&c) && memcmp(lost.data, key, PUBLIC_KEY_SIZE) == 0;
        if (is) {
            buf_clear(store);
            buf_append_view(store, code);
        }
    }
    buf_release(&value);
    return is;
}
