/* A check in a process of its own: what it says comes back, and how it ends ends nothing else. */
#include <criterion/criterion.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "proto/log/verify_os.h"

static int answered;

static int key_of(void *context, uint32_t stream, uint8_t key[PUBLIC_KEY_SIZE]) {
    answered++;
    memset(key, (int)stream, PUBLIC_KEY_SIZE);
    return stream == *(const uint32_t *)context ? 0 : ERR_NOT_FOUND;
}

static uint64_t told_done;
static uint64_t told_all;

static void progress(uint64_t done, uint64_t all) {
    told_done = done;
    told_all = all;
}

static int check(int (*run)(void *, const struct log_trust *, struct verify_beat *, struct verify_report *,
                            struct err *),
                 const struct env *env, struct verify_report *report, struct err *err) {
    uint32_t known = 7;
    int fd = 42;
    const struct log_trust trust = {.root = {9}, .key_of = key_of, .context = &known, .progress = progress};
    const struct verify_work work = {run, &fd};
    *err = (struct err){0};
    return verify_in_child(&work, &trust, env, report, err);
}

static int says_good(void *context, const struct log_trust *trust, struct verify_beat *beat,
                     struct verify_report *report, struct err *err) {
    (void)err;
    (void)beat;
    *report = (struct verify_report){.records = 5, .streams = trust->root[0], .first_bad = (uint64_t) * (int *)context};
    return 0;
}

Test(verify_os, brings_the_answer_back) {
    struct verify_report report;
    struct err err;
    cr_assert_eq(check(says_good, env_os(), &report, &err), 0);
    cr_assert_eq(report.records, 5);
    cr_assert_eq(report.streams, 9);
    cr_assert_eq(report.first_bad, 42);
    cr_assert_eq(waitpid(-1, NULL, WNOHANG), -1, "a child is left");
}

static int says_bad(void *context, const struct log_trust *trust, struct verify_beat *beat,
                    struct verify_report *report, struct err *err) {
    (void)context;
    (void)trust;
    (void)beat;
    report->first_bad = 3;
    return err_set(err, ERR_CORRUPT, "field", "record 3 is %s", "bad");
}

Test(verify_os, brings_the_sentence_back) {
    struct verify_report report;
    struct err err;
    cr_assert_eq(check(says_bad, env_os(), &report, &err), ERR_CORRUPT);
    cr_assert_eq(report.first_bad, 3);
    cr_assert_eq(err.code, ERR_CORRUPT);
    cr_assert_str_eq(err.field, "field");
    cr_assert_str_eq(err.text, "record 3 is bad");
    cr_assert_eq(check(says_bad, env_os(), &report, &err), ERR_CORRUPT);
}

static int asks(void *context, const struct log_trust *trust, struct verify_beat *beat, struct verify_report *report,
                struct err *err) {
    uint8_t key[PUBLIC_KEY_SIZE];
    (void)context;
    (void)beat;
    (void)err;
    for (uint32_t stream = 6; stream <= 8; stream++)
        if (trust->key_of(trust->context, stream, key) == 0) report->records = key[31];
    return 0;
}

Test(verify_os, asks_for_keys_where_they_are_known) {
    struct verify_report report;
    struct err err;
    cr_assert_eq(check(asks, env_os(), &report, &err), 0);
    cr_assert_eq(report.records, 7);
    cr_assert_eq(answered, 3);
}

static int crashes(void *context, const struct log_trust *trust, struct verify_beat *beat, struct verify_report *report,
                   struct err *err) {
    (void)context;
    (void)trust;
    (void)report;
    (void)err;
    atomic_store(&beat->all, 20);
    atomic_store(&beat->done, 11);
    raise(SIGSEGV);
    return 0;
}

Test(verify_os, names_where_it_died) {
    struct verify_report report;
    struct err err;
    cr_assert_eq(check(crashes, env_os(), &report, &err), ERR_CORRUPT);
    cr_assert_eq(report.records, 11);
    cr_assert_eq(report.first_bad, 12);
    cr_assert_not_null(strstr(err.text, "behind record 11"), "%s", err.text);
    cr_assert_eq(waitpid(-1, NULL, WNOHANG), -1, "a child is left");
}

static int leaves(void *context, const struct log_trust *trust, struct verify_beat *beat, struct verify_report *report,
                  struct err *err) {
    (void)context;
    (void)trust;
    (void)beat;
    (void)report;
    (void)err;
    _exit(EXIT_SUCCESS);
}

Test(verify_os, takes_no_answer_for_damage) {
    struct verify_report report;
    struct err err;
    cr_assert_eq(check(leaves, env_os(), &report, &err), ERR_CORRUPT);
    cr_assert_not_null(strstr(err.text, "structure of the log"), "%s", err.text);
}

static int is_stopped(void *context, const struct log_trust *trust, struct verify_beat *beat,
                      struct verify_report *report, struct err *err) {
    (void)context;
    (void)trust;
    (void)beat;
    (void)report;
    (void)err;
    raise(SIGTERM);
    return 0;
}

Test(verify_os, tells_a_person_from_damage) {
    struct verify_report report;
    struct err err;
    cr_assert_eq(check(is_stopped, env_os(), &report, &err), ERR_INTERRUPTED);
}

/* A clock that is a quarter of the patience further at every look. */
static int64_t fast_clock(void *context) {
    int64_t *now = context;
    return *now += VERIFY_STUCK_MS / 4;
}

static int hangs(void *context, const struct log_trust *trust, struct verify_beat *beat, struct verify_report *report,
                 struct err *err) {
    (void)context;
    (void)trust;
    (void)report;
    (void)err;
    atomic_store(&beat->all, 20);
    atomic_store(&beat->done, 4);
    while (getppid() > 0) pause();
    return 0;
}

Test(verify_os, ends_what_stands_still) {
    struct verify_report report;
    struct err err;
    int64_t now = 0;
    const struct env env = {.monotonic_ms = fast_clock, .context = &now};
    cr_assert_eq(check(hangs, &env, &report, &err), ERR_CORRUPT);
    cr_assert_not_null(strstr(err.text, "behind record 4: reading does not end"), "%s", err.text);
    cr_assert_eq(report.first_bad, 5);
    cr_assert_eq(told_done, 4);
    cr_assert_eq(told_all, 20);
    cr_assert_eq(waitpid(-1, NULL, WNOHANG), -1, "a child is left");
}

/* As long as a few looks of the parent's take. */
static void wait_for_a_look(void) {
    struct pollfd none = {.fd = -1};
    poll(&none, 1, 20);
}

static int keeps_moving(void *context, const struct log_trust *trust, struct verify_beat *beat,
                        struct verify_report *report, struct err *err) {
    (void)context;
    (void)trust;
    (void)err;
    for (int i = 0; i < 60; i++) {
        atomic_fetch_add(&beat->steps, 1);
        wait_for_a_look();
    }
    report->records = 1;
    return 0;
}

Test(verify_os, waits_for_what_moves) {
    struct verify_report report;
    struct err err;
    int64_t now = 0;
    const struct env env = {.monotonic_ms = fast_clock, .context = &now};
    cr_assert_eq(check(keeps_moving, &env, &report, &err), 0, "%s", err.text);
    cr_assert_eq(report.records, 1);
    cr_assert_gt(now, VERIFY_STUCK_MS);
}

static int looks_at_descriptor(void *context, const struct log_trust *trust, struct verify_beat *beat,
                               struct verify_report *report, struct err *err) {
    (void)trust;
    (void)beat;
    (void)err;
    report->records = fcntl(*(int *)context, F_GETFD) < 0 ? 1 : 2;
    return 0;
}

Test(verify_os, holds_none_of_the_parents_descriptors) {
    struct verify_report report;
    struct err err;
    cr_assert_eq(dup2(0, 42), 42);
    cr_assert_eq(check(looks_at_descriptor, env_os(), &report, &err), 0);
    cr_assert_eq(report.records, 1);
    close(42);
}
