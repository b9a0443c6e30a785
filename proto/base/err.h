/* Errors: one list of codes for every room, and the sentence a person reads.
 *
 * Functions return 0 when done, a negative code from this list on failure, and a positive outcome of their own
 * (END, DUPLICATE, GAP …) where there is more than one way to succeed. `struct err *` is the last parameter where a
 * person will read the answer; it may be NULL. Libraries never print: only the programs at the edge do.
 * Thread: an `struct err` belongs to its caller. */
#ifndef DANGOL_PROTO_BASE_ERR_H
#define DANGOL_PROTO_BASE_ERR_H

/* X(name, word in JSON, cause) */
#define ERR_LIST(X)                                                                                                    \
    X(USAGE, "usage", "the command was called wrongly")                                                                \
    X(INVALID, "invalid", "a value given by a person is not acceptable")                                               \
    X(NOT_FOUND, "not_found", "the thing named does not exist here")                                                   \
    X(EXISTS, "exists", "the thing is there already")                                                                  \
    X(CONFLICT, "conflict", "it contradicts what is known")                                                            \
    X(FORMAT, "format", "bytes from outside are malformed")                                                            \
    X(LIMIT, "limit", "larger than the documented limit")                                                              \
    X(AUTH, "auth", "not authentic: a signature, proof or certificate does not hold")                                  \
    X(REVOKED, "revoked", "this stream or store is no longer accepted")                                                \
    X(REFUSED, "refused", "the other side, or the state of this one, does not allow it")                               \
    X(CORRUPT, "corrupt", "stored bytes fail their check")                                                             \
    X(VERSION, "version", "written by, or speaking, another version")                                                  \
    X(BUSY, "busy", "another process owns it")                                                                         \
    X(IO, "io", "the operating system refused")                                                                        \
    X(NO_SPACE, "no_space", "the disk or the map is full")                                                             \
    X(TIMEOUT, "timeout", "no answer in time")                                                                         \
    X(CLOSED, "closed", "the other side is gone")                                                                      \
    X(INTERRUPTED, "interrupted", "stopped by a signal")                                                               \
    X(FORKED, "forked", "this PC was restored from an older copy, or cloned: it has to be recovered")

/* Positions in the list, from 1; the codes are their negatives. */
enum err_index {
    ERR_INDEX_NONE,
#define ERR_INDEX_OF(name, word, cause) ERR_INDEX_##name,
    ERR_LIST(ERR_INDEX_OF)
#undef ERR_INDEX_OF
};

enum err_code {
    ERR_NONE = 0,
#define ERR_CODE_OF(name, word, cause) ERR_##name = -(int)ERR_INDEX_##name,
    ERR_LIST(ERR_CODE_OF)
#undef ERR_CODE_OF
};

struct err {
    int code;       /* 0 or one of enum err_code */
    char field[48]; /* the field, option or column at fault, or "" */
    char text[400]; /* what is wrong and what to do, one line, no final stop */
};

/* Fills `e` (when not NULL) and returns `code`, so that a failing function can `return err_set(…)`.
 * `field` may be NULL. What came from outside may be quoted as it is: control characters and broken UTF-8 are replaced,
 * and what is too long is cut. */
int err_set(struct err *e, int code, const char *field, const char *format, ...) __attribute__((format(printf, 4, 5)));

/* Puts "context: " before the text of `e`; returns e's code. For NULL, whose code is unknown, ERR_INVALID. */
int err_prefix(struct err *e, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* The word of a code as written in JSON, "error" for an unknown one. */
const char *err_word(int code);

#endif
