/* X.509 version 3, ECDSA P-256 with SHA-256, as mbed TLS 2.28 writes it.
 *
 *   CA   subject = issuer = CN="<server name> root", O=region; 2000-01-01 to the end of X.509's time, so that stores
 *        need no new one; basicConstraints CA with path length 0; keyUsage keyCertSign, cRLSign
 *   hub  subject CN=<server name>; subjectAltName DNS:<server name>; keyUsage digitalSignature
 *
 * mbed TLS 2.28 compares a server name with subjectAltName where there is one, else with CN; others look at
 * subjectAltName only. */
#include <mbedtls/asn1write.h>
#include <mbedtls/error.h>
#include <mbedtls/oid.h>
#include <mbedtls/pk.h>
#include <mbedtls/platform_util.h>
#include <mbedtls/x509_crt.h>
#include <stdlib.h>
#include <string.h>

#include "proto/base/text.h"
#include "proto/base/zone.h"
#include "proto/wire/certificate.h"
#include "proto/wire/identity.h"

#define PEM_SIZE 4096
#define SERIAL_SIZE 16
#define ORGANISATION_SIZE 65 /* X.520: 64 */
#define DAYS_MAX 36500
/* A store PC whose clock is years behind must still reach the hub: only there does it learn the time (E6). */
#define NOT_BEFORE "20000101000000"
#define X509_TIME_SIZE 15 /* "20240229235959" */

struct source {
    const struct env *env;
};

static int source_bytes(void *source, unsigned char *out, size_t len) {
    env_random(((struct source *)source)->env, out, len);
    return 0;
}

/* A certificate in the making: every context that must be freed. */
struct issue {
    struct source random;
    mbedtls_pk_context key;        /* of the subject */
    mbedtls_pk_context issuer_key; /* of the CA, unless self-signed */
    mbedtls_x509_crt issuer;
    mbedtls_x509write_cert certificate;
};

static void issue_init(struct issue *issue, const struct env *env) {
    issue->random.env = env;
    mbedtls_pk_init(&issue->key);
    mbedtls_pk_init(&issue->issuer_key);
    mbedtls_x509_crt_init(&issue->issuer);
    mbedtls_x509write_crt_init(&issue->certificate);
    mbedtls_x509write_crt_set_version(&issue->certificate, MBEDTLS_X509_CRT_VERSION_3);
    mbedtls_x509write_crt_set_md_alg(&issue->certificate, MBEDTLS_MD_SHA256);
}

static void issue_release(struct issue *issue) {
    mbedtls_x509write_crt_free(&issue->certificate);
    mbedtls_x509_crt_free(&issue->issuer);
    mbedtls_pk_free(&issue->issuer_key);
    mbedtls_pk_free(&issue->key);
}

static int tls_error(struct err *err, int code, const char *what, int mbedtls_code) {
    char text[128];
    mbedtls_strerror(mbedtls_code, text, sizeof text);
    return err_set(err, code, NULL, "%s: %s", what, text);
}

static int make_key(struct issue *issue) {
    int rc = mbedtls_pk_setup(&issue->key, mbedtls_pk_info_from_type(MBEDTLS_PK_ECKEY));
    if (rc != 0) return rc;
    return mbedtls_ecp_gen_key(MBEDTLS_ECP_DP_SECP256R1, mbedtls_pk_ec(issue->key), source_bytes, &issue->random);
}

/* Random, positive and of full length, as CAs are asked to. */
static int set_serial(struct issue *issue) {
    uint8_t bytes[SERIAL_SIZE];
    env_random(issue->random.env, bytes, sizeof bytes);
    bytes[0] = (bytes[0] & 0x7f) | 0x40;
    mbedtls_mpi serial;
    mbedtls_mpi_init(&serial);
    int rc = mbedtls_mpi_read_binary(&serial, bytes, sizeof bytes);
    if (rc == 0) rc = mbedtls_x509write_crt_set_serial(&issue->certificate, &serial);
    mbedtls_mpi_free(&serial);
    return rc;
}

/* The digits of RFC 3339, to the second. */
static void x509_time(int64_t ms, char out[X509_TIME_SIZE]) {
    struct zone utc = zone_fixed(0);
    char text[40];
    time_format(ms, &utc, text);
    size_t len = 0;
    for (const char *c = text; *c != '\0' && len < X509_TIME_SIZE - 1; c++)
        if (*c >= '0' && *c <= '9') out[len++] = *c;
    out[len] = '\0';
}

static int set_validity(struct issue *issue, int days) {
    char not_after[X509_TIME_SIZE];
    x509_time(env_now(issue->random.env) + days * DAY_MS, not_after);
    return mbedtls_x509write_crt_set_validity(&issue->certificate, NOT_BEFORE, not_after);
}

/* The issuer's name, byte for byte: as text mbed TLS would not give it back the way it came. */
static int copy_name(mbedtls_asn1_named_data **to, const mbedtls_x509_name *from) {
    for (; from != NULL; from = from->next) {
        if (from->oid.p == NULL) continue;
        mbedtls_asn1_named_data *part =
            mbedtls_asn1_store_named_data(to, (const char *)from->oid.p, from->oid.len, from->val.p, from->val.len);
        if (part == NULL) return MBEDTLS_ERR_X509_ALLOC_FAILED;
        part->val.tag = from->val.tag;
    }
    return 0;
}

/* GeneralNames ::= SEQUENCE { dNSName [2] IA5String }, written from its end. */
static int set_alternative_name(struct issue *issue, const char *name) {
    unsigned char bytes[SERVER_NAME_SIZE + 8];
    unsigned char *p = bytes + sizeof bytes;
    int ret, size = 0;
    MBEDTLS_ASN1_CHK_ADD(
        size, mbedtls_asn1_write_tagged_string(&p, bytes, MBEDTLS_ASN1_CONTEXT_SPECIFIC | MBEDTLS_X509_SAN_DNS_NAME,
                                               name, strlen(name)));
    MBEDTLS_ASN1_CHK_ADD(size, mbedtls_asn1_write_len(&p, bytes, (size_t)size));
    MBEDTLS_ASN1_CHK_ADD(size, mbedtls_asn1_write_tag(&p, bytes, MBEDTLS_ASN1_CONSTRUCTED | MBEDTLS_ASN1_SEQUENCE));
    return mbedtls_x509write_crt_set_extension(&issue->certificate, MBEDTLS_OID_SUBJECT_ALT_NAME,
                                               MBEDTLS_OID_SIZE(MBEDTLS_OID_SUBJECT_ALT_NAME), 0, p, (size_t)size);
}

static int set_key_identifiers(struct issue *issue) {
    int rc = mbedtls_x509write_crt_set_subject_key_identifier(&issue->certificate);
    return rc != 0 ? rc : mbedtls_x509write_crt_set_authority_key_identifier(&issue->certificate);
}

/* The key and the signed certificate as PEM. */
static int write_pem(struct issue *issue, char **key_pem, char **certificate_pem) {
    unsigned char pem[PEM_SIZE];
    int rc = mbedtls_x509write_crt_pem(&issue->certificate, pem, sizeof pem, source_bytes, &issue->random);
    if (rc != 0) return rc;
    char *certificate = mem_text((char *)pem);
    rc = mbedtls_pk_write_key_pem(&issue->key, pem, sizeof pem);
    if (rc == 0) {
        *key_pem = mem_text((char *)pem);
        *certificate_pem = certificate;
    } else {
        free(certificate);
    }
    mbedtls_platform_zeroize(pem, sizeof pem);
    return rc;
}

/* ---- The CA ---- */

/* mbed TLS parses names as text; of what means something there only a comma could be escaped. */
static void organisation(const char *region, char out[ORGANISATION_SIZE]) {
    struct buf clean = BUF_INIT;
    text_printable(view_of(region), &clean);
    view_text(buf_view(&clean), out, ORGANISATION_SIZE);
    buf_release(&clean);
    for (char *c = out; *c != '\0'; c++)
        if (strchr(",\\+=#;<>\"", *c) != NULL) *c = ' ';
}

static int set_authority_name(struct issue *issue, const char *name, const char *region) {
    char text[256], o[ORGANISATION_SIZE];
    organisation(region, o);
    snprintf(text, sizeof text, "CN=%s root%s%s", name, o[0] != '\0' ? ",O=" : "", o);
    int rc = mbedtls_x509write_crt_set_subject_name(&issue->certificate, text);
    return rc != 0 ? rc : mbedtls_x509write_crt_set_issuer_name(&issue->certificate, text);
}

static int describe_authority(struct issue *issue, const char *name, const char *region) {
    int rc = make_key(issue);
    if (rc != 0) return rc;
    mbedtls_x509write_crt_set_subject_key(&issue->certificate, &issue->key);
    mbedtls_x509write_crt_set_issuer_key(&issue->certificate, &issue->key);
    if ((rc = set_authority_name(issue, name, region)) != 0) return rc;
    if ((rc = set_serial(issue)) != 0) return rc;
    if ((rc = mbedtls_x509write_crt_set_validity(&issue->certificate, NOT_BEFORE, "99991231235959")) != 0) return rc;
    if ((rc = mbedtls_x509write_crt_set_basic_constraints(&issue->certificate, 1, 0)) != 0) return rc;
    const unsigned usage = MBEDTLS_X509_KU_KEY_CERT_SIGN | MBEDTLS_X509_KU_CRL_SIGN;
    if ((rc = mbedtls_x509write_crt_set_key_usage(&issue->certificate, usage)) != 0) return rc;
    return set_key_identifiers(issue);
}

int tls_authority_make(const struct env *env, const char *name, const char *region, char **key_pem,
                       char **certificate_pem, struct err *err) {
    struct issue issue;
    issue_init(&issue, env);
    int rc = describe_authority(&issue, name, region);
    if (rc == 0) rc = write_pem(&issue, key_pem, certificate_pem);
    issue_release(&issue);
    return rc == 0 ? 0 : tls_error(err, ERR_INVALID, "the region's TLS certificate cannot be made", rc);
}

/* ---- The hub's certificate ---- */

static int read_authority(struct issue *issue, const struct region_root *root) {
    const char *certificate = root->ca_certificate, *key = root->ca_key;
    int rc = mbedtls_x509_crt_parse(&issue->issuer, (const unsigned char *)certificate, strlen(certificate) + 1);
    if (rc != 0) return rc;
    rc = mbedtls_pk_parse_key(&issue->issuer_key, (const unsigned char *)key, strlen(key) + 1, NULL, 0);
    if (rc != 0) return rc;
    return mbedtls_pk_check_pair(&issue->issuer.pk, &issue->issuer_key);
}

static int describe_hub(struct issue *issue, const struct region_root *root, int days) {
    char name[SERVER_NAME_SIZE], subject[SERVER_NAME_SIZE + 4];
    server_name(root->signer.public_key, name);
    snprintf(subject, sizeof subject, "CN=%s", name);
    int rc = make_key(issue);
    if (rc != 0) return rc;
    mbedtls_x509write_crt_set_subject_key(&issue->certificate, &issue->key);
    mbedtls_x509write_crt_set_issuer_key(&issue->certificate, &issue->issuer_key);
    if ((rc = mbedtls_x509write_crt_set_subject_name(&issue->certificate, subject)) != 0) return rc;
    if ((rc = copy_name(&issue->certificate.issuer, &issue->issuer.subject)) != 0) return rc;
    if ((rc = set_serial(issue)) != 0) return rc;
    if ((rc = set_validity(issue, days)) != 0) return rc;
    if ((rc = mbedtls_x509write_crt_set_basic_constraints(&issue->certificate, 0, -1)) != 0) return rc;
    if ((rc = mbedtls_x509write_crt_set_key_usage(&issue->certificate, MBEDTLS_X509_KU_DIGITAL_SIGNATURE)) != 0)
        return rc;
    if ((rc = set_alternative_name(issue, name)) != 0) return rc;
    return set_key_identifiers(issue);
}

int tls_certificate_make(const struct env *env, const struct region_root *root, int days, char **key_pem,
                         char **certificate_pem, struct err *err) {
    if (days < 1 || days > DAYS_MAX) return err_set(err, ERR_INVALID, "days", "1 to %d days", DAYS_MAX);
    int64_t now = env_now(env);
    if (now < TIME_MIN || now > TIME_MAX - DAYS_MAX * DAY_MS)
        return err_set(err, ERR_INVALID, NULL, "this machine's clock is not set: no certificate can be dated");
    struct issue issue;
    issue_init(&issue, env);
    int rc = read_authority(&issue, root);
    if (rc != 0) {
        tls_error(err, ERR_FORMAT, "the region root's TLS key or certificate", rc);
        rc = ERR_FORMAT;
    } else {
        rc = describe_hub(&issue, root, days);
        if (rc == 0) rc = write_pem(&issue, key_pem, certificate_pem);
        if (rc != 0) rc = tls_error(err, ERR_INVALID, "the hub's TLS certificate cannot be made", rc);
    }
    issue_release(&issue);
    return rc;
}
