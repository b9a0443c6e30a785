#include "proto/log/log.h"

int log_get_id(struct log *log, uint64_t id, struct record *out, struct buf *copy, struct err *err) {
    uint64_t position;
    char text[ID_TEXT];
    int rc = log_position_of(log, id, &position);
    if (rc == ERR_NOT_FOUND) return err_set(err, rc, NULL, "there is no event %s here", id_format(id, text));
    if (rc != 0)
        return err_set(err, rc, NULL, "the index of the log has no readable row for event %s", id_format(id, text));
    rc = log_get(log, position, out, copy, err);
    if (rc == 0 && out->id != id)
        return err_set(err, ERR_CORRUPT, NULL, "record %llu is not event %s, as the index of the log says",
                       (unsigned long long)position, id_format(id, text));
    return rc;
}

int log_next_few(struct log_iterator *it, struct record *out, size_t max, size_t *count, struct err *err) {
    if (it->ops->next_few != NULL) return it->ops->next_few(it, out, max, count, err);
    int rc = it->ops->next(it, out, err);
    *count = rc == 0;
    return rc;
}

int log_trail(struct log *log, uint64_t position, bool (*each)(void *context, const struct record *record),
              void *context, struct err *err) {
    if (log->ops->trail != NULL) return log->ops->trail(log, position, each, context, err);
    struct buf frame = BUF_INIT;
    struct record record;
    int rc = 0;
    for (bool more = true; more && position != 0 && rc == 0;) {
        buf_clear(&frame);
        rc = log_get(log, position, &record, &frame, err);
        if (rc == 0 && record.previous >= position) record.previous = 0;
        if (rc == 0) more = each(context, &record);
        position = record.previous;
    }
    buf_release(&frame);
    return rc;
}
