/* Accounts (E14): their file, secrets, tokens, and what may not be done to whom. */
#include <criterion/criterion.h>
#include <stdlib.h>

#include "proto/site/accounts.h"
#include "tests/support/parties.h"
#include "tests/support/scratch.h"

static struct still_world world;
static struct scratch scratch;
static struct accounts *accounts;
static struct err err;
static const uint8_t master[32] = {7};

static void open_accounts(void) {
    accounts_close(accounts);
    accounts = NULL;
    cr_assert_eq(accounts_open(scratch.path, master, &world.env, &accounts, &err), 0, "%s", err.text);
}

static void prepare(void) {
    env_os(); /* starts the library of ciphers */
    still_world_init(&world, 1);
    scratch_make(&scratch);
    accounts = NULL;
    open_accounts();
}

static void done(void) {
    accounts_close(accounts);
    scratch_remove(&scratch);
}

TestSuite(accounts, .init = prepare, .fini = done);

static int add(const char *name, enum account_kind kind, enum account_role role, const char *secret) {
    struct account fresh = {.kind = kind, .role = role};
    snprintf(fresh.name, sizeof fresh.name, "%s", name);
    return accounts_add(accounts, &fresh, view_of(secret), &err);
}

static struct account find(const char *name) {
    struct account found;
    cr_assert(accounts_find(accounts, view_of(name), &found), "%s", name);
    return found;
}

static bool secret_of(const char *name, const char *secret) {
    struct account account = {.kind = ACCOUNT_USER};
    accounts_find(accounts, view_of(name), &account);
    return accounts_secret_is(accounts, &account, view_of(secret));
}

Test(accounts, E14_an_account_is_there_after_a_restart_and_its_secret_in_no_file) {
    struct buf file = BUF_INIT;
    cr_assert_eq(add("lee", ACCOUNT_USER, ACCOUNT_ROLE_desk, "correct horse"), 0, "%s", err.text);
    cr_assert_eq(add("kim", ACCOUNT_STAFF, ACCOUNT_ROLE_none, "1234"), 0, "%s", err.text);
    open_accounts();
    cr_assert_eq(accounts_count(accounts), 2);
    cr_assert_eq(find("lee").role, ACCOUNT_ROLE_desk);
    cr_assert_eq(find("kim").kind, ACCOUNT_STAFF);
    cr_assert(secret_of("lee", "correct horse"));
    cr_assert_not(secret_of("lee", "correct hors"));
    cr_assert_not(secret_of("lee", ""));
    cr_assert_not(secret_of("nobody", "correct horse"));
    scratch_read(scratch_name(&scratch, ACCOUNTS_FILE), &file);
    cr_assert_null(strstr(buf_text(&file), "correct horse"));
    buf_release(&file);
}

Test(accounts, E14_the_file_alone_does_not_tell_a_pin) {
    static const uint8_t other[32] = {8};
    struct accounts *elsewhere;
    cr_assert_eq(add("kim", ACCOUNT_STAFF, ACCOUNT_ROLE_none, "1234"), 0);
    cr_assert_eq(accounts_open(scratch.path, other, &world.env, &elsewhere, &err), 0, "%s", err.text);
    struct account kim = find("kim");
    cr_assert_not(accounts_secret_is(elsewhere, &kim, view_of("1234")), "without the master key no guess is right");
    accounts_close(elsewhere);
}

Test(accounts, E14_every_change_gives_another_version) {
    cr_assert_eq(add("lee", ACCOUNT_USER, ACCOUNT_ROLE_desk, "correct horse"), 0);
    uint64_t first = find("lee").version;
    cr_assert_eq(accounts_set_role(accounts, view_of("lee"), ACCOUNT_ROLE_auditor, view_of("S1"), &err), 0);
    uint64_t second = find("lee").version;
    cr_assert_gt(second, first);
    cr_assert_str_eq(find("lee").store, "S1");
    cr_assert_eq(accounts_set_secret(accounts, view_of("lee"), view_of("another one"), &err), 0);
    cr_assert_gt(find("lee").version, second);
    cr_assert(secret_of("lee", "another one"));
    cr_assert_not(secret_of("lee", "correct horse"));
    cr_assert_eq(accounts_remove(accounts, view_of("lee"), &err), 0);
    cr_assert_eq(accounts_count(accounts), 0);
    uint64_t before = second;
    cr_assert_eq(add("lee", ACCOUNT_USER, ACCOUNT_ROLE_desk, "correct horse"), 0);
    cr_assert_gt(find("lee").version, before, "made anew, it is not the one of before");
}

Test(accounts, E14_what_may_not_be_is_refused_and_changes_nothing) {
    cr_assert_eq(add("", ACCOUNT_USER, ACCOUNT_ROLE_it, "correct horse"), ERR_INVALID);
    cr_assert_eq(add("a b", ACCOUNT_USER, ACCOUNT_ROLE_it, "correct horse"), ERR_INVALID);
    cr_assert_eq(add("a\nb", ACCOUNT_USER, ACCOUNT_ROLE_it, "correct horse"), ERR_INVALID);
    cr_assert_eq(add("\xff", ACCOUNT_USER, ACCOUNT_ROLE_it, "correct horse"), ERR_INVALID);
    cr_assert_eq(accounts_count(accounts), 0);
    cr_assert_eq(add("lee", ACCOUNT_USER, ACCOUNT_ROLE_it, "correct horse"), 0);
    cr_assert_eq(add("lee", ACCOUNT_TILL, ACCOUNT_ROLE_till, NULL), ERR_EXISTS);
    cr_assert_eq(accounts_set_secret(accounts, view_of("kim"), view_of("x"), &err), ERR_NOT_FOUND);
    cr_assert_eq(accounts_remove(accounts, view_of("kim"), &err), ERR_NOT_FOUND);
    cr_assert_eq(accounts_set_role(accounts, view_of("kim"), ACCOUNT_ROLE_it, view_of(""), &err), ERR_NOT_FOUND);
    cr_assert_eq(add("till-1", ACCOUNT_TILL, ACCOUNT_ROLE_till, NULL), 0);
    cr_assert_eq(accounts_set_secret(accounts, view_of("till-1"), view_of("secret"), &err), ERR_REFUSED);
    cr_assert_eq(accounts_set_role(accounts, view_of("till-1"), ACCOUNT_ROLE_it, view_of(""), &err), ERR_REFUSED);
    cr_assert_eq(add("kim", ACCOUNT_STAFF, ACCOUNT_ROLE_none, "1234"), 0);
    cr_assert_eq(accounts_set_role(accounts, view_of("kim"), ACCOUNT_ROLE_manager, view_of(""), &err), ERR_REFUSED,
                 "what an employee is the staff event says");
    cr_assert_eq(find("kim").role, ACCOUNT_ROLE_none);
}

Test(accounts, E14_secrets_are_bounded_and_a_pin_is_digits) {
    char text[300];
    memset(text, 'x', sizeof text);
    cr_assert_eq(secret_check(view_of("1234567"), false, &err), ERR_INVALID);
    cr_assert_eq(secret_check(view_of("12345678"), false, &err), 0);
    cr_assert_eq(secret_check(view_make(text, 256), false, &err), 0);
    cr_assert_eq(secret_check(view_make(text, 257), false, &err), ERR_LIMIT);
    cr_assert_eq(secret_check(view_of("\xff\xff\xff\xff\xff\xff\xff\xff"), false, &err), ERR_INVALID);
    cr_assert_eq(secret_check(view_of("123"), true, &err), ERR_INVALID);
    cr_assert_eq(secret_check(view_of("1234"), true, &err), 0);
    cr_assert_eq(secret_check(view_of("123456789012"), true, &err), 0);
    cr_assert_eq(secret_check(view_of("1234567890123"), true, &err), ERR_INVALID);
    cr_assert_eq(secret_check(view_of("12a4"), true, &err), ERR_INVALID);
    cr_assert_str_eq(err.field, "pin");
}

Test(accounts, E14_a_token_holds_until_it_expires_or_is_removed) {
    char first[TOKEN_TEXT + 1], second[TOKEN_TEXT + 1];
    uint32_t id = 0;
    int64_t expires;
    struct account till;
    cr_assert_eq(add("till-1", ACCOUNT_TILL, ACCOUNT_ROLE_till, NULL), 0);
    cr_assert_eq(accounts_add_token(accounts, view_of("till-1"), 5000, first, &id, &err), 0, "%s", err.text);
    cr_assert_eq(id, 1);
    cr_assert_eq(accounts_add_token(accounts, view_of("till-1"), 9000, second, &id, &err), 0);
    cr_assert_eq(id, 2);
    cr_assert_str_neq(first, second);
    cr_assert(accounts_of_token(accounts, view_of(first), 4999, &till, &expires));
    cr_assert_eq(expires, 5000);
    cr_assert_str_eq(till.name, "till-1");
    cr_assert_not(accounts_of_token(accounts, view_of(first), 5000, &till, &expires), "to the ms");
    open_accounts();
    cr_assert(accounts_of_token(accounts, view_of(second), 6000, &till, &expires), "after a restart, too");
    cr_assert_eq(accounts_flush(accounts, &err), 0, "%s", err.text);
    open_accounts();
    cr_assert_eq(find("till-1").tokens[1].used, 6000);
    cr_assert_eq(accounts_remove_token(accounts, view_of("till-1"), 2, &err), 0);
    cr_assert_not(accounts_of_token(accounts, view_of(second), 6000, &till, &expires));
    cr_assert_eq(accounts_remove_token(accounts, view_of("till-1"), 2, &err), ERR_NOT_FOUND);
    cr_assert_eq(add("lee", ACCOUNT_USER, ACCOUNT_ROLE_it, "correct horse"), 0);
    cr_assert_eq(accounts_add_token(accounts, view_of("lee"), 9000, first, &id, &err), ERR_REFUSED);
    cr_assert_eq(first[0], '\0');
    for (int i = 1; i < ACCOUNT_TOKENS_MAX; i++)
        cr_assert_eq(accounts_add_token(accounts, view_of("till-1"), 9000, first, &id, &err), 0);
    cr_assert_eq(accounts_add_token(accounts, view_of("till-1"), 9000, first, &id, &err), ERR_LIMIT);
}

Test(accounts, E14_a_damaged_file_is_told_and_not_written_over) {
    static const char *const damaged[] = {
        "", "{", "[]", "{\"format\": 2, \"version\": 1, \"accounts\": []}",
        "{\"format\": 1, \"version\": 1, \"accounts\": [{\"name\": \"kim\"}]}",
        /* Nobody becomes something by an impossible pair. */
        "{\"format\": 1, \"version\": 1, \"accounts\": [{\"name\": \"kim\", \"kind\": \"staff\", \"role\": \"region\", "
        "\"version\": 1, \"made\": 1, \"changed\": 1}]}",
        "{\"format\": 1, \"version\": 1, \"accounts\": [{\"name\": \"till\", \"kind\": \"till\", \"role\": \"it\", "
        "\"version\": 1, \"made\": 1, \"changed\": 1}]}"};
    for (size_t i = 0; i < sizeof damaged / sizeof *damaged; i++) {
        struct accounts *none = NULL;
        scratch_write(scratch_name(&scratch, ACCOUNTS_FILE), view_of(damaged[i]));
        cr_assert_eq(accounts_open(scratch.path, master, &world.env, &none, &err), ERR_CORRUPT, "%s", damaged[i]);
        cr_assert_null(none);
    }
}

Test(accounts, E14_a_disk_that_takes_nothing_leaves_them_as_they_were) {
    cr_assert_eq(add("lee", ACCOUNT_USER, ACCOUNT_ROLE_desk, "correct horse"), 0);
    struct scratch gone = scratch;
    scratch_remove(&gone);
    cr_assert_lt(accounts_remove(accounts, view_of("lee"), &err), 0);
    cr_assert_lt(add("kim", ACCOUNT_STAFF, ACCOUNT_ROLE_none, "1234"), 0);
    cr_assert_eq(accounts_count(accounts), 1);
    cr_assert(secret_of("lee", "correct horse"));
}
