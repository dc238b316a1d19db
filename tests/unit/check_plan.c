/* SPDX-License-Identifier: MPL-2.0
 * Copyright the pvsboot authors */
#include "watch/plan.h"

#include "lib/base/text.h"
#include "lib/cache/publish.h"
#include "lib/wire/arch.h"
#include "tests/unit/db_unit.h"

#include <ftw.h>

#define BIOS "ARDBP32.BIN"
#define EFI  "pvsnbpx64.efi"
enum {
	BOOT_SERVER = 0x0a000005,
	EAST = 0x0a01000b, /* 10.1.0.11 */
	WEST = 0x0a02000b,
};

static struct db_write *w;
static struct db_settings settings;
static struct cache *cache;
static struct plan plan, old;
static char cache_dir[UNIT_PATH];

static void
setup(void)
{
	scratch_setup();
	(void)snprintf(cache_dir, sizeof(cache_dir), "%s/cache", scratch.root);
	ck_assert_int_eq(cache_create(cache_dir, &cache), 0);
	settings = (struct db_settings){.boot_server_count = 0};
	w = map_begin();
}

static int
remove_one(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	(void)st;
	(void)type;
	(void)ftw;
	return remove(path);
}

static void
teardown(void)
{
	plan_done(&plan);
	plan_done(&old);
	db_write_abort(w);
	cache_close(cache);
	ck_assert_int_eq(nftw(cache_dir, remove_one, 8, FTW_DEPTH | FTW_PHYS), 0);
	scratch_teardown();
}

/* ---- maps */

static void
add_file(struct db_files *files, uint16_t arch, const char *name)
{
	struct db_file *file = &files->file[files->count++];
	file->arch = arch;
	(void)text_copy(file->name, sizeof(file->name), name);
}

/* A farm of one server that streams where it is, and one file. Valid until the next call. */
static struct db_farm *
farm_of(const char *name, uint32_t addr)
{
	static struct db_farm farm;
	farm = (struct db_farm){
	    .login = DB_LOGIN_OPTION_11,
	    .monitor = {.interval_ms = 5000,
		.timeout_ms = 2000,
		.downtime_ms = 30000,
		.retries = 3,
		.success_retries = 1,
		.full_every = 1},
	    .boot_server_count = 1,
	    .boot_servers = {BOOT_SERVER},
	    .server_count = 1,
	    .servers = {{.addr = addr,
		.weight = 1,
		.tftp = true,
		.login = true,
		.stream_count = 1}},
	    .stream_count = 1,
	    .streams = {addr},
	};
	(void)text_copy(farm.name, sizeof(farm.name), name);
	add_file(&farm.files, ARCH_BIOS, BIOS);
	return &farm;
}

static void
put_farm(const struct db_farm *farm)
{
	ck_assert_int_eq(db_put_farm(w, farm), 0);
}

static struct db_scope
scope_of(const char *farm)
{
	struct db_scope scope = {.text = "a scope"};
	(void)text_copy(scope.farm, sizeof(scope.farm), farm);
	return scope;
}

static void
put_scope(uint32_t prefix, const struct db_scope *scope)
{
	ck_assert_int_eq(
	    db_put_interval(w, prefix << 16, prefix << 16 | 0xffff, scope), 0);
}

/* A device that names a file; farm "": its scope decides, NULL: none is its. */
static void
put_device(unsigned number, const char *farm, const char *file)
{
	struct db_device device = {.mac = {{2, 0, 0, (uint8_t)(number >> 16),
				       (uint8_t)(number >> 8), (uint8_t)number}},
	    .which = farm == NULL ? DB_DEVICE_NONE
		: farm[0] == '\0' ? DB_DEVICE_INHERITS
				  : DB_DEVICE_FARM};
	(void)text_copy(device.farm, sizeof(device.farm), farm != NULL ? farm : "");
	if (file != NULL) {
		add_file(&device.files, ARCH_UEFI_X64, file);
	}
	ck_assert_int_eq(db_put_device(w, &device), 0);
}

static void
add_boot_server(uint32_t addr)
{
	settings.boot_servers[settings.boot_server_count++] = addr;
}

/* The cache holds a file of a farm, from some server. */
static void
hold(const char *farm, const char *file)
{
	const struct cache_key key = {farm, EAST, file};
	ck_assert_int_eq(cache_publish_bytes(cache, &key, "x", 1, NULL), 0);
}

static void
commit(void)
{
	ck_assert_int_eq(db_put_settings(w, &settings), 0);
	ck_assert_int_eq(db_write_commit(w), 0);
	w = NULL;
}

/* ---- plans */

static int
try_read(void)
{
	struct db_snapshot snap = snapshot_begin(scratch.map);
	int err = plan_read(&snap, cache, &old, &plan);
	snapshot_end(&snap);
	return err;
}

static void
read_plan(void)
{
	commit();
	ck_assert_int_eq(try_read(), 0);
}

/* Begins another revision of the map, whose plan follows the one that was read. */
static void
begin_again(void)
{
	plan_done(&old);
	old = plan;
	plan = (struct plan){.targets = NULL};
	w = map_begin();
	ck_assert_int_eq(db_write_clear(w), 0);
}

static const char *
role_text(enum db_role role)
{
	static const char *const texts[] = {[DB_ROLE_TFTP] = "tftp",
	    [DB_ROLE_LOGIN] = "login",
	    [DB_ROLE_BOOT_SERVER] = "boot-server",
	    [DB_ROLE_TSB] = "tsb",
	    [DB_ROLE_PXE] = "pxe"};
	return texts[role];
}

/* A line for each target: role, farm, address and name on the wire. */
static void
assert_targets(const struct plan *of, const char *want)
{
	static char text[4096];
	size_t len = 0;
	text[0] = '\0';
	for (size_t i = 0; i < of->count; i++) {
		const struct target *target = of->targets[i];
		char addr[IP4_TEXT];
		len += (size_t)snprintf(text + len, sizeof(text) - len,
		    "%s %s %s%s%s\n", role_text(target->role), target->farm,
		    ip4_format(target->addr, addr), target->name[0] != '\0' ? " " : "",
		    target->name);
		ck_assert_uint_lt(len, sizeof(text));
	}
	ck_assert_str_eq(text, want);
}

static struct target *
target_at(enum db_role role, const char *farm, uint32_t addr, const char *file)
{
	const struct db_verdict_key key = {role, farm, addr, file};
	return plan_find(&plan, &key);
}

/* ---- what is probed */

START_TEST(each_server_is_asked_for_each_file_and_each_login)
{
	struct db_farm *east = farm_of("East", EAST);
	add_file(&east->files, ARCH_UEFI_X64, EFI);
	add_file(&east->files, ARCH_UEFI_ARM64, ""); /* none */
	east->servers[1] = (struct db_server){.addr = EAST - 1,
	    .weight = 1,
	    .backup = true,
	    .tftp = true,
	    .login = true,
	    .stream_first = 1,
	    .stream_count = 2};
	east->streams[1] = 0x0a01010c;
	east->streams[2] = 0x0a01020c;
	east->server_count = 2;
	east->stream_count = 3;
	put_farm(east);
	read_plan();
	assert_targets(&plan,
	    "tftp East 10.1.0.10 " BIOS "\n"
	    "tftp East 10.1.0.10 " EFI "\n"
	    "tftp East 10.1.0.11 " BIOS "\n"
	    "tftp East 10.1.0.11 " EFI "\n"
	    "login East 10.1.0.11\n"
	    "login East 10.1.1.12\n"
	    "login East 10.1.2.12\n");
	ck_assert_uint_eq(plan.revision, 1);
}
END_TEST

START_TEST(a_server_is_asked_for_its_roles_alone)
{
	struct db_farm *east = farm_of("east", EAST);
	east->servers[0].login = false;
	east->servers[1] = (struct db_server){.addr = EAST + 1,
	    .weight = 1,
	    .login = true,
	    .stream_first = 1,
	    .stream_count = 1};
	east->streams[1] = EAST + 1;
	east->server_count = east->stream_count = 2;
	put_farm(east);
	read_plan();
	assert_targets(&plan, "tftp east 10.1.0.11 " BIOS "\nlogin east 10.1.0.12\n");
}
END_TEST

START_TEST(a_streaming_address_of_two_servers_is_asked_once)
{
	struct db_farm *east = farm_of("east", EAST);
	east->servers[1] = east->servers[0];
	east->servers[1].addr = EAST + 1;
	east->servers[1].tftp = false;
	east->server_count = 2;
	put_farm(east);
	read_plan();
	assert_targets(&plan, "tftp east 10.1.0.11 " BIOS "\nlogin east 10.1.0.11\n");
}
END_TEST

START_TEST(advisory_probes_are_made_where_they_are_asked_for)
{
	struct db_farm *east = farm_of("east", EAST);
	east->monitor.tsb = true;
	put_farm(east);
	struct db_farm *west = farm_of("west", WEST);
	west->monitor.pxe = true;
	west->servers[0].tftp = false;
	put_farm(west);
	read_plan();
	assert_targets(&plan,
	    "tftp east 10.1.0.11 " BIOS "\n"
	    "login east 10.1.0.11\n"
	    "login west 10.2.0.11\n"
	    "tsb east 10.1.0.11\n"
	    "pxe west 10.2.0.11\n");
}
END_TEST

START_TEST(a_farm_without_probes_has_targets_on_boot_servers_alone)
{
	struct db_farm *east = farm_of("east", EAST);
	east->monitor.probe = DB_PROBE_NONE;
	east->monitor.tsb = true;
	put_farm(east);
	add_boot_server(BOOT_SERVER);
	hold("east", BIOS);
	read_plan();
	assert_targets(&plan, "boot-server east 10.0.0.5 east/" BIOS "\n");
}
END_TEST

/* A responder at another port is reached by a redirection that hosts beside it may lack. */
START_TEST(a_boot_server_is_asked_where_its_responder_listens)
{
	static const struct {
		uint32_t addr[2];
		uint16_t port[2], want;
	} rows[] = {
	    {{BOOT_SERVER + 1, BOOT_SERVER + 1}, {1069, 2069}, 0},
	    {{BOOT_SERVER + 1, BOOT_SERVER}, {1069, 2069}, 2069},
	    {{BOOT_SERVER + 1, 0}, {1069, 2069}, 2069},
	    {{BOOT_SERVER, 0}, {1069, 69}, 0},
	};
	add_boot_server(BOOT_SERVER);
	settings.listen_count = 2;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		if (i > 0) {
			begin_again();
		}
		for (unsigned j = 0; j < 2; j++) {
			settings.listen[j].addr = rows[i].addr[j];
			settings.listen[j].port = rows[i].port[j];
		}
		put_farm(farm_of("east", EAST));
		hold("east", BIOS);
		read_plan();
		struct probe_ask ask;
		target_ask(target_at(DB_ROLE_BOOT_SERVER, "east", BOOT_SERVER, BIOS),
		    false, &ask);
		ck_assert_uint_eq(ask.port, rows[i].want);
		ck_assert(ask.says_probe);
	}
}
END_TEST

START_TEST(farms_may_share_a_server)
{
	put_farm(farm_of("east", EAST));
	put_farm(farm_of("west", EAST));
	read_plan();
	assert_targets(&plan,
	    "tftp east 10.1.0.11 " BIOS "\n"
	    "tftp west 10.1.0.11 " BIOS "\n"
	    "login east 10.1.0.11\n"
	    "login west 10.1.0.11\n");
	ck_assert_ptr_ne(target_at(DB_ROLE_TFTP, "east", EAST, BIOS),
	    target_at(DB_ROLE_TFTP, "west", EAST, BIOS));
}
END_TEST

/* ---- files that other tables name */

static void
put_plain_farms(void)
{
	struct db_farm *farm = farm_of("east", EAST);
	farm->servers[0].login = false;
	put_farm(farm);
	farm = farm_of("west", WEST);
	farm->servers[0].login = false;
	put_farm(farm);
}

START_TEST(copies_of_a_file_are_found_together)
{
	size_t count;
	struct db_farm *farm = farm_of("east", EAST);
	farm->servers[farm->server_count] = farm->servers[0];
	farm->servers[farm->server_count++].addr = EAST + 1;
	add_file(&farm->files, ARCH_UEFI_X64, EFI);
	put_farm(farm);
	put_farm(farm_of("west", WEST));
	read_plan();
	ck_assert_uint_eq(plan.copy_count, 5);
	struct target **copies = plan_copies(&plan, "EAST", "pvsNBPx64.efi", &count);
	ck_assert_uint_eq(count, 2);
	for (size_t i = 0; i < count; i++) {
		ck_assert_uint_eq(copies[i]->addr, EAST + i);
		ck_assert_str_eq(copies[i]->file, EFI);
	}
	ck_assert_ptr_nonnull(plan_copies(&plan, "west", BIOS, &count));
	ck_assert_uint_eq(count, 1);
	ck_assert_ptr_null(plan_copies(&plan, "west", EFI, &count));
	ck_assert_ptr_null(plan_copies(&plan, "x", BIOS, &count));
	ck_assert_uint_eq(count, 0);
}
END_TEST

START_TEST(files_of_scopes_are_asked_of_the_farm_they_lead_to)
{
	struct db_scope prefix = scope_of("EAST");
	struct db_scope none = scope_of("");
	struct db_scope subnet = scope_of("west");
	struct db_scope fallback = scope_of("east");
	put_plain_farms();
	add_file(&prefix.files, ARCH_UEFI_X64, "of-prefix.efi");
	add_file(
	    &prefix.files, ARCH_BIOS, "ardbp32.bin"); /* the farm's, in other letters */
	add_file(&none.files, ARCH_BIOS, "of-none.bin");
	add_file(&subnet.files, ARCH_BIOS, "of-subnet.bin");
	add_file(&subnet.files, ARCH_UEFI_X64, "");
	add_file(&fallback.files, ARCH_BIOS, "of-default.bin");
	put_scope(0x0a14, &prefix);
	put_scope(0x0a15, &none);
	put_scope(0x0a16, &prefix);
	ck_assert_int_eq(db_put_subnet(w, 42, &subnet), 0);
	ck_assert_int_eq(db_put_fallback(w, &fallback), 0);
	read_plan();
	assert_targets(&plan,
	    "tftp east 10.1.0.11 " BIOS "\n"
	    "tftp east 10.1.0.11 of-default.bin\n"
	    "tftp east 10.1.0.11 of-prefix.efi\n"
	    "tftp west 10.2.0.11 " BIOS "\n"
	    "tftp west 10.2.0.11 of-subnet.bin\n");
	ck_assert_uint_eq(plan.loose.count, 0);
}
END_TEST

START_TEST(files_of_a_device_with_a_farm_are_asked_of_that)
{
	put_plain_farms();
	put_device(1, "West", "of-device.efi");
	put_device(2, "west", "OF-device.efi");
	put_device(3, "gone", "of-nobody.efi");
	put_device(4, NULL, "of-none.efi");
	put_device(5, "east", NULL);
	read_plan();
	assert_targets(&plan,
	    "tftp east 10.1.0.11 " BIOS "\n"
	    "tftp west 10.2.0.11 " BIOS "\n"
	    "tftp west 10.2.0.11 of-device.efi\n");
}
END_TEST

START_TEST(a_loose_file_is_asked_of_the_farm_that_it_is_held_of)
{
	put_plain_farms();
	put_device(1, "", "Loose.efi");
	put_device(2, "", "not-held.efi");
	hold("WEST", "loose.EFI");
	hold("east", "not-named.efi");
	read_plan();
	assert_targets(&plan,
	    "tftp east 10.1.0.11 " BIOS "\n"
	    "tftp west 10.2.0.11 " BIOS "\n"
	    "tftp west 10.2.0.11 Loose.efi\n");
	ck_assert_uint_eq(plan.loose.count, 2);
	ck_assert_str_eq(
	    names_find(&plan.loose, "", 0, "lOOSE.efi")->file, "Loose.efi");
	ck_assert_ptr_nonnull(names_find(&plan.loose, "", 0, "not-held.efi"));
}
END_TEST

/* The decision asks the scope's table before that of the farm, which is the device's. */
START_TEST(a_scopes_file_is_loose_where_devices_have_farms_of_their_own)
{
	struct db_scope scope = scope_of("east");
	put_plain_farms();
	add_file(&scope.files, ARCH_UEFI_X64, "of-scope.efi");
	put_scope(0x0a14, &scope);
	put_device(1, "west", NULL);
	hold("west", "of-scope.efi");
	read_plan();
	assert_targets(&plan,
	    "tftp east 10.1.0.11 " BIOS "\n"
	    "tftp east 10.1.0.11 of-scope.efi\n"
	    "tftp west 10.2.0.11 " BIOS "\n"
	    "tftp west 10.2.0.11 of-scope.efi\n");
}
END_TEST

START_TEST(without_a_cache_nothing_is_held)
{
	struct cache *opened = cache;
	put_plain_farms();
	put_device(1, "", "loose.efi");
	hold("west", "loose.efi");
	cache = NULL;
	read_plan();
	cache = opened;
	assert_targets(&plan,
	    "tftp east 10.1.0.11 " BIOS "\n"
	    "tftp west 10.2.0.11 " BIOS "\n");
}
END_TEST

/* ---- what a target is */

START_TEST(a_target_says_what_its_map_does)
{
	uint8_t pin[DB_DIGEST_LEN];
	struct db_farm *east = farm_of("east", EAST);
	memset(pin, 7, sizeof(pin));
	east->monitor.interval_ms = 700;
	put_farm(east);
	struct db_farm *west = farm_of("west", WEST);
	west->monitor.probe = DB_PROBE_TFTP_REPLY;
	put_farm(west);
	ck_assert_int_eq(db_put_pin(w, "EAST", "ardbp32.bin", pin), 0);
	add_boot_server(BOOT_SERVER);
	hold("east", BIOS);
	read_plan();
	const struct target *target =
	    target_at(DB_ROLE_TFTP, "EAST", EAST, "ardbp32.bin");
	ck_assert_ptr_nonnull(target);
	ck_assert_int_eq(target->kind, PROBE_BOOTSTRAP);
	ck_assert_uint_eq(target->monitor.interval_ms, 700);
	ck_assert(target->has_pin && target->publishes);
	ck_assert_mem_eq(target->pin, pin, sizeof(pin));
	target = target_at(DB_ROLE_LOGIN, "east", EAST, "");
	ck_assert(
	    target->kind == PROBE_LOGIN && !target->publishes && !target->has_pin);
	target = target_at(DB_ROLE_TFTP, "west", WEST, BIOS);
	ck_assert(target->kind == PROBE_TFTP_REPLY && target->publishes);
	ck_assert(!target->has_pin);
	target = target_at(DB_ROLE_BOOT_SERVER, "east", BOOT_SERVER, BIOS);
	ck_assert(target->kind == PROBE_BOOTSTRAP && !target->publishes);
	ck_assert(target->has_pin);
	ck_assert_uint_eq(target->monitor.interval_ms, 700);
	const struct db_verdict_key key = target_key(target);
	ck_assert_ptr_eq(plan_find(&plan, &key), target);
}
END_TEST

START_TEST(what_no_target_is_about_is_not_found)
{
	ck_assert_ptr_null(target_at(DB_ROLE_TFTP, "east", EAST, BIOS));
	put_farm(farm_of("east", EAST));
	read_plan();
	ck_assert_ptr_nonnull(target_at(DB_ROLE_TFTP, "east", EAST, BIOS));
	ck_assert_ptr_null(target_at(DB_ROLE_TFTP, "east", EAST + 1, BIOS));
	ck_assert_ptr_null(target_at(DB_ROLE_TFTP, "west", EAST, BIOS));
	ck_assert_ptr_null(target_at(DB_ROLE_TFTP, "east", EAST, EFI));
	ck_assert_ptr_null(target_at(DB_ROLE_TSB, "east", EAST, ""));
	ck_assert_ptr_null(target_at(DB_ROLE_BOOT_SERVER, "", EAST, ""));
}
END_TEST

/* ---- boot servers */

/* Farms without logins, so that plans are short; their TFTP targets are not looked at. */
static void
assert_boot_servers(const char *want)
{
	struct plan served = {.targets = plan.targets};
	while (served.count < plan.count &&
	    served.targets[0]->role != DB_ROLE_BOOT_SERVER) {
		served.targets++;
		plan.count--;
	}
	served.count = plan.count;
	plan.count += (size_t)(served.targets - plan.targets);
	assert_targets(&served, want);
}

START_TEST(a_boot_server_is_asked_for_what_is_held_of_its_farms)
{
	struct db_farm *east = farm_of("East", EAST);
	add_file(&east->files, ARCH_UEFI_X64, EFI);
	put_farm(east);
	struct db_farm *west = farm_of("west", WEST);
	west->boot_servers[0] = BOOT_SERVER + 1;
	put_farm(west);
	add_boot_server(BOOT_SERVER);
	add_boot_server(BOOT_SERVER + 1);
	hold("east", "PVSNBPX64.efi");
	hold("east", "no-longer-named.efi");
	hold("west", BIOS);
	hold("gone", BIOS);
	read_plan();
	assert_boot_servers("boot-server East 10.0.0.5 East/" EFI "\n"
			    "boot-server west 10.0.0.6 west/" BIOS "\n");
}
END_TEST

START_TEST(a_scope_leads_its_farm_to_its_boot_servers)
{
	struct db_scope scope = scope_of("WEST");
	scope.boot_server_count = 1;
	scope.boot_servers[0] = BOOT_SERVER + 1;
	put_plain_farms();
	put_scope(0x0a14, &scope);
	add_boot_server(BOOT_SERVER);
	add_boot_server(BOOT_SERVER + 1);
	hold("east", BIOS);
	hold("west", BIOS);
	read_plan();
	assert_boot_servers("boot-server east 10.0.0.5 east/" BIOS "\n"
			    "boot-server west 10.0.0.5 west/" BIOS "\n"
			    "boot-server west 10.0.0.6 west/" BIOS "\n");
}
END_TEST

START_TEST(a_boot_server_without_held_files_is_asked_for_the_first_of_its_farms)
{
	struct db_farm *east = farm_of("east", EAST);
	east->files.count = 0;
	put_farm(east);
	struct db_farm *mid = farm_of("mid", EAST);
	mid->delivery = DB_DELIVERY_DIRECT;
	put_farm(mid);
	put_farm(farm_of("west", WEST));
	add_boot_server(BOOT_SERVER);
	hold("mid", BIOS);
	read_plan();
	assert_boot_servers("boot-server west 10.0.0.5 west/" BIOS "\n");
}
END_TEST

START_TEST(a_boot_server_of_no_farm_is_asked_for_the_first_file_of_all)
{
	struct db_farm *east = farm_of("east", EAST);
	east->delivery = DB_DELIVERY_DIRECT;
	add_file(&east->files, ARCH_UEFI_X64, "a.efi");
	put_farm(east);
	put_farm(farm_of("west", WEST));
	add_boot_server(BOOT_SERVER + 1);
	hold("west", BIOS);
	read_plan();
	assert_boot_servers("boot-server east 10.0.0.6 east/a.efi\n");
}
END_TEST

START_TEST(without_any_file_a_boot_server_is_not_asked)
{
	struct db_farm *east = farm_of("east", EAST);
	east->files.count = 0;
	put_farm(east);
	add_boot_server(BOOT_SERVER);
	read_plan();
	assert_targets(&plan, "login east 10.1.0.11\n");
}
END_TEST

/* The verdicts of a boot server's files, since when each holds, and what they make. */
static const struct {
	enum db_verdict verdict[3];
	int64_t since_ms[3];
	unsigned decides;
} wholes[] = {
    {{DB_VERDICT_UP, DB_VERDICT_UP, DB_VERDICT_UP}, {10, 30, 20}, 1},
    {{DB_VERDICT_UP, DB_VERDICT_DOWN, DB_VERDICT_UP}, {10, 5, 20}, 1},
    {{DB_VERDICT_DOWN, DB_VERDICT_UP, DB_VERDICT_DOWN}, {10, 30, 8}, 2},
    {{DB_VERDICT_UNPROVEN, DB_VERDICT_UP, DB_VERDICT_UNPROVEN}, {50, 30, 60}, 1},
    {{DB_VERDICT_UNPROVEN, DB_VERDICT_UNPROVEN, DB_VERDICT_DOWN}, {0, 0, 60}, 2},
    {{DB_VERDICT_UNPROVEN, DB_VERDICT_UNPROVEN, DB_VERDICT_UNPROVEN}, {0, 0, 0}, 0},
};

START_TEST(a_boot_server_is_down_when_one_of_its_files_is)
{
	struct target targets[5] = {{.role = DB_ROLE_TFTP, .addr = BOOT_SERVER}};
	struct target *pointers[5] = {&targets[0]};
	const struct plan of = {.targets = pointers, .count = 5};
	struct db_health health;
	for (unsigned i = 0; i < 3; i++) {
		targets[i + 1].account =
		    (struct db_health){.verdict = wholes[_i].verdict[i],
			.since_ms = wholes[_i].since_ms[i],
			.probes = 10,
			.failures = i,
			.latency_ms = i};
	}
	for (unsigned i = 1; i < 5; i++) {
		targets[i].role = DB_ROLE_BOOT_SERVER;
		targets[i].addr = BOOT_SERVER + (i == 4);
		pointers[i] = &targets[i];
	}
	unsigned decides = wholes[_i].decides;
	ck_assert(plan_boot_server(&of, BOOT_SERVER, &health));
	ck_assert_int_eq(health.verdict, wholes[_i].verdict[decides]);
	ck_assert_int_eq(health.since_ms, wholes[_i].since_ms[decides]);
	ck_assert_uint_eq(health.latency_ms, decides);
	ck_assert_uint_eq(health.probes, 30);
	ck_assert_uint_eq(health.failures, 3);
	ck_assert(!plan_boot_server(&of, BOOT_SERVER + 2, &health));
}
END_TEST

/* ---- from one revision to the next */

START_TEST(what_was_found_of_a_target_outlives_a_revision)
{
	struct db_farm *east = farm_of("east", EAST);
	put_farm(east);
	put_farm(farm_of("west", WEST));
	read_plan();
	struct target *before = target_at(DB_ROLE_TFTP, "east", EAST, BIOS);
	before->health = (struct health){.verdict = DB_VERDICT_UP, .probes = 9};
	before->account.size = 77;
	before->thin = 3;
	before->dirty = true;
	begin_again();
	east = farm_of("EAST", EAST);
	(void)text_copy(east->files.file[0].name, sizeof(BIOS), "ardbp32.bin");
	east->monitor.interval_ms = 900;
	east->monitor.probe = DB_PROBE_TFTP_REPLY;
	put_farm(east);
	read_plan();
	assert_targets(
	    &plan, "tftp EAST 10.1.0.11 ardbp32.bin\nlogin EAST 10.1.0.11\n");
	assert_targets(&old, "tftp west 10.2.0.11 " BIOS "\nlogin west 10.2.0.11\n");
	ck_assert_ptr_eq(plan.targets[0], before);
	ck_assert_int_eq(before->health.verdict, DB_VERDICT_UP);
	ck_assert_uint_eq(before->health.probes, 9);
	ck_assert_uint_eq(before->account.size, 77);
	ck_assert_uint_eq(before->thin, 3);
	ck_assert(before->dirty);
	ck_assert_uint_eq(before->monitor.interval_ms, 900);
	ck_assert_int_eq(before->kind, PROBE_TFTP_REPLY);
	ck_assert_uint_eq(plan.revision, 2);
}
END_TEST

START_TEST(a_pin_comes_and_goes_with_its_revision)
{
	const uint8_t pin[DB_DIGEST_LEN] = {1};
	put_farm(farm_of("east", EAST));
	read_plan();
	begin_again();
	put_farm(farm_of("east", EAST));
	ck_assert_int_eq(db_put_pin(w, "east", BIOS, pin), 0);
	read_plan();
	const struct target *target = target_at(DB_ROLE_TFTP, "east", EAST, BIOS);
	ck_assert(target->has_pin);
	ck_assert_mem_eq(target->pin, pin, sizeof(pin));
	begin_again();
	put_farm(farm_of("east", EAST));
	read_plan();
	ck_assert_ptr_eq(target_at(DB_ROLE_TFTP, "east", EAST, BIOS), target);
	ck_assert(!target->has_pin);
}
END_TEST

START_TEST(what_stands_between_others_comes_and_goes)
{
	enum { SERVERS = 6 };
	const uint8_t sets[] = {0x3f, 0x15, 0x2a, 0x00, 0x3f, 0x21, 0x1e};
	for (size_t i = 0; i < sizeof(sets); i++) {
		struct db_farm *east = farm_of("east", EAST);
		struct target *before[SERVERS];
		east->server_count = 0;
		for (unsigned j = 0; j < SERVERS; j++) {
			before[j] = target_at(DB_ROLE_TFTP, "east", EAST + j, BIOS);
			if ((sets[i] >> j & 1) != 0) {
				east->servers[east->server_count++] =
				    (struct db_server){
					.addr = EAST + j, .weight = 1, .tftp = true};
			}
		}
		size_t count = plan.count, left = 0;
		if (i > 0) {
			begin_again();
		}
		put_farm(east);
		read_plan();
		for (unsigned j = 0; j < SERVERS; j++) {
			struct target *now =
			    target_at(DB_ROLE_TFTP, "east", EAST + j, BIOS);
			bool is_wanted = (sets[i] >> j & 1) != 0;
			ck_assert_int_eq(now != NULL, is_wanted);
			ck_assert(!is_wanted || before[j] == NULL || now == before[j]);
			left += before[j] != NULL && !is_wanted;
		}
		ck_assert_uint_eq(old.count, left);
		ck_assert_uint_ge(count, left);
	}
}
END_TEST

/* A farm's record fails its checksum. */
static void
damage(void)
{
	static char bytes[1 << 20];
	int fd = open(map_file("data.mdb"), O_RDONLY);
	ssize_t len = read(fd, bytes, sizeof(bytes));
	(void)close(fd);
	for (ssize_t i = 0; i + 5 < len; i++) {
		if (memcmp(bytes + i, "spoil", 5) == 0) {
			map_poke(i, "spoiL", 5);
		}
	}
}

START_TEST(a_map_that_cannot_be_read_changes_nothing)
{
	put_farm(farm_of("east", EAST));
	read_plan();
	begin_again();
	struct db_farm *spoilt = farm_of("east", EAST);
	(void)text_copy(spoilt->files.file[0].name, sizeof(BIOS), "spoil.bin");
	put_farm(spoilt);
	commit();
	damage();
	ck_assert_int_ne(try_read(), 0);
	ck_assert_ptr_null(plan.targets);
	assert_targets(&old, "tftp east 10.1.0.11 " BIOS "\nlogin east 10.1.0.11\n");
}
END_TEST

/* ---- what a target asks */

static const struct {
	uint64_t probes;
	bool last_good, has_sha256, pin_differs;
	unsigned thin;
	uint16_t full_every;
	bool whole; /* what is asked, and comes of it */
	bool asks_whole;
} turns[] = {
    {0, false, false, false, 0, 12, false, true}, /* nothing is known */
    {0, false, true, false, 0, 12, false, true},
    {5, true, false, false, 0, 12, false, true}, /* of the file */
    {5, false, true, false, 0, 12, false, true}, /* it was bad */
    {5, true, true, true, 0, 12, false, true},   /* it is not the pinned one */
    {5, true, true, false, 0, 12, false, false},
    {5, true, true, false, 10, 12, false, false},
    {5, true, true, false, 11, 12, false, true}, /* its turn */
    {5, true, true, false, 12, 12, false, true},
    {5, true, true, false, 0, 12, true, true},
    {5, true, true, false, 0, 1, false, true},
    {5, true, true, false, 0, 2, false, false},
    {5, true, true, false, 1, 2, false, true},
};

START_TEST(a_known_file_is_fetched_whole_in_its_turn)
{
	struct target target = {.kind = PROBE_BOOTSTRAP,
	    .addr = EAST,
	    .name = BIOS,
	    .monitor = {.timeout_ms = 2000, .full_every = turns[_i].full_every},
	    .has_pin = turns[_i].pin_differs,
	    .pin = {1},
	    .health = {.probes = turns[_i].probes, .last_good = turns[_i].last_good},
	    .account = {.has_sha256 = turns[_i].has_sha256, .size = 4711},
	    .thin = turns[_i].thin};
	struct probe_ask ask;
	target_ask(&target, turns[_i].whole, &ask);
	ck_assert_int_eq(ask.whole, turns[_i].asks_whole);
	ck_assert_int_eq(ask.kind, PROBE_BOOTSTRAP);
	ck_assert(!ask.says_probe);
	ck_assert_uint_eq(ask.server, EAST);
	ck_assert_uint_eq(ask.timeout_ms, 2000);
	ck_assert_uint_eq(ask.known_size, 4711);
	ck_assert_str_eq(ask.name, BIOS);
	target.has_pin = true;
	target.pin[0] = 0; /* as the account has it */
	target_ask(&target, turns[_i].whole, &ask);
	ck_assert(ask.whole == turns[_i].asks_whole || turns[_i].pin_differs);
}
END_TEST

START_TEST(any_answer_is_good_where_the_monitor_says_so)
{
	struct target target = {.kind = PROBE_TFTP_REPLY,
	    .name = BIOS,
	    .monitor = {.interval_ms = 5000},
	    .fetched = true};
	struct probe_ask ask;
	target_ask(&target, false, &ask);
	ck_assert(ask.kind == PROBE_TFTP_REPLY && !ask.whole);
	target_ask(&target, true, &ask);
	ck_assert(ask.kind == PROBE_BOOTSTRAP && ask.whole);
	struct probe refused = {.ask = ask, .result = PROBE_REFUSED, .answered = true};
	struct probe silent = {.ask = ask, .result = PROBE_SILENT};
	ck_assert(target_is_good(&target, &refused));
	ck_assert(!target_is_good(&target, &silent));
	target.kind = PROBE_BOOTSTRAP;
	ck_assert(!target_is_good(&target, &refused));
}
END_TEST

/* Else the cache would hold nothing, or what the servers had once. */
START_TEST(a_file_of_which_any_answer_is_good_is_looked_at_now_and_then)
{
	struct target target = {
	    .kind = PROBE_TFTP_REPLY, .name = BIOS, .monitor = {.interval_ms = 5000}};
	static const struct {
		bool fetched;
		unsigned thin;
		bool want;
	} rows[] = {
	    {false, 0, true},
	    {false, 1, true},
	    {true, 0, false},
	    {true, 118, false},
	    {true, 119, true}, /* the 120th: after ten minutes */
	    {true, 4000000000, true},
	};
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct probe_ask ask;
		target.fetched = rows[i].fetched;
		target.thin = rows[i].thin;
		target_ask(&target, false, &ask);
		ck_assert_int_eq(
		    ask.kind, rows[i].want ? PROBE_BOOTSTRAP : PROBE_TFTP_REPLY);
		ck_assert_int_eq(ask.whole, rows[i].want);
	}
}
END_TEST

START_TEST(only_files_are_asked_for_whole)
{
	const enum probe_kind kinds[] = {PROBE_LOGIN, PROBE_TSB, PROBE_PXE};
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		const struct target target = {.kind = kinds[i]};
		struct probe_ask ask;
		target_ask(&target, true, &ask);
		ck_assert(ask.kind == kinds[i] && !ask.whole);
		ck_assert_str_eq(ask.name, "");
	}
}
END_TEST

static void
add_asking(Suite *suite)
{
	TCase *tcase = tcase_create("asking");
	suite_add_tcase(suite, tcase);
	tcase_add_loop_test(
	    tcase, a_known_file_is_fetched_whole_in_its_turn, 0, UNIT_ROWS(turns));
	tcase_add_test(tcase, any_answer_is_good_where_the_monitor_says_so);
	tcase_add_test(
	    tcase, a_file_of_which_any_answer_is_good_is_looked_at_now_and_then);
	tcase_add_test(tcase, only_files_are_asked_for_whole);
	tcase_add_loop_test(tcase, a_boot_server_is_down_when_one_of_its_files_is, 0,
	    UNIT_ROWS(wholes));
}

static Suite *
suite(void)
{
	Suite *suite = suite_create("plan");
	TCase *tcase = tcase_create("plan");
	suite_add_tcase(suite, tcase);
	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_add_test(tcase, each_server_is_asked_for_each_file_and_each_login);
	tcase_add_test(tcase, a_server_is_asked_for_its_roles_alone);
	tcase_add_test(tcase, a_streaming_address_of_two_servers_is_asked_once);
	tcase_add_test(tcase, advisory_probes_are_made_where_they_are_asked_for);
	tcase_add_test(tcase, a_farm_without_probes_has_targets_on_boot_servers_alone);
	tcase_add_test(tcase, a_boot_server_is_asked_where_its_responder_listens);
	tcase_add_test(tcase, farms_may_share_a_server);
	tcase_add_test(tcase, copies_of_a_file_are_found_together);
	tcase_add_test(tcase, files_of_scopes_are_asked_of_the_farm_they_lead_to);
	tcase_add_test(tcase, files_of_a_device_with_a_farm_are_asked_of_that);
	tcase_add_test(tcase, a_loose_file_is_asked_of_the_farm_that_it_is_held_of);
	tcase_add_test(
	    tcase, a_scopes_file_is_loose_where_devices_have_farms_of_their_own);
	tcase_add_test(tcase, without_a_cache_nothing_is_held);
	tcase_add_test(tcase, a_target_says_what_its_map_does);
	tcase_add_test(tcase, what_no_target_is_about_is_not_found);
	tcase_add_test(tcase, a_boot_server_is_asked_for_what_is_held_of_its_farms);
	tcase_add_test(tcase, a_scope_leads_its_farm_to_its_boot_servers);
	tcase_add_test(tcase,
	    a_boot_server_without_held_files_is_asked_for_the_first_of_its_farms);
	tcase_add_test(
	    tcase, a_boot_server_of_no_farm_is_asked_for_the_first_file_of_all);
	tcase_add_test(tcase, without_any_file_a_boot_server_is_not_asked);
	tcase_add_test(tcase, what_was_found_of_a_target_outlives_a_revision);
	tcase_add_test(tcase, a_pin_comes_and_goes_with_its_revision);
	tcase_add_test(tcase, what_stands_between_others_comes_and_goes);
	tcase_add_test(tcase, a_map_that_cannot_be_read_changes_nothing);
	add_asking(suite);
	return suite;
}

int
main(void)
{
	return unit_run(suite());
}
