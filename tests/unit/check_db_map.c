/* SPDX-License-Identifier: MPL-2.0
 * Copyright the pvsboot authors */
#include "tests/unit/db_unit.h"

/* What is put is what the decision finds. */

static void
assert_files(const struct db_files *got, const struct db_files *want)
{
	ck_assert_uint_eq(got->count, want->count);
	for (unsigned i = 0; i < want->count; i++) {
		ck_assert_uint_eq(got->file[i].arch, want->file[i].arch);
		ck_assert_str_eq(got->file[i].name, want->file[i].name);
	}
}

static void
assert_scope(const struct db_scope *got, const struct db_scope *want)
{
	ck_assert_str_eq(got->text, want->text);
	ck_assert_str_eq(got->farm, want->farm);
	assert_files(&got->files, &want->files);
	ck_assert_uint_eq(got->boot_server_count, want->boot_server_count);
	ck_assert_mem_eq(got->boot_servers, want->boot_servers,
	    want->boot_server_count * sizeof(want->boot_servers[0]));
	ck_assert_uint_eq(got->reply_delay_ms, want->reply_delay_ms);
}

START_TEST(a_farm_survives_the_round_trip_and_is_found_in_any_case)
{
	struct db_farm want;
	struct db_farm got;
	sample_farm("East", &want);
	want.monitor.tsb = true;
	struct db_write *w = map_begin();
	ck_assert_int_eq(db_put_farm(w, &want), 0);
	ck_assert_int_eq(db_write_commit(w), 0);

	struct db_snapshot snap = snapshot_begin(scratch.map);
	ck_assert_int_eq(db_source.farm(&snap, "eAST", &got), 0);
	ck_assert_str_eq(got.name, "East");
	ck_assert_int_eq(got.delivery, want.delivery);
	ck_assert_int_eq(got.balance, want.balance);
	ck_assert_int_eq(got.login, want.login);
	ck_assert_str_eq(got.root_path, want.root_path);
	assert_files(&got.files, &want.files);
	ck_assert_uint_eq(got.offer_count, 1);
	ck_assert_uint_eq(got.offer[0].arch, 7);
	ck_assert_int_eq(got.offer[0].form, DB_OFFER_DIRECT);
	ck_assert_int_eq(got.monitor.probe, want.monitor.probe);
	ck_assert_uint_eq(got.monitor.interval_ms, want.monitor.interval_ms);
	ck_assert_uint_eq(got.monitor.timeout_ms, want.monitor.timeout_ms);
	ck_assert_uint_eq(got.monitor.downtime_ms, want.monitor.downtime_ms);
	ck_assert_uint_eq(got.monitor.retries, want.monitor.retries);
	ck_assert_uint_eq(got.monitor.success_retries, want.monitor.success_retries);
	ck_assert_uint_eq(got.monitor.full_every, want.monitor.full_every);
	ck_assert(got.monitor.tsb && !got.monitor.pxe);
	ck_assert_uint_eq(got.boot_server_count, 1);
	ck_assert_uint_eq(got.boot_servers[0], want.boot_servers[0]);
	ck_assert_uint_eq(got.server_count, want.server_count);
	for (unsigned i = 0; i < want.server_count; i++) {
		ck_assert_uint_eq(got.servers[i].addr, want.servers[i].addr);
		ck_assert_uint_eq(got.servers[i].weight, want.servers[i].weight);
		ck_assert_int_eq(got.servers[i].backup, want.servers[i].backup);
		ck_assert_int_eq(got.servers[i].tftp, want.servers[i].tftp);
		ck_assert_int_eq(got.servers[i].login, want.servers[i].login);
		ck_assert_uint_eq(
		    got.servers[i].stream_first, want.servers[i].stream_first);
		ck_assert_uint_eq(
		    got.servers[i].stream_count, want.servers[i].stream_count);
	}
	ck_assert_uint_eq(got.stream_count, want.stream_count);
	ck_assert_mem_eq(got.streams, want.streams, 3 * sizeof(want.streams[0]));
	ck_assert_int_eq(db_source.farm(&snap, "west", &got), ERR_NOTFOUND);
	ck_assert_int_eq(
	    db_source.farm(&snap, "a-name-that-is-longer-than-any-farm-name", &got),
	    ERR_NOTFOUND);
	snapshot_end(&snap);
}
END_TEST

START_TEST(a_device_survives_the_round_trip)
{
	const struct db_device want = sample_device(7);
	struct db_device got;
	struct db_write *w = map_begin();
	ck_assert_int_eq(db_put_device(w, &want), 0);
	ck_assert_int_eq(db_write_commit(w), 0);
	struct db_snapshot snap = snapshot_begin(scratch.map);
	ck_assert_int_eq(db_source.device(&snap, &want.mac, &got), 0);
	ck_assert(mac_equal(&got.mac, &want.mac));
	ck_assert_int_eq(got.which, want.which);
	ck_assert_str_eq(got.farm, want.farm);
	assert_files(&got.files, &want.files);
	ck_assert_str_eq(got.name, want.name);
	ck_assert_str_eq(got.note, want.note);
	const struct mac other = {{2, 0, 0, 0, 0, 8}};
	ck_assert_int_eq(db_source.device(&snap, &other, &got), ERR_NOTFOUND);
	snapshot_end(&snap);
}
END_TEST

START_TEST(a_device_whose_note_is_no_utf8_is_refused)
{
	struct db_device device = sample_device(7);
	(void)snprintf(device.note, sizeof(device.note), "\xff");
	struct db_write *w = map_begin();
	ck_assert_int_eq(db_put_device(w, &device), ERR_MALFORMED);
	db_write_abort(w);
}
END_TEST

START_TEST(a_device_that_names_no_farm_but_says_farm_is_refused)
{
	struct db_device device = sample_device(7);
	device.farm[0] = '\0';
	struct db_write *w = map_begin();
	ck_assert_int_eq(db_put_device(w, &device), ERR_MALFORMED);
	db_write_abort(w);
}
END_TEST

START_TEST(counts_over_their_limit_are_refused)
{
	struct db_write *w = map_begin();
	struct db_farm farm;
	sample_farm("east", &farm);
	farm.server_count = DB_SERVERS_MAX + 1;
	ck_assert_int_eq(db_put_farm(w, &farm), ERR_RANGE);
	sample_farm("east", &farm);
	farm.servers[1].stream_count = 3;
	ck_assert_int_eq(db_put_farm(w, &farm), ERR_RANGE);
	sample_farm("east", &farm);
	farm.servers[1].weight = 101;
	ck_assert_int_eq(db_put_farm(w, &farm), ERR_MALFORMED);
	sample_farm("../east", &farm);
	ck_assert_int_eq(db_put_farm(w, &farm), ERR_MALFORMED);
	struct db_scope scope = sample_scope("default", "east");
	scope.files.count = DB_FILES_MAX + 1;
	ck_assert_int_eq(db_put_fallback(w, &scope), ERR_RANGE);
	scope = sample_scope("default", "east");
	scope.boot_server_count = DB_BOOT_SERVERS_MAX + 1;
	ck_assert_int_eq(db_put_fallback(w, &scope), ERR_RANGE);
	scope = sample_scope("default", "east");
	ck_assert_int_eq(db_put_interval(w, 2, 1, &scope), ERR_RANGE);
	struct db_settings settings = sample_settings();
	settings.listen_count = DB_LISTEN_MAX + 1;
	ck_assert_int_eq(db_put_settings(w, &settings), ERR_RANGE);
	db_write_abort(w);
}
END_TEST

START_TEST(the_largest_farm_fits)
{
	struct db_farm *farm = calloc(1, sizeof(*farm));
	struct db_farm *got = calloc(1, sizeof(*got));
	ck_assert(farm != NULL && got != NULL);
	sample_farm("a-farm-with-a-name-of-32-letters", farm);
	memset(farm->root_path, 'r', DB_ROOT_PATH_MAX);
	farm->files.count = DB_FILES_MAX;
	for (unsigned i = 0; i < DB_FILES_MAX; i++) {
		farm->files.file[i].arch = (uint16_t)(100 + i);
		memset(farm->files.file[i].name, 'f', DB_FILE_NAME_MAX);
		farm->offer[i].arch = (uint16_t)(100 + i);
	}
	farm->offer_count = DB_FILES_MAX;
	farm->boot_server_count = DB_BOOT_SERVERS_MAX;
	farm->server_count = DB_SERVERS_MAX;
	farm->stream_count = DB_STREAMS_MAX;
	for (unsigned i = 0; i < DB_SERVERS_MAX; i++) {
		farm->servers[i] = (struct db_server){.addr = i + 1,
		    .weight = 1,
		    .stream_first = (uint16_t)(2 * i),
		    .stream_count = 2};
	}
	struct db_write *w = map_begin();
	ck_assert_int_eq(db_put_farm(w, farm), 0);
	ck_assert_int_eq(db_write_commit(w), 0);
	struct db_snapshot snap = snapshot_begin(scratch.map);
	ck_assert_int_eq(db_source.farm(&snap, farm->name, got), 0);
	ck_assert_uint_eq(got->server_count, DB_SERVERS_MAX);
	ck_assert_uint_eq(got->servers[DB_SERVERS_MAX - 1].addr, DB_SERVERS_MAX);
	ck_assert_uint_eq(got->stream_count, DB_STREAMS_MAX);
	snapshot_end(&snap);
	free(farm);
	free(got);
}
END_TEST

static const struct {
	uint32_t first, last;
	const char *text;
} intervals[] = {
    {0x00000000, 0x00000000, "0.0.0.0/32"},
    {0x0a140000, 0x0a143fff, "10.20.0.0/16"},
    {0x0a144000, 0x0a147fff, "10.20.64.0/18"},
    {0x0a148000, 0x0a14ffff, "10.20.0.0/16"},
    {0xffffff00, 0xffffffff, "255.255.255.0/24"},
};

static const struct {
	uint32_t addr;
	const char *text; /* NULL: a gap */
} looked_up[] = {
    {0x00000000, "0.0.0.0/32"},
    {0x00000001, NULL},
    {0x0a13ffff, NULL},
    {0x0a140000, "10.20.0.0/16"},
    {0x0a143fff, "10.20.0.0/16"},
    {0x0a144000, "10.20.64.0/18"},
    {0x0a147fff, "10.20.64.0/18"},
    {0x0a148000, "10.20.0.0/16"},
    {0x0a14ffff, "10.20.0.0/16"},
    {0x0a150000, NULL},
    {0xfffffeff, NULL},
    {0xffffff00, "255.255.255.0/24"},
    {0xffffffff, "255.255.255.0/24"},
};

static void
put_intervals(struct db_write *w, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		struct db_scope scope = sample_scope(intervals[i].text, "east");
		struct db_client client = {.has_scope = true, .scope = scope};
		ck_assert_int_eq(
		    db_put_interval(w, intervals[i].first, intervals[i].last, &scope),
		    0);
		ck_assert_int_eq(db_put_client_interval(
				     w, intervals[i].first, intervals[i].last, &client),
		    0);
	}
}

START_TEST(an_address_is_found_in_its_interval_and_nowhere_in_a_gap)
{
	struct db_scope scope;
	struct db_client client;
	struct db_write *w = map_begin();
	put_intervals(w, sizeof(intervals) / sizeof(intervals[0]));
	struct db_scope fallback = sample_scope("default", "west");
	ck_assert_int_eq(db_put_fallback(w, &fallback), 0);
	ck_assert_int_eq(db_write_commit(w), 0);
	struct db_snapshot snap = snapshot_begin(scratch.map);
	for (size_t i = 0; i < sizeof(looked_up) / sizeof(looked_up[0]); i++) {
		int want = looked_up[i].text != NULL ? 0 : ERR_NOTFOUND;
		ck_assert_int_eq(
		    db_source.prefix(&snap, looked_up[i].addr, &scope), want);
		ck_assert_int_eq(
		    db_source.client(&snap, looked_up[i].addr, &client), want);
		if (want == 0) {
			ck_assert_str_eq(scope.text, looked_up[i].text);
			ck_assert(client.has_scope && !client.listed);
			assert_scope(&client.scope, &scope);
		}
	}
	ck_assert_int_eq(db_source.fallback(&snap, &scope), 0);
	assert_scope(&scope, &fallback);
	snapshot_end(&snap);
}
END_TEST

START_TEST(above_the_last_interval_there_is_a_gap)
{
	struct db_scope scope;
	struct db_write *w = map_begin();
	put_intervals(w, 2);
	ck_assert_int_eq(db_write_commit(w), 0);
	struct db_snapshot snap = snapshot_begin(scratch.map);
	ck_assert_int_eq(db_source.prefix(&snap, 0xffffffff, &scope), ERR_NOTFOUND);
	ck_assert_int_eq(db_source.fallback(&snap, &scope), ERR_NOTFOUND);
	snapshot_end(&snap);
}
END_TEST

START_TEST(subnets_clients_and_settings_survive_the_round_trip)
{
	struct db_scope scope;
	struct db_client client = {.listed = true};
	struct db_settings got;
	const struct db_scope subnet = sample_scope("subnet-id 4294967294", "");
	const struct db_settings settings = sample_settings();
	const uint8_t pin[DB_DIGEST_LEN] = {1};
	struct db_write *w = map_begin();
	ck_assert_int_eq(db_put_subnet(w, 4294967294, &subnet), 0);
	ck_assert_int_eq(db_put_client_interval(w, 5, 5, &client), 0);
	ck_assert_int_eq(db_put_settings(w, &settings), 0);
	ck_assert_int_eq(db_put_pin(w, "east", "ARDBP32.BIN", pin), 0);
	ck_assert_int_eq(db_write_commit(w), 0);

	struct db_snapshot snap = snapshot_begin(scratch.map);
	ck_assert_int_eq(db_source.subnet(&snap, 4294967294, &scope), 0);
	assert_scope(&scope, &subnet);
	ck_assert_int_eq(db_source.subnet(&snap, 1, &scope), ERR_NOTFOUND);
	client.listed = false;
	ck_assert_int_eq(db_source.client(&snap, 5, &client), 0);
	ck_assert(client.listed && !client.has_scope);
	ck_assert_int_eq(db_map_settings(&snap, &got), 0);
	ck_assert_uint_eq(got.listen_count, 2);
	ck_assert_uint_eq(got.listen[1].addr, 0x0a000005);
	ck_assert_uint_eq(got.listen[1].port, 6900);
	ck_assert(got.single_port && got.relay_only && got.shadow);
	ck_assert_uint_eq(got.port_first, 20000);
	ck_assert_uint_eq(got.port_last, 29999);
	ck_assert_uint_eq(got.interface_count, 2);
	ck_assert_str_eq(got.interfaces[1], "fifteen-letters");
	ck_assert_uint_eq(got.boot_server_count, 1);
	ck_assert_uint_eq(got.boot_servers[0], 0x0a000005);
	snapshot_end(&snap);
}
END_TEST

START_TEST(drains_are_a_set_of_addresses)
{
	const struct db_drains put = {.count = 3, .addr = {9, 3, 9}};
	const struct db_drains none = {0};
	struct db_drains got;
	struct db_write *w = map_begin();
	ck_assert_int_eq(db_put_drains(w, "East", &put), 0);
	ck_assert_int_eq(db_put_drains(w, "", &put), 0);
	ck_assert_int_eq(db_put_drains(w, "", &none), 0);
	ck_assert_int_eq(db_put_drains(w, "never-drained", &none), 0);
	ck_assert_int_eq(db_write_commit(w), 0);
	struct db_snapshot snap = snapshot_begin(scratch.map);
	ck_assert_int_eq(db_source.drains(&snap, "EAST", &got), 0);
	ck_assert_uint_eq(got.count, 2);
	ck_assert_uint_eq(got.addr[0], 3);
	ck_assert_uint_eq(got.addr[1], 9);
	ck_assert_int_eq(db_source.drains(&snap, "", &got), ERR_NOTFOUND);
	snapshot_end(&snap);
}
END_TEST

static int
stop_at_second(void *ctx, const struct db_device *device)
{
	unsigned *count = ctx;
	ck_assert_uint_eq(device->mac.b[5], ++*count);
	return *count == 2 ? 42 : 0;
}

START_TEST(devices_are_visited_in_order_until_told_to_stop)
{
	unsigned count = 0;
	struct db_write *w = map_begin();
	for (unsigned i = 3; i > 0; i--) {
		const struct db_device device = sample_device(i);
		ck_assert_int_eq(db_put_device(w, &device), 0);
	}
	ck_assert_int_eq(db_write_commit(w), 0);
	struct db_snapshot snap = snapshot_begin(scratch.map);
	ck_assert_int_eq(db_map_devices(&snap, stop_at_second, &count), 42);
	snapshot_end(&snap);
}
END_TEST

struct names {
	unsigned count;
	char name[8][DB_FARM_NAME_MAX + 1];
	int stop; /* what visiting the second returns */
};

static int
see_name(struct names *names, const char *name)
{
	(void)snprintf(names->name[names->count], sizeof(names->name[0]), "%s", name);
	return ++names->count == 2 ? names->stop : 0;
}

static int
see_farm(void *ctx, const struct db_farm *farm)
{
	ck_assert_uint_eq(farm->server_count, 2);
	return see_name(ctx, farm->name);
}

START_TEST(farms_are_visited_in_order_until_told_to_stop)
{
	static const char *const farms[] = {"west", "East", "north"};
	static struct db_farm room;
	struct names all = {0};
	struct names two = {.stop = 42};
	struct db_write *w = map_begin();
	for (unsigned i = 0; i < 3; i++) {
		sample_farm(farms[i], &room);
		ck_assert_int_eq(db_put_farm(w, &room), 0);
	}
	ck_assert_int_eq(db_write_commit(w), 0);
	struct db_snapshot snap = snapshot_begin(scratch.map);
	ck_assert_int_eq(db_map_farms(&snap, &room, see_farm, &all), 0);
	ck_assert_uint_eq(all.count, 3);
	ck_assert_str_eq(all.name[0], "East");
	ck_assert_str_eq(all.name[1], "north");
	ck_assert_str_eq(all.name[2], "west");
	ck_assert_int_eq(db_map_farms(&snap, &room, see_farm, &two), 42);
	ck_assert_uint_eq(two.count, 2);
	snapshot_end(&snap);
}
END_TEST

static int
see_scope(void *ctx, const struct db_scope *scope)
{
	return see_name(ctx, scope->text);
}

START_TEST(every_stored_scope_is_visited)
{
	struct names all = {0};
	struct names two = {.stop = 42};
	struct names none = {0};
	const struct db_scope fallback = sample_scope("default", "west");
	const struct db_scope subnet = sample_scope("subnet-id 7", "west");
	struct db_write *w = map_begin();
	ck_assert_int_eq(db_write_commit(w), 0);
	struct db_snapshot snap = snapshot_begin(scratch.map);
	ck_assert_int_eq(db_map_scopes(&snap, see_scope, &none), 0);
	ck_assert_uint_eq(none.count, 0);
	snapshot_end(&snap);

	w = map_begin();
	put_intervals(w, 4);
	ck_assert_int_eq(db_put_subnet(w, 7, &subnet), 0);
	ck_assert_int_eq(db_put_fallback(w, &fallback), 0);
	ck_assert_int_eq(db_write_commit(w), 0);
	snap = snapshot_begin(scratch.map);
	ck_assert_int_eq(db_map_scopes(&snap, see_scope, &all), 0);
	ck_assert_uint_eq(all.count, 6);
	ck_assert_str_eq(all.name[0], "default");
	ck_assert_str_eq(all.name[1], "subnet-id 7");
	ck_assert_str_eq(all.name[2], intervals[0].text);
	ck_assert_str_eq(all.name[5], intervals[3].text);
	ck_assert_int_eq(db_map_scopes(&snap, see_scope, &two), 42);
	ck_assert_uint_eq(two.count, 2);
	snapshot_end(&snap);
}
END_TEST

START_TEST(a_pin_is_of_one_farm_and_file_in_any_case)
{
	uint8_t got[DB_DIGEST_LEN];
	const uint8_t pin[DB_DIGEST_LEN] = {1, 2, 3};
	struct db_write *w = map_begin();
	ck_assert_int_eq(db_put_pin(w, "East", "ARDBP32.BIN", pin), 0);
	ck_assert_int_eq(db_write_commit(w), 0);
	struct db_snapshot snap = snapshot_begin(scratch.map);
	ck_assert_int_eq(db_map_pin(&snap, "eAST", "ardbp32.bin", got), 0);
	ck_assert_mem_eq(got, pin, sizeof(pin));
	ck_assert_int_eq(db_map_pin(&snap, "east", "other.bin", got), ERR_NOTFOUND);
	ck_assert_int_eq(db_map_pin(&snap, "west", "ARDBP32.BIN", got), ERR_NOTFOUND);
	ck_assert_int_eq(
	    db_map_pin(&snap, "a-name-that-is-longer-than-any-farm-name", "x", got),
	    ERR_NOTFOUND);
	snapshot_end(&snap);
}
END_TEST

struct noted {
	unsigned count;
	struct db_drain drain[8];
};

static int
see_drain(void *ctx, const struct db_drain *drain)
{
	struct noted *noted = ctx;
	noted->drain[noted->count++] = *drain;
	return noted->count == 8 ? 42 : 0;
}

static struct noted
read_notes(const struct db_snapshot *snap, const char *farm)
{
	struct noted noted = {0};
	ck_assert_int_eq(db_map_drain_notes(snap, farm, see_drain, &noted), 0);
	return noted;
}

START_TEST(a_drain_has_its_note_until_it_ends)
{
	struct noted noted;
	struct db_drains drains;
	const struct db_drains unknown = {.count = 1, .addr = {5}};
	const struct db_drain nine = {9, 1700000000, "admin", "new disks"};
	const struct db_drain three = {3, 1700000001, "root", ""};
	struct db_write *w = map_begin();
	const struct db_snapshot *snap = db_write_snapshot(w);
	ck_assert_int_eq(db_put_drains(w, "East", &unknown), 0);
	ck_assert_int_eq(db_put_drain(w, "East", &nine), 0);
	ck_assert_int_eq(db_put_drain(w, "eAST", &three), 0);
	ck_assert_int_eq(db_put_drain(w, "East", &nine), ERR_EXISTS);
	ck_assert_int_eq(db_put_drain(w, "", &nine), 0);
	noted = read_notes(snap, "EAST");
	ck_assert_uint_eq(noted.count, 3);
	ck_assert_uint_eq(noted.drain[0].addr, 3);
	ck_assert_int_eq(noted.drain[0].time_s, 1700000001);
	ck_assert_str_eq(noted.drain[0].user, "root");
	ck_assert_str_eq(noted.drain[0].note, "");
	ck_assert_uint_eq(noted.drain[1].addr, 5);
	ck_assert_int_eq(noted.drain[1].time_s, 0);
	ck_assert_str_eq(noted.drain[1].user, "");
	ck_assert_uint_eq(noted.drain[2].addr, 9);
	ck_assert_str_eq(noted.drain[2].note, "new disks");

	ck_assert_int_eq(db_del_drain(w, "east", 3), 0);
	ck_assert_int_eq(db_del_drain(w, "east", 3), ERR_NOTFOUND);
	ck_assert_int_eq(db_del_drain(w, "west", 3), ERR_NOTFOUND);
	noted = read_notes(snap, "east");
	ck_assert_uint_eq(noted.count, 2);
	ck_assert_str_eq(noted.drain[1].note, "new disks");
	const struct db_drain again = {9, 1700000002, "admin", "newer disks"};
	ck_assert_int_eq(db_del_drain(w, "east", 9), 0);
	ck_assert_int_eq(db_put_drain(w, "east", &again), 0);
	ck_assert_str_eq(read_notes(snap, "east").drain[1].note, "newer disks");
	ck_assert_int_eq(db_del_drain(w, "east", 9), 0);
	ck_assert_int_eq(db_del_drain(w, "east", 5), 0);
	ck_assert_int_eq(
	    db_source.drains(db_write_snapshot(w), "east", &drains), ERR_NOTFOUND);
	ck_assert_uint_eq(read_notes(snap, "east").count, 0);
	ck_assert_uint_eq(read_notes(snap, "").count, 1);
	db_write_abort(w);
}
END_TEST

START_TEST(every_server_of_the_largest_farm_can_be_drained_with_the_longest_note)
{
	struct db_drains drains;
	struct noted noted = {0};
	struct db_drain drain = {.time_s = 1};
	memset(drain.user, 'u', sizeof(drain.user) - 1);
	memset(drain.note, 'n', DB_NOTE_MAX);
	struct db_write *w = map_begin();
	for (unsigned i = DB_SERVERS_MAX; i > 0; i--) {
		drain.addr = i;
		ck_assert_int_eq(db_put_drain(w, "east", &drain), 0);
	}
	drain.addr = 0;
	ck_assert_int_eq(db_put_drain(w, "east", &drain), ERR_FULL);
	ck_assert_int_eq(db_write_commit(w), 0);
	struct db_snapshot snap = snapshot_begin(scratch.map);
	ck_assert_int_eq(db_source.drains(&snap, "east", &drains), 0);
	ck_assert_uint_eq(drains.count, DB_SERVERS_MAX);
	ck_assert_int_eq(db_map_drain_notes(&snap, "east", see_drain, &noted), 42);
	ck_assert_uint_eq(noted.drain[7].addr, 8);
	ck_assert_str_eq(noted.drain[7].note, drain.note);
	snapshot_end(&snap);
}
END_TEST

START_TEST(a_drain_whose_note_or_user_is_no_utf8_is_refused)
{
	const struct db_drain note = {.addr = 1, .note = "\xff"};
	const struct db_drain user = {.addr = 1, .user = "\xff"};
	struct db_write *w = map_begin();
	ck_assert_int_eq(db_put_drain(w, "east", &note), ERR_MALFORMED);
	ck_assert_int_eq(db_put_drain(w, "east", &user), ERR_MALFORMED);
	db_write_abort(w);
}
END_TEST

START_TEST(verdicts_are_told_apart_by_role_farm_address_and_file)
{
	struct db_state *state;
	enum db_verdict got;
	const struct db_verdict_entry entries[] = {
	    {{DB_ROLE_TFTP, "East", 1, "ARDBP32.BIN"}, DB_VERDICT_UP},
	    {{DB_ROLE_TFTP, "East", 2, "ARDBP32.BIN"}, DB_VERDICT_DOWN},
	    {{DB_ROLE_LOGIN, "East", 1, NULL}, DB_VERDICT_DOWN},
	    {{DB_ROLE_BOOT_SERVER, "", 1, ""}, DB_VERDICT_DOWN},
	};
	struct db_write *w = map_begin();
	ck_assert_int_eq(db_write_commit(w), 0);
	ck_assert_int_eq(db_state_open(scratch.state, &state), 0);
	ck_assert_int_eq(db_state_put(state, entries, 4), 0);
	db_state_close(state);

	struct db_snapshot snap = snapshot_begin(scratch.map);
	struct db_verdict_key key = {DB_ROLE_TFTP, "eAST", 1, "ardbp32.bin"};
	ck_assert_int_eq(db_source.verdict(&snap, &key, &got), ERR_NOTFOUND);
	ck_assert_int_eq(db_env_open(DB_STATE, scratch.state, 1, &snap.state), 0);
	ck_assert_int_eq(db_reader_begin(snap.state, 0), 0);
	ck_assert_int_eq(db_source.verdict(&snap, &key, &got), 0);
	ck_assert_int_eq(got, DB_VERDICT_UP);
	key.addr = 2;
	ck_assert_int_eq(db_source.verdict(&snap, &key, &got), 0);
	ck_assert_int_eq(got, DB_VERDICT_DOWN);
	key.addr = 3;
	ck_assert_int_eq(db_source.verdict(&snap, &key, &got), ERR_NOTFOUND);
	key = (struct db_verdict_key){DB_ROLE_LOGIN, "east", 1, ""};
	ck_assert_int_eq(db_source.verdict(&snap, &key, &got), 0);
	key = (struct db_verdict_key){DB_ROLE_BOOT_SERVER, NULL, 1, NULL};
	ck_assert_int_eq(db_source.verdict(&snap, &key, &got), 0);
	db_reader_end(snap.state, 0);
	db_env_close(snap.state);
	snapshot_end(&snap);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("db_map");
	TCase *tc = tcase_create("map");
	tcase_add_checked_fixture(tc, scratch_setup, scratch_teardown);
	tcase_add_test(tc, a_farm_survives_the_round_trip_and_is_found_in_any_case);
	tcase_add_test(tc, a_device_survives_the_round_trip);
	tcase_add_test(tc, a_device_whose_note_is_no_utf8_is_refused);
	tcase_add_test(tc, a_device_that_names_no_farm_but_says_farm_is_refused);
	tcase_add_test(tc, counts_over_their_limit_are_refused);
	tcase_add_test(tc, the_largest_farm_fits);
	tcase_add_test(tc, an_address_is_found_in_its_interval_and_nowhere_in_a_gap);
	tcase_add_test(tc, above_the_last_interval_there_is_a_gap);
	tcase_add_test(tc, subnets_clients_and_settings_survive_the_round_trip);
	tcase_add_test(tc, drains_are_a_set_of_addresses);
	tcase_add_test(tc, devices_are_visited_in_order_until_told_to_stop);
	tcase_add_test(tc, farms_are_visited_in_order_until_told_to_stop);
	tcase_add_test(tc, every_stored_scope_is_visited);
	tcase_add_test(tc, a_pin_is_of_one_farm_and_file_in_any_case);
	tcase_add_test(tc, a_drain_has_its_note_until_it_ends);
	tcase_add_test(
	    tc, every_server_of_the_largest_farm_can_be_drained_with_the_longest_note);
	tcase_add_test(tc, a_drain_whose_note_or_user_is_no_utf8_is_refused);
	tcase_add_test(tc, verdicts_are_told_apart_by_role_farm_address_and_file);
	suite_add_tcase(suite, tc);
	return unit_run(suite);
}
