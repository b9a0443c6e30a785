/* An accounts.json of anybody's making: refused with a reason, or taken, and then written and taken again the same. */
#include <assert.h>
#include <stdlib.h>

#include "proto/site/accounts_parts.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct account *items, *again;
    size_t count, count_again;
    uint64_t version, version_again;
    struct err err = {0};
    struct buf once = BUF_INIT, twice = BUF_INIT;
    int code = accounts_parse(view_make(data, size), &items, &count, &version, &err);
    if (code != 0) {
        assert(code == err.code && items == NULL && count == 0);
        return 0;
    }
    for (size_t i = 0; i < count; i++) {
        assert((items[i].role == ACCOUNT_ROLE_till) == (items[i].kind == ACCOUNT_TILL));
        assert((items[i].role == ACCOUNT_ROLE_none) == (items[i].kind == ACCOUNT_STAFF));
        assert(items[i].name[0] != '\0' && (i == 0 || strcmp(items[i - 1].name, items[i].name) < 0));
    }
    accounts_write(items, count, version, &once);
    code = accounts_parse(buf_view(&once), &again, &count_again, &version_again, NULL);
    assert(code == 0 && count_again == count && version_again == version);
    accounts_write(again, count_again, version_again, &twice);
    assert(view_equal(buf_view(&once), buf_view(&twice)));
    buf_release(&once);
    buf_release(&twice);
    free(items);
    free(again);
    return 0;
}
