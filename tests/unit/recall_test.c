/* The recall card's birthday. */
#include <criterion/criterion.h>

#include "proto/command/recall.h"

Test(recall, C6_days_to_a_birthday_around_it_and_over_new_year) {
    cr_assert_eq(recall_days_to((struct date){2026, 5, 10}, 5, 10), 0);
    cr_assert_eq(recall_days_to((struct date){2026, 5, 9}, 5, 10), 1);
    cr_assert_eq(recall_days_to((struct date){2026, 5, 11}, 5, 10), 364);
    cr_assert_eq(recall_days_to((struct date){2027, 5, 11}, 5, 10), 365, "over a leap day");
    cr_assert_eq(recall_days_to((struct date){2026, 12, 30}, 1, 2), 3);
}

Test(recall, C6_a_leap_day_is_kept_on_the_28th_of_common_years) {
    cr_assert_eq(recall_days_to((struct date){2024, 2, 28}, 2, 29), 1);
    cr_assert_eq(recall_days_to((struct date){2024, 2, 29}, 2, 29), 0);
    cr_assert_eq(recall_days_to((struct date){2025, 2, 27}, 2, 29), 1);
    cr_assert_eq(recall_days_to((struct date){2025, 2, 28}, 2, 29), 0);
    cr_assert_eq(recall_days_to((struct date){2025, 3, 1}, 2, 29), 364);
    cr_assert_eq(recall_days_to((struct date){2027, 3, 1}, 2, 29), 365);
}
