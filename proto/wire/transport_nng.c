#include "proto/wire/transport_nng.h"

#include <arpa/inet.h>
#include <stdlib.h>

/* nng adds the negative codes of getaddrinfo to NNG_ESYSERR. */
static bool name_failed(int rc) { return rc > NNG_ESYSERR - 1000 && rc < NNG_ESYSERR; }

int nng_code(int rc) {
    if (name_failed(rc)) rc = NNG_EADDRINVAL;
    switch (rc) {
    case NNG_ECONNREFUSED: return ERR_REFUSED;
    case NNG_ETIMEDOUT: return ERR_TIMEOUT;
    case NNG_EADDRINVAL: return ERR_NOT_FOUND;
    case NNG_EADDRINUSE: return ERR_BUSY;
    case NNG_ECRYPTO:
    case NNG_EPEERAUTH: return ERR_AUTH;
    case NNG_ECLOSED:
    case NNG_ECONNSHUT:
    case NNG_ECONNRESET:
    case NNG_ECONNABORTED: return ERR_CLOSED;
    default: return ERR_IO;
    }
}

const char *nng_words(int rc) {
    if (name_failed(rc)) rc = NNG_EADDRINVAL;
    switch (rc) {
    case NNG_ECONNREFUSED: return "nobody listens there";
    case NNG_ETIMEDOUT: return "no answer in time";
    case NNG_EADDRINVAL: return "there is no such host";
    case NNG_EADDRINUSE: return "another program uses that port";
    case NNG_EUNREACHABLE: return "there is no way to that network";
    case NNG_EPERM: return "this user is not allowed to";
    case NNG_ENOFILES: return "too many open files";
    case NNG_EAGAIN: return "the name server does not answer";
    default: return nng_strerror(rc);
    }
}

void nng_address_text(const nng_sockaddr *address, char *out) {
    char host[INET6_ADDRSTRLEN] = "";
    if (address->s_family == NNG_AF_INET && inet_ntop(AF_INET, &address->s_in.sa_addr, host, sizeof host) != NULL)
        snprintf(out, TRANSPORT_PEER_SIZE, "%s:%u", host, (unsigned)ntohs(address->s_in.sa_port));
    else if (address->s_family == NNG_AF_INET6 && inet_ntop(AF_INET6, address->s_in6.sa_addr, host, sizeof host))
        snprintf(out, TRANSPORT_PEER_SIZE, "[%s]:%u", host, (unsigned)ntohs(address->s_in6.sa_port));
    else
        snprintf(out, TRANSPORT_PEER_SIZE, "unknown");
}

/* Without the server name nng takes any certificate of the CA, a store's for the hub's. */
static int open_client(const struct tls_identity *tls, nng_tls_config **out, struct err *err) {
    if (tls->server_name == NULL || tls->server_name[0] == '\0')
        return err_set(err, ERR_INVALID, NULL, "dialling over TLS needs the name of the server");
    nng_must(nng_tls_config_alloc(out, NNG_TLS_MODE_CLIENT));
    if (nng_tls_config_ca_chain(*out, tls->ca_certificate, NULL) != 0)
        return err_set(err, ERR_INVALID, NULL, "the certificate of the region's authority cannot be read");
    nng_must(nng_tls_config_server_name(*out, tls->server_name));
    nng_must(nng_tls_config_auth_mode(*out, NNG_TLS_AUTH_MODE_REQUIRED));
    nng_must(nng_tls_config_version(*out, NNG_TLS_1_2, NNG_TLS_1_3));
    return 0;
}

/* Dialling sides show no certificate: they prove who they are with a signature (identity.h). */
static int open_server(const struct tls_identity *tls, nng_tls_config **out, struct err *err) {
    if (tls->certificate == NULL)
        return err_set(err, ERR_INVALID, NULL, "listening over TLS needs a certificate beside the key");
    nng_must(nng_tls_config_alloc(out, NNG_TLS_MODE_SERVER));
    if (nng_tls_config_own_cert(*out, tls->certificate, tls->key, NULL) != 0)
        return err_set(err, ERR_INVALID, NULL, "the TLS key or certificate cannot be read");
    nng_must(nng_tls_config_auth_mode(*out, NNG_TLS_AUTH_MODE_NONE));
    nng_must(nng_tls_config_version(*out, NNG_TLS_1_2, NNG_TLS_1_3));
    return 0;
}

static int open_tls(struct line_transport *t, const struct tls_identity *tls, struct err *err) {
    int rc = 0;
    t->tls = true;
    if (tls->ca_certificate != NULL) rc = open_client(tls, &t->client, err);
    if (rc == 0 && tls->key != NULL) rc = open_server(tls, &t->server, err);
    return rc;
}

static void release(struct line_transport *t) {
    if (t->client != NULL) nng_tls_config_free(t->client);
    if (t->server != NULL) nng_tls_config_free(t->server);
    free(t);
}

static void line_shutdown(struct transport *base) {
    struct line_transport *t = (struct line_transport *)base;
    clerk_close(&t->clerk);
    release(t);
}

int transport_nng_open(const struct env *env, const struct tls_identity *tls, struct transport **out, struct err *err) {
    static const struct transport_ops ops = {line_listen,   line_dial,  line_send, line_resume,  line_limit,
                                             line_deadline, line_close, line_peer, line_shutdown};
    struct line_transport *t = mem_alloc(sizeof *t);
    t->base.ops = &ops;
    int rc = tls == NULL ? 0 : open_tls(t, tls, err);
    if (rc != 0) {
        release(t);
        return rc;
    }
    clerk_open(&t->clerk, env);
    *out = &t->base;
    return 0;
}
