/* What the cases of the log's contract share: a log of one form with a scribe, and assertions about it. Every assertion
 * that fails ends the test. */
#ifndef DANGOL_TESTS_CONTRACT_LOG_SCENE_H
#define DANGOL_TESTS_CONTRACT_LOG_SCENE_H

#include "tests/contract/log_contract.h"
#include "tests/support/scribe.h"

#define STORE_A 65537u
#define STORE_B 65538u
#define STORE_C 65539u
#define HUB 65536u

struct scene {
    struct log *log;
    struct scribe scribe;
    struct err err;
};

void scene_begin(struct scene *s, const struct log_form *form);
void scene_end(struct scene *s);
void scene_append(struct scene *s);
void scene_append_run(struct scene *s, uint32_t stream, int count);
void scene_refused(struct scene *s, const struct log_batch *batch, const char *word);
void scene_verify_is(struct scene *s, const struct log_trust *trust, int code, const char *word);
void scene_verify_good(struct scene *s, uint64_t records, uint64_t streams);
void scene_holds_record(struct log *log, uint64_t position, const struct log_append *expected);
void scene_value_is(struct log *log, const char *key, const char *expected);
void scene_run_is(struct log *log, uint64_t id, uint64_t position, uint64_t length);
void scene_not_found(struct log *log, uint64_t id);

#endif
