/* SPDX-License-Identifier: MPL-2.0
 * Copyright the pvsboot authors */
#include "hooks/snapshot.h"
#include "db/map.h"
#include "lib/base/err.h"
#include "tests/unit/db_unit.h"
#include "tests/unit/hook_map.h"

#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <sys/stat.h>
#include <sys/wait.h>

static struct scratch scratch;
static char aside[UNIT_PATH]; /* where a folder goes when another takes its place */
static struct snapshot_pool *pool;
static unsigned heard_count;
static enum snapshot_part heard_part;

static void
heard(void *ctx, enum snapshot_part part, struct snapshot_status status)
{
	(void)ctx;
	(void)status;
	heard_part = part;
	heard_count++;
}

static void
setup(void)
{
	scratch_init(&scratch);
	(void)snprintf(aside, sizeof(aside), "%s/aside", scratch.root);
	heard_count = 0;
	pool = snapshot_pool_new(scratch.map, scratch.state, heard, NULL);
	ck_assert_ptr_nonnull(pool);
}

static void
teardown(void)
{
	snapshot_pool_free(pool);
	scratch_remove(aside);
	scratch_done(&scratch);
}

static struct snapshot_status
map_status(void)
{
	return snapshot_status(pool, SNAPSHOT_MAP);
}

static void
ck_map(enum snapshot_condition condition, int err)
{
	ck_assert_int_eq(map_status().condition, condition);
	ck_assert_int_eq(map_status().err, err);
}

/* Devices in the map in force, by which the tests tell maps apart; or begin's failure. */
static int
devices_seen(void)
{
	struct db_snapshot snapshot;
	struct db_info info;
	int ret = snapshot_take(pool, &snapshot);
	if (ret != 0) {
		return ret;
	}
	ck_assert_int_eq(db_map_info(&snapshot, &info), 0);
	snapshot_leave(pool, &snapshot);
	return (int)info.devices;
}

/* A map with devices more devices than the plain one takes the folder's place. */
static void
replace_map(uint32_t devices)
{
	char fresh[UNIT_PATH];
	(void)snprintf(fresh, sizeof(fresh), "%s/fresh", scratch.root);
	hook_map(fresh, "east");
	hook_map_fill(fresh, devices, 0);
	scratch_remove(aside);
	ck_assert(rename(scratch.map, aside) == 0 || errno == ENOENT);
	ck_assert_int_eq(rename(fresh, scratch.map), 0);
}

START_TEST(nothing_is_open_before_the_first_look)
{
	hook_map(scratch.map, "east");
	ck_map(SNAPSHOT_ABSENT, 0);
	ck_assert_int_eq(devices_seen(), ERR_NOTFOUND);
	snapshot_tick(pool);
	ck_map(SNAPSHOT_OPEN, 0);
	ck_assert_int_eq(devices_seen(), 1);
}
END_TEST

START_TEST(a_map_that_comes_later_is_found)
{
	snapshot_tick(pool);
	ck_map(SNAPSHOT_ABSENT, ERR_NOTFOUND);
	ck_assert_int_eq(devices_seen(), ERR_NOTFOUND);
	hook_map(scratch.map, "east");
	snapshot_tick(pool);
	ck_assert_int_eq(devices_seen(), 1);
}
END_TEST

START_TEST(a_state_is_taken_where_there_is_one)
{
	struct db_snapshot snapshot;
	hook_map(scratch.map, "east");
	snapshot_tick(pool);
	ck_assert_int_eq(snapshot_take(pool, &snapshot), 0);
	ck_assert_ptr_null(snapshot.state);
	snapshot_leave(pool, &snapshot);
	hook_map_state(scratch.state, 0);
	snapshot_tick(pool);
	ck_assert_int_eq(snapshot_take(pool, &snapshot), 0);
	ck_assert_ptr_nonnull(snapshot.state);
	snapshot_leave(pool, &snapshot);
}
END_TEST

/* A writer in a process of its own, since a database is never open twice in one. It begins
 * when told by a byte. */
static pid_t
start_writer(int *ret_go)
{
	int go[2];
	ck_assert_int_eq(pipe(go), 0);
	pid_t pid = fork();
	if (pid == 0) {
		char byte;
		bool told = read(go[0], &byte, 1) == 1;
		hook_map_fill(scratch.map, 5, 0);
		_exit(told ? 0 : 1);
	}
	(void)close(go[0]);
	*ret_go = go[1];
	return pid;
}

START_TEST(a_commit_is_seen_without_a_look)
{
	int go, status;
	hook_map(scratch.map, "east");
	pid_t writer = start_writer(&go);
	snapshot_tick(pool);
	ck_assert_int_eq(devices_seen(), 1);
	ck_assert_int_eq(write(go, "", 1), 1);
	ck_assert_int_eq(waitpid(writer, &status, 0), writer);
	ck_assert_int_eq(status, 0);
	ck_assert_int_eq(devices_seen(), 6);
	(void)close(go);
}
END_TEST

START_TEST(a_commit_under_another_lock_is_seen)
{
	int go, status;
	char lock[UNIT_PATH + 16];
	hook_map(scratch.map, "east");
	pid_t writer = start_writer(&go);
	snapshot_tick(pool);
	(void)snprintf(lock, sizeof(lock), "%s/lock.mdb", scratch.map);
	ck_assert_int_eq(unlink(lock), 0);
	snapshot_tick(pool);
	ck_map(SNAPSHOT_ORPHANED, ERR_NOTFOUND);
	ck_assert_int_eq(devices_seen(), 1);
	ck_assert_int_eq(write(go, "", 1), 1);
	ck_assert_int_eq(waitpid(writer, &status, 0), writer);
	ck_assert_int_eq(status, 0);
	snapshot_tick(pool);
	ck_map(SNAPSHOT_OPEN, 0);
	ck_assert_int_eq(devices_seen(), 6);
	(void)close(go);
}
END_TEST

START_TEST(a_map_moved_to_another_folder_stays_open)
{
	char from[UNIT_PATH + 16], to[UNIT_PATH + 16];
	static const char *const names[] = {"data.mdb", "lock.mdb"};
	hook_map(scratch.map, "east");
	snapshot_tick(pool);
	ck_assert_int_eq(rename(scratch.map, aside), 0);
	ck_assert_int_eq(mkdir(scratch.map, 0770), 0);
	for (size_t i = 0; i < 2; i++) {
		(void)snprintf(from, sizeof(from), "%s/%s", aside, names[i]);
		(void)snprintf(to, sizeof(to), "%s/%s", scratch.map, names[i]);
		ck_assert_int_eq(rename(from, to), 0);
	}
	snapshot_tick(pool);
	ck_map(SNAPSHOT_OPEN, 0);
	ck_assert_int_eq(devices_seen(), 1);
}
END_TEST

START_TEST(the_last_good_map_outlives_its_folder)
{
	hook_map(scratch.map, "east");
	snapshot_tick(pool);
	scratch_remove(scratch.map);
	snapshot_tick(pool);
	ck_map(SNAPSHOT_ORPHANED, ERR_NOTFOUND);
	ck_assert_int_eq(devices_seen(), 1);
	replace_map(7);
	snapshot_tick(pool);
	ck_map(SNAPSHOT_OPEN, 0);
	ck_assert_int_eq(devices_seen(), 8);
}
END_TEST

START_TEST(a_replaced_map_is_taken_up)
{
	hook_map(scratch.map, "east");
	snapshot_tick(pool);
	replace_map(7);
	ck_assert_int_eq(devices_seen(), 1);
	snapshot_tick(pool);
	ck_assert_int_eq(devices_seen(), 8);
}
END_TEST

START_TEST(the_last_good_map_outlives_a_bad_one_in_its_place)
{
	char path[UNIT_PATH + 16];
	hook_map(scratch.map, "east");
	snapshot_tick(pool);
	ck_assert_int_eq(rename(scratch.map, aside), 0);
	ck_assert_int_eq(mkdir(scratch.map, 0770), 0);
	static const char *const names[] = {"data.mdb", "lock.mdb"};
	for (size_t i = 0; i < 2; i++) {
		(void)snprintf(path, sizeof(path), "%s/%s", scratch.map, names[i]);
		FILE *file = fopen(path, "w");
		ck_assert_ptr_nonnull(file);
		ck_assert_int_ge(fputs("no database at all", file), 0);
		ck_assert_int_eq(fclose(file), 0);
	}
	snapshot_tick(pool);
	ck_map(SNAPSHOT_ORPHANED, ERR_NOTDB);
	ck_assert_int_eq(devices_seen(), 1);
}
END_TEST

START_TEST(a_packet_keeps_what_it_took)
{
	struct db_snapshot snapshot;
	struct db_info info;
	hook_map(scratch.map, "east");
	snapshot_tick(pool);
	ck_assert_int_eq(snapshot_take(pool, &snapshot), 0);
	replace_map(7);
	snapshot_tick(pool);
	ck_assert_int_eq(devices_seen(), 8);
	ck_assert_int_eq(db_map_info(&snapshot, &info), 0);
	ck_assert_uint_eq(info.devices, 1);
	/* And while it is at it, nothing further is swapped. */
	replace_map(9);
	snapshot_tick(pool);
	ck_assert_int_eq(devices_seen(), 8);
	snapshot_leave(pool, &snapshot);
	snapshot_tick(pool);
	ck_assert_int_eq(devices_seen(), 10);
}
END_TEST

START_TEST(the_packet_beyond_the_last_slot_is_refused_not_held)
{
	struct db_snapshot taken[SNAPSHOT_SLOTS], more;
	hook_map(scratch.map, "east");
	snapshot_tick(pool);
	for (unsigned i = 0; i < SNAPSHOT_SLOTS; i++) {
		ck_assert_int_eq(snapshot_take(pool, &taken[i]), 0);
	}
	ck_assert_int_eq(snapshot_take(pool, &more), ERR_FULL);
	snapshot_leave(pool, &taken[5]);
	ck_assert_int_eq(snapshot_take(pool, &taken[5]), 0);
	for (unsigned i = 0; i < SNAPSHOT_SLOTS; i++) {
		snapshot_leave(pool, &taken[i]);
	}
}
END_TEST

START_TEST(each_change_is_told_once)
{
	snapshot_tick(pool);
	ck_assert_uint_eq(heard_count, 2); /* map and state, both missing */
	snapshot_tick(pool);
	ck_assert_uint_eq(heard_count, 2);
	hook_map(scratch.map, "east");
	snapshot_tick(pool);
	ck_assert_uint_eq(heard_count, 3);
	ck_assert_int_eq(heard_part, SNAPSHOT_MAP);
	snapshot_tick(pool);
	ck_assert_uint_eq(heard_count, 3);
}
END_TEST

enum { READERS = 4, SWAPS = 30 };
static atomic_bool done;
static atomic_uint reads;

static void *
read_on(void *ctx)
{
	(void)ctx;
	while (!atomic_load(&done)) {
		struct db_snapshot snapshot;
		struct db_info info;
		if (snapshot_take(pool, &snapshot) != 0) {
			return "no snapshot";
		}
		int ret = db_map_info(&snapshot, &info);
		snapshot_leave(pool, &snapshot);
		if (ret != 0 || info.devices < 1 || info.devices > SWAPS + 1) {
			return "a map that never was";
		}
		atomic_fetch_add(&reads, 1);
	}
	return NULL;
}

START_TEST(readers_never_miss_and_never_meet_a_closed_map)
{
	pthread_t threads[READERS];
	hook_map(scratch.map, "east");
	hook_map_state(scratch.state, 0);
	snapshot_tick(pool);
	for (unsigned i = 0; i < READERS; i++) {
		ck_assert_int_eq(pthread_create(&threads[i], NULL, read_on, NULL), 0);
	}
	for (uint32_t n = 1; n <= SWAPS; n++) {
		unsigned before = atomic_load(&reads);
		replace_map(n);
		while (devices_seen() != (int)n + 1 || atomic_load(&reads) == before) {
			snapshot_tick(pool);
		}
	}
	atomic_store(&done, true);
	for (unsigned i = 0; i < READERS; i++) {
		void *complaint;
		ck_assert_int_eq(pthread_join(threads[i], &complaint), 0);
		ck_assert_msg(complaint == NULL, "%s", (const char *)complaint);
	}
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("snapshot");
	TCase *tc = tcase_create("snapshot");
	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_set_timeout(tc, 60);
	tcase_add_test(tc, nothing_is_open_before_the_first_look);
	tcase_add_test(tc, a_map_that_comes_later_is_found);
	tcase_add_test(tc, a_state_is_taken_where_there_is_one);
	tcase_add_test(tc, a_commit_is_seen_without_a_look);
	tcase_add_test(tc, a_commit_under_another_lock_is_seen);
	tcase_add_test(tc, a_map_moved_to_another_folder_stays_open);
	tcase_add_test(tc, the_last_good_map_outlives_its_folder);
	tcase_add_test(tc, a_replaced_map_is_taken_up);
	tcase_add_test(tc, the_last_good_map_outlives_a_bad_one_in_its_place);
	tcase_add_test(tc, a_packet_keeps_what_it_took);
	tcase_add_test(tc, the_packet_beyond_the_last_slot_is_refused_not_held);
	tcase_add_test(tc, each_change_is_told_once);
	tcase_add_test(tc, readers_never_miss_and_never_meet_a_closed_map);
	suite_add_tcase(suite, tc);
	return unit_run(suite);
}
