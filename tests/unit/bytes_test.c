/* Views, buffers, fixed-width integers, hexadecimal, and the error sentences built on them. */
#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include "proto/base/bytes.h"
#include "proto/base/env.h"
#include "proto/base/err.h"
#include "proto/base/large.h"

Test(bytes, absent_and_empty_views_differ) {
    struct buf empty = BUF_INIT;
    cr_assert_null(view_of(NULL).data);
    cr_assert(view_equal(VIEW_NONE, view_of(NULL)));
    cr_assert(view_equal(view_of(""), buf_view(&empty)));
    cr_assert_not(view_equal(VIEW_NONE, view_of("")));
    cr_assert_not(view_equal(VIEW_NONE, buf_view(&empty)));
    cr_assert(view_is(VIEW_NONE, NULL));
    cr_assert_not(view_is(VIEW_NONE, ""));
    cr_assert(view_is(view_of("단골"), "단골"));
    cr_assert_not(view_is(view_of("단골"), "단"));
}

Test(bytes, views_order_as_bytes_with_prefixes_first) {
    static const char *const sorted[] = {NULL, "", "a", "a\x01", "aa", "b", "\x7f", "\x80", "\xff"};
    const size_t count = sizeof sorted / sizeof sorted[0];
    for (size_t i = 0; i < count; i++)
        for (size_t k = 0; k < count; k++) {
            int order = view_compare(view_of(sorted[i]), view_of(sorted[k]));
            cr_assert_eq((order > 0) - (order < 0), (i > k) - (i < k), "%zu and %zu", i, k);
        }
}

Test(bytes, view_text_cuts_between_characters) {
    char out[8];
    memset(out, 'x', sizeof out);
    cr_assert_str_eq(view_text(view_of("단골집"), out, sizeof out), "단골");
    cr_assert_str_eq(view_text(view_of("단골집"), out, 3), "");
    cr_assert_str_eq(view_text(view_of("abcdefgh"), out, sizeof out), "abcdefg");
    cr_assert_str_eq(view_text(view_of("abcdefg"), out, sizeof out), "abcdefg");
    cr_assert_str_eq(view_text(VIEW_NONE, out, sizeof out), "");
    cr_assert_str_eq(view_text(view_of("a"), out, 1), "");
    out[0] = 'x';
    view_text(view_of("a"), out, 0);
    cr_assert_eq(out[0], 'x');
}

Test(bytes, buffers_keep_what_was_appended) {
    struct buf b = BUF_INIT;
    for (unsigned i = 0; i < 1000; i++) buf_append_byte(&b, (uint8_t)i);
    buf_append(&b, NULL, 0);
    buf_append_view(&b, VIEW_NONE);
    buf_append_view(&b, view_of("end"));
    buf_printf(&b, " %d%s", 42, "!");
    cr_assert_eq(b.len, 1000 + 3 + 4);
    for (unsigned i = 0; i < 1000; i++) cr_assert_eq(b.data[i], (uint8_t)i);
    cr_assert_str_eq(buf_text(&b) + 1000, "end 42!");
    cr_assert_eq(b.len, 1007, "the final NUL is not part of it");
    size_t cap = b.cap;
    buf_clear(&b);
    cr_assert_eq(b.len, 0);
    cr_assert_eq(b.cap, cap);
    cr_assert_str_eq(buf_text(&b), "");
    buf_release(&b);
    buf_release(&b);
    buf_release(NULL);
    buf_wipe(NULL);
    cr_assert_null(b.data);
}

Test(bytes, a_printed_text_may_be_longer_than_the_room) {
    struct buf b = BUF_INIT;
    buf_printf(&b, "%0500d", 7);
    cr_assert_eq(b.len, 500);
    cr_assert_eq(b.data[499], '7');
    buf_printf(&b, "%s", "");
    cr_assert_eq(b.len, 500);
    buf_wipe(&b);
    cr_assert_null(b.data);
}

Test(bytes, memory_comes_zeroed_and_copies_own_theirs) {
    uint8_t *p = mem_alloc(64);
    for (size_t i = 0; i < 64; i++) cr_assert_eq(p[i], 0);
    p = mem_resize(p, 128);
    p[127] = 1;
    p = mem_resize(p, 0);
    cr_assert_not_null(p);
    free(p);
    char original[] = "customer";
    char *copy = mem_text(original);
    original[0] = 'C';
    cr_assert_str_eq(copy, "customer");
    char *part = mem_view_text(view_make(copy, 4));
    cr_assert_str_eq(part, "cust");
    cr_assert_null(mem_text(NULL));
    cr_assert_null(mem_view_text(VIEW_NONE));
    char *empty = mem_view_text(view_of(""));
    cr_assert_str_eq(empty, "");
    free(copy);
    free(part);
    free(empty);
}

Test(bytes, integers_have_the_order_their_name_says) {
    uint8_t p[8];
    put_u32_be(p, 0x01020304);
    cr_assert_arr_eq(p, ((uint8_t[]){1, 2, 3, 4}), 4);
    cr_assert_eq(get_u32_be(p), 0x01020304);
    cr_assert_eq(get_u32_le(p), 0x04030201);
    put_u32_le(p, 0x01020304);
    cr_assert_arr_eq(p, ((uint8_t[]){4, 3, 2, 1}), 4);
    put_u64_be(p, UINT64_C(0xf102030405060708));
    cr_assert_arr_eq(p, ((uint8_t[]){0xf1, 2, 3, 4, 5, 6, 7, 8}), 8);
    cr_assert_eq(get_u64_be(p), UINT64_C(0xf102030405060708));
    cr_assert_eq(get_u64_le(p), UINT64_C(0x08070605040302f1));
    put_u64_le(p, UINT64_C(0xf102030405060708));
    cr_assert_eq(get_u64_le(p), UINT64_C(0xf102030405060708));
    cr_assert_eq(p[7], 0xf1);
}

Test(bytes, hexadecimal_there_and_back) {
    uint8_t all[256], back[256];
    char text[513];
    for (unsigned i = 0; i < 256; i++) all[i] = (uint8_t)i;
    hex_encode(view_make(all, 256), text);
    cr_assert_eq(strlen(text), 512);
    cr_assert_eq(strncmp(text, "000102", 6), 0);
    cr_assert_str_eq(text + 506, "fdfeff");
    cr_assert(hex_decode(text, back, 256));
    cr_assert_arr_eq(all, back, 256);
    hex_encode(VIEW_NONE, text);
    cr_assert_str_eq(text, "");
}

Test(bytes, hexadecimal_of_another_length_or_with_other_letters_is_refused) {
    uint8_t out[2];
    cr_assert(hex_decode("aB09", out, 2));
    cr_assert_arr_eq(out, ((uint8_t[]){0xab, 0x09}), 2);
    cr_assert_not(hex_decode("", out, 2));
    cr_assert_not(hex_decode("ab0", out, 2));
    cr_assert_not(hex_decode("ab090", out, 2));
    cr_assert_not(hex_decode("ab0g", out, 2));
    cr_assert_not(hex_decode("ab 9", out, 2));
    cr_assert_not(hex_decode("ab/9", out, 2));
    cr_assert_not(hex_decode("ab:9", out, 2));
    cr_assert(hex_decode("", out, 0));
}

Test(err, codes_are_negative_distinct_and_have_words) {
#define CHECK_CODE(name, word, cause)                                                                                  \
    cr_assert_lt((int)ERR_##name, 0);                                                                                  \
    cr_assert_str_eq(err_word(ERR_##name), word);
    ERR_LIST(CHECK_CODE)
#undef CHECK_CODE
    cr_assert_eq(ERR_USAGE, -1);
    cr_assert_str_eq(err_word(0), "error");
    cr_assert_str_eq(err_word(1), "error");
    cr_assert_str_eq(err_word(ERR_FORKED - 1), "error");
}

Test(err, a_failure_is_filled_in_and_returned) {
    struct err e = {0};
    cr_assert_eq(err_set(&e, ERR_LIMIT, "amount", "%d is too large", 7), ERR_LIMIT);
    cr_assert_eq(e.code, ERR_LIMIT);
    cr_assert_str_eq(e.field, "amount");
    cr_assert_str_eq(e.text, "7 is too large");
    cr_assert_eq(err_prefix(&e, "row %d", 3), ERR_LIMIT);
    cr_assert_str_eq(e.text, "row 3: 7 is too large");
    cr_assert_eq(err_set(&e, ERR_IO, NULL, "gone"), ERR_IO);
    cr_assert_str_eq(e.field, "");
    cr_assert_eq(err_set(NULL, ERR_IO, NULL, "gone"), ERR_IO);
    cr_assert_lt(err_prefix(NULL, "row"), 0);
}

Test(err, quoted_input_stays_one_printable_line) {
    struct err e = {0};
    err_set(&e, ERR_INVALID, "na\x1bme", "\"%s\" is bad", "\x1b[31mred\r\n\xff\xc3");
    cr_assert_str_eq(e.field, "na\xef\xbf\xbdme");
    cr_assert_str_eq(e.text, "\"\xef\xbf\xbd[31mred  \xef\xbf\xbd\xef\xbf\xbd\" is bad");
}

Test(err, long_texts_are_cut_between_characters) {
    struct err e = {0};
    char longest[1000];
    for (size_t i = 0; i + 3 < sizeof longest; i += 3) memcpy(longest + i, "골", 4);
    err_set(&e, ERR_INVALID, longest, "x%s", longest);
    cr_assert_eq(strlen(e.text), 397, "%zu", strlen(e.text));
    cr_assert_eq(strlen(e.field), 45);
    err_prefix(&e, "%s", longest);
    cr_assert_eq(strlen(e.text), 399);
}

Test(env, the_real_clock_and_generator_answer) {
    const struct env *env = env_os();
    int64_t before = env_monotonic(env);
    uint8_t a[32] = {0}, b[32] = {0};
    cr_assert_gt(env_now(env), INT64_C(1700000000000));
    env_random(env, a, sizeof a);
    env_random(env, b, sizeof b);
    cr_assert_neq(memcmp(a, b, sizeof a), 0);
    cr_assert_geq(env_monotonic(env), before);
}

/* What was there stays, what is new is zero: within ordinary memory, out of it, and from one mapping to the next. */
Test(large, grows_from_ordinary_memory_into_whole_pages) {
    static const size_t sizes[] = {8, 4096, LARGE_LEAST - 8, LARGE_LEAST, LARGE_LEAST + 8, 3 * LARGE_LEAST};
    uint64_t *words = NULL;
    size_t old = 0;
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        words = large_resize(words, old, sizes[i]);
        for (size_t w = 0; w < old / 8; w++) cr_assert_eq(words[w], w + 1);
        for (size_t w = old / 8; w < sizes[i] / 8; w++) {
            cr_assert_eq(words[w], 0);
            words[w] = w + 1;
        }
        old = sizes[i];
    }
    large_free(words, old);
    large_free(NULL, 0);
}
