/* Memory for tables that grow large and are looked into all over, as the model's are.
 *
 * From LARGE_LEAST on it stands in huge pages where the system has them: a look at a table of thousands of ordinary
 * pages costs a walk through the page tables each time, and every such page must first be asked for. It then grows by
 * moving pages, not bytes. Below that it is ordinary memory. Never freed by `free`. Memory: see bytes.h. */
#ifndef DANGOL_PROTO_BASE_LARGE_H
#define DANGOL_PROTO_BASE_LARGE_H

#include <stddef.h>

#define LARGE_LEAST ((size_t)2 << 20) /* a huge page of the usual processors */

/* From `old` bytes (0: none yet, `p` is NULL) to `size`, not 0. What is new is zeroed. */
void *large_resize(void *p, size_t old, size_t size);
void large_free(void *p, size_t size); /* NULL is fine */

/* Of ordinary memory that was not written to yet: huge pages where whole ones fit in, so that a table for one question
 * does not ask for each small page when it is first written. */
void large_wish(void *p, size_t size);

/* Small memory that is free again, of all threads, back to the system: after a rush it would stay with the process. */
void memory_give_back(void);

#endif
