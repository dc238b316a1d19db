/* SPDX-License-Identifier: MPL-2.0
 * Copyright the pvsboot authors */
#include "lib/boot/decide.h"

#include "lib/base/err.h"
#include "lib/boot/score.h"
#include "lib/wire/arch.h"
#include "tests/unit/unit.h"
#include "tests/unit/world.h"

#include <errno.h>
#include <stdio.h>

#define COUNT(array) ((int)(sizeof(array) / sizeof((array)[0])))

static struct world *w;

static void
world_setup(void)
{
	w = calloc(1, sizeof(*w));
	ck_assert_ptr_nonnull(w);
	world_example(w);
	struct db_scope *special = world_prefix(w, "10.20.32.0/19", "east");
	world_file(&special->files, ARCH_UEFI_X64, "scope.efi");
	world_file(&special->files, ARCH_BIOS, "");
	world_subnet(w, 43, "");
	struct db_device *device = world_device(w, "00:00:00:00:00:01");
	device->which = DB_DEVICE_FARM;
	(void)snprintf(device->farm, sizeof(device->farm), "WEST");
	world_device(w, "00:00:00:00:00:02")->which = DB_DEVICE_NONE;
	device = world_device(w, "00:00:00:00:00:03");
	world_file(&device->files, ARCH_UEFI_X64, "device.efi");
	device = world_device(w, "00:00:00:00:00:04");
	world_file(&device->files, ARCH_BIOS, "");
	world_file(&device->files, ARCH_UEFI_ARM64, "arm.efi");
}

static void
world_teardown(void)
{
	free(w);
}

/* The answer to a PXE client in 10.20.1.1 (farm east), unless changed first. */
static struct boot_facts facts;
static struct boot_answer answer;

static void
facts_setup(void)
{
	world_setup();
	facts = (struct boot_facts){.client = BOOT_CLIENT_PXE,
	    .has_mac = true,
	    .has_addr = true,
	    .mac = world_mac("00:11:22:33:44:55"),
	    .addr = world_ip4("10.20.1.1"),
	    .arch_count = 1,
	    .arch = {ARCH_UEFI_X64}};
	memset(&answer, 0xa5, sizeof(answer));
}

static void
decide(void)
{
	ck_assert_int_eq(boot_decide(&facts, &world_source, w, &answer), 0);
}

static bool
has_reason(const char *part)
{
	char text[BOOT_REASON_TEXT];
	for (unsigned i = 0; i < answer.reason_count; i++) {
		if (strstr(boot_reason_text(&facts, &answer, i, text), part) != NULL) {
			return true;
		}
	}
	return false;
}

static void
assert_addr(uint32_t addr, const char *expected)
{
	char text[IP4_TEXT];
	ck_assert_str_eq(ip4_format(addr, text), expected);
}

/* ---- rules 0 to 2 */

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

/* ---- rule 3 */

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
	four_servers();
	facts.mac = (struct mac){{0}};
	decide();
	uint32_t with_zeroes = answer.farm_server;
	facts.has_mac = false;
	facts.mac = world_mac("00:11:22:33:44:55");
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

/* ---- rule 4 */

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

/* ---- rule 5 */

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

/* ---- the rest */

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
	tcase_add_test(tc, the_login_list_holds_every_streaming_address);
	tcase_add_test(tc, down_and_drained_servers_are_no_login_servers);
	tcase_add_test(tc, when_none_is_left_all_are_login_servers);
	tcase_add_test(tc, servers_without_the_role_are_no_login_servers);
	tcase_add_test(tc, the_login_list_keeps_the_thirty_two_highest);
	tcase_add_test(tc, bios_takes_no_login_list);
	tcase_add_test(tc, option_17_replaces_option_11);
	tcase_add_test(tc, streams_outside_the_record_are_damage);
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
