#include "node/detect.h"

#include <string.h>

#include "node/csv.h"
#include "proto/base/encoding_os.h"

/* ---- Encodings ---- */

#define BROKEN_SHARE 20   /* at most one in so many characters of a UTF-8 file may be damaged */
#define KOREAN_PAIRS 12   /* so many pairs without one that is Chinese only are no accident */
#define CHINESE_PAIRS 3   /* so many that are Chinese only, and … */
#define CHINESE_SHARE 8   /* … one in so many at least */
#define HANGUL_FIRST 0xB0 /* first bytes of Hangul in KS X 1001, and of a half of the common Chinese characters … */
#define HANGUL_LAST 0xC8
#define COMMON_LAST 0xD7  /* … of which GB 2312 has the other half up to here, … */
#define CHINESE_LAST 0xF7 /* … and the rare ones up to here */
#define RARE_SHARE 4      /* more than one rare in so many: that is no Chinese */
#define STRANGE_SHARE 3   /* more than one in so many of 0x81 to 0x83, as in Japanese: that is nothing Western */
#define PAIR_FIRST 0xA1   /* both bytes of what both have in common */

/* The length of the UTF-8 character at `at` when it is well-formed, else 0. Overlong forms and the like do not matter
 * here. */
static size_t utf8_at(const uint8_t *at, const uint8_t *end) {
    size_t len = *at >= 0xF0 && *at < 0xF5 ? 4 : *at >= 0xE0 && *at < 0xF0 ? 3 : *at >= 0xC2 && *at < 0xE0 ? 2 : 0;
    if (len == 0 || (size_t)(end - at) < len) return 0;
    for (size_t i = 1; i < len; i++)
        if ((at[i] & 0xC0) != 0x80) return 0;
    return len;
}

static uint64_t eight_bytes(const uint8_t *p) {
    uint64_t word;
    memcpy(&word, p, sizeof word);
    return word;
}

/* The next byte beyond ASCII. */
static const uint8_t *next_high(const uint8_t *at, const uint8_t *end) {
    while (end - at >= 8 && (eight_bytes(at) & UINT64_C(0x8080808080808080)) == 0) at += 8;
    while (at != end && *at < 0x80) at++;
    return at;
}

static void count_utf8(struct view content, uint64_t *good, uint64_t *broken) {
    const uint8_t *end = content.data + content.len, *at = next_high(content.data, end);
    *good = *broken = 0;
    while (at != end) {
        size_t len = utf8_at(at, end);
        ++*(len > 0 ? good : broken);
        at = next_high(at + (len > 0 ? len : 1), end);
    }
}

struct tally {
    uint64_t runs, singles;   /* of bytes beyond ASCII; of one such byte */
    uint64_t shared, chinese; /* pairs that both have; that only Chinese uses … */
    uint64_t rare;            /* … and seldom */
    uint64_t bytes, strange;  /* beyond ASCII; of these 0x81 to 0x83 */
    uint64_t quads;           /* characters of four bytes, of GB18030 alone */
    bool western_blank;       /* bytes that windows-1252 leaves empty */
};

static bool is_digit(uint8_t c) { return c >= '0' && c <= '9'; }

static void tally_run(const uint8_t *at, const uint8_t *run_end, struct tally *t) {
    t->runs++;
    t->singles += run_end - at == 1;
    for (; run_end - at >= 2; at += 2) {
        if (at[0] < PAIR_FIRST || at[1] < PAIR_FIRST) continue;
        t->shared += at[0] >= HANGUL_FIRST && at[0] <= HANGUL_LAST;
        t->chinese += at[0] > HANGUL_LAST && at[0] <= CHINESE_LAST;
        t->rare += at[0] > COMMON_LAST && at[0] <= CHINESE_LAST;
    }
}

static void tally_content(struct view content, struct tally *t) {
    static const char blanks[] = "\x81\x8D\x8F\x90\x9D";
    const uint8_t *end = content.data + content.len, *at = next_high(content.data, end);
    while (at != end) {
        const uint8_t *run_end = at;
        for (; run_end != end && *run_end >= 0x80; run_end++) {
            t->strange += *run_end >= 0x81 && *run_end <= 0x83;
            t->western_blank = t->western_blank || strchr(blanks, (char)*run_end) != NULL;
        }
        t->bytes += (uint64_t)(run_end - at);
        tally_run(at, run_end, t);
        t->quads += end - run_end >= 3 && is_digit(run_end[0]) && run_end[1] >= 0x81 && is_digit(run_end[2]);
        at = next_high(run_end, end);
    }
}

static bool is_country(const char *country, const char *codes) {
    return country != NULL && strlen(country) == 2 && strstr(codes, country) != NULL;
}

static void tell_asian(const struct tally *t, const char *country, struct detected *out) {
    uint64_t pairs = t->shared + t->chinese;
    bool korea = is_country(country, "KR KP"), china = is_country(country, "CN SG");
    bool chinese = t->quads > 0 || (t->chinese >= CHINESE_PAIRS && t->chinese * CHINESE_SHARE >= pairs);
    bool korean = !chinese && t->chinese == 0 && t->shared >= KOREAN_PAIRS;
    bool likely = t->chinese > 0 ? china : korea || china;
    out->encoding = chinese || (!korean && china) || t->chinese > 0 ? "gb18030" : "cp949";
    if (!chinese && !korean && !likely) out->rival = strcmp(out->encoding, "cp949") == 0 ? "gb18030" : "cp949";
}

void detect_encoding(struct view content, const char *country, struct detected *out) {
    uint64_t broken;
    struct tally tally = {0};
    *out = (struct detected){.encoding = "utf-8"};
    bool marked = content.len >= 3 && memcmp(content.data, ENCODING_MARK, 3) == 0;
    count_utf8(content, &out->wide, &broken);
    if (broken == 0 || marked || (out->wide / BROKEN_SHARE >= broken)) return;
    out->wide = 0;
    tally_content(content, &tally);
    bool western = tally.singles * 2 > tally.runs || tally.shared + tally.chinese == 0;
    bool foreign = tally.quads == 0 && (western ? tally.strange * STRANGE_SHARE > tally.bytes
                                                : tally.rare * RARE_SHARE > tally.shared + tally.chinese);
    if ((western && tally.quads == 0) || foreign) out->encoding = tally.western_blank ? "latin1" : "windows-1252";
    if (foreign)
        out->rival = "gb18030";
    else if (!western || tally.quads > 0)
        tell_asian(&tally, country, out);
}

/* ---- Delimiters ---- */

#define LOOK_ROWS 20

/* Enough of a file for its first rows; what is cut off of the last is one row less that is even. */
static struct view beginning(struct view content) {
    return view_make(content.data, content.len < CSV_ROW_MAX ? content.len : CSV_ROW_MAX);
}

/* How well the first rows are divided so: by the columns of the header, when most rows have as many. */
static size_t columns_of(struct view content, struct csv_dialect dialect,
                         bool (*fits)(void *context, const struct view *header, size_t count), void *context) {
    struct csv csv;
    struct csv_row row;
    size_t columns = 0, rows = 0, even = 0;
    bool right = false;
    csv_open(&csv, beginning(content), dialect);
    while (rows < LOOK_ROWS && csv_next(&csv, &row)) {
        if (row.count == 0) continue;
        if (columns == 0) {
            columns = row.count;
            right = row.fault == NULL && fits != NULL && fits(context, row.fields, row.count);
            continue;
        }
        rows++;
        even += row.fault == NULL && row.count == columns;
    }
    csv_close(&csv);
    if (right) return columns + 2 * (size_t)CSV_FIELDS_MAX;
    return even * 2 >= rows ? columns + CSV_FIELDS_MAX * (size_t)(columns > 1) : columns;
}

uint8_t detect_delimiter(struct view content, bool double_byte,
                         bool (*fits)(void *context, const struct view *header, size_t count), void *context) {
    static const uint8_t candidates[] = {',', ';', '\t', '|'};
    uint8_t best = ',';
    size_t most = 0;
    for (size_t i = 0; i < sizeof candidates; i++) {
        size_t columns = columns_of(content, (struct csv_dialect){candidates[i], double_byte}, fits, context);
        if (columns > most) best = candidates[i];
        if (columns > most) most = columns;
    }
    return best;
}
