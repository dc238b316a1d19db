/* SPDX-License-Identifier: MPL-2.0
 * Copyright the pvsboot authors */
#pragma once

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

/* Measures without asserting: figures for a reader, the median of batches. Time is the calling
 * thread's own on a CPU, so that others at work disturb little. */

static inline double
bench_now_ns(void)
{
	struct timespec t;
	(void)clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
	return (double)t.tv_sec * 1e9 + (double)t.tv_nsec;
}

static inline int
bench_compare(const void *a, const void *b)
{
	double x = *(const double *)a;
	double y = *(const double *)b;
	return x < y ? -1 : x > y;
}

/* Calls step(ctx, i) in 101 batches of batch calls, i counting on, and prints the median
 * batch's nanoseconds per call. */
static inline void
bench_run(
    const char *name, unsigned batch, void (*step)(void *ctx, unsigned i), void *ctx)
{
	double ns[101];
	unsigned i = 0;
	for (unsigned b = 0; b < 101; b++) {
		double start = bench_now_ns();
		for (unsigned k = 0; k < batch; k++) {
			step(ctx, i++);
		}
		ns[b] = (bench_now_ns() - start) / batch;
	}
	qsort(ns, 101, sizeof(ns[0]), bench_compare);
	(void)printf(
	    "%-48s %9.1f ns (5 %% %.1f, 95 %% %.1f)\n", name, ns[50], ns[5], ns[95]);
}
