/* The record of looks (E14): who looked at whose data over HTTP, from where, when, and who was refused. Append-only,
 * beside the log, never sent anywhere. Customers stand in it by their id.
 *
 * The file `looks` of a directory:
 *
 *   "dangol looks 1\n"
 *   entry …:  length u32 LE ‖ body ‖ cn
 *   body:     msgpack [seq, at, who, role, address, method, route, outcome, [ids]]
 *   c0 = BLAKE2b-256(key, "dangol looks 1\n"), cn = BLAKE2b-256(key, cn-1 ‖ body); key: of the master key
 *
 * seq counts from 1; a file that goes on where a lost or damaged one ended says so in its first entry (LOOK_LOST). How
 * far the file is, and the last cn, are among the log's values: a file that was cut, changed or put back is found out.
 *
 * Written by one thread (a serve's); read by anybody beside it. Here: bytes, pure; looks_os.c: the file. */
#ifndef DANGOL_PROTO_SITE_LOOKS_H
#define DANGOL_PROTO_SITE_LOOKS_H

#include "proto/base/bytes.h"
#include "proto/base/cursor.h"
#include "proto/base/err.h"
#include "proto/base/threads.h"

#define LOOKS_FILE "looks"
#define LOOKS_MAGIC "dangol looks 1\n"
#define LOOKS_MAGIC_SIZE (sizeof LOOKS_MAGIC - 1)
#define LOOK_CHAIN 32
#define LOOK_IDS 512        /* customers of one entry at most */
#define LOOK_BODY_MAX 16384 /* bytes */

/* X(NAME, number, word, meaning): numbers are on disk. */
#define LOOK_OUTCOMES(X)                                                                                               \
    X(ALLOWED, 1, "allowed", "it was done or shown")                                                                   \
    X(NOT_SIGNED_IN, 2, "not_signed_in", "refused: nobody was signed in")                                              \
    X(NOT_YOUR_ROLE, 3, "not_your_role", "refused: not for this role")                                                 \
    X(WRONG_SECRET, 4, "wrong_secret", "no such name and secret")                                                      \
    X(TOO_OFTEN, 5, "too_often", "refused: too many wrong ones before")                                                \
    X(SIGNED_IN, 6, "signed_in", "a session began")                                                                    \
    X(SIGNED_OUT, 7, "signed_out", "a session was ended")                                                              \
    X(LOST, 8, "lost", "what was recorded before was lost or damaged")                                                 \
    X(REFUSED, 9, "refused", "the command refused it")

enum look_outcome {
#define LOOK_OUTCOME_OF(name, number, word, meaning) LOOK_##name = (number),
    LOOK_OUTCOMES(LOOK_OUTCOME_OF)
#undef LOOK_OUTCOME_OF
};
const char *look_outcome_word(enum look_outcome outcome); /* NULL: none */
/* Was something refused, or lost? */
bool look_refused(enum look_outcome outcome);

/* Views are borrowed: of the caller, or of the bytes read. */
struct look_entry {
    uint64_t seq;
    int64_t at;            /* ms UTC */
    struct view who, role; /* empty: nobody was signed in; who then may be a name as typed */
    struct view address;
    struct view method, route;
    enum look_outcome outcome;
    struct cursor ids; /* read with cursor_uint, `count` times */
    uint32_t count;
};

/* Where a record of looks ends. */
struct looks_head {
    uint64_t seq;    /* of the last entry; 0: none */
    uint64_t offset; /* bytes of the file */
    uint8_t chain[LOOK_CHAIN];
};
/* The key of a site's record. */
void looks_key(const uint8_t master[32], uint8_t out[32]);
/* Of a file that has its first line only. */
void looks_begin(const uint8_t key[32], struct looks_head *out);
/* Appends an entry's bytes and moves the head behind it; entry->seq is given here, `ids` and its count are read. Texts
 * that are too long are cut. */
void looks_put(const uint8_t key[32], struct looks_head *head, const struct look_entry *entry, const uint64_t *ids,
               size_t count, struct buf *out);

#define LOOKS_END 1
/* The entry at the beginning of `bytes`, which stands behind `head`: moves both behind it. 0; LOOKS_END: no whole entry
 * is left; ERR_CORRUPT: it does not follow. */
int looks_take(const uint8_t key[32], struct looks_head *head, struct view *bytes, struct look_entry *out,
               struct err *err);

/* ---- The file ---- */

struct site;
struct looks; /* open for writing, or in memory where the site is */
/* Goes on where it ended. What is not as it was left is set aside, in a file beside it, and the record says so. */
int looks_open(struct site *site, struct looks **out, struct err *err);
/* The next entry will stand here. */
const struct looks_head *looks_head(const struct looks *looks);
/* Bytes that looks_put made from looks_head on, and where they lead: durable when it returns 0, else as before. */
int looks_append(struct looks *looks, struct view bytes, const struct looks_head *head, struct err *err);
void looks_close(struct looks *looks);

/* Every entry that is there, beside whoever writes; `each` may stop it by returning not 0, which is returned. Without a
 * file there are none. ERR_CORRUPT names the first entry that is not as it was written, or what is missing. */
int looks_read(struct site *site, int (*each)(void *context, const struct look_entry *entry), void *context,
               uint64_t *entries, struct err *err);

/* ---- The latest first ---- */

/* Where one may begin to read: the ends of entries that were read and found whole before, some way apart. They are made
 * by the first who reads backwards, and live as long as the site is open. Thread: any. */
struct looks_marks {
    struct mutex lock;
    struct looks_head *at; /* by offset */
    size_t count, room;
};
void looks_marks_init(struct looks_marks *marks);
void looks_marks_release(struct looks_marks *marks);

#define LOOKS_ENOUGH 2 /* what `each` returns to end it well */
/* The entries before number `before`, the latest first. Only the first time is the whole record read; later what has
 * been added since, and what is given. What is given is as it was written, or it is ERR_CORRUPT. */
int looks_read_back(struct site *site, uint64_t before, int (*each)(void *context, const struct look_entry *entry),
                    void *context, struct err *err);

#endif
