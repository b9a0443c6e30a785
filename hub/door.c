#include "hub/door.h"

#include <stdio.h>
#include <string.h>
#include <utlist.h>

#include "hub/session.h"

#define KNOCK_US (1000000 / DOOR_KNOCKS)

static int64_t now_ms(const struct desk *desk) { return env_monotonic(desk->site->env); }

static void leave(struct door *door, struct session *session) {
    if (!session->stranger) return;
    DL_DELETE2(door->strangers, session, previous_stranger, next_stranger);
    session->stranger = false;
    door->count--;
}

bool door_enter(struct desk *desk, struct session *session) {
    struct door *door = &desk->door;
    int64_t now = now_ms(desk);
    mutex_lock(&desk->lock);
    struct session *oldest = door->strangers;
    bool full = door->count >= DOOR_STRANGERS, late = full && now - oldest->came >= DOOR_PATIENCE_MS;
    if (late) { /* it is in the list, so its connection's `closed` has not passed door_leave yet */
        leave(door, oldest);
        transport_close(oldest->connection, false);
    }
    if (!full || late) {
        session->came = now;
        session->stranger = true;
        DL_APPEND2(door->strangers, session, previous_stranger, next_stranger);
        door->count++;
    }
    mutex_unlock(&desk->lock);
    return !full || late;
}

void door_leave(struct desk *desk, struct session *session) {
    mutex_lock(&desk->lock);
    leave(&desk->door, session);
    mutex_unlock(&desk->lock);
}

void door_forget(struct desk *desk, struct session *session) { leave(&desk->door, session); }

int64_t door_knock(struct desk *desk) {
    struct door *door = &desk->door;
    int64_t now = now_ms(desk) * 1000, wait = 0;
    mutex_lock(&desk->lock);
    if (door->paid < now) door->paid = now;
    if (door->paid - now < (int64_t)DOOR_KNOCKS_FIRST * KNOCK_US) {
        door->paid += KNOCK_US;
    } else {
        if (door->given < now + DOOR_BACK_FIRST_MS * 1000) door->given = now + DOOR_BACK_FIRST_MS * 1000;
        if (door->given < now + DOOR_BACK_LAST_MS * INT64_C(1000)) door->given += KNOCK_US;
        wait = (door->given - now) / 1000;
    }
    mutex_unlock(&desk->lock);
    return wait;
}

/* ---- The journal ---- */

static void tell(struct desk *desk, struct door_reason *reason, int64_t now) {
    if (reason->more > 0) journal_say(&desk->journal, "dropped %zu more: %s", reason->more, reason->why);
    reason->more = 0;
    reason->said_at = now;
}

/* The one of this reason, or a new one in the place of that which was said longest ago. */
static struct door_reason *find(struct desk *desk, const char *why, int64_t now, bool *known) {
    struct door_reason *reasons = desk->door.reasons, *oldest = reasons;
    char text[sizeof reasons->why];
    snprintf(text, sizeof text, "%s", why);
    *known = true;
    for (size_t i = 0; i < DOOR_REASONS; i++) {
        if (strcmp(reasons[i].why, text) == 0) return &reasons[i];
        if (reasons[i].why[0] == '\0' || (oldest->why[0] != '\0' && reasons[i].said_at < oldest->said_at))
            oldest = &reasons[i];
    }
    tell(desk, oldest, now);
    memcpy(oldest->why, text, sizeof text);
    *known = false;
    return oldest;
}

void door_say(struct desk *desk, const char *peer, const char *why) {
    int64_t now = now_ms(desk);
    bool known;
    mutex_lock(&desk->lock);
    struct door_reason *reason = find(desk, why, now, &known);
    if (known && now - reason->said_at < DOOR_SAYS_EVERY_MS) {
        reason->more++;
    } else {
        tell(desk, reason, now);
        journal_say(&desk->journal, "dropped %s: %s", peer, why);
    }
    mutex_unlock(&desk->lock);
}

void door_tell(struct desk *desk, bool all) {
    int64_t now = now_ms(desk);
    mutex_lock(&desk->lock);
    for (size_t i = 0; i < DOOR_REASONS; i++) {
        struct door_reason *reason = &desk->door.reasons[i];
        if (reason->more > 0 && (all || now - reason->said_at >= DOOR_SAYS_EVERY_MS)) tell(desk, reason, now);
    }
    mutex_unlock(&desk->lock);
}
