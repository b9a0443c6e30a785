/* Against whom this site's log is verified: its own key, hubs' by the root's word, stores' as the hub told them. */
#include <string.h>

#include "proto/site/site.h"

int site_stream_key(struct site *site, uint32_t stream, uint8_t key[PUBLIC_KEY_SIZE]) {
    uint8_t certificate[SIGNATURE_SIZE];
    struct stream_state state;
    if (stream == site->config.stream) {
        memcpy(key, site->signer.public_key, PUBLIC_KEY_SIZE);
        return 0;
    }
    if (stream_is_hub(stream))
        return site_hub_key(site, stream, key, certificate) &&
                       hub_certificate_holds(site->config.root, key, certificate)
                   ? 0
                   : ERR_NOT_FOUND;
    site_read(site);
    bool known = model_stream(site->model, stream, &state) && state.keyed;
    if (known) memcpy(key, state.key, PUBLIC_KEY_SIZE);
    site_unread(site);
    return known ? 0 : ERR_NOT_FOUND;
}

static int key_of(void *context, uint32_t stream, uint8_t key[PUBLIC_KEY_SIZE]) {
    return site_stream_key(context, stream, key);
}

int site_verify_log(struct site *site, struct verify_report *report, struct err *err) {
    struct log_trust trust = {.key_of = key_of, .context = site, .fed = site->config.role == ROLE_STORE};
    memcpy(trust.root, site->config.root, sizeof trust.root);
    return site->log->ops->verify(site->log, &trust, report, err);
}
