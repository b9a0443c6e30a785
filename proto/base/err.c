#include "proto/base/err.h"

#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include "proto/base/bytes.h"
#include "proto/base/text.h"

/* Messages quote what came from outside, and end on terminals and in JSON. */
static void put_printable(struct view text, char *out, size_t size) {
    struct buf clean = BUF_INIT;
    text_printable(text, &clean);
    view_text(buf_view(&clean), out, size);
    buf_release(&clean);
}

int err_set(struct err *e, int code, const char *field, const char *format, ...) {
    if (e == NULL) return code;
    struct buf text = BUF_INIT;
    va_list arguments;
    va_start(arguments, format);
    buf_vprintf(&text, format, arguments);
    va_end(arguments);
    e->code = code;
    put_printable(view_of(field), e->field, sizeof e->field);
    put_printable(buf_view(&text), e->text, sizeof e->text);
    buf_release(&text);
    return code;
}

int err_prefix(struct err *e, const char *format, ...) {
    if (e == NULL) return ERR_INVALID;
    struct buf text = BUF_INIT;
    va_list arguments;
    va_start(arguments, format);
    buf_vprintf(&text, format, arguments);
    va_end(arguments);
    buf_printf(&text, ": %s", e->text);
    put_printable(buf_view(&text), e->text, sizeof e->text);
    buf_release(&text);
    return e->code;
}

const char *err_word(int code) {
    static const char *const words[] = {[ERR_INDEX_NONE] = "error",
#define ERR_WORD_OF(name, word, cause) [ERR_INDEX_##name] = (word),
                                        ERR_LIST(ERR_WORD_OF)
#undef ERR_WORD_OF
    };
    const int count = (int)(sizeof words / sizeof words[0]);
    return code < 0 && code > -count ? words[-code] : words[ERR_INDEX_NONE];
}
