#include "proto/command/file_values.h"

#include <jansson.h>

#define SHOWN 40 /* bytes of what was written that an error repeats */

#define OLDEST 130

/* "42", "1990": an age or a year of birth; -1: it is no such number. */
static int64_t short_number(struct view text) {
    int64_t number = 0;
    if (text.len == 0 || text.len > 4) return -1;
    for (size_t i = 0; i < text.len; i++) {
        if (text.data[i] < '0' || text.data[i] > '9') return -1;
        number = number * 10 + (text.data[i] - '0');
    }
    return number;
}

static int check_age(int64_t number, bool is_year, struct date today, struct err *err) {
    int64_t age = is_year ? today.year - number : number;
    if (age < 0) return err_set(err, ERR_INVALID, "birthday", "'%lld' has not come yet", (long long)number);
    if (age <= OLDEST) return 0;
    return err_set(err, ERR_INVALID, "birthday", "'%lld' would be more than %d years ago", (long long)number, OLDEST);
}

int check_birthday(struct view written, struct date today, struct err *err) {
    int64_t number = short_number(written);
    if (number >= 0) return check_age(number, written.len == 4, today, err);
    struct date date;
    struct buf text = BUF_INIT;
    bool short_form = written.len == 5; /* in a leap year, so that 02-29 is one */
    buf_printf(&text, "%s%.*s", short_form ? "2000-" : "", (int)(written.len < SHOWN ? written.len : SHOWN),
               (const char *)written.data);
    int code = date_parse(buf_view(&text), &date, NULL);
    if (code != 0)
        err_set(err, code, "birthday",
                "'%s' is no date; write 1990-05-01, 05-01 without the year, the year 1990, or the age",
                buf_text(&text) + (short_form ? 5 : 0));
    else if (!short_form && date_to_days(date) > date_to_days(today))
        code = err_set(err, ERR_INVALID, "birthday", "'%s' has not come yet", buf_text(&text));
    buf_release(&text);
    return code;
}

int check_custom(struct view written, struct err *err) {
    json_error_t fault;
    json_t *document = json_loadb((const char *)written.data, written.len, JSON_REJECT_DUPLICATES, &fault);
    int code = 0;
    if (document == NULL)
        code = err_set(err, ERR_INVALID, "custom", "is not JSON at line %d, column %d: %s", fault.line, fault.column,
                       fault.text);
    else if (!json_is_object(document))
        code = err_set(err, ERR_INVALID, "custom", "is not a JSON object such as {\"club\": \"gold\"}");
    json_decref(document);
    return code;
}
