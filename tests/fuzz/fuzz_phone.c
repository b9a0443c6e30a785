/* Normal forms of what people write: made again they stay as they are, separators and width change nothing, and
 * nothing that is no text passes. The first byte chooses the country. */
#include <assert.h>
#include <string.h>

#include "proto/base/text.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char *const countries[] = {"KR", "CN", "US", "JP", "TW", "HK", "SG", "GB", "DE", "FR", "BR",
                                        "IN", "AU", "CA", "VN", "TH", "IT", "RU", "MX", "XX", NULL};

#define COUNTRIES (sizeof countries / sizeof countries[0])

typedef int normalise(struct view text, struct buf *out, struct err *err);

static void check_number(struct view number) {
    assert(number.len >= 8 && number.len <= 16);
    assert(number.data[0] == '+' && number.data[1] != '0');
    for (size_t i = 1; i < number.len; i++) assert(number.data[i] >= '0' && number.data[i] <= '9');
}

/* A number that is one already means the same everywhere. */
static void check_stays(struct view number) {
    for (size_t i = 0; i < COUNTRIES; i++) {
        struct buf again = BUF_INIT;
        assert(phone_normalise(number, countries[i], &again, NULL) == 0);
        assert(view_equal(buf_view(&again), number));
        buf_release(&again);
    }
}

/* ASCII as its full-width twin, with blanks around. */
static void append_wide(struct view text, struct buf *out) {
    buf_append(out, "\xe3\x80\x80", 3);
    for (size_t i = 0; i < text.len; i++) {
        uint8_t c = text.data[i];
        if ((c >= '0' && c <= '9') || c == '+')
            buf_append(out, (uint8_t[]){0xef, 0xbc, (uint8_t)(c + 0x60)}, 3);
        else
            buf_append_byte(out, c);
    }
    buf_append(out, " \r\n", 3);
}

static void check_wide(struct view text, const char *country, struct view number) {
    struct buf wide = BUF_INIT, again = BUF_INIT;
    append_wide(text, &wide);
    if (wide.len <= 200) {
        assert(phone_normalise(buf_view(&wide), country, &again, NULL) == 0);
        assert(view_equal(buf_view(&again), number));
    }
    buf_release(&wide);
    buf_release(&again);
}

static void check_phone(struct view text, const char *country) {
    struct buf number = BUF_INIT;
    struct err err = {0};
    int code = phone_normalise(text, country, &number, &err);
    assert(code == err.code);
    if (code == 0) {
        assert(utf8_valid(text));
        check_number(buf_view(&number));
        check_stays(buf_view(&number));
        check_wide(text, country, buf_view(&number));
    } else {
        assert(code == ERR_INVALID && err.text[0] != '\0' && number.len == 0);
    }
    buf_release(&number);
}

static void check_form(struct view text, normalise *function, size_t most) {
    struct buf form = BUF_INIT, again = BUF_INIT;
    int code = function(text, &form, NULL);
    if (code == 0) {
        assert(form.len > 0 && form.len <= most && utf8_valid(buf_view(&form)));
        assert(function(buf_view(&form), &again, NULL) == 0);
        assert(view_equal(buf_view(&form), buf_view(&again)));
    } else {
        assert(form.len == 0 && (code == ERR_INVALID || code == ERR_LIMIT));
    }
    buf_release(&form);
    buf_release(&again);
}

static void check_printable(struct view text) {
    struct buf once = BUF_INIT, twice = BUF_INIT;
    text_printable(text, &once);
    text_printable(buf_view(&once), &twice);
    assert(utf8_valid(buf_view(&once)));
    assert(view_equal(buf_view(&once), buf_view(&twice)));
    for (size_t i = 0; i < once.len; i++) assert(once.data[i] >= ' ' && once.data[i] != 0x7f);
    assert(text_width(buf_view(&once)) <= 2 * once.len);
    buf_release(&once);
    buf_release(&twice);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    if (size == 0) return 0;
    struct view text = view_make(data + 1, size - 1);
    check_phone(text, countries[data[0] % COUNTRIES]);
    check_form(text, card_normalise, 64);
    check_form(text, email_normalise, 254);
    check_form(text, name_normalise, SIZE_MAX);
    check_printable(text);
    return 0;
}
