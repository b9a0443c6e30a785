/* Lists of ids; those of rows are generated in body.c. */
#include "proto/base/pack.h"
#include "proto/event/event.h"

bool list_next_id(struct list *list, uint64_t *out) {
    struct cursor c = cursor_of(list->raw);
    if (list->count == 0) return false;
    *out = cursor_uint(&c);
    if (!cursor_ok(&c)) return false;
    *list = (struct list){{c.at, cursor_left(&c)}, list->count - 1};
    return true;
}

void list_append_id(struct list *list, struct buf *storage, uint64_t id) {
    if (list->count == 0) buf_clear(storage);
    pack_uint(storage, id);
    *list = (struct list){buf_view(storage), list->count + 1};
}
