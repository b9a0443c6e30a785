/* What a file does not say of itself: how its letters are written, and what divides its columns. Pure.
 *
 * Encodings. What is UTF-8 is hardly ever anything else. Then: single bytes beyond ASCII between ASCII letters are
 * Western; pairs of them are Korean or Chinese. Common Hangul of CP949 and a half of common Chinese of GB18030 have the
 * same bytes, but Chinese of some length always has some of the other half. Where a file is too short to tell, the
 * region's country decides, else nobody does, nor where its letters are none of these languages': a wrong guess would
 * be written into the book. */
#ifndef DANGOL_NODE_DETECT_H
#define DANGOL_NODE_DETECT_H

#include "proto/base/bytes.h"

struct detected {
    const char *encoding; /* a name for encoding_open */
    const char *rival;    /* when it may as well be this one: nobody can tell; NULL: sure */
    uint64_t wide;        /* characters beyond ASCII that are well-formed UTF-8, when that is what it is */
};

/* `country`: of the region, "KR"; may be NULL. */
void detect_encoding(struct view content, const char *country, struct detected *out);

/* The character that divides the columns of the header, and of most rows behind it: , ; tab or |. A header of which
 * `fits` (may be NULL) says that it has what is looked for goes before the others. */
uint8_t detect_delimiter(struct view content, bool double_byte,
                         bool (*fits)(void *context, const struct view *header, size_t count), void *context);

#endif
