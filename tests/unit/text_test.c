/* The normal forms by which the same phone, card, e-mail and name are found (C5), and text for terminals. */
#include <criterion/criterion.h>
#include <string.h>

#include "proto/base/text.h"

typedef int normalise(struct view text, struct buf *out, struct err *err);

/* The normal form as a C string, or the word of the code it was refused with. */
static const char *form_of(normalise *function, const char *text) {
    static struct buf out;
    struct err err = {0};
    buf_clear(&out);
    buf_append_view(&out, view_of("kept"));
    int code = function(view_of(text), &out, &err);
    cr_assert_eq(code, err.code);
    cr_assert_eq(code == 0, err.text[0] == '\0');
    cr_assert_eq(memcmp(out.data, "kept", 4), 0);
    if (code != 0) cr_assert_eq(out.len, 4, "a failure leaves the buffer as it was");
    return code == 0 ? buf_text(&out) + 4 : err_word(code);
}

static const char *phone_country;

static int phone(struct view text, struct buf *out, struct err *err) {
    return phone_normalise(text, phone_country, out, err);
}

struct sample {
    const char *country;
    const char *written;
    const char *form;
};

static void check_phones(const struct sample *samples, size_t count) {
    for (size_t i = 0; i < count; i++) {
        phone_country = samples[i].country;
        cr_assert_str_eq(form_of(phone, samples[i].written), samples[i].form, "%s \"%s\": %s", samples[i].country,
                         samples[i].written, form_of(phone, samples[i].written));
    }
}

#define CHECK_PHONES(...)                                                                                              \
    check_phones((const struct sample[]){__VA_ARGS__},                                                                 \
                 sizeof((const struct sample[]){__VA_ARGS__}) / sizeof(struct sample))

Test(phone, korean_numbers_in_every_writing_are_one) {
    CHECK_PHONES({"KR", "010-1234-5678", "+821012345678"}, {"KR", "01012345678", "+821012345678"},
                 {"KR", "010 1234 5678", "+821012345678"}, {"KR", "010.1234.5678", "+821012345678"},
                 {"KR", "(010) 1234-5678", "+821012345678"}, {"KR", "+82 10-1234-5678", "+821012345678"},
                 {"KR", "+82 010-1234-5678", "+821012345678"}, {"KR", "+82 (0)10 1234 5678", "+821012345678"},
                 {"KR", "(+82) 10 1234 5678", "+821012345678"}, {"KR", "0082-10-1234-5678", "+821012345678"},
                 {"KR", "82 10 1234 5678", "+821012345678"}, {"KR", "1012345678", "+821012345678"},
                 {"KR", "０１０－１２３４－５６７８", "+821012345678"},
                 {"KR", "＋８２　１０　１２３４　５６７８", "+821012345678"}, {"KR", "010–1234—5678", "+821012345678"},
                 {"KR", "010−1234−5678", "+821012345678"}, {"KR", "  010-1234-5678\r\n", "+821012345678"},
                 {"KR", "\ufeff010-1234-5678", "+821012345678"}, {"KR", "\u202a010-1234-5678\u202c", "+821012345678"},
                 {"KR", "010\u00a01234\u20095678", "+821012345678"}, {"US", "+82 10 1234 5678", "+821012345678"},
                 {"US", "011 82 10 1234 5678", "+821012345678"});
}

Test(phone, korean_landlines_and_special_numbers) {
    CHECK_PHONES({"KR", "02-123-4567", "+8221234567"}, {"KR", "02-1234-5678", "+82212345678"},
                 {"KR", "82-2-1234-5678", "+82212345678"}, {"KR", "+82 2 123 4567", "+8221234567"},
                 {"KR", "031-123-4567", "+82311234567"}, {"KR", "070-1234-5678", "+827012345678"},
                 {"KR", "0504-1234-5678", "+8250412345678"}, {"KR", "011-123-4567", "+82111234567"},
                 {"KR", "123-4567", "invalid"}, {"KR", "2345-6789", "invalid"}, {"KR", "010-1234-567890", "invalid"});
}

Test(phone, chinese_numbers) {
    CHECK_PHONES({"CN", "138 0013 8000", "+8613800138000"}, {"CN", "13800138000", "+8613800138000"},
                 {"CN", "+86 138-0013-8000", "+8613800138000"}, {"CN", "008613800138000", "+8613800138000"},
                 {"CN", "86 13800138000", "+8613800138000"}, {"CN", "（010）6552 9988", "+861065529988"},
                 {"CN", "0755-8888 8888", "+8675588888888"}, {"CN", "１３８００１３８０００", "+8613800138000"},
                 {"CN", "013800138000", "+8613800138000"}, {"CN", "6552 9988", "invalid"});
}

Test(phone, american_numbers) {
    CHECK_PHONES({"US", "(212) 555-0123", "+12125550123"}, {"US", "212.555.0123", "+12125550123"},
                 {"US", "1-212-555-0123", "+12125550123"}, {"US", "+1 212 555 0123", "+12125550123"},
                 {"CA", "416 555 0123", "+14165550123"}, {"KR", "+1 (212) 555-0123", "+12125550123"},
                 {"KR", "001 1 212 555 0123", "+12125550123"}, {"KR", "00 1 212 555 0123", "+12125550123"},
                 {"US", "555-0123", "invalid"}, {"US", "+1 212 555 012", "invalid"},
                 {"US", "212 555 01234", "invalid"});
}

Test(phone, other_countries) {
    CHECK_PHONES({"JP", "090-1234-5678", "+819012345678"}, {"JP", "03ー1234ー5678", "+81312345678"},
                 {"TW", "0912-345-678", "+886912345678"}, {"TW", "(02) 2345-6789", "+886223456789"},
                 {"HK", "9123 4567", "+85291234567"}, {"HK", "001 82 10 1234 5678", "+821012345678"},
                 {"SG", "8123 4567", "+6581234567"}, {"GB", "020 7946 0958", "+442079460958"},
                 {"GB", "+44 (0)20 7946 0958", "+442079460958"}, {"DE", "030 123456", "+4930123456"},
                 {"FR", "06 12 34 56 78", "+33612345678"}, {"BR", "(11) 91234-5678", "+5511912345678"},
                 {"BR", "55 11 91234 5678", "+5511912345678"}, {"BR", "(55) 91234-5678", "+5555912345678"},
                 {"IN", "098765 43210", "+919876543210"}, {"AU", "0412 345 678", "+61412345678"},
                 {"AU", "0011 82 10 1234 5678", "+821012345678"}, {"VN", "091 234 56 78", "+84912345678"},
                 {"TH", "081 234 5678", "+66812345678"}, {"IT", "06 1234 5678", "+390612345678"},
                 {"RU", "8 (912) 345-67-89", "+79123456789"}, {"RU", "+7 912 345-67-89", "+79123456789"});
}

Test(phone, dialling_prefixes_that_look_like_others) {
    CHECK_PHONES({"KR", "001-82-10-1234-5678", "+821012345678"}, {"KR", "00182-10-1234-5678", "+821012345678"},
                 {"KR", "00700-81-90-1234-5678", "+819012345678"}, {"KR", "002 86 138 0013 8000", "+8613800138000"},
                 {"AU", "0011 1 212 555 0123", "+12125550123"}, {"KR", "00 677 12345", "+67712345"});
}

Test(phone, numbers_of_unlisted_countries_need_their_code) {
    CHECK_PHONES({"XX", "+677 12345", "+67712345"}, {NULL, "+82 10 1234 5678", "+821012345678"},
                 {"XX", "12345678", "invalid"}, {NULL, "010-1234-5678", "invalid"}, {"", "010-1234-5678", "invalid"},
                 {"XX", "+677 123", "invalid"}, {"XX", "+6771234567890123", "invalid"});
}

Test(phone, what_is_no_number_is_refused) {
    CHECK_PHONES({"KR", "", "invalid"}, {"KR", "   ", "invalid"}, {"KR", "+", "invalid"},
                 {"KR", "전화 없음", "invalid"}, {"KR", "010-1234-5678 ext. 3", "invalid"},
                 {"KR", "010-1234-5678/010-1111-2222", "invalid"}, {"KR", "++82 10 1234 5678", "invalid"},
                 {"KR", "010+1234+5678", "invalid"}, {"KR", "+0", "invalid"}, {"KR", "0000000000", "invalid"},
                 {"KR", "+82 0010 1234 5678", "invalid"}, {"KR", "\xff", "invalid"},
                 {"KR", "010-1234-\x01\x35\x36\x37\x38", "invalid"}, {"KR", "0", "invalid"}, {"KR", "00", "invalid"});
    char endless[3000];
    struct buf out = BUF_INIT;
    memset(endless, '1', sizeof endless);
    cr_assert_eq(phone_normalise(view_make(endless, sizeof endless), "KR", &out, NULL), ERR_INVALID);
    cr_assert_eq(phone_normalise(view_make(endless, 200), "KR", &out, NULL), ERR_INVALID);
    cr_assert_eq(out.len, 0);
    buf_release(&out);
}

Test(card, writings_of_one_number_are_one) {
    static const char *const writings[] = {"ab-1234-5678",     "AB 1234 5678",       "ＡＢ１２３４５６７８",
                                           " ab12345678\n",    "Ab–1234—5678",       "AB\u00a012345678",
                                           "\ufeffAB12345678", "A B 1 2 3 4 5 6 7 8"};
    for (size_t i = 0; i < sizeof writings / sizeof writings[0]; i++)
        cr_assert_str_eq(form_of(card_normalise, writings[i]), "AB12345678", "%zu", i);
    cr_assert_str_eq(form_of(card_normalise, "007"), "007");
    cr_assert_str_eq(form_of(card_normalise, "단골 7"), "단골7");
    cr_assert_str_eq(form_of(card_normalise, "a_b.c/d#"), "A_B.C/D#");
    cr_assert_str_eq(form_of(card_normalise, "c\u00b8"), "\u00c7", "the blank of a free-standing cedilla goes");
}

Test(card, what_is_no_card_is_refused) {
    char longest[66];
    memset(longest, '7', sizeof longest);
    longest[64] = '\0';
    cr_assert_str_eq(form_of(card_normalise, longest), longest);
    longest[64] = '7';
    longest[65] = '\0';
    cr_assert_str_eq(form_of(card_normalise, longest), "limit");
    cr_assert_str_eq(form_of(card_normalise, ""), "invalid");
    cr_assert_str_eq(form_of(card_normalise, " - "), "invalid");
    cr_assert_str_eq(form_of(card_normalise, "12\x1b[0m"), "invalid");
    cr_assert_str_eq(form_of(card_normalise, "12\xc3"), "invalid");
}

Test(email, case_width_and_surrounding_blanks_do_not_matter) {
    cr_assert_str_eq(form_of(email_normalise, " Kim.Minji@Example.COM\r\n"), "kim.minji@example.com");
    cr_assert_str_eq(form_of(email_normalise, "ｋｉｍ＠ｅｘａｍｐｌｅ．ｃｏｍ"), "kim@example.com");
    cr_assert_str_eq(form_of(email_normalise, "민지@예시.한국"), "민지@예시.한국");
}

Test(email, what_is_no_address_is_refused) {
    static const char *const wrong[] = {"",
                                        "kim",
                                        "@",
                                        "kim@",
                                        "@example.com",
                                        "a@b@c",
                                        "kim min@example.com",
                                        "kim@exam ple.com",
                                        "kim\x01@example.com",
                                        "\xffkim@example.com"};
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++)
        cr_assert_str_eq(form_of(email_normalise, wrong[i]), "invalid", "%zu", i);
    char longest[300];
    memset(longest, 'a', sizeof longest);
    longest[1] = '@';
    longest[299] = '\0';
    cr_assert_str_eq(form_of(email_normalise, longest), "limit");
}

Test(name, composed_and_decomposed_names_are_one) {
    cr_assert_str_eq(form_of(name_normalise, "김민지"), "김민지");
    cr_assert_str_eq(form_of(name_normalise, "\u1100\u1175\u11b7\u1106\u1175\u11ab\u110c\u1175"), "김민지");
    cr_assert_str_eq(form_of(name_normalise, "王小明"), "王小明");
    cr_assert_str_eq(form_of(name_normalise, "\uf9e1"), "李", "a compatibility ideograph");
    cr_assert_str_eq(form_of(name_normalise, "Jose\u0301"), "jos\u00e9");
    cr_assert_str_eq(form_of(name_normalise, "JOS\u00c9"), "jos\u00e9");
    cr_assert_str_eq(form_of(name_normalise, "Ｋｉｍ　Ｍｉｎｊｉ"), "kim minji");
    cr_assert_str_eq(form_of(name_normalise, "Stra\u00dfe"), "strasse");
    cr_assert_str_eq(form_of(name_normalise, "ﬁne"), "fine");
}

Test(name, blanks_are_collapsed_and_trimmed) {
    cr_assert_str_eq(form_of(name_normalise, "  Kim \t\u3000 Minji \r\n"), "kim minji");
    cr_assert_str_eq(form_of(name_normalise, "Kim\u200b Minji\ufeff"), "kim minji");
    cr_assert_str_eq(form_of(name_normalise, " \u3000 "), "invalid");
    cr_assert_str_eq(form_of(name_normalise, ""), "invalid");
    cr_assert_str_eq(form_of(name_normalise, "Kim\x1b[2J"), "invalid");
    cr_assert_str_eq(form_of(name_normalise, "Kim\x7f"), "invalid");
    cr_assert_str_eq(form_of(name_normalise, "Kim\xc2\x85x"), "invalid");
    cr_assert_str_eq(form_of(name_normalise, "\xea\xb9"), "invalid");
}

Test(text, utf8_is_checked_to_the_letter) {
    static const char *const valid[] = {"",       "a",      "단골",   "\x7f",       "\xc2\x80",
                                        "\u07ff", "\u0800", "\uffff", "\U0010ffff", "\ufdd0"};
    static const char *const broken[] = {"\x80",
                                         "\xc3",
                                         "\xc0\x80",
                                         "\xc1\xbf",
                                         "\xe0\x80\x80",
                                         "\xe0\x9f\xbf",
                                         "\xed\xa0\x80",
                                         "\xed\xbf\xbf",
                                         "\xf0\x80\x80\x80",
                                         "\xf0\x8f\xbf\xbf",
                                         "\xf4\x90\x80\x80",
                                         "\xf5\x80\x80\x80",
                                         "\xff",
                                         "\xfe",
                                         "a\xea\xb3",
                                         "\xf0\x9f\x98",
                                         "\xc3(",
                                         "\xea\xb3(",
                                         "\xf8\x88\x80\x80\x80"};
    for (size_t i = 0; i < sizeof valid / sizeof valid[0]; i++) cr_assert(utf8_valid(view_of(valid[i])), "%zu", i);
    for (size_t i = 0; i < sizeof broken / sizeof broken[0]; i++)
        cr_assert_not(utf8_valid(view_of(broken[i])), "%zu", i);
    cr_assert_not(utf8_valid(view_make("a\0b", 3)));
    cr_assert(utf8_valid(VIEW_NONE));
}

Test(text, a_character_is_not_completed_by_what_lies_after_the_view) {
    cr_assert_not(utf8_valid(view_make("단", 2)));
    cr_assert_eq(text_width(view_make("단", 2)), 2);
}

Test(text, width_is_in_columns) {
    cr_assert_eq(text_width(view_of("")), 0);
    cr_assert_eq(text_width(VIEW_NONE), 0);
    cr_assert_eq(text_width(view_of("Kim")), 3);
    cr_assert_eq(text_width(view_of("단골")), 4);
    cr_assert_eq(text_width(view_of("王小明")), 6);
    cr_assert_eq(text_width(view_of("é")), 1);
    cr_assert_eq(text_width(view_of("e\u0301")), 1);
    cr_assert_eq(text_width(view_of("Ｋ")), 2);
    cr_assert_eq(text_width(view_of("a\xff")), 2);
}

static const char *printable(struct view text) {
    static struct buf out;
    buf_clear(&out);
    text_printable(text, &out);
    cr_assert(utf8_valid(buf_view(&out)));
    return buf_text(&out);
}

Test(text, nothing_in_a_text_drives_the_terminal) {
    cr_assert_str_eq(printable(view_of("김민지 OK")), "김민지 OK");
    cr_assert_str_eq(printable(view_of("\x1b[2Jx")), "\ufffd[2Jx");
    cr_assert_str_eq(printable(view_of("a\tb\nc\rd")), "a b c d");
    cr_assert_str_eq(printable(view_of("\xc2\x85\xc2\x9b\x7f\u2028")), "\ufffd\ufffd\ufffd\ufffd");
    cr_assert_str_eq(printable(view_of("\u202etxt\u2066")), "\ufffdtxt\ufffd");
    cr_assert_str_eq(printable(view_of("👩\u200d💼")), "👩\u200d💼");
    cr_assert_str_eq(printable(view_of("a\xff\xea\xb3z")), "a\ufffd\ufffd\ufffdz");
    cr_assert_str_eq(printable(view_make("a\0b", 3)), "a\ufffd"
                                                      "b");
    cr_assert_str_eq(printable(VIEW_NONE), "");
}

Test(text, counts_have_their_plural) {
    char text[COUNT_TEXT];
    cr_assert_str_eq(count_format(0, "visit", text), "0 visits");
    cr_assert_str_eq(count_format(1, "visit", text), "1 visit");
    cr_assert_str_eq(count_format(1234, "visit", text), "1,234 visits");
}
