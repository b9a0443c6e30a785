/* A few threads and a queue before them, for answers that would hold up a server's thread. Ownership: the work is its
 * caller's. Thread: any. */
#ifndef DANGOL_PROTO_HTTP_POOL_H
#define DANGOL_PROTO_HTTP_POOL_H

#include <stdbool.h>
#include <stddef.h>

struct pool;
struct pool *pool_open(size_t threads, size_t waiting_most);
/* False: too many wait, or it is being closed; then nothing is done. */
bool pool_do(struct pool *pool, void (*work)(void *context), void *context);
/* Does what waits, then ends. NULL is fine. */
void pool_close(struct pool *pool);

#endif
