/* What every form of the key ring must do. Each case opens and closes its own ring; a unit test makes a Criterion test
 * of each with KEYRING_CONTRACT. */
#ifndef DANGOL_TESTS_CONTRACT_KEYRING_CONTRACT_H
#define DANGOL_TESTS_CONTRACT_KEYRING_CONTRACT_H

#include "proto/event/keyring.h"

#define KEYRING_CONTRACT(X)                                                                                            \
    X(gives_back_what_was_put)                                                                                         \
    X(knows_nothing_of_others)                                                                                         \
    X(takes_many_at_once)                                                                                              \
    X(keeps_two_keys_of_one_id)                                                                                        \
    X(writes_a_key_once)                                                                                               \
    X(replaces_an_orphan)                                                                                              \
    X(finds_by_tag)                                                                                                    \
    X(adds_tags_without_a_key)                                                                                         \
    X(forgets_a_tag)                                                                                                   \
    X(tells_the_tags_of_one)                                                                                           \
    X(leaves_a_tombstone)                                                                                              \
    X(never_takes_a_destroyed_key_again)                                                                               \
    X(takes_no_tags_for_the_destroyed)                                                                                 \
    X(destroys_nothing_twice)                                                                                          \
    X(goes_on_in_a_new_generation)                                                                                     \
    X(gives_live_keys_first)                                                                                           \
    X(gives_no_more_than_asked_for)                                                                                    \
    X(tells_of_every_key)                                                                                              \
    X(stops_telling)                                                                                                   \
    X(may_be_used_while_telling)                                                                                       \
    X(keeps_values)                                                                                                    \
    X(verifies)

struct keyring_form {
    struct keyring *(*open)(void); /* an empty one; the form puts it away by itself */
};

#define KEYRING_CONTRACT_DECLARE(name) void keyring_##name(const struct keyring_form *form);
KEYRING_CONTRACT(KEYRING_CONTRACT_DECLARE)
#undef KEYRING_CONTRACT_DECLARE

/* A key and a tag for every number. */
struct customer_key keyring_key(uint32_t number);
struct tag keyring_tag(uint32_t number);

#endif
