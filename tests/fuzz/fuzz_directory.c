/* A part of the directory of VIPs. Shelves that are read are in order, whole, and written again give the same bytes;
 * whatever changes come upon them, rows stay in order and each hash is found as it was set last. The first byte says
 * where shelves end and changes begin. */
#include <assert.h>

#include "proto/wire/directory.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_rows(uint8_t shelf, struct view rows) {
    assert(rows.len % DIRECTORY_ROW == 0);
    for (size_t at = 0; at < rows.len; at += DIRECTORY_ROW) {
        uint32_t hash = directory_row_hash(shelf, rows.data + at);
        assert(directory_shelf(hash) == shelf && directory_find(rows, hash) == rows.data[at + 3]);
        assert(at == 0 || directory_row_hash(shelf, rows.data + at - DIRECTORY_ROW) < hash);
    }
}

static void read_shelves(struct view bytes, struct buf shelves[DIRECTORY_SHELVES]) {
    struct buf again = BUF_INIT;
    struct view left = bytes, rows;
    struct err err = {0};
    int number = -1, code;
    while ((code = directory_shelf_next(&left, &number, &rows, &err)) == 1) {
        check_rows((uint8_t)number, rows);
        directory_shelf_write(&again, (uint8_t)number, rows);
        buf_append(&shelves[number], rows.data, rows.len);
    }
    assert(code == 0 ? view_equal(bytes, buf_view(&again)) : code == ERR_FORMAT && err.text[0] != '\0');
    buf_release(&again);
}

static void make_changes(struct view bytes, struct buf shelves[DIRECTORY_SHELVES]) {
    struct view left = bytes;
    uint32_t hash;
    uint8_t tier;
    while (directory_change_next(&left, &hash, &tier, NULL) == 1) {
        struct buf *rows = &shelves[directory_shelf(hash)];
        directory_set(rows, hash, tier);
        assert(directory_find(buf_view(rows), hash) == tier);
        check_rows(directory_shelf(hash), buf_view(rows));
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static struct buf shelves[DIRECTORY_SHELVES];
    if (size == 0) return 0;
    size_t split = data[0] < size - 1 ? data[0] : size - 1;
    read_shelves(view_make(data + 1, split), shelves);
    make_changes(view_make(data + 1 + split, size - 1 - split), shelves);
    for (int i = 0; i < DIRECTORY_SHELVES; i++) buf_release(&shelves[i]);
    return 0;
}
