/* Who may what (E14): signing in and out, what ends a session, how often one may try, and that all of it is
 * recorded. */
#include <criterion/criterion.h>
#include <stdlib.h>

#include "proto/api/guard.h"
#include "proto/command/act.h"
#include "proto/site/site.h"
#include "tests/support/shop.h"
#include "tests/support/trade.h"

#define HERE "127.0.0.1"
#define ELSEWHERE "10.9.9.9"
#define HOUR (60 * 60 * INT64_C(1000))

static struct shop shop;
static struct guard *guard;
static struct signed_in in;
static struct err err;

static void open_guard(void) {
    struct journal journal = {NULL, shop.env};
    cr_assert_eq(guard_open(shop.site, &journal, &guard, &err), 0, "%s", err.text);
}

static void close_guard(void) {
    guard_close(guard);
    guard = NULL;
}

/* Kim is a manager with a PIN, Lee an assistant with one. */
static void hire(const char *code, const char *role, const char *pin) {
    const char *const add[] = {"staff", "add", code, "--role", role, "--name", "Kim Testperson", NULL};
    const char *const set[] = {"staff", "pin", code, NULL};
    cr_assert_eq(shop_run(&shop, act_staff_commands, add), 0, "%s", shop.error.text);
    shop.in = view_of(pin);
    cr_assert_eq(shop_run(&shop, act_staff_commands, set), 0, "%s", shop.error.text);
    shop.in = VIEW_NONE;
}

static void prepare(void) {
    shop_open(&shop, NULL, NULL);
    shop.site->directory = mem_text(shop.scratch.path);
    hire("kim", "manager", "1234\n");
    open_guard();
}

static void done(void) {
    close_guard();
    shop_close(&shop);
}

TestSuite(guard, .init = prepare, .fini = done);

static int sign_in_from(const char *name, const char *secret, const char *address) {
    struct sign_in ask = {view_of(name), view_of(secret), address};
    return guard_sign_in(guard, &ask, &in, &err);
}

static int sign_in(const char *name, const char *secret) { return sign_in_from(name, secret, HERE); }

static bool identify(struct identity *out) { return guard_identify(guard, view_of(in.cookie), true, out); }

struct tally {
    enum look_outcome outcome;
    const char *who;
    int count;
    uint64_t ids;
};

static int tally_one(void *context, const struct look_entry *entry) {
    struct tally *tally = context;
    if (entry->outcome == tally->outcome && view_is(entry->who, tally->who)) tally->count++;
    if (entry->outcome == tally->outcome) tally->ids += entry->count;
    return 0;
}

/* Closes the guard: what was noted is on the disk then. */
static int recorded(enum look_outcome outcome, const char *who) {
    struct tally tally = {outcome, who, 0, 0};
    close_guard();
    cr_assert_eq(looks_read(shop.site, tally_one, &tally, NULL, &err), 0, "%s", err.text);
    return tally.count;
}

Test(guard, E14_staff_sign_in_with_code_and_pin_and_are_what_the_staff_event_says) {
    struct identity who;
    cr_assert_eq(sign_in("kim", "1234"), 0, "%s", err.text);
    cr_assert_eq(strlen(in.cookie), COOKIE_TEXT);
    cr_assert(identify(&who));
    cr_assert_eq(who.role, ACCOUNT_ROLE_manager);
    cr_assert_str_eq(who.name, "kim");
    cr_assert_str_eq(who.staff, "kim");
    cr_assert_str_eq(who.store, "A");
    cr_assert_str_eq(who.display, "Kim Testperson");
    cr_assert_not(who.token);
    cr_assert(guard_may(&who, MAY(manager) | MAY(region)));
    cr_assert_not(guard_may(&who, MAY(auditor)));
    cr_assert(guard_may(&who, MAY_ANY));
    cr_assert_eq(sign_in(" kim ", "1234"), 0, "blanks around the code are nobody's fault");
    guard_sign_out(guard, view_of(in.cookie), HERE);
    cr_assert_not(identify(&who));
    cr_assert_eq(recorded(LOOK_SIGNED_IN, "kim"), 2);
}

Test(guard, E14_nobody_is_let_in_by_less_than_the_right_secret) {
    struct identity who;
    struct err wrong, nobody;
    cr_assert_eq(sign_in("kim", "4321"), ERR_AUTH);
    wrong = err;
    cr_assert_eq(sign_in("ghost", "4321"), ERR_AUTH);
    nobody = err;
    cr_assert_str_eq(wrong.text, nobody.text, "the answer does not tell whether there is such a name");
    cr_assert_str_eq(wrong.field, nobody.field);
    cr_assert_eq(in.cookie[0], '\0');
    cr_assert_eq(sign_in("", ""), ERR_AUTH);
    cr_assert_eq(sign_in("kim", ""), ERR_AUTH);
    cr_assert_eq(sign_in("a name that is longer than any name may be, by far", "4321"), ERR_AUTH);
    cr_assert_not(guard_identify(guard, view_of(""), true, &who));
    cr_assert_not(guard_identify(guard, VIEW_NONE, true, &who));
    cr_assert_not(guard_identify_token(guard, view_of("dangol_"), &who));
    cr_assert_eq(recorded(LOOK_WRONG_SECRET, "kim"), 2);
}

/* Somebody may have typed a password where the name goes. */
Test(guard, E14_a_name_that_nobody_has_is_not_written_down) {
    cr_assert_eq(sign_in("hunter2-hunter2", "kim"), ERR_AUTH);
    cr_assert_eq(recorded(LOOK_WRONG_SECRET, "hunter2-hunter2"), 0);
    open_guard();
    cr_assert_eq(recorded(LOOK_WRONG_SECRET, ""), 1);
}

Test(guard, E14_wrong_pins_wait_longer_each_time_but_not_at_another_address) {
    for (int i = 0; i < 4; i++) cr_assert_eq(sign_in("kim", "0000"), ERR_AUTH, "try %d", i);
    cr_assert_eq(sign_in("kim", "1234"), ERR_LIMIT, "also the right one");
    cr_assert_eq(in.retry_after, 1);
    cr_assert_eq(sign_in("kim", "0000"), ERR_LIMIT, "and asking too early costs nothing more");
    cr_assert_eq(in.retry_after, 1);
    cr_assert_eq(sign_in_from("kim", "1234", ELSEWHERE), 0, "a stranger keeps nobody out");
    shop.world.now += 1000;
    cr_assert_eq(sign_in("kim", "0000"), ERR_AUTH);
    cr_assert_eq(sign_in("kim", "1234"), ERR_LIMIT);
    cr_assert_eq(in.retry_after, 2);
    shop.world.now += 2000;
    cr_assert_eq(sign_in("kim", "1234"), 0);
    cr_assert_eq(sign_in("kim", "0000"), ERR_AUTH, "and all is forgiven");
    cr_assert_eq(recorded(LOOK_TOO_OFTEN, "kim"), 2, "once for each failure that it waited for");
}

/* The same for a name that nobody has: else the waiting would tell who is there. */
Test(guard, E14_a_made_up_name_waits_as_a_real_one) {
    for (int i = 0; i < 4; i++) cr_assert_eq(sign_in("ghost", "0000"), ERR_AUTH, "try %d", i);
    cr_assert_eq(sign_in("ghost", "0000"), ERR_LIMIT);
    cr_assert_eq(in.retry_after, 1);
}

Test(guard, E14_a_session_ends_unused_and_in_the_end) {
    struct identity who;
    hire("lee", "assistant", "5678\n");
    cr_assert_eq(sign_in("lee", "5678"), 0);
    shop.world.now += 12 * HOUR - 1;
    cr_assert(identify(&who), "an assistant's lasts a working day");
    shop.world.now += 4 * HOUR;
    cr_assert(identify(&who));
    shop.world.now += 2;
    cr_assert_not(identify(&who), "16 hours after signing in it ends, used or not");
    cr_assert_eq(sign_in("kim", "1234"), 0);
    shop.world.now += 8 * HOUR - 1;
    cr_assert(identify(&who));
    shop.world.now += 8 * HOUR;
    cr_assert_not(identify(&who));
}

/* By the policy, which may have another value tomorrow. */
Test(guard, E14_how_long_a_session_lasts_is_policy) {
    struct identity who;
    model_assume_policy(shop.site->model, view_of("session-others"), view_of("5"));
    cr_assert_eq(sign_in("kim", "1234"), 0);
    shop.world.now += 5 * 60 * 1000 - 1;
    cr_assert(identify(&who));
    cr_assert_eq(who.expires, shop.world.now + 5 * 60 * 1000);
    shop.world.now += 5 * 60 * 1000;
    cr_assert_not(identify(&who));
}

Test(guard, E14_an_app_that_asks_by_itself_keeps_no_session) {
    struct identity who;
    model_assume_policy(shop.site->model, view_of("session-others"), view_of("5"));
    cr_assert_eq(sign_in("kim", "1234"), 0);
    int64_t end = shop.world.now + 5 * 60 * 1000;
    for (int i = 0; i < 4; i++) {
        shop.world.now += 60 * 1000;
        cr_assert(guard_identify(guard, view_of(in.cookie), false, &who));
        cr_assert_eq(who.expires, end, "it looks on, and that is no use");
        cr_assert(guard_knows(guard, view_of(in.cookie)));
    }
    shop.world.now = end;
    cr_assert_not(guard_identify(guard, view_of(in.cookie), false, &who));
    cr_assert_not(guard_knows(guard, view_of(in.cookie)), "nor does a stream of events hold it");
}

Test(guard, E14_a_session_ends_when_its_account_is_another) {
    struct identity who;
    static const char *const off[] = {"staff", "off", "kim", NULL};
    static const char *const on[] = {"staff", "add", "kim", "--role", "assistant", NULL};
    cr_assert_eq(sign_in("kim", "1234"), 0);
    cr_assert_eq(accounts_set_secret(shop.site->accounts, view_of("kim"), view_of("9999"), &err), 0);
    cr_assert_not(identify(&who), "another PIN");
    cr_assert_eq(sign_in("kim", "9999"), 0);
    cr_assert_eq(shop_run(&shop, act_staff_commands, off), 0);
    cr_assert_not(identify(&who), "works here no more");
    cr_assert_eq(sign_in("kim", "9999"), ERR_AUTH);
    cr_assert_eq(shop_run(&shop, act_staff_commands, on), 0);
    cr_assert_eq(sign_in("kim", "9999"), 0);
    cr_assert_eq(in.who.role, ACCOUNT_ROLE_assistant);
    static const char *const up[] = {"staff", "add", "kim", "--role", "manager", NULL};
    cr_assert_eq(shop_run(&shop, act_staff_commands, up), 0);
    cr_assert_not(identify(&who), "another role, also a higher one");
    cr_assert_eq(sign_in("kim", "9999"), 0);
    cr_assert_eq(accounts_remove(shop.site->accounts, view_of("kim"), &err), 0);
    cr_assert_not(identify(&who), "removed");
    cr_assert_eq(sign_in("kim", "9999"), ERR_AUTH);
}

Test(guard, E14_a_till_has_a_token_and_is_nothing_but_a_till) {
    static const char *const make[] = {"user", "token", "till-1", "--days", "1", "--json", NULL};
    struct identity who;
    cr_assert_eq(shop_run(&shop, act_user_commands, make), 0, "%s", shop.error.text);
    char *token = mem_text(json_string_value(json_object_get(shop.answer, "token")));
    cr_assert(guard_identify_token(guard, view_of(token), &who));
    cr_assert_eq(who.role, ACCOUNT_ROLE_till);
    cr_assert(who.token);
    cr_assert_str_eq(who.staff, "");
    cr_assert_str_eq(who.store, "A");
    cr_assert_not(guard_may(&who, MAY(assistant) | MAY(manager) | MAY(desk) | MAY(region) | MAY(auditor) | MAY(it)));
    cr_assert_eq(sign_in("till-1", token), ERR_AUTH, "it does not sign in");
    cr_assert_eq(sign_in("till-1", ""), ERR_AUTH);
    token[20] ^= 1;
    cr_assert_not(guard_identify_token(guard, view_of(token), &who));
    token[20] ^= 1;
    shop.world.now += 24 * HOUR;
    cr_assert_not(guard_identify_token(guard, view_of(token), &who));
    free(token);
}

Test(guard, E14_a_user_at_a_store_may_be_made_but_not_under_an_employees_code) {
    static const char *const same[] = {"user", "add", "kim", "--role", "region", NULL};
    static const char *const other[] = {"user", "add", "audit", "--role", "auditor", NULL};
    shop.in = view_of("correct horse\n");
    cr_assert_eq(shop_run(&shop, act_user_commands, same), ERR_EXISTS);
    shop.in = view_of("correct horse\n");
    cr_assert_eq(shop_run(&shop, act_user_commands, other), 0, "%s", shop.error.text);
    cr_assert_eq(sign_in("audit", "correct horse"), 0);
    cr_assert_eq(in.who.role, ACCOUNT_ROLE_auditor);
}

Test(guard, E14_a_long_list_of_customers_is_recorded_whole) {
    uint64_t ids[LOOK_IDS + 3];
    for (size_t i = 0; i < LOOK_IDS + 3; i++) ids[i] = id_make(1, i + 1);
    struct look look = {.address = HERE, .method = "GET", .route = "/vip", .ids = ids, .count = LOOK_IDS + 3};
    look.outcome = LOOK_ALLOWED;
    cr_assert_eq(sign_in("kim", "1234"), 0);
    look.who = &in.who;
    cr_assert_eq(guard_note(guard, &look, &err), 0);
    close_guard();
    struct tally tally = {LOOK_ALLOWED, "kim", 0, 0};
    cr_assert_eq(looks_read(shop.site, tally_one, &tally, NULL, &err), 0);
    cr_assert_eq(tally.count, 2);
    cr_assert_eq(tally.ids, LOOK_IDS + 3);
}

/* 30 wrong ones from anywhere, and a name waits at an address where nobody ever got in; where somebody did, not. */
Test(guard, E14_many_addresses_are_no_way_around_and_the_own_counter_stays_open) {
    char address[32];
    cr_assert_eq(sign_in("kim", "1234"), 0);
    for (int i = 0; i < 31; i++) {
        snprintf(address, sizeof address, "10.0.0.%d", i);
        cr_assert_eq(sign_in_from("kim", "0000", address), ERR_AUTH, "try %d", i);
    }
    cr_assert_eq(sign_in_from("kim", "0000", "10.0.1.1"), ERR_LIMIT);
    cr_assert_eq(sign_in("kim", "1234"), 0, "at the counter they know");
}
