/* SPDX-License-Identifier: MPL-2.0
 * Copyright the pvsboot authors */
#include "lib/net/counters.h"

void
counters_set(struct counters *counters, unsigned i, uint64_t total)
{
	atomic_store_explicit(&counters->values[i], total, memory_order_relaxed);
}

void
counters_add(struct counters *counters, unsigned i, uint64_t amount)
{
	uint64_t before =
	    atomic_load_explicit(&counters->values[i], memory_order_relaxed);
	counters_set(counters, i, before + amount);
}

unsigned
counters_fill(void *ctx, uint64_t ret[static EVSEND_COUNTERS_MAX])
{
	struct counters *counters = ctx;
	for (unsigned i = 0; i < counters->count; i++) {
		ret[i] =
		    atomic_load_explicit(&counters->values[i], memory_order_relaxed);
	}
	return counters->count;
}
