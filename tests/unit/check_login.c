/* SPDX-License-Identifier: MPL-2.0
 * Copyright the pvsboot authors */
#include "lib/boot/decide.h"

#include "lib/base/err.h"
#include "lib/boot/score.h"
#include "tests/unit/asking.h"

/* Rule 5 of the decision. */

static void
assert_login(const char *const *expected, unsigned count)
{
	ck_assert_uint_eq(answer.login_count, count);
	for (unsigned i = 0; i < count; i++) {
		bool found = false;
		for (unsigned k = 0; k < count; k++) {
			found = found || answer.login[k] == world_ip4(expected[i]);
		}
		ck_assert_msg(found, "%s", expected[i]);
	}
}

START_TEST(the_login_list_holds_every_streaming_address)
{
	const char *const all[] = {
	    "10.1.0.11", "10.1.1.12", "10.1.2.12", "10.1.0.13", "10.1.0.14"};
	decide();
	assert_login(all, 5);
	ck_assert(has_reason("option 11 names 5 of 5 login addresses"));
	/* falling scores, with the weights of their servers */
	double last = 1e300;
	for (unsigned i = 0; i < answer.login_count; i++) {
		uint32_t addr = answer.login[i];
		bool heavy =
		    addr == world_ip4("10.1.1.12") || addr == world_ip4("10.1.2.12");
		double score = score_mac(&facts.mac, addr, heavy ? 2 : 1);
		ck_assert(score < last);
		last = score;
	}
}
END_TEST

START_TEST(down_and_drained_servers_are_no_login_servers)
{
	const char *const rest[] = {"10.1.2.12", "10.1.0.13"};
	world_verdict(w, DB_ROLE_LOGIN, "10.1.1.12", DB_VERDICT_DOWN);
	world_verdict(w, DB_ROLE_LOGIN, "10.1.0.11", DB_VERDICT_DOWN);
	world_verdict(w, DB_ROLE_LOGIN, "10.1.0.13", DB_VERDICT_UP);
	world_verdict(w, DB_ROLE_LOGIN, "10.1.2.12", DB_VERDICT_UNPROVEN);
	world_drain(w, "east", "10.1.0.14");
	decide();
	assert_login(rest, 2);
	ck_assert(has_reason("option 11 names 2 of 5 login addresses"));
}
END_TEST

START_TEST(when_none_is_left_all_are_login_servers)
{
	w->farms[0].server_count = 2;
	const char *const all[] = {"10.1.0.11", "10.1.1.12", "10.1.2.12"};
	world_verdict(w, DB_ROLE_LOGIN, "10.1.0.11", DB_VERDICT_DOWN);
	world_drain(w, "east", "10.1.0.12");
	decide();
	assert_login(all, 3);
	ck_assert(has_reason("every login address is down or drained"));
}
END_TEST

START_TEST(servers_without_the_role_are_no_login_servers)
{
	const char *const one[] = {"10.1.0.14"};
	for (unsigned i = 0; i < 3; i++) {
		w->farms[0].servers[i].login = false;
	}
	decide();
	assert_login(one, 1);
}
END_TEST

START_TEST(the_login_list_keeps_the_thirty_two_highest)
{
	struct db_farm *farm = &w->farms[0];
	for (unsigned i = 0; i < 60; i++) {
		char addr[IP4_TEXT];
		(void)snprintf(addr, sizeof(addr), "10.9.0.%u", i + 1);
		world_server(farm, addr);
		world_stream(farm, addr);
	}
	decide();
	ck_assert_uint_eq(answer.login_count, BOOT_LOGIN_MAX);
	double lowest = score_mac(&facts.mac, answer.login[BOOT_LOGIN_MAX - 1], 1);
	unsigned above = 0;
	for (unsigned i = 4; i < farm->server_count; i++) {
		above += score_mac(&facts.mac, farm->servers[i].addr, 1) > lowest;
	}
	ck_assert_uint_lt(above, BOOT_LOGIN_MAX);
	ck_assert(has_reason("option 11 names 32 of 65 login addresses"));
	for (unsigned i = 0; i < 65; i++) {
		char addr[IP4_TEXT];
		world_verdict(w, DB_ROLE_LOGIN, ip4_format(farm->streams[i], addr),
		    DB_VERDICT_DOWN);
	}
	uint32_t first = answer.login[0];
	decide();
	ck_assert_uint_eq(answer.login_count, BOOT_LOGIN_MAX);
	ck_assert_uint_eq(answer.login[0], first);
}
END_TEST

START_TEST(bios_takes_no_login_list)
{
	facts.arch[0] = ARCH_BIOS;
	decide();
	ck_assert_uint_eq(answer.login_count, 0);
	ck_assert(has_reason("bios takes no login list"));
}
END_TEST

START_TEST(option_17_replaces_option_11)
{
	const char root_path[] = "pvs:[farm-east.example.org]:17:6910";
	w->farms[0].login = DB_LOGIN_ROOT_PATH;
	(void)snprintf(w->farms[0].root_path, DB_ROOT_PATH_MAX + 1, "%s", root_path);
	decide();
	ck_assert_uint_eq(answer.login_count, 0);
	ck_assert_str_eq(answer.root_path, root_path);
	w->farms[0].login = DB_LOGIN_NONE;
	decide();
	ck_assert_uint_eq(answer.login_count, 0);
	ck_assert_str_eq(answer.root_path, "");
	ck_assert(has_reason("sends no login list"));
}
END_TEST

START_TEST(streams_outside_the_record_are_damage)
{
	w->farms[0].servers[1].stream_count = 5;
	ck_assert_int_eq(boot_decide(&facts, &world_source, w, &answer), ERR_MALFORMED);
	w->farms[0].servers[1].stream_first = 6;
	w->farms[0].servers[1].stream_count = 0;
	ck_assert_int_eq(boot_decide(&facts, &world_source, w, &answer), ERR_MALFORMED);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("login");
	TCase *tc = tcase_create("login");
	tcase_add_checked_fixture(tc, facts_setup, world_teardown);
	tcase_add_test(tc, the_login_list_holds_every_streaming_address);
	tcase_add_test(tc, down_and_drained_servers_are_no_login_servers);
	tcase_add_test(tc, when_none_is_left_all_are_login_servers);
	tcase_add_test(tc, servers_without_the_role_are_no_login_servers);
	tcase_add_test(tc, the_login_list_keeps_the_thirty_two_highest);
	tcase_add_test(tc, bios_takes_no_login_list);
	tcase_add_test(tc, option_17_replaces_option_11);
	tcase_add_test(tc, streams_outside_the_record_are_damage);
	suite_add_tcase(suite, tc);
	return unit_run(suite);
}
