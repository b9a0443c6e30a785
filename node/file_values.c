#include "node/file_values.h"

#include <jansson.h>

#define SHOWN 40 /* bytes of what was written that an error repeats */

int check_birthday(struct view written, struct date today, struct err *err) {
    struct date date;
    struct buf text = BUF_INIT;
    bool short_form = written.len == 5; /* in a leap year, so that 02-29 is one */
    buf_printf(&text, "%s%.*s", short_form ? "2000-" : "", (int)(written.len < SHOWN ? written.len : SHOWN),
               (const char *)written.data);
    int code = date_parse(buf_view(&text), &date, NULL);
    if (code != 0)
        err_set(err, code, "birthday", "'%s' is no date; write 1990-05-01, or 05-01 without the year",
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
