/* Encoding and delimiter of any file: the encoding is one that can be opened, what is well-formed UTF-8 is found to be,
 * an encoding that is sure reads its own letters, the delimiter is one. The first byte chooses the country. */
#include <assert.h>
#include <string.h>

#include "node/csv.h"
#include "node/detect.h"
#include "proto/base/encoding_os.h"
#include "proto/base/text.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_name(const char *name, struct view content) {
    struct encoding *e;
    struct buf text = BUF_INIT;
    assert(encoding_open(name, &e, NULL) == 0);
    encoding_decode(e, content, &text);
    assert(text.len == 0 || utf8_valid(buf_view(&text)));
    buf_release(&text);
    encoding_close(e);
}

static bool fits(void *context, const struct view *header, size_t count) {
    size_t *calls = context;
    ++*calls;
    assert(count > 0);
    return header[0].len % 2 == 1;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static const char *const countries[] = {"KR", "CN", "US", NULL, "", "KRW"};
    struct detected found;
    size_t calls = 0;
    if (size == 0) return 0;
    struct view content = {data + 1, size - 1};
    detect_encoding(content, countries[data[0] % 6], &found);
    check_name(found.encoding, content);
    if (found.rival != NULL) check_name(found.rival, content);
    if (content.len > 0 && utf8_valid(content)) assert(strcmp(found.encoding, "utf-8") == 0 && found.rival == NULL);
    assert(csv_delimiter(detect_delimiter(content, data[0] % 2 == 0, NULL, NULL)));
    assert(csv_delimiter(detect_delimiter(content, data[0] % 2 == 0, fits, &calls)) && calls <= 4);
    return 0;
}
