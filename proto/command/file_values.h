/* What fields of the customer file hold besides plain text, the same from the counter and from a file. Pure. */
#ifndef DANGOL_PROTO_COMMAND_FILE_VALUES_H
#define DANGOL_PROTO_COMMAND_FILE_VALUES_H

#include "proto/base/bytes.h"
#include "proto/base/err.h"
#include "proto/base/zone.h"

/* A date not after `today`, or what of it was told: month and day "05-01", the year "1990", or the age "42" (C2), which
 * is as old as the event that tells it. */
int check_birthday(struct view written, struct date today, struct err *err);
/* A JSON object; the error says where it breaks. */
int check_custom(struct view written, struct err *err);

#endif
