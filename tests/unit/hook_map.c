/* SPDX-License-Identifier: MPL-2.0
 * Copyright the pvsboot authors */
#include "tests/unit/hook_map.h"

#include "db/state.h"
#include "db/write.h"
#include "lib/base/err.h"
#include "lib/wire/arch.h"

#include <stdio.h>
#include <stdlib.h>

enum { BOOT_SERVER = 0x0a000005 };

static void
must(int ret)
{
	if (ret != 0) {
		(void)fprintf(stderr, "hook_map: %s\n", err_str(ret));
		abort();
	}
}

static struct db_farm
farm_of(const char *name, uint32_t first, unsigned servers)
{
	struct db_farm farm = {
	    .balance = DB_BALANCE_HASH,
	    .login = DB_LOGIN_OPTION_11,
	    .files = {.count = 2,
		.file = {{ARCH_BIOS, "ARDBP32.BIN"}, {ARCH_UEFI_X64, "pvsnbpx64.efi"}}},
	    .monitor = {.interval_ms = 5000,
		.timeout_ms = 2000,
		.downtime_ms = 30000,
		.retries = 3,
		.success_retries = 1,
		.full_every = 1},
	    .boot_server_count = 1,
	    .boot_servers = {BOOT_SERVER},
	    .server_count = servers,
	    .stream_count = servers,
	};
	(void)snprintf(farm.name, sizeof(farm.name), "%s", name);
	for (unsigned i = 0; i < servers; i++) {
		farm.servers[i] = (struct db_server){.addr = first + i,
		    .weight = 1,
		    .tftp = true,
		    .login = true,
		    .stream_first = (uint16_t)i,
		    .stream_count = 1};
		farm.streams[i] = first + i;
	}
	return farm;
}

static struct db_scope
scope_of(const char *text, const char *farm)
{
	struct db_scope scope = {0};
	(void)snprintf(scope.text, sizeof(scope.text), "%s", text);
	(void)snprintf(scope.farm, sizeof(scope.farm), "%s", farm);
	return scope;
}

static void
put_farms(struct db_write *w)
{
	struct db_farm east = farm_of("east", 0x0a01000b, 4);
	struct db_farm west = farm_of("west", 0x0a02000b, 2);
	west.delivery = DB_DELIVERY_DIRECT;
	west.login = DB_LOGIN_ROOT_PATH;
	(void)snprintf(
	    west.root_path, sizeof(west.root_path), "pvs:[west.example.org]:17:6910");
	must(db_put_farm(w, &east));
	must(db_put_farm(w, &west));
}

static void
put_scopes(struct db_write *w, const char *farm)
{
	const struct db_scope wide = scope_of("10.20.0.0/16", farm);
	const struct db_scope narrow = scope_of("10.20.64.0/18", "west");
	const struct db_scope none = scope_of("10.40.0.0/16", "");
	const struct db_scope subnet = scope_of("subnet-id 42", "west");
	const struct db_scope fallback = scope_of("default", "");
	must(db_put_interval(w, 0x0a140000, 0x0a143fff, &wide));
	must(db_put_interval(w, 0x0a144000, 0x0a147fff, &narrow));
	must(db_put_interval(w, 0x0a148000, 0x0a14ffff, &wide));
	must(db_put_interval(w, 0x0a280000, 0x0a28ffff, &none));
	must(db_put_subnet(w, 42, &subnet));
	must(db_put_fallback(w, &fallback));
}

static void
put_config(struct db_write *w)
{
	const struct db_history history = {
	    .time_s = 1, .user = "test", .config = "{}", .config_len = 2};
	const struct db_settings settings = {
	    .boot_server_count = 1, .boot_servers = {BOOT_SERVER}};
	must(db_put_settings(w, &settings));
	must(db_put_config(w, &history));
}

void
hook_map(const char *dir, const char *farm)
{
	struct db_write *w;
	const struct db_device device = {
	    .mac = {{2, 0, 0, 0, 0, 0x99}}, .which = DB_DEVICE_FARM, .farm = "west"};
	must(db_write_begin(dir, &w));
	must(db_write_clear(w));
	put_farms(w);
	put_scopes(w, farm);
	put_config(w);
	must(db_put_device(w, &device));
	must(db_write_commit(w));
}

void
hook_map_without_server(const char *dir)
{
	struct db_write *w;
	struct db_farm east = farm_of("east", 0x0a01000b, 4);
	east.boot_server_count = 0;
	hook_map(dir, "east");
	must(db_write_begin(dir, &w));
	must(db_put_farm(w, &east));
	must(db_write_commit(w));
}

void
hook_map_fill(const char *dir, uint32_t devices, uint32_t prefixes)
{
	struct db_write *w;
	must(db_write_begin(dir, &w));
	for (uint32_t i = 0; i < devices; i++) {
		struct db_device device = {
		    .mac = {{6, 0, (uint8_t)(i >> 24), (uint8_t)(i >> 16),
			(uint8_t)(i >> 8), (uint8_t)i}},
		    .which = DB_DEVICE_FARM};
		(void)snprintf(device.farm, sizeof(device.farm), "%s",
		    i % 2 == 0 ? "east" : "west");
		must(db_put_device(w, &device));
	}
	for (uint32_t i = 0; i < prefixes; i++) {
		uint32_t first = 0xac100000 + (i << 8);
		char text[IP4_PREFIX_TEXT];
		const struct ip4_prefix prefix = {.addr = first, .len = 24};
		const struct db_scope scope =
		    scope_of(ip4_prefix_format(&prefix, text), "east");
		must(db_put_interval(w, first, first + 255, &scope));
	}
	must(db_write_commit(w));
}

static struct db_verdict_entry
verdict_of(
    enum db_role role, const char *farm, uint32_t addr, const char *file, uint32_t down)
{
	return (struct db_verdict_entry){
	    .key = {.role = role, .farm = farm, .addr = addr, .file = file},
	    .verdict = addr == down ? DB_VERDICT_DOWN : DB_VERDICT_UP};
}

void
hook_map_state(const char *dir, uint32_t down)
{
	static const char *const files[] = {"ARDBP32.BIN", "pvsnbpx64.efi"};
	struct db_verdict_entry entries[16];
	size_t count = 0;
	for (uint32_t addr = 0x0a01000b; addr <= 0x0a01000e; addr++) {
		for (unsigned i = 0; i < 2; i++) {
			entries[count++] =
			    verdict_of(DB_ROLE_TFTP, "east", addr, files[i], down);
		}
		entries[count++] = verdict_of(DB_ROLE_LOGIN, "east", addr, NULL, down);
	}
	entries[count++] =
	    verdict_of(DB_ROLE_BOOT_SERVER, NULL, BOOT_SERVER, NULL, down);
	struct db_state *state;
	must(db_state_open(dir, &state));
	must(db_state_put(state, entries, count));
	db_state_close(state);
}
