/* Memory called for before it is needed: __builtin_prefetch, in functions that do nothing else. gcc takes such a
 * function for one without effect and leaves its calls out, unless it is inlined first: hence CALLS before each. */
#ifndef DANGOL_PROTO_BASE_CALL_H
#define DANGOL_PROTO_BASE_CALL_H

#define CALLS static inline __attribute__((always_inline))

#endif
