/* The command line: what is accepted, what is refused in which words, help, and the values of options. */
#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include "proto/command/help.h"
#include "proto/command/parse.h"
#include "proto/command/run.h"

static int nothing(struct call *call) {
    (void)call;
    return 0;
}

static const struct option common[] = {{"at", "T", "when it happened", false}, {NULL, NULL, NULL, false}};
static const struct option sale_options[] = {{"line", "SKU,QTY,AMOUNT", "what was sold", true},
                                             {"dry-run", NULL, "only look", false},
                                             {"o", "FILE", "write there", false},
                                             {"top", "100", "how many", false},
                                             {NULL, NULL, NULL, false}};
static const struct option register_options[] = {
    {"staff", "S", "who", false}, {"note", "WORDS", "a note of the command's own", false}, {NULL, NULL, NULL, false}};
static const struct command trade[] = {
    {"sell", "[ARGUMENT …]", "sells", NEEDS_SITE, 0, -1, sale_options, common, false, nothing, NULL},
    {"register", "", "takes a customer in", NEEDS_SITE, 0, 0, register_options, NULL, true, nothing, NULL},
    {NULL, NULL, NULL, NEEDS_NOTHING, 0, 0, NULL, NULL, false, NULL, NULL},
};
static const struct word act_words[] = {
    {"open", "somebody complains"}, {"step ID STEP", "goes on"}, {"show ID", "all of it"}, {NULL, NULL}};
static const struct option act_options[] = {{"card", "C", "whose it is", false},
                                            {"phone", "P", "whose it is", false},
                                            {"score", "1-5", "the mark", false},
                                            {"text", "T", "what was said", false},
                                            {NULL, NULL, NULL, false}};
static const struct rule act_rules[] = {{"card phone", "open", true},
                                        {"score", "step * outcome|step * follow-up", false},
                                        {"text at", "!show", false},
                                        {NULL, NULL, false}};
static const struct grammar act_grammar = {act_words, act_rules};
static const struct rule show_rules[] = {{"card phone", "", true}, {NULL, NULL, false}};
static const struct grammar show_grammar = {NULL, show_rules};
static const struct command desk[] = {
    {"act", "(open | step ID STEP)", "acts", NEEDS_SITE, 1, 3, act_options, common, false, nothing, &act_grammar},
    {"show", "(ID | --card C)", "shows one", NEEDS_SITE, 0, 1, act_options, NULL, false, nothing, &show_grammar},
    {"init", "", "begins", NEEDS_NOTHING, 0, 0, NULL, NULL, false, nothing, NULL},
    {"restore", "BACKUP", "brings back", NEEDS_TARGET, 1, 1, NULL, NULL, false, nothing, NULL},
    {"link", "ID ID", "joins", NEEDS_SITE, 2, 2, NULL, NULL, false, nothing, NULL},
    {"customer", "[ID]", "shows", NEEDS_SITE, 0, 1, NULL, NULL, false, nothing, NULL},
    {NULL, NULL, NULL, NEEDS_NOTHING, 0, 0, NULL, NULL, false, NULL, NULL},
};
static const struct command *const groups[] = {desk, trade, NULL};
static const struct program program = {"dangol-test", "a program for tests", ROLE_HUB, groups};

static bool only_data(const char *path) { return strcmp(path, "data") == 0; }

static struct call call;
static const char *usual;

static void forget(void) { call_release(&call); }

/* Parses "sell DIR a b": words separated by blanks. The words stay until the end of the test. */
static int parse(const char *line) {
    static char copy[1000];
    static const char *words[100];
    int count = 0;
    call_release(&call);
    call = (struct call){.program = &program};
    snprintf(copy, sizeof copy, "%s", line);
    char *rest = NULL;
    for (char *word = strtok_r(copy, " ", &rest); word != NULL; word = strtok_r(NULL, " ", &rest))
        words[count++] = word;
    struct parse_place place = {.usual = usual, .exists = only_data};
    int outcome = parse_words(&call, count, words, &place);
    cr_assert(outcome >= 0 || outcome == call.error.code);
    return outcome;
}

static void refused(const char *line, const char *says) {
    cr_assert_eq(parse(line), ERR_USAGE, "%s", line);
    cr_expect(strstr(call.error.text, says) != NULL, "%s: \"%s\" does not say \"%s\"", line, call.error.text, says);
}

static void positions(const char *line, const char *directory, const char *arguments) {
    cr_assert_eq(parse(line), PARSE_RUN, "%s: %s", line, call.error.text);
    cr_expect_str_eq(call.directory, directory, "%s", line);
    struct buf got = BUF_INIT;
    for (int i = 0; i < call.argc; i++) buf_printf(&got, "%s%s", i == 0 ? "" : " ", call.argv[i]);
    cr_expect_str_eq(buf_text(&got), arguments, "%s", line);
    buf_release(&got);
}

TestSuite(parse, .fini = forget);

Test(parse, options_and_arguments_in_any_order) {
    positions("sell DIR a b --top 5 c", "DIR", "a b c");
    cr_expect_str_eq(call.command->name, "sell");
    cr_expect_str_eq(call_option(&call, "top"), "5");
    positions("sell --top=5 DIR --dry-run a -o x --at now", "DIR", "a");
    cr_expect(call_has(&call, "dry-run"));
    cr_expect_null(call_option(&call, "dry-run"));
    cr_expect_str_eq(call_option(&call, "o"), "x");
    cr_expect_str_eq(call_option(&call, "at"), "now");
    cr_expect(!call_has(&call, "line"));
    cr_expect_null(call_option(&call, "line"));
    cr_expect_eq(call_option_count(&call, "line"), 0);
}

Test(parse, options_repeat_where_they_say_so) {
    parse("sell DIR --line a,1,1 --line=b,2,2 --dry-run --line c,3,3 --dry-run");
    cr_assert_eq(call_option_count(&call, "line"), 3);
    cr_expect_str_eq(call_option_at(&call, "line", 0), "a,1,1");
    cr_expect_str_eq(call_option_at(&call, "line", 1), "b,2,2");
    cr_expect_str_eq(call_option_at(&call, "line", 2), "c,3,3");
    cr_expect_null(call_option_at(&call, "line", 3));
    refused("sell DIR --top 1 --top 2", "--top is given twice");
    refused("sell DIR --at=1 --at 1", "--at is given twice");
    refused("sell DIR -o a -ob", "-o is given twice");
    refused("register DIR --name Kim --name Lee", "--name is given twice");
    cr_expect_str_eq(call.error.field, "name");
}

Test(parse, values_that_begin_with_a_dash) {
    parse("sell DIR --top -3 --at=-x -o - --line -.5");
    cr_expect_str_eq(call_option(&call, "top"), "-3");
    cr_expect_str_eq(call_option(&call, "at"), "-x");
    cr_expect_str_eq(call_option(&call, "o"), "-");
    cr_expect_str_eq(call_option(&call, "line"), "-.5");
    refused("sell DIR --at --json", "--at needs a value: --at T");
    cr_expect(call.json);
    cr_expect_str_eq(call.error.field, "at");
    refused("sell DIR --at", "needs a value");
    refused("sell DIR -o", "-o needs a value: -o FILE");
    refused("sell DIR --dry-run=yes", "switch");
    static const char *const taken[] = {"-5%", "--promised", "-ofile", "--o", "---", "-top", "--tops=1"};
    for (size_t i = 0; i < sizeof taken / sizeof *taken; i++) {
        char line[60];
        snprintf(line, sizeof line, "sell DIR --at %s", taken[i]);
        cr_assert_eq(parse(line), PARSE_RUN, "%s: %s", line, call.error.text);
        cr_expect_str_eq(call_option(&call, "at"), taken[i]);
    }
    static const char *const options[] = {"--top", "--top=5", "--at", "-o", "--dry-run", "--help", "-h", "--"};
    for (size_t i = 0; i < sizeof options / sizeof *options; i++) {
        char line[60];
        snprintf(line, sizeof line, "sell DIR --at %s 7", options[i]);
        refused(line, "--at needs a value: --at T");
    }
    parse("sell DIR --at= -ofile");
    cr_expect_str_eq(call_option(&call, "at"), "");
    cr_expect_str_eq(call_option(&call, "o"), "file");
}

Test(parse, two_dashes_end_the_options) {
    positions("sell DIR -- --top --json - --", "DIR", "--top --json - --");
    cr_expect(!call.json);
    positions("sell DIR - x", "DIR", "- x");
}

Test(parse, unknown_words_are_refused_with_a_hint) {
    refused("", "the command is missing");
    refused("sel DIR", "did you mean \"sell\"?");
    refused("dance DIR", "there is no command \"dance\"");
    cr_expect_null(strstr(call.error.text, "mean"));
    refused("sell DIR --tpo 5", "did you mean --top?");
    cr_expect_str_eq(call.error.field, "tpo");
    refused("sell DIR --lnie x", "did you mean --line?");
    refused("sell DIR --jsno", "did you mean --json?");
    refused("sell DIR --frobnicate", "sell has no option --frobnicate");
    refused("sell DIR -x", "sell has no option -x");
    refused("--top 5 sell DIR", "--top stands before the command");
    refused("register DIR --nmae x", "did you mean --name?");
    refused("sell DIR --=x", "no option");
}

Test(parse, options_go_with_their_arguments_and_each_other) {
    positions("act DIR open --card C --text t --at now", "DIR", "open");
    positions("act DIR step 1-1 outcome --score 5", "DIR", "step 1-1 outcome");
    positions("act DIR --score 5 step 1-1 follow-up", "DIR", "step 1-1 follow-up");
    positions("act DIR dance --score 5", "DIR", "dance"); /* the command says what is wrong with that */
    positions("show DIR --card C", "DIR", "");
    positions("show DIR 1-1", "DIR", "1-1");
    refused("act DIR open --score 5", "--score goes with step … outcome or step … follow-up only");
    cr_expect_str_eq(call.error.field, "score");
    refused("act DIR step 1-1 listen --score 5", "--score goes with");
    refused("act DIR step 1-1 --score 5", "--score goes with");
    refused("act DIR step 1-1 outcome --card C", "--card goes with open only");
    refused("act DIR show 1-1 --text t", "--text does not go with show");
    refused("act DIR show 1-1 --at now", "--at does not go with show");
    refused("act DIR open --card C --phone P", "--card and --phone do not go together");
    refused("show DIR --phone P --card C", "--phone and --card do not go together");
    refused("show DIR 1-1 --card C", "--card stands in place of \"1-1\"");
}

Test(parse, arguments_are_counted) {
    refused("link DIR 1-1", "an argument is missing");
    refused("link DIR", "arguments are missing");
    refused("link DIR 1-1 1-2 1-3", "too many: \"1-3\"");
    refused("init DIR more", "too many: \"more\"");
    refused("init", "DANGOL_DIR");
    positions("link DIR 1-1 1-2", "DIR", "1-1 1-2");
}

Test(parse, the_directory_may_come_from_the_environment) {
    usual = "home";
    positions("init", "home", "");
    positions("init new", "new", "");
    positions("link 1-1 1-2", "home", "1-1 1-2");
    positions("link DIR 1-1 1-2", "DIR", "1-1 1-2");
    positions("customer 1-1", "home", "1-1");
    positions("customer data", "data", "");
    positions("customer data 1-1", "data", "1-1");
    positions("customer elsewhere 1-1", "elsewhere", "1-1");
    positions("sell a b", "home", "a b");
    positions("sell data b", "data", "b");
    positions("restore copy", "home", "copy");
    refused("link 1-1", "missing");
    refused("link a b c d", "too many");
}

Test(parse, the_directory_of_a_restore_is_the_last_word) {
    positions("restore copy DIR", "DIR", "copy");
    refused("restore copy", "missing");
    refused("restore a b c", "too many");
}

Test(parse, fields_of_the_customer_file_are_options) {
    cr_assert_eq(parse("register DIR --name Kim --phone 010 --hobbies=go --staff 7 --note n"), PARSE_RUN);
    cr_expect_str_eq(call_option(&call, "name"), "Kim");
    cr_expect_str_eq(call_option(&call, "hobbies"), "go");
    cr_expect_str_eq(call_option(&call, "note"), "n");
    cr_expect_str_eq(call_option(&call, "staff"), "7");
    refused("sell DIR --name Kim", "no option --name");
    refused("register DIR --told yes", "no option --told");
    refused("register DIR --name", "--name needs a value");
}

Test(parse, help_and_version_need_nothing_else) {
    cr_expect_eq(parse("--help"), PARSE_HELP);
    cr_expect_null(call.command);
    cr_expect_eq(parse("-h"), PARSE_HELP);
    cr_expect_eq(parse("link --help"), PARSE_HELP);
    cr_expect_str_eq(call.command->name, "link");
    cr_expect_eq(parse("--help sell"), PARSE_HELP);
    cr_expect_str_eq(call.command->name, "sell");
    cr_expect_eq(parse("--version"), PARSE_VERSION);
    cr_expect_eq(parse("help"), PARSE_HELP);
    cr_expect_null(call.command);
    cr_expect_eq(parse("help link"), PARSE_HELP);
    cr_expect_str_eq(call.command->name, "link");
    refused("help lnik", "did you mean \"link\"?");
    refused("hepl", "did you mean \"help\"?");
    positions("customer DIR help", "DIR", "help");
}

Test(parse, json_is_known_even_before_an_error) {
    cr_assert_eq(parse("dance --json"), ERR_USAGE);
    cr_expect(call.json);
    cr_assert_eq(parse("--json sell DIR"), PARSE_RUN);
    cr_expect(call.json);
    cr_assert_eq(parse("sell DIR"), PARSE_RUN);
    cr_expect(!call.json);
}

Test(parse, a_call_goes_into_words_and_back) {
    parse("sell DIR -o=-x --line=a,1,1 x --dry-run --line b --json --at= -- --top");
    cr_assert_eq(call.error.code, 0, "%s", call.error.text);
    struct buf text = BUF_INIT;
    parse_unparse(&call, &text);
    const char *words[20];
    int count = 0;
    for (size_t at = 0; at < text.len; at += strlen(words[count++]) + 1) words[count] = (const char *)text.data + at;
    struct call again = {.program = &program};
    cr_assert_eq(parse_words(&again, count, words, &(struct parse_place){.given = "there"}), PARSE_RUN, "%s",
                 again.error.text);
    cr_expect_str_eq(again.directory, "there");
    cr_expect(again.json);
    cr_assert_eq(again.argc, 2);
    cr_expect_str_eq(again.argv[0], "x");
    cr_expect_str_eq(again.argv[1], "--top");
    cr_assert_eq(again.given_count, call.given_count);
    for (size_t i = 0; i < call.given_count; i++) {
        cr_expect_str_eq(again.given_names[i], call.given_names[i]);
        if (call.given_values[i] == NULL)
            cr_expect_null(again.given_values[i]);
        else
            cr_expect_str_eq(again.given_values[i], call.given_values[i]);
    }
    call_release(&again);
    buf_release(&text);
}

/* ---- Help and errors as people see them ---- */

struct told {
    char *text;
    size_t len;
    FILE *out;
};

static FILE *told_open(struct told *told) { return told->out = open_memstream(&told->text, &told->len); }

static void told_says(struct told *told, const char *const *parts) {
    fclose(told->out);
    for (; *parts != NULL; parts++)
        cr_expect(strstr(told->text, *parts) != NULL, "no \"%s\" in:\n%s", *parts, told->text);
    free(told->text);
}

Test(parse, help_comes_from_the_tables) {
    struct told told;
    help_program(&program, told_open(&told));
    told_says(&told, (const char *const[]){"dangol-test", "a program for tests", "  sell ", "  link ", "joins", NULL});
    help_command(&program, &trade[0], told_open(&told));
    told_says(&told,
              (const char *const[]){"Usage: dangol-test sell DIR [ARGUMENT …] [OPTION …]\n", "--dry-run", "-o FILE",
                                    "--line SKU,QTY,AMOUNT …", "--at T", "when it happened", "--json", NULL});
    help_command(&program, &trade[1], told_open(&told));
    told_says(&told, (const char *const[]){"--name TEXT", "--hobbies TEXT", "--note WORDS", NULL});
    help_command(&program, &desk[0], told_open(&told));
    told_says(&told, (const char *const[]){"Words:", "step ID STEP", "goes on", "open: whose it is",
                                           "step … outcome or step … follow-up: the mark", "  what was said", NULL});
    help_command(&program, &desk[3], told_open(&told));
    told_says(&told, (const char *const[]){"Usage: dangol-test restore BACKUP DIR\n", NULL});
}

/* The line on stderr; the caller's to free. */
static char *line_of(int code, int status) {
    struct told told;
    call.err_out = told_open(&told);
    cr_expect_eq(call_refused(&call, code), status);
    fclose(told.out);
    return told.text;
}

static void told_line(int code, int status, const char *expected) {
    char *line = line_of(code, status);
    cr_expect_str_eq(line, expected);
    free(line);
}

Test(parse, an_error_is_one_line) {
    parse("link DIR");
    told_line(ERR_USAGE, EXIT_USAGE, "dangol-test: link: arguments are missing (usage: dangol-test link DIR ID ID)\n");
    parse("dance");
    told_line(ERR_USAGE, EXIT_USAGE,
              "dangol-test: there is no command \"dance\" (usage: dangol-test COMMAND DIR [ARGUMENT …])\n");
    parse("sell DIR --at x");
    err_set(&call.error, ERR_INVALID, "at", "\"x\" is not a time\nreally");
    char *line = line_of(ERR_INVALID, EXIT_REFUSED);
    cr_expect_eq(strncmp(line, "dangol-test: --at: \"x\" is not a time", 36), 0, "%s", line);
    cr_expect_eq(strchr(line, '\n'), line + strlen(line) - 1);
    free(line);
    err_set(&call.error, ERR_INVALID, "at", "--at lies in the future");
    told_line(ERR_INVALID, EXIT_REFUSED, "dangol-test: --at lies in the future\n");
    err_set(&call.error, ERR_INVALID, "amount", "12 is too much");
    told_line(ERR_INVALID, EXIT_REFUSED, "dangol-test: amount: 12 is too much\n");
}

Test(parse, an_error_as_json) {
    parse("sell DIR --json");
    err_set(&call.error, ERR_NOT_FOUND, "at", "\"quoted\" 김");
    told_line(ERR_NOT_FOUND, EXIT_REFUSED,
              "{\"error\":{\"code\":\"not_found\",\"message\":\"\\\"quoted\\\" 김\",\"field\":\"at\"}}\n");
    parse("dance --json");
    told_line(ERR_USAGE, EXIT_USAGE,
              "{\"error\":{\"code\":\"usage\",\"message\":\"there is no command \\\"dance\\\"\",\"field\":null}}\n");
    parse("sell DIR --json");
    told_line(ERR_IO, EXIT_REFUSED,
              "{\"error\":{\"code\":\"io\",\"message\":\"the command failed: io\",\"field\":null}}\n");
}

/* ---- Values ---- */

Test(parse, numbers_are_whole_and_in_range) {
    int64_t value;
    parse("sell DIR --top 12");
    cr_expect_eq(call_number(&call, "top", 1, 100, 7, &value), 0);
    cr_expect_eq(value, 12);
    cr_expect_eq(call_number(&call, "line", 1, 100, 7, &value), 0);
    cr_expect_eq(value, 7);
    static const char *const wrong[] = {"0", "-1", "101", "many", "1.5", "1e1", "99999999999999999999", "--top="};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        char line[60];
        snprintf(line, sizeof line, "sell DIR --top=%s", wrong[i]);
        parse(line);
        cr_expect_eq(call_number(&call, "top", 1, 100, 7, &value), ERR_INVALID, "%s", wrong[i]);
        cr_expect_str_eq(call.error.field, "top");
        cr_expect(strstr(call.error.text, wrong[i]) != NULL, "%s", call.error.text);
    }
    parse("sell DIR --top -5");
    cr_expect_eq(call_number(&call, "top", INT64_MIN, INT64_MAX, 0, &value), 0);
    cr_expect_eq(value, -5);
}

Test(parse, ids) {
    uint64_t id = 0;
    parse("sell DIR");
    cr_expect_eq(call_id(&call, "customer", "12-845", &id), 0);
    cr_expect_eq(id, id_make(12, 845));
    static const char *const wrong[] = {"", "twelve", "12", "12-", "-845", "12-0", "12-845x"};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        cr_expect_eq(call_id(&call, "customer", wrong[i], &id), ERR_INVALID, "%s", wrong[i]);
        cr_expect_str_eq(call.error.field, "customer");
        cr_expect(strstr(call.error.text, wrong[i]) != NULL);
    }
    cr_expect_eq(call_id(&call, NULL, "x", &id), ERR_INVALID);
    cr_expect_eq(call_id(&call, NULL, NULL, &id), ERR_INVALID);
}

Test(parse, times_dates_and_money_are_the_regions) {
    struct site site = {.zone = zone_fixed(9 * 3600000), .currency = {"USD", 2}};
    int64_t value;
    struct date date;
    parse("sell DIR --at 2024-03-01");
    call.site = &site;
    cr_expect_eq(call_time(&call, "at", false, 5, &value), 0);
    cr_expect_eq(value, INT64_C(1709218800000));
    cr_expect_eq(call_time(&call, "at", true, 5, &value), 0);
    cr_expect_eq(value, INT64_C(1709218800000) + DAY_MS - 1);
    cr_expect_eq(call_time(&call, "line", true, 5, &value), 0);
    cr_expect_eq(value, 5);
    cr_expect_eq(call_date(&call, "at", (struct date){0, 0, 0}, &date), 0);
    cr_expect_eq(date.day, 1);
    cr_expect_eq(call_date(&call, "line", (struct date){2000, 1, 2}, &date), 0);
    cr_expect_eq(date.year, 2000);
    cr_expect_eq(call_money(&call, "cost", view_of("12.50"), &value), 0);
    cr_expect_eq(value, 1250);
    cr_expect_eq(call_money(&call, "cost", view_of("12.505"), &value), ERR_INVALID);
    cr_expect_str_eq(call.error.field, "cost");
    parse("sell DIR --at 2024-02-30");
    call.site = &site;
    cr_expect_eq(call_time(&call, "at", false, 5, &value), ERR_INVALID);
    cr_expect_str_eq(call.error.field, "at");
    cr_expect_eq(call_date(&call, "at", (struct date){0, 0, 0}, &date), ERR_INVALID);
    cr_expect_str_eq(call.error.field, "at");
}
