/* SPDX-License-Identifier: MPL-2.0
 * Copyright the pvsboot authors */

/* Whom a file is asked of that a machine waits for. */
#include "tests/unit/db_unit.h"

#include "watch/want.h"

#include <errno.h>

enum { NOW_MS = 100000, ASKED_MAX = 64 };

static const uint32_t servers[] = {1, 2, 3, 4, 5};
enum { SERVERS = sizeof(servers) / sizeof(servers[0]), NO_TFTP = 5 };

static struct db_follow *follow;
static struct tell tell;
static struct runner *runner;
static struct want *want;
static struct plan plan;
static uint64_t now_ms;

static uint32_t asked[ASKED_MAX];
static unsigned asked_count;

/* Whom the runner asks is enough to know; it takes this for a fault of its own. */
static int
note_asked(void *ctx, struct run *run, uint32_t local, void **ret_flow)
{
	(void)ctx;
	(void)local;
	(void)ret_flow;
	ck_assert_uint_lt(asked_count, ASKED_MAX);
	asked[asked_count++] = runner_server(run);
	return -EMFILE;
}

static void
drop_line(void *ctx, enum log_level level, const char *line)
{
	(void)ctx;
	(void)level;
	(void)line;
}

static void
put_map(enum db_probe probe)
{
	static struct db_farm farm;
	struct db_write *w = map_begin();
	farm = (struct db_farm){.name = "East",
	    .files = {.count = 1, .file = {{.arch = 0, .name = "a.bin"}}},
	    .monitor = {.probe = probe,
		.interval_ms = 5000,
		.timeout_ms = 2000,
		.downtime_ms = 30000,
		.retries = 1,
		.success_retries = 1,
		.full_every = 1},
	    .server_count = SERVERS};
	for (unsigned i = 0; i < SERVERS; i++) {
		farm.servers[i] = (struct db_server){
		    .addr = servers[i], .weight = 1, .tftp = servers[i] != NO_TFTP};
	}
	const struct db_device device = {.which = DB_DEVICE_INHERITS,
	    .files = {.count = 1, .file = {{.arch = 0, .name = "Own.bin"}}}};
	ck_assert_int_eq(db_put_farm(w, &farm), 0);
	ck_assert_int_eq(db_put_device(w, &device), 0);
	ck_assert_int_eq(db_write_commit(w), 0);
}

/* As the watcher does with a map that it sees. */
static void
read_map(void)
{
	struct db_snapshot *snap;
	struct plan fresh = {0};
	ck_assert_int_eq(db_follow_poll(follow), 0);
	ck_assert_int_eq(db_follow_begin(follow, &snap), 0);
	ck_assert_int_eq(plan_read(snap, NULL, &plan, &fresh), 0);
	db_follow_end(follow);
	plan_done(&plan);
	plan = fresh;
	want_plan_changed(want);
}

static void
start(enum db_probe probe)
{
	const struct runner_net net = {.open = note_asked};
	const uint64_t key[2] = {1, 2};
	log_set(drop_line, NULL, LOG_LEVEL_ERROR);
	tell.counters.count = TELL_COUNTERS;
	now_ms = NOW_MS;
	put_map(probe);
	ck_assert_int_eq(db_follow_new(scratch.map, NULL, &follow), 0);
	ck_assert_int_eq(runner_new(&net, &tell, key, now_ms, &runner), 0);
	ck_assert_int_eq(want_new(runner, &tell, follow, &plan, &want), 0);
	read_map();
}

static void
setup(void)
{
	scratch_setup();
	start(DB_PROBE_BOOTSTRAP);
}

static void
teardown(void)
{
	want_free(want);
	for (size_t i = 0; i < plan.count; i++) {
		runner_forget(runner, plan.targets[i]);
	}
	plan_done(&plan);
	runner_free(runner);
	db_follow_free(follow);
	scratch_teardown();
}

static void
wish(const char *farm, const char *file)
{
	const struct moment now = {.ms = now_ms, .unix_ms = 1};
	want_take(want, farm, file, now_ms);
	runner_tick(runner, &now);
}

static void
set_verdict(uint32_t addr, enum db_verdict verdict)
{
	const struct db_verdict_key key = {DB_ROLE_TFTP, "East", addr, "a.bin"};
	struct target *target = plan_find(&plan, &key);
	ck_assert_ptr_nonnull(target);
	target->health.verdict = verdict;
}

START_TEST(a_file_of_the_plan_is_asked_of_all_its_servers_the_dead_ones_last)
{
	set_verdict(1, DB_VERDICT_DOWN);
	set_verdict(3, DB_VERDICT_UP);
	wish("east", "A.BIN");
	ck_assert_uint_eq(asked_count, 4);
	ck_assert_uint_eq(asked[0], 2);
	ck_assert_uint_eq(asked[1], 3);
	ck_assert_uint_eq(asked[2], 4);
	ck_assert_uint_eq(asked[3], 1);
}
END_TEST

START_TEST(a_file_of_devices_alone_is_asked_of_the_farms_best_servers)
{
	set_verdict(2, DB_VERDICT_UP);
	set_verdict(4, DB_VERDICT_UP);
	wish("east", "OWN.BIN");
	ck_assert_uint_eq(asked_count, 2);
	ck_assert_uint_eq(asked[0], 2);
	ck_assert_uint_eq(asked[1], 4);
}
END_TEST

START_TEST(of_many_servers_that_stand_alike_some_are_asked)
{
	wish("east", "own.bin");
	ck_assert_uint_eq(asked_count, 3);
}
END_TEST

START_TEST(servers_that_are_down_are_asked_where_there_are_no_others)
{
	for (uint32_t addr = 1; addr < NO_TFTP; addr++) {
		set_verdict(addr, DB_VERDICT_DOWN);
	}
	wish("east", "own.bin");
	ck_assert_uint_eq(asked_count, 3);
}
END_TEST

START_TEST(what_nothing_names_is_asked_of_nobody)
{
	wish("east", "secret.bin");
	wish("west", "own.bin");
	wish("west", "a.bin");
	wish("", "");
	ck_assert_uint_eq(asked_count, 0);
}
END_TEST

START_TEST(wishes_again_and_again_are_no_storm)
{
	for (unsigned i = 0; i < 100; i++) {
		wish("east", "own.bin");
		now_ms += 10;
	}
	ck_assert_uint_eq(asked_count, 3);
	now_ms += RUNNER_HASTE_MS;
	wish("east", "own.bin");
	ck_assert_uint_eq(asked_count, 6);
}
END_TEST

START_TEST(what_was_asked_for_without_a_plan_ends_with_it)
{
	wish("east", "own.bin");
	read_map();
	now_ms += RUNNER_HASTE_MS;
	wish("east", "own.bin");
	ck_assert_uint_eq(asked_count, 6);
}
END_TEST

START_TEST(a_farm_that_is_not_probed_is_not_asked)
{
	scratch_setup();
	start(DB_PROBE_NONE);
	wish("east", "a.bin");
	wish("east", "own.bin");
	ck_assert_uint_eq(asked_count, 0);
	teardown();
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("want");
	TCase *tc = tcase_create("probed");
	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(
	    tc, a_file_of_the_plan_is_asked_of_all_its_servers_the_dead_ones_last);
	tcase_add_test(tc, a_file_of_devices_alone_is_asked_of_the_farms_best_servers);
	tcase_add_test(tc, of_many_servers_that_stand_alike_some_are_asked);
	tcase_add_test(tc, servers_that_are_down_are_asked_where_there_are_no_others);
	tcase_add_test(tc, what_nothing_names_is_asked_of_nobody);
	tcase_add_test(tc, wishes_again_and_again_are_no_storm);
	tcase_add_test(tc, what_was_asked_for_without_a_plan_ends_with_it);
	suite_add_tcase(suite, tc);
	TCase *none = tcase_create("not probed");
	tcase_add_test(none, a_farm_that_is_not_probed_is_not_asked);
	suite_add_tcase(suite, none);
	return unit_run(suite);
}
