/* Which certificate the API shows where others than this PC reach it.
 *
 *   DIR/http.pem      a key and its certificate, put there by whoever has one that the browsers of the shop know;
 *                     else the hub's own, signed by the region's CA; else, at a store, one made here and kept there
 *
 * Only the first is known to browsers: of the others they warn, and the journal tells the fingerprint to compare. */
#include "proto/api/certificate.h"

#include <sodium.h>
#include <stdlib.h>

#include "proto/base/file_os.h"

#define NAME "http.pem"
#define WORKING_DIRECTORY (-100) /* AT_FDCWD */
#define DAYS 3650

static bool read_own(const char *path, struct buf *out, int *code, struct err *err) {
    *code = file_read(WORKING_DIRECTORY, path, out, err);
    if (*code == 0 && (memmem(out->data, out->len, "PRIVATE KEY-----", 16) == NULL ||
                       memmem(out->data, out->len, "BEGIN CERTIFICATE-----", 22) == NULL))
        *code = err_set(err, ERR_INVALID, "http", "%s does not hold a key and its certificate", path);
    return *code != ERR_NOT_FOUND;
}

/* A store has no certificate in the region: one of its own, by a CA that is thrown away. */
static int make_own(struct site *site, const char *path, struct buf *out, struct err *err) {
    struct region_root root;
    char *key = NULL, *certificate = NULL;
    int code = region_root_make(site->env, site->config.store, &root, err);
    if (code != 0) return code;
    code = tls_certificate_make(site->env, &root, DAYS, &key, &certificate, err);
    if (code == 0) {
        buf_printf(out, "%s%s", key, certificate);
        code = file_write(WORKING_DIRECTORY, path, buf_view(out), 0600, err);
        sodium_memzero(key, strlen(key));
    }
    free(key);
    free(certificate);
    region_root_release(&root);
    return code;
}

int api_certificate(struct site *site, struct buf *out, struct err *err) {
    char *path = path_join(site->directory, NAME);
    int code = 0;
    if (!read_own(path, out, &code, err)) {
        code = 0;
        if (site->secrets.tls_key != NULL)
            buf_printf(out, "%s%s", site->secrets.tls_key, site->secrets.tls_certificate);
        else
            code = make_own(site, path, out, err);
    }
    free(path);
    if (code != 0) buf_wipe(out);
    return code;
}

bool certificate_fingerprint(const char *pem, char out[FINGERPRINT_TEXT]) {
    static const char begin[] = "-----BEGIN CERTIFICATE-----", end[] = "-----END CERTIFICATE-----";
    const char *from = strstr(pem, begin), *to = from == NULL ? NULL : strstr(from, end);
    uint8_t hash[crypto_hash_sha256_BYTES];
    size_t len = 0;
    if (to == NULL) return false;
    from += sizeof begin - 1;
    uint8_t *der = mem_alloc((size_t)(to - from) + 1);
    bool read = sodium_base642bin(der, (size_t)(to - from), from, (size_t)(to - from), " \r\n", &len, NULL,
                                  sodium_base64_VARIANT_ORIGINAL) == 0;
    if (read) {
        crypto_hash_sha256(hash, der, len);
        hex_encode(view_make(hash, sizeof hash), out);
    }
    free(der);
    return read;
}
