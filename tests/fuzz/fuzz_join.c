/* A join file of anybody's making; and one whose line is of anybody's making but signed by the hub: what is taken then
 * can be written and taken again. */
#include <assert.h>
#include <string.h>

#include "tests/support/parties.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct parties parties;

static void put_hex(struct buf *out, const uint8_t *bytes, size_t len) {
    char text[2 * SIGNATURE_SIZE + 1];
    hex_encode(view_make(bytes, len), text);
    buf_printf(out, "%s", text);
}

static void sign_line(struct view line, struct buf *out) {
    uint8_t signature[SIGNATURE_SIZE];
    sign_message(&parties.hub, "dangol join 1", line, signature);
    buf_printf(out, "dangol join 1\n");
    buf_append_view(out, line);
    buf_printf(out, "\nhub ");
    put_hex(out, parties.hub.public_key, PUBLIC_KEY_SIZE);
    buf_append_byte(out, ' ');
    put_hex(out, parties.certificate, SIGNATURE_SIZE);
    buf_printf(out, "\nsignature ");
    put_hex(out, signature, SIGNATURE_SIZE);
}

static void write_again(const struct join_file *join, struct buf *out) {
    join_file_write(join, &parties.hub, parties.certificate, out);
}

/* Says whether the text was taken. */
static bool check(struct view text) {
    struct join_file join, again;
    struct buf once = BUF_INIT, twice = BUF_INIT;
    struct err err = {0};
    int rc = join_file_read(text, &join, &err);
    if (rc != 0) {
        assert(err.code == rc && err.text[0] != '\0' && join.store == NULL && join.address_count == 0);
        return false;
    }
    write_again(&join, &once);
    rc = join_file_read(buf_view(&once), &again, NULL);
    assert(rc == 0);
    write_again(&again, &twice);
    assert(view_equal(buf_view(&once), buf_view(&twice)));
    buf_release(&once);
    buf_release(&twice);
    join_file_release(&join);
    join_file_release(&again);
    return true;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    if (parties.root.role == 0) parties_make(&parties, 0);
    check(view_make(data, size));
    if (size > 8192 || memchr(data, '\n', size) != NULL) return 0;
    struct buf file = BUF_INIT;
    sign_line(view_make(data, size), &file);
    check(buf_view(&file));
    buf_release(&file);
    return 0;
}
