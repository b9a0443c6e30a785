#include "proto/api/guard.h"

#include <sodium.h>
#include <stdlib.h>

#include "proto/api/recorder.h"
#include "proto/api/sessions.h"
#include "proto/api/staff.h"
#include "proto/api/throttle.h"
#include "proto/base/threads.h"
#include "proto/model/policies.h"

#define COOKIE_BYTES 32
#define AT_ONCE 2  /* Argon2id takes 64 MiB and a core for a tenth of a second */
#define IN_LINE 16 /* more are sent away */
#define SPARE_HERE 3
#define SPARE_ANYWHERE 30
#define MINUTE_MS (60 * INT64_C(1000))

struct guard {
    struct site *site;
    struct journal journal;
    struct recorder *recorder;
    struct mutex lock;
    struct sessions sessions;
    struct throttle here, anywhere; /* of a name at an address; of a name */
    struct condition free;          /* to compare a secret */
    int hashing, waiting;
};

static struct view word(const char *text) { return text == NULL ? view_of("") : view_of(text); }

/* ---- Opening ---- */

static void tell_first(const struct guard *g) {
    const char *program = g->site->config.role == ROLE_HUB ? "dangol-hub" : "dangol-node";
    if (accounts_count(g->site->accounts) > 0) return;
    journal_say(&g->journal, "nobody can sign in yet: `%s user %s add NAME --role region` makes an account%s", program,
                g->site->directory, g->site->config.role == ROLE_HUB ? "" : ", `dangol-node staff DIR pin CODE` a PIN");
}

int guard_open(struct site *site, const struct journal *journal, struct guard **out, struct err *err) {
    struct guard *g = mem_alloc(sizeof *g);
    *g = (struct guard){.site = site, .journal = *journal, .here.spare = SPARE_HERE, .anywhere.spare = SPARE_ANYWHERE};
    mutex_init(&g->lock);
    condition_init(&g->free);
    int code = recorder_open(site, journal, &g->recorder, err);
    if (code == 0) {
        tell_first(g);
        *out = g;
    } else {
        guard_close(g);
    }
    return code;
}

void guard_close(struct guard *g) {
    if (g == NULL) return;
    recorder_close(g->recorder);
    sessions_release(&g->sessions);
    throttle_release(&g->here);
    throttle_release(&g->anywhere);
    condition_destroy(&g->free);
    mutex_destroy(&g->lock);
    free(g);
}

/* ---- Recording ---- */

int guard_note(struct guard *g, const struct look *look, struct err *err) {
    struct look_entry entry = {.at = env_now(g->site->env), .outcome = look->outcome};
    entry.who = look->who != NULL ? word(look->who->name) : look->name;
    entry.role = look->who != NULL ? word(account_role_word(look->who->role)) : VIEW_NONE;
    entry.address = word(look->address);
    entry.method = word(look->method);
    entry.route = word(look->route);
    return recorder_put(g->recorder, &entry, look->ids, look->count, err);
}

static void note_session(struct guard *g, const struct identity *who, struct view name, const char *address,
                         enum look_outcome outcome) {
    struct look look = {.who = who, .name = name, .address = address, .route = "/session", .outcome = outcome};
    look.method = outcome == LOOK_SIGNED_OUT ? "DELETE" : "POST";
    guard_note(g, &look, NULL);
}

/* ---- Signing in ---- */

static void cookie_hash(struct view cookie, uint8_t out[SESSION_HASH]) {
    crypto_generichash(out, SESSION_HASH, cookie.data == NULL ? (const uint8_t *)"" : cookie.data, cookie.len, NULL, 0);
}

/* Who an account is now; the role is none when it may not sign in. */
static void resolve(struct guard *g, const struct account *account, struct identity *out) {
    struct site *site = g->site;
    uint64_t event = 0;
    *out = (struct identity){.role = account->role, .token = account->kind == ACCOUNT_TILL};
    memcpy(out->name, account->name, sizeof out->name);
    memcpy(out->display, account->name, sizeof account->name);
    if (!out->token) memcpy(out->staff, account->name, sizeof out->staff);
    if (site->config.role == ROLE_STORE)
        view_text(view_of(site->config.store), out->store, sizeof out->store);
    else
        memcpy(out->store, account->store, sizeof out->store);
    if (account->kind != ACCOUNT_STAFF) return;
    out->role = staff_role(site, view_of(account->name), &event);
    if (out->role != ACCOUNT_ROLE_none) staff_display(site, event, account->name, out->display);
}

struct attempt {
    struct account account; /* empty: nobody of that name */
    bool found;
    bool told; /* that it has to wait: it is recorded already */
    uint64_t here, anywhere;
};

/* Is it this one's turn? Counts it as failed until it has succeeded. Called with the lock. */
static int take_turn(struct guard *g, struct attempt *a, struct signed_in *out, struct err *err) {
    int64_t now = env_monotonic(g->site->env), here = throttle_wait(&g->here, a->here, now);
    int64_t anywhere = throttle_known(&g->here, a->here) ? 0 : throttle_wait(&g->anywhere, a->anywhere, now);
    int64_t wait = here > anywhere ? here : anywhere;
    out->retry_after = (wait + 999) / 1000;
    if (wait > 0) {
        a->told = !(here >= anywhere ? throttle_tell(&g->here, a->here) : throttle_tell(&g->anywhere, a->anywhere));
        return err_set(err, ERR_LIMIT, NULL, "too many wrong tries; wait %lld s", (long long)out->retry_after);
    }
    out->retry_after = 1;
    if (g->waiting == IN_LINE) return err_set(err, ERR_BUSY, NULL, "too many are signing in at once; try again");
    throttle_failed(&g->here, a->here, now);
    throttle_failed(&g->anywhere, a->anywhere, now);
    g->waiting++;
    while (g->hashing == AT_ONCE) condition_wait(&g->free, &g->lock);
    g->waiting--;
    g->hashing++;
    return 0;
}

/* As the policy has it now: a session that has begun keeps its times. */
static void times_of(const struct guard *g, struct session *fresh) {
    bool assistant = fresh->who.role == ACCOUNT_ROLE_assistant;
    int64_t now = site_now(g->site);
    site_read(g->site);
    fresh->idle_ms =
        MINUTE_MS * policy_number(g->site->model, assistant ? POLICY_SESSION_ASSISTANT : POLICY_SESSION_OTHERS, now);
    fresh->longest_ms = MINUTE_MS * policy_number(g->site->model, POLICY_SESSION_LONGEST, now);
    site_unread(g->site);
}

static void open_session(struct guard *g, const struct attempt *a, struct signed_in *out) {
    uint8_t bytes[COOKIE_BYTES];
    struct session fresh = {.who = out->who, .version = a->account.version, .began = env_monotonic(g->site->env)};
    env_random(g->site->env, bytes, sizeof bytes);
    hex_encode(view_make(bytes, sizeof bytes), out->cookie);
    sodium_memzero(bytes, sizeof bytes);
    cookie_hash(view_make(out->cookie, COOKIE_TEXT), fresh.hash);
    fresh.used = fresh.began;
    times_of(g, &fresh);
    out->who.expires = env_now(g->site->env) + session_lasts_until(&fresh) - fresh.began;
    sessions_add(&g->sessions, &fresh);
}

static struct view trimmed(struct view text) {
    while (text.len > 0 && text.data[0] == ' ') text = view_make(text.data + 1, text.len - 1);
    while (text.len > 0 && text.data[text.len - 1] == ' ') text.len--;
    return text;
}

int guard_sign_in(struct guard *g, const struct sign_in *ask, struct signed_in *out, struct err *err) {
    struct attempt a = {.found = false};
    struct view name = trimmed(ask->name);
    a.here = throttle_key(name, word(ask->address));
    a.anywhere = throttle_key(name, VIEW_NONE);
    *out = (struct signed_in){.retry_after = 0};
    mutex_lock(&g->lock);
    int code = take_turn(g, &a, out, err);
    mutex_unlock(&g->lock);
    /* Of a name that nobody has only that it was tried: it may be a password in the wrong field. */
    a.found = name.len <= ACCOUNT_NAME_MAX && accounts_find(g->site->accounts, name, &a.account);
    if (code == ERR_LIMIT && !a.told) note_session(g, NULL, a.found ? name : VIEW_NONE, ask->address, LOOK_TOO_OFTEN);
    if (code != 0) return code;
    bool right = accounts_secret_is(g->site->accounts, &a.account, ask->secret);
    resolve(g, &a.account, &out->who);
    right = right && a.found && a.account.kind != ACCOUNT_TILL && out->who.role != ACCOUNT_ROLE_none;
    mutex_lock(&g->lock);
    g->hashing--;
    condition_signal(&g->free);
    if (right) {
        throttle_passed(&g->here, a.here);
        throttle_passed(&g->anywhere, a.anywhere);
        open_session(g, &a, out);
    }
    mutex_unlock(&g->lock);
    sodium_memzero(&a, sizeof a);
    if (right) {
        note_session(g, &out->who, VIEW_NONE, ask->address, LOOK_SIGNED_IN);
        return 0;
    }
    note_session(g, NULL, out->who.name[0] != '\0' ? name : VIEW_NONE, ask->address, LOOK_WRONG_SECRET);
    *out = (struct signed_in){.retry_after = 0};
    return err_set(err, ERR_AUTH, NULL, "there is no such name and secret here");
}

/* ---- Who asks? ---- */

/* Whether the session's account is still the one that signed in, in its role. */
static bool still(struct guard *g, const struct session *session) {
    struct account account;
    bool same =
        accounts_find(g->site->accounts, view_of(session->who.name), &account) && account.version == session->version;
    if (same && account.kind == ACCOUNT_STAFF)
        same = staff_role(g->site, view_of(session->who.name), NULL) == session->who.role;
    sodium_memzero(&account, sizeof account);
    return same;
}

bool guard_identify(struct guard *g, struct view cookie, bool used, struct identity *out) {
    uint8_t hash[SESSION_HASH];
    if (cookie.len != COOKIE_TEXT) return false;
    cookie_hash(cookie, hash);
    mutex_lock(&g->lock);
    int64_t now = env_monotonic(g->site->env);
    struct session *session = sessions_find(&g->sessions, hash, now);
    if (session != NULL && !still(g, session)) {
        sessions_remove(&g->sessions, session);
        session = NULL;
    }
    if (session != NULL) {
        if (used) session->used = now;
        *out = session->who;
        out->expires = env_now(g->site->env) + session_lasts_until(session) - now;
    }
    mutex_unlock(&g->lock);
    return session != NULL;
}

bool guard_knows(struct guard *g, struct view cookie) {
    struct identity who;
    return guard_identify(g, cookie, false, &who);
}

bool guard_identify_token(struct guard *g, struct view token, struct identity *out) {
    struct account account;
    int64_t expires;
    if (token.len != TOKEN_TEXT ||
        !accounts_of_token(g->site->accounts, token, env_now(g->site->env), &account, &expires))
        return false;
    resolve(g, &account, out);
    out->expires = expires;
    sodium_memzero(&account, sizeof account);
    return true;
}

void guard_sign_out(struct guard *g, struct view cookie, const char *address) {
    uint8_t hash[SESSION_HASH];
    struct identity who;
    if (cookie.len != COOKIE_TEXT) return;
    cookie_hash(cookie, hash);
    mutex_lock(&g->lock);
    struct session *session = sessions_find(&g->sessions, hash, env_monotonic(g->site->env));
    bool there = session != NULL;
    if (there) who = session->who;
    if (there) sessions_remove(&g->sessions, session);
    mutex_unlock(&g->lock);
    if (there) note_session(g, &who, VIEW_NONE, address, LOOK_SIGNED_OUT);
}
