/* What a password or PIN becomes, and whether one is it. */
#include <sodium.h>

#include "proto/base/text.h"
#include "proto/site/accounts_parts.h"

#define PASSES 3
#define KIB (64u << 10)
#define SECRET_MAX 256 /* bytes; hashing a longer one would be work for nothing */
#define PASSWORD_LEAST 8
#define PIN_LEAST 4
#define PIN_MOST 12

static int check_pin(struct view secret, struct err *err) {
    bool digits = true;
    for (size_t i = 0; i < secret.len; i++) digits = digits && secret.data[i] >= '0' && secret.data[i] <= '9';
    if (digits && secret.len >= PIN_LEAST && secret.len <= PIN_MOST) return 0;
    return err_set(err, ERR_INVALID, "pin", "takes %d to %d digits", PIN_LEAST, PIN_MOST);
}

int secret_check(struct view secret, bool pin, struct err *err) {
    if (pin) return check_pin(secret, err);
    if (!utf8_valid(secret)) return err_set(err, ERR_INVALID, "password", "is not valid UTF-8 text");
    if (secret.len < PASSWORD_LEAST)
        return err_set(err, ERR_INVALID, "password", "is shorter than %d characters", PASSWORD_LEAST);
    if (secret.len > SECRET_MAX) return err_set(err, ERR_LIMIT, "password", "is longer than %d bytes", SECRET_MAX);
    return 0;
}

/* False: no memory for it. */
static bool hash(const uint8_t key[32], const struct secret *secret, struct view text, uint8_t out[32]) {
    uint8_t slow[32];
    size_t len = text.len <= SECRET_MAX ? text.len : SECRET_MAX + 1;
    int rc = crypto_pwhash(slow, sizeof slow, (const char *)text.data, len, secret->salt, secret->passes,
                           (size_t)secret->kib << 10, crypto_pwhash_ALG_ARGON2ID13);
    if (rc == 0) crypto_generichash(out, 32, slow, sizeof slow, key, 32);
    sodium_memzero(slow, sizeof slow);
    return rc == 0;
}

void secret_make(const uint8_t key[32], const struct env *env, struct view text, struct secret *out) {
    *out = (struct secret){.set = true, .kib = KIB, .passes = PASSES};
    env_random(env, out->salt, sizeof out->salt);
    if (!hash(key, out, text, out->hash)) mem_exhausted();
}

bool secret_is(const uint8_t key[32], const struct secret *secret, struct view text) {
    static const struct secret nobodys = {.kib = KIB, .passes = PASSES};
    uint8_t found[32];
    bool there = secret->set && text.len <= SECRET_MAX;
    bool hashed = hash(key, there ? secret : &nobodys, text.data == NULL ? view_of("") : text, found);
    bool same = hashed && sodium_memcmp(found, there ? secret->hash : nobodys.hash, sizeof found) == 0;
    sodium_memzero(found, sizeof found);
    return same && there;
}
