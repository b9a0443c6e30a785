/* Requests that are sent again: a till that got no answer asks again with the same Idempotency-Key, and gets the answer
 * of the first time instead of a second sale.
 *
 * The key is a ref of the event too, so the log itself keeps a second one out for ever; here answers are kept for as
 * long as somebody will ask again, so that the same is said, and a key used for something else is noticed. What failed
 * is not kept: it may be tried again. Thread: any; a second one waits while the first is being done. */
#ifndef DANGOL_PROTO_API_ONCE_H
#define DANGOL_PROTO_API_ONCE_H

#include "proto/base/env.h"
#include "proto/http/http.h"

#define ONCE_DIGEST 32
#define ONCE_KEY_MAX 64 /* of Idempotency-Key, printable ASCII */

enum once_outcome {
    ONCE_NEW,   /* do it, then once_end */
    ONCE_AGAIN, /* the answer is filled in */
    ONCE_OTHER, /* the key was used for something else */
    ONCE_BUSY,  /* still being done */
};

struct once;
struct once *once_open(const struct env *env);
void once_close(struct once *once);
/* `digest`: of who asks and the key; `content`: of what is asked. */
enum once_outcome once_begin(struct once *once, const uint8_t digest[ONCE_DIGEST], const uint8_t content[ONCE_DIGEST],
                             struct http_answer *answer);
/* What came of it: kept when it was done. */
void once_end(struct once *once, const uint8_t digest[ONCE_DIGEST], const struct http_answer *answer);

#endif
