/* SPDX-License-Identifier: MPL-2.0
 * Copyright the pvsboot authors */
#include "lib/net/evring.h"
#include "tests/unit/unit.h"

#include <pthread.h>
#include <sched.h>

enum { THREADS = 4, EVENTS_EACH = 20000 };

static struct evring *ring;

static void
setup(void)
{
	ring = malloc(sizeof(*ring));
	ck_assert_ptr_nonnull(ring);
	evring_init(ring);
}

static void
teardown(void)
{
	free(ring);
}

static void
put(uint32_t client, uint64_t bytes)
{
	evring_put(ring, &(struct event){.client = client, .bytes = bytes});
}

START_TEST(an_empty_ring_gives_nothing)
{
	struct event event = {.bytes = 77};
	ck_assert(!evring_take(ring, &event));
	ck_assert_uint_eq(event.bytes, 77);
}
END_TEST

START_TEST(order_holds_over_many_rounds)
{
	struct event event;
	for (uint64_t i = 0; i < 3 * EVRING_SLOTS; i++) {
		put(0, 2 * i);
		put(0, 2 * i + 1);
		ck_assert(evring_take(ring, &event));
		ck_assert_uint_eq(event.bytes, 2 * i);
		ck_assert(evring_take(ring, &event));
		ck_assert_uint_eq(event.bytes, 2 * i + 1);
	}
	ck_assert(!evring_take(ring, &event));
	ck_assert_uint_eq(evring_refused(ring), 0);
}
END_TEST

START_TEST(a_full_ring_refuses_the_newest_and_counts)
{
	struct event event;
	for (uint64_t i = 0; i < EVRING_SLOTS + 3; i++) {
		put(0, i);
	}
	ck_assert_uint_eq(evring_refused(ring), 3);
	ck_assert(evring_take(ring, &event));
	put(0, 99999);
	ck_assert_uint_eq(evring_refused(ring), 3);
	for (uint64_t i = 1; i < EVRING_SLOTS; i++) {
		ck_assert(evring_take(ring, &event));
		ck_assert_uint_eq(event.bytes, i);
	}
	ck_assert(evring_take(ring, &event));
	ck_assert_uint_eq(event.bytes, 99999);
	ck_assert(!evring_take(ring, &event));
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

/* Every event is taken once or refused, and those of one thread stay in its order. */
START_TEST(threads_put_at_once_and_nothing_is_torn)
{
	pthread_t threads[THREADS];
	uint32_t clients[THREADS];
	uint64_t last[THREADS] = {0};
	uint64_t taken = 0;
	for (uint32_t i = 0; i < THREADS; i++) {
		clients[i] = i;
		ck_assert_int_eq(
		    pthread_create(&threads[i], NULL, put_many, &clients[i]), 0);
	}
	while (taken + evring_refused(ring) < THREADS * EVENTS_EACH) {
		struct event event;
		if (!evring_take(ring, &event)) {
			(void)sched_yield();
			continue;
		}
		ck_assert_uint_lt(event.client, THREADS);
		ck_assert_uint_gt(event.bytes, last[event.client]);
		last[event.client] = event.bytes;
		taken++;
	}
	for (unsigned i = 0; i < THREADS; i++) {
		ck_assert_int_eq(pthread_join(threads[i], NULL), 0);
	}
	ck_assert_uint_gt(taken, 0);
	ck_assert_uint_eq(taken + evring_refused(ring), THREADS * EVENTS_EACH);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("evring");
	TCase *tc = tcase_create("ring");
	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, an_empty_ring_gives_nothing);
	tcase_add_test(tc, order_holds_over_many_rounds);
	tcase_add_test(tc, a_full_ring_refuses_the_newest_and_counts);
	tcase_add_test(tc, threads_put_at_once_and_nothing_is_torn);
	suite_add_tcase(suite, tc);
	return unit_run(suite);
}
