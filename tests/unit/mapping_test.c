/* --map, --where and --value. */
#include <criterion/criterion.h>
#include <string.h>

#include "node/mapping.h"

static const struct mapping_field fields[] = {
    {"time", 1}, {"amount", 2}, {"unit_price", 2}, {"note", 0}, {"resolved", 0}};
enum { TIME, AMOUNT, UNIT_PRICE, NOTE, RESOLVED, COUNT };

static struct mapping m;
static struct err err;

static void setup(void) {
    mapping_init(&m, fields, COUNT);
    err = (struct err){0};
}
static void teardown(void) { mapping_release(&m); }
TestSuite(mapping, .init = setup, .fini = teardown);

static int bind(const char *const *names, size_t count) {
    struct view header[8];
    for (size_t i = 0; i < count; i++) header[i] = view_of(names[i]);
    return mapping_bind(&m, header, count, &err);
}
#define BIND(...) bind((const char *const[]){__VA_ARGS__}, sizeof((const char *const[]){__VA_ARGS__}) / sizeof(char *))

static void expect_error(int code, const char *field, const char *says) {
    cr_expect_eq(code, ERR_INVALID);
    cr_expect_str_eq(err.field, field);
    cr_expect(strstr(err.text, says) != NULL, "\"%s\" says nothing of \"%s\"", err.text, says);
}

Test(mapping, fields_find_their_columns) {
    cr_assert_eq(mapping_add_map(&m, "time=when, amount = sum ,note=time", &err), 0, "%s", err.text);
    cr_assert_eq(mapping_check(&m, &err), 0, "%s", err.text);
    cr_assert_eq(BIND("time", "sum", "when", "x", "x"), 0, "%s", err.text);
    cr_expect_eq(m.at[TIME], 2);
    cr_expect_eq(m.at[AMOUNT], 1);
    cr_expect_eq(m.at[NOTE], 0);
    cr_expect_not(mapping_has(&m, UNIT_PRICE));
}

Test(mapping, a_field_alone_is_a_column_of_its_name) {
    cr_assert_eq(mapping_add_map(&m, "note, time ,amount=sum", &err), 0, "%s", err.text);
    cr_assert_eq(BIND("time", "sum", "note"), 0, "%s", err.text);
    cr_expect_eq(m.at[TIME], 0);
    cr_expect_eq(m.at[AMOUNT], 1);
    cr_expect_eq(m.at[NOTE], 2);
}

Test(mapping, columns_may_be_joined) {
    cr_assert_eq(mapping_add_map(&m, "time=day + clock,note=a+b,amount=x+y+z", &err), 0, "%s", err.text);
    cr_assert_eq(BIND("clock", "a+b", "day", "z", "x", "y"), 0, "%s", err.text);
    cr_expect_eq(m.at[TIME], 2);
    cr_expect(m.joined[TIME][0] == 0 && m.joined[TIME][1] == -1);
    cr_expect(m.at[NOTE] == 1 && m.joined[NOTE][0] == -1, "a column that is called so goes first");
    cr_expect(m.at[AMOUNT] == 4 && m.joined[AMOUNT][0] == 5 && m.joined[AMOUNT][1] == 3 && m.joined[AMOUNT][2] == -1);
    expect_error(BIND("clock", "a+b", "z", "x", "y"), "map", "no column \"day\" in");
    mapping_release(&m);
    mapping_init(&m, fields, COUNT);
    cr_assert_eq(mapping_add_map(&m, "time=a+b+c+d+e", &err), 0);
    expect_error(BIND("a", "b", "c", "d", "e"), "map", "joins more than 4");
}

Test(mapping, all_columns_that_are_missing_are_told_at_once) {
    cr_assert_eq(mapping_add_map(&m, "time=when,amount=sum,note", &err), 0, "%s", err.text);
    cr_assert_eq(mapping_add_where(&m, "shop=7", &err), 0);
    expect_error(BIND("x", "sum"), "map", "no columns \"when\", \"note\", \"shop\" in the file; there are x, sum");
}

Test(mapping, a_column_with_a_comma_or_an_equals_sign) {
    cr_assert_eq(mapping_add_map(&m, "\"time=When, exactly\",amount=a=b", &err), 0, "%s", err.text);
    cr_assert_eq(BIND("When, exactly", "a=b"), 0, "%s", err.text);
    cr_expect_eq(m.at[TIME], 0);
    cr_expect_eq(m.at[AMOUNT], 1);
}

Test(mapping, may_be_given_in_several_options) {
    cr_assert_eq(mapping_add_map(&m, "time=t", &err), 0);
    cr_assert_eq(mapping_add_map(&m, "unit_price=p", &err), 0);
    cr_expect_eq(mapping_check(&m, &err), 0, "%s", err.text);
}

Test(mapping, what_is_wrong_is_named) {
    expect_error(mapping_add_map(&m, "mood=x", &err), "map", "mood");
    expect_error(mapping_add_map(&m, "mood=x", &err), "map", "unit_price");
    expect_error(mapping_add_map(&m, "mood", &err), "map", "FIELD=COLUMN");
    expect_error(mapping_add_map(&m, "time=", &err), "map", "FIELD=COLUMN");
    expect_error(mapping_add_map(&m, "", &err), "map", "empty");
    expect_error(mapping_add_map(&m, "time=a\nnote=b", &err), "map", "lines");
    cr_assert_eq(mapping_add_map(&m, "time=a", &err), 0);
    expect_error(mapping_add_map(&m, "time=b", &err), "map", "twice");
    expect_error(mapping_check(&m, &err), "map", "amount or unit_price");
    expect_error(BIND("b", "c"), "map", "\"a\"");
    expect_error(BIND("a", "c", "a"), "map", "twice");
}

static struct view cell_of(void *context, int column) { return view_of(((const char *const *)context)[column]); }

static bool wants(const char *first, const char *second) {
    const char *cells[] = {first, second};
    return mapping_wants(&m, cell_of, cells);
}

Test(mapping, where) {
    cr_expect(wants("x", "y"), "no condition wants everything");
    cr_assert_eq(mapping_add_where(&m, "store=367", &err), 0);
    cr_assert_eq(mapping_add_where(&m, "store = 406", &err), 0);
    cr_assert_eq(mapping_add_where(&m, "kind=a=b", &err), 0);
    cr_assert_eq(BIND("store", "kind"), 0, "%s", err.text);
    cr_expect(wants("367", "a=b"));
    cr_expect(wants("406", "a=b"));
    cr_expect_not(wants("36", "a=b"));
    cr_expect_not(wants("367", "a"));
    expect_error(mapping_add_where(&m, "planet", &err), "where", "planet");
    expect_error(mapping_add_where(&m, "=3", &err), "where", "COLUMN=VALUE");
    cr_assert_eq(mapping_add_where(&m, "planet=", &err), 0, "an empty value is one");
    expect_error(BIND("store", "kind"), "where", "planet");
}

Test(mapping, values) {
    struct view meaning;
    cr_assert_eq(mapping_add_value(&m, "resolved=Resolvida:yes,Não Resolvida:no,\"a, b: c:no\",Não Avaliada:", &err), 0,
                 "%s", err.text);
    cr_expect(mapping_meaning(&m, RESOLVED, view_of("Não Resolvida"), &meaning) && view_is(meaning, "no"));
    cr_expect(mapping_meaning(&m, RESOLVED, view_of("a, b: c"), &meaning) && view_is(meaning, "no"));
    cr_expect(mapping_meaning(&m, RESOLVED, view_of("Não Avaliada"), &meaning) && meaning.len == 0);
    cr_expect_not(mapping_meaning(&m, RESOLVED, view_of("else"), &meaning));
    cr_expect_not(mapping_meaning(&m, NOTE, view_of("Resolvida"), &meaning));
    cr_assert_eq(mapping_add_value(&m, "note=x:1,resolved=y:2,z:3", &err), 0);
    cr_expect(mapping_meaning(&m, NOTE, view_of("x"), &meaning) && view_is(meaning, "1"));
    cr_expect(mapping_meaning(&m, RESOLVED, view_of("z"), &meaning) && view_is(meaning, "3"));
    expect_error(mapping_add_value(&m, "mood=x:1", &err), "value", "mood");
    expect_error(mapping_add_value(&m, "resolved=x", &err), "value", "VALUE:MEANING");
    expect_error(mapping_add_value(&m, "x:1", &err), "value", "FIELD=VALUE:MEANING");
}

Test(mapping, many_values) {
    struct buf text = BUF_INIT;
    struct view meaning;
    buf_printf(&text, "note=w0:m0");
    for (int i = 1; i < 900; i++) buf_printf(&text, ",w%d:m%d", i, i);
    cr_assert_eq(mapping_add_value(&m, buf_text(&text), &err), 0, "%s", err.text);
    cr_expect(mapping_meaning(&m, NOTE, view_of("w899"), &meaning) && view_is(meaning, "m899"));
    cr_expect(mapping_meaning(&m, NOTE, view_of("w0"), &meaning) && view_is(meaning, "m0"));
    buf_release(&text);
}
