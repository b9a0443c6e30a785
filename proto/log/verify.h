/* Verifying a log: reads it once from the first position on and holds every record against what came before it. Both
 * forms feed it and add what only they have (indexes).
 *
 * Every function returns 0, or ERR_CORRUPT with a sentence that names the record or row; `first_bad` is then the
 * record's position, 0 when it is no record's fault. Memory: 16 to 32 bytes for each subject, 24 for each run; all of
 * it its own. Pure but for the trust's key_of. */
#ifndef DANGOL_PROTO_LOG_VERIFY_H
#define DANGOL_PROTO_LOG_VERIFY_H

#include "proto/log/record.h"
#include "proto/log/site_chain.h"
#include "proto/log/streams.h"

struct verify {
    const struct log_trust *trust;  /* NULL: stream chains and signatures are left out */
    const struct log_streams *held; /* streams the log has a head of; all others are held in part */
    struct log_streams streams;     /* what was read: last seqs and chains as heads, and the runs */
    struct idmap subjects;          /* position of the last record about each */
    struct site_chain site;
    uint64_t position; /* the last record read */
    uint64_t first_bad;
};

/* What the index of refs must say about a record. */
struct verified_ref {
    bool indexed;
    uint8_t hash[REF_HASH_SIZE];
};

void verify_init(struct verify *v, const struct log_trust *trust, const struct log_streams *held);
void verify_release(struct verify *v);
/* The whole bytes of the record at the next position. */
int verify_record(struct verify *v, struct view bytes, struct verified_ref *ref, struct err *err);
/* A commit ends here. */
int verify_commit(struct verify *v, const struct commit_row *row, struct err *err);
/* All records are read: these are the heads the log holds. */
int verify_heads(struct verify *v, const struct head *heads, size_t count, struct err *err);
void verify_report(const struct verify *v, struct verify_report *out);

/* The record at the position is at fault. */
int verify_fault(struct verify *v, uint64_t position, uint64_t id, struct err *err, const char *format, ...)
    __attribute__((format(printf, 5, 6)));

#endif
