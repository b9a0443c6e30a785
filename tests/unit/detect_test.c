/* What a file does not say of itself: encoding and delimiter. */
#include <criterion/criterion.h>
#include <string.h>

#include "node/detect.h"
#include "node/mapping.h"
#include "proto/base/encoding_os.h"

#define KOREAN "이름,메모\n김단골,오늘은 새로 나온 원피스를 입어 보았다\n"
#define CHINESE "姓名,备注\n王小明,今天试穿了新到的连衣裙\n"
#define PORTUGUESE "nome,texto\nJoão,Não foi resolvido; a loja não respondeu às reclamações até amanhã\n"

static struct detected found;

/* A text as it stands in a file in that encoding. */
static void look(const char *encoding, const char *text, const char *country) {
    struct encoding *e;
    struct buf bytes = BUF_INIT;
    cr_assert_eq(encoding_open(encoding, &e, NULL), 0);
    cr_assert_eq(encoding_encode(e, view_of(text), &bytes), 0, "%s has no letters for %s", encoding, text);
    detect_encoding(buf_view(&bytes), country, &found);
    encoding_close(e);
    buf_release(&bytes);
}

static void expect_sure(const char *encoding) {
    cr_expect_str_eq(found.encoding, encoding);
    cr_expect_null(found.rival, "it may as well be %s", found.rival);
}

Test(detect, E15_each_encoding_of_the_list) {
    static const struct {
        const char *encoding, *text;
    } files[] = {{"utf-8", KOREAN},
                 {"utf-8", CHINESE},
                 {"utf-8", PORTUGUESE},
                 {"utf-8", "a,b\n1,2\n"},
                 {"cp949", KOREAN},
                 {"gb18030", CHINESE},
                 {"windows-1252", PORTUGUESE},
                 {"windows-1252", "caf\u00e9"},
                 {"gb18030", "\u738b\u3400\u5c0f\u660e"},
                 {"windows-1252", "5 \u20ac \u2013 \u201cgut\u201d"}};
    static const char *const countries[] = {"KR", "CN", "US", NULL};
    for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
        for (size_t k = 0; k < 4; k++) {
            look(files[i].encoding, files[i].text, countries[k]);
            expect_sure(files[i].encoding);
        }
    }
}

Test(detect, an_empty_file_is_utf8) {
    detect_encoding(view_of(""), NULL, &found);
    expect_sure("utf-8");
}

Test(detect, what_1252_leaves_empty_is_latin_1) {
    detect_encoding(view_of("a\xE9"
                            "b\x81"
                            "c\xE7"),
                    NULL, &found);
    expect_sure("latin1");
}

Test(detect, a_few_damaged_characters_leave_utf8_what_it_is) {
    struct buf text = BUF_INIT;
    for (int i = 0; i < 20; i++) buf_printf(&text, "김,");
    buf_append_byte(&text, 0xFF);
    detect_encoding(buf_view(&text), "KR", &found);
    expect_sure("utf-8");
    cr_expect_eq(found.wide, 20);
    buf_append(&text, "\xE9 \xE7 \xE3", 5);
    detect_encoding(buf_view(&text), "KR", &found);
    cr_expect_str_neq(found.encoding, "utf-8", "one in five is more than damage");
    buf_release(&text);
}

Test(detect, a_mark_says_it) {
    detect_encoding(view_of(ENCODING_MARK "caf\xE9,\xE9,\xE7"), "KR", &found);
    expect_sure("utf-8");
}

/* Two Chinese characters that lie where Hangul lies, and the other way round: the country decides, or nobody. */
Test(detect, of_few_letters_the_country_decides) {
    look("gb18030", "李白", "CN");
    expect_sure("gb18030");
    look("cp949", "김단골", "KR");
    expect_sure("cp949");
    look("cp949", "김단골", "US");
    cr_expect_str_eq(found.encoding, "cp949");
    cr_assert_not_null(found.rival);
    cr_expect_str_eq(found.rival, "gb18030");
    look("gb18030", "小明", "KR");
    cr_expect_not_null(found.rival, "Chinese in Korea: too few to be sure");
}

/* Japanese and Russian are none of ours, and no Chinese. */
Test(detect, what_is_none_of_these_is_asked) {
    detect_encoding(view_of("\x82\xB1\x82\xF1\x82\xC9\x82\xBF\x82\xCD"), "KR", &found);
    cr_expect_not_null(found.rival, "Japanese in Shift-JIS");
    detect_encoding(view_of("\xCF\xF0\xE8\xE2\xE5\xF2 \xEC\xE8\xF0"), "CN", &found);
    cr_expect_not_null(found.rival, "Russian in windows-1251");
    detect_encoding(view_of("a\xE7\xE3o, cora\xE7\xE3o"), "BR", &found);
    cr_expect_str_eq(found.encoding, "windows-1252");
    cr_expect_not_null(found.rival, "two letters in a row, always the same: it may be anything");
    detect_encoding(view_of("a\xE7\xE3o, n\xE3o, j\xE1, \xE9"), "BR", &found);
    expect_sure("windows-1252");
}

/* ---- Delimiters ---- */

static bool has_when(void *context, const struct view *header, size_t count) {
    for (size_t i = 0; i < count; i++)
        if (view_is(mapping_trim(header[i]), context)) return true;
    return false;
}

static char delimiter_of(const char *text, const char *wanted) {
    return (char)detect_delimiter(view_of(text), false, wanted == NULL ? NULL : has_when, (void *)(uintptr_t)wanted);
}

Test(detect, E15_delimiters) {
    cr_expect_eq(delimiter_of("a,b,c\n1,2,3\n", NULL), ',');
    cr_expect_eq(delimiter_of("a;b;c\r\n1,5;2,5;3,5\r\n", NULL), ';');
    cr_expect_eq(delimiter_of("a\tb\n1, 2\t3\n", NULL), '\t');
    cr_expect_eq(delimiter_of("a|b\n1|2\n", NULL), '|');
    cr_expect_eq(delimiter_of("alone\n1\n2\n", NULL), ',');
    cr_expect_eq(delimiter_of("", NULL), ',');
    cr_expect_eq(delimiter_of("\"a;b;c;d\",x\n1,2\n", NULL), ',', "what is quoted divides nothing");
    cr_expect_eq(delimiter_of("a, b, c;d\n1;2\n3;4\n", NULL), ';', "more columns, but the rows have others");
}

Test(detect, the_columns_that_are_wanted_decide) {
    cr_expect_eq(delimiter_of("when;what, in all, and, more\n1;2\n", "when"), ';');
    cr_expect_eq(delimiter_of("when, what;sum\n1,2;3\n", "sum"), ';');
    cr_expect_eq(delimiter_of("when, what;sum\n1,2;3\n", "when"), ',');
}
