/* SPDX-License-Identifier: MPL-2.0
 * Copyright the pvsboot authors */
#include "pxe-proxy/limit.h"
#include "tests/unit/unit.h"

enum {
	BEGIN_MS = 1, /* the clock of a host just started */
	MAC_SAVED = LIMIT_MAC_PER_S * LIMIT_SAVED_S,
	RELAY_SAVED = LIMIT_RELAY_PER_S * LIMIT_SAVED_S,
	SOURCE_SAVED = LIMIT_SOURCE_PER_S * LIMIT_SAVED_S,
	RELAY = 0x0a140001,
};

static struct limit *limit;

static void
begin(void)
{
	ck_assert_int_eq(limit_new(&limit), 0);
}

static void
end(void)
{
	limit_free(limit);
}

static struct mac
mac_of(unsigned n)
{
	return (struct mac){{2, 0, (uint8_t)(n >> 24), (uint8_t)(n >> 16),
	    (uint8_t)(n >> 8), (uint8_t)n}};
}

static bool
pass(unsigned machine, uint32_t relay, uint64_t now_ms)
{
	struct mac mac = mac_of(machine);
	return limit_pass(limit, &mac, relay, now_ms);
}

/* How many of tries pass. */
static unsigned
passed(unsigned machine, unsigned tries, uint64_t now_ms)
{
	unsigned count = 0;
	for (unsigned i = 0; i < tries; i++) {
		count += pass(machine, 0, now_ms);
	}
	return count;
}

START_TEST(a_machine_has_what_is_saved_up_and_then_its_rate)
{
	ck_assert_uint_eq(passed(1, 1000, BEGIN_MS), MAC_SAVED);
	ck_assert_uint_eq(passed(1, 1000, BEGIN_MS + 19), 0);
	ck_assert_uint_eq(passed(1, 1000, BEGIN_MS + 20), 1);
	ck_assert_uint_eq(passed(1, 1000, BEGIN_MS + 1020), LIMIT_MAC_PER_S);
	ck_assert_uint_eq(passed(1, 1000, BEGIN_MS + 3020), MAC_SAVED);
	/* after 2^32 ms, too */
	ck_assert_uint_eq(passed(1, 1000, BEGIN_MS + 3020 + (1ull << 32)), MAC_SAVED);
}
END_TEST

START_TEST(asking_all_the_time_gives_the_rate_and_no_more)
{
	unsigned count = 0;
	for (uint64_t now_ms = 0; now_ms < 60000; now_ms++) {
		count += passed(1, 3, now_ms);
	}
	ck_assert_uint_ge(count, MAC_SAVED + 59 * LIMIT_MAC_PER_S);
	ck_assert_uint_le(count, MAC_SAVED + 60 * LIMIT_MAC_PER_S);
}
END_TEST

START_TEST(a_relay_has_its_rate_for_all_its_machines)
{
	unsigned count = 0;
	for (unsigned machine = 0; machine < RELAY_SAVED + 1000; machine++) {
		count += pass(machine, RELAY, BEGIN_MS);
	}
	ck_assert_uint_eq(count, RELAY_SAVED);
	ck_assert(!pass(1u << 24, RELAY, BEGIN_MS));
	ck_assert(pass(1u << 24, RELAY + 1, BEGIN_MS));
	ck_assert(pass(1u << 24, 0, BEGIN_MS));
	for (count = 0; pass(count, RELAY, BEGIN_MS + 1000); count++) {
	}
	ck_assert_uint_eq(count, LIMIT_RELAY_PER_S);
}
END_TEST

/* Whoever forges its address changes the MACs as well. */
START_TEST(a_source_has_its_rate_for_all_its_machines)
{
	struct mac mac = mac_of(1u << 24);
	unsigned count = 0;
	for (unsigned machine = 0; machine < SOURCE_SAVED + 1000; machine++) {
		struct mac other = mac_of(machine);
		count += limit_pass_source(limit, &other, RELAY, BEGIN_MS);
	}
	ck_assert_uint_eq(count, SOURCE_SAVED);
	ck_assert(!limit_pass_source(limit, &mac, RELAY, BEGIN_MS));
	ck_assert(limit_pass_source(limit, &mac, RELAY + 1, BEGIN_MS));
	ck_assert(limit_pass(limit, &mac, RELAY, BEGIN_MS)); /* one's own matter */
	ck_assert(limit_pass_source(limit, &mac, RELAY, BEGIN_MS + 1));
	ck_assert(!limit_pass_source(limit, &mac, RELAY, BEGIN_MS + 1));
}
END_TEST

START_TEST(a_machine_has_one_rate_at_every_door)
{
	struct mac mac = mac_of(1);
	ck_assert_uint_eq(passed(1, 1000, BEGIN_MS), MAC_SAVED);
	ck_assert(!limit_pass_source(limit, &mac, RELAY, BEGIN_MS));
}
END_TEST

START_TEST(what_one_of_the_two_refuses_costs_the_other_nothing)
{
	ck_assert_uint_eq(passed(1, MAC_SAVED, BEGIN_MS), MAC_SAVED);
	for (unsigned i = 0; i < 2 * RELAY_SAVED; i++) {
		ck_assert(!pass(1, RELAY, BEGIN_MS));
	}
	for (unsigned machine = 2; machine < 2 + RELAY_SAVED; machine++) {
		ck_assert(pass(machine, RELAY, BEGIN_MS));
	}
	for (unsigned i = 0; i < 2 * MAC_SAVED; i++) {
		ck_assert(!pass(1u << 24, RELAY, BEGIN_MS));
	}
	ck_assert_uint_eq(passed(1u << 24, 1000, BEGIN_MS), MAC_SAVED);
}
END_TEST

START_TEST(a_flood_starves_nobody_and_stays_limited_among_many)
{
	unsigned flooder = 0;
	for (unsigned machine = 1; machine <= 100000; machine++) {
		uint64_t now_ms = BEGIN_MS + machine / 100;
		ck_assert(pass(machine, 0, now_ms));
		flooder += pass(0, 0, now_ms);
	}
	ck_assert_uint_le(flooder, MAC_SAVED + LIMIT_MAC_PER_S);
}
END_TEST

START_TEST(four_thousand_that_ask_at_once_are_known)
{
	unsigned known = 0;
	for (unsigned machine = 0; machine < 4096; machine++) {
		ck_assert_uint_eq(passed(machine, MAC_SAVED, BEGIN_MS), MAC_SAVED);
	}
	for (unsigned machine = 0; machine < 4096; machine++) {
		known += !pass(machine, 0, BEGIN_MS);
	}
	/* Chance may lay more than eight of them into one set. */
	ck_assert_uint_ge(known, 4000);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("limit");
	TCase *all = tcase_create("limit");
	tcase_add_checked_fixture(all, begin, end);
	tcase_add_test(all, a_machine_has_what_is_saved_up_and_then_its_rate);
	tcase_add_test(all, asking_all_the_time_gives_the_rate_and_no_more);
	tcase_add_test(all, a_relay_has_its_rate_for_all_its_machines);
	tcase_add_test(all, a_source_has_its_rate_for_all_its_machines);
	tcase_add_test(all, a_machine_has_one_rate_at_every_door);
	tcase_add_test(all, what_one_of_the_two_refuses_costs_the_other_nothing);
	tcase_add_test(all, a_flood_starves_nobody_and_stays_limited_among_many);
	tcase_add_test(all, four_thousand_that_ask_at_once_are_known);
	suite_add_tcase(suite, all);
	return unit_run(suite);
}
