/* SPDX-License-Identifier: MPL-2.0
 * Copyright the pvsboot authors */
#include "pxe-proxy/delay.h"
#include "tests/unit/unit.h"

enum { BEGIN_MS = 1000000 };

static struct delay *delay;

static void
begin(void)
{
	ck_assert_int_eq(delay_new(BEGIN_MS, &delay), 0);
}

static void
end(void)
{
	delay_free(delay);
}

/* The reply number n to a machine. */
static struct delayed
reply_to(unsigned machine, uint8_t n)
{
	return (struct delayed){.to = EXCHANGE_TO_LINK,
	    .mac = {{2, 0, 0, 0, (uint8_t)(machine >> 8), (uint8_t)machine}},
	    .ifindex = machine,
	    .len = 2,
	    .bytes = {0xaa, n}};
}

static bool
put(unsigned machine, uint8_t n, uint64_t due_ms)
{
	struct delayed reply = reply_to(machine, n);
	return delay_put(delay, &reply, due_ms);
}

static void
assert_pops(unsigned machine, uint8_t n, uint64_t now_ms)
{
	struct delayed want = reply_to(machine, n);
	const struct delayed *reply = delay_pop(delay, now_ms);
	ck_assert_ptr_nonnull(reply);
	ck_assert(mac_equal(&reply->mac, &want.mac));
	ck_assert_int_eq(reply->to, want.to);
	ck_assert_uint_eq(reply->ifindex, want.ifindex);
	ck_assert_uint_eq(reply->len, want.len);
	ck_assert_mem_eq(reply->bytes, want.bytes, want.len);
}

START_TEST(a_reply_goes_when_it_is_due)
{
	ck_assert(delay_is_empty(delay));
	ck_assert(put(1, 1, BEGIN_MS + 2000));
	ck_assert(put(2, 2, BEGIN_MS + 1000));
	ck_assert(!delay_is_empty(delay));
	ck_assert_ptr_null(delay_pop(delay, BEGIN_MS + 999));
	assert_pops(2, 2, BEGIN_MS + 1000);
	ck_assert_ptr_null(delay_pop(delay, BEGIN_MS + 1999));
	assert_pops(1, 1, BEGIN_MS + 2000);
	ck_assert(delay_is_empty(delay));
	ck_assert_ptr_null(delay_pop(delay, BEGIN_MS + 3600000));
}
END_TEST

START_TEST(the_later_reply_goes_when_the_earlier_was_due)
{
	ck_assert(put(1, 1, BEGIN_MS + 5000));
	ck_assert(put(1, 2, BEGIN_MS + 9000));
	ck_assert_ptr_null(delay_pop(delay, BEGIN_MS + 4999));
	assert_pops(1, 2, BEGIN_MS + 5000);
	ck_assert(delay_is_empty(delay));
	ck_assert(put(1, 3, BEGIN_MS + 9000));
	ck_assert(put(1, 4, BEGIN_MS + 8000));
	assert_pops(1, 4, BEGIN_MS + 8000);
	ck_assert(delay_is_empty(delay));
	ck_assert_ptr_null(delay_pop(delay, BEGIN_MS + 3600000));
}
END_TEST

START_TEST(what_does_not_fit_is_refused_and_what_is_there_stays)
{
	for (unsigned machine = 0; machine < DELAY_MAX; machine++) {
		ck_assert(put(machine, 1, BEGIN_MS + machine));
	}
	ck_assert(!put(DELAY_MAX, 1, BEGIN_MS));
	ck_assert(put(DELAY_MAX - 1, 2, BEGIN_MS + DELAY_MAX)); /* has its place */
	assert_pops(0, 1, BEGIN_MS);
	ck_assert(put(DELAY_MAX, 1, BEGIN_MS + 60000));
	ck_assert(!put(DELAY_MAX + 1, 1, BEGIN_MS));
	for (unsigned machine = 1; machine < DELAY_MAX; machine++) {
		uint8_t n = machine == DELAY_MAX - 1 ? 2 : 1;
		assert_pops(machine, n, BEGIN_MS + machine);
	}
	assert_pops(DELAY_MAX, 1, BEGIN_MS + 60000);
	ck_assert(delay_is_empty(delay));
}
END_TEST

START_TEST(a_popped_reply_lasts_until_the_next_call)
{
	ck_assert(put(1, 1, BEGIN_MS));
	const struct delayed *reply = delay_pop(delay, BEGIN_MS);
	ck_assert_ptr_nonnull(reply);
	ck_assert(delay_is_empty(delay));
	ck_assert_uint_eq(reply->bytes[1], 1);
	ck_assert(put(1, 2, BEGIN_MS + 10));
	assert_pops(1, 2, BEGIN_MS + 10);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("delay");
	TCase *all = tcase_create("delay");
	tcase_add_checked_fixture(all, begin, end);
	tcase_add_test(all, a_reply_goes_when_it_is_due);
	tcase_add_test(all, the_later_reply_goes_when_the_earlier_was_due);
	tcase_add_test(all, what_does_not_fit_is_refused_and_what_is_there_stays);
	tcase_add_test(all, a_popped_reply_lasts_until_the_next_call);
	suite_add_tcase(suite, all);
	return unit_run(suite);
}
