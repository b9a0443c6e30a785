/* What fields of the customer file hold besides plain text, the same from the counter and from a file. Pure. */
#ifndef DANGOL_NODE_FILE_VALUES_H
#define DANGOL_NODE_FILE_VALUES_H

#include "proto/base/bytes.h"
#include "proto/base/err.h"
#include "proto/base/zone.h"

/* A date not after `today`, or month and day where the year was not told: "1990-05-01", "05-01". */
int check_birthday(struct view written, struct date today, struct err *err);
/* A JSON object; the error says where it breaks. */
int check_custom(struct view written, struct err *err);

#endif
