/* The guard under ThreadSanitizer: many ask who they are and are recorded, while others sign in and out, and accounts
 * change under them. In the end every look is in the record, in a chain that holds. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "proto/api/guard.h"
#include "proto/base/threads.h"
#include "proto/site/site.h"
#include "tests/support/shop.h"

#define LOOKERS 4
#define ROUNDS 400
#define IDS 20
#define SIGNERS 3 /* more than compare secrets at once */

static struct shop shop;
static struct guard *guard;
static char token[TOKEN_TEXT + 1];

static void must(bool good, const char *what) {
    if (good) return;
    fprintf(stderr, "guard: %s\n", what);
    exit(1);
}

static void look(void *context) {
    uint64_t ids[IDS], *noted = context;
    struct identity who;
    for (int i = 0; i < IDS; i++) ids[i] = id_make(1, (uint64_t)i + 1);
    for (int i = 0; i < ROUNDS; i++) {
        must(guard_identify_token(guard, view_of(token), &who), "the token was not known");
        must(!guard_identify(guard, view_of("00"), true, &who), "a made-up cookie was known");
        struct look look = {.who = &who, .address = "10.0.0.1", .method = "GET", .route = "/vip"};
        look.ids = ids;
        look.count = IDS;
        look.outcome = LOOK_ALLOWED;
        must(guard_note(guard, &look, NULL) == 0, "the record was full");
        *noted += 1;
    }
}

/* Who is told to change while signed in has to sign in again; whether that happens before or after is luck. */
static void sign(void *context) {
    struct signed_in in;
    struct identity who;
    struct sign_in ask = {view_of(context), view_of("correct horse"), "10.0.0.2"};
    for (int i = 0; i < 2; i++) {
        int code = guard_sign_in(guard, &ask, &in, NULL);
        must(code == 0, "somebody could not sign in");
        guard_identify(guard, view_of(in.cookie), true, &who);
        guard_sign_out(guard, view_of(in.cookie), "10.0.0.2");
        must(!guard_identify(guard, view_of(in.cookie), true, &who), "a session outlived its end");
    }
}

static void change(void *context) {
    struct accounts *accounts = context;
    for (int i = 0; i < 20; i++) {
        enum account_role role = i % 2 == 0 ? ACCOUNT_ROLE_desk : ACCOUNT_ROLE_auditor;
        must(accounts_set_role(accounts, view_of("user-0"), role, view_of(""), NULL) == 0, "a role was not set");
        must(accounts_flush(accounts, NULL) == 0, "tokens' use was not written");
    }
}

static int count_one(void *context, const struct look_entry *entry) {
    uint64_t *seen = context;
    if (entry->outcome == LOOK_ALLOWED) *seen += entry->count == IDS;
    return 0;
}

static void make_accounts(void) {
    static const struct account till = {.name = "till", .kind = ACCOUNT_TILL, .role = ACCOUNT_ROLE_till};
    struct account user = {.kind = ACCOUNT_USER, .role = ACCOUNT_ROLE_desk};
    uint32_t id;
    must(accounts_add(shop.site->accounts, &till, VIEW_NONE, NULL) == 0, "no till");
    must(accounts_add_token(shop.site->accounts, view_of("till"), INT64_MAX, token, &id, NULL) == 0, "no token");
    for (int i = 0; i < SIGNERS; i++) {
        snprintf(user.name, sizeof user.name, "user-%d", i);
        must(accounts_add(shop.site->accounts, &user, view_of("correct horse"), NULL) == 0, "no user");
    }
}

int main(void) {
    static const uint8_t master[KEY_BYTES];
    static char names[SIGNERS][24];
    struct thread lookers[LOOKERS] = {0}, signers[SIGNERS] = {0}, changer = {0};
    uint64_t noted[LOOKERS] = {0}, seen = 0, all = 0;
    const struct env *env = env_os();
    struct journal journal = {NULL, env};
    struct err err = {0};
    shop_open_over(&shop, NULL, NULL, keyring_mem_open(master, env), log_mem_open(env), env);
    shop.site->directory = mem_text(shop.scratch.path);
    make_accounts();
    must(guard_open(shop.site, &journal, &guard, &err) == 0, err.text);
    for (int i = 0; i < LOOKERS; i++) thread_start(&lookers[i], look, &noted[i]);
    for (int i = 0; i < SIGNERS; i++) {
        snprintf(names[i], sizeof names[i], "user-%d", i);
        thread_start(&signers[i], sign, names[i]);
    }
    thread_start(&changer, change, shop.site->accounts);
    for (int i = 0; i < LOOKERS; i++) thread_join(&lookers[i]);
    for (int i = 0; i < SIGNERS; i++) thread_join(&signers[i]);
    thread_join(&changer);
    guard_close(guard);
    for (int i = 0; i < LOOKERS; i++) all += noted[i];
    must(looks_read(shop.site, count_one, &seen, NULL, &err) == 0, err.text);
    must(seen == all && all == LOOKERS * ROUNDS, "looks are missing");
    shop_close(&shop);
    return 0;
}
