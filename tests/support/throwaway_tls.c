#include "tests/support/throwaway_tls.h"

#include <stdio.h>
#include <stdlib.h>

void throwaway_tls_make(struct throwaway_tls *out) {
    struct err err = {0};
    if (region_root_make(env_os(), "Throwaway", &out->root, &err) != 0 ||
        tls_certificate_make(env_os(), &out->root, 10, &out->key, &out->certificate, &err) != 0) {
        fprintf(stderr, "no certificate: %s\n", err.text);
        abort();
    }
    server_name(out->root.signer.public_key, out->name);
    out->identity = (struct tls_identity){out->root.ca_certificate, out->name, out->key, out->certificate};
}

void throwaway_tls_release(struct throwaway_tls *tls) {
    region_root_release(&tls->root);
    free(tls->key);
    free(tls->certificate);
}
