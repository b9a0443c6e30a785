#include "proto/api/sessions.h"

#include <sodium.h>
#include <stdlib.h>

static uint64_t key_of(const uint8_t hash[SESSION_HASH]) { return get_u64_le(hash) | 1; }

int64_t session_lasts_until(const struct session *s) {
    int64_t idle = s->used + s->idle_ms, last = s->began + s->longest_ms;
    return idle < last ? idle : last;
}

void sessions_remove(struct sessions *sessions, struct session *session) {
    struct session *last = &sessions->items[sessions->count - 1];
    idmap_remove(&sessions->by_hash, key_of(session->hash));
    if (last != session) {
        *session = *last;
        *idmap_put(&sessions->by_hash, key_of(session->hash), NULL) = (uint64_t)(session - sessions->items) + 1;
    }
    sodium_memzero(last, sizeof *last);
    sessions->count--;
}

struct session *sessions_find(struct sessions *sessions, const uint8_t hash[SESSION_HASH], int64_t now) {
    const uint64_t *place = idmap_find(&sessions->by_hash, key_of(hash));
    if (place == NULL) return NULL;
    struct session *session = &sessions->items[*place - 1];
    if (sodium_memcmp(session->hash, hash, SESSION_HASH) != 0) return NULL;
    if (now < session_lasts_until(session)) return session;
    sessions_remove(sessions, session);
    return NULL;
}

/* Makes room: what has ended goes, and of an account with too many, or of all when there are too many, the one unused
 * for longest. */
static void make_room(struct sessions *sessions, const struct session *fresh) {
    size_t own = 0;
    struct session *oldest_own = NULL, *oldest = NULL;
    for (size_t i = sessions->count; i-- > 0;)
        if (session_lasts_until(&sessions->items[i]) <= fresh->began) sessions_remove(sessions, &sessions->items[i]);
    for (size_t i = 0; i < sessions->count; i++) {
        struct session *s = &sessions->items[i];
        if (oldest == NULL || s->used < oldest->used) oldest = s;
        if (strcmp(s->who.name, fresh->who.name) != 0) continue;
        own++;
        if (oldest_own == NULL || s->used < oldest_own->used) oldest_own = s;
    }
    if (own >= SESSIONS_OF_ONE)
        sessions_remove(sessions, oldest_own);
    else if (sessions->count == SESSIONS_MAX)
        sessions_remove(sessions, oldest);
}

void sessions_add(struct sessions *sessions, const struct session *fresh) {
    bool added;
    make_room(sessions, fresh);
    if (sessions->count == sessions->room) {
        sessions->room = sessions->room == 0 ? 16 : 2 * sessions->room;
        sessions->items = mem_resize(sessions->items, sessions->room * sizeof *sessions->items);
    }
    uint64_t *place = idmap_put(&sessions->by_hash, key_of(fresh->hash), &added);
    if (added) *place = ++sessions->count;
    sessions->items[*place - 1] = *fresh;
}

void sessions_release(struct sessions *sessions) {
    if (sessions->items != NULL) sodium_memzero(sessions->items, sessions->room * sizeof *sessions->items);
    free(sessions->items);
    idmap_release(&sessions->by_hash);
    *sessions = (struct sessions){.count = 0};
}
