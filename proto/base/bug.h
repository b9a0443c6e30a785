/* Deliberate bugs, for the simulator's own test: each of them it must find (tests/sim/bugs.c says by which invariant).
 *
 * `BUG(name)` is false wherever a program is built. Only the simulator's own build of the sources named in
 * tests/CMakeLists.txt defines DANGOL_SIM_BUGS; there it asks which one is planted now. */
#ifndef DANGOL_PROTO_BASE_BUG_H
#define DANGOL_PROTO_BASE_BUG_H

/* X(name, what is wrong with it) */
#define BUG_LIST(X)                                                                                                    \
    X(ack_before_commit, "the hub acks before its commit")                                                             \
    X(fold_before_commit, "events are folded before they are in the log")                                              \
    X(key_after_event, "the log before the ring: a crash between leaves an event nobody can read")                     \
    X(forget_receipt, "a store does not keep the hub's receipts")                                                      \
    X(skip_chain_check, "nobody compares chains")                                                                      \
    X(wall_clock_winner, "the time of arrival decides between concurrent values")                                      \
    X(accept_gap, "the hub goes on behind a gap")                                                                      \
    X(silent_duplicate, "what the hub has already is not acked again")                                                 \
    X(token_after_welcome, "the session token is given out before the hub has stored it")                              \
    X(hlc_goes_back, "a restarted site forgets its hybrid clock")                                                      \
    X(late_voids_only, "a void counts only when it comes after its event")                                             \
    X(revoked_may_push, "ingest takes what comes from a revoked stream")                                               \
    X(forget_refs, "refs are not indexed")                                                                             \
    X(judge_cursor_first, "the judge commits its cursor before its links")                                             \
    X(endless_queue, "ingest takes whatever comes")                                                                    \
    X(seal_nothing, "names and numbers are written in the clear")                                                      \
    X(forget_tags, "the hub does not keep the tags by which people are found")                                         \
    X(trust_anybody, "who says HELLO need not have the key of the stream")                                             \
    X(feed_without_history, "who becomes of interest to a store is fed from then on only")                             \
    X(erased_key_again, "a ring takes the key of somebody erased again")                                               \
    X(erased_stay_on_disk, "destroyed keys are left in the ring's files")                                              \
    X(directory_keeps_gone, "who is no VIP any more stays in the directory")                                           \
    X(branch_not_compared, "a hub takes what it wrote over an older image for what its stores were told")              \
    X(digest_of_positions, "the digest depends on the order of arrival")

enum bug {
    BUG_none,
#define BUG_NUMBER(name, what) BUG_##name,
    BUG_LIST(BUG_NUMBER)
#undef BUG_NUMBER
        BUG_COUNT
};

#ifdef DANGOL_SIM_BUGS
extern enum bug bug_planted; /* tests/sim/bugs.c */
#define BUG(name) (bug_planted == BUG_##name)
#else
#define BUG(name) (BUG_##name == BUG_none)
#endif

#endif
