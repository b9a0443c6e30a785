/* An HTTP server that says the same to everybody: what the library gives when nobody thinks about the answer. In a
 * process of its own, with the threads and bounds of proto/http/server_mhd.c. For benchmarks. */
#ifndef DANGOL_TESTS_SUPPORT_CONSTANT_MHD_H
#define DANGOL_TESTS_SUPPORT_CONSTANT_MHD_H

#include <stdint.h>
#include <sys/types.h>

/* Says again and again what somebody else has answered: the headers and the body of `answer`, which is whole. Its
 * process ends with this one; `*port`: where it listens. */
pid_t constant_start(const char *answer, uint16_t *port);

#endif
