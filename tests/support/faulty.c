#include "tests/support/faulty.h"

void fault_plan(struct fault *fault, uint64_t good, uint64_t fails, int code) {
    fault->fail_after = good;
    fault->fails = fails;
    fault->code = code;
    fault->dead = false;
}

/* Whether this write is one of those that fail. */
static bool fault_comes(struct fault *fault) {
    fault->writes++;
    if (fault->dead) return true;
    if (fault->fails == 0) return false;
    if (fault->fail_after > 0) {
        fault->fail_after--;
        return false;
    }
    fault->fails--;
    fault->failed++;
    return true;
}

/* Of a write that fails: does it take effect all the same? */
static bool fault_works(const struct fault *fault) { return fault->after_all && !fault->dead; }

static int fault_tell(struct fault *fault, struct err *err) {
    if ((fault->after_all || fault->deadly) && !fault->dead) {
        fault->dead = true;
        if (fault->died != NULL) fault->died(fault->context);
    }
    return err_set(err, fault->code, NULL, "the disk is full, as planned");
}

/* ---- The log ---- */

static struct log *in_log(struct log *log) { return ((struct faulty_log *)log)->inner; }

static int append_now(struct faulty_log *log, const struct log_batch *batch, uint64_t *first, struct err *err) {
    int code = log_append(log->inner, batch, first, err);
    if (code == 0 && log->wrote != NULL) log->wrote(log->witness, batch);
    return code;
}

static int faulty_append(struct log *base, const struct log_batch *batch, uint64_t *first, struct err *err) {
    struct faulty_log *log = (struct faulty_log *)base;
    if (!fault_comes(&log->fault)) return append_now(log, batch, first, err);
    if (fault_works(&log->fault)) append_now(log, batch, first, NULL);
    return fault_tell(&log->fault, err);
}

static uint64_t faulty_tip(struct log *log) { return log_tip(in_log(log)); }

static int faulty_head(struct log *log, uint32_t stream, struct head *out) {
    return log_head(in_log(log), stream, out);
}

static int faulty_heads(struct log *log, struct head **out, size_t *count, struct err *err) {
    return in_log(log)->ops->heads(in_log(log), out, count, err);
}

static int faulty_position_of(struct log *log, uint64_t id, uint64_t *position) {
    return log_position_of(in_log(log), id, position);
}

static int faulty_run_of(struct log *log, uint64_t id, uint64_t *position, uint64_t *length) {
    return in_log(log)->ops->run_of(in_log(log), id, position, length);
}

static int faulty_ref(struct log *log, const uint8_t hash[REF_HASH_SIZE], uint64_t *id) {
    return in_log(log)->ops->ref(in_log(log), hash, id);
}

static int faulty_value(struct log *log, struct view key, struct buf *out) {
    return in_log(log)->ops->value(in_log(log), key, out);
}

static int faulty_values(struct log *log, void (*each)(void *context, const struct log_value *value), void *context,
                         struct err *err) {
    return in_log(log)->ops->values(in_log(log), each, context, err);
}

static int faulty_log_get(struct log *log, uint64_t position, struct record *out, struct buf *copy, struct err *err) {
    return log_get(in_log(log), position, out, copy, err);
}

static int faulty_chain_at(struct log *log, uint64_t position, uint64_t *at, uint8_t chain[CHAIN_SIZE],
                           struct err *err) {
    return in_log(log)->ops->chain_at(in_log(log), position, at, chain, err);
}

static int faulty_iterate(struct log *log, struct log_iterator **out, struct err *err) {
    return in_log(log)->ops->iterate(in_log(log), out, err);
}

static int faulty_log_verify(struct log *log, const struct log_trust *trust, struct verify_report *report,
                             struct err *err) {
    return in_log(log)->ops->verify(in_log(log), trust, report, err);
}

static void faulty_log_close(struct log *log) { (void)log; }

void faulty_log_make(struct faulty_log *log, struct log *inner) {
    static const struct log_ops ops = {
        .append = faulty_append,
        .tip = faulty_tip,
        .head = faulty_head,
        .heads = faulty_heads,
        .position_of = faulty_position_of,
        .run_of = faulty_run_of,
        .ref = faulty_ref,
        .value = faulty_value,
        .values = faulty_values,
        .get = faulty_log_get,
        .chain_at = faulty_chain_at,
        .iterate = faulty_iterate,
        .verify = faulty_log_verify,
        .close = faulty_log_close,
    };
    *log = (struct faulty_log){.base = {&ops}, .inner = inner};
}

void faulty_log_end(struct faulty_log *log) {
    if (log->inner != NULL) log->inner->ops->close(log->inner);
    log->inner = NULL;
}

/* ---- The key ring ---- */

static struct keyring *in_ring(struct keyring *ring) { return ((struct faulty_ring *)ring)->inner; }

static int faulty_put(struct keyring *ring, const struct ring_put *puts, size_t count, struct err *err) {
    struct fault *fault = &((struct faulty_ring *)ring)->fault;
    if (!fault_comes(fault)) return in_ring(ring)->ops->put(in_ring(ring), puts, count, err);
    if (fault_works(fault)) in_ring(ring)->ops->put(in_ring(ring), puts, count, NULL);
    return fault_tell(fault, err);
}

static int faulty_ring_get(struct keyring *ring, uint64_t id, struct ring_key *out, size_t max, struct err *err) {
    return in_ring(ring)->ops->get(in_ring(ring), id, out, max, err);
}

static int faulty_find(struct keyring *ring, const struct tag *tag, uint64_t *out, size_t max, struct err *err) {
    return in_ring(ring)->ops->find(in_ring(ring), tag, out, max, err);
}

static int faulty_tags(struct keyring *ring, uint64_t id, uint8_t kind, struct tag *out, size_t max, struct err *err) {
    return in_ring(ring)->ops->tags(in_ring(ring), id, kind, out, max, err);
}

static int faulty_untag(struct keyring *ring, uint64_t id, const struct tag *tag, struct err *err) {
    struct fault *fault = &((struct faulty_ring *)ring)->fault;
    if (fault_comes(fault)) return fault_tell(fault, err);
    return in_ring(ring)->ops->untag(in_ring(ring), id, tag, err);
}

static int faulty_destroy(struct keyring *ring, uint64_t id, struct err *err) {
    struct fault *fault = &((struct faulty_ring *)ring)->fault;
    if (fault_comes(fault)) return fault_tell(fault, err);
    return in_ring(ring)->ops->destroy(in_ring(ring), id, err);
}

static int faulty_renew(struct keyring *ring, struct err *err) {
    struct fault *fault = &((struct faulty_ring *)ring)->fault;
    if (!fault_comes(fault)) return in_ring(ring)->ops->renew(in_ring(ring), err);
    if (fault_works(fault)) in_ring(ring)->ops->renew(in_ring(ring), NULL);
    return fault_tell(fault, err);
}

static int faulty_each(struct keyring *ring, int (*each)(void *context, uint64_t id, const struct ring_key *key),
                       void *context, struct err *err) {
    return in_ring(ring)->ops->each(in_ring(ring), each, context, err);
}

static int faulty_ring_verify(struct keyring *ring, uint64_t *keys, struct err *err) {
    return in_ring(ring)->ops->verify(in_ring(ring), keys, err);
}

static int faulty_set_value(struct keyring *ring, const char *name, struct view value, struct err *err) {
    struct fault *fault = &((struct faulty_ring *)ring)->fault;
    if (fault_comes(fault)) return fault_tell(fault, err);
    return in_ring(ring)->ops->set_value(in_ring(ring), name, value, err);
}

static int faulty_get_value(struct keyring *ring, const char *name, struct buf *out, struct err *err) {
    return in_ring(ring)->ops->get_value(in_ring(ring), name, out, err);
}

static void faulty_ring_close(struct keyring *ring) { (void)ring; }

void faulty_ring_make(struct faulty_ring *ring, struct keyring *inner) {
    static const struct keyring_ops ops = {
        .put = faulty_put,
        .get = faulty_ring_get,
        .find = faulty_find,
        .tags = faulty_tags,
        .untag = faulty_untag,
        .destroy = faulty_destroy,
        .renew = faulty_renew,
        .each = faulty_each,
        .verify = faulty_ring_verify,
        .set_value = faulty_set_value,
        .get_value = faulty_get_value,
        .close = faulty_ring_close,
    };
    *ring = (struct faulty_ring){.base = {&ops}, .inner = inner};
}

void faulty_ring_end(struct faulty_ring *ring) {
    if (ring->inner != NULL) ring->inner->ops->close(ring->inner);
    ring->inner = NULL;
}
