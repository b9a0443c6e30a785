/* The CSV reader and the encodings over any bytes: no byte is lost, every field lies in its row, what was quoted reads
 * back, decoded text is UTF-8. The first byte chooses delimiter and encoding. */
#include <assert.h>
#include <string.h>

#include "node/csv.h"
#include "proto/base/encoding_os.h"
#include "proto/base/text.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static uint64_t line_ends(struct view content) {
    uint64_t count = 0;
    for (size_t i = 0; i < content.len; i++)
        count += content.data[i] == '\n' ||
                 (content.data[i] == '\r' && (i + 1 == content.len || content.data[i + 1] != '\n'));
    return count;
}

static void check_fields(const struct csv_row *row) {
    for (size_t i = 0; i < row->count; i++) {
        assert(row->starts[i] <= row->raw.len);
        assert(i == 0 || row->starts[i] > row->starts[i - 1]);
        assert(row->fields[i].len <= row->raw.len);
    }
    assert(row->count > 0 || row->raw.len <= 2);
    assert(row->fault == NULL || row->fault_field <= row->count + 1);
}

/* A row written anew with everything quoted says the same. */
static void check_again(const struct csv_row *row, struct csv_dialect dialect) {
    struct buf text = BUF_INIT;
    struct csv csv;
    struct csv_row again;
    for (size_t i = 0; i < row->count; i++) {
        if (i > 0) buf_append_byte(&text, dialect.delimiter);
        buf_append_byte(&text, '"');
        for (size_t k = 0; k < row->fields[i].len; k++) {
            if (row->fields[i].data[k] == '"') buf_append_byte(&text, '"');
            buf_append_byte(&text, row->fields[i].data[k]);
        }
        buf_append_byte(&text, '"');
    }
    csv_open(&csv, buf_view(&text), dialect);
    assert(csv_next(&csv, &again) && again.fault == NULL && again.count == row->count);
    for (size_t i = 0; i < row->count; i++) {
        assert(again.fields[i].len == row->fields[i].len);
        assert(memcmp(again.fields[i].data, row->fields[i].data, row->fields[i].len) == 0);
    }
    assert(!csv_next(&csv, &again));
    csv_close(&csv);
    buf_release(&text);
}

static void check_rows(struct view content, struct csv_dialect dialect) {
    struct csv csv;
    struct csv_row row;
    csv_open(&csv, content, dialect);
    const uint8_t *at = content.data + csv.mark.len;
    while (csv_next(&csv, &row)) {
        assert(row.raw.data == at && row.raw.len > 0);
        assert(row.line == 1 + line_ends(view_make(content.data, (size_t)(at - content.data))));
        at += row.raw.len;
        check_fields(&row);
        if (row.fault == NULL && row.count > 0) check_again(&row, dialect);
    }
    assert(at == content.data + content.len);
    csv_close(&csv);
}

static void check_text(struct encoding *encoding, struct view bytes) {
    struct buf text = BUF_INIT, back = BUF_INIT, text_again = BUF_INIT;
    size_t broken = encoding_decode(encoding, bytes, &text);
    assert(broken <= bytes.len);
    assert(text.len == 0 || utf8_valid(buf_view(&text)));
    encoding_encode(encoding, buf_view(&text), &back);
    assert(encoding_decode(encoding, buf_view(&back), &text_again) == 0);
    buf_release(&text);
    buf_release(&back);
    buf_release(&text_again);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static const uint8_t delimiters[] = {',', ';', '\t', '|'};
    static const char *const names[] = {"utf-8", "latin1", "windows-1252", "gb18030", "cp949"};
    static struct encoding *encodings[5];
    if (size == 0) return 0;
    size_t which = data[0] / 4 % 5;
    if (encodings[which] == NULL) assert(encoding_open(names[which], &encodings[which], NULL) == 0);
    struct csv_dialect dialect = {delimiters[data[0] % 4], encoding_double_byte(encodings[which])};
    check_rows(view_make(data + 1, size - 1), dialect);
    check_text(encodings[which], view_make(data + 1, size - 1));
    return 0;
}
