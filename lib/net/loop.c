/* SPDX-License-Identifier: MPL-2.0
 * Copyright the pvsboot authors */
#include "lib/net/loop.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <time.h>
#include <uv.h>

enum { SIGNALS = 2 };

struct loop {
	uv_loop_t uv;
	uv_signal_t signals[SIGNALS];
};

struct loop_watch {
	uv_poll_t uv;
	loop_fn *readable;
	void *ctx;
};

struct loop_timer {
	uv_timer_t uv;
	loop_fn *due;
	void *ctx;
	uint32_t period_ms;
	bool yielded; /* to the descriptors, since it was due */
};

static void
on_signal(uv_signal_t *handle, int number)
{
	(void)number;
	uv_stop(handle->loop);
}

static int
catch_signals(struct loop *loop)
{
	static const int numbers[SIGNALS] = {SIGTERM, SIGINT};
	for (unsigned i = 0; i < SIGNALS; i++) {
		(void)uv_signal_init(&loop->uv, &loop->signals[i]);
	}
	for (unsigned i = 0; i < SIGNALS; i++) {
		int err = uv_signal_start(&loop->signals[i], on_signal, numbers[i]);
		if (err != 0) {
			return err;
		}
	}
	return signal(SIGPIPE, SIG_IGN) == SIG_ERR ? -errno : 0;
}

int
loop_new(struct loop **ret)
{
	struct loop *loop = calloc(1, sizeof(*loop));
	if (loop == NULL) {
		return -ENOMEM;
	}
	int err = uv_loop_init(&loop->uv);
	if (err != 0) {
		free(loop);
		return err;
	}
	err = catch_signals(loop);
	if (err != 0) {
		loop_free(loop);
		return err;
	}
	*ret = loop;
	return 0;
}

void
loop_free(struct loop *loop)
{
	if (loop == NULL) {
		return;
	}
	for (unsigned i = 0; i < SIGNALS; i++) {
		uv_close((uv_handle_t *)&loop->signals[i], NULL);
	}
	/* What was closed is freed by its callback in a last round. */
	(void)uv_run(&loop->uv, UV_RUN_DEFAULT);
	(void)uv_loop_close(&loop->uv);
	free(loop);
}

void
loop_run(struct loop *loop)
{
	(void)uv_run(&loop->uv, UV_RUN_DEFAULT);
}

void
loop_stop(struct loop *loop)
{
	uv_stop(&loop->uv);
}

static int64_t
clock_ms(clockid_t clock)
{
	struct timespec now = {0};
	(void)clock_gettime(clock, &now); /* both are there since Linux 2.6.39 */
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

uint64_t
loop_now_ms(void)
{
	return (uint64_t)clock_ms(CLOCK_BOOTTIME);
}

int64_t
loop_unix_ms(void)
{
	return clock_ms(CLOCK_REALTIME);
}

/* libuv stops at an error of the descriptor. It shows, and ends, when the descriptor is read. */
static void
on_readable(uv_poll_t *handle, int status, int events)
{
	struct loop_watch *watch = handle->data;
	(void)events;
	if (status < 0) {
		(void)uv_poll_start(handle, UV_READABLE, on_readable);
	}
	watch->readable(watch->ctx);
}

static void
on_closed(uv_handle_t *handle)
{
	free(handle->data);
}

int
loop_watch(
    struct loop *loop, int fd, loop_fn *readable, void *ctx, struct loop_watch **ret)
{
	struct loop_watch *watch = calloc(1, sizeof(*watch));
	if (watch == NULL) {
		return -ENOMEM;
	}
	watch->readable = readable;
	watch->ctx = ctx;
	int err = uv_poll_init(&loop->uv, &watch->uv, fd);
	if (err != 0) {
		free(watch);
		return err;
	}
	watch->uv.data = watch;
	err = uv_poll_start(&watch->uv, UV_READABLE, on_readable);
	if (err != 0) {
		loop_unwatch(watch);
		return err;
	}
	*ret = watch;
	return 0;
}

void
loop_unwatch(struct loop_watch *watch)
{
	if (watch != NULL) {
		uv_close((uv_handle_t *)&watch->uv, on_closed);
	}
}

/* libuv looks at timers before it polls. What became readable while a callback took long may be
 * what the timer waits for, so it is due in the next round. */
static void
on_due(uv_timer_t *handle)
{
	struct loop_timer *timer = handle->data;
	timer->yielded = !timer->yielded;
	if (timer->yielded) {
		(void)uv_timer_start(handle, on_due, 1, timer->period_ms);
	} else {
		timer->due(timer->ctx);
	}
}

int
loop_timer_new(struct loop *loop, loop_fn *due, void *ctx, struct loop_timer **ret)
{
	struct loop_timer *timer = calloc(1, sizeof(*timer));
	if (timer == NULL) {
		return -ENOMEM;
	}
	timer->due = due;
	timer->ctx = ctx;
	(void)uv_timer_init(&loop->uv, &timer->uv);
	timer->uv.data = timer;
	*ret = timer;
	return 0;
}

void
loop_timer_every(struct loop_timer *timer, uint32_t period_ms)
{
	timer->period_ms = period_ms;
	timer->yielded = false;
	uv_update_time(timer->uv.loop);
	(void)uv_timer_start(&timer->uv, on_due, period_ms, period_ms);
}

void
loop_timer_while(struct loop_timer *timer, bool wanted, uint32_t period_ms)
{
	bool runs = uv_is_active((uv_handle_t *)&timer->uv) != 0;
	if (wanted && !runs) {
		loop_timer_every(timer, period_ms);
	} else if (!wanted && runs) {
		(void)uv_timer_stop(&timer->uv);
	}
}

void
loop_timer_free(struct loop_timer *timer)
{
	if (timer != NULL) {
		uv_close((uv_handle_t *)&timer->uv, on_closed);
	}
}
