/* SPDX-License-Identifier: MPL-2.0
 * Copyright the pvsboot authors */
#include "lib/net/evsend.h"
#include "lib/net/evring.h"
#include "tests/unit/unit.h"

#include <dirent.h>
#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

enum { THREADS = 4, EVENTS_EACH = 20000 };

static char dir[64];
static struct sockaddr_un address;
static struct evsend *sender;

/* The watcher's socket, and the records of the datagram that was read last. */
static struct {
	int fd;
	struct rd r;
	uint8_t datagram[EVENT_BATCH * EVENT_LEN + 1];
} receiver;

/* A read gives up after far more than the second in which a record of counters comes. */
static void
receiver_open(void)
{
	const struct timeval patience = {.tv_sec = 30};
	receiver.fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	ck_assert_int_ge(receiver.fd, 0);
	ck_assert_int_eq(setsockopt(receiver.fd, SOL_SOCKET, SO_RCVTIMEO, &patience,
			     sizeof(patience)),
	    0);
	(void)unlink(address.sun_path);
	ck_assert_int_eq(
	    bind(receiver.fd, (const struct sockaddr *)&address, sizeof(address)), 0);
}

/* As a watcher that was killed: its path stays and leads nowhere. */
static void
receiver_close(void)
{
	(void)close(receiver.fd);
	receiver.r = rd_init(NULL, 0);
}

static void
setup(void)
{
	(void)snprintf(dir, sizeof(dir), "/tmp/pvsboot-evsend-XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(dir));
	address.sun_family = AF_UNIX;
	(void)snprintf(address.sun_path, sizeof(address.sun_path), "%s/events", dir);
	receiver_open();
	ck_assert_int_eq(evsend_new(dir, EVENT_TFTP, &sender), 0);
}

static void
teardown(void)
{
	evsend_free(sender);
	receiver_close();
	(void)unlink(address.sun_path);
	(void)rmdir(dir);
}

static void
next_record(struct event *ret)
{
	if (receiver.r.left == 0) {
		ssize_t len =
		    recv(receiver.fd, receiver.datagram, sizeof(receiver.datagram), 0);
		ck_assert_int_gt(len, 0);
		ck_assert_uint_lt((size_t)len, sizeof(receiver.datagram));
		ck_assert_uint_eq((size_t)len % EVENT_LEN, 0);
		receiver.r = rd_init(receiver.datagram, (size_t)len);
	}
	ck_assert_int_eq(event_decode(&receiver.r, ret), 0);
	ck_assert_int_eq(ret->program, EVENT_TFTP);
	ck_assert_uint_eq(ret->pid, (uint32_t)getpid());
}

/* The next record that the test itself has put. */
static void
next_put(struct event *ret)
{
	do {
		next_record(ret);
	} while (ret->kind == EVENT_COUNTERS);
}

/* The record with these bytes, past any that are still on their way. */
static void
await_put(uint64_t bytes, struct event *ret)
{
	do {
		next_put(ret);
	} while (ret->bytes != bytes);
}

static void
put(uint32_t client, uint64_t bytes)
{
	evsend_put(sender,
	    &(struct event){.kind = EVENT_TRANSFER,
		.what = EVENT_DONE,
		.client = client,
		.bytes = bytes,
		.farm = "east"});
}

static void
await_dropped(uint64_t count)
{
	const struct timespec pause = {.tv_nsec = 1000000};
	for (int i = 0; evsend_dropped(sender) < count; i++) {
		ck_assert_int_lt(i, 30000);
		(void)nanosleep(&pause, NULL);
	}
}

START_TEST(records_arrive_in_order_and_stamped)
{
	uint64_t before_ms = (uint64_t)time(NULL) * 1000;
	struct event event;
	for (uint64_t i = 0; i < 100; i++) {
		put(1, i);
	}
	for (uint64_t i = 0; i < 100; i++) {
		next_put(&event);
		ck_assert_uint_eq(event.bytes, i);
		ck_assert_str_eq(event.farm, "east");
		ck_assert_uint_ge(event.time_ms, before_ms);
	}
	ck_assert_uint_eq(evsend_dropped(sender), 0);
}
END_TEST

START_TEST(what_is_queued_is_sent_before_the_end)
{
	struct event event;
	/* Once this one is here the thread is on its way to sleep. */
	put(1, 1000);
	await_put(1000, &event);
	for (uint64_t i = 0; i < 100; i++) {
		put(1, i);
	}
	evsend_free(sender);
	sender = NULL;
	for (uint64_t i = 0; i < 100; i++) {
		next_put(&event);
		ck_assert_uint_eq(event.bytes, i);
	}
}
END_TEST

START_TEST(without_a_receiver_records_are_dropped_and_leave_a_gap)
{
	struct event event;
	uint64_t heard = 0;
	receiver_close();
	ck_assert_int_eq(unlink(address.sun_path), 0);
	for (uint64_t i = 0; i < 10; i++) {
		put(1, i);
	}
	await_dropped(10);
	receiver_open();
	put(1, 10);
	for (next_record(&event); event.bytes != 10; next_record(&event)) {
		heard++;
	}
	/* Records of counters are numbered and dropped like all others. */
	ck_assert_uint_eq(event.seq, evsend_dropped(sender) + heard);
}
END_TEST

START_TEST(a_restarted_receiver_is_found)
{
	struct event event;
	for (uint64_t round = 0; round < 3; round++) {
		put(1, round);
		await_put(round, &event);
		receiver_close();
		uint64_t dropped = evsend_dropped(sender);
		put(1, 77);
		await_dropped(dropped + 1);
		receiver_open();
	}
}
END_TEST

/* Reads until each of total records put has arrived or been dropped; a read that waits for
 * one that was dropped meanwhile is ended by the counters of the next second. Each thread's
 * records keep their order, seq rises, and at the end it has counted what was dropped.
 * Returns how many arrived. */
static uint64_t
receive_all(uint64_t total)
{
	uint64_t last[THREADS] = {0};
	uint64_t arrived = 0;
	uint32_t counters = 0;
	uint32_t seq = 0;
	struct event event;
	while (arrived + evsend_dropped(sender) < total) {
		next_record(&event);
		ck_assert(event.seq > seq || arrived + counters == 0);
		seq = event.seq;
		if (event.kind == EVENT_COUNTERS) {
			counters++;
			continue;
		}
		ck_assert_uint_lt(event.client, THREADS);
		ck_assert_uint_gt(event.bytes, last[event.client]);
		last[event.client] = event.bytes;
		arrived++;
	}
	ck_assert_uint_eq(arrived + evsend_dropped(sender), total);
	put(1, total + 1);
	for (next_record(&event); event.kind == EVENT_COUNTERS; next_record(&event)) {
		counters++;
	}
	ck_assert_uint_eq(event.bytes, total + 1);
	ck_assert_uint_eq(event.seq, total + counters);
	return arrived;
}

START_TEST(a_full_socket_stops_nobody_and_loses_nothing_that_the_ring_holds)
{
	uint64_t total = 0;
	while (evsend_dropped(sender) == 0) {
		put(1, ++total);
	}
	ck_assert_uint_ge(receive_all(total), EVRING_SLOTS);
}
END_TEST

static void *
put_many(void *arg)
{
	const uint32_t *client = arg;
	for (uint64_t i = 1; i <= EVENTS_EACH; i++) {
		put(*client, i);
	}
	return NULL;
}

START_TEST(many_threads_put_at_once)
{
	pthread_t threads[THREADS];
	uint32_t clients[THREADS];
	for (uint32_t i = 0; i < THREADS; i++) {
		clients[i] = i;
		ck_assert_int_eq(
		    pthread_create(&threads[i], NULL, put_many, &clients[i]), 0);
	}
	ck_assert_uint_gt(receive_all(THREADS * EVENTS_EACH), 0);
	for (unsigned i = 0; i < THREADS; i++) {
		ck_assert_int_eq(pthread_join(threads[i], NULL), 0);
	}
}
END_TEST

static unsigned
two_counters(void *ctx, uint64_t ret[static EVSEND_COUNTERS_MAX])
{
	uint64_t *calls = ctx;
	ret[0] = ++*calls;
	ret[1] = 1000;
	return 2;
}

static void
next_counters(struct event *ret)
{
	do {
		next_record(ret);
	} while (ret->kind != EVENT_COUNTERS);
}

START_TEST(counters_go_out_with_those_of_the_owner)
{
	struct event event;
	uint64_t calls = 0;
	evsend_set_counters(sender, two_counters, &calls);
	do {
		next_counters(&event);
	} while (event.counter_count != 3);
	ck_assert_uint_eq(event.counters[0], evsend_dropped(sender));
	ck_assert_uint_eq(event.counters[1], 1);
	ck_assert_uint_eq(event.counters[2], 1000);
	ck_assert_uint_gt(event.time_ms, 0);
	next_counters(&event);
	ck_assert_uint_eq(event.counters[1], 2);
	evsend_set_counters(sender, NULL, NULL);
	uint64_t calls_then = calls;
	do {
		next_counters(&event);
	} while (event.counter_count != 1);
	ck_assert_uint_eq(calls, calls_then);
}
END_TEST

/* SigBlk of the thread named in the status file, or 0 when it is another's. */
static uint64_t
blocked_signals(const char *task)
{
	char path[320];
	char line[128];
	bool ours = false;
	unsigned long long mask = 0;
	(void)snprintf(path, sizeof(path), "/proc/self/task/%s/status", task);
	FILE *status = fopen(path, "re");
	while (status != NULL && fgets(line, sizeof(line), status) != NULL) {
		ours = ours || strcmp(line, "Name:\tpvsboot-events\n") == 0;
		(void)sscanf(line, "SigBlk: %llx", &mask);
	}
	if (status != NULL) {
		(void)fclose(status);
	}
	return ours ? mask : 0;
}

START_TEST(no_signal_reaches_the_thread)
{
	/* 1 to 31 but SIGKILL (9) and SIGSTOP (19). */
	const uint64_t maskable = 0x7ffbfeff;
	uint64_t blocked = 0;
	DIR *tasks = opendir("/proc/self/task");
	ck_assert_ptr_nonnull(tasks);
	for (struct dirent *task; (task = readdir(tasks)) != NULL;) {
		blocked |= blocked_signals(task->d_name);
	}
	(void)closedir(tasks);
	ck_assert_uint_eq(blocked & maskable, maskable);
}
END_TEST

START_TEST(a_path_too_long_for_a_socket_is_refused)
{
	char path[128];
	struct evsend *none = NULL;
	memset(path, 'd', sizeof(path) - 1);
	path[sizeof(path) - 1] = '\0';
	ck_assert_int_eq(evsend_new(path, EVENT_HOOK, &none), -ENAMETOOLONG);
	ck_assert_ptr_null(none);
}
END_TEST

START_TEST(an_owner_without_a_sender_may_put)
{
	evsend_put(NULL, &(struct event){.kind = EVENT_STAGE});
	evsend_free(NULL);
}
END_TEST

START_TEST(it_is_heard_while_a_socket_is_there)
{
	ck_assert(evsend_is_heard(sender));
	receiver_close();
	ck_assert(!evsend_is_heard(sender));
	(void)unlink(address.sun_path);
	ck_assert(!evsend_is_heard(sender));
	receiver_open();
	ck_assert(evsend_is_heard(sender));
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("evsend");
	TCase *tc = tcase_create("sender");
	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_set_timeout(tc, 120);
	tcase_add_test(tc, records_arrive_in_order_and_stamped);
	tcase_add_test(tc, what_is_queued_is_sent_before_the_end);
	tcase_add_test(tc, without_a_receiver_records_are_dropped_and_leave_a_gap);
	tcase_add_test(tc, a_restarted_receiver_is_found);
	tcase_add_test(
	    tc, a_full_socket_stops_nobody_and_loses_nothing_that_the_ring_holds);
	tcase_add_test(tc, many_threads_put_at_once);
	tcase_add_test(tc, counters_go_out_with_those_of_the_owner);
	tcase_add_test(tc, no_signal_reaches_the_thread);
	tcase_add_test(tc, a_path_too_long_for_a_socket_is_refused);
	tcase_add_test(tc, an_owner_without_a_sender_may_put);
	tcase_add_test(tc, it_is_heard_while_a_socket_is_there);
	suite_add_tcase(suite, tc);
	return unit_run(suite);
}
