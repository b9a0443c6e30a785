/* CRC-32C (Castagnoli, RFC 3720 appendix B.4): locates a flipped byte in stored rows. It is no evidence against anybody
 * who means it; the chains are. With the processor's instruction where there is one. Pure, any thread. */
#ifndef DANGOL_PROTO_LOG_CRC32C_H
#define DANGOL_PROTO_LOG_CRC32C_H

#include <stddef.h>
#include <stdint.h>

/* Continues `crc` (0 at the start) over `len` bytes. */
uint32_t crc32c(uint32_t crc, const void *data, size_t len);
/* The same without the instruction; for processors that lack it, and tests. */
uint32_t crc32c_portable(uint32_t crc, const void *data, size_t len);

#endif
