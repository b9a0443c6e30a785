#include "proto/base/text.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <utf8proc.h>

#include "proto/base/money.h"
#include "proto/base/text_form.h"

#define REPLACEMENT "\xef\xbf\xbd" /* U+FFFD */
#define MAX_CARD 64
#define MAX_EMAIL 254

/* One character, or -1 for a byte that begins none; `len` is how many bytes that is. */
static utf8proc_int32_t next_character(struct view text, size_t *len) {
    utf8proc_int32_t character;
    *len = 1;
    if (text.data[0] < 0x80) return text.data[0];
    size_t most = text.len < 4 ? text.len : 4;
    utf8proc_ssize_t taken = utf8proc_iterate(text.data, (utf8proc_ssize_t)most, &character);
    if (taken <= 0) return -1;
    *len = (size_t)taken;
    return character;
}

static struct view view_after(struct view v, size_t len) { return view_make(v.data + len, v.len - len); }

bool utf8_valid(struct view text) {
    size_t len;
    for (; text.len > 0; text = view_after(text, len))
        if (next_character(text, &len) <= 0) return false;
    return true;
}

size_t text_width(struct view text) {
    size_t width = 0, len;
    for (; text.len > 0; text = view_after(text, len)) {
        utf8proc_int32_t character = next_character(text, &len);
        int columns = character < 0 ? 1 : utf8proc_charwidth(character);
        width += columns > 0 ? (size_t)columns : 0;
    }
    return width;
}

/* Besides the control characters those that turn the direction of what follows or hide it. The joiners U+200C and
 * U+200D are part of scripts and of emoji. */
static bool drives_terminal(utf8proc_int32_t character) {
    switch (utf8proc_category(character)) {
    case UTF8PROC_CATEGORY_CF: return character != 0x200c && character != 0x200d;
    case UTF8PROC_CATEGORY_CC:
    case UTF8PROC_CATEGORY_CS:
    case UTF8PROC_CATEGORY_ZL:
    case UTF8PROC_CATEGORY_ZP: return true;
    default: return false;
    }
}

void text_printable(struct view text, struct buf *out) {
    size_t len;
    for (; text.len > 0; text = view_after(text, len)) {
        utf8proc_int32_t character = next_character(text, &len);
        if (character == '\t' || character == '\n' || character == '\r')
            buf_append_byte(out, ' ');
        else if (character < 0 || drives_terminal(character))
            buf_append(out, REPLACEMENT, sizeof REPLACEMENT - 1);
        else
            buf_append(out, text.data, len);
    }
}

/* One character for another, before the form is made. */
typedef utf8proc_int32_t character_map(utf8proc_int32_t character, void *context);

static utf8proc_int32_t upper(utf8proc_int32_t character, void *context) {
    (void)context;
    return utf8proc_toupper(character);
}

static utf8proc_int32_t lower(utf8proc_int32_t character, void *context) {
    (void)context;
    return utf8proc_tolower(character);
}

/* Nearly every card, phone and e-mail address is plain ASCII, which is its own normal form. Says whether it was. */
static bool append_ascii(struct view text, character_map *map, struct buf *out) {
    for (size_t i = 0; i < text.len; i++)
        if (text.data[i] >= 0x80) return false;
    for (size_t i = 0; i < text.len; i++)
        buf_append_byte(out, map == NULL ? text.data[i] : (uint8_t)map(text.data[i], NULL));
    return true;
}

/* NFKC without invisible characters; ERR_INVALID for what is not text. */
static int compatibility_form(struct view text, utf8proc_option_t more, character_map *map, struct buf *out,
                              struct err *err) {
    if (!utf8_valid(text)) return err_set(err, ERR_INVALID, NULL, "the text is not valid UTF-8");
    if (append_ascii(text, more & UTF8PROC_CASEFOLD ? lower : map, out)) return 0;
    utf8proc_uint8_t *form = NULL;
    utf8proc_option_t options = UTF8PROC_STABLE | UTF8PROC_COMPOSE | UTF8PROC_COMPAT | UTF8PROC_IGNORE | more;
    utf8proc_ssize_t len = utf8proc_map_custom(text.data, (utf8proc_ssize_t)text.len, &form, options, map, NULL);
    if (len < 0) return err_set(err, ERR_INVALID, NULL, "the text has no normal form: %s", utf8proc_errmsg(len));
    buf_append(out, form, (size_t)len);
    free(form);
    return 0;
}

static bool is_blank(utf8proc_int32_t character) {
    return character == ' ' || (character >= '\t' && character <= '\r') ||
           utf8proc_category(character) == UTF8PROC_CATEGORY_ZS;
}

int text_form(struct view text, struct buf *out, struct err *err) {
    return compatibility_form(text, 0, NULL, out, err);
}

/* Blanks at the ends go, others become one space; control characters are refused. */
static int collapse_blanks(struct view text, struct buf *out, struct err *err) {
    size_t len, start = out->len;
    bool blank = false;
    for (; text.len > 0; text = view_after(text, len)) {
        utf8proc_int32_t character = next_character(text, &len);
        if (is_blank(character)) {
            blank = out->len > start;
            continue;
        }
        if (utf8proc_category(character) == UTF8PROC_CATEGORY_CC)
            return err_set(err, ERR_INVALID, NULL, "there is a control character in it");
        if (blank) buf_append_byte(out, ' ');
        blank = false;
        buf_append(out, text.data, len);
    }
    return 0;
}

/* Takes back what a failed or empty result left in `out`. */
static int finish(struct buf *out, size_t start, int code, struct err *err) {
    if (code == 0 && out->len == start) code = err_set(err, ERR_INVALID, NULL, "it is empty");
    if (code != 0) out->len = start;
    return code;
}

int name_normalise(struct view text, struct buf *out, struct err *err) {
    struct buf form = BUF_INIT;
    size_t start = out->len;
    int code = compatibility_form(text, UTF8PROC_CASEFOLD, NULL, &form, err);
    if (code == 0) code = collapse_blanks(buf_view(&form), out, err);
    buf_release(&form);
    return finish(out, start, code, err);
}

/* Changing the case of a compatibility character can undo or enable a composition, so NFKC comes before and after. */
static int cased_form(struct view text, character_map *map, struct buf *out, struct err *err) {
    struct buf form = BUF_INIT;
    int code = text_form(text, &form, err);
    if (code == 0) code = compatibility_form(buf_view(&form), 0, map, out, err);
    buf_release(&form);
    return code;
}

static bool is_dash(utf8proc_int32_t character) {
    return character == 0x2212 || utf8proc_category(character) == UTF8PROC_CATEGORY_PD;
}

static int strip_card(struct view text, struct buf *out, struct err *err) {
    size_t len;
    for (; text.len > 0; text = view_after(text, len)) {
        utf8proc_int32_t character = next_character(text, &len);
        if (is_blank(character) || is_dash(character)) continue;
        if (utf8proc_category(character) == UTF8PROC_CATEGORY_CC)
            return err_set(err, ERR_INVALID, NULL, "there is a control character in the card number");
        buf_append(out, text.data, len);
        if (out->len > MAX_CARD)
            return err_set(err, ERR_LIMIT, NULL, "the card number is longer than %d bytes", MAX_CARD);
    }
    return 0;
}

int card_normalise(struct view text, struct buf *out, struct err *err) {
    struct buf form = BUF_INIT, stripped = BUF_INIT;
    size_t start = out->len;
    int code = cased_form(text, upper, &form, err);
    if (code == 0) code = strip_card(buf_view(&form), &stripped, err);
    if (code == 0) /* an accent may have stood on a blank that is gone */
        code = text_form(buf_view(&stripped), out, err);
    buf_release(&form);
    buf_release(&stripped);
    return finish(out, start, code, err);
}

static int check_email(struct view email, struct err *err) {
    if (email.len == 0) return err_set(err, ERR_INVALID, NULL, "it is empty");
    if (email.len > MAX_EMAIL)
        return err_set(err, ERR_LIMIT, NULL, "the e-mail address is longer than %d bytes", MAX_EMAIL);
    const uint8_t *at = memchr(email.data, '@', email.len);
    const uint8_t *end = email.data + email.len;
    if (at == NULL || at == email.data || at + 1 == end || memchr(at + 1, '@', (size_t)(end - at) - 1) != NULL ||
        memchr(email.data, ' ', email.len) != NULL)
        return err_set(err, ERR_INVALID, NULL, "it is not an e-mail address such as name@example.com");
    return 0;
}

int email_normalise(struct view text, struct buf *out, struct err *err) {
    struct buf form = BUF_INIT;
    size_t start = out->len;
    int code = cased_form(text, lower, &form, err);
    if (code == 0) code = collapse_blanks(buf_view(&form), out, err);
    if (code == 0) code = check_email(view_after(buf_view(out), start), err);
    buf_release(&form);
    return finish(out, start, code, err);
}

char *count_format(uint64_t count, const char *noun, char out[COUNT_TEXT]) {
    char number[40];
    decimal_format((int64_t)(count > INT64_MAX ? INT64_MAX : count), 0, true, number);
    snprintf(out, COUNT_TEXT, "%s %s%s", number, noun, count == 1 ? "" : "s");
    return out;
}
