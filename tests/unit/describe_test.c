/* The catalogue as data, and its table. */
#include "proto/event/describe.h"

#include <criterion/criterion.h>
#include <string.h>

Test(describe, every_event_is_found_by_number_and_name) {
    const struct event_info *info;
    size_t count = 0;
    for (; (info = event_info_at(count)) != NULL; count++) {
        cr_assert_eq(event_info(info->number), info);
        cr_assert_eq(event_info_named(info->name), info);
        cr_assert_leq(info->sealed_count, 64); /* the bits of the bitmap */
        for (size_t i = 0; i < info->count; i++)
            cr_assert_eq(info->fields[i].kind == KIND_SEALED, i >= info->count - info->sealed_count);
    }
    cr_assert_gt(count, 20);
    cr_assert_null(event_info(0));
    cr_assert_null(event_info(UINT16_MAX));
    cr_assert_null(event_info_named("bought"));
}

Test(describe, the_customer_file_is_the_same_in_both_events) {
    const struct event_info *a = event_info(EVENT_registered), *b = event_info(EVENT_updated);
    cr_assert_eq(a->sealed_count, b->sealed_count);
    for (size_t bit = 0; bit < a->sealed_count; bit++) {
        const struct field_info *x = &a->fields[a->count - a->sealed_count + bit];
        const struct field_info *y = &b->fields[b->count - b->sealed_count + bit];
        cr_assert_str_eq(x->name, y->name);
        cr_assert_eq(event_sealed_bit(b, view_of(x->name)), (int)bit);
    }
    cr_assert_eq(event_sealed_bit(a, view_of("name")), SEALED_registered_name);
    cr_assert_eq(event_sealed_bit(b, view_of("custom")), SEALED_updated_custom);
    cr_assert_eq(event_sealed_bit(a, view_of("told")), -1);
    cr_assert_eq(event_sealed_bit(a, view_of("nam")), -1);
}

Test(describe, sealed_fields_are_set_by_bit) {
    struct event e;
    const struct event_info *info = event_info(EVENT_registered);
    event_init(&e, EVENT_registered);
    event_sealed_set(&e, info, SEALED_registered_card, view_of("77"));
    cr_assert(view_is(e.body.registered.card, "77"));
    cr_assert(view_is(event_sealed_view(&e, info, SEALED_registered_card), "77"));
    cr_assert_eq(e.sealed_bits, 1u << SEALED_registered_card);
}

Test(describe, choices_are_words) {
    int64_t number = 0;
    struct err err = {0};
    cr_assert_str_eq(choice_word(&choices_step, choice_step_follow_up), "follow-up");
    cr_assert_null(choice_word(&choices_step, 0));
    cr_assert_null(choice_word(&choices_step, 10));
    cr_assert_str_eq(choice_name(&choices_contact_kind), "contact_kind");
    cr_assert_eq(choice_parse(&choices_step, "step", view_of("follow-up"), &number, NULL), 0);
    cr_assert_eq(number, choice_step_follow_up);
    cr_assert_eq(choice_parse(&choices_purpose, "purpose", view_of("\x1b[31mads"), &number, &err), ERR_INVALID);
    cr_assert_str_eq(err.field, "purpose");
    cr_assert_null(strchr(err.text, '\x1b'));
    cr_assert_not_null(strstr(err.text, "is not one of: service, news"), "%s", err.text);
    cr_assert_eq(choice_parse(&choices_purpose, "purpose", VIEW_NONE, &number, &err), ERR_INVALID);
    cr_assert_eq(choice_parse(&choices_purpose, "purpose", view_of("Service"), &number, &err), ERR_INVALID);
    char long_word[1000];
    memset(long_word, 'w', sizeof long_word);
    cr_assert_eq(choice_parse(&choices_purpose, "purpose", view_make(long_word, sizeof long_word), &number, &err),
                 ERR_INVALID);
    cr_assert_not_null(strstr(err.text, "news"));
    cr_assert_eq(number, choice_step_follow_up);
}

Test(describe, the_table_has_a_line_for_everything) {
    struct buf table = BUF_INIT;
    const struct event_info *info;
    char line[400];
    catalogue_markdown(&table);
    const char *text = buf_text(&table);
    for (size_t at = 0; (info = event_info_at(at)) != NULL; at++) {
        snprintf(line, sizeof line, "#### %u %s\n\n%s Version %u.\n\n| field |", info->number, info->name, info->doc,
                 info->version);
        const char *section = strstr(text, line);
        cr_assert_not_null(section, "%s", info->name);
        for (size_t i = 0; i < info->count; i++) {
            snprintf(line, sizeof line, "\n| %s | ", info->fields[i].name);
            section = strstr(section, line); /* in their order */
            cr_assert_not_null(section, "%s.%s", info->name, info->fields[i].name);
        }
    }
    cr_assert_not_null(strstr(text, "| lines | [sale_line](#sale_line) × 1–2000 | required | what was sold"));
    cr_assert_not_null(strstr(text, "| phone | text ≤ 64 | sealed, bit 1 | strong key; as first written |"));
    cr_assert_not_null(strstr(text, "#### sale_line\n"));
    cr_assert_not_null(strstr(text, "#### contact_kind\n"));
    cr_assert_not_null(strstr(text, "| 9 | follow-up | follow up |\n"));
    buf_release(&table);
}
