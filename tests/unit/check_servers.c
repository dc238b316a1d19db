/* SPDX-License-Identifier: MPL-2.0
 * Copyright the pvsboot authors */
#include "lib/boot/decide.h"

#include "lib/boot/score.h"
#include "tests/unit/asking.h"

/* Rules 3 and 4 of the decision. */

/* ---- rule 3: the class, then the score */

/* Primaries 10.1.0.1 and .2, backups .3 and .4; the one weight 100 would always win. */
static const struct {
	const char *verdicts;  /* U up, ? unproven, D down */
	const char *drained;   /* x drained */
	const char *chosen[2]; /* by hash; when ordered */
	const char *reason;
} classes[] = {
    {"UUUU", "....", {"10.1.0.2", "10.1.0.1"},
	"4 of 4 farm servers are up; 10.1.0.2 has the highest score"},
    {"DUUU", "....", {"10.1.0.2", "10.1.0.2"},
	"3 of 4 farm servers are up; 10.1.0.2 is the only choice"},
    {"U?UU", "....", {"10.1.0.1", "10.1.0.1"}, "3 of 4 farm servers are up"},
    {"?DUU", "....", {"10.1.0.4", "10.1.0.3"},
	"no primary farm server is up; of the backups that are, 10.1.0.4 has the "
	"highest"},
    {"DDDU", "....", {"10.1.0.4", "10.1.0.4"}, "10.1.0.4 is the only choice"},
    {"????", "....", {"10.1.0.2", "10.1.0.1"},
	"no farm server is up: 10.1.0.2 is unproven and named all the same"},
    {"?D?D", "....", {"10.1.0.1", "10.1.0.1"},
	"10.1.0.1 is unproven and named all the same"},
    {"DD??", "....", {"10.1.0.4", "10.1.0.3"},
	"backup 10.1.0.4 is unproven and named all the same"},
    {"DDDD", "....", {"10.1.0.2", "10.1.0.1"},
	"no farm server is up or unproven: 10.1.0.2 is down and named all the same"},
    {"DDDD", "xx..", {"10.1.0.4", "10.1.0.3"},
	"backup 10.1.0.4 is down and named all the same"},
    {"UUUU", ".x..", {"10.1.0.1", "10.1.0.1"},
	"1 of 4 farm servers is drained and left out"},
    {"UUUU", "xx..", {"10.1.0.4", "10.1.0.3"},
	"2 of 4 farm servers are drained and left out"},
    {"UUUU", "xxxx", {"10.1.0.2", "10.1.0.1"},
	"every farm server is drained, so drain is ignored"},
    {"UDUU", "x.xx", {"10.1.0.2", "10.1.0.2"},
	"no farm server is up or unproven: 10.1.0.2 is down"},
};

static struct db_farm *
four_servers(void)
{
	struct db_farm *farm = world_farm(w, "four");
	world_file(&farm->files, ARCH_UEFI_X64, "four.efi");
	farm->delivery = DB_DELIVERY_DIRECT;
	for (unsigned i = 0; i < 4; i++) {
		char addr[IP4_TEXT];
		(void)snprintf(addr, sizeof(addr), "10.1.0.%u", i + 1);
		struct db_server *server = world_server(farm, addr);
		server->backup = i >= 2;
		server->weight = i % 2 == 1 ? 100 : 1;
	}
	world_prefix(w, "10.60.0.0/16", "four");
	facts.addr = world_ip4("10.60.0.1");
	/* with this one the heavier server has the higher score of either pair */
	facts.mac = world_mac("00:11:22:33:44:55");
	return farm;
}

START_TEST(the_first_class_that_has_a_server_gives_it)
{
	struct db_farm *farm = four_servers();
	for (unsigned i = 0; i < 4; i++) {
		char addr[IP4_TEXT];
		ip4_format(farm->servers[i].addr, addr);
		char c = classes[_i].verdicts[i];
		if (c != '?') {
			world_verdict(w, DB_ROLE_TFTP, addr,
			    c == 'U' ? DB_VERDICT_UP : DB_VERDICT_DOWN);
		}
		if (classes[_i].drained[i] == 'x') {
			world_drain(w, "four", addr);
		}
	}
	decide();
	ck_assert(answer.has_farm_server);
	assert_addr(answer.farm_server, classes[_i].chosen[0]);
	ck_assert_uint_eq(answer.server, answer.farm_server);
	ck_assert_msg(has_reason(classes[_i].reason), "%s", classes[_i].reason);
	farm->balance = DB_BALANCE_ORDERED;
	decide();
	assert_addr(answer.farm_server, classes[_i].chosen[1]);
}
END_TEST

START_TEST(the_first_listed_says_so)
{
	four_servers()->balance = DB_BALANCE_ORDERED;
	world_verdict(w, DB_ROLE_TFTP, "10.1.0.1", DB_VERDICT_UP);
	world_verdict(w, DB_ROLE_TFTP, "10.1.0.2", DB_VERDICT_UP);
	decide();
	ck_assert(has_reason("10.1.0.1 is listed first"));
}
END_TEST

START_TEST(the_choice_is_the_highest_score_whatever_the_order)
{
	struct db_farm *farm = four_servers();
	for (unsigned i = 0; i < 4; i++) {
		farm->servers[i].backup = false;
		farm->servers[i].weight = (uint8_t)(i + 1);
	}
	for (uint32_t m = 0; m < 1000; m++) {
		facts.mac.b[5] = (uint8_t)m;
		facts.mac.b[4] = (uint8_t)(m >> 8);
		unsigned best = 0;
		for (unsigned i = 1; i < 4; i++) {
			const struct db_server *s = farm->servers;
			if (score_mac(&facts.mac, s[i].addr, s[i].weight) >
			    score_mac(&facts.mac, s[best].addr, s[best].weight)) {
				best = i;
			}
		}
		uint32_t expected = farm->servers[best].addr;
		decide();
		ck_assert_uint_eq(answer.farm_server, expected);
		struct db_server first = farm->servers[0];
		memmove(&farm->servers[0], &farm->servers[1], 3 * sizeof(first));
		farm->servers[3] = first;
		decide();
		ck_assert_uint_eq(answer.farm_server, expected);
	}
}
END_TEST

START_TEST(without_a_mac_the_score_is_that_of_zero_bytes)
{
	struct db_farm *farm = four_servers();
	farm->servers[1].weight = 1;
	facts.mac = (struct mac){{0}};
	decide();
	uint32_t with_zeroes = answer.farm_server;
	while (answer.farm_server == with_zeroes) {
		facts.mac.b[5]++; /* a machine that boots from the other server */
		ck_assert_uint_ne(facts.mac.b[5], 0);
		decide();
	}
	facts.has_mac = false;
	decide();
	ck_assert_uint_eq(answer.farm_server, with_zeroes);
}
END_TEST

START_TEST(verdicts_are_asked_by_farm_address_and_file)
{
	/* a verdict about one role says nothing of another */
	world_verdict(w, DB_ROLE_LOGIN, "10.1.0.11", DB_VERDICT_UP);
	world_verdict(w, DB_ROLE_BOOT_SERVER, "10.1.0.12", DB_VERDICT_UP);
	world_verdict(w, DB_ROLE_TFTP, "10.1.0.13", DB_VERDICT_UP);
	decide();
	assert_addr(answer.farm_server, "10.1.0.13");
	ck_assert_str_eq(w->asked_farm, "east");
	ck_assert_str_eq(w->asked_file, "pvsnbpx64.efi");
}
END_TEST

/* ---- rule 4: delivery */

START_TEST(a_boot_server_sends_the_farms_file)
{
	decide();
	ck_assert_int_eq(answer.delivery, DB_DELIVERY_BOOT_SERVER);
	assert_addr(answer.server, "10.0.0.5");
	ck_assert_str_eq(answer.file, "east/pvsnbpx64.efi");
	ck_assert(has_reason("delivery is boot-server"));
}
END_TEST

START_TEST(direct_delivery_names_the_farms_server)
{
	w->farms[0].delivery = DB_DELIVERY_DIRECT;
	world_verdict(w, DB_ROLE_TFTP, "10.1.0.11", DB_VERDICT_UP);
	decide();
	assert_addr(answer.server, "10.1.0.11");
	ck_assert_str_eq(answer.file, "pvsnbpx64.efi");
	ck_assert(has_reason("delivery is direct"));
}
END_TEST

static void
two_boot_servers(struct db_scope *scope)
{
	scope->boot_servers[0] = world_ip4("10.0.1.1");
	scope->boot_servers[1] = world_ip4("10.0.1.2");
	scope->boot_server_count = 2;
}

START_TEST(boot_servers_of_the_scope_are_nearest)
{
	two_boot_servers(&w->prefix_scopes[0]);
	decide();
	ck_assert_uint_eq(answer.server >> 8, world_ip4("10.0.1.0") >> 8);
	facts.mac =
	    world_mac("00:00:00:00:00:01"); /* farm west, by its device record */
	decide();
	ck_assert_uint_eq(answer.server >> 8, world_ip4("10.0.1.0") >> 8);
	ck_assert_str_eq(answer.file, "west/pvsnbpx64.efi");
}
END_TEST

START_TEST(boot_servers_are_chosen_by_the_same_classes)
{
	two_boot_servers(&w->prefix_scopes[0]);
	world_verdict(w, DB_ROLE_BOOT_SERVER, "10.0.1.1", DB_VERDICT_DOWN);
	decide();
	assert_addr(answer.server, "10.0.1.2");
	ck_assert(has_reason("no boot server is up: 10.0.1.2 is unproven"));
	world_verdict(w, DB_ROLE_BOOT_SERVER, "10.0.1.2", DB_VERDICT_UP);
	decide();
	ck_assert(has_reason("1 of 2 boot servers is up; 10.0.1.2 is the only choice"));
	world_drain(w, "", "10.0.1.2");
	decide();
	assert_addr(answer.server, "10.0.1.1");
	world_drain(w, "", "10.0.1.1");
	decide();
	assert_addr(answer.server, "10.0.1.2");
	ck_assert(has_reason("every boot server is drained"));
}
END_TEST

START_TEST(boot_servers_follow_the_farms_balance)
{
	two_boot_servers(&w->prefix_scopes[0]);
	bool seen[2] = {false, false};
	for (unsigned i = 0; i < 50; i++) {
		facts.mac.b[5] = (uint8_t)i;
		decide();
		seen[answer.server == world_ip4("10.0.1.1") ? 0 : 1] = true;
	}
	ck_assert(seen[0] && seen[1]);
	w->farms[0].balance = DB_BALANCE_ORDERED;
	for (unsigned i = 0; i < 50; i++) {
		facts.mac.b[5] = (uint8_t)i;
		decide();
		assert_addr(answer.server, "10.0.1.1");
	}
}
END_TEST

START_TEST(a_farm_without_tftp_servers_boots_from_a_boot_server)
{
	for (unsigned i = 0; i < w->farms[0].server_count; i++) {
		w->farms[0].servers[i].tftp = false;
	}
	decide();
	ck_assert_int_eq(answer.action, BOOT_BOOT);
	ck_assert(!answer.has_farm_server);
	w->farms[0].delivery = DB_DELIVERY_DIRECT;
	decide();
	ck_assert_int_eq(answer.action, BOOT_NOT_OURS);
	ck_assert_int_eq(answer.cause, BOOT_NO_SERVER);
	ck_assert(has_reason("farm east has no farm server"));
}
END_TEST

START_TEST(without_any_boot_server_it_is_not_ours)
{
	w->farms[0].boot_server_count = 0;
	decide();
	ck_assert_int_eq(answer.action, BOOT_NOT_OURS);
	ck_assert_int_eq(answer.cause, BOOT_NO_SERVER);
	ck_assert(!answer.has_server);
}
END_TEST

START_TEST(names_of_full_length_fit)
{
	const char farm[] = "f23456789012345678901234567890ab";
	const char file[] =
	    "b23456789012345678901234567890123456789012345678901234567890123";
	struct db_farm *long_farm = world_farm(w, farm);
	world_file(&long_farm->files, ARCH_UEFI_X64, file);
	long_farm->boot_servers[long_farm->boot_server_count++] = 1;
	world_prefix(w, "10.70.0.0/16", farm);
	facts.addr = world_ip4("10.70.0.1");
	decide();
	ck_assert_uint_eq(strlen(answer.file), BOOT_FILE_TEXT - 1);
	ck_assert_str_eq(answer.bootstrap, file);
	ck_assert(has_reason("no login server"));
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("servers");
	TCase *tc = tcase_create("servers");
	tcase_add_checked_fixture(tc, facts_setup, world_teardown);
	tcase_add_loop_test(
	    tc, the_first_class_that_has_a_server_gives_it, 0, COUNT(classes));
	tcase_add_test(tc, the_first_listed_says_so);
	tcase_add_test(tc, the_choice_is_the_highest_score_whatever_the_order);
	tcase_add_test(tc, without_a_mac_the_score_is_that_of_zero_bytes);
	tcase_add_test(tc, verdicts_are_asked_by_farm_address_and_file);
	tcase_add_test(tc, a_boot_server_sends_the_farms_file);
	tcase_add_test(tc, direct_delivery_names_the_farms_server);
	tcase_add_test(tc, boot_servers_of_the_scope_are_nearest);
	tcase_add_test(tc, boot_servers_are_chosen_by_the_same_classes);
	tcase_add_test(tc, boot_servers_follow_the_farms_balance);
	tcase_add_test(tc, a_farm_without_tftp_servers_boots_from_a_boot_server);
	tcase_add_test(tc, without_any_boot_server_it_is_not_ours);
	tcase_add_test(tc, names_of_full_length_fit);
	suite_add_tcase(suite, tc);
	return unit_run(suite);
}
