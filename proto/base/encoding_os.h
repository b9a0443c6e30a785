/* Text of other encodings, to UTF-8 and back: the C library's iconv, piece by piece. Nothing is lost silently: what is
 * no character becomes U+FFFD and is counted.
 * Memory: encoding_close. Thread: its owner's. */
#ifndef DANGOL_PROTO_BASE_ENCODING_OS_H
#define DANGOL_PROTO_BASE_ENCODING_OS_H

#include "proto/base/bytes.h"
#include "proto/base/err.h"

struct encoding;

#define ENCODING_MARK "\xEF\xBB\xBF" /* stands before UTF-8 in files for Excel */

/* UTF-8, Latin-1, Windows-1252, GB18030 (GBK and GB2312 are parts of it), CP949 (EUC-KR is a part of it), by any of
 * their usual names. NULL: UTF-8. ERR_INVALID names "encoding". */
int encoding_open(const char *name, struct encoding **out, struct err *err);
void encoding_close(struct encoding *encoding); /* NULL is fine */
const char *encoding_name(const struct encoding *encoding);
bool encoding_marked(const char *name);                     /* a name of UTF-8 that asks for the mark in front */
bool encoding_double_byte(const struct encoding *encoding); /* see struct csv_dialect */

/* Appends as UTF-8 without NUL; gives how many bytes were no characters. */
size_t encoding_decode(struct encoding *encoding, struct view bytes, struct buf *out);
/* Appends UTF-8 in the encoding, a question mark for what it does not have; gives how often. */
size_t encoding_encode(struct encoding *encoding, struct view text, struct buf *out);

#endif
