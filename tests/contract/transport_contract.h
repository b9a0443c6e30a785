/* What every form of the transport port must do. Each case opens and closes its own scene; a unit test makes a
 * Criterion test of each with TRANSPORT_CONTRACT. */
#ifndef DANGOL_TESTS_CONTRACT_TRANSPORT_CONTRACT_H
#define DANGOL_TESTS_CONTRACT_TRANSPORT_CONTRACT_H

#include "tests/contract/transport_scene.h"

#define TRANSPORT_CONTRACT(X)                                                                                          \
    X(echoes_every_size)                                                                                               \
    X(keeps_the_order_both_ways)                                                                                       \
    X(takes_messages_up_to_the_limit)                                                                                  \
    X(closes_on_a_message_too_large)                                                                                   \
    X(reads_no_further_before_resume)                                                                                  \
    X(may_be_resumed_before_message_returns)                                                                           \
    X(closes_when_the_queue_is_full)                                                                                   \
    X(tells_when_drained)                                                                                              \
    X(sends_what_opened_sent)                                                                                          \
    X(delivers_before_a_flushing_end)                                                                                  \
    X(delivers_before_a_flushing_end_inside_message)                                                                   \
    X(ends_when_both_flush)                                                                                            \
    X(stops_flushing_in_time)                                                                                          \
    X(closes_at_once)                                                                                                  \
    X(closes_while_held)                                                                                               \
    X(closes_inside_message)                                                                                           \
    X(notices_that_the_peer_is_gone)                                                                                   \
    X(fires_a_deadline)                                                                                                \
    X(moves_a_deadline)                                                                                                \
    X(reports_a_failed_dial)                                                                                           \
    X(refuses_a_bad_address)                                                                                           \
    X(refuses_by_opened)                                                                                               \
    X(names_the_peer)                                                                                                  \
    X(carries_many_connections)                                                                                        \
    X(shuts_down_with_everything_under_way)

#define TRANSPORT_CONTRACT_DECLARE(name) void transport_##name(const struct transport_form *form);
TRANSPORT_CONTRACT(TRANSPORT_CONTRACT_DECLARE)
#undef TRANSPORT_CONTRACT_DECLARE

#endif
