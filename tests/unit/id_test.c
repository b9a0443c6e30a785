/* Ids and their text. */
#include <criterion/criterion.h>

#include "proto/event/id.h"

static void check_text(const char *text, uint64_t id) {
    char out[ID_TEXT];
    uint64_t parsed = 0;
    cr_assert(id_parse(view_of(text), &parsed), "%s", text);
    cr_assert_eq(parsed, id);
    cr_assert_str_eq(id_format(id, out), text);
}

Test(id, text_and_number_are_one) {
    check_text("12-845", id_make(12, 845));
    check_text("0-1", 1);
    check_text("65536-1", id_make(stream_make(1, 0), 1));
    check_text("16777215-1099511627775", UINT64_MAX);
    check_text("1-10", id_make(1, 10));
}

Test(id, nobody_has_no_text) {
    char out[ID_TEXT];
    cr_assert_str_empty(id_format(0, out));
}

Test(id, other_text_is_refused) {
    static const char *const wrong[] = {
        "",
        "-",
        "12",
        "12-",
        "-845",
        "12-0",
        "12-845-1",
        "12 -845",
        " 12-845",
        "12-845 ",
        "+12-1",
        "12--1",
        "016-1",
        "12-01",
        "00-1",
        "a-1",
        "1-a",
        "0x1-1",
        "1.0-1",
        "12–845",
        "１-1",
        "16777216-1",
        "1-1099511627776",
        "18446744073709551617-1",
        "1-18446744073709551617",
    };
    uint64_t out = 77;
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++)
        cr_assert_not(id_parse(view_of(wrong[i]), &out), "%s", wrong[i]);
    cr_assert_not(id_parse(VIEW_NONE, &out));
    cr_assert_not(id_parse(view_make("1-1\0", 4), &out));
    cr_assert_eq(out, 77);
}

Test(id, parts_come_back) {
    uint64_t id = id_make(ID_STREAM_MAX, ID_SEQ_MAX);
    cr_assert_eq(id, UINT64_MAX);
    cr_assert_eq(id_stream(id_make(stream_make(255, 7), 3)), stream_make(255, 7));
    cr_assert_eq(id_seq(id_make(stream_make(255, 7), 3)), 3);
    cr_assert_eq(stream_incarnation(stream_make(255, 7)), 255);
    cr_assert(stream_is_hub(stream_make(3, 0)));
    cr_assert_not(stream_is_hub(stream_make(3, 1)));
    cr_assert(id_valid(1) && !id_valid(0) && !id_valid(id_make(5, 0)));
}
