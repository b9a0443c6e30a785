/* X.509 for TLS, behind identity.h: the region's CA. (The hub's certificate, tls_certificate_make, is in identity.h.)
 * Implemented by cert_mbedtls.c, the only file here that knows mbed TLS. Thread: pure but for env. */
#ifndef DANGOL_PROTO_WIRE_CERTIFICATE_H
#define DANGOL_PROTO_WIRE_CERTIFICATE_H

#include "proto/base/env.h"
#include "proto/base/err.h"

/* A self-signed CA on the curve P-256, named "`name` root" of organisation `region` ("" for none; what X.509 has no
 * room for is cut, what its writer cannot take becomes a blank). Key and certificate are PEM and the caller's to free,
 * the key to wipe. */
int tls_authority_make(const struct env *env, const char *name, const char *region, char **key_pem,
                       char **certificate_pem, struct err *err);

#endif
