/* SPDX-License-Identifier: MPL-2.0
 * Copyright the pvsboot authors */
#include "watch/evidence.h"

#include "lib/base/text.h"
#include "tests/unit/unit.h"

enum { START_MS = 1000000, IPXE = 0x96bc, ONE = 0x0a01000b, OTHER = 0x0a01000c };

static struct evidence *evidence;
static uint32_t xid; /* of the exchange that began last */

static void
setup(void)
{
	ck_assert_int_eq(evidence_new(&evidence), 0);
	xid = 1;
}

static void
teardown(void)
{
	evidence_free(evidence);
}

static struct mac
mac_of(unsigned machine)
{
	return (struct mac){{2, 0, 0, 0, (uint8_t)(machine >> 8), (uint8_t)machine}};
}

/* A stage of a machine in the exchange xid, as an answer to it tells it. */
static struct event
stage(unsigned machine, enum event_stage what, uint64_t at_ms)
{
	return (struct event){.kind = EVENT_STAGE,
	    .what = (uint8_t)what,
	    .has_mac = true,
	    .mac = mac_of(machine),
	    .time_ms = at_ms,
	    .server = ONE,
	    .direct = true,
	    .xid = xid,
	    .farm = "east"};
}

/* Takes an event; true when it made the evidence against the first server enough. */
static bool
take(const struct event *event)
{
	const char *farm = NULL;
	uint32_t server = 0;
	bool enough = evidence_take(evidence, event, &farm, &server);
	if (enough) {
		ck_assert_str_eq(farm, "east");
		ck_assert_uint_eq(server, ONE);
	}
	return enough;
}

static bool
take_stage(unsigned machine, enum event_stage what, uint64_t at_ms)
{
	struct event event = stage(machine, what, at_ms);
	return take(&event);
}

/* A machine comes by DHCP and is sent to the server. */
static bool
boots(unsigned machine, uint64_t at_ms)
{
	xid++;
	bool enough = take_stage(machine, EVENT_OFFERED, at_ms);
	return take_stage(machine, EVENT_ACKED, at_ms + 1) || enough;
}

/* How many of count machines, sent to the server together, come again after_ms later before
 * that is enough; 0: it never is. */
static unsigned
come_again(unsigned count, uint64_t after_ms)
{
	for (unsigned i = 0; i < count; i++) {
		ck_assert(!boots(i, START_MS + i));
	}
	for (unsigned i = 0; i < count; i++) {
		if (boots(i, START_MS + i + 1 + after_ms)) {
			return i + 1;
		}
	}
	return 0;
}

START_TEST(five_machines_are_enough_and_four_are_not)
{
	ck_assert_uint_eq(come_again(4, 60000), 0);
	evidence_free(evidence);
	setup();
	ck_assert_uint_eq(come_again(5, 60000), 5);
}
END_TEST

/* When they come again, and whether that is of the times in which it counts. */
static const struct {
	uint64_t after_ms;
	bool counts;
} times[] = {{0, false}, {EVIDENCE_FIRST_MS - 1, false}, {EVIDENCE_FIRST_MS, true},
    {EVIDENCE_LAST_MS, true}, {EVIDENCE_LAST_MS + 1, false}, {86400000, false}};

START_TEST(they_come_again_between_20_and_180_seconds_later)
{
	ck_assert_uint_eq(come_again(8, times[_i].after_ms), times[_i].counts ? 5 : 0);
}
END_TEST

START_TEST(half_of_those_sent_there_must_come_again)
{
	/* The five that were sent last come again first: 5 of 11, 5 of 10. */
	for (unsigned count = 11; count >= 10; count--) {
		bool enough = false;
		teardown();
		setup();
		for (unsigned i = 0; i < count; i++) {
			ck_assert(!boots(i, START_MS + i));
		}
		for (unsigned i = count - 5; i < count; i++) {
			enough = boots(i, START_MS + 60000 + i) || enough;
		}
		ck_assert_int_eq(enough, count == 10);
	}
}
END_TEST

START_TEST(only_those_sent_within_a_minute_are_compared)
{
	/* A hundred that booted well, and a minute later five that did not. */
	for (unsigned i = 100; i < 200; i++) {
		ck_assert(!boots(i, START_MS));
	}
	bool enough = false;
	for (unsigned i = 0; i < 5; i++) {
		ck_assert(!boots(i, START_MS + EVIDENCE_WINDOW_MS + i));
	}
	for (unsigned i = 0; i < 5; i++) {
		ck_assert(!enough);
		enough = boots(i, START_MS + EVIDENCE_WINDOW_MS + 30000 + i);
	}
	ck_assert(enough);
	/* Five that fail one in fifteen seconds never are within a minute. */
	teardown();
	setup();
	for (unsigned i = 0; i < 20; i++) {
		ck_assert(!boots(i, START_MS + i * 15000));
		ck_assert(i < 4 || !boots(i - 4, START_MS + i * 15000 + 5));
	}
}
END_TEST

START_TEST(one_machine_that_comes_again_and_again_is_one)
{
	for (unsigned i = 0; i < 100; i++) {
		ck_assert(!boots(1, START_MS + i * 30000));
	}
}
END_TEST

START_TEST(a_request_repeated_is_no_new_exchange)
{
	for (unsigned i = 0; i < 8; i++) {
		(void)boots(i, START_MS);
		ck_assert(!take_stage(i, EVENT_OFFERED, START_MS + 60000));
		ck_assert(!take_stage(i, EVENT_ACKED, START_MS + 60001));
	}
}
END_TEST

START_TEST(what_firmware_started_is_not_the_firmware)
{
	for (unsigned i = 0; i < 8; i++) {
		(void)boots(i, START_MS);
	}
	for (unsigned i = 0; i < 8; i++) {
		xid++;
		struct event event = stage(i, EVENT_OFFERED, START_MS + 25000);
		event.user_class = IPXE;
		ck_assert(!take(&event));
	}
	/* The firmware itself still counts. */
	unsigned told = 0;
	for (unsigned i = 0; i < 8; i++) {
		told += boots(i, START_MS + 60000 + i) ? 1 : 0;
	}
	ck_assert_uint_eq(told, 1);
}
END_TEST

START_TEST(who_booted_meanwhile_does_not_count)
{
	for (unsigned i = 0; i < 8; i++) {
		(void)boots(i, START_MS);
		struct event booted = {.kind = EVENT_STAGE,
		    .what = EVENT_BOOTED,
		    .has_mac = true,
		    .mac = mac_of(i),
		    .time_ms = START_MS + 40000};
		ck_assert(!take(&booted));
	}
	for (unsigned i = 0; i < 8; i++) {
		ck_assert(!boots(i, START_MS + 100000));
	}
}
END_TEST

START_TEST(what_a_boot_server_delivers_is_not_looked_at)
{
	for (unsigned round = 0; round < 3; round++) {
		for (unsigned i = 0; i < 8; i++) {
			xid++;
			struct event event =
			    stage(i, EVENT_ACKED, START_MS + round * 60000);
			event.direct = false;
			ck_assert(!take(&event));
		}
	}
	/* Nor is a sending of before, once a boot server is named. */
	for (unsigned i = 0; i < 8; i++) {
		(void)boots(i, START_MS + 1000000);
		struct event event = stage(i, EVENT_ACKED, START_MS + 1000010);
		event.direct = false;
		ck_assert(!take(&event));
		ck_assert(!boots(i, START_MS + 1060000));
	}
}
END_TEST

START_TEST(each_server_and_farm_has_its_own_machines)
{
	/* Of eight machines four were sent to another server, or the other farm's of the same
	 * address: nobody has five. */
	static const struct {
		const char *farm;
		uint32_t server;
	} others[] = {{"east", OTHER}, {"west", ONE}};
	for (unsigned o = 0; o < 2; o++) {
		teardown();
		setup();
		for (unsigned round = 0; round < 2; round++) {
			for (unsigned i = 0; i < 8; i++) {
				xid++;
				struct event event =
				    stage(i, EVENT_ACKED, START_MS + round * 60000);
				if (i % 2 == 0) {
					event.server = others[o].server;
					(void)text_copy(event.farm, sizeof(event.farm),
					    others[o].farm);
				}
				ck_assert(!take(&event));
			}
		}
	}
}
END_TEST

START_TEST(it_counts_against_the_server_that_was_named_not_the_next)
{
	unsigned told = 0;
	for (unsigned i = 0; i < 5; i++) {
		(void)boots(i, START_MS);
	}
	for (unsigned i = 0; i < 5; i++) {
		xid++;
		struct event event = stage(i, EVENT_OFFERED, START_MS + 60000);
		event.server = OTHER;
		told += take(&event) ? 1 : 0;
	}
	ck_assert_uint_eq(told, 1);
}
END_TEST

START_TEST(a_server_is_told_once_a_minute)
{
	uint64_t told_ms[8];
	unsigned told = 0;
	for (uint64_t at_ms = START_MS; at_ms < START_MS + 300000; at_ms += 1000) {
		/* Thirty machines, each of which comes again after half a minute. */
		if (boots((unsigned)(at_ms / 1000 % 30), at_ms)) {
			ck_assert_uint_lt(told, 8);
			told_ms[told++] = at_ms;
		}
	}
	ck_assert_uint_ge(told, 3);
	for (unsigned i = 1; i < told; i++) {
		ck_assert_uint_ge(told_ms[i] - told_ms[i - 1], EVIDENCE_WINDOW_MS);
	}
}
END_TEST

/* A proxy sees no ACK of DHCP: the REQUEST behind its OFFER stands for it, or its own ACK. */
START_TEST(a_proxy_sends_machines_by_its_offer_or_its_ack)
{
	static const enum event_stage sendings[] = {EVENT_LEARNT, EVENT_PROXY_ACK};
	unsigned told = 0;
	for (unsigned round = 0; round < 2; round++) {
		for (unsigned i = 0; i < 5; i++) {
			uint64_t at_ms = START_MS + round * 60000;
			xid++;
			told += take_stage(i, EVENT_PROXY_OFFER, at_ms) ? 1 : 0;
			struct event event = stage(i, sendings[_i], at_ms + 10);
			event.direct = sendings[_i] == EVENT_PROXY_ACK;
			ck_assert(!take(&event));
		}
	}
	ck_assert_uint_eq(told, 1);
}
END_TEST

START_TEST(a_proxys_offer_alone_sends_nobody)
{
	for (unsigned round = 0; round < 5; round++) {
		for (unsigned i = 0; i < 8; i++) {
			xid++;
			ck_assert(!take_stage(
			    i, EVENT_PROXY_OFFER, START_MS + round * 30000));
		}
	}
}
END_TEST

START_TEST(what_says_no_machine_or_exchange_is_passed_over)
{
	for (unsigned i = 0; i < 8; i++) {
		(void)boots(i, START_MS - 120000);
		struct event event = stage(i, EVENT_OFFERED, START_MS - 60000);
		event.xid = 0;
		ck_assert(!take(&event));
	}
	for (unsigned round = 0; round < 3; round++) {
		for (unsigned i = 0; i < 8; i++) {
			struct event event =
			    stage(i, EVENT_ACKED, START_MS + round * 60000);
			event.xid = 0;
			ck_assert(!take(&event));
			event.xid = ++xid;
			event.has_mac = false;
			ck_assert(!take(&event));
			event.has_mac = true;
			event.kind = EVENT_FINDING;
			ck_assert(!take(&event));
		}
	}
}
END_TEST

START_TEST(more_machines_than_there_is_room_for_do_no_harm)
{
	for (unsigned i = 100; i < 60000; i++) {
		ck_assert(!boots(i, START_MS - 10000 + i / 10));
	}
	ck_assert_uint_eq(come_again(5, 60000), 0); /* 5 of thousands */
	unsigned told = 0;
	for (unsigned i = 0; i < 5; i++) {
		(void)boots(i, START_MS + 500000);
	}
	for (unsigned i = 0; i < 5; i++) {
		told += boots(i, START_MS + 560000) ? 1 : 0;
	}
	ck_assert_uint_eq(told, 1);
}
END_TEST

START_TEST(more_servers_than_there_is_room_for_do_no_harm)
{
	for (unsigned i = 0; i < 5000; i++) {
		xid++;
		struct event event = stage(100 + i % 50, EVENT_ACKED, START_MS);
		event.server = 0x0b000000 + i;
		ck_assert(!take(&event));
	}
	ck_assert_uint_eq(come_again(5, 60000), 5);
}
END_TEST

/* A cheap pseudorandom sequence (Marsaglia's xorshift). */
static uint64_t
chance(void)
{
	static uint64_t state = 88172645463325252;
	state ^= state << 13;
	state ^= state >> 7;
	state ^= state << 17;
	return state;
}

START_TEST(a_million_events_by_chance_tell_no_server_too_often)
{
	static const char *const farms[] = {"east", "EAST", "west", ""};
	static uint64_t told_ms[16][2];
	uint64_t now_ms = START_MS;
	unsigned told = 0;
	for (unsigned i = 0; i < 1000000; i++) {
		uint64_t r = chance();
		struct event event = stage((unsigned)(r % 500),
		    (enum event_stage)(r >> 16 & 15), now_ms + (r >> 20 & 0xff));
		const char *farm;
		uint32_t server;
		event.xid = (uint32_t)(r >> 28 & 0xf);
		event.user_class = (uint16_t)(r >> 32 & 1);
		event.direct = (r >> 33 & 3) != 0;
		event.server = (uint32_t)(r >> 36 & 0xf);
		event.has_mac = (r >> 40 & 7) != 0;
		event.kind = (r >> 44 & 7) == 0 ? EVENT_TRANSFER : EVENT_STAGE;
		(void)text_copy(event.farm, sizeof(event.farm), farms[r >> 48 & 3]);
		now_ms += r >> 52 & 0x3f;
		if (!evidence_take(evidence, &event, &farm, &server)) {
			continue;
		}
		ck_assert_uint_ge(server, 1);
		ck_assert_uint_lt(server, 16);
		told++;
		if (text_casecmp(farm, "") != 0) {
			uint64_t *last =
			    &told_ms[server][text_casecmp(farm, "east") == 0 ? 0 : 1];
			ck_assert(*last == 0 || event.time_ms < *last ||
			    event.time_ms - *last >= EVIDENCE_WINDOW_MS);
			*last = event.time_ms;
		}
	}
	ck_assert_uint_ge(told, 10);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("evidence");
	TCase *tc = tcase_create("evidence");
	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_set_timeout(tc, 120);
	tcase_add_test(tc, five_machines_are_enough_and_four_are_not);
	tcase_add_loop_test(
	    tc, they_come_again_between_20_and_180_seconds_later, 0, UNIT_ROWS(times));
	tcase_add_test(tc, half_of_those_sent_there_must_come_again);
	tcase_add_test(tc, only_those_sent_within_a_minute_are_compared);
	tcase_add_test(tc, one_machine_that_comes_again_and_again_is_one);
	tcase_add_test(tc, a_request_repeated_is_no_new_exchange);
	tcase_add_test(tc, what_firmware_started_is_not_the_firmware);
	tcase_add_test(tc, who_booted_meanwhile_does_not_count);
	tcase_add_test(tc, what_a_boot_server_delivers_is_not_looked_at);
	tcase_add_test(tc, each_server_and_farm_has_its_own_machines);
	tcase_add_test(tc, it_counts_against_the_server_that_was_named_not_the_next);
	tcase_add_test(tc, a_server_is_told_once_a_minute);
	tcase_add_loop_test(tc, a_proxy_sends_machines_by_its_offer_or_its_ack, 0, 2);
	tcase_add_test(tc, a_proxys_offer_alone_sends_nobody);
	tcase_add_test(tc, what_says_no_machine_or_exchange_is_passed_over);
	tcase_add_test(tc, more_machines_than_there_is_room_for_do_no_harm);
	tcase_add_test(tc, more_servers_than_there_is_room_for_do_no_harm);
	tcase_add_test(tc, a_million_events_by_chance_tell_no_server_too_often);
	suite_add_tcase(suite, tc);
	return unit_run(suite);
}
