/* The certificate that the API shows, and how people compare it. */
#ifndef DANGOL_PROTO_API_CERTIFICATE_H
#define DANGOL_PROTO_API_CERTIFICATE_H

#include "proto/site/site.h"

/* A private key and its certificate as PEM, one behind the other; the caller wipes it. */
int api_certificate(struct site *site, struct buf *out, struct err *err);

/* SHA-256 of the first certificate of a PEM text, as browsers show it, in hex. False: there is none. */
#define FINGERPRINT_TEXT 65
bool certificate_fingerprint(const char *pem, char out[FINGERPRINT_TEXT]);

#endif
