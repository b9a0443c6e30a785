/* A dated day of a customer file: what the site opens and follow-ups are derived from. */
#ifndef DANGOL_PROTO_MODEL_DATED_H
#define DANGOL_PROTO_MODEL_DATED_H

#include <stdbool.h>
#include <stdint.h>

struct dated {
    uint64_t customer; /* 0: none */
    uint8_t month, day;
    bool birthday; /* or an occasion */
};

#endif
