/* A region of its own, with authority, key and certificate, for tests over TLS. Every call makes another one. */
#ifndef DANGOL_TESTS_SUPPORT_THROWAWAY_TLS_H
#define DANGOL_TESTS_SUPPORT_THROWAWAY_TLS_H

#include "proto/wire/identity.h"
#include "proto/wire/transport.h"

struct throwaway_tls {
    struct region_root root;
    char name[SERVER_NAME_SIZE];
    char *key, *certificate;
    struct tls_identity identity; /* for both sides; borrows from the rest */
};

void throwaway_tls_make(struct throwaway_tls *out); /* aborts when it cannot; must not move afterwards */
void throwaway_tls_release(struct throwaway_tls *tls);

#endif
