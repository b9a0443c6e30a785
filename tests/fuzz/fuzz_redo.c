/* What stands where a redo should be after a power cut: any bytes are refused or taken, and what is taken is written
 * again as the same. The second way seals the bytes with a check that holds, as only we would. */
#include <assert.h>
#include <string.h>

#include "proto/log/crc32c.h"
#include "proto/log/redo.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(struct view bytes) {
    struct redo redo, again;
    struct buf once = BUF_INIT, twice = BUF_INIT;
    if (!redo_decode(bytes, &redo)) {
        assert(redo.records == NULL && redo.heads == NULL && redo.values == NULL);
        return;
    }
    redo_encode(&once, redo.transaction, redo.first, &redo.batch);
    assert(once.len <= redo_size(&redo.batch));
    assert(redo_decode(buf_view(&once), &again));
    redo_encode(&twice, again.transaction, again.first, &again.batch);
    assert(view_equal(buf_view(&once), buf_view(&twice)));
    redo_release(&again);
    redo_release(&redo);
    buf_release(&once);
    buf_release(&twice);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct buf sealed = BUF_INIT;
    check(view_make(data, size));
    buf_reserve(&sealed, size + 8);
    sealed.len = size + 8;
    put_u32_le(sealed.data + 4, (uint32_t)size);
    if (size > 0) memcpy(sealed.data + 8, data, size);
    put_u32_le(sealed.data, crc32c(0, sealed.data + 4, size + 4));
    check(buf_view(&sealed));
    buf_release(&sealed);
    return 0;
}
