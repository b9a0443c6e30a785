#include "hub/desk.h"

#include <string.h>
#include <utlist.h>

#include "hub/session.h"

void desk_open(struct desk *desk, struct site *site, struct ingest *ingest, FILE *journal) {
    *desk = (struct desk){.site = site,
                          .ingest = ingest,
                          .held_most = DESK_HELD_MAX,
                          .handing_most = HANDING_TOGETHER,
                          .handing_one = HANDING_MOST,
                          .journal = {journal, site->env}};
    memcpy(desk->hub_certificate, site->secrets.certificate, SIGNATURE_SIZE);
    mutex_init(&desk->lock);
    mutex_init(&desk->greeting);
    directory_open(&desk->directory);
    visits_open(&desk->visits, site);
    struct err err;
    if (lacking_open(&desk->lacking, site, &err) != 0)
        journal_say(&desk->journal, "which keys are lacking cannot be found out: %s", err.text);
    if (desk->lacking.ids.count > 0)
        journal_say(&desk->journal,
                    "the keys of %u customers are lacking: the key ring is older than the log; stores "
                    "are asked for them",
                    desk->lacking.ids.count);
}

void desk_close(struct desk *desk) {
    door_tell(desk, true);
    idmap_release(&desk->sessions);
    directory_close(&desk->directory);
    visits_close(&desk->visits);
    lacking_close(&desk->lacking);
    mutex_destroy(&desk->lock);
    mutex_destroy(&desk->greeting);
}

/* Takes one session off the list with a reference of its own, so that it stays while it is offered room. */
static struct session *next_waiting(struct desk *desk) {
    mutex_lock(&desk->lock);
    struct session *session = desk->waiting;
    if (session != NULL) {
        DL_DELETE2(desk->waiting, session, previous_waiting, next_waiting);
        session->waiting = false;
        session->references++;
    }
    mutex_unlock(&desk->lock);
    return session;
}

void desk_resume(struct desk *desk) {
    for (struct session *session; (session = next_waiting(desk)) != NULL;) {
        bool taken = session_resume(session);
        session_release_item(session);
        if (!taken) return;
    }
}

static struct session *next_greeted(struct desk *desk, uint64_t upto) {
    mutex_lock(&desk->lock);
    struct session *session = desk->greeted;
    if (session != NULL && session->note > upto) session = NULL;
    if (session != NULL) DL_DELETE2(desk->greeted, session, previous_waiting, next_waiting);
    mutex_unlock(&desk->lock);
    return session;
}

bool desk_welcome(struct desk *desk) {
    struct err err = {.code = 0};
    uint64_t upto;
    door_tell(desk, false);
    int code = visits_write(&desk->visits, &upto, &err);
    for (struct session *session; (session = next_greeted(desk, upto)) != NULL;) {
        session_written(session, code, &err);
        session_release_item(session);
    }
    return code != 0;
}

struct session **desk_sessions(struct desk *desk, size_t *count) {
    *count = 0;
    mutex_lock(&desk->lock);
    struct session **list = mem_alloc((desk->sessions.count + 1) * sizeof(struct session *));
    for (size_t i = 0; desk->sessions.count > 0 && i <= desk->sessions.mask; i++) {
        if (desk->sessions.slots[i].key == 0) continue;
        list[*count] = (struct session *)(uintptr_t)desk->sessions.slots[i].value;
        list[(*count)++]->references++;
    }
    mutex_unlock(&desk->lock);
    return list;
}

size_t desk_stores(struct desk *desk) {
    mutex_lock(&desk->lock);
    size_t stores = desk->sessions.count;
    mutex_unlock(&desk->lock);
    return stores;
}

size_t desk_credit(struct desk *desk) { return ingest_credit(desk->ingest, desk_stores(desk), STORE_CREDIT); }

bool desk_connected(struct desk *desk, uint32_t stream) {
    mutex_lock(&desk->lock);
    bool connected = idmap_find(&desk->sessions, (uint64_t)stream + 1) != NULL;
    mutex_unlock(&desk->lock);
    return connected;
}

void desk_drop(struct desk *desk, uint32_t stream, const char *why) {
    mutex_lock(&desk->lock);
    uint64_t *place = idmap_find(&desk->sessions, (uint64_t)stream + 1);
    struct session *session = place == NULL ? NULL : (struct session *)(uintptr_t)*place;
    if (session != NULL) session->references++;
    mutex_unlock(&desk->lock);
    if (session == NULL) return;
    mutex_lock(&session->lock);
    if (session->connection != NULL) session_end(session, ERR_REVOKED, 0, "%s", why);
    mutex_unlock(&session->lock);
    session_release_item(session);
}

struct transport_handler desk_handler(struct desk *desk) {
    return (struct transport_handler){
        .opened = session_opened, .message = session_message, .closed = session_closed, .context = desk};
}
