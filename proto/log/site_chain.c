#include "proto/log/site_chain.h"

#include <string.h>

#define DOMAIN "dangol site 1"

void site_chain_start(struct site_chain *chain) {
    static const uint8_t domain[] = DOMAIN;
    uint8_t value[CHAIN_SIZE];
    crypto_generichash(value, sizeof value, domain, sizeof domain - 1, NULL, 0);
    site_chain_from(chain, value);
}

void site_chain_from(struct site_chain *chain, const uint8_t value[CHAIN_SIZE]) {
    memmove(chain->value, value, CHAIN_SIZE);
    chain->count = 0;
    crypto_generichash_init(&chain->state, NULL, 0, CHAIN_SIZE);
    crypto_generichash_update(&chain->state, chain->value, CHAIN_SIZE);
}

void site_chain_add(struct site_chain *chain, struct view record) {
    uint8_t length[4];
    put_u32_be(length, (uint32_t)record.len);
    crypto_generichash_update(&chain->state, length, sizeof length);
    crypto_generichash_update(&chain->state, record.data, record.len);
    chain->count++;
}

void site_chain_commit(struct site_chain *chain) {
    uint8_t count[8];
    uint8_t value[CHAIN_SIZE];
    put_u64_be(count, chain->count);
    crypto_generichash_update(&chain->state, count, sizeof count);
    crypto_generichash_final(&chain->state, value, sizeof value);
    site_chain_from(chain, value);
}
