/* A PC that was restored from an older copy, or cloned, gets a new stream of its store: the old one is its twin's, or
 * has gone on without it. */
#include <string.h>

#include "hub/session.h"

struct moving {
    struct session *session;
    struct view key;
    uint32_t stream; /* the new one */
};

/* The stream that has this key already; false: none. */
static bool find_key(struct site *site, struct view key, struct stream_state *out) {
    bool found = false;
    site_read(site);
    for (size_t i = 0; !found && model_stream_at(site->model, i, out); i++)
        found = out->keyed && memcmp(out->key, key.data, PUBLIC_KEY_SIZE) == 0;
    out->store = VIEW_NONE;
    site_unread(site);
    return found;
}

/* In the writer's turn, so that no number is given out twice. */
static int settle_opened(struct draft *draft, const struct draft *batch, struct err *err) {
    (void)batch;
    struct moving *moving = draft->context;
    struct site *site = moving->session->desk->site;
    uint32_t incarnation = site->config.incarnation, counter = 0;
    struct stream_state stream;
    site_read(site);
    for (size_t i = 0; model_stream_at(site->model, i, &stream); i++)
        if (stream_incarnation(stream.stream) == incarnation && (stream.stream & 0xFFFF) > counter)
            counter = stream.stream & 0xFFFF;
    site_unread(site);
    if (counter == 0xFFFF) return err_set(err, ERR_LIMIT, NULL, "this hub has given out all its 65,535 streams");
    moving->stream = stream_make(incarnation, counter + 1);
    draft->event.body.stream_opened.stream = moving->stream;
    return 0;
}

static int settle_keyed(struct draft *draft, const struct draft *batch, struct err *err) {
    (void)batch;
    (void)err;
    const struct moving *moving = draft->context;
    draft->event.body.stream_keyed.stream = moving->stream;
    return 0;
}

/* Opened and keyed in one commit: there is no secret that anybody could join it with. */
static int open_stream(struct moving *moving, struct err *err) {
    struct session *session = moving->session;
    struct draft drafts[2] = {{.subject = SUBJECT_GIVEN, .settle = settle_opened, .context = moving},
                              {.subject = SUBJECT_GIVEN, .settle = settle_keyed, .context = moving}};
    uint8_t secret[SECRET_SIZE], hash[32];
    env_random(session->desk->site->env, secret, sizeof secret);
    join_secret_hash(secret, hash);
    event_init(&drafts[0].event, EVENT_stream_opened);
    struct body_stream_opened *opened = &drafts[0].event.body.stream_opened;
    opened->store = buf_view(&session->store);
    opened->secret_hash = view_make(hash, sizeof hash);
    opened->replaces = session->stream;
    event_init(&drafts[1].event, EVENT_stream_keyed);
    drafts[1].event.body.stream_keyed.key = moving->key;
    return site_write(session->desk->site, drafts, 2, NULL, 0, NULL, err);
}

static void note_moved(struct session *session, uint32_t stream) {
    struct visits *visits = &session->desk->visits;
    struct visit visit;
    if (session->unknown == UNKNOWN_TWICE) return; /* the number is another PC's */
    if (visits_load(visits, session->stream, &visit, NULL) != 0) return;
    if (visit.copy_at == 0) visit.copy_at = env_now(session->desk->site->env);
    visit.copy_moved_to = stream;
    visits_note(visits, session->stream, &visit);
    ingest_wake(session->desk->ingest);
}

void session_move(struct session *session, struct view new_key) {
    struct site *site = session->desk->site;
    struct moving moving = {.session = session, .key = new_key};
    struct stream_state known;
    struct err err = {.code = 0};
    if (find_key(site, new_key, &known)) { /* asked before: the answer was lost */
        if (!known.opened || known.replaces != session->stream || known.revoked) {
            session_end(session, ERR_AUTH, 0, "the new key is another stream's already");
            return;
        }
        moving.stream = known.stream;
    } else if (!key_receives(new_key.data)) {
        session_end(session, ERR_AUTH, 0, "the new key cannot receive sealed boxes");
        return;
    } else if (open_stream(&moving, &err) != 0) {
        session_end(session, err.code, HUB_TROUBLE_RETRY_MS, "the hub cannot write: %s", err.text);
        return;
    } else {
        journal_say(&session->desk->journal, "store %s: a PC restored or cloned from stream %u goes on as stream %u",
                    buf_text(&session->store), session->stream, moving.stream);
    }
    note_moved(session, moving.stream);
    struct message message = {.type = MESSAGE_moved};
    message.body.moved = (struct message_moved){moving.stream, site->config.incarnation};
    session_send(session, &message);
    session->state = SESSION_ENDED;
    if (session->connection != NULL) transport_close(session->connection, true);
}
