/* Short texts that are much alike, packed small: zstd with some of them as the dictionary. A card of 900 bytes becomes
 * some 120.
 *
 * The dictionary is counted: whoever holds something that was packed with it takes it, and gives it back; with the last
 * it is wiped. Thread: any. Before: kept.c. */
#ifndef DANGOL_PROTO_API_ALIKE_H
#define DANGOL_PROTO_API_ALIKE_H

#include "proto/base/bytes.h"

struct alike;
/* Of texts one behind the other; for the caller to give back. */
struct alike *alike_make(struct view texts);
struct alike *alike_take(struct alike *alike); /* the same */
void alike_give(struct alike *alike);          /* NULL is fine */

/* Appends. False: it does not become smaller, and nothing is appended. */
bool alike_pack(struct alike *alike, struct view text, struct buf *out);
/* Appends the text, which has `len` bytes. */
void alike_unpack(struct alike *alike, struct view packed, size_t len, struct buf *out);

#endif
