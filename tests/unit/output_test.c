/* What commands print: JSON documents, long lists, the progress bar. */
#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include "proto/command/listing.h"

static char *text;
static size_t len;
static struct call call;
static int64_t now;

static int64_t clock_of_test(void *context) { return *(int64_t *)context; }
static const struct env env = {clock_of_test, clock_of_test, NULL, &now};

static void begin(void) {
    now = 1000;
    call = (struct call){.env = &env, .progress = true};
    call.out = call.err_out = open_memstream(&text, &len);
}

static void end(void) {
    fclose(call.out);
    free(text);
}

TestSuite(output, .init = begin, .fini = end);

static const char *written(void) {
    fflush(call.out);
    return text;
}

Test(output, a_document_is_json_and_utf8) {
    call_json(&call, json_pack("{s:s, s:i, s:n}", "name", "김단골", "spend", 12, "last"));
    cr_expect(strstr(written(), "\"name\": \"김단골\"") != NULL, "%s", text);
    cr_expect_eq(text[len - 1], '\n');
    json_t *read = json_loads(text, 0, NULL);
    cr_assert_not_null(read);
    cr_expect_eq(json_integer_value(json_object_get(read, "spend")), 12);
    json_decref(read);
}

Test(output, a_list_is_one_document_however_long) {
    struct rows_out rows;
    rows_begin(&rows, &call);
    for (int i = 0; i < 3; i++) rows_add(&rows, json_pack("{s:i}", "rank", i));
    rows_end(&rows);
    cr_expect_str_eq(written(), "[\n  {\"rank\": 0},\n  {\"rank\": 1},\n  {\"rank\": 2}\n]\n");
}

/* The ids of the rows of a page of those that are there, which are named a, b, c …; a row may be there twice. */
static const char *page_of(const char *there, struct page *page) {
    static char shown[40];
    struct rows_out rows;
    call.page = page;
    rows_begin(&rows, &call);
    for (const char *c = there; *c != '\0'; c++) rows_add(&rows, json_pack("{s:s#}", "id", c, 1));
    rows_end(&rows);
    call.page = NULL;
    shown[0] = '\0';
    fflush(call.out);
    for (const char *at = strrchr(text, '['); (at = strstr(at, "\"id\": \"")) != NULL; at += 7)
        snprintf(shown + strlen(shown), sizeof shown - strlen(shown), "%c", at[7]);
    return shown;
}

Test(output, a_list_in_pages) {
    struct page page = {.limit = 2};
    cr_expect_str_eq(page_of("abcd", &page), "ab");
    cr_expect(page.more);
    cr_expect_eq(page.end, 2);
    cr_expect_str_eq(page.last, "b");
    struct page second = {.limit = 2, .offset = 2, .after = "b"};
    cr_expect_str_eq(page_of("abcd", &second), "cd");
    cr_expect(!second.more, "that was exactly all");
    struct page behind = {.limit = 2, .offset = 4, .after = "d"};
    cr_expect_str_eq(page_of("abcd", &behind), "");
}

/* Between two pages rows have come, gone, or moved. */
Test(output, a_page_begins_behind_the_row_that_the_one_before_ended_with) {
    struct page came = {.limit = 2, .offset = 2, .after = "b"};
    cr_expect_str_eq(page_of("axybcd", &came), "cd");
    struct page gone = {.limit = 2, .offset = 2, .after = "b"};
    cr_expect_str_eq(page_of("acde", &gone), "de", "by how many there were");
    struct page moved = {.limit = 2, .offset = 1, .after = "a"};
    cr_expect_str_eq(page_of("bcdae", &moved), "e");
    struct page alike = {.limit = 2, .offset = 3, .after = "a"};
    cr_expect_str_eq(page_of("aaaaab", &alike), "aa", "rows that look alike do not hold it up");
}

Test(output, an_empty_list) {
    struct rows_out rows;
    rows_begin(&rows, &call);
    rows_end(&rows);
    cr_expect_str_eq(written(), "[]\n");
}

/* What spreadsheets would take for a formula is text; numbers, whose sign stands first, are numbers. */
Test(output, cells_of_csv) {
    static const struct column columns[] = {
        {"name", "name", COLUMN_TEXT}, {"quantity", "quantity", COLUMN_NUMBER}, {NULL, NULL, COLUMN_TEXT}};
    static const char *const names[] = {"=1+1", "+82 10", "-x", "@a", "\tb", "\rc", "a=b", "", "=\"q\""};
    static const struct option csv[] = {{"csv", NULL, "", false}, {NULL, NULL, NULL, false}};
    static const char *const given[] = {"csv"}, *const values[] = {NULL};
    static const struct command command = {.name = "export", .options = csv};
    call.command = &command;
    call.given_count = 1;
    call.given_names = (const char **)(uintptr_t)given;
    call.given_values = (const char **)(uintptr_t)values;
    struct listing *listing = listing_open(&call, columns);
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        listing_add(listing, json_pack("{s:s, s:s}", "name", names[i], "quantity", "-1.5"));
    listing_close(listing, "nothing");
    cr_expect_str_eq(written(), "name,quantity\r\n'=1+1,-1.5\r\n'+82 10,-1.5\r\n'-x,-1.5\r\n'@a,-1.5\r\n'\tb,-1.5\r\n"
                                "\"'\rc\",-1.5\r\na=b,-1.5\r\n,-1.5\r\n\"'=\"\"q\"\"\",-1.5\r\n");
}

Test(output, the_bar_is_drawn_ten_times_a_second_at_most) {
    size_t drawn = 0;
    for (uint64_t i = 0; i <= 10000; i++, now++) call_progress(&call, "import", i, 10000);
    written();
    for (const char *p = text; (p = strchr(p, '\r')) != NULL; p++) drawn++;
    cr_expect(drawn > 50 && drawn <= 100, "%zu times", drawn);
    cr_expect(strstr(text, "\rimport [###") != NULL);
    cr_expect(strstr(text, "]  50%  1,000/s\033[K") != NULL, "%s", text);
    cr_expect(strchr(text, '\n') == NULL);
    call_progress_end(&call);
    written();
    cr_expect_str_eq(text + len - 4, "\r\033[K");
    size_t before = len;
    call_progress_end(&call);
    written();
    cr_expect_eq(len, before);
}

Test(output, a_bar_without_an_end_counts) {
    call_progress(&call, "log", 0, 0);
    now += 2000;
    call_progress(&call, "log", 5000, 0);
    cr_expect_str_eq(written(), "\rlog 5,000  2,500/s\033[K");
}

Test(output, what_is_done_at_once_and_what_is_no_terminal_has_no_bar) {
    call_progress(&call, "import", 1, 2);
    now += 50;
    call_progress(&call, "import", 2, 2);
    call_progress_end(&call);
    call.progress = false;
    now += 5000;
    call_progress(&call, "import", 1, 2);
    now += 5000;
    call_progress(&call, "import", 2, 2);
    call_progress_end(&call);
    written();
    cr_expect_eq(len, 0);
}
