/* KNOCK and HELLO: who is there, and where the two of them stand. */
#include <sodium.h>
#include <string.h>
#include <utlist.h>

#include "hub/erasing.h"
#include "hub/guest.h"
#include "hub/recovery.h"
#include "hub/session.h"
#include "proto/base/bug.h"
#include "proto/base/zone.h"

bool session_knock(struct session *session, const struct message_knock *knock) {
    struct site *site = session->desk->site;
    struct stream_state stream;
    if (knock->lowest > PROTOCOL_HIGHEST || knock->highest < PROTOCOL_LOWEST) {
        session_end(session, ERR_VERSION, 0,
                    "this hub speaks protocol %d to %d, the store %llu to %llu; upgrade the %s", PROTOCOL_LOWEST,
                    PROTOCOL_HIGHEST, (unsigned long long)knock->lowest, (unsigned long long)knock->highest,
                    knock->lowest > PROTOCOL_HIGHEST ? "hub" : "store");
        return false;
    }
    if (!view_equal(knock->root, view_make(site->config.root, PUBLIC_KEY_SIZE))) {
        session_end(session, ERR_AUTH, 0, "the store belongs to another region");
        return false;
    }
    session->stream = (uint32_t)knock->stream;
    site_read(site);
    if (model_stream(site->model, session->stream, &stream) && stream.opened)
        buf_append_view(&session->store, stream.store);
    site_unread(site);
    if (stream_is_hub(session->stream)) {
        session_end(session, ERR_AUTH, 0, "stream %u was never given out here; enroll the store", session->stream);
        return false;
    }
    int64_t back = door_knock(session->desk);
    if (back > 0) {
        session_end(session, ERR_BUSY, back, "many stores come back at once; each has its turn");
        return false;
    }
    env_random(site->env, session->nonce, NONCE_SIZE);
    struct message answer = {.type = MESSAGE_nonce};
    answer.body.nonce = (struct message_nonce){
        .version = knock->highest < PROTOCOL_HIGHEST ? knock->highest : PROTOCOL_HIGHEST,
        .nonce = view_make(session->nonce, NONCE_SIZE),
        .hub_key = view_make(site->signer.public_key, PUBLIC_KEY_SIZE),
        .hub_certificate = view_make(session->desk->hub_certificate, SIGNATURE_SIZE),
    };
    session->state = SESSION_PROVING;
    session_send(session, &answer);
    return true;
}

static void stream_now(struct session *session, struct stream_state *out) {
    struct site *site = session->desk->site;
    *out = (struct stream_state){.opened = false};
    site_read(site);
    model_stream(site->model, session->stream, out);
    out->store = VIEW_NONE; /* session->store has it; this view ends here */
    site_unread(site);
}

/* The first HELLO, with the secret of the join file, which is used once. */
static bool accept_key(struct session *session, const struct message_greeting *greeting) {
    if (!key_receives(greeting->public_key.data)) {
        session_end(session, ERR_AUTH, 0, "the public key handed over cannot receive sealed boxes");
        return false;
    }
    struct draft draft = {.subject = SUBJECT_GIVEN};
    event_init(&draft.event, EVENT_stream_keyed);
    draft.event.body.stream_keyed.stream = session->stream;
    draft.event.body.stream_keyed.key = greeting->public_key;
    struct err err;
    int code = site_write(session->desk->site, &draft, 1, NULL, 0, NULL, &err);
    if (code != 0) {
        session_end(session, code, HUB_TROUBLE_RETRY_MS, "the hub cannot write: %s", err.text);
        return false;
    }
    journal_say(&session->desk->journal, "store %s joined as stream %u", buf_text(&session->store), session->stream);
    return true;
}

static bool check_key(struct session *session, const struct message_hello *hello,
                      const struct message_greeting *greeting) {
    struct site *site = session->desk->site;
    struct stream_state stream;
    stream_now(session, &stream);
    if (!hello_holds(greeting->public_key.data, session->stream, site->config.root,
                     view_make(session->nonce, NONCE_SIZE), hello->content, hello->signature.data)) {
        session_end(session, ERR_AUTH, 0, "the signature of HELLO does not hold");
        return false;
    }
    memcpy(session->key, greeting->public_key.data, PUBLIC_KEY_SIZE);
    session->unknown = guest_unknown(session, &stream, greeting);
    if (BUG(trust_anybody) && stream.keyed) session->unknown = UNKNOWN_NOT;
    if (session->unknown == UNKNOWN_TWICE) return true;
    if (session->unknown != UNKNOWN_NOT) return !guest_has_proof(session, greeting);
    if (stream.revoked) {
        session_end(session, ERR_REVOKED, 0, "this store was revoked; nothing after sequence %llu is accepted",
                    (unsigned long long)stream.revoked_last);
        return false;
    }
    return stream.keyed || accept_key(session, greeting);
}

/* A PC that was restored or cloned: noted, so that `stores` tells people. */
static void note_copy(struct session *session) {
    struct visits *visits = &session->desk->visits;
    struct visit visit;
    if (visits_load(visits, session->stream, &visit, NULL) != 0) return;
    visit.copy_at = env_now(session->desk->site->env);
    visit.copy_moved_to = 0;
    visits_note(visits, session->stream, &visit);
    ingest_wake(session->desk->ingest);
}

void session_copy(struct session *session) {
    mutex_lock(&session->desk->greeting);
    note_copy(session);
    mutex_unlock(&session->desk->greeting);
}

/* What no store can mean; later arithmetic counts on it. */
static bool check_numbers(struct session *session, const struct message_greeting *greeting) {
    bool possible = greeting->seq <= ID_SEQ_MAX && greeting->time >= TIME_MIN && greeting->time <= TIME_MAX;
    if (!possible) session_end(session, ERR_FORMAT, 0, "HELLO tells of an impossible sequence or time");
    return possible;
}

/* Where the hub stands with this stream, and whether the store can have got where it says it is. */
static bool check_head(struct session *session, const struct message_greeting *greeting) {
    struct site *site = session->desk->site;
    struct head theirs = {.stream = session->stream, .seq = greeting->seq};
    memcpy(theirs.chain, greeting->chain.data, CHAIN_SIZE);
    memcpy(theirs.signature, greeting->head_signature.data, SIGNATURE_SIZE);
    if (greeting->seq > 0 && !head_holds(&theirs, session->key, site->config.root)) {
        session_end(session, ERR_AUTH, 0, "the signature of the store's head does not hold");
        return false;
    }
    if (log_head(site->log, session->stream, &session->expected) != 0) {
        session->expected = (struct head){.stream = session->stream};
        chain_start(session->stream, session->key, session->expected.chain);
    }
    if (greeting->seq < session->expected.seq) {
        note_copy(session);
        session_end(session, ERR_FORKED, 0,
                    "the store's log ends at %llu but the hub has it up to %llu: an older copy of this PC was restored",
                    (unsigned long long)greeting->seq, (unsigned long long)session->expected.seq);
        return false;
    }
    if (greeting->seq == session->expected.seq && greeting->seq > 0 &&
        memcmp(theirs.chain, session->expected.chain, CHAIN_SIZE) != 0) {
        note_copy(session);
        session_end(session, ERR_FORKED, 0, "fork: the store's log and the hub's differ at or before sequence %llu",
                    (unsigned long long)greeting->seq);
        return false;
    }
    return true;
}

#define WHAT_TO_RUN "run `dangol-hub recover` on the hub's directory"

/* This hub is an older copy of itself: kept, so that all stores are refused until somebody acts. */
void session_restored(struct session *session, uint32_t incarnation, const char *what) {
    char reason[301];
    struct err err;
    snprintf(reason, sizeof reason, "store %s %s: an older copy of the hub was restored",
             session->store.len > 0 ? buf_text(&session->store) : "(unknown)", what);
    int code = recovery_note(session->desk->site, incarnation, reason, &err);
    if (code != 0) journal_say(&session->desk->journal, "that the hub was restored cannot be written: %s", err.text);
    session_end(session, ERR_CONFLICT, 0, "%s; " WHAT_TO_RUN, reason);
}

static void found_restored(struct session *session, const struct message_greeting *greeting, const char *what) {
    session_restored(session, (uint32_t)greeting->incarnation, what);
}

/* False: this hub takes nobody's events now. */
static bool check_standing(struct session *session, const struct message_greeting *greeting) {
    struct desk *desk = session->desk;
    struct restored restored;
    if (recovery_waits(desk->site)) {
        desk->incarnation = recovery_next(desk->site, (uint32_t)greeting->incarnation);
        session_end(session, ERR_BUSY, REBUILDING_RETRY_MS, "the hub begins again, as incarnation %u",
                    desk->incarnation);
        ingest_wake(desk->ingest);
        return false;
    }
    recovery_restored(desk->site, &restored);
    if (!restored.noted) return true;
    if (greeting->incarnation > restored.reported) found_restored(session, greeting, "has seen a later one");
    session_end(session, ERR_CONFLICT, 0, "%s; " WHAT_TO_RUN, restored.reason);
    return false;
}

/* Of our own stream and log the store can have no more than there is. */
static bool check_fed(struct session *session, const struct message_greeting *greeting) {
    struct site *site = session->desk->site;
    struct cursor c = cursor_of(greeting->held);
    struct head own = {.seq = 0};
    uint32_t stream;
    uint64_t last;
    bool more = greeting->feed_incarnation == site->config.incarnation && greeting->feed_position > log_tip(site->log);
    if (log_head(site->log, site->config.stream, &own) != 0) own.seq = 0;
    while (greeting->held.data != NULL && feed_stream_next(&c, &stream, &last, NULL) == 1)
        more |= stream == site->config.stream && last > own.seq;
    if (more) found_restored(session, greeting, "was told more by this hub than it holds");
    return !more;
}

/* A receipt of ours that tells of more than we hold: this hub is an older copy of itself. */
static bool check_receipt(struct session *session, const struct message_greeting *greeting) {
    struct site *site = session->desk->site;
    struct message_receipt receipt;
    struct err err = {.code = 0};
    struct message message;
    if (greeting->receipt.data == NULL) return true;
    if (message_decode(greeting->receipt, &message, &err) == 0 && message.type == MESSAGE_receipt &&
        message.body.receipt.incarnation < site->config.incarnation)
        return true; /* of a hub before this one, which may have held more; the store knows what to do */
    if (receipt_read(greeting->receipt, site->signer.public_key, site->config.root, &receipt, &err) != 0 ||
        receipt.stream != session->stream) {
        session_end(session, ERR_AUTH, 0, "the store's receipt is not this hub's");
        return false;
    }
    if (receipt.seq > session->expected.seq) {
        char what[120];
        snprintf(what, sizeof what, "holds a receipt for sequence %llu, the hub has only %llu",
                 (unsigned long long)receipt.seq, (unsigned long long)session->expected.seq);
        found_restored(session, greeting, what);
        return false;
    }
    return true;
}

/* A store that has seen a later incarnation of the hub: this one was overtaken while it was away. */
static bool check_incarnation(struct session *session, const struct message_greeting *greeting) {
    uint32_t ours = session->desk->site->config.incarnation;
    if (greeting->incarnation <= ours) return true;
    char what[80];
    snprintf(what, sizeof what, "has seen incarnation %llu of this hub, this is %u",
             (unsigned long long)greeting->incarnation, ours);
    found_restored(session, greeting, what);
    return false;
}

/* Does it come from an earlier incarnation, and know nothing of this one yet? */
static bool of_before(const struct session *session, const struct message_greeting *greeting) {
    uint32_t ours = session->desk->site->config.incarnation;
    return greeting->incarnation < ours && stream_incarnation(session->stream) < ours;
}

/* Has the store that is on the line now stored this, the newest token? It says nothing after WELCOME before it has. */
static bool kept_on_line(struct desk *desk, uint32_t stream, uint64_t token_number) {
    mutex_lock(&desk->lock);
    const uint64_t *place = idmap_find(&desk->sessions, (uint64_t)stream + 1);
    const struct session *there = place == NULL ? NULL : (const struct session *)(uintptr_t)*place;
    bool kept = there != NULL && there->visit.token_number == token_number && atomic_load(&there->token_kept);
    mutex_unlock(&desk->lock);
    return kept;
}

static bool check_token(struct session *session, const struct message_greeting *greeting, struct visit *visit) {
    struct err err = {.code = 0};
    int code = visits_load(&session->desk->visits, session->stream, visit, &err);
    if (code != 0) {
        session_end(session, code, HUB_TROUBLE_RETRY_MS, "the hub cannot read: %s", err.text);
        return false;
    }
    visit->token_kept = visit->token_kept || kept_on_line(session->desk, session->stream, visit->token_number);
    switch (visit_echo(visit, greeting->token_number, greeting->token)) {
    case ECHO_NEWEST: visit_next_token(visit, session->desk->site->env); return true;
    case ECHO_BEFORE: return true;
    case ECHO_OLDER:
        note_copy(session);
        session_end(session, ERR_FORKED, 0, "the store shows an old session token: this PC was restored or cloned");
        return false;
    case ECHO_NEWER:
        if (of_before(session, greeting) && greeting->token.data != NULL) {
            visit_adopt(visit, greeting->token_number, greeting->token, session->desk->site->env);
            return true;
        }
        found_restored(session, greeting, "shows a later session token");
        return false;
    default:
        note_copy(session);
        session_end(session, ERR_FORKED, 0, "the store shows another PC's session token: it was cloned");
        return false;
    }
}

/* One connection a stream: the newer one is alive for certain. */
static void take_place(struct session *session) {
    struct desk *desk = session->desk;
    mutex_lock(&desk->lock);
    uint64_t *place = idmap_put(&desk->sessions, (uint64_t)session->stream + 1, NULL);
    struct session *older = (struct session *)(uintptr_t)*place;
    /* `older` is in the table, so its connection's `closed` has not passed forget() yet. */
    if (older != NULL && older != session) transport_close(older->connection, false);
    *place = (uint64_t)(uintptr_t)session;
    mutex_unlock(&desk->lock);
}

void session_welcome(struct session *session, const struct visit *visit) {
    struct site *site = session->desk->site;
    struct buf receipt = BUF_INIT, copy = BUF_INIT;
    struct message message = {.type = MESSAGE_welcome};
    message.body.welcome = (struct message_welcome){
        .next_seq = session->expected.seq + 1,
        .incarnation = site->config.incarnation,
        .time = env_now(site->env),
        .credit = desk_credit(session->desk),
        .token_number = visit->token_number,
        .token = view_make(visit->token, TOKEN_SIZE),
    };
    struct buf lacking = BUF_INIT;
    uint32_t keys =
        session->unknown != UNKNOWN_NOT ? 0 : lacking_of(&session->desk->lacking, session->stream, &lacking);
    if (keys > 0) message.body.welcome.keys_wanted = (struct list){buf_view(&lacking), keys};
    if (session->wanted.len > 0) message.body.welcome.wanted = buf_view(&session->wanted);
    struct record last;
    uint64_t id = id_make(session->stream, session->expected.seq);
    if (session->expected.seq > 0 && log_get_id(site->log, id, &last, &copy, NULL) == 0) {
        receipt_write(&site->signer, &session->expected, last.received, site->config.incarnation, &receipt);
        message.body.welcome.receipt = buf_view(&receipt);
    }
    session_send(session, &message);
    buf_release(&receipt);
    buf_release(&copy);
    buf_release(&lacking);
}

static void let_in(struct session *session) {
    take_place(session);
    session->state = SESSION_OPEN;
    transport_limit(session->connection, MESSAGE_MAX);
    transport_deadline(session->connection, SILENCE_DEADLINE_MS);
    session_welcome(session, &session->visit);
    journal_say(&session->desk->journal, "store %s is here (stream %u), has up to %llu, next wanted %llu",
                buf_text(&session->store), session->stream, (unsigned long long)session->visit.claimed_seq,
                (unsigned long long)session->expected.seq + 1);
    handing_settle(session);
}

/* The token is in the visit, so WELCOME waits until that is written: ingest's thread does it for all who wait. */
static void wait_for_visit(struct session *session) {
    struct desk *desk = session->desk;
    session->state = SESSION_GREETED;
    door_leave(desk, session);
    transport_deadline(session->connection, SILENCE_DEADLINE_MS);
    mutex_lock(&desk->lock); /* note and list in one, so that none is written and not found there */
    session->references++;
    session->note = visits_note(&desk->visits, session->stream, &session->visit);
    DL_APPEND2(desk->greeted, session, previous_waiting, next_waiting);
    mutex_unlock(&desk->lock);
    ingest_wake(desk->ingest);
}

static bool open_session(struct session *session, const struct message_greeting *greeting) {
    struct visit *visit = &session->visit;
    if (!check_standing(session, greeting) || !check_incarnation(session, greeting) || !check_fed(session, greeting) ||
        !check_head(session, greeting) || !check_receipt(session, greeting) || !check_token(session, greeting, visit))
        return false;
    if (visit->copy_moved_to != 0) visit->copy_at = visit->copy_moved_to = 0; /* the copy is out of the way */
    visit_greeted(visit, session->desk->site, greeting->time, greeting->seq, session->expected.seq);
    feed_seat_open(&session->feed, session->desk->site, greeting);
    handing_plan(session, greeting, &session->wanted);
    if (BUG(token_after_welcome)) {
        let_in(session);
        visits_note(&session->desk->visits, session->stream, visit);
        return true;
    }
    wait_for_visit(session);
    return true;
}
void session_written(struct session *session, int code, const struct err *err) {
    mutex_lock(&session->lock);
    bool waits = session->state == SESSION_GREETED; /* else it is gone */
    if (waits && code < 0)
        session_end(session, code, HUB_TROUBLE_RETRY_MS, "the hub cannot write: %s", err->text);
    else if (waits)
        let_in(session);
    mutex_unlock(&session->lock);
}

bool session_hello(struct session *session, const struct message_hello *hello) {
    struct desk *desk = session->desk;
    struct message inner;
    struct err err = {.text = "it is another message"};
    if (message_decode(hello->content, &inner, &err) != 0 || inner.type != MESSAGE_greeting) {
        session_end(session, ERR_FORMAT, 0, "HELLO does not hold a greeting: %s", err.text);
        return false;
    }
    const struct message_greeting *greeting = &inner.body.greeting;
    mutex_lock(&desk->greeting);
    bool welcome = check_numbers(session, greeting) && check_key(session, hello, greeting);
    bool moves = greeting->new_key.data != NULL;
    if (welcome && session->unknown != UNKNOWN_NOT && !(moves && session->unknown == UNKNOWN_TWICE)) {
        welcome = guest_let_in(session, greeting);
    } else if (welcome && moves) {
        if (check_standing(session, greeting)) session_move(session, greeting->new_key);
        welcome = false;
    } else {
        welcome = welcome && open_session(session, greeting);
    }
    mutex_unlock(&desk->greeting);
    return welcome;
}

/* What could not be written is told anew at the next visit. */
void session_leave(struct session *session) {
    struct desk *desk = session->desk;
    struct visit visit;
    mutex_lock(&desk->greeting);
    if (visits_load(&desk->visits, session->stream, &visit, NULL) == 0) {
        visit.last_seen = env_now(desk->site->env);
        if (visit.token_number == session->visit.token_number) visit.token_kept |= atomic_load(&session->token_kept);
        if (session->expected.seq > visit.claimed_seq) visit.claimed_seq = session->expected.seq;
        erasing_past(session, &visit);
        visits_note(&desk->visits, session->stream, &visit);
    }
    mutex_unlock(&desk->greeting);
}
