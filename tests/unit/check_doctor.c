/* SPDX-License-Identifier: MPL-2.0
 * Copyright the pvsboot authors */
#include "cli/doctor/doctor.h"
#include "lib/base/text.h"
#include "lib/boot/decide.h"
#include "lib/cache/publish.h"
#include "tests/unit/applied.h"
#include "tests/unit/link.h"
#include "tests/unit/tree.h"

#include <errno.h>

/* Two farms that boot from this host, and a third that boots from its own server. */
#define FARMS                                                                          \
	"farms:\n"                                                                     \
	"  east: {servers: [10.1.0.11, 10.1.0.12]}\n"                                  \
	"  west: {servers: [10.2.0.11], bootstrap: {bios: none},"                      \
	" login: 'pvs:[west.example.org]:17:6910'}\n"                                  \
	"  solo: {servers: [10.3.0.11], delivery: direct, login: none}\n"
#define HERE   "boot-servers: [127.0.0.1]\n" FARMS
#define THERE  "boot-servers: [10.0.0.5]\n" FARMS
#define SCOPES "scopes:\n  10.1.0.0/16: east\n"
#define TEN_MS INT64_C(1795341600250) /* 2026-11-22T10:00:00.250Z */
#define MAC    "\x52\x54\x00\x00\x00"

/* ---- what the rows set up besides the map */

static char cache_dir[UNIT_PATH];

static void
publish(const char *farm, const char *file)
{
	struct cache *cache;
	const struct cache_key key = {farm, CACHE_MANUAL, file};
	ck_assert_int_eq(cache_create(cache_dir, &cache), 0);
	ck_assert_int_eq(cache_publish_bytes(cache, &key, "x", 1, NULL), 0);
	cache_close(cache);
}

static void
publish_all(void)
{
	publish("EAST", "ardbp32.bin");
	publish("east", "pvsnbpx64.efi");
	publish("west", "pvsnbpx64.efi");
}

static void
publish_one(void)
{
	publish("east", "pvsnbpx64.efi");
}

static void
add_device(uint8_t last, enum db_device_farm which, const char *farm, const char *file)
{
	struct db_write *w = map_begin();
	struct db_device device = {.which = which, .files.count = 1};
	memcpy(device.mac.b, MAC, 5);
	device.mac.b[5] = last;
	text_copy(device.farm, sizeof(device.farm), farm);
	text_copy(device.files.file[0].name, sizeof(device.files.file[0].name), file);
	ck_assert_int_eq(db_put_device(w, &device), 0);
	ck_assert_int_eq(db_write_commit(w), 0);
}

static void
add_devices(void)
{
	for (uint8_t i = 0; i < 100; i++) {
		add_device(
		    i, DB_DEVICE_FARM, "east", i % 2 == 0 ? "own.bin" : "OWN.bin");
	}
	add_device(100, DB_DEVICE_INHERITS, "", "any.bin");
	add_device(101, DB_DEVICE_NONE, "", "never.bin");
	add_device(102, DB_DEVICE_FARM, "solo", "solo.bin");
}

static void
publish_for_devices(void)
{
	add_devices();
	publish("east", "own.bin");
	publish("west", "any.bin");
}

static void
hold_tftp(void)
{
	(void)link_udp("lo", 69);
}

static void
hold_pxe(void)
{
	(void)link_udp("lo", 4011);
}

static void
plug_cable(void)
{
	link_ip("link add host type veth peer name peer");
}

static void
plug_cable_up(void)
{
	plug_cable();
	link_ip("link set host up");
	link_ip("link set peer up");
	link_await("host");
}

static void
plug_cable_addressed(void)
{
	plug_cable_up();
	link_ip("addr add 10.0.0.1/24 dev host");
}

static void
drain_east(unsigned count)
{
	struct db_write *w = map_begin();
	struct db_drains drains = {.count = count, .addr = {0x0a01000b, 0x0a01000c}};
	ck_assert_int_eq(db_put_drains(w, "east", &drains), 0);
	ck_assert_int_eq(db_write_commit(w), 0);
}

static void
drain_one(void)
{
	drain_east(1);
}

static void
drain_all(void)
{
	drain_east(2);
}

/* Servers that are not in the map: of a farm, of the boot servers, of no farm there. */
static void
drain_gone(void)
{
	static const struct {
		const char *farm;
		struct db_drain drain;
	} gone[] = {
	    {"east", {.addr = 0x0a010063}},
	    {"", {.addr = 0x0a000009}},
	    {"gone", {.addr = 0x0a01000b}},
	};
	struct db_write *w = map_begin();
	for (size_t i = 0; i < sizeof(gone) / sizeof(gone[0]); i++) {
		ck_assert_int_eq(db_put_drain(w, gone[i].farm, &gone[i].drain), 0);
	}
	ck_assert_int_eq(db_write_commit(w), 0);
}

static void
write_state(void)
{
	struct db_state *state;
	ck_assert_int_eq(db_state_open(scratch.state, &state), 0);
	db_state_close(state);
}

/* ---- what a watcher would have found */

static struct db_state *state;

static void
watch(int64_t ago_ms)
{
	struct db_heartbeat beat;
	ck_assert_int_eq(db_heartbeat_now(&beat), 0);
	beat.boottime_ms -= (uint64_t)ago_ms;
	ck_assert_int_eq(db_state_open(scratch.state, &state), 0);
	ck_assert_int_eq(db_state_begin(state), 0);
	ck_assert_int_eq(db_state_put_heartbeat(state, &beat), 0);
}

static void
watched(void)
{
	ck_assert_int_eq(db_state_commit(state), 0);
	db_state_close(state);
}

static void
watch_fresh(void)
{
	watch(0);
	watched();
}

static void
watch_frozen(void)
{
	watch(20000);
	watched();
}

static void
down(enum db_role role, const char *farm, uint32_t addr, const char *file)
{
	const struct db_verdict_key key = {role, farm, addr, file};
	const struct db_health health = {
	    .verdict = DB_VERDICT_DOWN, .probes = 3, .error = "no answer"};
	ck_assert_int_eq(db_state_put_health(state, &key, &health), 0);
}

static void
find_one_down(void)
{
	watch(0);
	down(DB_ROLE_TFTP, "east", 0x0a01000b, "ardbp32.bin");
	watched();
}

static void
find_all_down(void)
{
	watch(0);
	down(DB_ROLE_TFTP, "east", 0x0a01000b, "ardbp32.bin");
	down(DB_ROLE_TFTP, "east", 0x0a01000c, "ardbp32.bin");
	watched();
}

static void
find_login_down(void)
{
	watch(0);
	down(DB_ROLE_LOGIN, "east", 0x0a01000c, "");
	watched();
}

static void
find_boot_server_down(void)
{
	watch(0);
	down(DB_ROLE_BOOT_SERVER, "", 0x0a000005, "");
	watched();
}

static void
find_drift(void)
{
	const struct db_verdict_key key = {
	    DB_ROLE_TFTP, "east", 0x0a01000c, "pvsnbpx64.efi"};
	const struct db_health health = {.verdict = DB_VERDICT_UP,
	    .has_sha256 = true,
	    .sha256 = {1, 2, 3},
	    .drifts = true,
	    .expected = {4, 5, 6},
	    .drifts_since_ms = TEN_MS};
	watch(0);
	ck_assert_int_eq(db_state_put_health(state, &key, &health), 0);
	watched();
}

static void
drain(const char *farm, uint32_t addr, const char *user, const char *note)
{
	struct db_write *w = map_begin();
	struct db_drain drained = {.addr = addr, .time_s = TEN_MS / 1000};
	text_copy(drained.user, sizeof(drained.user), user);
	text_copy(drained.note, sizeof(drained.note), note);
	ck_assert_int_eq(db_put_drain(w, farm, &drained), 0);
	ck_assert_int_eq(db_write_commit(w), 0);
}

static void
drain_with_note(void)
{
	drain("east", 0x0a01000c, "ann", "new disk");
}

static void
drain_boot_server(void)
{
	drain("", 0x0a000005, "", "");
}

static void
damage_state(void)
{
	char path[UNIT_PATH + 16];
	write_state();
	(void)snprintf(path, sizeof(path), "%s/data.mdb", scratch.state);
	FILE *file = fopen(path, "r+");
	ck_assert_ptr_nonnull(file);
	for (unsigned i = 0; i < 8192; i++) {
		(void)fputc('x', file);
	}
	(void)fclose(file);
}

static void
close_state(void)
{
	ck_assert_int_eq(chmod(scratch.state, 02750), 0);
}

static void
give_state_away(void)
{
	ck_assert_int_eq(chown(scratch.state, 0, 4242), 0);
	ck_assert_int_eq(chmod(scratch.state, 02770), 0);
}

static void
remove_state(void)
{
	ck_assert_int_eq(rmdir(scratch.state), 0);
}

static void
damage_map(void)
{
	char zeroes[8192] = {0};
	map_poke(0, zeroes, sizeof(zeroes));
}

static void
remove_map(void)
{
	scratch_remove(scratch.map);
}

/* ---- the report */

static void
setup(void)
{
	link_namespace();
	scratch_setup();
	(void)snprintf(cache_dir, sizeof(cache_dir), "%s/cache", scratch.root);
	ck_assert_int_eq(mkdir(scratch.state, 0700), 0);
	ck_assert_int_eq(chmod(scratch.state, 02770), 0);
}

static void
teardown(void)
{
	tree_remove(scratch.root);
}

static json_t *
report(void)
{
	const struct doctor_folders folders = {
	    .map = scratch.map, .state = scratch.state, .cache = cache_dir};
	json_t *ret = NULL;
	ck_assert_int_eq(doctor_report(&folders, &ret), 0);
	return ret;
}

static const char *
text_of(const json_t *result, const char *key)
{
	const char *text = json_string_value(json_object_get(result, key));
	return text != NULL ? text : "";
}

/* ---- one row a finding; each check has those that are right and those that are wrong */

static const struct row {
	const char *yaml;
	void (*before)(void); /* after the map was applied */
	unsigned problems;
	const char *check, *level, *subject;
	const char *text;   /* a part */
	const char *remedy; /* a part; "": none */
} rows[] = {
    {THERE, NULL, 0, "map", "ok", "/map", "revision 1, digest ", ""},
    {THERE, remove_map, 1, "map", "problem", "/map", "nothing was applied yet",
	"pvsboot apply"},
    {THERE, damage_map, 1, "map", "problem", "/map", "", "damaged"},

    {THERE, NULL, 0, "state", "advice", "/state", "no watcher runs",
	"systemctl enable --now pvsboot-watch"},
    {THERE, write_state, 0, "state", "advice", "/state", "no watcher runs",
	"systemctl enable --now pvsboot-watch"},
    {THERE, watch_fresh, 0, "state", "ok", "/state", "keeps it fresh", ""},
    {THERE, watch_frozen, 1, "state", "warning", "/state",
	"verdicts are frozen: the watcher was last heard of ",
	"systemctl restart pvsboot-watch"},
    {THERE, damage_state, 1, "state", "warning", "/state", "counts as unproven",
	"delete the files"},
    {THERE, close_state, 1, "state", "warning", "/state", "group cannot write",
	"chmod 2770 /"},
    {THERE, give_state_away, 1, "state", "warning", "/state", "not that of the map",
	"chgrp --reference=/"},
    {THERE, remove_state, 1, "state", "warning", "/state", "no such folder",
	"systemd-tmpfiles --create"},

    {HERE, NULL, 4, "cache", "problem", "east/ARDBP32.BIN", "not published",
	"pvsboot bootstrap add east ARDBP32.BIN; or"},
    {HERE, publish_one, 3, "cache", "problem", "west/pvsnbpx64.efi", "not published",
	"pvsboot bootstrap add west pvsnbpx64.efi; or"},
    {HERE, publish_all, 1, "cache", "ok", "/cache", "all 3 bootstraps", ""},
    {HERE "scopes:\n  10.1.0.0/16: {farm: east, bootstrap: {uefi-arm64: arm.efi}}\n",
	publish_all, 2, "cache", "problem", "east/arm.efi", "not published",
	"pvsboot bootstrap add east arm.efi"},
    {HERE, add_devices, 6, "cache", "problem", "east/own.bin",
	"not published; 100 devices would", "pvsboot bootstrap add east "},
    {HERE, add_devices, 6, "cache", "warning", "any.bin",
	"published for no farm; 1 device with", "pvsboot bootstrap add FARM any.bin"},
    {HERE, publish_for_devices, 4, "cache", "problem", "east/pvsnbpx64.efi",
	"not published", "pvsboot bootstrap add east pvsnbpx64.efi"},
    {THERE, hold_tftp, 3, "cache", "problem", "east/ARDBP32.BIN", "not published",
	"pvsboot bootstrap add east ARDBP32.BIN"},
    {THERE "scopes:\n  10.1.0.0/16: {farm: east, boot-servers: [127.0.0.1]}\n", NULL, 3,
	"cache", "problem", "east/ARDBP32.BIN", "not published",
	"pvsboot bootstrap add"},

    {HERE, publish_all, 1, "boot-servers", "problem", "127.0.0.1",
	"nothing listens on UDP 69", "systemctl enable --now pvsboot-tftp"},
    {HERE, hold_tftp, 3, "boot-servers", "ok", "127.0.0.1", "listens on UDP 69", ""},
    {THERE, NULL, 0, "boot-servers", "advice", NULL, "no address of this host is among",
	"boot-servers"},
    {THERE, hold_tftp, 3, "boot-servers", "advice", NULL,
	"something listens on UDP 69, but", "boot-servers"},

    {THERE "proxy: {interfaces: [host]}\n", plug_cable_addressed, 0, "proxy", "ok",
	"host", "up, 10.0.0.1", ""},
    {THERE "proxy: {interfaces: [host, away]}\n", plug_cable_addressed, 1, "proxy",
	"problem", "away", "no such interface", "proxy.interfaces"},
    {THERE "proxy: {interfaces: [host]}\n", plug_cable, 1, "proxy", "problem", "host",
	"down", "ip link set host up"},
    {THERE "proxy: {interfaces: [host]}\n", plug_cable_up, 1, "proxy", "problem",
	"host", "no IPv4 address", "ip address add"},
    {THERE "proxy: {interfaces: [away]}\n", NULL, 0, "proxy", "advice", NULL,
	"none of the proxy.interfaces", "proxy.interfaces"},
    {THERE "proxy: {interfaces: [away]}\n", hold_pxe, 1, "proxy", "problem", "away",
	"no such interface", "proxy.interfaces"},
    {THERE "proxy: {mode: shadow}\n", NULL, 0, "proxy", "advice", NULL, "mode shadow",
	"mode: answer"},
    {THERE "proxy: {relay-only: yes}\n", NULL, 0, "proxy", "advice", NULL,
	"nothing listens on UDP 4011", "systemctl enable --now pvsboot-pxe"},
    {THERE, hold_pxe, 0, "proxy", "ok", NULL, "listens on UDP 4011", ""},

    {THERE, hold_pxe, 0, "login", "advice", "east", "option 11",
	"option 11: 10.1.0.11, 10.1.0.12"},
    {THERE "proxy: {interfaces: [lo]}\n", NULL, 0, "login", "advice", "west",
	"option 17", "option 17: pvs:[west.example.org]:17:6910"},
    {THERE "proxy: {mode: shadow}\n", NULL, 0, "login", "advice", "east", "our hook",
	"in the DHCP server"},
    {THERE "proxy: {relay-only: yes}\n", NULL, 0, "login", "advice", "east",
	"option 11", "in the DHCP server"},

    {THERE "scopes: {subnet-id 42: east}\n", NULL, 1, "scopes", "warning",
	"subnet-id 42", "without a prefix",
	"subnet-id 42: {farm: east, prefix: ADDRESS/LENGTH}"},

    {THERE, NULL, 0, "servers", "ok", "east", "2 of 2 servers", ""},
    {THERE, drain_one, 0, "servers", "ok", "east", "1 of 2 servers", ""},
    {THERE, drain_all, 2, "servers", "warning", "east", "role tftp is drained",
	"pvsboot undrain east/10.1.0.12"},
    {THERE, drain_all, 2, "servers", "warning", "east", "role login is drained",
	"pvsboot undrain east/10.1.0.12"},
    {THERE, drain_gone, 0, "servers", "advice", "east",
	"10.1.0.99 is drained, and no server", "pvsboot undrain east/10.1.0.99"},
    {THERE, drain_gone, 0, "servers", "advice", NULL,
	"10.0.0.9 is drained, and no boot", "pvsboot undrain 10.0.0.9"},
    {THERE, drain_gone, 0, "servers", "advice", "gone",
	"10.1.0.11 is drained, and no server", "pvsboot undrain gone/10.1.0.11"},
    {"boot-servers: [10.0.0.5]\n"
     "farms: {east: {servers: [10.1.0.12, {address: 10.1.0.11, roles: [login]}]}}\n",
	drain_one, 0, "servers", "ok", "east", "1 of 1 servers", ""},
    {"boot-servers: [10.0.0.5]\n"
     "farms: {only: {servers: [{address: 10.1.0.11, roles: [login]}]}}\n",
	NULL, 0, "servers", "advice", "only", "no server has the role tftp", ""},

    {THERE, watch_fresh, 0, "verdicts", "ok", NULL, "no server is down", ""},
    {THERE, find_one_down, 1, "verdicts", "warning", "east/ardbp32.bin",
	"1 of 2 down; 10.1.0.11: no answer", "UDP 69 "},
    {THERE, find_all_down, 1, "verdicts", "problem", "east/ardbp32.bin",
	"no server is up: 2 of 2 down; 10.1.0.11: no answer", "UDP 69 "},
    {THERE, find_login_down, 1, "verdicts", "warning", "east/login",
	"1 of 2 down; 10.1.0.12: no answer", "UDP 6910"},
    {THERE, find_drift, 1, "verdicts", "warning", "east/pvsnbpx64.efi",
	"another copy on 10.1.0.12 since 2026-11-22T10:00:00.250Z: 010203000000, "
	"expected 040506000000",
	"copy the right file"},
    {"boot-servers: [10.0.0.5]\n" FARMS, find_boot_server_down, 1, "verdicts",
	"problem", "10.0.0.5", "is down, and no other is up: no answer",
	"systemctl status pvsboot-tftp"},
    {"boot-servers: [10.0.0.5, 10.0.0.6]\n" FARMS, find_boot_server_down, 1, "verdicts",
	"warning", "10.0.0.5", "is down: no answer", "systemctl status pvsboot-tftp"},
    {THERE, drain_with_note, 0, "verdicts", "advice", "east/10.1.0.12",
	"drained since 2026-11-22T10:00:00.000Z by ann: new disk",
	"pvsboot undrain east/10.1.0.12"},
    {THERE, drain_boot_server, 0, "verdicts", "advice", "10.0.0.5", "drained",
	"pvsboot undrain 10.0.0.5"},
};

static bool
is_subject(const json_t *result, const char *subject)
{
	const char *text = json_string_value(json_object_get(result, "subject"));
	if (subject == NULL || text == NULL) {
		return subject == text;
	}
	return subject[0] == '/' ? strcmp(text + strlen(scratch.root), subject) == 0
				 : strcasecmp(text, subject) == 0;
}

static const json_t *
find(const json_t *results, const struct row *row)
{
	size_t i;
	json_t *result;
	json_array_foreach ((json_t *)results, i, result) {
		if (strcmp(text_of(result, "check"), row->check) == 0 &&
		    strcmp(text_of(result, "level"), row->level) == 0 &&
		    is_subject(result, row->subject) &&
		    strstr(text_of(result, "text"), row->text) != NULL) {
			return result;
		}
	}
	return NULL;
}

START_TEST(what_is_found_is_said_with_its_remedy)
{
	const struct row *row = &rows[_i];
	apply(row->yaml);
	if (row->before != NULL) {
		row->before();
	}
	json_t *said = report();
	char *all = json_dumps(said, JSON_INDENT(1));
	const json_t *result = find(json_object_get(said, "results"), row);
	ck_assert_msg(result != NULL, "row %d: %s", _i, all);
	const char *remedy = text_of(result, "remedy");
	ck_assert_msg(row->remedy[0] != '\0' ? strstr(remedy, row->remedy) != NULL
					     : remedy[0] == '\0',
	    "row %d: %s", _i, all);
	ck_assert_msg((unsigned)json_integer_value(json_object_get(said, "problems")) ==
		row->problems,
	    "row %d: %s", _i, all);
	free(all);
	json_decref(said);
}
END_TEST

/* ---- what is not said */

static const struct {
	const char *yaml;
	void (*before)(void);
	const char *check;
	const char *subject; /* or any */
} silences[] = {
    {THERE, NULL, "cache", NULL},
    {HERE, add_devices, "cache", "never.bin"},
    {HERE, add_devices, "cache", "solo/solo.bin"},
    {HERE, NULL, "cache", "west/ARDBP32.BIN"},
    {HERE, NULL, "cache", "solo/ARDBP32.BIN"},
    {HERE, publish_for_devices, "cache", "any.bin"},
    {HERE, publish_for_devices, "cache", "east/own.bin"},
    {"farms: {solo: {servers: [10.3.0.11], delivery: direct}}\n", NULL, "boot-servers",
	NULL},
    {THERE, NULL, "proxy", NULL},
    {THERE, NULL, "login", NULL},
    {THERE, hold_pxe, "login", "solo"},
    {"boot-servers: [10.0.0.5]\n"
     "farms: {old: {servers: [10.1.0.11], bootstrap: {uefi-x64: none}}}\n",
	hold_pxe, "login", NULL},
    {THERE SCOPES, NULL, "scopes", NULL},
    {THERE "scopes: {subnet-id 42: {farm: east, prefix: 10.9.0.0/24}}\n", NULL,
	"scopes", NULL},
    {THERE "scopes: {subnet-id 42: none}\n", NULL, "scopes", NULL},
    {THERE "scopes: {subnet-id 42: solo}\n", NULL, "scopes", NULL},
    {THERE "scopes: {subnet-id 42: east, default: west}\n", NULL, "scopes", NULL},
    {THERE "scopes: {subnet-id 42: east}\nclients: [10.9.0.0/24]\n", NULL, "scopes",
	NULL},
    {THERE, remove_map, "servers", NULL},
    {THERE, NULL, "verdicts", NULL},
    {THERE, remove_map, "verdicts", NULL},
};

START_TEST(nothing_is_said_without_reason)
{
	size_t i;
	json_t *result;
	apply(silences[_i].yaml);
	if (silences[_i].before != NULL) {
		silences[_i].before();
	}
	json_t *said = report();
	json_array_foreach (json_object_get(said, "results"), i, result) {
		bool is = strcmp(text_of(result, "check"), silences[_i].check) == 0 &&
		    (silences[_i].subject == NULL ||
			strcasecmp(text_of(result, "subject"), silences[_i].subject) ==
			    0);
		ck_assert_msg(!is, "row %d: %s", _i, text_of(result, "text"));
	}
	json_decref(said);
}
END_TEST

/* ---- the rest */

START_TEST(option_11_names_no_more_than_it_holds)
{
	char yaml[2048] = "boot-servers: [10.0.0.5]\nproxy: {mode: shadow}\n"
			  "farms: {east: {servers: [10.1.0.1";
	for (unsigned i = 2; i <= BOOT_LOGIN_MAX + 1; i++) {
		char more[16];
		(void)snprintf(more, sizeof(more), ", 10.1.0.%u", i);
		(void)strcat(yaml, more);
	}
	(void)strcat(yaml, "]}}\n");
	const struct row row = {
	    .check = "login", .level = "advice", .subject = "east", .text = ""};
	apply(yaml);
	json_t *said = report();
	const json_t *result = find(json_object_get(said, "results"), &row);
	ck_assert_ptr_nonnull(result);
	ck_assert_ptr_nonnull(
	    strstr(text_of(result, "remedy"), "10.1.0.31, 10.1.0.32"));
	ck_assert_ptr_null(strstr(text_of(result, "remedy"), "10.1.0.33"));
	json_decref(said);
}
END_TEST

START_TEST(every_result_has_every_key_in_order)
{
	static const char *const keys[] = {
	    "check", "level", "subject", "text", "remedy"};
	size_t i;
	json_t *result;
	apply(HERE "proxy: {mode: shadow}\n");
	json_t *said = report();
	json_t *again = report();
	ck_assert(json_equal(said, again));
	json_array_foreach (json_object_get(said, "results"), i, result) {
		const char *key;
		json_t *value;
		unsigned at = 0;
		json_object_foreach (result, key, value) {
			ck_assert_str_eq(key, keys[at++]);
		}
		ck_assert_uint_eq(at, 5);
	}
	json_decref(again);
	json_decref(said);
}
END_TEST

START_TEST(every_reason_has_a_remedy_of_its_own)
{
	static const int errs[] = {
	    ERR_ACCESS, ERR_READONLY, ERR_FORMAT, ERR_BUSY, ERR_CHECKSUM, -EIO};
	for (size_t i = 0; i < sizeof(errs) / sizeof(errs[0]); i++) {
		for (size_t j = 0; j < i; j++) {
			ck_assert_str_ne(
			    doctor_remedy(errs[i]), doctor_remedy(errs[j]));
		}
	}
	ck_assert_str_eq(doctor_remedy(ERR_NOTDB), doctor_remedy(ERR_CHECKSUM));
	ck_assert_str_eq(doctor_remedy(ERR_MALFORMED), doctor_remedy(ERR_CHECKSUM));
}
END_TEST

static Suite *
doctor_suite(void)
{
	Suite *suite = suite_create("doctor");
	TCase *tcase = tcase_create("doctor");
	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_add_loop_test(
	    tcase, what_is_found_is_said_with_its_remedy, 0, UNIT_ROWS(rows));
	tcase_add_loop_test(
	    tcase, nothing_is_said_without_reason, 0, UNIT_ROWS(silences));
	tcase_add_test(tcase, option_11_names_no_more_than_it_holds);
	tcase_add_test(tcase, every_result_has_every_key_in_order);
	tcase_add_test(tcase, every_reason_has_a_remedy_of_its_own);
	suite_add_tcase(suite, tcase);
	return suite;
}

int
main(void)
{
	return unit_run(doctor_suite());
}
