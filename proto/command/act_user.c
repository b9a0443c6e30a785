/* user: who may sign in over HTTP, and the tokens of tills (E14). Not events: see proto/site/accounts.h. */
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "proto/base/text.h"
#include "proto/command/act.h"
#include "proto/command/ask.h"
#include "proto/command/listing.h"
#include "proto/command/secret.h"
#include "proto/event/describe.h"
#include "proto/site/accounts.h"

#define DAY_MS INT64_C(86400000)
#define TOKEN_DAYS 365
#define TOKEN_DAYS_MOST 3650

static const char *const kinds[] = {[ACCOUNT_USER] = "user", [ACCOUNT_STAFF] = "staff", [ACCOUNT_TILL] = "till"};

static struct accounts *accounts_of(struct call *call) { return call->site->accounts; }

static int role_option(struct call *call, int64_t *out) {
    if (!call_has(call, "role"))
        return err_set(&call->error, ERR_INVALID, "role",
                       "is missing: assistant, manager, desk, region, auditor or it");
    return act_choice(call, "role", &choices_role, out);
}

/* --store: at the hub, the one store that the account is to see. A store's own accounts see that store. */
static int store_option(struct call *call, struct view *out) {
    const char *store = call_option(call, "store");
    *out = store == NULL ? view_of("") : view_of(store);
    if (store == NULL) return 0;
    if (call->site->config.role == ROLE_STORE)
        return err_set(&call->error, ERR_USAGE, "store", "is the hub's: accounts made here are this store's");
    return ask_known(call, "store");
}

static int answer(struct call *call, const char *done) {
    struct account account;
    bool found = accounts_find(accounts_of(call), view_of(call->argv[1]), &account);
    const char *role = found ? account_role_word(account.role) : "none";
    sodium_memzero(&account, sizeof account);
    if (call->json)
        call_json(call, json_pack("{s:s, s:s?}", "name", call->argv[1], "role", found ? role : NULL));
    else
        fprintf(call->out, "%s %s\n", call->argv[1], done);
    return 0;
}

/* An employee's code is theirs, also before they have a PIN. */
static bool is_staff(struct call *call) {
    struct staff_state state;
    struct view store = view_of(call->site->config.store);
    bool found = false;
    const struct model *model = ask_begin(call);
    for (size_t cursor = 0; store.data != NULL && !found && model_staff_next(model, &cursor, &state);)
        found = view_is(state.code, call->argv[1]) && view_equal(state.store, store);
    ask_end(call);
    return found;
}

static int user_add(struct call *call) {
    struct account fresh = {.kind = ACCOUNT_USER};
    struct buf secret = BUF_INIT;
    struct view store = view_of("");
    int64_t role = 0;
    size_t len = strlen(call->argv[1]);
    int code = role_option(call, &role);
    if (code == 0) code = store_option(call, &store);
    if (code == 0 && len > ACCOUNT_NAME_MAX)
        code = err_set(&call->error, ERR_LIMIT, "name", "is longer than %d bytes", ACCOUNT_NAME_MAX);
    if (code == 0 && accounts_find(accounts_of(call), view_of(call->argv[1]), &fresh))
        code = err_set(&call->error, ERR_EXISTS, "name", "there is an account '%s' already", call->argv[1]);
    if (code == 0 && is_staff(call))
        code = err_set(&call->error, ERR_EXISTS, "name", "'%s' is of the staff: `staff pin %s` gives a PIN",
                       call->argv[1], call->argv[1]);
    if (code == 0) code = call_secret(call, "password-file", "password", &secret);
    if (code == 0) code = secret_check(buf_view(&secret), false, &call->error);
    if (code == 0) {
        memcpy(fresh.name, call->argv[1], len + 1);
        view_text(store, fresh.store, sizeof fresh.store);
        fresh.role = (enum account_role)role;
        code = accounts_add(accounts_of(call), &fresh, buf_view(&secret), &call->error);
    }
    buf_wipe(&secret);
    sodium_memzero(&fresh, sizeof fresh);
    return code == 0 ? answer(call, "may sign in") : code;
}

static int user_passwd(struct call *call) {
    struct account account;
    struct buf secret = BUF_INIT;
    struct view name = view_of(call->argv[1]);
    bool pin = accounts_find(accounts_of(call), name, &account) && account.kind == ACCOUNT_STAFF;
    sodium_memzero(&account, sizeof account);
    int code = call_secret(call, "password-file", pin ? "pin" : "password", &secret);
    if (code == 0) code = secret_check(buf_view(&secret), pin, &call->error);
    if (code == 0) code = accounts_set_secret(accounts_of(call), name, buf_view(&secret), &call->error);
    buf_wipe(&secret);
    return code == 0 ? answer(call, "has a new secret; who was signed in with the old one is so no more") : code;
}

static int user_role(struct call *call) {
    struct view store = view_of("");
    int64_t role = 0;
    int code = role_option(call, &role);
    if (code == 0) code = store_option(call, &store);
    if (code == 0)
        code =
            accounts_set_role(accounts_of(call), view_of(call->argv[1]), (enum account_role)role, store, &call->error);
    return code == 0 ? answer(call, "has another role, and has to sign in again") : code;
}

static int user_remove(struct call *call) {
    struct view name = view_of(call->argv[1]);
    int64_t token;
    int code = call_number(call, "token", 1, INT32_MAX, 0, &token);
    if (code != 0) return code;
    if (token > 0) {
        code = accounts_remove_token(accounts_of(call), name, (uint32_t)token, &call->error);
        return code == 0 ? answer(call, "has one token less") : code;
    }
    code = accounts_remove(accounts_of(call), name, &call->error);
    return code == 0 ? answer(call, "may sign in no more") : code;
}

/* A till that has no account yet gets one. */
static int need_till(struct call *call) {
    struct account till = {.kind = ACCOUNT_TILL, .role = ACCOUNT_ROLE_till};
    struct view store = view_of("");
    size_t len = strlen(call->argv[1]);
    int code = store_option(call, &store);
    if (code != 0 || accounts_find(accounts_of(call), view_of(call->argv[1]), &till)) return code;
    if (len > ACCOUNT_NAME_MAX)
        return err_set(&call->error, ERR_LIMIT, "name", "is longer than %d bytes", ACCOUNT_NAME_MAX);
    memcpy(till.name, call->argv[1], len + 1);
    view_text(store, till.store, sizeof till.store);
    code = accounts_add(accounts_of(call), &till, VIEW_NONE, &call->error);
    return code == ERR_EXISTS ? 0 : code;
}

static int user_token(struct call *call) {
    char token[TOKEN_TEXT + 1], until[40];
    uint32_t id = 0;
    int64_t days;
    int code = call_number(call, "days", 1, TOKEN_DAYS_MOST, TOKEN_DAYS, &days);
    if (code == 0) code = need_till(call);
    int64_t expires = env_now(call->env) + days * DAY_MS;
    if (code == 0)
        code = accounts_add_token(accounts_of(call), view_of(call->argv[1]), expires, token, &id, &call->error);
    if (code != 0) return code;
    time_format(expires, &call->site->zone, until);
    if (call->json)
        call_json(call, json_pack("{s:s, s:i, s:s, s:s}", "name", call->argv[1], "id", (int)id, "token", token,
                                  "expires", until));
    else
        fprintf(call->out, "%s\n", token);
    if (!call->json)
        fprintf(call->err_out, "token %u of %s, until %s; it is shown this once and kept nowhere\n", id, call->argv[1],
                until);
    sodium_memzero(token, sizeof token);
    return 0;
}

/* ---- The list ---- */

static const struct column columns[] = {
    {"name", "name", COLUMN_TEXT},     {"kind", "kind", COLUMN_TEXT},       {"role", "role", COLUMN_TEXT},
    {"store", "store", COLUMN_TEXT},   {"changed", "changed", COLUMN_TIME}, {"token", "token", COLUMN_NUMBER},
    {"until", "expires", COLUMN_TIME}, {"last used", "used", COLUMN_TIME},  {NULL, NULL, COLUMN_TEXT},
};

/* What the staff event says of an employee is told where it stands: `staff`. */
static json_t *row_of(const struct call *call, const struct account *a, const struct token *t) {
    const char *role = a->role == ACCOUNT_ROLE_none ? NULL : account_role_word(a->role);
    return json_pack("{s:s, s:s, s:s?, s:s?, s:o, s:o, s:o, s:o}", "name", a->name, "kind", kinds[a->kind], "role",
                     role, "store", a->store[0] == '\0' ? NULL : a->store, "changed", ask_time(call, a->changed),
                     "token", t == NULL ? json_null() : json_integer(t->id), "expires",
                     t == NULL ? json_null() : ask_time(call, t->expires), "used",
                     t == NULL || t->used == 0 ? json_null() : ask_time(call, t->used));
}

static int user_list(struct call *call) {
    struct account *all;
    size_t count = accounts_list(accounts_of(call), &all);
    struct listing *listing = listing_open(call, columns);
    for (size_t i = 0; i < count; i++) {
        if (all[i].token_count == 0) listing_add(listing, row_of(call, &all[i], NULL));
        for (size_t t = 0; t < all[i].token_count; t++) listing_add(listing, row_of(call, &all[i], &all[i].tokens[t]));
    }
    listing_close(listing, "nobody can sign in: `user add NAME --role R` makes an account");
    sodium_memzero(all, count * sizeof *all);
    free(all);
    return 0;
}

static int act_user(struct call *call) {
    static const struct {
        const char *word;
        int (*run)(struct call *call);
    } acts[] = {{"add", user_add},
                {"passwd", user_passwd},
                {"role", user_role},
                {"token", user_token},
                {"remove", user_remove}};
    if (strcmp(call->argv[0], "list") == 0) return user_list(call);
    for (size_t i = 0; i < sizeof acts / sizeof *acts; i++)
        if (strcmp(call->argv[0], acts[i].word) == 0)
            return call->argc > 1 ? acts[i].run(call)
                                  : err_set(&call->error, ERR_USAGE, "name", "say whom: user %s NAME", acts[i].word);
    return err_set(&call->error, ERR_USAGE, NULL, "say what to do: user add, passwd, role, token, remove or list");
}

static const struct option options[] = {
    {"role", "assistant|manager|desk|region|auditor|it", "what they may do", false},
    {"store", "S", "at the hub: sees this store only", false},
    {"password-file", "FILE", "its first line is the password; default: the standard input, or asked for", false},
    {"days", "N", "how long a token holds (default: 365)", false},
    {"token", "ID", "only this token of the till, by its number in `list`", false},
    {NULL, NULL, NULL, false},
};
static const struct word words[] = {
    {"add NAME", "may sign in, with a password: --role"},
    {"passwd NAME", "gets a new password (staff: PIN)"},
    {"role NAME", "gets another --role"},
    {"token NAME", "a new token for a till; printed once"},
    {"remove NAME", "may sign in no more; with --token, one token of a till less"},
    {"list", "who may sign in, and the tokens"},
    {NULL, NULL},
};
static const struct rule rules[] = {
    {"role", "add|role", false}, {"store", "add|role|token", false}, {"password-file", "add|passwd", false},
    {"days", "token", false},    {"token", "remove", false},         {NULL, NULL, false}};
static const struct grammar grammar = {words, rules};

const struct command act_user_commands[] = {
    {"user", "(add NAME --role R | passwd NAME | role NAME --role R | token NAME | remove NAME | list)",
     "who may sign in over HTTP, and tokens for tills", NEEDS_SITE, 1, 2, options, NULL, BORROWS_NONE, act_user,
     &grammar},
    {NULL, NULL, NULL, NEEDS_NOTHING, 0, 0, NULL, NULL, BORROWS_NONE, NULL, NULL},
};
