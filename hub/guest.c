#include "hub/guest.h"

#include <sodium.h>

#include "hub/recovery.h"
#include "hub/twice.h"

#define COME_AGAIN_MS 1000

enum unknown guest_unknown(struct session *session, const struct stream_state *stream,
                           const struct message_greeting *greeting) {
    uint8_t hash[32];
    bool secret = greeting->secret.data != NULL;
    if (twice_is(session->desk->site, session->stream, session->key, &session->store)) return UNKNOWN_TWICE;
    if (!stream->opened) return UNKNOWN_STREAM;
    if (stream->keyed)
        return memcmp(stream->key, session->key, PUBLIC_KEY_SIZE) == 0 ? UNKNOWN_NOT
               : secret                                                ? UNKNOWN_USED
                                                                       : UNKNOWN_KEY;
    if (!secret) return UNKNOWN_KEYLESS;
    join_secret_hash(greeting->secret.data, hash);
    return sodium_memcmp(hash, stream->secret_hash, sizeof hash) == 0 ? UNKNOWN_NOT : UNKNOWN_SECRET;
}

bool guest_has_proof(struct session *session, const struct message_greeting *greeting) {
    struct site *site = session->desk->site;
    struct message_receipt receipt;
    struct head head;
    char what[120];
    if (greeting->receipt.data == NULL ||
        receipt_read(greeting->receipt, site->signer.public_key, site->config.root, &receipt, NULL) != 0 ||
        receipt.stream != session->stream || receipt.incarnation < site->config.incarnation)
        return false;
    if (log_head(site->log, session->stream, &head) != 0) head.seq = 0;
    if (receipt.seq <= head.seq) return false; /* somebody else's, of before */
    snprintf(what, sizeof what, "as stream %u holds a receipt for sequence %llu, the hub has only %llu",
             session->stream, (unsigned long long)receipt.seq, (unsigned long long)head.seq);
    session_restored(session, (uint32_t)receipt.incarnation, what);
    return true;
}

static void refuse(struct session *session) {
    switch (session->unknown) {
    case UNKNOWN_STREAM:
        session_end(session, ERR_AUTH, 0, "stream %u was never given out here; enroll the store", session->stream);
        break;
    case UNKNOWN_KEYLESS:
        session_end(session, ERR_AUTH, 0, "this stream has not joined yet and shows no secret; use its join file");
        break;
    case UNKNOWN_SECRET:
        session_end(session, ERR_AUTH, 0,
                    "the secret is not the one of the join file given out for this stream; enroll the store again");
        break;
    case UNKNOWN_USED:
        session_end(session, ERR_AUTH, 0, "this join file was used already, by another PC; enroll the store again");
        break;
    case UNKNOWN_TWICE:
        session_end(session, ERR_FORKED, 0,
                    "number %u was given out twice, the second time by an older copy of the hub; another PC keeps it",
                    session->stream);
        break;
    default: session_end(session, ERR_AUTH, 0, "the key is not the one this stream joined with"); break;
    }
}

static bool may_be_of_before(const struct session *session) {
    return session->unknown == UNKNOWN_STREAM || session->unknown == UNKNOWN_KEYLESS;
}

bool guest_let_in(struct session *session, const struct message_greeting *greeting) {
    struct site *site = session->desk->site;
    struct restored restored;
    recovery_restored(site, &restored);
    bool guest = !restored.noted && session->unknown != UNKNOWN_TWICE;
    if (guest) handing_plan(session, greeting, &session->wanted);
    if (session->wanted.len == 0) {
        if (recovery_goes_on(site) && may_be_of_before(session))
            session_end(session, ERR_AUTH, REBUILDING_RETRY_MS,
                        "the hub is being recovered and does not know stream %u yet", session->stream);
        else
            refuse(session);
        return false;
    }
    session->state = SESSION_OPEN;
    transport_limit(session->connection, MESSAGE_MAX);
    transport_deadline(session->connection, SILENCE_DEADLINE_MS);
    journal_say(&session->desk->journal, "%s says it is stream %u; it may hand back what this hub lost",
                transport_peer(session->connection), session->stream);
    session->expected = (struct head){.stream = session->stream};
    session_welcome(session, &(struct visit){.token_number = 0});
    return true;
}

/* Who brought nothing new is no less unknown than before, and would come again for ever. */
void guest_go(struct session *session, bool waited) {
    if (!waited && !session->handing.brought) {
        refuse(session);
        return;
    }
    struct message message = {.type = MESSAGE_bye};
    message.body.bye = (struct message_bye){view_of("thank you; the hub may know you now"), COME_AGAIN_MS};
    session_send(session, &message);
    session->state = SESSION_ENDED;
    if (session->connection != NULL) transport_close(session->connection, true);
}
