/* SPDX-License-Identifier: MPL-2.0
 * Copyright the pvsboot authors */
#include "lib/net/evsend.h"
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

static void
setup(void)
{
	(void)snprintf(dir, sizeof(dir), "/tmp/pvsboot-evsend-XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(dir));
	address.sun_family = AF_UNIX;
	(void)snprintf(address.sun_path, sizeof(address.sun_path), "%s/events", dir);
	ck_assert_int_eq(evsend_new(dir, EVENT_TFTP, &sender), 0);
}

static void
teardown(void)
{
	evsend_free(sender);
	(void)unlink(address.sun_path);
	(void)rmdir(dir);
}

/* The socket as the watcher binds it; a read gives up after far more than the second in which
 * a record of counters comes. */
static int
receiver_open(void)
{
	const struct timeval patience = {.tv_sec = 30};
	int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	ck_assert_int_ge(fd, 0);
	(void)unlink(address.sun_path);
	ck_assert_int_eq(
	    bind(fd, (const struct sockaddr *)&address, sizeof(address)), 0);
	ck_assert_int_eq(
	    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience)), 0);
	return fd;
}

/* A datagram's records, one by one. */
struct receiver {
	int fd;
	struct rd r;
	uint8_t datagram[EVENT_BATCH * EVENT_LEN + 1];
};

static void
next_record(struct receiver *receiver, struct event *ret)
{
	if (receiver->r.left == 0) {
		ssize_t len = recv(
		    receiver->fd, receiver->datagram, sizeof(receiver->datagram), 0);
		ck_assert_int_gt(len, 0);
		ck_assert_uint_lt((size_t)len, sizeof(receiver->datagram));
		ck_assert_uint_eq((size_t)len % EVENT_LEN, 0);
		receiver->r = rd_init(receiver->datagram, (size_t)len);
	}
	ck_assert_int_eq(event_decode(&receiver->r, ret), 0);
	ck_assert_int_eq(ret->program, EVENT_TFTP);
	ck_assert_uint_eq(ret->pid, (uint32_t)getpid());
}

/* The next record that the test itself has put. */
static void
next_put(struct receiver *receiver, struct event *ret)
{
	do {
		next_record(receiver, ret);
	} while (ret->kind == EVENT_COUNTERS);
}

/* The record with these bytes, past any that are still on their way. */
static void
await_put(struct receiver *receiver, uint64_t bytes, struct event *ret)
{
	do {
		next_put(receiver, ret);
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
	struct receiver receiver = {.fd = receiver_open()};
	uint64_t before_ms = (uint64_t)time(NULL) * 1000;
	struct event event;
	for (uint64_t i = 0; i < 100; i++) {
		put(1, i);
	}
	for (uint64_t i = 0; i < 100; i++) {
		next_put(&receiver, &event);
		ck_assert_uint_eq(event.bytes, i);
		ck_assert_str_eq(event.farm, "east");
		ck_assert_uint_ge(event.time_ms, before_ms);
	}
	ck_assert_uint_eq(evsend_dropped(sender), 0);
	(void)close(receiver.fd);
}
END_TEST

START_TEST(what_is_queued_is_sent_before_the_end)
{
	struct receiver receiver = {.fd = receiver_open()};
	struct event event;
	for (uint64_t i = 0; i < 100; i++) {
		put(1, i);
	}
	evsend_free(sender);
	sender = NULL;
	for (uint64_t i = 0; i < 100; i++) {
		next_put(&receiver, &event);
		ck_assert_uint_eq(event.bytes, i);
	}
	(void)close(receiver.fd);
}
END_TEST

START_TEST(without_a_receiver_records_are_dropped_and_leave_a_gap)
{
	struct event event;
	for (uint64_t i = 0; i < 10; i++) {
		put(1, i);
	}
	await_dropped(10);
	struct receiver receiver = {.fd = receiver_open()};
	put(1, 10);
	await_put(&receiver, 10, &event);
	/* Records of counters that nobody heard count too. */
	ck_assert_uint_ge(event.seq, 10);
	(void)close(receiver.fd);
}
END_TEST

START_TEST(a_restarted_receiver_is_found)
{
	struct event event;
	for (uint64_t round = 0; round < 3; round++) {
		struct receiver receiver = {.fd = receiver_open()};
		put(1, round);
		await_put(&receiver, round, &event);
		(void)close(receiver.fd);
		/* Now the path leads to a socket that nobody holds. */
		uint64_t dropped = evsend_dropped(sender);
		put(1, 77);
		await_dropped(dropped + 1);
	}
}
END_TEST

/* The events of one test, as they arrive: how many, and whether order and numbers hold. */
struct tally {
	uint64_t count;
	uint64_t last[THREADS];
	uint32_t seq; /* of the last record of any kind */
};

static void
tally_add(struct tally *tally, const struct event *event)
{
	ck_assert(tally->seq == 0 || event->seq > tally->seq);
	tally->seq = event->seq;
	if (event->kind == EVENT_COUNTERS) {
		return;
	}
	ck_assert_uint_lt(event->client, THREADS);
	ck_assert_uint_gt(event->bytes, tally->last[event->client]);
	tally->last[event->client] = event->bytes;
	tally->count++;
}

/* Reads until every one of total records has arrived or been dropped; a read that waits for
 * one that was dropped meanwhile is ended by the counters of the next second. */
static void
receive_all(struct receiver *receiver, uint64_t total)
{
	struct tally tally = {0};
	struct event event;
	while (tally.count + evsend_dropped(sender) < total) {
		next_record(receiver, &event);
		tally_add(&tally, &event);
	}
	ck_assert_uint_eq(tally.count + evsend_dropped(sender), total);
	ck_assert_uint_gt(tally.count, 0);
}

START_TEST(a_full_socket_stops_nobody)
{
	struct receiver receiver = {.fd = receiver_open()};
	uint64_t total = 0;
	while (evsend_dropped(sender) == 0) {
		put(1, ++total);
	}
	receive_all(&receiver, total);
	(void)close(receiver.fd);
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
	struct receiver receiver = {.fd = receiver_open()};
	pthread_t threads[THREADS];
	uint32_t clients[THREADS];
	for (uint32_t i = 0; i < THREADS; i++) {
		clients[i] = i;
		ck_assert_int_eq(
		    pthread_create(&threads[i], NULL, put_many, &clients[i]), 0);
	}
	receive_all(&receiver, THREADS * EVENTS_EACH);
	for (unsigned i = 0; i < THREADS; i++) {
		ck_assert_int_eq(pthread_join(threads[i], NULL), 0);
	}
	(void)close(receiver.fd);
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
next_counters(struct receiver *receiver, struct event *ret)
{
	do {
		next_record(receiver, ret);
	} while (ret->kind != EVENT_COUNTERS);
}

START_TEST(counters_go_out_with_those_of_the_owner)
{
	struct receiver receiver = {.fd = receiver_open()};
	struct event event;
	uint64_t calls = 0;
	evsend_set_counters(sender, two_counters, &calls);
	do {
		next_counters(&receiver, &event);
	} while (event.counter_count != 3);
	ck_assert_uint_eq(event.counters[0], evsend_dropped(sender));
	ck_assert_uint_eq(event.counters[1], 1);
	ck_assert_uint_eq(event.counters[2], 1000);
	ck_assert_uint_gt(event.time_ms, 0);
	next_counters(&receiver, &event);
	ck_assert_uint_eq(event.counters[1], 2);
	evsend_set_counters(sender, NULL, NULL);
	uint64_t calls_then = calls;
	do {
		next_counters(&receiver, &event);
	} while (event.counter_count != 1);
	ck_assert_uint_eq(calls, calls_then);
	(void)close(receiver.fd);
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
	tcase_add_test(tc, a_full_socket_stops_nobody);
	tcase_add_test(tc, many_threads_put_at_once);
	tcase_add_test(tc, counters_go_out_with_those_of_the_owner);
	tcase_add_test(tc, no_signal_reaches_the_thread);
	tcase_add_test(tc, a_path_too_long_for_a_socket_is_refused);
	tcase_add_test(tc, an_owner_without_a_sender_may_put);
	suite_add_tcase(suite, tc);
	return unit_run(suite);
}
