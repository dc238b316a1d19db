/* SPDX-License-Identifier: MPL-2.0
 * Copyright the pvsboot authors */
#include "pxe-proxy/findings.h"
#include "tests/unit/unit.h"

enum { UNTOLD = -1 };

static struct findings findings;

static void
begin(void)
{
	findings = (struct findings){.kinds = {{.next = 0}}};
}

/* How many were withheld before this one, or UNTOLD. */
static int
pass(enum event_finding finding, unsigned machine, uint32_t server, uint64_t now_ms)
{
	struct found found = {.finding = finding,
	    .mac = {{2, 0, 0, 0, (uint8_t)(machine >> 8), (uint8_t)machine}},
	    .server = server};
	uint64_t withheld = 77;
	if (!findings_pass(&findings, &found, now_ms, &withheld)) {
		ck_assert_uint_eq(withheld, 77);
		return UNTOLD;
	}
	return (int)withheld;
}

START_TEST(the_same_is_told_again_after_ten_minutes)
{
	ck_assert_int_eq(pass(EVENT_OTHER_PROXY, 1, 9, 5000), 0);
	ck_assert_int_eq(pass(EVENT_OTHER_PROXY, 1, 9, 5000), UNTOLD);
	ck_assert_int_eq(pass(EVENT_OTHER_PROXY, 1, 9, 604999), UNTOLD);
	ck_assert_int_eq(pass(EVENT_OTHER_PROXY, 1, 9, 605000), 2);
	ck_assert_int_eq(pass(EVENT_OTHER_PROXY, 1, 9, 605001), UNTOLD);
}
END_TEST

START_TEST(another_machine_server_or_finding_is_another)
{
	ck_assert_int_eq(pass(EVENT_OTHER_PROXY, 1, 9, 0), 0);
	ck_assert_int_eq(pass(EVENT_OTHER_PROXY, 2, 9, 0), 0);
	ck_assert_int_eq(pass(EVENT_OTHER_PROXY, 1, 8, 0), 0);
	ck_assert_int_eq(pass(EVENT_NO_SHOW, 1, 9, 0), 0);
}
END_TEST

START_TEST(of_one_kind_ten_are_told_and_then_one_in_six_seconds)
{
	unsigned machine = 0;
	for (; machine < FINDINGS_SAVED; machine++) {
		ck_assert_int_eq(pass(EVENT_NO_SHOW, machine, 9, 100000), 0);
	}
	ck_assert_int_eq(pass(EVENT_NO_SHOW, machine, 9, 100000), UNTOLD);
	ck_assert_int_eq(pass(EVENT_NO_SHOW, machine, 9, 105999), UNTOLD);
	ck_assert_int_eq(pass(EVENT_NO_SHOW, machine, 9, 106000), 2);
	ck_assert_int_eq(pass(EVENT_NO_SHOW, machine + 1, 9, 106000), UNTOLD);
	/* another kind has its own */
	ck_assert_int_eq(pass(EVENT_OFFER_REFUSED, machine, 9, 106000), 0);
	/* what is not used is saved up, ten at most */
	for (machine = 100; machine < 100 + FINDINGS_SAVED; machine++) {
		ck_assert_int_eq(
		    pass(EVENT_NO_SHOW, machine, 9, 300000), machine == 100 ? 1 : 0);
	}
	ck_assert_int_eq(pass(EVENT_NO_SHOW, machine, 9, 300000), UNTOLD);
}
END_TEST

START_TEST(in_the_worst_ten_minutes_nothing_is_told_twice)
{
	unsigned told = 0;
	unsigned machine = 0;
	for (uint64_t now_ms = 1; now_ms < FINDINGS_AGAIN_MS; now_ms += 1000) {
		while (pass(EVENT_OTHER_PROXY, machine, 9, now_ms) != UNTOLD) {
			machine++;
			told++;
		}
	}
	ck_assert_uint_eq(
	    told, FINDINGS_SAVED + FINDINGS_AGAIN_MS / FINDINGS_EACH_MS - 1);
	findings.kinds[EVENT_OTHER_PROXY].full_ms = 0; /* let it not be the bucket */
	for (unsigned again = 0; again < told; again++) {
		ck_assert_int_eq(
		    pass(EVENT_OTHER_PROXY, again, 9, FINDINGS_AGAIN_MS - 1), UNTOLD);
	}
}
END_TEST

START_TEST(every_finding_has_a_remedy_that_fits_its_event)
{
	for (unsigned f = EVENT_OTHER_PROXY; f < EVENT_FINDINGS; f++) {
		const char *remedy = findings_remedy((enum event_finding)f);
		ck_assert_ptr_nonnull(remedy);
		ck_assert_uint_le(strlen(remedy), EVENT_TEXT_MAX);
	}
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("findings");
	TCase *all = tcase_create("findings");
	tcase_add_checked_fixture(all, begin, NULL);
	tcase_add_test(all, the_same_is_told_again_after_ten_minutes);
	tcase_add_test(all, another_machine_server_or_finding_is_another);
	tcase_add_test(all, of_one_kind_ten_are_told_and_then_one_in_six_seconds);
	tcase_add_test(all, in_the_worst_ten_minutes_nothing_is_told_twice);
	tcase_add_test(all, every_finding_has_a_remedy_that_fits_its_event);
	suite_add_tcase(suite, all);
	return unit_run(suite);
}
