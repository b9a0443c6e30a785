/* Text from people: UTF-8, and the normal forms by which strong keys match (C5). What was written is kept and shown as
 * written; the normal form is only ever hashed or compared. Pure; utf8proc does the Unicode work. */
#ifndef DANGOL_PROTO_BASE_TEXT_H
#define DANGOL_PROTO_BASE_TEXT_H

#include "proto/base/bytes.h"
#include "proto/base/err.h"

bool utf8_valid(struct view text); /* also refuses NUL */

/* Appends the normal form to `out`; ERR_INVALID with a reason when the text cannot be one.
 * Phone: E.164 ("+821012345678") from full-width digits, spaces, dashes, dots, brackets, a national trunk 0 or "00"/"+"
 *   prefixes; `country` is the region's ISO 3166 code (KR, CN, US and others known by table). 7 to 15 digits.
 * Card: NFKC, upper case, without blanks and dashes; 1 to 64 bytes. E-mail: NFKC, trimmed, lower case, one @.
 * Name: NFKC, case folded, blanks collapsed; for comparing only. */
int phone_normalise(struct view text, const char *country, struct buf *out, struct err *err);
int card_normalise(struct view text, struct buf *out, struct err *err);
int email_normalise(struct view text, struct buf *out, struct err *err);
int name_normalise(struct view text, struct buf *out, struct err *err);

/* "1 visit", "1,234 visits": a number and its noun, which takes an s. Returns `out`. */
#define COUNT_TEXT 64
char *count_format(uint64_t count, const char *noun, char out[COUNT_TEXT]);

/* Columns a text takes on a terminal (Korean and Chinese are two wide). */
size_t text_width(struct view text);
/* Control characters and broken UTF-8 replaced, so that nobody's name drives a terminal. Appends to `out`. */
void text_printable(struct view text, struct buf *out);

#endif
