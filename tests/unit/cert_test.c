/* The region's CA and the hub's TLS certificate, as mbed TLS verifies them. */
#include <criterion/criterion.h>
#include <mbedtls/ecdsa.h>
#include <mbedtls/oid.h>
#include <mbedtls/pk.h>
#include <mbedtls/x509_crt.h>
#include <stdlib.h>
#include <string.h>

#include "tests/support/parties.h"

#define DAY (INT64_C(86400) * 1000)

static struct still_world world;
static struct region_root root;
static char name[SERVER_NAME_SIZE];

static void prepare(void) {
    struct err err = {0};
    still_world_init(&world, 7);
    cr_assert_eq(region_root_make(&world.env, "서울, \"강남\" = \\1+1\n", &root, &err), 0, "%s", err.text);
    server_name(root.signer.public_key, name);
}

static void done(void) { region_root_release(&root); }

TestSuite(cert, .init = prepare, .fini = done);

static void parse(mbedtls_x509_crt *out, const char *pem) {
    mbedtls_x509_crt_init(out);
    cr_assert_eq(mbedtls_x509_crt_parse(out, (const unsigned char *)pem, strlen(pem) + 1), 0);
}

/* A hub's certificate made at `now` for `days`. */
static char *make(int64_t now, int days) {
    char *key = NULL, *certificate = NULL;
    struct err err = {0};
    world.now = now;
    cr_assert_eq(tls_certificate_make(&world.env, &root, days, &key, &certificate, &err), 0, "%s", err.text);
    free(key);
    return certificate;
}

/* What mbed TLS has against a certificate under a CA and a server name; 0: nothing. It asks the machine's clock, so
 * dates are judged by making certificates for other times than the machine's. */
static uint32_t verify(const char *certificate_pem, const char *ca_pem, const char *server) {
    mbedtls_x509_crt certificate, ca;
    uint32_t flags = 0;
    parse(&certificate, certificate_pem);
    parse(&ca, ca_pem);
    mbedtls_x509_crt_verify_with_profile(&certificate, &ca, NULL, &mbedtls_x509_crt_profile_suiteb, server, &flags,
                                         NULL, NULL);
    mbedtls_x509_crt_free(&certificate);
    mbedtls_x509_crt_free(&ca);
    return flags;
}

static int64_t machine_now(void) { return env_now(env_os()); }

Test(cert, the_hub_is_verified_by_ca_and_server_name) {
    char *certificate = make(machine_now(), 30);
    cr_assert_eq(verify(certificate, root.ca_certificate, name), 0);
    free(certificate);
}

Test(cert, another_server_name_is_refused) {
    char *certificate = make(machine_now(), 30);
    char other[SERVER_NAME_SIZE];
    memcpy(other, name, sizeof other);
    other[8] ^= 1;
    cr_assert_eq(verify(certificate, root.ca_certificate, other), MBEDTLS_X509_BADCERT_CN_MISMATCH);
    cr_assert_eq(verify(certificate, root.ca_certificate, "localhost"), MBEDTLS_X509_BADCERT_CN_MISMATCH);
    free(certificate);
}

Test(cert, another_regions_ca_is_refused) {
    struct region_root foreign;
    char *certificate = make(machine_now(), 30);
    cr_assert_eq(region_root_make(&world.env, "부산", &foreign, NULL), 0);
    cr_assert_eq(verify(certificate, foreign.ca_certificate, name), MBEDTLS_X509_BADCERT_NOT_TRUSTED);
    free(certificate);
    region_root_release(&foreign);
}

Test(cert, a_certificate_is_valid_for_so_many_days_and_for_clocks_that_are_behind) {
    char *past = make(machine_now() - 31 * DAY, 30), *last = make(machine_now() - 30 * DAY + DAY / 24, 30);
    char *ahead = make(machine_now() + 4000 * DAY, 30); /* as a PC sees it whose clock is eleven years behind */
    cr_assert_eq(verify(past, root.ca_certificate, name), MBEDTLS_X509_BADCERT_EXPIRED);
    cr_assert_eq(verify(last, root.ca_certificate, name), 0);
    cr_assert_eq(verify(ahead, root.ca_certificate, name), 0);
    free(past);
    free(last);
    free(ahead);
}

Test(cert, dates_are_written_as_they_are) {
    mbedtls_x509_crt certificate;
    char *pem = make(INT64_C(2540073599000), 366); /* 2050-06-28T23:59:59Z: past 2049 X.509 writes dates otherwise */
    parse(&certificate, pem);
    const mbedtls_x509_time from = certificate.valid_from, to = certificate.valid_to;
    cr_assert(from.year == 2000 && from.mon == 1 && from.day == 1 && from.hour == 0 && from.sec == 0);
    cr_assert(to.year == 2051 && to.mon == 6 && to.day == 29 && to.hour == 23 && to.min == 59);
    mbedtls_x509_crt_free(&certificate);
    free(pem);
}

Test(cert, the_ca_may_sign_and_the_hub_may_not) {
    mbedtls_x509_crt ca, hub;
    char *pem = make(machine_now(), 1);
    parse(&ca, root.ca_certificate);
    parse(&hub, pem);
    cr_assert(ca.ca_istrue && ca.max_pathlen == 1, "mbed TLS keeps the path length plus one");
    cr_assert_not(hub.ca_istrue);
    cr_assert_eq(mbedtls_x509_crt_check_key_usage(&ca, MBEDTLS_X509_KU_KEY_CERT_SIGN), 0);
    cr_assert_neq(mbedtls_x509_crt_check_key_usage(&ca, MBEDTLS_X509_KU_DIGITAL_SIGNATURE), 0);
    cr_assert_eq(mbedtls_x509_crt_check_key_usage(&hub, MBEDTLS_X509_KU_DIGITAL_SIGNATURE), 0);
    cr_assert_neq(mbedtls_x509_crt_check_key_usage(&hub, MBEDTLS_X509_KU_KEY_CERT_SIGN), 0);
    mbedtls_x509_crt_free(&ca);
    mbedtls_x509_crt_free(&hub);
    free(pem);
}

Test(cert, the_hub_is_named_in_both_places) {
    mbedtls_x509_crt hub;
    char *pem = make(machine_now(), 1), subject[200];
    parse(&hub, pem);
    cr_assert_gt(mbedtls_x509_dn_gets(subject, sizeof subject, &hub.subject), 0);
    char expected[SERVER_NAME_SIZE + 4];
    snprintf(expected, sizeof expected, "CN=%s", name);
    cr_assert_str_eq(subject, expected);
    const mbedtls_x509_sequence *alternative = &hub.subject_alt_names;
    cr_assert_eq(alternative->buf.len, strlen(name));
    cr_assert_arr_eq(alternative->buf.p, name, strlen(name));
    cr_assert_null(alternative->next);
    mbedtls_x509_crt_free(&hub);
    free(pem);
}

/* The region's name is a person's: what X.509's text form gives a meaning must not become part of the name's form. */
Test(cert, the_ca_carries_the_regions_name) {
    mbedtls_x509_crt ca;
    parse(&ca, root.ca_certificate);
    const mbedtls_x509_name *part = &ca.subject;
    cr_assert_eq(part->val.len, strlen(name) + strlen(" root"));
    cr_assert_arr_eq(part->val.p, name, strlen(name));
    part = part->next;
    cr_assert_not_null(part);
    cr_assert_null(part->next);
    cr_assert_eq(strncmp((const char *)part->val.p, "서울   강남     1 1", strlen("서울   강남     1 1")), 0);
    mbedtls_x509_crt_free(&ca);
}

Test(cert, a_region_without_a_name_or_with_a_long_one_has_a_ca) {
    struct buf longest = BUF_INIT;
    for (int i = 0; i < 100; i++) buf_printf(&longest, "단");
    const char *const regions[] = {"", NULL, buf_text(&longest), ",,,"};
    for (size_t i = 0; i < 4; i++) {
        region_root_release(&root);
        cr_assert_eq(region_root_make(&world.env, regions[i], &root, NULL), 0);
        server_name(root.signer.public_key, name);
        char *certificate = make(machine_now(), 1);
        cr_assert_eq(verify(certificate, root.ca_certificate, name), 0);
        free(certificate);
    }
    buf_release(&longest);
}

Test(cert, serial_numbers_are_positive_and_never_the_same) {
    mbedtls_x509_crt a, b;
    char *first = make(machine_now(), 1), *second = make(machine_now(), 1);
    parse(&a, first);
    parse(&b, second);
    cr_assert(a.serial.len == 16 && b.serial.len == 16);
    cr_assert(a.serial.p[0] < 0x80 && b.serial.p[0] < 0x80);
    cr_assert_arr_neq(a.serial.p, b.serial.p, 16);
    mbedtls_x509_crt_free(&a);
    mbedtls_x509_crt_free(&b);
    free(first);
    free(second);
}

Test(cert, the_key_is_the_certificates_own) {
    char *key_pem, *pem;
    mbedtls_x509_crt certificate;
    mbedtls_pk_context key;
    cr_assert_eq(tls_certificate_make(&world.env, &root, 1, &key_pem, &pem, NULL), 0);
    parse(&certificate, pem);
    mbedtls_pk_init(&key);
    cr_assert_eq(mbedtls_pk_parse_key(&key, (unsigned char *)key_pem, strlen(key_pem) + 1, NULL, 0), 0);
    cr_assert_eq(mbedtls_pk_check_pair(&certificate.pk, &key), 0);
    cr_assert_eq(mbedtls_pk_get_bitlen(&key), 256);
    mbedtls_pk_free(&key);
    mbedtls_x509_crt_free(&certificate);
    free(key_pem);
    free(pem);
}

Test(cert, the_same_world_makes_the_same_root) {
    struct still_world again;
    struct region_root a, b;
    still_world_init(&again, 99);
    cr_assert_eq(region_root_make(&again.env, "서울", &a, NULL), 0);
    still_world_init(&again, 99);
    cr_assert_eq(region_root_make(&again.env, "서울", &b, NULL), 0);
    cr_assert_str_eq(a.ca_key, b.ca_key);
    region_root_release(&a);
    region_root_release(&b);
}

Test(cert, what_cannot_be_made_is_refused) {
    char *key, *pem;
    struct err err;
    cr_assert_eq(tls_certificate_make(&world.env, &root, 0, &key, &pem, &err), ERR_INVALID);
    cr_assert_eq(tls_certificate_make(&world.env, &root, 36501, &key, &pem, &err), ERR_INVALID);
    world.now = INT64_MIN / 2;
    cr_assert_eq(tls_certificate_make(&world.env, &root, 1, &key, &pem, &err), ERR_INVALID);
    world.now = INT64_MAX;
    cr_assert_eq(tls_certificate_make(&world.env, &root, 1, &key, &pem, &err), ERR_INVALID);
}

Test(cert, a_damaged_root_makes_none) {
    char *key, *pem;
    struct err err;
    struct region_root other;
    cr_assert_eq(region_root_make(&world.env, "부산", &other, NULL), 0);
    struct region_root mixed = {.signer = root.signer, .ca_key = other.ca_key, .ca_certificate = root.ca_certificate};
    cr_assert_eq(tls_certificate_make(&world.env, &mixed, 1, &key, &pem, &err), ERR_FORMAT);
    char nothing[] = "-----BEGIN CERTIFICATE-----\n";
    mixed = (struct region_root){.signer = root.signer, .ca_key = root.ca_key, .ca_certificate = nothing};
    cr_assert_eq(tls_certificate_make(&world.env, &mixed, 1, &key, &pem, &err), ERR_FORMAT);
    cr_assert_neq(err.text[0], '\0');
    region_root_release(&other);
}
