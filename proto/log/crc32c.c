#include "proto/log/crc32c.h"

#include <stdbool.h>
#include <string.h>

#if defined(__ARM_FEATURE_CRC32)
#include <arm_acle.h>
#endif

/* One row for each nibble: 64 bytes stay in the cache, where 8 KiB of the usual tables would not. */
static const uint32_t nibbles[16] = {
    0x00000000, 0x105ec76f, 0x20bd8ede, 0x30e349b1, 0x417b1dbc, 0x5125dad3, 0x61c69362, 0x7198540d,
    0x82f63b78, 0x92a8fc17, 0xa24bb5a6, 0xb21572c9, 0xc38d26c4, 0xd3d3e1ab, 0xe330a81a, 0xf36e6f75,
};

uint32_t crc32c_portable(uint32_t crc, const void *data, size_t len) {
    const uint8_t *p = data;
    crc = ~crc;
    for (size_t i = 0; i < len; i++) {
        crc ^= p[i];
        crc = crc >> 4 ^ nibbles[crc & 0x0f];
        crc = crc >> 4 ^ nibbles[crc & 0x0f];
    }
    return ~crc;
}

#if defined(__x86_64__)

__attribute__((target("sse4.2"))) static uint32_t crc32c_x86(uint32_t crc, const uint8_t *p, size_t len) {
    uint64_t state = ~crc;
    for (; len >= 8; p += 8, len -= 8) {
        uint64_t word;
        memcpy(&word, p, sizeof word);
        state = __builtin_ia32_crc32di(state, word);
    }
    uint32_t rest = (uint32_t)state, four;
    uint16_t two;
    if ((len & 4) != 0) {
        memcpy(&four, p, sizeof four);
        rest = __builtin_ia32_crc32si(rest, four);
        p += 4;
    }
    if ((len & 2) != 0) {
        memcpy(&two, p, sizeof two);
        rest = __builtin_ia32_crc32hi(rest, two);
        p += 2;
    }
    if ((len & 1) != 0) rest = __builtin_ia32_crc32qi(rest, *p);
    return ~rest;
}

uint32_t crc32c(uint32_t crc, const void *data, size_t len) {
    if (__builtin_cpu_supports("sse4.2")) return crc32c_x86(crc, data, len);
    return crc32c_portable(crc, data, len);
}

#elif defined(__ARM_FEATURE_CRC32)

uint32_t crc32c(uint32_t crc, const void *data, size_t len) {
    const uint8_t *p = data;
    crc = ~crc;
    for (; len >= 8; p += 8, len -= 8) {
        uint64_t word;
        memcpy(&word, p, sizeof word);
        crc = __crc32cd(crc, word);
    }
    for (; len > 0; p++, len--) crc = __crc32cb(crc, *p);
    return ~crc;
}

#else

uint32_t crc32c(uint32_t crc, const void *data, size_t len) { return crc32c_portable(crc, data, len); }

#endif
