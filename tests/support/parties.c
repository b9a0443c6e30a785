#include "tests/support/parties.h"

#include <sodium.h>
#include <string.h>

static void signer_make(struct signer *out, enum role role, uint32_t stream, uint8_t seed_byte) {
    uint8_t seed[crypto_sign_SEEDBYTES];
    memset(seed, seed_byte, sizeof seed);
    *out = (struct signer){.role = role, .stream = stream};
    crypto_sign_seed_keypair(out->public_key, out->secret, seed);
}

void parties_make(struct parties *out, uint8_t region) {
    signer_make(&out->root, ROLE_ROOT, 0, (uint8_t)(region * 3 + 1));
    signer_make(&out->hub, ROLE_HUB, stream_make(1, 0), (uint8_t)(region * 3 + 2));
    signer_make(&out->store, ROLE_STORE, PARTIES_STREAM, (uint8_t)(region * 3 + 3));
    memcpy(out->root.root, out->root.public_key, PUBLIC_KEY_SIZE);
    memcpy(out->hub.root, out->root.public_key, PUBLIC_KEY_SIZE);
    memcpy(out->store.root, out->root.public_key, PUBLIC_KEY_SIZE);
    const struct region_root root = {.signer = out->root};
    hub_certify(&root, out->hub.public_key, out->certificate);
}

static int64_t still_now(void *context) { return ((struct still_world *)context)->now; }

static void still_random(void *context, void *out, size_t len) {
    struct still_world *world = context;
    for (uint8_t *p = out; len > 0; len--) {
        world->state ^= world->state >> 12;
        world->state ^= world->state << 25;
        world->state ^= world->state >> 27;
        *p++ = (uint8_t)((world->state * UINT64_C(2685821657736338717)) >> 56);
    }
}

void still_world_init(struct still_world *world, uint64_t seed) {
    *world = (struct still_world){
        .env = {still_now, still_now, still_random, world}, .now = PARTIES_NOW, .state = seed * 2 + 1};
}
