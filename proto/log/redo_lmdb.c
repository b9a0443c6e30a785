/* One sync for a small append instead of two.
 *
 * LMDB syncs a transaction's pages, then writes and syncs the meta page that makes them valid: two waits for the disk,
 * about twice what a bare write and fdatasync takes. With MDB_NOMETASYNC it leaves out the second, and a power cut can
 * take the last transaction back, whole, though its pages are on the disk: only the meta page is missing. So the batch
 * itself is written down as well (redo.c) before that one sync, in the same file, and appended again at the next open
 * when LMDB has lost it. Larger batches take both syncs; there they cost little.
 *
 * The place: the meta pages, of which LMDB 0.9 uses the first 152 bytes. Transaction n has page n & 1, as LMDB has for
 * it: the other one may hold transaction n - 1, of which nothing else may be on the disk before the sync.
 *
 *     sync of n     durable: pages of n, redo of n, and by the way the meta page of n - 1, which was only written
 *     power cut     LMDB opens n, or n - 1 and the redo of n is appended again; n was not acknowledged before the sync.
 *                   The redo of n + 1, which was under way, may be there whole: then it is appended behind it
 *
 * What n - 1 consists of is not overwritten by n: LMDB reuses only what n - 2 had freed already.
 *
 * All of this counts on the sync. When one fails, the system may take for written what it has dropped, meta page n - 1
 * too: a later sync would not bring it, and n + 1 would build on what a power cut takes back. So nothing is appended
 * after a sync that failed until another process has opened the log, and that one begins with both meta pages,
 * written again and synced (environment_lmdb.h). */
#include <errno.h>
#include <lmdb.h>
#include <stdlib.h>
#include <unistd.h>

#include "proto/log/log_lmdb.h"
#include "proto/log/redo.h"

#define REDO_OFFSET 512 /* a sector of its own: a torn write of it does not touch the meta */

static size_t page_size(MDB_env *env) {
    MDB_stat stat;
    return mdb_env_stat(env, &stat) == 0 ? stat.ms_psize : 0;
}

static off_t place_of(uint64_t transaction, size_t page) { return (off_t)((transaction & 1) * page + REDO_OFFSET); }

static bool write_at(struct log_lmdb *log, uint64_t transaction, struct view bytes) {
    ssize_t written;
    do written = pwrite(log->fd, bytes.data, bytes.len, place_of(transaction, page_size(log->env)));
    while (written < 0 && errno == EINTR);
    return written == (ssize_t)bytes.len;
}

bool log_redo_write(struct log_lmdb *log, uint64_t transaction, uint64_t first, const struct log_batch *batch) {
    size_t room = page_size(log->env) - REDO_OFFSET;
    bool fits = redo_size(batch) <= room;
    if (fits) {
        buf_clear(&log->redo);
        redo_encode(&log->redo, transaction, first, batch);
        fits = write_at(log, transaction, buf_view(&log->redo));
    }
    mdb_env_set_flags(log->env, MDB_NOMETASYNC, fits);
    return fits;
}

bool log_redo_withdraw(struct log_lmdb *log, uint64_t transaction) {
    static const uint8_t nothing[8];
    return write_at(log, transaction, view_make(nothing, sizeof nothing));
}

bool log_synced(struct log_lmdb *log) { return fdatasync(log->fd) == 0; }

bool log_redo_read(struct log_lmdb *log, uint64_t transaction, struct redo *out) {
    size_t page = page_size(log->env);
    buf_clear(&log->redo);
    buf_reserve(&log->redo, page);
    ssize_t got = pread(log->fd, log->redo.data, page - REDO_OFFSET, place_of(transaction, page));
    if (got <= 0 || !redo_decode(view_make(log->redo.data, (size_t)got), out)) return false;
    if (out->transaction == transaction) return true;
    redo_release(out);
    return false;
}
