/* What the slow hash of the directory makes of telephone numbers lately asked for: recalling a customer again must not
 * cost it again. In memory only, under a quick keyed hash of the number; all of it goes when somebody is erased.
 *
 * Thread: any. */
#ifndef DANGOL_PROTO_SITE_HASHED_NUMBERS_H
#define DANGOL_PROTO_SITE_HASHED_NUMBERS_H

#define HASHED_NUMBERS 16384 /* a power of two: more than a store sees on a day */

#include "proto/base/threads.h"
#include "proto/wire/directory.h"

struct hashed_number {
    uint8_t quick[DIRECTORY_QUICK];
    uint32_t memory; /* of the heading it was made under; 0: none here */
    uint32_t hash;
};

struct hashed_numbers {
    struct mutex lock;
    struct hashed_number *slots; /* NULL: none yet */
};

void hashed_numbers_init(struct hashed_numbers *numbers);
void hashed_numbers_release(struct hashed_numbers *numbers);
void hashed_numbers_forget(struct hashed_numbers *numbers);
/* As directory_hash, which it calls where the answer is not at hand: then it takes as long. */
int hashed_number(struct hashed_numbers *numbers, const struct directory_heading *heading, struct view normal,
                  uint32_t *out, struct err *err);

#endif
