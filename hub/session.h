/* A session: one connection of one store, from its KNOCK to its end (DESIGN, section 6).
 *
 *   KNOCKING ── knock ──▶ PROVING ── hello ──▶ GREETED ── visit written ──▶ OPEN ── bye, error, silence ──▶ ENDED
 *
 * Nothing of a stranger is believed, stored or allocated for: before OPEN messages are small, before GREETED there is
 * one deadline, and there are only so many (door.h). A refusal is an ERROR message with a reason, a line in
 * the journal, the end of this connection only.
 * Thread: transport callbacks, one at a time for a session; `answered` and `session_written` come from ingest's thread.
 * `lock` guards what both touch. A session lives until its connection is closed, ingest has answered all it submitted,
 * and its visit is written. */
#ifndef DANGOL_HUB_SESSION_H
#define DANGOL_HUB_SESSION_H

#include <stdatomic.h>

#include "hub/desk.h"
#include "hub/feed_seat.h"
#include "hub/handing.h"

/* Why a caller's key is not the one of its stream here (guest.h). */
enum unknown {
    UNKNOWN_NOT,     /* it is */
    UNKNOWN_STREAM,  /* the number was never given out here */
    UNKNOWN_KEYLESS, /* nobody has joined with it here, and it shows no secret */
    UNKNOWN_SECRET,  /* nobody has, and the secret is of another join file */
    UNKNOWN_USED,    /* another PC has joined with this join file */
    UNKNOWN_KEY,     /* another PC has joined */
    UNKNOWN_TWICE,   /* the number was given out twice, and is another PC's (twice.h) */
};

enum session_state { SESSION_KNOCKING, SESSION_PROVING, SESSION_GREETED, SESSION_OPEN, SESSION_ENDED };

struct session {
    struct desk *desk;
    struct connection *connection; /* NULL once closed */
    struct mutex lock;
    enum session_state state;
    uint32_t stream;
    struct buf store; /* its code, for the journal */
    uint8_t key[PUBLIC_KEY_SIZE];
    uint8_t nonce[NONCE_SIZE];
    struct visit visit;     /* from GREETED on: as it was noted then */
    atomic_bool token_kept; /* it has said something since WELCOME */
    struct head expected;   /* head behind the last batch submitted */
    uint32_t round;         /* of batches that follow each other; a new one begins where `expected` is set back */
    bool gap_told;          /* the store knows what is wanted; nothing that follows has come since */
    size_t in_flight;       /* bytes of PUSH not yet answered */
    struct buf held;        /* a PUSH as it came, for which ingest had no room; again by desk_resume */
    struct feed_seat feed;
    enum unknown unknown; /* else it is a guest: hands back what the hub lost, and nothing else */
    struct handing handing;
    struct buf wanted; /* of it, for WELCOME */

    /* Under desk->lock. */
    unsigned references; /* the connection, each item with ingest, and the list `greeted` */
    uint64_t note;       /* GREETED: of its visit */
    bool waiting;        /* in the list of that name */
    bool stranger;       /* in the door's list */
    int64_t came;        /* monotonic ms */
    struct session *previous_stranger, *next_stranger;
    struct session *previous_waiting, *next_waiting;
};

void *session_opened(void *desk, struct connection *connection);
bool session_message(void *session, struct connection *connection, struct view bytes);
void session_closed(void *session, struct connection *connection, const struct err *err);
bool session_resume(struct session *session); /* takes what it holds, if there is room now; false: still full */
void session_end(struct session *session, int code, int64_t retry_after_ms, const char *format, ...)
    __attribute__((format(printf, 4, 5)));

/* greet.c: KNOCK and HELLO. True: read on. */
bool session_knock(struct session *session, const struct message_knock *knock);
bool session_hello(struct session *session, const struct message_hello *hello);
/* Its visit is written, or could not be (negative). From ingest's thread. */
void session_written(struct session *session, int code, const struct err *err);
void session_leave(struct session *session); /* the store's visit is over */
void session_welcome(struct session *session, const struct visit *visit);
/* This store knows that an older copy of the hub was restored, "store CODE what", and has seen this incarnation of it:
 * noted, and its connection ends. */
void session_restored(struct session *session, uint32_t incarnation, const char *what);
void session_copy(struct session *session); /* this store says itself that it was restored or cloned */
/* move.c: a proven store asks for a new stream of its own under this key. Its connection ends. Under desk->greeting. */
void session_move(struct session *session, struct view new_key);
/* push.c */
bool session_push(struct session *session, const struct message_push *push, struct view bytes);
void session_let_go(struct session *session); /* of what it holds */
void session_send(struct session *session, const struct message *message);
void session_release_item(struct session *session); /* ingest has answered one of its items */

#endif
