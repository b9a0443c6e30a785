/* What every form of the log must do. Each case opens a log of its own; a unit test makes a Criterion test of each with
 * LOG_CONTRACT. */
#ifndef DANGOL_TESTS_CONTRACT_LOG_CONTRACT_H
#define DANGOL_TESTS_CONTRACT_LOG_CONTRACT_H

#include "proto/log/log.h"

/* A form of the log. */
struct log_form {
    const char *name;
    struct log *(*open)(void *context); /* the same log again after a close, where `keeps` */
    bool keeps;                         /* what was appended is there after close and open */
    void *context;
};

#define LOG_CONTRACT(X)                                                                                                \
    X(is_empty_at_first)                                                                                               \
    X(gives_back_what_was_appended)                                                                                    \
    X(takes_batches_over_several_streams)                                                                              \
    X(takes_frames_up_to_the_limit)                                                                                    \
    X(refuses_a_gap)                                                                                                   \
    X(refuses_a_repeat)                                                                                                \
    X(refuses_a_stream_without_head)                                                                                   \
    X(refuses_a_head_that_is_not_the_last)                                                                             \
    X(refuses_a_hint_forwards)                                                                                         \
    X(refuses_a_foreign_ref_hash)                                                                                      \
    X(refuses_a_ref_that_is_taken)                                                                                     \
    X(refuses_a_ref_twice_in_a_batch)                                                                                  \
    X(leaves_nothing_of_a_refused_batch)                                                                               \
    X(finds_refs)                                                                                                      \
    X(keeps_values_with_the_append)                                                                                    \
    X(keeps_values_alone)                                                                                              \
    X(removes_values)                                                                                                  \
    X(lists_heads)                                                                                                     \
    X(finds_positions_and_runs)                                                                                        \
    X(finds_runs_after_many)                                                                                           \
    X(iterates_from_anywhere)                                                                                          \
    X(iterates_on_after_the_end)                                                                                       \
    X(iterates_on_after_a_pause)                                                                                       \
    X(iterates_past_a_transaction)                                                                                     \
    X(iterates_a_few_at_once)                                                                                          \
    X(chains_commit_by_commit)                                                                                         \
    X(verifies_what_it_took)                                                                                           \
    X(verifies_against_the_right_key)                                                                                  \
    X(verifies_hints)                                                                                                  \
    X(verifies_chains)                                                                                                 \
    X(takes_partial_events_in_any_order)                                                                               \
    X(refuses_partial_events_twice)                                                                                    \
    X(keeps_partial_events_after_opening_again)                                                                        \
    X(is_the_same_after_opening_again)                                                                                 \
    X(goes_on_after_opening_again)

#define LOG_CONTRACT_DECLARE(name) void log_##name(const struct log_form *form);
LOG_CONTRACT(LOG_CONTRACT_DECLARE)
#undef LOG_CONTRACT_DECLARE

#endif
