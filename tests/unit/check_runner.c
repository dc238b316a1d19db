/* SPDX-License-Identifier: MPL-2.0
 * Copyright the pvsboot authors */

/* The runner under a time of our own, its servers played by a table. */
#include "tests/unit/unit.h"

#include "lib/base/wr.h"
#include "watch/runner.h"
#include "watch/turns.h"

#include <errno.h>

enum {
	TARGETS_MAX = 300,
	ASKED_MAX = 4000,
	UNIX_MS = 1000000,
	STEP_MS = RUNNER_TICK_MS,
	INTERVAL_MS = 5000,
	TIMEOUT_MS = 2000,
	DOWNTIME_MS = 30000,
	REVISION = 7,
};

/* What a server does when it is asked. */
enum habit { GOOD, SILENT, STUCK, REFUSES, NO_ROUTE, NO_SOCKET, NO_SENDING };

struct fake_flow {
	struct run *run; /* NULL: closed */
	uint32_t server;
	uint32_t local;
	bool whole; /* answered to the end, not by its size alone */
};

static enum habit habit; /* of every server, but those in habits */
static enum habit habits[TARGETS_MAX];
static bool has_habit[TARGETS_MAX];

/* Each socket that was ever opened, and when. */
static struct fake_flow flows[ASKED_MAX];
static uint64_t opened_ms[ASKED_MAX];
static unsigned flow_count;
static unsigned open_count, open_most;

/* What servers sent, one for each flow at most. */
static struct reply {
	struct fake_flow *flow;
	size_t len;
	uint8_t bytes[64];
} replies[ASKED_MAX];
static unsigned reply_count;

static struct moment now;
static struct tell tell;
static struct runner *runner;
static struct target targets[TARGETS_MAX];

static enum habit
habit_of(uint32_t server)
{
	return has_habit[server] ? habits[server] : habit;
}

static void
set_habit(uint32_t server, enum habit h)
{
	habits[server] = h;
	has_habit[server] = true;
}

static int
fake_open(void *ctx, struct run *run, uint32_t local, void **ret_flow)
{
	(void)ctx;
	ck_assert_uint_lt(flow_count, ASKED_MAX);
	uint32_t server = runner_server(run);
	if (habit_of(server) == NO_SOCKET) {
		return -EMFILE;
	}
	opened_ms[flow_count] = now.ms;
	struct fake_flow *flow = &flows[flow_count++];
	*flow = (struct fake_flow){.run = run, .server = server, .local = local};
	open_count++;
	open_most = open_count > open_most ? open_count : open_most;
	*ret_flow = flow;
	return 0;
}

static void
fake_close(void *ctx)
{
	struct fake_flow *flow = ctx;
	ck_assert_ptr_nonnull(flow->run);
	flow->run = NULL;
	open_count--;
}

static void
reply_to(struct fake_flow *flow, const struct tftp_options *oack, const char *data,
    bool error)
{
	ck_assert_uint_lt(reply_count, ASKED_MAX);
	struct reply *reply = &replies[reply_count++];
	struct wr w = wr_init(reply->bytes, sizeof(reply->bytes));
	if (error) {
		tftp_error_encode(&w, TFTP_E_NOTFOUND, "none");
	} else if (oack != NULL) {
		tftp_oack_encode(&w, oack);
	} else {
		tftp_data_encode(&w, 1, data, strlen(data));
	}
	reply->flow = flow;
	reply->len = wr_len(&w, reply->bytes);
}

static const char file[] = "the file";

/* An RRQ begins with opcode 1, an ACK with 4, an ERROR with 5. */
static int
fake_send(void *ctx, uint32_t peer, uint16_t peer_port, const void *bytes, size_t len)
{
	struct fake_flow *flow = ctx;
	const struct tftp_options oack = {.has_tsize = true, .tsize = sizeof(file) - 1};
	uint8_t opcode = len > 1 ? ((const uint8_t *)bytes)[1] : 0;
	(void)peer_port;
	ck_assert_uint_eq(peer, flow->server);
	switch (habit_of(peer)) {
	case GOOD:
		if (opcode == TFTP_RRQ) {
			reply_to(flow, &oack, NULL, false);
		} else if (opcode == TFTP_ACK && !flow->whole) {
			flow->whole = true;
			reply_to(flow, NULL, file, false);
		}
		return 0;
	case STUCK:
		if (opcode == TFTP_RRQ) {
			reply_to(flow, &oack, NULL, false);
		}
		return 0;
	case REFUSES:
		reply_to(flow, NULL, NULL, true);
		return 0;
	case NO_ROUTE:
		return -ENETUNREACH;
	case NO_SENDING:
		return -EPERM;
	case SILENT:
	case NO_SOCKET:
		return 0;
	}
	return 0;
}

static int
fake_local(uint32_t peer, uint32_t *ret)
{
	(void)peer;
	*ret = 0x0a000005;
	return 0;
}

static void
drop_line(void *ctx, enum log_level level, const char *line)
{
	(void)ctx;
	(void)level;
	(void)line;
}

static void
setup(void)
{
	const struct runner_net net = {.open = fake_open,
	    .send = fake_send,
	    .close = fake_close,
	    .local_towards = fake_local};
	const uint64_t key[2] = {1, 2};
	log_set(drop_line, NULL, LOG_LEVEL_ERROR);
	now = (struct moment){.ms = 100000, .unix_ms = UNIX_MS};
	tell.counters.count = TELL_COUNTERS;
	ck_assert_int_eq(runner_new(&net, &tell, key, now.ms, &runner), 0);
	runner_set_revision(runner, REVISION);
}

static void
teardown(void)
{
	for (unsigned i = 0; i < TARGETS_MAX; i++) {
		runner_forget(runner, &targets[i]);
	}
	runner_free(runner);
	ck_assert_uint_eq(open_count, 0);
}

/* Target i asks server i for a file. */
static struct target *
add_target(unsigned i)
{
	struct target *target = &targets[i];
	target->role = DB_ROLE_TFTP;
	target->kind = PROBE_BOOTSTRAP;
	target->addr = i;
	(void)strcpy(target->farm, "east");
	(void)strcpy(target->file, "x.bin");
	(void)strcpy(target->name, "x.bin");
	target->monitor = (struct db_monitor){.probe = DB_PROBE_BOOTSTRAP,
	    .interval_ms = INTERVAL_MS,
	    .timeout_ms = TIMEOUT_MS,
	    .downtime_ms = DOWNTIME_MS,
	    .retries = 3,
	    .success_retries = 1,
	    .full_every = 1};
	runner_take(runner, target, now.ms);
	return target;
}

/* What servers said arrives a step later. */
static void
step(void)
{
	unsigned count = reply_count;
	now.ms += STEP_MS;
	now.unix_ms += STEP_MS;
	for (unsigned i = 0; i < count; i++) {
		const struct reply *reply = &replies[i];
		if (reply->flow->run != NULL) {
			(void)runner_packet(reply->flow->run, reply->flow->server, 2000,
			    reply->bytes, reply->len, &now);
		}
	}
	memmove(replies, replies + count, (reply_count - count) * sizeof(replies[0]));
	reply_count -= count;
	runner_tick(runner, &now);
}

static void
pass(uint64_t ms)
{
	for (uint64_t end_ms = now.ms + ms; now.ms < end_ms;) {
		step();
	}
}

static uint64_t
counted(enum tell_counter which)
{
	return tell.counters.values[which];
}

/* ---- in turn */

START_TEST(first_probes_are_spread_over_a_second)
{
	unsigned early = 0;
	for (unsigned i = 0; i < 200; i++) {
		(void)add_target(i);
	}
	pass(TURNS_SPREAD_MS / 2);
	early = flow_count;
	pass(TURNS_SPREAD_MS / 2 + STEP_MS);
	ck_assert_uint_gt(early, 70);
	ck_assert_uint_lt(early, 130);
	ck_assert_uint_eq(flow_count, 200);
}
END_TEST

START_TEST(probes_begin_an_interval_apart_give_or_take_a_tenth)
{
	bool varies = false;
	(void)add_target(0);
	pass(20 * INTERVAL_MS);
	ck_assert_uint_gt(flow_count, 17);
	for (unsigned i = 1; i < flow_count; i++) {
		uint64_t gap_ms = opened_ms[i] - opened_ms[i - 1];
		ck_assert_uint_ge(gap_ms, INTERVAL_MS - INTERVAL_MS / 10);
		ck_assert_uint_le(gap_ms, INTERVAL_MS + INTERVAL_MS / 10 + 2 * STEP_MS);
		varies = varies || gap_ms != opened_ms[1] - opened_ms[0];
	}
	ck_assert(varies);
}
END_TEST

START_TEST(a_server_that_is_down_rests_for_its_downtime)
{
	struct target *target = add_target(0);
	habit = SILENT;
	while (target->health.verdict != DB_VERDICT_DOWN) {
		step();
	}
	ck_assert_uint_eq(flow_count, 3);
	pass(DOWNTIME_MS + DOWNTIME_MS / 10);
	ck_assert_uint_eq(flow_count, 4);
	ck_assert_uint_ge(opened_ms[3] - opened_ms[2], DOWNTIME_MS - DOWNTIME_MS / 10);
}
END_TEST

START_TEST(a_monitor_that_became_shorter_holds_at_once)
{
	struct target *target = add_target(0);
	target->monitor.interval_ms = 3600000;
	pass(10000);
	ck_assert_uint_eq(flow_count, 1);
	target->monitor.interval_ms = INTERVAL_MS;
	runner_take(runner, target, now.ms);
	step();
	ck_assert_uint_eq(flow_count, 2);
}
END_TEST

START_TEST(a_map_read_again_puts_no_probe_off)
{
	struct target *target = add_target(0);
	for (unsigned i = 0; i < 20 * INTERVAL_MS / STEP_MS; i++) {
		step();
		runner_take(runner, target, now.ms);
	}
	ck_assert_uint_gt(flow_count, 17);
}
END_TEST

/* ---- many at once */

START_TEST(so_many_are_answered_at_one_time_and_slow_ones_hold_up_nobody)
{
	habit = STUCK;
	for (unsigned i = 0; i < 200; i++) {
		(void)add_target(i);
		targets[i].monitor.timeout_ms = 60000;
	}
	pass(TURNS_SPREAD_MS + 5 * STEP_MS);
	/* Those that were begun before the first ones answered come on top. */
	ck_assert_uint_ge(open_count, RUNNER_FLOWING);
	ck_assert_uint_lt(open_count, RUNNER_FLOWING + 20);
	pass(4 * RUNNER_FLOWING_MS);
	ck_assert_uint_eq(open_count, 200);
}
END_TEST

START_TEST(what_costs_a_packet_or_is_hastened_does_not_wait_for_files)
{
	habit = STUCK;
	for (unsigned i = 0; i < 150; i++) {
		(void)add_target(i);
	}
	pass(TURNS_SPREAD_MS - 2 * STEP_MS);
	struct target *knock = add_target(150);
	struct target *waits = &targets[0];
	knock->kind = PROBE_LOGIN;
	while (waits->began_ms != 0) {
		waits++;
	}
	ck_assert(runner_hasten(runner, waits, now.ms));
	pass(2 * STEP_MS);
	ck_assert_ptr_nonnull(waits->run);
	pass(TURNS_SPREAD_MS);
	ck_assert_ptr_nonnull(knock->run);
}
END_TEST

START_TEST(servers_that_are_silent_hold_up_nobody)
{
	habit = SILENT;
	for (unsigned i = 0; i < 200; i++) {
		(void)add_target(i);
	}
	pass(TURNS_SPREAD_MS + STEP_MS);
	ck_assert_uint_eq(open_count, 200);
}
END_TEST

START_TEST(those_that_wait_begin_in_order_of_their_time)
{
	uint64_t last_ms = 0;
	for (unsigned i = 0; i < 200; i++) {
		(void)add_target(i);
	}
	/* All are due in one tick. */
	now.ms += TURNS_SPREAD_MS;
	habit = STUCK;
	runner_tick(runner, &now);
	ck_assert_uint_eq(flow_count, 200);
	for (unsigned i = 0; i < flow_count; i++) {
		uint64_t due_ms = targets[flows[i].server].timer.due_ms / WHEEL_SLOT_MS;
		ck_assert_uint_ge(due_ms, last_ms);
		last_ms = due_ms;
	}
}
END_TEST

/* ---- in haste */

START_TEST(what_is_hastened_is_fetched_whole_and_at_once)
{
	struct target *target = add_target(0);
	target->monitor.full_every = 1000;
	pass(3 * INTERVAL_MS);
	unsigned before = flow_count;
	pass(RUNNER_HASTE_MS);
	if (flow_count > before) {
		pass(RUNNER_HASTE_MS);
		before = flow_count;
	}
	uint64_t whole = counted(TELL_WHOLE);
	ck_assert(runner_hasten(runner, target, now.ms));
	ck_assert(runner_hasten(runner, target, now.ms)); /* it is on its way */
	pass(4 * STEP_MS);
	ck_assert_uint_eq(flow_count, before + 1);
	ck_assert_uint_eq(counted(TELL_WHOLE), whole + 1);
}
END_TEST

START_TEST(haste_makes_no_storm)
{
	struct target *target = add_target(0);
	habit = REFUSES;
	for (unsigned i = 0; i < 10 * RUNNER_HASTE_MS / STEP_MS; i++) {
		(void)runner_hasten(runner, target, now.ms);
		step();
	}
	/* Three until it is down, then one each interval. */
	ck_assert_uint_le(flow_count, 3 + 10 * RUNNER_HASTE_MS / INTERVAL_MS);
	ck_assert_uint_ge(flow_count, 4);
}
END_TEST

START_TEST(what_is_asked_once_is_not_asked_again)
{
	struct target *target = &targets[0];
	(void)add_target(0);
	runner_forget(runner, target);
	target->once = true;
	ck_assert(runner_hasten(runner, target, now.ms));
	pass(10 * INTERVAL_MS);
	ck_assert_uint_eq(flow_count, 1);
	ck_assert(target->health.last_good);
	ck_assert(runner_hasten(runner, target, now.ms));
	pass(INTERVAL_MS);
	ck_assert_uint_eq(flow_count, 2);
}
END_TEST

/* ---- thinning */

START_TEST(between_whole_files_their_size_is_enough)
{
	struct target *target = add_target(0);
	target->monitor.full_every = 4;
	while (counted(TELL_WHOLE) < 2) {
		step();
	}
	uint64_t before = target->account.probes;
	pass(20 * INTERVAL_MS);
	ck_assert_uint_eq(target->account.failures, 0);
	ck_assert_uint_eq(
	    counted(TELL_WHOLE) - 2, (target->account.probes - before) / 4);
}
END_TEST

START_TEST(whole_files_of_many_are_not_fetched_in_step)
{
	for (unsigned i = 0; i < 100; i++) {
		add_target(i)->monitor.full_every = 10;
	}
	pass(INTERVAL_MS);
	uint64_t whole = counted(TELL_WHOLE);
	for (unsigned i = 0; i < 10; i++) {
		pass(INTERVAL_MS);
		ck_assert_uint_ge(counted(TELL_WHOLE), whole + 2);
		ck_assert_uint_le(counted(TELL_WHOLE), whole + 25);
		whole = counted(TELL_WHOLE);
	}
}
END_TEST

/* ---- what comes of it */

START_TEST(a_good_probe_is_in_the_account)
{
	struct target *target = add_target(0);
	pass(TURNS_SPREAD_MS + 5 * STEP_MS);
	const struct db_health *account = &target->account;
	ck_assert(target->dirty);
	ck_assert_int_eq(account->verdict, DB_VERDICT_UP);
	ck_assert_uint_eq(account->probes, 1);
	ck_assert_uint_eq(account->failures, 0);
	ck_assert(account->last_good);
	ck_assert_int_gt(account->since_ms, UNIX_MS);
	ck_assert_int_eq(account->last_ms, account->since_ms);
	ck_assert_int_eq(account->last_good_ms, account->since_ms);
	ck_assert_int_eq(account->last_bad_ms, 0);
	ck_assert_uint_eq(account->latency_ms, STEP_MS);
	ck_assert(account->has_sha256);
	ck_assert_uint_eq(account->size, sizeof(file) - 1);
	ck_assert_uint_eq(account->revision, REVISION);
	int64_t since_ms = account->since_ms;
	pass(2 * INTERVAL_MS);
	ck_assert_int_eq(account->since_ms, since_ms);
	ck_assert_int_eq(account->sha256_since_ms, since_ms);
	ck_assert_int_gt(account->last_good_ms, since_ms);
}
END_TEST

START_TEST(a_bad_probe_tells_why)
{
	struct target *target = add_target(0);
	habit = REFUSES;
	pass(TURNS_SPREAD_MS + 5 * STEP_MS);
	ck_assert_int_eq(target->account.verdict, DB_VERDICT_UNPROVEN);
	ck_assert_uint_eq(target->account.failures, 1);
	ck_assert_str_eq(target->account.error, "ERROR 1: 'none'");
	ck_assert_int_gt(target->account.last_bad_ms, UNIX_MS);
	ck_assert_int_eq(target->account.last_good_ms, 0);
}
END_TEST

START_TEST(no_route_to_a_server_is_a_bad_probe)
{
	struct target *target = add_target(0);
	habit = NO_ROUTE;
	pass(TURNS_SPREAD_MS + STEP_MS);
	ck_assert_uint_eq(target->account.failures, 1);
	ck_assert_uint_eq(open_count, 0);
}
END_TEST

START_TEST(icmp_ends_a_probe)
{
	struct target *target = add_target(0);
	habit = SILENT;
	pass(TURNS_SPREAD_MS);
	ck_assert_uint_eq(open_count, 1);
	ck_assert(!runner_unreachable(flows[0].run, TFTP_PORT, false, &now));
	ck_assert_uint_eq(open_count, 0);
	ck_assert_uint_eq(target->account.failures, 1);
}
END_TEST

START_TEST(icmp_is_no_reply_of_a_server)
{
	struct target *target = add_target(0);
	target->kind = PROBE_TFTP_REPLY;
	habit = SILENT;
	pass(TURNS_SPREAD_MS);
	ck_assert(!runner_unreachable(flows[0].run, TFTP_PORT, false, &now));
	ck_assert_uint_eq(target->account.failures, 1);
	ck_assert_str_eq(target->account.error, "UDP port 69 is unreachable");
}
END_TEST

START_TEST(a_knock_waits_for_the_word_that_a_host_is_off)
{
	struct target *target = add_target(0);
	target->kind = PROBE_LOGIN;
	habit = SILENT;
	pass(TURNS_SPREAD_MS + TIMEOUT_MS + 100);
	ck_assert_uint_eq(open_count, 1);
	ck_assert_uint_lt(now.ms, opened_ms[0] + 3500);
	ck_assert(!runner_unreachable(flows[0].run, 6910, true, &now));
	ck_assert_uint_eq(target->account.failures, 1);
	pass(2 * INTERVAL_MS);
	ck_assert_uint_eq(target->account.failures, 1);
	ck_assert(target->health.last_good);
}
END_TEST

/* No descriptors are left; a packet filter of this host's own. */
static const enum habit faults[] = {NO_SOCKET, NO_SENDING};

START_TEST(a_fault_of_this_host_is_no_servers)
{
	struct target *target = add_target(0);
	habit = faults[_i];
	pass(TURNS_SPREAD_MS + 3000);
	ck_assert_uint_eq(target->account.probes, 0);
	ck_assert(!target->dirty);
	ck_assert_uint_ge(counted(TELL_LOCAL_FAULTS), 3);
	ck_assert_uint_le(counted(TELL_LOCAL_FAULTS), 4);
	habit = GOOD;
	pass(1000 + 5 * STEP_MS);
	ck_assert_int_eq(target->account.verdict, DB_VERDICT_UP);
}
END_TEST

/* ---- a watcher that was stopped */

static void
sleep_for(uint64_t ms)
{
	now.ms += ms;
	now.unix_ms += (int64_t)ms;
}

START_TEST(a_stopped_watcher_blames_no_server)
{
	struct target *target = add_target(0);
	habit = STUCK;
	pass(TURNS_SPREAD_MS + STEP_MS);
	ck_assert_uint_eq(open_count, 1);
	sleep_for(30000);
	/* What came meanwhile is read first: the server has long given up. */
	ck_assert(runner_unreachable(flows[0].run, 2000, false, &now));
	habit = GOOD;
	runner_tick(runner, &now);
	ck_assert_uint_eq(flow_count, 2);
	pass(5 * STEP_MS);
	ck_assert_uint_eq(target->account.probes, 1);
	ck_assert_uint_eq(target->account.failures, 0);
	ck_assert_uint_eq(counted(TELL_LOCAL_FAULTS), 1);
}
END_TEST

START_TEST(what_came_while_it_was_stopped_is_no_latency)
{
	struct target *target = add_target(0);
	while (flow_count == 0) {
		step();
	}
	sleep_for(3600000);
	pass(5 * STEP_MS);
	ck_assert_uint_eq(target->account.probes, 1);
	ck_assert_uint_le(target->account.latency_ms, 2 * STEP_MS);
}
END_TEST

/* Each second has a pause: a disk is slow, or many files are published. */
START_TEST(pauses_keep_no_server_from_being_found_dead)
{
	struct target *target = add_target(0);
	habit = SILENT;
	for (unsigned i = 0; i < 50; i++) {
		sleep_for(RUNNER_ASLEEP_MS - STEP_MS);
		pass(200);
	}
	ck_assert_int_eq(target->account.verdict, DB_VERDICT_DOWN);
}
END_TEST

START_TEST(a_pause_is_no_silence_of_a_server)
{
	struct target *target = add_target(0);
	target->monitor.timeout_ms = 1000;
	habit = STUCK;
	while (open_count == 0) {
		step();
	}
	pass(2 * STEP_MS);
	sleep_for(1500);
	runner_tick(runner, &now);
	ck_assert_uint_eq(open_count, 1);
	habit = GOOD; /* to the ACK that is said again */
	pass(500 + 3 * STEP_MS);
	ck_assert_uint_eq(flow_count, 1);
	ck_assert_uint_eq(target->account.probes, 1);
	ck_assert_uint_eq(target->account.failures, 0);
}
END_TEST

/* ---- changes while a probe runs */

START_TEST(a_target_is_forgotten_while_its_probe_runs)
{
	struct target *target = add_target(0);
	habit = STUCK;
	pass(TURNS_SPREAD_MS + STEP_MS);
	ck_assert_uint_eq(open_count, 1);
	runner_forget(runner, target);
	ck_assert_uint_eq(open_count, 0);
	ck_assert_ptr_null(target->run);
	pass(10 * INTERVAL_MS);
	ck_assert_uint_eq(flow_count, 1);
	ck_assert_uint_eq(target->account.probes, 0);
}
END_TEST

START_TEST(with_another_cache_what_runs_is_begun_anew)
{
	struct target *target = add_target(0);
	habit = STUCK;
	pass(TURNS_SPREAD_MS + STEP_MS);
	ck_assert_uint_eq(open_count, 1);
	runner_set_cache(runner, NULL, now.ms);
	runner_take(runner, target, now.ms); /* as with a map read anew */
	ck_assert_uint_eq(open_count, 0);
	habit = GOOD;
	pass(5 * STEP_MS);
	ck_assert_uint_eq(flow_count, 2);
	ck_assert_uint_eq(target->account.probes, 1);
}
END_TEST

START_TEST(boot_servers_are_asked_from_the_address_of_this_one)
{
	struct target *target = add_target(0);
	(void)add_target(1);
	target->role = DB_ROLE_BOOT_SERVER;
	runner_set_local(runner, 0x0a000005);
	pass(TURNS_SPREAD_MS + STEP_MS);
	for (unsigned i = 0; i < 2; i++) {
		ck_assert_uint_eq(
		    flows[i].local, flows[i].server == 0 ? 0x0a000005 : 0);
	}
}
END_TEST

START_TEST(a_server_that_failed_is_up_again_after_its_first_good_probe)
{
	struct target *bad = add_target(0);
	struct target *good = add_target(1);
	set_habit(0, SILENT);
	pass(4 * INTERVAL_MS);
	ck_assert_int_eq(bad->account.verdict, DB_VERDICT_DOWN);
	ck_assert_int_eq(good->account.verdict, DB_VERDICT_UP);
	ck_assert_uint_eq(bad->account.consecutive, 3);
	set_habit(0, GOOD);
	pass(health_up_ms(&bad->monitor));
	ck_assert_int_eq(bad->account.verdict, DB_VERDICT_UP);
	ck_assert_str_eq(bad->account.error, "no answer in 2000 ms");
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("runner");
	TCase *tc = tcase_create("runner");
	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, first_probes_are_spread_over_a_second);
	tcase_add_test(tc, probes_begin_an_interval_apart_give_or_take_a_tenth);
	tcase_add_test(tc, a_server_that_is_down_rests_for_its_downtime);
	tcase_add_test(tc, a_monitor_that_became_shorter_holds_at_once);
	tcase_add_test(tc, a_map_read_again_puts_no_probe_off);
	tcase_add_test(
	    tc, so_many_are_answered_at_one_time_and_slow_ones_hold_up_nobody);
	tcase_add_test(tc, what_costs_a_packet_or_is_hastened_does_not_wait_for_files);
	tcase_add_test(tc, servers_that_are_silent_hold_up_nobody);
	tcase_add_test(tc, those_that_wait_begin_in_order_of_their_time);
	tcase_add_test(tc, what_is_hastened_is_fetched_whole_and_at_once);
	tcase_add_test(tc, haste_makes_no_storm);
	tcase_add_test(tc, what_is_asked_once_is_not_asked_again);
	tcase_add_test(tc, between_whole_files_their_size_is_enough);
	tcase_add_test(tc, whole_files_of_many_are_not_fetched_in_step);
	tcase_add_test(tc, a_good_probe_is_in_the_account);
	tcase_add_test(tc, a_bad_probe_tells_why);
	tcase_add_test(tc, no_route_to_a_server_is_a_bad_probe);
	tcase_add_test(tc, icmp_ends_a_probe);
	tcase_add_test(tc, icmp_is_no_reply_of_a_server);
	tcase_add_test(tc, a_knock_waits_for_the_word_that_a_host_is_off);
	tcase_add_loop_test(
	    tc, a_fault_of_this_host_is_no_servers, 0, UNIT_ROWS(faults));
	tcase_add_test(tc, a_stopped_watcher_blames_no_server);
	tcase_add_test(tc, what_came_while_it_was_stopped_is_no_latency);
	tcase_add_test(tc, pauses_keep_no_server_from_being_found_dead);
	tcase_add_test(tc, a_pause_is_no_silence_of_a_server);
	tcase_add_test(tc, a_target_is_forgotten_while_its_probe_runs);
	tcase_add_test(tc, with_another_cache_what_runs_is_begun_anew);
	tcase_add_test(tc, boot_servers_are_asked_from_the_address_of_this_one);
	tcase_add_test(tc, a_server_that_failed_is_up_again_after_its_first_good_probe);
	suite_add_tcase(suite, tc);
	return unit_run(suite);
}
