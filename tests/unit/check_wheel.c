/* SPDX-License-Identifier: MPL-2.0
 * Copyright the pvsboot authors */
#include "lib/base/wheel.h"
#include "tests/unit/unit.h"

static struct wheel wheel;

START_TEST(nothing_is_due_early_and_all_within_a_slot)
{
	static const uint64_t dues[] = {
	    1000, 1001, 1009, 1010, 1500, 11239, 11240, 11241, 30000, 256000};
	enum { COUNT = sizeof(dues) / sizeof(dues[0]) };
	struct wheel_entry entries[COUNT] = {{.next = NULL}};
	unsigned popped = 0;
	wheel_init(&wheel, 1000);
	for (unsigned i = 0; i < COUNT; i++) {
		wheel_set(&wheel, &entries[i], dues[i]);
	}
	for (uint64_t now_ms = 1000; now_ms <= 256010; now_ms++) {
		struct wheel_entry *entry;
		while ((entry = wheel_pop(&wheel, now_ms)) != NULL) {
			ck_assert_uint_ge(now_ms, entry->due_ms);
			ck_assert_uint_lt(now_ms, entry->due_ms + WHEEL_SLOT_MS);
			popped++;
		}
	}
	ck_assert_uint_eq(popped, COUNT);
}
END_TEST

START_TEST(after_a_long_pause_everything_is_due)
{
	struct wheel_entry entries[100] = {{.next = NULL}};
	unsigned popped = 0;
	wheel_init(&wheel, 0);
	for (unsigned i = 0; i < 100; i++) {
		wheel_set(&wheel, &entries[i], 97ull * i);
	}
	while (wheel_pop(&wheel, 3600000) != NULL) {
		popped++;
	}
	ck_assert_uint_eq(popped, 100);
	wheel_set(&wheel, &entries[0], 3600050);
	ck_assert_ptr_null(wheel_pop(&wheel, 3600049));
	ck_assert_ptr_eq(wheel_pop(&wheel, 3600050), &entries[0]);
}
END_TEST

START_TEST(an_entry_moves_and_leaves)
{
	struct wheel_entry a = {.next = NULL};
	struct wheel_entry b = {.next = NULL};
	wheel_init(&wheel, 0);
	wheel_set(&wheel, &a, 100);
	wheel_set(&wheel, &b, 100);
	wheel_set(&wheel, &a, 200);
	ck_assert_ptr_eq(wheel_pop(&wheel, 150), &b);
	ck_assert_ptr_null(wheel_pop(&wheel, 150));
	wheel_remove(&a);
	wheel_remove(&a);
	ck_assert_ptr_null(wheel_pop(&wheel, 1000));
}
END_TEST

START_TEST(what_is_late_already_is_due_at_once)
{
	struct wheel_entry a = {.next = NULL};
	wheel_init(&wheel, 5000);
	wheel_set(&wheel, &a, 10);
	ck_assert_ptr_eq(wheel_pop(&wheel, 5000), &a);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("wheel");
	TCase *all = tcase_create("wheel");
	tcase_add_test(all, nothing_is_due_early_and_all_within_a_slot);
	tcase_add_test(all, after_a_long_pause_everything_is_due);
	tcase_add_test(all, an_entry_moves_and_leaves);
	tcase_add_test(all, what_is_late_already_is_due_at_once);
	suite_add_tcase(suite, all);
	return unit_run(suite);
}
