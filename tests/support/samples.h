/* An event of every type of the catalogue, filled by what the catalogue says about its fields; and the values it must
 * not have. Memory: the sample's, until sample_release; it must not move. Thread: pure. */
#ifndef DANGOL_TESTS_SUPPORT_SAMPLES_H
#define DANGOL_TESTS_SUPPORT_SAMPLES_H

#include "proto/event/describe.h"
#include "proto/event/event.h"
#include "proto/event/seal.h"

#define SAMPLE_HLC (UINT64_C(1764547200000) << 16 | 7) /* 2025-12-01T00:00:00Z */
#define SAMPLE_SUBJECT id_make(65548, 845)

enum sample_size {
    SAMPLE_LEAST,    /* required fields only, each at its least */
    SAMPLE_ORDINARY, /* every field */
    SAMPLE_MOST,     /* every field at its most, as far as it fits into a frame */
};

struct sample {
    const struct event_info *info;
    struct event event;
    struct buf storage[48]; /* what the event borrows from */
    size_t stored;
};

void sample_make(struct sample *s, const struct event_info *info, enum sample_size size);
void sample_release(struct sample *s);

/* Gives a field of the body its `way`-th wrong value; false: there are no more. For a field of a row, `field` is that
 * of the row and `rows` the list it stands in, otherwise `rows` is NULL. */
bool sample_spoil(struct sample *s, const struct field_info *field, const struct field_info *rows, int way);
/* Takes a field of the body away. */
void sample_drop(struct sample *s, const struct field_info *field);

/* Always the same key. */
struct customer_key sample_key(void);

#endif
