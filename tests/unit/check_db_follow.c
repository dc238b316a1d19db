/* SPDX-License-Identifier: MPL-2.0
 * Copyright the pvsboot authors */
#include "tests/unit/db_unit.h"

#include "db/follow.h"

#include <sys/wait.h>

/* The writer is another process, forked before this one opens anything: no process may have
 * a database open twice. */
struct order {
	char dir[UNIT_PATH];
	unsigned count;
};

static struct db_follow *follow;
static int orders, done;
static pid_t writer;

static const char *
farm_name(unsigned i, char dst[static 16])
{
	(void)snprintf(dst, 16, "farm-%u", i);
	return dst;
}

/* Makes the map in dir hold count devices, and as many farms whose drained server is the
 * address count. */
static void
put_devices(const struct order *order)
{
	struct db_write *w;
	char name[16];
	const struct db_drains drains = {.count = 1, .addr = {order->count}};
	ck_assert_int_eq(db_write_begin(order->dir, &w), 0);
	for (unsigned i = 0; i < order->count; i++) {
		const struct db_device device = sample_device(i);
		ck_assert_int_eq(db_put_device(w, &device), 0);
		ck_assert_int_eq(db_put_drains(w, farm_name(i, name), &drains), 0);
	}
	ck_assert_int_eq(db_write_commit(w), 0);
}

static void
write_by_order(int in, int out)
{
	struct order order;
	while (read(in, &order, sizeof(order)) == sizeof(order)) {
		put_devices(&order);
		ck_assert_int_eq(write(out, "", 1), 1);
	}
	_exit(0);
}

static void
setup(void)
{
	int in[2];
	int out[2];
	scratch_init(&scratch);
	ck_assert_int_eq(pipe(in), 0);
	ck_assert_int_eq(pipe(out), 0);
	writer = fork();
	ck_assert_int_ge(writer, 0);
	if (writer == 0) {
		(void)close(in[1]);
		(void)close(out[0]);
		write_by_order(in[0], out[1]);
	}
	(void)close(in[0]);
	(void)close(out[1]);
	orders = in[1];
	done = out[0];
	ck_assert_int_eq(db_follow_new(scratch.map, scratch.state, &follow), 0);
}

static void
teardown(void)
{
	int status;
	db_follow_free(follow);
	(void)close(orders);
	ck_assert_int_eq(waitpid(writer, &status, 0), writer);
	ck_assert_int_eq(status, 0);
	(void)close(done);
	scratch_done(&scratch);
}

static void
write_devices(const char *dir, unsigned count)
{
	struct order order = {.count = count};
	char answer;
	(void)snprintf(order.dir, sizeof(order.dir), "%s", dir);
	ck_assert_int_eq(write(orders, &order, sizeof(order)), (ssize_t)sizeof(order));
	ck_assert_int_eq(read(done, &answer, 1), 1);
}

/* The number of devices seen, or the failure to begin. */
static int
devices_seen(void)
{
	struct db_snapshot *snap;
	struct db_info info;
	int err = db_follow_begin(follow, &snap);
	if (err != 0) {
		return err;
	}
	ck_assert_int_eq(db_map_info(snap, &info), 0);
	db_follow_end(follow);
	return (int)info.devices;
}

START_TEST(a_map_is_taken_up_when_it_appears)
{
	ck_assert_int_eq(db_follow_poll(follow), ERR_NOTFOUND);
	ck_assert_int_eq(devices_seen(), ERR_NOTFOUND);
	write_devices(scratch.map, 3);
	ck_assert_int_eq(db_follow_poll(follow), 0);
	ck_assert_int_eq(devices_seen(), 3);
}
END_TEST

START_TEST(a_commit_is_seen_without_a_poll)
{
	write_devices(scratch.map, 3);
	ck_assert_int_eq(db_follow_poll(follow), 0);
	write_devices(scratch.map, 5);
	ck_assert_int_eq(devices_seen(), 5);
}
END_TEST

/* What every snapshot since tells of each farm. */
static void
assert_drains(unsigned count)
{
	struct db_snapshot *snap;
	struct db_drains drains;
	char name[16];
	ck_assert_int_eq(db_follow_begin(follow, &snap), 0);
	for (unsigned i = 0; i < count; i++) {
		ck_assert_int_eq(
		    db_source.drains(snap, farm_name(i, name), &drains), 0);
		ck_assert_uint_eq(drains.addr[0], count);
	}
	ck_assert_int_eq(
	    db_source.drains(snap, farm_name(count, name), &drains), ERR_NOTFOUND);
	db_follow_end(follow);
}

START_TEST(what_was_looked_up_before_is_of_the_same_commit)
{
	enum { MANY = 600 /* more than are remembered */ };
	write_devices(scratch.map, 3);
	ck_assert_int_eq(db_follow_poll(follow), 0);
	assert_drains(3);
	assert_drains(3);
	write_devices(scratch.map, 4);
	assert_drains(4);
	write_devices(scratch.map, MANY);
	assert_drains(MANY);
	assert_drains(MANY);
}
END_TEST

START_TEST(a_removed_map_stays_and_another_takes_its_place)
{
	char other[UNIT_PATH + 16];
	char away[UNIT_PATH + 16];
	(void)snprintf(other, sizeof(other), "%s/other", scratch.root);
	(void)snprintf(away, sizeof(away), "%s/away", scratch.root);
	write_devices(scratch.map, 3);
	write_devices(other, 4);
	ck_assert_int_eq(db_follow_poll(follow), 0);
	ck_assert_int_eq(rename(scratch.map, away), 0);
	ck_assert_int_eq(db_follow_poll(follow), 0);
	ck_assert_int_eq(devices_seen(), 3);
	ck_assert_int_eq(rename(other, scratch.map), 0);
	ck_assert_int_eq(devices_seen(), 3);
	ck_assert_int_eq(db_follow_poll(follow), 0);
	ck_assert_int_eq(devices_seen(), 4);
	scratch_remove(away);
}
END_TEST

/* Removing lock.mdb is what folklore advises against stale readers. */
START_TEST(a_commit_under_another_lock_is_seen)
{
	char lock[UNIT_PATH + 16];
	(void)snprintf(lock, sizeof(lock), "%s/lock.mdb", scratch.map);
	write_devices(scratch.map, 3);
	ck_assert_int_eq(db_follow_poll(follow), 0);
	ck_assert_int_eq(unlink(lock), 0);
	ck_assert_int_eq(db_follow_poll(follow), 0);
	ck_assert_int_eq(devices_seen(), 3);
	write_devices(scratch.map, 5);
	ck_assert_int_eq(db_follow_poll(follow), 0);
	ck_assert_int_eq(devices_seen(), 5);
	write_devices(scratch.map, 6);
	ck_assert_int_eq(devices_seen(), 6);
}
END_TEST

START_TEST(the_state_comes_and_goes)
{
	struct db_snapshot *snap;
	struct db_state *state;
	write_devices(scratch.map, 1);
	ck_assert_int_eq(db_follow_poll(follow), 0);
	ck_assert_int_eq(db_follow_begin(follow, &snap), 0);
	ck_assert_ptr_null(snap->state);
	db_follow_end(follow);
	ck_assert_int_eq(db_state_open(scratch.state, &state), 0);
	db_state_close(state); /* else this process would have it open twice */
	ck_assert_int_eq(db_follow_poll(follow), 0);
	ck_assert_int_eq(db_follow_begin(follow, &snap), 0);
	ck_assert_ptr_nonnull(snap->state);
	db_follow_end(follow);
}
END_TEST

/* The watcher has the state open to write it. */
START_TEST(the_map_is_followed_alone)
{
	struct db_follow *alone;
	struct db_snapshot *snap;
	struct db_state *state;
	write_devices(scratch.map, 1);
	ck_assert_int_eq(db_state_open(scratch.state, &state), 0);
	ck_assert_int_eq(db_follow_new(scratch.map, NULL, &alone), 0);
	ck_assert_int_eq(db_follow_poll(alone), 0);
	ck_assert_int_eq(db_follow_state_err(alone), 0);
	ck_assert_int_eq(db_follow_begin(alone, &snap), 0);
	ck_assert_ptr_null(snap->state);
	db_follow_end(alone);
	db_follow_free(alone);
	db_state_close(state);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("db_follow");
	TCase *all = tcase_create("follow");
	tcase_set_timeout(all, 60);
	tcase_add_checked_fixture(all, setup, teardown);
	tcase_add_test(all, a_map_is_taken_up_when_it_appears);
	tcase_add_test(all, a_commit_is_seen_without_a_poll);
	tcase_add_test(all, what_was_looked_up_before_is_of_the_same_commit);
	tcase_add_test(all, a_removed_map_stays_and_another_takes_its_place);
	tcase_add_test(all, a_commit_under_another_lock_is_seen);
	tcase_add_test(all, the_state_comes_and_goes);
	tcase_add_test(all, the_map_is_followed_alone);
	suite_add_tcase(suite, all);
	return unit_run(suite);
}
