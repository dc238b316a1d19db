/* SPDX-License-Identifier: MPL-2.0
 * Copyright the pvsboot authors */
#include "watch/plan.h"

#include "watch/plan_order.h"

#include <stdlib.h>

void
plan_done(struct plan *plan)
{
	for (size_t i = 0; i < plan->count; i++) {
		free(plan->targets[i]);
	}
	free(plan->targets);
	free(plan->copies);
	names_done(&plan->loose);
	*plan = (struct plan){.targets = NULL};
}

static int
by_key(const void *key, const void *element)
{
	const struct target *const *target = element;
	const struct db_verdict_key of_target = target_key(*target);
	return plan_order(key, &of_target);
}

struct target *
plan_find(const struct plan *plan, const struct db_verdict_key *key)
{
	struct target **found = plan->count == 0
	    ? NULL
	    : bsearch(key, plan->targets, plan->count, sizeof(*plan->targets), by_key);
	return found != NULL ? *found : NULL;
}

/* ---- copies of files */

struct target **
plan_copies(
    const struct plan *plan, const char *farm, const char *file, size_t *ret_count)
{
	size_t low = 0, high = plan->copy_count;
	while (low < high) {
		size_t middle = low + (high - low) / 2;
		if (plan_file_order(plan->copies[middle], farm, file) < 0) {
			low = middle + 1;
		} else {
			high = middle;
		}
	}
	while (high < plan->copy_count &&
	    plan_file_order(plan->copies[high], farm, file) == 0) {
		high++;
	}
	*ret_count = high - low;
	return high > low ? &plan->copies[low] : NULL;
}

/* ---- boot servers */

/* How much a verdict of one file weighs for the whole server's. */
static unsigned
weight_of(enum db_verdict verdict)
{
	static const unsigned weights[] = {
	    [DB_VERDICT_UNPROVEN] = 0, [DB_VERDICT_UP] = 1, [DB_VERDICT_DOWN] = 2};
	return weights[verdict];
}

/* The whole server is down since its first file is, and up since its last one is. */
static bool
decides(const struct db_health *health, const struct db_health *best)
{
	if (best == NULL || health->verdict != best->verdict) {
		return best == NULL ||
		    weight_of(health->verdict) > weight_of(best->verdict);
	}
	return health->verdict == DB_VERDICT_DOWN ? health->since_ms < best->since_ms
						  : health->since_ms > best->since_ms;
}

bool
plan_boot_server(const struct plan *plan, uint32_t addr, struct db_health *ret)
{
	const struct db_health *best = NULL;
	uint64_t probes = 0, failures = 0;
	for (size_t i = 0; i < plan->count; i++) {
		const struct target *target = plan->targets[i];
		if (target->role != DB_ROLE_BOOT_SERVER || target->addr != addr) {
			continue;
		}
		probes += target->account.probes;
		failures += target->account.failures;
		if (decides(&target->account, best)) {
			best = &target->account;
		}
	}
	if (best == NULL) {
		return false;
	}
	*ret = *best;
	ret->probes = probes;
	ret->failures = failures;
	return true;
}
