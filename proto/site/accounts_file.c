/* accounts.json:
 *
 *   {"format": 1, "version": N, "accounts": [{"name", "kind": "user"|"staff"|"till", "role", "store", "version",
 *    "made", "changed", "secret": {"kib", "passes", "salt", "hash"},
 *    "tokens": [{"id", "hash", "made", "expires", "used"}]}]}
 *
 * Times are ms since 1970 UTC, bytes hexadecimal; role, store, secret are absent where there is none. */
#include <jansson.h>
#include <sodium.h>
#include <stdlib.h>

#include "proto/base/text.h"
#include "proto/site/accounts_parts.h"

#define FORMAT 1
#define KIB_MOST (1u << 20) /* nobody's file makes Argon2id take more than a GiB, or minutes */
#define PASSES_MOST 64

static const char *const kinds[] = {[ACCOUNT_USER] = "user", [ACCOUNT_STAFF] = "staff", [ACCOUNT_TILL] = "till"};
static const char *const roles[ACCOUNT_ROLES] = {"none",   "assistant", "manager", "desk",
                                                 "region", "auditor",   "it",      "till"};

const char *account_role_word(enum account_role role) { return role < ACCOUNT_ROLES ? roles[role] : roles[0]; }

/* ---- Writing ---- */

static json_t *hex(const uint8_t *bytes, size_t len) {
    char text[2 * 32 + 1];
    hex_encode(view_make(bytes, len), text);
    return json_string(text);
}

static json_t *secret_json(const struct secret *s) {
    return json_pack("{s:i, s:i, s:o, s:o}", "kib", (int)s->kib, "passes", (int)s->passes, "salt",
                     hex(s->salt, sizeof s->salt), "hash", hex(s->hash, sizeof s->hash));
}

static json_t *token_json(const struct token *t) {
    return json_pack("{s:i, s:o, s:I, s:I, s:I}", "id", (int)t->id, "hash", hex(t->hash, sizeof t->hash), "made",
                     (json_int_t)t->made, "expires", (json_int_t)t->expires, "used", (json_int_t)t->used);
}

static json_t *account_json(const struct account *a) {
    json_t *object = json_pack("{s:s, s:s, s:I, s:I, s:I}", "name", a->name, "kind", kinds[a->kind], "version",
                               (json_int_t)a->version, "made", (json_int_t)a->made, "changed", (json_int_t)a->changed);
    if (a->role != ACCOUNT_ROLE_none) json_object_set_new(object, "role", json_string(roles[a->role]));
    if (a->store[0] != '\0') json_object_set_new(object, "store", json_string(a->store));
    if (a->secret.set) json_object_set_new(object, "secret", secret_json(&a->secret));
    if (a->token_count == 0) return object;
    json_t *tokens = json_array();
    for (size_t i = 0; i < a->token_count; i++) json_array_append_new(tokens, token_json(&a->tokens[i]));
    json_object_set_new(object, "tokens", tokens);
    return object;
}

void accounts_write(const struct account *items, size_t count, uint64_t version, struct buf *out) {
    json_t *accounts = json_array();
    for (size_t i = 0; i < count; i++) json_array_append_new(accounts, account_json(&items[i]));
    json_t *file = json_pack("{s:i, s:I, s:o}", "format", FORMAT, "version", (json_int_t)version, "accounts", accounts);
    char *text = json_dumps(file, JSON_INDENT(1));
    buf_append_view(out, view_of(text));
    sodium_memzero(text, strlen(text));
    free(text);
    json_decref(file);
}

/* ---- Reading ---- */

static bool take_number(const json_t *object, const char *key, int64_t most, int64_t *out) {
    const json_t *value = json_object_get(object, key);
    *out = json_integer_value(value);
    return json_is_integer(value) && *out >= 0 && *out <= most;
}

static bool take_bytes(const json_t *object, const char *key, uint8_t *out, size_t len) {
    const char *text = json_string_value(json_object_get(object, key));
    return text != NULL && hex_decode(text, out, len);
}

/* A text that may be absent (`*there`), of at least one byte. */
static bool take_text(const json_t *object, const char *key, char *out, size_t size, bool *there) {
    const json_t *value = json_object_get(object, key);
    const char *text = json_string_value(value);
    *there = value != NULL;
    if (value == NULL) return true;
    if (text == NULL || json_string_length(value) >= size || text[0] == '\0') return false;
    struct view v = view_make(text, json_string_length(value));
    if (!utf8_valid(v)) return false;
    view_text(v, out, size);
    return true;
}

static int word_of(const json_t *object, const char *key, const char *const *words, int count) {
    const char *text = json_string_value(json_object_get(object, key));
    for (int i = 1; text != NULL && i < count; i++)
        if (strcmp(words[i], text) == 0) return i;
    return 0;
}

static bool take_secret(const json_t *object, struct secret *out) {
    int64_t kib, passes;
    if (!take_number(object, "kib", KIB_MOST, &kib) || !take_number(object, "passes", PASSES_MOST, &passes))
        return false;
    out->kib = (uint32_t)kib;
    out->passes = (uint32_t)passes;
    out->set = true;
    return kib >= 8 && passes >= 1 && take_bytes(object, "salt", out->salt, sizeof out->salt) &&
           take_bytes(object, "hash", out->hash, sizeof out->hash);
}

static bool take_tokens(const json_t *array, struct account *out) {
    if (!json_is_array(array) || json_array_size(array) > ACCOUNT_TOKENS_MAX) return false;
    for (size_t i = 0; i < json_array_size(array); i++) {
        const json_t *object = json_array_get(array, i);
        struct token *t = &out->tokens[out->token_count++];
        int64_t id;
        if (!take_number(object, "id", INT32_MAX, &id) || !take_bytes(object, "hash", t->hash, sizeof t->hash) ||
            !take_number(object, "made", INT64_MAX, &t->made) ||
            !take_number(object, "expires", INT64_MAX, &t->expires) ||
            !take_number(object, "used", INT64_MAX, &t->used))
            return false;
        t->id = (uint32_t)id;
        if (id == 0 || (i > 0 && t->id <= t[-1].id)) return false;
    }
    return true;
}

static bool take_account(const json_t *object, struct account *out) {
    bool there;
    int64_t version;
    if (!take_text(object, "name", out->name, sizeof out->name, &there) || !there) return false;
    if (!take_text(object, "store", out->store, sizeof out->store, &there)) return false;
    out->kind = (enum account_kind)word_of(object, "kind", kinds, ACCOUNT_TILL + 1);
    out->role = (enum account_role)word_of(object, "role", roles, ACCOUNT_ROLES);
    bool roled = out->kind == ACCOUNT_STAFF  ? out->role == ACCOUNT_ROLE_none
                 : out->kind == ACCOUNT_TILL ? out->role == ACCOUNT_ROLE_till
                                             : out->role != ACCOUNT_ROLE_none && out->role != ACCOUNT_ROLE_till;
    if (out->kind == 0 || !roled || !take_number(object, "version", INT64_MAX, &version) ||
        !take_number(object, "made", INT64_MAX, &out->made) ||
        !take_number(object, "changed", INT64_MAX, &out->changed))
        return false;
    out->version = (uint64_t)version;
    const json_t *secret = json_object_get(object, "secret"), *tokens = json_object_get(object, "tokens");
    return (secret == NULL || take_secret(secret, &out->secret)) && (tokens == NULL || take_tokens(tokens, out));
}

/* False: an account is not as written, or not behind the one before it. */
static bool take_accounts(const json_t *array, struct account *items) {
    for (size_t i = 0; i < json_array_size(array); i++)
        if (!take_account(json_array_get(array, i), &items[i]) ||
            (i > 0 && strcmp(items[i - 1].name, items[i].name) >= 0))
            return false;
    return true;
}

int accounts_parse(struct view text, struct account **items, size_t *count, uint64_t *version, struct err *err) {
    json_error_t reason;
    int64_t format = 0, newest = 0;
    json_t *file = json_loadb((const char *)text.data, text.len, JSON_REJECT_DUPLICATES, &reason);
    const json_t *array = json_object_get(file, "accounts");
    *items = NULL;
    *count = 0;
    bool whole = take_number(file, "format", FORMAT, &format) && format == FORMAT &&
                 take_number(file, "version", INT64_MAX, &newest) && json_is_array(array) &&
                 json_array_size(array) <= ACCOUNTS_MAX;
    if (whole) {
        *count = json_array_size(array);
        *items = mem_alloc((*count + 1) * sizeof **items);
        whole = take_accounts(array, *items);
    }
    json_decref(file);
    *version = (uint64_t)newest;
    if (whole) return 0;
    if (*items != NULL) sodium_memzero(*items, *count * sizeof **items);
    free(*items);
    *items = NULL;
    *count = 0;
    return err_set(err, ERR_FORMAT, NULL, "lacks a field or holds an impossible one");
}
