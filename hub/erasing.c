#include "hub/erasing.h"

#include <stdlib.h>
#include <string.h>

#include "hub/session.h"
#include "proto/model/vec.h"
#include "proto/site/erasure.h"

#define LOOK_MS 1000

bool erasing_waits_for(const struct stream_state *stream, const struct visit *visit,
                       const struct erasure_state *erasure, uint64_t position) {
    bool older = stream->opened && stream->opened_hlc <= erasure->hlc;
    bool moved = visit->copy_moved_to != 0; /* that PC goes on as another stream */
    return older && !stream->revoked && !moved && visit->erased_upto < position;
}

void erasing_open(struct erasing *erasing, struct desk *desk) {
    *erasing = (struct erasing){.desk = desk, .waiting = true};
}

static bool find_new(struct erasing *erasing) {
    struct site *site = erasing->desk->site;
    struct erasure_state erasure;
    uint64_t position;
    size_t before = erasing->known;
    site_read(site);
    while (model_erasure_at(site->model, erasing->known, &erasure)) {
        erasing->known++;
        if (log_position_of(site->log, erasure.event, &position) == 0 && position > erasing->desk->newest_erasure)
            erasing->desk->newest_erasure = position;
    }
    site_unread(site);
    return erasing->known > before;
}

static void tell(struct erasing *erasing, int code, const struct err *err) {
    if (code != 0 && strcmp(err->text, erasing->trouble.text) != 0)
        journal_say(&erasing->desk->journal, "what was erased cannot be destroyed yet: %s", err->text);
    erasing->trouble = code != 0 ? *err : (struct err){.code = 0};
}

/* ---- How far the stores are ---- */

bool erasing_past(const struct session *session, struct visit *visit) {
    const struct feed_seat *seat = &session->feed;
    struct head head;
    if (seat->told_position <= visit->erased_upto) return false;
    bool here = log_head(session->desk->site->log, session->stream, &head) == 0;
    if ((here ? head.seq : 0) < seat->told_seq) return false;
    visit->erased_upto = seat->told_position;
    return true;
}

/* A store on the line; one that leaves has it noted by session_leave. */
static void note_past(struct desk *desk, struct session *session) {
    struct visit visit;
    mutex_lock(&session->lock);
    bool news = session->state == SESSION_OPEN && session->visit.erased_upto < desk->newest_erasure &&
                erasing_past(session, &session->visit);
    if (news) {
        mutex_lock(&desk->greeting);
        if (visits_load(&desk->visits, session->stream, &visit, NULL) == 0 && erasing_past(session, &visit))
            visits_note(&desk->visits, session->stream, &visit);
        mutex_unlock(&desk->greeting);
    }
    mutex_unlock(&session->lock);
}

static void note_all(struct desk *desk) {
    size_t count;
    struct session **sessions = desk_sessions(desk, &count);
    for (size_t i = 0; i < count; i++) {
        note_past(desk, sessions[i]);
        session_release_item(sessions[i]);
    }
    free(sessions);
}

/* ---- What was kept apart ---- */

/* An erasure as the model has it, by its event. */
static bool find_erasure(struct site *site, uint64_t event, struct erasure_state *out) {
    bool found = false;
    site_read(site);
    for (size_t i = 0; !found && model_erasure_at(site->model, i, out); i++) found = out->event == event;
    site_unread(site);
    return found;
}

static bool waits(struct desk *desk, const struct erasure_state *erasure, uint64_t position) {
    struct site *site = desk->site;
    struct stream_state stream;
    bool wait = false;
    for (size_t i = 0; !wait; i++) {
        struct visit visit;
        site_read(site);
        bool more = model_stream_at(site->model, i, &stream);
        stream.store = VIEW_NONE; /* this view ends here */
        site_unread(site);
        if (!more) break;
        if (stream_is_hub(stream.stream)) continue;
        wait = visits_load(&desk->visits, stream.stream, &visit, NULL) != 0 ||
               erasing_waits_for(&stream, &visit, erasure, position);
    }
    return wait;
}

static bool still_needed(struct desk *desk, const struct apart *row) {
    struct erasure_state erasure;
    uint64_t position;
    if (!find_erasure(desk->site, row->erasure, &erasure)) return false;
    if (log_position_of(desk->site->log, row->erasure, &position) != 0) return true;
    return waits(desk, &erasure, position);
}

/* Rows of one erasure stand together. What is left out goes from the disk, too. How many are left, or negative. */
static int drop_apart(struct desk *desk, struct err *err) {
    struct apart *rows;
    size_t count, kept = 0;
    bool needed = false;
    int code = apart_load(desk->site, &rows, &count, err);
    for (size_t i = 0; code == 0 && i < count; i++) {
        if (i == 0 || rows[i].erasure != rows[i - 1].erasure) needed = still_needed(desk, &rows[i]);
        if (needed) rows[kept++] = rows[i];
    }
    if (code == 0 && kept < count) {
        code = apart_store(desk->site, rows, kept, err);
        if (code == 0) code = desk->site->ring->ops->renew(desk->site->ring, err);
    }
    free(rows);
    return code != 0 ? code : (int)kept;
}

/* ---- A step ---- */

bool erasing_step(struct erasing *erasing) {
    struct desk *desk = erasing->desk;
    struct err err = {.code = 0};
    bool fresh = find_new(erasing);
    int64_t now = env_monotonic(desk->site->env);
    if (!fresh && (!erasing->waiting || now - erasing->looked < LOOK_MS)) return false;
    erasing->looked = now;
    int code = site_forget(desk->site, &err), left = 1;
    note_all(desk);
    if (code == 0 && desk->judged >= log_tip(desk->site->log)) left = drop_apart(desk, &err);
    if (left < 0) code = left;
    const struct erasure_state newest = {.hlc = UINT64_MAX};
    bool level = desk->newest_erasure == 0 || !waits(desk, &newest, desk->newest_erasure);
    erasing->waiting = code != 0 || left > 0 || !level || !site_forgot_all(desk->site);
    tell(erasing, code, &err);
    return fresh;
}
