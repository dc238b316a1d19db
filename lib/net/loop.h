/* SPDX-License-Identifier: MPL-2.0
 * Copyright the pvsboot authors */
#pragma once

#include <stdbool.h>
#include <stdint.h>

/* The event loop of a daemon: readable descriptors, timers, and the signals that end it. One
 * thread. A callback may free any watch or timer, its own included. */
struct loop;
struct loop_watch;
struct loop_timer;
typedef void loop_fn(void *ctx);

/* Makes a loop; from now on SIGTERM and SIGINT end loop_run() instead of the process, and
 * SIGPIPE is ignored. Returns 0 or a negated errno. */
int loop_new(struct loop **ret) __attribute__((warn_unused_result));

/* Every watch and timer must be freed before. NULL is fine. */
void loop_free(struct loop *loop);

/* Runs until SIGTERM, SIGINT or loop_stop(). */
void loop_run(struct loop *loop);
void loop_stop(struct loop *loop);

/* Monotonic milliseconds, those that the host slept included; read anew at each call. */
uint64_t loop_now_ms(void);

/* Milliseconds of Unix time, for what people read. */
int64_t loop_unix_ms(void);

/* Calls readable while fd, which the caller keeps, has something to read, or an error that
 * reading takes off it. Returns 0 or a negated errno. After loop_unwatch() the
 * descriptor may be closed at once. */
int loop_watch(struct loop *loop, int fd, loop_fn *readable, void *ctx,
    struct loop_watch **ret) __attribute__((warn_unused_result));
void loop_unwatch(struct loop_watch *watch); /* NULL is fine */

/* A timer, stopped at first. loop_timer_every() calls due each period, first after one period,
 * give or take a millisecond; what is readable by then is seen to first. */
int loop_timer_new(struct loop *loop, loop_fn *due, void *ctx, struct loop_timer **ret)
    __attribute__((warn_unused_result));
void loop_timer_every(struct loop_timer *timer, uint32_t period_ms);

/* Runs it while it is wanted, and stops it; one that runs already keeps its beat. */
void loop_timer_while(struct loop_timer *timer, bool wanted, uint32_t period_ms);

void loop_timer_free(struct loop_timer *timer); /* NULL is fine */
