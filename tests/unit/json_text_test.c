/* What json_text writes is what jansson would, to the byte. */
#include <criterion/criterion.h>
#include <stdlib.h>

#include "proto/command/json_text.h"

static void same(json_t *document) {
    struct buf text = BUF_INIT;
    char *wanted = json_dumps(document, JSON_COMPACT | JSON_ENCODE_ANY);
    json_text(document, &text);
    cr_assert_str_eq(buf_text(&text), wanted);
    buf_release(&text);
    free(wanted);
    json_decref(document);
}

Test(json_text, strings_with_everything_that_is_escaped) {
    char all[256];
    for (int i = 1; i < 128; i++) all[i - 1] = (char)i;
    same(json_stringn(all, 127));
    same(json_stringn("a\0b", 3));
    same(json_string(""));
    same(json_string("\"단골 customer\" — 常客 / 😀\\"));
}

Test(json_text, numbers_to_their_ends) {
    const json_int_t whole[] = {0, 1, -1, 9, 10, -10, 1234567890123, INT64_MAX, INT64_MIN};
    const double real[] = {0, 0.1, -2.5, 1, 100, 1e300, -1e-300, 0.66666666666666663};
    for (size_t i = 0; i < sizeof whole / sizeof *whole; i++) same(json_integer(whole[i]));
    for (size_t i = 0; i < sizeof real / sizeof *real; i++) same(json_real(real[i]));
}

/* A document of any shape, from a seed. */
static json_t *any(unsigned *dice, int depth) {
    *dice = *dice * 1103515245u + 12345u;
    unsigned kind = (*dice >> 16) % (depth > 0 ? 8 : 6), size = (*dice >> 20) % 5;
    char key[16];
    if (kind == 0) return json_null();
    if (kind == 1) return json_true();
    if (kind == 2) return json_false();
    if (kind == 3) return json_integer((json_int_t)*dice - 2000000000);
    if (kind == 4) return json_real((double)*dice / 7);
    if (kind == 5) return json_sprintf("text\n%u", *dice);
    json_t *out = kind == 6 ? json_array() : json_object();
    for (unsigned i = 0; i < size; i++) {
        snprintf(key, sizeof key, "k\"%u", i);
        if (kind == 6)
            json_array_append_new(out, any(dice, depth - 1));
        else
            json_object_set_new(out, key, any(dice, depth - 1));
    }
    return out;
}

Test(json_text, documents_of_any_shape) {
    unsigned dice = 4711;
    for (int i = 0; i < 2000; i++) same(any(&dice, 5));
}
