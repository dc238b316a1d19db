/* SPDX-License-Identifier: MPL-2.0
 * Copyright the pvsboot authors */

/* The state as the watcher keeps it, over restarts and losses. */
#include "tests/unit/db_unit.h"
#include "tests/unit/tree.h"

#include "lib/base/err.h"
#include "lib/base/log.h"
#include "watch/account.h"
#include "watch/ledger.h"

#include <errno.h>
#include <sys/stat.h>

enum { SERVER = 0x0a01000b, OTHER = 0x0a01000c, UNIX_MS = 1000000 };

static struct ledger *ledger;
static struct plan plan;
static struct last_named named;
static unsigned lines;

static void
count_line(void *ctx, enum log_level level, const char *line)
{
	(void)ctx;
	(void)level;
	(void)line;
	lines++;
}

static struct target *
add(enum db_role role, const char *farm, uint32_t addr, const char *file)
{
	struct target *target = calloc(1, sizeof(*target));
	ck_assert_ptr_nonnull(target);
	target->role = role;
	target->addr = addr;
	(void)strcpy(target->farm, farm);
	(void)strcpy(target->file, file);
	target->monitor.retries = target->monitor.success_retries = 1;
	plan.targets[plan.count++] = target;
	return target;
}

/* In the plan's order. */
static void
make_plan(void)
{
	plan_done(&plan);
	plan.targets = calloc(8, sizeof(*plan.targets));
	ck_assert_ptr_nonnull(plan.targets);
	(void)add(DB_ROLE_TFTP, "east", SERVER, "a.bin");
	(void)add(DB_ROLE_TFTP, "east", SERVER, "b.bin");
	(void)add(DB_ROLE_LOGIN, "east", SERVER, "");
	(void)add(DB_ROLE_BOOT_SERVER, "east", OTHER, "a.bin");
	(void)add(DB_ROLE_BOOT_SERVER, "east", OTHER, "b.bin");
}

static bool
follow(void)
{
	bool opened;
	ck_assert_int_eq(ledger_follow(ledger, &opened), 0);
	return opened;
}

static void
setup(void)
{
	scratch_setup();
	log_set(count_line, NULL, LOG_LEVEL_WARN);
	ck_assert_int_eq(ledger_new(scratch.state, &ledger), 0);
	make_plan();
	ck_assert(follow());
}

static void
teardown(void)
{
	ledger_free(ledger);
	plan_done(&plan);
	scratch_teardown();
}

static void
probe_once(struct target *target, bool good)
{
	const struct outcome outcome = {.good = good, .why = "gone"};
	(void)account_take(target, &outcome, 7, UNIX_MS);
}

static void
write_all(void)
{
	const struct db_heartbeat heartbeat = {.pid = 5, .revision = 7};
	ck_assert_int_eq(ledger_write(ledger, &plan, &named, &heartbeat), 0);
}

/* A new watcher, with a new plan. */
static void
restart(void)
{
	ledger_free(ledger);
	make_plan();
	ck_assert_int_eq(ledger_new(scratch.state, &ledger), 0);
	ck_assert(follow());
	ck_assert_int_eq(ledger_settle(ledger, &plan, true), 0);
}

/* What readers find; one process opens a database once, so the ledger is closed for it. */
static struct db_snapshot
read_begin(void)
{
	struct db_snapshot snap = {0};
	ledger_free(ledger);
	ledger = NULL;
	ck_assert_int_eq(db_env_open(DB_STATE, scratch.state, 1, &snap.state), 0);
	ck_assert_int_eq(db_reader_begin(snap.state, 0), 0);
	return snap;
}

static void
read_end(struct db_snapshot *snap)
{
	db_reader_end(snap->state, 0);
	db_env_close(snap->state);
}

static enum db_verdict
verdict_of(struct db_snapshot *snap, const struct db_verdict_key *key)
{
	enum db_verdict verdict = DB_VERDICT_UNPROVEN;
	int err = db_source.verdict(snap, key, &verdict);
	ck_assert(err == 0 || err == ERR_NOTFOUND);
	return verdict;
}

START_TEST(what_was_found_is_written_once)
{
	struct db_heartbeat heartbeat;
	struct db_health health;
	const struct db_verdict_key key = {DB_ROLE_TFTP, "east", SERVER, "a.bin"};
	const struct db_verdict_key other = {DB_ROLE_TFTP, "east", SERVER, "b.bin"};
	probe_once(plan.targets[0], true);
	write_all();
	ck_assert(!plan.targets[0]->dirty);
	struct db_snapshot snap = read_begin();
	ck_assert_int_eq(verdict_of(&snap, &key), DB_VERDICT_UP);
	ck_assert_int_eq(verdict_of(&snap, &other), DB_VERDICT_UNPROVEN);
	ck_assert_int_eq(db_state_health(&snap, &key, &health), 0);
	ck_assert_uint_eq(health.probes, 1);
	ck_assert_uint_eq(health.revision, 7);
	ck_assert_int_eq(db_state_health(&snap, &other, &health), ERR_NOTFOUND);
	ck_assert_int_eq(db_state_heartbeat(&snap, &heartbeat), 0);
	ck_assert_uint_eq(heartbeat.pid, 5);
	read_end(&snap);
}
END_TEST

START_TEST(a_restart_goes_on_from_what_stands_there)
{
	probe_once(plan.targets[0], false);
	probe_once(plan.targets[0], false);
	write_all();
	restart();
	const struct target *target = plan.targets[0];
	ck_assert_int_eq(target->health.verdict, DB_VERDICT_DOWN);
	ck_assert_uint_eq(target->health.probes, 2);
	ck_assert_uint_eq(target->health.failures, 2);
	ck_assert_uint_eq(target->health.consecutive, 2);
	ck_assert_int_eq(target->account.since_ms, UNIX_MS);
	ck_assert_str_eq(target->account.error, "gone");
	ck_assert(!target->dirty);
	ck_assert(account_is_fresh(plan.targets[1]));
}
END_TEST

START_TEST(what_is_known_better_is_not_taken_from_an_old_state)
{
	probe_once(plan.targets[0], false);
	write_all();
	restart();
	probe_once(plan.targets[0], true);
	ck_assert_int_eq(ledger_settle(ledger, &plan, true), 0);
	ck_assert_int_eq(plan.targets[0]->health.verdict, DB_VERDICT_UP);
	ck_assert(plan.targets[0]->dirty);
}
END_TEST

START_TEST(a_boot_server_has_one_record_and_its_files_share_it_again)
{
	probe_once(plan.targets[3], true);
	probe_once(plan.targets[3], true);
	probe_once(plan.targets[4], false);
	write_all();
	restart();
	for (unsigned i = 3; i < 5; i++) {
		ck_assert_int_eq(plan.targets[i]->health.verdict, DB_VERDICT_DOWN);
	}
	ck_assert_uint_eq(plan.targets[3]->health.probes, 3);
	ck_assert_uint_eq(plan.targets[4]->health.probes, 0);
	const struct db_verdict_key key = {DB_ROLE_BOOT_SERVER, "", OTHER, ""};
	struct db_snapshot snap = read_begin();
	ck_assert_int_eq(verdict_of(&snap, &key), DB_VERDICT_DOWN);
	read_end(&snap);
}
END_TEST

START_TEST(what_the_plan_no_longer_has_is_deleted)
{
	const struct db_verdict_key gone[] = {{DB_ROLE_TFTP, "east", SERVER, "b.bin"},
	    {DB_ROLE_BOOT_SERVER, "", OTHER, ""}};
	const struct db_verdict_key kept = {DB_ROLE_TFTP, "east", SERVER, "a.bin"};
	for (size_t i = 0; i < plan.count; i++) {
		probe_once(plan.targets[i], true);
	}
	write_all();
	for (size_t i = 1; i < plan.count; i++) {
		free(plan.targets[i]);
	}
	plan.count = 1;
	ck_assert_int_eq(ledger_settle(ledger, &plan, false), 0);
	ck_assert(!plan.targets[0]->dirty);
	struct db_snapshot snap = read_begin();
	for (unsigned i = 0; i < 2; i++) {
		struct db_health health;
		ck_assert_int_eq(verdict_of(&snap, &gone[i]), DB_VERDICT_UNPROVEN);
		ck_assert_int_eq(
		    db_state_health(&snap, &gone[i], &health), ERR_NOTFOUND);
	}
	ck_assert_int_eq(verdict_of(&snap, &kept), DB_VERDICT_UP);
	read_end(&snap);
}
END_TEST

START_TEST(a_state_that_was_removed_is_made_anew_with_all_that_is_known)
{
	const struct db_verdict_key key = {DB_ROLE_TFTP, "east", SERVER, "a.bin"};
	probe_once(plan.targets[0], true);
	write_all();
	ck_assert(!follow());
	tree_remove(scratch.state);
	ck_assert(follow());
	ck_assert_int_eq(ledger_settle(ledger, &plan, true), 0);
	write_all();
	struct db_snapshot snap = read_begin();
	ck_assert_int_eq(verdict_of(&snap, &key), DB_VERDICT_UP);
	read_end(&snap);
	ck_assert_uint_eq(lines, 0);
}
END_TEST

static void
spoil(const char *name, const char *bytes)
{
	char path[UNIT_PATH + 16];
	(void)snprintf(path, sizeof(path), "%s/%s", scratch.state, name);
	ck_assert_int_eq(unlink(path), 0);
	int fd = open(path, O_WRONLY | O_CREAT, 0660);
	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(write(fd, bytes, strlen(bytes)), (ssize_t)strlen(bytes));
	(void)close(fd);
}

START_TEST(a_damaged_state_is_made_anew_and_that_is_said)
{
	ledger_free(ledger);
	spoil("data.mdb", "this is no database of ours, nor of anybody else");
	ck_assert_int_eq(ledger_new(scratch.state, &ledger), 0);
	ck_assert(follow());
	ck_assert_uint_eq(lines, 1);
	probe_once(plan.targets[0], true);
	write_all();
}
END_TEST

/* Names 1024 servers that were never named before. */
static void
name_others(void)
{
	static uint32_t addr = 0x0b000000;
	while (named.count < LAST_NAMED_MAX) {
		named.servers[named.count] =
		    (struct last_named_server){.addr = addr++, .time_ms = 1};
		(void)strcpy(
		    named.servers[named.count++].farm, "a-farm-with-a-long-name");
	}
}

START_TEST(a_full_state_is_made_anew_with_all_that_is_known)
{
	const struct db_verdict_key key = {DB_ROLE_TFTP, "east", SERVER, "a.bin"};
	const struct db_heartbeat heartbeat = {.pid = 5};
	int err = 0;
	probe_once(plan.targets[0], true);
	for (unsigned i = 0; err == 0 && i < 5000; i++) {
		name_others();
		err = ledger_write(ledger, &plan, &named, &heartbeat);
	}
	ck_assert_int_eq(err, ERR_FULL);
	ck_assert_uint_eq(lines, 1);
	/* Until the next look it is not there: a watcher that ends now writes once more. */
	ck_assert_int_eq(ledger_write(ledger, &plan, &named, &heartbeat), ERR_NOTFOUND);
	ck_assert_int_eq(ledger_settle(ledger, &plan, true), ERR_NOTFOUND);
	ck_assert(follow());
	ck_assert_int_eq(ledger_settle(ledger, &plan, true), 0);
	write_all();
	struct db_snapshot snap = read_begin();
	ck_assert_int_eq(verdict_of(&snap, &key), DB_VERDICT_UP);
	read_end(&snap);
}
END_TEST

START_TEST(another_database_in_its_place_is_made_anew)
{
	ledger_free(ledger);
	tree_remove(scratch.state);
	(void)snprintf(scratch.map, sizeof(scratch.map), "%s", scratch.state);
	map_write_devices(1);
	ck_assert_int_eq(ledger_new(scratch.state, &ledger), 0);
	ck_assert(follow());
	ck_assert_uint_eq(lines, 1);
}
END_TEST

START_TEST(there_is_one_watcher)
{
	struct ledger *second;
	bool opened = true;
	ck_assert_int_eq(ledger_new(scratch.state, &second), 0);
	ck_assert_int_eq(ledger_follow(second, &opened), -EWOULDBLOCK);
	ck_assert(!opened);
	ck_assert_uint_eq(ledger_holder(second), (uint32_t)getpid());
	ledger_free(ledger);
	ledger = second;
	ck_assert(follow());
}
END_TEST

START_TEST(who_was_named_is_written)
{
	struct event event = {.kind = EVENT_STAGE,
	    .what = EVENT_ACKED,
	    .server = OTHER,
	    .time_ms = 50,
	    .farm = "east"};
	int64_t time_ms;
	last_named_take(&named, &event);
	event.time_ms = 40; /* late */
	last_named_take(&named, &event);
	event.time_ms = 50;
	event.direct = true;
	event.server = SERVER;
	last_named_take(&named, &event);
	event.what = EVENT_NOT_OURS;
	event.time_ms = 60;
	last_named_take(&named, &event);
	event.kind = EVENT_FINDING;
	last_named_take(&named, &event);
	ck_assert_uint_eq(named.count, 2);
	write_all();
	ck_assert_uint_eq(named.count, 0);
	event.kind = EVENT_TRANSFER;
	event.direct = false;
	event.time_ms = 70;
	last_named_take(&named, &event);
	write_all();
	struct db_snapshot snap = read_begin();
	ck_assert_int_eq(db_state_named(&snap, "", OTHER, &time_ms), 0);
	ck_assert_int_eq(time_ms, 50);
	ck_assert_int_eq(db_state_named(&snap, "east", SERVER, &time_ms), 0);
	ck_assert_int_eq(time_ms, 70);
	read_end(&snap);
}
END_TEST

START_TEST(of_very_many_that_are_named_some_are_passed_over)
{
	struct event event = {.kind = EVENT_TRANSFER, .time_ms = 1, .farm = "east"};
	for (unsigned i = 1; i <= LAST_NAMED_MAX + 10; i++) {
		event.server = i;
		last_named_take(&named, &event);
	}
	ck_assert_uint_eq(named.count, LAST_NAMED_MAX);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("ledger");
	TCase *tc = tcase_create("ledger");
	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, what_was_found_is_written_once);
	tcase_add_test(tc, a_restart_goes_on_from_what_stands_there);
	tcase_add_test(tc, what_is_known_better_is_not_taken_from_an_old_state);
	tcase_add_test(tc, a_boot_server_has_one_record_and_its_files_share_it_again);
	tcase_add_test(tc, what_the_plan_no_longer_has_is_deleted);
	tcase_add_test(
	    tc, a_state_that_was_removed_is_made_anew_with_all_that_is_known);
	tcase_add_test(tc, a_damaged_state_is_made_anew_and_that_is_said);
	tcase_add_test(tc, a_full_state_is_made_anew_with_all_that_is_known);
	tcase_add_test(tc, another_database_in_its_place_is_made_anew);
	tcase_add_test(tc, there_is_one_watcher);
	tcase_add_test(tc, who_was_named_is_written);
	tcase_add_test(tc, of_very_many_that_are_named_some_are_passed_over);
	suite_add_tcase(suite, tc);
	return unit_run(suite);
}
