/* The key rings that a recovery has put aside (DIR/before-STREAM/ring): what is erased must not outlive it there.
 *
 * Thread: one, which holds site->forgetting. Failure: ERR_IO and the like; doing it again is harmless, and what a crash
 * has left half done is done then. */
#ifndef DANGOL_PROTO_SITE_ASIDES_OS_H
#define DANGOL_PROTO_SITE_ASIDES_OS_H

#include "proto/event/keyring.h"

/* A key that was destroyed, or is to be. */
struct trace {
    uint64_t id;
    uint8_t fingerprint[FINGERPRINT_BYTES];
};

struct forgotten {
    const uint64_t *ids; /* of the erased */
    size_t id_count;
    const struct trace *traces; /* their keys: the same one may stand there under an id of before the recovery */
    size_t trace_count;
};

int asides_forget(const char *directory, const uint8_t master[KEY_BYTES], const struct env *env,
                  const struct forgotten *forgotten, struct err *err);

#endif
