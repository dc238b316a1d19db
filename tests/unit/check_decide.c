/* SPDX-License-Identifier: MPL-2.0
 * Copyright the pvsboot authors */
#include "lib/boot/decide.h"

#include "lib/base/err.h"
#include "tests/unit/asking.h"

#include <errno.h>

#define PXE   BOOT_CLIENT_PXE
#define BOOTP BOOT_CLIENT_BOOTP
#define OTHER BOOT_CLIENT_OTHER
enum { X64 = ARCH_UEFI_X64, BIOS = ARCH_BIOS, ARM64 = ARCH_UEFI_ARM64 };
enum { HTTP_X64 = 16, HTTP_X86 = 15 };

static const struct {
	const char *what;
	enum boot_client client;
	bool all_clients;
	const char *mac;    /* last byte; NULL: not known */
	uint32_t subnet_id; /* 0: not known */
	const char *addr;   /* NULL: not known */
	unsigned arch_count;
	uint16_t arch[BOOT_ARCHS_MAX];
	enum boot_cause cause;
	const char *farm;
	const char *scope; /* NULL: none matched */
	uint16_t arch_answered;
	const char *bootstrap;
	bool device_decided;
	const char *reason;
} places[] = {
    /* who is asked about */
    {"a PXE client", PXE, false, "ff", 0, "10.20.1.1", 1, {BIOS}, BOOT_OURS, "east",
	"10.20.0.0/16", BIOS, "ARDBP32.BIN", false, "asks as a PXE client"},
    {"BOOTP", BOOTP, false, "ff", 0, "10.20.1.1", 0, {0}, BOOT_OURS, "east",
	"10.20.0.0/16", BIOS, "ARDBP32.BIN", false, "asks by BOOTP"},
    {"another client", OTHER, false, "ff", 0, "10.20.1.1", 1, {BIOS}, BOOT_NOT_PXE, "",
	NULL, BIOS, "", false, "no PXE client"},
    {"another client where all are answered", OTHER, true, "ff", 0, "10.20.1.1", 1,
	{BIOS}, BOOT_OURS, "east", "10.20.0.0/16", BIOS, "ARDBP32.BIN", false,
	"clients of every kind are answered"},
    /* the farm */
    {"the longest prefix", PXE, false, "ff", 0, "10.20.70.1", 1, {BIOS}, BOOT_OURS,
	"west", "10.20.64.0/18", BIOS, "ARDBP32.BIN", false,
	"10.20.64.0/18 is the longest prefix for 10.20.70.1"},
    {"a subnet id before a prefix", PXE, false, "ff", 42, "10.20.1.1", 1, {BIOS},
	BOOT_OURS, "west", "subnet-id 42", BIOS, "ARDBP32.BIN", false,
	"subnet id 42 is in the map"},
    {"a subnet id that is not in the map", PXE, false, "ff", 7, "10.20.1.1", 1, {BIOS},
	BOOT_OURS, "east", "10.20.0.0/16", BIOS, "ARDBP32.BIN", false,
	"subnet id 7 is not in the map"},
    {"a subnet id without an address", PXE, false, "ff", 42, NULL, 1, {BIOS}, BOOT_OURS,
	"west", "subnet-id 42", BIOS, "ARDBP32.BIN", false, "subnet-id 42 says farm"},
    {"a device before a prefix", PXE, false, "01", 0, "10.20.1.1", 1, {BIOS}, BOOT_OURS,
	"west", "10.20.0.0/16", BIOS, "ARDBP32.BIN", true,
	"device 00:00:00:00:00:01 says farm west"},
    {"a device before a subnet id that is none", PXE, false, "01", 43, "10.20.1.1", 1,
	{BIOS}, BOOT_OURS, "west", "subnet-id 43", BIOS, "ARDBP32.BIN", true,
	"farm west"},
    {"a device without a place", PXE, false, "01", 0, NULL, 1, {BIOS}, BOOT_OURS,
	"west", "default", BIOS, "ARDBP32.BIN", true, "only device and default apply"},
    {"a device that says none", PXE, false, "02", 0, "10.20.1.1", 1, {BIOS},
	BOOT_SCOPE_NONE, "", "10.20.0.0/16", BIOS, "", true, "says none"},
    {"a scope that says none", PXE, false, "ff", 0, "10.40.1.1", 1, {BIOS},
	BOOT_SCOPE_NONE, "", "10.40.0.0/16", BIOS, "", false, "10.40.0.0/16 says none"},
    {"a subnet id that says none", PXE, false, "ff", 43, "10.20.1.1", 1, {BIOS},
	BOOT_SCOPE_NONE, "", "subnet-id 43", BIOS, "", false, "subnet-id 43 says none"},
    {"the default that says none", PXE, false, "ff", 0, "10.99.1.1", 1, {BIOS},
	BOOT_NO_SCOPE, "", "default", BIOS, "", false, "no prefix of the map holds"},
    {"no MAC", PXE, false, NULL, 0, "10.20.1.1", 1, {BIOS}, BOOT_OURS, "east",
	"10.20.0.0/16", BIOS, "ARDBP32.BIN", false, "MAC is not known"},
    /* the file */
    {"no architecture", PXE, false, "ff", 0, "10.20.1.1", 0, {0}, BOOT_OURS, "east",
	"10.20.0.0/16", BIOS, "ARDBP32.BIN", false, "taken for bios"},
    {"EBC, which is x64", PXE, false, "ff", 0, "10.20.1.1", 1, {ARCH_UEFI_EBC},
	BOOT_OURS, "east", "10.20.0.0/16", X64, "pvsnbpx64.efi", false,
	"for uefi-x64 is pvsnbpx64.efi, from the farm"},
    {"a file of the scope", PXE, false, "ff", 0, "10.20.32.1", 1, {X64}, BOOT_OURS,
	"east", "10.20.32.0/19", X64, "scope.efi", false, "scope.efi, from the scope"},
    {"a file of the scope for a farm of the device", PXE, false, "01", 0, "10.20.32.1",
	1, {X64}, BOOT_OURS, "west", "10.20.32.0/19", X64, "scope.efi", true,
	"scope.efi"},
    {"a file of the device", PXE, false, "03", 0, "10.20.32.1", 1, {X64}, BOOT_OURS,
	"east", "10.20.32.0/19", X64, "device.efi", true,
	"device.efi, from the device record"},
    {"another file of the device", PXE, false, "03", 0, "10.20.1.1", 1, {BIOS},
	BOOT_OURS, "east", "10.20.0.0/16", BIOS, "ARDBP32.BIN", false,
	"leaves the farm"},
    {"none by the scope", PXE, false, "ff", 0, "10.20.32.1", 1, {BIOS}, BOOT_NO_FILE,
	"east", "10.20.32.0/19", BIOS, "", false, "the scope says that bios has no"},
    {"none by the device", PXE, false, "04", 0, "10.20.1.1", 1, {BIOS}, BOOT_NO_FILE,
	"east", "10.20.0.0/16", BIOS, "", true,
	"the device record says that bios has no"},
    {"no file anywhere", PXE, false, "ff", 0, "10.20.1.1", 1, {ARM64}, BOOT_NO_FILE,
	"east", "10.20.0.0/16", ARM64, "", false,
	"farm east has no bootstrap for uefi-arm64"},
    {"a number without a name", PXE, false, "ff", 0, "10.20.1.1", 1, {27}, BOOT_NO_FILE,
	"east", "10.20.0.0/16", 27, "", false, "no bootstrap for arch-27"},
    {"the first of several that has a file", PXE, false, "ff", 0, "10.20.1.1", 3,
	{ARM64, X64, BIOS}, BOOT_OURS, "east", "10.20.0.0/16", X64, "pvsnbpx64.efi",
	false, "no bootstrap for uefi-arm64"},
    {"several, none of them with a file", PXE, false, "ff", 0, "10.20.1.1", 2,
	{ARM64, 27}, BOOT_NO_FILE, "east", "10.20.0.0/16", ARM64, "", false, "arch-27"},
    {"HTTP boot", PXE, false, "ff", 0, "10.20.1.1", 1, {HTTP_X64}, BOOT_HTTP, "", NULL,
	HTTP_X64, "", false, "arch-16 is an HTTP boot type"},
    {"HTTP boot twice", PXE, false, "ff", 0, "10.20.1.1", 2, {HTTP_X86, HTTP_X64},
	BOOT_HTTP, "", NULL, HTTP_X86, "", false, "arch-16 is an HTTP boot type"},
    {"HTTP boot or PXE", PXE, false, "ff", 0, "10.20.1.1", 2, {HTTP_X64, X64},
	BOOT_OURS, "east", "10.20.0.0/16", X64, "pvsnbpx64.efi", false,
	"HTTP boot type"},
};

START_TEST(place_and_device_name_farm_and_file)
{
	const char *what = places[_i].what;
	char mac[MAC_TEXT];
	(void)snprintf(mac, sizeof(mac), "00:00:00:00:00:%s",
	    places[_i].mac != NULL ? places[_i].mac : "01");
	facts = (struct boot_facts){.client = places[_i].client,
	    .all_clients = places[_i].all_clients,
	    .has_mac = places[_i].mac != NULL,
	    .has_subnet_id = places[_i].subnet_id != 0,
	    .has_addr = places[_i].addr != NULL,
	    .mac = world_mac(mac),
	    .subnet_id = places[_i].subnet_id,
	    .addr = world_ip4(places[_i].addr != NULL ? places[_i].addr : "10.20.1.1"),
	    .arch_count = places[_i].arch_count};
	memcpy(facts.arch, places[_i].arch, sizeof(facts.arch));
	decide();
	bool ours = places[_i].cause == BOOT_OURS;
	ck_assert_msg(
	    answer.cause == places[_i].cause, "%s: cause %d", what, (int)answer.cause);
	ck_assert_msg(answer.action == (ours ? BOOT_BOOT : BOOT_NOT_OURS), "%s", what);
	ck_assert_msg(strcmp(answer.farm, places[_i].farm) == 0, "%s: farm %s", what,
	    answer.farm);
	ck_assert_msg(answer.has_scope == (places[_i].scope != NULL), "%s", what);
	ck_assert_msg(
	    strcmp(answer.scope, places[_i].scope != NULL ? places[_i].scope : "") == 0,
	    "%s: scope %s", what, answer.scope);
	ck_assert_msg(
	    answer.arch == places[_i].arch_answered, "%s: arch %u", what, answer.arch);
	ck_assert_msg(strcmp(answer.bootstrap, places[_i].bootstrap) == 0,
	    "%s: file %s", what, answer.bootstrap);
	ck_assert_msg(
	    answer.device_decided == places[_i].device_decided, "%s: device", what);
	ck_assert_msg(answer.has_server == ours, "%s", what);
	ck_assert_msg(has_reason(places[_i].reason), "%s: reasons", what);
}
END_TEST

START_TEST(without_a_default_nothing_else_is_ours)
{
	w->has_fallback = false;
	facts.addr = world_ip4("10.99.1.1");
	decide();
	ck_assert_int_eq(answer.cause, BOOT_NO_SCOPE);
	ck_assert(!answer.has_scope);
	ck_assert(has_reason("the map has no default"));
}
END_TEST

START_TEST(a_default_may_be_a_farm)
{
	world_default(w, "west");
	facts.addr = world_ip4("10.99.1.1");
	decide();
	ck_assert_int_eq(answer.action, BOOT_BOOT);
	ck_assert_str_eq(answer.farm, "west");
	ck_assert_str_eq(answer.scope, "default");
}
END_TEST

START_TEST(a_device_needs_no_scope)
{
	w->has_fallback = false;
	facts.mac = world_mac("00:00:00:00:00:01");
	facts.addr = world_ip4("10.99.1.1");
	decide();
	ck_assert_int_eq(answer.action, BOOT_BOOT);
	ck_assert_str_eq(answer.farm, "west");
	ck_assert(!answer.has_scope);
	ck_assert_uint_eq(answer.reply_delay_ms, 0);
}
END_TEST

START_TEST(http_boot_gets_no_file_even_where_one_is_named)
{
	world_file(&w->farms[0].files, HTTP_X64, "http.efi");
	facts.arch_count = 2;
	facts.arch[0] = HTTP_X64;
	facts.arch[1] = ARCH_UEFI_X64;
	decide();
	ck_assert_str_eq(answer.bootstrap, "pvsnbpx64.efi");
}
END_TEST

START_TEST(a_farm_that_the_map_lacks_is_damage)
{
	world_prefix(w, "10.50.0.0/16", "north");
	facts.addr = world_ip4("10.50.0.1");
	ck_assert_int_eq(boot_decide(&facts, &world_source, w, &answer), ERR_MALFORMED);
}
END_TEST

static const struct {
	uint16_t arch;
	enum db_offer form;
} offers[] = {
    {ARCH_BIOS, DB_OFFER_DIRECT},
    {ARCH_UEFI_IA32, DB_OFFER_REDIRECT},
    {ARCH_UEFI_X64, DB_OFFER_REDIRECT},
    {ARCH_UEFI_EBC, DB_OFFER_REDIRECT},
    {27, DB_OFFER_DIRECT},
};

START_TEST(the_offer_has_the_form_that_its_firmware_takes)
{
	struct db_farm *farm = &w->farms[0];
	uint16_t arch = arch_canonical(offers[_i].arch);
	if (arch != ARCH_BIOS && arch != ARCH_UEFI_X64) {
		world_file(&farm->files, arch, "other.efi");
	}
	facts.arch[0] = offers[_i].arch;
	decide();
	ck_assert_int_eq(answer.offer, offers[_i].form);
	bool direct = offers[_i].form == DB_OFFER_DIRECT;
	farm->offer[0].arch = arch;
	farm->offer[0].form = direct ? DB_OFFER_REDIRECT : DB_OFFER_DIRECT;
	farm->offer_count = 1;
	decide();
	ck_assert_int_eq(answer.offer, farm->offer[0].form);
}
END_TEST

START_TEST(the_scope_delays_the_reply)
{
	decide();
	ck_assert_uint_eq(answer.reply_delay_ms, 0);
	w->prefix_scopes[0].reply_delay_ms = 1500;
	decide();
	ck_assert_uint_eq(answer.reply_delay_ms, 1500);
}
END_TEST

START_TEST(a_failing_store_is_passed_on_and_never_answered)
{
	facts.has_subnet_id = true;
	facts.subnet_id = 7;
	decide();
	unsigned calls = w->calls;
	ck_assert_uint_gt(calls, 10);
	for (unsigned i = 1; i <= calls; i++) {
		w->calls = 0;
		w->fail_at = i;
		ck_assert_int_eq(boot_decide(&facts, &world_source, w, &answer), -EIO);
	}
	facts.addr = world_ip4("10.99.0.1"); /* as far as the default */
	w->calls = 0;
	w->fail_at = 4;
	ck_assert_int_eq(boot_decide(&facts, &world_source, w, &answer), -EIO);
}
END_TEST

/* Every field that a caller may read, as one text. */
static char *
spell(const struct boot_answer *a)
{
	char *text = NULL;
	size_t len;
	char reason[BOOT_REASON_TEXT];
	FILE *out = open_memstream(&text, &len);
	ck_assert_ptr_nonnull(out);
	(void)fprintf(out, "%d %d %d %d %d %d %s %s %u %d %d %u %u %u %s %s %s",
	    a->action, a->cause, a->has_scope, a->device_decided, a->has_server,
	    a->has_farm_server, a->farm, a->scope, a->arch, a->delivery, a->offer,
	    a->reply_delay_ms, a->server, a->farm_server, a->file, a->bootstrap,
	    a->root_path);
	for (unsigned i = 0; i < a->login_count; i++) {
		(void)fprintf(out, " %u", a->login[i]);
	}
	for (unsigned i = 0; i < a->reason_count; i++) {
		(void)fprintf(out, "; %s", boot_reason_text(&facts, a, i, reason));
	}
	ck_assert_int_eq(fclose(out), 0);
	return text;
}

START_TEST(equal_facts_and_snapshots_give_equal_answers)
{
	static struct boot_answer again;
	const char *const addrs[] = {
	    "10.20.1.1", "10.20.32.9", "10.20.70.1", "10.40.0.1", "10.99.0.1"};
	for (unsigned i = 0; i < 5 * 5 * 4; i++) {
		facts.addr = world_ip4(addrs[i % 5]);
		facts.mac = (struct mac){{0, 0, 0, 0, 0, (uint8_t)(i / 5 % 5)}};
		facts.arch[0] = (uint16_t)(i / 25 * 7 % 12);
		memset(&answer, 0x00, sizeof(answer));
		memset(&again, 0xff, sizeof(again));
		decide();
		ck_assert_int_eq(boot_decide(&facts, &world_source, w, &again), 0);
		char *first = spell(&answer);
		char *second = spell(&again);
		ck_assert_str_eq(first, second);
		free(first);
		free(second);
	}
}
END_TEST

START_TEST(the_reasons_stand_in_the_order_of_deciding)
{
	static const char *const expected[] = {
	    "it asks as a PXE client",
	    "00:11:22:33:44:55 has no device record",
	    "10.20.0.0/16 is the longest prefix for 10.20.1.1",
	    "10.20.0.0/16 says farm east",
	    "the bootstrap for uefi-x64 is pvsnbpx64.efi, from the farm",
	    "no farm server is up: 10.1.0.12 is unproven and named all the same",
	    "delivery is boot-server: a boot server sends pvsnbpx64.efi",
	    "no boot server is up: 10.0.0.5 is unproven and named all the same",
	    "option 11 names 5 of 5 login addresses",
	};
	char text[BOOT_REASON_TEXT];
	decide();
	ck_assert_int_eq((int)answer.reason_count, COUNT(expected));
	for (unsigned i = 0; i < answer.reason_count; i++) {
		ck_assert_str_eq(
		    boot_reason_text(&facts, &answer, i, text), expected[i]);
	}
}
END_TEST

START_TEST(an_answer_has_room_for_every_reason)
{
	facts.arch_count = BOOT_ARCHS_MAX;
	for (unsigned i = 0; i + 1 < BOOT_ARCHS_MAX; i++) {
		facts.arch[i] = i % 2 == 0 ? HTTP_X64 : ARM64;
	}
	facts.arch[BOOT_ARCHS_MAX - 1] = ARCH_UEFI_X64;
	facts.has_subnet_id = true;
	facts.subnet_id = 7;
	facts.addr = world_ip4("10.99.0.1");
	world_default(w, "east");
	world_drain(w, "east", "10.1.0.11");
	w->farms[0].boot_servers[w->farms[0].boot_server_count++] = 1;
	world_drain(w, "", "10.0.0.5");
	decide();
	ck_assert_uint_lt(answer.reason_count, BOOT_REASONS_MAX);
	ck_assert(has_reason("option 11"));
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("decide");
	TCase *tc = tcase_create("decide");
	tcase_add_checked_fixture(tc, facts_setup, world_teardown);
	tcase_add_loop_test(tc, place_and_device_name_farm_and_file, 0, COUNT(places));
	tcase_add_test(tc, without_a_default_nothing_else_is_ours);
	tcase_add_test(tc, a_default_may_be_a_farm);
	tcase_add_test(tc, a_device_needs_no_scope);
	tcase_add_test(tc, http_boot_gets_no_file_even_where_one_is_named);
	tcase_add_test(tc, a_farm_that_the_map_lacks_is_damage);
	tcase_add_loop_test(
	    tc, the_offer_has_the_form_that_its_firmware_takes, 0, COUNT(offers));
	tcase_add_test(tc, the_scope_delays_the_reply);
	tcase_add_test(tc, a_failing_store_is_passed_on_and_never_answered);
	tcase_add_test(tc, equal_facts_and_snapshots_give_equal_answers);
	tcase_add_test(tc, the_reasons_stand_in_the_order_of_deciding);
	tcase_add_test(tc, an_answer_has_room_for_every_reason);
	suite_add_tcase(suite, tc);
	return unit_run(suite);
}
