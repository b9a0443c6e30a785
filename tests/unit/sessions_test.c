/* The table of sessions (E14): idle and longest time to the ms, one account's share, and that what is removed is
 * gone. */
#include <criterion/criterion.h>

#include "proto/api/sessions.h"

static struct sessions sessions;

static void done(void) { sessions_release(&sessions); }

TestSuite(sessions, .fini = done);

static struct session fresh(const char *name, uint32_t number, int64_t began) {
    struct session session = {.began = began, .used = began, .idle_ms = 1000, .longest_ms = 5000};
    snprintf(session.who.name, sizeof session.who.name, "%s", name);
    put_u32_le(session.hash, number * 2654435761u);
    put_u32_le(session.hash + 8, number);
    return session;
}

static struct session *find(uint32_t number, int64_t now) {
    return sessions_find(&sessions, fresh("", number, 0).hash, now);
}

static void add(const char *name, uint32_t number, int64_t began) {
    struct session session = fresh(name, number, began);
    sessions_add(&sessions, &session);
}

Test(sessions, E14_one_that_is_not_used_ends_after_its_idle_time) {
    add("kim", 1, 100);
    cr_assert_not_null(find(1, 1099));
    cr_assert_null(find(1, 1100), "to the ms");
    cr_assert_null(find(1, 200), "and is gone for good");
    cr_assert_eq(sessions.count, 0);
}

Test(sessions, E14_one_that_is_used_ends_after_its_longest_time) {
    add("kim", 1, 100);
    for (int64_t now = 100; now < 5100; now += 900) {
        struct session *session = find(1, now);
        cr_assert_not_null(session, "at %lld", (long long)now);
        session->used = now;
    }
    cr_assert_null(find(1, 5100));
}

Test(sessions, E14_a_hash_that_only_begins_alike_is_nobodys) {
    struct session session = fresh("kim", 1, 0);
    sessions_add(&sessions, &session);
    session.hash[31] ^= 1;
    cr_assert_null(sessions_find(&sessions, session.hash, 1));
    cr_assert_not_null(find(1, 1));
}

Test(sessions, E14_an_account_has_so_many_and_then_loses_the_one_unused_for_longest) {
    for (uint32_t i = 0; i < SESSIONS_OF_ONE; i++) add("kim", i, i);
    add("lee", 99, 0);
    find(0, 20)->used = 500;
    add("kim", 50, 501);
    cr_assert_not_null(find(0, 502), "it was used last");
    cr_assert_null(find(1, 502));
    cr_assert_not_null(find(99, 502), "somebody else's stays");
    cr_assert_not_null(find(50, 502));
}

Test(sessions, E14_the_table_is_bounded_and_what_has_ended_goes_first) {
    char name[16];
    for (uint32_t i = 0; i < SESSIONS_MAX; i++) {
        snprintf(name, sizeof name, "user-%u", i);
        add(name, i, i == 7 ? 0 : 10);
    }
    add("one-more", SESSIONS_MAX, 500);
    cr_assert_eq(sessions.count, SESSIONS_MAX);
    cr_assert_null(find(7, 501), "unused for longest");
    for (uint32_t i = 0; i < SESSIONS_MAX; i++)
        if (i != 7) cr_assert_not_null(find(i, 501), "%u is still there", i);
    add("much-later", SESSIONS_MAX + 1, 1010);
    cr_assert_eq(sessions.count, 2, "all that had ended went");
}

Test(sessions, E14_removing_any_leaves_the_others_findable) {
    for (uint32_t i = 0; i < 10; i++) add("kim", i, 0);
    sessions_remove(&sessions, find(3, 1));
    sessions_remove(&sessions, find(9, 1));
    sessions_remove(&sessions, find(0, 1));
    for (uint32_t i = 0; i < 10; i++) cr_assert_eq(find(i, 1) != NULL, i != 3 && i != 9 && i != 0, "%u", i);
}
