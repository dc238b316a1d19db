/* SPDX-License-Identifier: MPL-2.0
 * Copyright the pvsboot authors */
#pragma once

#include "lib/net/evsend.h"

#include <stdatomic.h>

/* What a program of one thread counts, for the event sender's thread to send. All count up from
 * zero; which counter is which, doc/EVENTS.md says. */
struct counters {
	unsigned count; /* how many there are, at most EVSEND_COUNTERS_MAX */
	_Atomic uint64_t values[EVSEND_COUNTERS_MAX];
};

/* Counts amount more, or says how many there were. From one thread alone. */
void counters_add(struct counters *counters, unsigned i, uint64_t amount);
void counters_set(struct counters *counters, unsigned i, uint64_t total);

/* For evsend_set_counters(); ctx is a struct counters. */
unsigned counters_fill(void *ctx, uint64_t ret[static EVSEND_COUNTERS_MAX]);
