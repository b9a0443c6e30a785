#include "proto/site/accounts.h"

#include <sodium.h>
#include <stdlib.h>

#include "proto/base/file_os.h"
#include "proto/base/text.h"
#include "proto/site/accounts_parts.h"

#define WORKING_DIRECTORY (-100) /* AT_FDCWD */
#define TOKEN_BYTES 32

/* ---- Opening ---- */

static int load(struct accounts *a, struct err *err) {
    struct buf text = BUF_INIT;
    char *path = path_join(a->directory, ACCOUNTS_FILE);
    int code = file_read(WORKING_DIRECTORY, path, &text, err);
    if (code == ERR_NOT_FOUND)
        code = 0;
    else if (code == 0 && accounts_parse(buf_view(&text), &a->items, &a->count, &a->version, err) != 0)
        code = err_set(err, ERR_CORRUPT, NULL,
                       "%s lacks a field or holds an impossible one; take it away, and nobody can sign in until "
                       "accounts are made anew, or put the one of a backup in its place",
                       path);
    buf_wipe(&text);
    free(path);
    return code;
}

int accounts_open(const char *directory, const uint8_t master[32], const struct env *env, struct accounts **out,
                  struct err *err) {
    struct accounts *a = mem_alloc(sizeof *a);
    a->directory = directory;
    a->env = env;
    mutex_init(&a->lock);
    crypto_generichash(a->key, sizeof a->key, (const uint8_t *)ACCOUNTS_FILE, strlen(ACCOUNTS_FILE), master, 32);
    int code = directory == NULL ? 0 : load(a, err);
    if (code == 0)
        *out = a;
    else
        accounts_close(a);
    return code;
}

static void forget(struct account *items, size_t count) {
    if (items != NULL) sodium_memzero(items, count * sizeof *items);
    free(items);
}

void accounts_close(struct accounts *a) {
    if (a == NULL) return;
    forget(a->items, a->count);
    mutex_destroy(&a->lock);
    sodium_memzero(a->key, sizeof a->key);
    free(a);
}

/* ---- Finding ---- */

/* Where the name stands, or would. */
static size_t place_of(const struct accounts *a, struct view name, bool *found) {
    size_t low = 0, high = a->count;
    *found = false;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        int order = view_compare(view_of(a->items[middle].name), name);
        if (order == 0) *found = true;
        if (order < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

size_t accounts_count(struct accounts *a) {
    mutex_lock(&a->lock);
    size_t count = a->count;
    mutex_unlock(&a->lock);
    return count;
}

bool accounts_find(struct accounts *a, struct view name, struct account *out) {
    bool found;
    mutex_lock(&a->lock);
    size_t place = place_of(a, name, &found);
    if (found) *out = a->items[place];
    mutex_unlock(&a->lock);
    return found;
}

size_t accounts_list(struct accounts *a, struct account **out) {
    mutex_lock(&a->lock);
    size_t count = a->count;
    *out = mem_alloc((count + 1) * sizeof **out);
    if (count > 0) memcpy(*out, a->items, count * sizeof **out);
    mutex_unlock(&a->lock);
    return count;
}

bool accounts_secret_is(const struct accounts *a, const struct account *account, struct view secret) {
    return secret_is(a->key, &account->secret, secret);
}

/* ---- Changing: a copy is changed and written, and only then is it what holds ---- */

struct change {
    struct account *items;
    size_t count;
    int64_t now;
};

/* The lock is held from here on, until the change ends. */
static struct change begin(struct accounts *a) {
    mutex_lock(&a->lock);
    struct change change = {mem_alloc((a->count + 1) * sizeof *change.items), a->count, env_now(a->env)};
    if (a->count > 0) memcpy(change.items, a->items, a->count * sizeof *change.items);
    return change;
}

static int store(struct accounts *a, const struct change *change, struct err *err) {
    if (a->directory == NULL) return 0;
    struct buf text = BUF_INIT;
    char *path = path_join(a->directory, ACCOUNTS_FILE);
    accounts_write(change->items, change->count, a->version + 1, &text);
    int code = file_write(WORKING_DIRECTORY, path, buf_view(&text), 0600, err);
    buf_wipe(&text);
    free(path);
    return code;
}

/* Of `changed`, when there is one: who used it before signs in again. */
static int end(struct accounts *a, struct change *change, struct account *changed, int code, struct err *err) {
    if (changed != NULL) {
        changed->version = a->version + 1;
        changed->changed = change->now;
    }
    if (code == 0) code = store(a, change, err);
    if (code == 0) {
        struct change old = {a->items, a->count, 0};
        a->items = change->items;
        a->count = change->count;
        a->version++;
        a->used = false;
        *change = old;
    }
    mutex_unlock(&a->lock);
    forget(change->items, change->count);
    return code;
}

static int nobody(struct view name, struct err *err) {
    char text[ACCOUNT_NAME_MAX + 1];
    return err_set(err, ERR_NOT_FOUND, "name", "there is no account '%s'", view_text(name, text, sizeof text));
}

/* The account in the change; NULL when there is none, and `*code` says so. */
static struct account *take(const struct accounts *a, const struct change *change, struct view name, int *code,
                            struct err *err) {
    bool found;
    size_t place = place_of(a, name, &found);
    *code = found ? 0 : nobody(name, err);
    return found ? &change->items[place] : NULL;
}

static int check_name(struct view name, struct err *err) {
    if (name.len == 0) return err_set(err, ERR_INVALID, "name", "is empty");
    if (name.len > ACCOUNT_NAME_MAX)
        return err_set(err, ERR_LIMIT, "name", "is longer than %d bytes", ACCOUNT_NAME_MAX);
    if (!utf8_valid(name)) return err_set(err, ERR_INVALID, "name", "is not valid UTF-8 text");
    for (size_t i = 0; i < name.len; i++)
        if (name.data[i] <= ' ' || name.data[i] == 0x7f)
            return err_set(err, ERR_INVALID, "name", "holds a blank or a control character");
    return 0;
}

int accounts_add(struct accounts *a, const struct account *fresh, struct view secret, struct err *err) {
    struct account account = {.kind = fresh->kind, .role = fresh->role};
    struct view name = view_of(fresh->name);
    bool found;
    int code = check_name(name, err);
    if (code != 0) return code;
    memcpy(account.name, fresh->name, sizeof account.name);
    memcpy(account.store, fresh->store, sizeof account.store);
    if (secret.data != NULL) secret_make(a->key, a->env, secret, &account.secret);
    struct change change = begin(a);
    size_t place = place_of(a, name, &found);
    account.made = change.now;
    if (found)
        code = err_set(err, ERR_EXISTS, "name", "there is an account '%s' already", account.name);
    else if (change.count == ACCOUNTS_MAX)
        code = err_set(err, ERR_LIMIT, NULL, "there are %d accounts already", ACCOUNTS_MAX);
    if (code == 0) {
        memmove(&change.items[place + 1], &change.items[place], (change.count - place) * sizeof account);
        change.items[place] = account;
        change.count++;
    }
    code = end(a, &change, code == 0 ? &change.items[place] : NULL, code, err);
    sodium_memzero(&account, sizeof account);
    return code;
}

int accounts_set_secret(struct accounts *a, struct view name, struct view secret, struct err *err) {
    struct secret made;
    int code;
    secret_make(a->key, a->env, secret, &made);
    struct change change = begin(a);
    struct account *account = take(a, &change, name, &code, err);
    if (code == 0 && account->kind == ACCOUNT_TILL)
        code = err_set(err, ERR_REFUSED, "name", "'%s' is a till: it has tokens and no secret", account->name);
    if (code == 0) account->secret = made;
    sodium_memzero(&made, sizeof made);
    return end(a, &change, account, code, err);
}

int accounts_set_role(struct accounts *a, struct view name, enum account_role role, struct view store_code,
                      struct err *err) {
    int code;
    struct change change = begin(a);
    struct account *account = take(a, &change, name, &code, err);
    if (code == 0 && account->kind != ACCOUNT_USER)
        code = err_set(err, ERR_REFUSED, "name",
                       account->kind == ACCOUNT_TILL ? "'%s' is a till, and stays one"
                                                     : "'%s' is of the staff: `staff add %s --role` says what they are",
                       account->name, account->name);
    if (code == 0) account->role = role;
    if (code == 0) view_text(store_code, account->store, sizeof account->store);
    return end(a, &change, account, code, err);
}

int accounts_remove(struct accounts *a, struct view name, struct err *err) {
    int code;
    struct change change = begin(a);
    struct account *account = take(a, &change, name, &code, err);
    if (code == 0) {
        size_t place = (size_t)(account - change.items);
        memmove(account, account + 1, (change.count - place - 1) * sizeof *account);
        change.count--;
    }
    return end(a, &change, NULL, code, err);
}

/* ---- Tokens ---- */

static void token_hash(struct view text, uint8_t out[32]) {
    crypto_generichash(out, 32, text.data == NULL ? (const uint8_t *)"" : text.data, text.len, NULL, 0);
}

int accounts_add_token(struct accounts *a, struct view name, int64_t expires, char out[TOKEN_TEXT + 1], uint32_t *id,
                       struct err *err) {
    uint8_t bytes[TOKEN_BYTES];
    char digits[TOKEN_TEXT - sizeof TOKEN_PREFIX + 2];
    int code;
    env_random(a->env, bytes, sizeof bytes);
    sodium_bin2base64(digits, sizeof digits, bytes, sizeof bytes, sodium_base64_VARIANT_URLSAFE_NO_PADDING);
    snprintf(out, TOKEN_TEXT + 1, "%s%s", TOKEN_PREFIX, digits);
    sodium_memzero(bytes, sizeof bytes);
    sodium_memzero(digits, sizeof digits);
    struct change change = begin(a);
    struct account *account = take(a, &change, name, &code, err);
    if (code == 0 && account->kind != ACCOUNT_TILL)
        code = err_set(err, ERR_REFUSED, "name", "'%s' is somebody's account; a token is a till's: name it after that",
                       account->name);
    if (code == 0 && account->token_count == ACCOUNT_TOKENS_MAX)
        code = err_set(err, ERR_LIMIT, "name", "'%s' has %d tokens already; remove one", account->name,
                       ACCOUNT_TOKENS_MAX);
    if (code == 0) {
        struct token *token = &account->tokens[account->token_count];
        *token = (struct token){.id = account->token_count == 0 ? 1 : token[-1].id + 1, .made = change.now};
        token->expires = expires;
        token_hash(view_of(out), token->hash);
        *id = token->id;
        account->token_count++;
    }
    code = end(a, &change, account, code, err);
    if (code != 0) sodium_memzero(out, TOKEN_TEXT + 1);
    return code;
}

int accounts_remove_token(struct accounts *a, struct view name, uint32_t id, struct err *err) {
    int code;
    size_t i = 0;
    struct change change = begin(a);
    struct account *account = take(a, &change, name, &code, err);
    while (code == 0 && i < account->token_count && account->tokens[i].id != id) i++;
    if (code == 0 && i == account->token_count)
        code = err_set(err, ERR_NOT_FOUND, "token", "'%s' has no token %u", account->name, id);
    if (code == 0) {
        memmove(&account->tokens[i], &account->tokens[i + 1], (account->token_count - i - 1) * sizeof(struct token));
        account->token_count--;
    }
    return end(a, &change, account, code, err);
}

/* The token with this hash. What is compared is a hash of what was sent, so how long it takes tells nothing of use. */
static struct token *token_with(struct account *account, const uint8_t hash[32]) {
    for (size_t i = 0; i < account->token_count; i++)
        if (memcmp(account->tokens[i].hash, hash, 32) == 0) return &account->tokens[i];
    return NULL;
}

bool accounts_of_token(struct accounts *a, struct view text, int64_t now, struct account *out, int64_t *expires) {
    uint8_t hash[32];
    bool found = false;
    token_hash(text, hash);
    mutex_lock(&a->lock);
    for (size_t i = 0; !found && i < a->count; i++) {
        struct token *token = token_with(&a->items[i], hash);
        if (token == NULL || now >= token->expires) continue;
        found = true;
        token->used = now;
        a->used = true;
        *out = a->items[i];
        *expires = token->expires;
    }
    mutex_unlock(&a->lock);
    return found;
}

int accounts_flush(struct accounts *a, struct err *err) {
    mutex_lock(&a->lock);
    struct change same = {a->items, a->count, 0};
    int code = a->used ? store(a, &same, err) : 0;
    if (a->used && code == 0) a->version++;
    if (code == 0) a->used = false;
    mutex_unlock(&a->lock);
    return code;
}
