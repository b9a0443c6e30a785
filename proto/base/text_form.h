/* What text.c and phone.c share: the form under which digits, dashes and letters of every width are the same. */
#ifndef DANGOL_PROTO_BASE_TEXT_FORM_H
#define DANGOL_PROTO_BASE_TEXT_FORM_H

#include "proto/base/text.h"

/* Appends the NFKC form without invisible characters (zero-width and directional marks, a byte-order mark) to `out`;
 * ERR_INVALID for what is not UTF-8. */
int text_form(struct view text, struct buf *out, struct err *err);

#endif
