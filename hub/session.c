#include "hub/session.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <utlist.h>

static void session_free(struct session *session) {
    session_let_go(session);
    feed_seat_close(&session->feed);
    handing_release(session);
    buf_release(&session->wanted);
    buf_release(&session->store);
    mutex_destroy(&session->lock);
    free(session);
}

static void release_reference(struct session *session) {
    struct desk *desk = session->desk;
    mutex_lock(&desk->lock);
    bool last = --session->references == 0;
    mutex_unlock(&desk->lock);
    if (last) session_free(session);
}

void *session_opened(void *context, struct connection *connection) {
    struct session *session = mem_alloc(sizeof *session);
    session->desk = context;
    session->connection = connection;
    session->references = 1;
    mutex_init(&session->lock);
    if (!door_enter(session->desk, session)) {
        door_say(session->desk, transport_peer(connection), "too many who have not said yet who they are");
        session_free(session);
        return NULL;
    }
    transport_limit(connection, MESSAGE_MAX_STRANGER);
    transport_deadline(connection, STRANGER_DEADLINE_MS);
    return session;
}

/* Callers hold session->lock. */
void session_send(struct session *session, const struct message *message) {
    if (session->connection == NULL) return;
    struct buf bytes = BUF_INIT;
    message_encode(message, &bytes);
    transport_send(session->connection, buf_view(&bytes));
    buf_release(&bytes);
}

/* Callers hold session->lock. */
void session_end(struct session *session, int code, int64_t retry_after_ms, const char *format, ...) {
    if (session->state == SESSION_ENDED) return;
    char whole[600], text[301]; /* what is too long is cut between characters: an ERROR holds valid UTF-8 */
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(whole, sizeof whole, format, arguments);
    va_end(arguments);
    view_text(view_of(whole), text, sizeof text);
    struct message message = {.type = MESSAGE_error};
    message.body.error = (struct message_error){(uint64_t)-code, view_of(text), (uint64_t)retry_after_ms};
    session_send(session, &message);
    session->state = SESSION_ENDED;
    if (session->connection == NULL) return;
    if (code == ERR_BUSY)
        door_say(session->desk, transport_peer(session->connection), text);
    else
        journal_say(&session->desk->journal, "refused %s%s%s: %s", transport_peer(session->connection),
                    session->store.len > 0 ? " store " : "", session->store.len > 0 ? buf_text(&session->store) : "",
                    text);
    transport_close(session->connection, true);
}

static bool take_ping(struct session *session, const struct message_ping *ping) {
    if (ping->echo == 1) return true;
    struct message answer = {.type = MESSAGE_ping};
    answer.body.ping = (struct message_ping){ping->number, 1, env_now(session->desk->site->env)};
    session_send(session, &answer);
    return true;
}

static bool take_bye(struct session *session, const struct message_bye *bye) {
    char text[201];
    journal_say(&session->desk->journal, "store %s says bye: %s", buf_text(&session->store),
                view_text(bye->text, text, sizeof text));
    session->state = SESSION_ENDED;
    transport_close(session->connection, true);
    return false;
}

static bool take_fed(struct session *session, const struct message_fed *fed) {
    struct desk *desk = session->desk;
    if (!feed_seat_answered(&session->feed)) {
        session_end(session, ERR_FORMAT, 0, "a FED without a FEED");
        return false;
    }
    if (fed->differs == 1 && !session->feed.differs)
        journal_say(&desk->journal, "store %s: the digest over its people differs from the hub's; its feed starts over",
                    buf_text(&session->store));
    session->feed.start_over |= fed->differs == 1 && !session->feed.differs;
    session->feed.differs = fed->differs == 1;
    if (fed->incarnation == desk->site->config.incarnation) feed_seat_told(&session->feed, fed, desk->newest_erasure);
    if (desk->answered != NULL) desk->answered(desk->feeder);
    return true;
}

static bool take_open(struct session *session, const struct message *message, struct view bytes) {
    transport_deadline(session->connection, SILENCE_DEADLINE_MS);
    bool goes_on = message->type == MESSAGE_push || message->type == MESSAGE_ping || message->type == MESSAGE_fed;
    if (goes_on) atomic_store(&session->token_kept, true);
    switch (message->type) {
    case MESSAGE_push: return session_push(session, &message->body.push, bytes);
    case MESSAGE_ping: return take_ping(session, &message->body.ping);
    case MESSAGE_bye: return take_bye(session, &message->body.bye);
    case MESSAGE_fed: return take_fed(session, &message->body.fed);
    case MESSAGE_error:
        if (-(int)message->body.error.code == ERR_FORKED) session_copy(session);
        if (-(int)message->body.error.code == ERR_CONFLICT)
            session_restored(session, session->desk->site->config.incarnation,
                             "was told other events by this hub than it holds");
        return take_bye(session, &(struct message_bye){.text = message->body.error.text});
    default:
        session_end(session, ERR_FORMAT, 0, "a %s does not belong here", message_name(message->type));
        return false;
    }
}

static bool take_message(struct session *session, const struct message *message, struct view bytes) {
    if (session->state == SESSION_OPEN) return take_open(session, message, bytes);
    if (session->state == SESSION_KNOCKING && message->type == MESSAGE_knock)
        return session_knock(session, &message->body.knock);
    if (session->state == SESSION_PROVING && message->type == MESSAGE_hello)
        return session_hello(session, &message->body.hello);
    if (session->state != SESSION_ENDED)
        session_end(session, ERR_AUTH, 0, "a %s before the store is known", message_name(message->type));
    return false;
}

bool session_message(void *user, struct connection *connection, struct view bytes) {
    (void)connection;
    struct session *session = user;
    struct message message;
    struct err err = {.code = 0};
    int code = message_decode(bytes, &message, &err);
    mutex_lock(&session->lock);
    bool more = session->state != SESSION_ENDED;
    if (more && code < 0) {
        session_end(session, code, 0, "not a message: %s", err.text);
        more = false;
    } else if (more && code == 0) {
        more = take_message(session, &message, bytes);
    }
    mutex_unlock(&session->lock);
    return more;
}

/* Off the desk; whether it was the one that stands for its store. */
static bool forget(struct session *session) {
    struct desk *desk = session->desk;
    mutex_lock(&desk->lock);
    uint64_t *known = idmap_find(&desk->sessions, (uint64_t)session->stream + 1);
    bool ours = known != NULL && *known == (uint64_t)(uintptr_t)session;
    if (ours) idmap_remove(&desk->sessions, (uint64_t)session->stream + 1);
    door_forget(desk, session);
    if (session->waiting) DL_DELETE2(desk->waiting, session, previous_waiting, next_waiting);
    session->waiting = false;
    mutex_unlock(&desk->lock);
    return ours;
}

static const char *why_dropped(const struct session *session, const struct err *err) {
    if (err->code != ERR_CLOSED) return err->text;
    return session->state == SESSION_KNOCKING ? "gone before it said who it is" : "gone before it proved who it is";
}

static void say_end(struct session *session, struct connection *connection, const struct err *err, bool stood) {
    const struct journal *journal = &session->desk->journal;
    if (session->unknown != UNKNOWN_NOT && session->state == SESSION_OPEN)
        journal_say(journal, "%s, unknown here, left: %s", transport_peer(connection), err->text);
    else if (stood)
        journal_say(journal, "store %s left: %s", buf_text(&session->store), err->text);
    else if (session->state == SESSION_OPEN)
        journal_say(journal, "store %s has a newer connection; this one is over: %s", buf_text(&session->store),
                    err->text);
    else if (session->state != SESSION_ENDED) /* else its reason stands there already */
        door_say(session->desk, transport_peer(connection), why_dropped(session, err));
}

void session_closed(void *user, struct connection *connection, const struct err *err) {
    struct session *session = user;
    mutex_lock(&session->lock);
    bool stood = forget(session); /* with its lock, so that session_resume does not put it on the desk again */
    say_end(session, connection, err, stood);
    if (stood) session_leave(session);
    session->state = SESSION_ENDED;
    session->connection = NULL;
    mutex_unlock(&session->lock);
    release_reference(session);
}

void session_release_item(struct session *session) { release_reference(session); }
