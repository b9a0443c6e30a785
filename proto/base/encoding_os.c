#include "proto/base/encoding_os.h"

#include <errno.h>
#include <iconv.h>
#include <stdlib.h>
#include <string.h>

#include "proto/base/text.h"

#define NO_ICONV ((iconv_t)-1)
#define REPLACEMENT "\xEF\xBF\xBD"

/* The names under which an encoding is known, the first being iconv's. Parts are read as the whole. */
static const struct {
    const char *names[8];
    const char *shown;
    bool double_byte;
} known[] = {
    {{"UTF-8", "utf8", "utf-8-bom", "utf-8-sig"}, "UTF-8", false},
    {{"ISO-8859-1", "latin1", "latin-1", "iso8859-1", "iso88591"}, "latin1", false},
    {{"CP1252", "windows-1252", "windows1252", "ansi"}, "windows-1252", false},
    {{"GB18030", "gbk", "gb2312", "cp936", "euc-cn"}, "GB18030", true},
    {{"CP949", "uhc", "euc-kr", "euckr", "ks_c_5601-1987", "ks_c_5601"}, "CP949", true},
};

struct encoding {
    const char *name;
    bool double_byte, utf8;
    iconv_t decoder, encoder;
};

#define KNOWN (sizeof known / sizeof *known)

static size_t find_known(const char *name) {
    for (size_t i = 0; i < KNOWN; i++)
        for (const char *const *alias = known[i].names; *alias != NULL; alias++)
            if (strcasecmp(*alias, name) == 0) return i;
    return KNOWN;
}

int encoding_open(const char *name, struct encoding **out, struct err *err) {
    size_t which = find_known(name == NULL ? "UTF-8" : name);
    if (which == KNOWN)
        return err_set(err, ERR_INVALID, "encoding",
                       "\"%s\" is not known here; known are utf-8, latin1, windows-1252, gb18030, cp949", name);
    const char *found = known[which].names[0];
    struct encoding *e = mem_alloc(sizeof *e);
    *e = (struct encoding){.name = known[which].shown, .double_byte = known[which].double_byte, .utf8 = which == 0};
    e->decoder = iconv_open("UTF-8", found);
    e->encoder = iconv_open(found, "UTF-8");
    *out = e;
    if (e->decoder != NO_ICONV && e->encoder != NO_ICONV) return 0;
    encoding_close(e);
    *out = NULL;
    return err_set(err, ERR_INVALID, "encoding", "this machine's C library cannot convert %s", found);
}

void encoding_close(struct encoding *e) {
    if (e == NULL) return;
    if (e->decoder != NO_ICONV) iconv_close(e->decoder);
    if (e->encoder != NO_ICONV) iconv_close(e->encoder);
    free(e);
}

const char *encoding_name(const struct encoding *e) { return e->name; }
bool encoding_marked(const char *name) {
    return strcasecmp(name, "utf-8-bom") == 0 || strcasecmp(name, "utf-8-sig") == 0;
}
bool encoding_double_byte(const struct encoding *e) { return e->double_byte; }

/* Converts all of `in`; bytes that are no characters are left out, `replacement` put in their place, and counted. */
static size_t convert(iconv_t how, struct view in, const char *replacement, bool whole_characters, struct buf *out) {
    size_t broken = 0, left = in.len;
    char *from = (char *)(uintptr_t)in.data; /* iconv does not write there, its type only says so */
    iconv(how, NULL, NULL, NULL, NULL);
    while (left > 0) {
        buf_reserve(out, left * 2 + 16);
        char *to = (char *)out->data + out->len;
        size_t room = out->cap - out->len;
        bool stuck = iconv(how, &from, &left, &to, &room) == (size_t)-1 && errno != E2BIG;
        out->len = out->cap - room;
        if (!stuck) continue;
        do {
            from++;
            left--;
        } while (whole_characters && left > 0 && ((uint8_t)*from & 0xC0) == 0x80);
        buf_append(out, replacement, strlen(replacement));
        broken++;
    }
    return broken;
}

/* NUL is a character to iconv and an end to everybody else. */
static size_t replace_nul(struct buf *out, size_t start) {
    if (out->len == start || memchr(out->data + start, 0, out->len - start) == NULL) return 0;
    struct buf copy = BUF_INIT;
    size_t count = 0;
    buf_append(&copy, out->data + start, out->len - start);
    out->len = start;
    for (size_t i = 0; i < copy.len; i++) {
        count += copy.data[i] == 0;
        buf_append(out, copy.data[i] == 0 ? (const void *)REPLACEMENT : &copy.data[i], copy.data[i] == 0 ? 3 : 1);
    }
    buf_wipe(&copy);
    return count;
}

/* The length of the character of UTF-8 at `at`, 0 when there is none. (iconv takes some that nobody else does.) */
static size_t utf8_length(const uint8_t *at, size_t left) {
    size_t len = *at < 0x80 ? 1 : *at < 0xE0 ? 2 : *at < 0xF0 ? 3 : 4;
    return len <= left && utf8_valid(view_make(at, len)) ? len : 0;
}

static size_t repair_utf8(struct view bytes, struct buf *out) {
    size_t broken = 0;
    for (size_t i = 0; i < bytes.len;) {
        size_t len = utf8_length(bytes.data + i, bytes.len - i);
        buf_append(out, len > 0 ? (const void *)(bytes.data + i) : REPLACEMENT, len > 0 ? len : strlen(REPLACEMENT));
        broken += len == 0;
        i += len > 0 ? len : 1;
    }
    return broken;
}

size_t encoding_decode(struct encoding *e, struct view bytes, struct buf *out) {
    if (e->utf8 && utf8_valid(bytes)) {
        buf_append_view(out, bytes);
        return 0;
    }
    if (e->utf8) return repair_utf8(bytes, out);
    size_t start = out->len;
    size_t broken = convert(e->decoder, bytes, REPLACEMENT, false, out);
    return broken + replace_nul(out, start);
}

size_t encoding_encode(struct encoding *e, struct view text, struct buf *out) {
    if (!e->utf8) return convert(e->encoder, text, "?", true, out);
    buf_append_view(out, text);
    return 0;
}
